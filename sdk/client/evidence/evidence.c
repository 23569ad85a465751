/* SPDX-License-Identifier: Apache-2.0 */
/* The whole bundle against the trust file. The arena of the account holds all that it points to. */
#include "client/evidence/evidence.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "client/log_keys.h"

#include <stdlib.h>
#include <string.h>

struct account {
    lf_evidence told; /* first: what the caller holds */
    struct lf__arena arena;
    struct px_bundle bundle;
    struct lf__exhibit *exhibits; /* one a record */
    lf_evidence_record *records;
    struct lf__note_key replaced[LF_TRUST_LEARNED_MAX]; /* keys that the bundle shows to be */
    size_t replaced_count;
    bool is_key_replaced; /* the one that signed the head */
};

static lf_status head_tell(struct account *a, const struct lf__trusted_head *head, lf_error *err)
{
    LF_BUF key;
    lf_evidence_witness *list = lf__arena_array(&a->arena, head->witness_count, sizeof *list);
    lf__buf_init(&key, 1024);
    for (size_t i = 0; list != NULL && i < head->witness_count; i++) {
        const struct lf__witnessed *w = &head->witnesses[i];
        list[i].name = lf__arena_text(&a->arena, lf__bytes_str(w->witness->name));
        list[i].time_ms = w->time_s < INT64_MAX / 1000 ? w->time_s * 1000 : INT64_MAX;
    }
    (void)lf__note_key_format(head->key, &key);
    a->told.log_key = lf__arena_text(&a->arena, lf__buf_bytes(&key));
    a->told.origin = lf__arena_text(&a->arena, lf__bytes_str(head->key->name));
    a->told.size = head->head.size;
    a->told.witnesses = list;
    a->told.witness_count = head->witness_count;
    (void)lf__hex(lf__hash_bytes(&head->head.root), a->told.root, sizeof a->told.root);
    return lf__arena_status(&a->arena, err);
}

static lf_status genesis_check(struct account *a, const struct lf__trust_file *trust,
                               const struct lf__merkle_head *head, lf_error *err)
{
    struct lf__proof proof = {.count = a->bundle.genesis_path_count};
    if (!lf__hash_eq(&a->bundle.genesis_leaf, &trust->genesis)) {
        return lf__refuse(err, LF_E_SIGNATURE, "GENESIS_OTHER", "genesis_leaf_hash",
                          "evidence: is of a ledger that began with another genesis");
    }
    lf__copy(proof.hashes, a->bundle.genesis_path, proof.count * sizeof *proof.hashes);
    if (lf__merkle_verify_inclusion(&trust->genesis, 0, head->size, &proof, &head->root, NULL) !=
        LF_OK) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "genesis_path",
                          "evidence: the genesis is not entry 0 of the checkpoint's tree");
    }
    (void)lf__hex(lf__hash_bytes(&trust->genesis), a->told.genesis, sizeof a->told.genesis);
    return LF_OK;
}

/* What was learned is trusted as the key that led to it, if its head is not one that only a replaced key has signed. */
static lf_status learned_take(struct account *a, struct lf__trust_file *trust,
                              const struct lf__key_chain *chain, lf_error *err)
{
    struct lf__merkle_head head;
    lf_error why = LF_ERROR_INIT;
    size_t count = atomic_load(&chain->count);
    if (lf__key_chain_open(chain, a->bundle.checkpoint, &head, NULL, &why) != LF_OK &&
        strcmp(why.reason, "LOG_KEY_RETIRED") == 0) {
        return lf__refuse(err, LF_E_SIGNATURE, "LOG_KEY_RETIRED", "checkpoint", "%s", why.message);
    }
    for (size_t i = 0; i + 1 < count && a->replaced_count < LF_TRUST_LEARNED_MAX; i++) {
        a->replaced[a->replaced_count++] = chain->list[i].key;
    }
    for (size_t i = 1; i < count && trust->learned_count < LF_TRUST_LEARNED_MAX; i++) {
        trust->learned[trust->learned_count++] = chain->list[i].key;
    }
    return LF_OK;
}

