/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/reports/export.h - the report of one subject: what its two files share. */
#ifndef GW_REPORTS_EXPORT_H
#define GW_REPORTS_EXPORT_H

#include "gateway/access/access.h"
#include "gateway/exchange/reports/reports_internal.h"

/* A record about the subject, or about such a record. */
struct gw_exported {
    uint64_t index;
    int64_t at_ms;
    enum px_kind kind;
    lf_bytes issuer;
    uint64_t target;        /* of what it speaks; UINT64_MAX: of nothing */
    const uint64_t *others; /* a relay of a run speaks of these records of the subject, too */
    size_t other_count;
    uint64_t
        shown_by; /* the entry from which on others than issuer and regulators see it; UINT64_MAX: not known */
    int64_t shown_ms;
};
/* What the access log has of a member and a record; entry UINT64_MAX: nothing. */
struct gw_delivered {
    int64_t at_ms;
    uint64_t entry;
};
struct gw_export {
    struct gw_report *report;
    lf_bytes uscc;
    struct lf__buf records; /* of struct gw_exported, in ledger order */
    struct gw_holders holders;
    struct gw_delivered *delivered; /* a record times a member */
};
static inline struct gw_exported *gw__exported(const struct gw_export *x, size_t *count)
{
    *count = x->records.len / sizeof(struct gw_exported);
    return (void *)x->records.ptr;
}
/* A member as the reader may know it, and its role. */
void gw__export_member(struct gw_export *x, lf_bytes member);
/* Reads the access log once: a row for each question about the subject, and what was delivered of its records. */
lf_status gw__export_access(struct gw_export *x, lf_error *err);

#endif
