/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes, buffers, readers, arenas, text rules, secrets and the crypto wrappers. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/cert.h"
#include "base/crypto/hash.h"
#include "base/crypto/sign.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/status.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void status_names_agree(void **state)
{
    (void)state;
    assert_string_equal(lf_status_name(LF_E_BUSY), "E_BUSY");
    assert_int_equal(lf_status_kind(LF_E_SIGNATURE), LF_KIND_PEER);
    assert_string_equal(lf_status_name((lf_status)9999), "E_BUG");
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(
        lf__refuse(&err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind", "record: %d", 7),
        LF_E_DENIED);
    assert_string_equal(err.reason, "KIND_NOT_ALLOWED");
    assert_string_equal(err.field, "header.kind");
    assert_string_equal(err.message, "record: 7");
    assert_int_equal(lf__fail(NULL, LF_E_IO, "x"), LF_E_IO);
}

static void buf_stops_at_its_limit(void **state)
{
    (void)state;
    LF_BUF buf;
    lf__buf_init(&buf, 10);
    assert_true(lf__buf_str(&buf, "12345678"));
    assert_false(lf__buf_str(&buf, "abc"));
    assert_int_equal(buf.len, 8);
    assert_false(lf__buf_u8(&buf, 1)); /* a failure sticks */
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__buf_status(&buf, &err), LF_E_TOO_BIG);
    lf__buf_clear(&buf);
    assert_true(lf__buf_u64be(&buf, 0x0102030405060708u));
    assert_true(lf__buf_u16be(&buf, 0x090a));
    assert_memory_equal(buf.ptr, "\1\2\3\4\5\6\7\10\11\12", 10);
    assert_true(lf__buf_append(&buf, LF_BYTES_NONE));
    assert_null(lf__buf_extend(&buf, SIZE_MAX));
}

static void reader_does_not_move_on_failure(void **state)
{
    (void)state;
    const uint8_t raw[] = {1, 2, 3, 'a', '\n', 'b'};
    struct lf__reader r = {LF_BYTES_ARRAY(raw)};
    uint16_t v16 = 0;
    uint64_t v64 = 77;
    assert_false(lf__read_u64be(&r, &v64));
    assert_int_equal(v64, 77);
    assert_true(lf__read_u16be(&r, &v16));
    assert_int_equal(v16, 0x0102);
    lf_bytes line;
    assert_true(lf__read_line(&r, &line));
    assert_int_equal(line.len, 2);
    assert_false(lf__read_line(&r, &line));
    assert_false(lf__read_finished(&r));
    uint8_t last = 0;
    assert_true(lf__read_u8(&r, &last));
    assert_true(lf__read_finished(&r));
    assert_false(lf__read_u8(&r, &last));
}

static void arena_obeys_its_cap(void **state)
{
    (void)state;
    LF_ARENA arena;
    lf__arena_init(&arena, 10000);
    uint8_t *a = lf__arena_alloc(&arena, 100);
    assert_non_null(a);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(a[i], 0);
    }
    assert_non_null(lf__arena_alloc(&arena, 9000));
    assert_null(lf__arena_alloc(&arena, 901));
    assert_null(lf__arena_array(&arena, SIZE_MAX / 2, 8));
    assert_non_null(lf__arena_alloc(&arena, 0));
    lf_bytes copy = lf__arena_copy(&arena, lf__bytes_str("text"));
    assert_string_equal((const char *)copy.ptr, "text");
}

/* The same memory again, zeroed, with the whole cap; nothing of a failure stays. */
static void arena_is_empty_after_a_reset(void **state)
{
    (void)state;
    LF_ARENA arena;
    lf__arena_init(&arena, 10000);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 9; i++) {
            uint8_t *a = lf__arena_alloc(&arena, 1000);
            assert_non_null(a);
            for (int k = 0; k < 1000; k++) {
                assert_int_equal(a[k], 0);
                a[k] = 0xaa;
            }
        }
        assert_null(lf__arena_alloc(&arena, 1001));
        assert_int_equal(lf__arena_status(&arena, NULL), LF_E_TOO_BIG);
        lf__arena_reset(&arena);
        assert_int_equal(lf__arena_status(&arena, NULL), LF_OK);
        assert_int_equal(arena.used, 0);
    }
    lf__arena_reset(&arena);
}

