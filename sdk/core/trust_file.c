/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trust_file.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "core/cosign.h"

#include <stdlib.h>
#include <string.h>

#define TRUST_FIRST "lianfang-trust/v1"

static lf_status bad(lf_error *err, const char *why)
{
    return lf__refuse(err, LF_E_FORMAT, "TRUST_BAD", "trust", "trust file: %s", why);
}

static bool line_next(struct lf__reader *lines, lf_bytes *line)
{
    while (lf__read_line(lines, line)) {
        if (line->len == 0 || line->ptr[0] != '#') {
            return true;
        }
    }
    return false;
}

static bool line_after(struct lf__reader *lines, const char *word, lf_bytes *rest)
{
    lf_bytes line;
    size_t len = strlen(word);
    if (!line_next(lines, &line) || !lf__bytes_eq_str(lf__bytes_slice(line, 0, len), word)) {
        return false;
    }
    *rest = lf__bytes_slice(line, len, line.len);
    return true;
}

static lf_status head_parse(struct lf__reader *lines, struct lf__trust_file *out, lf_error *err)
{
    lf_bytes rest;
    size_t len = 0;
    if (!line_after(lines, TRUST_FIRST, &rest) || rest.len != 0) {
        return bad(err, "does not begin with " TRUST_FIRST);
    }
    if (!line_after(lines, "origin ", &rest) || rest.len == 0 ||
        !lf__copy_str(out->origin, sizeof out->origin, rest)) {
        return bad(err, "the second line is not 'origin NAME/ledger'");
    }
    if (!line_after(lines, "genesis ", &rest) ||
        !lf__unhex(rest, out->genesis.bytes, LF_HASH_BYTES, &len) || len != LF_HASH_BYTES) {
        return bad(err, "the third line is not 'genesis' and 64 hex characters");
    }
    return line_next(lines, &rest) && rest.len == 0
               ? LF_OK
               : bad(err, "no empty line stands before the policy");
}

lf_status lf__trust_file_parse(lf_bytes text, struct lf__trust_file **out, lf_error *err)
{
    struct lf__reader lines = {text};
    struct lf__trust_file *trust = calloc(1, sizeof *trust);
    if (trust == NULL) {
        return lf__fail(err, LF_E_NOMEM, "trust file: out of memory");
    }
    lf_status rc = head_parse(&lines, trust, err);
    rc = rc == LF_OK ? lf__witness_policy_parse(lines.rest, &trust->policy, err) : rc;
    if (rc == LF_OK &&
        lf__witness_policy_log(trust->policy, lf__bytes_str(trust->origin)) == NULL) {
        rc = bad(err, "its policy has no 'log' line with a key of the origin");
    }
    if (rc != LF_OK) {
        lf__trust_file_free(trust);
        return rc;
    }
    *out = trust;
    return LF_OK;
}

void lf__trust_file_free(struct lf__trust_file *trust)
{
    if (trust != NULL) {
        lf__witness_policy_free(trust->policy);
        free(trust);
    }
}

static lf_status origin_check(const struct lf__trust_file *trust, lf_bytes note, lf_error *err)
{
    lf_bytes text;
    lf_bytes origin;
    struct lf__reader lines;
    lf_status rc = lf__note_split(note, &text, &lines, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__reader r = {text};
    return lf__read_line(&r, &origin) && lf__bytes_eq_str(origin, trust->origin)
               ? LF_OK
               : lf__refuse(err, LF_E_SIGNATURE, "CHECKPOINT_BAD", "checkpoint.origin",
                            "checkpoint: is of another log than %s", trust->origin);
}

static const struct lf__note_key *key_at(const struct lf__trust_file *trust, size_t i)
{
    const struct lf__witness_policy *policy = trust->policy;
    return i < policy->log_count ? &policy->logs[i].key : &trust->learned[i - policy->log_count];
}

/* A ledger whose key was changed has several: one that signed is enough, one that signed badly spoils all. */
static lf_status head_open(const struct lf__trust_file *trust, lf_bytes note,
                           struct lf__trusted_head *out, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = LF_OK;
    for (size_t i = 0; i < trust->policy->log_count + trust->learned_count; i++) {
        const struct lf__note_key *key = key_at(trust, i);
        if (strcmp(key->name, trust->origin) != 0) {
            continue;
        }
        rc = lf__checkpoint_open(note, key, &out->head, &why);
        out->key = rc == LF_OK ? key : out->key;
        if (rc != LF_OK && strcmp(why.reason, "SIGNATURE_MISSING") != 0) {
            return lf__refuse(err, rc, why.reason, "checkpoint", "%s", why.message);
        }
    }
    return out->key != NULL
               ? LF_OK
               : lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_MISSING", "checkpoint",
                            "checkpoint: no trusted key of %s has signed it", trust->origin);
}

lf_status lf__trust_file_head(const struct lf__trust_file *trust, lf_bytes note,
                              struct lf__trusted_head *out, lf_error *err)
{
    struct lf__trusted_head head = {.key = NULL};
    lf_status rc = origin_check(trust, note, err);
    rc = rc == LF_OK ? head_open(trust, note, &head, err) : rc;
    rc = rc == LF_OK ? lf__witness_policy_check(trust->policy, note, NULL, err) : rc;
    for (unsigned i = 0; rc == LF_OK && i < trust->policy->item_count; i++) {
        const struct lf__policy_item *item = &trust->policy->items[i];
        int64_t time_s = 0;
        if (!item->is_group && lf__cosign_verify(note, &item->key, &time_s, NULL) == LF_OK) {
            head.witnesses[head.witness_count++] = (struct lf__witnessed){item, time_s};
        }
    }
    if (rc == LF_OK) {
        *out = head;
    }
    return rc;
}
