/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/client/mirror/mirror_internal.h - what the files of the mirror share. The store holds, in one directory: every position's leaf hash;
 * of the records that the member may see leaf and envelope; and, derived from these, the standing of each code, names and old
 * numbers. Every commit is a whole step: the frontier stands at the position behind all that is there.
 */
#ifndef LF__MIRROR_INTERNAL_H
#define LF__MIRROR_INTERNAL_H

#include "base/bytes.h"
#include "core/checkpoint.h"
#include "core/frontier.h"
#include "rules/standing.h"
#include "names/names.h"
#include "protos/codec/services.h"
#include "protos/codec/words.h"
#include "storage/engine.h"

#include <lianfang/mirror.h>

enum mirror_table {
    MIRROR_META,     /* name -> value */
    MIRROR_LEAVES,   /* u64be chunk -> up to MIRROR_CHUNK leaf hashes */
    MIRROR_ENTRIES,  /* u64be index -> leaf || envelope */
    MIRROR_STANDING, /* code -> rows */
    MIRROR_RECORDS,  /* issuer, 0, record id -> u64be index || code */
    MIRROR_EFFECTS, /* issuer, 0, record id of the target, u64be index -> what the entry does to it */
    MIRROR_NAMES,   /* first 16 bytes of a folded name's SHA-256, u64be index -> code */
    MIRROR_OLD,     /* old number, u64be index -> code */
    MIRROR_RESTRICTED, /* u64be index -> u64be index of the order, u64be of the one that lifted it */
    MIRROR_WANTED, /* issuer, 0, record id -> u64be index of the entry that made it visible: to be fetched */
    MIRROR_COUNTS,  /* day -> u64be subjects || digest: not reported yet */
    MIRROR_REPORTS, /* u64be number || day -> the same: on its way, or its answer was lost */
    MIRROR_ROLES    /* member -> u8 role */
};
enum {
    MIRROR_CHUNK = 127, /* hashes a row: they fill one page of 4 KiB */
    MIRROR_KEY_MAX = 128,
    MIRROR_NAME_BYTES = 16,
    MIRROR_WORD_MAX = 48,
    MIRROR_CODE_BYTES = 18,
    MIRROR_OLD_BYTES = 15,
    MIRROR_COUNT_BYTES = 8 + LF_HASH_BYTES
};

struct lf_mirror {
    struct st_engine *engine;
    struct lf__rules *rules;
    struct lf__names *names; /* opened when the first name comes */
    char dir[4096];
    bool is_test;         /* of a test ledger: division 999999 is good */
    char member[41];      /* whose copy it is; "": new */
    unsigned role;        /* the member's own */
    unsigned waits_below; /* a certainty: whose relay is waited for */
    bool is_admitted;     /* an entry that was applied says that the member is active */
    uint64_t told_from;   /* from here on a sync is told what may be told once the ledger has ... */
    uint64_t told_until;  /* ... so many entries; 0: no sync has asked yet */
};

/* ---- mirror_store.c ---- */

/* One statement about a code. */
struct mirror_row {
    uint64_t index;
    int64_t said_ms;
    int64_t from_ms;
    int64_t until_ms; /* 0: no end */
    uint8_t kind;     /* an enum px_kind */
    uint8_t state;    /* an enum lf__state; expiry and appeals are seen when asked */
    uint8_t appeal;
    uint8_t certainty;
    uint8_t flags;
    lf_bytes word; /* violation, reason or status; of a listing the list */
};
enum { MIRROR_IS_CLOSING = 1, MIRROR_IS_NOTICE = 2, MIRROR_IS_OWN = 4, MIRROR_IS_BURST = 8 };

struct mirror_key {
    uint8_t bytes[MIRROR_KEY_MAX];
    size_t len;
};
static inline lf_bytes mirror_key(const struct mirror_key *key)
{
    return (lf_bytes){key->bytes, key->len};
}
struct mirror_key lf__mirror_number(uint64_t number);
/* issuer, 0, id. */
struct mirror_key lf__mirror_record(lf_bytes issuer, lf_bytes id);
/* Any key with a number behind it. */
struct mirror_key lf__mirror_at(lf_bytes key, uint64_t number);

