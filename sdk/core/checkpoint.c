/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier demands our own exact form: decimal size, 32-byte root, nothing after it. */
#include "core/checkpoint.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"
#include "core/origin.h"

static bool text_put(const struct lf__merkle_head *head, const char *origin, struct lf__buf *text)
{
    char root[LF_BASE64_SIZE(LF_HASH_BYTES)];
    (void)lf__base64(lf__hash_bytes(&head->root), root, sizeof root);
    return lf__buf_printf(text, "%s\n%llu\n%s\n", origin, (unsigned long long)head->size, root);
}

bool lf__checkpoint_sign(const struct lf__merkle_head *head, const struct lf__note_key *key,
                         const struct lf__secret *seed, struct lf__buf *out)
{
    LF_BUF text;
    lf__buf_init(&text, 1024);
    return text_put(head, key->name, &text) && lf__note_sign(lf__buf_bytes(&text), key, seed, out);
}

bool lf__checkpoint_sign_too(const struct lf__merkle_head *head, const struct lf__note_key *key,
                             const struct lf__secret *seed, struct lf__buf *out)
{
    LF_BUF text;
    lf__buf_init(&text, 1024);
    if (!text_put(head, key->name, &text)) {
        return false;
    }
    struct lf__signature signature = lf__sign(seed, lf__buf_bytes(&text));
    return lf__note_line_put(key, LF_BYTES_ARRAY(signature.bytes), out);
}

/* Said by whoever sent it, signed or not: it is no reason to believe more, but to ask why. */
static lf_status succeeded(const struct lf__note_key *key, lf_bytes origin, lf_error *err)
{
    char shown[LF_NOTE_NAME_MAX + 1];
    (void)lf__copy_str(shown, sizeof shown, lf__bytes_slice(origin, 0, LF_NOTE_NAME_MAX));
    return lf__refuse(err, LF_E_SIGNATURE, "LOG_SUCCEEDED", "checkpoint.origin",
                      "the log %s was succeeded by %s, whose key is not in the profile", key->name,
                      shown);
}

lf_status lf__checkpoint_open(lf_bytes note, const struct lf__note_key *key,
                              struct lf__merkle_head *out, lf_error *err)
{
    struct lf__reader text;
    lf_status rc = lf__note_verify(note, key, &text.rest, err);
    if (rc != LF_OK) {
        lf_bytes origin = lf__origin_of(note);
        return lf__origin_succeeds(origin, key->name) ? succeeded(key, origin, err) : rc;
    }
    lf_bytes origin;
    lf_bytes size;
    lf_bytes root;
    struct lf__merkle_head head;
    size_t len = 0;
    if (!lf__read_line(&text, &origin) || !lf__read_line(&text, &size) ||
        !lf__read_line(&text, &root) || !lf__read_finished(&text) ||
        !lf__bytes_eq_str(origin, key->name) || !lf__text_u64(size, &head.size) ||
        !lf__unbase64(root, head.root.bytes, LF_HASH_BYTES, &len) || len != LF_HASH_BYTES) {
        return lf__refuse(err, LF_E_FORMAT, "CHECKPOINT_BAD", "checkpoint",
                          "checkpoint: not origin %s, size and root", key->name);
    }
    *out = head;
    return LF_OK;
}
