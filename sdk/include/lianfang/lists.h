/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/lists.h - lines of credit lists: by what they are the same line tomorrow.
 *
 * Threads: plain values. Errors: as in lianfang/client.h.
 */
#ifndef LF_LISTS_H
#define LF_LISTS_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

#define LF_LIST_REF_SIZE 48 /* with its NUL */

/* What a line is told by: with the publisher's own id for it list, region, subject and that id; without, the day of listing,
 * the reason as published and the authority in its place. Start from LF_LIST_KEY_INIT; NULL or "" is "not given". */
typedef struct lf_list_key {
    size_t size;      /* of this struct; set by LF_LIST_KEY_INIT */
    const char *list; /* required */
    const char *region;
    const char *uscc; /* required, in normal form */
    const char *list_id;
    const char *listed_on; /* required without list_id */
    const char *reason_text;
    const char *authority;
} lf_list_key;
#define LF_LIST_KEY_INIT                                                                           \
    {                                                                                              \
        sizeof(lf_list_key), NULL, NULL, NULL, NULL, NULL, NULL, NULL                              \
    }

/* The ref under which the line's record is handed in: "list-" and 40 hex characters of a SHA-256, so that the same line is
 * always the same record. Blanks and the width of brackets do not count in reason and authority. Texts are borrowed for the
 * call. E_ARG for a field that is missing. */
LF_API LF_MUST_USE lf_status lf_list_ref(const lf_list_key *key, char out[LF_LIST_REF_SIZE],
                                         lf_error *err);

/* The record id, in hex, that our own CreditListEntry has under this ref and version (0 means 1): what a ListRemoval names. */
LF_API LF_MUST_USE lf_status lf_list_record_id(const lf_client *client, const char *ref,
                                               uint32_t version, char out[33], lf_error *err);

LF_END_DECLS
#endif
