/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/federation/http_post.h - several addresses asked at once: a POST, without a body a GET. Threads: any, each call its own. */
#ifndef GW_HTTP_POST_H
#define GW_HTTP_POST_H

#include "base/buf.h"

enum { GW_POST_MAX = 64, GW_POST_ANSWER_MAX = 65536 };

struct gw_http_post {
    const char *url;
    lf_bytes body;     /* empty: a GET */
    size_t answer_max; /* 0: GW_POST_ANSWER_MAX */
    /* out */
    unsigned status;       /* 0: nobody answered in time */
    struct lf__buf answer; /* owned: lf__buf_done() */
};
/* Blocks until all have answered or timeout_ms is over. E_NOMEM alone is an error of the whole. */
lf_status gw_http_post_all(struct gw_http_post *posts, size_t count, unsigned timeout_ms,
                           lf_error *err);

#endif
