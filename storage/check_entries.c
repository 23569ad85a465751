/* SPDX-License-Identifier: Apache-2.0 */
/* Forward: entries are read in order by the owner, prepared by whoever has time, and judged by the owner in order. */
#include "storage/check_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "storage/ahead.h"

#include <stdlib.h>

enum {
    CHECK_STEP = 256,
    CHECK_CHUNK = 16, /* entries that are given away together */
    CHECK_CHUNKS = ST_CHECK_ROOMS / CHECK_CHUNK
};

struct check_row {
    struct st_check_entry entry;
    struct st_stored stored;
    lf_bytes leaf;
    uint8_t key[8];
    bool has_leaf;
    bool has_body;
    /* prepared */
    bool is_prepared;
    lf_status status;
    lf_error error;
    struct st_facts facts;
    struct lf__hash leaf_hash;
    struct lf__hash id_hash;
};

struct check_chunk {
    size_t count;
    struct check_row rows[CHECK_CHUNK];
};

struct check_line {
    const struct st_check_hooks *hooks;
    struct st_ahead *ahead;
    uint64_t from;
    uint64_t read; /* entries below are in a chunk, or done */
    unsigned place;
    struct check_chunk chunks[CHECK_CHUNKS];
};

static bool walk_next(struct check_walk *walk, lf_bytes key, lf_bytes *out)
{
    struct st_pair row;
    lf_status rc = LF_OK;
    if (walk->is_begun) {
        rc = st_cursor_next(walk->cursor, &row, NULL);
    } else {
        rc = st_cursor_seek(walk->cursor, walk->is_straight ? LF_BYTES_NONE : key, &row, NULL);
    }
    walk->is_begun = rc == LF_OK && lf__bytes_eq(row.key, key);
    walk->is_straight = walk->is_straight && walk->is_begun;
    *out = walk->is_begun ? row.value : *out;
    return walk->is_begun;
}

/* Before it is read: should the engine die of it, one knows where. */
static void progress_tell(const struct checker *c, const struct check_line *line)
{
    const struct st_check_hooks *hooks = &c->options->hooks;
    if (hooks->progress != NULL) {
        hooks->progress(hooks->user, line->read - line->from, c->report->head.size - line->from);
    }
}

static void chunk_read(struct checker *c, struct check_line *line)
{
    struct check_chunk *chunk = &line->chunks[line->place];
    uint64_t size = c->report->head.size;
    for (chunk->count = 0; chunk->count < CHECK_CHUNK && line->read < size; line->read++) {
        struct check_row *row = &chunk->rows[chunk->count];
        if (line->read % CHECK_STEP == 0) {
            progress_tell(c, line);
        }
        row->entry = (struct st_check_entry){
            line->read, line->place * CHECK_CHUNK + (unsigned)chunk->count, &row->stored};
        lf__put_u64be(row->key, line->read);
        row->has_leaf = walk_next(&c->leaves, LF_BYTES_ARRAY(row->key), &row->leaf);
        row->has_body = walk_next(&c->bodies, LF_BYTES_ARRAY(row->key), &row->stored.body);
        row->is_prepared = false;
        chunk->count++;
    }
    line->place = (line->place + 1) % CHECK_CHUNKS;
    st_ahead_give(line->ahead);
}

/* All that needs neither another entry nor the store. In any thread. */
static void row_prepare(const struct st_check_hooks *hooks, struct check_row *row)
{
    row->error = (lf_error)LF_ERROR_INIT;
    row->facts = (struct st_facts){.leaf = LF_BYTES_NONE};
    row->status = hooks->prepare(hooks->user, &row->entry, &row->facts, &row->error);
    row->leaf_hash = lf__merkle_leaf(row->stored.leaf);
    if (row->status == LF_OK && row->facts.id.len > 0) {
        row->id_hash = lf__sha256(row->facts.id);
    }
    row->is_prepared = true;
}

