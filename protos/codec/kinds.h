/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/kinds.h - what records say, as our own values; see lianfang/v1/kinds.proto.
 *
 * A kind's message is spread over the parts: a field goes to the part whose class is its number /
 * 100. Decoded values are borrowed from the arena. Threads: any.
 */
#ifndef PX_KINDS_H
#define PX_KINDS_H

#include "base/crypto/sign.h"
#include "protos/codec/record.h"

enum {
    PX_MEASURES_MAX = 16,
    PX_MORE_VIOLATIONS_MAX = 8,
    PX_EVIDENCE_MAX = 64,
    PX_KEYS_MAX = 16,
    PX_PINS_MAX = 16,
    PX_TEXT_MAX = 4096
};

/* The numbers of lianfang.v1.Role, MemberStatus, KeyUse, RelayDecision, CorrectionReason. */
enum px_role {
    PX_ROLE_NONE,
    PX_ROLE_PLATFORM,
    PX_ROLE_REGULATOR,
    PX_ROLE_POLICE,
    PX_ROLE_COMMERCE,
    PX_ROLE_ASSOCIATION,
    PX_ROLE_LAB,
    PX_ROLE_BRAND,
    PX_ROLE_LICENCE_ISSUER,
    PX_ROLE_OBSERVER,
    PX_ROLE_AUDITOR,
    PX_ROLE_COUNT
};
enum px_member_status {
    PX_MEMBER_NONE,
    PX_MEMBER_ACTIVE,
    PX_MEMBER_SUSPENDED,
    PX_MEMBER_RETIRED,
    PX_MEMBER_STATUS_COUNT
};
/* The numbers of lianfang.v1.RevocationReason. */
enum px_revocation {
    PX_REVOKED_NOT,
    PX_REVOKED_COMPROMISED,
    PX_REVOKED_LOST,
    PX_REVOKED_SUPERSEDED,
    PX_REVOKED_CEASED,
    PX_REVOKED_COUNT
};
enum px_key_use { PX_KEY_NONE, PX_KEY_RECORD, PX_KEY_SEALING, PX_KEY_USE_COUNT };
enum px_relay { PX_RELAY_NONE, PX_RELAY_RELEASED, PX_RELAY_REFUSED };
enum px_correction {
    PX_CORRECTION_NONE,
    PX_CORRECTION_REPAIRED = 5,
    PX_CORRECTION_WITHDRAWN = 6,
    PX_CORRECTION_COUNT
};

struct px_event {
    lf_bytes uscc;
    lf_bytes violation;
    lf_bytes measures[PX_MEASURES_MAX];
    size_t measure_count;
    lf_bytes decided_at;
    lf_bytes more_violations[PX_MORE_VIOLATIONS_MAX];
    size_t more_count;
    lf_bytes name;
    lf_bytes campaign;
    lf_bytes stage;
    lf_bytes brand_issuer;    /* of the brand's own event, */
    lf_bytes brand_record_id; /* PX_ID_BYTES: both or neither */
    lf_bytes measure_until;
    lf_bytes shop_id;
    lf_bytes rule;
    int64_t amount_fen;
    uint32_t points;
    lf_bytes evidence[PX_EVIDENCE_MAX]; /* SHA-256 */
    size_t evidence_count;
    lf_bytes note;
};

struct px_registry {
    lf_bytes uscc;
    lf_bytes name;
    lf_bytes established;
    lf_bytes province;
    lf_bytes status;
    lf_bytes old_number;
    lf_bytes full_name;
};

/* Relay and Correction: a statement about another record. */
struct px_target {
    lf_bytes issuer;
    lf_bytes record_id;
    unsigned decision; /* an enum px_relay or px_correction, by the record's kind */
    lf_bytes decided_at;
    lf_bytes replacement; /* of a correction: the record id that now says it right, or nothing */
    lf_bytes note;
    uint64_t first_index; /* of a relay of a run; 0: of the target alone */
    uint64_t last_index;
};