static void text_forms_are_strict(void **state)
{
    (void)state;
    uint8_t out[4] = {9, 9, 9, 9};
    size_t len = 0;
    assert_true(lf__unhex(lf__bytes_str("00fF"), out, 4, &len));
    assert_int_equal(len, 2);
    assert_int_equal(out[1], 0xff);
    assert_false(lf__unhex(lf__bytes_str("0"), out, 4, &len));
    assert_false(lf__unhex(lf__bytes_str("0g"), out, 4, &len));
    assert_false(lf__unhex(lf__bytes_str("0000000000"), out, 4, &len));
    assert_true(lf__unbase64(lf__bytes_str("AQI="), out, 4, &len));
    assert_int_equal(len, 2);
    assert_false(lf__unbase64(lf__bytes_str("AQI"), out, 4, &len));
    assert_false(lf__unbase64(lf__bytes_str("AQJ="), out, 4, &len)); /* stray bits */
    assert_false(lf__unbase64(lf__bytes_str("A Q="), out, 4, &len));
    static const char *const late[] = {"AQIDAQID!===", "AQID====", "AQ==AQID", "AQIDAQIDAQID"};
    for (size_t i = 0; i < LF_COUNT(late); i++) { /* wrong at its end: nothing is written */
        uint8_t kept[6] = {9, 9, 9, 9, 9, 9};
        assert_false(lf__unbase64(lf__bytes_str(late[i]), kept, sizeof kept, &len));
        assert_true(kept[0] == 9 && kept[5] == 9 && len == 2);
    }
    char text[9];
    assert_int_equal(lf__base64((lf_bytes){out, 2}, text, sizeof text), 4);
    assert_string_equal(text, "AQI=");
    assert_int_equal(lf__base64((lf_bytes){out, 2}, text, 4), 0);
    assert_false(lf__copy_str(text, 3, lf__bytes_str("abc")));
    assert_string_equal(text, "");
}

static void utf8_rules(void **state)
{
    (void)state;
    assert_true(lf__text_is_utf8(lf__bytes_str("联防 ok")));
    static const char *const bad[] = {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8",
                                      "\x80",     "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf"};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        assert_false(lf__text_is_utf8(lf__bytes_str(bad[i])));
    }
    assert_false(lf__text_is_utf8((lf_bytes){(const uint8_t *)"a\0b", 3}));
    assert_true(lf__text_is_member_id(lf__bytes_str("platform-01")));
    assert_false(lf__text_is_member_id(lf__bytes_str("P1")));
    assert_false(lf__text_is_member_id(lf__bytes_str("ab")));
    static const char *const officers[] = {"o-17", "7", "BJ.0042_a"};
    static const char *const persons[] = {"", "王小明", "Wang", "wang-xm", "王7", "wang 7", "7\n"};
    for (size_t i = 0; i < LF_COUNT(officers); i++) {
        assert_true(lf__text_is_officer_id(lf__bytes_str(officers[i])));
    }
    for (size_t i = 0; i < LF_COUNT(persons); i++) {
        assert_false(lf__text_is_officer_id(lf__bytes_str(persons[i])));
    }
    assert_true(lf__text_is_officer_id(lf__bytes_str("1234567890123456789012345678901234567890")));
    assert_false(
        lf__text_is_officer_id(lf__bytes_str("12345678901234567890123456789012345678901")));
    uint64_t v = 5;
    assert_true(lf__text_u64(lf__bytes_str("18446744073709551615"), &v));
    assert_true(v == UINT64_MAX);
    assert_false(lf__text_u64(lf__bytes_str("18446744073709551616"), &v));
    assert_false(lf__text_u64(lf__bytes_str("01"), &v));
    assert_false(lf__text_u64(lf__bytes_str("+1"), &v));
}

