/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_test [RECORDS [SEED]]: after a random history, erasures included and split into requests at random,
 * what the sequencer derived on the way is what the entries as they are now say when they are read again.
 */
#include "tests/unit/gateway/world.h"

enum { GROUP_MAX = 48, ITEMS_MAX = 1 << 18, SHARE = 100 };

static uint64_t records = 1200;
static uint64_t seed = 7;
static uint64_t state_of_dice;

static uint64_t dice(uint64_t sides)
{
    state_of_dice ^= state_of_dice << 13;
    state_of_dice ^= state_of_dice >> 7;
    state_of_dice ^= state_of_dice << 17;
    return state_of_dice % sides;
}

/* A record that was said, taken or not. */
struct item {
    enum who who;
    enum px_kind kind;
    uint32_t version;
    uint8_t id[PX_ID_BYTES];
    uint64_t index; /* once it was taken */
};
static struct item *items;
static size_t item_count;

/* One record on its way in a group. */
struct line {
    struct lf__arena arena;
    struct lf__buf wire;
    enum who who;
    struct px_header header;
    struct px_part parts[PX_PARTS_MAX];
    size_t count;
};
static struct line lines[GROUP_MAX];

static const char *const codes[] = {
    "91999999MA00000154", "91999999MA0000023Y", "91999999MA0000031R", "91999999MA000004XH",
    "91999999MA0000058H", "91999999MA0000066C", "91999999MA00000747", "92999999MA00000151",
    "92999999MA0000023U", "93999999MA0000015X"};
static const char *const days[] = {"2024-07-08", "2025-02-11", "2026-01-15", "2026-03-02",
                                   "2026-11-01"};
#define ANY_OF(list) lf__bytes_str((list)[dice(LF_COUNT(list))])

static const struct item *item_any(uint64_t kinds)
{
    for (unsigned tries = 0; item_count > 0 && tries < 20; tries++) {
        uint64_t recent = item_count < 200 || dice(4) == 0 ? item_count : 200;
        const struct item *item = &items[item_count - 1 - dice(recent)];
        if ((kinds & (uint64_t)1 << item->kind) != 0) {
            return item;
        }
    }
    return NULL;
}

static void event_make(struct line *line, const struct item *before)
{
    static const char *const measures[] = {"REMOVAL", "REMOVAL", "LIFT", "WARN", "SUSPEND"};
    static const char *const violations[] = {"COUNTERFEIT", "PRICE_GOUGING",
                                             "QUALIFICATION_DEFECT"};
    struct px_event event = {.uscc = ANY_OF(codes),
                             .violation = ANY_OF(violations),
                             .measures = {ANY_OF(measures)},
                             .measure_count = 1,
                             .decided_at = ANY_OF(days),
                             .note = lf__bytes_str(dice(2) == 0 ? "备注" : "")};
    line->who = before != NULL ? before->who
                : dice(5) == 0 ? REGULATOR
                               : PLATFORM + (enum who)dice(2);
    line->header.certainty = line->who == REGULATOR ? 5 : 1 + (unsigned)dice(3);
    if (before != NULL) {
        line->header.version = before->version + 1;
        line->header.predecessor = lf__arena_copy(&line->arena, LF_BYTES_ARRAY(before->id));
    }
    assert_int_equal(px_event_encode(&line->arena, &event, line->parts, &line->count, NULL), LF_OK);
}

static void registry_make(struct line *line)
{
    static const char *const statuses[] = {"ACTIVE", "CANCELLED", "REVOKED", ""};
    struct px_registry entry = {.uscc = ANY_OF(codes),
                                .status = ANY_OF(statuses),
                                .name = lf__bytes_str("测试商贸一号"),
                                .full_name = lf__bytes_str(dice(3) == 0 ? "真名" : "")};
    line->who = REGULATOR;
    assert_int_equal(px_registry_encode(&line->arena, &entry, line->parts, &line->count, NULL),
                     LF_OK);
}

static void words_make(struct line *line, const void *value)
{
    assert_int_equal(
        px_words_encode(&line->arena, line->header.kind, value, line->parts, &line->count, NULL),
        LF_OK);
}

static void listing_make(struct line *line)
{
    static const char *const lists[] = {"ABNORMAL", "SERIOUS", "LOCAL_SERIOUS", "PENALTY"};
    struct px_listing listing = {.uscc = ANY_OF(codes),
                                 .list = ANY_OF(lists),
                                 .reason_text = lf__bytes_str("原因"),
                                 .listed_on = ANY_OF(days),
                                 .region = lf__bytes_str("110000")};
    line->who = REGULATOR;
    words_make(line, &listing);
}

static void ban_make(struct line *line)
{
    struct px_ban ban = {
        .uscc = ANY_OF(codes), .reason = lf__bytes_str("原因"), .from = ANY_OF(days)};
    line->who = PLATFORM + (enum who)dice(2);
    words_make(line, &ban);
}

