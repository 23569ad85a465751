/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/client/client_internal.h - what a client is made of, shared by the files of this directory. */
#ifndef LF__CLIENT_INTERNAL_H
#define LF__CLIENT_INTERNAL_H

#include "base/secret.h"
#include "client/transport/channel.h"
#include "core/checkpoint.h"
#include "protos/codec/services.h"

#include <lianfang/client.h>

enum {
    CLIENT_SECRET_BYTES = 32,
    CLIENT_ANSWER_MAX = PX_MESSAGE_MAX + 65536,
    CLIENT_ARENA_MAX = 64 << 20
};

struct lf__profile {
    char member[41];
    char address[256];
    char server_name[128];
    char ledger_text[512];
    struct lf__note_key ledger;
    struct lf__secret *sign;
    struct lf__secret *push;
    struct lf__buf tls_key; /* each ends with NUL */
    struct lf__buf tls_cert;
    struct lf__buf server_cert;
};
lf_status lf__profile_load(const char *path, struct lf__profile *out, lf_error *err);
void lf__profile_done(struct lf__profile *profile);

struct lf_client {
    struct lf__profile profile;
    struct lf__channel *channel;
};

/* One call, tried again with back-off while that can help and the time lasts. */
lf_status lf__client_call(lf_client *client, const char *method, lf_bytes request,
                          int64_t timeout_ms, struct lf__buf *answer, lf_error *err);

/* The field's words for numbers on the wire; "" and 0 for what is not known. */
const char *lf__word_certainty(unsigned number);
unsigned lf__number_certainty(const char *word);
const char *lf__word_state(unsigned number);
const char *lf__word_advice(unsigned number);
unsigned lf__number_correction(const char *word);
unsigned lf__number_relay(const char *word);

#endif
