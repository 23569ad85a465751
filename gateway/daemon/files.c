/* SPDX-License-Identifier: Apache-2.0 */
/* Files: read whole, made once, never written over. */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "core/origin.h"
#include "core/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_SEED = 32, FILES_CERT_DAYS = 3650 };

lf_status gw_path(const char *dir, const char *name, char out[static GW_PATH_MAX], lf_error *err)
{
    int n = snprintf(out, GW_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < GW_PATH_MAX ? LF_OK : lf__fail(err, LF_E_ARG, "%s: path is too long", name);
}

lf_status gw_file_read(const char *path, struct lf__buf *out, lf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return lf__fail_cause(err, errno == ENOENT ? LF_E_NOT_FOUND : LF_E_IO, errno,
                              "%s: cannot be opened: %s", path, strerror(errno));
    }
    uint8_t chunk[4096];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        (void)lf__buf_append(out, (lf_bytes){chunk, (size_t)n});
    }
    int cause = errno;
    (void)close(fd);
    return n == 0 ? lf__buf_status(out, err)
                  : lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be read", path);
}

lf_status gw_file_write(const char *path, lf_bytes bytes, unsigned mode, lf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return lf__fail_cause(err, errno == EEXIST ? LF_E_EXISTS : LF_E_IO, errno,
                              "%s: cannot be made: %s", path, strerror(errno));
    }
    bool good = write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len && fsync(fd) == 0;
    int cause = errno;
    good = close(fd) == 0 && good;
    return good ? LF_OK
                : lf__fail_cause(err, cause == ENOSPC ? LF_E_FULL : LF_E_IO, cause,
                                 "%s: cannot be written: %s", path, strerror(cause));
}

bool gw_file_is_open(const char *path)
{
    struct stat is;
    return stat(path, &is) == 0 && (is.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

lf_status gw_dir_make(const char *path, lf_error *err)
{
    return mkdir(path, 0700) == 0
               ? LF_OK
               : lf__fail_cause(err, errno == EEXIST ? LF_E_EXISTS : LF_E_IO, errno,
                                "%s: cannot be made: %s", path, strerror(errno));
}

lf_status gw_secret_load_or_make(const char *dir, const char *name, struct lf__secret **out,
                                 lf_error *err)
{
    char path[GW_PATH_MAX];
    lf_status rc = gw_path(dir, name, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, FILES_SEED, out, err) : rc;
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    LF_SECRET *made = lf__secret_new(FILES_SEED);
    if (made == NULL) {
        return lf__fail(err, LF_E_NOMEM, "%s: out of memory", name);
    }
    lf__random(lf__secret_bytes(made), FILES_SEED);
    rc = lf__secret_save(path, made, err);
    if (rc == LF_OK) {
        *out = made;
        made = NULL;
    }
    return rc;
}

lf_status gw_vkey_put(struct lf__buf *out, const char *name, const char *log,
                      const struct lf__secret *seed, lf_error *err)
{
    return gw_vkey_put_numbered(out, &(struct gw_log_name){name, log, 1}, seed, err);
}

lf_status gw_vkey_put_numbered(struct lf__buf *out, const struct gw_log_name *of,
                               const struct lf__secret *seed, lf_error *err)
{
    char origin[LF_NOTE_NAME_MAX + 1];
    struct lf__note_key key;
    struct lf__public_key public_key = lf__sign_public(seed);
    bool is_witness = strcmp(of->log, "witness") == 0;
    lf_status rc = lf__origin_make(of->gateway, of->log, of->number, origin, err);
    if (rc == LF_OK) {
        rc = is_witness ? lf__note_key_make_cosigner(origin, &public_key, &key, err)
                        : lf__note_key_make(origin, &public_key, &key, err);
    }
    if (rc == LF_OK) {
        (void)lf__buf_printf(out, "%s = ", of->log);
        (void)lf__note_key_format(&key, out);
        (void)lf__buf_str(out, "\n");
        rc = lf__buf_status(out, err);
    }
    return rc;
}

lf_status gw_config_write(const struct gw_init_options *options, lf_error *err)
{
    LF_BUF text;
    char path[GW_PATH_MAX];
    lf__buf_init(&text, 4096);
    (void)lf__buf_printf(&text, "[gateway]\nname = %s\nlisten = %s\n", options->name,
                         options->listen);
    if (options->http != NULL) {
        (void)lf__buf_printf(&text, "\n[http]\nlisten = %s\n", options->http);
    }
    lf_status rc = gw_path(options->dir, "gateway.conf", path, err);
    return rc == LF_OK ? gw_file_write(path, lf__buf_bytes(&text), 0600, err) : rc;
}

lf_status gw_secret_make(const char *dir, const char *name, struct lf__secret **out, lf_error *err)
{
    char path[GW_PATH_MAX];
    struct lf__secret *seed = lf__secret_new(FILES_SEED);
    if (seed == NULL) {
        return lf__fail(err, LF_E_NOMEM, "key: out of memory");
    }
    lf__random(lf__secret_bytes(seed), FILES_SEED);
    lf_status rc = gw_path(dir, name, path, err);
    rc = rc == LF_OK ? lf__secret_save(path, seed, err) : rc;
    if (rc != LF_OK) {
        lf__secret_free(seed);
        return rc;
    }
    *out = seed;
    return LF_OK;
}

lf_status gw_tls_make(const char *dir, const char *name, struct lf__buf *cert_out, lf_error *err)
{
    LF_BUF key;
    LF_BUF cert;
    char path[GW_PATH_MAX];
    lf__buf_init(&key, 8192);
    lf__buf_init(&cert, 8192);
    lf_status rc = lf__cert_make(name, FILES_CERT_DAYS, &key, &cert, err);
    rc = rc == LF_OK ? gw_path(dir, "tls.key", path, err) : rc;
    rc = rc == LF_OK ? gw_file_write(path, lf__buf_bytes(&key), 0600, err) : rc;
    rc = rc == LF_OK ? gw_path(dir, "tls.crt", path, err) : rc;
    rc = rc == LF_OK ? gw_file_write(path, lf__buf_bytes(&cert), 0644, err) : rc;
    if (key.ptr != NULL) {
        lf__secret_wipe(key.ptr, key.len);
    }
    (void)lf__buf_append(cert_out, lf__buf_bytes(&cert));
    return rc;
}
