/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes, checkpoints and DSSE against published vectors, byte for byte. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/checkpoint.h"
#include "core/dsse.h"
#include "core/leaf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "worked_log.inc"

#define DASH "\xe2\x80\x94 "

static struct lf__secret *seed_of(const char *hex)
{
    struct lf__secret *seed = lf__secret_new(32);
    size_t len = 0;
    assert_non_null(seed);
    assert_true(lf__unhex(lf__bytes_str(hex), lf__secret_bytes(seed), 32, &len));
    return seed;
}

static void assert_buf(const struct lf__buf *buf, const char *want)
{
    assert_int_equal(buf->len, strlen(want));
    assert_memory_equal(buf->ptr, want, buf->len);
}

static void peter_neumann(void **state)
{
    (void)state;
    static const char vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    static const char text[] = "If you think cryptography is the answer to your problem,\n"
                               "then you don't know what your problem is.\n";
    LF_SECRET *seed = seed_of("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173");
    struct lf__note_key key;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__note_key_parse(lf__bytes_str(vkey), &key, &err), LF_OK);
    struct lf__public_key derived = lf__sign_public(seed);
    assert_memory_equal(derived.bytes, key.key.bytes, 32);
    LF_BUF formatted;
    lf__buf_init(&formatted, 1000);
    assert_true(lf__note_key_format(&key, &formatted));
    assert_buf(&formatted, vkey);
    LF_BUF note;
    lf__buf_init(&note, 1000);
    assert_true(lf__note_sign(lf__bytes_str(text), &key, seed, &note));
    char want[512];
    (void)snprintf(want, sizeof want,
                   "%s\n" DASH "PeterNeumann "
                   "x08go/ZJkuBS9UG/"
                   "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
                   text);
    assert_buf(&note, want);
    lf_bytes opened;
    assert_int_equal(lf__note_verify(lf__buf_bytes(&note), &key, &opened, &err), LF_OK);
    assert_true(lf__bytes_eq_str(opened, text));
}

static void foreign_notes(void **state)
{
    (void)state;
    static const struct {
        const char *vkey;
        const char *note;
    } rows[] = {
        {"EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
         "If you think cryptography is the answer to your problem,\nthen you don't know what your "
         "problem is.\n\n" DASH "EnochRoot "
         "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/"
         "5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
         "This is an example message.\n\n" DASH "example.com/foo "
         "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK"
         "7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"},
        {"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
         "go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n" DASH
         "sum.golang.org "
         "Az3grpukl5AXaVfYkLiDGORx/"
         "DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=\n"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__note_key key;
        lf_bytes text;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(lf__note_key_parse(lf__bytes_str(rows[i].vkey), &key, &err), LF_OK);
        assert_int_equal(lf__note_verify(lf__bytes_str(rows[i].note), &key, &text, &err), LF_OK);
        char flipped[512];
        (void)snprintf(flipped, sizeof flipped, "%s", rows[i].note);
        flipped[0] ^= 1;
        assert_int_equal(lf__note_verify(lf__bytes_str(flipped), &key, &text, &err),
                         LF_E_SIGNATURE);
        key.id ^= 1; /* now nobody's line */
        assert_int_equal(lf__note_verify(lf__bytes_str(rows[i].note), &key, &text, &err),
                         LF_E_SIGNATURE);
        assert_string_equal(err.reason, "SIGNATURE_MISSING");
    }
}

static void malformed_notes(void **state)
{
    (void)state;
    struct lf__note_key key;
    lf_bytes text;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(
        lf__note_key_parse(
            lf__bytes_str("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"), &key,
            &err),
        LF_OK);
    static const char *const bad[] = {"",
                                      "\n",
                                      "text\n",
                                      "text\n\n" DASH "EnochRoot",
                                      "te\x01t\n\n" DASH "a AAAAAAA=\n",
                                      "te\xfft\n\n" DASH "a AAAAAAA=\n",
                                      "t\n\nx EnochRoot AAAAAAA=\n",
                                      "t\n\n" DASH "EnochRoot !\n",
                                      "t\n\n" DASH "En+ch AAAAAAA=\n",
                                      "t\n\n" DASH "EnochRoot \n"};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        assert_int_equal(lf__note_verify(lf__bytes_str(bad[i]), &key, &text, &err), LF_E_FORMAT);
    }
    static const char *const keys[] = {
        "",
        "a",
        "a+",
        "a+00000000+",
        "EnochRoot+af0cfe79+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
        "EnochRoot+af0cfe78+AjtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
        "EnochRoot+af0cfe78+ATtq",
        "+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"};
    for (size_t i = 0; i < LF_COUNT(keys); i++) {
        assert_int_equal(lf__note_key_parse(lf__bytes_str(keys[i]), &key, &err), LF_E_FORMAT);
    }
}

