/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a ledger, queueing entries and reading what is committed. */
#include "storage/ledger_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <stdlib.h>

enum { LEDGER_QUEUE_DEFAULT = 8192, LEDGER_LOOK_NS = 1000000000 };

unsigned st__table(const struct st_ledger *ledger, enum ledger_table table)
{
    return ledger->first_table + (unsigned)table;
}

lf_bytes st__head_key(void)
{
    return lf__bytes_str("head");
}

void st__ledger_publish(struct st_ledger *ledger, const struct lf__merkle_head *head)
{
    LF_BUF note;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    LF_BUG_IF(!lf__checkpoint_sign(head, &ledger->key, ledger->seed, &note));
    LF_BUG_IF(ledger->old_seed != NULL &&
              !lf__checkpoint_sign_too(head, &ledger->old_key, ledger->old_seed, &note));
    (void)pthread_mutex_lock(&ledger->lock);
    ledger->signed_head = *head;
    lf__buf_clear(&ledger->checkpoint);
    (void)lf__buf_append(&ledger->checkpoint, lf__buf_bytes(&note));
    (void)pthread_mutex_unlock(&ledger->lock);
}

/* What the tiles say must be what the head says, or signing would vouch for damage. */
static lf_status head_check(struct st_ledger *ledger, struct st_txn *txn,
                            struct lf__merkle_head *head, lf_error *err)
{
    lf_bytes value;
    *head = (struct lf__merkle_head){.root = lf__merkle_empty()};
    lf_status rc = st_get(txn, st__table(ledger, LEDGER_META), st__head_key(), &value, err);
    if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        return rc;
    }
    if (rc == LF_OK && value.len != LEDGER_HEAD_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "ledger: head is damaged");
    }
    if (rc == LF_OK) {
        head->size = lf__get_u64be(value.ptr);
        ledger->last_ms = lf__get_u64be(value.ptr + 8);
        lf__copy(head->root.bytes, value.ptr + 16, LF_HASH_BYTES);
    }
    rc = st_tree_load(&ledger->tree, txn, st__table(ledger, LEDGER_TILES), head->size, err);
    struct lf__hash root;
    struct lf__tree view = st_tree_view(&ledger->tree, txn);
    rc = rc == LF_OK ? lf__merkle_root(&view, &root, err) : rc;
    if (rc == LF_OK && !lf__hash_eq(&root, &head->root)) {
        return lf__fail(err, LF_E_CORRUPT, "ledger: tiles do not lead to the stored root");
    }
    return rc;
}

static lf_status ledger_start(struct st_ledger *ledger, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__merkle_head head;
    lf_status rc = st_engine_sound(ledger->engine, err);
    rc = rc == LF_OK ? st_txn_begin(ledger->engine, ST_READ, &txn, err) : rc;
    rc = rc == LF_OK ? head_check(ledger, txn, &head, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    st__ledger_publish(ledger, &head);
    int code = pthread_create(&ledger->thread, NULL, st__sequencer, ledger);
    ledger->has_thread = code == 0;
    return code == 0 ? LF_OK
                     : lf__fail_cause(err, LF_E_NOMEM, code, "ledger: no thread for the sequencer");
}

lf_status st_ledger_open(const struct st_ledger_options *options, struct st_ledger **out,
                         lf_error *err)
{
    struct lf__public_key key = lf__sign_public(options->seed);
    struct lf__public_key old_key =
        lf__sign_public(options->old_seed != NULL ? options->old_seed : options->seed);
    struct st_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        return lf__fail(err, LF_E_NOMEM, "ledger: out of memory");
    }
    ledger->engine = options->engine;
    ledger->first_table = options->first_table;
    ledger->hooks = options->hooks;
    ledger->seed = options->seed;
    ledger->old_seed = options->old_seed;
    ledger->now_ms = options->now_ms != NULL ? options->now_ms : lf__clock_utc_ms;
    ledger->queue_max = options->queue_max != 0 ? options->queue_max : LEDGER_QUEUE_DEFAULT;
    ledger->care = options->care;
    ledger->tail = &ledger->head;
    lf__buf_init(&ledger->checkpoint, ST_CHECKPOINT_MAX);
    (void)pthread_mutex_init(&ledger->lock, NULL);
    (void)pthread_cond_init(&ledger->wake, NULL);
    lf_status rc = lf__note_key_make(options->origin, &key, &ledger->key, err);
    rc = rc == LF_OK ? lf__note_key_make(options->origin, &old_key, &ledger->old_key, err) : rc;
    rc = rc == LF_OK ? ledger_start(ledger, err) : rc;
    if (rc != LF_OK) {
        st_ledger_close(ledger);
        return rc;
    }
    *out = ledger;
    return LF_OK;
}

