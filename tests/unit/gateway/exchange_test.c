/* SPDX-License-Identifier: Apache-2.0 */
/* From genesis to advice on a real store: the whole way of a record below gRPC. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/receipt.h"
#include "gateway/exchange/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum who { AUTHORITY, PLATFORM, OTHER, REGULATOR, LEDGER, WHO_COUNT };
static const char *const names[WHO_COUNT] = {"authority", "platform-01", "platform-02", "regulator",
                                             "ledger"};
static const char m1[] = "91999999MA00000154";
static const char m2[] = "91999999MA0000023Y";

struct world {
    char path[64];
    struct lf__secret *seeds[WHO_COUNT];
    struct px_member_key keys[WHO_COUNT];
    struct gw_policy *policy;
    struct gw_exchange *exchange;
    uint8_t next_id;
};
static struct world w;

struct told {
    struct lf__arena arena;
    struct gw_submission s;
    struct gw_group group;
    struct lf__buf wire;
    sem_t done;
};

static void told_done(struct gw_group *group)
{
    struct told *told = group->user;
    (void)sem_post(&told->done);
}

/* A signed envelope of `parts`, appended to `wire`. */
static void envelope_sign(enum who who, struct px_header *header, struct px_part *parts,
                          size_t count, struct lf__buf *wire)
{
    LF_BUF record;
    LF_BUF pae;
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    header->issuer = lf__bytes_str(names[who]);
    assert_true(px_record_encode(header, parts, count, &record));
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, lf__buf_bytes(&record)));
    struct lf__signature signature = lf__sign(w.seeds[who], lf__buf_bytes(&pae));
    struct px_envelope e = {
        .record = lf__buf_bytes(&record), .part_count = count, .signature_count = 1};
    for (size_t i = 0; i < count; i++) {
        e.parts[i] = parts[i];
    }
    e.signatures[0] = (struct px_signature){.alg = 1,
                                            .key_id = lf__key_id(&w.keys[who].key),
                                            .signature = LF_BYTES_ARRAY(signature.bytes)};
    assert_true(px_envelope_encode(&e, wire));
}

static void submit(struct told *told)
{
    (void)sem_init(&told->done, 0, 0);
    lf__arena_init(&told->arena, 1 << 22);
    told->s = (struct gw_submission){.envelope = lf__buf_bytes(&told->wire)};
    told->group = (struct gw_group){
        .arena = &told->arena, .list = &told->s, .count = 1, .user = told, .done = told_done};
    gw_exchange_submit(w.exchange, &told->group);
    (void)sem_wait(&told->done);
    (void)sem_destroy(&told->done);
}

static struct told *said;

/* Says something once: the id is fresh unless header->record_id is set. */
static struct told *say(enum who who, struct px_header *header, struct px_part *parts, size_t count)
{
    static uint8_t id[PX_ID_BYTES];
    lf__arena_done(&said->arena);
    lf__buf_done(&said->wire);
    lf__buf_init(&said->wire, PX_MESSAGE_MAX);
    if (header->record_id.ptr == NULL) {
        id[0] = ++w.next_id;
        header->record_id = LF_BYTES_ARRAY(id);
    }
    envelope_sign(who, header, parts, count, &said->wire);
    submit(said);
    return said;
}

