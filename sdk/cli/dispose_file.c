/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispose --file: the first answer to every open task, from the list of our own merchants. Whoever is in it gets ACTIVE_SHOP, and what is done
 * about that is for a person; whoever is not gets NO_SHOP, unless lines of the list are no codes: it might be one of those.
 */
#include "cli/fields.h"
#include "cli/rows_in.h"

#include <lianfang/submit.h>
#include <lianfang/tasks.h>
#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>

typedef char code_text[LF_USCC_LEN + 1];
struct pending {
    uint64_t index;
    char issuer[64];
    char record_id[33];
    code_text subject;
    bool has_shop;
};
struct disposing {
    const struct cli *cli;
    struct rows_in rows;
    size_t column;
    code_text *codes; /* sorted once read */
    size_t code_count;
    size_t code_room;
    size_t faults; /* lines that are no codes */
    struct pending *tasks;
    size_t task_count;
    size_t task_room;
    uint64_t shops;
    uint64_t none;
    uint64_t left; /* asks for another answer, or was rejected */
    bool is_full;  /* out of memory */
};

static void *grown(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return list;
    }
    size_t more = *room == 0 ? 1024 : *room * 2;
    void *moved = realloc(list, more * size);
    *room = moved == NULL ? *room : more;
    return moved;
}

static int by_code(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* ---- the list of merchants ---- */

/* Never the text itself: it may be an ID number. */
static bool line_fault(struct disposing *d, const struct row_in *row, const char *why)
{
    d->faults++;
    (void)fprintf(stderr, "lianfang: line %u: is no code (%s)\n", row->line, why);
    return true;
}

static bool on_row(const struct row_in *row, void *user)
{
    struct disposing *d = user;
    lf_uscc code = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    const char *text = row->fault == ROW_GOOD ? row->cells[d->column] : NULL;
    options.allow_test_division = true; /* what stands in the ledger was allowed there */
    if (text == NULL || text[0] == '\0') {
        return line_fault(d, row, "nothing to read");
    }
    if (lf_uscc_check(text, strlen(text), &options, &code, &err) != LF_OK) {
        return line_fault(d, row, err.reason);
    }
    code_text *codes = grown(d->codes, d->code_count, &d->code_room, sizeof *codes);
    if (codes == NULL) {
        d->is_full = true;
        return false;
    }
    d->codes = codes;
    (void)memcpy(codes[d->code_count++], code.code, sizeof *codes);
    return !cli_interrupted();
}

static int merchants_read(struct disposing *d)
{
    const struct cli *cli = d->cli;
    if (!rows_in_open(cli->file, &d->rows)) {
        return CLI_USAGE;
    }
    while (d->column < d->rows.columns && strcmp(d->rows.names[d->column], cli->column) != 0) {
        d->column++;
    }
    if (d->column == d->rows.columns) {
        (void)fprintf(stderr, "lianfang: %s: has no column '%s'\n", cli->file, cli->column);
        return CLI_USAGE;
    }
    bool good = rows_in_each(&d->rows, on_row, d);
    if (d->is_full) {
        (void)fprintf(stderr, "lianfang: out of memory\n");
        return CLI_BUG;
    }
    if (!good) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", cli->file,
                      d->rows.problem[0] != '\0' ? cli_shown(d->rows.problem)
                                                 : "was not read to its end");
        return CLI_NO;
    }
    if (d->code_count > 0) {
        qsort(d->codes, d->code_count, sizeof *d->codes, by_code);
    }
    return CLI_OK;
}

/* ---- the tasks ---- */

/* What takes something back asks whether it was used, not for a shop. */
static bool is_accusation(const lf_task *task)
{
    return strcmp(task->kind, "EnforcementEvent") == 0 ||
           strcmp(task->kind, "CreditListEntry") == 0;
}

static bool on_task(const lf_task *task, void *user)
{
    struct disposing *d = user;
    if (!is_accusation(task) || strlen(task->subject) != LF_USCC_LEN) {
        d->left++;
        return !cli_interrupted();
    }
    struct pending *tasks = grown(d->tasks, d->task_count, &d->task_room, sizeof *tasks);
    if (tasks == NULL) {
        d->is_full = true;
        return false;
    }
    d->tasks = tasks;
    struct pending *one = &tasks[d->task_count++];
    one->index = task->index;
    (void)snprintf(one->issuer, sizeof one->issuer, "%s", task->issuer);
    (void)snprintf(one->record_id, sizeof one->record_id, "%s", task->record_id);
    (void)snprintf(one->subject, sizeof one->subject, "%s", task->subject);
    one->has_shop = d->code_count > 0 && bsearch(one->subject, d->codes, d->code_count,
                                                 sizeof *d->codes, by_code) != NULL;
    return !cli_interrupted();
}

