/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a row can be wrong is an outcome of its own, and none of them stops the file. */
#include "cli/list_line.h"

#include <stdarg.h>
#include <string.h>

enum { YUAN_PLACES = 6, FEN_PLACES = 0, REGION_LEN = 6 };

static bool refuse(struct list_line *line, const char *outcome, const char *reason,
                   const char *field, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static bool refuse(struct list_line *line, const char *outcome, const char *reason,
                   const char *field, const char *format, ...)
{
    va_list args;
    line->outcome = outcome;
    line->error.status = LF_E_REJECTED;
    (void)snprintf(line->error.reason, sizeof line->error.reason, "%s", reason);
    (void)snprintf(line->error.field, sizeof line->error.field, "%s", field);
    va_start(args, format);
    (void)vsnprintf(line->error.message, sizeof line->error.message, format, args);
    va_end(args);
    return false;
}

void list_line_warn(struct list_line *line, const char *warning)
{
    if (line->warning_count < LIST_WARNINGS_MAX) {
        line->warnings[line->warning_count++] = warning;
    }
}

static const char *column_name(const struct list_source *source, size_t column)
{
    return column < source->rows->columns ? source->rows->names[column] : "?";
}

static bool fault_take(const struct list_source *source, const struct row_in *row,
                       struct list_line *out)
{
    const char *column = column_name(source, row->column);
    switch (row->fault) {
    case ROW_GOOD:
        return true;
    case ROW_BROKEN_CHARACTER:
        return refuse(out, "BROKEN_CHARACTER", "BAD_UTF8", column,
                      "column %zu: character %zu is none of the file's encoding", row->column + 1,
                      row->character);
    case ROW_QUOTE:
        return refuse(out, "NOT_A_ROW", "WIRE_MALFORMED", column,
                      "column %zu: a quote stands in a field, and is not doubled in a quoted one",
                      row->column + 1);
    case ROW_FIELDS:
        return refuse(out, "NOT_A_ROW", "WIRE_MALFORMED", "",
                      "has another number of fields than the header");
    case ROW_NOT_OBJECT:
        return refuse(out, "NOT_A_ROW", "WIRE_MALFORMED", "", "is not a JSON object");
    case ROW_NOT_TEXT:
        return refuse(out, "NOT_A_ROW", "WIRE_MALFORMED", column, "is neither text nor a number");
    case ROW_COLUMNS:
        return refuse(out, "NOT_A_ROW", "TOO_BIG", "", "has more than %d different columns",
                      ROWS_COLUMNS_MAX);
    }
    return true;
}

static const char *cell(const struct list_source *source, const struct row_in *row,
                        enum layout_field field)
{
    const char *text = layout_cell(&source->map, row, field);
    return text == NULL ? "" : text + strspn(text, " \t\r\n");
}

/* Which list: by --list, by the layout, by the row's own word. */
static bool list_take(const struct list_source *source, const struct row_in *row,
                      struct list_line *out)
{
    char code[WORDS_CODE_MAX];
    const char *word = cell(source, row, FIELD_LIST_WORD);
    const char *class = cell(source, row, FIELD_LIST_CLASS);
    const char *fixed = layout_list(source->map.layout);
    if (strcmp(words_code("list", word, code), "-") == 0 ||
        strcmp(words_code("list", class, code), "-") == 0) {
        return refuse(out, "UNKNOWN_LIST", "LIST_UNKNOWN", "list", "a list that does not accuse");
    }
    const char *said = words_code("list", word, code) == code ? code : "";
    const char *list = source->list != NULL ? source->list : fixed[0] != '\0' ? fixed : said;
    if (list[0] == '\0') {
        return refuse(out, "UNKNOWN_LIST", "LIST_UNKNOWN", "list",
                      word[0] == '\0' ? "neither the file nor --list says which list it is"
                                      : "its list is none that is known; --list can name it");
    }
    (void)snprintf(out->list, sizeof out->list, "%s", list);
    return true;
}

static bool code_take(const struct list_source *source, const struct row_in *row,
                      struct list_line *out)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    const char *text = cell(source, row, FIELD_USCC);
    options.allow_test_division = true; /* whether it is allowed is the ledger's to say */
    if (text[0] == '\0') {
        return refuse(out, "NO_SUBJECT", "FIELD_MISSING", "uscc", "uscc: is missing");
    }
    if (lf_uscc_check(text, strlen(text), &options, &out->uscc, &out->error) != LF_OK) {
        out->outcome = "BAD_CODE";
        (void)snprintf(out->error.field, sizeof out->error.field, "uscc");
        return false;
    }
    if (out->uscc.verdict == LF_USCC_EXCEPTION) {
        list_line_warn(out, LF_USCC_REGISTRY_EXCEPTION);
    } else if (out->uscc.normalised) {
        list_line_warn(out, "USCC_NORMALISED");
    }
    return true;
}

