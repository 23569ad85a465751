/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind there and back through its parts, each field in the part of its class. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/log_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct lf__arena arena;
    struct px_envelope envelope;
    lf_error err;
};

static void world_init(struct world *world, enum px_kind kind)
{
    *world = (struct world){.envelope.header.kind = kind};
    lf__arena_init(&world->arena, 1 << 20);
}

static void event_parts_by_class(void **state)
{
    (void)state;
    struct world w;
    static const uint8_t hash[32] = {1};
    struct px_event event = {.uscc = lf__bytes_str("91999999MA00000154"),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("REMOVAL"), lf__bytes_str("ENTRY_BAN")},
                             .measure_count = 2,
                             .decided_at = lf__bytes_str("2026-03-02"),
                             .shop_id = lf__bytes_str("店-7"),
                             .rule = lf__bytes_str("R1"),
                             .amount_fen = -5,
                             .points = 100,
                             .evidence = {LF_BYTES_ARRAY(hash)},
                             .evidence_count = 1,
                             .note = lf__bytes_str("备注")};
    struct px_event got;
    world_init(&w, PX_KIND_ENFORCEMENT_EVENT);
    assert_int_equal(
        px_event_encode(&w.arena, &event, w.envelope.parts, &w.envelope.part_count, &w.err), LF_OK);
    assert_int_equal(w.envelope.part_count, 2);
    assert_int_equal(w.envelope.parts[0].part_class, PX_CLASS_MEMBERS);
    assert_int_equal(w.envelope.parts[1].part_class, PX_CLASS_REGULATOR);
    assert_int_equal(px_event_decode(&w.arena, &w.envelope, &got, &w.err), LF_OK);
    assert_true(lf__bytes_eq(got.uscc, event.uscc) && lf__bytes_eq(got.note, event.note) &&
                lf__bytes_eq(got.shop_id, event.shop_id));
    assert_true(got.amount_fen == -5 && got.points == 100 && got.measure_count == 2 &&
                got.evidence_count == 1);
    assert_true(lf__bytes_eq_str(got.measures[1], "ENTRY_BAN"));
    w.envelope.part_count = 1; /* the regulator's part withheld: the rest still reads */
    assert_int_equal(px_event_decode(&w.arena, &w.envelope, &got, &w.err), LF_OK);
    assert_true(got.shop_id.len == 0 && lf__bytes_eq(got.violation, event.violation));
    w.envelope.parts[0].part_class =
        PX_CLASS_PUBLIC; /* a field may not hide in a part of another class */
    assert_int_equal(px_event_decode(&w.arena, &w.envelope, &got, &w.err), LF_E_REJECTED);
    assert_string_equal(w.err.reason, "FIELD_CLASS");
    lf__arena_done(&w.arena);
}

static void bodies_carry_unknown_fields(void **state)
{
    (void)state;
    struct world w;
    struct px_event got;
    static const char body[] = "\xc2\x0c\x01"
                               "A\xca\x0c\x01"
                               "B\x80\x11\x07"; /* 200, 201, and 272 of the future */
    world_init(&w, PX_KIND_ENFORCEMENT_EVENT);
    w.envelope.part_count = 1;
    w.envelope.parts[0] =
        (struct px_part){.part_class = PX_CLASS_MEMBERS, .body = lf__bytes_str(body)};
    assert_int_equal(px_event_decode(&w.arena, &w.envelope, &got, &w.err), LF_OK);
    assert_true(lf__bytes_eq_str(got.uscc, "A"));
    w.envelope.parts[0].body.len = 4;
    assert_int_equal(px_event_decode(&w.arena, &w.envelope, &got, &w.err), LF_E_REJECTED);
    assert_string_equal(w.err.reason, "FIELD_MISSING");
    assert_string_equal(w.err.field, "violation");
    lf__arena_done(&w.arena);
}

