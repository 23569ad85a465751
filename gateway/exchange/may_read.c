/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange/may_read.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"

/* A redaction of a correction of an event is as deep as it gets. */
enum { MAY_READ_DEPTH_MAX = 4 };

unsigned gw_may_read(const struct gw_policy *policy, const struct gw_reader *reader,
                     const struct px_header *header, bool is_held)
{
    bool is_own = lf__bytes_eq(header->issuer, reader->member);
    if (is_held && !is_own && reader->role != PX_ROLE_REGULATOR) {
        return 0;
    }
    return gw_policy_classes(policy, reader, header);
}

static lf_status is_held(struct st_txn *txn, const struct gw_reader *reader,
                         const struct px_header *header, uint64_t index, bool *held, lf_error *err)
{
    struct gw_known known;
    *held = false;
    if (header->kind != PX_KIND_ENFORCEMENT_EVENT || reader->role == PX_ROLE_REGULATOR) {
        return LF_OK;
    }
    lf_status rc = gw_known_get(txn, index, &known, err);
    *held = rc == LF_OK && known.is_held;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

/* Who asks, and what the answer is read from: the same for a record and all that it speaks of. */
struct entry_ask {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena *arena;
    const struct gw_reader *reader;
};

static lf_status entry_classes(const struct entry_ask *ask, const struct px_envelope *envelope,
                               uint64_t index, unsigned depth, unsigned *classes, lf_error *err)
{
    unsigned all = LF_BIT(PX_CLASS_PUBLIC) | LF_BIT(PX_CLASS_MEMBERS) | LF_BIT(PX_CLASS_REGULATOR);
    struct px_envelope about;
    uint64_t about_index = 0;
    unsigned about_classes = 0;
    bool held = false;
    lf_status rc = is_held(ask->txn, ask->reader, &envelope->header, index, &held, err);
    unsigned own = gw_may_read(ask->exchange->policy, ask->reader, &envelope->header, held);
    *classes = own;
    if (rc != LF_OK || !gw__speaks_of_another(envelope->header.kind) ||
        lf__bytes_eq(envelope->header.issuer, ask->reader->member)) {
        return rc;
    }
    rc = depth == 0 ? LF_E_NOT_FOUND
                    : gw__target_read(ask->exchange, ask->txn, ask->arena, envelope, &about,
                                      &about_index, err);
    rc = rc == LF_OK ? entry_classes(ask, &about, about_index, depth - 1, &about_classes, err) : rc;
    if (rc == LF_OK && lf__bytes_eq(about.header.issuer, ask->reader->member)) {
        *classes = own | all;
    } else if (about_classes == 0) {
        *classes = 0;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_may_read_entry(struct gw_exchange *exchange, struct st_txn *txn,
                            const struct gw_reader *reader, const struct px_envelope *envelope,
                            uint64_t index, unsigned *classes, lf_error *err)
{
    LF_ARENA arena;
    unsigned found = 0;
    struct entry_ask ask = {exchange, txn, &arena, reader};
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = entry_classes(&ask, envelope, index, MAY_READ_DEPTH_MAX, &found, err);
    if (rc == LF_OK) {
        *classes = found;
    }
    return rc;
}

lf_status gw_entry_view(struct gw_exchange *exchange, struct st_txn *txn,
                        const struct gw_reader *reader, lf_bytes body, uint64_t index,
                        struct lf__buf *out, unsigned *told, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    unsigned classes = 0;
    size_t kept = 0;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = px_envelope_decode(&arena, body, &envelope, err);
    rc = rc == LF_OK ? gw_may_read_entry(exchange, txn, reader, &envelope, index, &classes, err)
                     : rc;
    for (size_t i = 0; rc == LF_OK && i < envelope.part_count; i++) {
        if ((classes & LF_BIT((unsigned)envelope.parts[i].part_class)) != 0) {
            *told |= LF_BIT((unsigned)envelope.parts[i].part_class);
            envelope.parts[kept++] = envelope.parts[i];
        }
    }
    envelope.part_count = kept;
    if (rc == LF_OK && kept > 0) {
        (void)px_envelope_encode(&envelope, out);
        rc = lf__buf_status(out, err);
    }
    return rc;
}
