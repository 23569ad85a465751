/* SPDX-License-Identifier: Apache-2.0 */
/* watch: what is new, a line a record, as it comes and after every interruption where it was. */
#include "cli/cli.h"
#include "cli/words.h"

#include <lianfang/watch.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_MAX = 64 };

struct watching {
    const struct cli *cli;
    lf_client *client;
    lf_error err; /* of an acknowledgement that failed */
};

/* A field that stands there several times is a list. */
static json_t *fields_json(const lf_watched *watched)
{
    json_t *fields = json_object();
    for (size_t i = 0; i < watched->field_count; i++) {
        const lf_evidence_field *f = &watched->fields[i];
        json_t *before = json_object_get(fields, f->name);
        if (before == NULL) {
            (void)json_object_set_new(fields, f->name, json_string(f->value));
        } else if (json_is_array(before)) {
            (void)json_array_append_new(before, json_string(f->value));
        } else {
            json_t *list = json_pack("[O, s]", before, f->value);
            (void)json_object_set_new(fields, f->name, list);
        }
    }
    return fields;
}

static void watched_json(const lf_watched *watched)
{
    char instant[CLI_INSTANT_SIZE];
    cli_json(json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:o}", "index", (json_int_t)watched->index,
        "accepted_at", cli_instant(watched->accepted_at_ms, instant), "issuer", watched->issuer,
        "record", watched->record_id, "kind", watched->kind, "ref", watched->ref, "version",
        (int)watched->version, "certainty", watched->certainty, "fields", fields_json(watched)));
}

/* A code stands beside what people call it. */
static void field_print(const char *kind, const lf_evidence_field *f)
{
    char name[WORDS_NAME_MAX] = "";
    const char *table = words_table(kind, f->name);
    (void)printf(" %s=%s", cli_shown(f->name), cli_shown(f->value));
    if (table != NULL && words_name(table, f->value, name)[0] != '\0') {
        (void)printf("(%s)", name);
    }
}

static void watched_line(const lf_watched *watched)
{
    char instant[CLI_INSTANT_SIZE];
    (void)printf("%llu %s %s %s", (unsigned long long)watched->index,
                 cli_instant(watched->accepted_at_ms, instant), cli_shown(watched->issuer),
                 cli_shown(watched->kind));
    for (size_t i = 0; i < watched->field_count; i++) {
        field_print(watched->kind, &watched->fields[i]);
    }
    (void)printf("\n");
}

/* Acknowledged is what has reached standard output. */
static bool on_watched(const lf_watched *watched, void *user)
{
    struct watching *w = user;
    if (w->cli->json) {
        watched_json(watched);
    } else {
        watched_line(watched);
    }
    bool is_out = fflush(stdout) == 0;
    if (!is_out || !w->cli->acknowledge || !watched->is_last) {
        return is_out;
    }
    return lf_watch_acknowledge(w->client, watched->index + 1, &w->err) == LF_OK;
}

/* Splits in place; false for too many. */
static bool kinds_split(char *list, const char *kinds[static KINDS_MAX], size_t *count)
{
    char *save = NULL;
    *count = 0;
    for (char *word = strtok_r(list, ",", &save); word != NULL && *count < KINDS_MAX;
         word = strtok_r(NULL, ",", &save)) {
        kinds[(*count)++] = word;
    }
    return *count > 0 && *count < KINDS_MAX;
}

/* To the end of what is there; then all of it is proven to be under one signed head. */
static lf_status watch_once(lf_watch *watch, struct watching *w, lf_error *err)
{
    lf_status rc;
    do {
        rc = lf_watch_poll(watch, 0, on_watched, w, err);
    } while (rc == LF_OK && w->err.status == LF_OK &&
             lf_watch_cursor(watch) < lf_watch_head(watch) && ferror(stdout) == 0);
    return rc;
}

static int watch_do(const struct cli *cli, const lf_watch_options *options)
{
    lf_error err = LF_ERROR_INIT;
    lf_watch *watch = NULL;
    struct watching w = {.cli = cli, .err = LF_ERROR_INIT};
    int code = cli_open(cli, &w.client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_watch_open(w.client, options, &watch, &err);
    if (rc == LF_E_ARG) {
        lf_client_close(w.client);
        return cli_usage(err.message);
    }
    if (rc == LF_OK) {
        rc = cli->once ? watch_once(watch, &w, &err) : lf_watch_run(watch, on_watched, &w, &err);
    }
    if (rc == LF_OK && w.err.status == LF_OK && cli->confirm) {
        bool has_said = false;
        rc = lf_watch_confirm(watch, &has_said, &err);
    }
    if (rc == LF_OK && w.err.status != LF_OK) {
        rc = w.err.status;
        err = w.err;
    }
    lf_watch_close(watch);
    return cli_close(w.client, rc == LF_OK ? CLI_OK : cli_fail(&err));
}

static bool cursor_read(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

int cli_watch(const struct cli *cli)
{
    lf_watch_options options = LF_WATCH_OPTIONS_INIT;
    const char *kinds[KINDS_MAX];
    if (cli->operand_count > 0 || (cli->resume && cli->from != NULL)) {
        return cli_usage("watch takes no operands, and --from or --resume");
    }
    if (cli->confirm && (!cli->once || cli->kinds != NULL)) {
        return cli_usage("--confirm goes with --once, and without --kinds");
    }
    options.resume = cli->resume;
    if (cli->from != NULL && !cursor_read(cli->from, &options.cursor)) {
        return cli_usage("--from: not a position of the ledger");
    }
    char *list = cli->kinds == NULL ? NULL : strdup(cli->kinds);
    if (cli->kinds != NULL && (list == NULL || !kinds_split(list, kinds, &options.kind_count))) {
        free(list);
        return cli_usage(
            "--kinds: kinds separated by commas, such as enforcement-event,correction");
    }
    options.kinds = kinds;
    int code = watch_do(cli, &options);
    free(list);
    return code;
}
