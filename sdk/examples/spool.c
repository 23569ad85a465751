/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool PROFILE SPOOL CODE...: what commits promise: these bans are on disk before anything else is done, and are sent while the
 * program does other work.
 */
#include <lianfang/push.h>

#include <stdio.h>

static void on_told(const lf_result *result, void *user)
{
    (void)user;
    (void)printf("%llu %s\n", (unsigned long long)result->tag,
                 result->outcome == LF_ACCEPTED    ? "accepted"
                 : result->outcome == LF_DUPLICATE ? "duplicate"
                                                   : result->error.reason);
}

static lf_status ban_add(lf_push *push, const char *code, uint64_t tag, lf_error *err)
{
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    lf_field words[] = {{"uscc", code}, {"reason", "售假"}};
    fields.kind = "entry-ban";
    fields.fields = words;
    fields.count = 2;
    record.fields = &fields;
    return lf_push_add(push, &record, tag, err);
}

static lf_status all_push(lf_push *push, char **codes, int count, lf_error *err)
{
    lf_status rc = LF_OK;
    for (int i = 0; rc == LF_OK && i < count; i++) {
        rc = ban_add(push, codes[i], (uint64_t)i + 1, err);
    }
    rc = rc == LF_OK ? lf_push_commit(push, err) : rc;
    if (rc == LF_OK) { /* from here on a crash loses nothing */
        (void)fprintf(stderr, "%llu on disk\n", (unsigned long long)lf_push_unanswered(push));
    }
    while (rc == LF_OK && lf_push_unanswered(push) > 0) {
        rc = lf_push_wait(push, 0, 1000, err);
        rc = rc == LF_E_DEADLINE ? lf_push_check(push, err) : rc; /* slow is no failure */
    }
    return rc;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_push *push = NULL;
    lf_push_options options = LF_PUSH_OPTIONS_INIT;
    if (argc < 4) {
        (void)fprintf(stderr, "usage: spool PROFILE SPOOL CODE...\n");
        return 2;
    }
    options.spool = argv[2];
    options.done = on_told;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_push_open(client, &options, &push, &err) : rc;
    rc = rc == LF_OK ? all_push(push, argv + 3, argc - 3, &err) : rc;
    lf_push_close(push);
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
