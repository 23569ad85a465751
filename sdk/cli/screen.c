/* SPDX-License-Identifier: Apache-2.0 */
/* screen: advice about codes, one by one or a whole column of a file. */
#define _GNU_SOURCE /* strptime() */
#include "cli/cli.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/words.h"

#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCREEN_AT_ONCE = 500 };

struct screening {
    const struct cli *cli;
    FILE *out;
    struct screen_policy *policy; /* our own additions, or NULL */
    struct screen_known *known;   /* of the last run, or NULL */
    lf_question question;         /* what all requests share */
    const char *name;             /* of the one code, or NULL */
    bool has_told;                /* which picture was answered */
    bool has_negative;
    bool has_invalid;
    bool is_short; /* of memory: the answers are not whole */
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
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:s}", "code",
                      r->code, "violation", r->violation, "certainty", r->certainty, "state",
                      r->state, "decided_at", r->decided_at, "until", until_json(r->until_ms),
                      "origin", r->origin, "index", index_json(r->index), "kind", r->kind, "list",
                      r->list, "region", r->region, "level", r->level, "contact", r->contact));
    }
    return list;
}

/* Who pastes an ID number for a code does not get it back: it would end in logs and files. */
static const char *subject_shown(const lf_screened *s)
{
    bool is_secret = s->error[0] != '\0' && (strcmp(s->error, LF_USCC_IS_ID_NUMBER) == 0 ||
                                             lf_text_has_id_number(s->subject, strlen(s->subject)));
    return is_secret ? "(an ID number)" : s->subject;
}

/* An answer as it is told: with our own additions, and with what it changes. */
struct line {
    const lf_screened *s;
    const char *advice;
    const char *raised_by; /* a reason, or NULL */
    json_t *news;          /* NULL: not compared */
    json_t *gone;
};

static void line_json(const struct line *line, FILE *to)
{
    const lf_screened *s = line->s;
    json_t *out = json_pack("{s:s, s:s, s:o, s:I, s:b, s:I, s:o, s:I}", "subject", subject_shown(s),
                            "advice", line->advice, "reasons", reasons_json(s), "checkpoint_size",
                            (json_int_t)s->checkpoint_size, "stale", s->is_stale, "known_size",
                            (json_int_t)s->known_size, "in_force", until_json(s->in_force_ms),
                            "advice_version", (json_int_t)s->advice_version);
    if (s->human_review[0] != '\0') {
        (void)json_object_set_new(out, "human_review", json_string(s->human_review));
    }
    if (line->raised_by != NULL) {
        (void)json_object_set_new(out, "gateway_advice", json_string(s->advice));
        (void)json_object_set_new(out, "raised_by", json_string(line->raised_by));
    }
    if (line->news != NULL) {
        (void)json_object_set(out, "new", line->news);
        (void)json_object_set(out, "gone", line->gone);
    }
    if (s->error[0] != '\0') {
        (void)json_object_set_new(out, "error", json_string(s->error));
    }
    cli_json_to(out, to);
}

/* The gateway names the rule; what is wrong with this code is told by the same check, made here. */
static void line_invalid(const lf_screened *s, FILE *to)
{
    lf_uscc code = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    options.allow_test_division = strcmp(s->error, LF_USCC_TEST_DIVISION) != 0;
    (void)fprintf(to, "%s\tINVALID\t%s", cli_shown(subject_shown(s)), cli_shown(s->error));
    if (lf_uscc_check(s->subject, strlen(s->subject), &options, &code, &err) != LF_OK) {
        (void)fprintf(to, "\t%s", cli_shown(err.message));
    }
    (void)fputc('\n', to);
}

static void reason_text(const lf_screen_reason *r, FILE *to)
{
    char name[WORDS_NAME_MAX];
    bool is_event = r->violation[0] != '\0';
    bool is_list = r->list[0] != '\0';
    (void)fprintf(to, "\t%s", cli_shown(r->code));
    if (r->region[0] != '\0') {
        (void)fprintf(to, "(%s)", cli_shown(r->region));
    }
    if (is_event) {
        (void)fprintf(to, " %s", cli_shown(r->violation));
        if (words_name("violation", r->violation, name)[0] != '\0') {
            (void)fprintf(to, "(%s)", name);
        }
    }
    if ((is_event || is_list) && r->decided_at[0] != '\0') {
        (void)fprintf(to, " of %s", cli_shown(r->decided_at));
    }
    if (r->index == 0) {
        return;
    }
    (void)fprintf(to, " (entry %llu", (unsigned long long)r->index);
    if (r->level[0] != '\0') {
        (void)fprintf(to, ", %s", cli_shown(r->level));
    }
    if (r->contact[0] != '\0') {
        (void)fprintf(to, ", ask %s", cli_shown(r->contact));
    }
    (void)fputc(')', to);
}

