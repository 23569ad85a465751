/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/access.h - entries of the access log; see lianfang/v1/access.proto.
 * Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_ACCESS_H
#define PX_ACCESS_H

#include "base/arena.h"
#include "protos/codec/kinds.h"

enum {
    PX_TOKEN_BYTES = 16,
    PX_ACCESS_NOTE_MAX = 256,       /* bytes of `note` */
    PX_ACCESS_ENTRY_MAX = 32 * 1024 /* bytes: 1,000 tokens and the rest */
};

/* The numbers of lianfang.v1.AccessAct. */
enum px_access_act {
    PX_ACCESS_NONE,
    PX_ACCESS_SCREEN,
    PX_ACCESS_READ_ENTRIES,
    PX_ACCESS_READ_EVIDENCE,
    PX_ACCESS_READ_ACCESS,
    PX_ACCESS_ADMINISTER,
    PX_ACCESS_START,
    PX_ACCESS_FEED,
    PX_ACCESS_MIRROR_COUNT,
    PX_ACCESS_CROSS_CHECK,
    PX_ACCESS_COUNT
};

struct px_token {
    uint8_t bytes[PX_TOKEN_BYTES];
};

struct px_access {
    lf_bytes member; /* empty: the gateway itself */
    enum px_role role;
    unsigned level;
    enum px_access_act act;
    lf_bytes purpose;
    unsigned legal_basis;
    lf_bytes case_number;
    const struct px_token *tokens;
    size_t token_count;
    uint32_t subjects; /* that count in the meter */
    uint64_t first;    /* of a range of indexes; next 0 means no range */
    uint64_t next;
    uint64_t told;
    unsigned classes; /* LF_BIT(an enum px_class) for each of which something was told */
    struct lf__hash result;
    lf_bytes note;
    lf_bytes mirror_report; /* of MIRROR_COUNT: as it was signed */
    lf_bytes subject_root;  /* of a bulk answer: LF_HASH_BYTES, or nothing */
};

bool px_access_encode(const struct px_access *entry, struct lf__buf *out);
lf_status px_access_decode(struct lf__arena *arena, lf_bytes bytes, struct px_access *out,
                           lf_error *err);

#endif