static bool date_take(const struct list_source *source, const struct row_in *row,
                      enum layout_field field, char date[static VALUE_DATE_SIZE],
                      struct list_line *out)
{
    const char *name = layout_field_name(field);
    return value_date(layout_cell(&source->map, row, field), date) != VALUE_DATE_BAD ||
           refuse(out, "BAD_DATE", "DATE_INVALID", name, "%s: not a date", name);
}

/* Dates of one form are in the order of their text. */
static bool interval_take(const struct list_source *source, const struct row_in *row,
                          struct list_line *out)
{
    const char *recovered = layout_cell(&source->map, row, FIELD_RECOVERED);
    if (!date_take(source, row, FIELD_LISTED_ON, out->listed_on, out) ||
        !date_take(source, row, FIELD_REMOVED_ON, out->removed_on, out)) {
        return false;
    }
    if (out->listed_on[0] == '\0') {
        return out->removed_on[0] != '\0'
                   ? refuse(out, "REMOVAL_WITHOUT_ENTRY", "TARGET_UNKNOWN", "listed_on",
                            "is removed, and nothing says since when it was listed")
                   : refuse(out, "BAD_DATE", "FIELD_MISSING", "listed_on", "listed_on: is missing");
    }
    if (out->removed_on[0] != '\0' && strcmp(out->removed_on, out->listed_on) < 0) {
        return refuse(out, "WRONG_INTERVAL", "DATE_INVALID", "removed_on",
                      "removed_on: %s is before the day of listing, %s", out->removed_on,
                      out->listed_on);
    }
    out->has_undated_end =
        out->removed_on[0] == '\0' && recovered != NULL && value_flag(recovered) == 1;
    if (out->has_undated_end) {
        list_line_warn(out, "REMOVAL_UNDATED");
    }
    return true;
}

static bool amount_take(const struct list_source *source, const struct row_in *row,
                        struct list_line *out)
{
    const char *wan = layout_cell(&source->map, row, FIELD_AMOUNT_WAN);
    const char *fen = layout_cell(&source->map, row, FIELD_AMOUNT_FEN);
    bool good = wan != NULL   ? value_decimal(wan, YUAN_PLACES, &out->amount_fen)
                : fen != NULL ? value_decimal(fen, FEN_PLACES, &out->amount_fen)
                              : true;
    return good || refuse(out, "BAD_AMOUNT", "FIELD_LENGTH", "amount_fen", "not an amount");
}

static bool region_take(const struct list_source *source, const struct row_in *row,
                        struct list_line *out)
{
    const char *region = source->region != NULL ? source->region : cell(source, row, FIELD_REGION);
    out->region = region;
    if (region[0] == '\0') {
        return strcmp(out->list, "LOCAL_SERIOUS") != 0 ||
               refuse(out, "NO_REGION", "FIELD_MISSING", "region",
                      "region: a local list is of a division; --region can name it");
    }
    return (strlen(region) == REGION_LEN && strspn(region, "0123456789") == REGION_LEN) ||
           refuse(out, "NO_REGION", "REGION_UNKNOWN", "region", "region: 6 digits");
}