static void codes_text(const char *what, const json_t *codes, FILE *to)
{
    for (size_t i = 0; i < json_array_size(codes); i++) {
        (void)fprintf(to, "\t%s %s", what, cli_shown(json_string_value(json_array_get(codes, i))));
    }
}

static void line_text(const struct line *line, FILE *to)
{
    const lf_screened *s = line->s;
    if (s->error[0] != '\0') {
        line_invalid(s, to);
        return;
    }
    (void)fprintf(to, "%s\t%s", cli_shown(s->subject), cli_shown(line->advice));
    for (size_t i = 0; i < s->reason_count; i++) {
        reason_text(&s->reasons[i], to);
    }
    if (line->raised_by != NULL) {
        (void)fprintf(to, "\tRAISED by %s from %s", line->raised_by, cli_shown(s->advice));
    }
    if (s->is_stale) {
        (void)fputs("\tSTALE registry entry", to);
    }
    codes_text("NEW", line->news, to);
    codes_text("GONE", line->gone, to);
    (void)fputc('\n', to);
}

/* What was answered, whatever was asked: once, where it was not simply now. */
static void picture_tell(struct screening *job, const lf_screened *s)
{
    char at[CLI_INSTANT_SIZE];
    if (!job->has_told && (job->cli->as_known != NULL || job->cli->in_force != NULL)) {
        (void)fprintf(stderr, "lianfang: as known with %llu entries, in force at %s\n",
                      (unsigned long long)s->known_size, cli_instant(s->in_force_ms, at));
    }
    job->has_told = true;
}

static void line_print(struct screening *job, const struct line *line)
{
    bool is_news = line->news == NULL || json_array_size(line->news) > 0 ||
                   json_array_size(line->gone) > 0 || line->s->error[0] != '\0';
    if (is_news && job->cli->json) {
        line_json(line, job->out);
    } else if (is_news) {
        line_text(line, job->out);
        cli_output_look();
    }
}

static void on_screened(const lf_screened *s, void *user)
{
    struct screening *job = user;
    struct line line = {.s = s};
    line.advice = screen_policy_apply(job->policy, s, &line.raised_by);
    job->has_invalid = job->has_invalid || s->error[0] != '\0';
    job->has_negative = job->has_negative || strcmp(line.advice, "DENY") == 0 ||
                        strcmp(line.advice, "MANUAL_REVIEW") == 0;
    if (job->known != NULL && s->error[0] == '\0') {
        job->is_short |= !screen_known_take(job->known, s, &line.news, &line.gone);
    }
    picture_tell(job, s);
    line_print(job, &line);
    json_decref(line.news);
    json_decref(line.gone);
}

/* Subjects of one run. */
struct subjects {
    const char **codes;
    const char **names; /* NULL: not said */
    size_t count;
};

/* The question about the codes from `at` on; returns how many they are. */
static size_t question_of(const struct screening *job, const struct subjects *subjects, size_t at,
                          lf_question *out)
{
    size_t left = subjects->count - at;
    *out = job->question;
    out->codes = subjects->codes + at;
    out->names = subjects->names == NULL ? NULL : subjects->names + at;
    out->count = left < SCREEN_AT_ONCE ? left : SCREEN_AT_ONCE;
    return out->count;
}

/* Over a stream: the next question is asked before the answer to this one is read. *told is moved past what was
 * answered, also on failure. */
