/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/mirror.h - a member's own copy of what it may see of the ledger, and screening by it: no question leaves.
 *
 * lf_mirror_sync() brings the copy up to the gateway's newest head through the feed, believing nothing (lianfang/watch.h), and
 * can be killed at any moment: the next one goes on. Erasures are carried out in the copy, and their bytes leave its file. What was
 * screened locally is counted a day, and the next sync hands the signed counts to the gateway's access log.
 *
 * A match by code, or by the number of 15 digits that a code replaced, is automatic. A match by name alone is a candidate that
 * a person looks at, and never more.
 *
 * Threads: a mirror is used by one thread at a time; a directory by one process. Errors: as in lianfang/client.h.
 */
#ifndef LF_MIRROR_H
#define LF_MIRROR_H

#include <lianfang/client.h>
#include <stdbool.h>

LF_BEGIN_DECLS

typedef struct lf_mirror lf_mirror;

/* Opens or makes the directory. *out is owned: lf_mirror_close(). E_PRECONDITION while another process has it. */
LF_API LF_MUST_USE lf_status lf_mirror_open(const char *dir, lf_mirror **out, lf_error *err);
LF_API void lf_mirror_close(lf_mirror *mirror); /* NULL is allowed */

/* How far the copy is. */
typedef struct lf_mirror_info {
    uint64_t size;        /* positions of the ledger, all accounted for */
    uint64_t head_size;   /* of the last signed head that was seen */
    uint64_t readable;    /* records whose contents are here */
    int64_t synced_at_ms; /* when it last was at the head; 0: never */
    char root[65];        /* of those positions, in hex */
    uint64_t uncounted;   /* subjects screened that no sync has told of yet */
} lf_mirror_info;
LF_API LF_MUST_USE lf_status lf_mirror_info_get(lf_mirror *mirror, lf_mirror_info *out,
                                                lf_error *err);

/* Told after each step; false ends the sync (OK), and the next one goes on. */
typedef bool (*lf_mirror_progress_cb)(uint64_t done, uint64_t size, void *user);
/* To the gateway's newest head. `each` may be NULL. E_PRECONDITION: the directory is of another ledger or member. E_SIGNATURE
 * (PROOF_BAD, LOG_FORKED): the gateway's answers do not hold, or go not with what it told before; the copy stays as it was. */
LF_API LF_MUST_USE lf_status lf_mirror_sync(lf_mirror *mirror, lf_client *client,
                                            lf_mirror_progress_cb each, void *user, lf_error *err);

/* Says in the ledger, signed, that the member has received and applied all that the copy has: so when it was told is proven, to
 * everyone and for ever. Nothing is said (*has_said false) when nothing but such sayings of others came since the last. E_DENIED
 * (MEMBER_SUSPENDED), E_REJECTED (ROOT_MISMATCH: not this ledger's copy). */
LF_API LF_MUST_USE lf_status lf_mirror_confirm(lf_mirror *mirror, lf_client *client, bool *has_said,
                                               lf_error *err);

/* Recomputes the copy: the root from every leaf hash, every record from its leaf, and what stands of each code. E_SIGNATURE or E_CORRUPT:
 * *bad is the first position that does not hold; the head's size when only the root does not. */
LF_API LF_MUST_USE lf_status lf_mirror_verify(lf_mirror *mirror, uint64_t *bad, lf_error *err);

typedef enum lf_match {
    LF_MATCH_NONE = 0,
    LF_MATCH_CODE = 1,
    LF_MATCH_OLD_NUMBER = 2,
    LF_MATCH_NAME_CANDIDATE = 3
} lf_match;
/* Static; "NONE", "CODE", "OLD_NUMBER", "NAME_CANDIDATE". */
LF_API const char *lf_match_name(lf_match match);

/* One's own merchant: the code as one has it (or the old number), and the name if there is one. Borrowed for the call. */
typedef struct lf_mirror_asked {
    lf_bytes code;
    lf_bytes name;
} lf_mirror_asked;

/* Borrowed for the callback. */
typedef struct lf_mirror_match {
    size_t at; /* which of those that were asked; in their order */
    lf_match match;
    const char *subject; /* the code in the ledger; "" for NONE */
    const char *advice;  /* as in lf_screened; MANUAL_REVIEW for a candidate; "" for NONE */
    const char *
        reasons; /* CODE or CODE:VIOLATION, strongest first, with ';' between; of a code that is none, why */
    uint64_t index; /* of the record that is the strongest reason; 0: none */
} lf_mirror_match;
typedef void (*lf_mirror_match_cb)(const lf_mirror_match *match, void *user);
/* Any number at once; thousands are faster than one by one. They count, durably, before anything is told. */
LF_API LF_MUST_USE lf_status lf_mirror_screen(lf_mirror *mirror, const lf_mirror_asked *asked,
                                              size_t count, lf_mirror_match_cb each, void *user,
                                              lf_error *err);

LF_END_DECLS
#endif
