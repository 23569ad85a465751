/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/evidence.h - records proven by a file, offline, years later: making such files, and verifying them.
 *
 * A verifier trusts its own trust file and nothing else: the ledger's origin, the hash of its first entry, the keys it signs
 * with, the witnesses and their quorum.
 *
 *   lianfang-trust/v1
 *   origin NAME/ledger
 *   genesis <leaf hash of entry 0, as 'lianfang log prove 0' prints it>
 *   <empty line>
 *   log VKEY                  each key that the ledger signs or has signed with; then, as C2SP tlog-policy has it,
 *   witness NAME VKEY         any number of them
 *   group NAME any|all|K MEMBER...
 *   quorum NAME|none
 *
 * Threads: any. Verifying does no input or output. Errors: as in lianfang/client.h.
 */
#ifndef LF_EVIDENCE_H
#define LF_EVIDENCE_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

#define LF_EVIDENCE_MAX         (64 << 20) /* bytes of one file */
#define LF_EVIDENCE_RECORDS_MAX 1000
#define LF_EVIDENCE_BESIDE_MAX  (256 << 20) /* bytes of an attachment that is kept beside it */

/* ---- what was proven ---- */

/* A group of a record's fields: shown and of the signed hash, or hidden (or erased: they look alike). */
typedef struct lf_evidence_part {
    const char *part_class; /* PUBLIC, MEMBERS, REGULATOR, PERSONAL */
    bool is_shown;
    char sha256[65]; /* the hash that was signed, over class, salt and body */
} lf_evidence_part;

/* One signature, and the row of the table of keys in force at the record's place. */
typedef struct lf_evidence_signature {
    char key_id[65];
    const char *algorithm;
    const char *role;     /* of the member then; "" for the authority */
    const char *status;   /* ACTIVE; of a Correction also SUSPENDED or RETIRED */
    uint64_t since_index; /* entry that made the row */
    uint32_t batch_size;  /* records under this signature; 0: this one alone */
} lf_evidence_signature;

typedef struct lf_evidence_field {
    const char *name; /* as in the proto */
    const char *value;
} lf_evidence_field;

/* A later record of the same bundle that speaks of this one. */
typedef struct lf_evidence_later {
    uint64_t index;
    const char *kind; /* Correction, Relay, Redaction; or the record's own kind: a next version */
    const char *decision; /* WITHDRAWN, RELEASED, ...; "" otherwise */
    const char *issuer;
} lf_evidence_later;

typedef struct lf_evidence_record {
    uint64_t index;
    int64_t accepted_at_ms; /* by the gateway's clock */
    int64_t issued_at_ms;   /* by the issuer's; 0: not given */
    char leaf[65];          /* hash in the tree */
    char record_sha256[65]; /* of what was signed */
    char members_root[65];
    const char *issuer;
    char record_id[33];
    const char *kind;
    const char *ref;
    uint32_t version;
    const char *certainty;
    const lf_evidence_signature *signatures;
    size_t signature_count;
    const lf_evidence_part *parts;
    size_t part_count;
    const lf_evidence_field *fields; /* of the parts shown */
    size_t field_count;
    const lf_evidence_later *later;
    size_t later_count;
} lf_evidence_record;

typedef struct lf_evidence_attachment {
    const char *name;
    char sha256[65];
    uint64_t size;
    uint64_t index;  /* of the record that names it */
    bool is_checked; /* false: kept beside the bundle, and was not handed in */
} lf_evidence_attachment;

typedef struct lf_evidence_witness {
    const char *name;
    int64_t time_ms;
} lf_evidence_witness;

