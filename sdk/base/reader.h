/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/reader.h - a cursor over borrowed bytes. Threads: one at a time.
 * Each read returns false and does not move when too few bytes are left.
 */
#ifndef LF__READER_H
#define LF__READER_H

#include <lianfang/base.h>
#include <stdbool.h>

struct lf__reader {
    lf_bytes rest;
};

static inline bool lf__read_u8(struct lf__reader *r, uint8_t *out)
{
    if (r->rest.len == 0) {
        return false;
    }
    *out = r->rest.ptr[0];
    r->rest = (lf_bytes){r->rest.ptr + 1, r->rest.len - 1};
    return true;
}
bool lf__read_u16be(struct lf__reader *r, uint16_t *out);
bool lf__read_u32be(struct lf__reader *r, uint32_t *out);
bool lf__read_u64be(struct lf__reader *r, uint64_t *out);
bool lf__read_bytes(struct lf__reader *r, size_t len, lf_bytes *out); /* borrowed as the input is */
bool lf__read_copy(struct lf__reader *r, size_t len, uint8_t *out);
/* One line without its LF; false when no LF is left. */
bool lf__read_line(struct lf__reader *r, lf_bytes *out);
bool lf__read_finished(const struct lf__reader *r);

#endif
