/* SPDX-License-Identifier: Apache-2.0 */
/* What a mirror makes of entries, one after the other, whatever their order: the standing, the ways to a code, and what orders leave. */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/sign.h"
#include "base/secret.h"
#include "base/status.h"
#include "protos/codec/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define M1 "91999999MA00000154"
#define M2 "91999999MA0000023Y"

/* A mirror in a directory of its own, of a platform unless a test says otherwise. */
struct scene {
    lf_mirror *mirror;
    struct st_txn *txn;
    struct lf__arena arena;
    uint64_t next;
    struct lf__frontier frontier;
    char dir[64];
    char answer[256]; /* MATCH ADVICE REASONS */
};

static void begin(struct scene *s)
{
    *s = (struct scene){.next = 0};
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/lf-mirror-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(lf_mirror_open(s->dir, &s->mirror, NULL), LF_OK);
    lf__arena_init(&s->arena, 64 << 20);
    (void)snprintf(s->mirror->member, sizeof s->mirror->member, "platform-02");
    s->mirror->role = PX_ROLE_PLATFORM;
    s->mirror->is_test = true;
    assert_int_equal(st_txn_begin(s->mirror->engine, ST_WRITE, &s->txn, NULL), LF_OK);
    assert_int_equal(lf__mirror_meta_put(s->txn, "salt", lf__bytes_str("salt"), NULL), LF_OK);
}

static void end(struct scene *s)
{
    char command[128];
    st_txn_abort(s->txn);
    lf_mirror_close(s->mirror);
    lf__arena_done(&s->arena);
    (void)snprintf(command, sizeof command, "rm -rf %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* One record: who, which id (its first byte), and what the header has beside. */
struct says {
    const char *issuer;
    uint8_t id;
    uint8_t predecessor;
    unsigned certainty;
    int64_t until_ms;
};

static lf_bytes id_of(struct scene *s, uint8_t first)
{
    uint8_t id[PX_ID_BYTES] = {first};
    return first == 0 ? LF_BYTES_NONE : lf__arena_copy(&s->arena, LF_BYTES_ARRAY(id));
}

/* The leaf that commits to the envelope, at its place among the others. */
static void leaf_put(struct scene *s, lf_bytes envelope, uint8_t leaf[static LF_LEDGER_LEAF_BYTES])
{
    LF_BUF block;
    static const struct lf__hash members = {{9}};
    struct px_envelope *decoded = lf__arena_alloc(&s->arena, sizeof *decoded);
    lf__buf_init(&block, 65536);
    assert_non_null(decoded);
    assert_int_equal(px_envelope_decode(&s->arena, envelope, decoded, NULL), LF_OK);
    assert_true(px_signature_block(decoded, &block));
    struct lf__hash digest = px_record_digest(decoded->record);
    lf__ledger_leaf((uint64_t)lf__clock_utc_ms(), &members, &digest, lf__buf_bytes(&block), leaf);
    struct lf__hash hash = lf__merkle_leaf((lf_bytes){leaf, LF_LEDGER_LEAF_BYTES});
    lf__frontier_add(&s->frontier, &hash);
    assert_int_equal(lf__mirror_leaves_add(s->txn, s->next, &hash, 1, NULL), LF_OK);
}

/* Applied at the next position. */
static void put(struct scene *s, const struct says *says, enum px_kind kind, struct px_part *parts,
                size_t count)
{
    LF_BUF record;
    LF_BUF envelope;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    static const uint8_t bytes[LF_ED25519_SIGNATURE] = {1};
    struct px_header header = {.issuer = lf__bytes_str(says->issuer),
                               .record_id = id_of(s, says->id),
                               .kind = kind,
                               .version = says->predecessor == 0 ? 1 : 2,
                               .predecessor = id_of(s, says->predecessor),
                               .effective_until_ms = says->until_ms,
                               .certainty = says->certainty};
    struct px_signature signature = {.alg = LF_ALG_ED25519, .signature = LF_BYTES_ARRAY(bytes)};
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    assert_true(px_record_encode(&header, parts, count, &record));
    assert_true(px_envelope_begin(lf__buf_bytes(&record), parts, count, &envelope));
    assert_true(px_signature_append(&signature, &envelope));
    lf_error err = LF_ERROR_INIT;
    lf_bytes bytes_of = lf__buf_bytes(&envelope);
    leaf_put(s, bytes_of, leaf);
    assert_int_equal(lf__mirror_entry_put(s->txn, s->next, LF_BYTES_ARRAY(leaf), bytes_of, &err),
                     LF_OK);
    struct px_entry entry = {
        .index = s->next++, .leaf = LF_BYTES_ARRAY(leaf), .envelope = bytes_of};
    lf_status rc = lf__mirror_apply(s->mirror, s->txn, &entry, &err);
    if (rc != LF_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(rc, LF_OK);
}

static void event(struct scene *s, const struct says *says, const char *code, const char *measure)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_event e = {.uscc = lf__bytes_str(code),
                         .violation = lf__bytes_str("COUNTERFEIT"),
                         .measures = {lf__bytes_str(measure)},
                         .measure_count = 1,
                         .decided_at = lf__bytes_str("2026-03-02")};
    assert_int_equal(px_event_encode(&s->arena, &e, parts, &count, NULL), LF_OK);
    put(s, says, PX_KIND_ENFORCEMENT_EVENT, parts, count);
}

static void registry(struct scene *s, uint8_t id, const char *code, const char *status,
                     const char *old)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_registry e = {.uscc = lf__bytes_str(code),
                            .name = lf__bytes_str("测试商贸有限公司"),
                            .status = lf__bytes_str(status),
                            .old_number = lf__bytes_str(old)};
    assert_int_equal(px_registry_encode(&s->arena, &e, parts, &count, NULL), LF_OK);
    put(s, &(struct says){.issuer = "regulator", .id = id}, PX_KIND_REGISTRY_ENTRY, parts, count);
}

static void target(struct scene *s, uint8_t id, enum px_kind kind, uint8_t of, unsigned decision)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_target t = {.issuer = lf__bytes_str("platform-01"),
                          .record_id = id_of(s, of),
                          .decision = decision,
                          .decided_at = lf__bytes_str("2026-03-03")};
    assert_int_equal(px_target_encode(&s->arena, kind, &t, parts, &count, NULL), LF_OK);
    put(s, &(struct says){.issuer = "regulator", .id = id}, kind, parts, count);
}

