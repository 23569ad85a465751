/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a bundle: what the gateway answers is put under one head, and then verified as a stranger would, so that a file
 * that does not hold is never handed out.
 */
#include "client/evidence/evidence.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "base/file.h"
#include "client/log_read.h"
#include "core/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXPORT_TIMEOUT_MS = 30000, EXPORT_WAIT_MS = 3000, EXPORT_POLL_MS = 100 };

struct export
{
    lf_client *client;
    const lf_evidence_options *options;
    struct lf__arena arena;
    struct px_bundle bundle;
    struct px_bundle_record *records;
    uint64_t *indexes; /* ascending, each once */
    struct lf__merkle_head head;
    bool is_published;
    bool is_hidden[PX_CLASS_COUNT];
    size_t beside;
};

static lf_status call(struct export *x, const char *method, const struct lf__buf *request,
                      lf_bytes *answer, lf_error *err)
{
    LF_BUF reply;
    lf__buf_init(&reply, CLIENT_ANSWER_MAX);
    lf_status rc =
        lf__client_call(x->client, method, lf__buf_bytes(request), EXPORT_TIMEOUT_MS, &reply, err);
    if (rc == LF_OK) {
        *answer = lf__arena_copy(&x->arena, lf__buf_bytes(&reply));
        rc = lf__arena_status(&x->arena, err);
    }
    return rc;
}

/* ---- options ---- */

static int index_order(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static lf_status options_take(struct export *x, lf_error *err)
{
    const lf_evidence_options *o = x->options;
    if (o->index_count == 0 || o->index_count > PX_BUNDLE_RECORDS_MAX ||
        o->attach_count > PX_ATTACHMENTS_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "indexes",
                          "evidence: 1 to %d records, and at most %d attachments",
                          PX_BUNDLE_RECORDS_MAX, PX_ATTACHMENTS_MAX);
    }
    for (size_t i = 0; i < o->hide_count; i++) {
        unsigned number = lf__number_class(o->hide[i]);
        if (number == 0) {
            return lf__refuse(err, LF_E_ARG, "PART_CLASS", "hide",
                              "evidence: %.20s is not PUBLIC, MEMBERS, REGULATOR or PERSONAL",
                              o->hide[i]);
        }
        x->is_hidden[number] = true;
    }
    x->indexes = lf__arena_array(&x->arena, o->index_count + 1, sizeof *x->indexes);
    x->records = lf__arena_array(&x->arena, o->index_count + 1, sizeof *x->records);
    if (x->indexes == NULL || x->records == NULL) {
        return lf__arena_status(&x->arena, err);
    }
    lf__copy(x->indexes, o->indexes, o->index_count * sizeof *o->indexes);
    qsort(x->indexes, o->index_count, sizeof *x->indexes, index_order);
    for (size_t i = 0; i < o->index_count; i++) {
        size_t n = x->bundle.record_count;
        if (n == 0 || x->indexes[n - 1] != x->indexes[i]) {
            x->indexes[n] = x->indexes[i];
            x->bundle.record_count++;
        }
    }
    return LF_OK;
}

/* ---- the records ---- */

