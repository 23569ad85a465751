/* SPDX-License-Identifier: Apache-2.0 */
/* A file has a layout when what it needs and one of the names that tell it are there. */
#include "cli/layout.h"

#include "cli/fold.h"
#include "cli/values.h"

#include <string.h>

extern const unsigned char cli_layouts[];
extern const size_t cli_layouts_size;

enum {
    LAYOUTS_MAX = 32,
    NAMES_MAX = 512,
    NAME_MAX_BYTES = 96,
    TITLE_MAX = 96,
    LINE_MAX_BYTES = 512
};

struct layout_line {
    int layout;
    enum layout_field field;
    bool tells;
    char name[NAME_MAX_BYTES]; /* folded */
};

static struct {
    char names[LAYOUTS_MAX][NAME_MAX_BYTES];
    char titles[LAYOUTS_MAX][TITLE_MAX];
    char lists[LAYOUTS_MAX][32];
    int count;
    struct layout_line lines[NAMES_MAX];
    size_t line_count;
} table;

static const char *const field_names[FIELDS] = {
    [FIELD_USCC] = "uscc",
    [FIELD_NAME] = "name",
    [FIELD_LIST_WORD] = "list_word",
    [FIELD_LIST_CLASS] = "list_class",
    [FIELD_REASON_TEXT] = "reason_text",
    [FIELD_MEASURE_TEXT] = "measure_text",
    [FIELD_LISTED_ON] = "listed_on",
    [FIELD_AUTHORITY] = "authority",
    [FIELD_DOCUMENT] = "document",
    [FIELD_REGION] = "region",
    [FIELD_LIST_ID] = "list_id",
    [FIELD_AMOUNT_WAN] = "amount_wan",
    [FIELD_AMOUNT_FEN] = "amount_fen",
    [FIELD_RECOVERED] = "recovered",
    [FIELD_REMOVED_ON] = "removed_on",
    [FIELD_REMOVAL_TEXT] = "removal_text",
    [FIELD_REMOVAL_AUTHORITY] = "removal_authority",
    [FIELD_REMOVAL_DOCUMENT] = "removal_document",
    [FIELD_IGNORED] = "ignored",
};

const char *layout_field_name(enum layout_field field)
{
    return field_names[field];
}

static enum layout_field field_of(const char *name)
{
    enum layout_field field = FIELD_USCC;
    while (field < FIELD_IGNORED && strcmp(field_names[field], name) != 0) {
        field++;
    }
    return field;
}

static void copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from == NULL ? "" : from);
}

static void names_take(const char *first, char **save)
{
    bool tells = first[0] == '+';
    enum layout_field field = field_of(first + (tells ? 1 : 0));
    for (const char *name = strtok_r(NULL, " ", save); name != NULL && table.line_count < NAMES_MAX;
         name = strtok_r(NULL, " ", save)) {
        struct layout_line *line = &table.lines[table.line_count++];
        *line = (struct layout_line){.layout = table.count - 1, .field = field, .tells = tells};
        (void)fold_text(name, line->name, sizeof line->name);
    }
}

static void line_take(char *text)
{
    char *save = NULL;
    char *first = strtok_r(text, " ", &save);
    if (first == NULL || first[0] == '#') {
        return;
    }
    if (strcmp(first, "layout") == 0 && table.count < LAYOUTS_MAX) {
        copy(table.names[table.count], NAME_MAX_BYTES, strtok_r(NULL, " ", &save));
        copy(table.titles[table.count], TITLE_MAX, save);
        table.count++;
    } else if (table.count > 0 && strcmp(first, "list") == 0) {
        copy(table.lists[table.count - 1], sizeof table.lists[0], strtok_r(NULL, " ", &save));
    } else if (table.count > 0) {
        names_take(first, &save);
    }
}

/* Once, by the main thread. */
static void table_read(void)
{
    const char *at = (const char *)cli_layouts;
    const char *end = at + cli_layouts_size;
    if (table.count > 0) {
        return;
    }
    while (at < end) {
        char line[LINE_MAX_BYTES];
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        (void)snprintf(line, sizeof line, "%.*s", (int)(stop - at), at);
        line_take(line);
        at = stop + 1;
    }
}

const char *layout_name(int layout)
{
    return table.names[layout];
}

const char *layout_title(int layout)
{
    return table.titles[layout];
}

const char *layout_list(int layout)
{
    return table.lists[layout];
}