#define NEUMANN_TEXT                                                                               \
    "If you think cryptography is the answer to your problem,\n"                                   \
    "then you don't know what your problem is.\n"
#define NEUMANN_LINE                                                                               \
    DASH "PeterNeumann "                                                                           \
         "x08go/ZJkuBS9UG/"                                                                        \
         "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ROOT_LINE                                                                                  \
    DASH "EnochRoot "                                                                              \
         "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/"                                            \
         "5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
#define BAD_LINE                                                                                   \
    DASH "PeterNeumann "                                                                           \
         "x08go/ZJkuBS9UG/"                                                                        \
         "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAA=\n"

/* Which lines count: another's are ignored, ours must be good each time, and 100 are the most. */
static void signature_lines(void **state)
{
    (void)state;
    static const struct {
        const char *note;
        lf_status status;
        const char *reason;
    } rows[] = {
        {NEUMANN_TEXT "\n" NEUMANN_LINE, LF_OK, ""},
        {NEUMANN_TEXT "\n" ROOT_LINE NEUMANN_LINE, LF_OK, ""},
        {NEUMANN_TEXT "\n" NEUMANN_LINE NEUMANN_LINE, LF_OK, ""},
        {NEUMANN_TEXT "\n" ROOT_LINE, LF_E_SIGNATURE, "SIGNATURE_MISSING"},
        {NEUMANN_TEXT "\n" BAD_LINE, LF_E_SIGNATURE, "SIGNATURE_BAD"},
        {NEUMANN_TEXT "\n" NEUMANN_LINE BAD_LINE, LF_E_SIGNATURE, "SIGNATURE_BAD"},
        {NEUMANN_TEXT "\n" NEUMANN_LINE "more\n", LF_E_FORMAT, "NOTE_BAD"},
        {NEUMANN_TEXT "\n" NEUMANN_LINE "\nmore\n", LF_E_FORMAT, "NOTE_BAD"},
        {NEUMANN_TEXT NEUMANN_LINE, LF_E_FORMAT, "NOTE_BAD"},
        {NEUMANN_TEXT "\n", LF_E_SIGNATURE, "SIGNATURE_MISSING"},
        {NEUMANN_TEXT "\n" DASH "Peter Neumann AAAAAAA=\n", LF_E_FORMAT, "NOTE_BAD"},
    };
    struct lf__note_key key;
    lf_bytes text;
    assert_int_equal(
        lf__note_key_parse(
            lf__bytes_str("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
            &key, NULL),
        LF_OK);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(lf__note_verify(lf__bytes_str(rows[i].note), &key, &text, &err),
                         rows[i].status);
        assert_string_equal(err.reason, rows[i].reason);
    }
    LF_BUF many;
    lf__buf_init(&many, 1 << 16);
    (void)lf__buf_str(&many, NEUMANN_TEXT "\n" NEUMANN_LINE);
    for (size_t i = 1; i < LF_NOTE_SIGNATURES_MAX; i++) {
        (void)lf__buf_str(&many, ROOT_LINE);
    }
    assert_int_equal(lf__note_verify(lf__buf_bytes(&many), &key, &text, NULL), LF_OK);
    (void)lf__buf_str(&many, ROOT_LINE);
    assert_int_equal(lf__note_verify(lf__buf_bytes(&many), &key, &text, NULL), LF_E_SIGNATURE);
}

struct leaves {
    struct lf__hash hash[15];
};

static struct lf__hash leaves_root(const struct leaves *leaves, uint64_t from, uint64_t to)
{
    if (to == from) {
        return lf__merkle_empty();
    }
    if (to - from == 1) {
        return leaves->hash[from];
    }
    uint64_t k = 1;
    while (k * 2 < to - from) {
        k *= 2;
    }
    struct lf__hash left = leaves_root(leaves, from, from + k);
    struct lf__hash right = leaves_root(leaves, from + k, to);
    return lf__merkle_node(&left, &right);
}

