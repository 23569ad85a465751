/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/heads.h - suspicion: every signed head that comes with an answer must be consistent with the last trusted one,
 * across runs. Heads are gathered as they come and proven by ProveConsistency on the driver's thread, at most once a
 * second; the newest is always among them, of the others up to HEADS_WAITING, drawn at random when more come.
 *
 * A head smaller than one that was known before its question was asked, two roots for one size, a proof that does not
 * hold, or a size that the gateway signed and disowns: the log is forked, and from then on nothing is believed.
 * Threads: any. All calls do nothing until lf__heads_open().
 */
#ifndef LF__HEADS_H
#define LF__HEADS_H

#include "client/driver.h"
#include "client/profile.h"
#include "client/trust.h"
#include "protos/codec/services.h"

enum { HEADS_WAITING = 32, HEADS_LOGS = 2 };

struct lf__log_heads {
    const struct lf__key_chain *chain; /* the client's */
    struct lf__seen trusted;           /* the driver's alone after the open; len 0: first contact */
    struct lf__seen stored;            /* likewise: as the file has it */
    struct lf__seen top;               /* the largest that was told */
    bool is_top_new;                   /* and that is not proven yet */
    struct lf__seen waiting[HEADS_WAITING];
    size_t count;
    uint64_t over; /* that came while the house was full */
};

struct lf__heads {
    struct lf__source source;
    struct lf_client *client;       /* NULL: not open */
    char dir[LF__PROFILE_PATH_MAX]; /* "": in memory only */
    pthread_mutex_t lock;           /* over tops, waiting and the next five */
    pthread_cond_t moved;
    bool is_forked;
    lf_error fork;
    bool is_urgent;
    uint64_t failures;
    lf_error failure; /* the last one: a proof that could not be had */
    struct lf__log_heads logs[HEADS_LOGS];
    /* the driver's */
    bool in_round;
    bool is_flying;
    struct lf__call call;
    unsigned log; /* of the call, with what it asks about */
    struct lf__seen asked;
    int64_t next_ns;
};

void lf__heads_init(struct lf__heads *heads);
void lf__heads_done(struct lf__heads *heads); /* after the driver's end */
/* Reads what is remembered; `dir` "": nothing, and nothing is. E_CORRUPT names a file that is no head. A mark does not
 * fail the open but every answer after it. */
lf_status lf__heads_open(struct lf__heads *heads, struct lf_client *client, const char *dir,
                         lf_error *err);

/* To be taken before a question is asked: no answer to it may be older. */
uint64_t lf__heads_floor(struct lf__heads *heads, enum px_log log);
/* A verified head that came with the answer. E_SIGNATURE (LOG_FORKED). */
lf_status lf__heads_saw(struct lf__heads *heads, enum px_log log, lf_bytes note,
                        const struct lf__merkle_head *head, uint64_t floor, lf_error *err);
/* The same of a note that nobody has verified yet; also E_FORMAT, E_SIGNATURE. */
lf_status lf__heads_saw_note(struct lf__heads *heads, enum px_log log, lf_bytes note,
                             uint64_t floor, lf_error *err);
/* E_SIGNATURE (LOG_FORKED) from the moment a fork is known. */
lf_status lf__heads_check(struct lf__heads *heads, lf_error *err);
/* Proves what waits, now. E_SIGNATURE (LOG_FORKED), E_DEADLINE, or why a proof could not be had. Not on the driver's
 * thread. */
lf_status lf__heads_settle(struct lf__heads *heads, int64_t timeout_ms, lf_error *err);

#endif
