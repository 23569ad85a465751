/* SPDX-License-Identifier: Apache-2.0 */
/* confirm PROFILE DIR: brings our copy up to the head, and says in the ledger that we have it: so nobody can say that we were not told. */
#include <lianfang/mirror.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_mirror *mirror = NULL;
    bool has_said = false;
    if (argc != 3) {
        (void)fprintf(stderr, "usage: confirm PROFILE DIR\n");
        return 2;
    }
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_mirror_open(argv[2], &mirror, &err) : rc;
    rc = rc == LF_OK ? lf_mirror_sync(mirror, client, NULL, NULL, &err) : rc;
    rc = rc == LF_OK ? lf_mirror_confirm(mirror, client, &has_said, &err) : rc;
    if (rc == LF_OK) {
        (void)printf("%s\n", has_said ? "said" : "nothing new to say");
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_mirror_close(mirror);
    lf_client_close(client);
    return rc == LF_OK ? 0 : 1;
}
