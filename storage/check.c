/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forward: every entry has its rows, and they say what its body says. Backward: every row belongs to
 * an entry. Between the two nothing can be missing, changed or added unseen.
 */
#include "storage/check.h"

#include "base/bytes.h"
#include "base/status.h"
#include "storage/ledger_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHECK_STEP = 256, CHECK_TEXT = 160 };

/* What the index of identities must hold of an entry, and whether it was found there. */
enum check_found { CHECK_NO_ID, CHECK_WANTED, CHECK_FOUND };
struct check_id {
    uint8_t key[ST_INDEX_KEY];
    uint8_t found;
};

/* Rows are read in order: the next one is nearly always the one wanted. */
struct check_walk {
    struct st_cursor *cursor;
    bool is_begun;
};

struct checker {
    const struct st_check_options *options;
    struct st_check_report *report;
    struct st_tree *tree;          /* recomputed from leaves; NULL when only the end is examined */
    struct st_tree_reader *reader; /* the stored one */
    struct check_id *ids;          /* by index; NULL as above: identities are then looked up */
    struct check_walk leaves;
    struct check_walk bodies;
    lf_error *err;
};

static unsigned table_of(const struct checker *c, enum ledger_table table)
{
    return c->options->first_table + (unsigned)table;
}

static void damage(struct checker *c, const char *table, lf_bytes key, uint64_t index,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));
static void damage(struct checker *c, const char *table, lf_bytes key, uint64_t index,
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

/* Only these end a check: the machine's trouble, not the data's. */
static bool is_machine(lf_status rc)
{
    return rc == LF_E_NOMEM || rc == LF_E_IO || rc == LF_E_FULL;
}

static bool walk_next(struct check_walk *walk, lf_bytes key, lf_bytes *out)
{
    struct st_pair row;
    lf_status rc = walk->is_begun ? st_cursor_next(walk->cursor, &row, NULL)
                                  : st_cursor_seek(walk->cursor, key, &row, NULL);
    walk->is_begun = rc == LF_OK && lf__bytes_eq(row.key, key);
    *out = walk->is_begun ? row.value : *out;
    return walk->is_begun;
}

/* A row that must be there. False after telling; `fatal` is for what the machine did. */
static bool row_get(struct checker *c, enum ledger_table table, lf_bytes key, uint64_t index,
                    lf_bytes *out, lf_status *fatal)
{
    bool is_leaf = table == LEDGER_LEAVES;
    lf_error err = LF_ERROR_INIT;
    if (walk_next(is_leaf ? &c->leaves : &c->bodies, key, out)) {
        return true;
    }
    lf_status rc = st_get(c->options->txn, table_of(c, table), key, out, &err);
    if (is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
        return false;
    }
    if (rc != LF_OK) {
        damage(c, is_leaf ? "leaves" : "bodies", key, index, "%s",
               rc == LF_E_NOT_FOUND ? "is missing" : err.message);
    }
    return rc == LF_OK;
}

/* E_NOT_FOUND from here means an empty ledger. */
static void head_read(struct checker *c, lf_status *fatal)
{
    lf_bytes value;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = st_get(c->options->txn, table_of(c, LEDGER_META), st__head_key(), &value, &err);
    c->report->head = (struct lf__merkle_head){.root = lf__merkle_empty()};
    if (is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
    } else if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        damage(c, "head", st__head_key(), ST_NO_INDEX, "%s", err.message);
    } else if (rc == LF_OK && value.len != LEDGER_HEAD_BYTES) {
        damage(c, "head", st__head_key(), ST_NO_INDEX, "has %zu bytes, %d are right", value.len,
               LEDGER_HEAD_BYTES);
    } else if (rc == LF_OK) {
        c->report->head.size = lf__get_u64be(value.ptr);
        c->report->accepted_at_ms = lf__get_u64be(value.ptr + 8);
        lf__copy(c->report->head.root.bytes, value.ptr + 16, LF_HASH_BYTES);
    }
}

static bool id_meets(void *user, struct st_place place)
{
    uint64_t *wanted = user;
    *wanted = place.position == *wanted ? ST_NO_INDEX : *wanted;
    return *wanted != ST_NO_INDEX;
}

static void id_missing(struct checker *c, uint64_t index, const uint8_t key[static ST_INDEX_KEY],
                       const char *what)
{
    damage(c, "ids", (lf_bytes){key, ST_INDEX_KEY}, index, "%s", what);
}