lf_status st_ledger_open_view(struct st_engine *engine, unsigned first_table,
                              struct st_ledger **out, lf_error *err)
{
    struct st_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        return lf__fail(err, LF_E_NOMEM, "ledger: out of memory");
    }
    ledger->engine = engine;
    ledger->first_table = first_table;
    ledger->tail = &ledger->head;
    ledger->is_closing = true; /* so that submitting is refused */
    (void)pthread_mutex_init(&ledger->lock, NULL);
    (void)pthread_cond_init(&ledger->wake, NULL);
    *out = ledger;
    return LF_OK;
}

lf_status st_ledger_rewrite(struct st_ledger *ledger, struct st_txn *txn, uint64_t index,
                            lf_bytes body, lf_error *err)
{
    uint8_t key[8];
    lf_bytes before;
    unsigned table = st__table(ledger, LEDGER_BODIES);
    lf__put_u64be(key, index);
    lf_status rc = st_get(txn, table, LF_BYTES_ARRAY(key), &before, err);
    return rc == LF_OK ? st_put(txn, table, LF_BYTES_ARRAY(key), body, err) : rc;
}

void st_ledger_drain(struct st_ledger *ledger)
{
    (void)pthread_mutex_lock(&ledger->lock);
    ledger->is_closing = true;
    (void)pthread_cond_signal(&ledger->wake);
    (void)pthread_mutex_unlock(&ledger->lock);
    if (ledger->has_thread) {
        (void)pthread_join(ledger->thread, NULL);
        ledger->has_thread = false;
    }
}

void st_ledger_close(struct st_ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    st_ledger_drain(ledger);
    (void)pthread_cond_destroy(&ledger->wake);
    (void)pthread_mutex_destroy(&ledger->lock);
    lf__buf_done(&ledger->checkpoint);
    free(ledger);
}

/* At most once a second; the lock is held. A mark of damage set meanwhile ends the signing. */
static void room_look(struct st_ledger *ledger)
{
    struct st_space space;
    int64_t now = lf__clock_monotonic_ns();
    if (ledger->looked_ns != 0 && now - ledger->looked_ns < LEDGER_LOOK_NS) {
        return;
    }
    ledger->looked_ns = now;
    ledger->is_broken = ledger->is_broken || st_engine_sound(ledger->engine, NULL) != LF_OK;
    uint64_t floor = ledger->care.floor;
    ledger->is_low = st_engine_tend(ledger->engine, ledger->is_low ? 0 : ledger->care.reserve,
                                    &space, NULL) == LF_OK &&
                     (space.disk_free < floor || space.map_free < floor);
}

static lf_status queue_check(struct st_ledger *ledger, size_t count, lf_error *err)
{
    room_look(ledger);
    if (ledger->is_broken) {
        return lf__fail(
            err, LF_E_IO,
            "ledger: a commit failed or damage was found, nothing is taken until a restart");
    }
    if (ledger->is_closing) {
        return lf__refuse(err, LF_E_CLOSED, "DRAINING", "", "ledger: closing");
    }
    if (ledger->is_low) {
        return lf__refuse(err, LF_E_BUSY, "DISK_LOW", "",
                          "ledger: the disk is nearly full, nothing new is taken");
    }
    if (ledger->waiting + count > ledger->queue_max) {
        return lf__refuse(err, LF_E_BUSY, "QUEUE_FULL", "", "ledger: %zu entries wait already",
                          ledger->waiting);
    }
    return LF_OK;
}

