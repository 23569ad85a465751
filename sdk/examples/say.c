/* SPDX-License-Identifier: Apache-2.0 */
/* say PROFILE KIND NAME=VALUE...: hands in one record of any kind, field by field, and prints what became of it. */
#include <lianfang/submit.h>

#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 64 };

static void on_told(const lf_result *result, void *user)
{
    int *code = user;
    *code = result->outcome == LF_ACCEPTED || result->outcome == LF_DUPLICATE ? 0 : 1;
    if (*code == 0) {
        (void)printf("%s: entry %llu\n", result->outcome == LF_ACCEPTED ? "accepted" : "duplicate",
                     (unsigned long long)result->index);
    } else {
        (void)printf("refused: %s %s\n", result->error.reason, result->error.field);
    }
}

int main(int argc, char **argv)
{
    lf_field fields[FIELDS_MAX];
    lf_fields said = LF_FIELDS_INIT;
    lf_record record = LF_RECORD_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    int code = 1;
    if (argc < 4 || argc - 3 > FIELDS_MAX || !lf_kind_has(argv[2], NULL)) {
        (void)fprintf(stderr, "usage: say PROFILE KIND NAME=VALUE...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL) {
            (void)fprintf(stderr, "%s: no NAME=VALUE\n", argv[i]);
            return 2;
        }
        *value = '\0';
        fields[said.count++] = (lf_field){argv[i], value + 1};
    }
    said.kind = argv[2];
    said.fields = fields;
    record.fields = &said;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_submit_wait(client, &record, 0, on_told, &code, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s %s: %s\n", lf_status_name(rc), err.reason, err.field,
                      err.message);
    }
    return rc == LF_OK ? code : 1;
}
