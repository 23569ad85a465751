/* SPDX-License-Identifier: Apache-2.0 */
#include "client/log_keys.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "client/log_read.h"

#include <string.h>

enum { LOG_KEYS_ARENA = 4 << 20 };

static lf_status bad(const char *field, lf_error *err, const char *why)
{
    return lf__refuse(err, LF_E_SIGNATURE, "LOG_KEY_BAD", field, "new log key: %s", why);
}

void lf__key_chain_begin(struct lf__key_chain *chain, const struct lf__note_key *first)
{
    chain->list[0] = (struct lf__chain_key){.key = *first};
    atomic_store(&chain->count, first->name[0] == '\0' ? 0 : 1);
}

const struct lf__chain_key *lf__key_chain_newest(const struct lf__key_chain *chain)
{
    return &chain->list[atomic_load(&chain->count) - 1];
}

static bool key_eq(const struct lf__public_key *a, const struct lf__public_key *b)
{
    return a->alg == b->alg && lf__bytes_eq(LF_BYTES_ARRAY(a->bytes), LF_BYTES_ARRAY(b->bytes));
}

/* Position in the chain; its count when it is not there. */
static size_t key_find(const struct lf__key_chain *chain, const struct lf__public_key *key)
{
    size_t count = atomic_load(&chain->count);
    size_t i = 0;
    while (i < count && !key_eq(&chain->list[i].key.key, key)) {
        i++;
    }
    return i;
}

