/* SPDX-License-Identifier: Apache-2.0 */
/* rescreen PROFILE CODE...: the merchants that we have already, one question each, over one stream. */
#include <lianfang/client.h>

#include <stdio.h>

static void on_screened(const lf_screened *screened, void *user)
{
    (void)user;
    (void)printf("%s %s%s\n", screened->subject, screened->advice, screened->error);
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_screen_stream *stream = NULL;
    if (argc < 3) {
        (void)fprintf(stderr, "usage: rescreen PROFILE CODE...\n");
        return 2;
    }
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_screen_stream_open(client, &stream, &err) : rc;
    int told = 2;
    for (int asked = 2; rc == LF_OK && told < argc;) {
        lf_question question = LF_QUESTION_INIT;
        question.purpose = "RESCREENING";
        question.codes = (const char *const *)argv + asked;
        question.count = 1;
        if (asked < argc && asked - told < LF_SCREEN_UNTOLD_MAX) { /* ask ahead */
            rc = lf_screen_stream_ask(stream, &question, &err);
            asked++;
        } else {
            rc = lf_screen_stream_tell(stream, on_screened, NULL, &err);
            told++;
        }
    }
    lf_screen_stream_close(stream);
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
