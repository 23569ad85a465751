/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/buf.h - owned, growing bytes with a limit fixed at the start.
 *
 * Threads: one at a time. A failed append leaves the buffer unchanged and makes it
 * `failed`, so a writer may append many things and check lf__buf_ok() once.
 */
#ifndef LF__BUF_H
#define LF__BUF_H

#include <lianfang/base.h>
#include <stdbool.h>

struct lf__buf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
    bool is_out_of_memory; /* why it failed: else over `max` */
};

void lf__buf_init(struct lf__buf *buf, size_t max);
void lf__buf_done(struct lf__buf *buf); /* frees; may be called twice */
#define LF_BUF __attribute__((cleanup(lf__buf_done))) struct lf__buf

void lf__buf_clear(struct lf__buf *buf); /* empties and forgets a failure, keeps the memory */
bool lf__buf_append(struct lf__buf *buf, lf_bytes bytes);
bool lf__buf_str(struct lf__buf *buf, const char *text);
bool lf__buf_printf(struct lf__buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool lf__buf_u8(struct lf__buf *buf, uint8_t v);
bool lf__buf_u16be(struct lf__buf *buf, uint16_t v);
bool lf__buf_u32be(struct lf__buf *buf, uint32_t v);
bool lf__buf_u64be(struct lf__buf *buf, uint64_t v);
/* `len` writable bytes at the end, counted at once; NULL on failure. Borrowed until the next append. */
uint8_t *lf__buf_extend(struct lf__buf *buf, size_t len);
/* OK, or E_TOO_BIG / E_NOMEM for the first append that failed. */
lf_status lf__buf_status(const struct lf__buf *buf, lf_error *err);
/* Borrowed until the next append or done. */
lf_bytes lf__buf_bytes(const struct lf__buf *buf);

#endif
