/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever confirms writes the day of removal into the first column; what has none is not removed. */
#include "cli/candidates.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILES_MAX = 1000 };

const char *const candidate_names[CANDIDATE_FIELDS] = {
    [CANDIDATE_REMOVED_ON] = "removed_on",
    [CANDIDATE_USCC] = "uscc",
    [CANDIDATE_LIST] = "list",
    [CANDIDATE_REGION] = "region",
    [CANDIDATE_LISTED_ON] = "listed_on",
    [CANDIDATE_REASON_TEXT] = "reason_text",
    [CANDIDATE_AUTHORITY] = "authority",
    [CANDIDATE_LIST_ID] = "list_id",
    [CANDIDATE_CAUSE] = "cause",
    [CANDIDATE_REF] = "ref",
};

static void fields_put(FILE *to, const char *const texts[static CANDIDATE_FIELDS])
{
    for (size_t i = 0; i < CANDIDATE_FIELDS; i++) {
        (void)fputs(i == 0 ? "\"" : ",\"", to);
        for (const char *at = texts[i] == NULL ? "" : texts[i]; *at != '\0'; at++) {
            (void)fputs(*at == '"' ? "\"" : "", to);
            (void)fputc(*at, to);
        }
        (void)fputc('"', to);
    }
    (void)fputc('\n', to);
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
    (void)fputs("\xef\xbb\xbf", c->file);
    fields_put(c->file, candidate_names);
    return true;
}

void candidates_add(struct candidates *c, const char *state, const struct snapshot_line *line,
                    const char *cause)
{
    const char *texts[CANDIDATE_FIELDS] = {[CANDIDATE_REMOVED_ON] = "",
                                           [CANDIDATE_USCC] = line->uscc,
                                           [CANDIDATE_LIST] = line->list,
                                           [CANDIDATE_REGION] = line->region,
                                           [CANDIDATE_LISTED_ON] = line->listed_on,
                                           [CANDIDATE_REASON_TEXT] = line->reason_text,
                                           [CANDIDATE_AUTHORITY] = line->authority,
                                           [CANDIDATE_LIST_ID] = line->list_id,
                                           [CANDIDATE_CAUSE] = cause,
                                           [CANDIDATE_REF] = line->ref};
    c->count++;
    if (!c->failed && (c->file != NULL || file_make(c, state))) {
        fields_put(c->file, texts);
    }
}

int candidates_close(struct candidates *c, bool keeps)
{
    if (c->file == NULL) {
        return c->failed ? CLI_NO : CLI_OK;
    }
    int code = !keeps || cli_file_settle(c->file, true) ? CLI_OK : cli_fail_file(c->path);
    (void)fclose(c->file);
    c->file = NULL;
    if (!keeps) {
        (void)unlink(c->path);
    }
    return code;
}
