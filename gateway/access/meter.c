/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 户次: every subject asked counts one, by member, purpose and Shanghai day. Operational state, but
 * written in the transaction of the entry, so that it can be neither late nor wrong.
 * Key: u32be day || member || 00 || purpose; value: u64be. The purpose "" holds the member's sum.
 */
#include "gateway/access/access_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/reader.h"
#include "base/status.h"

#include <string.h>

enum { METER_DAY_MS = 86400000, METER_SHANGHAI_MS = 8 * 3600000, METER_KEY_MAX = 128 };

uint32_t gw__meter_day(int64_t at_ms)
{
    return (uint32_t)((at_ms + METER_SHANGHAI_MS) / METER_DAY_MS);
}

static lf_bytes key_make(struct lf__buf *out, uint32_t day, lf_bytes member, lf_bytes purpose)
{
    lf__buf_init(out, METER_KEY_MAX);
    (void)lf__buf_u32be(out, day);
    (void)lf__buf_append(out, member);
    (void)lf__buf_u8(out, 0);
    (void)lf__buf_append(out, purpose);
    return lf__buf_bytes(out);
}

static lf_status count_read(const struct gw_access *access, struct st_txn *txn, lf_bytes key,
                            uint64_t *out, lf_error *err)
{
    lf_bytes value;
    lf_status rc = st_get(txn, access->meter_table, key, &value, err);
    if (rc == LF_OK && value.len != 8) {
        return lf__fail(err, LF_E_CORRUPT, "meter: a count is damaged");
    }
    *out = rc == LF_OK ? lf__get_u64be(value.ptr) : 0;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status count_add(const struct gw_access *access, struct st_txn *txn, lf_bytes key,
                           uint64_t more, lf_error *err)
{
    uint64_t count = 0;
    uint8_t value[8];
    lf_status rc = count_read(access, txn, key, &count, err);
    lf__put_u64be(value, count + more);
    return rc == LF_OK ? st_put(txn, access->meter_table, key, LF_BYTES_ARRAY(value), err) : rc;
}

static lf_status sum_write(const struct gw_access *access, struct st_txn *txn,
                           const struct gw_meter_sum *s, lf_error *err)
{
    LF_BUF sum;
    LF_BUF part;
    lf_bytes member = lf__bytes_str(s->member);
    lf_bytes all = key_make(&sum, s->day, member, LF_BYTES_NONE);
    lf_bytes one = key_make(&part, s->day, member, lf__bytes_str(s->purpose));
    LF_BUG_IF(sum.failed || part.failed);
    lf_status rc = count_add(access, txn, all, s->subjects, err);
    return rc == LF_OK && s->purpose[0] != '\0' ? count_add(access, txn, one, s->subjects, err)
                                                : rc;
}

lf_status gw__meter_settle(struct gw_access *access, struct st_txn *txn, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < access->sum_count; i++) {
        rc = sum_write(access, txn, &access->sums[i], err);
    }
    access->sum_count = 0;
    return rc;
}

static bool sum_is_of(const struct gw_meter_sum *s, const struct gw_access_note *note, uint32_t day)
{
    return s->day == day && strcmp(s->member, note->member) == 0 &&
           strcmp(s->purpose, note->purpose) == 0;
}

lf_status gw__meter_add(struct gw_access *access, struct st_txn *txn,
                        const struct gw_access_note *note, int64_t at_ms, lf_error *err)
{
    uint32_t day = gw__meter_day(at_ms);
    size_t i = 0;
    if (note->subjects == 0) {
        return LF_OK;
    }
    while (i < access->sum_count && !sum_is_of(&access->sums[i], note, day)) {
        i++;
    }
    lf_status rc = i == GW_METER_SUMS ? gw__meter_settle(access, txn, err) : LF_OK;
    i = i == GW_METER_SUMS ? 0 : i;
    struct gw_meter_sum *s = &access->sums[i];
    if (i == access->sum_count) {
        *s = (struct gw_meter_sum){.day = day};
        (void)lf__copy_str(s->member, sizeof s->member, lf__bytes_str(note->member));
        (void)lf__copy_str(s->purpose, sizeof s->purpose, lf__bytes_str(note->purpose));
        access->sum_count++;
    }
    s->subjects += note->subjects;
    return rc;
}

lf_status gw_access_meter(struct gw_access *access, lf_bytes member, lf_bytes purpose,
                          int64_t at_ms, uint64_t *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF key;
    lf_bytes bytes = key_make(&key, gw__meter_day(at_ms), member, purpose);
    lf_status rc = lf__buf_status(&key, err);
    rc = rc == LF_OK ? st_txn_begin(access->engine, ST_READ, &txn, err) : rc;
    return rc == LF_OK ? count_read(access, txn, bytes, out, err) : rc;
}

static bool row_read(const struct st_pair *pair, struct gw_access_count *out)
{
    struct lf__reader r = {pair->key};
    uint32_t day = 0;
    if (pair->value.len != 8 || !lf__read_u32be(&r, &day)) {
        return false;
    }
    const uint8_t *end = memchr(r.rest.ptr, 0, r.rest.len);
    size_t len = end == NULL ? 0 : (size_t)(end - r.rest.ptr);
    lf__date_shanghai((int64_t)day * METER_DAY_MS - METER_SHANGHAI_MS, out->day);
    out->subjects = lf__get_u64be(pair->value.ptr);
    return end != NULL &&
           lf__copy_str(out->member, sizeof out->member, lf__bytes_slice(r.rest, 0, len)) &&
           lf__copy_str(out->purpose, sizeof out->purpose,
                        lf__bytes_slice(r.rest, len + 1, r.rest.len));
}

static lf_status rows_each(struct st_cursor *cursor,
                           void (*each)(void *user, const struct gw_access_count *count),
                           void *user, lf_error *err)
{
    struct st_pair pair;
    struct gw_access_count count;
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err);
    while (rc == LF_OK) {
        if (!row_read(&pair, &count)) {
            return lf__fail(err, LF_E_CORRUPT, "meter: a count is damaged");
        }
        each(user, &count);
        rc = st_cursor_next(cursor, &pair, err);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_access_meter_each(struct st_engine *engine, unsigned meter_table,
                               void (*each)(void *user, const struct gw_access_count *count),
                               void *user, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_cursor *cursor = NULL;
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_cursor_open(txn, meter_table, &cursor, err) : rc;
    rc = rc == LF_OK ? rows_each(cursor, each, user, err) : rc;
    st_cursor_close(cursor);
    return rc;
}
