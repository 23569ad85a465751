/* SPDX-License-Identifier: Apache-2.0 */
/* What a list had yesterday: kept, looked up, carried, vanished, and never lost by a run that did not end. */
#include "cli/candidates.h"
#include "cli/cli.h"
#include "cli/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { VANISHED_MAX = 8, MANY = 5000 };
#define TITLE "open-data/abnormal ABNORMAL - ledger"

struct room {
    char dir[64];
    char path[96];
};

static void ref_of(unsigned number, char ref[static LF_LIST_REF_SIZE])
{
    (void)snprintf(ref, LF_LIST_REF_SIZE, "list-%08x%032x", number * 2654435761u, number);
}

static struct snapshot_line line_of(const char *ref, enum snapshot_standing standing)
{
    return (struct snapshot_line){.ref = ref,
                                  .version = 3,
                                  .digest = 7,
                                  .removal = standing == SNAPSHOT_REMOVED ? 9 : 0,
                                  .standing = standing,
                                  .uscc = "91999999MA00000154",
                                  .list = "ABNORMAL",
                                  .region = "",
                                  .listed_on = "2024-07-08",
                                  .list_id = "a\tb\"c",
                                  .authority = "某\n局",
                                  .reason_text = "无法联系,"};
}

static int room_make(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    (void)snprintf(room->dir, sizeof room->dir, "snapshot-test-XXXXXX");
    if (mkdtemp(room->dir) == NULL) {
        free(room);
        return -1;
    }
    (void)snprintf(room->path, sizeof room->path, "%s/state", room->dir);
    *state = room;
    return 0;
}

static int room_clear(void **state)
{
    static const char *const names[] = {"", ".new", ".vanished.csv", ".vanished-2.csv"};
    struct room *room = *state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", room->path, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(room->dir);
    free(room);
    return 0;
}

/* One run that keeps lines from .. until - 1. */
static void run(const struct room *room, unsigned from, unsigned until, bool is_whole)
{
    struct snapshot s;
    assert_int_equal(snapshot_open(room->path, TITLE, true, &s), CLI_OK);
    for (unsigned i = from; i < until; i++) {
        char ref[LF_LIST_REF_SIZE];
        ref_of(i, ref);
        struct snapshot_line line = line_of(ref, i % 2 == 0 ? SNAPSHOT_LISTED : SNAPSHOT_REMOVED);
        snapshot_keep(&s, &line);
    }
    assert_int_equal(snapshot_close(&s, is_whole), CLI_OK);
}

static size_t lines_known(const struct room *room)
{
    struct snapshot s;
    assert_int_equal(snapshot_open(room->path, TITLE, false, &s), CLI_OK);
    size_t lines = s.lines;
    assert_int_equal(snapshot_close(&s, false), CLI_OK);
    return lines;
}

static void lines_come_back(void **state)
{
    struct snapshot s;
    char ref[LF_LIST_REF_SIZE];
    run(*state, 0, MANY, true);
    assert_int_equal(snapshot_open(((struct room *)*state)->path, TITLE, false, &s), CLI_OK);
    assert_int_equal(s.lines, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        ref_of(i, ref);
        struct snapshot_known known = snapshot_find(&s, ref);
        assert_int_equal(known.standing, i % 2 == 0 ? SNAPSHOT_LISTED : SNAPSHOT_REMOVED);
        assert_int_equal(known.version, 3);
        assert_int_equal(known.digest, 7);
        assert_int_equal(known.removal, i % 2 == 0 ? 0 : 9);
    }
    ref_of(MANY, ref);
    assert_int_equal(snapshot_find(&s, ref).standing, SNAPSHOT_UNKNOWN);
    assert_int_equal(snapshot_find(&s, "not of ours").standing, SNAPSHOT_UNKNOWN);
    assert_int_equal(snapshot_close(&s, false), CLI_OK);
}

static void what_a_run_does_not_name_is_carried(void **state)
{
    run(*state, 0, 10, true);
    run(*state, 5, 15, true);
    assert_int_equal(lines_known(*state), 15);
    run(*state, 5, 15, true); /* and nothing is there twice */
    assert_int_equal(lines_known(*state), 15);
}

static void a_run_that_did_not_end_changes_nothing(void **state)
{
    run(*state, 0, 10, true);
    run(*state, 10, 20, false);
    assert_int_equal(lines_known(*state), 10);
}

struct vanished {
    size_t count;
    char refs[VANISHED_MAX][LF_LIST_REF_SIZE];
    struct candidates *candidates;
    const char *path;
};

static void on_vanished(const struct snapshot_line *line, void *user)
{
    struct vanished *v = user;
    assert_true(v->count < VANISHED_MAX);
    (void)snprintf(v->refs[v->count++], LF_LIST_REF_SIZE, "%s", line->ref);
    assert_string_equal(line->list_id, "a b\"c"); /* in a line of its own */
    candidates_add(v->candidates, v->path, line, "VANISHED");
}

