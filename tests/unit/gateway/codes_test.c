/* SPDX-License-Identifier: Apache-2.0 */
/* projections/codes.h: whatever codes are put come out in byte order, each once, over loose rows, whole runs and runs in pieces. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/projections/codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CODES = 5000, ENTRIES = 40 * ST_INDEX_WINDOW + 50 };

static struct st_engine *engine;
static char path[64];
static char made[CODES][GW_CODE + 1];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/lf-codes-XXXXXX");
    assert_non_null(mkdtemp(path));
    struct st_options options = {.path = path, .map_bytes = 1 << 28};
    return st_engine_open(&options, &engine, NULL) == LF_OK ? 0 : 1;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    st_engine_close(engine);
    (void)snprintf(command, sizeof command, "rm -rf %s", path);
    return system(command);
}

static uint32_t next_random(void)
{
    static uint64_t x = 88172645463325252;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 16);
}

/* Shaped as codes are: of every department, most of them enterprises. */
static void codes_make(void)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const char *const prefixes[] = {"91", "91", "91", "92", "93", "12",
                                           "51", "99", "A1", "N2", "Y1", "90"};
    for (size_t i = 0; i < CODES; i++) {
        char *code = made[i];
        (void)snprintf(code, GW_CODE + 1, "%s%06u", prefixes[next_random() % LF_COUNT(prefixes)],
                       next_random() % 1000000);
        for (size_t k = 8; k < GW_CODE; k++) {
            code[k] = alphabet[next_random() % (sizeof alphabet - 1)];
        }
        code[GW_CODE] = '\0';
    }
    (void)snprintf(made[0], GW_CODE + 1, "91A00000MA00000154"); /* none, and yet it comes back */
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t code_of(uint64_t entry)
{
    return entry * 7919 % CODES;
}

static void fill(void)
{
    struct st_txn *txn = NULL;
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        struct st_place place = {i, PX_KIND_CREDIT_LIST_ENTRY};
        assert_int_equal(gw_codes_begin(txn, i, NULL), LF_OK);
        assert_int_equal(gw_codes_put(txn, lf__bytes_str(made[code_of(i)]), place, NULL), LF_OK);
    }
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
}

/* Every code of `sorted` but those that `is_gone` says; in order, once. */
static void assert_walk(char (*sorted)[GW_CODE + 1], bool (*is_gone)(const char *code))
{
    ST_TXN *txn = NULL;
    struct gw_codes *codes = NULL;
    char code[GW_CODE + 1];
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_codes_open(txn, &codes, NULL), LF_OK);
    for (size_t i = 0; i < CODES; i++) {
        bool is_again = i > 0 && strcmp(sorted[i], sorted[i - 1]) == 0;
        if (!is_again && !is_gone(sorted[i])) {
            assert_int_equal(gw_codes_next(codes, code, NULL), LF_OK);
            assert_string_equal(code, sorted[i]);
        }
    }
    assert_int_equal(gw_codes_next(codes, code, NULL), LF_E_NOT_FOUND);
    gw_codes_close(codes);
}

static bool nobody(const char *code)
{
    (void)code;
    return false;
}

static bool individuals(const char *code)
{
    return code[0] == '9' && code[1] == '2';
}

static void all_in_order(void **state)
{
    static char sorted[CODES][GW_CODE + 1];
    struct st_txn *txn = NULL;
    (void)state;
    codes_make();
    fill();
    /* The one that is no code stands behind the others of its beginning. */
    char odd[GW_CODE + 1];
    lf__copy(odd, made[0], sizeof odd);
    lf__copy(sorted, made, sizeof made);
    lf__copy(sorted[0], made[1], sizeof odd);
    qsort(sorted, CODES, sizeof *sorted, by_text);
    ST_TXN *read = NULL;
    struct gw_codes *codes = NULL;
    char code[GW_CODE + 1];
    bool is_met = false;
    assert_int_equal(st_txn_begin(engine, ST_READ, &read, NULL), LF_OK);
    assert_int_equal(gw_codes_open(read, &codes, NULL), LF_OK);
    while (gw_codes_next(codes, code, NULL) == LF_OK) {
        is_met = is_met || strcmp(code, odd) == 0;
    }
    assert_true(is_met);
    gw_codes_close(codes);
    st_txn_abort(read);
    read = NULL;
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        struct st_place place = {i, PX_KIND_CREDIT_LIST_ENTRY};
        if (code_of(i) == 0) {
            assert_int_equal(gw_codes_remove(txn, lf__bytes_str(odd), place, NULL), LF_OK);
        }
    }
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    assert_walk(sorted, nobody);
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        struct st_place place = {i, PX_KIND_CREDIT_LIST_ENTRY};
        const char *gone = made[code_of(i)];
        if (code_of(i) != 0 && individuals(gone)) {
            assert_int_equal(gw_codes_remove(txn, lf__bytes_str(gone), place, NULL), LF_OK);
        }
    }
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    assert_walk(sorted, individuals);
}

static void nothing(void **state)
{
    ST_TXN *txn = NULL;
    struct gw_codes *codes = NULL;
    char code[GW_CODE + 1];
    (void)state;
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_codes_open(txn, &codes, NULL), LF_OK);
    assert_int_equal(gw_codes_next(codes, code, NULL), LF_E_NOT_FOUND);
    gw_codes_close(codes);
    gw_codes_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
