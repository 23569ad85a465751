/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/members.h - joining a federation, and the authority's work: keys, requests, records that k of
 * n authority keys sign offline, and bringing them to the gateway.
 *
 * Threads: any; a paper is used by one thread at a time. Text is UTF-8 and ends with NUL; NULL means
 * "not given". Errors: as in lianfang/client.h. No file is ever written over, unless a call says so.
 */
#ifndef LF_MEMBERS_H
#define LF_MEMBERS_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

#define LF_MEMBER_KEYS_MAX 16

/* A member, as the roster or a paper has it. A plain value; the words are static. */
typedef struct lf_member {
    char member[41];
    char name[257];
    char division[7];
    const char *role;   /* PLATFORM, REGULATOR, ... */
    const char *level;  /* NATIONAL, PROVINCE, CITY, COUNTY, or "" */
    const char *status; /* ACTIVE, SUSPENDED, RETIRED */
    uint64_t since_index;
    char key_ids[LF_MEMBER_KEYS_MAX][65]; /* hex */
    size_t key_count;
    char tls_pins[LF_MEMBER_KEYS_MAX][65]; /* SHA-256 of the SPKI, hex */
    size_t pin_count;
} lf_member;
typedef void (*lf_member_cb)(const lf_member *member, void *user);

/* Every member, or those of one role (NULL: all), in the order of their ids. `member` is borrowed for the
 * callback. E_ARG for a word that is no role. */
LF_API LF_MUST_USE lf_status lf_member_list(lf_client *client, const char *role, lf_member_cb each,
                                            void *user, lf_error *err);
/* E_NOT_FOUND (MEMBER_UNKNOWN). */
LF_API LF_MUST_USE lf_status lf_member_get(lf_client *client, const char *member, lf_member *out,
                                           lf_error *err);

/* ---- keys ---- */

/* What a new member's directory is made of. Zero the struct, then set what is wanted. */
typedef struct lf_keygen {
    size_t size;        /* sizeof(lf_keygen) */
    const char *dir;    /* made 0700; E_EXISTS when it is there */
    const char *member; /* its id, [a-z0-9-]{3,40} */
    /* of the gateway, as its operator publishes them; those left out are left for you to fill in */
    const char *address;     /* HOST:PORT */
    const char *server_name; /* that its certificate names */
    const char *certificate; /* file; copied */
    const char *ledger;      /* its vkey */
    int days;                /* of the TLS certificate; 0: 1095 */
    const char *access;      /* vkeys of its access log and its witness */
    const char *witness;
} lf_keygen;
/* sign.key, push.secret, tls.key (each 0600 before its first byte), tls.crt, profile.conf. */
LF_API LF_MUST_USE lf_status lf_keys_make(const lf_keygen *options, lf_error *err);
/* FILE (0600) and FILE.pub: one of the authority's keys. `public_hex` gets what FILE.pub holds. */
LF_API LF_MUST_USE lf_status lf_authority_key_make(const char *path, char public_hex[65],
                                                   lf_error *err);

/* ---- papers ---- */

/* A record on its way to be signed: what the authority says, or a member's request to be enrolled. */
typedef struct lf_paper lf_paper;
LF_API void lf_paper_free(lf_paper *paper); /* NULL allowed */
/* *out is owned: lf_paper_free(). E_FORMAT, E_REJECTED for what is no such record. */
LF_API LF_MUST_USE lf_status lf_paper_read(const char *path, lf_paper **out, lf_error *err);
/* `replace`: whether an existing file gives way. */
LF_API LF_MUST_USE lf_status lf_paper_write(const lf_paper *paper, const char *path, bool replace,
                                            lf_error *err);
/* Genesis, Request, Member, Policy, Redaction. Static. */
LF_API const char *lf_paper_kind(const lf_paper *paper);
LF_API size_t lf_paper_signatures(const lf_paper *paper);
/* What a Request or Member paper says. E_ARG for others. */
LF_API LF_MUST_USE lf_status lf_paper_member(const lf_paper *paper, lf_member *out, lf_error *err);
/* All that a paper of any kind says, as names of the contract and values, first of the record and then of what it is about; of
 * messages inside with both names, grants[2].role. Borrowed for the callback. E_REJECTED when some of it is not in the file, is
 * not understood, or has not the form of its kind: then nobody can know what he signs. */
