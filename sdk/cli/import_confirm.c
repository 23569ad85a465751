/* SPDX-License-Identifier: Apache-2.0 */
/* import --confirm-vanished: the lines of a candidates file to which a person wrote the day of removal. */
#include "cli/import_push.h"

#include <stdlib.h>
#include <string.h>

struct confirming {
    struct import *im;
    struct import_push *push;
    size_t columns[CANDIDATE_FIELDS];
    uint64_t left; /* rows without a day */
};

static const char *cell(const struct confirming *c, const struct row_in *row,
                        enum candidate_field field)
{
    const char *text = row->cells[c->columns[field]];
    return text == NULL ? "" : text;
}

static bool columns_find(struct confirming *c)
{
    for (size_t field = 0; field < CANDIDATE_FIELDS; field++) {
        size_t i = 0;
        while (i < c->im->rows.columns &&
               strcmp(c->im->rows.names[i], candidate_names[field]) != 0) {
            i++;
        }
        if (i == c->im->rows.columns) {
            (void)fprintf(stderr, "lianfang: %s: is no list of candidates: it has no column '%s'\n",
                          c->im->rows.path, candidate_names[field]);
            return false;
        }
        c->columns[field] = i;
    }
    return true;
}

static void reject(struct import_push *p, unsigned number, const char *outcome, const char *field,
                   const char *message)
{
    struct list_line line = {.line = number, .outcome = outcome, .error = LF_ERROR_INIT};
    line.error.status = LF_E_REJECTED;
    (void)snprintf(line.error.reason, sizeof line.error.reason, "%s",
                   strcmp(outcome, "NOT_A_ROW") == 0 ? "WIRE_MALFORMED" : "DATE_INVALID");
    (void)snprintf(line.error.field, sizeof line.error.field, "%s", field);
    (void)snprintf(line.error.message, sizeof line.error.message, "%s", message);
    (void)pthread_mutex_lock(&p->lock);
    import_reject(p->im, &line);
    (void)pthread_mutex_unlock(&p->lock);
}

/* The day that the person wrote; false when there is none, after telling one that is no day. */
static bool day_take(struct confirming *c, const struct row_in *row,
                     char day[static VALUE_DATE_SIZE])
{
    const char *since = cell(c, row, CANDIDATE_LISTED_ON);
    switch (value_date(cell(c, row, CANDIDATE_REMOVED_ON), day)) {
    case VALUE_DATE_NONE:
        c->left++;
        return false;
    case VALUE_DATE_BAD:
        reject(c->push, row->line, "BAD_DATE", "removed_on", "removed_on: not a date");
        return false;
    case VALUE_DATE_GOOD:
        break;
    }
    if (strcmp(day, since) < 0) {
        reject(c->push, row->line, "WRONG_INTERVAL", "removed_on",
               "removed_on: is before the day of listing");
        return false;
    }
    return true;
}

static bool row_confirm(const struct row_in *row, void *user)
{
    struct confirming *c = user;
    char day[VALUE_DATE_SIZE];
    if (row->fault != ROW_GOOD) {
        reject(c->push, row->line, "NOT_A_ROW", "", "cannot be read");
        return true;
    }
    if (!day_take(c, row, day)) {
        return !cli_interrupted();
    }
    struct snapshot_line listing = {.ref = cell(c, row, CANDIDATE_REF),
                                    .standing = SNAPSHOT_REMOVED,
                                    .uscc = cell(c, row, CANDIDATE_USCC),
                                    .list = cell(c, row, CANDIDATE_LIST),
                                    .region = cell(c, row, CANDIDATE_REGION),
                                    .listed_on = cell(c, row, CANDIDATE_LISTED_ON),
                                    .list_id = cell(c, row, CANDIDATE_LIST_ID),
                                    .authority = cell(c, row, CANDIDATE_AUTHORITY),
                                    .reason_text = cell(c, row, CANDIDATE_REASON_TEXT)};
    struct snapshot_known known = snapshot_find(&c->im->state, listing.ref);
    if (known.standing == SNAPSHOT_UNKNOWN) {
        reject(c->push, row->line, "NOT_A_ROW", "ref", "ref: the state has no such line");
        return true;
    }
    listing.version = known.version;
    listing.digest = known.digest;
    struct import_removal removal = {.line = row->line,
                                     .listing = &listing,
                                     .removed_on = day,
                                     .reason_text = "",
                                     .authority = "",
                                     .document = ""};
    return import_push_removal(c->push, &removal);
}

/* By --state, or the name that the candidates file was given beside it. */
static bool state_path(const struct cli *cli, char *out, size_t size)
{
    const char *mark = NULL;
    for (const char *at = strstr(cli->confirm_vanished, ".vanished"); at != NULL;
         at = strstr(at + 1, ".vanished")) {
        mark = at;
    }
    if (cli->state != NULL) {
        return snprintf(out, size, "%s", cli->state) < (int)size;
    }
    if (mark == NULL) {
        return cli_usage("--confirm-vanished needs --state: the file's name does not tell it") ==
               CLI_OK;
    }
    return snprintf(out, size, "%.*s", (int)(mark - cli->confirm_vanished), cli->confirm_vanished) <
           (int)size;
}

static int rows_confirm(struct confirming *c)
{
    int code = import_push_open(c->im, c->im->rows.path, c->push);
    if (code == CLI_OK && !rows_in_each(&c->im->rows, row_confirm, c)) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", c->im->rows.path,
                      cli_shown(c->im->rows.problem));
        code = CLI_NO;
    }
    code = code == CLI_OK ? import_push_finish(c->push) : code;
    code = import_push_close(c->push, code);
    denied_tell(&c->im->denied);
    if (code == CLI_OK) {
        (void)fprintf(stderr,
                      "%llu removed, %llu removed before, %llu rejected; %llu without a day stay "
                      "listed\n",
                      (unsigned long long)c->im->counts.removals,
                      (unsigned long long)c->im->counts.duplicates,
                      (unsigned long long)c->im->counts.rejected, (unsigned long long)c->left);
    }
    return code;
}

int import_confirm(const struct cli *cli)
{
    char path[SNAPSHOT_PATH_MAX];
    struct import im = {.cli = cli, .has_state = true};
    struct import_push push = {.im = &im};
    struct confirming confirming = {.im = &im, .push = &push};
    if (cli->profile == NULL || cli->operand_count != 0) {
        return cli_usage("import --confirm-vanished needs --profile, and no other file");
    }
    if (!state_path(cli, path, sizeof path)) {
        return CLI_USAGE;
    }
    cli_interrupt_catch();
    int code = rows_in_open(cli->confirm_vanished, &im.rows) && columns_find(&confirming)
                   ? CLI_OK
                   : CLI_USAGE;
    code = code == CLI_OK ? cli_open(cli, &im.client) : code;
    code = code == CLI_OK ? snapshot_open(path, NULL, true, &im.state) : code;
    code = code == CLI_OK ? rows_confirm(&confirming) : code;
    code = cli_close(im.client, code);
    int closed = snapshot_close(&im.state, code == CLI_OK);
    rows_in_close(&im.rows);
    code = code == CLI_OK ? closed : code;
    return import_end(&im, code);
}