/* The same few people and accounts, so that subjects are linked; now and then without a token. */
static void identity_make(struct line *line, const struct item *before)
{
    uint8_t people[3][32] = {{0}};
    struct px_identity identity = {.uscc = ANY_OF(codes), .name = lf__bytes_str("店")};
    lf_bytes *tokens[] = {&identity.legal_rep_token, &identity.account_token,
                          &identity.phone_token};
    for (size_t i = 0; i < LF_COUNT(tokens); i++) {
        people[i][0] = (uint8_t)(1 + dice(5));
        if (dice(3) > 0) {
            *tokens[i] = lf__arena_copy(&line->arena, LF_BYTES_ARRAY(people[i]));
        }
    }
    line->who = before != NULL ? before->who : PLATFORM + (enum who)dice(2);
    if (before != NULL) {
        line->header.version = before->version + 1;
        line->header.predecessor = lf__arena_copy(&line->arena, LF_BYTES_ARRAY(before->id));
    }
    words_make(line, &identity);
}

static void target_make(struct line *line, const struct item *about)
{
    bool is_relay = line->header.kind == PX_KIND_RELAY;
    struct px_target target = {.issuer = lf__bytes_str(names[about->who]),
                               .record_id = LF_BYTES_ARRAY(about->id),
                               .decision = 1 + (unsigned)dice(is_relay ? 2 : 6)};
    if (is_relay && about->index > 0 && dice(2) == 0) { /* of a run */
        target.first_index = about->index;
        target.last_index = about->index + dice(80);
    }
    line->who = is_relay || dice(3) == 0 ? REGULATOR : about->who;
    assert_int_equal(
        px_target_encode(&line->arena, line->header.kind, &target, line->parts, &line->count, NULL),
        LF_OK);
}

static void removal_make(struct line *line, const struct item *about)
{
    struct px_removal removal = {
        .about = {lf__bytes_str(names[about->who]), LF_BYTES_ARRAY(about->id)},
        .ground = 1 + (unsigned)dice(4),
        .removed_on = ANY_OF(days)};
    line->who = REGULATOR;
    words_make(line, &removal);
}

static void appeal_make(struct line *line, const struct item *about)
{
    struct px_appeal appeal = {
        .about = {lf__bytes_str(names[about->who]), LF_BYTES_ARRAY(about->id)},
        .step = dice(3) == 0 ? PX_APPEAL_FILED : 1 + (unsigned)dice(5),
        .stepped_on = ANY_OF(days),
        .reason = lf__bytes_str("原因")};
    line->who = dice(2) == 0 ? REGULATOR : PLATFORM + (enum who)dice(2);
    words_make(line, &appeal);
}

static void answer_make(struct line *line, const struct item *about)
{
    struct px_disposition answer = {
        .about = {lf__bytes_str(names[about->who]), LF_BYTES_ARRAY(about->id)},
        .answer = 1 + (unsigned)dice(10),
        .rule = lf__bytes_str("R-1"),
        .reason = lf__bytes_str("原因")};
    line->who = PLATFORM + (enum who)dice(2);
    words_make(line, &answer);
}

static void redaction_make(struct line *line, const struct item *about)
{
    static const enum px_class classes[] = {PX_CLASS_NONE, PX_CLASS_NONE, PX_CLASS_MEMBERS,
                                            PX_CLASS_REGULATOR};
    enum px_class c = classes[dice(LF_COUNT(classes))];
    bool is_mode = c == PX_CLASS_NONE && dice(2) == 0;
    struct px_redaction order = {.issuer = lf__bytes_str(names[about->who]),
                                 .record_id = LF_BYTES_ARRAY(about->id),
                                 .mode = is_mode ? PX_REDACTION_RESTRICT + (unsigned)dice(2)
                                                 : PX_REDACTION_ERASE,
                                 .classes = {c},
                                 .class_count = c == PX_CLASS_NONE ? 0 : 1,
                                 .order_authority = lf__bytes_str("某法院"),
                                 .order_number = lf__bytes_str("2026-1")};
    line->who = AUTHORITY;
    assert_int_equal(px_redaction_encode(&line->arena, &order, line->parts, &line->count, NULL),
                     LF_OK);
}

static const uint64_t statements =
    (uint64_t)1 << PX_KIND_ENFORCEMENT_EVENT | (uint64_t)1 << PX_KIND_REGISTRY_ENTRY |
    (uint64_t)1 << PX_KIND_CREDIT_LIST_ENTRY | (uint64_t)1 << PX_KIND_ENTRY_BAN;
static const uint64_t identities = (uint64_t)1 << PX_KIND_MERCHANT_IDENTITY;
static const uint64_t events = (uint64_t)1 << PX_KIND_ENFORCEMENT_EVENT;
static const uint64_t listings = (uint64_t)1 << PX_KIND_CREDIT_LIST_ENTRY;
static const uint64_t words = (uint64_t)1 << PX_KIND_RELAY | (uint64_t)1 << PX_KIND_CORRECTION |
                              (uint64_t)1 << PX_KIND_LIST_REMOVAL | (uint64_t)1 << PX_KIND_APPEAL |
                              (uint64_t)1 << PX_KIND_DISPOSITION;

