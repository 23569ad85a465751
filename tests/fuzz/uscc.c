/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers lf_uscc_check, lf_regno_check, lf_orgcode_check and lf_text_has_id_number. An accepted code's
 * normal form is accepted as it stands; a refusal names a reason and never repeats the input.
 */
#include "fuzz/fuzz.h"

#include <lianfang/uscc.h>
#include <string.h>

static void code_check(const char *text, size_t size)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    static lf_uscc code;
    lf_uscc again = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    options.allow_test_division = true;
    fuzz_mark(&code, sizeof code);
    if (lf_uscc_check(text, size, &options, &code, &err) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&code, sizeof code));
        FUZZ_REQUIRE(err.status == LF_E_REJECTED && err.reason[0] != '\0');
        return;
    }
    FUZZ_REQUIRE(strlen(code.code) == LF_USCC_LEN);
    FUZZ_REQUIRE(lf_uscc_check(code.code, LF_USCC_LEN, &options, &again, NULL) == LF_OK);
    FUZZ_REQUIRE(!again.normalised && strcmp(again.code, code.code) == 0);
    FUZZ_REQUIRE(!lf_text_has_id_number(code.code, LF_USCC_LEN));
}

static void old_numbers_check(const char *text, size_t size)
{
    char regno[LF_REGNO_LEN + 1];
    char orgcode[LF_ORGCODE_LEN + 1];
    char again[LF_REGNO_LEN + 1];
    if (lf_regno_check(text, size, regno, NULL) == LF_OK) {
        FUZZ_REQUIRE(strlen(regno) == LF_REGNO_LEN);
        FUZZ_REQUIRE(lf_regno_check(regno, LF_REGNO_LEN, again, NULL) == LF_OK);
    }
    if (lf_orgcode_check(text, size, orgcode, NULL) == LF_OK) {
        FUZZ_REQUIRE(strlen(orgcode) == LF_ORGCODE_LEN);
        FUZZ_REQUIRE(lf_orgcode_check(orgcode, LF_ORGCODE_LEN, again, NULL) == LF_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size == 0 ? "" : (const char *)data;
    code_check(text, size);
    old_numbers_check(text, size);
    (void)lf_text_has_id_number(text, size);
    return 0;
}
