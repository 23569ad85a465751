/* SPDX-License-Identifier: Apache-2.0 */
/* push: a file's rows as signed records, in batches; every row gets its own answer. */
#include "cli/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PUSH_VERSIONS_MAX = 1000 };

struct row_state {
    const struct table_row *row;
    const char *warning;
    uint32_t version;
    bool is_changed; /* taken before with other words: wants the next version */
};

struct push {
    const struct cli *cli;
    struct rows_job job;
    lf_client *client;
    lf_batch *batch;
    FILE *receipts;
    struct row_state *rows;
    uint64_t accepted;
    uint64_t duplicates;
    uint64_t rejected;
    uint64_t pending;
};

static void row_print(struct push *p, const struct row_state *state, const char *status,
                      const lf_result *result, const lf_error *err)
{
    if (!p->cli->json) {
        if (err != NULL) {
            (void)fprintf(stderr, "line %u: rejected: %s%s%s (%s)\n", state->row->line, err->field,
                          err->field[0] != '\0' ? ": " : "", err->message, err->reason);
        }
        return;
    }
    json_t *line = json_pack("{s:i, s:s}", "line", (int)state->row->line, "status", status);
    if (result != NULL) {
        (void)json_object_set_new(line, "index", json_integer((json_int_t)result->index));
    }
    if (err != NULL) {
        (void)json_object_set_new(line, "code", json_string(err->reason));
        (void)json_object_set_new(line, "field", json_string(err->field));
    }
    if (state->warning != NULL) {
        (void)json_object_set_new(line, "warnings", json_pack("[s]", state->warning));
    }
    if (result != NULL && result->is_pending_relay) {
        (void)json_object_set_new(line, "pending_relay", json_true());
    }
    cli_json(line);
}

static void hex_of(lf_bytes bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        *out++ = digits[bytes.ptr[i] >> 4];
        *out++ = digits[bytes.ptr[i] & 15];
    }
    *out = '\0';
}

static void receipt_keep(struct push *p, const struct row_state *state, const lf_result *result)
{
    char *hex = p->receipts == NULL ? NULL : malloc(2 * result->envelope.len + 1);
    if (hex == NULL) {
        return;
    }
    hex_of(result->envelope, hex);
    json_t *line = json_pack("{s:i, s:I, s:s, s:s, s:s}", "line", (int)state->row->line, "index",
                             (json_int_t)result->index, "ledger", lf_client_ledger_key(p->client),
                             "envelope", hex, "receipt", result->receipt);
    char *text = json_dumps(line, JSON_COMPACT);
    (void)fprintf(p->receipts, "%s\n", text == NULL ? "{}" : text);
    free(text);
    free(hex);
    json_decref(line);
}

static void on_result(const lf_result *result, void *user)
{
    struct push *p = user;
    struct row_state *state = result->user;
    if (result->outcome == LF_REFUSED && p->cli->update &&
        strcmp(result->error.reason, "CHANGED") == 0 && state->version < PUSH_VERSIONS_MAX) {
        state->is_changed = true;
        return;
    }
    if (result->outcome == LF_REFUSED) {
        p->rejected++;
        row_print(p, state, "rejected", NULL, &result->error);
        return;
    }
    bool is_new = result->outcome == LF_ACCEPTED;
    p->accepted += is_new ? 1 : 0;
    p->duplicates += is_new ? 0 : 1;
    p->pending += result->is_pending_relay ? 1 : 0;
    if (is_new) { /* a duplicate's envelope may stand under another batch's signature */
        receipt_keep(p, state, result);
    }
    row_print(p, state, is_new ? "accepted" : "duplicate", result, NULL);
}

