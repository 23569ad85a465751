/* SPDX-License-Identifier: Apache-2.0 */
/* Tile names: the published paths, and every other spelling refused. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/tiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void published(void **state)
{
    (void)state;
    static const struct {
        struct lf__tile_name name;
        const char *path;
    } rows[] = {
        {{true, 0, 123456789, 256}, "tile/entries/x123/x456/789"},
        {{false, 15, 123456789, 41}, "tile/15/x123/x456/789.p/41"},
        {{false, 63, 999999999999999999, 255}, "tile/63/x999/x999/x999/x999/x999/999.p/255"},
        {{false, 0, 1234067, 256}, "tile/0/x001/x234/067"},
        {{false, 0, 0, 256}, "tile/0/000"},
        {{true, 0, 0, 3}, "tile/entries/000.p/3"},
        {{false, 1, UINT64_MAX, 1}, "tile/1/x018/x446/x744/x073/x709/x551/615.p/1"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_BUF path;
        struct lf__tile_name got;
        lf__buf_init(&path, 256);
        assert_true(lf__tile_name_format(&rows[i].name, &path));
        assert_true(lf__bytes_eq_str(lf__buf_bytes(&path), rows[i].path));
        assert_int_equal(lf__tile_name_parse(lf__bytes_str(rows[i].path), &got, NULL), LF_OK);
        assert_true(got.is_entries == rows[i].name.is_entries && got.level == rows[i].name.level &&
                    got.number == rows[i].name.number && got.width == rows[i].name.width);
    }
}

static void refused(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/x001/x234/067.p",
        "tile/0/x001/",
        "tile/64/000",
        "tile/-1/000",
        "tile/00/000",
        "tile/01/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/",
        "tile/0/000.p/1/2",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001", /* 1 is spelled 001 */
        "tile/0/001/002",
        "tile/0/X001/002",
        "tile/0/00a",
        "tile/entries/000.q/1",
        "tile/entry/000",
        "tiles/0/000",
        "/tile/0/000",
        "tile//000",
        "tile/0/x018/x446/x744/x073/x709/x551/616", /* 2^64 */
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    };
    struct lf__tile_name got = {.width = 77};
    for (size_t i = 0; i < LF_COUNT(paths); i++) {
        assert_int_equal(lf__tile_name_parse(lf__bytes_str(paths[i]), &got, NULL), LF_E_FORMAT);
        assert_int_equal(got.width, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
