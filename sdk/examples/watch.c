/* SPDX-License-Identifier: Apache-2.0 */
/* watch PROFILE COUNT: tells of the next COUNT records that are new to this member, and remembers where it was. */
#include <lianfang/watch.h>

#include <stdio.h>
#include <stdlib.h>

struct state {
    lf_client *client;
    unsigned long left;
};

static bool on_watched(const lf_watched *watched, void *user)
{
    struct state *state = user;
    lf_error err = LF_ERROR_INIT;
    (void)printf("%llu %s %s\n", (unsigned long long)watched->index, watched->issuer,
                 watched->kind);
    /* Done with: after a crash we begin behind it. */
    if (lf_watch_acknowledge(state->client, watched->index + 1, &err) != LF_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return false;
    }
    return --state->left > 0;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    struct state state = {.left = argc == 3 ? strtoul(argv[2], NULL, 10) : 0};
    lf_watch_options options = LF_WATCH_OPTIONS_INIT;
    lf_watch *watch = NULL;
    if (state.left == 0) {
        (void)fprintf(stderr, "usage: watch PROFILE COUNT\n");
        return 2;
    }
    options.resume = true;
    lf_status rc = lf_client_open(argv[1], &state.client, &err);
    rc = rc == LF_OK ? lf_watch_open(state.client, &options, &watch, &err) : rc;
    rc = rc == LF_OK ? lf_watch_run(watch, on_watched, &state, &err) : rc;
    lf_watch_close(watch);
    lf_client_close(state.client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK && state.left == 0 ? 0 : 1;
}
