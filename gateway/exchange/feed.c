/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a batch says of a position must not depend on why it is withheld, so neighbours that are withheld are one range,
 * and where a batch ends follows from what is told and from the count of positions alone.
 */
#include "gateway/exchange/feed.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/may_read.h"
#include "protos/codec/feed.h"

/* One range on its way. */
struct reading {
    struct gw_exchange *exchange;
    const struct gw_feed_ask *ask;
    struct st_txn *txn;
    uint64_t size; /* of the signed head: nothing past it exists yet */
    uint64_t at;
    struct lf__buf view; /* of the position looked at; empty when it is withheld */
    bool is_burst;       /* likewise */
    unsigned classes;
    struct st_stored stored;
};

static lf_status reading_begin(struct reading *r, struct lf__buf *note, lf_error *err)
{
    /* The head first: what it covers is then in the transaction. */
    r->size = st_ledger_head(r->exchange->ledger, note).size;
    lf__buf_init(&r->view, PX_MESSAGE_MAX);
    if (r->at > r->size) {
        return lf__refuse(err, LF_E_ARG, "CURSOR_AHEAD", "cursor",
                          "cursor: %llu is past the end of a log of %llu",
                          (unsigned long long)r->at, (unsigned long long)r->size);
    }
    return st_txn_begin(r->exchange->engine, ST_READ, &r->txn, err);
}

static void reading_end(struct reading *r)
{
    st_txn_abort(r->txn);
    lf__buf_done(&r->view);
}

static lf_status kind_of(lf_bytes body, enum px_kind *kind, lf_error *err)
{
    LF_ARENA arena;
    struct gw_stored stored;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    if (!gw_stored_is_touched(body)) {
        *kind = px_envelope_kind(body);
        return LF_OK;
    }
    lf_status rc = gw_stored_decode(&arena, body, &stored, err);
    *kind = rc == LF_OK ? stored.envelope.header.kind : PX_KIND_NONE;
    return rc;
}

static lf_status is_wanted(const struct gw_feed_ask *ask, lf_bytes body, bool *wanted,
                           lf_error *err)
{
    enum px_kind kind = PX_KIND_NONE;
    *wanted = !ask->is_none;
    if (ask->is_none || ask->kinds == 0) {
        return LF_OK;
    }
    lf_status rc = kind_of(body, &kind, err);
    *wanted = rc == LF_OK && (unsigned)kind < PX_KIND_COUNT && (ask->kinds >> kind & 1) != 0;
    return rc;
}

/* Reads the next position into `stored` and `view`. */
static lf_status look(struct reading *r, lf_error *err)
{
    bool wanted = false;
    lf__buf_clear(&r->view);
    lf_status rc = st_ledger_read(r->exchange->ledger, r->txn, r->at, &r->stored, err);
    rc = rc == LF_OK ? is_wanted(r->ask, r->stored.body, &wanted, err) : rc;
    rc = rc == LF_OK && wanted ? gw_entry_view(r->exchange, r->txn, &r->ask->reader, r->stored.body,
                                               r->at, &r->view, &r->classes, err)
                               : rc;
    r->is_burst = false;
    return rc == LF_OK && r->view.len > 0 &&
                   px_envelope_kind(lf__buf_bytes(&r->view)) == PX_KIND_ENFORCEMENT_EVENT
               ? gw_may_read_burst(r->txn, &r->ask->reader, r->at, &r->is_burst, err)
               : rc;
}

lf_status gw_feed_seek(struct gw_exchange *exchange, const struct gw_feed_ask *ask, uint64_t *at,
                       bool *found, lf_error *err)
{
    struct reading r = {.exchange = exchange, .ask = ask, .at = *at};
    lf_status rc = reading_begin(&r, NULL, err);
    uint64_t end = r.size - *at > GW_FEED_POSITIONS_MAX ? *at + GW_FEED_POSITIONS_MAX : r.size;
    bool is_there = false;
    while (rc == LF_OK && !is_there && r.at < end) {
        rc = look(&r, err);
        is_there = rc == LF_OK && r.view.len > 0;
        r.at += is_there ? 0 : 1;
    }
    reading_end(&r);
    if (rc == LF_OK) {
        *at = r.at;
        *found = is_there;
    }
    return rc;
}

/* The hashes since the last entry that was told become one range. */
static void skipped_flush(const struct reading *r, struct lf__buf *hashes, struct lf__buf *out)
{
    struct px_skipped range = {r->at - hashes->len / LF_HASH_BYTES, lf__buf_bytes(hashes)};
    if (hashes->len > 0) {
        (void)px_feed_skipped_encode(&range, out);
        lf__buf_clear(hashes);
    }
}

static void position_put(struct reading *r, struct gw_feed_page *page, struct lf__buf *hashes,
                         struct lf__buf *out)
{
    if (r->view.len == 0) {
        struct lf__hash leaf = lf__merkle_leaf(r->stored.leaf);
        (void)lf__buf_append(hashes, lf__hash_bytes(&leaf));
        return;
    }
    struct px_entry entry = {.index = r->at,
                             .leaf = r->stored.leaf,
                             .envelope = lf__buf_bytes(&r->view),
                             .is_burst = r->is_burst};
    skipped_flush(r, hashes, out);
    (void)px_feed_entry_encode(&entry, out);
    page->told++;
    page->told_until = r->at + 1;
}

static lf_status positions_put(struct reading *r, struct gw_feed_page *page, struct lf__buf *out,
                               lf_error *err)
{
    const struct gw_feed_ask *ask = r->ask;
    size_t begin = out->len;
    LF_BUF hashes;
    lf_status rc = LF_OK;
    lf__buf_init(&hashes, (size_t)GW_FEED_POSITIONS_MAX * LF_HASH_BYTES);
    while (rc == LF_OK && r->at < r->size && !page->is_cut) {
        rc = look(r, err);
        if (rc == LF_OK) {
            position_put(r, page, &hashes, out);
            r->at++;
        }
        page->is_cut = page->told >= ask->max_entries || out->len - begin >= ask->max_bytes ||
                       r->at - ask->cursor >= GW_FEED_POSITIONS_MAX;
    }
    skipped_flush(r, &hashes, out);
    return rc == LF_OK ? lf__buf_status(&hashes, err) : rc;
}

lf_status gw_feed_read(struct gw_exchange *exchange, const struct gw_feed_ask *ask,
                       struct lf__buf *out, struct gw_feed_page *page, lf_error *err)
{
    LF_BUF note;
    struct gw_feed_page told = {.next = 0};
    struct reading r = {.exchange = exchange, .ask = ask, .at = ask->cursor};
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf_status rc = reading_begin(&r, &note, err);
    rc = rc == LF_OK ? positions_put(&r, &told, out, err) : rc;
    told.is_cut = told.is_cut && r.at < r.size;
    told.next = r.at;
    told.classes = r.classes;
    told.size = r.size;
    reading_end(&r);
    if (rc == LF_OK) {
        struct px_feed_batch batch = {.cursor = ask->cursor,
                                      .next_cursor = told.next,
                                      .checkpoint = lf__buf_bytes(&note),
                                      .is_heartbeat = told.next == ask->cursor};
        (void)px_feed_batch_end(&batch, out);
        rc = lf__buf_status(out, err);
    }
    if (rc == LF_OK) {
        *page = told;
    }
    return rc;
}