static lf_status screen_stream(lf_client *client, struct screening *job,
                               const struct subjects *subjects, size_t *told, lf_error *err)
{
    lf_screen_stream *stream = NULL;
    lf_question question;
    size_t asked = *told;
    lf_status rc = lf_screen_stream_open(client, &stream, err);
    while (rc == LF_OK && *told < subjects->count && !cli_interrupted()) {
        size_t ahead = *told + 2 * (size_t)SCREEN_AT_ONCE;
        while (rc == LF_OK && asked < subjects->count && asked < ahead) {
            asked += question_of(job, subjects, asked, &question);
            rc = lf_screen_stream_ask(stream, &question, err);
        }
        rc = rc == LF_OK ? lf_screen_stream_tell(stream, on_screened, job, err) : rc;
        if (rc == LF_OK) {
            *told += question_of(job, subjects, *told, &question);
            cli_progress("screen", *told, subjects->count);
        }
    }
    lf_screen_stream_close(stream);
    return rc;
}

/* What a stream did not bring is asked once more by itself, which has the patience to wait for a gateway
 * that restarts; then the stream goes on. */
static lf_status screen_list(lf_client *client, struct screening *job,
                             const struct subjects *subjects, lf_error *err)
{
    lf_status rc = LF_OK;
    size_t told = 0;
    while (rc == LF_OK && told < subjects->count && !cli_interrupted()) {
        lf_question question;
        bool is_many = subjects->count - told > SCREEN_AT_ONCE;
        rc = is_many ? screen_stream(client, job, subjects, &told, err) : LF_OK;
        bool may_again = rc == LF_OK || lf_status_kind(rc) == LF_KIND_BUSY;
        if (may_again && told < subjects->count && !cli_interrupted()) {
            size_t n = question_of(job, subjects, told, &question);
            rc = lf_screen(client, &question, on_screened, job, err);
            told += rc == LF_OK ? n : 0;
            cli_progress("screen", told, subjects->count);
        }
    }
    return rc;
}

/* How much there is to do, by reason: on standard error, so that the lines stay lines. */
static void counts_tell(const struct screening *job)
{
    const char *code;
    json_t *merchants;
    json_t *counts = screen_known_counts(job->known);
    json_object_foreach(counts, code, merchants)
    {
        (void)fprintf(stderr, "lianfang: new: %s %lld\n", code,
                      (long long)json_integer_value(merchants));
    }
    json_decref(counts);
}

/* Only whole answers are remembered, or what was not told would never be. */
static int known_keep(struct screening *job, int code)
{
    bool is_whole = (code == CLI_OK || code == CLI_SOME_REJECTED) && !cli_interrupted();
    if (job->known == NULL || !is_whole) {
        return code;
    }
    counts_tell(job);
    int kept = cli_output_flush() ? screen_known_save(job->known) : CLI_OK; /* main tells that */
    return kept == CLI_OK ? code : kept;
}

static int screen_run(struct screening *job, const struct subjects *subjects)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    int code = cli_open(job->cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    cli_interrupt_catch();
    lf_status rc = screen_list(client, job, subjects, &err);
    code = job->has_negative && job->cli->file == NULL ? CLI_NO : CLI_OK;
    code = job->has_invalid ? CLI_SOME_REJECTED : code;
    code = job->is_short ? CLI_BUG : code;
    return cli_close(client, rc == LF_OK ? code : cli_fail(&err));
}

static const char **column_take(const struct table *table, const char *column)
{
    const char **cells = calloc(table->count + 1, sizeof *cells);
    for (size_t i = 0; cells != NULL && i < table->count; i++) {
        cells[i] = table_cell(table, &table->rows[i], column);
    }
    return cells;
}

static int screen_table(struct screening *job, const struct table *table)
{
    const char *name_column = job->cli->name_column;
    struct subjects subjects = {.codes = column_take(table, job->cli->column),
                                .count = table->count};
    subjects.names = name_column == NULL ? NULL : column_take(table, name_column);
    int code = CLI_USAGE;
    if (subjects.codes == NULL || (name_column != NULL && subjects.names == NULL)) {
        (void)fprintf(stderr, "lianfang: %s: is too large to take column '%s'\n", job->cli->file,
                      job->cli->column);
    } else {
        code = screen_run(job, &subjects);
    }
    free((void *)subjects.codes);
    free((void *)subjects.names);
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
    code = cli_out_close(job->cli, &out, screen_table(job, table));
    job->out = stdout;
    return code;
}

static bool has_column(const struct table *table, const char *file, const char *column)
{
    bool has = column == NULL || table_column(table, column) != TABLE_COLUMNS_MAX;
    if (!has) {
        (void)fprintf(stderr, "lianfang: %s: has no column '%s'\n", file, column);
    }
    return has;
}

