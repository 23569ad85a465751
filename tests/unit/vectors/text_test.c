/* SPDX-License-Identifier: Apache-2.0 */
/* uscc and status: verified from the files alone; every trap of the reason table has a vector. */
#include "reader.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/reason.h"
#include "protos/codec/status.h"

#include <lianfang/uscc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static lf_status check(json_t *one, lf_uscc *out, lf_error *err)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_bytes input = vectors_text(one, "input");
    options.allow_test_division = json_is_true(json_object_get(one, "test_ledger"));
    return lf_uscc_check((const char *)input.ptr, input.len, &options, out, err);
}

static void codes(void **state)
{
    (void)state;
    json_t *file = vectors_open("uscc.json");
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "accepted"), i, one)
    {
        lf_uscc out = LF_USCC_INIT;
        assert_int_equal(check(one, &out, NULL), LF_OK);
        assert_string_equal(out.code, vectors_str(one, "code"));
        assert_string_equal(out.division, vectors_str(one, "division"));
        assert_string_equal(out.orgcode, vectors_str(one, "organisation_code"));
        assert_string_equal(out.verdict == LF_USCC_EXCEPTION ? "EXCEPTION" : "VALID",
                            vectors_str(one, "verdict"));
        assert_int_equal(out.normalised, json_is_true(json_object_get(one, "normalised")));
    }
    unsigned seen = 0;
    json_array_foreach(vectors_list(file, "refused"), i, one)
    {
        lf_uscc out = LF_USCC_INIT;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(check(one, &out, &err), LF_E_REJECTED);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
        const struct px_reason_row *row = px_reason_find(err.reason);
        assert_non_null(row);
        seen |= row->id < 32 ? LF_BIT(row->id) : 0;
    }
    assert_int_equal(seen, 0xffe); /* reasons 1 to 11: each trap at least once */
    json_array_foreach(vectors_list(file, "free_texts"), i, one)
    {
        lf_bytes text = vectors_text(one, "text");
        assert_int_equal(lf_text_has_id_number((const char *)text.ptr, text.len),
                         json_is_true(json_object_get(one, "holds_id_number")));
    }
    json_decref(file);
}

static void statuses(void **state)
{
    (void)state;
    json_t *file = vectors_open("status.json");
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "statuses"), i, one)
    {
        LF_BUF bytes;
        lf_error error = LF_ERROR_INIT;
        uint32_t retry_ms = 99;
        lf__buf_init(&bytes, PX_STATUS_BYTES_MAX);
        assert_int_equal(
            px_status_decode(vectors_hex(one, "status", &bytes), &error, &retry_ms, NULL), LF_OK);
        assert_string_equal(error.reason, vectors_str(one, "reason"));
        assert_string_equal(error.field, vectors_str(one, "field"));
        assert_string_equal(error.message, vectors_str(one, "message"));
        assert_int_equal(retry_ms, vectors_number(one, "retry_after_ms"));
        assert_int_equal(px_reason_find(error.reason)->grpc_code, vectors_number(one, "grpc_code"));
        assert_string_equal(vectors_str(one, "domain"), PX_ERROR_DOMAIN);
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes),
        cmocka_unit_test(statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
