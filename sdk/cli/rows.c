/* SPDX-License-Identifier: Apache-2.0 */
/* Headers are the contract's field names; anything else is refused before a byte is sent. */
#include "cli/rows.h"

#include "cli/words.h"

#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_CELL_MAX = 512 };

/* What stands in the header, whatever the kind. */
static const char *const head_columns[] = {
    "ref", "audience", "legal_basis", "certainty", "effective_from", "effective_until", NULL};
/* The columns without which there is no such row. */
static const struct {
    const char *kind;
    const char *column;
} needed[] = {{"enforcement-event", "ref"}};

static bool is_known(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A cell is found by its column's name: of two columns of one name, one would be lost. */
static bool names_differ(const struct table *table)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (table_column(table, table->names[i]) != i) {
            (void)fprintf(stderr, "lianfang: column '%s' is there twice\n",
                          cli_shown(table->names[i]));
            return false;
        }
    }
    return true;
}

static bool column_is_there(const struct rows_job *job, const char *column)
{
    if (job->table->count == 0 || table_column(job->table, column) != TABLE_COLUMNS_MAX) {
        return true;
    }
    (void)fprintf(stderr, "lianfang: column '%s' is missing\n", column);
    return false;
}

bool rows_header_check(const struct rows_job *job)
{
    for (size_t i = 0; i < job->table->columns; i++) {
        const char *name = job->table->names[i];
        if (!is_known(head_columns, name) && !lf_kind_has(job->kind, name)) {
            (void)fprintf(stderr, "lianfang: column '%s' is not known; --map renames columns\n",
                          cli_shown(name));
            return false;
        }
    }
    if (!names_differ(job->table) ||
        (lf_kind_has(job->kind, "uscc") && !column_is_there(job, "uscc"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (strcmp(needed[i].kind, job->kind) == 0 && !column_is_there(job, needed[i].column)) {
            return false;
        }
    }
    return true;
}

static lf_status refuse(lf_error *err, const char *reason, const char *field, const char *message)
{
    *err = (lf_error){.status = LF_E_REJECTED};
    (void)snprintf(err->reason, sizeof err->reason, "%s", reason);
    (void)snprintf(err->field, sizeof err->field, "%s", field);
    (void)snprintf(err->message, sizeof err->message, "%s", message);
    return LF_E_REJECTED;
}

/* Only what the contract repeats may be a list. */
static lf_status lists_check(const struct rows_job *job, const struct table_row *row, lf_error *err)
{
    for (size_t c = 0; c < job->table->columns; c++) {
        const char *name = job->table->names[c];
        if ((row->lists >> c & 1) != 0 && strcmp(name, "audience") != 0 &&
            !lf_kind_has_many(job->kind, name)) {
            return refuse(err, "WIRE_MALFORMED", name, "is a list, not one text");
        }
    }
    return LF_OK;
}

/* Division 999999 is let through: whether it is allowed is the ledger's to say. */
static lf_status code_take(const char *text, lf_uscc *out, const char **warning, lf_error *err)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    options.allow_test_division = true;
    lf_status rc = lf_uscc_check(text, strlen(text), &options, out, err);
    if (rc != LF_OK) {
        (void)snprintf(err->field, sizeof err->field, "uscc");
        return rc;
    }
    *warning = out->verdict == LF_USCC_EXCEPTION ? LF_USCC_REGISTRY_EXCEPTION
               : out->normalised                 ? "USCC_NORMALISED"
                                                 : NULL;
    return LF_OK;
}

/* Words of one cell, once apart by blanks too. */
static const char *words_of(const char *cell, char out[static ROWS_CELL_MAX])
{
    size_t len = strlen(cell); /* below ROWS_CELL_MAX: fields_add looks */
    for (size_t i = 0; i <= len && i < ROWS_CELL_MAX; i++) {
        out[i] = cell[i] == ' ' ? ';' : cell[i];
    }
    return out;
}

/* What registers write, in the contract's words; the rest as it stands. */
static const char *value_of(const struct rows_job *job, const char *name, const char *cell,
                            char out[static ROWS_CELL_MAX])
{
    return strcmp(name, "measures") == 0 ? words_of(cell, out)
           : strcmp(name, "status") == 0 && strcmp(job->kind, "registry-entry") == 0
               ? words_code(name, cell, out)
               : cell;
}

static lf_status fields_add(const struct rows_job *job, const struct table_row *row,
                            uint32_t version, const char *code, struct rows_to to, lf_error *err)
{
    const struct table *table = job->table;
    lf_field fields[TABLE_COLUMNS_MAX];
    char words[ROWS_CELL_MAX]; /* of the one column of a kind that has them */
    const char *ref = table_cell(table, row, "ref");
    bool is_registry = strcmp(job->kind, "registry-entry") == 0;
    lf_fields said = {.size = sizeof said,
                      .kind = job->kind,
                      .ref = ref[0] == '\0' && is_registry ? code : ref,
                      .version = version,
                      .audience = table_cell(table, row, "audience"),
                      .legal_basis = table_cell(table, row, "legal_basis"),
                      .certainty = table_cell(table, row, "certainty"),
                      .effective_from = table_cell(table, row, "effective_from"),
                      .effective_until = table_cell(table, row, "effective_until"),
                      .fields = fields};
    for (size_t i = 0; i < table->columns; i++) {
        const char *name = table->names[i];
        if (!is_known(head_columns, name)) {
            const char *cell = strcmp(name, "uscc") == 0 ? code : table_cell(table, row, name);
            fields[said.count++] = (lf_field){name, value_of(job, name, cell, words)};
        }
    }
    if (strlen(table_cell(table, row, "measures")) >= sizeof words) {
        return refuse(err, "TOO_BIG", "measures", "longer than 511 bytes");
    }
    if (strcmp(job->kind, "enforcement-event") == 0 && ref[0] == '\0') {
        return refuse(err, "FIELD_MISSING", "ref", "ref: is missing");
    }
    lf_record record = LF_RECORD_INIT;
    record.fields = &said;
    return lf_push_add(to.push, &record, to.tag, err);
}

lf_status rows_add(const struct rows_job *job, const struct table_row *row, uint32_t version,
                   struct rows_to to, const char **warning, lf_error *err)
{
    lf_uscc code = LF_USCC_INIT;
    if (row->error != NULL) {
        return refuse(err, row->reason != NULL ? row->reason : "WIRE_MALFORMED",
                      row->field != NULL ? row->field : "", row->error);
    }
    lf_status rc = lists_check(job, row, err);
    if (rc == LF_OK && lf_kind_has(job->kind, "uscc")) {
        rc = code_take(table_cell(job->table, row, "uscc"), &code, warning, err);
    }
    return rc == LF_OK ? fields_add(job, row, version, code.code, to, err) : rc;
}

/* ---- the last row of each ref ---- */

struct named_row {
    const char *ref;
    size_t row;
};

static int by_ref(const void *a, const void *b)
{
    const struct named_row *x = a;
    const struct named_row *y = b;
    int order = strcmp(x->ref, y->ref);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

bool rows_last(const struct rows_job *job, void (*each)(size_t row, void *user), void *user)
{
    const struct table *table = job->table;
    struct named_row *list = calloc(table->count + 1, sizeof *list);
    for (size_t i = 0; list != NULL && i < table->count; i++) {
        const char *ref = table_cell(table, &table->rows[i], "ref");
        list[i] = (struct named_row){
            ref[0] != '\0' ? ref : table_cell(table, &table->rows[i], "uscc"), i};
    }
    if (list != NULL) {
        qsort(list, table->count, sizeof *list, by_ref);
    }
    for (size_t i = 0; list != NULL && i < table->count; i++) {
        if (i + 1 == table->count || strcmp(list[i].ref, list[i + 1].ref) != 0) {
            each(list[i].row, user);
        }
    }
    free(list);
    return list != NULL;
}
