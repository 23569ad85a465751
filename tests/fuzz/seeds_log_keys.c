/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/fuzz.h"
#include "fuzz/seeds.h"
#include "support/announce.h"

#include "base/status.h"

/* Two changes of the key that the target trusts. */
void seed_log_keys(void)
{
    LF_ARENA arena;
    LF_BUF out;
    struct lf__secret *seeds[] = {announce_seed(1), announce_seed(2), announce_seed(3)};
    lf__arena_init(&arena, 1 << 20);
    lf__buf_init(&out, 65536);
    for (size_t i = 0; i < 2; i++) {
        struct announcement a =
            announce_good("test.example/ledger", 5 + 9 * i, seeds[i], seeds[i + 1]);
        struct px_log_key_proof proof = announce(&arena, &a);
        FUZZ_REQUIRE(px_log_key_proof_put(1, &proof, &out));
    }
    seed_write("log_keys", "good", LF_BYTES_NONE, lf__buf_bytes(&out));
    for (size_t i = 0; i < LF_COUNT(seeds); i++) {
        lf__secret_free(seeds[i]);
    }
}