/* Everything was proven, except what `unproven` names. Borrowed until lf_evidence_free(). */
typedef struct lf_evidence {
    char sha256[65]; /* of the whole file */
    const char *origin;
    char genesis[65];
    const char *log_key; /* vkey */
    uint64_t size;
    char root[65];
    const char *quorum; /* what the trust file asks for; "" : nothing */
    const lf_evidence_witness *witnesses;
    size_t witness_count;
    const lf_evidence_record *records;
    size_t record_count;
    const lf_evidence_attachment *attachments;
    size_t attachment_count;
    /* CONTENT (what a record says is true), LATER (nothing later speaks of it), KEY_DATES (the dates and use of the keys
     * themselves: proven when the Member record since which each is so, `since_index`, is among the records),
     * THRESHOLD (how many authority keys had to sign: proven when the genesis is among the records), WITNESSED (nobody but the ledger vouches for the head),
     * KEY_IN_FORCE (the bundle itself shows that the key which signed the head was replaced: whoever has it since can date one back),
     * ATTACHMENT_NAMES (what files are called, and how long those are that were not checked: a record names hashes) */
    const char *const *unproven;
    size_t unproven_count;
} lf_evidence;

/* `beside`: contents of attachments that are kept beside the bundle, in any order. *out is owned. The first thing that does not
 * hold refuses all: E_FORMAT, E_TOO_BIG, E_VERSION, E_REJECTED, E_SIGNATURE, E_DENIED, with the reason; the field says where
 * (records.3.keys: of the record at entry 3). */
LF_API LF_MUST_USE lf_status lf_evidence_verify(lf_bytes bundle, lf_bytes trust,
                                                const lf_bytes *beside, size_t beside_count,
                                                const lf_evidence **out, lf_error *err);
LF_API void lf_evidence_free(const lf_evidence *evidence); /* NULL is allowed */

/* ---- making one ---- */

typedef struct lf_evidence_options {
    size_t size;             /* of this struct; set by LF_EVIDENCE_OPTIONS_INIT */
    const uint64_t *indexes; /* 1 to LF_EVIDENCE_RECORDS_MAX */
    size_t index_count;
    const char *const
        *attach; /* files; each named by hash in a part of one of the records. At most 64 */
    size_t attach_count;
    const char *const *hide; /* PUBLIC, MEMBERS, REGULATOR, PERSONAL */
    size_t hide_count;
    const char
        *proofs; /* a directory in which INDEX.tlog-proof is made for each record; NULL: none */
    uint32_t wait_ms; /* for a published head that covers the records; 0: 3000 */
} lf_evidence_options;
#define LF_EVIDENCE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(lf_evidence_options), NULL, 0, NULL, 0, NULL, 0, NULL, 0                            \
    }

typedef struct lf_evidence_made {
    uint64_t size;     /* of the head that it leads to */
    bool is_published; /* that head was the published one, with what cosignatures it had */
    char genesis[65];  /* leaf hash of the ledger's first entry, as the gateway has it */
    size_t beside;     /* attachments that are too large for the file and must be kept beside it */
} lf_evidence_made;
/* Asks the gateway, verifies what it answers with the profile's key, and makes `path`; never over another file. Parts that this
 * member may not read are hidden. E_NOT_FOUND names the index that this member may not read, E_ARG an option or an
 * attachment that no part shown names, E_EXISTS a file. */
LF_API LF_MUST_USE lf_status lf_evidence_export(lf_client *client,
                                                const lf_evidence_options *options,
                                                const char *path, lf_evidence_made *out,
                                                lf_error *err);

/* Writes down what a verifier has to believe, as the gateway has it and under the profile's key: origin, the hash of the first entry,
 * and `policy`, the text of a C2SP tlog-policy with the witnesses that count; empty: every key that the ledger signs or has
 * signed with, and no witness. Never over another file. The verifier must compare it with what the operator and the
 * regulator publish elsewhere: a gateway that lies would lie here too. E_FORMAT (POLICY_BAD), also when no `log` of
 * the policy is the ledger's; E_EXISTS. */
LF_API LF_MUST_USE lf_status lf_evidence_trust(lf_client *client, lf_bytes policy, const char *path,
                                               lf_error *err);

LF_END_DECLS
#endif