static void appeal(struct scene *s, uint8_t id, uint8_t of, unsigned step)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_appeal a = {.about = {lf__bytes_str("platform-01"), id_of(s, of)},
                          .step = step,
                          .stepped_on = lf__bytes_str("2026-03-04"),
                          .reason = lf__bytes_str("理由")};
    assert_int_equal(px_appeal_encode(&s->arena, &a, parts, &count, NULL), LF_OK);
    put(s, &(struct says){.issuer = "platform-01", .id = id}, PX_KIND_APPEAL, parts, count);
}

static void listing(struct scene *s, uint8_t id, const char *list, const char *reason)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_listing l = {.uscc = lf__bytes_str(M1),
                           .list = lf__bytes_str(list),
                           .reason = lf__bytes_str(reason),
                           .listed_on = lf__bytes_str("2026-03-02")};
    assert_int_equal(px_listing_encode(&s->arena, &l, parts, &count, NULL), LF_OK);
    put(s, &(struct says){.issuer = "regulator", .id = id}, PX_KIND_CREDIT_LIST_ENTRY, parts,
        count);
}

static void removal(struct scene *s, uint8_t id, uint8_t of, unsigned ground, const char *day)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_removal r = {.about = {lf__bytes_str("regulator"), id_of(s, of)},
                           .ground = ground,
                           .removed_on = lf__bytes_str(day)};
    assert_int_equal(px_removal_encode(&s->arena, &r, parts, &count, NULL), LF_OK);
    put(s, &(struct says){.issuer = "regulator", .id = id}, PX_KIND_LIST_REMOVAL, parts, count);
}

