/* SPDX-License-Identifier: Apache-2.0 */
/* Who sees what, by every path below gRPC; what is invisible looks like what is not there. */
#include "gateway/exchange/evidence.h"
#include "tests/unit/gateway/world.h"
#include "protos/codec/signed.h"

static struct gw_reader reader_of(enum who who)
{
    return (struct gw_reader){.member = lf__bytes_str(names[who]),
                              .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                              .level = who == REGULATOR ? 2 : 0};
}

/* How many parts of an entry somebody gets to see. */
static size_t seen(enum who who, uint64_t index)
{
    LF_BUF view;
    LF_ARENA arena;
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct px_envelope envelope;
    struct gw_reader reader = reader_of(who);
    struct st_ledger *ledger = gw_exchange_ledger(w.exchange);
    lf__buf_init(&view, PX_MESSAGE_MAX);
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_read(ledger, txn, index, &stored, NULL), LF_OK);
    unsigned told = 0;
    assert_int_equal(
        gw_entry_view(w.exchange, txn, &reader, stored.body, index, &view, &told, NULL), LF_OK);
    assert_int_equal(told == 0, view.len == 0);
    if (view.len == 0) {
        return 0;
    }
    assert_int_equal(px_envelope_decode(&arena, lf__buf_bytes(&view), &envelope, NULL), LF_OK);
    assert_int_equal(__builtin_popcount(told), envelope.part_count);
    return envelope.part_count;
}

static lf_status ask(enum who who, const char *issuer, uint8_t id_byte, struct lf__arena *arena,
                     struct px_evidence *out, lf_error *err)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct gw_reader reader = reader_of(who);
    return gw_evidence(w.exchange, arena, &reader, lf__bytes_str(issuer), LF_BYTES_ARRAY(id), out,
                       err);
}

static void assert_no_evidence(enum who who, const char *issuer, uint8_t id_byte)
{
    LF_ARENA arena;
    struct px_evidence evidence;
    lf_error err = LF_ERROR_INIT;
    lf_error unknown = LF_ERROR_INIT;
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(ask(who, issuer, id_byte, &arena, &evidence, &err), LF_E_NOT_FOUND);
    assert_int_equal(ask(who, "nobody", 250, &arena, &evidence, &unknown), LF_E_NOT_FOUND);
    assert_memory_equal(&err, &unknown, sizeof err); /* word for word the same */
}

static void held_is_for_issuer_and_regulators(void **state)
{
    (void)state;
    uint64_t event = say_event(PLATFORM, m1, 3, "REMOVAL")->s.index;
    uint8_t id = w.next_id;
    assert_true(seen(PLATFORM, event) > 0 && seen(REGULATOR, event) > 0);
    assert_int_equal(seen(OTHER, event), 0);
    assert_no_evidence(OTHER, "platform-01", id);
    assert_string_equal(
        say_target(OTHER, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.error.reason,
        "TARGET_UNKNOWN"); /* not even that it exists */
    uint64_t relay =
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.index;
    assert_true(seen(OTHER, event) > 0 && seen(OTHER, relay) > 0);
    assert_string_equal(
        say_target(OTHER, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.error.reason,
        "KIND_NOT_ALLOWED");
}

static void refused_is_never_told(void **state)
{
    (void)state;
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    uint64_t event = say_event(PLATFORM, m1, 3, "REMOVAL")->s.index;
    uint8_t id = w.next_id;
    uint64_t refusal =
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_REFUSED)->s.index;
    assert_int_equal(screen(PLATFORM, m1).reasons[0].state, LF__STATE_REFUSED);
    assert_string_equal(screen(REGULATOR, m1).reasons[0].code, "RELAY_REFUSED");
    assert_int_equal(screen(OTHER, m1).count, 0);
    assert_int_equal(seen(OTHER, event) + seen(OTHER, refusal), 0);
    assert_true(seen(PLATFORM, refusal) > 0); /* whom it is about */
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.error.reason,
        "RELAY_NOT_WAITING");
    assert_int_equal(screen(PLATFORM, m1).reasons[0].state, LF__STATE_REFUSED); /* final */
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    uint64_t withdrawal =
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.index;
    assert_int_equal(seen(OTHER, event) + seen(OTHER, withdrawal), 0); /* nor when withdrawn */
}

extern const unsigned char gw_policy_roles[];
extern const size_t gw_policy_roles_size;
extern const unsigned char lf__rules_codes_data[];
extern const size_t lf__rules_codes_data_size;

/* The same tables, but a refusal may be taken back. */
static void policy_without_finality(void)
{
    static const char rule[] = "relay REFUSED_IS_FINAL 1";
    char *codes = calloc(1, lf__rules_codes_data_size + 1);
    assert_non_null(codes);
    memcpy(codes, lf__rules_codes_data, lf__rules_codes_data_size);
    char *at = strstr(codes, rule);
    assert_non_null(at);
    at[sizeof rule - 2] = '0';
    gw_exchange_close(w.exchange);
    gw_policy_free(w.policy);
    assert_int_equal(gw_policy_load((lf_bytes){gw_policy_roles, gw_policy_roles_size},
                                    lf__bytes_str(codes), &w.policy, NULL),
                     LF_OK);
    exchange_open(NULL, LF_OK);
    free(codes);
}

