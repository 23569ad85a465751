/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/record.h - what a member can say, as plain values, and what the gateway answers.
 *
 * Record id and salts follow from the profile's push secret, the kind, the ref and the version: the
 * same statement is the same record however often it is handed in, and the gateway answers DUPLICATE.
 * Threads: plain values. Text is UTF-8, ends with NUL and is borrowed during the call that takes the
 * struct; NULL or "" means "not given". Each struct starts from its _INIT macro and zero is "not given".
 */
#ifndef LF_RECORD_H
#define LF_RECORD_H

#include <lianfang/base.h>
#include <stdbool.h>

LF_BEGIN_DECLS

#define LF_RECORD_ID_LEN 16
#define LF_REF_LEN       128 /* the most bytes of a ref */

/* An enforcement event. */
typedef struct lf_event {
    size_t size;                 /* of this struct; set by LF_EVENT_INIT */
    const char *ref;             /* the member's own case number; required */
    uint32_t version;            /* 0 means 1; above 1 it replaces version - 1 of the same ref */
    const char *uscc;            /* required, in normal form (lf_uscc_check) */
    const char *violation;       /* a code of the policy's table; required */
    const char *certainty;       /* SUSPECTED, TEST_ABNORMAL, ESTABLISHED_BY_PLATFORM, ... */
    const char *const *measures; /* ends with NULL; at most 16 */
    const char *decided_at;      /* YYYY-MM-DD, Asia/Shanghai */
    const char *shop_id;
    const char *rule;
    int64_t amount_fen;
    uint32_t points;
    const char *evidence_sha256; /* 64 hex characters */
    const char *note;            /* at most 4096 bytes; no ID number */
} lf_event;
#define LF_EVENT_INIT                                                                              \
    {                                                                                              \
        sizeof(lf_event), NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL      \
    }

/* What the registry says of a code. The name of an individual business (92...) travels masked to
 * members and whole to regulators only. */
typedef struct lf_registry_entry {
    size_t size;     /* of this struct; set by LF_REGISTRY_ENTRY_INIT */
    const char *ref; /* NULL: the code */
    uint32_t version;
    const char *uscc; /* required, in normal form */
    const char *name;
    const char *established; /* YYYY-MM-DD */
    const char *province;
    const char *status;
} lf_registry_entry;
#define LF_REGISTRY_ENTRY_INIT                                                                     \
    {                                                                                              \
        sizeof(lf_registry_entry), NULL, 0, NULL, NULL, NULL, NULL, NULL                           \
    }

/* A statement about another record: a Correction, or a regulator's Relay. */
typedef struct lf_statement {
    size_t size;           /* of this struct; set by LF_STATEMENT_INIT */
    bool is_relay;         /* a Relay: decision RELEASED or REFUSED */
    const char *issuer;    /* of the record meant; NULL: the profile's own member */
    const char *record_id; /* 32 hex characters; NULL: one's own event with this `ref` */
    const char *ref;
    /* WITHDRAWN, WRONG_SUBJECT, IDENTITY_STOLEN, FACT_WRONG, APPEAL_UPHELD, REPAIRED */
    const char *decision;
    const char *note;
    /* of the record with this `ref`; 0 means 1. Each version is a record of its own */
    uint32_t version;
    bool is_of_registry; /* `ref` is of a registry entry instead of an event */
} lf_statement;
#define LF_STATEMENT_INIT                                                                          \
    {                                                                                              \
        sizeof(lf_statement), false, NULL, NULL, NULL, NULL, NULL, 0, false                        \
    }

/* One field of a record, by its name in the contract (kinds.proto). Hashes and record ids are hex, enums
 * their name without its prefix (KEPT, not DISPOSITION_ANSWER_KEPT), numbers decimal, flags true or false,
 * and the items of a repeated field stand between semicolons. */
typedef struct lf_field {
    const char *name;
    const char *value;
} lf_field;

/* A record of any kind that a member may issue, said field by field. A name that the kind does not have is
 * refused (UNKNOWN_FIELD), and so is what the kind's form does not allow, each with the field. The name of an
 * individual business (92...) is masked, and goes whole where the kind has a field full_name; a field "operator" names who
 * runs it, is sent to nobody, and lets all of the name be shown but his. */
typedef struct lf_fields {
    size_t size;             /* of this struct; set by LF_FIELDS_INIT */
    const char *kind;        /* credit-list-entry, disposition, ...; required */
    const char *ref;         /* NULL or "": made from the contents, the same for the same ones */
    uint32_t version;        /* 0 means 1; above 1 it replaces version - 1 of the same ref */
    const char *audience;    /* member ids between semicolons; NULL or "": all members */
    const char *legal_basis; /* NULL or "": STATUTORY_DUTY; PUBLIC_DISCLOSED, CONSENT, CONTRACT */
    const char *certainty;
    const char *effective_from; /* dates, Asia/Shanghai, from inclusive, until exclusive */
    const char *effective_until;
    const lf_field *fields; /* `count` of them */
    size_t count;
} lf_fields;
#define LF_FIELDS_INIT                                                                             \
    {                                                                                              \
        sizeof(lf_fields), NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0                    \
    }

/* Whether a member may say records of this kind, and (`name` not NULL) whether they have this field. */
LF_API bool lf_kind_has(const char *kind, const char *name);
/* Whether they have this field, and it is a repeated one. */
LF_API bool lf_kind_has_many(const char *kind, const char *name);

/* One record to hand in: exactly one of the pointers is set. */
typedef struct lf_record {
    size_t size; /* of this struct; set by LF_RECORD_INIT */
    const lf_event *event;
    const lf_registry_entry *registry_entry;
    const lf_statement *statement;
    const lf_fields *fields;
} lf_record;
#define LF_RECORD_INIT                                                                             \
    {                                                                                              \
        sizeof(lf_record), NULL, NULL, NULL, NULL                                                  \
    }

typedef enum lf_outcome {
    LF_ACCEPTED = 1,  /* durable, in the ledger, provable */
    LF_DUPLICATE = 2, /* the same record stands there from before */
    LF_REFUSED = 3,   /* `error` says why; nothing of it was kept */
    /* `error` says why (E_UNAVAILABLE, E_DEADLINE, E_CANCELED, E_CLOSED, ...): the record may or may
     * not be in the ledger; handing it in again tells */
    LF_UNANSWERED = 4,
} lf_outcome;

/* One record's answer; everything in it is borrowed for the callback. */
typedef struct lf_result {
    lf_outcome outcome;
    uint64_t index;        /* of ACCEPTED and DUPLICATE */
    bool is_pending_relay; /* ACCEPTED, and acts at other platforms after a Relay only */
    /* of ACCEPTED and DUPLICATE: a C2SP tlog-proof whose head, path and leaf
     * were verified before this is told; otherwise "" */
    const char *receipt;
    /* the record as it stands in the ledger: what `receipt` proves. Empty for a DUPLICATE that stands
     * there under another signature */
    lf_bytes envelope;
    lf_error error;  /* of REFUSED and UNANSWERED: reason, field, message */
    void *user;      /* as given with the record */
    uint64_t tag;    /* as given to lf_push_add(); otherwise 0 */
    bool is_resumed; /* handed in by an earlier run of the push */
} lf_result;
typedef void (*lf_result_cb)(const lf_result *result, void *user);

LF_END_DECLS
#endif