void layout_names(char *out, size_t size)
{
    size_t used = 0;
    table_read();
    out[0] = '\0';
    for (int i = 0; i < table.count && used < size; i++) {
        int n = snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", table.names[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

/* The line of the layout that has this name; NULL when it knows no such name. */
static const struct layout_line *line_of(int layout, const char *folded, enum layout_field field)
{
    for (size_t i = 0; i < table.line_count; i++) {
        const struct layout_line *line = &table.lines[i];
        if (line->layout == layout && (field == FIELDS || line->field == field) &&
            strcmp(line->name, folded) == 0) {
            return line;
        }
    }
    return NULL;
}

static bool is_told(int layout, const char *folded)
{
    for (size_t i = 0; i < table.line_count; i++) {
        const struct layout_line *line = &table.lines[i];
        if (line->layout == layout && line->tells && strcmp(line->name, folded) == 0) {
            return true;
        }
    }
    return false;
}

struct fit {
    size_t known;
    const char *told_by; /* a column of the file, or NULL */
    bool has_subject;
    bool has_day;
};

static struct fit fit_of(int layout, const struct rows_in *rows)
{
    struct fit fit = {0, NULL, false, false};
    for (size_t i = 0; i < rows->columns; i++) {
        char folded[ROWS_NAME_MAX];
        (void)fold_text(rows->names[i], folded, sizeof folded);
        fit.known += line_of(layout, folded, FIELDS) != NULL ? 1 : 0;
        fit.has_subject = fit.has_subject || line_of(layout, folded, FIELD_USCC) != NULL;
        fit.has_day = fit.has_day || line_of(layout, folded, FIELD_LISTED_ON) != NULL;
        if (fit.told_by == NULL && is_told(layout, folded)) {
            fit.told_by = rows->names[i];
        }
    }
    return fit;
}

static bool is_wanted(int layout, const char *wanted)
{
    size_t len = strlen(wanted);
    const char *name = table.names[layout];
    return strcmp(wanted, "auto") == 0 ||
           (strncmp(name, wanted, len) == 0 && (name[len] == '\0' || name[len] == '/'));
}

static void told(int layout, const struct rows_in *rows, const struct fit *fit)
{
    (void)fprintf(stderr, "layout %s (%s): told by '%s'; %zu of %zu columns known",
                  table.names[layout], table.titles[layout], fit->told_by, fit->known,
                  rows->columns);
    const char *between = "; not used: ";
    for (size_t i = 0; i < rows->columns; i++) {
        char folded[ROWS_NAME_MAX];
        (void)fold_text(rows->names[i], folded, sizeof folded);
        if (line_of(layout, folded, FIELDS) == NULL) {
            (void)fprintf(stderr, "%s%s", between, rows->names[i]);
            between = ", ";
        }
    }
    (void)fprintf(stderr, "\n");
}

static int refuse_none(const char *wanted, bool any, int near, const struct fit *fit)
{
    char names[LINE_MAX_BYTES];
    layout_names(names, sizeof names);
    if (!any) {
        (void)fprintf(stderr, "lianfang: no layout '%s'; there are auto, %s\n", wanted, names);
    } else if (near == LAYOUT_NONE) {
        (void)fprintf(stderr, "lianfang: no layout knows these columns; there are %s\n", names);
    } else {
        (void)fprintf(stderr, "lianfang: the file is not of layout %s: it has no column for %s\n",
                      table.names[near],
                      fit->told_by == NULL ? "what tells it"
                      : !fit->has_subject  ? "the code of the subject"
                                           : "the day of listing");
    }
    return LAYOUT_NONE;
}

struct search {
    int best;
    int rival; /* knows as many columns as the best */
    int near;  /* knows most columns, and does not fit */
    bool any;
    struct fit fit;
    struct fit near_fit;
};

static void search_take(struct search *s, int layout, const struct fit *fit)
{
    s->any = true;
    if (fit->told_by == NULL || !fit->has_subject || !fit->has_day) {
        if (fit->known > s->near_fit.known) {
            s->near = layout;
            s->near_fit = *fit;
        }
    } else if (fit->known > s->fit.known) {
        s->best = layout;
        s->rival = LAYOUT_NONE;
        s->fit = *fit;
    } else if (fit->known == s->fit.known) {
        s->rival = layout;
    }
}

int layout_find(const struct rows_in *rows, const char *wanted)
{
    struct search s = {.best = LAYOUT_NONE, .rival = LAYOUT_NONE, .near = LAYOUT_NONE};
    table_read();
    for (int i = 0; i < table.count; i++) {
        if (is_wanted(i, wanted)) {
            struct fit fit = fit_of(i, rows);
            search_take(&s, i, &fit);
        }
    }
    if (s.best == LAYOUT_NONE) {
        return refuse_none(wanted, s.any, s.near, &s.near_fit);
    }
    if (s.rival != LAYOUT_NONE) {
        (void)fprintf(stderr,
                      "lianfang: the file may be of layout %s or %s, which read it differently; "
                      "name one with --layout\n",
                      table.names[s.best], table.names[s.rival]);
        return LAYOUT_NONE;
    }
    told(s.best, rows, &s.fit);
    return s.best;
}

void layout_map(int layout, const struct rows_in *rows, struct layout_map *out)
{
    *out = (struct layout_map){.layout = layout, .columns = rows->columns};
    for (size_t i = 0; i < table.line_count; i++) {
        const struct layout_line *line = &table.lines[i];
        if (line->layout != layout) {
            continue;
        }
        for (size_t c = 0; c < rows->columns && out->from_count[line->field] < LAYOUT_FROM_MAX;
             c++) {
            char folded[ROWS_NAME_MAX];
            if (strcmp(fold_text(rows->names[c], folded, sizeof folded), line->name) == 0) {
                out->from[line->field][out->from_count[line->field]++] = c;
            }
        }
    }
}

const char *layout_cell(const struct layout_map *map, const struct row_in *row,
                        enum layout_field field)
{
    for (size_t i = 0; i < map->from_count[field]; i++) {
        const char *cell = row->cells[map->from[field][i]];
        if (cell != NULL && !value_is_null(cell)) {
            return cell;
        }
    }
    return NULL;
}