static void refusal_taken_back_where_the_policy_says_so(void **state)
{
    (void)state;
    policy_without_finality();
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    uint64_t event = say_event(PLATFORM, m1, 3, "REMOVAL")->s.index;
    uint8_t id = w.next_id;
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_REFUSED)->s.status, LF_OK);
    assert_int_equal(seen(OTHER, event), 0);
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    assert_true(seen(OTHER, event) > 0);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
}

static void corrections(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint64_t policy_id = w.next_id;
    uint8_t registry = (uint8_t)(w.next_id + 1);
    assert_int_equal(say_registry(m1, "REVOKED")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(say_target(REGULATOR, PX_KIND_CORRECTION, "regulator", registry, 3)->s.status,
                     LF_OK);
    uint8_t correction = w.next_id;
    assert_string_equal(screen(OTHER, m1).reasons[0].code, "REGISTRY_UNKNOWN");
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_CORRECTION, "regulator", correction, 3)->s.error.reason,
        "TARGET_KIND"); /* of a correction */
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_CORRECTION, "authority", (uint8_t)policy_id, 3)
            ->s.error.reason,
        "TARGET_KIND"); /* of a policy */
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "regulator", registry, PX_RELAY_RELEASED)
            ->s.error.reason,
        "TARGET_KIND");
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t event = w.next_id;
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(say_target(AUTHORITY, PX_KIND_CORRECTION, "platform-01", event, 4)->s.status,
                     LF_OK); /* on behalf of a member that cannot or will not */
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_REVIEW);
}

static void suspended_corrects_its_own_only(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t event = w.next_id;
    assert_int_equal(say_event(REGULATOR, m2, 5, "REMOVAL")->s.status, LF_OK);
    uint8_t own = w.next_id;
    assert_int_equal(say_member(REGULATOR, PX_ROLE_REGULATOR, PX_MEMBER_SUSPENDED)->s.status,
                     LF_OK);
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_CORRECTION, "platform-01", event, 3)->s.error.reason,
        "MEMBER_SUSPENDED"); /* which it might while active */
    assert_string_equal(say_target(REGULATOR, PX_KIND_RELAY, "platform-01", event, PX_RELAY_REFUSED)
                            ->s.error.reason,
                        "MEMBER_SUSPENDED");
    assert_int_equal(say_target(REGULATOR, PX_KIND_CORRECTION, "regulator", own, 6)->s.status,
                     LF_OK);
    assert_int_equal(say_member(REGULATOR, PX_ROLE_REGULATOR, PX_MEMBER_RETIRED)->s.status, LF_OK);
    assert_string_equal(
        say_target(REGULATOR, PX_KIND_CORRECTION, "platform-01", event, 3)->s.error.reason,
        "MEMBER_RETIRED");
}

