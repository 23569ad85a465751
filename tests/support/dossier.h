/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/support/dossier.h - a small ledger in memory with its members, witnesses and records, out of which evidence is
 * made: good, and bent in every way. Keys, ids and times are fixed, so that it is the same in every run.
 */
#ifndef TEST_DOSSIER_H
#define TEST_DOSSIER_H

#include "base/arena.h"
#include "base/secret.h"
#include "core/checkpoint.h"
#include "core/roster.h"
#include "protos/codec/evidence_bundle.h"

enum dossier_who {
    D_LEDGER,
    D_LEDGER_NEXT, /* the key that the ledger took later */
    D_STRANGER,    /* another log's key; nobody's member */
    D_WITNESS_1,
    D_WITNESS_2,
    D_WITNESS_3,
    D_WITNESS_OTHER, /* not in the policy */
    D_AUTHORITY,
    D_PLATFORM,
    D_SECOND,
    D_REGULATOR,
    D_WHO
};
/* Tables of keys, in the order of time. */
enum dossier_table { D_BEFORE, D_ACTIVE, D_SUSPENDED, D_WITHOUT_KEY, D_TABLES };
/* Entries that are records. The others of the log are leaves alone. */
enum {
    D_EVENT = 3,      /* of the platform, signed alone; names the attachment */
    D_BATCHED = 4,    /* of the platform, first of a batch of three */
    D_BATCHED_2 = 5,  /* second of it */
    D_WITHDRAWAL = 7, /* of D_EVENT by the platform, which is suspended by then */
    D_LATE = 8,       /* an event of the suspended platform, which no honest gateway takes */
    D_OF_SECOND = 9,  /* an event of the second platform */
    D_REVOKED = 10,   /* an event under a key that no longer stands in the table */
    D_ENTRIES = 11
};
#define D_ORIGIN  "test.example/ledger"
#define D_PICTURE "the picture"

struct dossier {
    struct lf__arena arena;
    struct lf__secret *seeds[D_WHO];
    struct lf__public_key keys[D_WHO];
    struct lf__hash leaves[D_ENTRIES]; /* hashes */
    struct lf__merkle_head head;
    struct px_bundle_record all[D_ENTRIES]; /* of those that are records */
    struct px_bundle bundle;
    struct px_bundle_record records[4];
    struct px_attachment attachments[4];
    struct lf__buf trust;
};

/* The good bundle: D_EVENT, D_BATCHED, D_WITHDRAWAL and the picture, under a head with two of three witnesses. */
void dossier_open(struct dossier *d);
void dossier_close(struct dossier *d);
/* A note for a head; a bit for each who of D_WITNESS_* that cosigns. Borrowed from the arena. */
lf_bytes dossier_note(struct dossier *d, const char *origin, const struct lf__merkle_head *head,
                      enum dossier_who signer, unsigned cosigners);
/* The row of a member's key in a table, with its path; none: aborts. */
struct px_key_proof dossier_key(struct dossier *d, enum dossier_table table, enum dossier_who who);
struct px_key_proof *dossier_key_copy(struct dossier *d,
                                      size_t record); /* of a record's first key, to be bent */
struct px_envelope dossier_envelope(struct dossier *d,
                                    size_t record); /* of a record of the bundle */
void dossier_envelope_set(struct dossier *d, size_t record, const struct px_envelope *envelope);
/* Once more: the trees, paths and head of `leaves` as they are now. */
void dossier_rebuild(struct dossier *d);
/* Instead: a genesis of two authority keys, of which `threshold` have to sign, and a policy that one has signed. */
void dossier_authority(struct dossier *d, uint32_t threshold);
void dossier_encode(const struct dossier *d, struct lf__buf *out);

#endif
