/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_scan against protobuf-c: what the scan accepts, protobuf-c must be able to read, and the
 * canonical bytes of what it read must be accepted too. Input: a selector of the message, then it.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/scan.h"

#include <google/rpc/status.pb-c.h>
#include <lianfang/v1/access.pb-c.h>
#include <lianfang/v1/feed.pb-c.h>
#include <lianfang/v1/kinds.pb-c.h>
#include <lianfang/v1/record.pb-c.h>
#include <lianfang/v1/screening.pb-c.h>
#include <stdlib.h>

static const ProtobufCMessageDescriptor *const scan_types[] = {
    &lianfang__v1__envelope__descriptor,
    &lianfang__v1__record__descriptor,
    &lianfang__v1__member__descriptor,
    &lianfang__v1__enforcement_event__descriptor,
    &lianfang__v1__genesis__descriptor,
    &google__rpc__status__descriptor, /* and with packed numbers: */
    &lianfang__v1__policy__descriptor,
    &lianfang__v1__redaction__descriptor,
    &lianfang__v1__access_entry__descriptor,
    &lianfang__v1__subscribe_request__descriptor,
    &lianfang__v1__cross_check_request__descriptor,
    &lianfang__v1__cross_check_row__descriptor,
};

static void packed_again(const ProtobufCMessageDescriptor *type, const ProtobufCMessage *message,
                         enum px_unknown unknown)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = malloc(size + 1);
    FUZZ_REQUIRE(packed != NULL);
    FUZZ_REQUIRE(protobuf_c_message_pack(message, packed) == size);
    FUZZ_REQUIRE(px_scan((lf_bytes){packed, size}, type, unknown, NULL) == LF_OK);
    free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    static const uint8_t nothing = 0;
    unsigned count = (unsigned)(sizeof scan_types / sizeof scan_types[0]);
    enum px_unknown unknown = fuzz_choice(&r, 2) == 0 ? PX_UNKNOWN_REFUSE : PX_UNKNOWN_CARRY;
    const ProtobufCMessageDescriptor *type = scan_types[fuzz_choice(&r, count)];
    if (px_scan(r.rest, type, unknown, NULL) != LF_OK) {
        return 0;
    }
    ProtobufCMessage *message =
        protobuf_c_message_unpack(type, NULL, r.rest.len, r.rest.len > 0 ? r.rest.ptr : &nothing);
    FUZZ_REQUIRE(message != NULL);
    packed_again(type, message, unknown);
    protobuf_c_message_free_unpacked(message, NULL);
    return 0;
}