/* Only the end is examined: a lookup an entry. Otherwise the whole index is read once, afterwards. */
static void id_check(struct checker *c, uint64_t index, const struct st_facts *facts,
                     lf_status *fatal)
{
    uint64_t wanted = index;
    lf_error err = LF_ERROR_INIT;
    if (facts->id.len == 0) {
        return;
    }
    struct lf__hash key = lf__sha256(facts->id);
    if (c->ids != NULL) {
        lf__copy(c->ids[index].key, key.bytes, ST_INDEX_KEY);
        c->ids[index].found = CHECK_WANTED;
        return;
    }
    lf_status rc =
        st_index_each(c->options->txn, table_of(c, LEDGER_IDS), &key, id_meets, &wanted, &err);
    if (is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
    } else if (rc != LF_OK || wanted != ST_NO_INDEX) {
        id_missing(c, index, key.bytes,
                   rc != LF_OK ? err.message : "the entry's identity is missing");
    }
}

static void ids_complete(struct checker *c)
{
    for (uint64_t i = 0; i < c->report->head.size; i++) {
        if (c->ids[i].found == CHECK_WANTED) {
            id_missing(c, i, c->ids[i].key, "the entry's identity is missing");
        }
    }
}

/* Recomputed from the body: identity, digest, leaf, and whatever the hook itself checks. */
static void facts_check(struct checker *c, uint64_t index, const struct st_stored *stored,
                        lf_bytes key, lf_status *fatal)
{
    struct st_facts facts = {.leaf = LF_BYTES_NONE};
    lf_error err = LF_ERROR_INIT;
    const struct st_check_hooks *hooks = &c->options->hooks;
    lf_status rc = hooks->entry(hooks->user, index, stored, &facts, &err);
    if (is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
        return;
    }
    if (rc != LF_OK) {
        damage(c, "bodies", key, index, "%s", err.message);
        return;
    }
    if (!lf__bytes_eq(facts.leaf, stored->leaf)) {
        damage(c, "leaves", key, index, "is not the leaf of the entry's body");
    } else if (!lf__hash_eq(&facts.digest, &stored->digest)) {
        damage(c, "leaves", key, index, "its digest is not that of the entry's body");
    }
    if (index + 1 == c->report->head.size && facts.accepted_at_ms != c->report->accepted_at_ms) {
        damage(c, "head", st__head_key(), index, "its time is not that of the last entry");
    }
    id_check(c, index, &facts, fatal);
}

static void stored_tile_check(struct checker *c, uint64_t index, const struct lf__hash *leaf,
                              lf_status *fatal)
{
    struct lf__hash stored;
    lf_error err = LF_ERROR_INIT;
    struct lf__tree view = st_tree_reader_view(c->reader);
    lf_status rc = view.fetch(view.user, 0, index, &stored, &err);
    if (is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
    } else if (rc != LF_OK || !lf__hash_eq(&stored, leaf)) {
        damage(c, "tiles", LF_BYTES_NONE, index, "%s",
               rc != LF_OK ? err.message : "does not hold the hash of the entry's leaf");
    }
}

/* A hole ends the recomputed tree: what stands to its right cannot be hashed. */
static void entry_check(struct checker *c, uint64_t index, bool *is_whole, lf_status *fatal)
{
    uint8_t raw[8];
    lf_bytes row;
    struct st_stored stored = {.leaf = LF_BYTES_NONE};
    lf__put_u64be(raw, index);
    lf_bytes key = LF_BYTES_ARRAY(raw);
    bool has_leaf = row_get(c, LEDGER_LEAVES, key, index, &row, fatal);
    if (has_leaf && !st__leaf_split(row, &stored)) {
        damage(c, "leaves", key, index, "is too short");
        has_leaf = false;
    }
    bool has_body = row_get(c, LEDGER_BODIES, key, index, &stored.body, fatal);
    if (has_leaf && has_body) {
        facts_check(c, index, &stored, key, fatal);
    }
    *is_whole = *is_whole && has_leaf;
    if (*is_whole) {
        struct lf__hash hash = lf__merkle_leaf(stored.leaf);
        if (c->tree != NULL) {
            st_tree_append(c->tree, &hash);
        } else {
            stored_tile_check(c, index, &hash, fatal);
        }
    }
    c->report->examined++;
}

