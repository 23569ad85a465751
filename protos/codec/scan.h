/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/scan.h - the strict reading of a message before protobuf-c sees it.
 *
 * protobuf-c keeps the last of duplicate singular fields, takes bad UTF-8 and NUL, recurses without
 * a limit and keeps unknown fields: two readers of such bytes could disagree on what was signed.
 * Threads: any. Private to this directory, as it speaks of generated descriptors.
 */
#ifndef PX_SCAN_H
#define PX_SCAN_H

#include <lianfang/base.h>
#include <protobuf-c/protobuf-c.h>

enum px_unknown {
    PX_UNKNOWN_REFUSE, /* envelope, header and requests */
    PX_UNKNOWN_CARRY   /* bodies: a later version may add fields */
};

/* E_FORMAT, with the reason and the dotted path of the field. */
lf_status px_scan(lf_bytes message, const ProtobufCMessageDescriptor *type, enum px_unknown unknown,
                  lf_error *err);

#endif
