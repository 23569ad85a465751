/* SPDX-License-Identifier: Apache-2.0 */
/* Covers px_status_decode: what a server's error trailer may hold. Accepted: encoded again, it says
 * the same. Refused: the outputs are untouched. */
#include "fuzz/fuzz.h"

#include "protos/codec/status.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lf_error error;
    lf_error again = LF_ERROR_INIT;
    uint32_t retry_ms = 7;
    uint32_t retry_again = 0;
    LF_BUF wire;
    lf__buf_init(&wire, 2 * PX_STATUS_BYTES_MAX);
    fuzz_mark(&error, sizeof error);
    if (px_status_decode((lf_bytes){data, size}, &error, &retry_ms, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&error, sizeof error) && retry_ms == 7);
        return 0;
    }
    FUZZ_REQUIRE(px_status_encode(&error, 9, retry_ms, &wire));
    FUZZ_REQUIRE(px_status_decode(lf__buf_bytes(&wire), &again, &retry_again, NULL) == LF_OK);
    FUZZ_REQUIRE(strcmp(error.reason, again.reason) == 0);
    FUZZ_REQUIRE(strcmp(error.field, again.field) == 0);
    FUZZ_REQUIRE(strcmp(error.message, again.message) == 0 && retry_ms == retry_again);
    return 0;
}
