/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/kinds_internal.h - joining and splitting parts; shared by the files of kinds. */
#ifndef PX_KINDS_INTERNAL_H
#define PX_KINDS_INTERNAL_H

#include "protos/codec/codec_internal.h"
#include "protos/codec/kinds.h"

/* All parts as one message of `type`, each field in the part of its class. */
lf_status px_parts_join(struct lf__arena *arena, const struct px_envelope *envelope,
                        const ProtobufCMessageDescriptor *type, ProtobufCMessage **out,
                        lf_error *err);
lf_status px_parts_split(struct lf__arena *arena, const ProtobufCMessage *message,
                         struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);
/* A NUL-terminated copy for protobuf-c, never NULL while the arena has room; sets *failed if it has not. */
char *px_string(struct lf__arena *arena, lf_bytes text, bool *failed);
lf_bytes px_text(const char *text);

#endif
