/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the ledger, read by whoever decides or derives: an entry by its place, a record by who said it, and what one speaks of. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/words.h"

lf_bytes gw__identity(lf_bytes issuer, lf_bytes record_id, uint8_t out[static 64])
{
    LF_BUG_IF(issuer.len + 1 + record_id.len > 64);
    lf__copy(out, issuer.ptr, issuer.len);
    out[issuer.len] = 0;
    lf__copy(out + issuer.len + 1, record_id.ptr, record_id.len);
    return (lf_bytes){out, issuer.len + 1 + record_id.len};
}

lf_status gw__stored_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          uint64_t index, struct gw_stored *out, lf_error *err)
{
    struct st_stored stored;
    lf_status rc =
        st_ledger_read(exchange->ledger, gw__entries(exchange, txn), index, &stored, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf_bytes kept = lf__arena_copy(arena, stored.body);
    if (kept.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    return gw_stored_decode(arena, kept, out, err);
}

lf_status gw__entry_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         uint64_t index, struct px_envelope *out, lf_error *err)
{
    struct gw_stored stored;
    lf_status rc = gw__stored_read(exchange, txn, arena, index, &stored, err);
    if (rc == LF_OK) {
        *out = stored.envelope;
    }
    return rc;
}

lf_status gw__record_find(struct gw_exchange *exchange, struct st_txn *txn, lf_bytes issuer,
                          lf_bytes record_id, uint64_t *index, lf_error *err)
{
    uint8_t id[64];
    if (issuer.len > 41) {
        return lf__fail(err, LF_E_NOT_FOUND, "record: not known");
    }
    return st_ledger_find(exchange->ledger, gw__entries(exchange, txn),
                          gw__identity(issuer, record_id, id), index, err);
}

bool gw__speaks_of_another(enum px_kind kind)
{
    return px_speaks_of_another(kind);
}

lf_status gw__target_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          const struct gw_stored *speaker, struct gw_stored *about, uint64_t *index,
                          lf_error *err)
{
    struct px_about target;
    if (speaker->has_effect) {
        *index = speaker->target;
        return gw__stored_read(exchange, txn, arena, *index, about, err);
    }
    lf_status rc = px_about_decode(arena, &speaker->envelope, &target, err);
    rc = rc == LF_OK ? gw__record_find(exchange, txn, target.issuer, target.record_id, index, err)
                     : rc;
    return rc == LF_OK ? gw__stored_read(exchange, txn, arena, *index, about, err) : rc;
}
