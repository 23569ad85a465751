/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/ops/web.h - one HTTP request over a socket of its own, as plain as it gets. */
#ifndef WEB_H
#define WEB_H

#include "base/buf.h"

struct web_answer {
    unsigned status; /* 0: no answer */
    char head[4096];
    struct lf__buf body; /* owned: lf__buf_done() */
};
/* `request` is the first line without the version, "GET /x"; `body` goes with POST. */
void web_ask(int port, const char *request, lf_bytes body, struct web_answer *out);

#endif