static void worked_log_byte_for_byte(void **state)
{
    (void)state;
    LF_SECRET *seed = seed_of("eca663f499017d2365c27c7a7679158d43cfec1330bdb259290afbd0d21777a0");
    struct lf__public_key public_key = lf__sign_public(seed);
    struct lf__note_key key;
    struct leaves leaves;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__note_key_make("example.com/log/testdata", &public_key, &key, &err), LF_OK);
    LF_BUF vkey;
    lf__buf_init(&vkey, 200);
    assert_true(lf__note_key_format(&key, &vkey));
    assert_buf(&vkey,
               "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
    struct lf__hash origin = lf__sha256(lf__bytes_str(key.name));
    char origin_hex[65];
    (void)lf__hex(lf__hash_bytes(&origin), origin_hex, sizeof origin_hex);
    assert_string_equal(origin_hex,
                        "6994c64086cc171ca46c749d036fd313bac575a8b2b2a2b9874ef097775714d5");
    for (size_t i = 0; i < 15; i++) {
        leaves.hash[i] = lf__merkle_leaf(lf__bytes_str(worked_leaves[i]));
    }
    for (uint64_t size = 0; size <= 15; size++) {
        struct lf__merkle_head head = {size, leaves_root(&leaves, 0, size)};
        struct lf__merkle_head opened;
        char hex[65];
        char root[LF_BASE64_SIZE(32)];
        char want[512];
        (void)lf__hex(lf__hash_bytes(&head.root), hex, sizeof hex);
        assert_string_equal(hex, worked_heads[size].root);
        (void)lf__base64(lf__hash_bytes(&head.root), root, sizeof root);
        (void)snprintf(want, sizeof want,
                       "example.com/log/testdata\n%u\n%s\n\n" DASH "example.com/log/testdata %s\n",
                       (unsigned)size, root, worked_heads[size].blob);
        LF_BUF note;
        lf__buf_init(&note, 1000);
        assert_true(lf__checkpoint_sign(&head, &key, seed, &note));
        assert_buf(&note, want);
        assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &key, &opened, &err), LF_OK);
        assert_true(opened.size == size && lf__hash_eq(&opened.root, &head.root));
    }
}

static void checkpoint_form_is_exact(void **state)
{
    (void)state;
    LF_SECRET *seed = seed_of("eca663f499017d2365c27c7a7679158d43cfec1330bdb259290afbd0d21777a0");
    struct lf__public_key public_key = lf__sign_public(seed);
    struct lf__note_key key;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__note_key_make("example.com/log", &public_key, &key, &err), LF_OK);
#define ROOT "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n"
    static const char *const bad[] = {
        "example.com/log\n015\n" ROOT,  "example.com/log\n15\n" ROOT "extension\n",
        "example.com/other\n15\n" ROOT, "example.com/log\n15\nAAAA\n",
        "example.com/log\n-1\n" ROOT,   "example.com/log\n15\n"};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        LF_BUF note;
        lf__buf_init(&note, 1000);
        struct lf__merkle_head head = {.size = 42};
        assert_true(lf__note_sign(lf__bytes_str(bad[i]), &key, seed, &note));
        assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &key, &head, &err), LF_E_FORMAT);
        assert_int_equal(head.size, 42);
    }
}

static void dsse_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *seed;
        const char *type;
        const char *payload;
        const char *signature;
    } rows[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "application/vnd.in-toto+json", "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
         "2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/"
         "nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA=="},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "application/vnd.in-toto+json", "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
         "c1+67/aT0yqEpwx8PsVY3MLHsj9D0CZ014/Fv/QlG59P+9CobUZ7xECJ/"
         "V3USG0Ob9CiE5LjReEZUzNF2l7eBw=="},
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "application/vnd.in-toto+json", "",
         "gSggCAaTLTYyRH6FIDBem6meyIynsYy8RTHVzwx9tnTb7Bg/1jMWnuVgI/gffqmbsC2VX5/"
         "jHfkkDqsj7CDbDg=="},
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "application/vnd.ex\xc3\xa4mple+json", "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
         "xmSk/ug66ysT7ayhkCIjhAq42zgZXSsEWuzUaNL7w2eGAdF/NU6/fRXPtmfN+5DNSAs5/"
         "i2lUnHjbbjPsu0tAw=="},
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "application/vnd.in-toto+json", "\xfb\xff\xbf\x3e\x3f",
         "P+/KHICeR7tI6S/YyejJTRtrXhcQyQ2LYPaL8h90KjC9qN8HU/"
         "svOQ6TuDOT1HIrsGW886DbWNWcCmX5twLrAw=="},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_SECRET *seed = seed_of(rows[i].seed);
        LF_BUF pae;
        lf__buf_init(&pae, 1000);
        assert_true(lf__dsse_pae(&pae, rows[i].type, lf__bytes_str(rows[i].payload)));
        struct lf__signature signature = lf__sign(seed, lf__buf_bytes(&pae));
        char text[LF_BASE64_SIZE(64)];
        (void)lf__base64(LF_BYTES_ARRAY(signature.bytes), text, sizeof text);
        assert_string_equal(text, rows[i].signature);
    }
}

