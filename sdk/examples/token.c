/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token PROFILE KEY CODE, with the number of the legal representative's document and the settlement account on standard input, a
 * line each: says who a merchant is by tokens. The numbers are wiped before anything is sent, and go nowhere.
 */
#include <lianfang/submit.h>
#include <lianfang/token.h>

#include <stdio.h>
#include <string.h>

static void on_told(const lf_result *result, void *user)
{
    (void)user;
    (void)printf("%s: entry %llu\n", result->outcome == LF_REFUSED ? result->error.reason : "taken",
                 (unsigned long long)result->index);
}

static lf_status line_token(const lf_token_key *key, lf_token_of of, char out[LF_TOKEN_HEX_LEN + 1],
                            lf_error *err)
{
    char line[256] = "";
    if (fgets(line, sizeof line, stdin) == NULL) {
        (void)fprintf(stderr, "a line is missing\n");
        return LF_E_ARG;
    }
    return lf_token_make(key, of, line, strcspn(line, "\r\n"), out, err);
}

static lf_status identity_say(lf_client *client, const char *code, const char *person,
                              const char *account, lf_error *err)
{
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    lf_field words[] = {{"uscc", code}, {"legal_rep_token", person}, {"account_token", account}};
    fields.kind = "merchant-identity";
    fields.fields = words;
    fields.count = sizeof words / sizeof words[0];
    record.fields = &fields;
    return lf_submit_wait(client, &record, 0, on_told, NULL, err);
}

int main(int argc, char **argv)
{
    char person[LF_TOKEN_HEX_LEN + 1];
    char account[LF_TOKEN_HEX_LEN + 1];
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_token_key *key = NULL;
    if (argc != 4) {
        (void)fprintf(stderr, "usage: token PROFILE KEY CODE <NUMBERS\n");
        return 2;
    }
    (void)setvbuf(stdin, NULL, _IONBF, 0); /* no other copy of the lines */
    lf_status rc = lf_token_key_load(argv[2], &key, &err);
    rc = rc == LF_OK ? line_token(key, LF_TOKEN_LEGAL_REP, person, &err) : rc;
    rc = rc == LF_OK ? line_token(key, LF_TOKEN_ACCOUNT, account, &err) : rc;
    lf_token_key_free(key);
    rc = rc == LF_OK ? lf_client_open(argv[1], &client, &err) : rc;
    rc = rc == LF_OK ? identity_say(client, argv[3], person, account, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
