/* SPDX-License-Identifier: Apache-2.0 */
/* import: a published list as records, a row at a time; daily files are snapshots of one list. */
#include "cli/import_push.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { REGION_LEN = 6, LOOK_ROWS = 1024, NAME_SIZE = 256 };

static bool source_take(struct import *im)
{
    im->source.list = im->cli->list;
    im->source.region = im->cli->region;
    return list_source_take(&im->rows, im->cli->layout, &im->source);
}

/* ---- the state of the last import ---- */

/* `name` tells the files apart, and with the ledger, whose lines they are, the title. */
static void title_make(const struct import *im, char *name, char *title, size_t size)
{
    const char *fixed = layout_list(im->source.map.layout);
    const char *list = im->cli->list != NULL ? im->cli->list : fixed[0] != '\0' ? fixed : "mixed";
    (void)snprintf(name, NAME_SIZE, "%s %s %s", layout_name(im->source.map.layout), list,
                   im->cli->region == NULL ? "-" : im->cli->region);
    (void)snprintf(title, size, "%s %s", name,
                   im->client == NULL ? "-" : lf_client_ledger_key(im->client));
}

/* Beside the profile, one for each layout, list and region. False after saying why there is none. */
static bool state_path(const struct import *im, const char *name, char *out, size_t size)
{
    char profile[PATH_MAX];
    if (im->cli->state != NULL) {
        return snprintf(out, size, "%s", im->cli->state) < (int)size;
    }
    (void)snprintf(profile, sizeof profile, "%s", im->cli->profile);
    int len = snprintf(out, size, "%s/lists", dirname(profile));
    if (len < 0 || (size_t)len + strlen(name) + 8 >= size ||
        (!im->cli->dry_run && mkdir(out, 0700) != 0 && errno != EEXIST)) {
        (void)cli_fail_file(out);
        return false;
    }
    int more = snprintf(out + len, size - (size_t)len, "/%s.state", name);
    for (char *at = out + len + 1; *at != '\0'; at++) {
        *at = *at == '/' || *at == ' ' ? '_' : *at;
    }
    return more > 0;
}

static int state_open(struct import *im)
{
    char name[NAME_SIZE];
    char title[2 * NAME_SIZE];
    char path[SNAPSHOT_PATH_MAX];
    if (im->cli->profile == NULL) {
        return CLI_OK; /* a dry run, as of a first import */
    }
    title_make(im, name, title, sizeof title);
    if (!state_path(im, name, path, sizeof path)) {
        return CLI_USAGE;
    }
    int code = snapshot_open(path, title, !im->cli->dry_run, &im->state);
    im->has_state = code == CLI_OK;
    return code;
}

/* ---- dry run ---- */

static void dry_tell(struct import *im, const struct list_line *line)
{
    struct snapshot_known known = snapshot_find(&im->state, line->ref);
    bool is_new = known.standing == SNAPSHOT_UNKNOWN;
    struct import_told told = {.line = line->line,
                               .status = is_new                                ? "new"
                                         : known.digest != import_digest(line) ? "changed"
                                                                               : "duplicate",
                               .warnings = line->warnings,
                               .warning_count = line->warning_count,
                               .said = line};
    if (line->removed_on[0] != '\0') {
        told.removal = known.standing == SNAPSHOT_REMOVED ? "duplicate" : "new";
    }
    snapshot_seen(&im->state, line->ref);
    import_tell(im, &told);
}

static bool dry_row(const struct row_in *row, void *user)
{
    struct import *im = user;
    struct list_line line;
    list_source_renew(&im->source);
    if (list_line_read(&im->source, row, &line)) {
        dry_tell(im, &line);
    } else {
        import_reject(im, &line);
    }
    if (im->done % LOOK_ROWS == 0 || im->done == im->rows.count) {
        cli_progress("import", im->done, im->rows.count);
    }
    return !cli_interrupted();
}

static int dry_run(struct import *im)
{
    if (!rows_in_each(&im->rows, dry_row, im)) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", im->rows.path, cli_shown(im->rows.problem));
        return CLI_NO;
    }
    if (!cli_interrupted()) {
        import_vanished(im, false);
    }
    import_summary(im);
    return CLI_OK;
}

/* ---- the run ---- */

static bool push_row(const struct row_in *row, void *user)
{
    struct import_push *p = user;
    struct import *im = p->im;
    struct list_line line;
    list_source_renew(&im->source);
    if (list_line_read(&im->source, row, &line)) {
        return import_push_listing(p, &line);
    }
    (void)pthread_mutex_lock(&p->lock);
    snapshot_seen(&im->state, line.ref);
    import_reject(im, &line);
    (void)pthread_mutex_unlock(&p->lock);
    return !cli_interrupted();
}

/* What vanished is looked for when all that is there has its answer. */
static int push_run(struct import *im)
{
    struct import_push push;
    int code = import_push_open(im, im->rows.path, &push);
    if (code == CLI_OK && !rows_in_each(&im->rows, push_row, &push)) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", im->rows.path, cli_shown(im->rows.problem));
        code = CLI_NO;
    }
    code = code == CLI_OK ? import_push_finish(&push) : code;
    code = import_push_close(&push, code);
    if (code == CLI_OK) {
        import_vanished(im, true);
    }
    int kept = candidates_close(&im->candidates, code == CLI_OK);
    code = code == CLI_OK ? kept : code;
    import_summary(im);
    return code;
}

/* ---- the command ---- */

static bool options_check(const struct cli *cli)
{
    char code[WORDS_CODE_MAX];
    if (cli->profile == NULL && !cli->dry_run) {
        return cli_usage("import needs --profile") == CLI_OK;
    }
    if (cli->operand_count != 1) {
        return cli_usage("import needs one file") == CLI_OK;
    }
    if (cli->list != NULL &&
        (words_code("list", cli->list, code) != code || strcmp(code, cli->list) != 0)) {
        return cli_usage("--list is ABNORMAL, ABNORMAL_MARK, SERIOUS, LOCAL_SERIOUS or PENALTY") ==
               CLI_OK;
    }
    if (cli->region != NULL &&
        (strlen(cli->region) != REGION_LEN || strspn(cli->region, "0123456789") != REGION_LEN)) {
        return cli_usage("--region is a division, 6 digits") == CLI_OK;
    }
    return true;
}

int cli_import(const struct cli *cli)
{
    struct import im = {.cli = cli};
    if (cli->confirm_vanished != NULL) {
        return import_confirm(cli);
    }
    if (!options_check(cli)) {
        return CLI_USAGE;
    }
    cli_interrupt_catch();
    int code = rows_in_open(cli->operands[0], &im.rows) && source_take(&im) ? CLI_OK : CLI_USAGE;
    code = code == CLI_OK && cli->profile != NULL ? cli_open(cli, &im.client) : code;
    code = code == CLI_OK ? state_open(&im) : code;
    code = code != CLI_OK ? code : cli->dry_run ? dry_run(&im) : push_run(&im);
    code = cli_close(im.client, code);
    int closed = snapshot_close(&im.state, code == CLI_OK && !cli->dry_run);
    rows_in_close(&im.rows);
    code = code == CLI_OK ? closed : code;
    return import_end(&im, code);
}
