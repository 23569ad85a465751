/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/ledger.h - an append-only Merkle log with group commit.
 *
 * One sequencer thread takes all that waits, runs `admit` and `apply` for each entry inside one
 * engine transaction, commits, signs the committed head, and only then answers. It knows no record
 * kind. Threads: submit, head and the read functions from any thread; open and close from one.
 */
#ifndef ST_LEDGER_H
#define ST_LEDGER_H

#include "base/buf.h"
#include "base/secret.h"
#include "core/checkpoint.h"
#include "core/tiles.h"
#include "storage/engine.h"

enum {
    ST_LEDGER_TABLES = 5,    /* a ledger uses tables first .. first + 4 */
    ST_GROUP_MAX = 1024,     /* entries in one commit, and in one st_ledger_submit() */
    ST_LEAF_MAX = 128,       /* bytes of a leaf */
    ST_ID_MAX = 128,         /* bytes of an entry's identity */
    ST_CHECKPOINT_MAX = 1536 /* bytes of a signed head, by two keys at most */
};

/* Told to each submitter once, on the sequencer's thread. Everything is borrowed for the call. */
struct st_result {
    lf_status status;  /* OK, or why this entry was not taken; `error` then says more */
    bool is_duplicate; /* OK, and this very entry was already there: index and leaf of then */
    uint64_t index;
    lf_bytes leaf;
    const struct lf__proof *proof; /* of `index` in the tree of `checkpoint` */
    lf_bytes checkpoint;           /* a head that is durable */
    const lf_error *error;
};

/* One entry on its way. Owned by the submitter, unmoved until `done` was called. */
struct st_entry {
    lf_bytes id;            /* identity, up to ST_ID_MAX bytes; the same id is taken once. Empty:
                             * the entry has none, is always new and cannot be found by one */
    struct lf__hash digest; /* of the entry's bytes: same id, other digest = E_EXISTS */
    lf_bytes body;          /* stored as given */
    bool skips_proof;       /* the submitter wants to know its place only: `proof` is then NULL */
    void *user;             /* for admit, apply and done */
    void (*done)(struct st_entry *entry, const struct st_result *result);
    /* the ledger's own from here */
    struct lf__hash key; /* of the identity */
    uint64_t
        absent_below; /* no entry below this position has the identity: known when it was handed in */
    struct st_entry *next;
    size_t together; /* of the first of a submission: how many it has; 0 of the others */
    lf_status status;
    bool is_duplicate;
    uint64_t index;
    size_t leaf_len;
    uint8_t leaf[ST_LEAF_MAX];
    lf_error error;
};

struct st_position {
    uint64_t index;
    uint64_t accepted_at_ms; /* max(now, previous) */
};

/* Both run on the sequencer's thread inside the transaction. `admit` writes the entry's leaf (1 to
 * ST_LEAF_MAX bytes), or returns a status that refuses this entry alone and has changed nothing.
 * `apply` is total: whatever it returns but OK is taken for an engine error, and ends the ledger. */
struct st_hooks {
    lf_status (*admit)(void *user, struct st_txn *txn, struct st_entry *entry,
                       const struct st_position *at, struct lf__buf *leaf, lf_error *err);
    lf_status (*apply)(void *user, struct st_txn *txn, const struct st_entry *entry,
                       const struct st_position *at, lf_error *err);
    void *user;
    /* NULL allowed. An entry whose identity stands at `index` comes again: OK, and it is told whether it is
     * the same; or E_PRECONDITION with the reason why that one may not be told of any more. */
    lf_status (*again)(void *user, struct st_txn *txn, uint64_t index, lf_error *err);
    /* NULL allowed. After the last `apply` of a commit, in its transaction: what is cheaper done once. As total. */
    lf_status (*settle)(void *user, struct st_txn *txn, lf_error *err);
    /* NULL allowed. On the sequencer, once all that it took together have been told; also when all were refused. */
    void (*answered)(void *user);
};

/* What a full or failing disk means for a ledger. All zero: nothing special. */
struct st_ledger_care {
    uint64_t floor;   /* bytes free on the disk, and in the map, below which nothing new is taken */
    uint64_t reserve; /* bytes that the disk keeps allocated for us while there is room */
    /* Called once, on the sequencer, when a commit failed: what the disk holds is unknown, and only a
     * restart may go on. NULL allowed. */
    void (*broken)(void *user, const lf_error *err);
    void *user;
};

