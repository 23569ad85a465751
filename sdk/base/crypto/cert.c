/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 through OpenSSL, and nothing of OpenSSL beyond this file. */
#include "base/crypto/cert.h"

#include "base/bytes.h"
#include "base/status.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum { CERT_SECONDS_A_DAY = 86400, CERT_NAME_MAX = 64, CERT_SERIAL_BYTES = 16 };

static void pkey_cleanup(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}
static void x509_cleanup(X509 **cert)
{
    X509_free(*cert);
}
static void bio_cleanup(BIO **bio)
{
    BIO_free_all(*bio);
}
#define CERT_AUTO(type, name) __attribute__((cleanup(name##_cleanup))) type

/* OpenSSL's queue tells a failed allocation from all else. */
static lf_status cert_failed(lf_error *err, lf_status otherwise, const char *what)
{
    bool is_memory = false;
    for (unsigned long code; (code = ERR_get_error()) != 0;) {
        is_memory = is_memory || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return is_memory ? lf__fail(err, LF_E_NOMEM, "certificate: out of memory")
                     : lf__fail(err, otherwise, "certificate: %s", what);
}

static bool cert_add_san(X509 *cert, const char *name)
{
    char value[CERT_NAME_MAX + 8];
    X509V3_CTX context;
    (void)snprintf(value, sizeof value, "DNS:%s", name);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, value);
    bool good = san != NULL && X509_add_ext(cert, san, -1) == 1;
    X509_EXTENSION_free(san);
    return good;
}

static bool cert_fill(X509 *cert, EVP_PKEY *key, const char *name, int days)
{
    uint8_t serial[CERT_SERIAL_BYTES];
    lf__random(serial, sizeof serial);
    serial[0] &= 0x7f; /* RFC 5280 4.1.2.2: positive */
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    bool good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    X509_NAME *subject = X509_get_subject_name(cert);
    return good && X509_set_version(cert, 2) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -CERT_SECONDS_A_DAY) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), (long)days * CERT_SECONDS_A_DAY) != NULL &&
           X509_set_pubkey(cert, key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(cert, subject) == 1 && cert_add_san(cert, name) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static bool bio_append(BIO *bio, struct lf__buf *out)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    return len > 0 && lf__buf_append(out, (lf_bytes){(const uint8_t *)data, (size_t)len});
}

lf_status lf__cert_make(const char *name, int days, struct lf__buf *key_pem,
                        struct lf__buf *cert_pem, lf_error *err)
{
    lf_bytes text = lf__bytes_str(name);
    if (text.len == 0 || text.len > CERT_NAME_MAX) {
        return lf__fail(err, LF_E_ARG, "certificate: name of 1 to %d bytes", CERT_NAME_MAX);
    }
    CERT_AUTO(EVP_PKEY *, pkey) key = EVP_EC_gen("P-256");
    CERT_AUTO(X509 *, x509) cert = X509_new();
    CERT_AUTO(BIO *, bio) key_bio = BIO_new(BIO_s_secmem());
    CERT_AUTO(BIO *, bio) cert_bio = BIO_new(BIO_s_mem());
    bool good = key != NULL && cert != NULL && key_bio != NULL && cert_bio != NULL &&
                cert_fill(cert, key, name, days) &&
                PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509(cert_bio, cert) == 1 && bio_append(key_bio, key_pem) &&
                bio_append(cert_bio, cert_pem);
    return good ? LF_OK : cert_failed(err, LF_E_BUG, "cannot be made");
}

lf_status lf__cert_spki(lf_bytes pem, struct lf__hash *out, lf_error *err)
{
    CERT_AUTO(BIO *, bio) bio = pem.len > INT_MAX ? NULL : BIO_new_mem_buf(pem.ptr, (int)pem.len);
    CERT_AUTO(X509 *, x509) cert = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    unsigned char *der = NULL;
    int len = cert == NULL ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    if (len <= 0 || der == NULL) { /* out of memory it gives a length and no bytes */
        return cert_failed(err, LF_E_FORMAT, "not a PEM certificate");
    }
    *out = lf__sha256((lf_bytes){der, (size_t)len});
    OPENSSL_free(der);
    return LF_OK;
}

static int no_password(char *out, int size, int is_writing, void *user)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)user;
    return -1; /* a daemon has nobody to ask */
}

lf_status lf__cert_check(lf_bytes key_pem, lf_bytes cert_pem, lf_error *err)
{
    if (key_pem.len > INT_MAX || cert_pem.len > INT_MAX) {
        return lf__fail(err, LF_E_FORMAT, "certificate: too long");
    }
    CERT_AUTO(BIO *, bio) key_bio = BIO_new_mem_buf(key_pem.ptr, (int)key_pem.len);
    CERT_AUTO(BIO *, bio) cert_bio = BIO_new_mem_buf(cert_pem.ptr, (int)cert_pem.len);
    CERT_AUTO(EVP_PKEY *, pkey)
    key = key_bio == NULL ? NULL : PEM_read_bio_PrivateKey(key_bio, NULL, no_password, NULL);
    CERT_AUTO(X509 *, x509)
    cert = cert_bio == NULL ? NULL : PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
    if (key == NULL || cert == NULL) {
        return lf__fail(err, LF_E_FORMAT, "certificate: %s is not PEM",
                        key == NULL ? "the private key" : "the certificate");
    }
    return X509_check_private_key(cert, key) == 1
               ? LF_OK
               : lf__fail(err, LF_E_ARG, "certificate: the private key is not its own");
}
