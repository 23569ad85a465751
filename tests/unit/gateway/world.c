/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/gateway/world.h"

#include "gateway/exchange/replay.h"

const char *const names[WHO_COUNT] = {"authority", "authority", "platform-01", "platform-02",
                                      "regulator", "ledger",    "brand-01"};
const char m1[] = "91999999MA00000154";
const char m2[] = "91999999MA0000023Y";

struct world w;

static void told_done(struct gw_group *group)
{
    struct told *told = group->user;
    (void)sem_post(&told->done);
}

/* A signed envelope of `parts`, appended to `wire`. */
void envelope_sign(enum who who, struct px_header *header, struct px_part *parts, size_t count,
                   struct lf__buf *wire)
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
    struct lf__signature second = lf__sign(w.seeds[SECOND], lf__buf_bytes(&pae));
    if (who == AUTHORITY && w.threshold == 2) {
        e.signatures[1] = e.signatures[0];
        e.signatures[1].key_id = lf__key_id(&w.keys[SECOND].key);
        e.signatures[1].signature = (lf_bytes)LF_BYTES_ARRAY(second.bytes);
        e.signature_count = 2;
    }
    assert_true(px_envelope_encode(&e, wire));
}

void submit_group(struct told *told, struct gw_submission *list, size_t count)
{
    (void)sem_init(&told->done, 0, 0);
    lf__arena_init(&told->arena, 1 << 22);
    told->group = (struct gw_group){
        .arena = &told->arena, .list = list, .count = count, .user = told, .done = told_done};
    told->group.caller = w.caller;
    gw_exchange_submit(w.exchange, &told->group);
    (void)sem_wait(&told->done);
    (void)sem_destroy(&told->done);
}

void submit(struct told *told)
{
    told->s = (struct gw_submission){.envelope = lf__buf_bytes(&told->wire)};
    submit_group(told, &told->s, 1);
}

struct told *said;

/* Says something once: the id is fresh unless header->record_id is set. */
struct told *say(enum who who, struct px_header *header, struct px_part *parts, size_t count)
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

struct told *say_event(enum who who, const char *uscc, unsigned certainty, const char *measure)
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

struct told *say_target(enum who who, enum px_kind kind, const char *issuer, uint8_t id_byte,
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

struct told *say_named(enum who who, enum px_kind kind, const void *value, const char *audience)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    lf_bytes named[] = {lf__bytes_str(audience)};
    struct px_header header = {
        .kind = kind, .version = 1, .audience = named, .audience_count = named[0].len > 0 ? 1 : 0};
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(px_words_encode(&arena, kind, value, parts, &count, NULL), LF_OK);
    struct told *told = say(who, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

struct told *say_registry(const char *uscc, const char *status)
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

struct px_member member_of(enum who who, enum px_role role, enum px_member_status status)
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

struct told *say_member_value(enum who who, const struct px_member *member)
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

struct told *say_member(enum who who, enum px_role role, enum px_member_status status)
{
    struct px_member member = member_of(who, role, status);
    return say_member_value(who, &member);
}

struct told *say_policy(unsigned relay_below)
{
    struct px_policy policy = {.relay_below = relay_below};
    return say_policy_value(&policy);
}

struct told *say_policy_value(const struct px_policy *policy)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_POLICY, .version = 1};
    lf__arena_init(&arena, 1 << 16);
    /* 0 is proto3's default and leaves an empty body, so the least certainty says "automatic" */
    assert_int_equal(px_policy_encode(&arena, policy, parts, &count, NULL), LF_OK);
    struct told *told = say(AUTHORITY, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

void exchange_open(const lf_bytes *genesis, lf_status want)
{
    lf_error err = LF_ERROR_INIT;
    struct gw_exchange_options options = {.path = w.path,
                                          .name = "test",
                                          .map_bytes = 1 << 30,
                                          .seed = w.seeds[LEDGER],
                                          .policy = w.policy};
    lf_status got = gw_exchange_open(&options, genesis, &w.exchange, &err);
    if (got != want) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(got, want);
}

bool names_ledger;

void genesis_make(struct lf__buf *wire)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    static const uint8_t id[PX_ID_BYTES] = {0};
    struct px_header header = {
        .kind = PX_KIND_GENESIS, .version = 1, .record_id = LF_BYTES_ARRAY(id)};
    struct px_genesis genesis = {.gateway = lf__bytes_str("test"),
                                 .keys = {w.keys[AUTHORITY], w.keys[SECOND]},
                                 .key_count = 2,
                                 .threshold = w.threshold,
                                 .is_test = true};
    if (names_ledger) {
        lf__copy(genesis.ledger_key.bytes, w.keys[LEDGER].key.bytes, LF_HASH_BYTES);
    }
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_genesis_encode(&arena, &genesis, parts, &count, NULL), LF_OK);
    envelope_sign(AUTHORITY, &header, parts, count, wire);
    lf__arena_done(&arena);
}

struct told *say_words(enum who who, enum px_kind kind, const void *value)
{
    return say_named(who, kind, value, "");
}

static int world_open(uint32_t threshold)
{
    LF_BUF genesis;
    memset(&w, 0, sizeof w);
    w.threshold = threshold;
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

int setup(void **state)
{
    (void)state;
    return world_open(1);
}

int setup_two(void **state)
{
    (void)state;
    return world_open(2);
}

int teardown(void **state)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", "LOCK", "COPY"};
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

struct gw_screened screen_asked(enum who who, const struct gw_asked *asked)
{
    struct gw_screened out;
    ST_TXN *txn = NULL;
    struct gw_reader reader = {.member = lf__bytes_str(names[who]),
                               .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                               .level = who == REGULATOR ? 2 : 0};
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_screen(w.exchange, txn, &reader, asked, &out, NULL), LF_OK);
    return out;
}

struct gw_screened screen(enum who who, const char *uscc)
{
    struct gw_picture picture = gw_picture_now();
    struct gw_asked asked = {lf__bytes_str(uscc), LF_BYTES_NONE, &picture};
    return screen_asked(who, &asked);
}

static void damage_tell(void *user, const struct st_damage *damage)
{
    char *out = user;
    if (out[0] == '\0') {
        (void)snprintf(out, 200, "%s %llu: %s", damage->table, (unsigned long long)damage->index,
                       damage->what);
    }
}

struct st_engine *engine_open(void)
{
    struct st_engine *engine = NULL;
    struct st_options options = {.path = w.path, .map_bytes = 1 << 30};
    assert_int_equal(st_engine_open(&options, &engine, NULL), LF_OK);
    return engine;
}

/* The first damage, or "". */
const char *check_store(struct st_engine *engine)
{
    static char first[200];
    struct st_check_report report;
    struct gw_check_options options = {.engine = engine,
                                       .scratch = w.path,
                                       .policy = w.policy,
                                       .has_signatures = true,
                                       .damage = damage_tell,
                                       .user = first};
    first[0] = '\0';
    lf_status rc = gw_check(&options, &report, NULL);
    assert_true(rc == LF_OK || rc == LF_E_CORRUPT);
    assert_true((rc == LF_OK) == (first[0] == '\0'));
    return first;
}

/* Checked, rebuilt, checked: what the sequencer derived is what the entries as they are now say. */
void assert_sound(void)
{
    gw_exchange_close(w.exchange);
    struct st_engine *engine = engine_open();
    assert_string_equal(check_store(engine), "");
    assert_int_equal(gw_rebuild(engine, w.policy, NULL, NULL), LF_OK);
    assert_string_equal(check_store(engine), "");
    st_engine_close(engine);
    exchange_open(NULL, LF_OK);
}
