/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/note.h - C2SP signed notes and verifier keys of type 01 (Ed25519). Threads: any.
 */
#ifndef LF__NOTE_H
#define LF__NOTE_H

#include "base/buf.h"
#include "base/crypto/sign.h"

enum { LF_NOTE_NAME_MAX = 255, LF_NOTE_SIGNATURES_MAX = 100, LF_NOTE_ED25519 = 1 };

struct lf__note_key {
    char name[LF_NOTE_NAME_MAX + 1];
    uint32_t id; /* SHA-256(name || 0A || type || key)[0..4] */
    struct lf__public_key key;
};

/* E_ARG when the name is empty, too long, or has a blank or '+'. */
lf_status lf__note_key_make(const char *name, const struct lf__public_key *key,
                            struct lf__note_key *out, lf_error *err);
/* "name+hex8+base64(01 || key)"; E_FORMAT for anything else, a wrong id included. */
lf_status lf__note_key_parse(lf_bytes vkey, struct lf__note_key *out, lf_error *err);
bool lf__note_key_format(const struct lf__note_key *key, struct lf__buf *out);

/* Appends text, the empty line and one signature line. `text` ends with LF. */
bool lf__note_sign(lf_bytes text, const struct lf__note_key *key, const struct lf__secret *seed,
                   struct lf__buf *out);
/* Splits at the last empty line and checks every line of `key`: unknown lines are ignored, a known
 * one that fails refuses the whole note, and at least one must verify. `text` is borrowed from `note`. */
lf_status lf__note_verify(lf_bytes note, const struct lf__note_key *key, lf_bytes *text,
                          lf_error *err);

#endif
