/* SPDX-License-Identifier: Apache-2.0 */
/* crosscheck: platforms' removals beside authorities' lists, as a table, CSV or JSON Lines. */
#include "cli/crosscheck.h"

#include <string.h>

enum { ENTRIES_SIZE = 512 };

struct crosschecking {
    const struct cli *cli;
    FILE *out;
    bool has_head;
    size_t rows;
    bool has_fault;  /* a line that is none */
    bool is_at_odds; /* a finding but CONFIRMED_BOTH */
};

/* Who pastes an ID number for a code does not get it back: it would end in logs and files. */
static const char *subject_shown(const lf_crosscheck_row *row)
{
    bool is_secret =
        row->error[0] != '\0' && (strcmp(row->error, LF_USCC_IS_ID_NUMBER) == 0 ||
                                  lf_text_has_id_number(row->subject, strlen(row->subject)));
    return is_secret ? "(an ID number)" : row->subject;
}

static const char *entries_text(const lf_crosscheck_row *row, char out[static ENTRIES_SIZE])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < row->index_count && len + 24 < ENTRIES_SIZE; i++) {
        len += (size_t)snprintf(out + len, ENTRIES_SIZE - len, "%s%llu", i > 0 ? " " : "",
                                (unsigned long long)row->indexes[i]);
    }
    return out;
}

static void row_json(const lf_crosscheck_row *row, FILE *to)
{
    json_t *indexes = json_array();
    for (size_t i = 0; i < row->index_count; i++) {
        (void)json_array_append_new(indexes, json_integer((json_int_t)row->indexes[i]));
    }
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:o}", "subject", subject_shown(row), "finding",
                             row->finding, "name", row->name, "explanation", row->explanation,
                             "indexes", indexes);
    if (row->error[0] != '\0') {
        (void)json_object_set_new(line, "error", json_string(row->error));
    }
    cli_json_to(line, to);
}

static void row_csv(struct crosschecking *job, const lf_crosscheck_row *row)
{
    char entries[ENTRIES_SIZE];
    if (!job->has_head) {
        (void)fputs("subject,finding,name,explanation,indexes,error\n", job->out);
    }
    cli_csv_cell(subject_shown(row), ",", job->out);
    cli_csv_cell(row->finding, ",", job->out);
    cli_csv_cell(row->name, ",", job->out);
    cli_csv_cell(row->explanation, ",", job->out);
    cli_csv_cell(entries_text(row, entries), ",", job->out);
    cli_csv_cell(row->error, "\n", job->out);
}

static void row_table(struct crosschecking *job, const lf_crosscheck_row *row)
{
    char entries[ENTRIES_SIZE];
    if (!job->has_head) {
        (void)fprintf(job->out, "%-18s  %-17s  %-12s  %s\n", "subject", "finding", "entries",
                      "name: explanation");
    }
    bool is_fault = row->error[0] != '\0';
    (void)fprintf(job->out, "%-18s  %-17s  %-12s  %s%s%s\n", cli_shown(subject_shown(row)),
                  is_fault ? "-" : cli_shown(row->finding), entries_text(row, entries),
                  is_fault ? cli_shown(row->error) : cli_shown(row->name),
                  row->name[0] != '\0' ? ": " : "", cli_shown(row->explanation));
}

static void on_row(const lf_crosscheck_row *row, void *user)
{
    struct crosschecking *job = user;
    job->has_fault = job->has_fault || row->error[0] != '\0';
    job->is_at_odds =
        job->is_at_odds || (row->finding[0] != '\0' && strcmp(row->finding, "CONFIRMED_BOTH") != 0);
    if (job->cli->json) {
        row_json(row, job->out);
    } else if (job->cli->csv) {
        row_csv(job, row);
    } else {
        row_table(job, row);
    }
    job->has_head = true;
    job->rows++;
    cli_output_look();
}

