/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/signed-note, version 1.0.0. */
#include "core/note.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

#define NOTE_DASH "\xe2\x80\x94 "

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

static lf_status key_make(const char *name, uint8_t type, const struct lf__public_key *key,
                          struct lf__note_key *out, lf_error *err)
{
    lf_bytes text = lf__bytes_str(name);
    if (!name_is_valid(text)) {
        return lf__fail(err, LF_E_ARG, "note key: name is empty, too long, or has a blank or '+'");
    }
    uint8_t tail[] = {'\n', type};
    lf_bytes pieces[] = {text, LF_BYTES_ARRAY(tail), LF_BYTES_ARRAY(key->bytes)};
    struct lf__hash hash = lf__sha256_parts(pieces, LF_COUNT(pieces));
    *out = (struct lf__note_key){.type = type, .id = lf__get_u32be(hash.bytes), .key = *key};
    (void)lf__copy_str(out->name, sizeof out->name, text);
    return LF_OK;
}

lf_status lf__note_key_make(const char *name, const struct lf__public_key *key,
                            struct lf__note_key *out, lf_error *err)
{
    return key_make(name, LF_NOTE_ED25519, key, out, err);
}

lf_status lf__note_key_make_cosigner(const char *name, const struct lf__public_key *key,
                                     struct lf__note_key *out, lf_error *err)
{
    return key_make(name, LF_NOTE_COSIGNATURE, key, out, err);
}

bool lf__note_key_format(const struct lf__note_key *key, struct lf__buf *out)
{
    uint8_t raw[1 + LF_ED25519_PUBLIC] = {key->type};
    char text[LF_BASE64_SIZE(sizeof raw)];
    lf__copy(raw + 1, key->key.bytes, LF_ED25519_PUBLIC);
    (void)lf__base64(LF_BYTES_ARRAY(raw), text, sizeof text);
    return lf__buf_printf(out, "%s+%08x+%s", key->name, key->id, text);
}

static lf_status key_parse(lf_bytes vkey, uint8_t type, struct lf__note_key *out, lf_error *err)
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
        !lf__unbase64(key_text, raw, sizeof raw, &len) || len != sizeof raw || raw[0] != type) {
        return lf__fail(err, LF_E_FORMAT,
                        "note key: not name+id+key of an Ed25519 key of type %02x", type);
    }
    struct lf__public_key key = {.alg = LF_ALG_ED25519};
    lf__copy(key.bytes, raw + 1, sizeof key.bytes);
    struct lf__note_key made;
    lf_status rc = key_make(name, type, &key, &made, err);
    if (rc != LF_OK || made.id != lf__get_u32be(id)) {
        return lf__fail(err, LF_E_FORMAT, "note key: its id does not belong to it");
    }
    *out = made;
    return LF_OK;
}

lf_status lf__note_key_parse(lf_bytes vkey, struct lf__note_key *out, lf_error *err)
{
    return key_parse(vkey, LF_NOTE_ED25519, out, err);
}

lf_status lf__note_key_parse_cosigner(lf_bytes vkey, struct lf__note_key *out, lf_error *err)
{
    return key_parse(vkey, LF_NOTE_COSIGNATURE, out, err);
}

bool lf__note_line_put(const struct lf__note_key *key, lf_bytes signature, struct lf__buf *out)
{
    uint8_t blob[4 + LF_NOTE_BLOB_MAX];
    char encoded[LF_BASE64_SIZE(sizeof blob)];
    if (signature.len > LF_NOTE_BLOB_MAX) {
        return false;
    }
    lf__put_u32be(blob, key->id);
    lf__copy(blob + 4, signature.ptr, signature.len);
    (void)lf__base64((lf_bytes){blob, 4 + signature.len}, encoded, sizeof encoded);
    return lf__buf_str(out, NOTE_DASH) && lf__buf_str(out, key->name) && lf__buf_str(out, " ") &&
           lf__buf_str(out, encoded) && lf__buf_str(out, "\n");
}

bool lf__note_sign(lf_bytes text, const struct lf__note_key *key, const struct lf__secret *seed,
                   struct lf__buf *out)
{
    struct lf__signature signature = lf__sign(seed, text);
    return lf__buf_append(out, text) && lf__buf_str(out, "\n") &&
           lf__note_line_put(key, LF_BYTES_ARRAY(signature.bytes), out);
}

