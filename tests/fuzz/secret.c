/* SPDX-License-Identifier: Apache-2.0 */
/* Covers lf__secret_load: a key file. Accepted is exactly the length in hex with line ends after it.
 * Refused: the output is untouched and the message repeats nothing of the file. */
#include "fuzz/fuzz.h"

#include "base/secret.h"

#include <string.h>

enum { SECRET_BYTES = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__secret *secret = NULL;
    lf_error err = LF_ERROR_INIT;
    char again[LF_HEX_SIZE(SECRET_BYTES)];
    const char *path = fuzz_file("key.hex", (lf_bytes){data, size});
    if (lf__secret_load(path, SECRET_BYTES, &secret, &err) != LF_OK) {
        FUZZ_REQUIRE(secret == NULL && err.status == LF_E_FORMAT);
        return 0;
    }
    FUZZ_REQUIRE(size >= 2 * SECRET_BYTES && lf__secret_len(secret) == SECRET_BYTES);
    (void)lf__hex((lf_bytes){lf__secret_view(secret), SECRET_BYTES}, again, sizeof again);
    FUZZ_REQUIRE(strncasecmp(again, (const char *)data, 2 * (size_t)SECRET_BYTES) == 0);
    lf__secret_free(secret);
    return 0;
}
