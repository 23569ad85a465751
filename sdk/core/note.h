/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/note.h - C2SP signed notes, and verifier keys of type 01 (Ed25519) and 04 (Ed25519 with a
 * time: a witness's cosignature, see core/cosign.h). Threads: any.
 */
#ifndef LF__NOTE_H
#define LF__NOTE_H

#include "base/buf.h"
#include "base/crypto/sign.h"

enum {
    LF_NOTE_NAME_MAX = 255,
    LF_NOTE_SIGNATURES_MAX = 100,
    LF_NOTE_BLOB_MAX = 4096, /* bytes of one decoded signature: ML-DSA-44 needs 2,432 */
    LF_NOTE_ED25519 = 1,
    LF_NOTE_COSIGNATURE = 4
};

struct lf__note_key {
    char name[LF_NOTE_NAME_MAX + 1];
    uint8_t type;
    uint32_t id; /* SHA-256(name || 0A || type || key)[0..4] */
    struct lf__public_key key;
};

/* E_ARG when the name is empty, too long, or has a blank or '+'. Type 01. */
lf_status lf__note_key_make(const char *name, const struct lf__public_key *key,
                            struct lf__note_key *out, lf_error *err);
/* The same for a witness: type 04. */
lf_status lf__note_key_make_cosigner(const char *name, const struct lf__public_key *key,
                                     struct lf__note_key *out, lf_error *err);
/* "name+hex8+base64(type || key)" of the type wanted; E_FORMAT for anything else, a wrong id included. */
lf_status lf__note_key_parse(lf_bytes vkey, struct lf__note_key *out, lf_error *err);
lf_status lf__note_key_parse_cosigner(lf_bytes vkey, struct lf__note_key *out, lf_error *err);
bool lf__note_key_format(const struct lf__note_key *key, struct lf__buf *out);

/* Appends text, the empty line and one signature line. `text` ends with LF. */
bool lf__note_sign(lf_bytes text, const struct lf__note_key *key, const struct lf__secret *seed,
                   struct lf__buf *out);
/* Splits at the last empty line and checks every line of `key`: unknown lines are ignored, a known
 * one that fails refuses the whole note, and at least one must verify. `text` is borrowed from `note`. */
lf_status lf__note_verify(lf_bytes note, const struct lf__note_key *key, lf_bytes *text,
                          lf_error *err);

/* One signature line, decoded; `name` is borrowed from the note. */
struct lf__note_line {
    lf_bytes name;
    uint32_t id;
    size_t len; /* of the signature, without the id */
    uint8_t signature[LF_NOTE_BLOB_MAX];
};
struct lf__reader;
/* Text (with its final LF) and signature lines, nothing verified. E_FORMAT (NOTE_BAD). */
lf_status lf__note_split(lf_bytes note, lf_bytes *text, struct lf__reader *lines, lf_error *err);
/* E_NOT_FOUND after the last line, E_FORMAT for a malformed one. */
lf_status lf__note_line_next(struct lf__reader *lines, struct lf__note_line *out, lf_error *err);
bool lf__note_line_is_of(const struct lf__note_line *line, const struct lf__note_key *key);
/* Appends the note's text and, of its lines, only those of `key`. */
lf_status lf__note_reduce(lf_bytes note, const struct lf__note_key *key, struct lf__buf *out,
                          lf_error *err);
/* Appends one line: the dash, the key's name and base64(id || signature). */
bool lf__note_line_put(const struct lf__note_key *key, lf_bytes signature, struct lf__buf *out);

#endif
