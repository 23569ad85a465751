/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Campaigns: which stand, and whether an event may belong to one. An outsider gets the answer that it would get for a name
 * that never was.
 */
#include "gateway/exchange/campaigns_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "protos/codec/words.h"

enum { CAMPAIGN_NAME_MAX = 40, CAMPAIGN_KEY_MAX = CAMPAIGN_NAME_MAX + 1 + 8 };

/* The record of a name that counted for an entry: the newest before it. */
struct found {
    uint64_t index;
    bool is_automatic;
};

/* name || 00 || u64be index */
static lf_bytes key_make(lf_bytes name, uint64_t index, uint8_t out[static CAMPAIGN_KEY_MAX])
{
    LF_BUG_IF(name.len > CAMPAIGN_NAME_MAX);
    lf__copy(out, name.ptr, name.len);
    out[name.len] = 0;
    lf__put_u64be(out + name.len + 1, index);
    return (lf_bytes){out, name.len + 1 + 8};
}

static bool row_take(const struct st_pair *pair, lf_bytes name, uint64_t before, struct found *out)
{
    uint64_t index = pair->key.len == name.len + 1 + 8 &&
                             lf__bytes_eq(lf__bytes_slice(pair->key, 0, name.len), name)
                         ? lf__get_u64be(pair->key.ptr + name.len + 1)
                         : UINT64_MAX;
    if (index >= before || pair->value.len != 1) {
        return false;
    }
    *out = (struct found){index, pair->value.ptr[0] != 0};
    return true;
}

/* E_NOT_FOUND when there is none. A campaign has few versions: they are walked through. */
static lf_status find(struct st_txn *txn, lf_bytes name, uint64_t before, struct found *out,
                      lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    uint8_t key[CAMPAIGN_KEY_MAX];
    bool is_found = false;
    lf_status rc = st_cursor_open(txn, GW_TABLE_CAMPAIGNS, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, key_make(name, 0, key), &pair, NULL);
    while (rc == LF_OK && row_take(&pair, name, before, out)) {
        is_found = true;
        rc = st_cursor_next(cursor, &pair, NULL);
    }
    st_cursor_close(cursor);
    if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        return lf__fail(err, rc, "campaigns: cannot be read");
    }
    return is_found ? LF_OK : LF_E_NOT_FOUND;
}

lf_status gw__campaign_apply(struct st_txn *txn, struct lf__arena *arena,
                             const struct px_envelope *envelope, uint64_t index, lf_error *err)
{
    struct px_campaign campaign;
    uint8_t key[CAMPAIGN_KEY_MAX];
    if (envelope->is_not_understood) {
        return LF_OK;
    }
    lf_status rc = px_campaign_decode(arena, envelope, &campaign, err);
    if (rc != LF_OK) {
        return rc;
    }
    uint8_t value[1] = {campaign.is_automatic ? 1 : 0};
    return st_put(txn, GW_TABLE_CAMPAIGNS, key_make(campaign.campaign, index, key),
                  LF_BYTES_ARRAY(value), err);
}

lf_status gw__campaign_is_automatic(struct st_txn *txn, lf_bytes name, uint64_t before, bool *out,
                                    lf_error *err)
{
    struct found found = {.is_automatic = false};
    *out = false;
    if (name.len == 0) {
        return LF_OK;
    }
    lf_status rc = find(txn, name, before, &found, err);
    *out = rc == LF_OK && found.is_automatic;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status unknown(lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "CAMPAIGN_UNKNOWN", "campaign",
                      "campaign: no such campaign for this record");
}

static bool is_among(const lf_bytes *list, size_t count, lf_bytes what)
{
    for (size_t i = 0; i < count; i++) {
        if (lf__bytes_eq(list[i], what)) {
            return true;
        }
    }
    return false;
}

/* The same members, in whatever order. */
static bool same_audience(const struct px_header *a, const struct px_header *b)
{
    bool same = true;
    for (size_t i = 0; i < a->audience_count && same; i++) {
        same = is_among(b->audience, b->audience_count, a->audience[i]);
    }
    for (size_t i = 0; i < b->audience_count && same; i++) {
        same = is_among(a->audience, a->audience_count, b->audience[i]);
    }
    return same;
}

/* All that it is of is what the campaign is about. */
static bool holds_violations(const struct px_list *violations, const struct px_event *event)
{
    bool holds =
        violations->count == 0 || is_among(violations->items, violations->count, event->violation);
    for (size_t i = 0; i < event->more_count && holds && violations->count > 0; i++) {
        holds = is_among(violations->items, violations->count, event->more_violations[i]);
    }
    return holds;
}

static bool fits(const struct px_header *of_campaign, const struct px_campaign *campaign,
                 const struct px_header *header, const struct px_event *event)
{
    bool is_lift = header->version > 1 && lf__event_lifts(event); /* what began in it ends later */
    return event->decided_at.len > 0 && lf__bytes_cmp(campaign->from, event->decided_at) <= 0 &&
           (lf__bytes_cmp(event->decided_at, campaign->until) <= 0 || is_lift) &&
           holds_violations(&campaign->violations, event) &&
           is_among(of_campaign->audience, of_campaign->audience_count, header->issuer) &&
           same_audience(of_campaign, header);
}

lf_status gw__campaign_admit_event(struct gw_exchange *exchange, struct st_txn *txn,
                                   struct lf__arena *arena, const struct px_header *header,
                                   const struct px_event *event, lf_error *err)
{
    struct found found;
    struct px_envelope envelope;
    struct px_campaign campaign;
    if (event->campaign.len == 0) {
        return LF_OK;
    }
    lf_status rc = find(txn, event->campaign, UINT64_MAX, &found, err);
    if (rc == LF_E_NOT_FOUND) {
        return unknown(err);
    }
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, found.index, &envelope, err) : rc;
    rc = rc == LF_OK ? px_campaign_decode(arena, &envelope, &campaign, err) : rc;
    return rc == LF_OK && !fits(&envelope.header, &campaign, header, event) ? unknown(err) : rc;
}

/* Names are one regulator's: another could otherwise take its members' events away. */
lf_status gw__campaign_admit(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct px_envelope *said, lf_error *err)
{
    struct found found;
    struct px_envelope before;
    struct px_campaign campaign;
    if (said->is_not_understood) {
        return LF_OK;
    }
    lf_status rc = px_campaign_decode(arena, said, &campaign, err);
    rc = rc == LF_OK ? find(txn, campaign.campaign, UINT64_MAX, &found, err) : rc;
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK;
    }
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, found.index, &before, err) : rc;
    return rc == LF_OK && !lf__bytes_eq(before.header.issuer, said->header.issuer)
               ? lf__refuse(err, LF_E_REJECTED, "CAMPAIGN_NAME", "campaign",
                            "campaign: another regulator's has this name")
               : rc;
}
