/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders to erase: gone at once for everybody, from the data file after compacting, while every proof
 * holds, a check accepts exactly what was ordered, and rebuilding makes the same.
 */
#include "gateway/exchange/evidence.h"
#include "gateway/exchange/stored.h"
#include "gateway/exchange/tables.h"
#include "tests/unit/gateway/world.h"

static const char secret[] = "只在这条记录里的话";
static const char person[] = "某个人的真名";

static struct gw_reader reader_of(enum who who)
{
    return (struct gw_reader){.member = lf__bytes_str(names[who]),
                              .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                              .level = who == REGULATOR ? 2 : 0};
}

static size_t seen(enum who who, uint64_t index)
{
    LF_BUF view;
    LF_ARENA arena;
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct px_envelope envelope;
    struct gw_reader reader = reader_of(who);
    unsigned told = 0;
    lf__buf_init(&view, PX_MESSAGE_MAX);
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_read(gw_exchange_ledger(w.exchange), txn, index, &stored, NULL),
                     LF_OK);
    assert_int_equal(
        gw_entry_view(w.exchange, txn, &reader, stored.body, index, &view, &told, NULL), LF_OK);
    if (view.len == 0) {
        return 0;
    }
    assert_int_equal(px_envelope_decode(&arena, lf__buf_bytes(&view), &envelope, NULL), LF_OK);
    return envelope.part_count;
}

static lf_status evidence_ask(enum who who, const char *issuer, uint8_t id_byte)
{
    LF_ARENA arena;
    struct px_evidence out;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct gw_reader reader = reader_of(who);
    lf__arena_init(&arena, 1 << 20);
    return gw_evidence(w.exchange, &arena, &reader, lf__bytes_str(issuer), LF_BYTES_ARRAY(id), &out,
                       NULL);
}

