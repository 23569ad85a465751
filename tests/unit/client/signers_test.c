/* SPDX-License-Identifier: Apache-2.0 */
/* An audit believes a record only from a key that its issuer had at that place of the log. */
#include "base/bytes.h"
#include "base/status.h"
#include "client/signers.h"
#include "protos/codec/services.h"
#include "support/announce.h"
#include "core/dsse.h"
#include "core/merkle.h"
#include "protos/codec/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_MAX = 1 << 20 };
static struct lf__secret *authority;
static struct lf__secret *platform;
static struct lf__signers signers;
static struct lf__arena arena;

/* A record of `issuer` with these parts, signed by `seed`. */
static struct px_envelope record(const char *issuer, enum px_kind kind, struct px_part *parts,
                                 size_t count, const struct lf__secret *seed)
{
    LF_BUF bytes;
    LF_BUF pae;
    static const uint8_t id[PX_ID_BYTES] = {7};
    struct lf__public_key key = lf__sign_public(seed);
    struct px_header header = {.issuer = lf__bytes_str(issuer),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = kind,
                               .version = 1};
    struct px_envelope e = {.header = header, .part_count = count, .signature_count = 1};
    lf__buf_init(&bytes, PX_RECORD_MAX);
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    assert_true(px_record_encode(&header, parts, count, &bytes));
    lf__copy(e.parts, parts, count * sizeof *parts);
    e.record = lf__arena_copy(&arena, lf__buf_bytes(&bytes));
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record));
    struct lf__signature signature = lf__sign(seed, lf__buf_bytes(&pae));
    e.signatures[0] =
        (struct px_signature){.alg = LF_ALG_ED25519,
                              .key_id = lf__key_id(&key),
                              .signature = lf__arena_copy(&arena, LF_BYTES_ARRAY(signature.bytes))};
    return e;
}

static lf_status check(const struct px_envelope *e, uint64_t index, lf_error *err)
{
    uint8_t leaf[73] = {1};
    lf__copy(leaf + 9, signers.root.bytes, LF_HASH_BYTES);
    return lf__signers_check(&signers, e, LF_BYTES_ARRAY(leaf), index, err);
}

static struct px_envelope member(enum px_member_status status)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_member value = {.member = lf__bytes_str("platform-01"),
                              .name = lf__bytes_str("platform-01"),
                              .role = PX_ROLE_PLATFORM,
                              .status = status,
                              .keys = {{.key = lf__sign_public(platform), .use = 1}},
                              .key_count = 1};
    assert_int_equal(px_member_encode(&arena, &value, parts, &count, NULL), LF_OK);
    return record("authority", PX_KIND_MEMBER, parts, count, authority);
}

static int setup(void **state)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    (void)state;
    authority = lf__secret_new(32);
    platform = lf__secret_new(32);
    lf__secret_bytes(platform)[0] = 1;
    lf__arena_init(&arena, ARENA_MAX);
    lf__signers_init(&signers);
    struct px_genesis genesis = {.gateway = lf__bytes_str("test.example"),
                                 .keys = {{.key = lf__sign_public(authority), .use = 1}},
                                 .key_count = 1,
                                 .threshold = 1};
    assert_int_equal(px_genesis_encode(&arena, &genesis, parts, &count, NULL), LF_OK);
    struct px_envelope first = record("authority", PX_KIND_GENESIS, parts, count, authority);
    assert_int_equal(lf__signers_take(&signers, &arena, &first, 0, NULL), LF_OK);
    assert_int_equal(check(&first, 0, NULL), LF_OK);
    struct px_envelope second = member(PX_MEMBER_ACTIVE);
    assert_int_equal(check(&second, 1, NULL), LF_OK);
    assert_int_equal(lf__signers_take(&signers, &arena, &second, 1, NULL), LF_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lf__signers_done(&signers);
    lf__arena_done(&arena);
    lf__secret_free(authority);
    lf__secret_free(platform);
    return 0;
}

/* The gateway's own words: only the log's key of then may hand it on, and only with the next one's consent. */
static void log_keys_change(void **state)
{
    (void)state;
    struct px_envelope e;
    struct lf__secret *seeds[] = {announce_seed(1), announce_seed(2), announce_seed(3)};
    struct announcement good = announce_good("test.example/ledger", 2, seeds[0], seeds[1]);
    struct announcement bent[] = {good, good, good, good, good};
    struct announcement next = announce_good("test.example/ledger", 3, seeds[1], seeds[2]);
    bent[0].first = seeds[1];
    bent[1].second = NULL;
    bent[2].origin = "other.example/ledger";
    bent[3].old_seed = bent[3].first = seeds[2];
    bent[4].log = PX_LOG_ACCESS;
    bent[4].origin = "test.example/access";
    struct lf__public_key first = lf__sign_public(seeds[0]);
    signers.own[0] = first;
    for (size_t i = 0; i < LF_COUNT(bent); i++) {
        struct px_log_key_proof proof = announce(&arena, &bent[i]);
        assert_int_equal(px_envelope_decode(&arena, proof.envelope, &e, NULL), LF_OK);
        assert_int_equal(check(&e, 2, NULL), LF_E_SIGNATURE);
    }
    struct announcement *steps[] = {&good, &next};
    for (size_t i = 0; i < LF_COUNT(steps); i++) {
        struct px_log_key_proof proof = announce(&arena, steps[i]);
        assert_int_equal(px_envelope_decode(&arena, proof.envelope, &e, NULL), LF_OK);
        assert_int_equal(check(&e, 2 + i, NULL), LF_OK);
        assert_int_equal(lf__signers_take(&signers, &arena, &e, 2 + i, NULL), LF_OK);
        assert_int_equal(check(&e, 3 + i, NULL), LF_E_SIGNATURE); /* its old key is replaced now */
    }
    for (size_t i = 0; i < LF_COUNT(seeds); i++) {
        lf__secret_free(seeds[i]);
    }
}

