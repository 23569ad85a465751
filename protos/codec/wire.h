/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/wire.h - one field of a message at a time, as raw bytes: for parts, whose class is
 * their fields' number / 100, and for envelopes, which are kept as sent. Threads: any.
 */
#ifndef PX_WIRE_H
#define PX_WIRE_H

#include "base/buf.h"
#include "base/reader.h"

enum px_wire_type {
    PX_WIRE_VARINT = 0,
    PX_WIRE_FIXED64 = 1,
    PX_WIRE_BYTES = 2,
    PX_WIRE_FIXED32 = 5
};

struct px_wire {
    uint32_t number;
    unsigned type;   /* an enum px_wire_type */
    uint64_t varint; /* of PX_WIRE_VARINT */
    lf_bytes value;  /* of the others */
    lf_bytes raw;    /* tag and value */
};

/* False, and not moved, at the end and for anything malformed: ask lf__read_finished(). */
bool px_wire_next(struct lf__reader *r, struct px_wire *out);
/* One varint by itself, as packed numbers stand: false, and not moved, when it is cut short. */
bool px_wire_number(struct lf__reader *r, uint64_t *out);
/* How many groups begin here inside one another. proto3 has none, and px_wire_next() reads none; but
 * nesting without end has a reason of its own. Stops counting above PX_DEPTH_MAX. */
unsigned px_wire_groups(lf_bytes at);
bool px_wire_varint(struct lf__buf *out, uint64_t v);
/* A length-delimited field. */
bool px_wire_bytes(struct lf__buf *out, uint32_t number, lf_bytes value);
/* Nothing for 0, which is how proto3 writes its default. */
bool px_wire_u64(struct lf__buf *out, uint32_t number, uint64_t v);

#endif
