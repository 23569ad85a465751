/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/status.h - google.rpc.Status with its details, the canonical form of an error on the
 * wire. Threads: any.
 */
#ifndef PX_STATUS_H
#define PX_STATUS_H

#include "base/buf.h"

#define PX_ERROR_DOMAIN "lianfang"
enum { PX_STATUS_BYTES_MAX = 4096 };

/* ErrorInfo for a reason, BadRequest for a field, RetryInfo for retry_ms > 0. */
bool px_status_encode(const lf_error *error, int32_t grpc_code, uint32_t retry_ms,
                      struct lf__buf *out);
/* Fills reason, field and message; `status` of the error is the caller's to set. E_FORMAT. */
lf_status px_status_decode(lf_bytes bytes, lf_error *out, uint32_t *retry_ms, lf_error *err);

#endif
