/* SPDX-License-Identifier: Apache-2.0 */
/* doctor PROFILE [MILLISECONDS]: what is wrong with a profile, its keys or the way to the gateway, and what to do about it. */
#include <lianfang/doctor.h>

#include <stdio.h>
#include <stdlib.h>

static void on_check(const lf_check *check, void *user)
{
    (void)user;
    (void)printf("%s %s: %s\n", check->is_ok ? "ok" : "NO", check->name, check->found);
    if (!check->is_ok) {
        (void)printf("   %s\n", check->advice);
    }
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client_options options = LF_CLIENT_OPTIONS_INIT;
    if (argc != 2 && argc != 3) {
        (void)fprintf(stderr, "usage: doctor PROFILE [MILLISECONDS]\n");
        return 2;
    }
    options.timeout_ms = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    lf_status rc = argc == 2 ? lf_doctor(argv[1], on_check, NULL, &err)
                             : lf_doctor_with(argv[1], &options, on_check, NULL, &err);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
