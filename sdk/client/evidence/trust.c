/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier believes, written down once: the ledger's origin, its first entry, its keys, and the witnesses that count. */
#include <lianfang/evidence.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/file.h"
#include "core/trust_file.h"

#include <string.h>

struct keys {
    const struct lf__trust_file *trust; /* NULL: lines for a policy are wanted */
    struct lf__buf *lines;
    char origin[LF_NOTE_NAME_MAX + 1];
    bool is_known; /* one of them is in the trust file */
};

static bool is_trusted(const struct lf__trust_file *trust, const struct lf__note_key *key)
{
    for (unsigned i = 0; i < trust->policy->log_count; i++) {
        const struct lf__note_key *its = &trust->policy->logs[i].key;
        if (its->id == key->id && strcmp(its->name, key->name) == 0 &&
            memcmp(its->key.bytes, key->key.bytes, sizeof key->key.bytes) == 0) {
            return true;
        }
    }
    return false;
}

static void on_key(const lf_log_key *told, void *user)
{
    struct keys *keys = user;
    struct lf__note_key key;
    if (strcmp(told->log, "ledger") != 0 ||
        lf__note_key_parse(lf__bytes_str(told->vkey), &key, NULL) != LF_OK) {
        return;
    }
    (void)lf__copy_str(keys->origin, sizeof keys->origin, lf__bytes_str(key.name));
    if (keys->trust == NULL) {
        (void)lf__buf_printf(keys->lines, "log %s\n", told->vkey);
    } else {
        keys->is_known = keys->is_known || is_trusted(keys->trust, &key);
    }
}

static lf_status text_make(lf_client *client, lf_bytes policy, struct lf__buf *out, lf_error *err)
{
    LF_BUF logs;
    lf_proof first = {.index = 0};
    struct keys keys = {.lines = &logs};
    lf__buf_init(&logs, LF_POLICY_TEXT_MAX);
    lf_status rc = lf_log_prove(client, 0, &first, err);
    rc = rc == LF_OK ? lf_log_keys(client, on_key, &keys, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    (void)lf__buf_printf(out, "lianfang-trust/v1\norigin %s\ngenesis %s\n\n", keys.origin,
                         first.leaf);
    if (policy.len > 0) {
        (void)lf__buf_append(out, policy);
    } else {
        (void)(lf__buf_append(out, lf__buf_bytes(&logs)) && lf__buf_str(out, "quorum none\n"));
    }
    return lf__buf_status(out, err);
}

/* It is read as a verifier reads it, and one of its keys has to be the ledger's. */
static lf_status text_check(lf_client *client, lf_bytes text, lf_error *err)
{
    struct lf__trust_file *trust = NULL;
    struct keys keys = {.origin = ""};
    lf_status rc = lf__trust_file_parse(text, &trust, err);
    keys.trust = trust;
    rc = rc == LF_OK ? lf_log_keys(client, on_key, &keys, err) : rc;
    if (rc == LF_OK && !keys.is_known) {
        rc = lf__refuse(err, LF_E_FORMAT, "POLICY_BAD", "policy",
                        "policy: no line 'log' has a key of %s", keys.origin);
    }
    lf__trust_file_free(trust);
    return rc;
}

lf_status lf_evidence_trust(lf_client *client, lf_bytes policy, const char *path, lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, LF_POLICY_TEXT_MAX + 1024);
    lf_status rc = text_make(client, policy, &text, err);
    rc = rc == LF_OK ? text_check(client, lf__buf_bytes(&text), err) : rc;
    return rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&text), 0644, err) : rc;
}
