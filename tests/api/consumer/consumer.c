/* SPDX-License-Identifier: Apache-2.0 */
/* A C program that knows only the installed library: a code, its errors, and a profile that is not there. */
#include <lianfang/client.h>
#include <lianfang/uscc.h>

#include <stdio.h>
#include <string.h>

static int fail(const char *what)
{
    (void)printf("%s\n", what);
    return 1;
}

int main(void)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc code = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;

    options.allow_test_division = true;
    if (lf_uscc_check("91999999ma00000154", 18, &options, &code, &err) != LF_OK) {
        return fail(err.message);
    }
    if (strcmp(code.code, "91999999MA00000154") != 0 || !code.normalised) {
        return fail("a lower-case code is not normalised");
    }
    if (lf_uscc_check("91999999MA00000155", 18, &options, &code, &err) != LF_E_REJECTED ||
        strcmp(err.reason, LF_USCC_CHECK_DIGIT) != 0) {
        return fail("a wrong check character is taken");
    }
    if (lf_client_open("no-such-profile.conf", &client, &err) != LF_E_NOT_FOUND || client != NULL) {
        return fail("a missing profile is opened");
    }
    lf_client_close(client);
    (void)printf("lianfang %s\n", lf_version());
    return 0;
}
