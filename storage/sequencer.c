/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one thread that writes a ledger: take all that waits, one transaction, commit, sign, answer.
 * No head is signed before it is durable, and nobody is answered before the head is signed.
 */
#include "storage/ledger_internal.h"

#include "base/bytes.h"
#include "base/status.h"

/* Whole submissions only: a batch is answered with one head, so it must stand in one commit.
 * The group is a list of its own once taken; NULL when the ledger closes and nothing waits. */
static struct st_entry *group_take(struct st_ledger *ledger)
{
    (void)pthread_mutex_lock(&ledger->lock);
    while (ledger->head == NULL && !ledger->is_closing) {
        (void)pthread_cond_wait(&ledger->wake, &ledger->lock);
    }
    struct st_entry *group = ledger->head;
    struct st_entry **end = &ledger->head;
    size_t count = 0;
    while (*end != NULL && count + (*end)->together <= ST_GROUP_MAX) {
        end = &(*end)->next;
        count++;
    }
    struct st_entry *rest = *end;
    if (count > 0) {
        *end = NULL;
        ledger->head = rest;
        ledger->tail = rest == NULL ? &ledger->head : ledger->tail;
        ledger->waiting -= count;
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    return group;
}

/* E_NOT_FOUND when the identity is new; OK with index and leaf of then; E_EXISTS for other bytes;
 * E_PRECONDITION when it may not be told of. */
static lf_status entry_duplicate(struct st_ledger *ledger, struct st_txn *txn,
                                 struct st_entry *entry, lf_error *err)
{
    struct st_stored before;
    uint64_t index;
    if (entry->id.len == 0) {
        return LF_E_NOT_FOUND;
    }
    lf_status rc = st__id_find(ledger, txn, &entry->key, entry->absent_below, &index, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = ledger->hooks.again == NULL ? LF_OK
                                     : ledger->hooks.again(ledger->hooks.user, txn, index, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st__leaf_read(ledger, txn, index, &before, err);
    if (rc != LF_OK || before.leaf.len > ST_LEAF_MAX) {
        return lf__fail(err, LF_E_CORRUPT, "ledger: the leaf of a known identity is missing");
    }
    if (!lf__hash_eq(&before.digest, &entry->digest)) {
        return lf__refuse(err, LF_E_EXISTS, "CHANGED", "header.record_id",
                          "record: the same id was taken with other bytes");
    }
    entry->is_duplicate = true;
    entry->index = index;
    entry->leaf_len = before.leaf.len;
    lf__copy(entry->leaf, before.leaf.ptr, before.leaf.len);
    return LF_OK;
}

static lf_status id_write(struct st_ledger *ledger, struct st_txn *txn,
                          const struct st_entry *entry, const struct lf__hash *key, lf_error *err)
{
    unsigned table = st__table(ledger, LEDGER_IDS);
    lf_status rc = st_index_fold(txn, table, entry->index, err);
    return rc == LF_OK && entry->id.len > 0
               ? st_index_put(txn, table, key, (struct st_place){entry->index, 0}, err)
               : rc;
}

/* Leaf and digest share a row: both are of a fixed size, and needed together for a duplicate. */
static lf_status entry_write(struct st_ledger *ledger, struct st_txn *txn,
                             const struct st_entry *entry, const struct lf__hash *id, lf_error *err)
{
    uint8_t key[8];
    uint8_t row[ST_LEAF_MAX + LF_HASH_BYTES];
    lf__put_u64be(key, entry->index);
    lf__copy(row, entry->leaf, entry->leaf_len);
    lf__copy(row + entry->leaf_len, entry->digest.bytes, LF_HASH_BYTES);
    lf_bytes leaf = {row, entry->leaf_len + LF_HASH_BYTES};
    lf_status rc = st_append(txn, st__table(ledger, LEDGER_LEAVES), LF_BYTES_ARRAY(key), leaf, err);
    rc = rc == LF_OK ? st_append(txn, st__table(ledger, LEDGER_BODIES), LF_BYTES_ARRAY(key),
                                 entry->body, err)
                     : rc;
    return rc == LF_OK ? id_write(ledger, txn, entry, id, err) : rc;
}

static lf_status entry_admit(struct st_ledger *ledger, struct st_txn *txn, struct st_entry *entry,
                             const struct st_position *at)
{
    LF_BUF leaf;
    lf__buf_init(&leaf, ST_LEAF_MAX);
    lf_status rc = ledger->hooks.admit(ledger->hooks.user, txn, entry, at, &leaf, &entry->error);
    if (rc != LF_OK) {
        return rc;
    }
    LF_BUG_IF(leaf.failed || leaf.len == 0);
    entry->leaf_len = leaf.len;
    lf__copy(entry->leaf, leaf.ptr, leaf.len);
    return LF_OK;
}

/* Returns an engine error only; a refusal stays with the entry. */
static lf_status entry_sequence(struct st_ledger *ledger, struct st_txn *txn,
                                struct st_entry *entry, lf_error *err)
{
    entry->is_duplicate = false;
    entry->error = (lf_error)LF_ERROR_INIT;
    entry->status = entry_duplicate(ledger, txn, entry, &entry->error);
    if (entry->status != LF_E_NOT_FOUND) {
        bool is_answer = entry->status == LF_OK || entry->status == LF_E_EXISTS ||
                         entry->status == LF_E_PRECONDITION;
        return is_answer ? LF_OK : lf__fail(err, entry->status, "%s", entry->error.message);
    }
    uint64_t now = (uint64_t)ledger->now_ms();
    struct st_position at = {ledger->tree.size, now > ledger->last_ms ? now : ledger->last_ms};
    entry->error = (lf_error)LF_ERROR_INIT;
    entry->status = entry_admit(ledger, txn, entry, &at);
    if (entry->status != LF_OK) {
        return lf_status_kind(entry->status) == LF_KIND_LOCAL
                   ? lf__fail(err, entry->status, "%s", entry->error.message)
                   : LF_OK;
    }
    entry->index = at.index;
    ledger->last_ms = at.accepted_at_ms;
    lf_status rc = entry_write(ledger, txn, entry, &entry->key, err);
    rc = rc == LF_OK ? ledger->hooks.apply(ledger->hooks.user, txn, entry, &at, err) : rc;
    if (rc == LF_OK) {
        struct lf__hash hash = lf__merkle_leaf((lf_bytes){entry->leaf, entry->leaf_len});
        st_tree_append(&ledger->tree, &hash);
    }
    return rc;
}

static lf_status head_store(struct st_ledger *ledger, struct st_txn *txn,
                            struct lf__merkle_head *head, lf_error *err)
{
    uint8_t value[LEDGER_HEAD_BYTES];
    struct lf__tree view = st_tree_view(&ledger->tree, txn);
    lf_status rc = st_tree_store(&ledger->tree, txn, err);
    rc = rc == LF_OK ? lf__merkle_root(&view, &head->root, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    head->size = ledger->tree.size;
    lf__put_u64be(value, head->size);
    lf__put_u64be(value + 8, ledger->last_ms);
    lf__copy(value + 16, head->root.bytes, LF_HASH_BYTES);
    return st_put(txn, st__table(ledger, LEDGER_META), st__head_key(), LF_BYTES_ARRAY(value), err);
}

static lf_status group_commit(struct st_ledger *ledger, struct st_entry *group,
                              struct lf__merkle_head *head, lf_error *err)
{
    ST_TXN *txn = NULL;
    uint64_t before = ledger->tree.size;
    lf_status rc = st_txn_begin(ledger->engine, ST_WRITE, &txn, err);
    for (struct st_entry *e = group; rc == LF_OK && e != NULL; e = e->next) {
        rc = entry_sequence(ledger, txn, e, err);
    }
    if (rc == LF_OK && ledger->tree.size == before) {
        return LF_OK; /* nothing new: no commit, no flush, the old head stands */
    }
    if (rc == LF_OK && ledger->hooks.settle != NULL) {
        rc = ledger->hooks.settle(ledger->hooks.user, txn, err);
    }
    rc = rc == LF_OK ? head_store(ledger, txn, head, err) : rc;
    if (rc == LF_OK) {
        struct st_txn *last = txn;
        txn = NULL;
        rc = st_txn_commit(last, err);
    }
    return rc;
}

static void entry_answer(struct st_ledger *ledger, struct st_entry *entry, struct lf__tree *view,
                         lf_bytes checkpoint)
{
    struct lf__proof proof;
    struct st_result result = {.status = entry->status,
                               .is_duplicate = entry->is_duplicate,
                               .index = entry->index,
                               .leaf = {entry->leaf, entry->leaf_len},
                               .checkpoint = checkpoint,
                               .error = &entry->error};
    if (entry->status == LF_OK && view != NULL && !entry->skips_proof) {
        result.status = lf__merkle_prove_inclusion(view, entry->index, &proof, &entry->error);
        result.proof = &proof;
    }
    (void)ledger;
    entry->done(entry, &result);
}

/* The tiles of old duplicates are read in a transaction of their own, opened only for the answers. */
static void group_answer(struct st_ledger *ledger, struct st_entry *group)
{
    ST_TXN *txn = NULL;
    LF_BUF checkpoint;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&checkpoint, ST_CHECKPOINT_MAX);
    (void)st_ledger_head(ledger, &checkpoint);
    lf_status rc = st_txn_begin(ledger->engine, ST_READ, &txn, &err);
    struct lf__tree view = st_tree_view(&ledger->tree, txn);
    while (group != NULL) {
        struct st_entry *next = group->next; /* `done` may free the entry */
        if (rc != LF_OK && group->status == LF_OK) {
            group->status = rc;
            group->error = err;
        }
        entry_answer(ledger, group, &view, lf__buf_bytes(&checkpoint));
        group = next;
    }
}

/* After an engine error nobody knows what the disk holds: refuse all, now and later. */
static void group_fail(struct st_ledger *ledger, struct st_entry *group, const lf_error *err)
{
    (void)pthread_mutex_lock(&ledger->lock);
    bool is_first = !ledger->is_broken;
    ledger->is_broken = true;
    (void)pthread_mutex_unlock(&ledger->lock);
    if (is_first && ledger->care.broken != NULL) {
        ledger->care.broken(ledger->care.user, err);
    }
    while (group != NULL) {
        struct st_entry *next = group->next;
        group->status = err->status;
        group->is_duplicate = false;
        group->error = *err;
        entry_answer(ledger, group, NULL, LF_BYTES_NONE);
        group = next;
    }
}

static bool is_broken(struct st_ledger *ledger)
{
    (void)pthread_mutex_lock(&ledger->lock);
    bool broken = ledger->is_broken;
    (void)pthread_mutex_unlock(&ledger->lock);
    return broken;
}

static void group_run(struct st_ledger *ledger, struct st_entry *group)
{
    lf_error err = LF_ERROR_INIT;
    struct lf__merkle_head head = st_ledger_head(ledger, NULL);
    uint64_t before = head.size;
    lf_status rc = is_broken(ledger) ? lf__fail(&err, LF_E_IO, "ledger: an earlier commit failed")
                                     : group_commit(ledger, group, &head, &err);
    if (rc != LF_OK) {
        err.status = rc;
        group_fail(ledger, group, &err);
        return;
    }
    if (head.size != before) {
        st__ledger_publish(ledger, &head);
    }
    group_answer(ledger, group);
}

void *st__sequencer(void *user)
{
    struct st_ledger *ledger = user;
    for (struct st_entry *group = group_take(ledger); group != NULL; group = group_take(ledger)) {
        group_run(ledger, group);
        if (ledger->hooks.answered != NULL) {
            ledger->hooks.answered(ledger->hooks.user);
        }
    }
    return NULL;
}