static void redaction(struct scene *s, uint8_t id, const char *issuer, uint8_t of,
                      enum px_redaction_mode mode)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_redaction r = {.mode = mode,
                             .issuer = lf__bytes_str(issuer),
                             .record_id = id_of(s, of),
                             .order_authority = lf__bytes_str("某法院"),
                             .order_number = lf__bytes_str("1")};
    assert_int_equal(px_redaction_encode(&s->arena, &r, parts, &count, NULL), LF_OK);
    put(s, &(struct says){.issuer = "authority", .id = id}, PX_KIND_REDACTION, parts, count);
}

static void on_match(const lf_mirror_match *match, void *user)
{
    struct scene *s = user;
    (void)snprintf(s->answer, sizeof s->answer, "%s %s %s", lf_match_name(match->match),
                   match->advice, match->reasons);
}

/* What stands is committed, asked about, and gone on with. */
static const char *ask(struct scene *s, const char *code, const char *name)
{
    lf_mirror_asked asked = {lf__bytes_str(code), lf__bytes_str(name)};
    assert_int_equal(st_txn_commit(s->txn, NULL), LF_OK);
    lf_error err = LF_ERROR_INIT;
    lf_status rc = lf_mirror_screen(s->mirror, &asked, 1, on_match, s, &err);
    if (rc != LF_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(rc, LF_OK);
    assert_int_equal(st_txn_begin(s->mirror->engine, ST_WRITE, &s->txn, NULL), LF_OK);
    return s->answer;
}

static const struct says removed = {"platform-01", 1, 0, 3, 0};

static void test_what_is_corrected_stands_no_more(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    event(&s, &removed, M1, "REMOVAL");
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    assert_string_equal(ask(&s, "91999999ma00000154", ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    target(&s, 2, PX_KIND_CORRECTION, 1, 3);
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    end(&s);
}

/* A record that was withheld until now finds what was said of it meanwhile. */
static void test_a_record_that_comes_after_its_correction(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    target(&s, 2, PX_KIND_CORRECTION, 1, PX_CORRECTION_WITHDRAWN);
    event(&s, &removed, M1, "REMOVAL");
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    end(&s);
}

static void test_how_sure_and_how_long(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    event(&s, &(struct says){"platform-01", 1, 0, 1, 0}, M1, "REMOVAL");
    assert_string_equal(ask(&s, M1, ""), "CODE MANUAL_REVIEW SUSPECTED_REMOVAL:COUNTERFEIT");
    event(&s, &(struct says){"platform-01", 2, 0, 3, 1000}, M2, "REMOVAL");
    assert_string_equal(ask(&s, M2, ""), "CODE ALLOW_WITH_WARNING EXPIRED_EVENT:COUNTERFEIT");
    event(&s, &(struct says){"platform-03", 3, 0, 3, 0}, M2, "DELIST_ALL");
    assert_string_equal(
        ask(&s, M2, ""),
        "CODE ALLOW_WITH_WARNING EXPIRED_EVENT:COUNTERFEIT;ENFORCEMENT_EVENT:COUNTERFEIT");
    end(&s);
}

static void test_an_appeal(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    event(&s, &removed, M1, "REMOVAL");
    appeal(&s, 2, 1, PX_APPEAL_FILED);
    assert_string_equal(ask(&s, M1, ""), "CODE MANUAL_REVIEW UNDER_APPEAL:COUNTERFEIT");
    appeal(&s, 3, 1, PX_APPEAL_UPHELD);
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    event(&s, &(struct says){"platform-01", 4, 0, 3, 0}, M2, "REMOVAL");
    appeal(&s, 5, 4, PX_APPEAL_OVERTURNED);
    assert_string_equal(ask(&s, M2, ""), "NONE  ");
    end(&s);
}

static void test_a_new_version_lifts_or_replaces(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    event(&s, &removed, M1, "REMOVAL");
    event(&s, &(struct says){"platform-01", 2, 1, 3, 0}, M1, "LIFT");
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    event(&s, &(struct says){"platform-01", 3, 0, 3, 0}, M2, "REMOVAL");
    event(&s, &(struct says){"platform-01", 4, 3, 1, 0}, M2, "REMOVAL");
    assert_string_equal(ask(&s, M2, ""), "CODE MANUAL_REVIEW SUSPECTED_REMOVAL:COUNTERFEIT");
    end(&s);
}

static void test_lists(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    listing(&s, 1, "SERIOUS", "SER_IP");
    listing(&s, 2, "ABNORMAL", "ABN_UNREACHABLE");
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIST_SERIOUS;LIST_ABNORMAL");
    removal(&s, 3, 1, PX_GROUND_REPAIRED, "2199-01-01"); /* still to come */
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIST_SERIOUS;LIST_ABNORMAL");
    removal(&s, 4, 1, PX_GROUND_REMOVED, "2026-03-05");
    assert_string_equal(ask(&s, M1, ""), "CODE ALLOW_WITH_WARNING LIST_ABNORMAL");
    removal(&s, 5, 2, PX_GROUND_REVOKED, "2026-03-05");
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    end(&s);
}

static void test_of_registry_entries_the_newest_counts(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    registry(&s, 1, M1, "CANCELLED", "");
    assert_string_equal(ask(&s, M1, ""), "CODE DENY REGISTRY_CANCELLED");
    registry(&s, 2, M1, "ACTIVE", "");
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    end(&s);
}

static void test_old_numbers_and_names(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    registry(&s, 1, M1, "ACTIVE", "999999000000002");
    assert_string_equal(ask(&s, "999999000000002", ""), "NONE  ");
    assert_string_equal(ask(&s, "", "测试商贸（有限公司）"), "NONE  ");
    event(&s, &(struct says){"platform-01", 2, 0, 3, 0}, M1, "REMOVAL");
    assert_string_equal(ask(&s, "999999000000002", ""), "OLD_NUMBER DENY LIVE_REMOVAL:COUNTERFEIT");
    assert_string_equal(ask(&s, "", "測試商貿（有限責任公司）"),
                        "NAME_CANDIDATE MANUAL_REVIEW LIVE_REMOVAL:COUNTERFEIT");
    assert_string_equal(ask(&s, M2, "测试商贸有限公司"),
                        "NAME_CANDIDATE MANUAL_REVIEW LIVE_REMOVAL:COUNTERFEIT");
    registry(&s, 3, M2, "ACTIVE", "999999000000002"); /* now it says for certain neither */
    assert_string_equal(ask(&s, "999999000000002", ""),
                        "NAME_CANDIDATE MANUAL_REVIEW LIVE_REMOVAL:COUNTERFEIT");
    assert_string_equal(ask(&s, "91999999MA00000155", ""), "NONE  USCC_CHECK_DIGIT");
    end(&s);
}

/* A regulator sees what still waits; whoever else sees it, for him it is released. */
static void test_what_waits_for_a_relay(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    static const uint8_t platform[1] = {PX_ROLE_PLATFORM};
    static const uint8_t regulator[1] = {PX_ROLE_REGULATOR};
    s.mirror->role = PX_ROLE_REGULATOR;
    assert_int_equal(
        st_put(s.txn, MIRROR_ROLES, lf__bytes_str("platform-01"), LF_BYTES_ARRAY(platform), NULL),
        LF_OK);
    assert_int_equal(
        st_put(s.txn, MIRROR_ROLES, lf__bytes_str("regulator"), LF_BYTES_ARRAY(regulator), NULL),
        LF_OK);
    event(&s, &removed, M1, "REMOVAL");
    assert_string_equal(ask(&s, M1, ""), "CODE ALLOW_WITH_WARNING PENDING_RELAY:COUNTERFEIT");
    target(&s, 2, PX_KIND_RELAY, 1, PX_RELAY_RELEASED);
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    event(&s, &(struct says){"platform-01", 3, 0, 3, 0}, M2, "REMOVAL");
    s.mirror->waits_below = 1; /* what comes from now on waits for nobody; what waits, waits */
    appeal(&s, 5, 3, PX_APPEAL_FILED);
    assert_string_equal(ask(&s, M2, ""), "CODE ALLOW_WITH_WARNING PENDING_RELAY:COUNTERFEIT");
    target(&s, 4, PX_KIND_RELAY, 3, PX_RELAY_REFUSED);
    assert_string_equal(ask(&s, M2, ""), "CODE ALLOW_WITH_WARNING RELAY_REFUSED:COUNTERFEIT");
    s.mirror->waits_below = 5;
    event(&s, &(struct says){"regulator", 6, 0, 1, 0}, M2, "REMOVAL"); /* waits for nobody */
    assert_string_equal(ask(&s, M2, ""), "CODE MANUAL_REVIEW SUSPECTED_REMOVAL:COUNTERFEIT;"
                                         "RELAY_REFUSED:COUNTERFEIT");
    end(&s);
}

static bool is_wanted(struct scene *s, uint8_t id)
{
    lf_bytes none;
    bool found = false;
    struct mirror_key key = lf__mirror_record(lf__bytes_str("platform-01"), id_of(s, id));
    assert_int_equal(lf__mirror_find(s->txn, MIRROR_WANTED, mirror_key(&key), &none, &found, NULL),
                     LF_OK);
    return found;
}

static void test_what_shows_up_later_is_to_be_fetched(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    target(&s, 2, PX_KIND_RELAY, 1, PX_RELAY_REFUSED);
    assert_false(is_wanted(&s, 1));
    target(&s, 3, PX_KIND_RELAY, 1, PX_RELAY_RELEASED);
    assert_true(is_wanted(&s, 1));
    redaction(&s, 4, "platform-01", 1, PX_REDACTION_ERASE);
    assert_false(is_wanted(&s, 1));
    redaction(&s, 5, "platform-01", 9, PX_REDACTION_LIFT);
    assert_true(is_wanted(&s, 9));
    end(&s);
}

static bool goes_back(struct scene *s, uint64_t from, uint64_t until)
{
    return lf__mirror_meta_number(s->txn, "again") == from &&
           lf__mirror_meta_number(s->txn, "again_until") == until;
}

/* What was withheld is read once more, from the first position to the last of all that is to be; but for what this sync is
 * told anyway, because the ledger was longer than that when it began to ask. */
static void test_what_is_read_once_more(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 7, 7, NULL), LF_OK);
    assert_true(goes_back(&s, 0, 0));
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 40, 60, NULL), LF_OK);
    assert_true(goes_back(&s, 40, 60));
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 50, 80, NULL), LF_OK);
    assert_true(goes_back(&s, 40, 80));
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 30, 35, NULL), LF_OK);
    assert_true(goes_back(&s, 30, 80));
    s.mirror->told_from = 20;
    s.mirror->told_until = 100;
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 20, 99, NULL), LF_OK);
    assert_true(goes_back(&s, 30, 80));
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 20, 100, NULL), LF_OK);
    assert_true(goes_back(&s, 20, 100));
    assert_int_equal(lf__mirror_again(s.mirror, s.txn, 19, 90, NULL), LF_OK);
    assert_true(goes_back(&s, 19, 100));
    end(&s);
}

