/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refresh PROFILE RECEIPT ENVELOPE POLICY: brings a receipt under the published head, which witnesses cosign, and verifies it by a
 * C2SP tlog-policy that says which log and how many witnesses are believed.
 */
#include <lianfang/client.h>

#include <stdio.h>
#include <string.h>

enum { ROOM = 1 << 20 };

struct refreshed {
    char receipt[ROOM];
    lf_error error;
};

static size_t load(const char *path, char *out)
{
    FILE *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(out, 1, ROOM - 1, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    out[len] = '\0';
    return len;
}

static void on_refreshed(size_t index, const char *receipt, const lf_error *err, void *user)
{
    struct refreshed *to = user;
    (void)index;
    if (receipt != NULL) {
        (void)snprintf(to->receipt, sizeof to->receipt, "%s", receipt);
    } else {
        to->error = *err;
    }
}

int main(int argc, char **argv)
{
    static char old[ROOM];
    static char envelope[ROOM];
    static char policy[ROOM];
    static struct refreshed to;
    const char *receipts[] = {old};
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    uint64_t index = 0;
    int64_t oldest_s = 0;
    if (argc != 5 || load(argv[2], old) == 0 || load(argv[4], policy) == 0) {
        (void)fprintf(stderr, "usage: refresh PROFILE RECEIPT ENVELOPE POLICY\n");
        return 2;
    }
    lf_bytes bytes = {(const uint8_t *)envelope, load(argv[3], envelope)};
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_receipt_verify_mine(client, old, bytes, &index, &err) : rc;
    rc = rc == LF_OK ? lf_receipt_refresh(client, receipts, 1, on_refreshed, &to, &err) : rc;
    lf_client_close(client);
    if (rc == LF_OK && to.receipt[0] == '\0') {
        err = to.error; /* not published yet: try again in a second */
        rc = err.status;
    }
    rc = rc == LF_OK
             ? lf_receipt_verify_witnessed(to.receipt, bytes, policy, &index, &oldest_s, &err)
             : rc;
    if (rc == LF_OK) {
        (void)printf("holds: entry %llu%s\n", (unsigned long long)index,
                     oldest_s > 0 ? ", cosigned" : "");
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