/* Twice the same event is twice the same bytes. */
static struct told *say_secret(uint8_t id_byte, uint32_t version, uint8_t before, const char *note)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    uint8_t old[PX_ID_BYTES] = {before};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = version,
                               .record_id = LF_BYTES_ARRAY(id),
                               .predecessor =
                                   before == 0 ? LF_BYTES_NONE : (lf_bytes)LF_BYTES_ARRAY(old),
                               .ref = lf__bytes_str("REF-7788"),
                               .certainty = 3};
    struct px_event event = {.uscc = lf__bytes_str(m2),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("REMOVAL")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-03-02"),
                             .note = lf__bytes_str(note)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    struct told *told = say(PLATFORM, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static struct told *say_person(uint8_t id_byte)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_header header = {.kind = PX_KIND_REGISTRY_ENTRY,
                               .version = 1,
                               .record_id = LF_BYTES_ARRAY(id),
                               .legal_basis = 1};
    struct px_registry entry = {.uscc = lf__bytes_str(m2),
                                .status = lf__bytes_str("ACTIVE"),
                                .full_name = lf__bytes_str(person)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_registry_encode(&arena, &entry, parts, &count, NULL), LF_OK);
    struct told *told = say(REGULATOR, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static struct px_redaction order_of(const char *issuer, lf_bytes record_id, enum px_class c,
                                    enum px_redaction_mode mode)
{
    return (struct px_redaction){.mode = mode,
                                 .issuer = lf__bytes_str(issuer),
                                 .record_id = record_id,
                                 .classes = {c},
                                 .class_count = c == PX_CLASS_NONE ? 0 : 1,
                                 .order_authority = lf__bytes_str("北京市某法院"),
                                 .order_number = lf__bytes_str("2026-1")};
}

static struct told *say_order(const char *issuer, uint8_t id_byte, enum px_class c,
                              enum px_redaction_mode mode)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_redaction order = order_of(issuer, (lf_bytes)LF_BYTES_ARRAY(id), c, mode);
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    struct told *told = say(AUTHORITY, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static uint64_t erase(const char *issuer, uint8_t id_byte, enum px_class c)
{
    struct told *told = say_order(issuer, id_byte, c, PX_REDACTION_ERASE);
    assert_int_equal(told->s.status, LF_OK);
    return told->s.index;
}

static bool file_holds(lf_bytes what)
{
    char path[96];
    bool found = false;
    (void)snprintf(path, sizeof path, "%s/data.mdb", w.path);
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    uint8_t *all = malloc(size);
    assert_non_null(all);
    rewind(file);
    assert_int_equal(fread(all, 1, size, file), size);
    for (size_t i = 0; !found && i + what.len <= size; i++) {
        found = memcmp(all + i, what.ptr, what.len) == 0;
    }
    (void)fclose(file);
    free(all);
    return found;
}

static void compact(void)
{
    struct st_options options = {.path = w.path, .map_bytes = 1 << 26};
    gw_exchange_close(w.exchange);
    assert_int_equal(st_compact(&options, NULL), LF_OK);
    exchange_open(NULL, LF_OK);
}

static void assert_proven(uint64_t index)
{
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct lf__proof proof;
    struct st_ledger *ledger = gw_exchange_ledger(w.exchange);
    struct lf__merkle_head head = st_ledger_head(ledger, NULL);
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_read(ledger, txn, index, &stored, NULL), LF_OK);
    assert_int_equal(st_ledger_prove(ledger, index, head.size, &proof, NULL), LF_OK);
    struct lf__hash leaf = lf__merkle_leaf(stored.leaf);
    assert_int_equal(lf__merkle_verify_inclusion(&leaf, index, head.size, &proof, &head.root, NULL),
                     LF_OK);
}

static void whole_record(void **state)
{
    (void)state;
    struct lf__hash subject = lf__sha256(lf__bytes_str(m2));
    lf_bytes words[] = {lf__bytes_str(secret), lf__bytes_str(m2), lf__bytes_str("REF-7788"),
                        lf__bytes_slice(lf__hash_bytes(&subject), 0, 16)};
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint64_t index = say_secret(201, 1, 0, secret)->s.index;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    memcpy(leaf, said->s.leaf, sizeof leaf);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t neighbour = w.next_id;
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_DENY);
    assert_int_equal(evidence_ask(PLATFORM, "platform-01", 201), LF_OK);
    assert_true(seen(REGULATOR, index) > 0);
    for (size_t i = 0; i < LF_COUNT(words); i++) {
        assert_true(file_holds(words[i])); /* so that not finding them says something */
    }
    uint64_t order = erase("platform-01", 201, PX_CLASS_NONE);

    assert_string_equal(screen(OTHER, m2).reasons[0].code, "REGISTRY_UNKNOWN");
    assert_int_equal(screen(REGULATOR, m2).count, 1);
    assert_int_equal(seen(PLATFORM, index) + seen(REGULATOR, index) + seen(OTHER, index), 0);
    assert_true(seen(OTHER, order) > 0); /* whoever has a copy learns that it is to go */
    assert_int_equal(evidence_ask(PLATFORM, "platform-01", 201), LF_E_NOT_FOUND);
    assert_int_equal(evidence_ask(PLATFORM, "platform-01", neighbour), LF_OK);
    assert_string_equal(say_secret(201, 1, 0, secret)->s.error.reason, "ERASED");
    assert_string_equal(say_secret(201, 1, 0, "other bytes")->s.error.reason, "ERASED");
    assert_string_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", 201, PX_CORRECTION_WITHDRAWN)
            ->s.error.reason,
        "TARGET_UNKNOWN");
    assert_string_equal(
        say_order("platform-01", 201, PX_CLASS_NONE, PX_REDACTION_ERASE)->s.error.reason, "ERASED");
    for (uint64_t i = 0; i <= order; i++) {
        assert_proven(i);
    }
    ST_TXN *txn = NULL;
    struct st_stored stored;
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_read(gw_exchange_ledger(w.exchange), txn, index, &stored, NULL),
                     LF_OK);
    assert_memory_equal(stored.leaf.ptr, leaf, sizeof leaf);
    st_txn_abort(txn);
    txn = NULL;
    assert_sound();
    compact();
    for (size_t i = 0; i < LF_COUNT(words); i++) {
        assert_false(file_holds(words[i]));
    }
    assert_string_equal(say_secret(201, 1, 0, secret)->s.error.reason, "ERASED");
}

static void one_part(void **state)
{
    (void)state;
    uint64_t index = say_person(201)->s.index;
    assert_int_equal(said->s.status, LF_OK);
    assert_int_equal(seen(REGULATOR, index), 2);
    (void)erase("regulator", 201, PX_CLASS_PERSONAL);
    assert_int_equal(seen(REGULATOR, index), 1);
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_ALLOW); /* the rest still speaks */
    assert_int_equal(evidence_ask(REGULATOR, "regulator", 201), LF_OK);
    assert_true(say_person(201)->s.is_duplicate);
    assert_string_equal(
        say_order("regulator", 201, PX_CLASS_PERSONAL, PX_REDACTION_ERASE)->s.error.reason,
        "ERASED");
    assert_string_equal(
        say_order("regulator", 201, PX_CLASS_REGULATOR, PX_REDACTION_ERASE)->s.error.reason,
        "PART_CLASS");
    assert_sound();
    compact();
    assert_false(file_holds(lf__bytes_str(person)));
    assert_true(file_holds(lf__bytes_str(m2)));
    (void)erase("regulator", 201, PX_CLASS_MEMBERS);
    assert_string_equal(screen(OTHER, m2).reasons[0].code, "REGISTRY_UNKNOWN");
    assert_sound();
    (void)erase("regulator", 201, PX_CLASS_NONE);
    assert_string_equal(say_person(201)->s.error.reason, "ERASED");
    assert_sound();
    compact();
    assert_false(file_holds(lf__bytes_str(m2)));
}

