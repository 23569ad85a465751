/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/services_internal.h - reading flat messages field by field, strictly. */
#ifndef PX_SERVICES_INTERNAL_H
#define PX_SERVICES_INTERNAL_H

#include "protos/codec/services.h"
#include "protos/codec/wire.h"

lf_status px_malformed(lf_error *err, const char *what);
/* The arena's failure when it had one, else as px_malformed. */
lf_status px_unread(const struct lf__arena *arena, const char *what, lf_error *err);
/* A varint or length-delimited field of the wanted type; false marks the message malformed. */
bool px_is(const struct px_wire *wire, uint32_t number, enum px_wire_type type);
/* Counts the length-delimited fields of this number. */
size_t px_count(lf_bytes message, uint32_t number);
/* The bytes before the answer's access index, a field of that number that is its last; index 0 and all of them without one. */
lf_status px_told(lf_bytes bytes, uint32_t number, lf_bytes *told, uint64_t *access_index,
                  lf_error *err);
/* UTF-8 without NUL. */
bool px_take_text(const struct px_wire *wire, lf_bytes *out);

#endif
