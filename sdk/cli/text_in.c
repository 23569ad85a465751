/* SPDX-License-Identifier: Apache-2.0 */
/* Both encodings are checked here by their structure; iconv only translates. */
#include "cli/text_in.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { STEP_BROKEN = 0, STEP_CUT = -1, BOM_BYTES = 3 };

static bool is_within(unsigned c, unsigned low, unsigned high)
{
    return c >= low && c <= high;
}

/* Bytes of the well-formed character (RFC 3629, not NUL) at `p`, STEP_BROKEN, or STEP_CUT by the end. */
static int utf8_step(const unsigned char *p, size_t len)
{
    unsigned c = p[0];
    int want = is_within(c, 1, 0x7f)      ? 1
               : is_within(c, 0xc2, 0xdf) ? 2
               : is_within(c, 0xe0, 0xef) ? 3
               : is_within(c, 0xf0, 0xf4) ? 4
                                          : STEP_BROKEN;
    unsigned low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    for (int i = 1; i < want; i++) {
        if ((size_t)i >= len) {
            return STEP_CUT;
        }
        if (!is_within(p[i], i == 1 ? low : 0x80, i == 1 ? high : 0xbf)) {
            return STEP_BROKEN;
        }
    }
    return want;
}

/* The same of GB 18030: one, two or four bytes. No trail byte is a quote, a comma or an end of line. */
static int gb_step(const unsigned char *p, size_t len)
{
    if (p[0] < 0x80 || p[0] == 0x80 || p[0] == 0xff) {
        return is_within(p[0], 1, 0x7f) ? 1 : STEP_BROKEN;
    }
    if (len < 2) {
        return STEP_CUT;
    }
    if (is_within(p[1], 0x40, 0xfe) && p[1] != 0x7f) {
        return 2;
    }
    if (!is_within(p[1], 0x30, 0x39)) {
        return STEP_BROKEN;
    }
    if (len < 4) {
        return len == 3 && !is_within(p[2], 0x81, 0xfe) ? STEP_BROKEN : STEP_CUT;
    }
    return is_within(p[2], 0x81, 0xfe) && is_within(p[3], 0x30, 0x39) ? 4 : STEP_BROKEN;
}

typedef int step_of(const unsigned char *p, size_t len);

/* Broken characters; *rest gets how many bytes at the end begin one that is not whole. */
static unsigned long long broken_count(step_of *step, const unsigned char *p, size_t len,
                                       size_t *rest)
{
    unsigned long long broken = 0;
    size_t at = 0;
    int n = 1;
    while (at < len && n != STEP_CUT) {
        n = step(p + at, len - at);
        broken += n == STEP_BROKEN ? 1 : 0;
        at += n > 0 ? (size_t)n : n == STEP_BROKEN ? 1 : 0;
    }
    *rest = len - at;
    return broken;
}

/* How badly the whole file fits an encoding. */
static unsigned long long misfit(struct text_in *in, step_of *step)
{
    unsigned long long broken = 0;
    size_t rest = 0;
    size_t got = 0;
    rewind(in->file);
    while ((got = fread(in->raw + rest, 1, sizeof in->raw - rest, in->file)) > 0) {
        size_t len = rest + got;
        broken += broken_count(step, in->raw, len, &rest);
        memmove(in->raw, in->raw + len - rest, rest);
    }
    return broken + (rest > 0 ? 1 : 0);
}

const char *text_in_open(FILE *file, struct text_in *out)
{
    unsigned char mark[BOM_BYTES] = {0};
    out->file = file;
    out->is_gb18030 = false;
    out->converter = (iconv_t)-1;
    rewind(file);
    size_t got = fread(mark, 1, sizeof mark, file);
    if (got >= 2 && (memcmp(mark, "\xff\xfe", 2) == 0 || memcmp(mark, "\xfe\xff", 2) == 0)) {
        return "is UTF-16; save it as UTF-8";
    }
    if (got < BOM_BYTES || memcmp(mark, "\xef\xbb\xbf", BOM_BYTES) != 0) {
        unsigned long long utf8 = misfit(out, utf8_step);
        out->is_gb18030 = utf8 > 0 && misfit(out, gb_step) < utf8;
    }
    if (out->is_gb18030) {
        out->converter = iconv_open("UTF-8", "GB18030");
        if (out->converter == (iconv_t)-1) {
            return "is GB18030, which this system does not convert";
        }
    }
    return ferror(file) != 0 || !text_in_rewind(out) ? strerror(errno == 0 ? EIO : errno) : NULL;
}

void text_in_close(struct text_in *in)
{
    if (in->converter != (iconv_t)-1) {
        (void)iconv_close(in->converter);
    }
    in->converter = (iconv_t)-1;
}

bool text_in_rewind(struct text_in *in)
{
    unsigned char mark[BOM_BYTES] = {0};
    clearerr(in->file);
    in->carried = 0;
    in->is_at_end = false;
    if (fseek(in->file, 0, SEEK_SET) != 0) {
        return false;
    }
    size_t got = fread(mark, 1, sizeof mark, in->file);
    bool has_mark = got == BOM_BYTES && memcmp(mark, "\xef\xbb\xbf", BOM_BYTES) == 0;
    return fseek(in->file, has_mark ? BOM_BYTES : 0, SEEK_SET) == 0;
}

struct output {
    char *at;
};

static void broken_put(struct output *out)
{
    memcpy(out->at, TEXT_BROKEN, strlen(TEXT_BROKEN));
    out->at += strlen(TEXT_BROKEN);
}

/* One well-formed character of GB 18030; it may still be one that stands for nothing. */
static void gb_put(iconv_t converter, const unsigned char *p, size_t len, struct output *out)
{
    char *from = (char *)(uintptr_t)p;
    size_t room = 8;
    if (p[0] < 0x80) {
        *out->at++ = (char)p[0];
    } else if (iconv(converter, &from, &len, &out->at, &room) == (size_t)-1) {
        (void)iconv(converter, NULL, NULL, NULL, NULL);
        broken_put(out);
    }
}

/* Translates what is whole of `raw`; gives how many bytes it used. */
static size_t piece_translate(struct text_in *in, size_t len, struct output *out)
{
    step_of *step = in->is_gb18030 ? gb_step : utf8_step;
    size_t at = 0;
    while (at < len) {
        int n = step(in->raw + at, len - at);
        if (n == STEP_CUT && !in->is_at_end) {
            break;
        }
        if (n <= 0) {
            broken_put(out);
            n = 1;
        } else if (in->is_gb18030) {
            gb_put(in->converter, in->raw + at, (size_t)n, out);
        } else {
            memcpy(out->at, in->raw + at, (size_t)n);
            out->at += n;
        }
        at += (size_t)n;
    }
    return at;
}

size_t text_in_read(struct text_in *in, const char **out)
{
    struct output output = {in->text};
    while (output.at == in->text && !in->is_at_end) {
        size_t got = fread(in->raw + in->carried, 1, sizeof in->raw - in->carried, in->file);
        size_t len = in->carried + got;
        in->is_at_end = got == 0;
        size_t used = piece_translate(in, len, &output);
        in->carried = len - used;
        memmove(in->raw, in->raw + used, in->carried);
    }
    *out = in->text;
    return (size_t)(output.at - in->text);
}
