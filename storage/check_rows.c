/* SPDX-License-Identifier: Apache-2.0 */
/* Backward: every row of the ledger's tables belongs to it. */
#include "storage/check_internal.h"

#include "base/bytes.h"
#include "base/status.h"

/* What is wrong with a row, or NULL. */
typedef const char *(*row_rule)(struct checker *c, const struct st_pair *row);

static const char *meta_rule(struct checker *c, const struct st_pair *row)
{
    (void)c;
    return lf__bytes_eq(row->key, st__head_key()) ? NULL : "is not a key of a ledger";
}

static const char *tile_rule(struct checker *c, const struct st_pair *row)
{
    return st_tree_has_key(row->key, c->report->head.size) ? NULL : "is not a tile of this tree";
}

static const char *index_rule(struct checker *c, const struct st_pair *row)
{
    return row->key.len == 8 && lf__get_u64be(row->key.ptr) < c->report->head.size
               ? NULL
               : "is not an entry of this ledger";
}

/* The walk over the entries came along every row: it began at the first, none lay between, and none is left. */
static bool is_walked(const struct check_walk *walk)
{
    struct st_pair row;
    return walk->is_straight && walk->is_begun &&
           st_cursor_next(walk->cursor, &row, NULL) == LF_E_NOT_FOUND;
}

static lf_status rows_check(struct checker *c, enum ledger_table table, const char *name,
                            row_rule rule)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = st_cursor_open(c->options->txn, st__check_table(c, table), &cursor, &err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &row, &err) : rc;
    while (rc == LF_OK) {
        const char *what = rule(c, &row);
        if (what != NULL) {
            st__check_damage(c, name, row.key, ST_NO_INDEX, "%s", what);
        }
        rc = st_cursor_next(cursor, &row, &err);
    }
    st_cursor_close(cursor);
    if (st__check_is_machine(rc)) {
        return lf__fail(c->err, rc, "%s", err.message);
    }
    if (rc != LF_E_NOT_FOUND) {
        st__check_damage(c, name, LF_BYTES_NONE, ST_NO_INDEX, "%s", err.message);
    }
    return LF_OK;
}

static bool is_known(const struct checker *c, enum ledger_table table)
{
    return (table == LEDGER_LEAVES && is_walked(&c->leaves)) ||
           (table == LEDGER_BODIES && is_walked(&c->bodies));
}

lf_status st__check_rows(struct checker *c)
{
    static const struct {
        enum ledger_table table;
        const char *name;
        row_rule rule;
    } tables[] = {{LEDGER_META, "head", meta_rule},
                  {LEDGER_TILES, "tiles", tile_rule},
                  {LEDGER_LEAVES, "leaves", index_rule},
                  {LEDGER_BODIES, "bodies", index_rule},
                  {LEDGER_IDS, "ids", st__check_id_row}};
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < LF_COUNT(tables); i++) {
        rc = is_known(c, tables[i].table)
                 ? LF_OK
                 : rows_check(c, tables[i].table, tables[i].name, tables[i].rule);
    }
    return rc;
}

lf_status st__check_leaves_count(struct checker *c, uint64_t *out)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_error err = LF_ERROR_INIT;
    lf_status rc =
        st_cursor_open(c->options->txn, st__check_table(c, LEDGER_LEAVES), &cursor, &err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &row, &err) : rc;
    for (*out = 0; rc == LF_OK; (*out)++) {
        rc = st_cursor_next(cursor, &row, &err);
    }
    st_cursor_close(cursor);
    return st__check_is_machine(rc) ? lf__fail(c->err, rc, "%s", err.message) : LF_OK;
}
