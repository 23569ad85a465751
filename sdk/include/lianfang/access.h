/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/access.h - the access log: who asked what about whom, and what was told.
 *
 * Threads: as client.h. A member reads its own entries, an auditor all; the others count in the tree, and say nothing.
 */
#ifndef LF_ACCESS_H
#define LF_ACCESS_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

/* One entry that this member may read. Text and arrays are borrowed for the callback. */
typedef struct lf_access_entry {
    uint64_t index;
    int64_t at_ms;
    const char *member; /* "" : the gateway itself */
    /* SCREEN, READ_ENTRIES, READ_EVIDENCE, READ_ACCESS, ADMINISTER, START, FEED, MIRROR_COUNT */
    const char *act;
    const char *purpose;
    const char *case_number;
    uint32_t subjects;         /* that count in the meter (户次) */
    const char *const *tokens; /* of the subjects, hex */
    size_t token_count;
    uint64_t first; /* of a range of indexes; next 0: none */
    uint64_t next;
    uint64_t told;
    const char *classes;       /* of which something was told, such as "MEMBERS,REGULATOR" */
    const char *result_sha256; /* hex: of the answer's bytes */
    const char *note;
    const char
        *subject_root; /* of a bulk answer about subjects: root over their tokens, hex; else "" */
} lf_access_entry;
typedef void (*lf_access_cb)(const lf_access_entry *entry, void *user);

/* Reads the whole access log, recomputes its root, compares it with the signed head, checks every readable entry
 * against its leaf, and calls `each` (NULL allowed) for those. Blocks. E_PRECONDITION when the profile names no key of
 * the access log; E_SIGNATURE names the entry. */
LF_API LF_MUST_USE lf_status lf_access_audit(lf_client *client, lf_access_cb each, void *user,
                                             lf_audit *out, lf_error *err);

LF_END_DECLS
#endif
