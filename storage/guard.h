/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/guard.h - reading a store that may be damaged, in a child process.
 *
 * The engine trusts its pages: a damaged one can crash it or send it round in circles. A child that
 * dies or makes no progress is then an answer too. Call before any store is open in this process.
 */
#ifndef ST_GUARD_H
#define ST_GUARD_H

#include <lianfang/base.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Seen by both processes. The child writes, the parent reads, also after the child's death. */
struct st_guard {
    _Atomic uint64_t ticks; /* moves while there is progress */
    _Atomic uint64_t done;  /* entries */
    _Atomic uint64_t size;
    _Atomic uint64_t damages;
    uint8_t root[32];
};

enum st_guard_how { ST_GUARD_ENDED, ST_GUARD_CRASHED, ST_GUARD_STALLED };

struct st_guard_end {
    enum st_guard_how how;
    int code;              /* what `work` returned, 0 to 127, or the signal that ended it */
    struct st_guard guard; /* as the child left it */
};

/* Runs `work` in a child; stalled means no tick for `patience_ms`. E_NOMEM when there is no child. */
LF_MUST_USE lf_status st_guard_run(int (*work)(void *user, struct st_guard *guard), void *user,
                                   int patience_ms, struct st_guard_end *out, lf_error *err);

#endif