/* *at is the place of the newest key that signed; whether it may still is not looked at. */
static lf_status signer_find(const struct lf__key_chain *chain, lf_bytes note,
                             struct lf__merkle_head *head, size_t *at, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = lf__refuse(&why, LF_E_SIGNATURE, "SIGNATURE_MISSING", "checkpoint",
                              "checkpoint: no key of this log is known");
    for (size_t i = atomic_load(&chain->count); rc != LF_OK && i > 0; i--) {
        rc = lf__checkpoint_open(note, &chain->list[i - 1].key, head, &why);
        *at = i - 1;
        if (rc != LF_OK && strcmp(why.reason, "SIGNATURE_MISSING") != 0) {
            break;
        }
    }
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

/* Under a head of the ledger that was signed when a key was announced. That the ledger's key was stolen meanwhile makes nobody the
 * owner of the other log's, which has signed the record. */
static lf_status head_of_then(const struct lf__key_chain *ledger, lf_bytes note,
                              struct lf__merkle_head *head, lf_error *err)
{
    size_t at = 0;
    lf_status rc = signer_find(ledger, note, head, &at, err);
    return rc == LF_OK && at + 1 < atomic_load(&ledger->count) &&
                   head->size > ledger->list[at + 1].from_size
               ? bad("checkpoint", err, "signed by a key that was replaced before")
               : rc;
}

/* It stands in the ledger, under a head that the key before has signed (of the access log: a key of the ledger). */
static lf_status place_check(const struct lf__key_chain *ledger,
                             const struct px_log_key_proof *proof, const struct px_log_key *key,
                             lf_error *err)
{
    struct lf__merkle_head head;
    struct lf__proof path = {.count = proof->path_count};
    struct px_entry entry = {
        .index = proof->index, .leaf = proof->leaf, .envelope = proof->envelope};
    struct lf__hash leaf = lf__merkle_leaf(proof->leaf);
    if (atomic_load(&ledger->count) == 0 || proof->path_count > LF_MERKLE_PROOF_MAX) {
        return bad("path", err, "cannot be found in the ledger");
    }
    lf__copy(path.hashes, proof->path, path.count * sizeof *path.hashes);
    lf_status rc =
        key->log == PX_LOG_LEDGER
            ? lf__checkpoint_open(proof->checkpoint, &lf__key_chain_newest(ledger)->key, &head, err)
            : head_of_then(ledger, proof->checkpoint, &head, err);
    rc = rc == LF_OK
             ? lf__merkle_verify_inclusion(&leaf, proof->index, head.size, &path, &head.root, err)
             : rc;
    return rc == LF_OK ? lf__entry_check(&entry, err) : rc;
}

static lf_status key_add(struct lf__key_chain *chain, const struct px_log_key_proof *proof,
                         const struct px_log_key *key, lf_error *err)
{
    size_t count = atomic_load(&chain->count);
    struct lf__chain_key *to = &chain->list[count];
    if (count == LF_COUNT(chain->list)) {
        return bad("announcements", err, "more changes than there can be");
    }
    lf_status rc = lf__note_key_make(chain->list[0].key.name, &key->new_key, &to->key, err);
    if (rc == LF_OK) {
        to->index = proof->index;
        to->from_size = key->from_size;
        to->is_compromised = key->reason == PX_LOG_KEY_COMPROMISED;
        to->until = to->is_compromised ? key->since_size : key->from_size;
        atomic_store(&chain->count, count + 1);
    }
    return rc;
}

/* From the newest key on; whoever would go on from an older one shows a second history. */
static lf_status next_take(struct lf__key_chain chains[static LF__CHAINS],
                           struct lf__key_chain *chain, const struct px_envelope *envelope,
                           const struct px_log_key_proof *proof, const struct px_log_key *key,
                           lf_error *err)
{
    if (proof->index <= lf__key_chain_newest(chain)->index && atomic_load(&chain->count) > 1) {
        return bad("index", err, "stands before the change that it follows");
    }
    if (key->log == PX_LOG_LEDGER && key->from_size != proof->index + 1) {
        return bad("from_size", err, "is not the size of the ledger with its entry");
    }
    lf_status rc = px_log_key_signed(envelope, key, err);
    rc = rc == LF_OK ? place_check(&chains[0], proof, key, err) : rc;
    return rc == LF_OK ? key_add(chain, proof, key, err) : rc;
}

/* What one record does: adds a key, is known, or leads from a key that is not (*is_foreign). */
static lf_status one_take(struct lf__key_chain chains[static LF__CHAINS],
                          const struct px_log_key_proof *proof, bool *is_foreign, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    struct px_log_key key;
    lf__arena_init(&arena, LOG_KEYS_ARENA);
    lf_status rc = px_envelope_decode(&arena, proof->envelope, &envelope, err);
    rc = rc == LF_OK ? px_log_key_decode(&arena, &envelope, &key, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__key_chain *chain = &chains[key.log == PX_LOG_ACCESS ? 1 : 0];
    size_t count = atomic_load(&chain->count);
    if (count == 0) {
        return LF_OK; /* nothing is known of that log */
    }
    if (!lf__bytes_eq_str(key.origin, chain->list[0].key.name)) {
        return bad("origin", err, "was announced for another log");
    }
    size_t from = key_find(chain, &key.old_key);
    size_t to = key_find(chain, &key.new_key);
    if (from == count) {
        *is_foreign = to == count;
        return to == 0 || to == count ? LF_OK
                                      : bad("old_key", err, "the known key came from another one");
    }
    if (to < count) {
        return to == from + 1 ? LF_OK : bad("new_key", err, "goes back to a key that was replaced");
    }
    return from + 1 < count ? bad("old_key", err, "the key that announces it was replaced before")
                            : next_take(chains, chain, &envelope, proof, &key, err);
}

lf_status lf__key_chains_learn(struct lf__key_chain chains[static LF__CHAINS],
                               const struct px_log_key_proof *list, size_t count, size_t *learned,
                               lf_error *err)
{
    size_t before = atomic_load(&chains[0].count) + atomic_load(&chains[1].count);
    size_t foreign = 0;
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        bool is_foreign = false;
        rc = one_take(chains, &list[i], &is_foreign, err);
        foreign += is_foreign ? 1 : 0;
    }
    if (rc == LF_OK && count > 0 && foreign == count) {
        rc = bad("old_key", err, "no announcement begins with a key that is trusted");
    }
    if (learned != NULL) {
        *learned = atomic_load(&chains[0].count) + atomic_load(&chains[1].count) - before;
    }
    return rc;
}

static lf_status retired(const struct lf__key_chain *chain, size_t at, uint64_t size, lf_error *err)
{
    const struct lf__chain_key *next = &chain->list[at + 1];
    return lf__refuse(err, LF_E_SIGNATURE, "LOG_KEY_RETIRED", "checkpoint",
                      "checkpoint: of %llu entries, signed by a key of %.60s that was %s at %llu",
                      (unsigned long long)size, chain->list[at].key.name,
                      next->is_compromised && size <= next->from_size ? "no longer safe"
                                                                      : "replaced",
                      (unsigned long long)next->until);
}

lf_status lf__key_chain_open(const struct lf__key_chain *chain, lf_bytes note,
                             struct lf__merkle_head *head, const struct lf__note_key **signer,
                             lf_error *err)
{
    size_t at = 0;
    struct lf__merkle_head found;
    lf_status rc = signer_find(chain, note, &found, &at, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (at + 1 < atomic_load(&chain->count) && found.size > chain->list[at + 1].until) {
        return retired(chain, at, found.size, err);
    }
    *head = found;
    if (signer != NULL) {
        *signer = &chain->list[at].key;
    }
    return LF_OK;
}

lf_status lf__key_chain_reopen(const struct lf__key_chain *chain, lf_bytes note,
                               struct lf__merkle_head *head, lf_error *err)
{
    size_t at = 0;
    struct lf__merkle_head found;
    lf_status rc = signer_find(chain, note, &found, &at, err);
    *head = rc == LF_OK ? found : *head;
    return rc;
}

static bool has_line(lf_bytes note, const struct lf__note_key *key)
{
    lf_bytes text;
    struct lf__reader lines;
    struct lf__note_line line;
    bool has = false;
    lf_status rc = lf__note_split(note, &text, &lines, NULL);
    while (rc == LF_OK && !has && lf__note_line_next(&lines, &line, NULL) == LF_OK) {
        has = lf__note_line_is_of(&line, key);
    }
    return has;
}

lf_status lf__key_chain_reduce(const struct lf__key_chain *chain, lf_bytes note,
                               struct lf__buf *out, lf_error *err)
{
    size_t i = atomic_load(&chain->count);
    while (i > 1 && !has_line(note, &chain->list[i - 1].key)) {
        i--;
    }
    return lf__note_reduce(note, &chain->list[i == 0 ? 0 : i - 1].key, out, err);
}
