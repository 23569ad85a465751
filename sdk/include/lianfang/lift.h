/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/lift.h - a measure ends, or a line leaves its list: it was right until then.
 *
 * What was wrong from the start is corrected or withdrawn instead (lianfang/record.h, lf_statement). A lifting travels as far as what
 * it lifts: everyone who was told is told, advice follows at once, and those who acted are asked to undo it.
 * Threads: any; a call blocks its own. Errors: as in lianfang/client.h.
 */
#ifndef LF_LIFT_H
#define LF_LIFT_H

#include <lianfang/client.h>
#include <lianfang/record.h>

LF_BEGIN_DECLS

/* What is lifted. Start from LF_LIFT_INIT; NULL means "not given". */
typedef struct lf_lift {
    size_t size;     /* of this struct; set by LF_LIFT_INIT */
    const char *ref; /* our own enforcement event of this ref, whichever version stands; or */
    uint64_t index;  /* (`ref` NULL) the entry of our own event, or of a listing */
    const char
        *lifted_on; /* from this day on it no longer holds; YYYY-MM-DD, NULL: today in Shanghai */
    const char *ground; /* of a listing: REMOVED (the default), REPAIRED, REVOKED, TERM */
    const char *
        note; /* of an event: for its issuer and regulators; of a listing: the reason as published */
    uint32_t timeout_ms; /* until it is answered; 0: 60000 */
} lf_lift;
#define LF_LIFT_INIT                                                                               \
    {                                                                                              \
        sizeof(lf_lift), NULL, 0, NULL, NULL, NULL, 0                                              \
    }

/* Reads what stands, proven, and says the record that lifts it: of an event its next version with the measure LIFT, of a
 * listing a ListRemoval. `each` is called once before this returns OK, with that record's answer; what was lifted before is a
 * DUPLICATE. E_NOT_FOUND (TARGET_UNKNOWN) for what is not there or not ours to read, E_DENIED (KIND_NOT_ALLOWED) for an event of
 * somebody else, E_ARG with the field, TARGET_KIND for a record of another kind. Not from a callback. */
LF_API LF_MUST_USE lf_status lf_lift_say(lf_client *client, const lf_lift *lift, lf_result_cb each,
                                         void *user, lf_error *err);

LF_END_DECLS
#endif
