/* SPDX-License-Identifier: Apache-2.0 */
/* push: a file's rows as signed records, in batches; every row gets its own answer. */
#include "cli/denied.h"
#include "cli/index_set.h"
#include "cli/receipts.h"
#include "cli/rows.h"
#include "cli/tokens.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    PUSH_VERSIONS_MAX = 1000,
    PUSH_UNANSWERED = 65536,
    PUSH_LOOK_MS = 100,
    PUSH_LOOK_ROWS = 256
};

struct row_state {
    const struct table_row *row;
    const char *warning;
    uint32_t version;
    bool is_last;  /* no later row of the file has its ref: it says what holds now */
    bool goes_on;  /* wants the next version: this one has other words, or may not be the newest */
    bool is_known; /* the version before has its words, and is entry `index` */
    uint64_t index;
};

/* The main thread adds rows; answers come on the client's. */
struct push {
    const struct cli *cli;
    struct rows_job job;
    lf_client *client;
    lf_push *push;
    pthread_mutex_t lock;      /* over what follows, and the output */
    struct receipts *receipts; /* NULL: none are asked for */
    struct index_set
        resumed_new; /* accepted of what an interrupted run left: their rows come yet */
    struct index_set resumed_told; /* those of them whose row has come */
    struct row_state *rows;
    uint64_t accepted;
    uint64_t duplicates;
    uint64_t rejected;
    struct denied denied; /* those of them that we may not say at all */
    uint64_t pending;
    uint64_t resumed;
    uint64_t done;           /* rows that have their answer */
    const char *failed_path; /* that could not be written, or NULL */
    int failed_errno;
    bool is_full; /* the bar has ended its line */
};

