/* SPDX-License-Identifier: Apache-2.0 */
/* screen: advice about codes, one by one or a whole column of a file. */
#include "cli/cli.h"
#include "cli/table.h"

#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN_AT_ONCE = 500 };

struct screening {
    const struct cli *cli;
    FILE *out;
    bool has_negative;
    bool has_invalid;
};

/* An instant as RFC 3339 in Shanghai time, in which calendar dates are meant; null: no end. */
static json_t *until_json(int64_t until_ms)
{
    char text[CLI_INSTANT_SIZE];
    if (until_ms == 0 || cli_instant(until_ms, text)[0] == '\0') {
        return json_null();
    }
    return json_string(text);
}

/* Entry 0 begins the ledger and is about nobody: a reason with it comes from no record. */
static json_t *index_json(uint64_t index)
{
    return index == 0 ? json_null() : json_integer((json_int_t)index);
}

static json_t *reasons_json(const lf_screened *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->reason_count; i++) {
        const lf_screen_reason *r = &s->reasons[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o}", "code", r->code,
                            "violation", r->violation, "certainty", r->certainty, "state", r->state,
                            "decided_at", r->decided_at, "until", until_json(r->until_ms), "origin",
                            r->origin, "index", index_json(r->index)));
    }
    return list;
}

/* Who pastes an ID number for a code does not get it back: it would end in logs and files. */
static const char *subject_shown(const lf_screened *s)
{
    return strcmp(s->error, LF_USCC_IS_ID_NUMBER) == 0 ? "(an ID number)" : s->subject;
}

static void line_json(const lf_screened *s, FILE *to)
{
    json_t *line =
        json_pack("{s:s, s:s, s:o, s:I}", "subject", subject_shown(s), "advice", s->advice,
                  "reasons", reasons_json(s), "checkpoint_size", (json_int_t)s->checkpoint_size);
    if (s->error[0] != '\0') {
        (void)json_object_set_new(line, "error", json_string(s->error));
    }
    cli_json_to(line, to);
}

/* The gateway names the rule; what is wrong with this code is told by the same check, made here. */
static void line_invalid(const lf_screened *s, FILE *to)
{
    lf_uscc code = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    options.allow_test_division = strcmp(s->error, LF_USCC_TEST_DIVISION) != 0;
    (void)fprintf(to, "%s\tINVALID\t%s", subject_shown(s), s->error);
    if (lf_uscc_check(s->subject, strlen(s->subject), &options, &code, &err) != LF_OK) {
        (void)fprintf(to, "\t%s", err.message);
    }
    (void)fputc('\n', to);
}

static void line_text(const lf_screened *s, FILE *to)
{
    if (s->error[0] != '\0') {
        line_invalid(s, to);
        return;
    }
    (void)fprintf(to, "%s\t%s", s->subject, s->advice);
    for (size_t i = 0; i < s->reason_count; i++) {
        const lf_screen_reason *r = &s->reasons[i];
        bool is_event = r->violation[0] != '\0';
        (void)fprintf(to, "\t%s%s%s%s%s", r->code, is_event ? " " : "", r->violation,
                      is_event && r->decided_at[0] != '\0' ? " of " : "",
                      is_event ? r->decided_at : "");
        if (r->index != 0) {
            (void)fprintf(to, " (entry %llu)", (unsigned long long)r->index);
        }
    }
    (void)fputc('\n', to);
}

static void on_screened(const lf_screened *s, void *user)
{
    struct screening *job = user;
    job->has_invalid = job->has_invalid || s->error[0] != '\0';
    job->has_negative = job->has_negative || strcmp(s->advice, "DENY") == 0 ||
                        strcmp(s->advice, "MANUAL_REVIEW") == 0;
    if (job->cli->json) {
        line_json(s, job->out);
    } else {
        line_text(s, job->out);
    }
}

static lf_status screen_list(lf_client *client, struct screening *job, const char *const *codes,
                             size_t count, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t at = 0; rc == LF_OK && at < count && !cli_interrupted(); at += SCREEN_AT_ONCE) {
        size_t n = count - at < SCREEN_AT_ONCE ? count - at : SCREEN_AT_ONCE;
        lf_question question = {.size = sizeof question,
                                .purpose = job->cli->purpose,
                                .case_number = job->cli->case_number,
                                .codes = codes + at,
                                .count = n};
        rc = lf_screen(client, &question, on_screened, job, err);
        cli_progress("screen", at + n, count);
    }
    return rc;
}

static int screen_run(struct screening *job, const char *const *codes, size_t count)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    int code = cli_open(job->cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    cli_interrupt_catch();
    lf_status rc = screen_list(client, job, codes, count, &err);
    code = job->has_negative && job->cli->file == NULL ? CLI_NO : CLI_OK;
    code = job->has_invalid ? CLI_SOME_REJECTED : code;
    return cli_close(client, rc == LF_OK ? code : cli_fail(&err));
}

static int screen_table(struct screening *job, const struct table *table)
{
    const char **codes = calloc(table->count + 1, sizeof *codes);
    if (codes == NULL) {
        (void)fprintf(stderr, "lianfang: %s: is too large to take column '%s'\n", job->cli->file,
                      job->cli->column);
        return CLI_USAGE;
    }
    for (size_t i = 0; i < table->count; i++) {
        codes[i] = table_cell(table, &table->rows[i], job->cli->column);
    }
    int code = screen_run(job, codes, table->count);
    free(codes);
    return code;
}

static int screen_to(struct screening *job, const struct table *table)
{
    struct cli_out out;
    if (job->cli->out == NULL) {
        return screen_table(job, table);
    }
    int code = cli_out_open(job->cli, &out);
    if (code != CLI_OK) {
        return code;
    }
    job->out = out.file;
    return cli_out_close(job->cli, &out, screen_table(job, table));
}

static int screen_file(struct screening *job)
{
    struct table table;
    int code = CLI_USAGE;
    if (!table_load(job->cli->file, job->cli->map, &table)) {
        return code;
    }
    if (table_column(&table, job->cli->column) == TABLE_COLUMNS_MAX) {
        (void)fprintf(stderr, "lianfang: %s: has no column '%s'\n", job->cli->file,
                      job->cli->column);
    } else {
        code = screen_to(job, &table);
    }
    table_free(&table);
    return code;
}

int cli_screen(const struct cli *cli)
{
    struct screening job = {.cli = cli, .out = stdout};
    if (cli->profile == NULL || cli->purpose == NULL) {
        return cli_usage("screen needs --profile and --purpose");
    }
    if (cli->file != NULL) {
        return cli->column == NULL || cli->operand_count > 0
                   ? cli_usage("screen --file needs --column, and takes no codes beside it")
                   : screen_file(&job);
    }
    return cli->operand_count == 0
               ? cli_usage("screen needs a code or --file")
               : screen_run(&job, (const char *const *)cli->operands, (size_t)cli->operand_count);
}
