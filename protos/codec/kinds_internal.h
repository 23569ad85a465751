/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/kinds_internal.h - joining and splitting parts; shared by the files of kinds. */
#ifndef PX_KINDS_INTERNAL_H
#define PX_KINDS_INTERNAL_H

#include "protos/codec/codec_internal.h"
#include "protos/codec/kinds.h"

#include <lianfang/v1/members.pb-c.h>
#include <lianfang/v1/record.pb-c.h>

/* All parts as one message of `type`, each field in the part of its class. */
lf_status px_parts_join(struct lf__arena *arena, const struct px_envelope *envelope,
                        const ProtobufCMessageDescriptor *type, ProtobufCMessage **out,
                        lf_error *err);
lf_status px_parts_split(struct lf__arena *arena, const ProtobufCMessage *message,
                         struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);
/* NULL for no kind. Static. */
const ProtobufCMessageDescriptor *px_kind_type(enum px_kind kind);
/* An empty message of the type in the arena; NULL when there is no room. */
ProtobufCMessage *px_message_new(struct lf__arena *arena, const ProtobufCMessageDescriptor *type);
/* Whether every body field that must be understood is. */
bool px_parts_are_understood(const struct px_envelope *envelope);
/* A NUL-terminated copy for protobuf-c, never NULL while the arena has room; sets *failed if it has not. */
char *px_string(struct lf__arena *arena, lf_bytes text, bool *failed);
lf_bytes px_text(const char *text);

/* Keys, pins and signatures, wherever messages carry them. Packed lists borrow from what they are of. */
lf_status px_keys_decode(Lianfang__V1__MemberKey *const *in, size_t count,
                         struct px_member_key out[static PX_KEYS_MAX], lf_error *err);
void px_keys_pack(const struct px_member_key *keys, size_t count, Lianfang__V1__MemberKey *out,
                  Lianfang__V1__MemberKey **list);
lf_status px_pins_decode(Lianfang__V1__TlsPin *const *in, size_t count,
                         struct px_pin out[static PX_PINS_MAX], lf_error *err);
void px_pins_pack(const struct px_pin *pins, size_t count, Lianfang__V1__TlsPin *out,
                  Lianfang__V1__TlsPin **list);
lf_status px_signature_decode(struct lf__arena *arena, const Lianfang__V1__Signature *in,
                              struct px_signature *out, lf_error *err);

#endif
