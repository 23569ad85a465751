/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/doctor.h - why does it not work? Checks a member's profile, keys, clock and connection, one
 * after the other, and says of each what to do.
 *
 * Threads: any; blocks on the network for a few seconds at most.
 */
#ifndef LF_DOCTOR_H
#define LF_DOCTOR_H

#include <lianfang/client.h>
#include <stdbool.h>

LF_BEGIN_DECLS

/* One check. All text is borrowed for the callback. */
typedef struct lf_check {
    const char *name; /* profile, secrets, certificate, connection, health, membership, key,
                           ledger, clock, version */
    bool is_ok;
    const char *found;  /* what was found, one line without secrets */
    const char *advice; /* what to do about it; "" when all is well */
} lf_check;
typedef void (*lf_check_cb)(const lf_check *check, void *user);

/* Calls `each` once a check, in the order of the list above, and ends early where the rest cannot be
 * checked. OK when all is well. Otherwise the status of the first check that failed: E_UNAVAILABLE for
 * the connection, E_UNAUTHENTICATED and E_DENIED for the membership, E_PRECONDITION for the rest. */
LF_API LF_MUST_USE lf_status lf_doctor(const char *profile, lf_check_cb each, void *user,
                                       lf_error *err);
/* The same with a client of these options (NULL: the defaults). */
LF_API LF_MUST_USE lf_status lf_doctor_with(const char *profile, const lf_client_options *options,
                                            lf_check_cb each, void *user, lf_error *err);

LF_END_DECLS
#endif
