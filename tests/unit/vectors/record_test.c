/* SPDX-License-Identifier: Apache-2.0 */
/* derive, record, signature and batch: made and verified from the files alone. */
#include "reader.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/derive.h"
#include "core/dsse.h"
#include "protos/codec/kinds.h"
#include "protos/codec/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void derivation(void **state)
{
    (void)state;
    json_t *file = vectors_open("derive.json");
    json_t *one;
    size_t i;
    LF_BUF secret;
    LF_BUF body;
    lf__buf_init(&secret, 64);
    lf__buf_init(&body, 64);
    lf_bytes key = vectors_hex(file, "push_secret", &secret);
    json_array_foreach(vectors_list(file, "cases"), i, one)
    {
        struct lf__row row = {(uint32_t)vectors_number(one, "kind"),
                              (uint32_t)vectors_number(one, "version"), vectors_text(one, "ref")};
        uint8_t id[LF_RECORD_ID_BYTES];
        lf__derive_record_id(key, &row, id);
        vectors_assert_hex(LF_BYTES_ARRAY(id), one, "record_id");
        json_t *salts = vectors_list(one, "salts_of_classes_1_to_4");
        lf_bytes hidden = vectors_hex(one, "body", &body);
        for (uint8_t part_class = 1; part_class <= 4; part_class++) {
            uint8_t salt[LF_SALT_BYTES];
            char hex[LF_HEX_SIZE(LF_SALT_BYTES)];
            lf__derive_salt(key, &row, part_class, hidden, salt);
            (void)lf__hex(LF_BYTES_ARRAY(salt), hex, sizeof hex);
            assert_string_equal(hex, json_string_value(json_array_get(salts, part_class - 1u)));
        }
    }
    json_decref(file);
}

static void assert_parts(const struct px_envelope *envelope, json_t *parts)
{
    json_t *one;
    size_t i;
    LF_BUF salt;
    LF_BUF body;
    lf__buf_init(&salt, 64);
    lf__buf_init(&body, PX_PARTS_BYTES_MAX);
    assert_int_equal(envelope->part_count, json_array_size(parts));
    json_array_foreach(parts, i, one)
    {
        uint8_t part_class = (uint8_t)vectors_number(one, "class");
        lf_bytes salt_bytes = vectors_hex(one, "salt", &salt);
        assert_int_equal(salt_bytes.len, LF_SALT_BYTES);
        struct lf__hash hash =
            lf__part_hash(part_class, salt_bytes.ptr, vectors_hex(one, "body", &body));
        struct lf__hash want = vectors_hash(one, "hash");
        assert_true(lf__hash_eq(&hash, &want));
        assert_true(lf__hash_eq(&envelope->part_hash[part_class], &want));
        assert_int_equal(envelope->parts[i].part_class, part_class);
        vectors_assert_hex(envelope->parts[i].body, one, "body");
    }
}

static void assert_header(const struct px_header *h, json_t *want)
{
    assert_true(lf__bytes_eq(h->issuer, vectors_text(want, "issuer")));
    assert_true(lf__bytes_eq(h->ref, vectors_text(want, "ref")));
    vectors_assert_hex(h->record_id, want, "record_id");
    vectors_assert_hex(h->predecessor, want, "predecessor");
    assert_int_equal(h->kind, vectors_number(want, "kind"));
    assert_int_equal(h->version, vectors_number(want, "version"));
    assert_int_equal(h->issued_at_ms, vectors_number(want, "issued_at_ms"));
    assert_int_equal(h->effective_until_ms, vectors_number(want, "effective_until_ms"));
    assert_int_equal(h->legal_basis, vectors_number(want, "legal_basis"));
    assert_int_equal(h->certainty, vectors_number(want, "certainty"));
}