static void dates(void **state)
{
    (void)state;
    assert_true(lf__date_is_valid(lf__bytes_str("2024-02-29")));
    assert_false(lf__date_is_valid(lf__bytes_str("2023-02-29")));
    assert_false(lf__date_is_valid(lf__bytes_str("2100-02-29")));
    assert_false(lf__date_is_valid(lf__bytes_str("2024-13-01")));
    assert_false(lf__date_is_valid(lf__bytes_str("2024-1-01")));
    assert_false(lf__date_is_valid(lf__bytes_str("20240101xx")));
    char day[11];
    lf__date_shanghai(1767196799999, day); /* 2025-12-31T15:59:59.999Z */
    assert_string_equal(day, "2025-12-31");
    lf__date_shanghai(1767196800000, day);
    assert_string_equal(day, "2026-01-01");
    int64_t at = 7;
    assert_true(lf__date_start(lf__bytes_str("2026-01-01"), 0, 0, &at) && at == 1767196800000);
    assert_true(lf__date_start(lf__bytes_str("2025-12-31"), 0, 1, &at) && at == 1767196800000);
    assert_true(lf__date_start(lf__bytes_str("2023-01-01"), 36, 0, &at) && at == 1767196800000);
    int64_t leap = 0;
    assert_true(lf__date_start(lf__bytes_str("2024-02-29"), 12, 0, &at) &&
                lf__date_start(lf__bytes_str("2025-02-28"), 0, 0, &leap) && at == leap);
    for (int64_t ms = -2000000000000; ms < 7000000000000; ms += 86400000LL * 13) {
        lf__date_shanghai(ms, day);
        assert_true(lf__date_start(lf__bytes_str(day), 0, 0, &at) && at <= ms &&
                    ms - at < 86400000);
    }
    at = 7;
    assert_false(lf__date_start(lf__bytes_str("2025-02-29"), 0, 0, &at));
    assert_int_equal(at, 7);
}