/* Who said it, and as what: evidence is asked for by identity. */
static lf_status identify(struct export *x, uint64_t index, struct px_envelope *out, lf_error *err)
{
    LF_BUF request;
    struct px_range range = {PX_LOG_LEDGER, index, 1};
    struct px_entry *entries = NULL;
    size_t count = 0;
    uint64_t next = 0;
    lf_bytes answer;
    lf_bytes note;
    lf__buf_init(&request, 64);
    (void)px_range_encode(&range, &request);
    lf_status rc = call(x, "/lianfang.v1.Ledger/GetEntries", &request, &answer, err);
    rc = rc == LF_OK ? px_entries_decode(&x->arena, answer, &entries, &count, &next, &note, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (count == 0 || entries[0].index != index || entries[0].envelope.len == 0) {
        return lf__refuse(err, LF_E_NOT_FOUND, "TARGET_UNKNOWN", "indexes",
                          "entry %llu: is not there, or this member may not read it",
                          (unsigned long long)index);
    }
    return px_envelope_decode(&x->arena, entries[0].envelope, out, err);
}

static lf_status hide_parts(struct export *x, lf_bytes *wire, lf_error *err)
{
    LF_BUF out;
    struct px_envelope envelope;
    size_t kept = 0;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    lf_status rc = px_envelope_decode(&x->arena, *wire, &envelope, err);
    for (size_t i = 0; rc == LF_OK && i < envelope.part_count; i++) {
        if (!x->is_hidden[envelope.parts[i].part_class]) {
            envelope.parts[kept++] = envelope.parts[i];
        }
    }
    if (rc == LF_OK) {
        envelope.part_count = kept;
        (void)px_envelope_encode(&envelope, &out);
        *wire = lf__arena_copy(&x->arena, lf__buf_bytes(&out));
        rc = lf__arena_status(&x->arena, err);
        rc = rc == LF_OK ? lf__buf_status(&out, err) : rc;
    }
    return rc;
}

static lf_status record_get(struct export *x, size_t at, lf_error *err)
{
    LF_BUF request;
    struct px_envelope named;
    struct px_evidence evidence;
    lf_bytes answer;
    lf__buf_init(&request, 256);
    lf_status rc = identify(x, x->indexes[at], &named, err);
    if (rc != LF_OK) {
        return rc;
    }
    (void)px_evidence_request_encode(named.header.issuer, named.header.record_id, &request);
    rc = call(x, "/lianfang.v1.Ledger/GetEvidence", &request, &answer, err);
    rc = rc == LF_OK ? px_evidence_decode(&x->arena, answer, &evidence, err) : rc;
    rc = rc == LF_OK ? hide_parts(x, &evidence.envelope, err) : rc;
    if (rc == LF_OK) {
        x->records[at] = (struct px_bundle_record){.index = evidence.index,
                                                   .leaf = evidence.leaf,
                                                   .envelope = evidence.envelope,
                                                   .keys = evidence.keys,
                                                   .key_count = evidence.key_count};
        x->bundle.genesis_leaf = evidence.genesis_leaf;
    }
    return rc;
}

/* ---- the head that all lead to ---- */

static lf_status published_get(struct export *x, struct lf__merkle_head *head, lf_bytes *note,
                               lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, 65536);
    lf_status rc = lf__head_published(x->client, PX_LOG_LEDGER, &text, head, err);
    if (rc == LF_OK) {
        *note = lf__arena_copy(&x->arena, lf__buf_bytes(&text));
        rc = lf__arena_status(&x->arena, err);
    }
    return rc;
}

/* Waits a little for the published head to cover all; the newest one serves when it does not. */
static lf_status head_choose(struct export *x, lf_error *err)
{
    LF_BUF newest;
    struct timespec pause = {0, EXPORT_POLL_MS * 1000000L};
    uint64_t last = x->indexes[x->bundle.record_count - 1];
    uint32_t wait_ms = x->options->wait_ms == 0 ? EXPORT_WAIT_MS : x->options->wait_ms;
    int64_t until = lf__clock_monotonic_ns() + (int64_t)wait_ms * 1000000;
    lf__buf_init(&newest, 65536);
    lf_status rc = published_get(x, &x->head, &x->bundle.checkpoint, err);
    while (rc == LF_OK && x->head.size <= last && lf__clock_monotonic_ns() < until) {
        (void)nanosleep(&pause, NULL);
        rc = published_get(x, &x->head, &x->bundle.checkpoint, err);
    }
    x->is_published = rc == LF_OK && x->head.size > last;
    if (rc == LF_OK && !x->is_published) {
        rc = lf__head_get(x->client, PX_LOG_LEDGER, &newest, &x->head, err);
        x->bundle.checkpoint = lf__arena_copy(&x->arena, lf__buf_bytes(&newest));
        rc = rc == LF_OK ? lf__arena_status(&x->arena, err) : rc;
    }
    return rc;
}

