/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was screened locally is reported a day at a time: counted, digested, signed. A report is given its number and kept before
 * it is sent, and what is screened meanwhile begins another; so one whose answer was lost is sent again as it was.
 */
#include "client/client_internal.h"
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "protos/codec/feed.h"

enum { REPORT_TIMEOUT_MS = 30000, REPORT_MAX = 2048, REPORTS_AT_ONCE = 64, DAY_BYTES = 10 };

/* A row of MIRROR_COUNTS: day -> u64be subjects || digest; once numbered, of MIRROR_REPORTS: u64be number || day -> the same. */
struct pending {
    struct mirror_key key;
    uint8_t value[MIRROR_COUNT_BYTES];
};
struct pendings {
    struct pending list[REPORTS_AT_ONCE];
    size_t count;
};

static bool pending_each(const struct st_pair *pair, void *user)
{
    struct pendings *p = user;
    struct pending *one = &p->list[p->count];
    if (pair->key.len <= sizeof one->key.bytes && pair->value.len == sizeof one->value) {
        lf__copy(one->key.bytes, pair->key.ptr, pair->key.len);
        lf__copy(one->value, pair->value.ptr, pair->value.len);
        one->key.len = pair->key.len;
        p->count++;
    }
    return p->count < REPORTS_AT_ONCE;
}

static lf_status next_number(struct st_txn *txn, uint64_t *out, lf_error *err)
{
    lf_bytes value;
    bool found = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_META, lf__bytes_str("report"), &value, &found, err);
    *out = 1 + (rc == LF_OK && found && value.len == 8 ? lf__get_u64be(value.ptr) : 0);
    return rc;
}

static lf_status number_give(struct st_txn *txn, const struct pending *one, lf_error *err)
{
    uint64_t number = 0;
    uint8_t value[8];
    lf_status rc = next_number(txn, &number, err);
    struct mirror_key key = lf__mirror_number(number);
    lf__copy(key.bytes + key.len, one->key.bytes, one->key.len);
    key.len += one->key.len;
    lf__put_u64be(value, number);
    rc = rc == LF_OK
             ? st_put(txn, MIRROR_REPORTS, mirror_key(&key), LF_BYTES_ARRAY(one->value), err)
             : rc;
    rc = rc == LF_OK ? st_delete(txn, MIRROR_COUNTS, mirror_key(&one->key), err) : rc;
    return rc == LF_OK ? lf__mirror_meta_put(txn, "report", LF_BYTES_ARRAY(value), err) : rc;
}

/* Counts become reports. */
static lf_status numbers_give(lf_mirror *mirror, struct pendings *p, lf_error *err)
{
    ST_TXN *txn = NULL;
    p->count = 0;
    lf_status rc = st_txn_begin(mirror->engine, ST_WRITE, &txn, err);
    rc =
        rc == LF_OK ? lf__mirror_each(txn, MIRROR_COUNTS, LF_BYTES_NONE, pending_each, p, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < p->count; i++) {
        rc = number_give(txn, &p->list[i], err);
    }
    if (rc == LF_OK && p->count > 0) {
        struct st_txn *done = txn;
        txn = NULL;
        rc = st_txn_commit(done, err);
    }
    return rc;
}

static lf_status report_make(const lf_client *client, const struct pending *one,
                             struct lf__buf *out, lf_error *err)
{
    LF_BUF count;
    LF_BUF signed_bytes;
    struct px_mirror_count said = {.member = lf__bytes_str(client->profile.member),
                                   .day = lf__bytes_slice(mirror_key(&one->key), 8, DAY_BYTES),
                                   .number = lf__get_u64be(one->key.bytes),
                                   .subjects = (uint32_t)lf__get_u64be(one->value)};
    lf__copy(said.digest.bytes, one->value + 8, LF_HASH_BYTES);
    lf__buf_init(&count, REPORT_MAX);
    lf__buf_init(&signed_bytes, REPORT_MAX);
    (void)px_mirror_count_encode(&said, &count);
    (void)lf__dsse_pae(&signed_bytes, PX_MIRROR_COUNT_TYPE, lf__buf_bytes(&count));
    lf_status rc = lf__buf_status(&signed_bytes, err);
    if (rc == LF_OK) {
        struct px_mirror_report report = {
            .count = lf__buf_bytes(&count),
            .key_id = client->profile.sign_key_id,
            .signature = lf__sign(client->profile.sign, lf__buf_bytes(&signed_bytes))};
        (void)px_mirror_report_encode(&report, out);
        rc = lf__buf_status(out, err);
    }
    return rc;
}

static lf_status report_forget(lf_mirror *mirror, const struct pending *one, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? lf__mirror_remove(txn, MIRROR_REPORTS, mirror_key(&one->key), err) : rc;
    return rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
}

static lf_status report_send(lf_mirror *mirror, lf_client *client, const struct pending *one,
                             lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    lf__buf_init(&request, REPORT_MAX);
    lf__buf_init(&answer, REPORT_MAX);
    lf_status rc = report_make(client, one, &request, err);
    rc = rc == LF_OK ? lf__client_call(client, "/lianfang.v1.Feed/ReportMirror",
                                       lf__buf_bytes(&request), REPORT_TIMEOUT_MS, &answer, err)
                     : rc;
    return rc == LF_OK ? report_forget(mirror, one, err) : rc;
}

static lf_status reports_list(lf_mirror *mirror, struct pendings *p, lf_error *err)
{
    ST_TXN *txn = NULL;
    p->count = 0;
    lf_status rc = st_txn_begin(mirror->engine, ST_READ, &txn, err);
    return rc == LF_OK ? lf__mirror_each(txn, MIRROR_REPORTS, LF_BYTES_NONE, pending_each, p, err)
                       : rc;
}

lf_status lf__mirror_report(lf_mirror *mirror, lf_client *client, lf_error *err)
{
    struct pendings p;
    lf_status rc = numbers_give(mirror, &p, err);
    rc = rc == LF_OK ? reports_list(mirror, &p, err) : rc;
    while (rc == LF_OK && p.count > 0) {
        for (size_t i = 0; rc == LF_OK && i < p.count; i++) {
            rc = report_send(mirror, client, &p.list[i], err);
        }
        rc = rc == LF_OK ? reports_list(mirror, &p, err) : rc;
    }
    return rc;
}
