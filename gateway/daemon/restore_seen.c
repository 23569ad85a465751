/* SPDX-License-Identifier: Apache-2.0 */
/* What the configured witnesses saw of the logs: each is asked at its monitoring address (https://c2sp.org/tlog-witness). */
#include "gateway/daemon/restore.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/cosign.h"
#include "gateway/daemon/public.h"
#include "gateway/federation/http_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEN_TIMEOUT_MS = 10000,
    SEEN_URL_MAX = LF_POLICY_URL_MAX + 96,
    HTTP_OK = 200,
    HTTP_NONE = 404
};

struct asking {
    struct restoring *r;
    struct restored_log *log;
    const struct lf__policy_item *witnesses[LF_POLICY_ITEMS_MAX];
    struct gw_http_post posts[LF_POLICY_ITEMS_MAX];
    char urls[LF_POLICY_ITEMS_MAX][SEEN_URL_MAX];
    size_t count;
};

bool gw_restore_is_absent(const struct restoring *r, const char *name)
{
    for (size_t i = 0; i < r->options->absent_count; i++) {
        if (strcmp(r->options->absent[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void witness_add(struct asking *a, const struct lf__policy_item *witness)
{
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    struct lf__hash origin = lf__sha256(lf__bytes_str(a->log->key.name));
    (void)lf__hex(lf__hash_bytes(&origin), hex, sizeof hex);
    (void)snprintf(a->urls[a->count], SEEN_URL_MAX, "%s/%s/checkpoint", witness->url, hex);
    a->witnesses[a->count] = witness;
    a->posts[a->count] = (struct gw_http_post){.url = a->urls[a->count]};
    a->count++;
}

static lf_status note_take(struct asking *a, const struct lf__policy_item *witness, lf_bytes note,
                           lf_error *err)
{
    int64_t time_s = 0;
    struct lf__merkle_head seen;
    lf_error why = LF_ERROR_INIT;
    lf_status rc = gw_log_keys_open(&a->log->keys, a->log->key.name, note, &seen, &why);
    if (rc != LF_OK && strcmp(why.reason, "SIGNATURE_MISSING") == 0) {
        return lf__fail(err, LF_E_SIGNATURE, "witness %.40s: its checkpoint is " GW_RESTORE_NO_KEY,
                        witness->name);
    }
    rc = rc == LF_OK ? lf__cosign_verify(note, &witness->key, &time_s, NULL) : rc;
    if (rc != LF_OK) {
        return lf__fail(err, LF_E_SIGNATURE,
                        "witness %s: answers with no checkpoint of %s that both have signed",
                        witness->name, a->log->key.name);
    }
    return gw_restore_seen(a->r, a->log, &seen, witness->name, err);
}

static lf_status answer_take(struct asking *a, size_t i, lf_error *err)
{
    const struct gw_http_post *post = &a->posts[i];
    const struct lf__policy_item *witness = a->witnesses[i];
    if (post->status == HTTP_OK) {
        return note_take(a, witness, lf__buf_bytes(&post->answer), err);
    }
    return post->status == HTTP_NONE
               ? LF_OK /* has never seen this log */
               : lf__fail(
                     err, LF_E_UNAVAILABLE,
                     "witness %s: does not say what it saw of %s (--without-witness %s goes on "
                     "all the same)",
                     witness->name, a->log->key.name, witness->name);
}

static lf_status log_ask(struct restoring *r, struct restored_log *log,
                         const struct lf__witness_policy *policy, lf_error *err)
{
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return lf__fail(err, LF_E_NOMEM, "restore: out of memory");
    }
    a->r = r;
    a->log = log;
    for (unsigned i = 0; i < policy->item_count; i++) {
        if (!policy->items[i].is_group && !gw_restore_is_absent(r, policy->items[i].name)) {
            witness_add(a, &policy->items[i]);
        }
    }
    lf_status rc = gw_http_post_all(a->posts, a->count, SEEN_TIMEOUT_MS, err);
    for (size_t i = 0; i < a->count; i++) {
        rc = rc == LF_OK ? answer_take(a, i, err) : rc;
        lf__buf_done(&a->posts[i].answer);
    }
    free(a);
    return rc;
}

/* Whoever is left out must be one of them: a name mistyped would leave out nobody, and say nothing. */
static lf_status absent_check(const struct restoring *r, const struct lf__witness_policy *policy,
                              lf_error *err)
{
    for (size_t i = 0; i < r->options->absent_count; i++) {
        bool is_there = false;
        for (unsigned k = 0; policy != NULL && k < policy->item_count; k++) {
            is_there = is_there || (!policy->items[k].is_group &&
                                    strcmp(policy->items[k].name, r->options->absent[i]) == 0);
        }
        if (!is_there) {
            return lf__fail(err, LF_E_ARG, "--without-witness %s: no such witness is configured",
                            r->options->absent[i]);
        }
    }
    return LF_OK;
}

lf_status gw_restore_ask(struct restoring *r, lf_error *err)
{
    struct lf__witness_policy *policy = NULL;
    lf_status rc = gw_public_policy(r->config.dir, r->config.http.witnesses, &policy, err);
    rc = rc == LF_OK ? absent_check(r, policy, err) : rc;
    for (int i = 0; rc == LF_OK && policy != NULL && i < RESTORE_LOGS; i++) {
        rc = log_ask(r, &r->logs[i], policy, err);
    }
    lf__witness_policy_free(policy);
    return rc;
}