static void sha256_known_answers(void **state)
{
    (void)state;
    char text[65];
    struct lf__hash empty = lf__sha256(LF_BYTES_NONE);
    (void)lf__hex(lf__hash_bytes(&empty), text, sizeof text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    lf_bytes pieces[] = {lf__bytes_str("a"), LF_BYTES_NONE, lf__bytes_str("bc")};
    struct lf__hash abc = lf__sha256_parts(pieces, 3);
    struct lf__hash whole = lf__sha256(lf__bytes_str("abc"));
    assert_true(lf__hash_eq(&abc, &whole));
    /* RFC 4231 case 2 */
    struct lf__hash mac =
        lf__hmac_sha256(lf__bytes_str("Jefe"), lf__bytes_str("what do ya want for nothing?"));
    (void)lf__hex(lf__hash_bytes(&mac), text, sizeof text);
    assert_string_equal(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    /* case 6: a key longer than a block */
    uint8_t long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    mac = lf__hmac_sha256(LF_BYTES_ARRAY(long_key),
                          lf__bytes_str("Test Using Larger Than Block-Size Key - Hash Key First"));
    (void)lf__hex(lf__hash_bytes(&mac), text, sizeof text);
    assert_string_equal(text, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void ed25519_rfc8032_test1(void **state)
{
    (void)state;
    LF_SECRET *seed = lf__secret_new(32);
    size_t len = 0;
    assert_true(
        lf__unhex(lf__bytes_str("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
                  lf__secret_bytes(seed), 32, &len));
    struct lf__public_key key = lf__sign_public(seed);
    char text[129];
    (void)lf__hex(LF_BYTES_ARRAY(key.bytes), text, sizeof text);
    assert_string_equal(text, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    struct lf__signature sig = lf__sign(seed, LF_BYTES_NONE);
    (void)lf__hex(LF_BYTES_ARRAY(sig.bytes), text, sizeof text);
    assert_string_equal(text, "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8"
                              "821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__public_key_check(&key, &err), LF_OK);
    assert_int_equal(lf__verify(&key, LF_BYTES_NONE, &sig, &err), LF_OK);
    for (size_t i = 0; i < sizeof sig.bytes; i++) {
        sig.bytes[i] ^= 1;
        assert_int_equal(lf__verify(&key, LF_BYTES_NONE, &sig, &err), LF_E_SIGNATURE);
        sig.bytes[i] ^= 1;
    }
    assert_string_equal(err.reason, "SIGNATURE_BAD");
    struct lf__public_key weak = {.alg = LF_ALG_ED25519, .bytes = {1}}; /* the identity: order 1 */
    assert_int_equal(lf__public_key_check(&weak, &err), LF_E_ARG);
    assert_string_equal(err.reason, "KEY_WEAK");
}

static void secret_files_are_private(void **state)
{
    (void)state;
    char path[] = "/tmp/lf-secret-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    lf_error err = LF_ERROR_INIT;
    LF_SECRET *seed = lf__secret_new(32);
    lf__random(lf__secret_bytes(seed), 32);
    assert_int_equal(lf__secret_save(path, seed, &err), LF_E_EXISTS);
    assert_int_equal(unlink(path), 0);
    struct lf__secret *loaded = NULL;
    assert_int_equal(lf__secret_load(path, 32, &loaded, &err), LF_E_NOT_FOUND);
    assert_null(loaded);
    assert_int_equal(lf__secret_save(path, seed, &err), LF_OK);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(lf__secret_load(path, 31, &loaded, &err), LF_E_FORMAT);
    assert_null(loaded);
    assert_int_equal(lf__secret_load(path, 32, &loaded, &err), LF_OK);
    assert_memory_equal(lf__secret_view(loaded), lf__secret_view(seed), 32);
    lf__secret_free(loaded);
    assert_int_equal(unlink(path), 0);
}

static void certificates_pin_by_key(void **state)
{
    (void)state;
    LF_BUF key;
    LF_BUF cert;
    LF_BUF old_cert;
    struct lf__hash first;
    struct lf__hash again;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&key, 4096);
    lf__buf_init(&cert, 8192);
    lf__buf_init(&old_cert, 8192);
    assert_int_equal(lf__cert_make("gateway", 30, &key, &cert, &err), LF_OK);
    assert_int_equal(lf__cert_spki(lf__buf_bytes(&cert), &first, &err), LF_OK);
    assert_int_equal(lf__cert_spki(lf__buf_bytes(&cert), &again, &err), LF_OK);
    assert_true(lf__hash_eq(&first, &again));
    assert_int_equal(lf__cert_check(lf__buf_bytes(&key), lf__buf_bytes(&cert), &err), LF_OK);
    assert_int_equal(lf__cert_check(lf__buf_bytes(&cert), lf__buf_bytes(&cert), &err), LF_E_FORMAT);
    assert_int_equal(lf__cert_check(lf__buf_bytes(&key), lf__buf_bytes(&key), &err), LF_E_FORMAT);
    lf__secret_wipe(key.ptr, key.len);
    lf__buf_clear(&key);
    (void)lf__buf_append(&old_cert, lf__buf_bytes(&cert));
    lf__buf_clear(&cert);
    assert_int_equal(lf__cert_make("gateway", 30, &key, &cert, &err), LF_OK);
    assert_int_equal(lf__cert_spki(lf__buf_bytes(&cert), &again, &err), LF_OK);
    assert_int_equal(lf__cert_check(lf__buf_bytes(&key), lf__buf_bytes(&old_cert), &err), LF_E_ARG);
    assert_false(lf__hash_eq(&first, &again)); /* same name, other key: another identity */
    assert_int_equal(lf__cert_spki(lf__bytes_str("not a certificate"), &again, &err), LF_E_FORMAT);
    assert_int_equal(lf__cert_make("", 30, &key, &cert, &err), LF_E_ARG);
    lf__secret_wipe(key.ptr, key.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_names_agree),
        cmocka_unit_test(buf_stops_at_its_limit),
        cmocka_unit_test(reader_does_not_move_on_failure),
        cmocka_unit_test(arena_obeys_its_cap),
        cmocka_unit_test(arena_is_empty_after_a_reset),
        cmocka_unit_test(text_forms_are_strict),
        cmocka_unit_test(utf8_rules),
        cmocka_unit_test(dates),
        cmocka_unit_test(sha256_known_answers),
        cmocka_unit_test(ed25519_rfc8032_test1),
        cmocka_unit_test(secret_files_are_private),
        cmocka_unit_test(certificates_pin_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
