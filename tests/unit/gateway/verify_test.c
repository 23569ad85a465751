/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed, who may say it, and whether it is well said: each refusal with its own reason. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "gateway/exchange/validate/validate.h"
#include "gateway/exchange/validate/verify.h"
#include "protos/codec/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const int64_t NOW_MS = 1772380800000; /* 2026-03-02, a day on which much is decided */
enum who { PLATFORM, OTHER, REGULATOR, AUTHORITY_A, AUTHORITY_B, STRANGER, WHO_COUNT };
static const char *const names[WHO_COUNT] = {"platform-01", "platform-02", "regulator",
                                             "authority",   "authority",   "stranger"};

struct world {
    struct gw_roster *roster;
    struct gw_policy *policy;
    struct lf__secret *seeds[WHO_COUNT];
    struct px_member_key keys[WHO_COUNT];
    struct lf__arena arena;
    struct lf__buf record;
    uint8_t signatures[2][64];
};
static struct world w;

static struct px_member member_of(enum who who, enum px_role role, enum px_member_status status)
{
    return (struct px_member){.member = lf__bytes_str(names[who]),
                              .name = lf__bytes_str("名称"),
                              .role = role,
                              .level = role == PX_ROLE_REGULATOR ? 2 : 0,
                              .division = lf__bytes_str(role == PX_ROLE_REGULATOR ? "110000" : ""),
                              .status = status,
                              .keys = {w.keys[who]},
                              .key_count = 1,
                              .pins = {{.spki = {{(uint8_t)(who + 1)}}, .until_ms = 2LL * NOW_MS}},
                              .pin_count = 1};
}

/* The header of the n-th record about a member. */
static struct px_header header_of(uint32_t version)
{
    static uint8_t ids[16][PX_ID_BYTES];
    ids[version][0] = (uint8_t)version;
    return (struct px_header){
        .issuer = lf__bytes_str(GW_AUTHORITY_ID),
        .record_id = LF_BYTES_ARRAY(ids[version]),
        .kind = PX_KIND_MEMBER,
        .version = version,
        .predecessor = version > 1 ? (lf_bytes)LF_BYTES_ARRAY(ids[version - 1]) : LF_BYTES_NONE};
}

static int setup(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    for (unsigned i = 0; i < WHO_COUNT; i++) {
        w.seeds[i] = lf__secret_new(32);
        lf__secret_bytes(w.seeds[i])[0] = (uint8_t)(i + 1);
        w.keys[i] = (struct px_member_key){.key = lf__sign_public(w.seeds[i]), .use = 1};
    }
    lf__arena_init(&w.arena, 1 << 20);
    lf__buf_init(&w.record, PX_RECORD_MAX);
    assert_int_equal(gw_policy_load_default(&w.policy, NULL), LF_OK);
    assert_int_equal(gw_roster_new(&w.roster, NULL), LF_OK);
    struct px_genesis genesis = {.keys = {w.keys[AUTHORITY_A], w.keys[AUTHORITY_B]},
                                 .key_count = 2,
                                 .threshold = 2,
                                 .is_test = true};
    assert_int_equal(gw_roster_genesis(w.roster, &genesis, NULL), LF_OK);
    struct px_member members[] = {member_of(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE),
                                  member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE),
                                  member_of(REGULATOR, PX_ROLE_REGULATOR, PX_MEMBER_ACTIVE)};
    for (size_t i = 0; i < LF_COUNT(members); i++) {
        struct px_header first = header_of(1);
        assert_int_equal(gw_roster_apply(w.roster, &members[i], &first, i + 1, NULL), LF_OK);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WHO_COUNT; i++) {
        lf__secret_free(w.seeds[i]);
    }
    gw_roster_free(w.roster);
    gw_policy_free(w.policy);
    lf__arena_done(&w.arena);
    lf__buf_done(&w.record);
    return 0;
}

