/* SPDX-License-Identifier: Apache-2.0 */
/* lift PROFILE REF [DAY]: our measure under this case number has ended; prints where that stands. */
#include <lianfang/lift.h>

#include <stdio.h>

static void on_told(const lf_result *result, void *user)
{
    int *code = user;
    *code = result->outcome == LF_REFUSED ? 1 : 0;
    if (*code == 0) {
        (void)printf("lifted by entry %llu\n", (unsigned long long)result->index);
    } else {
        (void)printf("refused: %s %s\n", result->error.reason, result->error.field);
    }
}

int main(int argc, char **argv)
{
    lf_lift lift = LF_LIFT_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    int code = 1;
    if (argc != 3 && argc != 4) {
        (void)fprintf(stderr, "usage: lift PROFILE REF [DAY]\n");
        return 2;
    }
    lift.ref = argv[2];
    lift.lifted_on = argc == 4 ? argv[3] : NULL;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_lift_say(client, &lift, on_told, &code, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? code : 1;
}
