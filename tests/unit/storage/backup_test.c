/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed stream gives back every row, and nothing of it can be changed, cut, swapped or added to. */
#include "base/bytes.h"
#include "base/status.h"
#include "storage/backup.h"
#include "storage/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 300, LONG_VALUE = 200000, FILE_MAX = 1 << 22 };

struct world {
    char path[64];
    char from[96];
    char to[96];
    char file[96];
    struct lf__secret *key;
    struct lf__buf bytes; /* of the backup */
};

static void engine_open(const char *path, struct st_engine **out)
{
    struct st_options options = {.path = path, .map_bytes = 1 << 28};
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(st_engine_open(&options, out, &err), LF_OK);
}

/* Values of every length around a chunk, empty ones, and one over several chunks. */
static void rows_put(struct st_engine *engine)
{
    static uint8_t value[LONG_VALUE];
    struct st_txn *txn = NULL;
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    for (unsigned i = 0; i < ROWS; i++) {
        uint8_t key[4];
        lf__put_u32be(key, i);
        memset(value, (int)i, sizeof value);
        size_t len = i == 7 ? sizeof value : i * 5;
        lf_bytes bytes = {value, len};
        assert_int_equal(st_put(txn, i % ST_TABLES, LF_BYTES_ARRAY(key), bytes, NULL), LF_OK);
    }
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
}

static void file_write(struct world *w)
{
    struct st_engine *engine = NULL;
    struct st_txn *txn = NULL;
    struct st_backup_head head = {.kind = ST_BACKUP_KEY_FILE, .salt = {1, 2, 3}};
    uint64_t rows = 0;
    engine_open(w->from, &engine);
    rows_put(engine);
    int fd = open(w->file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_backup_write(txn, fd, &head, w->key, &rows, NULL), LF_OK);
    assert_int_equal(rows, ROWS);
    st_txn_abort(txn);
    st_engine_close(engine);
    off_t len = lseek(fd, 0, SEEK_END);
    uint8_t *bytes = lf__buf_extend(&w->bytes, (size_t)len);
    assert_true(bytes != NULL && pread(fd, bytes, (size_t)len, 0) == len);
    (void)close(fd);
}

static int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->path, sizeof w->path, "/tmp/lf-backup-XXXXXX");
    assert_non_null(mkdtemp(w->path));
    (void)snprintf(w->from, sizeof w->from, "%s/from", w->path);
    (void)snprintf(w->to, sizeof w->to, "%s/to", w->path);
    (void)snprintf(w->file, sizeof w->file, "%s/file", w->path);
    w->key = lf__secret_new(LF_SEAL_KEY);
    lf__buf_init(&w->bytes, FILE_MAX);
    file_write(w);
    *state = w;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", w->path);
    int rc = system(command);
    lf__secret_free(w->key);
    lf__buf_done(&w->bytes);
    free(w);
    return rc;
}