static struct px_event event_make(void)
{
    return (struct px_event){.uscc = lf__bytes_str("91999999MA00000154"),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("REMOVAL")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-03-02")};
}

static struct px_envelope envelope_make(enum who issuer, enum px_kind kind)
{
    static const uint8_t id[PX_ID_BYTES] = {1};
    struct px_envelope e = {.header = {.issuer = lf__bytes_str(names[issuer]),
                                       .record_id = LF_BYTES_ARRAY(id),
                                       .kind = kind,
                                       .version = 1,
                                       .certainty = 3}};
    struct px_event event = event_make();
    struct px_registry entry = {.uscc = event.uscc};
    struct px_target target = {.issuer = e.header.issuer,
                               .record_id = e.header.record_id,
                               .decision = kind == PX_KIND_RELAY ? PX_RELAY_RELEASED
                                                                 : PX_CORRECTION_WITHDRAWN};
    struct px_member member = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED);
    struct px_policy policy = {.relay_below = 5};
    lf_status rc = LF_OK;
    switch (kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        rc = px_event_encode(&w.arena, &event, e.parts, &e.part_count, NULL);
        break;
    case PX_KIND_REGISTRY_ENTRY:
        rc = px_registry_encode(&w.arena, &entry, e.parts, &e.part_count, NULL);
        break;
    case PX_KIND_MEMBER:
        rc = px_member_encode(&w.arena, &member, e.parts, &e.part_count, NULL);
        break;
    case PX_KIND_POLICY:
        rc = px_policy_encode(&w.arena, &policy, e.parts, &e.part_count, NULL);
        break;
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
    case PX_KIND_GENESIS:
    case PX_KIND_REDACTION:
    case PX_KIND_CREDIT_LIST_ENTRY:
    case PX_KIND_LIST_REMOVAL:
    case PX_KIND_APPEAL:
    case PX_KIND_NOTICE:
    case PX_KIND_DISPOSITION:
    case PX_KIND_ENTRY_BAN:
    case PX_KIND_OVERRIDE:
    case PX_KIND_CAMPAIGN:
    case PX_KIND_ATTESTATION:
    case PX_KIND_BULLETIN:
    case PX_KIND_MERCHANT_IDENTITY:
    case PX_KIND_ACKNOWLEDGEMENT:
    case PX_KIND_LOG_KEY:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        rc = px_target_encode(&w.arena, kind, &target, e.parts, &e.part_count, NULL);
        break;
    }
    assert_int_equal(rc, LF_OK);
    lf__buf_clear(&w.record);
    assert_true(px_record_encode(&e.header, e.parts, e.part_count, &w.record));
    e.record = lf__buf_bytes(&w.record);
    return e;
}

static void sign(struct px_envelope *e, enum who signer)
{
    LF_BUF pae;
    lf__buf_init(&pae, 100000);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, e->record));
    struct lf__signature s = lf__sign(w.seeds[signer], lf__buf_bytes(&pae));
    memcpy(w.signatures[e->signature_count], s.bytes, 64);
    e->signatures[e->signature_count] =
        (struct px_signature){.alg = 1,
                              .key_id = lf__key_id(&w.keys[signer].key),
                              .signature = LF_BYTES_ARRAY(w.signatures[e->signature_count])};
    e->signature_count++;
}

static void assert_verify(const struct px_envelope *e, const char *reason)
{
    struct gw_standing issuer;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = gw_verify_envelope(w.roster, e, NOW_MS, NULL, &issuer, &err);
    assert_string_equal(err.reason, reason);
    assert_int_equal(rc == LF_OK, reason[0] == '\0');
}

static void good_and_forged(void **state)
{
    (void)state;
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    assert_verify(&e, "SIGNATURE_MISSING");
    sign(&e, PLATFORM);
    assert_verify(&e, "");
    w.record.ptr[w.record.len - 1] ^= 1;
    assert_verify(&e, "SIGNATURE_BAD");
    w.record.ptr[w.record.len - 1] ^= 1;
    w.signatures[0][5] ^= 1;
    assert_verify(&e, "SIGNATURE_BAD");
    w.signatures[0][5] ^= 1;
    e.signatures[0].alg = 2;
    assert_verify(&e, "KEY_ALGORITHM");
    e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    sign(&e, STRANGER);
    assert_verify(&e, "KEY_UNKNOWN");
    e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    sign(&e, OTHER);
    assert_verify(&e, "KEY_OF_OTHER_MEMBER");
    e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    sign(&e, AUTHORITY_A);
    assert_verify(&e, "KEY_OF_OTHER_MEMBER");
}