static bool is_replaced(const struct account *a, const struct lf__note_key *key)
{
    bool is = false;
    for (size_t i = 0; !is && i < a->replaced_count; i++) {
        is = lf__bytes_eq(LF_BYTES_ARRAY(a->replaced[i].key.bytes), LF_BYTES_ARRAY(key->key.bytes));
    }
    return is;
}

/* From each key that the file trusts, the announcements of the bundle lead on; at least one must. */
static lf_status keys_learn(struct account *a, struct lf__trust_file *trust, lf_error *err)
{
    struct lf__key_chain *chains = calloc(LF__CHAINS, sizeof *chains);
    bool is_any = false;
    lf_status rc = LF_OK;
    if (chains == NULL) {
        return lf__fail(err, LF_E_NOMEM, "evidence: out of memory");
    }
    for (unsigned i = 0; rc == LF_OK && i < trust->policy->log_count; i++) {
        lf_error why = LF_ERROR_INIT;
        if (strcmp(trust->policy->logs[i].key.name, trust->origin) != 0) {
            continue;
        }
        lf__key_chain_begin(&chains[0], &trust->policy->logs[i].key);
        if (lf__key_chains_learn(chains, a->bundle.log_keys, a->bundle.log_key_count, NULL, &why) ==
            LF_OK) {
            is_any = true;
            rc = learned_take(a, trust, &chains[0], err);
        } else if (!is_any && err != NULL) {
            *err = why;
        }
    }
    free(chains);
    return rc == LF_OK && !is_any ? LF_E_SIGNATURE : rc;
}

static lf_status head_check(struct account *a, struct lf__trust_file *trust,
                            struct lf__merkle_head *head, lf_error *err)
{
    struct lf__trusted_head opened;
    lf_status rc = a->bundle.log_key_count > 0 ? keys_learn(a, trust, err) : LF_OK;
    rc = rc != LF_OK ? rc : lf__trust_file_head(trust, a->bundle.checkpoint, &opened, err);
    rc = rc == LF_OK ? genesis_check(a, trust, &opened.head, err) : rc;
    rc = rc == LF_OK ? head_tell(a, &opened, err) : rc;
    if (rc == LF_OK) {
        int quorum = trust->policy->quorum;
        a->told.quorum =
            quorum < 0
                ? ""
                : lf__arena_text(&a->arena, lf__bytes_str(trust->policy->items[quorum].name));
        a->is_key_replaced = is_replaced(a, opened.key);
        *head = opened.head;
    }
    return rc;
}

static lf_status records_check(struct account *a, const struct lf__merkle_head *head, lf_error *err)
{
    size_t count = a->bundle.record_count;
    a->exhibits = lf__arena_array(&a->arena, count, sizeof *a->exhibits);
    a->records = lf__arena_array(&a->arena, count, sizeof *a->records);
    lf_status rc = lf__arena_status(&a->arena, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = lf__exhibit_prove(&a->arena, &a->bundle.records[i], head, &a->exhibits[i],
                               &a->records[i], err);
    }
    a->told.records = a->records;
    a->told.record_count = count;
    return rc;
}

/* A statement about it, or its next version. */
static bool speaks_of(const struct lf__exhibit *later, const struct px_header *of)
{
    const struct px_header *h = &later->envelope.header;
    bool is_next = lf__bytes_eq(h->issuer, of->issuer) &&
                   lf__bytes_eq(h->predecessor, of->record_id) && h->predecessor.len > 0;
    return is_next || (lf__bytes_eq(later->about.issuer, of->issuer) &&
                       lf__bytes_eq(later->about.record_id, of->record_id));
}

static lf_status later_tell(struct account *a, size_t at, lf_error *err)
{
    size_t count = a->bundle.record_count;
    lf_evidence_later *list = NULL;
    for (size_t i = at + 1; i < count; i++) {
        if (!speaks_of(&a->exhibits[i], &a->exhibits[at].envelope.header)) {
            continue;
        }
        list = list != NULL ? list : lf__arena_array(&a->arena, count - i, sizeof *list);
        if (list == NULL) {
            return lf__arena_status(&a->arena, err);
        }
        list[a->records[at].later_count++] = (lf_evidence_later){
            a->records[i].index, a->records[i].kind,
            a->exhibits[i].decision == NULL ? "" : a->exhibits[i].decision, a->records[i].issuer};
    }
    a->records[at].later = list;
    return LF_OK;
}

