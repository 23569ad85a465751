/* SPDX-License-Identifier: Apache-2.0 */
/* profile.conf: who we are, where our keys lie, and which gateway we trust. */
#include "client/profile.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "base/text.h"

#include <errno.h>
#include <ini.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

enum { PROFILE_PATH_MAX = LF__PROFILE_PATH_MAX, PROFILE_PEM_MAX = 65536 };

/* Keys and where their values go; files are relative to the profile. */
struct profile_reader {
    char dir[PROFILE_PATH_MAX];
    char key[PROFILE_PATH_MAX];
    char push_secret[PROFILE_PATH_MAX];
    char tls_key[PROFILE_PATH_MAX];
    char tls_cert[PROFILE_PATH_MAX];
    char certificate[PROFILE_PATH_MAX];
    struct lf__profile *profile;
    char unknown[64];
};

static int profile_take(void *user, const char *section, const char *name, const char *value)
{
    struct profile_reader *r = user;
    struct lf__profile *p = r->profile;
    const struct {
        const char *section;
        const char *name;
        char *to;
        size_t size;
    } rows[] = {
        {"member", "id", p->member, sizeof p->member},
        {"member", "key", r->key, sizeof r->key},
        {"member", "push_secret", r->push_secret, sizeof r->push_secret},
        {"member", "tls_key", r->tls_key, sizeof r->tls_key},
        {"member", "tls_cert", r->tls_cert, sizeof r->tls_cert},
        {"gateway", "address", p->address, sizeof p->address},
        {"gateway", "certificate", r->certificate, sizeof r->certificate},
        {"gateway", "server_name", p->server_name, sizeof p->server_name},
        {"gateway", "ledger", p->ledger_text, sizeof p->ledger_text},
        {"gateway", "access", p->access_text, sizeof p->access_text},
        {"gateway", "witness", p->witness_text, sizeof p->witness_text},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (strcmp(section, rows[i].section) == 0 && strcmp(name, rows[i].name) == 0) {
            return lf__copy_str(rows[i].to, rows[i].size, lf__bytes_str(value)) ? 1 : 0;
        }
    }
    (void)snprintf(r->unknown, sizeof r->unknown, "[%s] %s", section, name);
    return 0;
}

static lf_status path_join(const struct profile_reader *r, const char *name,
                           char out[static PROFILE_PATH_MAX], lf_error *err)
{
    int n = name[0] == '/' ? snprintf(out, PROFILE_PATH_MAX, "%s", name)
                           : snprintf(out, PROFILE_PATH_MAX, "%s/%s", r->dir, name);
    return name[0] != '\0' && n > 0 && n < PROFILE_PATH_MAX
               ? LF_OK
               : lf__fail(err, LF_E_FORMAT,
                          "profile: a key file is not named, or its path is too long");
}

static lf_status secret_read(const struct profile_reader *r, const char *name,
                             struct lf__secret **out, lf_error *err)
{
    char path[PROFILE_PATH_MAX];
    lf_status rc = path_join(r, name, path, err);
    return rc == LF_OK ? lf__secret_load(path, CLIENT_SECRET_BYTES, out, err) : rc;
}

static lf_status pem_read(const struct profile_reader *r, const char *name, struct lf__buf *out,
                          lf_error *err)
{
    char path[PROFILE_PATH_MAX];
    uint8_t chunk[4096];
    lf_status rc = path_join(r, name, path, err);
    FILE *file = rc == LF_OK ? fopen(path, "rbe") : NULL;
    if (rc != LF_OK || file == NULL) {
        return rc != LF_OK
                   ? rc
                   : lf__fail_cause(err, LF_E_NOT_FOUND, errno, "%s: cannot be opened", path);
    }
    lf__buf_init(out, PROFILE_PEM_MAX);
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        (void)lf__buf_append(out, (lf_bytes){chunk, n});
    }
    (void)fclose(file);
    lf__secret_wipe(chunk, sizeof chunk);
    (void)lf__buf_u8(out, 0);
    return lf__buf_status(out, err);
}

/* Buffers of PEM end with NUL. */
static lf_bytes pem_of(const struct lf__buf *pem)
{
    return (lf_bytes){pem->ptr, pem->len - 1};
}

static lf_status certificate_check(const struct profile_reader *r, const char *name,
                                   const struct lf__buf *pem, lf_error *err)
{
    char path[PROFILE_PATH_MAX];
    struct lf__hash unused;
    lf_status rc = lf__cert_spki(pem_of(pem), &unused, err);
    if (rc != LF_E_FORMAT) {
        return rc;
    }
    rc = path_join(r, name, path, err);
    return rc == LF_OK ? lf__fail(err, LF_E_FORMAT, "%s: is no PEM certificate", path) : rc;
}