bool lf__mirror_row_read(lf_bytes *rest, struct mirror_row *out);
/* Puts the row among those of `code`, in the place of one with its index; `row` NULL takes the one with `index` away. */
lf_status lf__mirror_row_put(struct st_txn *txn, lf_bytes code, uint64_t index,
                             const struct mirror_row *row, lf_error *err);
lf_status lf__mirror_meta_get(struct st_txn *txn, const char *name, lf_bytes *out, lf_error *err);
lf_status lf__mirror_meta_put(struct st_txn *txn, const char *name, lf_bytes value, lf_error *err);
lf_status lf__mirror_meta_put_number(struct st_txn *txn, const char *name, uint64_t number,
                                     lf_error *err);
/* Moved: *txn is NULL afterwards, also when it fails. */
lf_status lf__mirror_commit(struct st_txn **txn, lf_error *err);
/* Remembers what led from the trusted key of the ledger to its newest, if anything did. */
lf_status lf__mirror_keys_put(struct lf_client *client, struct st_txn *txn, lf_error *err);
/* A head by `first`, which the mirror began with, or by what was remembered to follow it. */
lf_status lf__mirror_head_open(struct st_txn *txn, const struct lf__note_key *first, lf_bytes note,
                               struct lf__merkle_head *head, lf_error *err);
/* Whether the copy is of the ledger that this key is or was one of. */
bool lf__mirror_is_of(struct st_txn *txn, const struct lf__note_key *key);
lf_status lf__mirror_frontier_get(struct st_txn *txn, struct lf__frontier *out, lf_error *err);
lf_status lf__mirror_frontier_put(struct st_txn *txn, const struct lf__frontier *frontier,
                                  lf_error *err);
/* Hashes that follow what is there. */
lf_status lf__mirror_leaves_add(struct st_txn *txn, uint64_t from, const struct lf__hash *leaves,
                                size_t count, lf_error *err);
lf_status lf__mirror_leaf_get(struct st_txn *txn, uint64_t index, struct lf__hash *out,
                              lf_error *err);
lf_status lf__mirror_entry_put(struct st_txn *txn, uint64_t index, lf_bytes leaf, lf_bytes envelope,
                               lf_error *err);
/* Borrowed; E_CORRUPT, or E_NOT_FOUND without a word: it was erased. */
lf_status lf__mirror_entry_get(struct st_txn *txn, uint64_t index, lf_bytes *leaf,
                               lf_bytes *envelope, lf_error *err);
/* As st_get(), but absence is an answer, and costs no message. */
lf_status lf__mirror_find(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes *out,
                          bool *found, lf_error *err);
lf_status lf__mirror_remove(struct st_txn *txn, unsigned table, lf_bytes key, lf_error *err);
/* The rows of a table whose keys begin so: calls `each` until it returns false. */
typedef bool (*mirror_each_cb)(const struct st_pair *pair, void *user);
lf_status lf__mirror_each(struct st_txn *txn, unsigned table, lf_bytes prefix, mirror_each_cb each,
                          void *user, lf_error *err);

/* ---- mirror.c ---- */

/* A number that the store says of itself; 0 until it does. */
uint64_t lf__mirror_meta_number(struct st_txn *txn, const char *name);

/* What the store says of itself, after opening and after each change of it. */
lf_status lf__mirror_load(lf_mirror *mirror, lf_error *err);
lf_status lf__mirror_engine_open(lf_mirror *mirror, lf_error *err);

/* ---- mirror_apply.c ---- */

/* One entry that was proven to be at its index, into the standing. */
lf_status lf__mirror_apply(lf_mirror *mirror, struct st_txn *txn, const struct px_entry *entry,
                           lf_error *err);

/* An entry on its way into the standing. */
struct mirror_entry {
    lf_mirror *mirror;
    struct st_txn *txn;
    struct lf__arena *arena;
    const struct px_envelope *envelope;
    uint64_t index;
    int64_t said_ms; /* when the ledger took it */
    bool is_burst;   /* was quarantined as one of too many; only of one that is just coming in */
};
static inline int64_t lf__mirror_said_ms(lf_bytes leaf)
{
    return (int64_t)lf__get_u64be(leaf.ptr + 1);
}

