/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/support/faults.h - sweeps over failing allocations: the n-th fails, then the n-th and all later
 * ones, for n = 1, 2, ... until the step meets none. Link with lf_faults: malloc, calloc, realloc, free
 * and sodium_malloc of the objects under test go through it; OpenSSL's go through its own hook.
 * Threads: one.
 */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

#include <lianfang/base.h>
#include <stdbool.h>

/* One whole operation: makes what it needs, frees it again, checks that its outputs are untouched
 * after a failure, and returns what the operation did. */
typedef lf_status (*faults_step)(void);

/* After a failed allocation the step must return E_NOMEM; without one it must return OK. What it allocated
 * must be free at its end. Fails the cmocka test otherwise. The step is run once before, so that what lives
 * as long as a thread exists. */
void faults_sweep(const char *name, faults_step step);
/* For steps inside OpenSSL, which does without some allocations and does not always name memory as the
 * cause: the step checks its outputs, and must not crash or leak. */
void faults_sweep_foreign(const char *name, faults_step step);
/* Lets OpenSSL allocate through the hook. First thing in main(). */
void faults_hook_openssl(void);

#endif
