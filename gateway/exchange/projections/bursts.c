/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BURSTS: member -> u64be window, u32be taken in it, u64be day, 29 times u32be taken on a day (by the
 * day's number), u64be quarantined. Windows and days follow each other from 1970 on, in Shanghai: who sends a day's work at once, some
 * days early and some late, is not taken for one who sends double.
 */
#include "gateway/exchange/projections/bursts.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

enum {
    BURST_DAYS = 29, /* today and those before */
    BURST_BYTES = 8 + 4 + 8 + 4 * BURST_DAYS + 8,
    HOUR_MS = 3600000,
    DAY_MS = 24 * HOUR_MS,
    SHANGHAI_MS = 8 * HOUR_MS
};

struct burst_row {
    uint64_t window;
    uint32_t taken;
    uint64_t day;
    uint32_t days[BURST_DAYS];
    uint64_t quarantined;
};

static uint64_t number_of(const struct lf__rules *rules, const char *code, uint32_t said,
                          uint64_t otherwise)
{
    return said != 0 ? said : lf__rules_number(rules, "burst", code, otherwise);
}

struct gw_burst_limit gw_burst_limit(const struct lf__rules *rules, const struct px_burst *said)
{
    enum { FLOOR = 1000, MULTIPLE = 10, HOURS = 24, DAYS = 28, HOURS_MAX = 24 * 28 };
    uint64_t hours = number_of(rules, "WINDOW", said->window_hours, HOURS);
    uint64_t days = number_of(rules, "USUAL", said->usual_days, DAYS);
    hours = hours == 0 ? HOURS : hours < HOURS_MAX ? hours : HOURS_MAX;
    return (struct gw_burst_limit){
        .floor = number_of(rules, "FLOOR", said->floor, FLOOR),
        .multiple = number_of(rules, "MULTIPLE", said->multiple, MULTIPLE),
        .window_ms = (int64_t)hours * HOUR_MS,
        .usual_days = days == 0 || days >= BURST_DAYS ? BURST_DAYS - 1 : (unsigned)days};
}

static void row_put(const struct burst_row *row, struct lf__buf *out)
{
    lf__buf_init(out, BURST_BYTES);
    (void)lf__buf_u64be(out, row->window);
    (void)lf__buf_u32be(out, row->taken);
    (void)lf__buf_u64be(out, row->day);
    for (size_t i = 0; i < BURST_DAYS; i++) {
        (void)lf__buf_u32be(out, row->days[i]);
    }
    (void)lf__buf_u64be(out, row->quarantined);
    LF_BUG_IF(out->failed);
}

static lf_status row_read(lf_bytes value, struct burst_row *out, lf_error *err)
{
    struct lf__reader r = {value};
    struct burst_row row;
    bool good = lf__read_u64be(&r, &row.window) && lf__read_u32be(&r, &row.taken) &&
                lf__read_u64be(&r, &row.day);
    for (size_t i = 0; good && i < BURST_DAYS; i++) {
        good = lf__read_u32be(&r, &row.days[i]);
    }
    if (!good || !lf__read_u64be(&r, &row.quarantined) || !lf__read_finished(&r)) {
        return lf__fail(err, LF_E_CORRUPT, "bursts: a row is damaged");
    }
    *out = row;
    return LF_OK;
}

/* Brings the row to the instant: what lies too far back falls out of it. */
static void row_move(struct burst_row *row, const struct gw_burst_limit *limit, int64_t local_ms)
{
    uint64_t window = (uint64_t)(local_ms / limit->window_ms);
    uint64_t day = (uint64_t)(local_ms / DAY_MS);
    if (window != row->window) {
        row->taken = 0;
        row->window = window;
    }
    for (unsigned i = 0; i < BURST_DAYS && row->day < day; i++) {
        row->day++;
        row->days[row->day % BURST_DAYS] = 0;
    }
    row->day = day;
}

/* How many may come in a window: what is usual, times so much, and never less than the floor. */
static uint64_t most_of(const struct burst_row *row, const struct gw_burst_limit *limit)
{
    uint64_t sum = 0;
    LF_BUG_IF(limit->usual_days == 0);
    for (unsigned i = 1; i <= limit->usual_days; i++) {
        sum += row->days[(row->day + BURST_DAYS - i) % BURST_DAYS];
    }
    uint64_t usual = sum * limit->multiple * (uint64_t)(limit->window_ms / HOUR_MS) /
                     ((uint64_t)limit->usual_days * (DAY_MS / HOUR_MS));
    return usual > limit->floor ? usual : limit->floor;
}

lf_status gw_burst_take(struct st_txn *txn, lf_bytes member, const struct gw_burst_limit *limit,
                        int64_t at_ms, bool *is_too_many, lf_error *err)
{
    LF_BUF bytes;
    lf_bytes value;
    struct burst_row row = {.window = 0};
    int64_t local_ms = (at_ms < 0 ? 0 : at_ms) + SHANGHAI_MS;
    lf_status rc = st_get(txn, GW_TABLE_BURSTS, member, &value, err);
    rc = rc == LF_OK ? row_read(value, &row, err) : rc == LF_E_NOT_FOUND ? LF_OK : rc;
    if (rc != LF_OK) {
        return rc;
    }
    row_move(&row, limit, local_ms);
    *is_too_many = row.taken >= most_of(&row, limit);
    if (*is_too_many) {
        row.quarantined++;
    } else {
        row.taken++;
        row.days[row.day % BURST_DAYS]++;
    }
    row_put(&row, &bytes);
    return st_put(txn, GW_TABLE_BURSTS, member, lf__buf_bytes(&bytes), err);
}

lf_status gw_burst_total(struct st_txn *txn, uint64_t *out, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    struct burst_row row;
    uint64_t total = 0;
    lf_status rc = st_cursor_open(txn, GW_TABLE_BURSTS, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err) : rc;
    while (rc == LF_OK) {
        rc = row_read(pair.value, &row, err);
        total += rc == LF_OK ? row.quarantined : 0;
        rc = rc == LF_OK ? st_cursor_next(cursor, &pair, err) : rc;
    }
    st_cursor_close(cursor);
    if (rc == LF_E_NOT_FOUND) {
        *out = total;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}
