/* SPDX-License-Identifier: Apache-2.0 */
/* report PROFILE NAME: a report as lines of cells; the ranking page by page, each behind the last subject of the one before. */
#include <lianfang/reports.h>

#include <stdio.h>
#include <string.h>

struct page {
    size_t rows;
    char last[64]; /* subject of the last row */
};

static void on_report(const lf_report *report, void *user)
{
    struct page *page = user;
    page->rows = report->rows;
    for (size_t row = 0; row < report->rows; row++) {
        const char *const *cells = report->cells + row * report->columns;
        for (size_t c = 0; c < report->columns; c++) {
            (void)printf("%s%s", c == 0 ? "" : "\t", cells[c]);
            if (strcmp(report->heads[c], "subject") == 0) {
                (void)snprintf(page->last, sizeof page->last, "%s", cells[c]);
            }
        }
        (void)printf("\n");
    }
}

int main(int argc, char **argv)
{
    enum { PAGE = 2 };
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_report_query query = LF_REPORT_QUERY_INIT;
    struct page page = {.rows = PAGE};
    if (argc != 3) {
        (void)fprintf(stderr, "usage: report PROFILE NAME\n");
        return 2;
    }
    bool has_pages = strcmp(argv[2], "ranking") == 0;
    query.name = argv[2];
    query.max = has_pages ? PAGE : 0;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    do {
        rc = rc == LF_OK ? lf_report_get(client, &query, on_report, &page, &err) : rc;
        query.after = page.last;
    } while (rc == LF_OK && has_pages && page.rows == PAGE);
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