/* What an erased entry did to others stays done, live and rebuilt alike. */
static void effects_stay(void **state)
{
    (void)state;
    assert_int_equal(say_registry(m2, "ACTIVE")->s.status, LF_OK);
    uint64_t event = say_secret(201, 1, 0, secret)->s.index; /* waits for a relay */
    assert_int_equal(seen(OTHER, event), 0);
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", 201, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    uint8_t relay = w.next_id;
    uint64_t order = erase("regulator", relay, PX_CLASS_NONE);
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_DENY);
    assert_true(seen(OTHER, event) > 0 && seen(OTHER, order) > 0);
    assert_sound();
    assert_int_equal(say_secret(202, 2, 201, "v2")->s.status, LF_OK);
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", 202, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    (void)erase("platform-01", 202, PX_CLASS_MEMBERS);
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_ALLOW); /* version 1 does not come back */
    assert_sound();
    assert_int_equal(say_secret(203, 1, 0, "third")->s.status, LF_OK);
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, "platform-01", 203, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", 203, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    (void)erase("platform-01", w.next_id, PX_CLASS_NONE);
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_ALLOW); /* still withdrawn */
    assert_int_equal(say_secret(204, 1, 0, "held")->s.status, LF_OK);
    uint64_t held = erase("platform-01", 204, PX_CLASS_NONE);
    assert_int_equal(seen(OTHER, held), 0); /* of what it never heard it hears nothing now */
    assert_true(seen(REGULATOR, held) > 0);
    assert_sound();
}

static void in_the_same_commit(void **state)
{
    (void)state;
    static struct lf__buf wires[2];
    struct told *told = calloc(1, sizeof *told);
    struct gw_submission *list = calloc(2, sizeof *list);
    LF_ARENA arena;
    uint8_t id[PX_ID_BYTES] = {210};
    uint8_t order_id[PX_ID_BYTES] = {211};
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = 1,
                               .record_id = LF_BYTES_ARRAY(id),
                               .certainty = 3};
    struct px_event event = {.uscc = lf__bytes_str(m2),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .decided_at = lf__bytes_str("2026-03-02"),
                             .note = lf__bytes_str(secret)};
    LF_BUG_IF(told == NULL || list == NULL);
    lf__arena_init(&arena, 1 << 18);
    for (int i = 0; i < 2; i++) {
        lf__buf_init(&wires[i], PX_MESSAGE_MAX);
    }
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    envelope_sign(PLATFORM, &header, parts, count, &wires[0]);
    struct px_header order_header = {
        .kind = PX_KIND_REDACTION, .version = 1, .record_id = LF_BYTES_ARRAY(order_id)};
    struct px_redaction order =
        order_of("platform-01", header.record_id, PX_CLASS_NONE, PX_REDACTION_ERASE);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    envelope_sign(AUTHORITY, &order_header, parts, count, &wires[1]);
    list[0].envelope = lf__buf_bytes(&wires[0]);
    list[1].envelope = lf__buf_bytes(&wires[1]);
    submit_group(told, list, 2);
    assert_int_equal(list[0].status, LF_OK);
    assert_int_equal(list[1].status, LF_OK);
    assert_int_equal(list[1].index, list[0].index + 1);
    assert_int_equal(seen(PLATFORM, list[0].index), 0);
    assert_proven(list[0].index);
    assert_sound();
    lf__arena_done(&told->arena);
    lf__buf_done(&wires[0]);
    lf__buf_done(&wires[1]);
    free(list);
    free(told);
}

