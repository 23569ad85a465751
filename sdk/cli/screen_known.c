/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen --known FILE: JSON Lines, one a merchant: {"uscc":…,"reasons":[…]}. A reason is remembered by what it
 * says, not by its place in the ledger, so that tomorrow's registry entry with the same status is nothing new.
 */
#include "cli/cli.h"
#include "cli/screen.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct screen_known {
    const char *path;
    json_t *before; /* uscc -> array of reasons */
    json_t *now;
    json_t *counts; /* reason code -> merchants with a new one */
};

static void reason_text(const lf_screen_reason *r, char out[static 256])
{
    (void)snprintf(out, 256, "%s|%s|%s|%s|%s|%s", r->code, r->list, r->region, r->violation,
                   r->decided_at, r->contact);
}

static json_t *reasons_of(const lf_screened *screened)
{
    char text[256];
    json_t *list = json_array();
    for (size_t i = 0; i < screened->reason_count; i++) {
        reason_text(&screened->reasons[i], text);
        (void)json_array_append_new(list, json_string(text));
    }
    return list;
}

static bool line_take(struct screen_known *known, const char *line)
{
    json_t *row = json_loads(line, 0, NULL);
    const char *uscc = json_string_value(json_object_get(row, "uscc"));
    json_t *reasons = json_object_get(row, "reasons");
    bool good = uscc != NULL && json_is_array(reasons) &&
                json_object_set(known->before, uscc, reasons) == 0;
    json_decref(row);
    return good;
}

static bool lines_load(struct screen_known *known, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    bool good = true;
    while (good && getline(&line, &room, file) > 0) {
        number++;
        good = line_take(known, line);
    }
    if (!good) {
        (void)fprintf(stderr, "lianfang: %s: line %u: is not what screen --known wrote\n",
                      known->path, number);
    }
    free(line);
    return good;
}

struct screen_known *screen_known_load(const char *path)
{
    struct screen_known *known = calloc(1, sizeof *known);
    FILE *file = fopen(path, "re");
    bool good = known != NULL;
    if (file == NULL && errno != ENOENT) {
        (void)cli_fail_file(path);
        good = false;
    }
    if (good) {
        known->path = path;
        known->before = json_object();
        known->now = json_object();
        known->counts = json_object();
        good = file == NULL || lines_load(known, file);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!good) {
        screen_known_free(known);
        known = NULL;
    }
    return known;
}

void screen_known_free(struct screen_known *known)
{
    if (known != NULL) {
        json_decref(known->before);
        json_decref(known->now);
        json_decref(known->counts);
        free(known);
    }
}

static bool holds(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0) {
            return true;
        }
    }
    return false;
}

/* The codes of what `list` has and `other` has not, each once. */
static json_t *codes_only_in(const json_t *list, const json_t *other)
{
    json_t *codes = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        char code[64];
        if (text == NULL || holds(other, text)) {
            continue;
        }
        (void)snprintf(code, sizeof code, "%.*s", (int)strcspn(text, "|"), text);
        if (!holds(codes, code)) {
            (void)json_array_append_new(codes, json_string(code));
        }
    }
    return codes;
}

static void count(struct screen_known *known, const json_t *news)
{
    for (size_t i = 0; i < json_array_size(news); i++) {
        const char *code = json_string_value(json_array_get(news, i));
        json_int_t so_far = json_integer_value(json_object_get(known->counts, code));
        (void)json_object_set_new(known->counts, code, json_integer(so_far + 1));
    }
}

bool screen_known_take(struct screen_known *known, const lf_screened *screened, json_t **news,
                       json_t **gone)
{
    json_t *now = reasons_of(screened);
    const json_t *before = json_object_get(known->before, screened->subject);
    bool is_again = json_object_get(known->now, screened->subject) != NULL; /* twice in the file */
    *news = is_again ? json_array() : codes_only_in(now, before);
    *gone = is_again ? json_array() : codes_only_in(before, now);
    count(known, *news);
    return json_object_set_new(known->now, screened->subject, now) == 0;
}

static bool line_write(const char *uscc, json_t *reasons, FILE *to)
{
    json_t *row = json_pack("{s:s, s:O}", "uscc", uscc, "reasons", reasons);
    bool good = row != NULL && json_dumpf(row, to, JSON_COMPACT) == 0 && fputc('\n', to) != EOF;
    json_decref(row);
    return good;
}

static bool lines_write(const struct screen_known *known, FILE *file)
{
    const char *uscc;
    json_t *reasons;
    bool good = true;
    json_object_foreach(known->before, uscc, reasons)
    {
        good = good && line_write(uscc, reasons, file);
    }
    return good && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* What was written is of no use: only the whole takes the old one's place. */
static int save_fail(const struct screen_known *known, const char *path)
{
    int cause = errno;
    (void)unlink(path);
    errno = cause;
    int code = cli_fail_file(known->path);
    (void)fprintf(stderr, "lianfang: the answers are not remembered: what is new now is new again "
                          "the next time\n");
    return code;
}

/* Merchants that were not asked about this time stay as they were. */
int screen_known_save(struct screen_known *known)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s.new", known->path);
    if (len < 0 || (size_t)len >= sizeof path) {
        return cli_usage("--known is too long");
    }
    if (json_object_update(known->before, known->now) != 0) {
        (void)fprintf(stderr, "lianfang: out of memory\n");
        return CLI_BUG;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return save_fail(known, path);
    }
    bool good = lines_write(known, file);
    int cause = errno;
    bool is_closed = fclose(file) == 0;
    errno = good ? errno : cause;
    return good && is_closed && rename(path, known->path) == 0 ? CLI_OK : save_fail(known, path);
}

json_t *screen_known_counts(const struct screen_known *known)
{
    return json_incref(known->counts);
}
