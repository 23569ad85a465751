/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/signed-note, version 1.0.0. */
#include "core/note.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

#define NOTE_DASH "\xe2\x80\x94 "
enum { NOTE_BLOB_BYTES = 4 + LF_ED25519_SIGNATURE };

static bool name_is_valid(lf_bytes name)
{
    if (name.len == 0 || name.len > LF_NOTE_NAME_MAX || !lf__text_is_utf8(name)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] == '+' || name.ptr[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

lf_status lf__note_key_make(const char *name, const struct lf__public_key *key,
                            struct lf__note_key *out, lf_error *err)
{
    lf_bytes text = lf__bytes_str(name);
    if (!name_is_valid(text)) {
        return lf__fail(err, LF_E_ARG, "note key: name is empty, too long, or has a blank or '+'");
    }
    static const uint8_t tail[] = {'\n', LF_NOTE_ED25519};
    lf_bytes pieces[] = {text, LF_BYTES_ARRAY(tail), LF_BYTES_ARRAY(key->bytes)};
    struct lf__hash hash = lf__sha256_parts(pieces, LF_COUNT(pieces));
    *out = (struct lf__note_key){.id = lf__get_u32be(hash.bytes), .key = *key};
    (void)lf__copy_str(out->name, sizeof out->name, text);
    return LF_OK;
}

bool lf__note_key_format(const struct lf__note_key *key, struct lf__buf *out)
{
    uint8_t raw[1 + LF_ED25519_PUBLIC] = {LF_NOTE_ED25519};
    char text[LF_BASE64_SIZE(sizeof raw)];
    lf__copy(raw + 1, key->key.bytes, LF_ED25519_PUBLIC);
    (void)lf__base64(LF_BYTES_ARRAY(raw), text, sizeof text);
    return lf__buf_printf(out, "%s+%08x+%s", key->name, key->id, text);
}

lf_status lf__note_key_parse(lf_bytes vkey, struct lf__note_key *out, lf_error *err)
{
    char name[LF_NOTE_NAME_MAX + 1];
    uint8_t id[4];
    uint8_t raw[1 + LF_ED25519_PUBLIC];
    size_t len = 0;
    const uint8_t *plus = vkey.len == 0 ? NULL : memchr(vkey.ptr, '+', vkey.len);
    size_t at = plus == NULL ? vkey.len : (size_t)(plus - vkey.ptr);
    lf_bytes key_text = lf__bytes_slice(vkey, at + 10, vkey.len);
    if (vkey.len < at + 10 || vkey.ptr[at + 9] != '+' ||
        !lf__copy_str(name, sizeof name, lf__bytes_slice(vkey, 0, at)) ||
        !lf__unhex(lf__bytes_slice(vkey, at + 1, 8), id, sizeof id, &len) ||
        !lf__unbase64(key_text, raw, sizeof raw, &len) || len != sizeof raw ||
        raw[0] != LF_NOTE_ED25519) {
        return lf__fail(err, LF_E_FORMAT, "note key: not name+id+key of an Ed25519 key");
    }
    struct lf__public_key key = {.alg = LF_ALG_ED25519};
    lf__copy(key.bytes, raw + 1, sizeof key.bytes);
    struct lf__note_key made;
    lf_status rc = lf__note_key_make(name, &key, &made, err);
    if (rc != LF_OK || made.id != lf__get_u32be(id)) {
        return lf__fail(err, LF_E_FORMAT, "note key: its id does not belong to it");
    }
    *out = made;
    return LF_OK;
}

bool lf__note_sign(lf_bytes text, const struct lf__note_key *key, const struct lf__secret *seed,
                   struct lf__buf *out)
{
    uint8_t blob[NOTE_BLOB_BYTES];
    char encoded[LF_BASE64_SIZE(NOTE_BLOB_BYTES)];
    struct lf__signature signature = lf__sign(seed, text);
    lf__put_u32be(blob, key->id);
    lf__copy(blob + 4, signature.bytes, sizeof signature.bytes);
    (void)lf__base64(LF_BYTES_ARRAY(blob), encoded, sizeof encoded);
    return lf__buf_append(out, text) && lf__buf_str(out, "\n" NOTE_DASH) &&
           lf__buf_str(out, key->name) && lf__buf_str(out, " ") && lf__buf_str(out, encoded) &&
           lf__buf_str(out, "\n");
}

static lf_status note_bad(lf_error *err, const char *why)
{
    return lf__refuse(err, LF_E_FORMAT, "NOTE_BAD", "note", "note: %s", why);
}

/* The text ends at the last empty line: signature lines themselves hold none. */
static bool note_split(lf_bytes note, lf_bytes *text, lf_bytes *lines)
{
    for (size_t i = note.len; i >= 2; i--) {
        if (note.ptr[i - 1] == '\n' && note.ptr[i - 2] == '\n') {
            *text = (lf_bytes){note.ptr, i - 1};
            *lines = (lf_bytes){note.ptr + i, note.len - i};
            return true;
        }
    }
    return false;
}

static bool note_bytes_are_valid(lf_bytes note)
{
    if (note.len == 0 || note.ptr[note.len - 1] != '\n' || !lf__text_is_utf8(note)) {
        return false;
    }
    for (size_t i = 0; i < note.len; i++) {
        if (note.ptr[i] < 0x20 && note.ptr[i] != '\n') {
            return false;
        }
    }
    return true;
}

/* One line: sets *known when it is this key's, and then verifies it. */
static lf_status line_check(lf_bytes line, lf_bytes text, const struct lf__note_key *key,
                            bool *known, lf_error *err)
{
    static const size_t dash = sizeof NOTE_DASH - 1;
    lf_bytes rest = lf__bytes_slice(line, dash, line.len);
    const uint8_t *blank = rest.len == 0 ? NULL : memchr(rest.ptr, ' ', rest.len);
    if (!lf__bytes_eq(lf__bytes_slice(line, 0, dash), lf__bytes_str(NOTE_DASH)) || blank == NULL) {
        return note_bad(err, "a signature line is not '— name base64'");
    }
    lf_bytes name = {rest.ptr, (size_t)(blank - rest.ptr)};
    lf_bytes encoded = lf__bytes_slice(rest, name.len + 1, rest.len);
    uint8_t blob[4096];
    size_t len = 0;
    if (!name_is_valid(name) || !lf__unbase64(encoded, blob, sizeof blob, &len) || len < 5) {
        return note_bad(err, "a signature line has a bad name or bad base64");
    }
    *known = lf__bytes_eq_str(name, key->name) && lf__get_u32be(blob) == key->id;
    if (!*known) {
        return LF_OK;
    }
    if (len != NOTE_BLOB_BYTES) {
        return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_BAD", "note",
                          "note: signature has a wrong length");
    }
    struct lf__signature signature;
    lf__copy(signature.bytes, blob + 4, sizeof signature.bytes);
    return lf__verify(&key->key, text, &signature, err);
}

lf_status lf__note_verify(lf_bytes note, const struct lf__note_key *key, lf_bytes *text,
                          lf_error *err)
{
    lf_bytes body;
    struct lf__reader lines;
    if (!note_bytes_are_valid(note) || !note_split(note, &body, &lines.rest)) {
        return note_bad(err, "not UTF-8 text, an empty line and signature lines");
    }
    size_t verified = 0;
    size_t count = 0;
    for (lf_bytes line; lf__read_line(&lines, &line); count++) {
        bool known = false;
        lf_status rc = line_check(line, body, key, &known, err);
        if (rc != LF_OK) {
            return rc;
        }
        verified += known ? 1 : 0;
    }
    if (count > LF_NOTE_SIGNATURES_MAX || verified == 0) {
        return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_MISSING", "note",
                          "note: not signed by %s", key->name);
    }
    *text = body;
    return LF_OK;
}
