/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory in sdk/base: arena, buffer, secret, certificates. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/secret.h"
#include "base/status.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const uint8_t big[5000] = {1};

static lf_status arena_step(void)
{
    LF_ARENA arena;
    lf__arena_init(&arena, 1 << 20);
    for (int i = 0; i < 3; i++) {
        lf_bytes copy = lf__arena_copy(&arena, LF_BYTES_ARRAY(big));
        if (copy.ptr == NULL) {
            assert_int_equal(copy.len, 0);
            return lf__arena_status(&arena, NULL);
        }
    }
    return LF_OK;
}

static lf_status buf_step(void)
{
    LF_BUF buf;
    lf__buf_init(&buf, 1 << 20);
    for (int i = 0; i < 3; i++) {
        size_t before = buf.len;
        bool good = lf__buf_append(&buf, LF_BYTES_ARRAY(big));
        assert_int_equal(buf.len, good ? before + sizeof big : before);
    }
    assert_true(!buf.failed || !lf__buf_u8(&buf, 1)); /* one failure is kept */
    return lf__buf_status(&buf, NULL);
}

static lf_status secret_step(void)
{
    struct lf__secret *secret = lf__secret_new(32);
    if (secret == NULL) {
        return LF_E_NOMEM;
    }
    lf__secret_free(secret);
    return LF_OK;
}

static char secret_path[64];

static lf_status secret_load_step(void)
{
    LF_SECRET *secret = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = lf__secret_load(secret_path, 32, &secret, &err);
    assert_true((secret != NULL) == (rc == LF_OK) && err.status == rc);
    return rc;
}

static lf_status cert_make_step(void)
{
    LF_BUF key;
    LF_BUF cert;
    lf__buf_init(&key, 8192);
    lf__buf_init(&cert, 8192);
    lf_status rc = lf__cert_make("fault.example", 1, &key, &cert, NULL);
    assert_true(rc != LF_OK || (key.len > 0 && cert.len > 0));
    return rc;
}

static struct lf__buf pinned;

static lf_status cert_spki_step(void)
{
    struct lf__hash pin = {{7}};
    struct lf__hash untouched = {{7}};
    lf_status rc = lf__cert_spki(lf__buf_bytes(&pinned), &pin, NULL);
    assert_true(rc == LF_OK || lf__hash_eq(&pin, &untouched));
    return rc;
}

static void arena(void **state)
{
    (void)state;
    faults_sweep("arena", arena_step);
}

static void buf(void **state)
{
    (void)state;
    faults_sweep("buf", buf_step);
}

static void secret(void **state)
{
    (void)state;
    char hex[LF_HEX_SIZE(32)];
    (void)lf__hex(lf__bytes_slice(LF_BYTES_ARRAY(big), 0, 32), hex, sizeof hex);
    (void)snprintf(secret_path, sizeof secret_path, "/tmp/lianfang-fault-XXXXXX");
    int fd = mkstemp(secret_path);
    assert_true(fd >= 0 && write(fd, hex, strlen(hex)) == (ssize_t)strlen(hex));
    (void)close(fd);
    faults_sweep("secret", secret_step);
    faults_sweep("secret load", secret_load_step);
    (void)unlink(secret_path);
}

static void certificates(void **state)
{
    (void)state;
    LF_BUF key;
    lf__buf_init(&key, 8192);
    lf__buf_init(&pinned, 8192);
    assert_int_equal(lf__cert_make("fault.example", 1, &key, &pinned, NULL), LF_OK);
    faults_sweep_foreign("certificate make",
                         cert_make_step); /* OpenSSL can do without some caches */
    faults_sweep_foreign("certificate pin", cert_spki_step);
    lf__buf_done(&pinned);
}

int main(void)
{
    faults_hook_openssl();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena),
        cmocka_unit_test(buf),
        cmocka_unit_test(secret),
        cmocka_unit_test(certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
