/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a member may still ask today, by purpose. Begins with what the meter has counted, and goes ahead of it: what is taken here is
 * counted there when its entry is written.
 */
#include "gateway/access/access_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* Asked by one member for one purpose on `day`. */
struct gw_quota {
    struct gw_quota *next;
    char member[41];
    char purpose[64];
    uint64_t used;
};

static struct gw_quota **bucket_of(struct gw_quotas_used *quotas, lf_bytes member)
{
    unsigned sum = 0;
    for (size_t i = 0; i < member.len; i++) {
        sum = sum * 31 + member.ptr[i];
    }
    return &quotas->buckets[sum % GW_QUOTA_BUCKETS];
}

static void forget(struct gw_quotas_used *quotas)
{
    for (size_t i = 0; i < GW_QUOTA_BUCKETS; i++) {
        while (quotas->buckets[i] != NULL) {
            struct gw_quota *gone = quotas->buckets[i];
            quotas->buckets[i] = gone->next;
            free(gone);
        }
    }
}

static struct gw_quota *find(struct gw_quota *first, const struct gw_access_want *want)
{
    struct gw_quota *q = first;
    while (q != NULL && !(lf__bytes_eq_str(want->member, q->member) &&
                          lf__bytes_eq_str(want->purpose, q->purpose))) {
        q = q->next;
    }
    return q;
}

/* Under the lock. */
static lf_status used_find(struct gw_access *access, const struct gw_access_want *want,
                           struct gw_quota **out, lf_error *err)
{
    struct gw_quotas_used *quotas = &access->quotas;
    uint32_t day = gw__meter_day(want->at_ms);
    struct gw_quota **first = bucket_of(quotas, want->member);
    if (day != quotas->day) {
        forget(quotas);
        quotas->day = day;
    }
    *out = find(*first, want);
    if (*out != NULL) {
        return LF_OK;
    }
    struct gw_quota *q = calloc(1, sizeof *q);
    if (q == NULL || !lf__copy_str(q->member, sizeof q->member, want->member) ||
        !lf__copy_str(q->purpose, sizeof q->purpose, want->purpose)) {
        free(q);
        return lf__fail(err, LF_E_NOMEM, "quota: cannot be kept");
    }
    lf_status rc = gw_access_meter(access, want->member, want->purpose, want->at_ms, &q->used, err);
    if (rc != LF_OK) {
        free(q);
        return rc;
    }
    q->next = *first;
    *first = q;
    *out = q;
    return LF_OK;
}

lf_status gw_access_take(struct gw_access *access, const struct gw_access_want *want,
                         uint32_t *granted, lf_error *err)
{
    struct gw_quota *q = NULL;
    *granted = want->subjects;
    if (want->limit == UINT64_MAX) {
        return LF_OK;
    }
    (void)pthread_mutex_lock(&access->quotas.lock);
    lf_status rc = used_find(access, want, &q, err);
    if (rc == LF_OK) {
        uint64_t left = q->used < want->limit ? want->limit - q->used : 0;
        *granted = left < want->subjects ? (uint32_t)left : want->subjects;
        q->used += *granted;
    }
    (void)pthread_mutex_unlock(&access->quotas.lock);
    return rc;
}

void gw_access_give_back(struct gw_access *access, const struct gw_access_want *want,
                         uint32_t granted)
{
    (void)pthread_mutex_lock(&access->quotas.lock);
    struct gw_quota *q = gw__meter_day(want->at_ms) == access->quotas.day
                             ? find(*bucket_of(&access->quotas, want->member), want)
                             : NULL;
    if (q != NULL) {
        q->used -= granted < q->used ? granted : q->used;
    }
    (void)pthread_mutex_unlock(&access->quotas.lock);
}

void gw__quotas_free(struct gw_access *access)
{
    forget(&access->quotas);
    (void)pthread_mutex_destroy(&access->quotas.lock);
}
