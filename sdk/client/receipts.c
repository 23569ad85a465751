/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts later on: brought to the published head with its witnesses' lines, and checked by a policy of witnesses. */
#include "client/log_read.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "core/receipt.h"
#include "core/witness_policy.h"

enum { REFRESH_TIMEOUT_MS = 30000, REFRESH_TEXT_MAX = 131072 };

/* One run: the published head, and the last old head that was proven to lie in its history. */
struct refreshing {
    lf_client *client;
    struct lf__buf note;
    struct lf__merkle_head head;
    struct lf__merkle_head proven;
    bool has_proven;
    struct lf__buf text;
};

static lf_status proof_get(struct refreshing *r, const char *method, const struct px_range *range,
                           struct lf__hash *leaf, struct lf__proof *proof, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    struct lf__hash none;
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, 65536);
    (void)px_range_encode(range, &request);
    lf_status rc = lf__client_call(r->client, method, lf__buf_bytes(&request), REFRESH_TIMEOUT_MS,
                                   &answer, err);
    return rc == LF_OK ? px_proof_decode(lf__buf_bytes(&answer), leaf != NULL,
                                         leaf != NULL ? leaf : &none, proof, err)
                       : rc;
}

static bool head_eq(const struct lf__merkle_head *a, const struct lf__merkle_head *b)
{
    return a->size == b->size && lf__hash_eq(&a->root, &b->root);
}

/* Receipts of one batch share their head, so most of them need no further proof. */
static lf_status consistency_check(struct refreshing *r, const struct lf__merkle_head *old,
                                   lf_error *err)
{
    struct lf__proof proof = {.count = 0};
    bool is_older = old->size <= r->head.size;
    const struct lf__merkle_head *small = is_older ? old : &r->head;
    const struct lf__merkle_head *large = is_older ? &r->head : old;
    struct px_range range = {PX_LOG_LEDGER, small->size, large->size};
    if (r->has_proven && head_eq(&r->proven, old)) {
        return LF_OK;
    }
    lf_status rc = small->size == large->size ? LF_OK
                                              : proof_get(r, "/lianfang.v1.Ledger/ProveConsistency",
                                                          &range, NULL, &proof, err);
    rc = rc == LF_OK ? lf__merkle_verify_consistency(small, large, &proof, err) : rc;
    r->has_proven = r->has_proven || rc == LF_OK;
    r->proven = rc == LF_OK ? *old : r->proven;
    return rc;
}

/* What is refreshed must have held before. */
static lf_status old_check(struct refreshing *r, const struct lf__receipt *old, lf_error *err)
{
    struct lf__merkle_head head;
    struct lf__hash leaf = lf__merkle_leaf(LF_BYTES_ARRAY(old->leaf));
    bool is_retired = false;
    lf_status rc = lf__head_reopen(r->client, old->checkpoint, &head, &is_retired, err);
    rc = rc == LF_OK ? lf__merkle_verify_inclusion(&leaf, old->index, head.size, &old->proof,
                                                   &head.root, err)
                     : rc;
    rc = rc == LF_OK && !is_retired
             ? lf__heads_saw(&r->client->heads, PX_LOG_LEDGER, old->checkpoint, &head, 0, err)
             : rc;
    if (rc == LF_OK && old->index >= r->head.size) {
        return lf__fail(err, LF_E_UNAVAILABLE,
                        "receipt: entry %llu is not under the published head yet; try again",
                        (unsigned long long)old->index);
    }
    return rc == LF_OK ? consistency_check(r, &head, err) : rc;
}

