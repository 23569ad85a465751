/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers lf__text_is_utf8, lf__text_is_member_id, lf__text_u64, lf__unhex, lf__unbase64 and
 * lf__date_is_valid: accepted text has one form only, so writing the value gives the text back.
 * Refused: the output is untouched.
 */
#include "fuzz/fuzz.h"

#include "base/clock.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 192 };

static void hex_there_and_back(lf_bytes text)
{
    uint8_t raw[TEXT_MAX];
    char again[LF_HEX_SIZE(TEXT_MAX)];
    size_t len = 0;
    fuzz_mark(raw, sizeof raw);
    if (!lf__unhex(text, raw, sizeof raw, &len)) {
        FUZZ_REQUIRE(fuzz_is_marked(raw, sizeof raw) && len == 0);
        return;
    }
    FUZZ_REQUIRE(lf__hex((lf_bytes){raw, len}, again, sizeof again) == text.len);
    for (size_t i = 0; i < text.len; i++) {
        FUZZ_REQUIRE(again[i] == tolower(text.ptr[i]));
    }
}

static void base64_there_and_back(lf_bytes text)
{
    uint8_t raw[TEXT_MAX];
    char again[LF_BASE64_SIZE(TEXT_MAX)];
    size_t len = 0;
    fuzz_mark(raw, sizeof raw);
    if (!lf__unbase64(text, raw, sizeof raw, &len)) {
        FUZZ_REQUIRE(fuzz_is_marked(raw, sizeof raw) && len == 0);
        return;
    }
    FUZZ_REQUIRE(lf__base64((lf_bytes){raw, len}, again, sizeof again) == text.len);
    FUZZ_REQUIRE(lf__bytes_eq_str(text, again));
}

static void number_there_and_back(lf_bytes text)
{
    char again[32];
    uint64_t v = 7;
    if (!lf__text_u64(text, &v)) {
        FUZZ_REQUIRE(v == 7);
        return;
    }
    (void)snprintf(again, sizeof again, "%llu", (unsigned long long)v);
    FUZZ_REQUIRE(lf__bytes_eq_str(text, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lf_bytes text = {data, size};
    hex_there_and_back(text);
    base64_there_and_back(text);
    number_there_and_back(text);
    bool is_id = lf__text_is_member_id(text);
    FUZZ_REQUIRE(!is_id || lf__text_is_utf8(text));
    FUZZ_REQUIRE(!lf__date_is_valid(text) || size == 10);
    /* UTF-8 of two halves is UTF-8 of the whole. */
    lf_bytes half = lf__bytes_slice(text, 0, size / 2);
    lf_bytes rest = lf__bytes_slice(text, size / 2, size);
    if (lf__text_is_utf8(half) && lf__text_is_utf8(rest)) {
        FUZZ_REQUIRE(lf__text_is_utf8(text));
    }
    return 0;
}
