/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list PROFILE CODE LISTED_ON [REMOVED_ON]: a line of the list of abnormal operations, and its end when it has one. The ref
 * follows from what the line is: said again, it is the same record.
 */
#include <lianfang/lists.h>
#include <lianfang/submit.h>

#include <stdio.h>

#define REASON    "通过登记的住所或者经营场所无法联系的"
#define AUTHORITY "测试市市场监督管理局"

static void on_told(const lf_result *result, void *user)
{
    const char *what = user;
    if (result->outcome == LF_REFUSED) {
        (void)printf("%s refused: %s\n", what, result->error.reason);
    } else {
        (void)printf("%s %s\n", what, result->outcome == LF_ACCEPTED ? "accepted" : "duplicate");
    }
}

static lf_status say(lf_client *client, const lf_fields *fields, char *what, lf_error *err)
{
    lf_record record = LF_RECORD_INIT;
    record.fields = fields;
    return lf_submit_wait(client, &record, 0, on_told, what, err);
}

static lf_status listing(lf_client *client, const lf_list_key *key, const char *ref, lf_error *err)
{
    static char what[] = "listing";
    const lf_field said[] = {{"uscc", key->uscc},           {"list", key->list},
                             {"reason", "ABN_UNREACHABLE"}, {"reason_text", key->reason_text},
                             {"listed_on", key->listed_on}, {"authority", key->authority}};
    lf_fields fields = LF_FIELDS_INIT;
    fields.kind = "credit-list-entry";
    fields.ref = ref;
    fields.fields = said;
    fields.count = sizeof said / sizeof said[0];
    return say(client, &fields, what, err);
}

static lf_status removal(lf_client *client, const char *ref, const char *removed_on, lf_error *err)
{
    static char what[] = "removal";
    char id[33];
    lf_status rc = lf_list_record_id(client, ref, 1, id, err);
    const lf_field said[] = {{"target_issuer", lf_client_member(client)},
                             {"target_record_id", id},
                             {"ground", "REMOVED"},
                             {"removed_on", removed_on}};
    lf_fields fields = LF_FIELDS_INIT;
    fields.kind = "list-removal";
    fields.ref = ref;
    fields.fields = said;
    fields.count = sizeof said / sizeof said[0];
    return rc == LF_OK ? say(client, &fields, what, err) : rc;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_list_key key = LF_LIST_KEY_INIT;
    char ref[LF_LIST_REF_SIZE];
    if (argc != 4 && argc != 5) {
        (void)fprintf(stderr, "usage: list PROFILE CODE LISTED_ON [REMOVED_ON]\n");
        return 2;
    }
    key.list = "ABNORMAL";
    key.uscc = argv[2];
    key.listed_on = argv[3];
    key.reason_text = REASON;
    key.authority = AUTHORITY;
    lf_status rc = lf_list_ref(&key, ref, &err);
    rc = rc == LF_OK ? lf_client_open(argv[1], &client, &err) : rc;
    rc = rc == LF_OK ? listing(client, &key, ref, &err) : rc;
    rc = rc == LF_OK && argc == 5 ? removal(client, ref, argv[4], &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
        return 1;
    }
    return 0;
}
