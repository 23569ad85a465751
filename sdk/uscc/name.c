/* SPDX-License-Identifier: Apache-2.0 */
#include "uscc/name.h"

#include "base/buf.h"
#include "base/bytes.h"

#include <stdlib.h>
#include <utf8proc.h>

enum { FOLDED_MAX = 1 << 20 }; /* bytes of a text as folded; one character makes at most 18 */

/* Letters and digits of any script; with blanks, brackets, hyphens and dots spelling is free. */
static bool is_kept(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* A limited company may call itself 有限责任公司 or 有限公司. */
static void company_fold(struct lf__buf *text)
{
    lf_bytes longer = lf__bytes_str("有限责任公司");
    size_t head = sizeof "有限" - 1;
    size_t dropped = sizeof "责任" - 1;
    size_t kept = 0;
    for (size_t i = 0; i < text->len;) {
        bool is_here = lf__bytes_eq(lf__bytes_slice(lf__buf_bytes(text), i, longer.len), longer);
        for (size_t n = is_here ? head : 1; n > 0; n--) {
            text->ptr[kept++] = text->ptr[i++];
        }
        i += is_here ? dropped : 0;
    }
    text->len = kept;
}

/* NFKC and case folding; the caller frees *out. Below zero: no text. */
static utf8proc_ssize_t plain_map(lf_bytes text, utf8proc_uint8_t **out)
{
    utf8proc_option_t how =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    return utf8proc_map(text.ptr, (utf8proc_ssize_t)text.len, out, how);
}

/* False for a name that says nothing: masked, or no text. */
static bool fold(lf_bytes name, struct lf__buf *out)
{
    utf8proc_uint8_t *plain = NULL;
    bool is_masked = false;
    utf8proc_ssize_t len = plain_map(name, &plain);
    for (utf8proc_ssize_t at = 0; at < len;) {
        utf8proc_int32_t c = -1;
        utf8proc_ssize_t used = utf8proc_iterate(plain + at, len - at, &c);
        if (used <= 0) {
            break;
        }
        is_masked = is_masked || c == '*';
        if (is_kept(c)) {
            (void)lf__buf_append(out, (lf_bytes){plain + at, (size_t)used});
        }
        at += used;
    }
    free(plain);
    company_fold(out);
    return len > 0 && !is_masked && !out->failed && out->len > 0;
}

bool lf__name_is_same(lf_bytes a, lf_bytes b)
{
    LF_BUF one;
    LF_BUF two;
    lf__buf_init(&one, 4 * LF__NAME_MAX);
    lf__buf_init(&two, 4 * LF__NAME_MAX);
    if (a.len > LF__NAME_MAX || b.len > LF__NAME_MAX) {
        return false;
    }
    return !fold(a, &one) || !fold(b, &two) ||
           lf__bytes_eq(lf__buf_bytes(&one), lf__buf_bytes(&two));
}

/* Letters and digits, without the marks that could be set between them; no text leaves nothing. */
static void letters_fold(lf_bytes text, bool keeps_star, struct lf__buf *out)
{
    utf8proc_uint8_t *plain = NULL;
    utf8proc_ssize_t len = plain_map(text, &plain);
    for (utf8proc_ssize_t at = 0; at < len;) {
        utf8proc_int32_t c = -1;
        utf8proc_ssize_t used = utf8proc_iterate(plain + at, len - at, &c);
        if (used <= 0) {
            break;
        }
        utf8proc_category_t category = utf8proc_category(c);
        bool is_mark = category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
        if ((is_kept(c) && !is_mark) || (keeps_star && c == '*')) {
            (void)lf__buf_append(out, (lf_bytes){plain + at, (size_t)used});
        }
        at += used;
    }
    free(plain);
}

static bool bytes_hold(lf_bytes text, lf_bytes part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++) {
        if (lf__bytes_eq(lf__bytes_slice(text, i, part.len), part)) {
            return true;
        }
    }
    return false;
}

static size_t char_len(lf_bytes text)
{
    size_t len = text.len > 0 ? 1 : 0;
    while (len < text.len && (text.ptr[len] & 0xc0) == 0x80) {
        len++;
    }
    return len;
}

/* The dots that join the parts of a name: U+00B7 and its look-alikes. */
static bool is_joint(lf_bytes character)
{
    static const char *const joints[] = {"\u00b7", "\u2022", "\u2027", "\u30fb", "\uff0e"};
    for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
        if (lf__bytes_eq_str(character, joints[i])) {
            return true;
        }
    }
    return false;
}

static void person_mask(lf_bytes name, struct lf__buf *out)
{
    for (size_t at = 0; at < name.len;) {
        lf_bytes character = lf__bytes_slice(name, at, name.len - at);
        character = lf__bytes_slice(character, 0, char_len(character));
        if (at == 0 || is_joint(character)) {
            (void)lf__buf_append(out, character);
        } else {
            (void)lf__buf_str(out, "*");
        }
        at += character.len;
    }
}

static bool has_star(lf_bytes name)
{
    bool has = false;
    for (size_t i = 0; i < name.len; i++) {
        has = has || name.ptr[i] == '*';
    }
    return has;
}

void lf__name_mask(lf_bytes name, lf_bytes operator_name, struct lf__buf *out)
{
    if (has_star(name)) {
        (void)lf__buf_append(out, name);
        return;
    }
    if (operator_name.len == 0) {
        (void)lf__buf_append(out, lf__bytes_slice(name, 0, char_len(name)));
        (void)lf__buf_str(out, name.len > 0 ? "***" : "");
        return;
    }
    for (size_t at = 0; at < name.len;) {
        lf_bytes here = lf__bytes_slice(name, at, operator_name.len);
        bool is_person = lf__bytes_eq(here, operator_name);
        if (is_person) {
            person_mask(here, out);
        } else {
            (void)lf__buf_u8(out, name.ptr[at]);
        }
        at += is_person ? here.len : 1;
    }
}

bool lf__text_holds(lf_bytes text, lf_bytes part)
{
    LF_BUF all;
    LF_BUF one;
    bool keeps_star = has_star(part);
    lf__buf_init(&all, FOLDED_MAX);
    lf__buf_init(&one, FOLDED_MAX);
    letters_fold(text, keeps_star, &all);
    letters_fold(part, keeps_star, &one);
    return bytes_hold(text, part) ||
           (!all.failed && !one.failed && bytes_hold(lf__buf_bytes(&all), lf__buf_bytes(&one)));
}
