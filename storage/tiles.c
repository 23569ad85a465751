/* SPDX-License-Identifier: Apache-2.0 */
/* The public shape of a log, C2SP tlog-tiles, read from what is committed. */
#include "storage/ledger_internal.h"

#include "base/bytes.h"
#include "base/status.h"

/* A bundle holds leaves, never contents: a leaf tells an outsider nothing. */
static lf_status bundle_read(struct st_ledger *ledger, struct st_txn *txn,
                             const struct lf__tile_name *name, struct lf__buf *out, lf_error *err)
{
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < name->width; i++) {
        struct st_stored stored;
        rc = st_ledger_read(ledger, txn, name->number * LF_TILE_WIDTH + i, &stored, err);
        if (rc == LF_OK) {
            (void)lf__buf_u16be(out, (uint16_t)stored.leaf.len);
            (void)lf__buf_append(out, stored.leaf);
        }
    }
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
