/* SPDX-License-Identifier: Apache-2.0 */
/* Cosignatures over the published worked log, and what is no cosignature. */
#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "core/checkpoint.h"
#include "core/cosign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DASH "\xe2\x80\x94 "
#define TEXT "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n"
#define LOG_LINE                                                                                   \
    DASH "example.com/log/testdata "                                                               \
         "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/"       \
         "dlPWF74ewI=\n"
#define WIT_LINE                                                                                   \
    DASH "Wit1 "                                                                                   \
         "mz+y1QAAAABkGFDLi4zi/+2kU/5P/4hpCkNoBjvoRHwqkmsDuocW+0ObiIxdYaW7bwTBaMLGHYwvM5lh63uUbl"  \
         "ihMBNMSJQRd2V3AQ==\n"

static const char wit_vkey[] = "Wit1+9b3fb2d5+BFhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk";

static struct lf__note_key wit_key(void)
{
    struct lf__note_key key;
    assert_int_equal(lf__note_key_parse_cosigner(lf__bytes_str(wit_vkey), &key, NULL), LF_OK);
    return key;
}

static void made(void **state)
{
    (void)state;
    LF_BUF line;
    LF_BUF vkey;
    size_t len = 0;
    LF_SECRET *seed = lf__secret_new(32);
    lf_bytes hex =
        lf__bytes_str("e69d4621bb5cce178a27821f30fc971cac5ccc1c562cb99d8b285d44561ab944");
    assert_true(lf__unhex(hex, lf__secret_bytes(seed), 32, &len));
    struct lf__public_key public = lf__sign_public(seed);
    struct lf__note_key key;
    assert_int_equal(lf__note_key_make_cosigner("Wit1", &public, &key, NULL), LF_OK);
    lf__buf_init(&vkey, 256);
    assert_true(lf__note_key_format(&key, &vkey));
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&vkey), wit_vkey));
    lf__buf_init(&line, 1024);
    assert_true(lf__cosign(lf__bytes_str(TEXT), 1679315147, &key, seed, &line));
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&line), WIT_LINE));
    assert_false(lf__cosign(lf__bytes_str(TEXT), 0, &key, seed, &line)); /* never at time 0 */
}

static void verified(void **state)
{
    (void)state;
    struct lf__note_key key = wit_key();
    int64_t time_s = 0;
    assert_int_equal(
        lf__cosign_verify(lf__bytes_str(TEXT "\n" LOG_LINE WIT_LINE), &key, &time_s, NULL), LF_OK);
    assert_int_equal(time_s, 1679315147);
    time_s = 5;
    assert_int_equal(lf__cosign_verify(lf__bytes_str(TEXT "\n" LOG_LINE), &key, &time_s, NULL),
                     LF_E_NOT_FOUND);
    assert_int_equal(time_s, 5);
    /* The log's own note still verifies with a cosignature beside it. */
    struct lf__note_key log;
    struct lf__merkle_head head;
    lf_bytes vkey = lf__bytes_str(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
    assert_int_equal(lf__note_key_parse(vkey, &log, NULL), LF_OK);
    assert_int_equal(
        lf__checkpoint_open(lf__bytes_str(TEXT "\n" LOG_LINE WIT_LINE), &log, &head, NULL), LF_OK);
    assert_int_equal(head.size, 15);
}

/* Every byte of the signed text, and every character of the line's blob, matters. */
static void altered(void **state)
{
    (void)state;
    static const char whole[] = TEXT "\n" WIT_LINE;
    struct lf__note_key key = wit_key();
    char note[sizeof whole];
    int64_t time_s = 5;
    for (size_t i = 0; i < strlen(TEXT); i++) {
        memcpy(note, whole, sizeof whole);
        note[i] = note[i] == 'x' ? 'y' : 'x';
        assert_int_not_equal(lf__cosign_verify(lf__bytes_str(note), &key, &time_s, NULL), LF_OK);
    }
    size_t blob = strlen(TEXT "\n" DASH "Wit1 ");
    for (size_t i = blob; i < blob + 102; i++) {
        memcpy(note, whole, sizeof whole);
        note[i] = note[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(lf__cosign_verify(lf__bytes_str(note), &key, &time_s, NULL), LF_OK);
    }
    assert_int_equal(time_s, 5);
}

static void wrong_keys(void **state)
{
    (void)state;
    struct lf__note_key key;
    /* A log's key is not a witness's, nor the other way round; an id that is not the key's is refused. */
    lf_bytes log = lf__bytes_str(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
    assert_int_equal(lf__note_key_parse_cosigner(log, &key, NULL), LF_E_FORMAT);
    assert_int_equal(lf__note_key_parse(lf__bytes_str(wit_vkey), &key, NULL), LF_E_FORMAT);
    lf_bytes wrong = lf__bytes_str("Wit1+9b3fb2d6+BFhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk");
    assert_int_equal(lf__note_key_parse_cosigner(wrong, &key, NULL), LF_E_FORMAT);
    /* A real witness's key, as published. */
    lf_bytes real =
        lf__bytes_str("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
    assert_int_equal(lf__note_key_parse_cosigner(real, &key, NULL), LF_OK);
}

/* Go's decoder drops bits left over in the last character; a published witness vector relies on it. */
static void leftover_bits(void **state)
{
    (void)state;
    struct lf__reader lines;
    struct lf__note_line line;
    lf_bytes text;
    lf_bytes note = lf__bytes_str("a\n\n" DASH "n AAAAAAE=\n" DASH "n AAAAAAF=\n");
    assert_int_equal(lf__note_split(note, &text, &lines, NULL), LF_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lf__note_line_next(&lines, &line, NULL), LF_OK);
        assert_true(line.len == 1 && line.signature[0] == 1 && line.id == 0);
    }
    assert_int_equal(lf__note_line_next(&lines, &line, NULL), LF_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(made), cmocka_unit_test(verified),
                                       cmocka_unit_test(altered), cmocka_unit_test(wrong_keys),
                                       cmocka_unit_test(leftover_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
