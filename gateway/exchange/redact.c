/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Redaction carried out, in the transaction that takes it and each time it is replayed. What stands
 * afterwards must not depend on which of the two it was: of an entry that is erased already the body
 * stays as it is, and only what is derived is made so once more.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/tasks_internal.h"
#include "protos/codec/words.h"

/* One order on its way. */
struct redacting {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena *arena;
    struct px_redaction order;
    uint64_t at;     /* where the order stands */
    uint64_t target; /* what it is about */
    struct gw_stored stored;
};

/* The code that leads to the entry, while it can still be read. */
static lf_bytes subject_of(struct redacting *r)
{
    struct px_subject subject;
    return !gw_stored_is_forgotten(&r->stored) &&
                   px_subject_decode(r->arena, &r->stored.envelope, &subject, NULL) == LF_OK
               ? subject.uscc
               : LF_BYTES_NONE;
}

/* A relay that is erased does not undo what it released: what it did is kept without its words. */
static lf_status effect_keep(struct redacting *r, lf_error *err)
{
    struct gw_effect effect;
    bool speaks = gw__speaks_of_another(r->stored.envelope.header.kind);
    struct gw_stored *about = lf__arena_alloc(r->arena, sizeof *about);
    if (about == NULL) {
        return lf__fail(err, LF_E_NOMEM, "redaction: out of memory");
    }
    if (r->stored.has_effect || gw_stored_is_forgotten(&r->stored)) {
        return LF_OK;
    }
    lf_status rc = gw__effect_of(r->txn, r->target, r->arena, &r->stored.envelope, &effect, err);
    rc = rc == LF_OK && speaks ? gw__target_read(r->exchange, r->txn, r->arena, &r->stored, about,
                                                 &r->stored.target, err)
                               : rc;
    r->stored.has_effect = rc == LF_OK && (speaks || effect.decision != 0);
    r->stored.decision = rc == LF_OK ? effect.decision : 0;
    r->stored.until_ms = rc == LF_OK ? effect.until_ms : 0;
    return rc;
}

static lf_status body_erase(struct redacting *r, lf_error *err)
{
    LF_BUF body;
    lf__buf_init(&body, PX_MESSAGE_MAX);
    if (r->exchange->entries !=
        NULL) { /* read only: what stands there must have been erased before */
        return lf__fail(err, LF_E_CORRUPT, "entry %llu should be erased by its order",
                        (unsigned long long)r->target);
    }
    lf_status rc = effect_keep(r, err);
    rc = rc == LF_OK ? gw_stored_erase(&r->stored, r->arena, gw_erasure_of(&r->order), r->at, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    (void)gw_stored_encode(&r->stored, &body);
    rc = lf__buf_status(&body, err);
    return rc == LF_OK ? st_ledger_rewrite(r->exchange->ledger, r->txn, r->target,
                                           lf__buf_bytes(&body), err)
                       : rc;
}

/* What asked for action asks no more. What answered, or took action back, still did. */
static lf_status task_erase(struct redacting *r, lf_error *err)
{
    const struct px_header *h = &r->stored.envelope.header;
    return h->kind == PX_KIND_ENFORCEMENT_EVENT ? gw_task_forget(r->txn, r->target, err)
           : h->kind == PX_KIND_DISPOSITION && r->stored.has_effect
               ? gw_task_answer_erase(r->txn, r->stored.target, h->issuer, r->target, err)
               : LF_OK;
}

static lf_status erase(struct redacting *r, lf_error *err)
{
    unsigned forgets = GW_ERASED_ALL | LF_BIT(PX_CLASS_MEMBERS);
    unsigned what = gw_erasure_of(&r->order);
    bool leads_nowhere = (what & (forgets | LF_BIT(PX_CLASS_REGULATOR))) != 0; /* its tokens go */
    lf_bytes uscc = subject_of(r);
    lf_status rc =
        leads_nowhere ? gw__links_forget(r->txn, r->arena, &r->stored, r->target, err) : LF_OK;
    rc = rc == LF_OK && !gw_stored_has_order(&r->stored, r->at) ? body_erase(r, err) : rc;
    if (rc != LF_OK || (what & forgets) == 0) {
        return rc;
    }
    rc = gw_known_erase(r->txn, uscc, r->target, err);
    return rc == LF_OK ? task_erase(r, err) : rc;
}

static lf_status restrict_to(struct redacting *r, bool is_restricted, lf_error *err)
{
    uint8_t key[8];
    uint8_t at[8];
    lf__put_u64be(key, r->target);
    lf__put_u64be(at, r->at);
    lf_status rc = is_restricted ? st_put(r->txn, GW_TABLE_RESTRICTED, LF_BYTES_ARRAY(key),
                                          LF_BYTES_ARRAY(at), err)
                                 : st_delete(r->txn, GW_TABLE_RESTRICTED, LF_BYTES_ARRAY(key), err);
    return rc == LF_OK ? gw_known_restrict(r->txn, r->target, is_restricted, err) : rc;
}

lf_status gw__is_restricted(struct st_txn *txn, uint64_t index, bool *out, lf_error *err)
{
    uint8_t key[8];
    lf_bytes at;
    lf__put_u64be(key, index);
    lf_status rc = st_get(txn, GW_TABLE_RESTRICTED, LF_BYTES_ARRAY(key), &at, err);
    *out = rc == LF_OK;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw__redact(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                     const struct px_envelope *order, uint64_t at, lf_error *err)
{
    struct redacting *r = lf__arena_alloc(arena, sizeof *r);
    struct gw_stored *speaker = lf__arena_alloc(arena, sizeof *speaker);
    if (r == NULL || speaker == NULL) {
        return lf__fail(err, LF_E_NOMEM, "redaction: out of memory");
    }
    *r = (struct redacting){.exchange = exchange, .txn = txn, .arena = arena, .at = at};
    *speaker = (struct gw_stored){.envelope = *order};
    lf_status rc = px_redaction_decode(arena, order, &r->order, err);
    rc = rc == LF_OK ? gw__target_read(exchange, txn, arena, speaker, &r->stored, &r->target, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    return r->order.mode == PX_REDACTION_ERASE
               ? erase(r, err)
               : restrict_to(r, r->order.mode == PX_REDACTION_RESTRICT, err);
}

lf_status gw__again(void *user, struct st_txn *txn, uint64_t index, lf_error *err)
{
    LF_ARENA arena;
    struct st_stored there;
    struct gw_stored stored;
    struct gw_exchange *exchange = user;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = st_ledger_read(exchange->ledger, txn, index, &there, err);
    if (rc != LF_OK || !gw_stored_is_touched(there.body)) {
        return rc;
    }
    rc = gw_stored_decode(&arena, there.body, &stored, err);
    return rc == LF_OK && gw_stored_is_gone(&stored)
               ? lf__refuse(err, LF_E_PRECONDITION, "ERASED", "header.record_id",
                            "record: was erased on a lawful order; its id is not free again")
               : rc;
}
