/* SPDX-License-Identifier: Apache-2.0 */
/* mirror: our own copy of what we may see, and our merchants held against it without a question leaving. */
#include "cli/cli.h"
#include "cli/rows_in.h"

#include <errno.h>
#include <lianfang/mirror.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCREEN_BLOCK = 65536, SCREEN_STALE_S = 24 * 3600 };

/* Beside the profile, unless --dir says where. */
static bool mirror_dir(const struct cli *cli, char *out, size_t size)
{
    const char *slash = cli->profile == NULL ? NULL : strrchr(cli->profile, '/');
    if (cli->dir != NULL) {
        return (size_t)snprintf(out, size, "%s", cli->dir) < size;
    }
    return cli->profile != NULL &&
           (size_t)snprintf(out, size, "%.*smirror",
                            slash == NULL ? 0 : (int)(slash + 1 - cli->profile),
                            cli->profile) < size;
}

static int mirror_open(const struct cli *cli, lf_mirror **out)
{
    char dir[PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    if (!mirror_dir(cli, dir, sizeof dir)) {
        return cli_usage("mirror needs --profile or --dir");
    }
    return lf_mirror_open(dir, out, &err) == LF_OK ? CLI_OK : cli_fail(&err);
}

/* ---- sync ---- */

static bool on_progress(uint64_t done, uint64_t size, void *user)
{
    (void)user;
    cli_progress("mirror sync", done, size);
    return !cli_interrupted();
}

static int sync_tell(const struct cli *cli, lf_mirror *mirror)
{
    lf_mirror_info info;
    char instant[CLI_INSTANT_SIZE];
    lf_error err = LF_ERROR_INIT;
    if (lf_mirror_info_get(mirror, &info, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:I, s:I, s:I, s:s, s:I, s:s}", "size", (json_int_t)info.size, "head",
                           (json_int_t)info.head_size, "readable", (json_int_t)info.readable,
                           "synced_at", cli_instant(info.synced_at_ms, instant), "uncounted",
                           (json_int_t)info.uncounted, "root", info.root));
    } else {
        (void)printf("%llu of %llu positions, %llu records\n", (unsigned long long)info.size,
                     (unsigned long long)info.head_size, (unsigned long long)info.readable);
    }
    return info.size == info.head_size ? CLI_OK : CLI_NO;
}

static int mirror_sync(const struct cli *cli)
{
    lf_mirror *mirror = NULL;
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    int code = cli->operand_count > 0 || cli->file != NULL
                   ? cli_usage("mirror sync takes only --dir")
                   : mirror_open(cli, &mirror);
    code = code == CLI_OK ? cli_open(cli, &client) : code;
    if (code == CLI_OK) {
        cli_interrupt_catch();
        bool has_said = false;
        lf_status rc = lf_mirror_sync(mirror, client, on_progress, NULL, &err);
        if (rc == LF_OK && cli->confirm && !cli_interrupted()) {
            rc = lf_mirror_confirm(mirror, client, &has_said, &err);
        }
        code = rc == LF_OK ? sync_tell(cli, mirror) : cli_fail(&err);
    }
    lf_mirror_close(mirror);
    return client == NULL ? code : cli_close(client, code);
}

/* A copy that holds nothing, of a mistyped --dir perhaps, proves nothing and knows of nobody. */
static bool was_synced(const lf_mirror_info *info)
{
    if (info->synced_at_ms == 0) {
        (void)fprintf(stderr,
                      "lianfang: mirror: was never brought up to the ledger: mirror sync\n");
    }
    return info->synced_at_ms != 0;
}

/* ---- verify ---- */

static int mirror_verify(const struct cli *cli)
{
    lf_mirror *mirror = NULL;
    uint64_t bad = 0;
    lf_error err = LF_ERROR_INIT;
    int code = cli->operand_count > 0 || cli->file != NULL
                   ? cli_usage("mirror verify takes only --dir")
                   : mirror_open(cli, &mirror);
    if (code != CLI_OK) {
        return code;
    }
    lf_mirror_info info;
    lf_status rc = lf_mirror_info_get(mirror, &info, &err);
    if (rc == LF_OK && !was_synced(&info)) {
        lf_mirror_close(mirror);
        return CLI_NO;
    }
    rc = rc == LF_OK ? lf_mirror_verify(mirror, &bad, &err) : rc;
    if (rc != LF_OK && cli->json) {
        cli_json(json_pack("{s:b, s:I, s:s}", "holds", 0, "position", (json_int_t)bad, "message",
                           err.message));
        code = CLI_NO;
    } else if (rc != LF_OK) {
        (void)fprintf(stderr, "lianfang: position %llu: %s\n", (unsigned long long)bad,
                      cli_shown(err.message));
        code = CLI_NO;
    } else {
        code = sync_tell(cli, mirror) == CLI_BUG ? CLI_BUG : CLI_OK;
    }
    lf_mirror_close(mirror);
    return code;
}

