/* SPDX-License-Identifier: Apache-2.0 */
/* How the authority changes who takes part: what it may not do, whose order counts, and k of n. */
#include "gateway/exchange/proposals.h"
#include "tests/unit/gateway/world.h"

static const char *reason_of(struct told *told)
{
    return told->s.error.reason;
}

static void what_a_member_may_not_be(void **state)
{
    (void)state;
    struct px_member member = member_of(LEDGER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    member.member = lf__bytes_str("platform-09");
    assert_string_equal(reason_of(say_member_value(LEDGER, &member)),
                        ""); /* of another log's key */
    struct px_member bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.member = lf__bytes_str(GW_AUTHORITY_ID);
    assert_string_equal(reason_of(say_member_value(AUTHORITY, &bad)), "MEMBER_ID");
    bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.name = LF_BYTES_NONE;
    assert_string_equal(reason_of(say_member_value(OTHER, &bad)), "FIELD_MISSING");
    bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.level = 2;
    assert_string_equal(reason_of(say_member_value(OTHER, &bad)), "MEMBER_LEVEL");
    bad = member_of(REGULATOR, PX_ROLE_REGULATOR, PX_MEMBER_ACTIVE);
    bad.division = lf__bytes_str("11000");
    assert_string_equal(reason_of(say_member_value(REGULATOR, &bad)), "MEMBER_LEVEL");
    bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.key_count = 0;
    assert_string_equal(reason_of(say_member_value(OTHER, &bad)), "FIELD_MISSING");
    bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.keys[bad.key_count++] = bad.keys[0];
    assert_string_equal(reason_of(say_member_value(OTHER, &bad)), "KEY_IN_USE");
    bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.keys[0].key = w.keys[AUTHORITY].key;
    assert_string_equal(reason_of(say_member_value(OTHER, &bad)), "KEY_IN_USE");
    bad = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    bad.keys[0].from_ms = bad.keys[0].until_ms = 5;
    assert_string_equal(reason_of(say_member_value(OTHER, &bad)), "FIELD_MISSING");
}

/* Points outside the prime-order subgroup, and other algorithms, never become keys. */
static void weak_keys(void **state)
{
    (void)state;
    struct px_member member = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    memset(member.keys[0].key.bytes, 0, sizeof member.keys[0].key.bytes);
    member.keys[0].key.bytes[0] = 1; /* the identity: order 1 */
    assert_string_equal(reason_of(say_member_value(OTHER, &member)), "KEY_WEAK");
    member = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    member.keys[0].key.alg = (enum lf__alg)2;
    assert_string_equal(reason_of(say_member_value(OTHER, &member)), "KEY_ALGORITHM");
}

static void keys_and_pins_belong_to_one(void **state)
{
    (void)state;
    struct px_member platform = member_of(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    struct px_member other = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    struct gw_standing who;
    struct lf__public_key key;
    struct lf__hash old = lf__key_id(&w.keys[PLATFORM].key);
    platform.pins[0].spki.bytes[0] = 7;
    platform.pin_count = 1;
    platform.keys[0].key = w.keys[LEDGER].key; /* a new key in the old one's place */
    assert_string_equal(reason_of(say_member_value(PLATFORM, &platform)), "");
    assert_int_equal(gw_roster_by_key(gw_exchange_roster(w.exchange), &old, 1, &who, &key, NULL),
                     LF_E_REJECTED);
    other.keys[1].key = w.keys[LEDGER].key;
    other.keys[1].use = PX_KEY_RECORD;
    other.key_count = 2;
    assert_string_equal(reason_of(say_member_value(OTHER, &other)), "KEY_IN_USE");
    other.keys[1].key = w.keys[PLATFORM].key; /* rotated out, and still not to be had */
    assert_string_equal(reason_of(say_member_value(OTHER, &other)), "KEY_IN_USE");
    other.key_count = 1;
    other.pins[0].spki.bytes[0] = 7;
    other.pin_count = 1;
    assert_string_equal(reason_of(say_member_value(OTHER, &other)), "PIN_IN_USE");
    platform.status = PX_MEMBER_RETIRED;
    assert_string_equal(reason_of(say_member_value(PLATFORM, &platform)), "");
    assert_string_equal(reason_of(say_member_value(OTHER, &other)), "");
    assert_int_equal(
        gw_roster_by_pin(gw_exchange_roster(w.exchange), &other.pins[0].spki, 1, &who, NULL),
        LF_OK);
    assert_string_equal(who.member, "platform-02"); /* not the one that left */
    platform.status = PX_MEMBER_ACTIVE;
    platform.pin_count = 0;
    assert_string_equal(reason_of(say_member_value(PLATFORM, &platform)), "MEMBER_RETIRED");
    other.role = PX_ROLE_LAB;
    assert_string_equal(reason_of(say_member_value(OTHER, &other)), "MEMBER_ID");
}

static uint32_t version_of(const char *id, uint8_t record_id[static PX_ID_BYTES])
{
    struct gw_member member;
    assert_int_equal(
        gw_roster_get(gw_exchange_roster(w.exchange), lf__bytes_str(id), &member, NULL), LF_OK);
    memcpy(record_id, member.record_id, PX_ID_BYTES);
    return member.version;
}

/* A change made from an older state than the one in force would undo what came between. */
static void changes_follow_one_another(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t in_force[PX_ID_BYTES];
    uint32_t version = version_of("platform-01", in_force);
    struct px_member rotation = member_of(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    assert_int_equal(say_member(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED)->s.status, LF_OK);
    struct px_header header = {
        .kind = PX_KIND_MEMBER, .version = version + 1, .predecessor = LF_BYTES_ARRAY(in_force)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_member_encode(&arena, &rotation, parts, &count, NULL), LF_OK);
    assert_string_equal(reason_of(say(AUTHORITY, &header, parts, count)), "PREDECESSOR_UNKNOWN");
    header = (struct px_header){.kind = PX_KIND_MEMBER, .version = 1};
    assert_string_equal(reason_of(say(AUTHORITY, &header, parts, count)), "PREDECESSOR_UNKNOWN");
    assert_string_equal(reason_of(say_event(PLATFORM, m1, 3, "REMOVAL")), "MEMBER_SUSPENDED");
    assert_int_equal(say_member(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK); /* reinstated */
    lf__arena_done(&arena);
}

/* Suspension and record in one group: both were checked against the same roster, and the log decides. */
static void suspended_between_check_and_commit(void **state)
{
    (void)state;
    struct lf__buf wires[3];
    LF_ARENA arena;
    struct lf__arena work;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t in_force[PX_ID_BYTES];
    static const uint8_t ids[3][PX_ID_BYTES] = {{201}, {202}, {203}};
    struct px_event event = {.uscc = lf__bytes_str(m1), .violation = lf__bytes_str("COUNTERFEIT")};
    struct px_member member = member_of(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED);
    lf__arena_init(&work, 1 << 18);
    lf__arena_init(&arena, 1 << 22);
    for (size_t i = 0; i < 3; i++) {
        struct px_header header = {.kind = i == 1 ? PX_KIND_MEMBER : PX_KIND_ENFORCEMENT_EVENT,
                                   .version = 1,
                                   .certainty = 3,
                                   .record_id = LF_BYTES_ARRAY(ids[i])};
        if (i == 1) {
            header.version = version_of("platform-01", in_force) + 1;
            header.predecessor = (lf_bytes)LF_BYTES_ARRAY(in_force);
            assert_int_equal(px_member_encode(&work, &member, parts, &count, NULL), LF_OK);
        } else {
            assert_int_equal(px_event_encode(&work, &event, parts, &count, NULL), LF_OK);
        }
        lf__buf_init(&wires[i], PX_MESSAGE_MAX);
        envelope_sign(i == 1 ? AUTHORITY : PLATFORM, &header, parts, count, &wires[i]);
    }
    struct told *told = said;
    lf__arena_done(&told->arena);
    struct gw_submission list[3] = {{.envelope = lf__buf_bytes(&wires[0])},
                                    {.envelope = lf__buf_bytes(&wires[1])},
                                    {.envelope = lf__buf_bytes(&wires[2])}};
    submit_group(told, list, 3);
    assert_int_equal(list[0].status, LF_OK);
    assert_int_equal(list[1].status, LF_OK);
    assert_int_equal(list[2].generation, list[0].generation); /* nothing had changed when checked */
    assert_string_equal(list[2].error.reason, "MEMBER_SUSPENDED");
    for (size_t i = 0; i < 3; i++) {
        lf__buf_done(&wires[i]);
    }
    lf__arena_done(&work);
}

/* A record comes from its issuer, or is the authority's; for others nobody has the right. */
static void who_hands_in(void **state)
{
    (void)state;
    struct gw_standing caller;
    struct gw_roster *roster = gw_exchange_roster(w.exchange);
    assert_int_equal(gw_roster_by_name(roster, lf__bytes_str("platform-02"), &caller, NULL), LF_OK);
    w.caller = &caller;
    assert_string_equal(reason_of(say_event(PLATFORM, m1, 3, "REMOVAL")), "SUBMITTER_NOT_ALLOWED");
    assert_string_equal(reason_of(say_event(OTHER, m1, 3, "REMOVAL")), "");
    assert_string_equal(reason_of(say_member(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED)), "");
    assert_int_equal(gw_roster_by_name(roster, lf__bytes_str("regulator"), &caller, NULL), LF_OK);
    assert_string_equal(reason_of(say_event(OTHER, m1, 3, "REMOVAL")), "SUBMITTER_NOT_ALLOWED");
    w.caller = NULL;
}

/* ---- proposals, with a threshold of two ---- */

struct asked {
    struct gw_proposal_job job;
    sem_t done;
    lf_status status;
    struct px_proposal out;
    lf_error error;
};

static void asked_done(struct gw_proposal_job *job, lf_status rc, const struct px_proposal *out,
                       const lf_error *err)
{
    struct asked *asked = job->user;
    asked->status = rc;
    asked->out = *out;
    asked->error = *err;
    (void)sem_post(&asked->done);
}

static struct asked ask(struct gw_proposal_job job)
{
    struct asked asked = {.job = job};
    asked.job.user = &asked;
    asked.job.done = asked_done;
    (void)sem_init(&asked.done, 0, 0);
    assert_int_equal(gw_propose(w.exchange, &asked.job, NULL), LF_OK);
    (void)sem_wait(&asked.done);
    (void)sem_destroy(&asked.done);
    return asked;
}

/* The record that suspends platform-02, signed by one, to be taken apart by the tests. */
static struct lf__buf suspension;
static struct px_signature by_second;
static uint8_t second_bytes[64];

static void suspension_make(enum px_kind kind)
{
    LF_BUF pae;
    struct lf__arena arena;
    lf_bytes record;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t in_force[PX_ID_BYTES];
    static const uint8_t id[PX_ID_BYTES] = {210};
    struct px_member member = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED);
    struct px_header header = {.kind = kind,
                               .version = version_of("platform-02", in_force) + 1,
                               .record_id = LF_BYTES_ARRAY(id),
                               .predecessor = LF_BYTES_ARRAY(in_force)};
    lf__arena_init(&arena, 1 << 16);
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    lf__buf_init(&suspension, PX_MESSAGE_MAX);
    assert_int_equal(px_member_encode(&arena, &member, parts, &count, NULL), LF_OK);
    w.threshold = 1; /* one signature only */
    envelope_sign(AUTHORITY, &header, parts, count, &suspension);
    w.threshold = 2;
    assert_true(px_envelope_record(lf__buf_bytes(&suspension), &record));
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, record));
    struct lf__signature signature = lf__sign(w.seeds[SECOND], lf__buf_bytes(&pae));
    memcpy(second_bytes, signature.bytes, sizeof second_bytes);
    by_second = (struct px_signature){.alg = LF_ALG_ED25519,
                                      .key_id = lf__key_id(&w.keys[SECOND].key),
                                      .signature = LF_BYTES_ARRAY(second_bytes)};
    lf__arena_done(&arena);
}

static uint64_t size_now(void)
{
    return st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
}

static void nothing_changes_before_the_last_signature(void **state)
{
    (void)state;
    uint64_t size = size_now();
    suspension_make(PX_KIND_MEMBER);
    struct asked first = ask((struct gw_proposal_job){.envelope = lf__buf_bytes(&suspension)});
    assert_int_equal(first.status, LF_OK);
    assert_true(!first.out.accepted && first.out.signatures == 1 && first.out.threshold == 2 &&
                first.out.expires_at_ms > lf__clock_utc_ms());
    assert_int_equal(size_now(), size);
    assert_int_equal(say_event(OTHER, m1, 3, "REMOVAL")->s.status, LF_OK);
    struct asked again = ask((struct gw_proposal_job){.envelope = lf__buf_bytes(&suspension)});
    assert_int_equal(again.out.signatures, 1); /* one key is one signature, however often */
    gw_exchange_close(w.exchange);
    exchange_open(NULL, LF_OK); /* a proposal outlives a restart */
    second_bytes[3] ^= 1;
    struct asked bad = ask((struct gw_proposal_job){.id = first.out.id, .signature = &by_second});
    assert_string_equal(bad.error.reason, "SIGNATURE_BAD");
    second_bytes[3] ^= 1;
    struct asked last = ask((struct gw_proposal_job){.id = first.out.id, .signature = &by_second});
    assert_true(last.status == LF_OK && last.out.accepted && last.out.signatures == 2);
    assert_int_equal(last.out.index, size + 1);
    assert_string_equal(reason_of(say_event(OTHER, m1, 3, "REMOVAL")), "MEMBER_SUSPENDED");
    struct asked late = ask((struct gw_proposal_job){.id = first.out.id, .signature = &by_second});
    assert_string_equal(late.error.reason, "TARGET_UNKNOWN");
    struct asked known = ask((struct gw_proposal_job){.envelope = lf__buf_bytes(&suspension)});
    assert_true(known.out.accepted && known.out.index == last.out.index); /* it stands already */
    lf__buf_done(&suspension);
}

static void only_the_authority_proposes(void **state)
{
    (void)state;
    LF_BUF own;
    struct asked asked;
    lf__buf_init(&own, PX_MESSAGE_MAX);
    static const uint8_t id[PX_ID_BYTES] = {220};
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct lf__arena arena;
    struct px_event event = {.uscc = lf__bytes_str(m1), .violation = lf__bytes_str("COUNTERFEIT")};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = 1,
                               .certainty = 3,
                               .record_id = LF_BYTES_ARRAY(id)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    envelope_sign(PLATFORM, &header, parts, count, &own);
    asked = ask((struct gw_proposal_job){.envelope = lf__buf_bytes(&own)});
    assert_string_equal(asked.error.reason, "KIND_NOT_ALLOWED");
    lf__arena_done(&arena);
    suspension_make(PX_KIND_GENESIS);
    asked = ask((struct gw_proposal_job){.envelope = lf__buf_bytes(&suspension)});
    assert_string_equal(asked.error.reason, "KIND_NOT_ALLOWED");
    lf__buf_done(&suspension);
    suspension_make(PX_KIND_MEMBER);
    suspension.ptr[suspension.len - 1] ^= 1; /* in the signature */
    asked = ask((struct gw_proposal_job){.envelope = lf__buf_bytes(&suspension)});
    assert_string_equal(asked.error.reason, "SIGNATURE_BAD");
    lf__buf_done(&suspension);
}

static void the_roster_is_listed_in_pages(void **state)
{
    (void)state;
    struct gw_member members[2];
    bool more = false;
    struct gw_roster *roster = gw_exchange_roster(w.exchange);
    assert_int_equal(gw_roster_list(roster, PX_ROLE_NONE, LF_BYTES_NONE, members, 2, &more), 2);
    assert_true(more);
    assert_string_equal(members[0].id, "platform-01");
    assert_string_equal(members[0].name, "名称");
    lf_bytes after = lf__bytes_str("platform-02");
    assert_int_equal(gw_roster_list(roster, PX_ROLE_NONE, after, members, 2, &more), 1);
    assert_false(more);
    assert_string_equal(members[0].id, "regulator");
    assert_int_equal(gw_roster_list(roster, PX_ROLE_REGULATOR, LF_BYTES_NONE, members, 2, &more),
                     1);
    assert_false(more); /* and the authority is no member */
}

enum { SEEN_MAX = 256 };

static void member_note(char *seen, const struct gw_member *member)
{
    size_t used = strlen(seen);
    (void)snprintf(seen + used, SEEN_MAX - used, "%s ", member->id);
}

/* Up to the second, at which it stops. */
static lf_status member_seen(void *user, const struct gw_member *member, lf_error *err)
{
    member_note(user, member);
    return strcmp(member->id, "platform-02") == 0 ? lf__fail(err, LF_E_PRECONDITION, "enough")
                                                  : LF_OK;
}

static lf_status member_join(void *user, const struct gw_member *member, lf_error *err)
{
    (void)err;
    member_note(user, member);
    return LF_OK;
}

static void the_roster_is_walked(void **state)
{
    (void)state;
    char all[SEEN_MAX] = "";
    char some[SEEN_MAX] = "";
    char few[SEEN_MAX] = "";
    lf_error err = LF_ERROR_INIT;
    struct gw_roster *roster = gw_exchange_roster(w.exchange);
    assert_int_equal(gw_roster_each(roster, PX_ROLE_NONE, member_join, all, &err), LF_OK);
    assert_string_equal(all, "platform-01 platform-02 regulator ");
    assert_int_equal(gw_roster_each(roster, PX_ROLE_PLATFORM, member_join, some, &err), LF_OK);
    assert_string_equal(some, "platform-01 platform-02 ");
    assert_int_equal(gw_roster_each(roster, PX_ROLE_NONE, member_seen, few, &err),
                     LF_E_PRECONDITION);
    assert_string_equal(few, "platform-01 platform-02 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_member_may_not_be, setup, teardown),
        cmocka_unit_test_setup_teardown(weak_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_and_pins_belong_to_one, setup, teardown),
        cmocka_unit_test_setup_teardown(changes_follow_one_another, setup, teardown),
        cmocka_unit_test_setup_teardown(suspended_between_check_and_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(who_hands_in, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_changes_before_the_last_signature, setup_two,
                                        teardown),
        cmocka_unit_test_setup_teardown(only_the_authority_proposes, setup_two, teardown),
        cmocka_unit_test_setup_teardown(the_roster_is_listed_in_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(the_roster_is_walked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
