/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/trust.h - what a member remembers of the logs between two runs, as files in a directory of its own: per log the
 * last trusted head (the signed note as it came), what led from the trusted key to the log's newest, and `fork-….txt`, the mark and evidence that a log was forked.
 * Threads and processes: any; a lock file orders them.
 */
#ifndef LF__TRUST_H
#define LF__TRUST_H

#include "client/log_keys.h"
#include "core/checkpoint.h"

enum { SEEN_NOTE_MAX = 1024 };

/* A head that somebody signed. */
struct lf__seen {
    struct lf__merkle_head head;
    size_t len; /* 0: none */
    uint8_t note[SEEN_NOTE_MAX];
};
/* False when the note is longer than ours ever are. */
bool lf__seen_set(struct lf__seen *seen, lf_bytes note, const struct lf__merkle_head *head);
lf_bytes lf__seen_note(const struct lf__seen *seen);
bool lf__seen_eq(const struct lf__seen *a, const struct lf__seen *b);

/* The directory, made if need be: DENIED and the like name it. */
lf_status lf__trust_make(const char *dir, lf_error *err);
/* The trusted head of the log. E_NOT_FOUND: no contact yet. E_CORRUPT: a file that is not one, and names it. */
lf_status lf__trust_read(const char *dir, const struct lf__key_chain *keys, struct lf__seen *out,
                         lf_error *err);
/* Puts `now` in the place of `base` (len 0: of nothing). When another process has put another there, nothing is
 * written and `other` is that one. */
lf_status lf__trust_move(const char *dir, const struct lf__key_chain *keys,
                         const struct lf__seen *base, const struct lf__seen *now,
                         struct lf__seen *other, lf_error *err);

/* What was learned of the keys of a ledger, as the gateway handed it out; `first` is the one that is trusted beforehand. The
 * get appends: E_NOT_FOUND when there is none. */
lf_status lf__trust_keys_get(const char *dir, const struct lf__note_key *first, struct lf__buf *out,
                             lf_error *err);
lf_status lf__trust_keys_put(const char *dir, const struct lf__note_key *first, lf_bytes bytes,
                             lf_error *err);

/* E_SIGNATURE (LOG_FORKED), naming the file, while the directory holds a mark. */
lf_status lf__trust_check(const char *dir, lf_error *err);
/* Writes the mark with both heads. `name` gets its path. */
enum { TRUST_NAME_MAX = 4096 };
lf_status lf__trust_mark(const char *dir, const char *why, const struct lf__seen *one,
                         const struct lf__seen *other, char name[static TRUST_NAME_MAX],
                         lf_error *err);

#endif
