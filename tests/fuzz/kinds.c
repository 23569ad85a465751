/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_event_decode, px_registry_decode, px_target_decode, px_member_decode, px_genesis_decode,
 * px_policy_decode and px_redaction_decode, with the joining of parts by class. Input: a selector, then up to four times
 * u8 class and a piece. Accepted: split again it reads the same. Refused: the output is untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/kinds.h"

union said {
    struct px_event event;
    struct px_registry registry;
    struct px_target target;
    struct px_member member;
    struct px_genesis genesis;
    struct px_policy policy;
    struct px_redaction redaction;
};

enum { EVENT, REGISTRY, TARGET, MEMBER, GENESIS, POLICY, REDACTION, CHOICES };

static lf_status said_decode(unsigned choice, struct lf__arena *arena, const struct px_envelope *e,
                             union said *out)
{
    switch (choice) {
    case EVENT:
        return px_event_decode(arena, e, &out->event, NULL);
    case REGISTRY:
        return px_registry_decode(arena, e, &out->registry, NULL);
    case TARGET:
        return px_target_decode(arena, e, &out->target, NULL);
    case MEMBER:
        return px_member_decode(arena, e, &out->member, NULL);
    case GENESIS:
        return px_genesis_decode(arena, e, &out->genesis, NULL);
    case REDACTION:
        return px_redaction_decode(arena, e, &out->redaction, NULL);
    default:
        return px_policy_decode(arena, e, &out->policy, NULL);
    }
}

static lf_status said_encode(unsigned choice, struct lf__arena *arena, const union said *said,
                             struct px_envelope *e)
{
    switch (choice) {
    case EVENT:
        return px_event_encode(arena, &said->event, e->parts, &e->part_count, NULL);
    case REGISTRY:
        return px_registry_encode(arena, &said->registry, e->parts, &e->part_count, NULL);
    case TARGET:
        return px_target_encode(arena, e->header.kind, &said->target, e->parts, &e->part_count,
                                NULL);
    case MEMBER:
        return px_member_encode(arena, &said->member, e->parts, &e->part_count, NULL);
    case GENESIS:
        return px_genesis_encode(arena, &said->genesis, e->parts, &e->part_count, NULL);
    case REDACTION:
        return px_redaction_encode(arena, &said->redaction, e->parts, &e->part_count, NULL);
    default:
        return px_policy_encode(arena, &said->policy, e->parts, &e->part_count, NULL);
    }
}

static bool parts_eq(const struct px_envelope *a, const struct px_envelope *b)
{
    for (size_t i = 0; i < a->part_count && i < b->part_count; i++) {
        if (a->parts[i].part_class != b->parts[i].part_class ||
            !lf__bytes_eq(a->parts[i].body, b->parts[i].body)) {
            return false;
        }
    }
    return a->part_count == b->part_count;
}

static void split_again(unsigned choice, struct lf__arena *arena, const struct px_envelope *e,
                        const union said *said)
{
    static union said read;
    struct px_envelope once = {.header = e->header};
    struct px_envelope twice = {.header = e->header};
    lf_status rc = said_encode(choice, arena, said, &once);
    FUZZ_REQUIRE(rc == LF_OK || rc == LF_E_REJECTED); /* a message of unknown fields says nothing */
    if (rc == LF_OK) {
        FUZZ_REQUIRE(said_decode(choice, arena, &once, &read) == LF_OK);
        FUZZ_REQUIRE(said_encode(choice, arena, &read, &twice) == LF_OK);
        FUZZ_REQUIRE(parts_eq(&once, &twice));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static union said said;
    struct lf__reader r = {{data, size}};
    struct px_envelope e = {.part_count = 0};
    LF_ARENA arena;
    unsigned choice = fuzz_choice(&r, CHOICES);
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    e.header.kind = fuzz_choice(&r, 2) == 0 ? PX_KIND_RELAY : PX_KIND_CORRECTION;
    while (!lf__read_finished(&r) && e.part_count < PX_PARTS_MAX) {
        enum px_class part_class = (enum px_class)fuzz_choice(&r, PX_CLASS_COUNT);
        e.parts[e.part_count++] =
            (struct px_part){.part_class = part_class, .body = fuzz_piece(&r)};
    }
    fuzz_mark(&said, sizeof said);
    if (said_decode(choice, &arena, &e, &said) == LF_OK) {
        split_again(choice, &arena, &e, &said);
    } else {
        FUZZ_REQUIRE(fuzz_is_marked(&said, sizeof said));
    }
    return 0;
}
