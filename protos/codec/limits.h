/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/limits.h - every limit on what travels (architecture section 4). Crossed by codec_test. */
#ifndef PX_LIMITS_H
#define PX_LIMITS_H

enum {
    PX_RECORD_MAX = 61440,            /* bytes of one serialized Record */
    PX_PARTS_BYTES_MAX = 256 * 1024,  /* bytes of one record's bodies together */
    PX_PARTS_MAX = 4,                 /* one part a class */
    PX_SIGNATURES_MAX = 16,           /* on one envelope: k authority keys and some room */
    PX_BATCH_MAX = 1024,              /* records in one batch */
    PX_BATCH_PATH_MAX = 10,           /* hashes: ceil(log2(PX_BATCH_MAX)) */
    PX_MESSAGE_MAX = 4 * 1024 * 1024, /* bytes of one gRPC message */
    PX_DEPTH_MAX = 8,                 /* nested messages, the outermost counted */
    PX_LABEL_MAX = 64,                /* bytes of a shop id or a rule's number */
    PX_REF_MAX = 128,                 /* bytes of header.ref */
    PX_AUDIENCE_MAX = 256,            /* members named in one header */
    PX_ID_BYTES = 16,                 /* a record id */
    PX_SIGNATURE_BYTES_MAX = 512      /* of any algorithm */
};

#endif
