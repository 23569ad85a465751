/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/patience.h - whether and when to try again. Only what cannot have been refused is tried
 * again: the gateway was unreachable, too busy, or did not answer in time; and every call of the
 * client may be repeated safely, because records have ids of their own.
 * Threads: one at a time. Pure but for the dice; the clock is the caller's.
 */
#ifndef LF__PATIENCE_H
#define LF__PATIENCE_H

#include <lianfang/base.h>
#include <stdbool.h>

struct lf__patience {
    int64_t until_ns; /* monotonic; nothing is tried after it */
    unsigned attempts;
    unsigned handshakes;   /* failures of TLS in a row */
    int64_t handshakes_ns; /* when the first of them was */
};

struct lf__patience lf__patience_until(int64_t until_ns);
/* After a failure: true and the instant of the next try, or false when there should be none.
 * Doubling waits of 50 ms to 5 s, at least what the gateway asked for, with a random half so that a
 * crowd spreads out. A server that is not the pinned one stays so: after two seconds of failed
 * handshakes there is no further try. */
bool lf__patience_again(struct lf__patience *p, const lf_error *error, uint32_t asked_ms,
                        int64_t now_ns, int64_t *at_ns);

#endif