static struct told *say_event(enum who who, const char *uscc, unsigned certainty,
                              const char *measure)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {
        .kind = PX_KIND_ENFORCEMENT_EVENT, .version = 1, .certainty = certainty};
    struct px_event event = {.uscc = lf__bytes_str(uscc),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str(measure)},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-03-02")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    struct told *told = say(who, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static struct told *say_target(enum who who, enum px_kind kind, const char *issuer, uint8_t id_byte,
                               unsigned decision)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_header header = {.kind = kind, .version = 1};
    struct px_target target = {
        .issuer = lf__bytes_str(issuer), .record_id = LF_BYTES_ARRAY(id), .decision = decision};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_target_encode(&arena, kind, &target, parts, &count, NULL), LF_OK);
    struct told *told = say(who, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static struct told *say_registry(const char *uscc, const char *status)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_REGISTRY_ENTRY, .version = 1};
    struct px_registry entry = {.uscc = lf__bytes_str(uscc), .status = lf__bytes_str(status)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_registry_encode(&arena, &entry, parts, &count, NULL), LF_OK);
    struct told *told = say(REGULATOR, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

/* What is said of members: each state is made from the one before. */
static uint8_t member_ids[WHO_COUNT][PX_ID_BYTES];
static uint32_t member_versions[WHO_COUNT];

static struct px_member member_of(enum who who, enum px_role role, enum px_member_status status)
{
    return (struct px_member){.member = lf__bytes_str(names[who]),
                              .name = lf__bytes_str("名称"),
                              .role = role,
                              .level = role == PX_ROLE_REGULATOR ? 2 : 0,
                              .division = lf__bytes_str(role == PX_ROLE_REGULATOR ? "110000" : ""),
                              .status = status,
                              .keys = {{.key = w.keys[who].key, .use = PX_KEY_RECORD}},
                              .key_count = 1};
}

static struct told *say_member_value(enum who who, const struct px_member *member)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {++w.next_id};
    struct px_header header = {.kind = PX_KIND_MEMBER,
                               .version = member_versions[who] + 1,
                               .record_id = LF_BYTES_ARRAY(id),
                               .predecessor = member_versions[who] > 0
                                                  ? (lf_bytes)LF_BYTES_ARRAY(member_ids[who])
                                                  : LF_BYTES_NONE};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_member_encode(&arena, member, parts, &count, NULL), LF_OK);
    struct told *told = say(AUTHORITY, &header, parts, count);
    lf__arena_done(&arena);
    if (told->s.status == LF_OK) {
        member_versions[who]++;
        memcpy(member_ids[who], id, sizeof id);
    }
    return told;
}

static struct told *say_member(enum who who, enum px_role role, enum px_member_status status)
{
    struct px_member member = member_of(who, role, status);
    return say_member_value(who, &member);
}

static struct told *say_policy(unsigned relay_below)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_POLICY, .version = 1};
    struct px_policy policy = {.relay_below = relay_below};
    lf__arena_init(&arena, 1 << 16);
    /* 0 is proto3's default and leaves an empty body, so the least certainty says "automatic" */
    assert_int_equal(px_policy_encode(&arena, &policy, parts, &count, NULL), LF_OK);
    struct told *told = say(AUTHORITY, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static void exchange_open(const lf_bytes *genesis, lf_status want)
{
    lf_error err = LF_ERROR_INIT;
    struct gw_exchange_options options = {.path = w.path,
                                          .name = "test",
                                          .map_bytes = 1 << 26,
                                          .seed = w.seeds[LEDGER],
                                          .policy = w.policy};
    assert_int_equal(gw_exchange_open(&options, genesis, &w.exchange, &err), want);
}

static void genesis_make(struct lf__buf *wire)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    static const uint8_t id[PX_ID_BYTES] = {0};
    struct px_header header = {
        .kind = PX_KIND_GENESIS, .version = 1, .record_id = LF_BYTES_ARRAY(id)};
    struct px_genesis genesis = {.gateway = lf__bytes_str("test"),
                                 .keys = {w.keys[AUTHORITY]},
                                 .key_count = 1,
                                 .threshold = 1,
                                 .is_test = true};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_genesis_encode(&arena, &genesis, parts, &count, NULL), LF_OK);
    envelope_sign(AUTHORITY, &header, parts, count, wire);
    lf__arena_done(&arena);
}

