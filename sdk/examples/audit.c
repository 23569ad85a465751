/* SPDX-License-Identifier: Apache-2.0 */
/* audit PROFILE: recomputes the whole ledger from genesis and compares it with the signed head. */
#include <lianfang/client.h>

#include <stdio.h>

static void on_progress(uint64_t done, uint64_t size, void *user)
{
    (void)user;
    (void)fprintf(stderr, "%llu of %llu entries\n", (unsigned long long)done,
                  (unsigned long long)size);
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_audit audit;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: audit PROFILE\n");
        return 2;
    }
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_log_audit(client, on_progress, NULL, &audit, &err) : rc;
    if (rc == LF_OK) {
        (void)printf("%s: %llu entries, %llu readable, root %s\n", lf_client_member(client),
                     (unsigned long long)audit.size, (unsigned long long)audit.readable,
                     audit.root);
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_client_close(client);
    return rc == LF_OK ? 0 : 1;
}
