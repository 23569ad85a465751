/* SPDX-License-Identifier: Apache-2.0 */
/* Key: "keys" || SHA-256(origin of the ledger), value: the answer as it came. The same || "other": a contradiction to it. */
#include "gateway/federation/witness_keys.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "client/log_keys.h"
#include "core/origin.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WITNESS_KEYS_ARENA = 8 << 20, PLACE_MAX = 64 };

/* One 'log' line of the policy, with what is known from its key on. */
struct line {
    const struct lf__note_key *key;
    const struct lf__note_key *ledger; /* NULL: this is a ledger */
    struct lf__hash address;           /* hash of the ledger's origin */
    struct lf__key_chain *chains;      /* LF__CHAINS */
};
struct gw_witness_keys {
    struct st_engine *engine;
    unsigned table;
    pthread_rwlock_t lock; /* over the chains */
    struct line lines[LF_POLICY_LOGS_MAX];
    size_t count;
};

static size_t slot_of(const struct line *line)
{
    return line->ledger == NULL ? 0 : 1;
}

static const struct lf__key_chain *chain_of(const struct line *line)
{
    return &line->chains[slot_of(line)];
}

static struct lf__key_chain *chains_begin(const struct line *line)
{
    struct lf__key_chain *chains = calloc(LF__CHAINS, sizeof *chains);
    if (chains != NULL) {
        lf__key_chain_begin(&chains[0], line->ledger == NULL ? line->key : line->ledger);
        if (line->ledger != NULL) {
            lf__key_chain_begin(&chains[1], line->key);
        }
    }
    return chains;
}

/* The ledger beside which an access log stands: NAME/access, /2, ... */
static const struct lf__note_key *ledger_of(const struct lf__witness_policy *policy,
                                            const struct lf__note_key *access)
{
    char origin[LF_NOTE_NAME_MAX + 1];
    for (unsigned i = 0; i < policy->log_count; i++) {
        char name[LF_NOTE_NAME_MAX + 1];
        const struct lf__note_key *key = &policy->logs[i].key;
        const char *end = strstr(key->name, "/ledger");
        lf_bytes all = lf__bytes_str(key->name);
        if (end == NULL ||
            !lf__copy_str(name, sizeof name, lf__bytes_slice(all, 0, (size_t)(end - key->name)))) {
            continue;
        }
        unsigned number = lf__origin_number(all, name, "ledger");
        if (number > 0 && lf__origin_make(name, "access", number, origin, NULL) == LF_OK &&
            strcmp(origin, access->name) == 0) {
            return key;
        }
    }
    return NULL;
}

static lf_status line_add(struct gw_witness_keys *keys, const struct lf__witness_policy *policy,
                          unsigned i, lf_error *err)
{
    struct line *line = &keys->lines[keys->count];
    line->key = &policy->logs[i].key;
    line->ledger = ledger_of(policy, line->key);
    line->address =
        lf__sha256(lf__bytes_str(line->ledger == NULL ? line->key->name : line->ledger->name));
    line->chains = chains_begin(line);
    keys->count++;
    return line->chains != NULL ? LF_OK : lf__fail(err, LF_E_NOMEM, "witness: out of memory");
}

static lf_bytes place_of(const struct lf__hash *ledger, const char *suffix, struct lf__buf *out)
{
    lf__buf_init(out, PLACE_MAX);
    (void)lf__buf_str(out, "keys");
    (void)lf__buf_append(out, lf__hash_bytes(ledger));
    (void)lf__buf_str(out, suffix);
    return lf__buf_bytes(out);
}

/* ---- learning ---- */

static bool is_beginning(const struct lf__key_chain *of, const struct lf__key_chain *chain)
{
    size_t count = atomic_load(&chain->count);
    bool is = count <= atomic_load(&of->count);
    for (size_t i = 0; is && i < count; i++) {
        is = lf__bytes_eq(LF_BYTES_ARRAY(of->list[i].key.key.bytes),
                          LF_BYTES_ARRAY(chain->list[i].key.key.bytes));
    }
    return is;
}

/* What an answer says, held against what is known: for each line a fresh pair of chains where it tells more. */
struct learning {
    const struct px_log_key_proof *list;
    size_t count;
    struct lf__key_chain *fresh[LF_POLICY_LOGS_MAX];
    bool is_any;  /* a line of this ledger is known */
    bool is_bad;  /* it does not hold from one of them on, or */
    bool is_held; /* it does */
    bool is_more;
    bool is_less; /* what was learned before is not in it */
    bool is_other;
    lf_error why; /* of the last line from which it did not hold */
};

