/* SPDX-License-Identifier: Apache-2.0 */
/* found LEDGER_KEY ACCESS_KEY AUTHORITY_FILE GENESIS: offline, the first entry of a new ledger, signed by its authority's key. */
#include <lianfang/members.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    char public_hex[65];
    lf_error err = LF_ERROR_INIT;
    lf_paper *paper = NULL;
    const char *keys[] = {public_hex, NULL};
    if (argc != 5) {
        (void)fprintf(stderr, "usage: found LEDGER_KEY ACCESS_KEY AUTHORITY_FILE GENESIS\n");
        return 2;
    }
    lf_genesis genesis = {.size = sizeof genesis,
                          .gateway = "example.test",
                          .ledger_key = argv[1],
                          .access_key = argv[2],
                          .keys = keys,
                          .threshold = 1,
                          .is_test = true};
    lf_status rc = lf_authority_key_make(argv[3], public_hex, &err);
    rc = rc == LF_OK ? lf_paper_genesis(&genesis, &paper, &err) : rc;
    rc = rc == LF_OK ? lf_paper_sign(paper, argv[3], &err) : rc;
    rc = rc == LF_OK ? lf_paper_write(paper, argv[4], false, &err) : rc;
    if (rc == LF_OK) {
        (void)printf("%s of %s, signed by %.16s...\n", lf_paper_kind(paper), genesis.gateway,
                     public_hex);
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_paper_free(paper);
    return rc == LF_OK ? 0 : 1;
}
