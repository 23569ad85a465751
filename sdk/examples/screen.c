/* SPDX-License-Identifier: Apache-2.0 */
/* screen PROFILE CODE...: what the federation advises about merchants that want to come in. */
#include <lianfang/client.h>

#include <stdio.h>

static void on_screened(const lf_screened *screened, void *user)
{
    (void)user;
    (void)printf("%s %s%s\n", screened->subject, screened->advice, screened->error);
    for (size_t i = 0; i < screened->reason_count; i++) {
        const lf_screen_reason *r = &screened->reasons[i];
        (void)printf("  %s %s %s, entry %llu\n", r->code, r->violation, r->state,
                     (unsigned long long)r->index);
    }
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_question question = LF_QUESTION_INIT;
    if (argc < 3) {
        (void)fprintf(stderr, "usage: screen PROFILE CODE...\n");
        return 2;
    }
    question.purpose = "ONBOARDING";
    question.codes = (const char *const *)argv + 2;
    question.count = (size_t)argc - 2;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_screen(client, &question, on_screened, NULL, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