/* The first record that names the hash in a part shown. */
static bool named_by(const struct account *a, const struct lf__hash *hash, uint64_t *index)
{
    for (size_t i = 0; i < a->bundle.record_count; i++) {
        const struct px_event *event = &a->exhibits[i].event;
        for (size_t e = 0; e < event->evidence_count; e++) {
            if (lf__bytes_eq(event->evidence[e], lf__hash_bytes(hash))) {
                *index = a->records[i].index;
                return true;
            }
        }
    }
    return false;
}

static bool is_among(const struct lf__hash *hash, uint64_t size, const lf_bytes *beside,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (beside[i].len == size) {
            struct lf__hash found = lf__sha256(beside[i]);
            if (lf__hash_eq(&found, hash)) {
                return true;
            }
        }
    }
    return false;
}

static lf_status attachment_bad(lf_error *err, const char *field, const char *why)
{
    return lf__refuse(err, LF_E_SIGNATURE, "ATTACHMENT_BAD", field, "attachment: %s", why);
}

static lf_status attachment_check(struct account *a, size_t at, const lf_bytes *beside,
                                  size_t count, lf_evidence_attachment *out, lf_error *err)
{
    const struct px_attachment *in = &a->bundle.attachments[at];
    struct lf__hash hash = lf__sha256(in->content);
    for (size_t i = 0; i < at; i++) {
        if (lf__hash_eq(&a->bundle.attachments[i].sha256, &in->sha256)) {
            return lf__refuse(err, LF_E_REJECTED, "DUPLICATE_FIELD", "attachments.sha256",
                              "attachment: stands twice");
        }
    }
    if (in->content.len > 0 && !lf__hash_eq(&hash, &in->sha256)) {
        return attachment_bad(err, "attachments.content", "its bytes have another hash");
    }
    if (!named_by(a, &in->sha256, &out->index)) {
        return attachment_bad(err, "attachments.sha256", "no record shown here names its hash");
    }
    out->name = lf__arena_text(&a->arena, in->name);
    out->size = in->size;
    out->is_checked = in->content.len > 0 || is_among(&in->sha256, in->size, beside, count);
    (void)lf__hex(lf__hash_bytes(&in->sha256), out->sha256, sizeof out->sha256);
    return LF_OK;
}

static lf_status attachments_check(struct account *a, const lf_bytes *beside, size_t count,
                                   lf_error *err)
{
    size_t n = a->bundle.attachment_count;
    lf_evidence_attachment *list = lf__arena_array(&a->arena, n, sizeof *list);
    lf_status rc = lf__arena_status(&a->arena, err);
    for (size_t i = 0; rc == LF_OK && i < n; i++) {
        rc = attachment_check(a, i, beside, count, &list[i], err);
    }
    a->told.attachments = list;
    a->told.attachment_count = n;
    return rc == LF_OK ? lf__arena_status(&a->arena, err) : rc;
}

static bool is_by_authority(const struct account *a, size_t at)
{
    return a->records[at].signatures[0].role[0] == '\0';
}

static bool is_of_genesis(const struct px_genesis *genesis, const struct lf__hash *key_id)
{
    for (size_t k = 0; k < genesis->key_count; k++) {
        struct lf__hash id = lf__key_id(&genesis->keys[k].key);
        if (lf__hash_eq(&id, key_id)) {
            return true;
        }
    }
    return false;
}

static size_t signers_of(const struct px_genesis *genesis, const struct px_envelope *envelope)
{
    size_t signers = 0; /* each key signs once, which was looked at */
    for (size_t i = 0; i < envelope->signature_count; i++) {
        signers += is_of_genesis(genesis, &envelope->signatures[i].key_id) ? 1 : 0;
    }
    return signers;
}

/* The genesis, when it is there and shown, says how many of the authority's keys had to sign; that it is the trusted one
 * its leaf says. *out: that is proven of all that the authority has signed. */
