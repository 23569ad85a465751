/* SPDX-License-Identifier: Apache-2.0 */
/* poll PROFILE COUNT: the feed without a stream: asks, tells, stops after COUNT records or when there is nothing more, and
 * says in the ledger that we have what was told. */
#include <lianfang/watch.h>

#include <stdio.h>
#include <stdlib.h>

struct reading {
    lf_watch *watch;
    unsigned long left;
    bool is_empty; /* nothing came since the last question */
};

static bool on_record(const lf_watched *record, void *user)
{
    struct reading *r = user;
    (void)printf("%llu %s by %s\n", (unsigned long long)record->index, record->kind,
                 record->issuer);
    r->is_empty = false;
    if (--r->left == 0) {
        lf_watch_stop(r->watch); /* as another thread would */
    }
    return r->left > 0;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    bool has_said = false;
    struct reading r = {NULL, 0, false};
    if (argc != 3 || strtoul(argv[2], NULL, 10) == 0) {
        (void)fprintf(stderr, "usage: poll PROFILE COUNT\n");
        return 2;
    }
    r.left = strtoul(argv[2], NULL, 10);
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_watch_open(client, NULL, &r.watch, &err) : rc;
    while (rc == LF_OK && r.left > 0 && !r.is_empty) {
        r.is_empty = true;
        rc = lf_watch_poll(r.watch, 0, on_record, &r, &err);
    }
    rc = rc == LF_OK ? lf_watch_confirm(r.watch, &has_said, &err) : rc;
    if (rc == LF_OK) {
        (void)printf("next %llu of %llu%s\n", (unsigned long long)lf_watch_cursor(r.watch),
                     (unsigned long long)lf_watch_head(r.watch), has_said ? ", and said so" : "");
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_watch_close(r.watch);
    lf_client_close(client);
    return rc == LF_OK ? 0 : 1;
}
