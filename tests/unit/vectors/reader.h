/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/vectors/reader.h - the files of protos/vectors, read as a stranger would. Threads: one. */
#ifndef LF_VECTORS_READER_H
#define LF_VECTORS_READER_H

#include "base/buf.h"
#include "core/merkle.h"

#include <jansson.h>

/* Fails the test when the file or the key is missing. */
json_t *vectors_open(const char *file);                /* owned */
json_t *vectors_list(json_t *object, const char *key); /* borrowed; never empty */
const char *vectors_str(json_t *object, const char *key);
uint64_t vectors_number(json_t *object, const char *key);
lf_bytes vectors_text(json_t *object, const char *key); /* borrowed */
/* Decodes hex into `to`, which is cleared first; returns its bytes. */
lf_bytes vectors_hex(json_t *object, const char *key, struct lf__buf *to);
struct lf__hash vectors_hash(json_t *object, const char *key);
struct lf__hash vectors_hash_at(json_t *list, size_t i);
struct lf__proof vectors_path(json_t *object, const char *key);
void vectors_assert_hex(lf_bytes got, json_t *object, const char *key);

#endif
