/* SPDX-License-Identifier: Apache-2.0 */
/* client/heads_internal.h - shared by heads.c, which gathers heads as they come, and heads_round.c, which proves them. */
#ifndef LF__HEADS_INTERNAL_H
#define LF__HEADS_INTERNAL_H

#include "client/heads.h"

/* Both heads are saved before anybody is told; from then on nothing is believed. */
void lf__heads_fork(struct lf__heads *heads, const char *why, const struct lf__seen *one,
                    const struct lf__seen *other);
/* Whether another process has found a fork. */
void lf__heads_mark_look(struct lf__heads *heads);
/* Two roots for one size. */
bool lf__seen_contradicts(const struct lf__seen *a, const struct lf__seen *b);
/* Under the lock. */
bool lf__heads_have_work(const struct lf__heads *heads);

/* The driver's source. */
int64_t lf__heads_turn(struct lf__source *source, int64_t now_ns, bool is_closing);
bool lf__heads_are_idle(const struct lf__source *source);
void lf__heads_proof_landed(struct lf__call *call);

#endif
