/* SPDX-License-Identifier: Apache-2.0 */
/* subject PROFILE CODE CASE: at a merchant's own request, which records there are about it, who was told of them when, and where it may
 * appeal. A regulator gets all of it, a platform what it may read. */
#include <lianfang/reports.h>

#include <stdio.h>
#include <string.h>

static const char *cell(const lf_report *report, size_t row, const char *head)
{
    size_t column = 0;
    while (column + 1 < report->columns && strcmp(report->heads[column], head) != 0) {
        column++;
    }
    return report->cells[row * report->columns + column];
}

static void on_subject(const lf_report *report, void *user)
{
    (void)user;
    for (size_t row = 0; row < report->rows; row++) {
        const char *part = cell(report, row, "part");
        const char *index = cell(report, row, "index");
        const char *who = cell(report, row, "member");
        const char *what = cell(report, row, "what");
        const char *at = cell(report, row, "at");
        if (strcmp(part, "RECORD") == 0) {
            (void)printf("entry %s, %s by %s: %s\n", index, what, who, cell(report, row, "detail"));
        } else if (strcmp(part, "APPEAL") == 0) {
            (void)printf("against entry %s: at %s until %s\n", index, who, at);
        } else if (strcmp(part, "ACCESS") == 0) {
            (void)printf("%s asked on %.10s: %s\n", who, at, cell(report, row, "basis"));
        } else {
            (void)printf("%s had entry %s on %.10s, proven by %s\n", who, index, at,
                         cell(report, row, "entry"));
        }
    }
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_subject_query query = LF_SUBJECT_QUERY_INIT;
    if (argc != 4) {
        (void)fprintf(stderr, "usage: subject PROFILE CODE CASE\n");
        return 2;
    }
    query.uscc = argv[2];
    query.purpose = "SUBJECT_REQUEST";
    query.case_number = argv[3];
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_subject_export(client, &query, on_subject, NULL, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
