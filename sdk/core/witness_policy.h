/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/witness_policy.h - C2SP tlog-policy: which logs are trusted, which witnesses count, and how many of them a
 * checkpoint needs. Threads: any; a policy does not change once read.
 */
#ifndef LF__WITNESS_POLICY_H
#define LF__WITNESS_POLICY_H

#include "core/checkpoint.h"

enum {
    LF_POLICY_LOGS_MAX = 32,
    LF_POLICY_ITEMS_MAX = 64,   /* witnesses and groups together */
    LF_POLICY_MEMBERS_MAX = 64, /* of one group */
    LF_POLICY_URL_MAX = 255,
    LF_POLICY_TEXT_MAX = 65536 /* bytes of the file */
};

struct lf__policy_log {
    struct lf__note_key key;
    char url[LF_POLICY_URL_MAX + 1]; /* "" when not given */
};

struct lf__policy_item {
    char name[LF_NOTE_NAME_MAX + 1];
    bool is_group;
    /* of a witness */
    struct lf__note_key key;
    char url[LF_POLICY_URL_MAX + 1];
    /* of a group: `need` of these, all of which stand before it */
    unsigned need;
    unsigned member_count;
    uint8_t members[LF_POLICY_MEMBERS_MAX];
};

struct lf__witness_policy {
    struct lf__policy_log logs[LF_POLICY_LOGS_MAX];
    unsigned log_count;
    struct lf__policy_item items[LF_POLICY_ITEMS_MAX];
    unsigned item_count;
    int quorum; /* index of an item; -1: none is needed */
};

/* *out is owned: free() it through lf__witness_policy_free(). E_FORMAT names the line and the rule. */
lf_status lf__witness_policy_parse(lf_bytes text, struct lf__witness_policy **out, lf_error *err);
void lf__witness_policy_free(struct lf__witness_policy *policy); /* NULL allowed */

/* The log of this origin, or NULL. Borrowed. */
const struct lf__policy_log *lf__witness_policy_log(const struct lf__witness_policy *policy,
                                                    lf_bytes origin);
/* Whether enough witnesses have cosigned: OK, or E_SIGNATURE (QUORUM_MISSING), or the error of a cosignature by a
 * known witness that does not verify. *oldest_s (NULL allowed) is the earliest time among those that counted. */
lf_status lf__witness_policy_check(const struct lf__witness_policy *policy, lf_bytes note,
                                   int64_t *oldest_s, lf_error *err);

#endif