static void totals_json(const lf_crosscheck_totals *totals, FILE *to)
{
    json_t *counts = json_object();
    for (size_t i = 0; i < LF_FINDINGS; i++) {
        (void)json_object_set_new(counts, totals->finding[i],
                                  json_integer((json_int_t)totals->subjects[i]));
    }
    cli_json_to(json_pack("{s:o, s:I, s:I}", "totals", counts, "checkpoint_size",
                          (json_int_t)totals->checkpoint_size, "access_index",
                          (json_int_t)totals->access_index),
                to);
}

/* Of a table they stand below it; beside CSV they would spoil the rows. */
static void totals_tell(const struct crosschecking *job, const lf_crosscheck_totals *totals)
{
    FILE *to = job->cli->csv ? stderr : job->out;
    if (job->cli->json) {
        totals_json(totals, job->out);
        return;
    }
    if (!job->cli->csv && job->rows > 0) {
        (void)fputc('\n', to);
    }
    for (size_t i = 0; i < LF_FINDINGS; i++) {
        (void)fprintf(to, "%-17s  %llu\n", cli_shown(totals->finding[i]),
                      (unsigned long long)totals->subjects[i]);
    }
    (void)fprintf(to, "ledger size %llu, access log entry %llu\n",
                  (unsigned long long)totals->checkpoint_size,
                  (unsigned long long)totals->access_index);
}

static void on_rejected(const struct list_line *line, void *user)
{
    const struct crosschecking *job = user;
    if (job->cli->json) {
        cli_json_to(json_pack("{s:I, s:s, s:s, s:s, s:s}", "line", (json_int_t)line->line, "status",
                              "rejected", "code", line->error.reason, "field", line->error.field,
                              "message", line->error.message),
                    job->out);
    } else {
        (void)fprintf(stderr, "line %u: rejected: %s (%s)\n", line->line,
                      cli_shown(line->error.message), cli_shown(line->error.reason));
    }
}

static int run(struct crosschecking *job, const lf_crosscheck *query)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_crosscheck_totals totals;
    int code = cli_open(job->cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_crosscheck_run(client, query, on_row, job, &totals, &err);
    if (rc == LF_OK) {
        totals_tell(job, &totals);
    }
    code = job->has_fault                                 ? CLI_SOME_REJECTED
           : job->cli->subject != NULL && job->is_at_odds ? CLI_NO
                                                          : CLI_OK;
    return cli_close(client, rc == LF_OK ? code : cli_fail(&err));
}

static int run_file(struct crosschecking *job, lf_crosscheck *query)
{
    struct crosscheck_list list;
    int code = crosscheck_list_load(job->cli, on_rejected, job, &list);
    if (code == CLI_OK) {
        query->listed = list.listed;
        query->listed_count = list.count;
        job->has_fault = list.rejected > 0;
        code = run(job, query);
    }
    crosscheck_list_free(&list);
    return code;
}

static int run_some(struct crosschecking *job, lf_crosscheck *query)
{
    lf_listed one = {.uscc = job->cli->subject};
    if (job->cli->file != NULL) {
        return run_file(job, query);
    }
    if (job->cli->subject != NULL) {
        query->listed = &one;
        query->listed_count = 1;
    }
    int code = run(job, query);
    query->listed = NULL;
    return code;
}

int cli_crosscheck(const struct cli *cli)
{
    struct cli_out out;
    struct crosschecking job = {.cli = cli, .out = stdout};
    lf_crosscheck query = LF_CROSSCHECK_INIT;
    if (cli->profile == NULL || cli->purpose == NULL || cli->operand_count != 0) {
        return cli_usage("crosscheck needs --profile and --purpose, and nothing beside options");
    }
    if ((cli->file != NULL && cli->subject != NULL) || (cli->csv && cli->json)) {
        return cli_usage("--file and --subject, and --csv and --json, exclude each other");
    }
    query.purpose = cli->purpose;
    query.case_number = cli->case_number;
    query.omit = cli->omit.items;
    query.omit_count = cli->omit.count;
    cli_interrupt_catch();
    if (cli->out == NULL) {
        return run_some(&job, &query);
    }
    int code = cli_out_open(cli, &out);
    if (code != CLI_OK) {
        return code;
    }
    job.out = out.file;
    return cli_out_close(cli, &out, run_some(&job, &query));
}
