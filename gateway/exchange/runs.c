/* SPDX-License-Identifier: Apache-2.0 */
/* A relay of a run speaks of all that one member had quarantined at once, and of nothing that others may not see with it. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"

/* Whether the event at `index` is for the same members as the target. */
static lf_status is_alike(const struct gw_run *run, uint64_t index, bool has_audience, bool *out,
                          lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    bool has_too = run->target->audience_count > 0;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    *out = !has_too && !has_audience;
    if (!has_too || !has_audience) {
        return LF_OK;
    }
    lf_status rc = gw__entry_read(run->exchange, run->txn, &arena, index, &envelope, err);
    *out = rc == LF_OK && lf__audiences_agree(run->target, &envelope.header);
    return rc;
}

static lf_status one_visit(const struct gw_run *run, uint64_t index, lf_error *err)
{
    struct gw_known known;
    bool does = false;
    lf_status rc = gw_known_get(run->txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    if (!known.is_burst || !lf__bytes_eq(known.issuer, run->target->issuer)) {
        return LF_OK;
    }
    rc = is_alike(run, index, known.has_audience, &does, err);
    rc = rc == LF_OK ? gw_known_get(run->txn, index, &known, err) : rc;
    return rc == LF_OK && does ? run->each(run->user, &known, err) : rc;
}

lf_status gw__run_each(const struct gw_run *run, uint64_t first, uint64_t last, lf_error *err)
{
    lf_status rc = LF_OK;
    uint64_t most = last - first < LF__RUN_MAX ? last : first + LF__RUN_MAX - 1;
    for (uint64_t i = first; rc == LF_OK && last >= first && i <= most; i++) {
        rc = one_visit(run, i, err);
    }
    return rc;
}

lf_status gw__run_admit(const struct px_target *relay, const struct px_header *header,
                        const struct px_header *target, uint64_t index, lf_error *err)
{
    bool is_run = relay->first_index == index && relay->last_index >= index &&
                  relay->last_index - index < LF__RUN_MAX;
    if (relay->first_index == 0 && relay->last_index == 0) {
        return LF_OK;
    }
    if (!is_run) {
        return lf__refuse(err, LF_E_REJECTED, "RUN_INVALID", "last_index",
                          "relay: a run begins with its target, and is of at most %d positions",
                          (int)LF__RUN_MAX);
    }
    return lf__audiences_agree(header, target)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "RUN_INVALID", "header.audience",
                            "relay: of a run is for whom its target is");
}
