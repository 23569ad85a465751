/* SPDX-License-Identifier: Apache-2.0 */
/* tokens.json: values of persons and accounts in the spellings that are one, and what is no value. Invented, but for the sample
 * number of GB 11643. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/secret.h"
#include "base/status.h"

#include <lianfang/token.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    lf_token_of of;
    const char *text;
} values[] = {
    {LF_TOKEN_LEGAL_REP, "11010519491231002X"},
    {LF_TOKEN_LEGAL_REP, "110105 19491231 002x"},
    {LF_TOKEN_LEGAL_REP, "110105491231002"},
    {LF_TOKEN_LEGAL_REP, "E12345678"},
    {LF_TOKEN_LEGAL_REP, "91999999ma00000154"},
    {LF_TOKEN_ACCOUNT, "6222 0202 0011 2233 445"},
    {LF_TOKEN_ACCOUNT, "shop@example.com"},
    {LF_TOKEN_ACCOUNT, "13800138000"},
    {LF_TOKEN_PHONE, "13800138000"},
    {LF_TOKEN_PHONE, "+86 138-0013-8000"},
    {LF_TOKEN_PHONE, "(010) 12345678"},
    {LF_TOKEN_LEGAL_REP, "欧阳某某"},
    {LF_TOKEN_LEGAL_REP, "110105194912310021"},
    {LF_TOKEN_LEGAL_REP, "110105491331002"},
    {LF_TOKEN_LEGAL_REP, "1234"},
    {LF_TOKEN_ACCOUNT, "12"},
    {LF_TOKEN_PHONE, "123456"},
    {LF_TOKEN_PHONE, "1380013800O"},
};

/* The library takes keys from files alone. */
static lf_token_key *key_of(const struct lf__hash *bytes)
{
    char path[] = "/tmp/lf-vector-key-XXXXXX";
    char text[LF_HEX_SIZE(LF_HASH_BYTES)];
    lf_token_key *key = NULL;
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    (void)lf__hex(lf__hash_bytes(bytes), text, sizeof text);
    LF_BUG_IF(file == NULL || fprintf(file, "%s\n", text) < 0 || fclose(file) != 0);
    LF_BUG_IF(lf_token_key_load(path, &key, NULL) != LF_OK);
    (void)unlink(path);
    return key;
}

json_t *vectors_tokens(struct vector_world *world)
{
    struct lf__hash bytes = lf__sha256(lf__bytes_str("lianfang/v1 test vector token key"));
    lf_token_key *key = key_of(&bytes);
    json_t *file = json_object();
    json_t *good = json_array();
    json_t *bad = json_array();
    (void)world;
    for (size_t i = 0; i < LF_COUNT(values); i++) {
        char clear[128];
        char token[LF_TOKEN_HEX_LEN + 1];
        lf_error err = LF_ERROR_INIT;
        size_t len = strlen(values[i].text);
        json_t *one = json_object();
        LF_BUG_IF(!lf__copy_str(clear, sizeof clear, lf__bytes_str(values[i].text)));
        lf_status rc = lf_token_make(key, values[i].of, clear, len, token, &err);
        vector_set(one, "of", json_integer((json_int_t)values[i].of));
        vector_set(one, "value", json_string(values[i].text));
        vector_set(one, rc == LF_OK ? "token" : "reason",
                   json_string(rc == LF_OK ? token : err.reason));
        vector_add(rc == LF_OK ? good : bad, one);
    }
    lf_token_key_free(key);
    vector_set(file, "key", vector_hash(&bytes));
    vector_set(file, "tokens", good);
    vector_set(file, "refused", bad);
    return file;
}
