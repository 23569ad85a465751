/* SPDX-License-Identifier: Apache-2.0 */
/* Formats that do not exist yet, as a later program would know them: this one's directories are then old. */
#include "base/bytes.h"
#include "base/status.h"
#include "storage/upgrade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { UPGRADE_TABLE = 3 };

static char path[64];
static struct st_options options = {.path = path, .map_bytes = 1 << 24};

static lf_status row_move(struct st_txn *txn, const char *from, const char *to, lf_error *err)
{
    lf_bytes value;
    uint8_t copy[8];
    lf_status rc = st_get(txn, UPGRADE_TABLE, lf__bytes_str(from), &value, err);
    if (rc != LF_OK) {
        return rc;
    }
    size_t len = value.len < sizeof copy ? value.len : sizeof copy;
    lf__copy(copy, value.ptr, len);
    rc = st_put(txn, UPGRADE_TABLE, lf__bytes_str(to), (lf_bytes){copy, len}, err);
    return rc == LF_OK ? st_delete(txn, UPGRADE_TABLE, lf__bytes_str(from), err) : rc;
}

static lf_status second_run(struct st_txn *txn, lf_error *err)
{
    return row_move(txn, "one", "two", err);
}

static lf_status third_run(struct st_txn *txn, lf_error *err)
{
    return row_move(txn, "two", "three", err);
}

static lf_status third_fail(struct st_txn *txn, lf_error *err)
{
    (void)txn;
    return lf__fail(err, LF_E_CORRUPT, "the third step fails");
}

static const struct st_format_step steps[] = {
    {ST_FORMAT_VERSION, "rows get their second name", second_run},
    {ST_FORMAT_VERSION + 1, "and their third", third_run}};
static const struct st_formats later = {ST_FORMAT_VERSION + 2, steps, LF_COUNT(steps)};

static int world_setup(void **state)
{
    struct st_engine *engine = NULL;
    struct st_txn *txn = NULL;
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/lf-upgrade-XXXXXX");
    assert_non_null(mkdtemp(path));
    assert_int_equal(st_engine_open(&options, &engine, NULL), LF_OK);
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_put(txn, UPGRADE_TABLE, lf__bytes_str("one"), lf__bytes_str("1"), NULL),
                     LF_OK);
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    st_engine_close(engine);
    return 0;
}

static int world_teardown(void **state)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "LOCK", "COPY"};
    (void)state;
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        char name[96];
        (void)snprintf(name, sizeof name, "%s/%s", path, names[i]);
        (void)unlink(name);
    }
    assert_int_equal(rmdir(path), 0);
    return 0;
}

static lf_status seen(const char *key)
{
    ST_TXN *txn = NULL;
    lf_bytes value;
    struct st_engine *engine = NULL;
    lf_status rc = st_engine_open(&options, &engine, NULL);
    if (rc == LF_OK) {
        assert_int_equal(st_txn_begin(engine, ST_READ, &txn, NULL), LF_OK);
        rc = st_get(txn, UPGRADE_TABLE, lf__bytes_str(key), &value, NULL);
        st_txn_abort(txn);
        txn = NULL;
    }
    st_engine_close(engine);
    return rc;
}

static void this_format_needs_nothing(void **state)
{
    struct st_upgrade plan = {.count = 99};
    (void)state;
    assert_int_equal(st_upgrade_check(&options, st_formats_known(), &plan, NULL), LF_OK);
    assert_int_equal(plan.found, ST_FORMAT_VERSION);
    assert_int_equal(plan.count, 0);
    assert_int_equal(st_upgrade_run(&options, st_formats_known(), &plan, NULL), LF_OK);
    assert_int_equal(plan.count, 0);
    assert_int_equal(seen("one"), LF_OK);
}

/* What --check says is what is done; and then this program, which is older, refuses. */
static void steps_run_in_order(void **state)
{
    struct st_upgrade plan;
    struct st_engine *engine = NULL;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    assert_int_equal(st_upgrade_check(&options, &later, &plan, &err), LF_OK);
    assert_int_equal(plan.found, ST_FORMAT_VERSION);
    assert_int_equal(plan.count, 2);
    assert_string_equal(plan.steps[1].what, "and their third");
    assert_int_equal(seen("one"), LF_OK);
    assert_int_equal(st_upgrade_run(&options, &later, &plan, &err), LF_OK);
    assert_int_equal(plan.count, 2);
    assert_int_equal(st_engine_open(&options, &engine, &err), LF_E_VERSION);
    assert_non_null(strstr(err.message, "is newer than"));
    assert_int_equal(st_upgrade_check(&options, st_formats_known(), &plan, &err), LF_E_VERSION);
    assert_non_null(strstr(err.message, "is newer than"));
    assert_int_equal(st_upgrade_run(&options, st_formats_known(), &plan, &err), LF_E_VERSION);
    assert_int_equal(st_upgrade_run(&options, &later, &plan, &err), LF_OK);
    assert_int_equal(plan.count, 0);
}