/* In whichever order they come, the last order about a record counts; and where it was told of is known. */
static void test_a_restriction_that_comes_late(void **state)
{
    struct scene s;
    bool is = true;
    (void)state;
    begin(&s);
    registry(&s, 7, M1, "ACTIVE", "999999000000002");
    event(&s, &removed, M1, "REMOVAL");
    assert_int_equal(lf__mirror_is_told(s.txn, 1, 5, NULL), LF_OK);
    redaction(&s, 2, "platform-01", 1, PX_REDACTION_RESTRICT); /* at 2 */
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    registry(&s, 8, M2, "ACTIVE", "");
    registry(&s, 9, M2, "ACTIVE", "");
    registry(&s, 10, M2, "ACTIVE", "");
    s.mirror->told_from = 4;
    redaction(&s, 3, "platform-01", 1, PX_REDACTION_RESTRICT); /* at 6 */
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    assert_int_equal(lf__mirror_is_restricted(s.txn, 1, &is, NULL), LF_OK);
    assert_true(is);
    redaction(&s, 4, "platform-01", 1, PX_REDACTION_LIFT);
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    assert_true(goes_back(&s, 4, 7));
    end(&s);
}

static void test_orders(void **state)
{
    struct scene s;
    lf_bytes leaf;
    lf_bytes envelope;
    (void)state;
    begin(&s);
    registry(&s, 7, M1, "ACTIVE", "999999000000002");
    event(&s, &removed, M1, "REMOVAL");
    redaction(&s, 2, "platform-01", 1, PX_REDACTION_RESTRICT);
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    redaction(&s, 3, "platform-01", 1, PX_REDACTION_LIFT);
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    redaction(&s, 4, "regulator", 7, PX_REDACTION_ERASE); /* no more ways to the code but itself */
    assert_string_equal(ask(&s, "", "测试商贸有限公司"), "NONE  ");
    assert_string_equal(ask(&s, "999999000000002", ""), "NONE  ");
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    redaction(&s, 5, "platform-01", 1, PX_REDACTION_ERASE);
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    assert_int_equal(lf__mirror_entry_get(s.txn, 1, &leaf, &envelope, NULL), LF_E_NOT_FOUND);
    appeal(&s, 6, 1, PX_APPEAL_FILED); /* of what is gone */
    redaction(&s, 8, "platform-01", 1, PX_REDACTION_ERASE);
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    end(&s);
}