static void its_own_key(void **state)
{
    (void)state;
    struct px_envelope good = record("platform-01", PX_KIND_CORRECTION, NULL, 0, platform);
    assert_int_equal(check(&good, 2, NULL), LF_OK);
}

static void made_up(void **state)
{
    (void)state;
    lf_error err = LF_ERROR_INIT;
    uint8_t noise[64] = {9};
    struct px_envelope e = record("platform-01", PX_KIND_CORRECTION, NULL, 0, platform);
    e.signatures[0].signature = LF_BYTES_ARRAY(noise); /* a record that the gateway made up */
    assert_int_equal(check(&e, 2, &err), LF_E_SIGNATURE);
    assert_non_null(strstr(err.message, "entry 2: "));
    e = record("platform-01", PX_KIND_CORRECTION, NULL, 0, authority); /* by another's key */
    assert_int_equal(check(&e, 2, NULL), LF_E_SIGNATURE);
    e = record("platform-02", PX_KIND_CORRECTION, NULL, 0, platform); /* for somebody else */
    assert_int_equal(check(&e, 2, NULL), LF_E_SIGNATURE);
    e = record("platform-01", PX_KIND_CORRECTION, NULL, 0, platform);
    e.signature_count = 0;
    assert_int_equal(check(&e, 2, NULL), LF_E_SIGNATURE);
}

static struct lf__hash leaf_of(const struct px_envelope *e)
{
    LF_BUF pae;
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, e->record));
    return lf__batch_leaf(lf__buf_bytes(&pae));
}

/* Two records under one signature; `leaves` are each other's paths. */
static void batch(struct px_envelope pair[static 2], struct lf__hash leaves[static 2])
{
    LF_BUF pae;
    lf__buf_init(&pae, 256);
    for (size_t i = 0; i < 2; i++) {
        leaves[i] = leaf_of(&pair[i]);
    }
    struct lf__hash root = lf__merkle_node(&leaves[0], &leaves[1]);
    assert_true(px_batch_pae(&pae, 2, &root));
    struct lf__signature signature = lf__sign(platform, lf__buf_bytes(&pae));
    for (uint32_t i = 0; i < 2; i++) {
        struct px_signature *s = &pair[i].signatures[0];
        s->signature = lf__arena_copy(&arena, LF_BYTES_ARRAY(signature.bytes));
        s->batch_size = 2;
        s->batch_index = i;
        s->batch_root = root;
        s->batch_path = &leaves[1 - i];
        s->batch_path_count = 1;
    }
}

/* A batch's signature is verified once; that each record is in the batch, and whose it is, each time. */
static void known_batch(void **state)
{
    (void)state;
    uint8_t bent[64];
    struct lf__hash leaves[2];
    struct px_envelope pair[2] = {record("platform-01", PX_KIND_CORRECTION, NULL, 0, platform),
                                  record("platform-01", PX_KIND_RELAY, NULL, 0, platform)};
    batch(pair, leaves);
    assert_int_equal(check(&pair[0], 2, NULL), LF_OK);
    assert_int_equal(check(&pair[1], 3, NULL), LF_OK);
    struct px_envelope e = pair[1];
    e.signatures[0].batch_path = &leaves[1]; /* not its neighbour */
    assert_int_equal(check(&e, 4, NULL), LF_E_SIGNATURE);
    e = record("platform-01", PX_KIND_REDACTION, NULL, 0, platform); /* was not in the batch */
    e.signatures[0] = pair[1].signatures[0];
    assert_int_equal(check(&e, 4, NULL), LF_E_SIGNATURE);
    e = pair[1];
    e.header.issuer = lf__bytes_str("platform-02");
    assert_int_equal(check(&e, 4, NULL), LF_E_SIGNATURE);
    e = pair[1];
    lf__copy(bent, e.signatures[0].signature.ptr, sizeof bent);
    bent[0] ^= 1;
    e.signatures[0].signature = LF_BYTES_ARRAY(bent);
    assert_int_equal(check(&e, 4, NULL), LF_E_SIGNATURE);
    assert_int_equal(check(&pair[1], 4, NULL), LF_OK);
}

/* A leaf that names an older table hides a change of the members. */
static void another_table(void **state)
{
    (void)state;
    uint8_t leaf[73] = {1};
    struct px_envelope good = record("platform-01", PX_KIND_CORRECTION, NULL, 0, platform);
    lf__copy(leaf + 9, signers.root.bytes, LF_HASH_BYTES);
    struct px_envelope third = member(PX_MEMBER_SUSPENDED);
    assert_int_equal(lf__signers_take(&signers, &arena, &third, 2, NULL), LF_OK);
    assert_int_equal(lf__signers_check(&signers, &good, LF_BYTES_ARRAY(leaf), 3, NULL),
                     LF_E_SIGNATURE);
    assert_int_equal(check(&good, 3, NULL), LF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(log_keys_change, setup, teardown),
        cmocka_unit_test_setup_teardown(its_own_key, setup, teardown),
        cmocka_unit_test_setup_teardown(made_up, setup, teardown),
        cmocka_unit_test_setup_teardown(known_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(another_table, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
