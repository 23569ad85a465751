/* SPDX-License-Identifier: Apache-2.0 */
/* A whole log, read page by page: every leaf counts in the root, every readable entry must be its leaf's. */
#include "client/log_read.h"
#include "client/signers.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/frontier.h"
#include "protos/codec/access.h"
#include "rules/words.h"

#include <lianfang/access.h>

enum { AUDIT_TIMEOUT_MS = 30000, AUDIT_TOKENS_MAX = 1000 };

struct auditing {
    lf_client *client;
    enum px_log log;
    bool leaves_only;
    struct lf__frontier frontier;
    struct lf__signers signers; /* of the ledger */
    struct lf__merkle_head head;
    lf_audit audit;
    lf_access_cb each; /* of the access log */
    void *user;
};

static const char *hex_of(struct lf__arena *arena, lf_bytes bytes)
{
    char *out = lf__arena_alloc(arena, 2 * bytes.len + 1);
    return out == NULL || lf__hex(bytes, out, 2 * bytes.len + 1) == 0 ? "" : out;
}

static const char *classes_text(struct lf__arena *arena, unsigned classes)
{
    static const char *const words[PX_CLASS_COUNT] = {"", "PUBLIC", "MEMBERS", "REGULATOR",
                                                      "PERSONAL"};
    LF_BUF text;
    lf__buf_init(&text, 128);
    for (unsigned c = 1; c < PX_CLASS_COUNT; c++) {
        if ((classes & LF_BIT(c)) != 0) {
            (void)lf__buf_printf(&text, "%s%s", text.len > 0 ? "," : "", words[c]);
        }
    }
    return lf__told(arena, lf__buf_bytes(&text));
}

static void access_tell(const struct auditing *a, struct lf__arena *arena,
                        const struct px_entry *entry, const struct px_access *said)
{
    const char *tokens[AUDIT_TOKENS_MAX];
    size_t count = said->token_count < AUDIT_TOKENS_MAX ? said->token_count : AUDIT_TOKENS_MAX;
    for (size_t i = 0; i < count; i++) {
        tokens[i] = hex_of(arena, LF_BYTES_ARRAY(said->tokens[i].bytes));
    }
    lf_access_entry told = {.index = entry->index,
                            .at_ms = (int64_t)lf__get_u64be(entry->leaf.ptr + 1),
                            .member = lf__told(arena, said->member),
                            .act = lf__word_act((unsigned)said->act),
                            .purpose = lf__told(arena, said->purpose),
                            .case_number = lf__told(arena, said->case_number),
                            .subjects = said->subjects,
                            .tokens = tokens,
                            .token_count = count,
                            .first = said->first,
                            .next = said->next,
                            .told = said->told,
                            .classes = classes_text(arena, said->classes),
                            .result_sha256 = hex_of(arena, lf__hash_bytes(&said->result)),
                            .note = lf__told(arena, said->note),
                            .subject_root = hex_of(arena, said->subject_root)};
    a->each(&told, a->user);
}

static lf_status access_check(const struct auditing *a, const struct px_entry *entry, lf_error *err)
{
    LF_ARENA arena;
    struct px_access said;
    uint8_t want[LF_ACCESS_LEAF_BYTES];
    lf__arena_init(&arena, 1 << 20);
    lf_bytes bytes = lf__bytes_slice(entry->access, LF_SALT_BYTES, entry->access.len);
    if (entry->leaf.len != sizeof want || entry->access.len < LF_SALT_BYTES) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                          "entry %llu: leaf of a wrong length", (unsigned long long)entry->index);
    }
    lf__access_leaf(lf__get_u64be(entry->leaf.ptr + 1), entry->access.ptr, bytes, want);
    if (!lf__bytes_eq(LF_BYTES_ARRAY(want), entry->leaf)) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                          "entry %llu: is not what its leaf commits to",
                          (unsigned long long)entry->index);
    }
    lf_status rc = px_access_decode(&arena, bytes, &said, err);
    if (rc == LF_OK && a->each != NULL) {
        access_tell(a, &arena, entry, &said);
    }
    return rc;
}

/* Said by whom it says, with a key that was his at that place of the log. Entry 0 vouches for itself, and its
 * leaf names the table that it makes. */
static lf_status signed_check(struct auditing *a, const struct px_entry *entry, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = px_envelope_decode(&arena, entry->envelope, &envelope, err);
    if (rc == LF_OK && envelope.header.kind == PX_KIND_GENESIS && entry->index == 0) {
        rc = lf__signers_take(&a->signers, &arena, &envelope, entry->index, err);
        return rc == LF_OK
                   ? lf__signers_check(&a->signers, &envelope, entry->leaf, entry->index, err)
                   : rc;
    }
    rc = rc == LF_OK ? lf__signers_check(&a->signers, &envelope, entry->leaf, entry->index, err)
                     : rc;
    return rc == LF_OK ? lf__signers_take(&a->signers, &arena, &envelope, entry->index, err) : rc;
}