static const char *answer_of(const struct pending *one)
{
    return one->has_shop ? "ACTIVE_SHOP" : "NO_SHOP";
}

static void pending_tell(struct disposing *d, const struct pending *one, const char *status,
                         const char *code)
{
    if (d->cli->json) {
        cli_json(json_pack("{s:I, s:s, s:s, s:s, s:s}", "index", (json_int_t)one->index, "subject",
                           one->subject, "answer", answer_of(one), "status", status, "code", code));
    } else {
        (void)printf("%8llu  %-18s  %-11s  %s%s%s\n", (unsigned long long)one->index,
                     cli_shown(one->subject), answer_of(one), status, code[0] == '\0' ? "" : " ",
                     code);
    }
}

static void answered(struct disposing *d, const struct pending *one, const lf_error *refusal)
{
    if (refusal != NULL) {
        d->left++;
        pending_tell(d, one, "rejected", refusal->reason);
        return;
    }
    d->shops += one->has_shop ? 1 : 0;
    d->none += one->has_shop ? 0 : 1;
    pending_tell(d, one, d->cli->dry_run ? "would be sent" : "accepted", "");
}

static void on_result(const lf_result *result, void *user)
{
    answered(user, result->user, result->outcome == LF_REFUSED ? &result->error : NULL);
}

static lf_status answer_add(lf_batch *batch, struct pending *one, lf_error *err)
{
    const lf_field list[] = {{"answer", answer_of(one)},
                             {"target_issuer", one->issuer},
                             {"target_record_id", one->record_id}};
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    fields.kind = "disposition";
    fields.fields = list;
    fields.count = sizeof list / sizeof list[0];
    record.fields = &fields;
    return lf_batch_add(batch, &record, one, err);
}

/* Batch by batch; what was sent stays said, whatever happens then. */
static lf_status answers_send(struct disposing *d, lf_client *client, lf_error *err)
{
    lf_batch *batch = NULL;
    lf_status rc = lf_batch_new(client, &batch, err);
    for (size_t i = 0; rc == LF_OK && i < d->task_count && !cli_interrupted(); i++) {
        if (!d->tasks[i].has_shop && d->faults > 0) {
            d->left++;
        } else if (d->cli->dry_run) {
            answered(d, &d->tasks[i], NULL);
        } else {
            rc = answer_add(batch, &d->tasks[i], err);
        }
        if (rc == LF_OK && (lf_batch_count(batch) == LF_BATCH_MAX || i + 1 == d->task_count) &&
            lf_batch_count(batch) > 0) {
            rc = lf_batch_send(batch, 0, on_result, d, err);
        }
    }
    lf_batch_free(batch);
    return rc;
}

static int answers_tell(const struct disposing *d)
{
    (void)fprintf(stderr, "%llu ACTIVE_SHOP, for a person to deal with; %llu NO_SHOP; %llu left\n",
                  (unsigned long long)d->shops, (unsigned long long)d->none,
                  (unsigned long long)d->left);
    if (d->faults > 0) {
        (void)fprintf(stderr, "%zu lines are no codes, so nobody was answered NO_SHOP\n",
                      d->faults);
    }
    if (cli_interrupted()) {
        (void)fprintf(stderr, "lianfang: ended early; the same command goes on\n");
        return CLI_NO;
    }
    return d->faults > 0 || d->left > 0 ? CLI_SOME_REJECTED : CLI_OK;
}

static int tasks_answer(struct disposing *d)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_task_query query = LF_TASK_QUERY_INIT;
    int code = cli_open(d->cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    query.member = lf_client_member(client);
    query.states = "OPEN";
    lf_status rc = lf_tasks_list(client, &query, on_task, d, &err);
    rc = rc == LF_OK && !d->is_full ? answers_send(d, client, &err) : rc;
    if (d->is_full) {
        (void)fprintf(stderr, "lianfang: out of memory\n");
        return cli_close(client, CLI_BUG);
    }
    int told = answers_tell(d);
    return cli_close(client, rc == LF_OK ? told : cli_fail(&err));
}

int cli_dispose_file(const struct cli *cli)
{
    struct disposing d = {.cli = cli};
    if (cli->profile == NULL || cli->column == NULL || cli->operand_count != 0) {
        return cli_usage("dispose --file needs --profile and --column, and no INDEX");
    }
    cli_interrupt_catch();
    int code = merchants_read(&d);
    code = code == CLI_OK ? tasks_answer(&d) : code;
    rows_in_close(&d.rows);
    free(d.codes);
    free(d.tasks);
    return code;
}