static void registry_hides_the_person(void **state)
{
    (void)state;
    struct world w;
    struct px_registry got;
    struct px_registry entry = {.uscc = lf__bytes_str("92999999MA00000151"),
                                .name = lf__bytes_str("张*小店"),
                                .established = lf__bytes_str("2020-01-01"),
                                .province = lf__bytes_str("北京"),
                                .status = lf__bytes_str("ACTIVE"),
                                .full_name = lf__bytes_str("张三小店")};
    world_init(&w, PX_KIND_REGISTRY_ENTRY);
    assert_int_equal(
        px_registry_encode(&w.arena, &entry, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_true(w.envelope.part_count == 2 && w.envelope.parts[1].part_class == PX_CLASS_PERSONAL);
    assert_int_equal(px_registry_decode(&w.arena, &w.envelope, &got, &w.err), LF_OK);
    assert_true(lf__bytes_eq(got.full_name, entry.full_name) &&
                lf__bytes_eq(got.status, entry.status));
    lf__arena_done(&w.arena);
}

static void targets(void **state)
{
    (void)state;
    static const enum px_kind kinds[] = {PX_KIND_RELAY, PX_KIND_CORRECTION};
    static const uint8_t id[PX_ID_BYTES] = {5};
    for (size_t i = 0; i < LF_COUNT(kinds); i++) {
        struct world w;
        struct px_target got;
        struct px_target target = {.issuer = lf__bytes_str("platform-01"),
                                   .record_id = LF_BYTES_ARRAY(id),
                                   .decision = 1,
                                   .note = lf__bytes_str("n")};
        world_init(&w, kinds[i]);
        assert_int_equal(px_target_encode(&w.arena, kinds[i], &target, w.envelope.parts,
                                          &w.envelope.part_count, &w.err),
                         LF_OK);
        assert_int_equal(px_target_decode(&w.arena, &w.envelope, &got, &w.err), LF_OK);
        assert_true(lf__bytes_eq(got.record_id, target.record_id) && got.decision == 1);
        target.decision = 99;
        assert_int_equal(px_target_encode(&w.arena, kinds[i], &target, w.envelope.parts,
                                          &w.envelope.part_count, &w.err),
                         LF_OK);
        assert_int_equal(px_target_decode(&w.arena, &w.envelope, &got, &w.err), LF_E_REJECTED);
        lf__arena_done(&w.arena);
    }
}

static void members_and_genesis(void **state)
{
    (void)state;
    struct world w;
    struct px_member got;
    LF_SECRET *seed = lf__secret_new(32);
    struct px_member_key key = {.key = lf__sign_public(seed), .from_ms = 5, .use = 1};
    struct px_member member = {.member = lf__bytes_str("platform-01"),
                               .name = lf__bytes_str("平台"),
                               .role = PX_ROLE_PLATFORM,
                               .status = PX_MEMBER_ACTIVE,
                               .keys = {key},
                               .key_count = 1,
                               .pins = {{.spki = {{9}}, .until_ms = 7}},
                               .pin_count = 1};
    world_init(&w, PX_KIND_MEMBER);
    assert_int_equal(
        px_member_encode(&w.arena, &member, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(px_member_decode(&w.arena, &w.envelope, &got, &w.err), LF_OK);
    assert_true(got.key_count == 1 && got.keys[0].from_ms == 5 && got.pin_count == 1 &&
                got.pins[0].spki.bytes[0] == 9 && got.pins[0].until_ms == 7);
    assert_memory_equal(got.keys[0].key.bytes, key.key.bytes, 32);
    member.keys[0].key = (struct lf__public_key){LF_ALG_ED25519, {1}};
    assert_int_equal(
        px_member_encode(&w.arena, &member, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(px_member_decode(&w.arena, &w.envelope, &got, &w.err), LF_E_ARG);
    assert_string_equal(w.err.reason, "KEY_WEAK");
    struct px_genesis genesis = {.gateway = lf__bytes_str("test"),
                                 .keys = {key, key},
                                 .key_count = 2,
                                 .threshold = 2,
                                 .is_test = true,
                                 .ledger_key = {{1}},
                                 .access_key = {{2}}};
    struct px_genesis back;
    assert_int_equal(
        px_genesis_encode(&w.arena, &genesis, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(px_genesis_decode(&w.arena, &w.envelope, &back, &w.err), LF_OK);
    assert_true(back.is_test && back.threshold == 2 && back.access_key.bytes[0] == 2);
    genesis.threshold = 3;
    assert_int_equal(
        px_genesis_encode(&w.arena, &genesis, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(px_genesis_decode(&w.arena, &w.envelope, &back, &w.err), LF_E_REJECTED);
    struct px_policy policy = {.relay_below = 5};
    struct px_policy policy_back;
    assert_int_equal(
        px_policy_encode(&w.arena, &policy, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(px_policy_decode(&w.arena, &w.envelope, &policy_back, &w.err), LF_OK);
    assert_int_equal(policy_back.relay_below, 5);
    lf__arena_done(&w.arena);
}

static void log_keys(void **state)
{
    (void)state;
    struct world w;
    struct px_log_key got;
    LF_SECRET *old = lf__secret_new(LF_ED25519_SEED);
    LF_SECRET *fresh = lf__secret_new(LF_ED25519_SEED);
    lf__secret_bytes(old)[0] = 1;
    lf__secret_bytes(fresh)[0] = 2;
    const struct px_log_key good = {.log = 2,
                                    .origin = lf__bytes_str("test/access"),
                                    .old_key = lf__sign_public(old),
                                    .new_key = lf__sign_public(fresh),
                                    .from_size = 700};
    struct px_log_key bent[9] = {good, good, good, good, good, good, good, good, good};
    static const char *const reasons[] = {
        "",         "FIELD_MISSING", "FIELD_LENGTH", "LOG_KEY_BAD",
        "KEY_WEAK", "LOG_KEY_BAD",   "LOG_KEY_BAD",  "LOG_KEY_BAD",
        ""};
    bent[1].log = 3;
    bent[2].origin = LF_BYTES_NONE;
    bent[3].new_key = good.old_key;
    bent[4].new_key = (struct lf__public_key){LF_ALG_ED25519, {1}};
    bent[5].reason = PX_LOG_KEY_COMPROMISED + 1;
    bent[6].since_size = 1; /* as a matter of course, since when? */
    bent[7].reason = bent[8].reason = PX_LOG_KEY_COMPROMISED;
    bent[7].since_size = 701;
    bent[8].since_size = 700;
    world_init(&w, PX_KIND_LOG_KEY);
    for (size_t i = 0; i < LF_COUNT(bent); i++) {
        w.err = (lf_error)LF_ERROR_INIT;
        assert_int_equal(
            px_log_key_encode(&w.arena, &bent[i], w.envelope.parts, &w.envelope.part_count, &w.err),
            LF_OK);
        (void)px_log_key_decode(&w.arena, &w.envelope, &got, &w.err);
        assert_string_equal(w.err.reason, reasons[i]);
        assert_true(got.from_size == 700 && got.log == 2);
        assert_memory_equal(got.new_key.bytes, good.new_key.bytes, LF_ED25519_PUBLIC);
    }
    assert_true(got.reason == PX_LOG_KEY_COMPROMISED && got.since_size == 700);
    lf__arena_done(&w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_parts_by_class),      cmocka_unit_test(bodies_carry_unknown_fields),
        cmocka_unit_test(registry_hides_the_person), cmocka_unit_test(targets),
        cmocka_unit_test(members_and_genesis),       cmocka_unit_test(log_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
