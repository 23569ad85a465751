/* SPDX-License-Identifier: Apache-2.0 */
/* core/dsse.h - DSSE v1 pre-authentication encoding. Threads: any. */
#ifndef LF__DSSE_H
#define LF__DSSE_H

#include "base/buf.h"

#define LF_TYPE_RECORD "application/vnd.lianfang.record.v1+protobuf"
#define LF_TYPE_BATCH  "application/vnd.lianfang.batch.v1"

/* Appends "DSSEv1 SP len(type) SP type SP len(body) SP body"; lengths are decimal byte counts. */
bool lf__dsse_pae(struct lf__buf *buf, const char *type, lf_bytes body);

#endif