static void authority_threshold(void **state)
{
    (void)state;
    struct px_envelope e = envelope_make(AUTHORITY_A, PX_KIND_MEMBER);
    sign(&e, AUTHORITY_A);
    assert_verify(&e, "SIGNATURE_MISSING");
    sign(&e, AUTHORITY_B);
    assert_verify(&e, "");
    e.signatures[1] = e.signatures[0]; /* one key listed twice is one key */
    assert_verify(&e, "DUPLICATE_FIELD");
    e = envelope_make(AUTHORITY_A, PX_KIND_MEMBER);
    sign(&e, AUTHORITY_A);
    sign(&e, PLATFORM);
    assert_verify(&e, "KEY_OF_OTHER_MEMBER");
}

static void suspended_may_only_correct(void **state)
{
    (void)state;
    struct px_member suspended = member_of(PLATFORM, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED);
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    uint64_t before = gw_roster_generation(w.roster);
    struct lf__hash root = gw_roster_root(w.roster);
    sign(&e, PLATFORM);
    assert_verify(&e, "");
    struct px_header second = header_of(2);
    assert_int_equal(gw_roster_apply(w.roster, &suspended, &second, 9, NULL), LF_OK);
    struct lf__hash after = gw_roster_root(w.roster);
    assert_true(gw_roster_generation(w.roster) > before && !lf__hash_eq(&root, &after));
    assert_verify(&e, "MEMBER_SUSPENDED");
    e = envelope_make(PLATFORM, PX_KIND_CORRECTION);
    sign(&e, PLATFORM);
    assert_verify(&e, "");
    second.version = 3;
    suspended.status = PX_MEMBER_RETIRED;
    assert_int_equal(gw_roster_apply(w.roster, &suspended, &second, 10, NULL), LF_OK);
    assert_verify(&e, "");
    e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    sign(&e, PLATFORM);
    assert_verify(&e, "MEMBER_RETIRED");
}

static void batches(void **state)
{
    (void)state;
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    LF_BUF pae;
    LF_BUF batch;
    lf__buf_init(&pae, 100000);
    lf__buf_init(&batch, 1000);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record));
    struct lf__hash leaves[3] = {{{1}}, lf__batch_leaf(lf__buf_bytes(&pae)), {{2}}};
    LF_MEMTREE tree = {0, NULL};
    struct lf__proof proof;
    assert_int_equal(lf__memtree_init(&tree, leaves, 3, NULL), LF_OK);
    struct lf__hash root = lf__memtree_root(&tree);
    struct lf__tree view = lf__memtree_view(&tree);
    assert_int_equal(lf__merkle_prove_inclusion(&view, 1, &proof, NULL), LF_OK);
    assert_true(px_batch_pae(&batch, 3, &root));
    struct lf__signature s = lf__sign(w.seeds[PLATFORM], lf__buf_bytes(&batch));
    e.signature_count = 1;
    e.signatures[0] = (struct px_signature){.alg = 1,
                                            .key_id = lf__key_id(&w.keys[PLATFORM].key),
                                            .signature = LF_BYTES_ARRAY(s.bytes),
                                            .batch_size = 3,
                                            .batch_index = 1,
                                            .batch_root = root,
                                            .batch_path = proof.hashes,
                                            .batch_path_count = proof.count};
    assert_verify(&e, "");
    proof.hashes[0].bytes[3] ^= 1;
    assert_verify(&e, "BATCH_PATH");
    proof.hashes[0].bytes[3] ^= 1;
    e.signatures[0].batch_size =
        4; /* the same path fits a tree of 4: the signature binds the size */
    assert_verify(&e, "SIGNATURE_BAD");
    e.signatures[0].batch_size = 3;
    e.signatures[0].batch_index = 2;
    assert_verify(&e, "BATCH_PATH");
    e.signatures[0].batch_index = 1;
    s.bytes[0] ^= 1;
    assert_verify(&e, "SIGNATURE_BAD");
}

static void pins(void **state)
{
    (void)state;
    struct gw_standing who;
    lf_error err = LF_ERROR_INIT;
    struct lf__hash pin = {{REGULATOR + 1}};
    assert_int_equal(gw_roster_by_pin(w.roster, &pin, NOW_MS, &who, &err), LF_OK);
    assert_string_equal(who.member, "regulator");
    assert_int_equal(gw_roster_by_pin(w.roster, &pin, 2LL * NOW_MS, &who, &err),
                     LF_E_UNAUTHENTICATED);
    assert_string_equal(err.reason, "CERTIFICATE_UNKNOWN");
    assert_int_equal(gw_roster_by_name(w.roster, lf__bytes_str("nobody"), &who, &err),
                     LF_E_NOT_FOUND);
}

