/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence held against a trust file: the good bundle, what it tells, and every kind of forged or spliced one. */
#include "support/announce.h"
#include "support/dossier.h"

#include "base/bytes.h"
#include "client/evidence/evidence.h"
#include "base/status.h"
#include "unit/client/forgeries.h"

#include <lianfang/evidence.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static lf_status verify(const struct dossier *d, lf_bytes bytes, const lf_evidence **out,
                        lf_error *err)
{
    return lf_evidence_verify(bytes, lf__buf_bytes(&d->trust), NULL, 0, out, err);
}

static void good_one_tells_all(void **state)
{
    (void)state;
    struct dossier d;
    LF_BUF wire;
    const lf_evidence *e = NULL;
    lf_error err = LF_ERROR_INIT;
    dossier_open(&d);
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    dossier_encode(&d, &wire);
    lf_status rc = verify(&d, lf__buf_bytes(&wire), &e, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, LF_OK);
    assert_string_equal(e->origin, D_ORIGIN);
    assert_string_equal(e->quorum, "two");
    assert_int_equal(e->size, D_ENTRIES);
    assert_int_equal(e->witness_count, 2);
    assert_string_equal(e->witnesses[1].name, "w2");
    assert_int_equal(e->witnesses[0].time_ms, (1700000000LL + 60 + D_WITNESS_1) * 1000);
    assert_int_equal(e->record_count, 3);
    const lf_evidence_record *event = &e->records[EVENT];
    assert_int_equal(event->index, D_EVENT);
    assert_int_equal(event->accepted_at_ms, 1700000000000LL + D_EVENT);
    assert_string_equal(event->issuer, "platform-01");
    assert_string_equal(event->kind, "EnforcementEvent");
    assert_string_equal(event->signatures[0].status, "ACTIVE");
    assert_string_equal(event->signatures[0].role, "PLATFORM");
    assert_int_equal(event->signatures[0].since_index, 1);
    assert_string_equal(event->fields[0].name, "uscc");
    assert_string_equal(event->fields[0].value, "91999999MA00000154");
    assert_string_equal(event->fields[event->field_count - 1].value, "三件样品");
    assert_int_equal(event->later_count, 1);
    assert_int_equal(event->later[0].index, D_WITHDRAWAL);
    assert_string_equal(event->later[0].decision, "WITHDRAWN");
    assert_int_equal(e->records[BATCHED].signatures[0].batch_size, 3);
    assert_string_equal(e->records[WITHDRAWAL].signatures[0].status, "SUSPENDED");
    assert_int_equal(e->attachment_count, 1);
    assert_true(e->attachments[0].is_checked && e->attachments[0].index == D_EVENT);
    assert_string_equal(e->unproven[0], "CONTENT");
    assert_int_equal(e->unproven_count, 4);
    lf_evidence_free(e);
    dossier_close(&d);
}

/* A part that is left out is told as hidden, with the hash that was signed, and nothing of it is told. */
static void hidden_is_told_as_hidden(void **state)
{
    (void)state;
    struct dossier d;
    LF_BUF wire;
    const lf_evidence *e = NULL;
    dossier_open(&d);
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    struct px_envelope envelope = dossier_envelope(&d, EVENT);
    assert_int_equal(envelope.part_count, 2);
    envelope.part_count = 1;
    dossier_envelope_set(&d, EVENT, &envelope);
    d.bundle.attachment_count = 0;
    dossier_encode(&d, &wire);
    assert_int_equal(verify(&d, lf__buf_bytes(&wire), &e, NULL), LF_OK);
    const lf_evidence_record *event = &e->records[EVENT];
    assert_int_equal(event->part_count, 2);
    assert_true(event->parts[0].is_shown && !event->parts[1].is_shown);
    assert_string_equal(event->parts[1].part_class, "REGULATOR");
    for (size_t i = 0; i < event->field_count; i++) {
        assert_string_not_equal(event->fields[i].name, "note");
    }
    lf_evidence_free(e);
    dossier_close(&d);
}

/* Kept beside the bundle: checked when handed in, told as unchecked when not. */
static bool is_unproven(const lf_evidence *e, const char *what)
{
    for (size_t i = 0; i < e->unproven_count; i++) {
        if (strcmp(e->unproven[i], what) == 0) {
            return true;
        }
    }
    return false;
}

/* How many of the authority's keys had to sign stands in the genesis, when that comes along and is shown. */
static void authority_verify(uint32_t threshold, bool with_genesis, const lf_evidence **out,
                             lf_error *err)
{
    struct dossier d;
    LF_BUF wire;
    dossier_open(&d);
    dossier_authority(&d, threshold);
    if (!with_genesis) {
        d.records[0] = d.records[1];
        d.bundle.record_count = 1;
    }
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    dossier_encode(&d, &wire);
    (void)verify(&d, lf__buf_bytes(&wire), out, err);
    dossier_close(&d);
}

