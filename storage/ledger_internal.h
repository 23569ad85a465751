/* SPDX-License-Identifier: Apache-2.0 */
/* storage/ledger_internal.h - shared by ledger.c (opening, reading) and sequencer.c (writing). */
#ifndef ST_LEDGER_INTERNAL_H
#define ST_LEDGER_INTERNAL_H

#include "storage/index.h"
#include "storage/ledger.h"
#include "storage/tree.h"

#include <pthread.h>

/* LEAVES: u64be index -> leaf || digest. BODIES: u64be index -> body. IDS: an index of SHA-256(id). */
enum ledger_table { LEDGER_META, LEDGER_TILES, LEDGER_LEAVES, LEDGER_BODIES, LEDGER_IDS };

/* META "head": u64be size, u64be accepted-at of the last entry, 32-byte root. */
enum { LEDGER_HEAD_BYTES = 8 + 8 + LF_HASH_BYTES };

struct st_ledger {
    struct st_engine *engine;
    unsigned first_table;
    struct st_hooks hooks;
    struct lf__note_key key;
    const struct lf__secret *seed;
    struct lf__note_key old_key;
    const struct lf__secret *old_seed; /* NULL: one signature */
    int64_t (*now_ms)(void);
    size_t queue_max;
    struct st_ledger_care care;

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct st_entry *head;
    struct st_entry **tail;
    size_t waiting;
    bool is_closing;
    bool is_broken;
    bool is_low; /* below the floor, when last looked */
    int64_t looked_ns;
    struct lf__merkle_head signed_head;
    struct lf__buf checkpoint;

    /* the sequencer's own */
    struct st_tree tree;
    uint64_t last_ms;
};

unsigned st__table(const struct st_ledger *ledger, enum ledger_table table);
void *st__sequencer(void *ledger);
/* Signs and publishes the head to readers. */
void st__ledger_publish(struct st_ledger *ledger, const struct lf__merkle_head *head);
lf_bytes st__head_key(void);
/* Leaf and digest; the body is left empty. E_NOT_FOUND past the end. */
lf_status st__leaf_read(struct st_ledger *ledger, struct st_txn *txn, uint64_t index,
                        struct st_stored *out, lf_error *err);
/* False when a row of LEAVES cannot be one. */
bool st__leaf_split(lf_bytes row, struct st_stored *out);
/* The entry with this hash of its identity, among those from `from` on. E_NOT_FOUND when there is none. */
lf_status st__id_find(struct st_ledger *ledger, struct st_txn *txn, const struct lf__hash *key,
                      uint64_t from, uint64_t *index, lf_error *err);

#endif
