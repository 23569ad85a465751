/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-cosignature v1.0.1. No cosigner name is signed: one key for each role. */
#include "core/cosign.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"

enum { COSIGN_TEXT_MAX = 4096 };

static bool message_make(lf_bytes text, uint64_t time_s, struct lf__buf *out)
{
    lf__buf_init(out, COSIGN_TEXT_MAX);
    return lf__buf_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s) &&
           lf__buf_append(out, text);
}

bool lf__cosign(lf_bytes text, int64_t time_s, const struct lf__note_key *key,
                const struct lf__secret *seed, struct lf__buf *out)
{
    LF_BUF message;
    uint8_t blob[LF_COSIGNATURE_BYTES];
    bool good = message_make(text, (uint64_t)time_s, &message);
    struct lf__signature signature = lf__sign(seed, lf__buf_bytes(&message));
    lf__put_u64be(blob, (uint64_t)time_s);
    lf__copy(blob + 8, signature.bytes, sizeof signature.bytes);
    return good && time_s > 0 && lf__note_line_put(key, LF_BYTES_ARRAY(blob), out);
}

static lf_status line_verify(const struct lf__note_line *line, lf_bytes text,
                             const struct lf__note_key *key, int64_t *time_s, lf_error *err)
{
    LF_BUF message;
    struct lf__signature signature;
    uint64_t time = line->len == LF_COSIGNATURE_BYTES ? lf__get_u64be(line->signature) : 0;
    bool good = message_make(text, time, &message);
    if (time == 0 || time > INT64_MAX) {
        return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_BAD", "note",
                          "cosignature of %s: not a time and an Ed25519 signature", key->name);
    }
    lf__copy(signature.bytes, line->signature + 8, sizeof signature.bytes);
    lf_status rc = good ? lf__verify(&key->key, lf__buf_bytes(&message), &signature, err)
                        : lf__buf_status(&message, err);
    if (rc == LF_OK) {
        *time_s = (int64_t)time;
    }
    return rc;
}

lf_status lf__cosign_verify(lf_bytes note, const struct lf__note_key *key, int64_t *time_s,
                            lf_error *err)
{
    lf_bytes text;
    struct lf__reader lines;
    struct lf__note_line line;
    lf_status rc = lf__note_split(note, &text, &lines, err);
    rc = rc == LF_OK ? lf__note_line_next(&lines, &line, err) : rc;
    while (rc == LF_OK && !lf__note_line_is_of(&line, key)) {
        rc = lf__note_line_next(&lines, &line, err);
    }
    if (rc == LF_E_NOT_FOUND) {
        return lf__refuse(err, LF_E_NOT_FOUND, "SIGNATURE_MISSING", "note",
                          "note: not cosigned by %s", key->name);
    }
    return rc == LF_OK ? line_verify(&line, text, key, time_s, err) : rc;
}