static void enough_of_the_authority(void **state)
{
    (void)state;
    for (uint32_t threshold = 1; threshold <= 2; threshold++) {
        const lf_evidence *e = NULL;
        lf_error err = LF_ERROR_INIT;
        authority_verify(threshold, false, &e, &err);
        assert_string_equal(err.message, "");
        assert_true(is_unproven(e, "THRESHOLD"));
        lf_evidence_free(e);
        e = NULL;
        authority_verify(threshold, true, &e, &err);
        if (threshold == 1) {
            assert_string_equal(err.message, "");
            assert_false(is_unproven(e, "THRESHOLD"));
        } else {
            assert_null(e);
            assert_string_equal(err.reason, "SIGNATURE_MISSING");
            assert_string_equal(
                err.message, "evidence: entry 1: 1 of the authority's keys have signed, 2 had to");
        }
        lf_evidence_free(e);
    }
}

static void attachment_beside(void **state)
{
    (void)state;
    struct dossier d;
    LF_BUF wire;
    const lf_evidence *e = NULL;
    const lf_bytes beside[] = {lf__bytes_str("another"), lf__bytes_str(D_PICTURE)};
    dossier_open(&d);
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    d.attachments[0].content = LF_BYTES_NONE;
    dossier_encode(&d, &wire);
    for (size_t n = 0; n <= 2; n++) {
        assert_int_equal(
            lf_evidence_verify(lf__buf_bytes(&wire), lf__buf_bytes(&d.trust), beside, n, &e, NULL),
            LF_OK);
        assert_int_equal(e->attachments[0].is_checked, n == 2);
        lf_evidence_free(e);
    }
    dossier_close(&d);
}

/* A head signed by the key that the ledger took later, or by both, is as good. */
static void rotated_log_key(void **state)
{
    (void)state;
    struct dossier d;
    LF_BUF wire;
    const lf_evidence *e = NULL;
    dossier_open(&d);
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    d.bundle.checkpoint = dossier_note(&d, D_ORIGIN, &d.head, D_LEDGER_NEXT,
                                       LF_BIT(D_WITNESS_3) | LF_BIT(D_WITNESS_2));
    dossier_encode(&d, &wire);
    assert_int_equal(verify(&d, lf__buf_bytes(&wire), &e, NULL), LF_OK);
    lf_evidence_free(e);
    dossier_close(&d);
}

/* ---- forgeries ---- */

static bool forgery_is_refused(const struct forgery *f)
{
    struct dossier d;
    LF_BUF wire;
    lf_error err = LF_ERROR_INIT;
    const lf_evidence *e = NULL;
    dossier_open(&d);
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    if (f->forge != NULL) {
        f->forge(&d);
    }
    dossier_encode(&d, &wire);
    if (f->bend != NULL) {
        f->bend(&wire);
    }
    lf_status rc = verify(&d, lf__buf_bytes(&wire), &e, &err);
    bool good = rc != LF_OK && e == NULL && strcmp(err.reason, f->reason) == 0 &&
                strcmp(err.field, f->field) == 0 && err.message[0] != '\0';
    if (!good) {
        print_error("%s: %s, %s at '%s' instead of %s at '%s' (%s)\n", f->name, lf_status_name(rc),
                    err.reason, err.field, f->reason, f->field, err.message);
    }
    lf_evidence_free(e);
    dossier_close(&d);
    return good;
}

static void every_forgery_is_refused(void **state)
{
    (void)state;
    unsigned passed = 0;
    for (size_t i = 0; i < forgery_count; i++) {
        passed += forgery_is_refused(&forgeries[i]) ? 1 : 0;
    }
    assert_int_equal(passed, forgery_count);
    assert_true(forgery_count >= 40);
}

/* No cut is taken, and no flipped bit, except in an attachment's name and in the bits of base64 that say nothing. */
static void no_cut_and_no_flip(void **state)
{
    (void)state;
    struct dossier d;
    LF_BUF wire;
    const lf_evidence *e = NULL;
    dossier_open(&d);
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    dossier_encode(&d, &wire);
    lf_bytes whole = lf__buf_bytes(&wire);
    const uint8_t *name = whole.ptr;
    while (memcmp(name, "picture.jpg", 11) != 0) {
        name++;
    }
    for (size_t len = 0; len < whole.len; len++) {
        lf_status rc = verify(&d, (lf_bytes){whole.ptr, len}, &e, NULL);
        /* without the attachment, the last field, it is a whole bundle */
        if (rc == LF_OK) {
            assert_true(len < (size_t)(name - whole.ptr) && e->attachment_count == 0 &&
                        e->record_count >= 1);
            lf_evidence_free(e);
        }
    }
    for (size_t i = 0; i < whole.len; i++) {
        wire.ptr[i] ^= (uint8_t)(1U << (i % 8));
        if (verify(&d, whole, &e, NULL) == LF_OK) {
            bool is_name = wire.ptr + i >= name && wire.ptr + i < name + 11;
            if (!is_name && whole.ptr[i + 1] != '=') {
                print_error("byte %zu of %zu is not covered\n", i, whole.len);
                fail();
            }
            lf_evidence_free(e);
        }
        wire.ptr[i] ^= (uint8_t)(1U << (i % 8));
    }
    dossier_close(&d);
}

