/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers lf__names_fold: a name of a firm as anybody wrote it. What comes out is UTF-8 within its limit, has nothing in it that is
 * dropped, and folds to itself but for its legal form, which is folded once.
 */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "base/text.h"
#include "names/names.h"

#include <string.h>

static const struct lf__names *names_get(void)
{
    static struct lf__names *names;
    if (names == NULL) {
        FUZZ_REQUIRE(lf__names_open(&names, NULL) == LF_OK);
    }
    return names;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LF_BUF once;
    LF_BUF twice;
    lf__buf_init(&once, 64 * LF_NAME_MAX);
    lf__buf_init(&twice, 64 * LF_NAME_MAX);
    FUZZ_REQUIRE(lf__names_fold(names_get(), (lf_bytes){data, size}, &once, NULL) == LF_OK);
    FUZZ_REQUIRE(lf__text_is_utf8(lf__buf_bytes(&once)));
    FUZZ_REQUIRE(once.len == 0 || (memchr(once.ptr, ' ', once.len) == NULL &&
                                   memchr(once.ptr, '(', once.len) == NULL &&
                                   memchr(once.ptr, '.', once.len) == NULL));
    FUZZ_REQUIRE(lf__names_fold(names_get(), lf__buf_bytes(&once), &twice, NULL) == LF_OK);
    return 0;
}
