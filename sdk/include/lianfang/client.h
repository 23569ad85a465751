/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/client.h - a member's side of a gateway: push, screen, verify, audit.
 *
 * Threads: a client may be shared; each call blocks its own thread only. A batch belongs to one
 * thread. Text is UTF-8 and ends with NUL; NULL in a text field means "not given".
 * Errors: a call returning lf_status sets its outputs only on success and, when `err` is not NULL,
 * *err only on failure. E_UNAVAILABLE, E_DEADLINE, E_BUSY are worth another try.
 */
#ifndef LF_CLIENT_H
#define LF_CLIENT_H

#include <lianfang/base.h>
#include <stdbool.h>

LF_BEGIN_DECLS

typedef struct lf_client lf_client;
typedef struct lf_batch lf_batch;

#define LF_RECORD_ID_LEN 16

/* Reads a profile.conf and the files that it names; connects when first used. *out is owned: release
 * with lf_client_close(). E_NOT_FOUND, E_FORMAT name the file and the key. */
LF_API LF_MUST_USE lf_status lf_client_open(const char *profile, lf_client **out, lf_error *err);
LF_API void lf_client_close(lf_client *client); /* NULL allowed */
/* The member that the profile speaks for; borrowed until close. */
LF_API const char *lf_client_member(const lf_client *client);

/* ---- push ---- */

/* An enforcement event; `measures` ends with NULL. */
typedef struct lf_event {
    size_t size;         /* sizeof(lf_event) */
    const char *ref;     /* the member's own case number; required */
    uint32_t version;    /* 0 means 1; above 1 it replaces version - 1 of the same ref */
    const char *uscc;    /* required, in normal form */
    const char *violation;
    const char *certainty; /* SUSPECTED, TEST_ABNORMAL, ESTABLISHED_BY_PLATFORM, ... */
    const char *const *measures;
    const char *decided_at; /* YYYY-MM-DD */
    const char *shop_id;
    const char *rule;
    int64_t amount_fen;
    uint32_t points;
    const char *evidence_sha256; /* 64 hex characters */
    const char *note;
} lf_event;

/* What the registry says of a code. The name of an individual business (92...) travels masked to
 * members and whole to regulators only. */
typedef struct lf_registry_entry {
    size_t size;
    const char *ref; /* NULL: the code */
    uint32_t version;
    const char *uscc; /* required, in normal form */
    const char *name;
    const char *established;
    const char *province;
    const char *status;
} lf_registry_entry;

typedef enum lf_outcome { LF_ACCEPTED = 1, LF_DUPLICATE = 2, LF_REFUSED = 3 } lf_outcome;

/* One record's answer, in the order of adding. Borrowed for the callback. */
typedef struct lf_result {
    lf_outcome outcome;
    uint64_t index;       /* of ACCEPTED and DUPLICATE */
    bool is_pending_relay;
    const char *receipt;  /* a C2SP tlog-proof, verified before it is told */
    lf_bytes envelope;    /* the record as it stands in the ledger */
    lf_error error;       /* of REFUSED: reason, field, message */
    void *user;           /* as given when the record was added */
} lf_result;
typedef void (*lf_result_cb)(const lf_result *result, void *user);

#define LF_BATCH_MAX 512

/* Up to LF_BATCH_MAX records under one signature, each provable alone afterwards. *out is owned:
 * lf_batch_free(). A client must outlive its batches. */
LF_API LF_MUST_USE lf_status lf_batch_new(lf_client *client, lf_batch **out, lf_error *err);
LF_API void lf_batch_free(lf_batch *batch); /* NULL allowed */
LF_API size_t lf_batch_count(const lf_batch *batch);
/* Copies what it needs. E_FULL when the batch must be sent first; E_ARG for a missing field. */
LF_API LF_MUST_USE lf_status lf_batch_add_event(lf_batch *batch, const lf_event *event, void *user, lf_error *err);
LF_API LF_MUST_USE lf_status lf_batch_add_registry(lf_batch *batch, const lf_registry_entry *entry, void *user, lf_error *err);
/* WITHDRAWN and the other reasons of a Correction about one's own record by ref and version, or about
 * record `record_id` (32 hex characters) of `issuer`. */
typedef struct lf_statement {
    size_t size;
    bool is_relay;           /* a regulator's Relay: decision RELEASED or REFUSED */
    const char *issuer;      /* NULL: the profile's own member */
    const char *record_id;   /* NULL: of kind ENFORCEMENT_EVENT with `ref` */
    const char *ref;
    const char *decision;
    const char *note;
} lf_statement;
LF_API LF_MUST_USE lf_status lf_batch_add_statement(lf_batch *batch, const lf_statement *statement, void *user, lf_error *err);
/* Sends all, calls `each` once a record, and empties the batch. Tries again with back-off until
 * timeout_ms (0: 60000). After a failure the records are still there: sending again is safe. */
LF_API LF_MUST_USE lf_status lf_batch_send(lf_batch *batch, int64_t timeout_ms, lf_result_cb each, void *user, lf_error *err);

/* ---- screen ---- */

typedef struct lf_screen_reason {
    const char *code;
    const char *violation;
    const char *certainty;
    const char *state;
    const char *decided_at;
    int64_t until_ms;
    const char *origin;
    uint64_t index;
} lf_screen_reason;
typedef struct lf_screened {
    const char *subject;
    const char *advice; /* ALLOW, ALLOW_WITH_WARNING, MANUAL_REVIEW, DENY; "" for a malformed code */
    const char *error;  /* reason code of a malformed code, or "" */
    const lf_screen_reason *reasons;
    size_t reason_count;
    uint64_t checkpoint_size;
} lf_screened;
typedef void (*lf_screened_cb)(const lf_screened *screened, void *user);

typedef struct lf_question {
    size_t size;
    const char *purpose;     /* required, such as ONBOARDING */
    const char *case_number; /* where the purpose or role requires one */
    const char *const *codes;
    size_t count; /* 1 to 1,000 */
    int64_t timeout_ms; /* 0: 30000 */
} lf_question;
LF_API LF_MUST_USE lf_status lf_screen(lf_client *client, const lf_question *question, lf_screened_cb each, void *user, lf_error *err);

/* ---- prove ---- */

/* The latest head, verified; `note` gets the signed checkpoint when not NULL (size bytes of room). */
LF_API LF_MUST_USE lf_status lf_checkpoint(lf_client *client, uint64_t *size, char *note, size_t note_size, lf_error *err);
typedef struct lf_audit {
    uint64_t size;      /* entries recomputed */
    uint64_t readable;  /* of them with contents that this member may read */
    char root[65];      /* hex */
} lf_audit;
/* Reads the whole log from genesis, recomputes the root and compares it with the signed head, and
 * checks every readable record against its leaf. `progress` may be NULL. E_SIGNATURE names the entry. */
LF_API LF_MUST_USE lf_status lf_log_audit(lf_client *client, void (*progress)(uint64_t done, uint64_t size, void *user), void *user, lf_audit *out, lf_error *err);
/* Offline: the receipt is of this envelope and signed by `vkey` (name+id+key). */
LF_API LF_MUST_USE lf_status lf_receipt_verify(const char *receipt, lf_bytes envelope, const char *vkey, uint64_t *index, lf_error *err);
/* The vkey of the profile's gateway, borrowed until close. */
LF_API const char *lf_client_ledger_key(const lf_client *client);

LF_END_DECLS
#endif
