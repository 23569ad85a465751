/* SPDX-License-Identifier: Apache-2.0 */
/* The counting allocators behind --wrap, and the loop over n. */
#include "support/faults.h"

#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FAULTS_MAX = 100000 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_sodium_malloc(size_t size);
void __real_free(void *pointer);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_sodium_malloc(size_t size);
void __wrap_free(void *pointer);

static struct {
    bool is_on;
    bool is_all_later;
    unsigned fail_at;
    unsigned calls;
    unsigned failed;
    long live; /* allocations minus releases while on */
} faults;

static bool fault_now(void)
{
    if (!faults.is_on) {
        return false;
    }
    faults.calls++;
    bool fails =
        faults.is_all_later ? faults.calls >= faults.fail_at : faults.calls == faults.fail_at;
    faults.failed += fails ? 1 : 0;
    return fails;
}

static void *counted(void *made)
{
    faults.live += faults.is_on && made != NULL ? 1 : 0;
    return made;
}

void *__wrap_malloc(size_t size)
{
    return fault_now() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fault_now() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    if (fault_now()) {
        return NULL;
    }
    void *made = __real_realloc(old, size);
    return old == NULL ? counted(made) : made;
}

/* Not counted as live: sodium_free is not ours to count. */
void *__wrap_sodium_malloc(size_t size)
{
    return fault_now() ? NULL : __real_sodium_malloc(size);
}

void __wrap_free(void *pointer)
{
    faults.live -= faults.is_on && pointer != NULL ? 1 : 0;
    __real_free(pointer);
}

/* OpenSSL keeps what it allocates for later: failures are injected, releases are ASan's to judge. */
static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fault_now() ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fault_now() ? NULL : __real_realloc(old, size);
}

static void openssl_free(void *pointer, const char *file, int line)
{
    (void)file;
    (void)line;
    __real_free(pointer);
}

void faults_hook_openssl(void)
{
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1) {
        (void)fprintf(stderr, "OpenSSL has allocated before the hook\n");
        abort();
    }
}

/* True when the step met a fault. */
static bool step_run(const char *name, faults_step step, unsigned n, bool is_all_later,
                     bool is_foreign)
{
    faults.is_all_later = is_all_later;
    faults.fail_at = n;
    faults.calls = 0;
    faults.failed = 0;
    faults.live = 0;
    faults.is_on = true;
    lf_status rc = step();
    faults.is_on = false;
    bool good = faults.failed == 0 ? rc == LF_OK : rc == LF_E_NOMEM || is_foreign;
    if (!good || faults.live != 0) {
        fail_msg("%s: allocation %u%s: status %s, %ld allocations not released", name, n,
                 is_all_later ? " and all later" : "", lf_status_name(rc), faults.live);
    }
    return faults.failed > 0;
}

static void sweep(const char *name, faults_step step, bool is_foreign)
{
    unsigned met = 0;
    assert_int_equal(step(), LF_OK);
    for (int is_all_later = 0; is_all_later < 2; is_all_later++) {
        unsigned n = 1;
        while (n < FAULTS_MAX && step_run(name, step, n, is_all_later == 1, is_foreign)) {
            n++;
        }
        assert_true(n < FAULTS_MAX);
        met += n - 1;
    }
    assert_true(met > 0); /* a sweep that met nothing would prove nothing */
    (void)printf("%s: %u failures\n", name, met);
}

void faults_sweep(const char *name, faults_step step)
{
    sweep(name, step, false);
}

void faults_sweep_foreign(const char *name, faults_step step)
{
    sweep(name, step, true);
}
