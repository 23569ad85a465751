/* SPDX-License-Identifier: Apache-2.0 */
/* tokenkey FILE: a regulator makes the key that it gives to platforms; with another key nothing of theirs would be equal. */
#include <lianfang/token.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: tokenkey FILE\n");
        return 2;
    }
    lf_status rc = lf_token_key_make(argv[1], &err);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
