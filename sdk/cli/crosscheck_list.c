/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a file, in the layouts of import, kept whole: the gateway wants its codes in order. */
#include "cli/crosscheck.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_FIRST = 1024 };

struct loading {
    struct list_source source;
    struct crosscheck_list *list;
    void (*reject)(const struct list_line *line, void *user);
    void *user;
    bool is_short; /* of memory */
};

static struct crosscheck_line *line_new(struct crosscheck_list *list)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? LINES_FIRST : 2 * list->room;
        struct crosscheck_line *lines = realloc(list->lines, room * sizeof *lines);
        if (lines == NULL) {
            return NULL;
        }
        list->lines = lines;
        list->room = room;
    }
    return &list->lines[list->count];
}

/* What is of a class of violations says that, else its reason does. */
static bool line_keep(struct crosscheck_list *list, const struct list_line *in)
{
    struct crosscheck_line *line = line_new(list);
    char *name = line == NULL ? NULL : strdup(in->name);
    if (name == NULL) {
        return false;
    }
    *line = (struct crosscheck_line){.name = name};
    (void)snprintf(line->uscc, sizeof line->uscc, "%s", in->uscc.code);
    (void)snprintf(line->list, sizeof line->list, "%s", in->list);
    (void)snprintf(line->violation, sizeof line->violation, "%s",
                   in->violation[0] != '\0' ? in->violation : in->reason);
    (void)snprintf(line->listed_on, sizeof line->listed_on, "%s", in->listed_on);
    (void)snprintf(line->removed_on, sizeof line->removed_on, "%s", in->removed_on);
    list->count++;
    return true;
}

static bool on_row(const struct row_in *row, void *user)
{
    struct loading *loading = user;
    struct list_line line;
    list_source_renew(&loading->source);
    if (!list_line_read(&loading->source, row, &line)) {
        loading->list->rejected++;
        loading->reject(&line, loading->user);
    } else if (!line_keep(loading->list, &line)) {
        loading->is_short = true;
        return false;
    }
    return !cli_interrupted();
}

static bool listed_make(struct crosscheck_list *list)
{
    list->listed = calloc(list->count + 1, sizeof *list->listed);
    for (size_t i = 0; list->listed != NULL && i < list->count; i++) {
        struct crosscheck_line *line = &list->lines[i];
        list->listed[i] = (lf_listed){line->uscc,      line->name,      line->list,
                                      line->violation, line->listed_on, line->removed_on};
    }
    return list->listed != NULL;
}

static int rows_load(struct rows_in *rows, struct loading *loading)
{
    bool is_read = rows_in_each(rows, on_row, loading);
    bool is_made = is_read && !loading->is_short && listed_make(loading->list);
    if (!is_made && !cli_interrupted()) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", rows->path,
                      is_read || loading->is_short ? "is too large" : cli_shown(rows->problem));
    }
    return is_made ? CLI_OK : CLI_NO;
}

int crosscheck_list_load(const struct cli *cli,
                         void (*reject)(const struct list_line *line, void *user), void *user,
                         struct crosscheck_list *out)
{
    struct rows_in rows;
    struct loading loading = {.source = {.list = cli->list, .region = cli->region},
                              .list = out,
                              .reject = reject,
                              .user = user};
    *out = (struct crosscheck_list){.lines = NULL};
    bool is_open =
        rows_in_open(cli->file, &rows) && list_source_take(&rows, cli->layout, &loading.source);
    int code = is_open ? rows_load(&rows, &loading) : CLI_USAGE;
    rows_in_close(&rows);
    return code;
}

void crosscheck_list_free(struct crosscheck_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->lines[i].name);
    }
    free(list->lines);
    free(list->listed);
}