static lf_status line_learn(struct learning *l, const struct line *line,
                            struct lf__key_chain **fresh, lf_error *err)
{
    size_t slot = slot_of(line);
    struct lf__key_chain *chains = chains_begin(line);
    if (chains == NULL) {
        return lf__fail(err, LF_E_NOMEM, "witness: out of memory");
    }
    l->is_any = true;
    if (lf__key_chains_learn(chains, l->list, l->count, NULL, &l->why) != LF_OK) {
        l->is_less = l->is_less || atomic_load(&chain_of(line)->count) > 1;
        l->is_bad = true;
        free(chains);
        return LF_OK;
    }
    bool is_longer = atomic_load(&chains[slot].count) > atomic_load(&chain_of(line)->count);
    bool is_known = is_beginning(chain_of(line), &chains[slot]);
    l->is_held = true;
    l->is_other = l->is_other || (!is_known && !is_beginning(&chains[slot], chain_of(line)));
    l->is_less = l->is_less || (is_known && atomic_load(&chains[slot].count) <
                                                atomic_load(&chain_of(line)->count));
    l->is_more = l->is_more || is_longer;
    *fresh = chains;
    return LF_OK;
}

static lf_status all_learn(const struct gw_witness_keys *keys, const struct lf__hash *ledger,
                           struct learning *l, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < keys->count; i++) {
        if (lf__hash_eq(&keys->lines[i].address, ledger)) {
            rc = line_learn(l, &keys->lines[i], &l->fresh[i], err);
        }
    }
    return rc;
}

static void fresh_take(struct gw_witness_keys *keys, struct learning *l)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (l->fresh[i] != NULL) {
            free(keys->lines[i].chains);
            keys->lines[i].chains = l->fresh[i];
            l->fresh[i] = NULL;
        }
    }
}

static void fresh_free(struct learning *l)
{
    for (size_t i = 0; i < LF_COUNT(l->fresh); i++) {
        free(l->fresh[i]);
    }
}

/* ---- what is stored ---- */

static lf_status stored_put(const struct gw_witness_keys *keys, const struct lf__hash *ledger,
                            const char *suffix, lf_bytes body, lf_error *err)
{
    LF_BUF place;
    lf_bytes there;
    lf_bytes key = place_of(ledger, suffix, &place);
    struct st_txn *txn = NULL;
    lf_status rc = st_txn_begin(keys->engine, ST_WRITE, &txn, err);
    if (rc == LF_OK && suffix[0] != '\0' && st_get(txn, keys->table, key, &there, NULL) == LF_OK) {
        st_txn_abort(txn);
        return LF_OK; /* the first is kept */
    }
    rc = rc == LF_OK ? st_put(txn, keys->table, key, body, err) : rc;
    if (rc != LF_OK) {
        st_txn_abort(txn);
        return rc;
    }
    return st_txn_commit(txn, err);
}