/* ---- screen ---- */

/* A block of rows on its way. */
struct screening {
    const struct cli *cli;
    lf_mirror *mirror;
    FILE *out;
    struct rows_in rows;
    size_t code_column;
    size_t name_column; /* ROWS_COLUMNS_MAX: none */
    lf_mirror_asked asked[SCREEN_BLOCK];
    unsigned lines[SCREEN_BLOCK];
    size_t count;
    char *text; /* what asked borrows */
    size_t used;
    size_t room;
    char behind[96]; /* what each line ends with: size and age of the mirror */
    uint64_t told[LF_MATCH_NAME_CANDIDATE + 1];
    uint64_t faults;
    uint64_t malformed; /* codes that are none, to which no name led either */
    lf_error err;
};

static void cell_write(FILE *to, const char *text, size_t len)
{
    if (memchr(text, ',', len) == NULL && memchr(text, '"', len) == NULL &&
        memchr(text, '\n', len) == NULL && memchr(text, '\r', len) == NULL) {
        (void)fwrite_unlocked(text, 1, len, to);
        return;
    }
    (void)fputc('"', to);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"') {
            (void)fputc('"', to);
        }
        (void)fputc(text[i], to);
    }
    (void)fputc('"', to);
}

static void on_match(const lf_mirror_match *m, void *user)
{
    struct screening *s = user;
    const lf_mirror_asked *asked = &s->asked[m->at];
    char number[24];
    s->told[m->match]++;
    s->malformed += m->match == LF_MATCH_NONE && m->reasons[0] != '\0' ? 1 : 0;
    int n = snprintf(number, sizeof number, "%u,", s->lines[m->at]);
    (void)fwrite_unlocked(number, 1, (size_t)n, s->out);
    if (strcmp(m->reasons, "USCC_IS_ID_NUMBER") == 0) {
        (void)fputs("(an ID number)", s->out); /* would end in logs and files */
    } else {
        cell_write(s->out, (const char *)asked->code.ptr, asked->code.len);
    }
    if (m->match == LF_MATCH_NONE) {
        (void)fputs(",NONE,,,", s->out);
        (void)fputs(m->reasons, s->out);
        (void)fputs(",", s->out);
    } else {
        (void)fprintf(s->out, ",%s,%s,%s,%s,%llu", lf_match_name(m->match), m->subject, m->advice,
                      m->reasons, (unsigned long long)m->index);
    }
    (void)fputs(s->behind, s->out);
}

static bool block_end(struct screening *s)
{
    bool good = s->count == 0 ||
                lf_mirror_screen(s->mirror, s->asked, s->count, on_match, s, &s->err) == LF_OK;
    s->count = 0;
    s->used = 0;
    return good && ferror(s->out) == 0 && !cli_interrupted();
}

static lf_bytes cell_keep(struct screening *s, const char *cell)
{
    size_t len = cell == NULL ? 0 : strlen(cell);
    char *at = s->text + s->used;
    memcpy(at, cell == NULL ? "" : cell, len);
    s->used += len;
    return (lf_bytes){(const uint8_t *)at, len};
}

static bool on_row(const struct row_in *row, void *user)
{
    struct screening *s = user;
    const char *code = row->cells[s->code_column];
    const char *name = s->name_column == ROWS_COLUMNS_MAX ? NULL : row->cells[s->name_column];
    if (row->fault != ROW_GOOD) {
        s->faults++;
        (void)fprintf(stderr, "lianfang: line %u: is not read\n", row->line);
        return true;
    }
    size_t need = (code == NULL ? 0 : strlen(code)) + (name == NULL ? 0 : strlen(name));
    if ((s->count == SCREEN_BLOCK || s->used + need > s->room) && !block_end(s)) {
        return false;
    }
    s->lines[s->count] = row->line;
    s->asked[s->count].code = cell_keep(s, code);
    s->asked[s->count].name = cell_keep(s, name);
    s->count++;
    return true;
}

static size_t column_find(const struct rows_in *rows, const char *name)
{
    size_t at = 0;
    while (at < rows->columns && strcmp(rows->names[at], name) != 0) {
        at++;
    }
    return at < rows->columns ? at : ROWS_COLUMNS_MAX;
}

static bool columns_find(struct screening *s)
{
    const char *name = s->cli->name_column;
    s->code_column = column_find(&s->rows, s->cli->column);
    s->name_column = name == NULL ? ROWS_COLUMNS_MAX : column_find(&s->rows, name);
    if (s->code_column == ROWS_COLUMNS_MAX) {
        (void)fprintf(stderr, "lianfang: %s: has no column '%s'\n", s->cli->file, s->cli->column);
        return false;
    }
    if (name != NULL && s->name_column == ROWS_COLUMNS_MAX) {
        (void)fprintf(stderr, "lianfang: %s: has no column '%s'\n", s->cli->file, name);
        return false;
    }
    return true;
}

