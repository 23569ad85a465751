/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uscc/idnumber.c - finds personal ID numbers (GB 11643), and reads text as plain characters.
 */
#include <lianfang/uscc.h>
#include <uscc/plain.h>

#include <utf8proc.h>

#define ID_LEN 18

static bool plain_is_break(utf8proc_int32_t c)
{
    return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* 0 for a character that leaves nothing. */
static char plain_char(utf8proc_int32_t c)
{
    if (plain_is_break(c)) {
        return '\n';
    }
    if (c == '\t' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS) {
        return ' ';
    }
    if (utf8proc_category(c) == UTF8PROC_CATEGORY_CF) {
        return 0;
    }
    if (c <= ' ' || c >= 0x7f) {
        return LF__PLAIN_OTHER;
    }
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static char plain_ascii(uint8_t c)
{
    if (plain_is_break(c)) {
        return '\n';
    }
    if (c == '\t' || c == ' ') {
        return ' ';
    }
    if (c < ' ' || c == 0x7f) {
        return LF__PLAIN_OTHER;
    }
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* U+4E00 to U+9FFF, most of what is written here: letters that stand for nothing else. */
static bool plain_is_han(lf_bytes text)
{
    return text.len >= 3 &&
           ((text.ptr[0] == 0xe4 && text.ptr[1] >= 0xb8) ||
            (text.ptr[0] >= 0xe5 && text.ptr[0] <= 0xe9)) &&
           (text.ptr[1] & 0xc0) == 0x80 && (text.ptr[2] & 0xc0) == 0x80;
}

/* The two cases that need no table: nearly all text, at a tenth of the cost. */
static bool plain_take_simple(lf_bytes *text, char *out)
{
    bool is_ascii = text->ptr[0] < 0x80;
    if (!is_ascii && !plain_is_han(*text)) {
        return false;
    }
    *out = is_ascii ? plain_ascii(text->ptr[0]) : LF__PLAIN_OTHER;
    *text = lf__bytes_slice(*text, is_ascii ? 1 : 3, text->len);
    return true;
}

size_t lf__plain_take(lf_bytes *text, char out[static LF__PLAIN_MAX])
{
    const int nfkd = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT; /* as NFKC, for ASCII results */
    if (plain_take_simple(text, out)) {
        return 1;
    }
    utf8proc_int32_t c = -1;
    utf8proc_int32_t parts[LF__PLAIN_MAX];
    int bound = 0;
    size_t window = text->len < 4 ? text->len : 4;
    utf8proc_ssize_t used = utf8proc_iterate(text->ptr, (utf8proc_ssize_t)window, &c);
    *text = lf__bytes_slice(*text, used > 0 ? (size_t)used : 1, text->len);

    utf8proc_ssize_t n = -1;
    if (used > 0) {
        n = utf8proc_decompose_char(c, parts, LF__PLAIN_MAX, (utf8proc_option_t)nfkd, &bound);
    }
    if (n < 0 || n > LF__PLAIN_MAX) {
        out[0] = LF__PLAIN_OTHER;
        return 1;
    }
    size_t count = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        out[count] = plain_char(parts[i]);
        count += out[count] != 0;
    }
    return count;
}

static bool id_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int id_number(const char *digits, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++) {
        n = n * 10 + (digits[i] - '0');
    }
    return n;
}

bool lf__id_checksum_holds(const char code[static ID_LEN])
{
    static const int weights[ID_LEN - 1] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < ID_LEN - 1; i++) {
        if (!id_is_digit(code[i])) {
            return false;
        }
        sum += (code[i] - '0') * weights[i];
    }
    return code[ID_LEN - 1] == "10X98765432"[sum % 11];
}

static bool id_region_exists(int region)
{
    return (region >= 11 && region <= 65) || region == 71 || (region >= 81 && region <= 83);
}

/* No clock here: a date in the near future is refused all the same. */
static bool id_date_exists(int year, int month, int day)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1850 || year > 2099 || month < 1 || month > 12) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

bool lf__id_number_is(const char code[static ID_LEN])
{
    return lf__id_checksum_holds(code) && id_region_exists(id_number(code, 2)) &&
           id_date_exists(id_number(code + 6, 4), id_number(code + 10, 2),
                          id_number(code + 12, 2)) &&
           !lf__uscc_is_valid(code);
}

/* The last 18 digits seen, and which of them began a group. */
struct id_window {
    char digits[ID_LEN];
    bool begins[ID_LEN];
    size_t len;
    bool at_gap;
};

static void id_window_push(struct id_window *w, char c)
{
    if (w->len == ID_LEN) {
        for (size_t i = 1; i < ID_LEN; i++) {
            w->digits[i - 1] = w->digits[i];
            w->begins[i - 1] = w->begins[i];
        }
        w->len--;
    }
    w->digits[w->len] = c;
    w->begins[w->len] = w->at_gap || w->len == 0;
    w->len++;
    w->at_gap = false;
}

/* A number in groups must begin where a group begins, or two neighbours would make a third. */
static bool id_window_hits(const struct id_window *w)
{
    if (w->len < ID_LEN) {
        return false;
    }
    bool grouped = false;
    for (size_t i = 1; i < ID_LEN; i++) {
        grouped = grouped || w->begins[i];
    }
    return (w->begins[0] || !grouped) && lf__id_number_is(w->digits);
}

static bool id_window_feed(struct id_window *w, char c)
{
    if (id_is_digit(c) || c == 'X') {
        id_window_push(w, c);
        return id_window_hits(w);
    }
    if (c == ' ' || c == '-') {
        w->at_gap = true;
    } else {
        *w = (struct id_window){.len = 0};
    }
    return false;
}

/* Too few digits for a number, in text that is nothing but ASCII and Han: nearly every note there is. */
static bool id_is_impossible(lf_bytes text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.ptr[i];
        bool is_ascii = c < 0x80;
        if (!is_ascii && !plain_is_han(lf__bytes_slice(text, i, 3))) {
            return false;
        }
        digits += (c >= '0' && c <= '9') || c == 'x' || c == 'X' ? 1 : 0;
        i += is_ascii ? 1 : 3;
    }
    return digits < ID_LEN;
}

bool lf_text_has_id_number(const char *text, size_t len)
{
    struct id_window window = {.len = 0};
    lf_bytes rest = {(const uint8_t *)text, text == NULL ? 0 : len};
    if (id_is_impossible(rest)) {
        return false;
    }
    while (rest.len > 0) {
        char chars[LF__PLAIN_MAX];
        size_t n = lf__plain_take(&rest, chars);
        for (size_t i = 0; i < n; i++) {
            if (id_window_feed(&window, chars[i])) {
                return true;
            }
        }
    }
    return false;
}
