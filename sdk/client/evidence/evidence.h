/* SPDX-License-Identifier: Apache-2.0 */
/* client/evidence/evidence.h - how the files of evidence verification share a bundle and its account. One thread each. */
#ifndef LF__EVIDENCE_H
#define LF__EVIDENCE_H

#include "core/trust_file.h"
#include "protos/codec/evidence_bundle.h"
#include "protos/codec/words.h"

#include <lianfang/evidence.h>

enum { EVIDENCE_ARENA_MAX = 256 << 20, EVIDENCE_FIELDS_MAX = 384 };

/* One record while it is proven. */
struct lf__exhibit {
    const struct px_bundle_record *in;
    struct px_envelope envelope;
    struct px_event event; /* of kind EnforcementEvent, of the parts shown */
    struct px_about about; /* of what speaks of another record */
    const char *decision;  /* what it decides about that: RELEASED, WITHDRAWN, KEPT, ... */
};

/* OK when the record is proven under the head; `exhibit` is filled in and `out` tells what was proven. */
lf_status lf__exhibit_prove(struct lf__arena *arena, const struct px_bundle_record *in,
                            const struct lf__merkle_head *head, struct lf__exhibit *exhibit,
                            lf_evidence_record *out, lf_error *err);
/* What it says, in the parts shown. */
lf_status lf__exhibit_tell(struct lf__arena *arena, struct lf__exhibit *exhibit,
                           lf_evidence_record *out, lf_error *err);
/* The records of a bundle, each proven. */
struct lf__dated {
    const struct lf__exhibit *exhibits;
    const lf_evidence_record *records;
    size_t count;
};
/* *out: the dates and the use of every key that signed are proven by records that are here. E_SIGNATURE, KEY_RETIRED, when such
 * a record says that the key did not sign at that time. */
lf_status lf__evidence_dates(struct lf__arena *arena, const struct lf__dated *in, bool *out,
                             lf_error *err);
/* A NUL-terminated copy; NULL past the arena's cap. */
const char *lf__arena_text(struct lf__arena *arena, lf_bytes text);

#endif