/* A trust file that names the first key alone. */
static lf_bytes trust_of_then(struct dossier *d)
{
    LF_BUF next;
    LF_BUF text;
    struct lf__note_key key;
    lf__buf_init(&next, 1024);
    lf__buf_init(&text, 65536);
    assert_int_equal(lf__note_key_make(D_ORIGIN, &d->keys[D_LEDGER_NEXT], &key, NULL), LF_OK);
    (void)lf__buf_str(&next, "log ");
    (void)lf__note_key_format(&key, &next);
    lf_bytes all = lf__buf_bytes(&d->trust);
    size_t at = 0;
    while (!lf__bytes_eq(lf__bytes_slice(all, at, next.len), lf__buf_bytes(&next))) {
        assert_true(++at < all.len);
    }
    (void)lf__buf_append(&text, lf__bytes_slice(all, 0, at));
    (void)lf__buf_append(&text, lf__bytes_slice(all, at + next.len + 1, all.len));
    return lf__arena_copy(&d->arena, lf__buf_bytes(&text));
}

static const char *reason_of(struct dossier *d, lf_bytes trust)
{
    LF_BUF wire;
    const lf_evidence *e = NULL;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    dossier_encode(d, &wire);
    lf_status rc = lf_evidence_verify(lf__buf_bytes(&wire), trust, NULL, 0, &e, &err);
    if (rc == LF_OK) {
        assert_int_equal(e->size, D_ENTRIES);
        lf_evidence_free(e);
    }
    return lf__arena_text(&d->arena, lf__bytes_str(err.reason));
}

/* The ledger changed its key since the trust file was written: the bundle's announcement leads on, and a forged one not. */
static void key_changed_since(void **state)
{
    (void)state;
    struct dossier d;
    const unsigned cosigners = LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2);
    dossier_open(&d);
    lf_bytes trust = trust_of_then(&d);
    struct announcement a = announce_good(D_ORIGIN, 5, d.seeds[D_LEDGER], d.seeds[D_LEDGER_NEXT]);
    struct px_log_key_proof good = announce(&d.arena, &a);
    a.first = d.seeds[D_LEDGER_NEXT];
    struct px_log_key_proof by_new = announce(&d.arena, &a);
    a = announce_good("other.example/ledger", 5, d.seeds[D_LEDGER], d.seeds[D_LEDGER_NEXT]);
    struct px_log_key_proof of_other = announce(&d.arena, &a);
    lf_bytes before = d.bundle.checkpoint;
    d.bundle.checkpoint = dossier_note(&d, D_ORIGIN, &d.head, D_LEDGER_NEXT, cosigners);
    assert_string_equal(reason_of(&d, trust), "SIGNATURE_MISSING");
    d.bundle.log_keys = &good;
    d.bundle.log_key_count = 1;
    assert_string_equal(reason_of(&d, trust), "");
    assert_string_equal(reason_of(&d, lf__buf_bytes(&d.trust)), ""); /* who trusts both anyway */
    d.bundle.log_keys = &by_new;
    assert_string_equal(reason_of(&d, trust), "LOG_KEY_BAD");
    d.bundle.log_keys = &of_other;
    assert_string_equal(reason_of(&d, trust), "LOG_KEY_BAD");
    d.bundle.log_keys = &good;
    d.bundle.checkpoint = before; /* by the replaced key, of more entries than it may sign */
    assert_string_equal(reason_of(&d, trust), "LOG_KEY_RETIRED");
    dossier_close(&d);
}

