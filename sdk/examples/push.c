/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push PROFILE SPOOL: pushes the codes on standard input, one a line, as registry entries. Killed and
 * started again with the same spool, it goes on with what was not answered.
 */
#include <lianfang/push.h>
#include <lianfang/uscc.h>

#include <stdio.h>
#include <string.h>

struct tally {
    unsigned long taken;
    unsigned long failed;
};

/* On the client's thread, in the order of adding; nobody else touches the tally until close. */
static void on_told(const lf_result *result, void *user)
{
    struct tally *tally = user;
    if (result->outcome == LF_ACCEPTED || result->outcome == LF_DUPLICATE) {
        tally->taken++;
    } else {
        tally->failed++;
        (void)fprintf(stderr, "line %llu: %s\n", (unsigned long long)result->tag,
                      result->error.message);
    }
}

static lf_status code_push(lf_push *push, const char *code, uint64_t line, lf_error *err)
{
    lf_registry_entry entry = LF_REGISTRY_ENTRY_INIT;
    lf_record record = LF_RECORD_INIT;
    entry.uscc = code;
    record.registry_entry = &entry;
    lf_status rc = lf_push_add(push, &record, line, err);
    while (rc == LF_E_BUSY && lf_push_wait(push, 1000, 60000, err) == LF_OK) {
        rc = lf_push_add(push, &record, line, err);
    }
    return rc;
}

static lf_status input_push(lf_push *push, unsigned long *bad, lf_error *err)
{
    char text[256];
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_status rc = LF_OK;
    options.allow_test_division = true;
    for (uint64_t line = 1; rc == LF_OK && fgets(text, sizeof text, stdin) != NULL; line++) {
        lf_uscc code = LF_USCC_INIT;
        if (lf_uscc_check(text, strcspn(text, "\r\n"), &options, &code, err) == LF_OK) {
            rc = code_push(push, code.code, line, err);
        } else {
            (*bad)++;
            (void)fprintf(stderr, "line %llu: %s\n", (unsigned long long)line, err->reason);
        }
    }
    return rc == LF_OK ? lf_push_wait(push, 0, 60000, err) : rc;
}

int main(int argc, char **argv)
{
    struct tally tally = {0, 0};
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_push *push = NULL;
    lf_push_options options = LF_PUSH_OPTIONS_INIT;
    unsigned long bad = 0;
    if (argc != 3) {
        (void)fprintf(stderr, "usage: push PROFILE SPOOL <CODES\n");
        return 2;
    }
    options.spool = argv[2];
    options.done = on_told;
    options.user = &tally;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_push_open(client, &options, &push, &err) : rc;
    rc = rc == LF_OK ? input_push(push, &bad, &err) : rc;
    lf_push_close(push);
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    (void)printf("%lu taken, %lu failed\n", tally.taken, tally.failed + bad);
    return rc == LF_OK && tally.failed + bad == 0 ? 0 : 1;
}
