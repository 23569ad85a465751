/* SPDX-License-Identifier: Apache-2.0 */
/* batch PROFILE CODE...: entry bans for these codes, as many as fit under one signature, told in their order. */
#include <lianfang/submit.h>

#include <stdio.h>

static void on_told(const lf_result *result, void *user)
{
    (void)user;
    (void)printf("%s %s\n", (const char *)result->user,
                 result->outcome == LF_ACCEPTED    ? "accepted"
                 : result->outcome == LF_DUPLICATE ? "duplicate"
                                                   : result->error.reason);
}

static lf_status ban_add(lf_batch *batch, char *code, lf_error *err)
{
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    lf_field words[] = {{"uscc", code}, {"reason", "售假"}};
    fields.kind = "entry-ban";
    fields.fields = words;
    fields.count = 2;
    record.fields = &fields;
    return lf_batch_add(batch, &record, code, err);
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_batch *batch = NULL;
    if (argc < 3 || argc > 2 + LF_BATCH_MAX) {
        (void)fprintf(stderr, "usage: batch PROFILE CODE...\n");
        return 2;
    }
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_batch_new(client, &batch, &err) : rc;
    for (int i = 2; rc == LF_OK && i < argc; i++) {
        rc = ban_add(batch, argv[i], &err);
    }
    if (rc == LF_OK) {
        (void)printf("%zu records\n", lf_batch_count(batch));
        rc = lf_batch_send(batch, 0, on_told, NULL, &err);
    }
    lf_batch_free(batch); /* before the client */
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