static void assert_valid(const struct px_envelope *e, enum who issuer, bool is_test,
                         const char *reason, const char *field)
{
    struct gw_standing standing = {.role =
                                       issuer == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                                   .level = issuer == REGULATOR ? 2 : 0,
                                   .is_authority = issuer == AUTHORITY_A};
    struct gw_validate rules = {.policy = w.policy, .is_test = is_test, .now_ms = NOW_MS};
    lf_error err = LF_ERROR_INIT;
    lf_status rc = gw_validate(&rules, e, &standing, &err);
    assert_string_equal(err.reason, reason);
    assert_string_equal(err.field, field);
    assert_int_equal(rc == LF_OK, reason[0] == '\0');
}

/* So that it is not decoded once more on the sequencer. */
static void a_checked_event_is_kept(void **state)
{
    (void)state;
    LF_ARENA arena;
    const struct px_event *event = NULL;
    lf__arena_init(&arena, 1 << 20);
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    struct gw_standing standing = {.role = PX_ROLE_PLATFORM};
    struct gw_validate rules = {
        .policy = w.policy, .now_ms = NOW_MS, .keep = &arena, .event = &event};
    assert_int_equal(gw_validate(&rules, &e, &standing, NULL),
                     LF_E_REJECTED); /* not a test ledger */
    assert_null(event);
    rules.is_test = true;
    assert_int_equal(gw_validate(&rules, &e, &standing, NULL), LF_OK);
    assert_non_null(event);
    assert_int_equal(event->uscc.len, 18);
}

static void who_may_say_what(void **state)
{
    (void)state;
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    assert_valid(&e, PLATFORM, true, "", "");
    assert_valid(&e, PLATFORM, false, "USCC_TEST_DIVISION", "uscc");
    e.header.issued_at_ms = NOW_MS + GW_CLOCK_SKEW_MS + 1;
    assert_valid(&e, PLATFORM, true, "ISSUED_IN_FUTURE", "header.issued_at_ms");
    e.header.issued_at_ms = NOW_MS + GW_CLOCK_SKEW_MS;
    assert_valid(&e, PLATFORM, true, "", "");
    e.header.certainty = 0;
    assert_valid(&e, PLATFORM, true, "CERTAINTY_UNKNOWN", "certainty");
    e = envelope_make(PLATFORM, PX_KIND_REGISTRY_ENTRY);
    assert_valid(&e, PLATFORM, true, "KIND_NOT_ALLOWED", "header.kind");
    assert_valid(&e, REGULATOR, true, "", "");
    e = envelope_make(PLATFORM, PX_KIND_MEMBER);
    assert_valid(&e, REGULATOR, true, "KIND_NOT_ALLOWED", "header.kind");
    assert_valid(&e, AUTHORITY_A, true, "", "");
    e = envelope_make(PLATFORM, PX_KIND_RELAY);
    assert_valid(&e, PLATFORM, true, "KIND_NOT_ALLOWED", "header.kind");
    assert_valid(&e, REGULATOR, true, "", "");
}

/* Personal information needs its ground, and how sure one is, is not for everyone to say. */
static void basis_and_certainty(void **state)
{
    (void)state;
    struct px_event event = event_make();
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    e.header.certainty = 5; /* ADMIN_DECISION: an authority's word, which would need no relay */
    assert_valid(&e, PLATFORM, true, "CERTAINTY_NOT_ALLOWED", "certainty");
    assert_valid(&e, REGULATOR, true, "", "");
    e.header.certainty = 3; /* ESTABLISHED_BY_PLATFORM */
    assert_valid(&e, REGULATOR, true, "CERTAINTY_NOT_ALLOWED", "certainty");
    event.uscc = lf__bytes_str("92999999MA00000151"); /* an individual business */
    assert_int_equal(px_event_encode(&w.arena, &event, e.parts, &e.part_count, NULL), LF_OK);
    assert_valid(&e, PLATFORM, true, "LEGAL_BASIS_REQUIRED", "header.legal_basis");
    e.header.legal_basis = 1;
    assert_valid(&e, PLATFORM, true, "", "");
    e.header.effective_from_ms = e.header.effective_until_ms = 5;
    assert_valid(&e, PLATFORM, true, "DATE_INVALID", "header.effective_until_ms");
    e.header.effective_until_ms = 6;
    assert_valid(&e, PLATFORM, true, "", "");
    e.header.ref = lf__bytes_str("11010519491231002X");
    assert_valid(&e, PLATFORM, true, "ID_NUMBER_IN_TEXT", "header.ref");
}

