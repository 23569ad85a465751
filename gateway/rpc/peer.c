/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's certificate, reduced to the hash of its key. TLS has proven that the client holds the
 * key; no certificate authority is asked, because the member record pins the key itself.
 */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"

/* Parsing X.509 costs more than a small call, and one connection brings one certificate many times. */
enum { PEER_CACHE_SLOTS = 256 };
struct peer_slot {
    struct lf__hash pem;
    struct lf__hash spki;
    bool is_used;
};
static struct peer_slot peer_cache[PEER_CACHE_SLOTS];
static pthread_mutex_t peer_lock = PTHREAD_MUTEX_INITIALIZER;

static lf_status peer_resolve(lf_bytes pem, struct lf__hash *out, lf_error *err)
{
    struct lf__hash key = lf__sha256(pem);
    struct peer_slot *slot = &peer_cache[key.bytes[0]];
    (void)pthread_mutex_lock(&peer_lock);
    bool hit = slot->is_used && lf__hash_eq(&slot->pem, &key);
    *out = hit ? slot->spki : *out;
    (void)pthread_mutex_unlock(&peer_lock);
    lf_status rc = hit ? LF_OK : lf__cert_spki(pem, out, err);
    if (!hit && rc == LF_OK) {
        (void)pthread_mutex_lock(&peer_lock);
        *slot = (struct peer_slot){key, *out, true};
        (void)pthread_mutex_unlock(&peer_lock);
    }
    return rc;
}

lf_status gw__peer_of(grpc_call *call, struct gw_peer *out, lf_error *err)
{
    grpc_auth_context *auth = grpc_call_auth_context(call);
    grpc_auth_property_iterator it =
        grpc_auth_context_find_properties_by_name(auth, GRPC_X509_PEM_CERT_PROPERTY_NAME);
    const grpc_auth_property *pem = grpc_auth_property_iterator_next(&it);
    struct lf__hash spki = {{0}};
    lf_status rc =
        pem == NULL
            ? lf__fail(err, LF_E_UNAUTHENTICATED, "peer: no certificate")
            : peer_resolve((lf_bytes){(const uint8_t *)pem->value, pem->value_length}, &spki, err);
    grpc_auth_context_release(auth);
    if (rc == LF_OK) {
        out->spki = spki;
    }
    return rc;
}
