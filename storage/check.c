/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forward: every entry has its rows, and they say what its body says. Backward: every row belongs to
 * an entry. Between the two nothing can be missing, changed or added unseen.
 */
#include "storage/check_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHECK_TEXT = 160 };

unsigned st__check_table(const struct checker *c, enum ledger_table table)
{
    return c->options->first_table + (unsigned)table;
}

void st__check_damage(struct checker *c, const char *table, lf_bytes key, uint64_t index,
                      const char *format, ...)
{
    char what[CHECK_TEXT];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    struct st_damage found = {table, key, index, what};
    c->report->damages++;
    c->options->hooks.damage(c->options->hooks.user, &found);
}

bool st__check_is_machine(lf_status rc)
{
    return rc == LF_E_NOMEM || rc == LF_E_IO || rc == LF_E_FULL;
}

/* E_NOT_FOUND from here means an empty ledger. */
static void head_read(struct checker *c, lf_status *fatal)
{
    lf_bytes value;
    lf_error err = LF_ERROR_INIT;
    lf_status rc =
        st_get(c->options->txn, st__check_table(c, LEDGER_META), st__head_key(), &value, &err);
    c->report->head = (struct lf__merkle_head){.root = lf__merkle_empty()};
    if (st__check_is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
    } else if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        st__check_damage(c, "head", st__head_key(), ST_NO_INDEX, "%s", err.message);
    } else if (rc == LF_OK && value.len != LEDGER_HEAD_BYTES) {
        st__check_damage(c, "head", st__head_key(), ST_NO_INDEX, "has %zu bytes, %d are right",
                         value.len, LEDGER_HEAD_BYTES);
    } else if (rc == LF_OK) {
        c->report->head.size = lf__get_u64be(value.ptr);
        c->report->accepted_at_ms = lf__get_u64be(value.ptr + 8);
        lf__copy(c->report->head.root.bytes, value.ptr + 16, LF_HASH_BYTES);
    }
}

/* The tiles' own root against the head's, without reading a leaf. */
static void edge_check(struct checker *c)
{
    lf_error err = LF_ERROR_INIT;
    struct lf__hash root;
    struct lf__tree view = st_tree_reader_view(c->reader);
    lf_status rc = lf__merkle_root(&view, &root, &err);
    if (rc != LF_OK) {
        st__check_damage(c, "tiles", LF_BYTES_NONE, ST_NO_INDEX, "%s", err.message);
    } else if (!lf__hash_eq(&root, &c->report->head.root)) {
        st__check_damage(c, "head", st__head_key(), ST_NO_INDEX,
                         "the tiles do not lead to its root");
    }
}

static lf_status tree_check(struct checker *c, bool is_whole)
{
    if (!is_whole) {
        st__check_damage(c, "tiles", LF_BYTES_NONE, ST_NO_INDEX,
                         "not compared past entry %llu, whose leaf is missing",
                         (unsigned long long)c->tree->size);
        return LF_OK;
    }
    struct lf__hash root;
    lf_status rc =
        st_tree_verify(c->tree, c->options->txn, true, st__check_tile_differs, c, c->err);
    struct lf__tree view = st_tree_view(c->tree, c->options->txn);
    rc = rc == LF_OK ? lf__merkle_root(&view, &root, c->err) : rc;
    if (rc == LF_OK && !lf__hash_eq(&root, &c->report->head.root)) {
        st__check_damage(c, "head", st__head_key(), ST_NO_INDEX,
                         "the entries do not have its root");
    }
    return rc;
}

/* A damaged head may name any size: it is believed only about as far as there are leaves. */
static lf_status size_check(struct checker *c, bool is_full)
{
    enum { CHECK_HOLES_MAX = 1024 };
    uint64_t there = 0;
    uint64_t size = c->report->head.size;
    if (!is_full) {
        return LF_OK; /* the last entries are read anyway, and the tiles have the size's root */
    }
    lf_status rc = st__check_leaves_count(c, &there);
    if (rc == LF_OK && there != size) {
        st__check_damage(c, "head", st__head_key(), ST_NO_INDEX,
                         "its size is %llu, there are %llu leaves", (unsigned long long)size,
                         (unsigned long long)there);
        rc = size > there + CHECK_HOLES_MAX ? LF_E_CORRUPT : LF_OK;
    }
    return rc;
}

static lf_status check_run(struct checker *c)
{
    const struct st_check_options *options = c->options;
    bool is_whole = true;
    lf_status rc = LF_OK;
    head_read(c, &rc);
    uint64_t size = c->report->head.size;
    bool is_full = options->last == 0 || options->last >= size;
    rc = rc == LF_OK ? size_check(c, is_full) : rc;
    if (rc != LF_OK) {
        return rc == LF_E_CORRUPT ? LF_OK : rc;
    }
    st_tree_reader_init(c->reader, options->txn, st__check_table(c, LEDGER_TILES), size);
    if (is_full) {
        c->tree = calloc(1, sizeof *c->tree);
        c->ids = calloc((size_t)size + 1, sizeof *c->ids);
        if (c->tree == NULL || c->ids == NULL) {
            return lf__fail(c->err, LF_E_NOMEM, "check: out of memory");
        }
        c->tree->table = st__check_table(c, LEDGER_TILES);
    } else {
        edge_check(c);
    }
    rc = st__check_entries(c, is_full ? 0 : size - options->last, &is_whole);
    rc = rc == LF_OK && is_full ? tree_check(c, is_whole) : rc;
    rc = rc == LF_OK && is_full ? st__check_rows(c) : rc;
    if (rc == LF_OK && is_full) {
        st__check_ids_complete(c);
    }
    return rc;
}

lf_status st_check(const struct st_check_options *options, struct st_check_report *out,
                   lf_error *err)
{
    struct st_check_report report = {.examined = 0};
    struct checker c = {.options = options, .report = &report, .err = err};
    c.reader = calloc(1, sizeof *c.reader);
    lf_status rc =
        c.reader == NULL ? lf__fail(err, LF_E_NOMEM, "check: out of memory") : check_run(&c);
    free(c.reader);
    free(c.tree);
    free(c.ids);
    st_cursor_close(c.leaves.cursor);
    st_cursor_close(c.bodies.cursor);
    *out = report;
    return rc == LF_OK && report.damages > 0 ? lf__fail(err, LF_E_CORRUPT, "ledger: %llu damages",
                                                        (unsigned long long)report.damages)
                                             : rc;
}

lf_status st_check_head(struct st_txn *txn, unsigned first_table, struct lf__merkle_head *out,
                        lf_error *err)
{
    lf_bytes value;
    lf_status rc = st_get(txn, first_table + LEDGER_META, st__head_key(), &value, err);
    if (rc == LF_E_NOT_FOUND) {
        *out = (struct lf__merkle_head){.root = lf__merkle_empty()};
        return LF_OK;
    }
    if (rc == LF_OK && value.len != LEDGER_HEAD_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "ledger: head is damaged");
    }
    if (rc == LF_OK) {
        out->size = lf__get_u64be(value.ptr);
        lf__copy(out->root.bytes, value.ptr + 16, LF_HASH_BYTES);
    }
    return rc;
}

lf_status st_check_root(struct st_txn *txn, unsigned first_table, uint64_t size,
                        struct lf__hash *out, lf_error *err)
{
    struct st_tree_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return lf__fail(err, LF_E_NOMEM, "check: out of memory");
    }
    st_tree_reader_init(reader, txn, first_table + LEDGER_TILES, size);
    struct lf__tree view = st_tree_reader_view(reader);
    lf_status rc = lf__merkle_root(&view, out, err);
    free(reader);
    return rc;
}