/* Which of the two is damaged the tile cannot tell; both are named. */
static void tile_differs(void *user, const struct st_tile_difference *d)
{
    if (d->level == 0 && d->hash >= 0) {
        uint64_t index = d->number * ST_TILE_WIDTH + (unsigned)d->hash;
        damage(user, "tiles", d->key, index, "does not hold the hash of the entry's leaf");
    } else {
        damage(user, "tiles", d->key, ST_NO_INDEX, "level %u, tile %llu, hash %d: %s", d->level,
               (unsigned long long)d->number, d->hash, d->what);
    }
}

static lf_status entries_check(struct checker *c, uint64_t from, bool *is_whole)
{
    lf_status rc = LF_OK;
    const struct st_check_hooks *hooks = &c->options->hooks;
    for (uint64_t i = from; rc == LF_OK && i < c->report->head.size; i++) {
        if (i % CHECK_STEP == 0 && hooks->progress != NULL) {
            hooks->progress(hooks->user, i - from, c->report->head.size - from);
        }
        entry_check(c, i, is_whole, &rc);
        if (rc == LF_OK && c->tree != NULL && *is_whole && i % CHECK_STEP == CHECK_STEP - 1) {
            rc = st_tree_verify(c->tree, c->options->txn, false, tile_differs, c, c->err);
        }
    }
    return rc;
}

/* The tiles' own root against the head's, without reading a leaf. */
static void edge_check(struct checker *c)
{
    lf_error err = LF_ERROR_INIT;
    struct lf__hash root;
    struct lf__tree view = st_tree_reader_view(c->reader);
    lf_status rc = lf__merkle_root(&view, &root, &err);
    if (rc != LF_OK) {
        damage(c, "tiles", LF_BYTES_NONE, ST_NO_INDEX, "%s", err.message);
    } else if (!lf__hash_eq(&root, &c->report->head.root)) {
        damage(c, "head", st__head_key(), ST_NO_INDEX, "the tiles do not lead to its root");
    }
}

static lf_status tree_check(struct checker *c, bool is_whole)
{
    if (!is_whole) {
        damage(c, "tiles", LF_BYTES_NONE, ST_NO_INDEX,
               "not compared past entry %llu, whose leaf is missing",
               (unsigned long long)c->tree->size);
        return LF_OK;
    }
    struct lf__hash root;
    lf_status rc = st_tree_verify(c->tree, c->options->txn, true, tile_differs, c, c->err);
    struct lf__tree view = st_tree_view(c->tree, c->options->txn);
    rc = rc == LF_OK ? lf__merkle_root(&view, &root, c->err) : rc;
    if (rc == LF_OK && !lf__hash_eq(&root, &c->report->head.root)) {
        damage(c, "head", st__head_key(), ST_NO_INDEX, "the entries do not have its root");
    }
    return rc;
}

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

static bool id_belongs(void *user, lf_bytes key, struct st_place place)
{
    struct checker *c = user;
    struct check_id *id = place.position < c->report->head.size ? &c->ids[place.position] : NULL;
    bool is_it = id != NULL && place.tag == 0 && id->found == CHECK_WANTED &&
                 lf__bytes_eq(key, LF_BYTES_ARRAY(id->key));
    if (is_it) {
        id->found = CHECK_FOUND; /* once, and no second time */
    }
    return is_it;
}

static const char *id_rule(struct checker *c, const struct st_pair *row)
{
    return st_index_row_each(row, id_belongs, c) ? NULL
                                                 : "is not made of identities of these entries";
}

static lf_status rows_check(struct checker *c, enum ledger_table table, const char *name,
                            row_rule rule)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = st_cursor_open(c->options->txn, table_of(c, table), &cursor, &err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &row, &err) : rc;
    while (rc == LF_OK) {
        const char *what = rule(c, &row);
        if (what != NULL) {
            damage(c, name, row.key, ST_NO_INDEX, "%s", what);
        }
        rc = st_cursor_next(cursor, &row, &err);
    }
    st_cursor_close(cursor);
    if (is_machine(rc)) {
        return lf__fail(c->err, rc, "%s", err.message);
    }
    if (rc != LF_E_NOT_FOUND) {
        damage(c, name, LF_BYTES_NONE, ST_NO_INDEX, "%s", err.message);
    }
    return LF_OK;
}

