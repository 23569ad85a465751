/* SPDX-License-Identifier: Apache-2.0 */
/* Covers px_wire_next: the fields of a message in turn. Their raw bytes joined are the message, and
 * what was read of a varint or text field reads the same when it is written again. */
#include "fuzz/fuzz.h"

#include "protos/codec/wire.h"

static void written_again(const struct px_wire *field)
{
    LF_BUF out;
    struct px_wire read;
    lf__buf_init(&out, field->raw.len + 32);
    if (field->type == PX_WIRE_BYTES) {
        FUZZ_REQUIRE(px_wire_bytes(&out, field->number, field->value));
    } else if (field->type == PX_WIRE_VARINT && field->varint != 0) {
        FUZZ_REQUIRE(px_wire_u64(&out, field->number, field->varint));
    } else {
        return;
    }
    struct lf__reader r = {lf__buf_bytes(&out)};
    FUZZ_REQUIRE(px_wire_next(&r, &read) && lf__read_finished(&r));
    FUZZ_REQUIRE(read.number == field->number && read.varint == field->varint);
    FUZZ_REQUIRE(lf__bytes_eq(read.value, field->value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    struct px_wire field;
    size_t read = 0;
    while (px_wire_next(&r, &field)) {
        FUZZ_REQUIRE(field.raw.ptr == data + read && field.raw.len > 0);
        read += field.raw.len;
        written_again(&field);
    }
    return 0;
}
