/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_event_decode, px_registry_decode, px_target_decode, px_member_decode, px_genesis_decode,
 * px_policy_decode, px_redaction_decode and px_words_decode for each of its kinds, px_about_decode, px_subject_decode and px_tell, with
 * the joining of parts by class. Input: a selector, u8 Relay or Correction, then up to four times u8 class and a piece. Accepted: split again it reads the same. Refused: the output is untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/kinds.h"
#include "protos/codec/spell.h"
#include "protos/codec/words.h"

union said {
    struct px_event event;
    struct px_registry registry;
    struct px_target target;
    struct px_member member;
    struct px_genesis genesis;
    struct px_policy policy;
    struct px_redaction redaction;
    struct px_listing listing; /* the largest of protos/codec/words.h */
};

enum {
    EVENT,
    REGISTRY,
    TARGET,
    MEMBER,
    GENESIS,
    POLICY,
    REDACTION,
    WORDS,
    CHOICES = WORDS + PX_KIND_LOG_KEY - PX_KIND_CREDIT_LIST_ENTRY /* which log_keys.c covers */
};

static enum px_kind words_kind(unsigned choice)
{
    return (enum px_kind)(PX_KIND_CREDIT_LIST_ENTRY + (choice - WORDS));
}

static lf_status said_decode(unsigned choice, struct lf__arena *arena, const struct px_envelope *e,
                             union said *out)
{
    if (choice >= WORDS) {
        FUZZ_REQUIRE(px_words_of(words_kind(choice))->size <= sizeof *out);
        return px_words_decode(arena, e, words_kind(choice), out, NULL);
    }
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
    if (choice >= WORDS) {
        return px_words_encode(arena, words_kind(choice), said, e->parts, &e->part_count, NULL);
    }
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

static void told(void *user, const char *name, lf_bytes text)
{
    FUZZ_REQUIRE(user == NULL && name[0] != '\0' && text.len > 0 && text.ptr[text.len] == 0);
}

/* What is asked of any kind: it agrees with the kind's own decoding. */
static void ask_any(struct lf__arena *arena, struct px_envelope *e, unsigned choice)
{
    struct px_about about;
    struct px_subject subject;
    static const enum px_kind kinds[] = {
        PX_KIND_ENFORCEMENT_EVENT, PX_KIND_REGISTRY_ENTRY, PX_KIND_NONE,     PX_KIND_MEMBER,
        PX_KIND_GENESIS,           PX_KIND_POLICY,         PX_KIND_REDACTION};
    enum px_kind kind = choice == TARGET ? e->header.kind
                        : choice < WORDS ? kinds[choice]
                                         : words_kind(choice);
    struct px_envelope any = *e;
    any.header.kind = kind;
    if (px_speaks_of_another(kind) && px_about_decode(arena, &any, &about, NULL) == LF_OK) {
        FUZZ_REQUIRE(about.record_id.len == PX_ID_BYTES && about.issuer.len > 0);
    }
    (void)px_subject_decode(arena, &any, &subject, NULL);
    (void)px_tell(arena, &any, told, NULL, NULL);
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
    ask_any(&arena, &e, choice);
    fuzz_mark(&said, sizeof said);
    if (said_decode(choice, &arena, &e, &said) == LF_OK) {
        split_again(choice, &arena, &e, &said);
    } else {
        FUZZ_REQUIRE(fuzz_is_marked(&said, sizeof said));
    }
    return 0;
}