typedef void (*lf_paper_field_cb)(const char *name, const char *value, void *user);
LF_API LF_MUST_USE lf_status lf_paper_fields(const lf_paper *paper, lf_paper_field_cb each,
                                             void *user, lf_error *err);
/* Adds the signature of the authority key in the file `key`; nothing happens when it is there already.
 * E_ARG for a Request, which is its member's own. */
LF_API LF_MUST_USE lf_status lf_paper_sign(lf_paper *paper, const char *key, lf_error *err);

typedef struct lf_genesis {
    size_t size;
    const char *gateway;    /* name */
    const char *ledger_key; /* 64 hex characters each, as lianfangd keygen prints them */
    const char *access_key;
    const char *const *keys; /* of the authority, 64 hex characters each; ends with NULL */
    uint32_t threshold;      /* how many of them must sign */
    bool is_test;            /* division 999999 is admitted */
    /* After a restore that may not go on with the old logs: their last checkpoints, as signed. NULL: none. */
    const char *previous;
    const char *previous_access;
} lf_genesis;
LF_API LF_MUST_USE lf_status lf_paper_genesis(const lf_genesis *genesis, lf_paper **out,
                                              lf_error *err);

/* A lawful order to erase a record or some of its parts, or only to store it from now on. */
typedef struct lf_redaction {
    size_t size;
    const char *issuer;    /* whose record it is */
    const char *record_id; /* 32 hex characters */
    const char *mode;      /* ERASE, RESTRICT, LIFT_RESTRICTION; NULL: ERASE */
    const char *classes;   /* MEMBERS, REGULATOR, PERSONAL, with commas between; NULL: all of it */
    const char *order_authority; /* who ordered it: a court, an authority */
    const char *order_number;    /* never with the subject's name or code in it */
} lf_redaction;
LF_API LF_MUST_USE lf_status lf_paper_redaction(const lf_redaction *redaction, lf_paper **out,
                                                lf_error *err);

typedef struct lf_applicant {
    size_t size;
    const char *dir; /* with sign.key and tls.crt, as lf_keys_make() made it */
    const char *member;
    const char *name; /* official, in Chinese */
    const char *role;
    const char *level;    /* state organs only */
    const char *division; /* 6 digits; state organs must */
} lf_applicant;
/* Signed by the applicant's own key, which proves that it has it. */
LF_API LF_MUST_USE lf_status lf_paper_request(const lf_applicant *applicant, lf_paper **out,
                                              lf_error *err);
/* The Member record that grants a request, for the authority to sign. */
LF_API LF_MUST_USE lf_status lf_paper_enrol(const lf_paper *request, lf_paper **out, lf_error *err);

typedef struct lf_change {
    size_t size;
    const char *member;
    const char *status;      /* ACTIVE, SUSPENDED, RETIRED; NULL: unchanged */
    const lf_paper *request; /* its new keys; NULL: unchanged. The old ones run out by and by. */
    int overlap_days;        /* how long the old ones still hold; 0: 7 */
    const char *note;        /* why; for regulators */
    const char *
        revoke_key; /* id of a key, 64 hex characters: signs nothing more from here on; NULL: none */
    const char *revocation; /* COMPROMISED, LOST, SUPERSEDED, CEASED; goes with revoke_key */
} lf_change;
/* Made from the state that the gateway holds now, and good for no other. */
LF_API LF_MUST_USE lf_status lf_paper_change(lf_client *client, const lf_change *change,
                                             lf_paper **out, lf_error *err);

typedef struct lf_proposal {
    char id[65];
    uint32_t signatures;
    uint32_t threshold;
    bool accepted;
    uint64_t index; /* if accepted */
    int64_t expires_at_ms;
} lf_proposal;
/* Brings a signed paper to the gateway. With too few signatures it waits there for the others: bring the
 * same paper, signed by them. */
LF_API LF_MUST_USE lf_status lf_paper_submit(lf_client *client, const lf_paper *paper,
                                             lf_proposal *out, lf_error *err);

LF_END_DECLS
#endif