/* Each is looked for here, on the caller's thread and among all that is committed, so that the sequencer has only
 * those to look through that came after. Failing costs time and nothing else. */
static void entries_look(struct st_ledger *ledger, struct st_entry *const *entries, size_t count)
{
    ST_TXN *txn = NULL;
    lf_bytes head;
    uint64_t index;
    if (st_txn_begin(ledger->engine, ST_READ, &txn, NULL) != LF_OK ||
        st_get(txn, st__table(ledger, LEDGER_META), st__head_key(), &head, NULL) != LF_OK ||
        head.len != LEDGER_HEAD_BYTES) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct st_entry *e = entries[i];
        bool is_absent =
            e->id.len > 0 && st__id_find(ledger, txn, &e->key, 0, &index, NULL) == LF_E_NOT_FOUND;
        e->absent_below = is_absent ? lf__get_u64be(head.ptr) : 0;
    }
}

lf_status st_ledger_submit(struct st_ledger *ledger, struct st_entry *const *entries, size_t count,
                           lf_error *err)
{
    bool has_ids = false;
    if (count == 0 || count > ST_GROUP_MAX) {
        return lf__fail(err, LF_E_ARG, "ledger: 1 to %d entries at once", ST_GROUP_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i]->id.len > ST_ID_MAX) {
            return lf__fail(err, LF_E_ARG, "ledger: an identity has up to %d bytes", ST_ID_MAX);
        }
        if (entries[i]->id.len > 0) {
            entries[i]->key = lf__sha256(entries[i]->id);
            has_ids = true;
        }
        entries[i]->absent_below = 0;
        entries[i]->next = i + 1 < count ? entries[i + 1] : NULL;
        entries[i]->together = i == 0 ? count : 0;
    }
    if (has_ids) {
        entries_look(ledger, entries, count);
    }
    (void)pthread_mutex_lock(&ledger->lock);
    lf_status rc = queue_check(ledger, count, err);
    if (rc == LF_OK) {
        *ledger->tail = entries[0];
        ledger->tail = &entries[count - 1]->next;
        ledger->waiting += count;
        (void)pthread_cond_signal(&ledger->wake);
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    return rc;
}