static lf_status threshold_check(struct account *a, bool *out, lf_error *err)
{
    struct px_genesis *genesis = lf__arena_alloc(&a->arena, sizeof *genesis);
    const struct lf__exhibit *first = &a->exhibits[0];
    *out = a->records[0].index == 0 && first->envelope.part_count > 0;
    if (genesis == NULL) {
        return lf__arena_status(&a->arena, err);
    }
    lf_status rc = *out ? px_genesis_decode(&a->arena, &first->envelope, genesis, err) : LF_OK;
    for (size_t i = 1; rc == LF_OK && *out && i < a->bundle.record_count; i++) {
        size_t signers = signers_of(genesis, &a->exhibits[i].envelope);
        if (is_by_authority(a, i) && signers < genesis->threshold) {
            rc = lf__refuse(
                err, LF_E_SIGNATURE, "SIGNATURE_MISSING", "records.signatures",
                "evidence: entry %llu: %zu of the authority's keys have signed, %u had to",
                (unsigned long long)a->records[i].index, signers, genesis->threshold);
        }
    }
    return rc;
}

static lf_status unproven_tell(struct account *a, lf_error *err)
{
    enum { UNPROVEN = 7 };
    const char **list = lf__arena_array(&a->arena, UNPROVEN, sizeof *list);
    size_t n = 0;
    bool has_authority = false;
    bool is_enough = false;
    bool is_dated = false;
    const struct lf__dated dated = {a->exhibits, a->records, a->bundle.record_count};
    if (list == NULL) {
        return lf__arena_status(&a->arena, err);
    }
    lf_status rc = threshold_check(a, &is_enough, err);
    rc = rc == LF_OK ? lf__evidence_dates(&a->arena, &dated, &is_dated, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    for (size_t i = 0; i < a->bundle.record_count; i++) {
        has_authority = has_authority || is_by_authority(a, i);
    }
    list[n++] = "CONTENT";
    list[n++] = "LATER";
    if (!is_dated) {
        list[n++] = "KEY_DATES";
    }
    if (has_authority && !is_enough) {
        list[n++] = "THRESHOLD";
    }
    if (a->told.quorum[0] == '\0') {
        list[n++] = "WITNESSED";
    }
    if (a->is_key_replaced) {
        list[n++] = "KEY_IN_FORCE";
    }
    if (a->told.attachment_count > 0) {
        list[n++] = "ATTACHMENT_NAMES";
    }
    a->told.unproven = list;
    a->told.unproven_count = n;
    return LF_OK;
}

static lf_status account_make(struct account *a, struct lf__trust_file *trust, lf_bytes bytes,
                              const lf_bytes *beside, size_t count, lf_error *err)
{
    struct lf__merkle_head head;
    struct lf__hash hash = lf__sha256(bytes);
    lf_status rc = px_bundle_decode(&a->arena, bytes, &a->bundle, err);
    rc = rc == LF_OK ? head_check(a, trust, &head, err) : rc;
    rc = rc == LF_OK ? records_check(a, &head, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < a->bundle.record_count; i++) {
        rc = later_tell(a, i, err);
    }
    rc = rc == LF_OK ? attachments_check(a, beside, count, err) : rc;
    rc = rc == LF_OK ? unproven_tell(a, err) : rc;
    (void)lf__hex(lf__hash_bytes(&hash), a->told.sha256, sizeof a->told.sha256);
    return rc;
}

lf_status lf_evidence_verify(lf_bytes bundle, lf_bytes trust, const lf_bytes *beside,
                             size_t beside_count, const lf_evidence **out, lf_error *err)
{
    struct lf__trust_file *trusted = NULL;
    lf_status rc = lf__trust_file_parse(trust, &trusted, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct account *account = calloc(1, sizeof *account);
    if (account == NULL) {
        lf__trust_file_free(trusted);
        return lf__fail(err, LF_E_NOMEM, "evidence: out of memory");
    }
    lf__arena_init(&account->arena, EVIDENCE_ARENA_MAX);
    rc = account_make(account, trusted, bundle, beside, beside_count, err);
    lf__trust_file_free(trusted);
    if (rc != LF_OK) {
        lf_evidence_free(&account->told);
        return rc;
    }
    *out = &account->told;
    return LF_OK;
}

void lf_evidence_free(const lf_evidence *evidence)
{
    if (evidence != NULL) {
        struct account *account = (struct account *)(uintptr_t)evidence; /* `told` is its first */
        lf__arena_done(&account->arena);
        free(account);
    }
}
