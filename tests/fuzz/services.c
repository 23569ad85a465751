/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers gw_reflection_answer and gw_health_decode: what anybody with a certificate, member or not, may
 * ask. Input: a selector and the message. An answer repeats its question and holds one kind of
 * answer; what is refused leaves the outputs untouched.
 */
#include "fuzz/fuzz.h"

#include "gateway/services/services.h"
#include "protos/codec/wire.h"

static void reflection_try(lf_bytes question)
{
    LF_BUF answer;
    struct px_wire wire;
    unsigned kinds = 0;
    bool is_repeated = false;
    lf__buf_init(&answer, PX_MESSAGE_MAX);
    if (gw_reflection_answer(question, &answer, NULL) != LF_OK) {
        FUZZ_REQUIRE(answer.len == 0);
        return;
    }
    struct lf__reader r = {lf__buf_bytes(&answer)};
    while (px_wire_next(&r, &wire)) {
        is_repeated = is_repeated || (wire.number == 2 && lf__bytes_eq(wire.value, question));
        kinds += wire.number >= 4 && wire.number <= 7 ? 1 : 0;
    }
    FUZZ_REQUIRE(lf__read_finished(&r) && is_repeated && kinds == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    lf_bytes service = {NULL, 7};
    if (fuzz_choice(&r, 2) == 0) {
        reflection_try(r.rest);
    } else if (gw_health_decode(r.rest, &service, NULL) != LF_OK) {
        FUZZ_REQUIRE(service.ptr == NULL && service.len == 7);
    }
    return 0;
}