static void restricted_and_lifted(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint64_t index = say_secret(201, 1, 0, secret)->s.index;
    assert_string_equal(
        say_order("platform-01", 201, PX_CLASS_NONE, PX_REDACTION_LIFT)->s.error.reason,
        "TARGET_UNKNOWN");
    assert_string_equal(
        say_order("platform-01", 201, PX_CLASS_MEMBERS, PX_REDACTION_RESTRICT)->s.error.reason,
        "PART_CLASS");
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_DENY);
    uint64_t order = say_order("platform-01", 201, PX_CLASS_NONE, PX_REDACTION_RESTRICT)->s.index;
    assert_string_equal(screen(REGULATOR, m2).reasons[0].code, "REGISTRY_UNKNOWN");
    assert_int_equal(seen(PLATFORM, index) + seen(REGULATOR, index) + seen(OTHER, index), 0);
    assert_true(seen(OTHER, order) > 0);
    assert_int_equal(evidence_ask(REGULATOR, "platform-01", 201), LF_E_NOT_FOUND);
    assert_true(say_secret(201, 1, 0, secret)->s.is_duplicate); /* it is still there */
    assert_sound();
    assert_int_equal(say_order("platform-01", 201, PX_CLASS_NONE, PX_REDACTION_LIFT)->s.status,
                     LF_OK);
    assert_int_equal(screen(OTHER, m2).advice, LF__ADVICE_DENY);
    assert_true(seen(OTHER, index) > 0);
    assert_sound();
}

static void body_write(struct st_engine *engine, uint64_t index, lf_bytes body)
{
    struct st_txn *txn = NULL;
    struct st_ledger *view = NULL;
    assert_int_equal(st_ledger_open_view(engine, GW_TABLE_LEDGER, &view, NULL), LF_OK);
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_rewrite(view, txn, index, body, NULL), LF_OK);
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    st_ledger_close(view);
}

static void body_read(struct st_engine *engine, uint64_t index, struct lf__buf *out)
{
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct st_ledger *view = NULL;
    assert_int_equal(st_ledger_open_view(engine, GW_TABLE_LEDGER, &view, NULL), LF_OK);
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_read(view, txn, index, &stored, NULL), LF_OK);
    assert_true(lf__buf_append(out, stored.body));
    st_ledger_close(view);
}

/* An operator erases what nobody ordered, more than was ordered, or not what was ordered. */
static void a_check_accepts_what_was_ordered_and_no_more(void **state)
{
    (void)state;
    LF_ARENA arena;
    LF_BUF whole;
    LF_BUF proper;
    LF_BUF forged;
    struct gw_stored stored;
    char want[200];
    lf__arena_init(&arena, 1 << 20);
    lf__buf_init(&whole, PX_MESSAGE_MAX);
    lf__buf_init(&proper, PX_MESSAGE_MAX);
    lf__buf_init(&forged, PX_MESSAGE_MAX);
    uint64_t index = say_secret(201, 1, 0, secret)->s.index;
    uint64_t other = say_secret(202, 1, 0, secret)->s.index;
    (void)lf__buf_append(&whole, said->s.envelope); /* of 202, as sent */
    uint64_t order = erase("platform-01", 201, PX_CLASS_REGULATOR);
    gw_exchange_close(w.exchange);
    struct st_engine *engine = engine_open();
    assert_string_equal(check_store(engine), "");

    /* The other event, in the name of an order that is about the first. */
    assert_int_equal(gw_stored_decode(&arena, lf__buf_bytes(&whole), &stored, NULL), LF_OK);
    assert_int_equal(gw_stored_erase(&stored, &arena, LF_BIT(PX_CLASS_REGULATOR), order, NULL),
                     LF_OK);
    assert_true(gw_stored_encode(&stored, &forged));
    body_write(engine, other, lf__buf_bytes(&forged));
    (void)snprintf(want, sizeof want, "bodies %llu: was erased, and entry %llu does not order that",
                   (unsigned long long)other, (unsigned long long)order);
    assert_string_equal(check_store(engine), want);

    /* Parts taken away without a word. */
    assert_int_equal(gw_stored_decode(&arena, lf__buf_bytes(&whole), &stored, NULL), LF_OK);
    stored.envelope.part_count = 1;
    lf__buf_clear(&forged);
    assert_true(px_envelope_encode(&stored.envelope, &forged));
    body_write(engine, other, lf__buf_bytes(&forged));
    (void)snprintf(want, sizeof want, "bodies %llu: its part of class 3 is missing",
                   (unsigned long long)other);
    assert_string_equal(check_store(engine), want);
    body_write(engine, other, lf__buf_bytes(&whole));
    assert_string_equal(check_store(engine), "");

    /* More than was ordered. */
    body_read(engine, index, &proper);
    assert_int_equal(gw_stored_decode(&arena, lf__buf_bytes(&proper), &stored, NULL), LF_OK);
    stored.order_count = 0;
    assert_int_equal(gw_stored_erase(&stored, &arena, GW_ERASED_ALL, order, NULL), LF_OK);
    lf__buf_clear(&forged);
    assert_true(gw_stored_encode(&stored, &forged));
    body_write(engine, index, lf__buf_bytes(&forged));
    (void)snprintf(want, sizeof want, "bodies %llu: what was erased is not what was ordered",
                   (unsigned long long)index);
    assert_string_equal(check_store(engine), want);

    /* Put back, and each byte of what is left changed. */
    for (size_t i = 0; i < proper.len; i += 7) {
        proper.ptr[i] ^= 1;
        body_write(engine, index, lf__buf_bytes(&proper));
        assert_true(check_store(engine)[0] != '\0');
        proper.ptr[i] ^= 1;
    }
    body_write(engine, index, lf__buf_bytes(&proper));
    assert_string_equal(check_store(engine), "");
    st_engine_close(engine);
    exchange_open(NULL, LF_OK);
}

