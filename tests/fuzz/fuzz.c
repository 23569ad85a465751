/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements, pieces of inputs, and files for parsers that read by path. */
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FUZZ_MARK = 0xa5, FUZZ_FILES_MAX = 8 };

void fuzz_broken(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

lf_bytes fuzz_piece(struct lf__reader *r)
{
    uint16_t len = 0;
    lf_bytes piece = LF_BYTES_NONE;
    if (!lf__read_u16be(r, &len) || !lf__read_bytes(r, len, &piece)) {
        piece = r->rest;
        r->rest = LF_BYTES_NONE;
    }
    return piece;
}

unsigned fuzz_choice(struct lf__reader *r, unsigned count)
{
    uint8_t byte = 0;
    (void)lf__read_u8(r, &byte);
    return byte % count;
}

void fuzz_mark(void *bytes, size_t len)
{
    memset(bytes, FUZZ_MARK, len);
}

int fuzz_is_marked(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++) {
        if (p[i] != FUZZ_MARK) {
            return 0;
        }
    }
    return 1;
}

static char fuzz_dir[64];
static char fuzz_names[FUZZ_FILES_MAX][128];

static void files_remove(void)
{
    for (size_t i = 0; i < FUZZ_FILES_MAX && fuzz_names[i][0] != '\0'; i++) {
        (void)unlink(fuzz_names[i]);
    }
    (void)rmdir(fuzz_dir);
}

static void name_keep(const char *path)
{
    size_t i = 0;
    while (i < FUZZ_FILES_MAX && fuzz_names[i][0] != '\0' && strcmp(fuzz_names[i], path) != 0) {
        i++;
    }
    FUZZ_REQUIRE(i < FUZZ_FILES_MAX);
    (void)snprintf(fuzz_names[i], sizeof fuzz_names[i], "%s", path);
}

const char *fuzz_file(const char *name, lf_bytes bytes)
{
    static char path[128];
    if (fuzz_dir[0] == '\0') {
        (void)snprintf(fuzz_dir, sizeof fuzz_dir, "/tmp/lianfang-fuzz-XXXXXX");
        FUZZ_REQUIRE(mkdtemp(fuzz_dir) != NULL && atexit(files_remove) == 0);
    }
    (void)snprintf(path, sizeof path, "%s/%s", fuzz_dir, name);
    name_keep(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_REQUIRE(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    (void)close(fd);
    return path;
}
