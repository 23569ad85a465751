/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

struct lf__hash lf__roster_leaf(const struct lf__roster_row *row)
{
    uint8_t raw[LF_HASH_BYTES + 1 + sizeof row->member + 2 + 8];
    size_t len = strlen(row->member);
    size_t at = LF_HASH_BYTES;
    lf__copy(raw, row->key_id.bytes, LF_HASH_BYTES);
    raw[at++] = (uint8_t)len;
    lf__copy(raw + at, row->member, len);
    at += len;
    raw[at++] = row->role;
    raw[at++] = row->status;
    lf__put_u64be(raw + at, row->since_index);
    return lf__merkle_leaf((lf_bytes){raw, at + 8});
}

lf_status lf__roster_root(const struct lf__roster_row *rows, size_t count, struct lf__hash *out,
                          lf_error *err)
{
    struct lf__hash *leaves = calloc(count + 1, sizeof *leaves);
    if (leaves == NULL) {
        return lf__fail(err, LF_E_NOMEM, "roster: out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        leaves[i] = lf__roster_leaf(&rows[i]);
        LF_BUG_IF(i > 0 &&
                  memcmp(rows[i - 1].key_id.bytes, rows[i].key_id.bytes, LF_HASH_BYTES) >= 0);
    }
    LF_MEMTREE tree = {0, NULL};
    lf_status rc = lf__memtree_init(&tree, leaves, count, err);
    free(leaves);
    if (rc == LF_OK) {
        *out = lf__memtree_root(&tree);
    }
    return rc;
}