static void chunk_prepare(void *user, unsigned place)
{
    struct check_line *line = user;
    struct check_chunk *chunk = &line->chunks[place];
    for (size_t i = 0; i < chunk->count; i++) {
        struct check_row *row = &chunk->rows[i];
        if (row->has_leaf && row->has_body && st__leaf_split(row->leaf, &row->stored)) {
            row_prepare(line->hooks, row);
        }
    }
}

/* A row that must be there, and that the walk did not meet. False after telling; `fatal` is for what the machine did. */
static bool row_get(struct checker *c, enum ledger_table table, const struct check_row *row,
                    lf_bytes *out, lf_status *fatal)
{
    lf_error err = LF_ERROR_INIT;
    lf_bytes key = LF_BYTES_ARRAY(row->key);
    lf_status rc = st_get(c->options->txn, st__check_table(c, table), key, out, &err);
    if (st__check_is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
    } else if (rc != LF_OK) {
        st__check_damage(c, table == LEDGER_LEAVES ? "leaves" : "bodies", key, row->entry.index,
                         "%s", rc == LF_E_NOT_FOUND ? "is missing" : err.message);
    }
    return rc == LF_OK;
}

/* Recomputed from the body: identity, digest, leaf, and whatever the hooks themselves check. */
static lf_status facts_check(struct checker *c, struct check_row *row)
{
    const struct st_check_hooks *hooks = &c->options->hooks;
    const struct st_facts *facts = &row->facts;
    uint64_t index = row->entry.index;
    lf_bytes key = LF_BYTES_ARRAY(row->key);
    lf_status rc = row->status;
    if (rc == LF_OK && hooks->entry != NULL) {
        rc = hooks->entry(hooks->user, &row->entry, &row->facts, &row->error);
    }
    if (st__check_is_machine(rc)) {
        return lf__fail(c->err, rc, "%s", row->error.message);
    }
    if (rc != LF_OK) {
        st__check_damage(c, "bodies", key, index, "%s", row->error.message);
        return LF_OK;
    }
    bool is_leaf = lf__bytes_eq(facts->leaf, row->stored.leaf);
    bool is_sound = is_leaf && lf__hash_eq(&facts->digest, &row->stored.digest);
    if (!is_leaf) {
        st__check_damage(c, "leaves", key, index, "is not the leaf of the entry's body");
    } else if (!is_sound) {
        st__check_damage(c, "leaves", key, index, "its digest is not that of the entry's body");
    }
    if (index + 1 == c->report->head.size && facts->accepted_at_ms != c->report->accepted_at_ms) {
        st__check_damage(c, "head", st__head_key(), index,
                         "its time is not that of the last entry");
    }
    if (!is_sound) { /* then its identity is nothing to look for either: one damage, one entry named */
        return LF_OK;
    }
    if (facts->id.len == 0) {
        st__check_no_id(c, index);
        return LF_OK;
    }
    return st__check_id(c, index, &row->id_hash);
}

static void stored_tile_check(struct checker *c, uint64_t index, const struct lf__hash *leaf,
                              lf_status *fatal)
{
    struct lf__hash stored;
    lf_error err = LF_ERROR_INIT;
    struct lf__tree view = st_tree_reader_view(c->reader);
    lf_status rc = view.fetch(view.user, 0, index, &stored, &err);
    if (st__check_is_machine(rc)) {
        *fatal = lf__fail(c->err, rc, "%s", err.message);
    } else if (rc != LF_OK || !lf__hash_eq(&stored, leaf)) {
        st__check_damage(c, "tiles", LF_BYTES_NONE, index, "%s",
                         rc != LF_OK ? err.message : "does not hold the hash of the entry's leaf");
    }
}

static void tree_grow(struct checker *c, const struct check_row *row, lf_status *fatal)
{
    struct lf__hash hash = row->is_prepared ? row->leaf_hash : lf__merkle_leaf(row->stored.leaf);
    if (c->tree != NULL) {
        st_tree_append(c->tree, &hash);
    } else {
        stored_tile_check(c, row->entry.index, &hash, fatal);
    }
}

