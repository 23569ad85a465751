/* SPDX-License-Identifier: Apache-2.0 */
/* From genesis to advice on a real store: the whole way of a record below gRPC. */
#include "tests/unit/gateway/world.h"
#include "protos/codec/signed.h"

static void receipt_verifies(void **state)
{
    (void)state;
    struct told *told = say_event(PLATFORM, m1, 3, "REMOVAL");
    assert_int_equal(told->s.status, LF_OK);
    assert_int_equal(told->s.index, 4);
    struct lf__receipt receipt = {
        .index = told->s.index,
        .proof.count = told->s.path_count,
        .checkpoint = {told->group.checkpoint, told->group.checkpoint_len}};
    memcpy(receipt.leaf, told->s.leaf, sizeof receipt.leaf);
    memcpy(receipt.proof.hashes, told->s.path, told->s.path_count * sizeof *told->s.path);
    LF_BUF block;
    lf__buf_init(&block, 10000);
    assert_true(px_signature_block(&told->s.decoded, &block));
    struct lf__receipt_claim claim = {px_record_digest(told->s.decoded.record),
                                      lf__buf_bytes(&block)};
    struct lf__note_key key;
    struct lf__merkle_head head;
    assert_int_equal(lf__note_key_make("test/ledger", &w.keys[LEDGER].key, &key, NULL), LF_OK);
    assert_int_equal(lf__receipt_verify(&receipt, &claim, &key, &head, NULL), LF_OK);
    assert_int_equal(head.size, 5);
}

static void relay_and_advice(void **state)
{
    (void)state;
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_REVIEW);
    assert_string_equal(screen(OTHER, m1).reasons[0].code, "REGISTRY_UNKNOWN");
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    struct told *told = say_event(PLATFORM, m1, 3, "REMOVAL"); /* waits for a regulator */
    uint8_t id = w.next_id;
    assert_true(told->s.status == LF_OK && told->s.is_pending_relay);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    assert_string_equal(screen(REGULATOR, m1).reasons[0].code, "PENDING_RELAY");
    assert_int_equal(screen(PLATFORM, m1).reasons[0].state, LF__STATE_PENDING_RELAY);
    assert_string_equal(
        say_target(OTHER, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.error.reason,
        "KIND_NOT_ALLOWED");
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", 99, PX_RELAY_RELEASED)->s.error.reason,
        "TARGET_UNKNOWN");
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    struct gw_screened denied = screen(OTHER, m1);
    assert_int_equal(denied.advice, LF__ADVICE_DENY);
    assert_string_equal(denied.reasons[0].code, "LIVE_REMOVAL");
    assert_string_equal(denied.reasons[0].decided_at, "2026-03-02");
    assert_true(denied.reasons[0].until_ms > lf__clock_utc_ms());
    assert_int_equal(screen(OTHER, "91999999MA00000155").advice, LF__ADVICE_NONE);
    assert_string_equal(screen(OTHER, "91999999MA00000155").error.reason, "USCC_CHECK_DIGIT");
    assert_string_equal(
        say_target(OTHER, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.error.reason,
        "KIND_NOT_ALLOWED");
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.error.reason,
        "RELAY_NOT_WAITING"); /* a relay wakes nothing that was withdrawn */
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
}

static void strength_matters(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK); /* automatic */
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 1, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_REVIEW);
    assert_int_equal(say_event(PLATFORM, m1, 3, "WARN")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_REVIEW);
    assert_int_equal(say_event(PLATFORM, m1, 3, "ENTRY_BAN")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(screen(OTHER, m1).count, 3);
    assert_int_equal(say_registry(m2, "REVOKED")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_DENY);
    assert_int_equal(say_registry(m2, "")->s.status, LF_OK); /* the newest entry counts */
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_REVIEW);
}

