/* SPDX-License-Identifier: Apache-2.0 */
/* mirror PROFILE DIR CODE...: brings our copy up to date, closes the connection, and says what it has against each code. */
#include <lianfang/mirror.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_match(const lf_mirror_match *match, void *user)
{
    char **codes = user;
    /* NAME_CANDIDATE is for a person to look at; only the others may act by themselves. */
    (void)printf("%s %s %s %s\n", codes[match->at], lf_match_name(match->match), match->advice,
                 match->reasons);
}

static lf_status sync_copy(lf_mirror *mirror, const char *profile, lf_error *err)
{
    lf_client *client = NULL;
    lf_status rc = lf_client_open(profile, &client, err);
    rc = rc == LF_OK ? lf_mirror_sync(mirror, client, NULL, NULL, err) : rc;
    lf_client_close(client);
    return rc;
}

static lf_status screen(lf_mirror *mirror, char **codes, size_t count, lf_error *err)
{
    lf_mirror_asked *asked = calloc(count + 1, sizeof *asked);
    if (asked == NULL) {
        return LF_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        asked[i].code.ptr = (const uint8_t *)codes[i];
        asked[i].code.len = strlen(codes[i]);
    }
    lf_status rc = lf_mirror_screen(mirror, asked, count, on_match, codes, err);
    free(asked);
    return rc;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_mirror *mirror = NULL;
    if (argc < 4) {
        (void)fprintf(stderr, "usage: mirror PROFILE DIR CODE...\n");
        return 2;
    }
    lf_status rc = lf_mirror_open(argv[2], &mirror, &err);
    rc = rc == LF_OK ? sync_copy(mirror, argv[1], &err) : rc;
    rc = rc == LF_OK ? screen(mirror, argv + 3, (size_t)argc - 3, &err) : rc;
    lf_mirror_close(mirror);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
