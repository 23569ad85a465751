/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/crosscheck.h - Screening.CrossCheck, both ways; see lianfang/v1/screening.proto.
 * Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_CROSSCHECK_H
#define PX_CROSSCHECK_H

#include "base/arena.h"
#include "base/buf.h"

enum {
    PX_LISTED_MAX = 1000,
    PX_CROSS_ROWS_MAX = 1000,
    PX_FINDINGS = 8 /* lianfang.v1.Finding, 0 included */
};

/* A line of the asker's own list. */
struct px_listed {
    lf_bytes uscc;
    lf_bytes name;
    lf_bytes list;
    lf_bytes violation;
    lf_bytes listed_on;
    lf_bytes removed_on;
};
struct px_cross_request {
    lf_bytes purpose;
    lf_bytes case_number;
    unsigned legal_basis;
    const struct px_listed *listed;
    size_t count;
    unsigned omit; /* LF_BIT of each finding */
};
bool px_cross_request_encode(const struct px_cross_request *request, struct lf__buf *out);
/* E_FORMAT; E_TOO_BIG for more than PX_LISTED_MAX lines. */
lf_status px_cross_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                  struct px_cross_request *out, lf_error *err);

struct px_cross_row {
    lf_bytes uscc;
    unsigned finding;
    lf_bytes explanation;
    const uint64_t *indexes;
    size_t index_count;
    lf_bytes name;
    lf_bytes error_name;
};
bool px_cross_row_encode(const struct px_cross_row *row, struct lf__buf *reply); /* once a row */
/* What follows the rows. `totals` NULL: more responses come. */
bool px_cross_reply_end(const uint64_t totals[PX_FINDINGS], lf_bytes checkpoint,
                        struct lf__buf *reply);
enum {
    PX_CROSS_ACCESS_INDEX = 4
}; /* the field that follows, once the access log has the question */

struct px_cross_answer {
    const struct px_cross_row *rows;
    size_t count;
    bool is_last; /* has totals */
    uint64_t totals[PX_FINDINGS];
    lf_bytes checkpoint; /* empty: none yet */
    uint64_t access_index;
    lf_bytes told; /* what the access entry's digest is over */
};
lf_status px_cross_answer_decode(struct lf__arena *arena, lf_bytes bytes,
                                 struct px_cross_answer *out, lf_error *err);

#endif
