/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/integration/wire/world.h - members of a running gateway, and records made by hand: each step
 * (fields, bodies, record bytes, envelope, wire) can be bent before the next. Aborts when the test
 * itself goes wrong; what the gateway says is only told.
 */
#ifndef WIRE_WORLD_H
#define WIRE_WORLD_H

#include "protos/codec/services.h"
#include "protos/codec/words.h"
#include "rpc/client.h"

#include <stdbool.h>

enum wire_who {
    WIRE_PLATFORM,
    WIRE_OTHER,
    WIRE_SUSPECT, /* suspended by one of the tests */
    WIRE_REGULATOR,
    WIRE_LAB,
    WIRE_AUTHORITY, /* has a key, and no connection */
    WIRE_STRANGER,  /* a key that nobody enrolled */
    WIRE_WHO_COUNT
};

struct wire_member {
    const char *name;
    struct lf__secret *sign;
    struct lf__public_key key;
    struct test_identity tls;
    struct test_client *client;
};

struct wire {
    int port;
    struct test_identity server; /* its certificate only */
    struct wire_member members[WIRE_WHO_COUNT];
};
/* `dir` is what init --dev made; the gateway listens on `port` of this machine. */
void wire_open(struct wire *w, const char *dir, int port);
/* The federation that the script has started: LIANFANG_FED and LIANFANG_PORT. False when they are not set. */
bool wire_open_env(struct wire *w);
void wire_close(struct wire *w);
/* A connection of its own, for a thread. */
struct test_client *wire_connect(struct wire *w, enum wire_who who);

/* A record on its way to the wire. */
struct wire_record {
    struct wire *w;
    enum wire_who issuer; /* whose name stands in it */
    enum wire_who signer; /* whose key signs */
    enum wire_who caller; /* whose connection it takes */
    const char *type;     /* of the signature's PAE */
    uint8_t id[PX_ID_BYTES];
    struct px_header header;
    struct px_event event; /* of kind ENFORCEMENT_EVENT */
    struct px_target target;
    struct px_registry registry;
    struct px_member member;
    const void *words; /* the struct of a kind of protos/codec/words.h */
    struct px_part parts[PX_PARTS_MAX];
    size_t part_count;
    struct lf__buf record; /* the bytes that are signed */
    struct px_envelope envelope;
    uint8_t signature[LF_ED25519_SIGNATURE];
    struct lf__buf wire; /* the envelope's bytes */
    struct lf__arena arena;
};
/* A good event of WIRE_PLATFORM with a fresh id. Release with wire_record_done(). */
void wire_record_init(struct wire *w, struct wire_record *r);
void wire_record_done(struct wire_record *r);
void wire_record_by(struct wire_record *r, enum wire_who who); /* issues, signs, calls */
/* The steps, each from what the one before left. */
void wire_bodies(struct wire_record *r);
void wire_encode(struct wire_record *r);
void wire_sign(struct wire_record *r);
void wire_pack(struct wire_record *r);
/* Replaces a part's body by itself and `more`. */
void wire_body_add(struct wire_record *r, size_t part, lf_bytes more);

/* What the gateway said, wherever it said it: the call's status or the record's own result. */
struct wire_told {
    int code; /* gRPC's, 0 when the call was answered */
    enum px_outcome outcome;
    uint64_t index;
    char reason[40];
    char field[56];
};
void wire_submit(const struct wire_record *r, struct wire_told *out);
void wire_submit_through(struct test_client *client, const struct wire_record *r,
                         struct wire_told *out);
void wire_call(struct test_client *client, const char *path, lf_bytes request,
               struct wire_told *out);
/* The authority says what the standing of WIRE_SUSPECT is from now on; all else stays as it was enrolled.
 * Returns the index of its record. */
uint64_t wire_standing_say(struct wire *w, enum px_member_status status);
/* The ledger's entries, by its signed head. */
uint64_t wire_size(struct wire *w);

#endif
