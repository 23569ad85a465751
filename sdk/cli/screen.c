/* SPDX-License-Identifier: Apache-2.0 */
/* screen: advice about codes, one by one or a whole column of a file. */
#include "cli/cli.h"
#include "cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN_AT_ONCE = 500 };

struct screening {
    const struct cli *cli;
    FILE *out;
    bool has_negative;
    bool has_invalid;
};

static json_t *reasons_json(const lf_screened *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->reason_count; i++) {
        const lf_screen_reason *r = &s->reasons[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "code", r->code,
                            "violation", r->violation, "certainty", r->certainty, "state", r->state,
                            "decided_at", r->decided_at, "until", (json_int_t)r->until_ms, "origin",
                            r->origin, "index", (json_int_t)r->index));
    }
    return list;
}

static void line_json(const lf_screened *s, FILE *to)
{
    json_t *line =
        json_pack("{s:s, s:s, s:o, s:I}", "subject", s->subject, "advice", s->advice, "reasons",
                  reasons_json(s), "checkpoint_size", (json_int_t)s->checkpoint_size);
    if (s->error[0] != '\0') {
        (void)json_object_set_new(line, "error", json_string(s->error));
    }
    char *text = json_dumps(line, JSON_COMPACT);
    (void)fprintf(to, "%s\n", text == NULL ? "{}" : text);
    free(text);
    json_decref(line);
}

static void line_text(const lf_screened *s, FILE *to)
{
    if (s->error[0] != '\0') {
        (void)fprintf(to, "%s\tINVALID\t%s\n", s->subject, s->error);
        return;
    }
    (void)fprintf(to, "%s\t%s", s->subject, s->advice);
    for (size_t i = 0; i < s->reason_count; i++) {
        const lf_screen_reason *r = &s->reasons[i];
        (void)fprintf(to, "\t%s%s%s%s%s", r->code, r->violation[0] != '\0' ? " " : "", r->violation,
                      r->decided_at[0] != '\0' ? " of " : "", r->decided_at);
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
    for (size_t at = 0; rc == LF_OK && at < count; at += SCREEN_AT_ONCE) {
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
    lf_status rc = lf_client_open(job->cli->profile, &client, &err);
    rc = rc == LF_OK ? screen_list(client, job, codes, count, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        return cli_fail(&err);
    }
    if (job->has_invalid) {
        return CLI_SOME_REJECTED;
    }
    return job->has_negative && job->cli->file == NULL ? CLI_NO : CLI_OK;
}

static int screen_file(struct screening *job)
{
    struct table table;
    int code = CLI_USAGE;
    if (!table_load(job->cli->file, job->cli->map, &table)) {
        return CLI_USAGE;
    }
    const char **codes = calloc(table.count + 1, sizeof *codes);
    job->out = fopen(job->cli->out, "we");
    if (job->out == NULL || codes == NULL ||
        table_column(&table, job->cli->column) == TABLE_COLUMNS_MAX) {
        (void)fprintf(stderr, "lianfang: %s: %s\n",
                      job->out == NULL ? job->cli->out : job->cli->file,
                      job->out == NULL ? strerror(errno) : "has no such column");
    } else {
        for (size_t i = 0; i < table.count; i++) {
            codes[i] = table_cell(&table, &table.rows[i], job->cli->column);
        }
        code = screen_run(job, codes, table.count);
    }
    if (job->out != NULL && fclose(job->out) != 0) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", job->cli->out, strerror(errno));
        code = CLI_NO;
    }
    free(codes);
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
        return cli->column == NULL || cli->out == NULL
                   ? cli_usage("screen --file needs --column and --out")
                   : screen_file(&job);
    }
    return cli->operand_count == 0
               ? cli_usage("screen needs a code or --file")
               : screen_run(&job, (const char *const *)cli->operands, (size_t)cli->operand_count);
}
