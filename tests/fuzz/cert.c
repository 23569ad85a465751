/* SPDX-License-Identifier: Apache-2.0 */
/* Covers lf__cert_spki: PEM text and the X.509 in it, as far as the pin needs it. The pin depends on
 * the bytes alone. Refused: the output is untouched. */
#include "fuzz/fuzz.h"

#include "base/crypto/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__hash pin;
    struct lf__hash again;
    fuzz_mark(&pin, sizeof pin);
    if (lf__cert_spki((lf_bytes){data, size}, &pin, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&pin, sizeof pin));
        return 0;
    }
    FUZZ_REQUIRE(lf__cert_spki((lf_bytes){data, size}, &again, NULL) == LF_OK);
    FUZZ_REQUIRE(lf__hash_eq(&pin, &again));
    return 0;
}
