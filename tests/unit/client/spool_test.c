/* SPDX-License-Identifier: Apache-2.0 */
/* What a spool still knows after every kind of end, and that it does not take damage for one. */
#include "client/spool.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char room[64];
static char dir[96];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(room, sizeof room, "/tmp/lf-spool-XXXXXX");
    assert_non_null(mkdtemp(room));
    (void)snprintf(dir, sizeof dir, "%s/spool", room);
    return 0;
}

static int tear_down(void **state)
{
    char path[512];
    DIR *list = opendir(dir);
    (void)state;
    for (struct dirent *e = list == NULL ? NULL : readdir(list); e != NULL; e = readdir(list)) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        (void)unlink(path);
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    (void)rmdir(dir);
    return rmdir(room);
}

static struct lf__spool *open_good(void)
{
    struct lf__spool *spool = NULL;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__spool_open(dir, &spool, &err), LF_OK);
    return spool;
}

static void append(struct lf__spool *spool, const char *text)
{
    assert_int_equal(lf__spool_append(spool, lf__bytes_str(text), NULL), LF_OK);
}

/* What is there, in order, as one text. */
static void holds(struct lf__spool *spool, const char *want)
{
    LF_BUF all;
    uint64_t sequence = 0;
    lf__buf_init(&all, 1 << 20);
    while (lf__spool_next(spool, sequence, &sequence)) {
        assert_int_equal(lf__spool_read(spool, sequence, &all, NULL), LF_OK);
        assert_true(lf__buf_u8(&all, ' '));
    }
    assert_true(lf__buf_u8(&all, 0));
    assert_string_equal((const char *)all.ptr, want);
}

static void segment_path(char *out, size_t size, unsigned first)
{
    (void)snprintf(out, size, "%s/%016x.seg", dir, first);
}

static off_t segment_size(void)
{
    char path[160];
    struct stat status;
    segment_path(path, sizeof path, 1);
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

static void test_lives_on(void **state)
{
    (void)state;
    struct lf__spool *spool = open_good();
    append(spool, "one");
    append(spool, "two");
    append(spool, "three");
    holds(spool, "one two three ");
    assert_int_equal(lf__spool_answered(spool, 2, NULL), LF_OK);
    assert_int_equal(lf__spool_answered(spool, 2, NULL), LF_OK); /* known already */
    holds(spool, "one three ");
    lf__spool_close(spool);
    spool = open_good();
    assert_int_equal(lf__spool_inherited(spool), 3);
    holds(spool, "one three ");
    append(spool, "four");
    holds(spool, "one three four ");
    lf__spool_close(spool);
}

/* An answered spool is empty, and an empty one leaves nothing behind. */
static void test_trims(void **state)
{
    (void)state;
    struct lf__spool *spool = open_good();
    for (uint64_t i = 1; i <= 5; i++) {
        append(spool, "x");
    }
    for (uint64_t i = 5; i >= 1; i--) {
        assert_int_equal(lf__spool_answered(spool, i, NULL), LF_OK);
    }
    assert_int_equal(segment_size(), 0);
    append(spool, "late");
    holds(spool, "late ");
    assert_int_equal(lf__spool_answered(spool, 6, NULL), LF_OK);
    lf__spool_close(spool);
    assert_int_not_equal(access(dir, F_OK), 0);
}

static void test_one_owner(void **state)
{
    struct lf__spool *second = NULL;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    struct lf__spool *spool = open_good();
    append(spool, "mine");
    assert_int_equal(lf__spool_open(dir, &second, &err), LF_E_PRECONDITION);
    assert_null(second);
    lf__spool_close(spool);
    spool = open_good();
    holds(spool, "mine ");
    lf__spool_close(spool);
}

/* Cut at every byte of its last frame, the spool is what it was before that frame. */
static void test_torn(void **state)
{
    char path[160];
    (void)state;
    segment_path(path, sizeof path, 1);
    struct lf__spool *spool = open_good();
    append(spool, "one");
    off_t good = segment_size();
    append(spool, "second");
    off_t whole = segment_size();
    lf__spool_close(spool);
    for (off_t cut = whole - 1; cut >= good; cut--) {
        assert_int_equal(truncate(path, cut), 0);
        spool = open_good();
        holds(spool, "one ");
        assert_int_equal(segment_size(), good);
        append(spool, "second");
        holds(spool, "one second ");
        lf__spool_close(spool);
    }
    assert_int_equal(truncate(path, whole + 4096), 0); /* room that was never written */
    spool = open_good();
    holds(spool, "one second ");
    lf__spool_close(spool);
}

static void flip(const char *path, off_t at)
{
    uint8_t byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(close(fd), 0);
}

/* A flipped bit before the last frame is damage, named and refused; nothing is cut off or lost. */
static void test_damage(void **state)
{
    char path[160];
    (void)state;
    segment_path(path, sizeof path, 1);
    struct lf__spool *spool = open_good();
    append(spool, "one");
    off_t first = segment_size();
    append(spool, "two");
    off_t whole = segment_size();
    lf__spool_close(spool);
    for (off_t at = 0; at < first; at++) {
        struct lf__spool *opened = NULL;
        lf_error err = LF_ERROR_INIT;
        flip(path, at);
        assert_int_equal(lf__spool_open(dir, &opened, &err), LF_E_CORRUPT);
        assert_non_null(strstr(err.message, ".seg is damaged at 0"));
        assert_null(opened);
        assert_int_equal(segment_size(), whole);
        flip(path, at);
    }
    spool = open_good();
    holds(spool, "one two ");
    flip(path, 20); /* while it is open */
    LF_BUF out;
    lf__buf_init(&out, 1024);
    assert_int_equal(lf__spool_read(spool, 1, &out, NULL), LF_E_CORRUPT);
    assert_int_equal(out.len, 0);
    lf__spool_close(spool);
}

/* Segments are left behind as they are answered, oldest first. */
static void test_segments(void **state)
{
    enum { EACH = 3 << 20 };
    char path[160];
    (void)state;
    char *big = malloc(EACH + 1);
    assert_non_null(big);
    memset(big, 'b', EACH);
    big[EACH] = '\0';
    struct lf__spool *spool = open_good();
    for (int i = 0; i < 7; i++) {
        append(spool, big);
    }
    free(big);
    segment_path(path, sizeof path, 4);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(lf__spool_answered(spool, 4, NULL), LF_OK);
    assert_int_equal(lf__spool_answered(spool, 5, NULL), LF_OK);
    assert_int_equal(lf__spool_answered(spool, 6, NULL), LF_OK);
    lf__spool_close(spool);
    spool = open_good();
    uint64_t sequence = 0;
    unsigned count = 0;
    while (lf__spool_next(spool, sequence, &sequence)) {
        count++;
    }
    assert_int_equal(count, 4);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(lf__spool_answered(spool, i, NULL), LF_OK);
    }
    segment_path(path, sizeof path, 1);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(lf__spool_answered(spool, 7, NULL), LF_OK);
    lf__spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lives_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_trims, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_torn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_segments, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
