/* SPDX-License-Identifier: Apache-2.0 */
/* libsodium's guarded memory, and the 0600 files that keys live in. */
#include "base/secret.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX_BYTES = 256 };

struct lf__secret {
    uint8_t *bytes;
    size_t len;
};

struct lf__secret *lf__secret_new(size_t len)
{
    struct lf__secret *secret = sodium_init() < 0 ? NULL : calloc(1, sizeof *secret);
    if (secret == NULL) {
        return NULL;
    }
    secret->bytes = sodium_malloc(len);
    if (secret->bytes == NULL) {
        free(secret);
        return NULL;
    }
    sodium_memzero(secret->bytes, len);
    secret->len = len;
    return secret;
}

void lf__secret_free(struct lf__secret *secret)
{
    if (secret != NULL) {
        sodium_free(secret->bytes);
        free(secret);
    }
}

uint8_t *lf__secret_bytes(struct lf__secret *secret)
{
    return secret->bytes;
}

const uint8_t *lf__secret_view(const struct lf__secret *secret)
{
    return secret->bytes;
}

size_t lf__secret_len(const struct lf__secret *secret)
{
    return secret->len;
}

void lf__secret_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

static lf_status secret_read(const char *path, char *text, size_t size, size_t *out, lf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int cause = errno;
        return lf__fail_cause(err, cause == ENOENT ? LF_E_NOT_FOUND : LF_E_IO, cause,
                              "%s: cannot be opened: %s", path, strerror(cause));
    }
    ssize_t n = read(fd, text, size);
    int cause = errno;
    (void)close(fd);
    if (n < 0) {
        return lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be read", path);
    }
    *out = (size_t)n;
    return LF_OK;
}

lf_status lf__secret_load(const char *path, size_t len, struct lf__secret **out, lf_error *err)
{
    char text[2 * SECRET_MAX_BYTES + 2];
    size_t n = 0;
    lf_status rc = secret_read(path, text, sizeof text, &n, err);
    if (rc != LF_OK) {
        return rc;
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) {
        n--;
    }
    struct lf__secret *secret = lf__secret_new(len);
    size_t got = 0;
    bool good = secret != NULL &&
                lf__unhex((lf_bytes){(const uint8_t *)text, n}, secret->bytes, len, &got) &&
                got == len;
    sodium_memzero(text, sizeof text);
    if (secret == NULL) {
        return lf__fail(err, LF_E_NOMEM, "%s: out of memory", path);
    }
    if (!good) {
        lf__secret_free(secret);
        return lf__fail(err, LF_E_FORMAT, "%s: not %zu bytes in hex", path, len);
    }
    *out = secret;
    return LF_OK;
}

lf_status lf__secret_save(const char *path, const struct lf__secret *secret, lf_error *err)
{
    char text[2 * SECRET_MAX_BYTES + 2];
    if (secret->len > SECRET_MAX_BYTES) {
        return lf__fail(err, LF_E_ARG, "%s: secret longer than %d bytes", path, SECRET_MAX_BYTES);
    }
    size_t n = lf__hex((lf_bytes){secret->bytes, secret->len}, text, sizeof text);
    text[n++] = '\n';
    lf_status rc = lf__file_make(path, (lf_bytes){(const uint8_t *)text, n}, 0600, err);
    sodium_memzero(text, sizeof text);
    return rc;
}