/* gRPC takes anything, and then only never connects. */
static lf_status pems_check(const struct profile_reader *r, lf_error *err)
{
    char path[PROFILE_PATH_MAX];
    const struct lf__profile *p = r->profile;
    lf_status rc = certificate_check(r, r->tls_cert, &p->tls_cert, err);
    rc = rc == LF_OK ? certificate_check(r, r->certificate, &p->server_cert, err) : rc;
    rc = rc == LF_OK ? path_join(r, r->tls_key, path, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = lf__cert_check(pem_of(&p->tls_key), pem_of(&p->tls_cert), NULL);
    return rc == LF_OK ? rc
                       : lf__fail(err, LF_E_FORMAT, "%s: %s", path,
                                  rc == LF_E_ARG ? "is not the key of [member] tls_cert"
                                                 : "is no PEM private key");
}

static lf_status profile_check(const struct lf__profile *p, lf_error *err)
{
    if (!lf__text_is_member_id(lf__bytes_str(p->member))) {
        return lf__fail(err, LF_E_FORMAT, "profile: [member] id is not a member id");
    }
    if (p->address[0] == '\0' || p->server_name[0] == '\0') {
        return lf__fail(err, LF_E_FORMAT, "profile: [gateway] needs address and server_name");
    }
    return LF_OK;
}

static lf_status profile_fill(struct profile_reader *r, lf_error *err)
{
    struct lf__profile *p = r->profile;
    lf_status rc = profile_check(p, err);
    rc = rc == LF_OK ? lf__note_key_parse(lf__bytes_str(p->ledger_text), &p->ledger, err) : rc;
    if (rc == LF_OK && p->access_text[0] != '\0') {
        rc = lf__note_key_parse(lf__bytes_str(p->access_text), &p->access, err);
    }
    if (rc == LF_OK && p->witness_text[0] != '\0') {
        rc = lf__note_key_parse_cosigner(lf__bytes_str(p->witness_text), &p->witness, err);
    }
    rc = rc == LF_OK ? secret_read(r, r->key, &p->sign, err) : rc;
    if (rc == LF_OK) {
        struct lf__public_key key = lf__sign_public(p->sign);
        p->sign_key_id = lf__key_id(&key);
    }
    rc = rc == LF_OK ? secret_read(r, r->push_secret, &p->push, err) : rc;
    rc = rc == LF_OK ? pem_read(r, r->tls_key, &p->tls_key, err) : rc;
    rc = rc == LF_OK ? pem_read(r, r->tls_cert, &p->tls_cert, err) : rc;
    rc = rc == LF_OK ? pem_read(r, r->certificate, &p->server_cert, err) : rc;
    return rc == LF_OK ? pems_check(r, err) : rc;
}

static lf_status profile_parse(const char *path, struct profile_reader *reader, lf_error *err)
{
    char copy[PROFILE_PATH_MAX];
    if (!lf__copy_str(copy, sizeof copy, lf__bytes_str(path)) ||
        !lf__copy_str(reader->dir, sizeof reader->dir, lf__bytes_str(dirname(copy)))) {
        return lf__fail(err, LF_E_ARG, "profile: path is too long");
    }
    int line = ini_parse(path, profile_take, reader);
    if (line != 0) {
        return line < 0 ? lf__fail(err, LF_E_NOT_FOUND, "%s: cannot be opened", path)
                        : lf__fail(err, LF_E_FORMAT, "%s: line %d is not understood %s", path, line,
                                   reader->unknown);
    }
    return LF_OK;
}

lf_status lf__profile_path(const char *profile, enum lf__profile_file file,
                           char out[static PROFILE_PATH_MAX], lf_error *err)
{
    struct lf__profile unused = {.member = ""};
    struct profile_reader reader = {.profile = &unused};
    lf_status rc = profile_parse(profile, &reader, err);
    const char *names[] = {reader.key, reader.push_secret, reader.tls_key};
    return rc == LF_OK ? path_join(&reader, names[file], out, err) : rc;
}

lf_status lf__profile_load(const char *path, struct lf__profile *out, lf_error *err)
{
    struct lf__profile profile = {.member = ""};
    struct profile_reader reader = {.profile = &profile};
    lf_status rc = profile_parse(path, &reader, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = profile_fill(&reader, err);
    if (rc != LF_OK) {
        lf__profile_done(&profile);
        return rc;
    }
    *out = profile;
    return LF_OK;
}

void lf__profile_done(struct lf__profile *profile)
{
    lf__secret_free(profile->sign);
    lf__secret_free(profile->push);
    if (profile->tls_key.ptr != NULL) {
        lf__secret_wipe(profile->tls_key.ptr, profile->tls_key.len);
    }
    lf__buf_done(&profile->tls_key);
    lf__buf_done(&profile->tls_cert);
    lf__buf_done(&profile->server_cert);
}