static lf_status one_refresh(struct refreshing *r, const char *receipt, lf_error *err)
{
    struct lf__receipt old;
    struct lf__receipt fresh;
    struct lf__hash leaf;
    lf_status rc = lf__receipt_parse(lf__bytes_str(receipt), &old, err);
    rc = rc == LF_OK ? old_check(r, &old, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    fresh = old;
    fresh.checkpoint = lf__buf_bytes(&r->note);
    struct px_range range = {PX_LOG_LEDGER, old.index, r->head.size};
    rc = proof_get(r, "/lianfang.v1.Ledger/ProveInclusion", &range, &leaf, &fresh.proof, err);
    leaf = lf__merkle_leaf(LF_BYTES_ARRAY(old.leaf)); /* ours, whatever it says */
    rc = rc == LF_OK ? lf__merkle_verify_inclusion(&leaf, old.index, r->head.size, &fresh.proof,
                                                   &r->head.root, err)
                     : rc;
    if (rc == LF_OK) {
        lf__buf_clear(&r->text);
        (void)lf__receipt_format(&fresh, &r->text);
        (void)lf__buf_u8(&r->text, 0);
        rc = lf__buf_status(&r->text, err);
    }
    return rc;
}

lf_status lf_receipt_refresh(lf_client *client, const char *const *receipts, size_t count,
                             lf_refreshed_cb each, void *user, lf_error *err)
{
    struct refreshing r = {.client = client};
    lf__buf_init(&r.note, 65536);
    lf__buf_init(&r.text, REFRESH_TEXT_MAX);
    lf_status rc = lf__head_published(client, PX_LOG_LEDGER, &r.note, &r.head, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        lf_error why = LF_ERROR_INIT;
        bool good = one_refresh(&r, receipts[i], &why) == LF_OK;
        rc = lf__heads_check(&client->heads, err);
        if (rc == LF_OK) {
            each(i, good ? (const char *)r.text.ptr : NULL, &why, user);
        }
    }
    lf__buf_done(&r.note);
    lf__buf_done(&r.text);
    return rc;
}

static lf_status by_key(const struct lf__note_key *key, const char *receipt, lf_bytes envelope,
                        uint64_t *index, lf_error *err)
{
    LF_BUF vkey;
    lf__buf_init(&vkey, 1024);
    (void)lf__note_key_format(key, &vkey);
    (void)lf__buf_u8(&vkey, 0);
    lf_status rc = lf__buf_status(&vkey, err);
    return rc == LF_OK ? lf_receipt_verify(receipt, envelope, (const char *)vkey.ptr, index, err)
                       : rc;
}

lf_status lf_receipt_verify_mine(const lf_client *client, const char *receipt, lf_bytes envelope,
                                 uint64_t *index, lf_error *err)
{
    struct lf__receipt read;
    struct lf__merkle_head head;
    const struct lf__note_key *signer = &client->profile.ledger;
    const struct lf__key_chain *chain = &client->chains[0];
    lf_status rc = lf__receipt_parse(lf__bytes_str(receipt), &read, err);
    if (rc == LF_OK && atomic_load(&chain->count) > 0) {
        rc = lf__key_chain_open(chain, read.checkpoint, &head, &signer, err);
    }
    return rc == LF_OK ? by_key(signer, receipt, envelope, index, err) : rc;
}

/* By each key that the policy has for the log: one that was changed has several. */
static lf_status policy_verify(const struct lf__witness_policy *policy, const char *receipt,
                               lf_bytes envelope, lf_bytes origin, uint64_t *index, lf_error *err)
{
    lf_status rc = lf__refuse(err, LF_E_SIGNATURE, "CHECKPOINT_BAD", "checkpoint",
                              "checkpoint: of a log that the policy does not name");
    for (unsigned i = 0; rc != LF_OK && i < policy->log_count; i++) {
        lf_error why = LF_ERROR_INIT;
        if (!lf__bytes_eq_str(origin, policy->logs[i].key.name)) {
            continue;
        }
        rc = by_key(&policy->logs[i].key, receipt, envelope, index, &why);
        if (rc != LF_OK && err != NULL) {
            *err = why;
        }
    }
    return rc;
}

lf_status lf_receipt_verify_witnessed(const char *receipt, lf_bytes envelope, const char *policy,
                                      uint64_t *index, int64_t *oldest_s, lf_error *err)
{
    struct lf__witness_policy *parsed = NULL;
    struct lf__receipt read;
    lf_status rc = lf__witness_policy_parse(lf__bytes_str(policy), &parsed, err);
    rc = rc == LF_OK ? lf__receipt_parse(lf__bytes_str(receipt), &read, err) : rc;
    rc = rc == LF_OK
             ? policy_verify(parsed, receipt, envelope, lf__origin_of(read.checkpoint), index, err)
             : rc;
    rc = rc == LF_OK ? lf__witness_policy_check(parsed, read.checkpoint, oldest_s, err) : rc;
    lf__witness_policy_free(parsed);
    return rc;
}
