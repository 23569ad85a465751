/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: a value in normal form, under a key. Every place where the value stood is wiped. */
#include <lianfang/token.h>

#include <base/crypto/hash.h>
#include <base/secret.h>
#include <base/status.h>
#include <uscc/plain.h>

#include <stdlib.h>
#include <string.h>

enum {
    TOKEN_KEY = 32,
    TOKEN_LABEL = 18, /* with the 00 behind it */
    ID_LEN = 18,
    ID_OLD_LEN = 15,
    MOBILE_LEN = 11
};

struct lf_token_key {
    struct lf__secret *secret;
};

lf_status lf_token_key_load(const char *path, lf_token_key **out, lf_error *err)
{
    LF_SECRET *secret = NULL;
    if (path == NULL || out == NULL) {
        return lf__fail(err, LF_E_ARG, "token key: a path is needed");
    }
    lf_status rc = lf__secret_load(path, TOKEN_KEY, &secret, err);
    lf_token_key *key = rc == LF_OK ? malloc(sizeof *key) : NULL;
    if (rc == LF_OK && key == NULL) {
        return lf__fail(err, LF_E_NOMEM, "token key: out of memory");
    }
    if (rc == LF_OK) {
        key->secret = secret;
        secret = NULL;
        *out = key;
    }
    return rc;
}

lf_status lf_token_key_make(const char *path, lf_error *err)
{
    LF_SECRET *secret = lf__secret_new(TOKEN_KEY);
    if (path == NULL || secret == NULL) {
        return lf__fail(err, path == NULL ? LF_E_ARG : LF_E_NOMEM, "token key: cannot be made");
    }
    lf__random(lf__secret_bytes(secret), TOKEN_KEY);
    return lf__secret_save(path, secret, err);
}

void lf_token_key_free(lf_token_key *key)
{
    if (key != NULL) {
        lf__secret_free(key->secret);
        free(key);
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool all_are(const struct lf__plain *text, bool (*is)(char))
{
    for (size_t i = 0; i < text->len; i++) {
        if (!is(text->chars[i])) {
            return false;
        }
    }
    return true;
}

static void drop(struct lf__plain *text, const char *chars)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (strchr(chars, text->chars[i]) == NULL) {
            text->chars[kept++] = text->chars[i];
        }
    }
    text->len = kept;
    text->chars[kept] = '\0';
}

/* Before 1999 numbers had no century and no check digit: the only one that fits makes today's. */
static bool id_extend(struct lf__plain *text)
{
    static const char digits[] = "0123456789X";
    char code[ID_LEN + 1] = "";
    lf__copy((uint8_t *)code, (const uint8_t *)text->chars, 6);
    lf__copy((uint8_t *)code + 6, (const uint8_t *)"19", 2);
    lf__copy((uint8_t *)code + 8, (const uint8_t *)text->chars + 6, ID_OLD_LEN - 6);
    bool found = false;
    for (size_t i = 0; !found && digits[i] != '\0'; i++) {
        code[ID_LEN - 1] = digits[i];
        found = lf__id_number_is(code);
    }
    if (found) {
        lf__copy((uint8_t *)text->chars, (const uint8_t *)code, sizeof code);
        text->len = ID_LEN;
    }
    lf__secret_wipe(code, sizeof code);
    return found;
}

static bool legal_rep_read(struct lf__plain *text)
{
    drop(text, "-()");
    if (!all_are(text, is_word) || text->len < 5 || text->len > 32) {
        return false;
    }
    bool is_old = text->len == ID_OLD_LEN && all_are(text, is_digit);
    return is_old ? id_extend(text)
                  : text->len != ID_LEN || lf__id_checksum_holds(text->chars) ||
                        lf__uscc_is_valid(text->chars); /* a firm may represent another */
}

static bool is_account(char c)
{
    return is_word(c) || c == '@' || c == '.' || c == '_';
}

static bool account_read(struct lf__plain *text)
{
    drop(text, "-");
    return text->len >= 4 && text->len <= LF__PLAIN_KEPT && all_are(text, is_account);
}

static bool phone_read(struct lf__plain *text)
{
    static const char *const countries[] = {"0086", "86"};
    drop(text, "-()+");
    for (size_t i = 0; i < LF_COUNT(countries); i++) {
        size_t len = strlen(countries[i]);
        if (text->len == len + MOBILE_LEN && strncmp(text->chars, countries[i], len) == 0 &&
            text->chars[len] == '1') {
            memmove(text->chars, text->chars + len, MOBILE_LEN + 1);
            text->len = MOBILE_LEN;
        }
    }
    return text->len >= 7 && text->len <= 15 && all_are(text, is_digit);
}

static bool value_read(lf_token_of of, const char *clear, size_t len, struct lf__plain *out)
{
    *out = lf__plain_read(clear, len);
    if (out->len == 0 || out->len > LF__PLAIN_KEPT) {
        return false;
    }
    return of == LF_TOKEN_LEGAL_REP ? legal_rep_read(out)
           : of == LF_TOKEN_ACCOUNT ? account_read(out)
                                    : of == LF_TOKEN_PHONE && phone_read(out);
}

lf_status lf_token_make(const lf_token_key *key, lf_token_of of, char *clear, size_t len,
                        char out[LF_TOKEN_HEX_LEN + 1], lf_error *err)
{
    static const uint8_t label[TOKEN_LABEL] = "lianfang/v1 token";
    struct lf__plain text;
    uint8_t bytes[TOKEN_LABEL + 1 + LF__PLAIN_KEPT];
    if (key == NULL || clear == NULL || out == NULL) {
        return lf__fail(err, LF_E_ARG, "token: a key and a value are needed");
    }
    bool good = value_read(of, clear, len, &text);
    lf__secret_wipe(clear, len);
    if (good) {
        lf__copy(bytes, label, TOKEN_LABEL);
        bytes[TOKEN_LABEL] = (uint8_t)of;
        lf__copy(bytes + TOKEN_LABEL + 1, (const uint8_t *)text.chars, text.len);
        struct lf__hash token = lf__hmac_sha256((lf_bytes){lf__secret_view(key->secret), TOKEN_KEY},
                                                (lf_bytes){bytes, TOKEN_LABEL + 1 + text.len});
        (void)lf__hex(lf__hash_bytes(&token), out, LF_TOKEN_HEX_LEN + 1);
        lf__secret_wipe(bytes, sizeof bytes);
    }
    lf__secret_wipe(&text, sizeof text);
    return good ? LF_OK
                : lf__refuse(err, LF_E_REJECTED, "TOKEN_VALUE", "",
                             "token: not the number of a document, account or telephone");
}
