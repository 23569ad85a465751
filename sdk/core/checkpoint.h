/* SPDX-License-Identifier: Apache-2.0 */
/* core/checkpoint.h - C2SP tlog-checkpoint: three lines, never extension lines. Threads: any. */
#ifndef LF__CHECKPOINT_H
#define LF__CHECKPOINT_H

#include "core/merkle.h"
#include "core/note.h"

/* The signed note for this head; the key's name is the log's origin. */
bool lf__checkpoint_sign(const struct lf__merkle_head *head, const struct lf__note_key *key,
                         const struct lf__secret *seed, struct lf__buf *out);
/* One more line, by another key of the same log, at the end of a note that was made for this head. */
bool lf__checkpoint_sign_too(const struct lf__merkle_head *head, const struct lf__note_key *key,
                             const struct lf__secret *seed, struct lf__buf *out);
/* Verifies the note, the origin (equal to the key's name) and the form. E_FORMAT, E_SIGNATURE; LOG_SUCCEEDED
 * when the note is of a log that succeeds the key's. */
lf_status lf__checkpoint_open(lf_bytes note, const struct lf__note_key *key,
                              struct lf__merkle_head *out, lf_error *err);

#endif
