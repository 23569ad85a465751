/* SPDX-License-Identifier: Apache-2.0 */
/* client/papers.h - what a paper is made of; shared by papers.c, members.c and keygen.c. */
#ifndef LF__PAPERS_H
#define LF__PAPERS_H

#include "base/arena.h"
#include "protos/codec/members.h"

#include <lianfang/members.h>

#define PAPER_AUTHORITY "authority" /* the issuer of what the authority says */
enum { PAPER_SEED = 32, PAPER_ARENA_MAX = 8 << 20 };

struct lf_paper {
    struct lf__arena arena;
    struct px_envelope envelope; /* borrows from the arena */
};

/* A fresh record: id, salts and signed bytes; nobody has signed. Takes issuer, kind, version and
 * predecessor from `header`. */
lf_status lf__paper_new(const struct px_header *header, struct px_part *parts, size_t count,
                        lf_paper **out, lf_error *err);
/* The Member record of the authority that says `member`, after the one it was made from (or NULL). */
lf_status lf__paper_member_new(const struct px_member *member, const struct px_member_entry *before,
                               lf_paper **out, lf_error *err);
/* What a request says, once it has shown that it has the key. */
lf_status lf__request_open(const lf_paper *request, struct lf__arena *arena, struct px_member *out,
                           lf_error *err);
void lf__member_tell(const struct px_member *member, uint64_t since_index, lf_member *out);

#endif
