/* SPDX-License-Identifier: Apache-2.0 */
/* Covers px_access_decode: an entry of the access log, as an auditor gets it. Accepted: encoded again it
 * reads the same. Refused: the output is untouched. */
#include "fuzz/fuzz.h"

#include "protos/codec/access.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct px_access entry;
    static struct px_access again;
    LF_ARENA arena;
    LF_BUF once;
    LF_BUF twice;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    lf__buf_init(&once, PX_MESSAGE_MAX);
    lf__buf_init(&twice, PX_MESSAGE_MAX);
    fuzz_mark(&entry, sizeof entry);
    if (px_access_decode(&arena, (lf_bytes){data, size}, &entry, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&entry, sizeof entry));
        return 0;
    }
    if (px_access_encode(&entry, &once)) {
        FUZZ_REQUIRE(px_access_decode(&arena, lf__buf_bytes(&once), &again, NULL) == LF_OK);
        FUZZ_REQUIRE(px_access_encode(&again, &twice));
        FUZZ_REQUIRE(lf__bytes_eq(lf__buf_bytes(&once), lf__buf_bytes(&twice)));
    }
    return 0;
}
