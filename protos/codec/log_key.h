/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/log_key.h - the record that changes the key of a log, and the proof with which it is handed out; see LogKey in
 * lianfang/v1/kinds.proto and Ledger.GetLogKeys. Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_LOG_KEY_H
#define PX_LOG_KEY_H

#include "protos/codec/kinds.h"

#define PX_GATEWAY_ID "gateway" /* the issuer of what the gateway itself says; no member's id */
enum { PX_LOG_KEYS_MAX = 64, PX_LOG_KEY_SIGNATURES = 2 };

enum px_log_key_reason { PX_LOG_KEY_ROUTINE = 0, PX_LOG_KEY_COMPROMISED = 1 };

struct px_log_key {
    unsigned log; /* an enum px_log */
    lf_bytes origin;
    struct lf__public_key old_key;
    struct lf__public_key new_key;
    uint64_t from_size; /* heads with more entries need the new key */
    unsigned reason;    /* an enum px_log_key_reason */
    /* COMPROMISED: heads with more entries that the old key alone has signed prove nothing; at most from_size. Otherwise 0 */
    uint64_t since_size;
};

lf_status px_log_key_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                            struct px_log_key *out, lf_error *err);
lf_status px_log_key_encode(struct lf__arena *arena, const struct px_log_key *key,
                            struct px_part parts[static PX_PARTS_MAX], size_t *count,
                            lf_error *err);
/* Issued by the gateway, and signed by the old key and then the new one, each over the record alone. Whether the old key was the
 * log's, and the rest, is the caller's matter. E_SIGNATURE, E_REJECTED (LOG_KEY_BAD). */
lf_status px_log_key_signed(const struct px_envelope *envelope, const struct px_log_key *key,
                            lf_error *err);

struct px_log_key_proof {
    uint64_t index;
    lf_bytes leaf; /* LF_LEDGER_LEAF_BYTES */
    lf_bytes envelope;
    const struct lf__hash *path;
    size_t path_count;
    lf_bytes checkpoint;
};
/* As field `number` of the answer, or of an evidence file. */
bool px_log_key_proof_put(uint32_t number, const struct px_log_key_proof *proof,
                          struct lf__buf *out);
lf_status px_log_key_proof_decode(struct lf__arena *arena, lf_bytes bytes,
                                  struct px_log_key_proof *out, lf_error *err);
/* The answer of GetLogKeys, whose field is 1. */
lf_status px_log_key_proofs_decode(struct lf__arena *arena, lf_bytes bytes,
                                   struct px_log_key_proof **list, size_t *count, lf_error *err);
lf_status px_log_keys_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_error *err);

#endif
