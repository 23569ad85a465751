/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/record_internal.h - what envelope.c and record.c share. */
#ifndef PX_RECORD_INTERNAL_H
#define PX_RECORD_INTERNAL_H

#include "protos/codec/record.h"

#include <protobuf-c/protobuf-c.h>

/* Decodes envelope->record into its header and part hashes. */
lf_status px_record_decode(struct lf__arena *arena, struct px_envelope *envelope, lf_error *err);
/* Appends a length-delimited field holding the message. */
bool px_field(struct lf__buf *out, uint32_t number, const ProtobufCMessage *message);

#endif
