/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/ahead.h - work that is done ahead of the one who needs its outcome in order, by other threads
 * where the machine has processors for them. The owner fills a place of a ring, gives it, and takes it
 * back with the work done; between the two it is whoever works at it that has it. An owner that would
 * have to wait works along, and does all of it where no thread could be had.
 *
 * Threads: every call is the owner's; `work` runs in any, at several places at once.
 */
#ifndef ST_AHEAD_H
#define ST_AHEAD_H

#include <lianfang/base.h>

enum { ST_AHEAD_PLACES_MAX = 64, ST_AHEAD_HELPERS_MAX = 3 };

struct st_ahead_options {
    unsigned places;  /* 1 to ST_AHEAD_PLACES_MAX; given and taken in turn: 0, 1, ..., 0, 1, ... */
    unsigned helpers; /* at most this many threads beside the owner's; see st_ahead_helpers() */
    void (*work)(void *user, unsigned place);
    void *user;
};

struct st_ahead;

/* As many as there are processors beside the owner's own, at most ST_AHEAD_HELPERS_MAX. */
unsigned st_ahead_helpers(void);

/* *out is owned: release with st_ahead_close(). */
LF_MUST_USE lf_status st_ahead_open(const struct st_ahead_options *options, struct st_ahead **out,
                                    lf_error *err);
/* The next place in turn, which the owner holds. */
void st_ahead_give(struct st_ahead *ahead);
/* The place given longest ago is the owner's again, its work done. Something must have been given. */
unsigned st_ahead_take(struct st_ahead *ahead);
/* Waits for what is under way and drops what nobody has begun. NULL allowed. */
void st_ahead_close(struct st_ahead *ahead);

#endif