static void suspension_by_log_position(void **state)
{
    (void)state;
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t id = w.next_id;
    LF_BUF kept;
    lf__buf_init(&kept, PX_MESSAGE_MAX);
    (void)lf__buf_append(&kept, lf__buf_bytes(&said->wire));
    assert_int_equal(say_member(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED)->s.status, LF_OK);
    assert_string_equal(say_event(PLATFORM, m2, 3, "REMOVAL")->s.error.reason, "MEMBER_SUSPENDED");
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    uint64_t size = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    gw_exchange_close(w.exchange);
    exchange_open(NULL, LF_OK); /* the roster comes back from the entries */
    assert_string_equal(say_event(PLATFORM, m2, 3, "REMOVAL")->s.error.reason, "MEMBER_SUSPENDED");
    assert_int_equal(say_event(OTHER, m2, 3, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size, size + 1);
}

static void same_id_and_versions(void **state)
{
    (void)state;
    static const uint8_t first[PX_ID_BYTES] = {200};
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_registry entry = {.uscc = lf__bytes_str(m1), .status = lf__bytes_str("ACTIVE")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_registry_encode(&arena, &entry, parts, &count, NULL), LF_OK);
    struct px_header header = {
        .kind = PX_KIND_REGISTRY_ENTRY, .version = 1, .record_id = LF_BYTES_ARRAY(first)};
    struct told *told = say(REGULATOR, &header, parts, count);
    uint64_t index = told->s.index;
    assert_int_equal(told->s.status, LF_OK);
    told = say(REGULATOR, &header, parts, count);
    assert_true(told->s.status == LF_OK && told->s.is_duplicate && told->s.index == index);
    header.ref = lf__bytes_str("other");
    assert_string_equal(say(REGULATOR, &header, parts, count)->s.error.reason, "CHANGED");
    header = (struct px_header){
        .kind = PX_KIND_REGISTRY_ENTRY, .version = 2, .predecessor = LF_BYTES_ARRAY(first)};
    assert_string_equal(say(REGULATOR, &header, parts, count)->s.error.reason, "UNCHANGED");
    entry.status = lf__bytes_str("REVOKED");
    assert_int_equal(px_registry_encode(&arena, &entry, parts, &count, NULL), LF_OK);
    static const uint8_t second[PX_ID_BYTES] = {201};
    header.record_id = LF_BYTES_ARRAY(second);
    assert_int_equal(say(REGULATOR, &header, parts, count)->s.status, LF_OK);
    /* The same parts and another word of the header are a change; that version 2 is there is known before. */
    static const uint8_t third[PX_ID_BYTES] = {202};
    header = (struct px_header){.kind = PX_KIND_REGISTRY_ENTRY,
                                .version = 3,
                                .predecessor = LF_BYTES_ARRAY(second),
                                .record_id = LF_BYTES_ARRAY(third)};
    assert_string_equal(say(REGULATOR, &header, parts, count)->s.error.reason, "UNCHANGED");
    header.record_id = LF_BYTES_ARRAY(second);
    assert_string_equal(say(REGULATOR, &header, parts, count)->s.error.reason, "CHANGED");
    header.record_id = LF_BYTES_ARRAY(third);
    header.effective_from_ms = 1;
    assert_int_equal(say(REGULATOR, &header, parts, count)->s.status, LF_OK);
    header = (struct px_header){
        .kind = PX_KIND_REGISTRY_ENTRY, .version = 3, .predecessor = LF_BYTES_ARRAY(first)};
    assert_string_equal(say(REGULATOR, &header, parts, count)->s.error.reason,
                        "PREDECESSOR_UNKNOWN");
    lf__arena_done(&arena);
}

static void a_second_genesis_is_refused(void **state)
{
    (void)state;
    LF_BUF wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    genesis_make(&wire);
    lf__arena_done(&said->arena);
    lf__buf_done(&said->wire);
    lf__buf_init(&said->wire, PX_MESSAGE_MAX);
    wire.ptr[wire.len - 1] ^= 1; /* not the stored one, or it would be a duplicate */
    (void)lf__buf_append(&said->wire, lf__buf_bytes(&wire));
    submit(said);
    assert_true(said->s.status == LF_OK &&
                said->s.is_duplicate); /* signatures are not what makes a record another */
    lf_bytes bytes = lf__buf_bytes(&wire);
    gw_exchange_close(w.exchange);
    w.exchange = NULL;
    exchange_open(&bytes, LF_E_PRECONDITION);
    w.exchange = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(receipt_verifies, setup, teardown),
        cmocka_unit_test_setup_teardown(relay_and_advice, setup, teardown),
        cmocka_unit_test_setup_teardown(strength_matters, setup, teardown),
        cmocka_unit_test_setup_teardown(suspension_by_log_position, setup, teardown),
        cmocka_unit_test_setup_teardown(same_id_and_versions, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_genesis_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