struct px_member_key {
    struct lf__public_key key;
    int64_t from_ms;
    int64_t until_ms;
    unsigned use;          /* an enum px_key_use */
    int64_t revoked_at_ms; /* 0: it was not */
    unsigned revocation;   /* an enum px_revocation */
};

struct px_pin {
    struct lf__hash spki;
    int64_t from_ms;
    int64_t until_ms;
};

struct px_member {
    lf_bytes member;
    lf_bytes name;
    enum px_role role;
    unsigned level;
    lf_bytes division;
    enum px_member_status status;
    struct px_member_key keys[PX_KEYS_MAX];
    size_t key_count;
    struct px_pin pins[PX_PINS_MAX];
    size_t pin_count;
    lf_bytes note;
};

struct px_genesis {
    lf_bytes gateway;
    struct px_member_key keys[PX_KEYS_MAX];
    size_t key_count;
    uint32_t threshold;
    bool is_test;
    struct lf__hash ledger_key; /* the raw public keys */
    struct lf__hash access_key;
    lf_bytes
        previous; /* last checkpoints of the logs that these succeed; empty: they are the first */
    lf_bytes previous_access;
};

/* When accusations of one member are too many at once; 0: as the tables have it. */
struct px_burst {
    uint32_t floor;
    uint32_t multiple;
    uint32_t window_hours;
    uint32_t usual_days;
};

struct px_policy {
    unsigned relay_below; /* a Certainty; 0: nothing waits for a relay */
    struct px_burst burst;
};

/* The numbers of lianfang.v1.RedactionMode. */
enum px_redaction_mode {
    PX_REDACTION_NONE, /* erases too */
    PX_REDACTION_ERASE,
    PX_REDACTION_RESTRICT,
    PX_REDACTION_LIFT,
    PX_REDACTION_MODES
};

/* Orders the erasure of parts, or with no class of the whole record; or that it is only stored. */
struct px_redaction {
    enum px_redaction_mode mode;
    lf_bytes issuer;
    lf_bytes record_id;
    enum px_class classes[PX_PARTS_MAX];
    size_t class_count;
    lf_bytes order_authority;
    lf_bytes order_number;
};

/* The parts of an envelope as one message. E_REJECTED (FIELD_CLASS, or what the kind's form says) or
 * E_FORMAT. Only forms are checked here: codes, dates and tables are the policy's. */
lf_status px_event_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                          struct px_event *out, lf_error *err);
lf_status px_registry_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                             struct px_registry *out, lf_error *err);
lf_status px_target_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                           struct px_target *out, lf_error *err);
lf_status px_member_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                           struct px_member *out, lf_error *err);
lf_status px_genesis_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                            struct px_genesis *out, lf_error *err);
lf_status px_policy_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                           struct px_policy *out, lf_error *err);

lf_status px_redaction_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                              struct px_redaction *out, lf_error *err);

/* Fill `parts` (class and body; the salts are the caller's) with bodies in `arena`; *count is how many. */
lf_status px_event_encode(struct lf__arena *arena, const struct px_event *event,
                          struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);
lf_status px_registry_encode(struct lf__arena *arena, const struct px_registry *entry,
                             struct px_part parts[static PX_PARTS_MAX], size_t *count,
                             lf_error *err);
lf_status px_target_encode(struct lf__arena *arena, enum px_kind kind,
                           const struct px_target *target,
                           struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);
lf_status px_member_encode(struct lf__arena *arena, const struct px_member *member,
                           struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);
lf_status px_genesis_encode(struct lf__arena *arena, const struct px_genesis *genesis,
                            struct px_part parts[static PX_PARTS_MAX], size_t *count,
                            lf_error *err);
lf_status px_policy_encode(struct lf__arena *arena, const struct px_policy *policy,
                           struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);
lf_status px_redaction_encode(struct lf__arena *arena, const struct px_redaction *redaction,
                              struct px_part parts[static PX_PARTS_MAX], size_t *count,
                              lf_error *err);

#endif