struct lf__merkle_head st_ledger_head(struct st_ledger *ledger, struct lf__buf *checkpoint)
{
    (void)pthread_mutex_lock(&ledger->lock);
    struct lf__merkle_head head = ledger->signed_head;
    if (checkpoint != NULL) {
        (void)lf__buf_append(checkpoint, lf__buf_bytes(&ledger->checkpoint));
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    return head;
}

bool st__leaf_split(lf_bytes row, struct st_stored *out)
{
    if (row.len <= LF_HASH_BYTES) {
        return false;
    }
    out->leaf = lf__bytes_slice(row, 0, row.len - LF_HASH_BYTES);
    lf__copy(out->digest.bytes, row.ptr + out->leaf.len, LF_HASH_BYTES);
    return true;
}

lf_status st__leaf_read(struct st_ledger *ledger, struct st_txn *txn, uint64_t index,
                        struct st_stored *out, lf_error *err)
{
    uint8_t key[8];
    lf_bytes row;
    lf__put_u64be(key, index);
    lf_status rc = st_get(txn, st__table(ledger, LEDGER_LEAVES), LF_BYTES_ARRAY(key), &row, err);
    out->body = LF_BYTES_NONE;
    return rc == LF_OK && !st__leaf_split(row, out)
               ? lf__fail(err, LF_E_CORRUPT, "ledger: a leaf is damaged")
               : rc;
}

lf_status st_ledger_read(struct st_ledger *ledger, struct st_txn *txn, uint64_t index,
                         struct st_stored *out, lf_error *err)
{
    uint8_t key[8];
    struct st_stored stored;
    lf__put_u64be(key, index);
    lf_status rc = st__leaf_read(ledger, txn, index, &stored, err);
    rc = rc == LF_OK
             ? st_get(txn, st__table(ledger, LEDGER_BODIES), LF_BYTES_ARRAY(key), &stored.body, err)
             : rc;
    if (rc == LF_OK) {
        *out = stored;
    }
    return rc;
}

static lf_status leaf_tell(const struct st_leaves *wanted, uint64_t index,
                           const struct st_pair *row, lf_error *err)
{
    struct st_stored stored;
    if (row->key.len != 8 || lf__get_u64be(row->key.ptr) != index ||
        !st__leaf_split(row->value, &stored)) {
        return lf__fail(err, LF_E_CORRUPT, "ledger: a leaf is damaged");
    }
    wanted->each(wanted->user, index, stored.leaf);
    return LF_OK;
}

lf_status st_ledger_leaves(struct st_ledger *ledger, struct st_txn *txn,
                           const struct st_leaves *wanted, lf_error *err)
{
    uint8_t key[8];
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf__put_u64be(key, wanted->from);
    lf_status rc = st_cursor_open(txn, st__table(ledger, LEDGER_LEAVES), &cursor, err);
    for (uint64_t i = 0; rc == LF_OK && i < wanted->count; i++) {
        rc = i == 0 ? st_cursor_seek(cursor, LF_BYTES_ARRAY(key), &row, err)
                    : st_cursor_next(cursor, &row, err);
        rc = rc == LF_OK ? leaf_tell(wanted, wanted->from + i, &row, err) : rc;
    }
    st_cursor_close(cursor);
    return rc;
}

struct id_found {
    uint64_t index;
    bool is_found;
};

static bool id_take(void *user, struct st_place place)
{
    struct id_found *found = user;
    *found = (struct id_found){place.position, true};
    return false;
}

lf_status st__id_find(struct st_ledger *ledger, struct st_txn *txn, const struct lf__hash *key,
                      uint64_t from, uint64_t *index, lf_error *err)
{
    struct id_found found = {.is_found = false};
    struct st_index_search search = {key, from, id_take, &found};
    lf_status rc = st_index_search(txn, st__table(ledger, LEDGER_IDS), &search, err);
    if (rc == LF_OK && !found.is_found) {
        return lf__fail(err, LF_E_NOT_FOUND, "ledger: no entry has this identity");
    }
    if (rc == LF_OK) {
        *index = found.index;
    }
    return rc;
}

lf_status st_ledger_find(struct st_ledger *ledger, struct st_txn *txn, lf_bytes id, uint64_t *index,
                         lf_error *err)
{
    struct lf__hash key = lf__sha256(id);
    return st__id_find(ledger, txn, &key, 0, index, err);
}

/* Opens a reader on a tree that is committed: sizes above the signed head do not exist yet. */
static lf_status prove_begin(struct st_ledger *ledger, uint64_t size, struct st_txn **txn,
                             struct st_tree_reader *reader, lf_error *err)
{
    if (size > st_ledger_head(ledger, NULL).size) {
        return lf__fail(err, LF_E_ARG, "proof: size %llu is past the end",
                        (unsigned long long)size);
    }
    lf_status rc = st_txn_begin(ledger->engine, ST_READ, txn, err);
    if (rc == LF_OK) {
        st_tree_reader_init(reader, *txn, st__table(ledger, LEDGER_TILES), size);
    }
    return rc;
}

lf_status st_ledger_prove(struct st_ledger *ledger, uint64_t index, uint64_t size,
                          struct lf__proof *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_tree_reader reader;
    lf_status rc = prove_begin(ledger, size, &txn, &reader, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__tree view = st_tree_reader_view(&reader);
    return lf__merkle_prove_inclusion(&view, index, out, err);
}

lf_status st_ledger_root(struct st_ledger *ledger, uint64_t size, struct lf__hash *out,
                         lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_tree_reader reader;
    lf_status rc = prove_begin(ledger, size, &txn, &reader, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__tree view = st_tree_reader_view(&reader);
    return lf__merkle_root(&view, out, err);
}

lf_status st_ledger_prove_consistency(struct st_ledger *ledger, uint64_t old_size, uint64_t size,
                                      struct lf__proof *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_tree_reader reader;
    lf_status rc = prove_begin(ledger, size, &txn, &reader, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__tree view = st_tree_reader_view(&reader);
    return lf__merkle_prove_consistency(&view, old_size, out, err);
}