static lf_status row_push(struct push *p, struct row_state *state, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc =
        rows_add(&p->job, state->row, state->version, p->batch, state, &state->warning, &why);
    if (rc == LF_E_FULL) {
        rc = lf_batch_send(p->batch, 0, on_result, p, err);
        if (rc != LF_OK) {
            return rc;
        }
        rc = rows_add(&p->job, state->row, state->version, p->batch, state, &state->warning, &why);
    }
    if (rc != LF_OK) {
        p->rejected++;
        row_print(p, state, "rejected", NULL, &why);
    }
    return LF_OK;
}

/* One pass sends every row that waits for its turn; with --update, changed rows come again as the
 * next version until they are new, or the same as what stands there. */
static lf_status pass_run(struct push *p, uint32_t version, uint64_t *sent, lf_error *err)
{
    lf_status rc = LF_OK;
    *sent = 0;
    for (size_t i = 0; rc == LF_OK && i < p->job.table->count; i++) {
        struct row_state *state = &p->rows[i];
        if (version > 1 && !state->is_changed) {
            continue;
        }
        state->is_changed = false;
        state->version = version;
        rc = row_push(p, state, err);
        (*sent)++;
        if (version == 1) {
            cli_progress("push", i + 1, p->job.table->count);
        }
    }
    return rc == LF_OK ? lf_batch_send(p->batch, 0, on_result, p, err) : rc;
}

static int push_run(struct push *p)
{
    lf_error err = LF_ERROR_INIT;
    uint64_t sent = 1;
    lf_status rc = LF_OK;
    for (uint32_t version = 1; rc == LF_OK && sent > 0 && version <= PUSH_VERSIONS_MAX; version++) {
        rc = pass_run(p, version, &sent, &err);
    }
    (void)fprintf(stderr, "%llu accepted, %llu duplicates, %llu rejected%s\n",
                  (unsigned long long)p->accepted, (unsigned long long)p->duplicates,
                  (unsigned long long)p->rejected,
                  p->pending > 0 ? "; some wait for a regulator's relay" : "");
    if (rc != LF_OK) {
        return cli_fail(&err);
    }
    return p->rejected > 0 ? CLI_SOME_REJECTED : CLI_OK;
}

static bool push_open(struct push *p, struct table *table)
{
    lf_error err = LF_ERROR_INIT;
    p->rows = calloc(table->count + 1, sizeof *p->rows);
    for (size_t i = 0; p->rows != NULL && i < table->count; i++) {
        p->rows[i].row = &table->rows[i];
    }
    if (p->cli->receipts != NULL) {
        p->receipts = cli_append(p->cli->receipts);
        if (p->receipts == NULL) {
            (void)fprintf(stderr, "lianfang: %s: %s\n", p->cli->receipts, strerror(errno));
            return false;
        }
    }
    if (lf_client_open(p->cli->profile, &p->client, &err) != LF_OK ||
        lf_batch_new(p->client, &p->batch, &err) != LF_OK) {
        (void)cli_fail(&err);
        return false;
    }
    return p->rows != NULL;
}

int cli_push(const struct cli *cli)
{
    struct table table = {.columns = 0};
    struct push p = {.cli = cli, .job = {&table, ROWS_EVENT}};
    if (cli->profile == NULL || cli->kind == NULL || cli->operand_count != 1) {
        return cli_usage("push needs --profile, --kind and one file");
    }
    bool is_registry = strcmp(cli->kind, "registry-entry") == 0;
    if (!is_registry && strcmp(cli->kind, "enforcement-event") != 0) {
        return cli_usage("--kind is enforcement-event or registry-entry");
    }
    p.job.kind = is_registry ? ROWS_REGISTRY : ROWS_EVENT;
    int code = CLI_USAGE;
    if (table_load(cli->operands[0], cli->map, &table) && rows_header_check(&p.job) &&
        push_open(&p, &table)) {
        code = push_run(&p);
    }
    if (p.receipts != NULL && fclose(p.receipts) != 0) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", cli->receipts, strerror(errno));
        code = CLI_NO;
    }
    lf_batch_free(p.batch);
    lf_client_close(p.client);
    free(p.rows);
    table_free(&table);
    return code;
}
