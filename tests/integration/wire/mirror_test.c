/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feed.ReportMirror: a count is taken from the member whose it is, signed by its own key, about a day that has begun; anything else is
 * refused by name and counts nothing. Started by mirror.sh with LIANFANG_FED and LIANFANG_PORT.
 */
#include "integration/wire/world.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/dsse.h"
#include "protos/codec/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { GRPC_OK = 0, GRPC_INVALID_ARGUMENT = 3, GRPC_PERMISSION_DENIED = 7 };

static struct wire w;

/* What a row bends of a good report. */
struct bend {
    const char *day; /* NULL: today */
    enum wire_who named;
    enum wire_who signer;
    enum wire_who caller;
    uint32_t subjects;
    bool is_altered; /* after it was signed */
    const char *type;
    int code;
    const char *reason;
};

static void report(const struct bend *b, struct wire_told *told)
{
    LF_BUF count;
    LF_BUF signed_bytes;
    LF_BUF request;
    char today[11];
    const struct wire_member *signer = &w.members[b->signer];
    lf__date_shanghai(lf__clock_utc_ms(), today);
    struct px_mirror_count said = {.member = lf__bytes_str(w.members[b->named].name),
                                   .day = lf__bytes_str(b->day == NULL ? today : b->day),
                                   .number = 1,
                                   .subjects = b->subjects,
                                   .digest = {{7}}};
    lf__buf_init(&count, 4096);
    lf__buf_init(&signed_bytes, 4096);
    lf__buf_init(&request, 4096);
    assert_true(px_mirror_count_encode(&said, &count));
    assert_true(lf__dsse_pae(&signed_bytes, b->type, lf__buf_bytes(&count)));
    struct px_mirror_report out = {.count = lf__buf_bytes(&count),
                                   .key_id = lf__key_id(&signer->key),
                                   .signature =
                                       lf__sign(signer->sign, lf__buf_bytes(&signed_bytes))};
    if (b->is_altered) {
        count.ptr[count.len - 1] ^= 1; /* of the digest */
    }
    assert_true(px_mirror_report_encode(&out, &request));
    wire_call(w.members[b->caller].client, "/lianfang.v1.Feed/ReportMirror",
              lf__buf_bytes(&request), told);
}

static void test_only_its_own_count_of_a_day_that_has_begun(void **state)
{
    (void)state;
    const char *const type = PX_MIRROR_COUNT_TYPE;
    const enum wire_who me = WIRE_PLATFORM;
    const struct bend rows[] = {
        {NULL, me, me, me, 5, false, type, GRPC_OK, ""},
        {"2026-03-02", me, me, me, 5, false, type, GRPC_OK, ""},
        {"2199-01-01", me, me, me, 5, false, type, GRPC_INVALID_ARGUMENT, "DATE_INVALID"},
        {"2026-02-30", me, me, me, 5, false, type, GRPC_INVALID_ARGUMENT, "DATE_INVALID"},
        {"", me, me, me, 5, false, type, GRPC_INVALID_ARGUMENT, "DATE_INVALID"},
        {NULL, WIRE_OTHER, me, me, 5, false, type, GRPC_PERMISSION_DENIED, "KEY_OF_OTHER_MEMBER"},
        {NULL, me, WIRE_OTHER, me, 5, false, type, GRPC_PERMISSION_DENIED, "KEY_OF_OTHER_MEMBER"},
        {NULL, me, me, WIRE_OTHER, 5, false, type, GRPC_PERMISSION_DENIED, "KEY_OF_OTHER_MEMBER"},
        {NULL, me, WIRE_STRANGER, me, 5, false, type, GRPC_INVALID_ARGUMENT, "KEY_UNKNOWN"},
        {NULL, me, me, me, 5, true, type, GRPC_INVALID_ARGUMENT, "SIGNATURE_BAD"},
        {NULL, me, me, me, 5, false, LF_TYPE_RECORD, GRPC_INVALID_ARGUMENT, "SIGNATURE_BAD"},
        {NULL, me, me, me, 0, false, type, GRPC_INVALID_ARGUMENT, ""},
    };
    for (size_t i = 0; i < 2 * LF_COUNT(rows);
         i++) { /* each twice: as if its answer had been lost */
        struct wire_told told = {.code = -1};
        report(&rows[i / 2], &told);
        if (told.code != rows[i / 2].code ||
            (rows[i / 2].reason[0] != '\0' && strcmp(told.reason, rows[i / 2].reason) != 0)) {
            fail_msg("row %zu: code %d, reason %s", i / 2, told.code, told.reason);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_its_own_count_of_a_day_that_has_begun)};
    if (!wire_open_env(&w)) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wire_close(&w);
    return failed;
}
