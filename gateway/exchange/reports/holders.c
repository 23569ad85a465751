/* SPDX-License-Identifier: Apache-2.0 */
/* Members that may have been told of a record, and what they signed themselves about what they received: their Acknowledgements. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tasks_internal.h"

enum { ACKS_MAX = 1 << 20 };

/* ---- members ---- */

static lf_status holder_add(void *user, const struct gw_member *member, lf_error *err)
{
    struct gw_holders *h = user;
    lf_bytes id = lf__bytes_str(member->id);
    struct gw_holder *one = &h->list[h->count];
    if (h->count == GW_MEMBERS_MAX || (h->only.len > 0 && !lf__bytes_eq(h->only, id))) {
        return LF_OK;
    }
    bool has_left = member->status == PX_MEMBER_RETIRED;
    *one = (struct gw_holder){.role = member->role,
                              .level = member->level,
                              .left = has_left ? member->since_index : UINT64_MAX};
    (void)lf__copy_str(one->id, sizeof one->id, id);
    lf_status rc = gw__enrolled_at(h->report->txn, id, &one->enrolled, err);
    if (rc == LF_OK) {
        lf__buf_init(&one->acks, ACKS_MAX * sizeof(struct gw_ack));
        h->count++;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc; /* enrolled after this transaction began */
}

static lf_status members_read(struct gw_holders *h, lf_error *err)
{
    h->list = lf__arena_array(h->report->arena, GW_MEMBERS_MAX, sizeof *h->list);
    return h->list == NULL
               ? lf__fail(err, LF_E_NOMEM, "report: out of memory")
               : gw_roster_each(h->report->exchange->roster, PX_ROLE_NONE, holder_add, h, err);
}

static struct gw_holder *holder_of(struct gw_holders *h, lf_bytes member)
{
    for (size_t i = 0; i < h->count; i++) {
        if (lf__bytes_eq_str(member, h->list[i].id)) {
            return &h->list[i];
        }
    }
    return NULL;
}

/* ---- what they have said that they received ---- */

static const struct gw_ack *acks_of(const struct gw_holder *holder, size_t *count)
{
    *count = holder->acks.len / sizeof(struct gw_ack);
    return (const void *)holder->acks.ptr;
}

static lf_status on_ack(void *user, const struct gw_said *said, lf_error *err)
{
    struct gw_holders *h = user;
    struct px_ack ack;
    size_t count = 0;
    struct gw_holder *holder = holder_of(h, said->stored->envelope.header.issuer);
    if (holder == NULL || said->at_ms > h->report->ask->as_of_ms) {
        return LF_OK;
    }
    lf_status rc = px_ack_decode(said->arena, &said->stored->envelope, &ack, err);
    const struct gw_ack *list = acks_of(holder, &count);
    if (rc != LF_OK || (count > 0 && list[count - 1].cursor >= ack.cursor)) {
        return rc;
    }
    struct gw_ack one = {ack.cursor, said->index, said->at_ms};
    (void)lf__buf_append(&holder->acks, (lf_bytes){(const uint8_t *)&one, sizeof one});
    return lf__buf_status(&holder->acks, err);
}

const struct gw_ack *gw__ack_of(const struct gw_holder *holder, uint64_t index)
{
    size_t high = 0;
    size_t low = 0;
    const struct gw_ack *list = acks_of(holder, &high);
    size_t count = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_past = list[middle].cursor > index;
        low = is_past ? low : middle + 1;
        high = is_past ? middle : high;
    }
    return low < count ? &list[low] : NULL;
}

lf_status gw__holders_read(struct gw_report *report, lf_bytes only, struct gw_holders *out,
                           lf_error *err)
{
    *out = (struct gw_holders){.report = report, .only = only};
    lf_status rc = members_read(out, err);
    return rc == LF_OK ? gw__said_each(report, LF_BIT(PX_KIND_ACKNOWLEDGEMENT), on_ack, out, err)
                       : rc;
}

void gw__holders_done(struct gw_holders *holders)
{
    for (size_t i = 0; i < holders->count; i++) {
        lf__buf_done(&holders->list[i].acks);
    }
}