/* Listed and not seen; removed ones are gone already. */
static void only_listed_lines_vanish(void **state)
{
    const struct room *room = *state;
    struct snapshot s;
    struct candidates candidates = {.count = 0};
    struct vanished v = {.candidates = &candidates, .path = room->path};
    char ref[LF_LIST_REF_SIZE];
    char expected[LF_LIST_REF_SIZE];
    run(room, 0, 6, true);
    assert_int_equal(snapshot_open(room->path, TITLE, true, &s), CLI_OK);
    ref_of(0, ref);
    snapshot_seen(&s, ref);
    ref_of(4, ref);
    struct snapshot_line kept = line_of(ref, SNAPSHOT_LISTED);
    snapshot_keep(&s, &kept);
    snapshot_vanished(&s, on_vanished, &v);
    ref_of(2, expected);
    assert_int_equal(v.count, 1);
    assert_string_equal(v.refs[0], expected);
    assert_int_equal(candidates.count, 1);
    assert_int_equal(candidates_close(&candidates, true), CLI_OK);
    assert_int_equal(snapshot_close(&s, true), CLI_OK);
    assert_int_equal(lines_known(room), 6);
}

static size_t file_read(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t len = file == NULL ? 0 : fread(out, 1, size - 1, file);
    out[len] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    return len;
}

/* A table of candidates that a person may be filling in is never written over; one of a run that failed goes. */
static void candidates_take_nobodys_place(void **state)
{
    const struct room *room = *state;
    char ref[LF_LIST_REF_SIZE];
    char text[1024];
    ref_of(1, ref);
    struct snapshot_line line = line_of(ref, SNAPSHOT_LISTED);
    for (int i = 0; i < 3; i++) {
        struct candidates c = {.count = 0};
        candidates_add(&c, room->path, &line, "VANISHED");
        bool is_first = strcmp(c.path + strlen(room->path), ".vanished.csv") == 0;
        bool is_second = strcmp(c.path + strlen(room->path), ".vanished-2.csv") == 0;
        assert_true(i == 0 ? is_first : is_second);
        assert_int_equal(candidates_close(&c, i != 1), CLI_OK); /* the second's run failed */
    }
    char path[128];
    (void)snprintf(path, sizeof path, "%s.vanished.csv", room->path);
    assert_true(file_read(path, text, sizeof text) > 0);
    assert_non_null(strstr(text, "\"\",\"91999999MA00000154\",\"ABNORMAL\",\"\",\"2024-07-08\","
                                 "\"无法联系,\","));
    assert_non_null(strstr(text, "\"a\tb\"\"c\""));
}

static void what_is_no_state_of_this_list_is_refused(void **state)
{
    static const char *const files[] = {
        "",
        "something else\n",
        "lianfang-list/v1\tanother list\n",
        "lianfang-list/v1\t" TITLE "\nno line\n",
        "lianfang-list/v1\t" TITLE
        "\nlist-0\t1\t0\t0\tL\ta\tb\tc\td\te\tf\tg\n", /* no ref of ours */
    };
    const struct room *room = *state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct snapshot s;
        FILE *file = fopen(room->path, "we");
        assert_non_null(file);
        (void)fputs(files[i], file);
        (void)fclose(file);
        assert_int_equal(snapshot_open(room->path, TITLE, true, &s), CLI_USAGE);
        assert_int_equal(snapshot_close(&s, false), CLI_OK);
        assert_int_equal(access(room->path, F_OK), 0);
    }
}

static void two_runs_do_not_share_a_state(void **state)
{
    const struct room *room = *state;
    struct snapshot first;
    struct snapshot second;
    assert_int_equal(snapshot_open(room->path, TITLE, true, &first), CLI_OK);
    assert_int_equal(snapshot_open(room->path, TITLE, true, &second), CLI_USAGE);
    assert_int_equal(snapshot_close(&second, false), CLI_OK);
    assert_int_equal(snapshot_close(&first, true), CLI_OK);
    assert_int_equal(lines_known(room), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_come_back, room_make, room_clear),
        cmocka_unit_test_setup_teardown(what_a_run_does_not_name_is_carried, room_make, room_clear),
        cmocka_unit_test_setup_teardown(a_run_that_did_not_end_changes_nothing, room_make,
                                        room_clear),
        cmocka_unit_test_setup_teardown(only_listed_lines_vanish, room_make, room_clear),
        cmocka_unit_test_setup_teardown(candidates_take_nobodys_place, room_make, room_clear),
        cmocka_unit_test_setup_teardown(what_is_no_state_of_this_list_is_refused, room_make,
                                        room_clear),
        cmocka_unit_test_setup_teardown(two_runs_do_not_share_a_state, room_make, room_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