/* The type is under the signature: what signs a batch body signs no record. */
static void signed_as_another_type(void **state)
{
    (void)state;
    LF_BUF pae;
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    lf__buf_init(&pae, 100000);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_BATCH, e.record));
    struct lf__signature s = lf__sign(w.seeds[PLATFORM], lf__buf_bytes(&pae));
    sign(&e, PLATFORM);
    assert_verify(&e, "");
    memcpy(w.signatures[0], s.bytes, sizeof s.bytes);
    assert_verify(&e, "SIGNATURE_BAD");
}

static void assert_event(const struct px_event *event, const char *reason, const char *field)
{
    struct px_envelope e = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    assert_int_equal(px_event_encode(&w.arena, event, e.parts, &e.part_count, NULL), LF_OK);
    assert_valid(&e, PLATFORM, true, reason, field);
}

static void what_an_event_says(void **state)
{
    (void)state;
    struct px_event event = event_make();
    event.violation = lf__bytes_str("BAD_WEATHER");
    assert_event(&event, "VIOLATION_UNKNOWN", "violation");
    event = event_make();
    event.measures[0] = lf__bytes_str("FLOGGING");
    assert_event(&event, "MEASURE_UNKNOWN", "measures");
    event = event_make();
    event.decided_at = lf__bytes_str("2026-02-30");
    assert_event(&event, "DATE_INVALID", "decided_at");
    event = event_make();
    event.decided_at = lf__bytes_str("2026-03-03");
    assert_event(&event, "DATE_INVALID", "decided_at");
    event = event_make();
    event.uscc = lf__bytes_str("91999999MA00000155");
    assert_event(&event, "USCC_CHECK_DIGIT", "uscc");
    event = event_make();
    event.uscc = lf__bytes_str("91999999ma00000154");
    assert_event(&event, "USCC_BAD_CHAR", "uscc");
    event = event_make();
    event.note = lf__bytes_str("经营者 11010519491231002X 称");
    assert_event(&event, "ID_NUMBER_IN_TEXT", "note");
    static const char long_text[] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    event = event_make();
    event.rule = (lf_bytes){(const uint8_t *)long_text, PX_LABEL_MAX + 1};
    assert_event(&event, "TOO_BIG", "rule");
    event = event_make();
    event.shop_id = event.rule = (lf_bytes){(const uint8_t *)long_text, PX_LABEL_MAX};
    assert_event(&event, "", "");
    struct px_envelope withheld = envelope_make(PLATFORM, PX_KIND_ENFORCEMENT_EVENT);
    withheld.has_hash[PX_CLASS_MEMBERS] = withheld.has_hash[PX_CLASS_REGULATOR] = true;
    assert_valid(&withheld, PLATFORM, true, "FIELD_MISSING", "parts");
    withheld.has_hash[PX_CLASS_REGULATOR] = false;
    assert_valid(&withheld, PLATFORM, true, "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_and_forged, setup, teardown),
        cmocka_unit_test_setup_teardown(authority_threshold, setup, teardown),
        cmocka_unit_test_setup_teardown(suspended_may_only_correct, setup, teardown),
        cmocka_unit_test_setup_teardown(batches, setup, teardown),
        cmocka_unit_test_setup_teardown(pins, setup, teardown),
        cmocka_unit_test_setup_teardown(a_checked_event_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(who_may_say_what, setup, teardown),
        cmocka_unit_test_setup_teardown(basis_and_certainty, setup, teardown),
        cmocka_unit_test_setup_teardown(signed_as_another_type, setup, teardown),
        cmocka_unit_test_setup_teardown(what_an_event_says, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
