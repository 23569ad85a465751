/* SPDX-License-Identifier: Apache-2.0 */
/* A new member's directory, and the authority's keys. Private bytes go into a 0600 file or nowhere. */
#include "base/file.h"
#include "client/papers.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYGEN_DAYS = 1095, KEYGEN_PEM_MAX = 65536 };

static lf_status secret_make(const char *path, struct lf__secret **out, lf_error *err)
{
    struct lf__secret *secret = lf__secret_new(PAPER_SEED);
    if (secret == NULL) {
        return lf__fail(err, LF_E_NOMEM, "key: out of memory");
    }
    lf__random(lf__secret_bytes(secret), PAPER_SEED);
    lf_status rc = lf__secret_save(path, secret, err);
    if (rc != LF_OK) {
        lf__secret_free(secret);
        return rc;
    }
    *out = secret;
    return LF_OK;
}

static lf_status secret_in(const char *dir, const char *name, lf_error *err)
{
    char path[LF_PATH_MAX];
    LF_SECRET *secret = NULL;
    lf_status rc = lf__path(dir, name, path, err);
    return rc == LF_OK ? secret_make(path, &secret, err) : rc;
}

static lf_status file_in(const char *dir, const char *name, lf_bytes bytes, unsigned mode,
                         lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = lf__path(dir, name, path, err);
    return rc == LF_OK ? lf__file_make(path, bytes, mode, err) : rc;
}

static lf_status tls_make(const lf_keygen *options, lf_error *err)
{
    LF_BUF key;
    LF_BUF cert;
    lf__buf_init(&key, KEYGEN_PEM_MAX);
    lf__buf_init(&cert, KEYGEN_PEM_MAX);
    lf_status rc = lf__cert_make(options->member, options->days > 0 ? options->days : KEYGEN_DAYS,
                                 &key, &cert, err);
    rc = rc == LF_OK ? file_in(options->dir, "tls.key", lf__buf_bytes(&key), 0600, err) : rc;
    rc = rc == LF_OK ? file_in(options->dir, "tls.crt", lf__buf_bytes(&cert), 0644, err) : rc;
    if (key.ptr != NULL) {
        lf__secret_wipe(key.ptr, key.len);
    }
    return rc;
}

static lf_status certificate_copy(const lf_keygen *options, lf_error *err)
{
    LF_BUF pem;
    struct lf__hash spki;
    lf__buf_init(&pem, KEYGEN_PEM_MAX);
    if (options->certificate == NULL) {
        return LF_OK;
    }
    lf_status rc = lf__file_read(options->certificate, &pem, err);
    rc = rc == LF_OK ? lf__cert_spki(lf__buf_bytes(&pem), &spki, err) : rc;
    return rc == LF_OK ? file_in(options->dir, "gateway.crt", lf__buf_bytes(&pem), 0644, err) : rc;
}

/* A line with its value, or a reminder of what is still to be filled in. */
static void line_put(struct lf__buf *out, const char *key, const char *value, const char *reminder)
{
    (void)(value != NULL ? lf__buf_printf(out, "%s = %s\n", key, value)
                         : lf__buf_printf(out, "; %s = %s\n", key, reminder));
}

static lf_status profile_make(const lf_keygen *options, lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, 65536);
    (void)lf__buf_printf(&text,
                         "[member]\nid = %s\nkey = sign.key\npush_secret = push.secret\n"
                         "tls_key = tls.key\ntls_cert = tls.crt\n\n[gateway]\n",
                         options->member);
    line_put(&text, "address", options->address, "HOST:PORT of the gateway");
    line_put(&text, "server_name",
             options->server_name != NULL || options->address == NULL ? options->server_name
                                                                      : "gateway",
             "the name in its certificate");
    line_put(&text, "certificate", options->certificate != NULL ? "gateway.crt" : NULL,
             "file with its certificate");
    line_put(&text, "ledger", options->ledger, "its ledger's key: NAME/ledger+...");
    line_put(&text, "access", options->access, "its access log's key: NAME/access+...");
    line_put(&text, "witness", options->witness, "its witness's key: NAME/witness+...");
    lf_status rc = lf__buf_status(&text, err);
    return rc == LF_OK ? file_in(options->dir, "profile.conf", lf__buf_bytes(&text), 0600, err)
                       : rc;
}

/* Keys that nobody was told of: the same command must do when there is room. */
static void unmake(const char *dir)
{
    static const char *const names[] = {"sign.key", "push.secret", "tls.key",
                                        "tls.crt",  "gateway.crt", "profile.conf"};
    char path[LF_PATH_MAX];
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        if (lf__path(dir, names[i], path, NULL) == LF_OK) {
            (void)unlink(path);
        }
    }
    (void)rmdir(dir);
}

static bool is_one_line(const char *text)
{
    return text == NULL || strpbrk(text, "\r\n") == NULL;
}

lf_status lf_keys_make(const lf_keygen *options, lf_error *err)
{
    if (options->dir == NULL || options->member == NULL ||
        !lf__text_is_member_id(lf__bytes_str(options->member))) {
        return lf__refuse(err, LF_E_ARG, "MEMBER_ID", "member",
                          "member: 3 to 40 of a-z, 0-9 and -");
    }
    if (!is_one_line(options->address) || !is_one_line(options->server_name) ||
        !is_one_line(options->ledger) || !is_one_line(options->access) ||
        !is_one_line(options->witness)) {
        return lf__fail(err, LF_E_ARG, "profile: a value is more than one line");
    }
    if (mkdir(options->dir, 0700) != 0) {
        int cause = errno;
        return lf__fail_cause(err, cause == EEXIST ? LF_E_EXISTS : LF_E_IO, cause,
                              "%s: cannot be made: %s", options->dir, strerror(cause));
    }
    lf_status rc = secret_in(options->dir, "sign.key", err);
    rc = rc == LF_OK ? secret_in(options->dir, "push.secret", err) : rc;
    rc = rc == LF_OK ? tls_make(options, err) : rc;
    rc = rc == LF_OK ? certificate_copy(options, err) : rc;
    rc = rc == LF_OK ? profile_make(options, err) : rc;
    if (rc != LF_OK) {
        unmake(options->dir);
    }
    return rc;
}

lf_status lf_authority_key_make(const char *path, char public_hex[65], lf_error *err)
{
    char name[LF_PATH_MAX];
    char line[LF_HEX_SIZE(LF_ED25519_PUBLIC) + 1];
    LF_SECRET *secret = NULL;
    int n = snprintf(name, sizeof name, "%s.pub", path);
    if (n < 0 || (size_t)n >= sizeof name) {
        return lf__fail(err, LF_E_ARG, "%s: path is too long", path);
    }
    lf_status rc = secret_make(path, &secret, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__public_key key = lf__sign_public(secret);
    size_t len = lf__hex(LF_BYTES_ARRAY(key.bytes), line, sizeof line);
    line[len] = '\n';
    rc = lf__file_make(name, (lf_bytes){(const uint8_t *)line, len + 1}, 0644, err);
    if (rc != LF_OK) {
        (void)unlink(path);
        return rc;
    }
    line[len] = '\0';
    lf__copy(public_hex, line, len + 1);
    return LF_OK;
}
