/* SPDX-License-Identifier: Apache-2.0 */
/* words TEXT: offline, what a text is: a code, an older number, or free text that must not go into a record as it stands. */
#include <lianfang/record.h>
#include <lianfang/uscc.h>

#include <stdio.h>
#include <string.h>

static void number_tell(const char *text)
{
    char organisation[LF_ORGCODE_LEN + 1];
    char registration[LF_REGNO_LEN + 1];
    lf_error err = LF_ERROR_INIT;
    if (lf_orgcode_check(text, strlen(text), organisation, &err) == LF_OK) {
        (void)printf("organisation code %s\n", organisation);
    }
    if (lf_regno_check(text, strlen(text), registration, &err) == LF_OK) {
        (void)printf("registration number %s\n", registration);
    }
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_uscc code = LF_USCC_INIT;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: words TEXT\n");
        return 2;
    }
    lf_status rc = lf_uscc_check(argv[1], strlen(argv[1]), NULL, &code, &err);
    if (rc == LF_OK) {
        (void)printf("code %s of division %s\n", code.code, code.division);
    } else {
        /* the kind of a status says who has to do something: here whoever typed the text */
        bool is_input = lf_status_kind(rc) == LF_KIND_PEER;
        (void)printf("no code: %s, %s (%s)\n", err.reason, lf_status_text(rc),
                     is_input ? "input" : "other");
        number_tell(argv[1]);
    }
    if (lf_text_has_id_number(argv[1], strlen(argv[1]))) {
        (void)printf("has the number of a person: leave it out\n");
    }
    (void)printf("lianfang %s; a notice has %s member\n", lf_version(),
                 lf_kind_has_many("notice", "members") ? "more than one" : "one");
    return rc == LF_OK ? 0 : 1;
}
