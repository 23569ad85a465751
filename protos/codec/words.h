/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/words.h - lists, appeals, tasks, campaigns and what else members say, as our own values;
 * see lianfang/v1/kinds.proto. One table in words_table.c maps each struct to its message.
 *
 * Decoded values are borrowed from the arena; a text or list that is empty was not given. Numbers of
 * enums are the contract's. Threads: any.
 */
#ifndef PX_WORDS_H
#define PX_WORDS_H

#include "protos/codec/record.h"

enum {
    PX_MEMBERS_MAX = 256,   /* named in a Notice */
    PX_SHOPS_MAX = 64,      /* of a merchant at one platform */
    PX_VIOLATIONS_MAX = 256 /* of a campaign */
};

struct px_list {
    const lf_bytes *items;
    size_t count;
};

/* The record that another one speaks of: the beginning of every kind that does. */
struct px_about {
    lf_bytes issuer;
    lf_bytes record_id; /* PX_ID_BYTES */
};

struct px_listing {
    lf_bytes uscc;
    lf_bytes list;
    lf_bytes name;
    lf_bytes reason;
    lf_bytes reason_text;
    lf_bytes listed_on;
    lf_bytes authority;
    lf_bytes document;
    lf_bytes region;
    lf_bytes list_id;
    lf_bytes violation;
    int64_t amount_fen;
    lf_bytes full_name;
};

enum px_ground {
    PX_GROUND_NONE,
    PX_GROUND_REMOVED,
    PX_GROUND_REPAIRED,
    PX_GROUND_REVOKED,
    PX_GROUND_TERM
};
struct px_removal {
    struct px_about about;
    unsigned ground; /* an enum px_ground */
    lf_bytes removed_on;
    lf_bytes reason_text;
    lf_bytes authority;
    lf_bytes document;
};

enum px_appeal_step {
    PX_APPEAL_NONE,
    PX_APPEAL_FILED,
    PX_APPEAL_ACCEPTED,
    PX_APPEAL_HUMAN_REVIEW,
    PX_APPEAL_UPHELD,
    PX_APPEAL_OVERTURNED
};
struct px_appeal {
    struct px_about about;
    unsigned step; /* an enum px_appeal_step */
    lf_bytes stepped_on;
    lf_bytes reason;
    lf_bytes statement; /* SHA-256, or nothing */
    lf_bytes note;
};

enum px_notice_step { PX_NOTICE_NONE, PX_NOTICE_REMINDED, PX_NOTICE_ESCALATED };
struct px_notice {
    struct px_about about;
    struct px_list members; /* none: all whose task is open */
    unsigned step;          /* an enum px_notice_step */
    lf_bytes text;
};

enum px_answer {
    PX_ANSWER_NONE,
    PX_ANSWER_NO_SHOP,
    PX_ANSWER_ACTIVE_SHOP,
    PX_ANSWER_REMOVED,
    PX_ANSWER_RESTRICTED,
    PX_ANSWER_KEPT,
    PX_ANSWER_INVESTIGATING,
    PX_ANSWER_DISPUTED,
    PX_ANSWER_UNDONE,
    PX_ANSWER_NOT_USED,
    PX_ANSWER_ERASED
};
struct px_disposition {
    struct px_about about;
    unsigned answer; /* an enum px_answer */
    struct px_list measures;
    lf_bytes rule;
    lf_bytes reason;
    uint32_t shops;
    lf_bytes acted_on;
    lf_bytes note;
};

struct px_ban {
    lf_bytes uscc;
    lf_bytes reason;
    lf_bytes from; /* dates, `until` exclusive */
    lf_bytes until;
    lf_bytes rule;
};

struct px_override {
    lf_bytes uscc;
    lf_bytes advice; /* names of lianfang.v1.Advice, without their prefix */
    lf_bytes decision;
    lf_bytes reason;
    uint64_t access_index;
    lf_bytes officer;
};

struct px_campaign {
    lf_bytes campaign;
    lf_bytes title;
    lf_bytes from; /* dates, both inclusive */
    lf_bytes until;
    struct px_list violations; /* none: all */
    bool is_automatic;
};

struct px_attestation {
    lf_bytes period; /* 2026-Q1 */
    lf_bytes statement;
    lf_bytes document; /* SHA-256, or nothing */
};

