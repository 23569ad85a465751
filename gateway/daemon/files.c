/* SPDX-License-Identifier: Apache-2.0 */
/* What init and keygen make: directories, secrets, certificates, the configuration. */
#define _GNU_SOURCE /* nftw() */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "core/origin.h"
#include "core/note.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_SEED = 32, FILES_CERT_DAYS = 3650 };

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

static int unmake_one(const char *path, const struct stat *is, int what, struct FTW *at)
{
    (void)is;
    (void)what;
    (void)at;
    return remove(path);
}

void gw_dir_unmake(const char *path)
{
    enum { UNMAKE_OPEN = 16 };
    (void)nftw(path, unmake_one, UNMAKE_OPEN, FTW_DEPTH | FTW_PHYS);
}

lf_status gw_secret_load_or_make(const char *dir, const char *name, struct lf__secret **out,
                                 lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = lf__path(dir, name, path, err);
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
    char path[LF_PATH_MAX];
    lf__buf_init(&text, 4096);
    (void)lf__buf_printf(&text, "[gateway]\nname = %s\nlisten = %s\n", options->name,
                         options->listen);
    if (options->http != NULL) {
        (void)lf__buf_printf(&text, "\n[http]\nlisten = %s\n", options->http);
    }
    lf_status rc = lf__path(options->dir, "gateway.conf", path, err);
    return rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&text), 0600, err) : rc;
}

lf_status gw_secret_make(const char *dir, const char *name, struct lf__secret **out, lf_error *err)
{
    char path[LF_PATH_MAX];
    struct lf__secret *seed = lf__secret_new(FILES_SEED);
    if (seed == NULL) {
        return lf__fail(err, LF_E_NOMEM, "key: out of memory");
    }
    lf__random(lf__secret_bytes(seed), FILES_SEED);
    lf_status rc = lf__path(dir, name, path, err);
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
    char path[LF_PATH_MAX];
    lf__buf_init(&key, 8192);
    lf__buf_init(&cert, 8192);
    lf_status rc = lf__cert_make(name, FILES_CERT_DAYS, &key, &cert, err);
    rc = rc == LF_OK ? lf__path(dir, "tls.key", path, err) : rc;
    rc = rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&key), 0600, err) : rc;
    rc = rc == LF_OK ? lf__path(dir, "tls.crt", path, err) : rc;
    rc = rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&cert), 0644, err) : rc;
    if (key.ptr != NULL) {
        lf__secret_wipe(key.ptr, key.len);
    }
    (void)lf__buf_append(cert_out, lf__buf_bytes(&cert));
    return rc;
}
