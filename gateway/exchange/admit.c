/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this record stand here? Runs on the sequencer, inside the transaction: what depends on the log's
 * order is decided here and nowhere else.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/validate.h"

lf_bytes gw__identity(lf_bytes issuer, lf_bytes record_id, uint8_t out[static 64])
{
    LF_BUG_IF(issuer.len + 1 + record_id.len > 64);
    lf__copy(out, issuer.ptr, issuer.len);
    out[issuer.len] = 0;
    lf__copy(out + issuer.len + 1, record_id.ptr, record_id.len);
    return (lf_bytes){out, issuer.len + 1 + record_id.len};
}

lf_status gw__entry_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         uint64_t index, struct px_envelope *out, lf_error *err)
{
    struct st_stored stored;
    lf_status rc = st_ledger_read(exchange->ledger, txn, index, &stored, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf_bytes kept = lf__arena_copy(arena, stored.body);
    if (kept.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    return px_envelope_decode(arena, kept, out, err);
}

/* A membership change was sequenced between the checks and here: log position decides. */
static lf_status recheck(struct gw_exchange *exchange, struct gw_submission *s,
                         const struct st_position *at, lf_error *err)
{
    if (gw_roster_generation(exchange->roster) == s->generation) {
        return LF_OK;
    }
    return gw_verify_envelope(exchange->roster, &s->decoded, (int64_t)at->accepted_at_ms,
                              s->group->batch, &s->issuer, err);
}

static lf_status record_find(struct gw_exchange *exchange, struct st_txn *txn, lf_bytes issuer,
                             lf_bytes record_id, uint64_t *index, lf_error *err)
{
    uint8_t id[64];
    if (issuer.len > 41) {
        return lf__fail(err, LF_E_NOT_FOUND, "record: not known");
    }
    return st_ledger_find(exchange->ledger, txn, gw__identity(issuer, record_id, id), index, err);
}

/* Version 2 and up replaces the issuer's own record of the same kind. */
static lf_status admit_predecessor(struct gw_exchange *exchange, struct st_txn *txn,
                                   struct lf__arena *arena, const struct px_header *header,
                                   lf_error *err)
{
    struct px_envelope before;
    uint64_t index;
    if (header->version == 1) {
        return LF_OK;
    }
    lf_status rc = record_find(exchange, txn, header->issuer, header->predecessor, &index, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, index, &before, err) : rc;
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && (before.header.kind != header->kind ||
                                                 before.header.version + 1 != header->version))) {
        return lf__refuse(err, LF_E_REJECTED, "PREDECESSOR_UNKNOWN", "header.predecessor",
                          "record: its predecessor is not the version before of this kind");
    }
    return rc;
}

static bool may_target(const struct gw_exchange *exchange, const struct gw_submission *s,
                       const struct px_header *target)
{
    const struct gw_standing *who = &s->issuer;
    if (s->decoded.header.kind == PX_KIND_RELAY) {
        return target->kind == PX_KIND_ENFORCEMENT_EVENT;
    }
    return lf__bytes_eq(s->decoded.header.issuer, target->issuer) || who->is_authority ||
           gw_policy_may(exchange->policy, who->role, who->level, target->kind, GW_MAY_CORRECT);
}

static lf_status admit_target(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct gw_submission *s, lf_error *err)
{
    struct px_target target;
    struct px_envelope about;
    uint64_t index;
    if (s->decoded.header.kind != PX_KIND_RELAY && s->decoded.header.kind != PX_KIND_CORRECTION) {
        return LF_OK;
    }
    lf_status rc = px_target_decode(arena, &s->decoded, &target, err);
    rc =
        rc == LF_OK ? record_find(exchange, txn, target.issuer, target.record_id, &index, err) : rc;
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, index, &about, err) : rc;
    if (rc == LF_E_NOT_FOUND) {
        return lf__refuse(err, LF_E_REJECTED, "TARGET_UNKNOWN", "target_record_id",
                          "record: what it speaks of is not in the ledger");
    }
    if (rc == LF_OK && !may_target(exchange, s, &about.header)) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "target_issuer",
                          "record: may not speak of that record");
    }
    return rc;
}

/* Entry 0 vouches for itself: its own keys sign it. */
static lf_status admit_genesis(struct gw_exchange *exchange, const struct gw_submission *s,
                               const struct st_position *at, lf_error *err)
{
    if (at->index != 0) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                          "genesis: this ledger has begun already");
    }
    struct gw_standing issuer;
    return gw_verify_envelope(exchange->roster, &s->decoded, (int64_t)at->accepted_at_ms, NULL,
                              &issuer, err);
}

static bool leaf_make(struct gw_exchange *exchange, const struct gw_submission *s,
                      const struct st_position *at, struct lf__buf *leaf)
{
    LF_BUF block;
    uint8_t bytes[LF_LEDGER_LEAF_BYTES];
    struct lf__hash root = gw_roster_root(exchange->roster);
    lf__buf_init(&block, PX_SIGNATURES_MAX * (PX_SIGNATURE_BYTES_MAX + 128));
    LF_BUG_IF(!gw_signature_block(&s->decoded, &block));
    lf__ledger_leaf(at->accepted_at_ms, &root, &s->entry.digest, lf__buf_bytes(&block), bytes);
    return lf__buf_append(leaf, LF_BYTES_ARRAY(bytes));
}

lf_status gw__admit(void *user, struct st_txn *txn, struct st_entry *entry,
                    const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    struct gw_exchange *exchange = user;
    struct gw_submission *s = entry->user;
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = s->decoded.header.kind == PX_KIND_GENESIS ? admit_genesis(exchange, s, at, err)
                                                             : recheck(exchange, s, at, err);
    rc = rc == LF_OK ? admit_predecessor(exchange, txn, &arena, &s->decoded.header, err) : rc;
    rc = rc == LF_OK ? admit_target(exchange, txn, &arena, s, err) : rc;
    if (rc == LF_OK) {
        LF_BUG_IF(!leaf_make(exchange, s, at, leaf));
    }
    return rc;
}