/* What is said about other records, how often of a hundred. */
static const struct {
    enum px_kind kind;
    unsigned share;
    void (*make)(struct line *line, const struct item *about);
} rows[] = {{PX_KIND_RELAY, 14, target_make},        {PX_KIND_CORRECTION, 6, target_make},
            {PX_KIND_LIST_REMOVAL, 7, removal_make}, {PX_KIND_APPEAL, 8, appeal_make},
            {PX_KIND_DISPOSITION, 6, answer_make},   {PX_KIND_REDACTION, 7, redaction_make}};

static uint64_t about_of(enum px_kind kind)
{
    return kind == PX_KIND_RELAY || kind == PX_KIND_DISPOSITION ? events
           : kind == PX_KIND_LIST_REMOVAL                       ? listings
           : kind == PX_KIND_APPEAL                             ? events | listings
           : kind == PX_KIND_CORRECTION                         ? statements | identities
                                                                : statements | identities | words;
}

static void statement_make(struct line *line)
{
    uint64_t which = dice(12);
    const struct item *before = which < 2 ? item_any(events) : NULL;
    if (which >= 10) {
        line->header.kind = PX_KIND_MERCHANT_IDENTITY;
        identity_make(line, which == 10 ? item_any(identities) : NULL);
        return;
    }
    line->header.kind = which < 6   ? PX_KIND_ENFORCEMENT_EVENT
                        : which < 8 ? PX_KIND_REGISTRY_ENTRY
                        : which < 9 ? PX_KIND_CREDIT_LIST_ENTRY
                                    : PX_KIND_ENTRY_BAN;
    if (which < 6) {
        event_make(line, before);
    } else if (which < 8) {
        registry_make(line);
    } else if (which < 9) {
        listing_make(line);
    } else {
        ban_make(line);
    }
}

static void line_fill(struct line *line)
{
    uint64_t roll = dice(SHARE);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        const struct item *about = roll < rows[i].share ? item_any(about_of(rows[i].kind)) : NULL;
        if (about != NULL) {
            line->header.kind = rows[i].kind;
            rows[i].make(line, about);
            return;
        }
        roll = roll < rows[i].share ? SHARE : roll - rows[i].share;
    }
    statement_make(line);
}

static void line_make(struct line *line)
{
    struct item *item = &items[item_count];
    lf__arena_init(&line->arena, 1 << 20);
    lf__buf_init(&line->wire, PX_MESSAGE_MAX);
    line->header = (struct px_header){.version = 1, .legal_basis = 1};
    line->count = 0;
    line_fill(line);
    lf__put_u64be(item->id, item_count + 1);
    item->id[15] = 77; /* the world's own ids are small */
    item->who = line->who;
    item->kind = line->header.kind;
    item->version = line->header.version;
    line->header.record_id = LF_BYTES_ARRAY(item->id);
    envelope_sign(line->who, &line->header, line->parts, line->count, &line->wire);
    item_count++;
}

/* Returns how many of them were taken. */
static uint64_t group_say(size_t count)
{
    uint64_t taken = 0;
    struct gw_submission list[GROUP_MAX] = {{.index = 0}};
    lf__arena_done(&said->arena);
    for (size_t i = 0; i < count; i++) {
        line_make(&lines[i]);
        list[i] = (struct gw_submission){.envelope = lf__buf_bytes(&lines[i].wire)};
    }
    submit_group(said, list, count);
    for (size_t i = 0; i < count; i++) {
        taken += list[i].status == LF_OK ? 1 : 0;
        items[item_count - count + i].index = list[i].status == LF_OK ? list[i].index : 0;
        lf__arena_done(&lines[i].arena);
        lf__buf_done(&lines[i].wire);
    }
    return taken;
}

/* So few may come at once that many are too many. */
static void policy_say(void)
{
    struct px_policy policy = {
        .relay_below = 1 + (unsigned)dice(5),
        .burst = {.floor = 5 + (uint32_t)dice(40), .window_hours = 1 + (uint32_t)dice(24)}};
    assert_int_equal(say_policy_value(&policy)->s.status, LF_OK);
}

static void a_history_read_again(void **state)
{
    (void)state;
    uint64_t taken = 0;
    items = calloc(ITEMS_MAX, sizeof *items);
    assert_non_null(items);
    assert_true(records < ITEMS_MAX);
    state_of_dice = seed * 0x9E3779B97F4A7C15u + 1;
    for (size_t turn = 0; item_count < records; turn++) {
        uint64_t left = records - item_count;
        if (turn % 128 == 16) {
            policy_say();
        }
        uint64_t size = 1 + dice(dice(3) == 0 ? GROUP_MAX : 4);
        taken += group_say((size_t)(size < left ? size : left));
    }
    print_message("%llu of %llu taken, seed %llu\n", (unsigned long long)taken,
                  (unsigned long long)records, (unsigned long long)seed);
    assert_true(taken * 2 > records);
    assert_sound();
    free(items);
}

int main(int argc, char **argv)
{
    records = argc > 1 ? strtoull(argv[1], NULL, 10) : records;
    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : seed;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_history_read_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
