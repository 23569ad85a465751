/* SPDX-License-Identifier: Apache-2.0 */
/* storage/check_internal.h - one check, shared by its parts: check.c (head, tree), check_entries.c, check_ids.c,
 * check_rows.c. */
#ifndef ST_CHECK_INTERNAL_H
#define ST_CHECK_INTERNAL_H

#include "storage/check.h"
#include "storage/ledger_internal.h"

/* What the index of identities must hold of an entry, and whether it was found there. */
enum check_found { CHECK_UNREAD, CHECK_NO_ID, CHECK_WANTED, CHECK_FOUND };
struct check_id {
    uint8_t key[ST_INDEX_KEY];
    uint8_t found;
};

/* Rows are read in order: the next one is nearly always the one wanted. */
struct check_walk {
    struct st_cursor *cursor;
    bool is_begun;
    bool is_straight; /* from the table's first row on, each was the one wanted */
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

unsigned st__check_table(const struct checker *c, enum ledger_table table);
void st__check_damage(struct checker *c, const char *table, lf_bytes key, uint64_t index,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Only these end a check: the machine's trouble, not the data's. */
bool st__check_is_machine(lf_status rc);

/* Every entry from `from` on against its body, its leaf and its identity. *is_whole becomes false at a leaf that is
 * missing: what stands to its right is not in c->tree. */
lf_status st__check_entries(struct checker *c, uint64_t from, bool *is_whole);
void st__check_tile_differs(void *user, const struct st_tile_difference *difference);

/* An entry's identity, by its hash: kept to be looked for when the whole index is read, or looked up. */
lf_status st__check_id(struct checker *c, uint64_t index, const struct lf__hash *key);
/* What is wrong with a row of the index, or NULL; and, after all rows, what is missing. */
const char *st__check_id_row(struct checker *c, const struct st_pair *row);
void st__check_ids_complete(struct checker *c);
/* An entry that is sound, and has none. */
void st__check_no_id(struct checker *c, uint64_t index);

/* Every row of every table belongs to the ledger. */
lf_status st__check_rows(struct checker *c);
lf_status st__check_leaves_count(struct checker *c, uint64_t *out);

#endif
