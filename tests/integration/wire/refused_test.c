/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refused, and nothing stored. Each case bends one thing of a record that is otherwise good, sends it
 * over mutual TLS to a running gateway, and wants one reason and an unchanged ledger; the unbent record
 * is taken. Started by wire.sh with LIANFANG_FED and LIANFANG_PORT.
 */
#include "integration/wire/bends.h"

#include "base/bytes.h"
#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct wire w;

static void step(void (*bend)(struct wire_record *), struct wire_record *r)
{
    if (bend != NULL) {
        bend(r);
    }
}

static void case_send(const struct wire_case *c, struct wire_told *told)
{
    struct wire_record r;
    wire_record_init(&w, &r);
    step(c->fields, &r);
    wire_bodies(&r);
    step(c->bodies, &r);
    wire_encode(&r);
    if (c->record != NULL) {
        c->record(&r.record);
    }
    wire_sign(&r);
    step(c->envelope, &r);
    wire_pack(&r);
    if (c->bytes != NULL) {
        c->bytes(&r.wire);
    }
    wire_submit(&r, told);
    wire_record_done(&r);
}

static void each_with_its_reason(void **state)
{
    (void)state;
    uint64_t before = wire_size(&w);
    unsigned failed = 0;
    for (size_t i = 0; i < wire_case_count; i++) {
        struct wire_told told;
        case_send(&wire_cases[i], &told);
        bool is_refused = told.code != 0 || told.outcome == PX_OUTCOME_REFUSED;
        if (!is_refused || strcmp(told.reason, wire_cases[i].reason) != 0 ||
            wire_size(&w) != before) {
            print_error("%s: %s instead of %s, size %llu\n", wire_cases[i].what, told.reason,
                        wire_cases[i].reason, (unsigned long long)wire_size(&w));
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

/* What the cases bend is good when it is not bent: alone, and as one of a batch. */
static void unbent_is_taken(void **state)
{
    (void)state;
    static const struct wire_case good[] = {{"alone", "", .fields = NULL},
                                            {"in a batch", "", .envelope = wire_batch_of_two}};
    for (size_t i = 0; i < LF_COUNT(good); i++) {
        struct wire_told told;
        uint64_t before = wire_size(&w);
        case_send(&good[i], &told);
        assert_string_equal(told.reason, "");
        assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
        assert_int_equal(told.index, before);
        assert_int_equal(wire_size(&w), before + 1);
    }
}

/* Every single bit of the envelope: whatever it breaks, nothing of it gets in. */
static void every_bit(void **state)
{
    (void)state;
    struct wire_record r;
    struct wire_told told;
    uint64_t before = wire_size(&w);
    wire_record_init(&w, &r);
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    for (size_t bit = 0; bit < 8 * r.wire.len; bit++) {
        r.wire.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        wire_submit(&r, &told);
        if ((told.code == 0 && told.outcome != PX_OUTCOME_REFUSED) || told.reason[0] == '\0') {
            fail_msg("bit %zu: code %d, outcome %d, reason '%s'", bit, told.code, told.outcome,
                     told.reason);
        }
        r.wire.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(wire_size(&w), before);
    wire_submit(&r, &told);
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    wire_submit(&r, &told);
    assert_int_equal(told.outcome, PX_OUTCOME_DUPLICATE);
    assert_int_equal(told.index, before);

    r.event.note = lf__bytes_str("other words under the same id");
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    wire_submit(&r, &told);
    assert_string_equal(told.reason, "CHANGED");
    assert_int_equal(wire_size(&w), before + 1);
    wire_record_done(&r);
}

static int setup(void **state)
{
    (void)state;
    return wire_open_env(&w) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    wire_close(&w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unbent_is_taken),
                                       cmocka_unit_test(each_with_its_reason),
                                       cmocka_unit_test(every_bit)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