static void row_print(struct push *p, const struct row_state *state, const char *status,
                      const lf_result *result, const lf_error *err)
{
    bool is_denied = err != NULL && denied_take(&p->denied, state->row->line, err);
    if (!p->cli->json) {
        if (err != NULL && !is_denied) {
            cli_rejected_tell(state->row->line, err);
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
        (void)json_object_set_new(line, "message", json_string(err->message));
    }
    if (state->warning != NULL) {
        (void)json_object_set_new(line, "warnings", json_pack("[s]", state->warning));
    }
    if (result != NULL && result->is_pending_relay) {
        (void)json_object_set_new(line, "pending_relay", json_true());
    }
    cli_json(line);
}

/* The first failure is the one told. */
static void failure_keep(struct push *p, const char *path)
{
    if (p->failed_path == NULL) {
        p->failed_errno = errno;
        p->failed_path = path;
    }
}

/* Once for a record, however often it is told. */
static void receipt_keep(struct push *p, unsigned line, const lf_result *result)
{
    if (!receipts_keep(p->receipts, line, result)) {
        failure_keep(p, p->cli->receipts);
    }
}

/* Lines rise from row to row. */
static struct row_state *state_of(struct push *p, uint64_t tag)
{
    unsigned line = (unsigned)(tag & UINT32_MAX);
    size_t low = 0;
    size_t high = p->job.table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->rows[middle].row->line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return &p->rows[low];
}

/* What an interrupted run left: its rows come again in this one, which tells them. Out of memory, they are told as duplicates. */
static void resumed_take(struct push *p, const lf_result *result)
{
    p->resumed++;
    receipt_keep(p, (unsigned)(result->tag & UINT32_MAX), result);
    if (result->outcome == LF_ACCEPTED) {
        (void)index_set_add(&p->resumed_new, result->index);
    }
}

/* The row by which the entry came to be, be it before this row was handed in once more. */
static bool is_news(struct push *p, const lf_result *result)
{
    return result->outcome == LF_ACCEPTED || (index_set_has(&p->resumed_new, result->index) &&
                                              !index_set_has(&p->resumed_told, result->index) &&
                                              index_set_add(&p->resumed_told, result->index));
}

static void row_refused(struct push *p, const struct row_state *state, const lf_error *why)
{
    p->rejected++;
    p->done++;
    row_print(p, state, "rejected", NULL, why);
}

static void row_taken(struct push *p, const struct row_state *state, const lf_result *result)
{
    bool is_new = is_news(p, result);
    p->done++;
    p->accepted += is_new ? 1 : 0;
    p->duplicates += is_new ? 0 : 1;
    p->pending += result->is_pending_relay ? 1 : 0;
    receipt_keep(p, state->row->line, result);
    row_print(p, state, is_new ? "accepted" : "duplicate", result, NULL);
}

/* With --update a row is compared with the newest version of its ref. Only the gateway knows how many there are: what it
 * has as version n is offered as n + 1, which it refuses as UNCHANGED where n is the newest, and as CHANGED where it is not. */
static bool update_goes_on(struct push *p, struct row_state *state, const lf_result *result)
{
    bool is_same = result->outcome == LF_DUPLICATE;
    bool is_other = result->outcome == LF_REFUSED && strcmp(result->error.reason, "CHANGED") == 0;
    if (!p->cli->update || state->version == PUSH_VERSIONS_MAX ||
        !(is_other || (is_same && state->is_last))) {
        return false;
    }
    if (is_same) {
        receipt_keep(p, state->row->line, result);
    }
    state->goes_on = true;
    state->is_known = is_same;
    state->index = result->index;
    return true;
}

static void result_take(struct push *p, const lf_result *result)
{
    struct row_state *state = state_of(p, result->tag);
    if (update_goes_on(p, state, result)) {
        return;
    }
    if (result->outcome != LF_REFUSED) {
        row_taken(p, state, result);
    } else if (state->is_known && strcmp(result->error.reason, "UNCHANGED") == 0) {
        lf_result known = {.outcome = LF_DUPLICATE, .index = state->index};
        row_taken(p, state, &known);
    } else {
        row_refused(p, state, &result->error);
    }
}

static void on_result(const lf_result *result, void *user)
{
    struct push *p = user;
    (void)pthread_mutex_lock(&p->lock);
    if (result->is_resumed) {
        resumed_take(p, result);
    } else {
        result_take(p, result);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

/* Receipts are on disk before the spool forgets their rows. */
static lf_status on_settle(void *user)
{
    struct push *p = user;
    (void)pthread_mutex_lock(&p->lock);
    if (!cli_output_flush()) {
        failure_keep(p, cli_output_name);
    } else if (!receipts_settle(p->receipts)) {
        failure_keep(p, p->cli->receipts);
    }
    bool is_whole = p->failed_path == NULL;
    (void)pthread_mutex_unlock(&p->lock);
    return is_whole ? LF_OK : LF_E_IO;
}

static void progress(struct push *p)
{
    (void)pthread_mutex_lock(&p->lock);
    if (!p->is_full) {
        cli_progress("push", p->done, p->job.table->count);
        p->is_full = p->done == p->job.table->count;
    }
    (void)pthread_mutex_unlock(&p->lock);
}

/* Until at most `most` records await their answers, in steps that let Ctrl-C and the bar through. */
static lf_status wait_for(struct push *p, uint64_t most, lf_error *err)
{
    lf_status rc = LF_E_DEADLINE;
    while (rc == LF_E_DEADLINE && !cli_interrupted()) {
        rc = lf_push_wait(p->push, most, PUSH_LOOK_MS, err);
        progress(p);
    }
    return rc == LF_E_DEADLINE ? LF_OK : rc; /* interrupted: the caller looks itself */
}

static lf_status row_push(struct push *p, struct row_state *state, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    const char *warning = NULL;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): each state has had its row from the start */
    struct rows_to to = {p->push, (uint64_t)state->version << 32 | state->row->line};
    lf_status rc = rows_add(&p->job, state->row, state->version, to, &warning, &why);
    while (rc == LF_E_BUSY && !cli_interrupted()) {
        rc = wait_for(p, PUSH_UNANSWERED / 2, err);
        if (rc != LF_OK) {
            return rc;
        }
        rc = rows_add(&p->job, state->row, state->version, to, &warning, &why);
    }
    if (rc != LF_OK && lf_push_check(p->push, err) != LF_OK) {
        return err->status;
    }
    /* A full disk is no fault of the row, nor of those behind it. */
    if (lf_status_kind(rc) == LF_KIND_LOCAL) {
        *err = why;
        return rc;
    }
    (void)pthread_mutex_lock(&p->lock);
    state->warning = warning;
    if (rc != LF_OK && rc != LF_E_BUSY) {
        row_refused(p, state, &why);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return LF_OK;
}

/* One pass adds every row that waits for its turn, and waits for the answers; with --update, rows come
 * again as the next version until they are new, or the same as the newest. */
static lf_status pass_run(struct push *p, uint32_t version, uint64_t *sent, lf_error *err)
{
    lf_status rc = LF_OK;
    *sent = 0;
    for (size_t i = 0; rc == LF_OK && i < p->job.table->count && !cli_interrupted(); i++) {
        struct row_state *state = &p->rows[i];
        if (version > 1 && !state->goes_on) {
            continue;
        }
        state->goes_on = false;
        state->version = version;
        rc = row_push(p, state, err);
        (*sent)++;
        if (i % PUSH_LOOK_ROWS == 0) {
            progress(p);
        }
    }
    return rc == LF_OK && !cli_interrupted() ? wait_for(p, 0, err) : rc;
}

static void summary(const struct push *p)
{
    denied_tell(&p->denied);
    (void)fprintf(stderr, "%llu accepted, %llu duplicates, %llu rejected%s\n",
                  (unsigned long long)p->accepted, (unsigned long long)p->duplicates,
                  (unsigned long long)p->rejected,
                  p->pending > 0 ? "; some wait for a regulator's relay" : "");
    if (p->resumed > 0) {
        (void)fprintf(stderr, "%llu rows of an interrupted push were answered first\n",
                      (unsigned long long)p->resumed);
    }
}

static int failure_say(const struct push *p, const lf_error *err)
{
    if (p->failed_path == NULL) {
        return cli_fail(err);
    }
    errno = p->failed_errno;
    if (p->failed_path != cli_output_name) { /* which is told at the very end */
        (void)cli_fail_file(p->failed_path);
    }
    return CLI_NO;
}

static int push_run(struct push *p)
{
    lf_error err = LF_ERROR_INIT;
    uint64_t sent = 1;
    /* What an interrupted run left goes first: while nobody answers, each try would spool the file once more. */
    lf_status rc = wait_for(p, 0, &err);
    for (uint32_t version = 1;
         rc == LF_OK && sent > 0 && version <= PUSH_VERSIONS_MAX && !cli_interrupted(); version++) {
        rc = pass_run(p, version, &sent, &err);
    }
    uint64_t left = lf_push_unanswered(p->push);
    lf_push_close(p->push); /* no answer comes after this */
    p->push = NULL;
    summary(p);
    if (rc != LF_OK || cli_interrupted()) {
        (void)fprintf(stderr,
                      "stopped with %llu rows unanswered: the same command goes on, and no row "
                      "counts twice\n",
                      (unsigned long long)left);
        return rc != LF_OK ? failure_say(p, &err) : CLI_OK; /* main ends by the signal */
    }
    if (p->failed_path != NULL) {
        return failure_say(p, &err);
    }
    bool is_denied = p->denied.count > 0 && p->accepted + p->duplicates == 0;
    return is_denied ? CLI_NOT_ALLOWED : p->rejected > 0 ? CLI_SOME_REJECTED : CLI_OK;
}

static int spool_open(struct push *p)
{
    char spool[PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    lf_push_options options = LF_PUSH_OPTIONS_INIT;
    options.spool = spool;
    options.done = on_result;
    options.settle = on_settle;
    options.user = p;
    options.unanswered = PUSH_UNANSWERED;
    if (!cli_spool(p->cli, p->cli->operands[0], spool, sizeof spool)) {
        return CLI_NO;
    }
    return lf_push_open(p->client, &options, &p->push, &err) == LF_OK ? CLI_OK : cli_fail(&err);
}

static void last_mark(size_t row, void *user)
{
    struct push *p = user;
    p->rows[row].is_last = true;
}

static int push_open(struct push *p, struct table *table)
{
    p->rows = calloc(table->count + 1, sizeof *p->rows);
    for (size_t i = 0; p->rows != NULL && i < table->count; i++) {
        p->rows[i].row = &table->rows[i];
    }
    if (p->rows != NULL && p->cli->update && !rows_last(&p->job, last_mark, p)) {
        return cli_usage("push: out of memory");
    }
    int code = p->rows == NULL ? cli_usage("push: out of memory") : cli_open(p->cli, &p->client);
    if (code == CLI_OK && p->cli->receipts != NULL) {
        code = receipts_open(p->cli->receipts, p->client, &p->receipts);
    }
    return code == CLI_OK ? spool_open(p) : code;
}

int cli_push(const struct cli *cli)
{
    struct table table = {.columns = 0};
    struct push p = {.cli = cli, .job = {&table, cli->kind}};
    if (cli->profile == NULL || cli->kind == NULL || cli->operand_count != 1) {
        return cli_usage("push needs --profile, --kind and one file");
    }
    if (!lf_kind_has(cli->kind, NULL)) {
        return cli_usage(
            "--kind is enforcement-event, registry-entry, credit-list-entry or another kind "
            "that members say");
    }
    int code = CLI_USAGE;
    (void)pthread_mutex_init(&p.lock, NULL);
    if (table_load(cli->operands[0], cli->map, &table) &&
        (cli->token_key == NULL || tokens_take(&table, cli->token_key)) &&
        rows_header_check(&p.job)) {
        cli_interrupt_catch();
        code = push_open(&p, &table);
        code = code == CLI_OK ? push_run(&p) : code;
    }
    code = cli_close(p.client, code);
    if (!receipts_close(p.receipts)) {
        (void)cli_fail_file(cli->receipts);
        code = CLI_NO;
    }
    (void)pthread_mutex_destroy(&p.lock);
    free(p.rows);
    index_set_done(&p.resumed_new);
    index_set_done(&p.resumed_told);
    table_free(&table);
    return code;
}