/* A head that is signed over all that was put, by a key that the mirror trusts. */
static void head_put(struct scene *s)
{
    LF_BUF note;
    LF_BUF text;
    struct lf__note_key key;
    struct lf__secret *seed = lf__secret_new(LF_ED25519_SEED);
    struct lf__public_key public_key = lf__sign_public(seed);
    struct lf__merkle_head head = {s->frontier.size, lf__frontier_root(&s->frontier)};
    lf__buf_init(&note, 4096);
    lf__buf_init(&text, 4096);
    assert_int_equal(lf__note_key_make("x/ledger", &public_key, &key, NULL), LF_OK);
    assert_true(lf__note_key_format(&key, &text));
    assert_true(lf__checkpoint_sign(&head, &key, seed, &note));
    assert_int_equal(lf__mirror_meta_put(s->txn, "ledger", lf__buf_bytes(&text), NULL), LF_OK);
    assert_int_equal(lf__mirror_meta_put(s->txn, "head", lf__buf_bytes(&note), NULL), LF_OK);
    assert_int_equal(lf__mirror_frontier_put(s->txn, &s->frontier, NULL), LF_OK);
    lf__secret_free(seed);
}

static lf_status verify(struct scene *s, uint64_t *bad)
{
    assert_int_equal(st_txn_commit(s->txn, NULL), LF_OK);
    lf_status rc = lf_mirror_verify(s->mirror, bad, NULL);
    assert_int_equal(st_txn_begin(s->mirror->engine, ST_WRITE, &s->txn, NULL), LF_OK);
    return rc;
}

