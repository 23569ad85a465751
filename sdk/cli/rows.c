/* SPDX-License-Identifier: Apache-2.0 */
/* Headers are the contract's field names; anything else is refused before a byte is sent. */
#include "cli/rows.h"

#include "cli/words.h"

#include <errno.h>
#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MEASURES_MAX = 16, ROWS_MEASURES_TEXT = 512 };

struct measures {
    char text[ROWS_MEASURES_TEXT];
    const char *words[ROWS_MEASURES_MAX + 1];
};

static const char *const event_columns[] = {
    "ref",  "uscc",       "shop_id", "violation",       "certainty", "measures", "decided_at",
    "rule", "amount_fen", "points",  "evidence_sha256", "note",      NULL};
static const char *const registry_columns[] = {"uscc",     "ref",    "name", "established",
                                               "province", "status", NULL};

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
            (void)fprintf(stderr, "lianfang: column '%s' is there twice\n", table->names[i]);
            return false;
        }
    }
    return true;
}

bool rows_header_check(const struct rows_job *job)
{
    const char *const *names = job->kind == ROWS_EVENT ? event_columns : registry_columns;
    for (size_t i = 0; i < job->table->columns; i++) {
        if (!is_known(names, job->table->names[i])) {
            (void)fprintf(stderr, "lianfang: column '%s' is not known; --map renames columns\n",
                          job->table->names[i]);
            return false;
        }
    }
    if (!names_differ(job->table)) {
        return false;
    }
    if (job->table->count > 0 &&
        (table_column(job->table, "uscc") == TABLE_COLUMNS_MAX ||
         (job->kind == ROWS_EVENT && table_column(job->table, "ref") == TABLE_COLUMNS_MAX))) {
        (void)fprintf(stderr, "lianfang: column '%s' is missing\n",
                      table_column(job->table, "uscc") == TABLE_COLUMNS_MAX ? "uscc" : "ref");
        return false;
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

static lf_status number_take(const char *text, const char *field, long long max, long long *out,
                             lf_error *err)
{
    char *end = NULL;
    errno = 0;
    long long value = text[0] == '\0' ? 0 : strtoll(text, &end, 10);
    if (text[0] != '\0' && (errno != 0 || *end != '\0' || value < 0 || value > max)) {
        return refuse(err, "FIELD_LENGTH", field, "not a whole number within range");
    }
    *out = value;
    return LF_OK;
}

static lf_status measures_take(const char *cell, struct measures *out, lf_error *err)
{
    size_t count = 0;
    char *save = NULL;
    *out = (struct measures){.words = {NULL}};
    if (strlen(cell) >= sizeof out->text) {
        return refuse(err, "TOO_BIG", "measures", "longer than 511 bytes");
    }
    memcpy(out->text, cell, strlen(cell));
    for (char *word = strtok_r(out->text, "; ", &save); word != NULL;
         word = strtok_r(NULL, "; ", &save)) {
        if (count == ROWS_MEASURES_MAX) {
            return refuse(err, "TOO_BIG", "measures", "more than 16 words");
        }
        out->words[count++] = word;
    }
    return LF_OK;
}

static lf_status event_add(const struct rows_job *job, const struct table_row *row,
                           uint32_t version, const char *code, struct rows_to to, lf_error *err)
{
    struct measures measures;
    long long amount = 0;
    long long points = 0;
    lf_status rc = measures_take(table_cell(job->table, row, "measures"), &measures, err);
    rc = rc == LF_OK ? number_take(table_cell(job->table, row, "amount_fen"), "amount_fen",
                                   INT64_MAX, &amount, err)
                     : rc;
    rc = rc == LF_OK ? number_take(table_cell(job->table, row, "points"), "points", UINT32_MAX,
                                   &points, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    lf_event event = {.size = sizeof event,
                      .ref = table_cell(job->table, row, "ref"),
                      .version = version,
                      .uscc = code,
                      .violation = table_cell(job->table, row, "violation"),
                      .certainty = table_cell(job->table, row, "certainty"),
                      .measures = measures.words,
                      .decided_at = table_cell(job->table, row, "decided_at"),
                      .shop_id = table_cell(job->table, row, "shop_id"),
                      .rule = table_cell(job->table, row, "rule"),
                      .amount_fen = (int64_t)amount,
                      .points = (uint32_t)points,
                      .evidence_sha256 = table_cell(job->table, row, "evidence_sha256"),
                      .note = table_cell(job->table, row, "note")};
    lf_record record = LF_RECORD_INIT;
    record.event = &event;
    return lf_push_add(to.push, &record, to.tag, err);
}

static lf_status registry_add(const struct rows_job *job, const struct table_row *row,
                              uint32_t version, const char *code, struct rows_to to, lf_error *err)
{
    char status[WORDS_CODE_MAX];
    const char *ref = table_cell(job->table, row, "ref");
    lf_registry_entry entry = {
        .size = sizeof entry,
        .ref = ref[0] != '\0' ? ref : NULL,
        .version = version,
        .uscc = code,
        .name = table_cell(job->table, row, "name"),
        .established = table_cell(job->table, row, "established"),
        .province = table_cell(job->table, row, "province"),
        .status = words_code("status", table_cell(job->table, row, "status"), status)};
    lf_record record = LF_RECORD_INIT;
    record.registry_entry = &entry;
    return lf_push_add(to.push, &record, to.tag, err);
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

lf_status rows_add(const struct rows_job *job, const struct table_row *row, uint32_t version,
                   struct rows_to to, const char **warning, lf_error *err)
{
    lf_uscc code = LF_USCC_INIT;
    if (row->error != NULL) {
        return refuse(err, "WIRE_MALFORMED", "", row->error);
    }
    lf_status rc = code_take(table_cell(job->table, row, "uscc"), &code, warning, err);
    if (rc != LF_OK) {
        return rc;
    }
    return job->kind == ROWS_EVENT ? event_add(job, row, version, code.code, to, err)
                                   : registry_add(job, row, version, code.code, to, err);
}
