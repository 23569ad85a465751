/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/crypto/cert.h - the certificates that TLS channels carry. Identity is the pinned SHA-256 of
 * the public key (SPKI); names, dates and issuers in them mean nothing here. Threads: any.
 */
#ifndef LF__CERT_H
#define LF__CERT_H

#include "base/buf.h"
#include "base/crypto/hash.h"

/* A fresh P-256 key and a self-signed certificate for `name` (also as DNS subject alternative name),
 * valid `days` days, appended as PEM. The key's buffer must be wiped by the caller. */
lf_status lf__cert_make(const char *name, int days, struct lf__buf *key_pem,
                        struct lf__buf *cert_pem, lf_error *err);
/* SHA-256 over the DER SubjectPublicKeyInfo of the first certificate in `pem`. E_FORMAT. */
lf_status lf__cert_spki(lf_bytes pem, struct lf__hash *out, lf_error *err);
/* Does the private key belong to the certificate? E_FORMAT for either unreadable, E_ARG when not. */
lf_status lf__cert_check(lf_bytes key_pem, lf_bytes cert_pem, lf_error *err);

#endif
