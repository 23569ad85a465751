/* SPDX-License-Identifier: Apache-2.0 */
/* Files of each layout, in each form and encoding, down to the line that becomes a record. */
#include "cli/list_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS_KEPT = 16, WORDS_SIZE = 512 };

/* What was read, in one text a row: "LIST CODE FROM TO REASON [warnings]" or "!OUTCOME FIELD". */
struct reading {
    struct rows_in rows;
    struct list_source source;
    size_t count;
    unsigned lines[ROWS_KEPT];
    char said[ROWS_KEPT][WORDS_SIZE];
    char refs[ROWS_KEPT][LF_LIST_REF_SIZE];
    struct list_line last;
};

static bool row_keep(const struct row_in *row, void *user)
{
    struct reading *r = user;
    struct list_line line;
    if (r->source.map.columns != r->rows.columns) {
        layout_map(r->source.map.layout, &r->rows, &r->source.map);
    }
    assert_true(r->count < ROWS_KEPT);
    char *said = r->said[r->count];
    r->lines[r->count] = row->line;
    if (list_line_read(&r->source, row, &line)) {
        int n = snprintf(said, WORDS_SIZE, "%s %s %s %s %s", line.list, line.uscc.code,
                         line.listed_on, line.removed_on[0] == '\0' ? "-" : line.removed_on,
                         line.reason[0] == '\0' ? "-" : line.reason);
        for (size_t i = 0; i < line.warning_count; i++) {
            n += snprintf(said + n, WORDS_SIZE - (size_t)n, " %s", line.warnings[i]);
        }
    } else {
        (void)snprintf(said, WORDS_SIZE, "!%s %s", line.outcome, line.error.field);
    }
    (void)memcpy(r->refs[r->count], line.ref, sizeof line.ref);
    r->last = line;
    r->count++;
    return true;
}

static void read_file(const char *path, const char *layout, struct reading *out)
{
    memset(out, 0, sizeof *out);
    assert_true(rows_in_open(path, &out->rows));
    int found = layout_find(&out->rows, "auto");
    assert_true(found != LAYOUT_NONE);
    assert_string_equal(layout_name(found), layout);
    layout_map(found, &out->rows, &out->source.map);
    out->source.rows = &out->rows;
    assert_true(rows_in_each(&out->rows, row_keep, out));
    assert_int_equal(out->count, out->rows.count);
}

static void expect(const struct reading *r, const char *const *want)
{
    size_t i = 0;
    for (; want[i] != NULL; i++) {
        assert_true(i < r->count);
        assert_string_equal(r->said[i], want[i]);
    }
    assert_int_equal(r->count, i);
}

static void check(const char *file, const char *layout, const char *const *want)
{
    struct reading *r = malloc(sizeof *r);
    char path[512];
    (void)snprintf(path, sizeof path, LISTS "/%s", file);
    assert_non_null(r);
    read_file(path, layout, r);
    expect(r, want);
    rows_in_close(&r->rows);
    free(r);
}

static void publicity_keys(void **state)
{
    (void)state;
    check("publicity-abnormal.json", "publicity/abnormal",
          (const char *const[]){
              "ABNORMAL 91999999MA00000154 2017-07-07 - ABN_ANNUAL_REPORT",
              "ABNORMAL 91999999MA00000154 2018-07-06 2019-01-02 ABN_ANNUAL_REPORT",
              "ABNORMAL 91999999MA0000031R 2024-07-08 - ABN_UNREACHABLE USCC_NORMALISED",
              "ABNORMAL 91999999MA000004XH 2024-07-08 - ABN_FALSE_INFO",
              "ABNORMAL 91999999MA0000058H 2024-07-08 - - LIST_REASON_UNKNOWN", NULL});
    check("publicity-serious.json", "publicity/serious",
          (const char *const[]){
              "SERIOUS 91999999MA0000023Y 2025-03-04 - SER_FAKE_TRADE",
              "SERIOUS 91999999MA0000066C 2022-09-01 2023-09-04 SER_FOOD_ILLEGAL_MATERIAL", NULL});
    check("publicity-mark.jsonl", "publicity/mark",
          (const char *const[]){
              "ABNORMAL_MARK 92999999MA00000151 2023-07-10 2023-08-01 MARK_ANNUAL_REPORT",
              "ABNORMAL_MARK 92999999MA0000023U 2023-07-10 - MARK_UNREACHABLE",
              "ABNORMAL_MARK 92999999MA0000031N 2023-07-10 - MARK_FALSE_INFO REMOVAL_UNDATED",
              NULL});
    check("publicity-penalty.json", "publicity/penalty",
          (const char *const[]){"PENALTY 91999999MA00000154 2025-05-06 - PEN_FINE", NULL});
}