/* Reads these bytes as a backup into an empty store, which is left open. */
static lf_status restore(struct world *w, lf_bytes bytes, struct st_engine **engine)
{
    struct st_backup_head head;
    char command[160];
    uint64_t rows = 0;
    (void)snprintf(command, sizeof command, "rm -rf %s", w->to);
    assert_int_equal(system(command), 0);
    int fd = open(w->file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    engine_open(w->to, engine);
    lf_status rc = st_backup_head_read(fd, &head, NULL);
    rc = rc == LF_OK ? st_backup_read(fd, &head, w->key, *engine, &rows, NULL) : rc;
    (void)close(fd);
    return rc;
}

static bool is_refused(struct world *w, lf_bytes bytes)
{
    struct st_engine *engine = NULL;
    lf_status rc = restore(w, bytes, &engine);
    st_engine_close(engine);
    return rc == LF_E_SIGNATURE || rc == LF_E_FORMAT;
}

static void differ_never(void *user, lf_bytes key, bool in_a, bool in_b)
{
    (void)user;
    (void)key;
    fail_msg("a row differs: %d %d", in_a, in_b);
}

static void every_row_comes_back(void **state)
{
    struct world *w = *state;
    struct st_engine *a = NULL;
    struct st_engine *b = NULL;
    struct st_compare compare = {.differ = differ_never};
    assert_int_equal(restore(w, lf__buf_bytes(&w->bytes), &b), LF_OK);
    engine_open(w->from, &a);
    assert_int_equal(st_txn_begin(a, ST_READ, &compare.a, NULL), LF_OK);
    assert_int_equal(st_txn_begin(b, ST_READ, &compare.b, NULL), LF_OK);
    for (compare.table = 0; compare.table < ST_TABLES; compare.table++) {
        assert_int_equal(st_check_compare(&compare, NULL), LF_OK);
    }
    st_txn_abort(compare.a);
    st_txn_abort(compare.b);
    st_engine_close(a);
    st_engine_close(b);
}

static void any_change_is_refused(void **state)
{
    struct world *w = *state;
    lf_bytes good = lf__buf_bytes(&w->bytes);
    /* The head, the seal's header, the first length and its chunk; then here and there. */
    for (size_t at = 0; at < good.len; at += at < 90 ? 1 : 40009) {
        w->bytes.ptr[at] ^= 1;
        if (!is_refused(w, good)) {
            fail_msg("byte %zu changed, and was taken", at);
        }
        w->bytes.ptr[at] ^= 1;
    }
    for (size_t len = 0; len < good.len; len += len < 90 ? 1 : 40009) {
        assert_true(is_refused(w, lf__bytes_slice(good, 0, len)));
    }
    assert_true(lf__buf_u8(&w->bytes, 0)); /* one more */
    assert_true(is_refused(w, lf__buf_bytes(&w->bytes)));
}

/* Two chunks of the same length, the one in the place of the other. */
static void chunks_do_not_swap(void **state)
{
    struct world *w = *state;
    size_t first = 18 + 1 + LF_SEAL_SALT + LF_SEAL_HEADER;
    size_t len = 4 + (size_t)lf__get_u32be(w->bytes.ptr + first);
    uint8_t *kept = malloc(len);
    assert_true(kept != NULL && w->bytes.len > first + 2 * len);
    assert_int_equal(lf__get_u32be(w->bytes.ptr + first + len) + 4, len);
    memcpy(kept, w->bytes.ptr + first, len);
    memcpy(w->bytes.ptr + first, w->bytes.ptr + first + len, len);
    memcpy(w->bytes.ptr + first + len, kept, len);
    free(kept);
    assert_true(is_refused(w, lf__buf_bytes(&w->bytes)));
}

static void another_key_opens_nothing(void **state)
{
    struct world *w = *state;
    lf__secret_bytes(w->key)[31] ^= 1;
    assert_true(is_refused(w, lf__buf_bytes(&w->bytes)));
}

static void a_passphrase_makes_the_same_key_from_the_same_salt(void **state)
{
    uint8_t salt[LF_SEAL_SALT] = {9};
    struct lf__secret *keys[3];
    (void)state;
    assert_int_equal(lf__seal_key(lf__bytes_str("words"), salt, &keys[0], NULL), LF_OK);
    assert_int_equal(lf__seal_key(lf__bytes_str("words"), salt, &keys[1], NULL), LF_OK);
    salt[0]++;
    assert_int_equal(lf__seal_key(lf__bytes_str("words"), salt, &keys[2], NULL), LF_OK);
    assert_memory_equal(lf__secret_view(keys[0]), lf__secret_view(keys[1]), LF_SEAL_KEY);
    assert_memory_not_equal(lf__secret_view(keys[0]), lf__secret_view(keys[2]), LF_SEAL_KEY);
    for (size_t i = 0; i < LF_COUNT(keys); i++) {
        lf__secret_free(keys[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_comes_back, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(any_change_is_refused, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(chunks_do_not_swap, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(another_key_opens_nothing, world_setup, world_teardown),
        cmocka_unit_test(a_passphrase_makes_the_same_key_from_the_same_salt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
