/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/access/access.h - who asked what, why, and what was answered: the second ledger.
 *
 * Threads: all but open and close from any thread; `done` comes from the log's sequencer, or from
 * the caller when the log takes nothing.
 */
#ifndef GW_ACCESS_H
#define GW_ACCESS_H

#include "protos/codec/access.h"
#include "storage/check.h"

struct gw_access;

struct gw_access_options {
    struct st_engine *engine; /* borrowed until close */
    unsigned first_table;     /* ST_LEDGER_TABLES of them */
    unsigned meter_table;
    const char *name;                  /* the gateway's: the origin is NAME/access */
    unsigned number;                   /* in the origin, from 2 on; 0: likewise none */
    const struct lf__secret *seed;     /* of the log's own key; borrowed until close */
    const struct lf__secret *old_seed; /* of the key before, which signs too; NULL: there is none */
    const struct lf__secret *token_key; /* 32 bytes; borrowed until close */
    int64_t (*now_ms)(void);            /* NULL: the machine's clock */
    struct st_ledger_care care;         /* of a full or failing disk */
};
LF_MUST_USE lf_status gw_access_open(const struct gw_access_options *options,
                                     struct gw_access **out, lf_error *err);
void gw_access_close(struct gw_access *access); /* finishes what waits; NULL allowed */

/* How a subject stands in an entry: the same code always gives the same token here, and nobody
 * without the key can tell which code it was. */
struct px_token gw_access_token(const struct gw_access *access, lf_bytes code);

/* How a rival is called to somebody: the same for one asker and member, and of no use to anybody else. */
enum { GW_PSEUDONYM_SIZE = 24 }; /* issuer- and 16 hex digits */
void gw_access_pseudonym(const struct gw_access *access, lf_bytes asker, lf_bytes member,
                         char out[static GW_PSEUDONYM_SIZE]);

/* One entry on its way; the caller's, unmoved until `done`. */
struct gw_access_note {
    void *user;
    /* Called exactly once. OK: durable, `index` is its place. Anything else: nothing may be told. */
    void (*done)(struct gw_access_note *note, lf_status status, const lf_error *err);
    uint64_t index;
    /* the log's own */
    struct st_entry entry;
    struct lf__buf body; /* salt || entry */
    struct lf__hash id;  /* of what is taken once */
    char purpose[64];
    char member[41];
    uint32_t subjects;
};
/* `what` is copied. A mirror's report is taken once: one that comes again, because its answer was lost, has the place of the first and
 * counts nothing. */
void gw_access_record(struct gw_access *access, const struct px_access *what,
                      struct gw_access_note *note);

struct st_ledger *gw_access_ledger(struct gw_access *access);

/* Subjects counted for a member and purpose ("" : all) on the Shanghai day of `at_ms`. */
LF_MUST_USE lf_status gw_access_meter(struct gw_access *access, lf_bytes member, lf_bytes purpose,
                                      int64_t at_ms, uint64_t *out, lf_error *err);

/* What somebody wants to ask about. Borrows. */
struct gw_access_want {
    lf_bytes member;
    lf_bytes purpose;
    int64_t at_ms;  /* whose Shanghai day counts */
    uint64_t limit; /* of subjects a day for that member and purpose; UINT64_MAX: none */
    uint32_t subjects;
};
/* How many of them are within the limit: taken, to be recorded, or given back when nothing is told. */
LF_MUST_USE lf_status gw_access_take(struct gw_access *access, const struct gw_access_want *want,
                                     uint32_t *granted, lf_error *err);
void gw_access_give_back(struct gw_access *access, const struct gw_access_want *want,
                         uint32_t granted);

/* Each count that is kept: in the order of days, then members; `purpose` "" is the member's sum of the day. Text is
 * borrowed for the callback. */
struct gw_access_count {
    char day[11]; /* YYYY-MM-DD, Asia/Shanghai */
    char member[41];
    char purpose[64];
    uint64_t subjects;
};
LF_MUST_USE lf_status gw_access_meter_each(struct st_engine *engine, unsigned meter_table,
                                           void (*each)(void *user,
                                                        const struct gw_access_count *count),
                                           void *user, lf_error *err);

/* Recomputes all that the log stores; returns as st_check() does. */
struct gw_access_check {
    struct st_engine *engine;
    unsigned first_table;
    uint64_t last; /* as in st_check_options */
    void (*damage)(void *user, const struct st_damage *damage);
    void (*progress)(void *user, uint64_t done, uint64_t size); /* NULL allowed */
    void *user;
};
LF_MUST_USE lf_status gw_access_check(const struct gw_access_check *options,
                                      struct st_check_report *out, lf_error *err);

#endif