/* The text stays as published; what has no code yet goes in with its text alone. */
static bool reason_take(const struct list_source *source, const struct row_in *row,
                        struct list_line *out)
{
    char table[sizeof "reason." + WORDS_CODE_MAX];
    const char *measure = cell(source, row, FIELD_MEASURE_TEXT);
    out->reason_text = cell(source, row, FIELD_REASON_TEXT);
    if (out->reason_text[0] == '\0') {
        return refuse(out, "NO_REASON", "FIELD_MISSING", "reason_text", "reason_text: is missing");
    }
    (void)snprintf(table, sizeof table, "reason.%s", out->list);
    if (words_part(table, measure[0] != '\0' ? measure : out->reason_text, out->reason)[0] ==
        '\0') {
        out->reason[0] = '\0';
        list_line_warn(out, "LIST_REASON_UNKNOWN");
    }
    bool is_penalty = strcmp(out->list, "PENALTY") == 0;
    if (!is_penalty || words_part("violation", out->reason_text, out->violation)[0] == '\0') {
        out->violation[0] = '\0';
    }
    return true;
}

static bool ref_take(struct list_line *out)
{
    lf_list_key key = LF_LIST_KEY_INIT;
    key.list = out->list;
    key.region = out->region;
    key.uscc = out->uscc.code;
    key.list_id = out->list_id;
    key.listed_on = out->listed_on;
    key.reason_text = out->reason_text;
    key.authority = out->authority;
    lf_status rc = lf_list_ref(&key, out->ref, &out->error);
    out->outcome = rc == LF_OK ? NULL : "NOT_A_ROW";
    return rc == LF_OK;
}

/* As much as a record's text holds. */
static bool texts_fit(struct list_line *out)
{
    const struct {
        const char *name;
        const char *text;
    } texts[] = {{"name", out->name},
                 {"reason_text", out->reason_text},
                 {"authority", out->authority},
                 {"document", out->document},
                 {"list_id", out->list_id},
                 {"reason_text", out->removal_text},
                 {"authority", out->removal_authority},
                 {"document", out->removal_document}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strlen(texts[i].text) > LIST_TEXT_MAX) {
            return refuse(out, "TOO_LONG", "TOO_BIG", texts[i].name, "%s: more than %d bytes",
                          texts[i].name, LIST_TEXT_MAX);
        }
    }
    return true;
}

bool list_line_read(const struct list_source *source, const struct row_in *row,
                    struct list_line *out)
{
    *out = (struct list_line){.line = row->line, .uscc = LF_USCC_INIT, .error = LF_ERROR_INIT};
    if (!fault_take(source, row, out)) {
        return false;
    }
    out->name = cell(source, row, FIELD_NAME);
    out->authority = cell(source, row, FIELD_AUTHORITY);
    out->document = cell(source, row, FIELD_DOCUMENT);
    out->list_id = cell(source, row, FIELD_LIST_ID);
    out->removal_text = cell(source, row, FIELD_REMOVAL_TEXT);
    out->removal_authority = cell(source, row, FIELD_REMOVAL_AUTHORITY);
    out->removal_document = cell(source, row, FIELD_REMOVAL_DOCUMENT);
    return code_take(source, row, out) && list_take(source, row, out) &&
           interval_take(source, row, out) && reason_take(source, row, out) &&
           region_take(source, row, out) && amount_take(source, row, out) && texts_fit(out) &&
           ref_take(out);
}

bool list_source_take(const struct rows_in *rows, const char *layout, struct list_source *out)
{
    int found = layout_find(rows, layout == NULL ? "auto" : layout);
    if (found == LAYOUT_NONE) {
        return false;
    }
    layout_map(found, rows, &out->map);
    out->rows = rows;
    const char *fixed = layout_list(found);
    if (out->list != NULL && fixed[0] != '\0' && strcmp(fixed, out->list) != 0) {
        (void)fprintf(stderr, "the layout is of %s; by --list it is taken as %s\n", fixed,
                      out->list);
    }
    return true;
}

void list_source_renew(struct list_source *source)
{
    if (source->map.columns != source->rows->columns) {
        layout_map(source->map.layout, source->rows, &source->map);
    }
}
