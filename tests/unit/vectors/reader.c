/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include "base/bytes.h"
#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

json_t *vectors_open(const char *file)
{
    char path[4096];
    json_error_t error;
    (void)snprintf(path, sizeof path, "%s/%s", LF_VECTORS_DIR, file);
    json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        fail_msg("%s: line %d: %s", path, error.line, error.text);
    }
    return value;
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        fail_msg("no member '%s'", key);
    }
    return value;
}

json_t *vectors_list(json_t *object, const char *key)
{
    json_t *list = member(object, key);
    assert_true(json_is_array(list) && json_array_size(list) > 0);
    return list;
}

const char *vectors_str(json_t *object, const char *key)
{
    const char *text = json_string_value(member(object, key));
    assert_non_null(text);
    return text;
}

uint64_t vectors_number(json_t *object, const char *key)
{
    json_t *value = member(object, key);
    assert_true(json_is_integer(value) && json_integer_value(value) >= 0);
    return (uint64_t)json_integer_value(value);
}

lf_bytes vectors_text(json_t *object, const char *key)
{
    return lf__bytes_str(vectors_str(object, key));
}

static lf_bytes unhex(const char *text, struct lf__buf *to)
{
    size_t want = strlen(text) / 2;
    size_t len = 0;
    lf__buf_clear(to);
    uint8_t *room = lf__buf_extend(to, want + 1);
    assert_non_null(room);
    assert_true(lf__unhex(lf__bytes_str(text), room, want, &len) && len == want);
    to->len = len;
    return lf__buf_bytes(to);
}

lf_bytes vectors_hex(json_t *object, const char *key, struct lf__buf *to)
{
    return unhex(vectors_str(object, key), to);
}

static struct lf__hash hash_of(const char *text)
{
    struct lf__hash hash;
    size_t len = 0;
    assert_non_null(text);
    assert_true(lf__unhex(lf__bytes_str(text), hash.bytes, sizeof hash.bytes, &len) &&
                len == sizeof hash.bytes);
    return hash;
}

struct lf__hash vectors_hash(json_t *object, const char *key)
{
    return hash_of(vectors_str(object, key));
}

struct lf__hash vectors_hash_at(json_t *list, size_t i)
{
    return hash_of(json_string_value(json_array_get(list, i)));
}

struct lf__proof vectors_path(json_t *object, const char *key)
{
    struct lf__proof proof = {.count = 0};
    json_t *list = member(object, key);
    size_t count = json_array_size(list);
    assert_true(json_is_array(list) && count <= LF_MERKLE_PROOF_MAX);
    while (proof.count < count) {
        proof.hashes[proof.count] = vectors_hash_at(list, proof.count);
        proof.count++;
    }
    return proof;
}

void vectors_assert_hex(lf_bytes got, json_t *object, const char *key)
{
    LF_BUF want;
    lf__buf_init(&want, 1 << 20);
    lf_bytes bytes = vectors_hex(object, key, &want);
    if (!lf__bytes_eq(got, bytes)) {
        fail_msg("'%s' is not as in the file", key);
    }
}
