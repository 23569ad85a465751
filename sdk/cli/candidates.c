/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever confirms writes the day of removal into the first column; what has none is not removed. */
#include "cli/candidates.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILES_MAX = 1000 };

static void field_put(FILE *to, const char *text)
{
    (void)fputs(",\"", to);
    for (; *text != '\0'; text++) {
        (void)fputs(*text == '"' ? "\"" : "", to);
        (void)fputc(*text, to);
    }
    (void)fputc('"', to);
}

/* A byte-order mark, by which spreadsheets know UTF-8. */
static bool file_make(struct candidates *c, const char *state)
{
    int fd = -1;
    errno = EEXIST;
    for (int i = 1; i <= FILES_MAX && fd < 0 && errno == EEXIST; i++) {
        char number[16] = "";
        if (i > 1) {
            (void)snprintf(number, sizeof number, "-%d", i);
        }
        (void)snprintf(c->path, sizeof c->path, "%s.vanished%s.csv", state, number);
        fd = open(c->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    c->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (c->file == NULL) {
        (void)cli_fail_file(c->path);
        c->failed = true;
        return false;
    }
    (void)fputs("\xef\xbb\xbfremoved_on,uscc,list,region,listed_on,reason_text,authority,list_id,"
                "cause,ref,version\n",
                c->file);
    return true;
}

void candidates_add(struct candidates *c, const char *state, const struct snapshot_line *line,
                    const char *cause)
{
    const char *texts[] = {line->uscc,        line->list,      line->region,  line->listed_on,
                           line->reason_text, line->authority, line->list_id, cause,
                           line->ref};
    c->count++;
    if (c->failed || (c->file == NULL && !file_make(c, state))) {
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        field_put(c->file, texts[i] == NULL ? "" : texts[i]);
    }
    (void)fprintf(c->file, ",%u\n", line->version);
}

int candidates_close(struct candidates *c)
{
    if (c->file == NULL) {
        return c->failed ? CLI_NO : CLI_OK;
    }
    bool good = fflush(c->file) == 0 && ferror(c->file) == 0 && fdatasync(fileno(c->file)) == 0;
    int code = good ? CLI_OK : cli_fail_file(c->path);
    (void)fclose(c->file);
    c->file = NULL;
    return code;
}
