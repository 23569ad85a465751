/* SPDX-License-Identifier: Apache-2.0 */
/* crosscheck PROFILE CASE [CODE DAY]...: what platforms removed beside what authorities listed, of all that the ledger holds; or, of our own
 * list of serious violations, CODE listed on DAY. The list is compared and forgotten. */
#include <lianfang/crosscheck.h>

#include <stdio.h>

enum { OURS_MAX = 64 };

static void on_row(const lf_crosscheck_row *row, void *user)
{
    (void)user;
    (void)printf("%s %s: %s\n", row->subject, row->error[0] == '\0' ? row->finding : row->error,
                 row->explanation);
    for (size_t i = 0; i < row->index_count; i++) {
        (void)printf("  entry %llu\n", (unsigned long long)row->indexes[i]);
    }
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_crosscheck query = LF_CROSSCHECK_INIT;
    lf_crosscheck_totals totals;
    lf_listed ours[OURS_MAX];
    size_t count = 0;
    if (argc < 3 || argc % 2 == 0) {
        (void)fprintf(stderr, "usage: crosscheck PROFILE CASE [CODE DAY]...\n");
        return 2;
    }
    for (int i = 3; i + 1 < argc && count < OURS_MAX; i += 2) {
        ours[count++] = (lf_listed){argv[i], NULL, "SERIOUS", NULL, argv[i + 1], NULL};
    }
    query.purpose = "ENFORCEMENT";
    query.case_number = argv[2];
    query.listed = count > 0 ? ours : NULL;
    query.listed_count = count;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_crosscheck_run(client, &query, on_row, NULL, &totals, &err) : rc;
    for (size_t i = 0; rc == LF_OK && i < LF_FINDINGS; i++) {
        (void)printf("%s %llu\n", totals.finding[i], (unsigned long long)totals.subjects[i]);
    }
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