/* ---- mirror_row.c ---- */

/* A merchant of a platform advises nobody of anything: it only leads to its code. */
static inline bool lf__mirror_keeps(enum px_kind kind)
{
    return lf__is_statement(kind) && kind != PX_KIND_MERCHANT_IDENTITY;
}
struct mirror_statement {
    struct mirror_row row;
    struct lf__life life; /* the row's state, appeal and end, until it is written */
    bool is_lift;
    lf_bytes code; /* empty: none leads to it */
};
/* As it begins, before anything was said of it. */
lf_status lf__mirror_statement_begin(const struct mirror_entry *e, struct mirror_statement *out,
                                     lf_error *err);
/* Of the store: `e` has all but the envelope and the time. False in *is for what is no statement, or was erased. */
lf_status lf__mirror_statement_read(struct mirror_entry *e, struct mirror_statement *out, bool *is,
                                    lf_error *err);
/* Whether it began quarantined, as one of too many. */
lf_status lf__mirror_is_burst(const struct mirror_entry *e, bool *out, lf_error *err);
/* With all that was said of it, among the rows of its code. */
lf_status lf__mirror_statement_put(const struct mirror_entry *e, struct mirror_statement *st,
                                   lf_error *err);
/* What the entry does to the record `target`, beside it. */
lf_status lf__mirror_effect_put(const struct mirror_entry *e, const struct mirror_key *target,
                                const struct lf__word *word, lf_error *err);
/* A statement's row made anew from it and from all that was said of it; nothing happens for what was erased. */
lf_status lf__mirror_derive(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                            uint64_t index, lf_error *err);
/* What the standing should have of an entry. Borrowed from the arena. */
struct lf__mirror_derived {
    struct mirror_row row;
    lf_bytes code;
    bool stands; /* it has a row */
};
lf_status lf__mirror_derived(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                             uint64_t index, struct lf__mirror_derived *out, lf_error *err);

/* ---- mirror_federation.c ---- */

/* Members, policy, campaigns, genesis; nothing happens for any other kind. */
lf_status lf__mirror_federation_apply(const struct mirror_entry *e, lf_error *err);
/* Whether an accusation waits for a relay. Only the issuer and regulators see what does, so to anybody else it is released. */
lf_status lf__mirror_waits(const struct mirror_entry *e, const struct mirror_statement *st,
                           bool *out, lf_error *err);

/* ---- mirror_late.c ---- */

/* By what `e` says the record is no longer withheld: the next sync fetches it. */
lf_status lf__mirror_want(const struct mirror_entry *e, const struct mirror_key *record,
                          lf_error *err);
/* What was withheld at these positions may be told now: they are read once more. */
lf_status lf__mirror_again(const lf_mirror *mirror, struct st_txn *txn, uint64_t from,
                           uint64_t until, lf_error *err);

/* ---- mirror_erase.c ---- */

/* Carries an order out. Sets "compact" where bytes must leave the file. */
lf_status lf__mirror_redact(const struct mirror_entry *order, lf_error *err);
/* Whether an order says that nobody is told of what is there. */
lf_status lf__mirror_is_restricted(struct st_txn *txn, uint64_t index, bool *out, lf_error *err);
/* At `by` it was told of: what was ordered before that is over. */
lf_status lf__mirror_is_told(struct st_txn *txn, uint64_t index, uint64_t by, lf_error *err);
/* Names and numbers that lead to a statement's code, put or taken away. */
lf_status lf__mirror_lead(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                          const struct px_envelope *envelope, uint64_t index, bool is_there,
                          lf_error *err);
/* The beginning of a name's keys; false in *has for a name that leads nowhere. */
lf_status lf__mirror_name_key(lf_mirror *mirror, lf_bytes name, struct mirror_key *out, bool *has,
                              lf_error *err);

/* ---- mirror_report.c ---- */

/* Tells the gateway what was screened since the last time. */
lf_status lf__mirror_report(lf_mirror *mirror, lf_client *client, lf_error *err);

#endif
