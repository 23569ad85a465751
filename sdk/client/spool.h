/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/spool.h - batches of records on disk until they are answered: append-only segments of frames
 * with checksums.
 *
 *   head    u8 type || u64be sequence || u32be length || first 4 bytes of SHA-256 of these 13
 *   frame   head || payload || first 16 bytes of SHA-256 of head and payload
 *   type    'B' a batch, synced before it counts; 'D' that the batch of this sequence was answered
 *
 * An incomplete last frame was never promised to anybody and is cut off; any other damage is an error.
 * Threads: any.
 */
#ifndef LF__SPOOL_H
#define LF__SPOOL_H

#include "base/buf.h"

#include <stdbool.h>

enum { SPOOL_PAYLOAD_MAX = 4 << 20, SPOOL_SEGMENT_BYTES = 8 << 20 };

struct lf__spool;

/* Makes the directory when missing, takes its lock, reads what is there. E_PRECONDITION when it is
 * locked, E_CORRUPT, E_IO, E_NOMEM. Owned: lf__spool_close(). */
lf_status lf__spool_open(const char *dir, struct lf__spool **out, lf_error *err);
void lf__spool_close(struct lf__spool *spool); /* removes an empty spool; NULL allowed */

/* Durable when it returns OK. E_IO, E_FULL; then nothing was added. */
lf_status lf__spool_append(struct lf__spool *spool, lf_bytes payload, lf_error *err);
/* The first batch after `after` that is not answered; false when there is none. Sequences start at 1. */
bool lf__spool_next(struct lf__spool *spool, uint64_t after, uint64_t *sequence);
/* Appends the payload. E_CORRUPT, E_IO, E_NOT_FOUND. */
lf_status lf__spool_read(struct lf__spool *spool, uint64_t sequence, struct lf__buf *out,
                         lf_error *err);
/* Forgets a batch and trims what holds no other. A failure means that it may come again. */
lf_status lf__spool_answered(struct lf__spool *spool, uint64_t sequence, lf_error *err);
/* The last sequence that was there when the spool was opened. */
uint64_t lf__spool_inherited(const struct lf__spool *spool);

#endif
