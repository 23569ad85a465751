/* SPDX-License-Identifier: Apache-2.0 */
/* core/dsse.h - DSSE v1 pre-authentication encoding. Threads: any. */
#ifndef LF__DSSE_H
#define LF__DSSE_H

#include "base/buf.h"
#include "base/crypto/hash.h"

#define LF_TYPE_RECORD "application/vnd.lianfang.record.v1+protobuf"
#define LF_TYPE_BATCH  "application/vnd.lianfang.batch.v1"

/* Appends "DSSEv1 SP len(type) SP type SP len(body) SP body"; lengths are decimal byte counts. */
bool lf__dsse_pae(struct lf__buf *buf, const char *type, lf_bytes body);
/* SHA-256(prefix || PAE), without a copy of the body; `prefix` may be empty. */
struct lf__hash lf__dsse_hash(lf_bytes prefix, const char *type, lf_bytes body);

#endif
