/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds as protobuf-c knows them. */
#include "protos/codec/kinds_internal.h"

#include "base/status.h"
#include "protos/codec/words.h"

#include <lianfang/v1/kinds.pb-c.h>

static const ProtobufCMessageDescriptor *const types[PX_KIND_COUNT] = {
    [PX_KIND_GENESIS] = &lianfang__v1__genesis__descriptor,
    [PX_KIND_MEMBER] = &lianfang__v1__member__descriptor,
    [PX_KIND_POLICY] = &lianfang__v1__policy__descriptor,
    [PX_KIND_REGISTRY_ENTRY] = &lianfang__v1__registry_entry__descriptor,
    [PX_KIND_ENFORCEMENT_EVENT] = &lianfang__v1__enforcement_event__descriptor,
    [PX_KIND_RELAY] = &lianfang__v1__relay__descriptor,
    [PX_KIND_CORRECTION] = &lianfang__v1__correction__descriptor,
    [PX_KIND_REDACTION] = &lianfang__v1__redaction__descriptor,
    [PX_KIND_CREDIT_LIST_ENTRY] = &lianfang__v1__credit_list_entry__descriptor,
    [PX_KIND_LIST_REMOVAL] = &lianfang__v1__list_removal__descriptor,
    [PX_KIND_APPEAL] = &lianfang__v1__appeal__descriptor,
    [PX_KIND_NOTICE] = &lianfang__v1__notice__descriptor,
    [PX_KIND_DISPOSITION] = &lianfang__v1__disposition__descriptor,
    [PX_KIND_ENTRY_BAN] = &lianfang__v1__entry_ban__descriptor,
    [PX_KIND_OVERRIDE] = &lianfang__v1__override__descriptor,
    [PX_KIND_CAMPAIGN] = &lianfang__v1__campaign__descriptor,
    [PX_KIND_ATTESTATION] = &lianfang__v1__attestation__descriptor,
    [PX_KIND_BULLETIN] = &lianfang__v1__bulletin__descriptor,
    [PX_KIND_MERCHANT_IDENTITY] = &lianfang__v1__merchant_identity__descriptor,
    [PX_KIND_ACKNOWLEDGEMENT] = &lianfang__v1__acknowledgement__descriptor,
    [PX_KIND_LOG_KEY] = &lianfang__v1__log_key__descriptor};

const ProtobufCMessageDescriptor *px_kind_type(enum px_kind kind)
{
    return (unsigned)kind < PX_KIND_COUNT ? types[kind] : NULL;
}

const char *px_kind_name(enum px_kind kind)
{
    static const size_t prefix = sizeof "KIND_" - 1;
    const ProtobufCEnumValue *value =
        kind == PX_KIND_NONE
            ? NULL
            : protobuf_c_enum_descriptor_get_value(&lianfang__v1__kind__descriptor, (int)kind);
    return value == NULL ? NULL : value->name + prefix;
}

ProtobufCMessage *px_message_new(struct lf__arena *arena, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = lf__arena_alloc(arena, type->sizeof_message);
    if (message != NULL) {
        type->message_init(message);
    }
    return message;
}
