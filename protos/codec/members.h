/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/members.h - the Members service and Ledger.GetEvidence, both ways; see
 * lianfang/v1/{members,ledger}.proto. Decoded values are borrowed from the arena. Threads: any.
 */
#ifndef PX_MEMBERS_H
#define PX_MEMBERS_H

#include "core/merkle.h"
#include "core/roster.h"
#include "protos/codec/kinds.h"

enum { PX_LIST_MAX = 1000, PX_LIST_DEFAULT = 100 };

/* A member as the roster holds it. */
struct px_member_entry {
    struct px_member member;
    uint64_t since_index;
    lf_bytes record_id; /* of the record that says so */
    uint32_t version;
};

struct px_list_request {
    enum px_role role; /* NONE: all */
    lf_bytes after;
    uint32_t limit; /* 1 to PX_LIST_MAX */
};
bool px_list_request_encode(const struct px_list_request *request, struct lf__buf *out);
lf_status px_list_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                 struct px_list_request *out, lf_error *err);

bool px_list_entry_encode(const struct px_member_entry *entry, struct lf__buf *reply); /* each */
bool px_list_end(lf_bytes next, uint64_t size, struct lf__buf *reply);
lf_status px_list_decode(struct lf__arena *arena, lf_bytes bytes, struct px_member_entry **list,
                         size_t *count, lf_bytes *next, uint64_t *size, lf_error *err);

bool px_get_member_request_encode(lf_bytes member, struct lf__buf *out);
lf_status px_get_member_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_bytes *member,
                                       lf_error *err);
bool px_get_member_encode(const struct px_member_entry *entry, uint64_t size,
                          struct lf__buf *reply);
lf_status px_get_member_decode(struct lf__arena *arena, lf_bytes bytes, struct px_member_entry *out,
                               uint64_t *size, lf_error *err);

/* ProposeRequest has the form of a SubmitRequest: px_submit_request_*. */
bool px_approve_request_encode(const struct lf__hash *proposal,
                               const struct px_signature *signature, struct lf__buf *out);
lf_status px_approve_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                    struct lf__hash *proposal, struct px_signature *signature,
                                    lf_error *err);

struct px_proposal {
    struct lf__hash id;
    uint32_t signatures;
    uint32_t threshold;
    bool accepted;
    uint64_t index; /* if accepted */
    int64_t expires_at_ms;
};
bool px_proposal_encode(const struct px_proposal *proposal, struct lf__buf *out);
lf_status px_proposal_decode(struct lf__arena *arena, lf_bytes bytes, struct px_proposal *out,
                             lf_error *err);

/* One row of the table under members_root. */
struct px_key_proof {
    struct lf__roster_row row;
    uint64_t at;
    uint64_t rows;
    const struct lf__hash *path;
    size_t path_count;
    struct lf__public_key key;
    int64_t revoked_at_ms; /* since; 0: it was not */
    unsigned revocation;   /* an enum px_revocation */
};
struct px_evidence {
    lf_bytes envelope;
    lf_bytes origin;
    uint64_t index;
    lf_bytes leaf;
    const struct lf__hash *path;
    size_t path_count;
    lf_bytes checkpoint;
    const struct px_key_proof *keys;
    size_t key_count;
    struct lf__hash genesis_leaf;
    const struct lf__hash *genesis_path;
    size_t genesis_path_count;
    unsigned classes; /* of the envelope's parts that are in it; not on the wire */
};
bool px_evidence_request_encode(lf_bytes issuer, lf_bytes record_id, struct lf__buf *out);
lf_status px_evidence_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_bytes *issuer,
                                     lf_bytes *record_id, lf_error *err);
bool px_evidence_encode(const struct px_evidence *evidence, struct lf__buf *out);
lf_status px_evidence_decode(struct lf__arena *arena, lf_bytes bytes, struct px_evidence *out,
                             lf_error *err);

#endif