static void open_data_tables(void **state)
{
    static const char marked[] = "ABNORMAL_MARK 92999999MA000004XE 2022-07-04 2022-09-01 "
                                 "MARK_ANNUAL_REPORT USCC_NORMALISED";
    (void)state;
    check("open-data-abnormal.csv", "open-data/abnormal",
          (const char *const[]){
              "ABNORMAL 91999999MA00000154 2017-07-07 - ABN_ANNUAL_REPORT USCC_NORMALISED",
              "ABNORMAL 91999999MA00000154 2016-07-01 2018-03-05 ABN_ANNUAL_REPORT USCC_NORMALISED",
              "ABNORMAL 91999999MA0000031R 2024-07-08 2025-02-11 ABN_UNREACHABLE",
              "ABNORMAL 91999999MA000004XH 2024-07-08 - ABN_IMMEDIATE_INFO USCC_NORMALISED", NULL});
    check(
        "open-data-serious.csv", "open-data/serious",
        (const char *const[]){
            "SERIOUS 91999999MA0000023Y 2018-07-09 - - USCC_NORMALISED LIST_REASON_UNKNOWN", NULL});
    check("open-data-mark.csv", "open-data/mark",
          (const char *const[]){
              marked, "ABNORMAL_MARK 92999999MA0000058E 2022-07-04 - MARK_ANNUAL_REPORT", NULL});
}

static void other_layouts(void **state)
{
    (void)state;
    check("exchange.csv", "exchange",
          (const char *const[]){"!UNKNOWN_LIST list", "!UNKNOWN_LIST list", NULL});
    check("credit-china.csv", "credit-china",
          (const char *const[]){"ABNORMAL 91999999MA0000090W 2024-05-06 - ABN_UNREACHABLE",
                                "SERIOUS 91999999MA0000103J 2024-05-06 - SER_NONPERFORM",
                                "!UNKNOWN_LIST list", "!UNKNOWN_LIST list", NULL});
    check("penalty-publicity.csv", "penalty-publicity",
          (const char *const[]){"PENALTY 91999999MA0000023Y 2025-06-01 - PEN_FINE", NULL});
}

/* ---- files made here ---- */

static char made[64];

static const char *file_make(const char *bytes, size_t len)
{
    (void)snprintf(made, sizeof made, "lists-test-XXXXXX");
    int fd = mkstemp(made);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    (void)close(fd);
    return made;
}

static struct reading *made_read(const char *bytes, const char *layout)
{
    struct reading *r = malloc(sizeof *r);
    assert_non_null(r);
    read_file(file_make(bytes, strlen(bytes)), layout, r);
    (void)unlink(made);
    return r;
}

static void made_done(struct reading *r)
{
    rows_in_close(&r->rows);
    free(r);
}

#define OWN "uscc,list,reason_text,listed_on,removed_on,authority,region,list_id,name\n"