/* Each word of the kind's table as the JSON has it; what is not there was not given. */
static void assert_words(struct lf__arena *arena, const struct px_envelope *e, json_t *want)
{
    enum px_kind kind = e->header.kind;
    const struct px_words *words = px_words_of(kind);
    uint8_t *value = lf__arena_alloc(arena, words->size);
    size_t given = 0;
    assert_int_equal(px_words_decode(arena, e, kind, value, NULL), LF_OK);
    for (size_t i = 0; i < words->count; i++) {
        const void *at = value + words->list[i].offset;
        const lf_bytes *bytes = at;
        const struct px_list *list = at;
        const char *name = px_field_name(kind, words->list[i].number);
        enum px_form form = words->list[i].form;
        json_t *one = json_object_get(want, name);
        given += one != NULL ? 1 : 0;
        if (form >= PX_FORM_CODES) {
            assert_int_equal(list->count, json_array_size(one));
        } else if (form == PX_FORM_FLAG) {
            assert_int_equal(*(const bool *)at, json_is_true(one));
        } else if (form == PX_FORM_ENUM || form == PX_FORM_U32) {
            assert_int_equal(*(const uint32_t *)at, json_integer_value(one));
        } else if (form == PX_FORM_U64 || form == PX_FORM_MONEY) {
            assert_int_equal(*(const int64_t *)at, json_integer_value(one));
        } else if (one == NULL) {
            assert_int_equal(bytes->len, 0);
        } else if (form == PX_FORM_BYTES) {
            vectors_assert_hex(*bytes, want, name);
        } else {
            assert_true(lf__bytes_eq(*bytes, vectors_text(want, name)));
        }
    }
    assert_int_equal(given, json_object_size(want));
}

/* What the bodies say, through the decoder of the kind. */
static void assert_message(struct lf__arena *arena, const struct px_envelope *e, json_t *want)
{
    struct px_event event;
    struct px_registry entry;
    struct px_target target;
    struct px_member member;
    switch (e->header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        assert_int_equal(px_event_decode(arena, e, &event, NULL), LF_OK);
        assert_true(lf__bytes_eq(event.uscc, vectors_text(want, "uscc")) &&
                    lf__bytes_eq(event.note, vectors_text(want, "note")) &&
                    lf__bytes_eq(event.shop_id, vectors_text(want, "shop_id")));
        assert_int_equal(event.amount_fen, vectors_number(want, "amount_fen"));
        assert_int_equal(event.measure_count, json_array_size(vectors_list(want, "measures")));
        break;
    case PX_KIND_REGISTRY_ENTRY:
        assert_int_equal(px_registry_decode(arena, e, &entry, NULL), LF_OK);
        assert_true(lf__bytes_eq(entry.name, vectors_text(want, "name")) &&
                    lf__bytes_eq(entry.full_name, vectors_text(want, "full_name")));
        break;
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        assert_int_equal(px_target_decode(arena, e, &target, NULL), LF_OK);
        vectors_assert_hex(target.record_id, want, "target_record_id");
        break;
    case PX_KIND_MEMBER:
        assert_int_equal(px_member_decode(arena, e, &member, NULL), LF_OK);
        assert_true(lf__bytes_eq(member.name, vectors_text(want, "name")) && member.key_count == 1);
        break;
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
        assert_words(arena, e, want);
        break;
    case PX_KIND_NONE:
    case PX_KIND_GENESIS:
    case PX_KIND_POLICY:
    case PX_KIND_REDACTION:
    case PX_KIND_COUNT:
        fail_msg("kind %d has no vector", (int)e->header.kind);
    }
}

static void records(void **state)
{
    (void)state;
    json_t *file = vectors_open("record.json");
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "records"), i, one)
    {
        LF_ARENA arena;
        LF_BUF bytes;
        LF_BUF again;
        struct px_envelope envelope;
        lf__arena_init(&arena, 1 << 20);
        lf__buf_init(&bytes, PX_MESSAGE_MAX);
        lf__buf_init(&again, PX_MESSAGE_MAX);
        lf_bytes wire = vectors_hex(one, "envelope", &bytes);
        assert_int_equal(px_envelope_decode(&arena, wire, &envelope, NULL), LF_OK);
        vectors_assert_hex(envelope.record, one, "record");
        assert_header(&envelope.header, json_object_get(one, "header"));
        assert_parts(&envelope, vectors_list(one, "parts"));
        assert_message(&arena, &envelope, json_object_get(one, "message"));
        struct lf__hash digest = px_record_digest(envelope.record);
        vectors_assert_hex(lf__hash_bytes(&digest), one, "digest");
        assert_true(
            px_record_encode(&envelope.header, envelope.parts, envelope.part_count, &again));
        vectors_assert_hex(lf__buf_bytes(&again), one, "record");
    }
    json_decref(file);
}

