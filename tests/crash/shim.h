/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/crash/shim.h - stands between the engine and the kernel: every call that writes or flushes a
 * regular file, or names one, passes here, is counted, and can be recorded or made to fail.
 *
 * The definitions in the program take the place of libc's for the engine's shared library too. Loaded before another program,
 * SHIM_FAULT=NAME:AT in its environment is shim_fail(), and SHIM_COUNT=FILE gets the number of its calls when it exits.
 */
#ifndef TEST_SHIM_H
#define TEST_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum shim_fault {
    SHIM_NONE,
    SHIM_EIO,         /* nothing happens, EIO */
    SHIM_EIO_DONE,    /* it happens, and EIO is reported all the same */
    SHIM_EIO_FOREVER, /* this call and every later one */
    SHIM_ENOSPC,
    SHIM_SHORT,       /* half is written; a flush fails with EIO */
    SHIM_KILL_BEFORE, /* SIGKILL in place of the call */
    SHIM_KILL_AFTER,
    SHIM_FAULTS
};
extern const char *const shim_fault_names[SHIM_FAULTS];

/* The call number `at` (from 1) fails this way. 0: none. Resets the count. */
void shim_fail(enum shim_fault fault, unsigned at);
/* Calls since shim_fail() or the start. */
unsigned shim_count(void);

/* What reached the kernel, in order. */
enum shim_what { SHIM_WRITE, SHIM_FLUSH, SHIM_RENAME, SHIM_MARK };
struct shim_event {
    enum shim_what what;
    bool is_durable; /* a write through a descriptor that flushes itself */
    off_t offset;
    size_t len;
    const uint8_t *bytes;
    uint64_t mark;
};
/* Records what happens to data.mdb and to the file that becomes it, until stopped. */
void shim_record(bool on);
/* The submitter was told: everything up to `value` is safe. */
void shim_mark(uint64_t value);
const struct shim_event *shim_events(size_t *count);
void shim_forget(void);

/* Extra flags for every mdb_env_open() of this program: the way to run it unsafely on purpose. */
void shim_env_flags(unsigned flags);

#endif
