/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-witness v1.0.0 and its successor's status for a same-size root that differs. */
#include "core/add_checkpoint.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"

static lf_status bad(lf_error *err, const char *why)
{
    return lf__refuse(err, LF_E_FORMAT, "CHECKPOINT_BAD", "add-checkpoint", "add-checkpoint: %s",
                      why);
}

static bool hash_take(lf_bytes line, struct lf__proof *proof)
{
    size_t len = 0;
    return proof->count < LF_ADD_PROOF_MAX &&
           lf__unbase64(line, proof->hashes[proof->count++].bytes, LF_HASH_BYTES, &len) &&
           len == LF_HASH_BYTES;
}

static bool head_take(lf_bytes text, struct lf__add_checkpoint *out)
{
    struct lf__reader r = {text};
    lf_bytes size;
    lf_bytes root;
    size_t len = 0;
    return lf__read_line(&r, &out->origin) && out->origin.len > 0 && lf__read_line(&r, &size) &&
           lf__read_line(&r, &root) && lf__read_finished(&r) &&
           lf__text_u64(size, &out->head.size) &&
           lf__unbase64(root, out->head.root.bytes, LF_HASH_BYTES, &len) && len == LF_HASH_BYTES;
}

/* A note without a signature line, or with a malformed one, is no note. */
static lf_status note_take(struct lf__add_checkpoint *out, lf_error *err)
{
    struct lf__reader lines;
    struct lf__note_line line;
    size_t count = 0;
    lf_status rc = lf__note_split(out->note, &out->text, &lines, err);
    while (rc == LF_OK) {
        rc = lf__note_line_next(&lines, &line, err);
        count += rc == LF_OK ? 1 : 0;
    }
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    if (count == 0 || count > LF_NOTE_SIGNATURES_MAX) {
        return bad(err, "the checkpoint has no signature lines, or too many");
    }
    return head_take(out->text, out) ? LF_OK : bad(err, "the checkpoint is not origin, size, root");
}

lf_status lf__add_checkpoint_parse(lf_bytes body, struct lf__add_checkpoint *out, lf_error *err)
{
    struct lf__reader r = {body};
    struct lf__add_checkpoint add = {.old_size = 0};
    lf_bytes line;
    if (!lf__read_line(&r, &line) || !lf__bytes_eq_str(lf__bytes_slice(line, 0, 4), "old ") ||
        !lf__text_u64(lf__bytes_slice(line, 4, line.len), &add.old_size)) {
        return bad(err, "the first line is not 'old SIZE'");
    }
    while (lf__read_line(&r, &line) && line.len > 0) {
        if (!hash_take(line, &add.proof)) {
            return bad(err, "a proof line is not a hash in base64, or there are more than 63");
        }
    }
    add.note = r.rest;
    lf_status rc = note_take(&add, err);
    if (rc == LF_OK && add.old_size > add.head.size) {
        rc = bad(err, "the old size is above the checkpoint's");
    }
    if (rc == LF_OK) {
        *out = add;
    }
    return rc;
}

bool lf__add_checkpoint_format(uint64_t old_size, const struct lf__proof *proof, lf_bytes note,
                               struct lf__buf *out)
{
    (void)lf__buf_printf(out, "old %llu\n", (unsigned long long)old_size);
    for (size_t i = 0; i < proof->count; i++) {
        char text[LF_BASE64_SIZE(LF_HASH_BYTES)];
        (void)lf__base64(lf__hash_bytes(&proof->hashes[i]), text, sizeof text);
        (void)lf__buf_printf(out, "%s\n", text);
    }
    return lf__buf_str(out, "\n") && lf__buf_append(out, note);
}

lf_status lf__witness_verify(const struct lf__merkle_head *older,
                             const struct lf__merkle_head *newer, const struct lf__proof *proof,
                             lf_error *err)
{
    struct lf__hash empty = lf__merkle_empty();
    bool is_from_nothing = older->size == 0;
    if (newer->size == 0 && !lf__hash_eq(&newer->root, &empty)) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "checkpoint",
                          "checkpoint: size 0 with a root that is not the empty tree's");
    }
    if (is_from_nothing) {
        return proof->count == 0 ? LF_OK
                                 : lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "proof",
                                              "proof: from size 0 there is none");
    }
    return lf__merkle_verify_consistency(older, newer, proof, err);
}
