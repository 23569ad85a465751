/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's roster once more, from what it wrote: nothing that it says beside the log is believed. */
#include "client/signers.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "protos/codec/services.h"
#include "protos/codec/signed.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNERS_ARENA = 4 << 20 };
static const char signers_authority[] = "_authority"; /* its name in the table */

void lf__signers_init(struct lf__signers *signers)
{
    *signers = (struct lf__signers){.root = lf__merkle_empty()};
}

void lf__signers_done(struct lf__signers *signers)
{
    free(signers->rows);
    free(signers->keys);
    lf__signers_init(signers);
}

static const struct lf__public_key *key_find(const struct lf__signers *signers,
                                             const struct lf__hash *key_id, const char *member)
{
    for (size_t i = 0; i < signers->count; i++) {
        if (lf__hash_eq(&signers->rows[i].key_id, key_id)) {
            return strcmp(signers->rows[i].member, member) == 0 ? &signers->keys[i] : NULL;
        }
    }
    return NULL;
}

static lf_status bad(lf_error *err, uint64_t index, const char *why)
{
    return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_BAD", "signatures", "entry %llu: %s",
                      (unsigned long long)index, why);
}

/* Most records stand in batches of hundreds, each with the same signature over the same root. */
static bool is_known_batch(const struct lf__signers *signers, const struct px_signature *s)
{
    const struct px_signature *known = &signers->batch;
    return s->batch_size > 0 && s->batch_size == known->batch_size && s->alg == known->alg &&
           lf__hash_eq(&s->key_id, &known->key_id) &&
           lf__hash_eq(&s->batch_root, &known->batch_root) &&
           lf__bytes_eq(s->signature, LF_BYTES_ARRAY(signers->batch_signature));
}

static void batch_keep(struct lf__signers *signers, const struct px_signature *s)
{
    if (s->batch_size > 0) {
        signers->batch = (struct px_signature){.alg = s->alg,
                                               .key_id = s->key_id,
                                               .batch_size = s->batch_size,
                                               .batch_root = s->batch_root};
        lf__copy(signers->batch_signature, s->signature.ptr, sizeof signers->batch_signature);
    }
}

/* The path is checked each time; the signature of a batch once for all records that follow each other. */
static lf_status signature_check(struct lf__signers *signers, const struct px_signature *s,
                                 const struct lf__public_key *key, lf_bytes record, lf_error *err)
{
    if (is_known_batch(signers, s)) {
        return px_batch_path_check(s, record, err);
    }
    lf_status rc =
        px_signature_check(s, key, record, err); /* which demands the signature's length */
    if (rc == LF_OK) {
        batch_keep(signers, s);
    }
    return rc;
}

static struct lf__public_key *own_of(struct lf__signers *signers, const struct px_log_key *key)
{
    return &signers->own[key->log == PX_LOG_ACCESS ? 1 : 0];
}

/* 0: of no log of this gateway; below ours: of one that this succeeds, and history. */
static unsigned number_of(const struct lf__signers *signers, const struct px_log_key *key)
{
    return lf__origin_number(key->origin, signers->gateway,
                             key->log == PX_LOG_ACCESS ? "access" : "ledger");
}

static lf_status log_key_read(const struct px_envelope *envelope, struct lf__arena *arena,
                              uint64_t index, struct px_log_key *out, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = px_log_key_decode(arena, envelope, out, &why);
    rc = rc == LF_OK ? px_log_key_signed(envelope, out, &why) : rc;
    return rc == LF_OK ? rc : bad(err, index, why.message);
}

static lf_status log_key_check(struct lf__signers *signers, const struct px_envelope *envelope,
                               uint64_t index, lf_error *err)
{
    LF_ARENA arena;
    struct px_log_key key;
    lf__arena_init(&arena, SIGNERS_ARENA);
    lf_status rc = log_key_read(envelope, &arena, index, &key, err);
    if (rc != LF_OK) {
        return rc;
    }
    unsigned number = number_of(signers, &key);
    bool is_next =
        number == signers->number && lf__bytes_eq(LF_BYTES_ARRAY(key.old_key.bytes),
                                                  LF_BYTES_ARRAY(own_of(signers, &key)->bytes));
    return is_next || (number > 0 && number < signers->number)
               ? LF_OK
               : bad(err, index, "it does not change the key that its log had then");
}

lf_status lf__signers_check(struct lf__signers *signers, const struct px_envelope *envelope,
                            lf_bytes leaf, uint64_t index, lf_error *err)
{
    char name[41];
    lf_error why = LF_ERROR_INIT;
    bool by_authority = lf__bytes_eq_str(envelope->header.issuer, "authority");
    if (leaf.len < 9 + LF_HASH_BYTES ||
        memcmp(leaf.ptr + 9, signers->root.bytes, LF_HASH_BYTES) != 0) {
        return bad(err, index, "its leaf names another table of members than the log makes");
    }
    if (envelope->header.kind == PX_KIND_LOG_KEY) {
        return log_key_check(signers, envelope, index, err);
    }
    if (!lf__copy_str(name, sizeof name,
                      by_authority ? lf__bytes_str(signers_authority) : envelope->header.issuer) ||
        envelope->signature_count == 0) {
        return bad(err, index, "it is signed by nobody, or its issuer is no member id");
    }
    for (size_t i = 0; i < envelope->signature_count; i++) {
        const struct px_signature *s = &envelope->signatures[i];
        const struct lf__public_key *key = key_find(signers, &s->key_id, name);
        if (key == NULL) {
            return bad(err, index, "a signature is by no key that its issuer had then");
        }
        if (signature_check(signers, s, key, envelope->record, &why) != LF_OK) {
            return bad(err, index, why.message);
        }
    }
    return LF_OK;
}

