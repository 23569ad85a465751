/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/cosign.h - C2SP tlog-cosignature v1 (Ed25519): a witness's statement that it saw this checkpoint at this
 * time and none inconsistent with it. Threads: any.
 */
#ifndef LF__COSIGN_H
#define LF__COSIGN_H

#include "core/note.h"

enum { LF_COSIGNATURE_BYTES = 8 + LF_ED25519_SIGNATURE };

/* Appends the signature line of a witness over a checkpoint's text (its lines, without signatures). `time_s`
 * is POSIX seconds, not 0. False when the buffer's limit is met. */
bool lf__cosign(lf_bytes text, int64_t time_s, const struct lf__note_key *key,
                const struct lf__secret *seed, struct lf__buf *out);
/* Looks for a line of `key` in the note and verifies it. E_NOT_FOUND when there is none, E_SIGNATURE when one
 * does not verify, E_FORMAT for a malformed note. */
lf_status lf__cosign_verify(lf_bytes note, const struct lf__note_key *key, int64_t *time_s,
                            lf_error *err);

#endif
