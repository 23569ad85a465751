/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_envelope_decode and, inside it, px_record_decode, the parts, signatures and batch paths.
 * Accepted: encoded again it reads the same, and all kinds decode or refuse its parts.
 * Refused: the output is untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/kinds.h"

static void parts_try(const struct px_envelope *envelope, struct lf__arena *arena)
{
    struct px_event event;
    struct px_registry entry;
    struct px_target target;
    struct px_member member;
    struct px_genesis genesis;
    struct px_policy policy;
    struct px_redaction redaction;
    (void)px_event_decode(arena, envelope, &event, NULL);
    (void)px_registry_decode(arena, envelope, &entry, NULL);
    (void)px_target_decode(arena, envelope, &target, NULL);
    (void)px_member_decode(arena, envelope, &member, NULL);
    (void)px_genesis_decode(arena, envelope, &genesis, NULL);
    (void)px_policy_decode(arena, envelope, &policy, NULL);
    (void)px_redaction_decode(arena, envelope, &redaction, NULL);
}

static void encoded_again(const struct px_envelope *envelope, struct lf__arena *arena)
{
    LF_BUF once;
    LF_BUF twice;
    struct px_envelope read;
    lf__buf_init(&once, PX_MESSAGE_MAX);
    lf__buf_init(&twice, PX_MESSAGE_MAX);
    FUZZ_REQUIRE(px_envelope_encode(envelope, &once));
    FUZZ_REQUIRE(px_envelope_decode(arena, lf__buf_bytes(&once), &read, NULL) == LF_OK);
    FUZZ_REQUIRE(lf__bytes_eq(read.record, envelope->record));
    FUZZ_REQUIRE(px_envelope_encode(&read, &twice));
    FUZZ_REQUIRE(lf__bytes_eq(lf__buf_bytes(&once), lf__buf_bytes(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct px_envelope envelope; /* static: padding keeps the mark */
    LF_ARENA arena;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    fuzz_mark(&envelope, sizeof envelope);
    if (px_envelope_decode(&arena, (lf_bytes){data, size}, &envelope, NULL) == LF_OK) {
        encoded_again(&envelope, &arena);
        parts_try(&envelope, &arena);
    } else {
        FUZZ_REQUIRE(fuzz_is_marked(&envelope, sizeof envelope));
    }
    return 0;
}