/* An order that was never carried out. */
static void a_check_names_what_was_not_erased(void **state)
{
    (void)state;
    LF_BUF before;
    char want[200];
    lf__buf_init(&before, PX_MESSAGE_MAX);
    uint64_t index = say_secret(201, 1, 0, secret)->s.index;
    (void)lf__buf_append(&before, said->s.envelope);
    uint64_t order = erase("platform-01", 201, PX_CLASS_NONE);
    gw_exchange_close(w.exchange);
    struct st_engine *engine = engine_open();
    body_write(engine, index, lf__buf_bytes(&before));
    (void)snprintf(want, sizeof want, "bodies %llu: entry %llu should be erased by its order",
                   (unsigned long long)order, (unsigned long long)index);
    assert_string_equal(check_store(engine), want);
    st_engine_close(engine);
    lf_error err = LF_ERROR_INIT;
    struct gw_exchange_options options = {.path = w.path,
                                          .name = "test",
                                          .map_bytes = 1 << 26,
                                          .seed = w.seeds[LEDGER],
                                          .policy = w.policy};
    w.exchange = NULL;
    assert_int_equal(gw_exchange_open(&options, NULL, &w.exchange, &err), LF_E_CORRUPT);
}

static struct lf__hash batch_leaf(const struct px_header *header, const uint8_t salt[LF_SALT_BYTES])
{
    LF_ARENA arena;
    LF_BUF record;
    LF_BUF pae;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_event event = {.uscc = lf__bytes_str(m2),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .decided_at = lf__bytes_str("2026-03-02")};
    lf__arena_init(&arena, 1 << 16);
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    assert_int_equal(count, 1);
    memcpy(parts[0].salt, salt, LF_SALT_BYTES);
    assert_true(px_record_encode(header, parts, count, &record));
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, lf__buf_bytes(&record)));
    return lf__merkle_leaf(lf__buf_bytes(&pae));
}

/* A batch path shows the hash of the record beside one's own, which may have been erased since. Knowing
 * all its fields, its header and its words, is not enough to tell that it is this one: the salt is. */
static void a_neighbour_in_a_batch_cannot_be_confirmed(void **state)
{
    (void)state;
    uint8_t id[PX_ID_BYTES] = {77};
    uint8_t salt[LF_SALT_BYTES];
    uint8_t guess[LF_SALT_BYTES] = {0};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .issuer = lf__bytes_str("platform-01"),
                               .record_id = LF_BYTES_ARRAY(id),
                               .version = 1,
                               .certainty = 3};
    lf__random(salt, sizeof salt);
    struct lf__hash in_path = batch_leaf(&header, salt);
    struct lf__hash tried = batch_leaf(&header, guess);
    assert_false(lf__hash_eq(&in_path, &tried));
    tried = batch_leaf(&header, salt); /* so that the guess fails for want of the salt alone */
    assert_true(lf__hash_eq(&in_path, &tried));
    memcpy(guess, salt, sizeof guess);
    guess[LF_SALT_BYTES - 1] ^= 1;
    tried = batch_leaf(&header, guess);
    assert_false(lf__hash_eq(&in_path, &tried));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_record, setup_two, teardown),
        cmocka_unit_test_setup_teardown(one_part, setup, teardown),
        cmocka_unit_test_setup_teardown(effects_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(in_the_same_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(restricted_and_lifted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_check_accepts_what_was_ordered_and_no_more, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_check_names_what_was_not_erased, setup, teardown),
        cmocka_unit_test(a_neighbour_in_a_batch_cannot_be_confirmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