static int screen_file(struct screening *job)
{
    struct table table;
    const struct cli *cli = job->cli;
    int code = CLI_USAGE;
    if (!table_load(cli->file, cli->map, &table)) {
        return code;
    }
    if (has_column(&table, cli->file, cli->column) &&
        has_column(&table, cli->file, cli->name_column)) {
        code = known_keep(job, screen_to(job, &table));
    }
    table_free(&table);
    return code;
}

static int screen_codes(struct screening *job)
{
    const struct cli *cli = job->cli;
    struct subjects subjects = {.codes = (const char **)cli->operands,
                                .names = cli->name == NULL ? NULL : &job->name,
                                .count = (size_t)cli->operand_count};
    return screen_run(job, &subjects);
}

enum { SHANGHAI_S = 8 * 3600, DAY_MS = 24 * 3600 * 1000 };

/* A number of entries, a day (its end, of today: now), or an instant; without an offset it is Shanghai time. */
static bool as_known_take(const char *text, lf_question *question)
{
    struct tm at = {.tm_hour = 23, .tm_min = 59, .tm_sec = 59, .tm_gmtoff = SHANGHAI_S};
    char *end = NULL;
    question->as_known_size = strtoull(text, &end, 10);
    if (*end == '\0' && end != text) {
        return true;
    }
    question->as_known_size = 0;
    const char *rest = strptime(text, "%Y-%m-%d", &at);
    const char *minute = rest == NULL ? NULL : strptime(rest, "T%H:%M", &at);
    if (minute != NULL) {
        const char *second = strptime(minute, ":%S", &at);
        at.tm_sec = second == NULL ? 0 : at.tm_sec;
        rest = second == NULL ? minute : second;
    }
    const char *zone = rest == NULL || *rest == '\0' ? rest : strptime(rest, "%z", &at);
    int64_t offset = at.tm_gmtoff; /* timegm forgets it */
    question->as_known_ms = ((int64_t)timegm(&at) - offset) * 1000 + 999;
    bool is_day = zone != NULL && *zone == '\0' && minute == NULL;
    int64_t now_ms = (int64_t)time(NULL) * 1000 + 999;
    if (is_day && question->as_known_ms > now_ms && question->as_known_ms - DAY_MS < now_ms) {
        question->as_known_ms = now_ms; /* the day's end is not there yet */
    }
    return zone != NULL && *zone == '\0' && question->as_known_ms > 0;
}

static int screen_ready(struct screening *job)
{
    const struct cli *cli = job->cli;
    job->question = (lf_question){.size = sizeof job->question,
                                  .purpose = cli->purpose,
                                  .case_number = cli->case_number,
                                  .in_force = cli->in_force};
    job->name = cli->name;
    if (cli->as_known != NULL && !as_known_take(cli->as_known, &job->question)) {
        return cli_usage("--as-known is a number of entries, a date or an instant");
    }
    job->policy = cli->policy == NULL ? NULL : screen_policy_load(cli->policy);
    job->known = cli->known == NULL ? NULL : screen_known_load(cli->known);
    return (cli->policy == NULL || job->policy != NULL) &&
                   (cli->known == NULL || job->known != NULL)
               ? CLI_OK
               : CLI_USAGE;
}

static int screen_fit(const struct cli *cli)
{
    if (cli->profile == NULL || cli->purpose == NULL) {
        return cli_usage("screen needs --profile and --purpose");
    }
    if (cli->file != NULL) {
        return cli->column == NULL || cli->operand_count > 0 || cli->name != NULL
                   ? cli_usage(
                         "screen --file needs --column, and takes no codes or --name beside it")
                   : CLI_OK;
    }
    if (cli->known != NULL || cli->name_column != NULL) {
        return cli_usage("screen --known and --name-column go with --file");
    }
    return cli->operand_count == 0 || (cli->name != NULL && cli->operand_count > 1)
               ? cli_usage("screen needs a code (with --name one) or --file")
               : CLI_OK;
}

int cli_screen(const struct cli *cli)
{
    struct screening job = {.cli = cli, .out = stdout};
    int code = screen_fit(cli);
    code = code == CLI_OK ? screen_ready(&job) : code;
    if (code == CLI_OK) {
        code = cli->file != NULL ? screen_file(&job) : screen_codes(&job);
    }
    screen_policy_free(job.policy);
    screen_known_free(job.known);
    return code;
}
