/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/trust_file.h - the file that says what a verifier of evidence believes beforehand: one ledger, the keys that it signs with,
 * and the witnesses that count. Threads: any; it does not change once read.
 *
 *   lianfang-trust/v1
 *   origin NAME/ledger
 *   genesis <leaf hash of entry 0, 64 hex characters>
 *   <empty line>
 *   <a C2SP tlog-policy: log VKEY (each key that the ledger signs or has signed with), witness, group, quorum>
 *
 * Lines that begin with '#' are comments.
 */
#ifndef LF__TRUST_FILE_H
#define LF__TRUST_FILE_H

#include "core/witness_policy.h"

enum { LF_TRUST_LEARNED_MAX = 64 };

struct lf__trust_file {
    char origin[LF_NOTE_NAME_MAX + 1];
    struct lf__hash genesis;
    struct lf__witness_policy *policy;
    /* keys that the ledger's announcements lead to from a key of the policy: as good as that one */
    struct lf__note_key learned[LF_TRUST_LEARNED_MAX];
    size_t learned_count;
};

/* *out is owned: lf__trust_file_free(). E_FORMAT (TRUST_BAD, POLICY_BAD) names the line and the rule. */
lf_status lf__trust_file_parse(lf_bytes text, struct lf__trust_file **out, lf_error *err);
void lf__trust_file_free(struct lf__trust_file *trust); /* NULL allowed */

struct lf__witnessed {
    const struct lf__policy_item *witness; /* borrowed from the trust */
    int64_t time_s;
};
struct lf__trusted_head {
    struct lf__merkle_head head;
    const struct lf__note_key *key; /* that signed it; borrowed from the trust */
    struct lf__witnessed witnesses[LF_POLICY_ITEMS_MAX];
    size_t witness_count;
};
/* The head is of the trusted origin, signed by one of its keys, and cosigned as the policy asks. E_FORMAT
 * (CHECKPOINT_BAD, NOTE_BAD), E_SIGNATURE (SIGNATURE_MISSING, SIGNATURE_BAD, QUORUM_MISSING). */
lf_status lf__trust_file_head(const struct lf__trust_file *trust, lf_bytes note,
                              struct lf__trusted_head *out, lf_error *err);

#endif