static void refused_envelopes(void **state)
{
    (void)state;
    json_t *file = vectors_open("record.json");
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "refused"), i, one)
    {
        LF_ARENA arena;
        LF_BUF bytes;
        struct px_envelope envelope;
        struct px_event event;
        lf_error err = LF_ERROR_INIT;
        lf__arena_init(&arena, 1 << 20);
        lf__buf_init(&bytes, PX_MESSAGE_MAX);
        lf_status rc =
            px_envelope_decode(&arena, vectors_hex(one, "envelope", &bytes), &envelope, &err);
        rc = rc == LF_OK ? px_event_decode(&arena, &envelope, &event, &err) : rc;
        assert_int_not_equal(rc, LF_OK);
        if (strcmp(err.reason, vectors_str(one, "reason")) != 0 ||
            strcmp(err.field, vectors_str(one, "field")) != 0) {
            fail_msg("%s: %s at '%s'", vectors_str(one, "name"), err.reason, err.field);
        }
    }
    json_decref(file);
}

static struct lf__public_key key_of(json_t *key)
{
    struct lf__public_key out = {.alg = (enum lf__alg)vectors_number(key, "alg")};
    LF_BUF bytes;
    lf__buf_init(&bytes, 64);
    lf_bytes raw = vectors_hex(key, "public_key", &bytes);
    assert_int_equal(raw.len, sizeof out.bytes);
    memcpy(out.bytes, raw.ptr, raw.len);
    return out;
}

static struct lf__public_key key_named(json_t *file, const char *name)
{
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "keys"), i, one)
    {
        if (strcmp(vectors_str(one, "name"), name) == 0) {
            return key_of(one);
        }
    }
    fail_msg("no key '%s'", name);
    return (struct lf__public_key){.alg = LF_ALG_NONE};
}

static lf_status verify_json(json_t *one, const char *key, const struct lf__public_key *public_key,
                             lf_bytes pae, lf_error *err)
{
    LF_BUF bytes;
    struct lf__signature signature;
    lf__buf_init(&bytes, 100);
    lf_bytes raw = vectors_hex(one, key, &bytes);
    assert_int_equal(raw.len, sizeof signature.bytes);
    memcpy(signature.bytes, raw.ptr, raw.len);
    return lf__verify(public_key, pae, &signature, err);
}

static lf_status signature_json_verify(json_t *file, json_t *one, struct lf__buf *pae,
                                       lf_error *err)
{
    LF_BUF payload;
    struct lf__public_key key = key_named(file, vectors_str(one, "key"));
    lf__buf_init(&payload, PX_RECORD_MAX);
    lf__buf_clear(pae);
    assert_true(lf__dsse_pae(pae, vectors_str(one, "type"), vectors_hex(one, "payload", &payload)));
    return verify_json(one, "signature", &key, lf__buf_bytes(pae), err);
}