lf_status gw_witness_keys_read(struct gw_witness_keys *keys, const struct lf__hash *ledger,
                               struct lf__buf *out, lf_error *err)
{
    LF_BUF place;
    ST_TXN *txn = NULL;
    lf_bytes value;
    lf_bytes key = place_of(ledger, "", &place);
    lf_status rc = st_txn_begin(keys->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_get(txn, keys->table, key, &value, err) : rc;
    if (rc == LF_OK) {
        (void)lf__buf_append(out, value);
        rc = lf__buf_status(out, err);
    }
    return rc;
}

static lf_status stored_learn(struct gw_witness_keys *keys, const struct lf__hash *ledger,
                              lf_error *err)
{
    LF_BUF body;
    LF_ARENA arena;
    struct learning l = {.is_any = false};
    struct px_log_key_proof *list = NULL;
    lf__buf_init(&body, GW_LOG_KEYS_BODY_MAX);
    lf__arena_init(&arena, WITNESS_KEYS_ARENA);
    lf_status rc = gw_witness_keys_read(keys, ledger, &body, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    rc = px_log_key_proofs_decode(&arena, lf__buf_bytes(&body), &list, &l.count, err);
    l.list = list;
    rc = rc == LF_OK ? all_learn(keys, ledger, &l, err) : rc;
    if (rc == LF_OK) {
        fresh_take(keys, &l);
    }
    fresh_free(&l);
    return rc;
}

/* ---- for the witness ---- */

lf_status gw_witness_keys_open(struct st_engine *engine, unsigned table,
                               const struct lf__witness_policy *policy,
                               struct gw_witness_keys **out, lf_error *err)
{
    struct gw_witness_keys *keys = calloc(1, sizeof *keys);
    lf_status rc = LF_OK;
    if (keys == NULL) {
        return lf__fail(err, LF_E_NOMEM, "witness: out of memory");
    }
    keys->engine = engine;
    keys->table = table;
    (void)pthread_rwlock_init(&keys->lock, NULL);
    for (unsigned i = 0; rc == LF_OK && i < policy->log_count; i++) {
        rc = line_add(keys, policy, i, err);
    }
    for (size_t i = 0; rc == LF_OK && i < keys->count; i++) {
        rc = slot_of(&keys->lines[i]) == 0 ? stored_learn(keys, &keys->lines[i].address, err) : rc;
    }
    if (rc != LF_OK) {
        gw_witness_keys_close(keys);
        return rc;
    }
    *out = keys;
    return LF_OK;
}

void gw_witness_keys_close(struct gw_witness_keys *keys)
{
    if (keys == NULL) {
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        free(keys->lines[i].chains);
    }
    (void)pthread_rwlock_destroy(&keys->lock);
    free(keys);
}

/* The operator may have put a new key beside the old one, as one more line: one that signed is enough, one that signed badly
 * spoils all. */
static lf_status head_open(const struct gw_witness_keys *keys, lf_bytes origin, lf_bytes note,
                           struct lf__merkle_head *head, struct lf__note_key *signer, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    for (size_t i = 0; i < keys->count; i++) {
        const struct lf__note_key *key = NULL;
        if (!lf__bytes_eq_str(origin, keys->lines[i].key->name)) {
            continue;
        }
        lf_status rc = lf__key_chain_open(chain_of(&keys->lines[i]), note, head, &key, &why);
        if (rc == LF_OK) {
            *signer = *key;
            return LF_OK;
        }
        if (strcmp(why.reason, "SIGNATURE_MISSING") != 0) {
            return lf__refuse(err, rc, why.reason, "checkpoint", "%s", why.message);
        }
    }
    return lf__refuse(
        err, LF_E_SIGNATURE, "SIGNATURE_MISSING", "checkpoint",
        "witness: signed by no key that is known here; if the log announced a new "
        "one, bring the announcements (log-keys), or add it as one more 'log' line of "
        "the policy");
}

lf_status gw_witness_keys_head(struct gw_witness_keys *keys, lf_bytes origin, lf_bytes note,
                               struct lf__merkle_head *head, struct lf__note_key *signer,
                               lf_error *err)
{
    (void)pthread_rwlock_rdlock(&keys->lock);
    lf_status rc = head_open(keys, origin, note, head, signer, err);
    (void)pthread_rwlock_unlock(&keys->lock);
    return rc;
}

static lf_status learned_judge(struct gw_witness_keys *keys, const struct lf__hash *ledger,
                               struct learning *l, lf_bytes body, lf_error *err)
{
    if (!l->is_any) {
        return lf__fail(err, LF_E_NOT_FOUND, "witness: this log is not witnessed here");
    }
    if (l->is_other) {
        lf_status rc = stored_put(keys, ledger, "other", body, err);
        return rc == LF_OK ? lf__refuse(err, LF_E_SIGNATURE, "LOG_KEY_BAD", "announcements",
                                        "witness: another key was announced before by the same "
                                        "one; both announcements are kept")
                           : rc;
    }
    if (!l->is_held || ((!l->is_more || l->is_less) && l->is_bad)) {
        return lf__refuse(err, LF_E_SIGNATURE, l->why.reason, "announcements", "%s",
                          l->why.message);
    }
    if (!l->is_more || l->is_less) {
        return LF_OK; /* nothing new, or not all that is known */
    }
    lf_status rc = stored_put(keys, ledger, "", body, err);
    if (rc == LF_OK) {
        fresh_take(keys, l);
    }
    return rc;
}

lf_status gw_witness_keys_add(struct gw_witness_keys *keys, const struct lf__hash *ledger,
                              lf_bytes body, lf_error *err)
{
    LF_ARENA arena;
    struct learning l = {.is_any = false};
    struct px_log_key_proof *list = NULL;
    lf__arena_init(&arena, WITNESS_KEYS_ARENA);
    lf_status rc = px_log_key_proofs_decode(&arena, body, &list, &l.count, err);
    l.list = list;
    if (rc != LF_OK) {
        return rc;
    }
    (void)pthread_rwlock_wrlock(&keys->lock);
    rc = all_learn(keys, ledger, &l, err);
    rc = rc == LF_OK ? learned_judge(keys, ledger, &l, body, err) : rc;
    (void)pthread_rwlock_unlock(&keys->lock);
    fresh_free(&l);
    return rc;
}