/* One bit of a row, at the same place. */
static void flip(struct scene *s, unsigned table, lf_bytes key, size_t at)
{
    lf_bytes value;
    assert_int_equal(st_get(s->txn, table, key, &value, NULL), LF_OK);
    assert_true(at < value.len);
    uint8_t *copy = lf__arena_alloc(&s->arena, value.len);
    lf__copy(copy, value.ptr, value.len);
    copy[at] ^= 1;
    assert_int_equal(st_put(s->txn, table, key, (lf_bytes){copy, value.len}, NULL), LF_OK);
}

static void test_verify_finds_what_was_altered(void **state)
{
    struct scene s;
    uint64_t bad = 77;
    (void)state;
    begin(&s);
    registry(&s, 1, M1, "ACTIVE", "");
    registry(&s, 2, M1, "REVOKED", "");
    event(&s, &(struct says){"platform-01", 3, 0, 3, 0}, M2, "REMOVAL");
    redaction(&s, 4, "regulator", 1, PX_REDACTION_ERASE);
    head_put(&s);
    assert_int_equal(verify(&s, &bad), LF_OK);
    assert_int_equal(bad, 77);
    const struct {
        unsigned table;
        uint64_t number;
        const char *code;
        size_t at;
        uint64_t bad;
    } rows[] = {
        {MIRROR_ENTRIES, 2, NULL, 20, 2},                        /* the leaf */
        {MIRROR_ENTRIES, 2, NULL, LF_LEDGER_LEAF_BYTES + 20, 2}, /* the record */
        {MIRROR_STANDING, 0, M2, 33, 2},                         /* its state */
        {MIRROR_STANDING, 0, M1, 38, 1},                         /* a word */
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct mirror_key number = lf__mirror_number(rows[i].number);
        lf_bytes key = rows[i].code == NULL ? mirror_key(&number) : lf__bytes_str(rows[i].code);
        flip(&s, rows[i].table, key, rows[i].at);
        assert_int_not_equal(verify(&s, &bad), LF_OK);
        assert_int_equal(bad, rows[i].bad);
        flip(&s, rows[i].table, key, rows[i].at);
        assert_int_equal(verify(&s, &bad), LF_OK);
    }
    struct mirror_key chunk = lf__mirror_number(0);
    flip(&s, MIRROR_LEAVES, mirror_key(&chunk), 0); /* of the one that was erased */
    assert_int_equal(verify(&s, &bad), LF_E_SIGNATURE);
    assert_int_equal(bad, 4);
    end(&s);
}