static void signatures(void **state)
{
    (void)state;
    json_t *file = vectors_open("signature.json");
    json_t *one;
    size_t i;
    LF_BUF pae;
    lf__buf_init(&pae, PX_RECORD_MAX + 256);
    json_array_foreach(vectors_list(file, "keys"), i, one)
    {
        struct lf__public_key key = key_of(one);
        struct lf__hash id = lf__key_id(&key);
        assert_int_equal(lf__public_key_check(&key, NULL), LF_OK);
        vectors_assert_hex(lf__hash_bytes(&id), one, "key_id");
        LF_BUF seed_bytes;
        LF_SECRET *seed = lf__secret_new(32);
        lf__buf_init(&seed_bytes, 64);
        memcpy(lf__secret_bytes(seed), vectors_hex(one, "seed", &seed_bytes).ptr, 32);
        struct lf__public_key derived = lf__sign_public(seed);
        assert_memory_equal(derived.bytes, key.bytes, sizeof key.bytes);
    }
    json_array_foreach(vectors_list(file, "signed"), i, one)
    {
        assert_int_equal(signature_json_verify(file, one, &pae, NULL), LF_OK);
        vectors_assert_hex(lf__buf_bytes(&pae), one, "pae");
    }
    json_array_foreach(vectors_list(file, "refused"), i, one)
    {
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(signature_json_verify(file, one, &pae, &err), LF_E_SIGNATURE);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
    }
    json_array_foreach(vectors_list(file, "weak_keys"), i, one)
    {
        lf_error err = LF_ERROR_INIT;
        LF_BUF bytes;
        lf__buf_init(&bytes, 64);
        struct lf__public_key key = {.alg = LF_ALG_ED25519};
        memcpy(key.bytes, vectors_hex(one, "public_key", &bytes).ptr, sizeof key.bytes);
        assert_int_not_equal(lf__public_key_check(&key, &err), LF_OK);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
    }
    json_decref(file);
}

static struct lf__hash record_leaf(const char *hex)
{
    LF_BUF pae;
    LF_BUF record;
    size_t len = strlen(hex) / 2;
    lf__buf_init(&pae, PX_RECORD_MAX + 256);
    lf__buf_init(&record, PX_RECORD_MAX);
    uint8_t *room = lf__buf_extend(&record, len);
    assert_true(lf__unhex(lf__bytes_str(hex), room, len, &len));
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, lf__buf_bytes(&record)));
    return lf__batch_leaf(lf__buf_bytes(&pae));
}

/* Record, path and signature: all that a stored record of a batch has. */
static lf_status batch_verify(const struct lf__public_key *key, json_t *one,
                              const struct lf__hash *leaf, uint64_t index,
                              const struct lf__proof *path, lf_error *err)
{
    LF_BUF pae;
    uint8_t body[4 + LF_HASH_BYTES];
    uint64_t size = vectors_number(one, "size");
    struct lf__hash root = vectors_hash(one, "root");
    lf__buf_init(&pae, 256);
    if (lf__merkle_verify_inclusion(leaf, index, size, path, &root, NULL) != LF_OK) {
        return lf__refuse(err, LF_E_SIGNATURE, "BATCH_PATH", "", "batch: no way to the root");
    }
    lf__put_u32be(body, (uint32_t)size);
    memcpy(body + 4, root.bytes, sizeof root.bytes);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body)));
    if (json_object_get(one, "pae") != NULL) {
        vectors_assert_hex(lf__buf_bytes(&pae), one, "pae");
    }
    return verify_json(one, "signature", key, lf__buf_bytes(&pae), err);
}

static void batches(void **state)
{
    (void)state;
    json_t *file = vectors_open("batch.json");
    struct lf__public_key key = key_of(json_object_get(file, "key"));
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "batches"), i, one)
    {
        json_t *hex;
        size_t k;
        json_array_foreach(vectors_list(one, "records"), k, hex)
        {
            struct lf__hash leaf = record_leaf(json_string_value(hex));
            struct lf__hash want = vectors_hash_at(vectors_list(one, "leaves"), k);
            json_t *wrapped =
                json_pack("{s:O}", "path", json_array_get(vectors_list(one, "paths"), k));
            struct lf__proof path = vectors_path(wrapped, "path");
            json_decref(wrapped);
            assert_true(lf__hash_eq(&leaf, &want));
            assert_int_equal(batch_verify(&key, one, &leaf, k, &path, NULL), LF_OK);
        }
    }
    json_array_foreach(vectors_list(file, "refused"), i, one)
    {
        lf_error err = LF_ERROR_INIT;
        struct lf__hash leaf = record_leaf(vectors_str(one, "record"));
        struct lf__proof path = vectors_path(one, "path");
        assert_int_not_equal(
            batch_verify(&key, one, &leaf, vectors_number(one, "index"), &path, &err), LF_OK);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivation),        cmocka_unit_test(records),
        cmocka_unit_test(refused_envelopes), cmocka_unit_test(signatures),
        cmocka_unit_test(batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