enum px_channel {
    PX_CHANNEL_NONE,
    PX_CHANNEL_COORDINATION,
    PX_CHANNEL_BULLETIN,
    PX_CHANNEL_PUBLICATION
};
struct px_bulletin {
    lf_bytes public_title;
    lf_bytes public_text;
    lf_bytes title;
    lf_bytes text;
    unsigned channel; /* an enum px_channel */
};

struct px_identity {
    lf_bytes uscc;
    lf_bytes name;
    struct px_list shops;
    lf_bytes legal_rep_token; /* 32 bytes, or nothing; so the next two */
    lf_bytes account_token;
    lf_bytes phone_token;
};

struct px_ack {
    uint64_t cursor;
    lf_bytes root; /* 32 bytes */
};

/* Each with px_NOUN_decode() and px_NOUN_encode(), as those of protos/codec/kinds.h. */
#define PX_WORDS_MAP(X)                                                                            \
    X(listing, CREDIT_LIST_ENTRY)                                                                  \
    X(removal, LIST_REMOVAL)                                                                       \
    X(appeal, APPEAL)                                                                              \
    X(notice, NOTICE)                                                                              \
    X(disposition, DISPOSITION)                                                                    \
    X(ban, ENTRY_BAN)                                                                              \
    X(override, OVERRIDE)                                                                          \
    X(campaign, CAMPAIGN)                                                                          \
    X(attestation, ATTESTATION)                                                                    \
    X(bulletin, BULLETIN)                                                                          \
    X(identity, MERCHANT_IDENTITY)                                                                 \
    X(ack, ACKNOWLEDGEMENT)

#define PX_WORDS_DECLARE(noun, KIND)                                                               \
    lf_status px_##noun##_decode(struct lf__arena *arena, const struct px_envelope *envelope,      \
                                 struct px_##noun *out, lf_error *err);                            \
    lf_status px_##noun##_encode(struct lf__arena *arena, const struct px_##noun *in,              \
                                 struct px_part parts[static PX_PARTS_MAX], size_t *count,         \
                                 lf_error *err);
PX_WORDS_MAP(PX_WORDS_DECLARE)
#undef PX_WORDS_DECLARE

/* What a field holds, beyond its protobuf type. */
enum px_form {
    PX_FORM_USCC,
    PX_FORM_TEXT, /* free: at most `max` bytes, no ID number */
    PX_FORM_CODE, /* of a table that the policy knows */
    PX_FORM_DATE,
    PX_FORM_MEMBER,
    PX_FORM_BYTES, /* exactly `max`, or none */
    PX_FORM_ENUM,  /* an unsigned, one of the contract's */
    PX_FORM_U32,
    PX_FORM_U64,
    PX_FORM_MONEY, /* int64_t, fen */
    PX_FORM_FLAG,
    PX_FORM_CODES, /* px_list: at most `max` items */
    PX_FORM_MEMBERS,
    PX_FORM_LABELS /* at most PX_LABEL_MAX bytes each */
};
struct px_word {
    uint16_t number; /* of the field */
    uint16_t offset; /* in the struct */
    enum px_form form;
    bool is_required;
    uint16_t max;
};
struct px_words {
    const struct px_word *list;
    size_t count;
    size_t size; /* of the struct */
};
/* NULL for the kinds of protos/codec/kinds.h. */
const struct px_words *px_words_of(enum px_kind kind);
/* The name of a field, static; NULL for a number that the kind does not have. */
const char *px_field_name(enum px_kind kind, uint32_t number);
/* As the contract has it: CREDIT_LIST_ENTRY. NULL for no kind. Static. */
const char *px_kind_name(enum px_kind kind);
/* The same for any kind of the map: `value` is its struct. */
lf_status px_words_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                          enum px_kind kind, void *value, lf_error *err);
lf_status px_words_encode(struct lf__arena *arena, enum px_kind kind, const void *value,
                          struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err);

/* Whether records of this kind speak of another: it can be asked for with px_about_decode(). */
bool px_speaks_of_another(enum px_kind kind);
lf_status px_about_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                          struct px_about *out, lf_error *err);

/* Whom a record is about, of any kind that has a code; all empty for the others. */
struct px_subject {
    lf_bytes uscc;
    lf_bytes name;
    lf_bytes full_name;
};
lf_status px_subject_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                            struct px_subject *out, lf_error *err);

#endif
