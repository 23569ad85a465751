/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/crosscheck/crosscheck.h - what platforms did beside what authorities decided, subject by subject. A finding is for a person:
 * nothing acts on it. Threads: any; a walk is one thread's at a time.
 */
#ifndef GW_CROSSCHECK_H
#define GW_CROSSCHECK_H

#include "gateway/exchange/exchange.h"

/* The numbers of lianfang.v1.Finding. */
enum gw_finding {
    GW_FINDING_NONE,
    GW_FINDING_CONFIRMED_BOTH,
    GW_FINDING_BOTH_UNRELATED,
    GW_FINDING_PLATFORM_ONLY,
    GW_FINDING_GOV_ONLY,
    GW_FINDING_CONFLICT_IDENTITY,
    GW_FINDING_STALE_GOV,
    GW_FINDING_STALE_PLATFORM,
    GW_FINDINGS
};
enum { GW_CROSS_INDEXES_MAX = 16, GW_CROSS_TEXT_MAX = 640, GW_CROSS_NAME_MAX = 256 };

/* One line of the asker's own list; borrowed. All but the code may be empty: then the code alone is checked. */
struct gw_cross_listed {
    lf_bytes uscc; /* in normal form */
    lf_bytes name;
    lf_bytes list;
    lf_bytes violation;
    lf_bytes listed_on;
    lf_bytes removed_on;
};

struct gw_cross_row {
    char uscc[19];
    enum gw_finding finding; /* NONE: nothing to compare, or nothing that the reader may see */
    char explanation[GW_CROSS_TEXT_MAX];
    char name[GW_CROSS_NAME_MAX + 1];
    uint64_t indexes[GW_CROSS_INDEXES_MAX]; /* of the entries behind it, those that fit */
    size_t index_count;
};

/* Who asks, and when. Borrowed for the call, or until the walk is closed. */
struct gw_cross_ask {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    const struct gw_reader *reader;
    int64_t at_ms;
};
/* One code, with `count` lines of the asker's own list about it, count 0 with `own` NULL for none. */
LF_MUST_USE lf_status gw_cross_subject(const struct gw_cross_ask *ask, lf_bytes uscc,
                                       const struct gw_cross_listed *own, size_t count,
                                       struct gw_cross_row *out, lf_error *err);

/* All codes of which platforms or authorities said something, in byte order; also those without a finding. *out is owned. */
struct gw_cross_walk;
LF_MUST_USE lf_status gw_cross_open(const struct gw_cross_ask *ask, struct gw_cross_walk **out,
                                    lf_error *err);
/* E_NOT_FOUND at the end. */
LF_MUST_USE lf_status gw_cross_next(struct gw_cross_walk *walk, struct gw_cross_row *out,
                                    lf_error *err);
void gw_cross_close(struct gw_cross_walk *walk); /* before the transaction ends; NULL allowed */

#endif