static void member_drop(struct lf__signers *signers, const char *member)
{
    size_t kept = 0;
    for (size_t i = 0; i < signers->count; i++) {
        if (strcmp(signers->rows[i].member, member) != 0) {
            signers->rows[kept] = signers->rows[i];
            signers->keys[kept++] = signers->keys[i];
        }
    }
    signers->count = kept;
}

static bool room_make(struct lf__signers *signers)
{
    if (signers->count < signers->room) {
        return true;
    }
    size_t room = signers->room == 0 ? 64 : 2 * signers->room;
    struct lf__roster_row *rows = realloc(signers->rows, room * sizeof *rows);
    signers->rows = rows != NULL ? rows : signers->rows;
    struct lf__public_key *keys = realloc(signers->keys, room * sizeof *keys);
    signers->keys = keys != NULL ? keys : signers->keys;
    signers->room = rows != NULL && keys != NULL ? room : signers->room;
    return rows != NULL && keys != NULL;
}

/* Keeps the order. */
static bool key_put(struct lf__signers *signers, const struct lf__roster_row *row,
                    const struct lf__public_key *key)
{
    if (!room_make(signers)) {
        return false;
    }
    size_t at = signers->count++;
    while (at > 0 &&
           memcmp(signers->rows[at - 1].key_id.bytes, row->key_id.bytes, LF_HASH_BYTES) > 0) {
        signers->rows[at] = signers->rows[at - 1];
        signers->keys[at] = signers->keys[at - 1];
        at--;
    }
    signers->rows[at] = *row;
    signers->keys[at] = *key;
    return true;
}

static lf_status member_set(struct lf__signers *signers, const struct lf__roster_row *like,
                            const struct px_member_key *keys, size_t count, lf_error *err)
{
    member_drop(signers, like->member);
    for (size_t i = 0; i < count; i++) {
        struct lf__roster_row row = *like;
        row.key_id = lf__key_id(&keys[i].key);
        row.status = keys[i].revoked_at_ms != 0 ? PX_MEMBER_RETIRED : like->status;
        if (!key_put(signers, &row, &keys[i].key)) {
            return lf__fail(err, LF_E_NOMEM, "audit: out of memory");
        }
    }
    return lf__roster_root(signers->rows, signers->count, &signers->root, err);
}

static void genesis_note(struct lf__signers *signers, const struct px_genesis *genesis)
{
    const struct lf__hash *raw[] = {&genesis->ledger_key, &genesis->access_key};
    for (size_t i = 0; i < LF_COUNT(raw); i++) {
        signers->own[i] = (struct lf__public_key){.alg = LF_ALG_ED25519};
        lf__copy(signers->own[i].bytes, raw[i]->bytes, LF_HASH_BYTES);
    }
    if (!lf__copy_str(signers->gateway, sizeof signers->gateway, genesis->gateway)) {
        signers->gateway[0] = '\0';
    }
    lf_bytes before = lf__origin_of(genesis->previous);
    signers->number = 1 + lf__origin_number(before, signers->gateway, "ledger");
}

static lf_status log_key_take(struct lf__signers *signers, struct lf__arena *arena,
                              const struct px_envelope *envelope, lf_error *err)
{
    struct px_log_key key;
    lf_status rc = px_log_key_decode(arena, envelope, &key, err);
    if (rc == LF_OK && number_of(signers, &key) == signers->number) {
        *own_of(signers, &key) = key.new_key;
    }
    return rc;
}

lf_status lf__signers_take(struct lf__signers *signers, struct lf__arena *arena,
                           const struct px_envelope *envelope, uint64_t index, lf_error *err)
{
    struct px_genesis genesis;
    struct px_member member;
    struct lf__roster_row row = {.status = PX_MEMBER_ACTIVE, .since_index = 0};
    if (envelope->header.kind == PX_KIND_GENESIS) {
        lf_status rc = px_genesis_decode(arena, envelope, &genesis, err);
        (void)lf__copy_str(row.member, sizeof row.member, lf__bytes_str(signers_authority));
        if (rc == LF_OK) {
            genesis_note(signers, &genesis);
        }
        return rc == LF_OK ? member_set(signers, &row, genesis.keys, genesis.key_count, err) : rc;
    }
    if (envelope->header.kind == PX_KIND_LOG_KEY) {
        return log_key_take(signers, arena, envelope, err);
    }
    if (envelope->header.kind != PX_KIND_MEMBER) {
        return LF_OK;
    }
    lf_status rc = px_member_decode(arena, envelope, &member, err);
    if (rc != LF_OK) {
        return rc;
    }
    row = (struct lf__roster_row){
        .role = (uint8_t)member.role, .status = (uint8_t)member.status, .since_index = index};
    (void)lf__copy_str(row.member, sizeof row.member, member.member);
    return member_set(signers, &row, member.keys, member.key_count, err);
}