/* Terms and measures are tables of the program: one of another version makes the standing anew. */
static void test_another_version_makes_it_anew(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    event(&s, &removed, M1, "REMOVAL");
    head_put(&s);
    assert_int_equal(lf__mirror_meta_put(s.txn, "made_by", lf__bytes_str("0.0.0"), NULL), LF_OK);
    assert_int_equal(lf__mirror_row_put(s.txn, lf__bytes_str(M1), 0, NULL, NULL), LF_OK);
    assert_string_equal(ask(&s, M1, ""), "NONE  ");
    assert_int_equal(st_txn_commit(s.txn, NULL), LF_OK);
    lf_mirror_close(s.mirror);
    assert_int_equal(lf_mirror_open(s.dir, &s.mirror, NULL), LF_OK);
    assert_int_equal(st_txn_begin(s.mirror->engine, ST_WRITE, &s.txn, NULL), LF_OK);
    assert_string_equal(ask(&s, M1, ""), "CODE DENY LIVE_REMOVAL:COUNTERFEIT");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_corrected_stands_no_more),
        cmocka_unit_test(test_a_record_that_comes_after_its_correction),
        cmocka_unit_test(test_how_sure_and_how_long),
        cmocka_unit_test(test_an_appeal),
        cmocka_unit_test(test_a_new_version_lifts_or_replaces),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_of_registry_entries_the_newest_counts),
        cmocka_unit_test(test_old_numbers_and_names),
        cmocka_unit_test(test_what_waits_for_a_relay),
        cmocka_unit_test(test_what_shows_up_later_is_to_be_fetched),
        cmocka_unit_test(test_what_is_read_once_more),
        cmocka_unit_test(test_a_restriction_that_comes_late),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_verify_finds_what_was_altered),
        cmocka_unit_test(test_another_version_makes_it_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
