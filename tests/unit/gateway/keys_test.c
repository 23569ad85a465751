/* SPDX-License-Identifier: Apache-2.0 */
/* Keys over time: what was sequenced while a key held stays valid, what comes after is refused. */
#include "gateway/exchange/evidence.h"
#include "tests/unit/gateway/world.h"

static struct lf__secret *first;  /* PLATFORM's of the beginning */
static struct lf__secret *second; /* the one that follows it */
static struct px_member_key keys[2];

static int keys_setup(void **state)
{
    int rc = setup(state);
    first = w.seeds[PLATFORM];
    second = lf__secret_new(32);
    lf__secret_bytes(second)[0] = 99;
    keys[0] = w.keys[PLATFORM];
    keys[1] = (struct px_member_key){.key = lf__sign_public(second), .use = PX_KEY_RECORD};
    return rc;
}

static int keys_teardown(void **state)
{
    w.seeds[PLATFORM] = first;
    lf__secret_free(second);
    return teardown(state);
}

static void sign_with(unsigned which)
{
    w.seeds[PLATFORM] = which == 0 ? first : second;
    w.keys[PLATFORM] = keys[which];
}

static struct told *say_keys(const struct px_member_key *list, size_t count)
{
    struct px_member member = member_of(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    for (size_t i = 0; i < count; i++) {
        member.keys[i] = list[i];
    }
    member.key_count = count;
    return say_member_value(PLATFORM, &member);
}

static const char *event_by(unsigned which)
{
    sign_with(which);
    struct told *told = say_event(PLATFORM, m1, 3, "REMOVAL");
    return told->s.status == LF_OK ? "" : told->s.error.reason;
}

static struct px_key_proof proof_of(uint8_t id_byte, struct lf__arena *arena)
{
    struct px_evidence e;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct gw_reader reader = {.member = lf__bytes_str("platform-01"), .role = PX_ROLE_PLATFORM};
    assert_int_equal(gw_evidence(w.exchange, arena, &reader, lf__bytes_str("platform-01"),
                                 LF_BYTES_ARRAY(id), &e, NULL),
                     LF_OK);
    assert_int_equal(e.key_count, 1);
    return e.keys[0];
}

static void rotation_with_overlap(void **state)
{
    (void)state;
    LF_ARENA arena;
    struct px_member_key list[2] = {keys[0], keys[1]};
    int64_t now = lf__clock_utc_ms();
    lf__arena_init(&arena, 1 << 20);
    assert_string_equal(event_by(0), "");
    uint8_t before = w.next_id;
    assert_string_equal(event_by(1), "KEY_UNKNOWN");
    list[0].until_ms = now + 3600000;
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK);
    assert_string_equal(event_by(0), ""); /* on its way while the new one comes */
    uint8_t between = w.next_id;
    assert_string_equal(event_by(1), "");
    list[0].until_ms = now - 1;
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK);
    assert_string_equal(event_by(0), "KEY_RETIRED");
    assert_string_equal(event_by(1), "");
    list[1].from_ms = now + 3600000;
    list[1].until_ms = 0;
    list[0].until_ms = now + 3600000;
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK);
    assert_string_equal(event_by(1), "KEY_RETIRED"); /* not yet */
    assert_string_equal(event_by(0), "");
    assert_int_equal(proof_of(before, &arena).row.status, PX_MEMBER_ACTIVE);
    assert_int_equal(proof_of(between, &arena).row.status, PX_MEMBER_ACTIVE);
    assert_sound();
}

static void revocation(void **state)
{
    (void)state;
    LF_ARENA arena;
    struct px_member_key list[2] = {keys[0], keys[1]};
    int64_t when = lf__clock_utc_ms() - 86400000; /* known only today: position decides, not this */
    struct lf__hash id = lf__key_id(&keys[0].key);
    struct gw_key_proof row;
    lf__arena_init(&arena, 1 << 20);
    assert_string_equal(event_by(0), "");
    uint8_t before = w.next_id;
    list[0].revoked_at_ms = when;
    assert_string_equal(say_keys(list, 2)->s.error.reason, "FIELD_MISSING"); /* why? */
    list[0].revocation = PX_REVOKED_COMPROMISED;
    assert_string_equal(say_keys(list, 1)->s.error.reason,
                        "FIELD_MISSING"); /* none would be left */
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK);
    assert_string_equal(event_by(0), "KEY_RETIRED");
    assert_string_equal(event_by(1), "");
    uint8_t after = w.next_id;

    struct px_key_proof proof = proof_of(before, &arena);
    assert_int_equal(proof.row.status, PX_MEMBER_ACTIVE); /* of then, and proven */
    assert_int_equal(proof.revoked_at_ms, when);          /* told beside it */
    assert_int_equal(proof.revocation, PX_REVOKED_COMPROMISED);
    proof = proof_of(after, &arena);
    assert_int_equal(proof.row.status, PX_MEMBER_ACTIVE);
    assert_int_equal(proof.revoked_at_ms, 0);
    assert_int_equal(gw_roster_prove(gw_exchange_roster(w.exchange), &id, &row, NULL), LF_OK);
    assert_int_equal(row.row.status,
                     PX_MEMBER_RETIRED); /* in the table that later leaves commit to */
    assert_sound();
}

static void revoked_is_for_ever(void **state)
{
    (void)state;
    struct px_member_key list[2] = {keys[0], keys[1]};
    list[0].revoked_at_ms = lf__clock_utc_ms();
    list[0].revocation = PX_REVOKED_LOST;
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK);
    assert_string_equal(say_keys(keys, 2)->s.error.reason, "KEY_RETIRED");
    assert_int_equal(say_keys(&keys[1], 1)->s.status, LF_OK); /* no longer listed */
    assert_string_equal(event_by(0), "KEY_UNKNOWN");
    assert_string_equal(say_keys(keys, 2)->s.error.reason, "KEY_RETIRED");
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK); /* listed as what it is */
    struct px_member other = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    other.keys[1] = list[0];
    other.key_count = 2;
    assert_string_equal(say_member_value(OTHER, &other)->s.error.reason, "KEY_IN_USE");
    assert_string_equal(event_by(0), "KEY_RETIRED");
    assert_sound();
}

/* Signed before the revocation, sequenced after it: the position decides. */
static void on_its_way_when_revoked(void **state)
{
    (void)state;
    struct px_member_key list[2] = {keys[0], keys[1]};
    struct lf__buf wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    assert_string_equal(event_by(0), "");
    (void)lf__buf_append(&wire, said->s.envelope);
    uint64_t index = said->s.index;
    list[0].revoked_at_ms = lf__clock_utc_ms() + 60000;
    list[0].revocation = PX_REVOKED_SUPERSEDED;
    assert_int_equal(say_keys(list, 2)->s.status, LF_OK);
    lf__buf_clear(&said->wire);
    (void)lf__buf_append(&said->wire, lf__buf_bytes(&wire));
    lf__arena_done(&said->arena);
    submit(said); /* once more, after the answer was lost: signatures come before duplicates */
    assert_string_equal(said->s.error.reason, "KEY_RETIRED");
    assert_string_equal(event_by(0), "KEY_RETIRED");
    assert_true(index > 0);
    lf__buf_done(&wire);
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rotation_with_overlap, keys_setup, keys_teardown),
        cmocka_unit_test_setup_teardown(revocation, keys_setup, keys_teardown),
        cmocka_unit_test_setup_teardown(revoked_is_for_ever, keys_setup, keys_teardown),
        cmocka_unit_test_setup_teardown(on_its_way_when_revoked, keys_setup, keys_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
