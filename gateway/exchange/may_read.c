/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange/may_read.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"

/* An answer to a redaction of an answer to a correction of an event is as deep as it gets. */
enum { MAY_READ_DEPTH_MAX = 6 };

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

/* Erased or restricted: for nobody, not even for its issuer. */
static lf_status is_hidden(struct st_txn *txn, const struct gw_stored *stored, uint64_t index,
                           bool *hidden, lf_error *err)
{
    *hidden = true;
    return gw_stored_is_gone(stored) ? LF_OK : gw__is_restricted(txn, index, hidden, err);
}

struct reading {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena *arena;
    const struct gw_reader *reader;
};

static lf_status entry_classes(const struct reading *r, const struct gw_stored *stored,
                               uint64_t index, unsigned depth, unsigned *classes, lf_error *err);

/* A relay of a run is told of as long as any of the run is there. */
struct run_reading {
    const struct reading *r;
    const struct px_header *target;
    unsigned classes;
};

static lf_status run_look(void *user, const struct gw_known *known, lf_error *err)
{
    struct run_reading *run = user;
    (void)err;
    if (run->classes == 0 && known->state != LF__STATE_ERASED && !known->is_restricted) {
        run->classes =
            gw_may_read(run->r->exchange->policy, run->r->reader, run->target, known->is_held);
    }
    return LF_OK;
}

static lf_status run_classes(const struct reading *r, const struct gw_stored *speaker,
                             const struct gw_stored *about, uint64_t first, unsigned *classes,
                             lf_error *err)
{
    struct px_target said = {.last_index = (uint64_t)speaker->until_ms};
    struct run_reading reading = {.r = r, .target = &about->envelope.header};
    struct gw_run run = {r->exchange, r->txn, reading.target, run_look, &reading};
    lf_status rc =
        speaker->has_effect ? LF_OK : px_target_decode(r->arena, &speaker->envelope, &said, err);
    if (rc == LF_OK && said.last_index != 0) {
        rc = gw__run_each(&run, first, said.last_index, err);
    }
    *classes = reading.classes;
    return rc;
}

/* What may be seen of the record that this one speaks of. An order to hide it tells of it once more. */
static lf_status about_classes(const struct reading *r, const struct gw_stored *speaker,
                               unsigned depth, unsigned *classes, bool *is_own, lf_error *err)
{
    uint64_t index = 0;
    bool hidden = false;
    struct gw_stored *about = lf__arena_alloc(r->arena, sizeof *about);
    if (about == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    lf_status rc =
        depth == 0 ? LF_E_NOT_FOUND
                   : gw__target_read(r->exchange, r->txn, r->arena, speaker, about, &index, err);
    rc = rc == LF_OK ? entry_classes(r, about, index, depth - 1, classes, err) : rc;
    if (rc == LF_OK && speaker->envelope.header.kind != PX_KIND_REDACTION) {
        rc = is_hidden(r->txn, about, index, &hidden, err);
    }
    if (rc == LF_OK && hidden && depth > 0 && speaker->envelope.header.kind == PX_KIND_RELAY) {
        *is_own = false;
        return run_classes(r, speaker, about, index, classes, err);
    }
    *classes = rc == LF_OK && !hidden ? *classes : 0;
    *is_own = rc == LF_OK && lf__bytes_eq(about->envelope.header.issuer, r->reader->member);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status entry_classes(const struct reading *r, const struct gw_stored *stored,
                               uint64_t index, unsigned depth, unsigned *classes, lf_error *err)
{
    unsigned all = LF_BIT(PX_CLASS_PUBLIC) | LF_BIT(PX_CLASS_MEMBERS) | LF_BIT(PX_CLASS_REGULATOR);
    const struct px_header *header = &stored->envelope.header;
    unsigned seen = 0;
    bool held = false;
    bool is_own = false;
    lf_status rc = is_held(r->txn, r->reader, header, index, &held, err);
    unsigned own = gw_may_read(r->exchange->policy, r->reader, header, held);
    *classes = own;
    if (rc != LF_OK || !gw__speaks_of_another(header->kind) ||
        lf__bytes_eq(header->issuer, r->reader->member)) {
        return rc;
    }
    rc = about_classes(r, stored, depth, &seen, &is_own, err);
    *classes = is_own ? own | all : seen == 0 ? 0 : own;
    return rc;
}

lf_status gw_may_have_read(struct gw_exchange *exchange, struct st_txn *txn,
                           const struct gw_reader *reader, const struct gw_stored *stored,
                           uint64_t index, unsigned *classes, lf_error *err)
{
    LF_ARENA arena;
    unsigned found = 0;
    lf__arena_init(&arena, MAY_READ_DEPTH_MAX * EXCHANGE_ARENA_MAX / 2);
    struct reading r = {exchange, txn, &arena, reader};
    lf_status rc = entry_classes(&r, stored, index, MAY_READ_DEPTH_MAX, &found, err);
    if (rc == LF_OK) {
        *classes = found;
    }
    return rc;
}

lf_status gw_may_read_entry(struct gw_exchange *exchange, struct st_txn *txn,
                            const struct gw_reader *reader, const struct gw_stored *stored,
                            uint64_t index, unsigned *classes, lf_error *err)
{
    bool hidden = false;
    lf_status rc = is_hidden(txn, stored, index, &hidden, err);
    if (rc == LF_OK && hidden) {
        *classes = 0;
    }
    return rc == LF_OK && !hidden
               ? gw_may_have_read(exchange, txn, reader, stored, index, classes, err)
               : rc;
}

/* Some are named: then the record itself is asked who. */
static unsigned audience_classes(struct gw_exchange *exchange, struct st_txn *txn,
                                 const struct gw_reader *reader, const struct gw_known *known)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    return gw__entry_read(exchange, txn, &arena, known->index, &envelope, NULL) == LF_OK
               ? gw_may_read(exchange->policy, reader, &envelope.header, known->is_held)
               : 0;
}

bool gw_may_read_known(struct gw_exchange *exchange, struct st_txn *txn,
                       const struct gw_reader *reader, const struct gw_known *known)
{
    struct px_header header = {.issuer = known->issuer, .kind = known->kind};
    if (known->state == LF__STATE_ERASED || known->is_restricted) {
        return false;
    }
    unsigned classes = known->has_audience
                           ? audience_classes(exchange, txn, reader, known)
                           : gw_may_read(exchange->policy, reader, &header, known->is_held);
    return (classes & LF_BIT(PX_CLASS_MEMBERS)) != 0;
}

lf_status gw_may_read_burst(struct st_txn *txn, const struct gw_reader *reader, uint64_t index,
                            bool *out, lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(txn, index, &known, err);
    *out = rc == LF_OK && known.is_burst &&
           (reader->role == PX_ROLE_REGULATOR || lf__bytes_eq(known.issuer, reader->member));
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_entry_view(struct gw_exchange *exchange, struct st_txn *txn,
                        const struct gw_reader *reader, lf_bytes body, uint64_t index,
                        struct lf__buf *out, unsigned *told, lf_error *err)
{
    LF_ARENA arena;
    struct gw_stored stored;
    unsigned classes = 0;
    size_t kept = 0;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = gw_stored_decode(&arena, body, &stored, err);
    rc = rc == LF_OK ? gw_may_read_entry(exchange, txn, reader, &stored, index, &classes, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct px_envelope envelope = stored.envelope;
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