/* A head by a key that the bundle shows replaced is told as such; by one that it shows stolen since, it is refused. */
static void key_replaced_or_stolen(void **state)
{
    (void)state;
    struct dossier d;
    LF_BUF wire;
    const lf_evidence *e = NULL;
    dossier_open(&d);
    lf_bytes trust = trust_of_then(&d);
    struct announcement a =
        announce_good(D_ORIGIN, D_ENTRIES - 1, d.seeds[D_LEDGER], d.seeds[D_LEDGER_NEXT]);
    struct px_log_key_proof routine = announce(&d.arena, &a);
    d.bundle.log_keys = &routine;
    d.bundle.log_key_count = 1;
    lf__buf_init(&wire, LF_EVIDENCE_MAX);
    dossier_encode(&d, &wire);
    assert_int_equal(lf_evidence_verify(lf__buf_bytes(&wire), trust, NULL, 0, &e, NULL), LF_OK);
    assert_true(is_unproven(e, "KEY_IN_FORCE"));
    lf_evidence_free(e);
    a.reason = PX_LOG_KEY_COMPROMISED;
    a.since_size = D_ENTRIES; /* not yet when this head was made */
    struct px_log_key_proof stolen = announce(&d.arena, &a);
    d.bundle.log_keys = &stolen;
    assert_string_equal(reason_of(&d, trust), "");
    a.since_size = D_ENTRIES - 1;
    stolen = announce(&d.arena, &a);
    assert_string_equal(reason_of(&d, trust), "LOG_KEY_RETIRED");
    d.bundle.checkpoint = dossier_note(&d, D_ORIGIN, &d.head, D_LEDGER_NEXT,
                                       LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
    lf__buf_clear(&wire);
    dossier_encode(&d, &wire);
    assert_int_equal(lf_evidence_verify(lf__buf_bytes(&wire), trust, NULL, 0, &e, NULL), LF_OK);
    assert_false(is_unproven(e, "KEY_IN_FORCE"));
    lf_evidence_free(e);
    dossier_close(&d);
}

/* What the Member record says of the key that signed, which is so since entry 5: at that time, in that use, of that member. */
static const char *dates_of(struct dossier *d, struct px_member_key key, uint64_t since,
                            int64_t at_ms)
{
    bool is_proven = false;
    lf_error err = LF_ERROR_INIT;
    struct lf__exhibit exhibits[2] = {{.envelope = {.header.kind = PX_KIND_MEMBER}}};
    lf_evidence_record records[2] = {{.index = 5}, {.index = 9, .accepted_at_ms = at_ms}};
    struct px_member member = {.member = lf__bytes_str("platform-01"),
                               .name = lf__bytes_str("平台"),
                               .role = PX_ROLE_PLATFORM,
                               .status = PX_MEMBER_ACTIVE,
                               .keys = {key},
                               .key_count = 1};
    struct px_key_proof proof = {.key = d->keys[D_PLATFORM],
                                 .row = {.member = "platform-01", .since_index = since}};
    struct px_bundle_record none = {.key_count = 0};
    struct px_bundle_record in = {.keys = &proof, .key_count = 1};
    struct lf__dated dated = {exhibits, records, 2};
    proof.row.key_id = lf__key_id(&proof.key);
    exhibits[0].in = &none;
    exhibits[1].in = &in;
    assert_int_equal(px_member_encode(&d->arena, &member, exhibits[0].envelope.parts,
                                      &exhibits[0].envelope.part_count, NULL),
                     LF_OK);
    lf_status rc = lf__evidence_dates(&d->arena, &dated, &is_proven, &err);
    return rc != LF_OK ? lf__arena_text(&d->arena, lf__bytes_str(err.reason))
           : is_proven ? "proven"
                       : "unproven";
}

static void dates_of_the_key(void **state)
{
    (void)state;
    struct dossier d;
    dossier_open(&d);
    struct px_member_key key = {
        .key = d.keys[D_PLATFORM], .from_ms = 1000000, .until_ms = 2000000, .use = PX_KEY_RECORD};
    assert_string_equal(dates_of(&d, key, 5, 1500000), "proven");
    assert_string_equal(dates_of(&d, key, 4, 1500000), "unproven"); /* its record is not here */
    assert_string_equal(dates_of(&d, key, 5, 699999), "KEY_RETIRED");
    assert_string_equal(dates_of(&d, key, 5, 2300000), "KEY_RETIRED");
    key.until_ms = 0;
    assert_string_equal(dates_of(&d, key, 5, 9000000), "proven");
    key.use = PX_KEY_SEALING;
    assert_string_equal(dates_of(&d, key, 5, 1500000), "KEY_RETIRED");
    key.use = PX_KEY_RECORD;
    key.key = d.keys[D_STRANGER];
    assert_string_equal(dates_of(&d, key, 5, 1500000), "KEY_RETIRED"); /* it never had that key */
    dossier_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_one_tells_all),       cmocka_unit_test(hidden_is_told_as_hidden),
        cmocka_unit_test(attachment_beside),        cmocka_unit_test(rotated_log_key),
        cmocka_unit_test(enough_of_the_authority),  cmocka_unit_test(key_changed_since),
        cmocka_unit_test(key_replaced_or_stolen),   cmocka_unit_test(dates_of_the_key),
        cmocka_unit_test(every_forgery_is_refused), cmocka_unit_test(no_cut_and_no_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