/* The encoding byte for byte, and what must not verify: another type, another payload, another key. */
static void dsse_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *payload;
        const char *pae;
    } rows[] = {
        {"http://example.com/HelloWorld", "hello world",
         "DSSEv1 29 http://example.com/HelloWorld 11 hello world"},
        {"application/vnd.in-toto+json", "", "DSSEv1 28 application/vnd.in-toto+json 0 "},
        {"application/vnd.in-toto+json", "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
         "DSSEv1 28 application/vnd.in-toto+json 43 "
         "{\"_type\":\"https://in-toto.io/Statement/v1\"}"},
        {"application/vnd.ex\xc3\xa4mple+json", "x",
         "DSSEv1 29 application/vnd.ex\xc3\xa4mple+json 1 x"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_BUF pae;
        lf__buf_init(&pae, 1000);
        assert_true(lf__dsse_pae(&pae, rows[i].type, lf__bytes_str(rows[i].payload)));
        assert_buf(&pae, rows[i].pae);
    }
    LF_SECRET *seed = seed_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    LF_SECRET *other = seed_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    struct lf__public_key key = lf__sign_public(seed);
    struct lf__public_key other_key = lf__sign_public(other);
    struct lf__signature signature = lf__sign(seed, lf__bytes_str(rows[2].pae));
    assert_int_equal(lf__verify(&key, lf__bytes_str(rows[2].pae), &signature, NULL), LF_OK);
    assert_int_equal(lf__verify(&other_key, lf__bytes_str(rows[2].pae), &signature, NULL),
                     LF_E_SIGNATURE);
    static const char *const others[] = {"DSSEv1 28 application/vnd.in-toto+text 43 "
                                         "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
                                         "DSSEv1 28 application/vnd.in-toto+json 43 "
                                         "{\"_type\":\"https://in-toto.io/Statement/v2\"}",
                                         "DSSEv1 028 application/vnd.in-toto+json 43 "
                                         "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
                                         "{\"_type\":\"https://in-toto.io/Statement/v1\"}"};
    for (size_t i = 0; i < LF_COUNT(others); i++) {
        assert_int_equal(lf__verify(&key, lf__bytes_str(others[i]), &signature, NULL),
                         LF_E_SIGNATURE);
    }
}

static void leaf_layout(void **state)
{
    (void)state;
    static const uint8_t salt[LF_SALT_BYTES] = {1, 2, 3};
    lf_bytes raw[] = {lf__bytes_str("lianfang/v1 part"),
                      {(const uint8_t *)"\0\2", 2},
                      LF_BYTES_ARRAY(salt),
                      lf__bytes_str("body")};
    struct lf__hash by_hand = lf__sha256_parts(raw, LF_COUNT(raw));
    struct lf__hash part = lf__part_hash(2, salt, lf__bytes_str("body"));
    assert_true(lf__hash_eq(&part, &by_hand));
    uint8_t signature[64] = {7};
    struct lf__block_signature one = {
        .alg = 1, .key_id = part, .signature = LF_BYTES_ARRAY(signature)};
    LF_BUF block;
    lf__buf_init(&block, 4096);
    assert_true(lf__signature_block(&block, &one, 1));
    assert_int_equal(block.len, 1 + 1 + 32 + 4 + 32 + 2 + 64);
    assert_memory_equal(block.ptr, "\1\1", 2);
    assert_memory_equal(block.ptr + 70, "\0\100\7", 3);
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    lf__ledger_leaf(0x0102030405060708u, &part, &by_hand, lf__buf_bytes(&block), leaf);
    assert_memory_equal(leaf, "\1\1\2\3\4\5\6\7\10", 9);
    assert_memory_equal(leaf + 9, part.bytes, 32);
    block.max = block.len;
    assert_false(lf__signature_block(&block, &one, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peter_neumann),   cmocka_unit_test(foreign_notes),
        cmocka_unit_test(malformed_notes), cmocka_unit_test(worked_log_byte_for_byte),
        cmocka_unit_test(dsse_vectors),    cmocka_unit_test(checkpoint_form_is_exact),
        cmocka_unit_test(leaf_layout),     cmocka_unit_test(signature_lines),
        cmocka_unit_test(dsse_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
