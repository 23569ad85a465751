/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authority PROFILE KEY suspend MEMBER, or authority PROFILE KEY restrict ISSUER RECORD: what the authority says of a member or
 * a record. The file KEY signs the paper; any member's profile brings it to the gateway.
 */
#include <lianfang/members.h>

#include <stdio.h>
#include <string.h>

static lf_status paper_make(lf_client *client, char **words, lf_paper **out, lf_error *err)
{
    lf_change change = {
        .size = sizeof change, .member = words[1], .status = "SUSPENDED", .note = "示例"};
    lf_redaction order = {.size = sizeof order,
                          .issuer = words[1],
                          .record_id = words[2],
                          .mode = "RESTRICT",
                          .order_authority = "某法院",
                          .order_number = "2026-1"};
    return strcmp(words[0], "suspend") == 0 ? lf_paper_change(client, &change, out, err)
                                            : lf_paper_redaction(&order, out, err);
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_paper *paper = NULL;
    lf_proposal proposal;
    bool is_suspend = argc == 5 && strcmp(argv[3], "suspend") == 0;
    bool is_restrict = argc == 6 && strcmp(argv[3], "restrict") == 0;
    if (!is_suspend && !is_restrict) {
        (void)fprintf(stderr,
                      "usage: authority PROFILE KEY suspend MEMBER | restrict ISSUER RECORD\n");
        return 2;
    }
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? paper_make(client, argv + 3, &paper, &err) : rc;
    rc = rc == LF_OK ? lf_paper_sign(paper, argv[2], &err) : rc;
    rc = rc == LF_OK ? lf_paper_submit(client, paper, &proposal, &err) : rc;
    if (rc == LF_OK && proposal.accepted) {
        (void)printf("entry %llu\n", (unsigned long long)proposal.index);
    } else if (rc == LF_OK) {
        (void)printf("waits with %u of %u signatures\n", proposal.signatures, proposal.threshold);
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_paper_free(paper);
    lf_client_close(client);
    return rc == LF_OK ? 0 : 1;
}