static lf_status path_get(struct export *x, uint64_t index, const struct lf__hash **path,
                          size_t *count, lf_error *err)
{
    struct lf__hash leaf;
    struct lf__proof proof;
    lf_proof place = {.index = index, .size = x->head.size};
    lf_status rc = lf__inclusion_get(x->client, &place, &leaf, &proof, err);
    if (rc == LF_OK) {
        *count = proof.count;
        *path = (const struct lf__hash *)(const void *)lf__arena_copy(
                    &x->arena, (lf_bytes){proof.hashes[0].bytes, proof.count * sizeof leaf})
                    .ptr;
        rc = lf__arena_status(&x->arena, err);
    }
    return rc;
}

static lf_status paths_get(struct export *x, lf_error *err)
{
    lf_status rc = path_get(x, 0, &x->bundle.genesis_path, &x->bundle.genesis_path_count, err);
    for (size_t i = 0; rc == LF_OK && i < x->bundle.record_count; i++) {
        rc = path_get(x, x->records[i].index, &x->records[i].path, &x->records[i].path_count, err);
    }
    return rc;
}

/* ---- attachments ---- */

static lf_status attachment_read(struct export *x, const char *path, struct px_attachment *out,
                                 size_t *total, lf_error *err)
{
    LF_BUF content;
    const char *slash = strrchr(path, '/');
    lf__buf_init(&content, LF_EVIDENCE_BESIDE_MAX);
    lf_status rc = lf__file_read(path, &content, err);
    if (rc != LF_OK) {
        return rc;
    }
    *out = (struct px_attachment){.sha256 = lf__sha256(lf__buf_bytes(&content)),
                                  .name = lf__bytes_str(slash == NULL ? path : slash + 1),
                                  .size = content.len};
    *total += content.len;
    if (content.len <= PX_ATTACHMENT_INLINE_MAX && *total <= LF_EVIDENCE_MAX / 2) {
        out->content = lf__arena_copy(&x->arena, lf__buf_bytes(&content));
    } else {
        *total -= content.len;
        x->beside++;
    }
    return lf__arena_status(&x->arena, err);
}

static lf_status attachments_read(struct export *x, lf_error *err)
{
    size_t count = x->options->attach_count;
    size_t total = 0;
    struct px_attachment *list = lf__arena_array(&x->arena, count, sizeof *list);
    lf_status rc = lf__arena_status(&x->arena, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = attachment_read(x, x->options->attach[i], &list[i], &total, err);
    }
    x->bundle.attachments = list;
    x->bundle.attachment_count = count;
    return rc;
}

/* ---- the files ---- */

/* By the key that the profile trusts; no witness is asked for. */
static lf_status bundle_try(struct export *x, lf_bytes bytes, lf_error *err)
{
    LF_BUF trust;
    char genesis[LF_HEX_SIZE(LF_HASH_BYTES)];
    const lf_evidence *account = NULL;
    lf__buf_init(&trust, 4096);
    (void)lf__hex(lf__hash_bytes(&x->bundle.genesis_leaf), genesis, sizeof genesis);
    (void)lf__buf_printf(
        &trust, "lianfang-trust/v1\norigin %s\ngenesis %s\n\nlog %s\nquorum none\n",
        lf__log_key(x->client, PX_LOG_LEDGER)->name, genesis, lf_client_ledger_key(x->client));
    lf_status rc = lf_evidence_verify(bytes, lf__buf_bytes(&trust), NULL, 0, &account, err);
    lf_evidence_free(account);
    return rc;
}

static lf_status proof_write(struct export *x, const struct px_bundle_record *record, lf_error *err)
{
    LF_BUF text;
    char name[40];
    char path[LF_PATH_MAX];
    struct lf__receipt receipt = {.index = record->index, .checkpoint = x->bundle.checkpoint};
    lf__buf_init(&text, 65536 * 2);
    lf__copy(receipt.leaf, record->leaf.ptr, sizeof receipt.leaf);
    receipt.proof.count = record->path_count;
    lf__copy(receipt.proof.hashes, record->path, record->path_count * sizeof *record->path);
    (void)snprintf(name, sizeof name, "%llu.tlog-proof", (unsigned long long)record->index);
    lf_status rc = lf__path(x->options->proofs, name, path, err);
    if (rc == LF_OK && !lf__receipt_format(&receipt, &text)) {
        rc = lf__buf_status(&text, err);
    }
    return rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&text), 0644, err) : rc;
}