static void every_bad_row_has_its_own_outcome(void **state)
{
    (void)state;
    struct reading *r = made_read(
        OWN "91999999MA00000154,ABNORMAL,通过登记的住所无法联系,2024-07-08,2024-07-07,某局,,,\n"
            "91999999MA00000154,ABNORMAL,通过登记的住所无法联系,,2024-07-07,某局,,,\n"
            "91999999MA00000154,ABNORMAL,别的,2024-07-08,9999-9-9,某局,,,\n"
            "91999999MA00000154,BADNESS,别的,2024-07-08,,某局,,,\n"
            "91999999MA00000154,LOCAL_SERIOUS,假冒,2024-07-08,,某局,,,\n"
            "91999999MA00000154,LOCAL_SERIOUS,假冒,2024-07-08,,某局,11,,\n"
            "91999999MA00000154,LOCAL_SERIOUS,假冒,2024-07-08,,某局,110000,,\n"
            "91999999MA00000154,ABNORMAL,,2024-07-08,,某局,,,\n"
            "91999999MA00000155,ABNORMAL,别的,2024-07-08,,某局,,,\n"
            ",ABNORMAL,别的,2024-07-08,,某局,,,\n"
            "91999999MA00000154,ABNORMAL,别的,2024-07-08\n"
            "91999999MA00000154,ABNORMAL,别的,2024-02-30,,某局,,,\n"
            "91999999MA00000154,ABNORMAL,别\xef\xbf\xbd的,2024-07-08,,某局,,,\n",
        "lianfang");
    expect(r, (const char *const[]){
                  "!WRONG_INTERVAL removed_on", "!REMOVAL_WITHOUT_ENTRY listed_on",
                  "ABNORMAL 91999999MA00000154 2024-07-08 - - LIST_REASON_UNKNOWN",
                  "!UNKNOWN_LIST list", "!NO_REGION region", "!NO_REGION region",
                  "LOCAL_SERIOUS 91999999MA00000154 2024-07-08 - LOC_MARKET_ORDER",
                  "!NO_REASON reason_text", "!BAD_CODE uscc", "!NO_SUBJECT uscc", "!NOT_A_ROW ",
                  "!BAD_DATE listed_on", "!BROKEN_CHARACTER reason_text", NULL});
    made_done(r);
}

/* One row of GB18030 with half a character; the file is told by its other rows. */
static void a_broken_character_costs_one_row(void **state)
{
    static const char bytes[] =
        "uscc,list,reason_text,listed_on\n"
        "91999999MA00000154,ABNORMAL,\xce\xde\xb7\xa8\xc1\xaa\xcf\xb5,2024-07-08\n" /* 无法联系 */
        "91999999MA0000023Y,ABNORMAL,\xce\xde\xb7\xa8\xc1,2024-07-08\n" /* 无法 and half of 联 */
        "91999999MA0000031R,ABNORMAL,\xce\xde\xb7\xa8\xc1\xaa\xcf\xb5,2024-07-08\n";
    struct reading *r = made_read(bytes, "lianfang");
    (void)state;
    expect(r,
           (const char *const[]){"ABNORMAL 91999999MA00000154 2024-07-08 - ABN_UNREACHABLE",
                                 "!BROKEN_CHARACTER reason_text",
                                 "ABNORMAL 91999999MA0000031R 2024-07-08 - ABN_UNREACHABLE", NULL});
    assert_int_equal(r->lines[1], 3);
    made_done(r);
}

static void the_place_of_a_broken_character_is_told(void **state)
{
    static const char bytes[] = "uscc,list,reason_text,listed_on\n"
                                "91999999MA00000154,ABNORMAL,\xce\xde\xb7\xa8\xff,2024-07-08\n";
    struct reading *r = made_read(bytes, "lianfang");
    (void)state;
    assert_string_equal(r->last.error.message,
                        "column 3: character 3 is none of the file's encoding");
    made_done(r);
}

/* The same line is the same record whatever the width of its brackets; a year more is another. */
static void keys_tell_lines_apart(void **state)
{
    struct reading *r = made_read(
        OWN "91999999MA00000154,ABNORMAL,住所（经营场所）无法联系,2024-07-08,,某局,,,甲\n"
            "91999999ma00000154,ABNORMAL,住所(经营场所) 无法联系,20240708,2025-01-01,某局,,,乙\n"
            "91999999MA00000154,ABNORMAL,住所（经营场所）无法联系,2023-07-08,,某局,,,\n"
            "91999999MA00000154,ABNORMAL,住所（经营场所）无法联系,2024-07-08,,别局,,,\n"
            "91999999MA00000154,ABNORMAL,无法联系,2024-07-08,,某局,,7,\n"
            "91999999MA00000154,ABNORMAL,未公示年度报告,2024-07-09,,别局,,7,\n"
            "91999999MA00000154,SERIOUS,食品,2024-07-09,,别局,,7,\n",
        "lianfang");
    (void)state;
    assert_string_equal(r->refs[0], r->refs[1]);
    assert_string_not_equal(r->refs[0], r->refs[2]);
    assert_string_not_equal(r->refs[0], r->refs[3]);
    assert_string_equal(r->refs[4], r->refs[5]); /* by the publisher's id */
    assert_string_not_equal(r->refs[5], r->refs[6]);
    made_done(r);
}

