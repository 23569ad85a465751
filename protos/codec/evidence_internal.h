/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/evidence_internal.h - paths and key proofs, in an answer and in a bundle. */
#ifndef PX_EVIDENCE_INTERNAL_H
#define PX_EVIDENCE_INTERNAL_H

#include "protos/codec/codec_internal.h"
#include "protos/codec/members.h"

#include <lianfang/v1/ledger.pb-c.h>

enum { PX_EVIDENCE_PATH_MAX = 64 };

void px_path_put(struct lf__buf *out, uint32_t number, const struct lf__hash *path, size_t count);
lf_status px_path_take(struct lf__arena *arena, const ProtobufCBinaryData *in, size_t count,
                       const struct lf__hash **out, lf_error *err);
bool px_key_proof_put(uint32_t number, const struct px_key_proof *key, struct lf__buf *out);
lf_status px_key_proofs_take(struct lf__arena *arena, Lianfang__V1__KeyProof *const *in,
                             size_t count, const struct px_key_proof **out, lf_error *err);
/* The value of a field of bytes as it stands in the message; nothing when it is not there. */
lf_bytes px_field_raw(lf_bytes message, uint32_t number);

#endif