static lf_status entry_take(struct auditing *a, const struct px_entry *entry, lf_error *err)
{
    bool is_readable = entry->envelope.len > 0 || entry->access.len > 0;
    lf_status rc = LF_OK;
    if (entry->index != a->frontier.size) {
        return lf__fail(err, LF_E_SIGNATURE, "log: entry %llu is skipped",
                        (unsigned long long)a->frontier.size);
    }
    if (is_readable) {
        rc = a->log == PX_LOG_ACCESS ? access_check(a, entry, err) : lf__entry_check(entry, err);
        rc = rc == LF_OK && a->log == PX_LOG_LEDGER ? signed_check(a, entry, err) : rc;
    }
    struct lf__hash leaf = lf__merkle_leaf(entry->leaf);
    a->audit.readable += is_readable ? 1 : 0;
    lf__frontier_add(&a->frontier, &leaf);
    return rc;
}

static lf_status audit_page(struct auditing *a, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    struct px_range range = {a->log, a->frontier.size,
                             a->leaves_only ? PX_LEAVES_MAX : PX_ENTRIES_MAX};
    struct px_entry *entries = NULL;
    size_t count = 0;
    uint64_t next = 0;
    lf_bytes note;
    uint64_t floor = lf__heads_floor(&a->client->heads, a->log);
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    (void)px_entries_request_encode(&range, a->leaves_only, &request);
    lf_status rc = lf__client_call(a->client, "/lianfang.v1.Ledger/GetEntries",
                                   lf__buf_bytes(&request), AUDIT_TIMEOUT_MS, &answer, err);
    rc = rc == LF_OK ? px_entries_decode(&arena, lf__buf_bytes(&answer), &entries, &count, &next,
                                         &note, err)
                     : rc;
    rc = rc == LF_OK ? lf__heads_saw_note(&a->client->heads, a->log, note, floor, err) : rc;
    if (rc == LF_OK && count == 0) {
        rc = lf__fail(err, LF_E_SIGNATURE, "log: entry %llu is not given",
                      (unsigned long long)a->frontier.size);
    }
    for (size_t i = 0; rc == LF_OK && i < count && a->frontier.size < a->head.size; i++) {
        rc = entry_take(a, &entries[i], err);
    }
    return rc;
}

static lf_status audit_run(struct auditing *a,
                           void (*progress)(uint64_t done, uint64_t size, void *user),
                           lf_audit *out, lf_error *err)
{
    LF_BUF note;
    lf__buf_init(&note, 65536);
    lf_status rc = lf__head_get(a->client, a->log, &note, &a->head, err);
    while (rc == LF_OK && a->frontier.size < a->head.size) {
        rc = audit_page(a, err);
        if (rc == LF_OK && progress != NULL) {
            progress(a->frontier.size, a->head.size, a->user);
        }
    }
    struct lf__hash root = lf__frontier_root(&a->frontier);
    if (rc == LF_OK && !lf__hash_eq(&root, &a->head.root)) {
        rc = lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "checkpoint",
                        "log: its entries do not have the root that the gateway signed");
    }
    if (rc == LF_OK) {
        a->audit.size = a->frontier.size;
        (void)lf__hex(lf__hash_bytes(&root), a->audit.root, sizeof a->audit.root);
        *out = a->audit;
    }
    return rc;
}

lf_status lf_log_audit(lf_client *client,
                       void (*progress)(uint64_t done, uint64_t size, void *user), void *user,
                       lf_audit *out, lf_error *err)
{
    struct auditing a = {.client = client, .log = PX_LOG_LEDGER, .user = user};
    lf__signers_init(&a.signers);
    lf_status rc = audit_run(&a, progress, out, err);
    lf__signers_done(&a.signers);
    return rc;
}

lf_status lf_log_audit_leaves(lf_client *client,
                              void (*progress)(uint64_t done, uint64_t size, void *user),
                              void *user, lf_audit *out, lf_error *err)
{
    struct auditing a = {.client = client, .log = PX_LOG_LEDGER, .leaves_only = true, .user = user};
    return audit_run(&a, progress, out, err);
}

lf_status lf_access_audit(lf_client *client, lf_access_cb each, void *user, lf_audit *out,
                          lf_error *err)
{
    struct auditing a = {.client = client, .log = PX_LOG_ACCESS, .each = each, .user = user};
    return client->profile.access_text[0] == '\0'
               ? lf__fail(err, LF_E_PRECONDITION,
                          "profile: [gateway] names no key of the access log")
               : audit_run(&a, NULL, out, err);
}