static lf_status note_bad(lf_error *err, const char *why)
{
    return lf__refuse(err, LF_E_FORMAT, "NOTE_BAD", "note", "note: %s", why);
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

/* The text ends at the last empty line: signature lines themselves hold none. */
lf_status lf__note_split(lf_bytes note, lf_bytes *text, struct lf__reader *lines, lf_error *err)
{
    for (size_t i = note_bytes_are_valid(note) ? note.len : 0; i >= 2; i--) {
        if (note.ptr[i - 1] == '\n' && note.ptr[i - 2] == '\n') {
            *text = (lf_bytes){note.ptr, i - 1};
            lines->rest = (lf_bytes){note.ptr + i, note.len - i};
            return LF_OK;
        }
    }
    return note_bad(err, "not UTF-8 text, an empty line and signature lines");
}

/* Published notes exist whose base64 leaves bits over in its last character; Go reads them, and the
 * signature decides. Those bits are dropped here, for signature lines only. */
static bool base64_take(lf_bytes text, uint8_t *out, size_t max, size_t *len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char copy[LF_BASE64_SIZE(4 + LF_NOTE_BLOB_MAX)];
    if (text.len < 4 || !lf__copy_str(copy, sizeof copy, text)) {
        return false;
    }
    size_t last = text.len - 1;
    size_t pads = 0;
    while (pads < 2 && copy[last] == '=') {
        last--;
        pads++;
    }
    const char *at = strchr(alphabet, copy[last]);
    if (at != NULL && *at != '\0' && pads > 0) {
        size_t keep = pads == 1 ? 0x3c : 0x30;
        copy[last] = alphabet[(size_t)(at - alphabet) & keep];
    }
    return lf__unbase64(lf__bytes_str(copy), out, max, len);
}

lf_status lf__note_line_next(struct lf__reader *lines, struct lf__note_line *out, lf_error *err)
{
    static const size_t dash = sizeof NOTE_DASH - 1;
    lf_bytes line;
    if (!lf__read_line(lines, &line)) {
        return LF_E_NOT_FOUND;
    }
    lf_bytes rest = lf__bytes_slice(line, dash, line.len);
    const uint8_t *blank = rest.len == 0 ? NULL : memchr(rest.ptr, ' ', rest.len);
    if (!lf__bytes_eq(lf__bytes_slice(line, 0, dash), lf__bytes_str(NOTE_DASH)) || blank == NULL) {
        return note_bad(err, "a signature line is not '— name base64'");
    }
    uint8_t blob[4 + LF_NOTE_BLOB_MAX];
    size_t len = 0;
    out->name = (lf_bytes){rest.ptr, (size_t)(blank - rest.ptr)};
    if (!name_is_valid(out->name) ||
        !base64_take(lf__bytes_slice(rest, out->name.len + 1, rest.len), blob, sizeof blob, &len) ||
        len < 5) {
        return note_bad(err, "a signature line has a bad name or bad base64");
    }
    out->id = lf__get_u32be(blob);
    out->len = len - 4;
    lf__copy(out->signature, blob + 4, out->len);
    return LF_OK;
}

bool lf__note_line_is_of(const struct lf__note_line *line, const struct lf__note_key *key)
{
    return line->id == key->id && lf__bytes_eq_str(line->name, key->name);
}

lf_status lf__note_reduce(lf_bytes note, const struct lf__note_key *key, struct lf__buf *out,
                          lf_error *err)
{
    lf_bytes text;
    struct lf__reader lines;
    struct lf__note_line line;
    lf_status rc = lf__note_split(note, &text, &lines, err);
    if (rc == LF_OK) {
        (void)lf__buf_append(out, text);
        (void)lf__buf_str(out, "\n");
        rc = lf__note_line_next(&lines, &line, err);
    }
    while (rc == LF_OK) {
        if (lf__note_line_is_of(&line, key)) {
            (void)lf__note_line_put(key, (lf_bytes){line.signature, line.len}, out);
        }
        rc = lf__note_line_next(&lines, &line, err);
    }
    return rc == LF_E_NOT_FOUND ? lf__buf_status(out, err) : rc;
}

/* One line: sets *known when it is this key's, and then verifies it. */
static lf_status line_check(const struct lf__note_line *line, lf_bytes text,
                            const struct lf__note_key *key, bool *known, lf_error *err)
{
    struct lf__signature signature;
    *known = lf__note_line_is_of(line, key);
    if (!*known) {
        return LF_OK;
    }
    if (line->len != sizeof signature.bytes) {
        return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_BAD", "note",
                          "note: signature has a wrong length");
    }
    lf__copy(signature.bytes, line->signature, sizeof signature.bytes);
    return lf__verify(&key->key, text, &signature, err);
}

lf_status lf__note_verify(lf_bytes note, const struct lf__note_key *key, lf_bytes *text,
                          lf_error *err)
{
    lf_bytes body;
    struct lf__reader lines;
    struct lf__note_line line;
    size_t verified = 0;
    size_t count = 0;
    lf_status rc = lf__note_split(note, &body, &lines, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = lf__note_line_next(&lines, &line, err);
    while (rc == LF_OK) {
        bool known = false;
        rc = line_check(&line, body, key, &known, err);
        verified += known ? 1 : 0;
        count++;
        rc = rc == LF_OK ? lf__note_line_next(&lines, &line, err) : rc;
    }
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    if (count > LF_NOTE_SIGNATURES_MAX || verified == 0) {
        return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_MISSING", "note",
                          "note: not signed by %s", key->name);
    }
    *text = body;
    return LF_OK;
}