/* The last step takes the format back, so that this program can look at what the others did. */
static lf_status check_moved(struct st_txn *txn, lf_error *err)
{
    lf_bytes value;
    assert_int_equal(st_get(txn, UPGRADE_TABLE, lf__bytes_str("one"), &value, NULL),
                     LF_E_NOT_FOUND);
    assert_int_equal(st_get(txn, UPGRADE_TABLE, lf__bytes_str("two"), &value, NULL),
                     LF_E_NOT_FOUND);
    return st_get(txn, UPGRADE_TABLE, lf__bytes_str("three"), &value, err);
}

static void what_steps_did_is_there(void **state)
{
    struct st_upgrade plan;
    const struct st_format_step more[] = {{ST_FORMAT_VERSION + 2, "is looked at", check_moved}};
    const struct st_formats even_later = {ST_FORMAT_VERSION + 3, more, 1};
    (void)state;
    assert_int_equal(st_upgrade_run(&options, &later, &plan, NULL), LF_OK);
    assert_int_equal(st_upgrade_run(&options, &even_later, &plan, NULL), LF_OK);
    assert_int_equal(plan.count, 1);
}

static void failed_step_changes_nothing(void **state)
{
    struct st_upgrade plan = {.count = 99};
    lf_error err = LF_ERROR_INIT;
    const struct st_format_step bad[] = {steps[0], {ST_FORMAT_VERSION + 1, "fails", third_fail}};
    const struct st_formats formats = {ST_FORMAT_VERSION + 2, bad, LF_COUNT(bad)};
    (void)state;
    assert_int_equal(st_upgrade_run(&options, &formats, &plan, &err), LF_E_CORRUPT);
    assert_string_equal(err.message, "the third step fails");
    assert_int_equal(plan.count, 99);
    assert_int_equal(seen("one"), LF_OK);
    assert_int_equal(seen("two"), LF_E_NOT_FOUND);
}

static void gap_is_refused(void **state)
{
    struct st_upgrade plan;
    lf_error err = LF_ERROR_INIT;
    const struct st_formats short_one = {ST_FORMAT_VERSION + 3, steps, LF_COUNT(steps)};
    const struct st_formats late_one = {ST_FORMAT_VERSION + 2, steps + 1, 1};
    (void)state;
    assert_int_equal(st_upgrade_run(&options, &short_one, &plan, &err), LF_E_VERSION);
    assert_non_null(strstr(err.message, "has no step from 3"));
    assert_int_equal(st_upgrade_check(&options, &late_one, &plan, &err), LF_E_VERSION);
    assert_non_null(strstr(err.message, "has no step from 1"));
    assert_int_equal(seen("one"), LF_OK);
}

static void nothing_is_made(void **state)
{
    struct st_upgrade plan;
    char name[96];
    struct st_options nowhere = {.path = name};
    (void)state;
    (void)snprintf(name, sizeof name, "%s/none", path);
    assert_int_equal(st_upgrade_run(&nowhere, &later, &plan, NULL), LF_E_NOT_FOUND);
    assert_int_equal(st_upgrade_check(&nowhere, &later, &plan, NULL), LF_E_NOT_FOUND);
    assert_int_not_equal(access(name, F_OK), 0);
}

static void owner_keeps_the_lock(void **state)
{
    struct st_upgrade plan;
    struct st_engine *engine = NULL;
    (void)state;
    assert_int_equal(st_engine_open(&options, &engine, NULL), LF_OK);
    assert_int_equal(st_upgrade_run(&options, &later, &plan, NULL), LF_E_PRECONDITION);
    st_engine_close(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(this_format_needs_nothing, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(steps_run_in_order, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(what_steps_did_is_there, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(failed_step_changes_nothing, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(gap_is_refused, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_made, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(owner_keeps_the_lock, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