static lf_status bundle_write(struct export *x, const char *path, lf_error *err)
{
    LF_BUF bytes;
    lf__buf_init(&bytes, LF_EVIDENCE_MAX);
    if (!px_bundle_encode(&x->bundle, &bytes)) {
        return lf__buf_status(&bytes, err);
    }
    lf_status rc = bundle_try(x, lf__buf_bytes(&bytes), err);
    rc = rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&bytes), 0644, err) : rc;
    for (size_t i = 0; rc == LF_OK && x->options->proofs != NULL && i < x->bundle.record_count;
         i++) {
        rc = proof_write(x, &x->records[i], err);
    }
    return rc;
}

/* How the ledger's key changed, so that old trust files go on. */
static lf_status log_keys_read(struct export *x, lf_error *err)
{
    LF_BUF answer;
    struct px_log_key_proof *list = NULL;
    size_t count = 0;
    size_t kept = 0;
    lf__buf_init(&answer, CLIENT_KEYS_MAX);
    lf_status rc = lf__client_keys_ask(x->client, &answer, err);
    lf_bytes copy = rc == LF_OK ? lf__arena_copy(&x->arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    rc = rc == LF_OK && answer.len > 0
             ? px_log_key_proofs_decode(&x->arena, copy, &list, &count, err)
             : rc;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        struct px_envelope envelope;
        struct px_log_key key;
        rc = px_envelope_decode(&x->arena, list[i].envelope, &envelope, err);
        rc = rc == LF_OK ? px_log_key_decode(&x->arena, &envelope, &key, err) : rc;
        if (rc == LF_OK && key.log == PX_LOG_LEDGER) {
            list[kept++] = list[i];
        }
    }
    x->bundle.log_keys = list;
    x->bundle.log_key_count = kept;
    return rc;
}

/* With what the authority signed goes the genesis, which says how many of its keys had to. */
static lf_status genesis_add(struct export *x, lf_error *err)
{
    size_t count = x->bundle.record_count;
    bool has_authority = false;
    for (size_t i = 0; i < count; i++) {
        has_authority = has_authority || (x->records[i].key_count > 0 &&
                                          x->records[i].keys[0].row.role == PX_ROLE_NONE);
    }
    if (!has_authority || x->indexes[0] == 0 || count == PX_BUNDLE_RECORDS_MAX) {
        return LF_OK;
    }
    for (size_t i = count; i > 0; i--) {
        x->indexes[i] = x->indexes[i - 1];
        x->records[i] = x->records[i - 1];
    }
    x->indexes[0] = 0;
    x->bundle.record_count++;
    return record_get(x, 0, err);
}

static lf_status export_run(struct export *x, const char *path, lf_error *err)
{
    lf_status rc = options_take(x, err);
    for (size_t i = 0; rc == LF_OK && i < x->bundle.record_count; i++) {
        rc = record_get(x, i, err);
    }
    rc = rc == LF_OK ? genesis_add(x, err) : rc;
    rc = rc == LF_OK ? head_choose(x, err) : rc;
    rc = rc == LF_OK ? paths_get(x, err) : rc;
    rc = rc == LF_OK ? log_keys_read(x, err) : rc;
    rc = rc == LF_OK ? attachments_read(x, err) : rc;
    x->bundle.records = x->records;
    return rc == LF_OK ? bundle_write(x, path, err) : rc;
}

lf_status lf_evidence_export(lf_client *client, const lf_evidence_options *options,
                             const char *path, lf_evidence_made *out, lf_error *err)
{
    struct export x = {.client = client, .options = options};
    lf__arena_init(&x.arena, EVIDENCE_ARENA_MAX);
    lf_status rc = export_run(&x, path, err);
    if (rc == LF_OK) {
        *out = (lf_evidence_made){
            .size = x.head.size, .is_published = x.is_published, .beside = x.beside};
        (void)lf__hex(lf__hash_bytes(&x.bundle.genesis_leaf), out->genesis, sizeof out->genesis);
    }
    lf__arena_done(&x.arena);
    return rc;
}
