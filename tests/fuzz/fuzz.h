/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz.h - what the targets share: one entrance, requirements, and pieces of an input. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/reader.h"

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's name; replay.c calls it for every file of a corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stops the process, in release builds too, and says what does not hold. */
#define FUZZ_REQUIRE(cond)                                                                         \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fuzz_broken(__FILE__, __LINE__, #cond);                                                \
        }                                                                                          \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

enum { FUZZ_ARENA_BYTES = 8 << 20 };

/* The next piece, u16be length and bytes; the rest of the input when it says more than there is. */
lf_bytes fuzz_piece(struct lf__reader *r);
/* A selector below `count`; 0 when nothing is left. */
unsigned fuzz_choice(struct lf__reader *r, unsigned count);
/* Fills `bytes` with a pattern, to see later that it is untouched. */
void fuzz_mark(void *bytes, size_t len);
int fuzz_is_marked(const void *bytes, size_t len);

/* A file of this process alone that holds `bytes`, made anew by every call with the same `name`
 * (a plain file name). The path is borrowed until the next call. */
const char *fuzz_file(const char *name, lf_bytes bytes);

#endif
