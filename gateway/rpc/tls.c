/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutual TLS: the client must show a certificate and prove its key; which keys are good is the member
 * table's word. gRPC 1.51's other way to change certificates, a config fetcher, wants client roots and
 * names them in the handshake, whereupon Go and Java clients keep their self-signed certificate to
 * themselves. Its file watcher wants none. The file it watches lies in memory, and its descriptor is
 * exchanged whole, so that what gRPC reads each second is always a pair that was checked.
 */
#define _GNU_SOURCE
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/secret.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TLS_PEM_MAX = 65536, TLS_REFRESH_SECONDS = 1 };

void gw__tls_init(struct gw_tls *tls)
{
    tls->fd = -1;
}

void gw__tls_done(struct gw_tls *tls)
{
    if (tls->fd >= 0) {
        (void)close(tls->fd); /* the last reference: the kernel drops the pages */
    }
}

/* Key and certificate in one file: read in two steps, they cannot be of two generations. */
static lf_status pair_write(lf_bytes key_pem, lf_bytes cert_pem, int *out, lf_error *err)
{
    LF_BUF pair;
    lf__buf_init(&pair, TLS_PEM_MAX);
    if (!lf__buf_append(&pair, key_pem) || !lf__buf_u8(&pair, '\n') ||
        !lf__buf_append(&pair, cert_pem)) {
        lf__secret_wipe(pair.ptr, pair.len);
        return lf__fail(err, LF_E_TOO_BIG, "tls: key and certificate have at most %d bytes",
                        TLS_PEM_MAX);
    }
    int fd = memfd_create("tls", MFD_CLOEXEC);
    bool good = fd >= 0 && write(fd, pair.ptr, pair.len) == (ssize_t)pair.len;
    int cause = errno;
    lf__secret_wipe(pair.ptr, pair.len);
    if (!good) {
        (void)(fd >= 0 && close(fd));
        return lf__fail_cause(err, LF_E_IO, cause, "tls: no memory file: %s", strerror(cause));
    }
    *out = fd;
    return LF_OK;
}

lf_status gw__tls_set(struct gw_tls *tls, lf_bytes key_pem, lf_bytes cert_pem, lf_error *err)
{
    int fd = -1;
    lf_status rc = lf__cert_check(key_pem, cert_pem, err);
    rc = rc == LF_OK ? pair_write(key_pem, cert_pem, &fd, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (tls->fd < 0) {
        tls->fd = fd;
        return LF_OK;
    }
    int moved = dup3(fd, tls->fd, O_CLOEXEC);
    int cause = errno;
    (void)close(fd);
    return moved >= 0 ? LF_OK
                      : lf__fail_cause(err, LF_E_IO, cause, "tls: cannot be exchanged: %s",
                                       strerror(cause));
}

grpc_server_credentials *gw__tls_credentials(struct gw_tls *tls)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", tls->fd);
    grpc_tls_certificate_provider *provider =
        grpc_tls_certificate_provider_file_watcher_create(path, path, NULL, TLS_REFRESH_SECONDS);
    grpc_tls_credentials_options *options = grpc_tls_credentials_options_create();
    grpc_tls_credentials_options_set_certificate_provider(options, provider);
    grpc_tls_credentials_options_watch_identity_key_cert_pairs(options);
    grpc_tls_credentials_options_set_cert_request_type(
        options, GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    grpc_tls_certificate_provider_release(provider);
    return grpc_tls_server_credentials_create(options);
}