static struct told *say_redaction(uint8_t id_byte, enum px_class part_class, const char *number)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_redaction redaction = {.issuer = lf__bytes_str("platform-01"),
                                     .record_id = LF_BYTES_ARRAY(id),
                                     .classes = {part_class},
                                     .class_count = part_class == PX_CLASS_NONE ? 0 : 1,
                                     .order_authority = lf__bytes_str("北京市某法院"),
                                     .order_number = lf__bytes_str(number)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &redaction, parts, &count, NULL), LF_OK);
    struct told *told = say(AUTHORITY, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static void redactions_are_checked(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint8_t policy = w.next_id;
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t event = w.next_id;
    assert_string_equal(say_redaction(99, PX_CLASS_NONE, "2026-1")->s.error.reason,
                        "TARGET_UNKNOWN");
    assert_string_equal(say_redaction(event, PX_CLASS_NONE, "")->s.error.reason, "FIELD_MISSING");
    assert_string_equal(say_redaction(event, PX_CLASS_PERSONAL, "2026-1")->s.error.reason,
                        "PART_CLASS"); /* the event has no such part */
    assert_string_equal(say_redaction(event, (enum px_class)9, "2026-1")->s.error.reason,
                        "PART_CLASS");
    assert_string_equal(
        say_redaction(event, PX_CLASS_NONE, "关于91999999MA00000154的裁定")->s.error.reason,
        "SUBJECT_IN_TEXT");
    assert_string_equal(say_redaction(event, PX_CLASS_NONE, "11010519491231002X")->s.error.reason,
                        "ID_NUMBER_IN_TEXT");
    struct told *told = say_redaction(event, PX_CLASS_MEMBERS, "2026-1");
    assert_int_equal(told->s.status, LF_OK);
    assert_true(seen(OTHER, told->s.index) > 0); /* whoever has it learns that it is to go */
    (void)policy;
}

static void assert_holds(const struct px_evidence *e)
{
    LF_BUF block;
    LF_ARENA arena;
    struct px_envelope envelope;
    struct lf__note_key key;
    struct lf__merkle_head head;
    struct lf__hash root;
    struct lf__receipt receipt = {.index = e->index, .checkpoint = e->checkpoint};
    lf__buf_init(&block, 10000);
    lf__arena_init(&arena, 1 << 20);
    memcpy(receipt.leaf, e->leaf.ptr, sizeof receipt.leaf);
    receipt.proof.count = e->path_count;
    memcpy(receipt.proof.hashes, e->path, e->path_count * sizeof *e->path);
    assert_int_equal(px_envelope_decode(&arena, e->envelope, &envelope, NULL), LF_OK);
    assert_true(px_signature_block(&envelope, &block));
    struct lf__receipt_claim claim = {px_record_digest(envelope.record), lf__buf_bytes(&block)};
    assert_int_equal(lf__note_key_make("test/ledger", &w.keys[LEDGER].key, &key, NULL), LF_OK);
    assert_int_equal(lf__receipt_verify(&receipt, &claim, &key, &head, NULL), LF_OK);
    memcpy(root.bytes, e->leaf.ptr + 9, sizeof root.bytes);
    assert_int_equal(e->key_count, envelope.signature_count);
    for (size_t i = 0; i < e->key_count; i++) {
        const struct px_key_proof *k = &e->keys[i];
        struct lf__proof proof = {.count = k->path_count};
        struct lf__hash leaf = lf__roster_leaf(&k->row);
        struct lf__hash id = lf__key_id(&k->key);
        memcpy(proof.hashes, k->path, k->path_count * sizeof *k->path);
        assert_int_equal(lf__merkle_verify_inclusion(&leaf, k->at, k->rows, &proof, &root, NULL),
                         LF_OK);
        assert_true(lf__hash_eq(&id, &k->row.key_id) &&
                    lf__hash_eq(&id, &envelope.signatures[i].key_id));
    }
    struct lf__proof genesis = {.count = e->genesis_path_count};
    memcpy(genesis.hashes, e->genesis_path, e->genesis_path_count * sizeof *e->genesis_path);
    assert_int_equal(
        lf__merkle_verify_inclusion(&e->genesis_leaf, 0, head.size, &genesis, &head.root, NULL),
        LF_OK);
}

/* The key was active then, though the member is suspended now: the table is the one of then. */
static void evidence_proves_the_key_of_then(void **state)
{
    (void)state;
    LF_ARENA arena;
    struct px_evidence e;
    lf__arena_init(&arena, 1 << 22);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t first = w.next_id;
    assert_int_equal(ask(PLATFORM, "platform-01", first, &arena, &e, NULL), LF_OK);
    assert_holds(&e);
    assert_int_equal(e.keys[0].row.status, PX_MEMBER_ACTIVE);
    assert_int_equal(say_member(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED)->s.status, LF_OK);
    uint64_t suspension = said->s.index;
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", first, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    uint8_t second = w.next_id;
    assert_int_equal(say_member(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED)->s.status, LF_OK);
    for (int again = 0; again < 2; again++) { /* made, and then taken from what was kept */
        assert_int_equal(ask(PLATFORM, "platform-01", first, &arena, &e, NULL), LF_OK);
        assert_holds(&e);
        assert_int_equal(e.keys[0].row.status, PX_MEMBER_ACTIVE);
        assert_string_equal(e.keys[0].row.member, "platform-01");
    }
    assert_int_equal(ask(PLATFORM, "platform-01", second, &arena, &e, NULL), LF_OK);
    assert_holds(&e);
    assert_int_equal(e.keys[0].row.status, PX_MEMBER_SUSPENDED);
    assert_int_equal(e.keys[0].row.since_index, suspension);
    assert_int_equal(ask(REGULATOR, "authority", 0, &arena, &e, NULL), LF_OK); /* genesis itself */
    assert_holds(&e);
    assert_no_evidence(OTHER, "platform-01", second);
}

static void evidence_travels(void **state)
{
    (void)state;
    LF_ARENA arena;
    LF_BUF wire;
    struct px_evidence e;
    struct px_evidence back;
    lf__arena_init(&arena, 1 << 22);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(ask(PLATFORM, "platform-01", w.next_id, &arena, &e, NULL), LF_OK);
    e.origin = lf__bytes_str("test/ledger");
    assert_true(px_evidence_encode(&e, &wire));
    assert_int_equal(px_evidence_decode(&arena, lf__buf_bytes(&wire), &back, NULL), LF_OK);
    assert_holds(&back);
    assert_true(lf__bytes_eq(back.origin, e.origin) && lf__bytes_eq(back.envelope, e.envelope));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(held_is_for_issuer_and_regulators, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_is_never_told, setup, teardown),
        cmocka_unit_test_setup_teardown(refusal_taken_back_where_the_policy_says_so, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(corrections, setup, teardown),
        cmocka_unit_test_setup_teardown(suspended_corrects_its_own_only, setup, teardown),
        cmocka_unit_test_setup_teardown(redactions_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(evidence_proves_the_key_of_then, setup, teardown),
        cmocka_unit_test_setup_teardown(evidence_travels, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