/* How old the copy is stands behind every answer: what came since is not in it. */
static int behind_make(struct screening *s)
{
    lf_mirror_info info;
    if (lf_mirror_info_get(s->mirror, &info, &s->err) != LF_OK) {
        return cli_fail(&s->err);
    }
    if (!was_synced(&info)) {
        return CLI_NO;
    }
    long long age_s = (long long)time(NULL) - info.synced_at_ms / 1000;
    (void)snprintf(s->behind, sizeof s->behind, ",%llu,%lld,%s\n", (unsigned long long)info.size,
                   age_s < 0 ? 0 : age_s, age_s > SCREEN_STALE_S ? "STALE" : "");
    return CLI_OK;
}

static int screen_tell(const struct screening *s)
{
    const uint64_t *t = s->told;
    if (s->cli->json) {
        cli_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "code", (json_int_t)t[LF_MATCH_CODE],
                           "old_number", (json_int_t)t[LF_MATCH_OLD_NUMBER], "name_candidate",
                           (json_int_t)t[LF_MATCH_NAME_CANDIDATE], "none",
                           (json_int_t)t[LF_MATCH_NONE], "malformed", (json_int_t)s->malformed,
                           "not_read", (json_int_t)s->faults));
    } else {
        (void)printf(
            "%llu by code, %llu by old number, %llu candidates by name, %llu without\n",
            (unsigned long long)t[LF_MATCH_CODE], (unsigned long long)t[LF_MATCH_OLD_NUMBER],
            (unsigned long long)t[LF_MATCH_NAME_CANDIDATE], (unsigned long long)t[LF_MATCH_NONE]);
    }
    if (s->malformed > 0) {
        (void)fprintf(stderr, "lianfang: %s: %llu without are malformed codes\n", s->cli->file,
                      (unsigned long long)s->malformed);
    }
    return s->faults + s->malformed > 0 ? CLI_SOME_REJECTED : CLI_OK;
}

static int screen_rows(struct screening *s)
{
    (void)fputs("line,asked,match,subject,advice,reasons,index,mirror_size,mirror_age_s,stale\n",
                s->out);
    bool good = rows_in_each(&s->rows, on_row, s) && s->err.status == LF_OK;
    good = good && !cli_interrupted() && block_end(s);
    if (s->err.status != LF_OK) {
        return cli_fail(&s->err);
    }
    if (!good) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", s->cli->file,
                      s->rows.problem[0] != '\0' ? cli_shown(s->rows.problem)
                                                 : "was not screened to its end");
        return CLI_NO;
    }
    return CLI_OK;
}

static int screen_out(struct screening *s)
{
    struct cli_out out;
    int code = cli_out_open(s->cli, &out);
    if (code != CLI_OK) {
        return code;
    }
    s->out = out.file;
    code = cli_out_close(s->cli, &out, screen_rows(s));
    return code == CLI_OK ? screen_tell(s) : code;
}

static int screen_run(struct screening *s)
{
    s->room = (size_t)2 * ROWS_BYTES_MAX + (size_t)SCREEN_BLOCK * 128;
    s->text = malloc(s->room);
    if (s->text == NULL) {
        (void)fprintf(stderr, "lianfang: out of memory\n");
        return CLI_BUG;
    }
    int code = behind_make(s);
    if (code == CLI_OK) {
        code = rows_in_open(s->cli->file, &s->rows) && columns_find(s) ? screen_out(s) : CLI_USAGE;
        rows_in_close(&s->rows);
    }
    free(s->text);
    return code;
}

static int mirror_screen(const struct cli *cli)
{
    if (cli->file == NULL || cli->column == NULL || cli->out == NULL || cli->operand_count > 0) {
        return cli_usage("mirror screen needs --file, --column and --out");
    }
    struct screening *s = calloc(1, sizeof *s);
    if (s == NULL) {
        (void)fprintf(stderr, "lianfang: out of memory\n");
        return CLI_BUG;
    }
    s->cli = cli;
    int code = mirror_open(cli, &s->mirror);
    if (code == CLI_OK) {
        cli_interrupt_catch();
        code = screen_run(s);
    }
    lf_mirror_close(s->mirror);
    free(s);
    return code;
}

int cli_mirror(const struct cli *cli)
{
    static const struct cli_act acts[] = {
        {"sync", mirror_sync}, {"screen", mirror_screen}, {"verify", mirror_verify}, {NULL, NULL}};
    return cli_act(cli, "mirror", acts);
}
