/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/support/simple_ledger.h - a ledger whose entries are their own identities, for tests of storage.
 *
 * The body of entry n is the text of its id; its leaf is u64be time || SHA-256(body), so that a check
 * can recompute everything. The key is the same in every process.
 */
#ifndef TEST_SIMPLE_LEDGER_H
#define TEST_SIMPLE_LEDGER_H

#include "storage/check.h"

enum { SIMPLE_GROUP = 64, SIMPLE_ID = 32 };

struct simple {
    const char *path;
    struct st_engine *engine;
    struct st_ledger *ledger;
    struct lf__secret *seed;
    struct lf__note_key key;
};

lf_status simple_open(struct simple *simple, const char *path, lf_error *err);
lf_status simple_open_care(struct simple *simple, const char *path,
                           const struct st_ledger_care *care, lf_error *err);
/* Only the engine. */
lf_status simple_open_engine(struct simple *simple, const char *path, bool is_reader,
                             lf_error *err);
void simple_close(struct simple *simple);

/* An answer, as a submitter that trusts nobody keeps it. */
struct simple_answer {
    lf_status status;
    bool is_duplicate;
    bool proof_holds; /* signature of the head and inclusion of the leaf */
    uint64_t index;
    struct lf__hash leaf; /* hash */
    struct lf__merkle_head head;
};
/* Submits the ids in one piece and waits for all of them. OK: queued and answered, each its own way. */
lf_status simple_submit(struct simple *simple, char (*ids)[SIMPLE_ID], size_t count,
                        struct simple_answer *out, lf_error *err);

/* The whole check, or the last entries. Damages are counted and the first is kept in `first`. */
struct simple_report {
    struct st_check_report report;
    uint64_t
        examined;  /* whose turn came: of the others a row is missing, or the body was refused */
    uint64_t last; /* of these */
    char first[192];
    void (*damage)(void *user, const struct st_damage *damage); /* NULL allowed */
    void *user;
};
lf_status simple_check(struct st_txn *txn, uint64_t last, struct simple_report *out, lf_error *err);
/* Is this very answer still true of the ledger: index, leaf, and a head that ours extends? */
bool simple_holds(struct simple *simple, const char *id, const struct simple_answer *answer);
bool simple_extends(struct simple *simple, const struct lf__merkle_head *older);

#endif
