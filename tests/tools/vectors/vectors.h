/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/tools/vectors/vectors.h - shared by the files that make protos/vectors: a fixed world of keys and
 * records, and JSON with bytes as hex. Threads: one. Every failure here is a bug of the tool and aborts.
 */
#ifndef LF_VECTORS_H
#define LF_VECTORS_H

#include "base/buf.h"
#include "core/memtree.h"
#include "core/roster.h"
#include "protos/codec/kinds.h"

#include <jansson.h>

enum vector_key_name {
    VECTOR_PLATFORM,
    VECTOR_OTHER,
    VECTOR_REGULATOR,
    VECTOR_AUTHORITY,
    VECTOR_LEDGER,
    VECTOR_KEYS
};
enum { VECTOR_RECORDS = 7, VECTOR_ROWS = 5 };

struct vector_key {
    const char *name;
    struct lf__secret
        *seed; /* SHA-256("lianfang/v1 test vector " || name): public, never used elsewhere */
    struct lf__public_key key;
    struct lf__hash id;
};

struct vector_record {
    const char *name;
    const struct vector_key *signer;
    struct px_header header;
    struct px_part parts[PX_PARTS_MAX];
    size_t part_count;
    json_t *message; /* what the bodies say together; owned */
    struct lf__buf record;
    struct lf__buf pae;
    struct lf__signature signature;
};

struct vector_world {
    struct lf__arena arena;
    struct vector_key keys[VECTOR_KEYS];
    struct lf__hash push_secret;
    struct vector_record records[VECTOR_RECORDS];
    struct lf__roster_row rows[VECTOR_ROWS];
};

#define VECTOR_NAME   "vectors.example"
#define VECTOR_ORIGIN VECTOR_NAME "/ledger"

void vector_world_init(struct vector_world *world);
void vector_world_done(struct vector_world *world);

/* Id, salts, bytes and signature of a record whose signer, header and bodies are there. */
void vector_record_seal(struct vector_world *world, struct vector_record *r);
json_t *vector_record_json(const struct vector_record *r);
/* Appends a record of each kind of protos/codec/words.h. */
void vectors_words(struct vector_world *world, json_t *records);

/* A file of protos/vectors: owned by the caller. */
typedef json_t *(*vector_make)(struct vector_world *world);
json_t *vectors_derive(struct vector_world *world);
json_t *vectors_record(struct vector_world *world);
json_t *vectors_signature(struct vector_world *world);
json_t *vectors_batch(struct vector_world *world);
json_t *vectors_tree(struct vector_world *world);
json_t *vectors_leaf(struct vector_world *world);
json_t *vectors_members(struct vector_world *world);
json_t *vectors_checkpoint(struct vector_world *world);
json_t *vectors_receipt(struct vector_world *world);
json_t *vectors_uscc(struct vector_world *world);
json_t *vectors_status(struct vector_world *world);
json_t *vectors_tokens(struct vector_world *world);

/* Bytes as lower-case hex, hashes and lists of hashes too, and text. New references. */
json_t *vector_hex(lf_bytes bytes);
json_t *vector_hash(const struct lf__hash *hash);
json_t *vector_path(const struct lf__hash *hashes, size_t count);
json_t *vector_text(lf_bytes text);
/* A negative case: what it is called, and the reason that a reader must find. */
json_t *vector_refused(const char *name, const char *reason);
/* Steals `value`; aborts out of memory. */
void vector_set(json_t *object, const char *key, json_t *value);
void vector_add(json_t *array, json_t *value);
json_t *vector_key_json(const struct vector_key *key);

/* The signature block of one signature, alone (`batch_root` NULL) or of a batch. */
void vector_block(const struct vector_key *key, const struct lf__signature *signature,
                  uint32_t batch_size, const struct lf__hash *batch_root, struct lf__buf *out);
/* PAE of the batch statement. */
void vector_batch_pae(uint32_t size, const struct lf__hash *root, struct lf__buf *out);

#endif