static lf_status all_rows_check(struct checker *c)
{
    static const struct {
        enum ledger_table table;
        const char *name;
        row_rule rule;
    } tables[] = {{LEDGER_META, "head", meta_rule},
                  {LEDGER_TILES, "tiles", tile_rule},
                  {LEDGER_LEAVES, "leaves", index_rule},
                  {LEDGER_BODIES, "bodies", index_rule},
                  {LEDGER_IDS, "ids", id_rule}};
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < LF_COUNT(tables); i++) {
        rc = rows_check(c, tables[i].table, tables[i].name, tables[i].rule);
    }
    return rc;
}

static lf_status leaves_count(struct checker *c, uint64_t *out)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = st_cursor_open(c->options->txn, table_of(c, LEDGER_LEAVES), &cursor, &err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &row, &err) : rc;
    for (*out = 0; rc == LF_OK; (*out)++) {
        rc = st_cursor_next(cursor, &row, &err);
    }
    st_cursor_close(cursor);
    return is_machine(rc) ? lf__fail(c->err, rc, "%s", err.message) : LF_OK;
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
    lf_status rc = leaves_count(c, &there);
    if (rc == LF_OK && there != size) {
        damage(c, "head", st__head_key(), ST_NO_INDEX, "its size is %llu, there are %llu leaves",
               (unsigned long long)size, (unsigned long long)there);
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
    st_tree_reader_init(c->reader, options->txn, table_of(c, LEDGER_TILES), size);
    if (is_full) {
        c->tree = calloc(1, sizeof *c->tree);
        c->ids = calloc((size_t)size + 1, sizeof *c->ids);
        if (c->tree == NULL || c->ids == NULL) {
            return lf__fail(c->err, LF_E_NOMEM, "check: out of memory");
        }
        c->tree->table = table_of(c, LEDGER_TILES);
    } else {
        edge_check(c);
    }
    rc = st_cursor_open(options->txn, table_of(c, LEDGER_LEAVES), &c->leaves.cursor, c->err);
    rc = rc == LF_OK
             ? st_cursor_open(options->txn, table_of(c, LEDGER_BODIES), &c->bodies.cursor, c->err)
             : rc;
    rc = rc == LF_OK ? entries_check(c, is_full ? 0 : size - options->last, &is_whole) : rc;
    rc = rc == LF_OK && is_full ? tree_check(c, is_whole) : rc;
    rc = rc == LF_OK && is_full ? all_rows_check(c) : rc;
    if (rc == LF_OK && is_full) {
        ids_complete(c);
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

static lf_status compare_next(struct st_cursor *cursor, bool is_first, struct st_pair *row,
                              bool *has_row, lf_error *err)
{
    lf_status rc = is_first ? st_cursor_seek(cursor, LF_BYTES_NONE, row, err)
                            : st_cursor_next(cursor, row, err);
    *has_row = rc == LF_OK;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status compare_run(const struct st_compare *compare, struct st_cursor *a,
                             struct st_cursor *b, lf_error *err)
{
    struct st_pair row_a;
    struct st_pair row_b;
    bool has_a = false;
    bool has_b = false;
    lf_status rc = compare_next(a, true, &row_a, &has_a, err);
    rc = rc == LF_OK ? compare_next(b, true, &row_b, &has_b, err) : rc;
    while (rc == LF_OK && (has_a || has_b)) {
        int order = !has_a ? 1 : !has_b ? -1 : lf__bytes_cmp(row_a.key, row_b.key);
        if (order != 0 || !lf__bytes_eq(row_a.value, row_b.value)) {
            compare->differ(compare->user, order <= 0 ? row_a.key : row_b.key, order <= 0,
                            order >= 0);
        }
        rc = order <= 0 ? compare_next(a, false, &row_a, &has_a, err) : LF_OK;
        rc = rc == LF_OK && order >= 0 ? compare_next(b, false, &row_b, &has_b, err) : rc;
    }
    return rc;
}

lf_status st_check_compare(const struct st_compare *compare, lf_error *err)
{
    struct st_cursor *a = NULL;
    struct st_cursor *b = NULL;
    lf_status rc = st_cursor_open(compare->a, compare->table, &a, err);
    rc = rc == LF_OK ? st_cursor_open(compare->b, compare->table, &b, err) : rc;
    rc = rc == LF_OK ? compare_run(compare, a, b, err) : rc;
    st_cursor_close(a);
    st_cursor_close(b);
    return rc;
}
