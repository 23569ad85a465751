/* SPDX-License-Identifier: Apache-2.0 */
/* The public shape of a log, C2SP tlog-tiles, read from what is committed. */
#include "storage/ledger_internal.h"

#include "base/bytes.h"
#include "base/status.h"

/* A bundle holds leaves, never contents: a leaf tells an outsider nothing. */
static void leaf_put(void *user, uint64_t index, lf_bytes leaf)
{
    struct lf__buf *out = user;
    (void)index;
    (void)lf__buf_u16be(out, (uint16_t)leaf.len);
    (void)lf__buf_append(out, leaf);
}

static lf_status bundle_read(struct st_ledger *ledger, struct st_txn *txn,
                             const struct lf__tile_name *name, struct lf__buf *out, lf_error *err)
{
    struct st_leaves wanted = {name->number * LF_TILE_WIDTH, name->width, leaf_put, out};
    lf_status rc = st_ledger_leaves(ledger, txn, &wanted, err);
    return rc == LF_OK ? lf__buf_status(out, err) : rc;
}

lf_status st_ledger_tile(struct st_ledger *ledger, const struct lf__tile_name *name,
                         struct lf__buf *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    if (name->number > UINT64_MAX / LF_TILE_WIDTH || name->level >= ST_TREE_LEVELS) {
        return lf__fail(err, LF_E_NOT_FOUND, "tile: the log has not grown that far");
    }
    lf_status rc = st_txn_begin(ledger->engine, ST_READ, &txn, err);
    if (rc != LF_OK) {
        return rc;
    }
    return name->is_entries ? bundle_read(ledger, txn, name, out, err)
                            : st_tree_tile(txn, st__table(ledger, LEDGER_TILES), name, out, err);
}
