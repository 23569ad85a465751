/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry changes of the links between subjects. Only the newest version of an identity leads anywhere, only while
 * it stands uncorrected, and only with the tokens that nobody ordered to erase.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/status.h"
#include "gateway/exchange/projections/links.h"

/* Of what is none, is not understood or has no words left: no keys. */
static lf_status keys_of(struct lf__arena *arena, const struct gw_stored *stored,
                         struct gw_link_keys *out, lf_error *err)
{
    *out = (struct gw_link_keys){.has = {false}};
    if (stored->envelope.header.kind != PX_KIND_MERCHANT_IDENTITY ||
        stored->envelope.is_not_understood || gw_stored_is_forgotten(stored)) {
        return LF_OK;
    }
    struct px_identity *identity = lf__arena_alloc(arena, sizeof *identity);
    lf_status rc = identity == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory")
                                    : px_identity_decode(arena, &stored->envelope, identity, err);
    if (rc == LF_OK) {
        *out = gw_link_keys_of(identity);
    }
    return rc;
}

lf_status gw__links_forget(struct st_txn *txn, struct lf__arena *arena,
                           const struct gw_stored *stored, uint64_t index, lf_error *err)
{
    struct gw_link_keys keys;
    lf_status rc = keys_of(arena, stored, &keys, err);
    return rc == LF_OK ? gw_links_remove(txn, &keys, index, err) : rc;
}

static lf_status before_forget(struct gw_exchange *exchange, struct st_txn *txn,
                               const struct px_header *header, lf_error *err)
{
    uint8_t id[64];
    uint64_t index = 0;
    struct lf__arena *arena = &exchange->applying;
    struct gw_stored *before = lf__arena_alloc(arena, sizeof *before);
    if (before == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    lf_status rc =
        header->version == 1
            ? LF_E_NOT_FOUND
            : st_ledger_find(exchange->ledger, gw__entries(exchange, txn),
                             gw__identity(header->issuer, header->predecessor, id), &index, err);
    rc = rc == LF_OK ? gw__stored_read(exchange, txn, arena, index, before, err) : rc;
    return rc == LF_OK            ? gw__links_forget(txn, arena, before, index, err)
           : rc == LF_E_NOT_FOUND ? LF_OK
                                  : rc;
}

lf_status gw__apply_identity(struct gw_exchange *exchange, struct st_txn *txn,
                             const struct gw_submission *s, uint64_t index, lf_error *err)
{
    struct gw_stored *stored = lf__arena_alloc(&exchange->applying, sizeof *stored);
    if (stored == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    *stored = s->remains != NULL ? *s->remains : (struct gw_stored){.envelope = s->decoded};
    bool is_not_understood = stored->has_effect ? (stored->decision & GW_EFFECT_NOT_UNDERSTOOD) != 0
                                                : stored->envelope.is_not_understood;
    if (is_not_understood) {
        return LF_OK; /* as if it had not come */
    }
    struct gw_link_keys keys;
    lf_status rc = keys_of(&exchange->applying, stored, &keys, err);
    rc = rc == LF_OK ? before_forget(exchange, txn, &s->decoded.header, err) : rc;
    return rc == LF_OK ? gw_links_put(txn, &keys, index, err) : rc;
}
