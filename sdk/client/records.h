/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/records.h - a public record as the bytes that travel and are signed, before anybody signs
 * them. Batches, single submits and pushes all get their records here.
 * Threads: any; the profile is only read.
 */
#ifndef LF__RECORDS_H
#define LF__RECORDS_H

#include "base/arena.h"
#include "client/profile.h"
#include "protos/codec/kinds.h"

#include <lianfang/record.h>

struct lf__record {
    lf_bytes bare;          /* the envelope without signatures */
    struct lf__hash digest; /* SHA-256(PAE): what makes it the same as another */
    struct lf__hash leaf;   /* of a batch's tree */
    void *user;
    uint64_t tag;
    bool is_resumed;
};

/* What a record of any kind is made of. */
struct lf__draft {
    enum px_kind kind;
    lf_bytes ref;
    uint32_t version; /* 0 means 1 */
    unsigned certainty;
    unsigned legal_basis; /* 0: STATUTORY_DUTY */
    const lf_bytes *audience;
    size_t audience_count;
    int64_t effective_from_ms;
    int64_t effective_until_ms;
    struct px_part parts[PX_PARTS_MAX]; /* class and body; the salts are made here */
    size_t part_count;
};

/* The bytes are borrowed from the arena. E_ARG, E_TOO_BIG naming the field, E_NOMEM. */
lf_status lf__record_make(const struct lf__profile *profile, struct lf__arena *arena,
                          const lf_record *record, struct lf__record *out, lf_error *err);
/* The same for bodies that are there already. */
lf_status lf__record_seal(const struct lf__profile *profile, struct lf__arena *arena,
                          struct lf__draft *draft, struct lf__record *out, lf_error *err);
/* A draft of what is said field by field. */
lf_status lf__fields_draft(struct lf__arena *arena, const lf_fields *fields, struct lf__draft *out,
                           lf_error *err);
/* As lf__name_mask(), in the arena; .ptr is NULL only on failure. */
lf_bytes lf__name_masked(struct lf__arena *arena, lf_bytes name, lf_bytes operator_name);
/* From `bare`, which came out of a spool: digest and leaf. E_CORRUPT. */
lf_status lf__record_read(lf_bytes bare, struct lf__record *out, lf_error *err);

/* A caller's struct of another version as ours: what it lacks is zero. E_ARG when its size is unset. */
lf_status lf__struct_take(void *to, size_t size, const void *from, const char *name, lf_error *err);

#endif
