/* SPDX-License-Identifier: Apache-2.0 */
#include "names/names.h"

#include "base/bytes.h"
#include "base/status.h"

#include <opencc/opencc.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* CJK unified ideographs with extension A. */
enum { IDEOGRAPH_FIRST = 0x3400, IDEOGRAPH_END = 0xa000 };

struct lf__names {
    utf8proc_int32_t simplified[IDEOGRAPH_END - IDEOGRAPH_FIRST];
};

/* Radicals that NFKC leaves apart from the characters that they look like. */
static const struct {
    utf8proc_int32_t radical;
    utf8proc_int32_t character;
} radicals[] = {{0x2e8b, 0x5369}, {0x2ea0, 0x6c11}, {0x2ec5, 0x89c1}, {0x2ec8, 0x89d2},
                {0x2ec9, 0x8d1d}, {0x2ecb, 0x8f66}, {0x2ed3, 0x957f}, {0x2ed4, 0x957f},
                {0x2ed8, 0x9752}, {0x2ed9, 0x97e6}, {0x2eda, 0x9875}, {0x2edb, 0x98ce},
                {0x2edc, 0x98de}, {0x2ee0, 0x9963}, {0x2ee2, 0x9a6c}, {0x2ee5, 0x9c7c},
                {0x2ee6, 0x9e1f}, {0x2ee8, 0x9ea6}, {0x2ee9, 0x9ec4}, {0x2eea, 0x9efe},
                {0x2eec, 0x9f50}, {0x2eed, 0x6b6f}, {0x2eee, 0x9f7f}, {0x2eef, 0x7adc},
                {0x2ef0, 0x9f99}, {0x2ef1, 0x9f9c}, {0x2ef2, 0x4e80}, {0x2ef3, 0x9f9f}};

/* Every ideograph on a line of its own: asked one by one in a table, which is a thousand times as fast as asking OpenCC each time. */
static lf_status ideographs_put(struct lf__buf *out, lf_error *err)
{
    for (utf8proc_int32_t c = IDEOGRAPH_FIRST; c < IDEOGRAPH_END; c++) {
        utf8proc_uint8_t bytes[4];
        size_t len = (size_t)utf8proc_encode_char(c, bytes);
        (void)lf__buf_append(out, (lf_bytes){bytes, len});
        (void)lf__buf_u8(out, '\n');
    }
    return lf__buf_status(out, err);
}

/* The first character of each line. */
static bool table_read(struct lf__names *names, const char *lines)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)lines;
    for (size_t i = 0; i < LF_COUNT(names->simplified); i++) {
        const char *end = strchr((const char *)at, '\n');
        if (end == NULL || utf8proc_iterate(at, -1, &names->simplified[i]) <= 0) {
            return false;
        }
        at = (const utf8proc_uint8_t *)end + 1;
    }
    return true;
}

static lf_status table_make(struct lf__names *names, lf_error *err)
{
    LF_BUF all;
    lf__buf_init(&all, 1 << 20);
    lf_status rc = ideographs_put(&all, err);
    opencc_t simplify =
        rc == LF_OK ? opencc_open(OPENCC_DEFAULT_CONFIG_TRAD_TO_SIMP) : (opencc_t)-1;
    if (simplify == (opencc_t)-1) {
        return rc != LF_OK ? rc
                           : lf__fail(err, LF_E_NOT_FOUND,
                                      "names: OpenCC's traditional characters are not installed");
    }
    char *lines = opencc_convert_utf8(simplify, (const char *)all.ptr, all.len);
    if (lines == NULL || !table_read(names, lines)) {
        rc = lf__fail(err, LF_E_FORMAT, "names: OpenCC's table is not understood");
    }
    if (lines != NULL) {
        opencc_convert_utf8_free(lines);
    }
    (void)opencc_close(simplify);
    return rc;
}

lf_status lf__names_open(struct lf__names **out, lf_error *err)
{
    struct lf__names *names = calloc(1, sizeof *names);
    lf_status rc =
        names == NULL ? lf__fail(err, LF_E_NOMEM, "names: out of memory") : table_make(names, err);
    if (rc != LF_OK) {
        free(names);
        return rc;
    }
    *out = names;
    return LF_OK;
}

void lf__names_free(struct lf__names *names)
{
    free(names);
}

/* Blanks, controls, invisible characters, brackets, dots, dashes and underscores say nothing of who it is. */
static bool is_dropped(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC ||
           category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_PS ||
           category == UTF8PROC_CATEGORY_PE || category == UTF8PROC_CATEGORY_PD ||
           category == UTF8PROC_CATEGORY_PC || category == UTF8PROC_CATEGORY_PI ||
           category == UTF8PROC_CATEGORY_PF || c == '.' || c == 0xb7 || c == 0x2022 || c == 0x30fb;
}

static utf8proc_int32_t character_of(const struct lf__names *names, utf8proc_int32_t c)
{
    if (c >= IDEOGRAPH_FIRST && c < IDEOGRAPH_END) {
        return names->simplified[c - IDEOGRAPH_FIRST];
    }
    for (size_t i = 0; i < LF_COUNT(radicals); i++) {
        if (radicals[i].radical == c) {
            return radicals[i].character;
        }
    }
    return utf8proc_toupper(c);
}

static void characters_fold(const struct lf__names *names, const utf8proc_uint8_t *text,
                            struct lf__buf *out)
{
    utf8proc_int32_t c = 0;
    utf8proc_ssize_t step = utf8proc_iterate(text, -1, &c);
    for (; step > 0 && c != 0; text += step, step = utf8proc_iterate(text, -1, &c)) {
        utf8proc_uint8_t bytes[4];
        if (!is_dropped(c)) {
            size_t len = (size_t)utf8proc_encode_char(character_of(names, c), bytes);
            (void)lf__buf_append(out, (lf_bytes){bytes, len});
        }
    }
}

/* A suffix in place; the buffer only becomes shorter. */
static void form_fold(struct lf__buf *name)
{
    static const char longer[] = "有限责任公司";
    static const char shorter[] = "有限公司";
    size_t len = sizeof longer - 1;
    if (name->len >= len && memcmp(name->ptr + name->len - len, longer, len) == 0) {
        lf__copy(name->ptr + name->len - len, shorter, sizeof shorter - 1);
        name->len -= len - (sizeof shorter - 1);
    }
}

/* Not in the middle of a character. */
static lf_bytes cut(lf_bytes name)
{
    size_t len = name.len < LF_NAME_MAX ? name.len : LF_NAME_MAX;
    while (len < name.len && len > 0 && (name.ptr[len] & 0xc0) == 0x80) {
        len--;
    }
    return (lf_bytes){name.ptr, len};
}

lf_status lf__names_fold(const struct lf__names *names, lf_bytes name, struct lf__buf *out,
                         lf_error *err)
{
    utf8proc_uint8_t *composed = NULL;
    lf_bytes part = cut(name);
    lf__buf_clear(out);
    utf8proc_ssize_t n = utf8proc_map(part.ptr, (utf8proc_ssize_t)part.len, &composed,
                                      UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE);
    if (n > 0) {
        characters_fold(names, composed, out);
        form_fold(out);
    }
    free(composed);
    return n == UTF8PROC_ERROR_NOMEM ? lf__fail(err, LF_E_NOMEM, "name: out of memory")
                                     : lf__buf_status(out, err);
}
