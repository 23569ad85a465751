/* SPDX-License-Identifier: Apache-2.0 */
/* The file of answers, --out: whole, or as it was. */
#include "cli/cli.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False when the name is too long, or is the input's. */
static bool out_name(const struct cli *cli, char *out, size_t room)
{
    struct stat to;
    struct stat from;
    bool is_there = stat(cli->out, &to) == 0;
    if (is_there && stat(cli->file, &from) == 0 && to.st_dev == from.st_dev &&
        to.st_ino == from.st_ino) {
        (void)fprintf(stderr, "lianfang: %s: is the file that is asked about\n", cli->out);
        return false;
    }
    const char *suffix = is_there && !S_ISREG(to.st_mode) ? "" : ".new";
    int len = snprintf(out, room, "%s%s", cli->out, suffix);
    if (len < 0 || (size_t)len >= room) {
        (void)fprintf(stderr, "lianfang: --out is too long\n");
        return false;
    }
    return true;
}

int cli_out_open(const struct cli *cli, struct cli_out *out)
{
    if (!out_name(cli, out->path, sizeof out->path)) {
        return CLI_USAGE;
    }
    out->file = fopen(out->path, "we");
    return out->file == NULL ? cli_fail_file(cli->out) : CLI_OK;
}

int cli_out_close(const struct cli *cli, struct cli_out *out, int code)
{
    bool is_whole = (code == CLI_OK || code == CLI_SOME_REJECTED) && !cli_interrupted();
    bool is_written = fflush(out->file) == 0 && ferror(out->file) == 0;
    is_written = fclose(out->file) == 0 && is_written;
    bool is_aside = strcmp(out->path, cli->out) != 0;
    if (!is_written || (is_whole && is_aside && rename(out->path, cli->out) != 0)) {
        code = cli_fail_file(cli->out);
        is_whole = false;
    }
    if (is_aside && !is_whole) {
        (void)unlink(out->path);
        (void)fprintf(stderr, "lianfang: %s: not written, the answers are not whole\n", cli->out);
    }
    return code;
}

void cli_csv_cell(const char *text, const char *end, FILE *to)
{
    text = cli_shown_csv(text, to);
    bool is_plain = strpbrk(text, ",\"\r\n") == NULL;
    if (is_plain) {
        (void)fputs(text, to);
    } else {
        (void)fputc('"', to);
        for (; *text != '\0'; text++) {
            (void)fputs(*text == '"' ? "\"" : "", to);
            (void)fputc(*text, to);
        }
        (void)fputc('"', to);
    }
    (void)fputs(end, to);
}