struct st_ledger_options {
    struct st_engine *engine; /* borrowed until close */
    unsigned first_table;
    const char *origin;            /* copied */
    const struct lf__secret *seed; /* borrowed until close */
    const struct lf__secret
        *old_seed; /* of the key before: signs every head too, after it. NULL: there is none */
    struct st_hooks hooks;
    size_t queue_max;        /* entries; 0 means 8192 */
    int64_t (*now_ms)(void); /* NULL: the machine's clock */
    struct st_ledger_care care;
};

struct st_ledger;
LF_MUST_USE lf_status st_ledger_open(const struct st_ledger_options *options,
                                     struct st_ledger **out, lf_error *err);
/* Only to read and to find: no key, no thread, takes nothing, has no head. Works in transactions of any
 * engine that holds this ledger's tables. Closed like any other. */
LF_MUST_USE lf_status st_ledger_open_view(struct st_engine *engine, unsigned first_table,
                                          struct st_ledger **out, lf_error *err);
/* Another body for an entry that stands, in the transaction of `apply`: what the old one held is in the data
 * file only until its pages are used again or st_compact() is run. Leaf, digest and identity stay. */
LF_MUST_USE lf_status st_ledger_rewrite(struct st_ledger *ledger, struct st_txn *txn,
                                        uint64_t index, lf_bytes body, lf_error *err);
/* Takes no more, finishes what waits, joins the sequencer; the read functions go on. */
void st_ledger_drain(struct st_ledger *ledger);
/* Drains first. NULL allowed. */
void st_ledger_close(struct st_ledger *ledger);

/* Queues the entries together, so that they stand in order and in one commit. All or none: E_BUSY
 * past the queue's limit or below the floor (QUEUE_FULL, DISK_LOW), E_CLOSED while closing, E_IO once
 * a commit has failed. */
LF_MUST_USE lf_status st_ledger_submit(struct st_ledger *ledger, struct st_entry *const *entries,
                                       size_t count, lf_error *err);

/* The last durable head, and its signed note appended to `checkpoint` (NULL allowed). */
struct lf__merkle_head st_ledger_head(struct st_ledger *ledger, struct lf__buf *checkpoint);
/* E_NOT_FOUND at or past the end. Borrowed as st_get's values are. */
struct st_stored {
    lf_bytes leaf;
    struct lf__hash digest; /* as the entry's submitter gave it */
    lf_bytes body;
};
LF_MUST_USE lf_status st_ledger_read(struct st_ledger *ledger, struct st_txn *txn, uint64_t index,
                                     struct st_stored *out, lf_error *err);
/* `count` leaves in order from `from` on, without their bodies. E_NOT_FOUND when there are fewer; what there is was
 * told then. */
struct st_leaves {
    uint64_t from;
    uint64_t count;
    void (*each)(void *user, uint64_t index, lf_bytes leaf);
    void *user;
};
LF_MUST_USE lf_status st_ledger_leaves(struct st_ledger *ledger, struct st_txn *txn,
                                       const struct st_leaves *wanted, lf_error *err);
LF_MUST_USE lf_status st_ledger_find(struct st_ledger *ledger, struct st_txn *txn, lf_bytes id,
                                     uint64_t *index, lf_error *err);
/* Proofs in any tree up to the committed one. E_ARG for sizes and indexes that do not exist. */
LF_MUST_USE lf_status st_ledger_prove(struct st_ledger *ledger, uint64_t index, uint64_t size,
                                      struct lf__proof *out, lf_error *err);
/* The root of the tree when it had `size` entries. E_ARG past the committed one. */
LF_MUST_USE lf_status st_ledger_root(struct st_ledger *ledger, uint64_t size, struct lf__hash *out,
                                     lf_error *err);
LF_MUST_USE lf_status st_ledger_prove_consistency(struct st_ledger *ledger, uint64_t old_size,
                                                  uint64_t size, struct lf__proof *out,
                                                  lf_error *err);
/* Appends what C2SP tlog-tiles serves under this name: hashes, or leaves each after its u16be length.
 * E_NOT_FOUND while the committed tree has not grown that far. */
LF_MUST_USE lf_status st_ledger_tile(struct st_ledger *ledger, const struct lf__tile_name *name,
                                     struct lf__buf *out, lf_error *err);

#endif
