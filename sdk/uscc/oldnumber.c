/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uscc/oldnumber.c - registration numbers (GS 15-2006) and organisation codes (GB 11714).
 */
#include <base/status.h>
#include <lianfang/uscc.h>
#include <uscc/plain.h>

static void plain_push(struct lf__plain *t, char c)
{
    if (c == ' ' || c == '\n') {
        return;
    }
    if (t->len < LF__PLAIN_KEPT) {
        t->chars[t->len] = c;
    }
    t->len++;
}

struct lf__plain lf__plain_read(const char *text, size_t len)
{
    struct lf__plain out = {.len = 0};
    lf_bytes rest = {(const uint8_t *)text, len};
    while (rest.len > 0) {
        char chars[LF__PLAIN_MAX];
        size_t n = lf__plain_take(&rest, chars);
        for (size_t i = 0; i < n; i++) {
            plain_push(&out, chars[i]);
        }
    }
    return out;
}

static bool plain_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t lf__plain_digits(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && plain_is_digit(text[n])) {
        n++;
    }
    return n;
}

bool lf__regno_holds(const char *text, size_t len)
{
    if (len != LF_REGNO_LEN || lf__plain_digits(text, len) != len) {
        return false;
    }
    int p = 10;
    for (size_t i = 0; i < LF_REGNO_LEN - 1; i++) {
        int s = (p + text[i] - '0') % 10;
        p = (s == 0 ? 10 : s) * 2 % 11;
    }
    return text[LF_REGNO_LEN - 1] - '0' == (11 - p) % 10;
}

/* Letters count A=10 to Z=35, unlike in the outer code. */
static int orgcode_value(char c)
{
    return plain_is_digit(c) ? c - '0' : c - 'A' + 10;
}

static bool orgcode_has_shape(const char *text)
{
    for (size_t i = 0; i < LF_ORGCODE_LEN - 1; i++) {
        if (!plain_is_digit(text[i]) && (text[i] < 'A' || text[i] > 'Z')) {
            return false;
        }
    }
    return plain_is_digit(text[LF_ORGCODE_LEN - 1]) || text[LF_ORGCODE_LEN - 1] == 'X';
}

bool lf__orgcode_holds(const char text[static 9])
{
    static const int weights[LF_ORGCODE_LEN - 1] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < LF_ORGCODE_LEN - 1; i++) {
        sum += orgcode_value(text[i]) * weights[i];
    }
    return orgcode_has_shape(text) && text[LF_ORGCODE_LEN - 1] == "0X987654321"[sum % 11];
}

bool lf__orgcode_take(const struct lf__plain *t, char out[static LF_ORGCODE_LEN + 1])
{
    size_t last = t->len == LF_ORGCODE_LEN + 1 && t->chars[8] == '-' ? 9 : 8;
    if (t->len != last + 1) {
        return false;
    }
    lf__copy(out, t->chars, 8);
    out[8] = t->chars[last];
    out[9] = '\0';
    return orgcode_has_shape(out);
}

lf_status lf_regno_check(const char *text, size_t len, char out[LF_REGNO_LEN + 1], lf_error *err)
{
    if (text == NULL) {
        return lf__fail(err, LF_E_ARG, "registration number is NULL");
    }
    struct lf__plain plain = lf__plain_read(text, len);
    if (!lf__regno_holds(plain.chars, plain.len)) {
        return lf__fail(err, LF_E_REJECTED, "registration number is not 15 digits that check");
    }
    if (out != NULL) {
        lf__copy(out, plain.chars, LF_REGNO_LEN + 1);
    }
    return LF_OK;
}

lf_status lf_orgcode_check(const char *text, size_t len, char out[LF_ORGCODE_LEN + 1],
                           lf_error *err)
{
    char code[LF_ORGCODE_LEN + 1];
    if (text == NULL) {
        return lf__fail(err, LF_E_ARG, "organisation code is NULL");
    }
    struct lf__plain plain = lf__plain_read(text, len);
    if (!lf__orgcode_take(&plain, code) || !lf__orgcode_holds(code)) {
        return lf__fail(err, LF_E_REJECTED, "organisation code is not 9 characters that check");
    }
    if (out != NULL) {
        lf__copy(out, code, sizeof(code));
    }
    return LF_OK;
}