static int setup(void **state)
{
    LF_BUF genesis;
    (void)state;
    memset(&w, 0, sizeof w);
    memset(member_versions, 0, sizeof member_versions);
    said = calloc(1, sizeof *said);
    assert_non_null(said);
    lf__buf_init(&said->wire, PX_MESSAGE_MAX);
    (void)snprintf(w.path, sizeof w.path, "/tmp/lf-exchange-XXXXXX");
    assert_non_null(mkdtemp(w.path));
    for (unsigned i = 0; i < WHO_COUNT; i++) {
        w.seeds[i] = lf__secret_new(32);
        lf__secret_bytes(w.seeds[i])[0] = (uint8_t)(i + 1);
        w.keys[i] = (struct px_member_key){.key = lf__sign_public(w.seeds[i]), .use = 1};
    }
    assert_int_equal(gw_policy_load_default(&w.policy, NULL), LF_OK);
    lf__buf_init(&genesis, PX_MESSAGE_MAX);
    genesis_make(&genesis);
    lf_bytes bytes = lf__buf_bytes(&genesis);
    exchange_open(NULL, LF_E_PRECONDITION);
    exchange_open(&bytes, LF_OK);
    assert_int_equal(say_member(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE)->s.status, LF_OK);
    assert_int_equal(say_member(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE)->s.status, LF_OK);
    assert_int_equal(say_member(REGULATOR, PX_ROLE_REGULATOR, PX_MEMBER_ACTIVE)->s.status, LF_OK);
    return 0;
}

static int teardown(void **state)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", "LOCK"};
    (void)state;
    gw_exchange_close(w.exchange);
    gw_policy_free(w.policy);
    for (unsigned i = 0; i < WHO_COUNT; i++) {
        lf__secret_free(w.seeds[i]);
    }
    for (size_t i = 0; i < LF_COUNT(files); i++) {
        char name[96];
        (void)snprintf(name, sizeof name, "%s/%s", w.path, files[i]);
        (void)unlink(name);
    }
    (void)rmdir(w.path);
    lf__arena_done(&said->arena);
    lf__buf_done(&said->wire);
    free(said);
    return 0;
}

static struct gw_screened screen(enum who who, const char *uscc)
{
    struct gw_screened out;
    ST_TXN *txn = NULL;
    struct gw_reader reader = {.member = lf__bytes_str(names[who]),
                               .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                               .level = who == REGULATOR ? 2 : 0};
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_screen(w.exchange, txn, &reader, lf__bytes_str(uscc), &out, NULL), LF_OK);
    return out;
}

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
    assert_true(gw_signature_block(&told->s.decoded, &block));
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
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_REVIEW);
    assert_string_equal(screen(OTHER, m1).reasons[0].code, "REGISTRY_UNKNOWN");
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_ALLOW);
    struct told *told = say_event(PLATFORM, m1, 3, "REMOVAL"); /* waits for a regulator */
    uint8_t id = w.next_id;
    assert_true(told->s.status == LF_OK && told->s.is_pending_relay);
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_ALLOW);
    assert_string_equal(screen(REGULATOR, m1).reasons[0].code, "PENDING_RELAY");
    assert_int_equal(screen(PLATFORM, m1).reasons[0].state, GW_EVENT_PENDING_RELAY);
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
    assert_int_equal(denied.advice, GW_ADVICE_DENY);
    assert_string_equal(denied.reasons[0].code, "LIVE_REMOVAL");
    assert_string_equal(denied.reasons[0].decided_at, "2026-03-02");
    assert_true(denied.reasons[0].until_ms > lf__clock_utc_ms());
    assert_int_equal(screen(OTHER, "91999999MA00000155").advice, GW_ADVICE_NONE);
    assert_string_equal(screen(OTHER, "91999999MA00000155").error.reason, "USCC_CHECK_DIGIT");
    assert_string_equal(
        say_target(OTHER, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.error.reason,
        "KIND_NOT_ALLOWED");
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_ALLOW);
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", id, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    assert_int_equal(screen(OTHER, m1).advice,
                     GW_ADVICE_ALLOW); /* a relay wakes nothing that was withdrawn */
}

static void strength_matters(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK); /* automatic */
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 1, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_REVIEW);
    assert_int_equal(say_event(PLATFORM, m1, 3, "WARN")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_REVIEW);
    assert_int_equal(say_event(PLATFORM, m1, 3, "ENTRY_BAN")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, GW_ADVICE_DENY);
    assert_int_equal(screen(OTHER, m1).count, 3);
    assert_int_equal(say_registry(m2, "REVOKED")->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m2).advice, GW_ADVICE_DENY);
    assert_int_equal(say_registry(m2, "")->s.status, LF_OK); /* the newest entry counts */
    assert_int_equal(screen(OTHER, m2).advice, GW_ADVICE_REVIEW);
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