static bool is_refused(const char *bytes)
{
    struct rows_in rows;
    bool opened = rows_in_open(file_make(bytes, strlen(bytes)), &rows);
    bool refused = !opened || layout_find(&rows, "auto") == LAYOUT_NONE;
    rows_in_close(&rows);
    (void)unlink(made);
    return refused;
}

/* Nothing is done with a file that is not whole, or of which it is not sure what it says. */
static void files_are_refused_whole(void **state)
{
    static const char *const table[] = {
        "",
        "\n \n",
        "a,b\n1,2\n",
        "uscc,uscc\n1,2\n",
        "uscc,list,listed_on\n",
        "uscc,list,listed_on\n1,\"2,3\n4,5,6\n",
        "uscc,list,listed_on\n1,\"2\n3\"x,4\n",
        "uscc,list,listed_on\n1,2\"x,3\r4,5,6\n",
        "usc\"c,list,listed_on\n1,2,3\n",
        "[{\"uscc\":\"1\",\"listed_on\":\"2\",\"list\":\"3\"}",
        "[{\"uscc\":\"1\",\"listed_on\":\"2\",\"list\":\"3\"},{\"uscc\":",
        "[{\"uscc\":\"1\",\"listed_on\":\"2\",\"list\":\"3\"} {}]",
        "{\"data\":{\"a\":1}}",
        "[]",
        "\xff\xfeu\x01",
        /* of two layouts as much */
        "统一社会信用代码,列入日期,列入经营异常名录原因,列入严重违法失信名单原因\n1,2,3,4\n",
        /* told, and nobody's */
        "列入日期,列入经营异常名录原因\n2,3\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!is_refused(table[i])) {
            fail_msg("file %zu is taken", i);
        }
    }
}

/* Rows of an array anywhere, with what JSON allows; one that is no row costs itself. */
static void json_rows_are_cut_out(void **state)
{
    static const char removed[] =
        "ABNORMAL 91999999MA0000023Y 2024-07-08 2024-08-08 ABN_UNREACHABLE";
    struct reading *r = made_read(
        "{\"code\":0,\"empty\":[],\"page\":{\"n\":1,\"rows\":[\n"
        "{\"uscc\":\"91999999MA00000154\",\"list\":\"ABNORMAL\",\"listed_on\":20240708,"
        "\"reason_text\":\"\\\"}],[{\\u65e0\\u6cd5\\u8054\\u7cfb\",\"name\":null},\n"
        "7,\n"
        "{\"uscc\":\"91999999MA00000154\",\"uscc\":\"x\"},\n"
        "{\"uscc\":[1,{\"a\":2}]},\n"
        "{\"uscc\":\"91999999MA0000023Y\",\"list\":\"ABNORMAL\",\"listed_on\":\"2024-07-08\","
        "\"reason_text\":\"无法联系\",\"removed_on\":\"2024-08-08\"}\n"
        "],\"more\":[{\"uscc\":\"9\"}]}}",
        "lianfang");
    (void)state;
    expect(r,
           (const char *const[]){"ABNORMAL 91999999MA00000154 2024-07-08 - ABN_UNREACHABLE",
                                 "!NOT_A_ROW ", "!NOT_A_ROW ", "!NOT_A_ROW uscc", removed, NULL});
    assert_int_equal(r->lines[0], 2);
    assert_int_equal(r->lines[4], 6);
    made_done(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publicity_keys),
        cmocka_unit_test(open_data_tables),
        cmocka_unit_test(other_layouts),
        cmocka_unit_test(every_bad_row_has_its_own_outcome),
        cmocka_unit_test(a_broken_character_costs_one_row),
        cmocka_unit_test(the_place_of_a_broken_character_is_told),
        cmocka_unit_test(keys_tell_lines_apart),
        cmocka_unit_test(files_are_refused_whole),
        cmocka_unit_test(json_rows_are_cut_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
