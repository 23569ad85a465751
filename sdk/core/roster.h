/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/roster.h - the table of keys under members_root: who could sign what, at a place in the log.
 * Threads: any.
 */
#ifndef LF__ROSTER_H
#define LF__ROSTER_H

#include "core/memtree.h"

struct lf__roster_row {
    struct lf__hash key_id;
    char member[41];
    uint8_t role;   /* lianfang.v1.Role */
    uint8_t status; /* lianfang.v1.MemberStatus */
    uint64_t since_index;
};

/* RFC 6962 hash of key id (32) || u8 length || member id || u8 role || u8 status || u64be since. */
struct lf__hash lf__roster_leaf(const struct lf__roster_row *row);
/* `rows` ascend by key id. The empty table has the empty tree's root. */
lf_status lf__roster_root(const struct lf__roster_row *rows, size_t count, struct lf__hash *out,
                          lf_error *err);

#endif