/* A hole ends the recomputed tree: what stands to its right cannot be hashed. */
static void entry_check(struct checker *c, struct check_row *row, bool *is_whole, lf_status *fatal)
{
    bool has_leaf = row->has_leaf || row_get(c, LEDGER_LEAVES, row, &row->leaf, fatal);
    if (has_leaf && !st__leaf_split(row->leaf, &row->stored)) {
        st__check_damage(c, "leaves", LF_BYTES_ARRAY(row->key), row->entry.index, "is too short");
        has_leaf = false;
    }
    bool has_body = row->has_body || row_get(c, LEDGER_BODIES, row, &row->stored.body, fatal);
    if (has_leaf && has_body && !row->is_prepared) { /* it was not where the walk came along */
        row_prepare(&c->options->hooks, row);
    }
    if (has_leaf && has_body) {
        lf_status rc = facts_check(c, row);
        *fatal = rc != LF_OK ? rc : *fatal;
    }
    *is_whole = *is_whole && has_leaf;
    if (*is_whole) {
        tree_grow(c, row, fatal);
    }
    c->report->examined++;
}

/* Which of the two is damaged the tile cannot tell; both are named. */
void st__check_tile_differs(void *user, const struct st_tile_difference *d)
{
    if (d->level == 0 && d->hash >= 0) {
        uint64_t index = d->number * ST_TILE_WIDTH + (unsigned)d->hash;
        st__check_damage(user, "tiles", d->key, index,
                         "does not hold the hash of the entry's leaf");
    } else {
        st__check_damage(user, "tiles", d->key, ST_NO_INDEX, "level %u, tile %llu, hash %d: %s",
                         d->level, (unsigned long long)d->number, d->hash, d->what);
    }
}

static lf_status chunk_check(struct checker *c, struct check_chunk *chunk, bool *is_whole)
{
    lf_status rc = LF_OK;
    for (size_t n = 0; rc == LF_OK && n < chunk->count; n++) {
        uint64_t i = chunk->rows[n].entry.index;
        entry_check(c, &chunk->rows[n], is_whole, &rc);
        if (rc == LF_OK && c->tree != NULL && *is_whole && i % CHECK_STEP == CHECK_STEP - 1) {
            rc = st_tree_verify(c->tree, c->options->txn, false, st__check_tile_differs, c, c->err);
        }
    }
    return rc;
}

static lf_status line_run(struct checker *c, struct check_line *line, uint64_t from, bool *is_whole)
{
    lf_status rc = LF_OK;
    uint64_t size = c->report->head.size;
    line->from = line->read = from;
    for (uint64_t done = from; rc == LF_OK && done < size; done += CHECK_CHUNK) {
        while (line->read < size && line->read - done < ST_CHECK_ROOMS) {
            chunk_read(c, line);
        }
        rc = chunk_check(c, &line->chunks[st_ahead_take(line->ahead)], is_whole);
    }
    return rc;
}

lf_status st__check_entries(struct checker *c, uint64_t from, bool *is_whole)
{
    struct check_line *line = calloc(1, sizeof *line);
    if (line == NULL) {
        return lf__fail(c->err, LF_E_NOMEM, "check: out of memory");
    }
    line->hooks = &c->options->hooks;
    struct st_ahead_options options = {
        .places = CHECK_CHUNKS,
        .helpers = c->report->head.size - from > CHECK_CHUNK ? st_ahead_helpers() : 0,
        .work = chunk_prepare,
        .user = line};
    struct st_txn *txn = c->options->txn;
    lf_status rc =
        st_cursor_open(txn, st__check_table(c, LEDGER_LEAVES), &c->leaves.cursor, c->err);
    rc = rc == LF_OK
             ? st_cursor_open(txn, st__check_table(c, LEDGER_BODIES), &c->bodies.cursor, c->err)
             : rc;
    rc = rc == LF_OK ? st_ahead_open(&options, &line->ahead, c->err) : rc;
    c->leaves.is_straight = c->bodies.is_straight = from == 0;
    rc = rc == LF_OK ? line_run(c, line, from, is_whole) : rc;
    st_ahead_close(line->ahead);
    free(line);
    return rc;
}
