/* SPDX-License-Identifier: Apache-2.0 */
/* Record id and salts are HMACs of the push secret, so that the same row always makes the same bytes. */
#include "client/records.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/derive.h"
#include "core/dsse.h"

#include <string.h>

enum { STRUCT_SIZE_MAX = 4096 };

lf_status lf__struct_take(void *to, size_t size, const void *from, const char *name, lf_error *err)
{
    size_t theirs = 0;
    if (from != NULL) {
        lf__copy(&theirs, from, sizeof theirs);
    }
    if (theirs <= sizeof theirs || theirs > STRUCT_SIZE_MAX) {
        return lf__fail(err, LF_E_ARG, "%s: size is not set; start from its _INIT macro", name);
    }
    memset(to, 0, size);
    lf__copy(to, from, theirs < size ? theirs : size);
    return LF_OK;
}

static lf_bytes push_secret(const struct lf__profile *profile)
{
    return (lf_bytes){lf__secret_view(profile->push), CLIENT_SECRET_BYTES};
}

static lf_status no_memory(lf_error *err)
{
    return lf__fail(err, LF_E_NOMEM, "record: out of memory");
}

static lf_status draft_check(const struct lf__draft *draft, lf_error *err)
{
    if (draft->ref.len == 0) {
        return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "ref", "ref: is missing");
    }
    return draft->ref.len <= PX_REF_MAX ? LF_OK
                                        : lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "ref",
                                                     "ref: more than %d bytes", PX_REF_MAX);
}

static void salts_make(const struct lf__profile *profile, const struct lf__row *row,
                       struct lf__draft *draft)
{
    for (size_t i = 0; i < draft->part_count; i++) {
        struct px_part *part = &draft->parts[i];
        lf__derive_salt(push_secret(profile), row, (uint8_t)part->part_class, part->body,
                        part->salt);
    }
}

static void hashes_take(lf_bytes record, struct lf__record *out)
{
    static const uint8_t leaf_tag = 0;
    out->digest = lf__dsse_hash(LF_BYTES_NONE, LF_TYPE_RECORD, record);
    out->leaf = lf__dsse_hash((lf_bytes){&leaf_tag, 1}, LF_TYPE_RECORD, record);
}

/* The record, then the envelope around it and its parts; one buffer serves both. */
static lf_status envelope_make(struct lf__arena *arena, const struct px_header *header,
                               const struct lf__draft *draft, struct lf__record *out, lf_error *err)
{
    LF_BUF bytes;
    lf__buf_init(&bytes, PX_RECORD_MAX + PX_PARTS_BYTES_MAX + 65536);
    (void)px_record_encode(header, draft->parts, draft->part_count, &bytes);
    if (bytes.failed || bytes.len > PX_RECORD_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "record", "record: over %d bytes",
                          PX_RECORD_MAX);
    }
    lf_bytes record = lf__arena_copy(arena, lf__buf_bytes(&bytes));
    if (record.ptr == NULL) {
        return no_memory(err);
    }
    lf__buf_clear(&bytes);
    (void)px_envelope_begin(record, draft->parts, draft->part_count, &bytes);
    struct lf__record made = {.bare = lf__arena_copy(arena, lf__buf_bytes(&bytes))};
    if (bytes.failed || made.bare.ptr == NULL) {
        return no_memory(err);
    }
    hashes_take(record, &made);
    *out = made;
    return LF_OK;
}

lf_status lf__record_seal(const struct lf__profile *profile, struct lf__arena *arena,
                          struct lf__draft *draft, struct lf__record *out, lf_error *err)
{
    uint8_t id[PX_ID_BYTES];
    uint8_t before[PX_ID_BYTES];
    uint32_t version = draft->version == 0 ? 1 : draft->version;
    struct lf__row row = {(uint32_t)draft->kind, version, draft->ref};
    struct lf__row predecessor = {(uint32_t)draft->kind, version - 1, draft->ref};
    struct px_header header = {.issuer = lf__bytes_str(profile->member),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = draft->kind,
                               .ref = draft->ref,
                               .version = version,
                               .effective_from_ms = draft->effective_from_ms,
                               .effective_until_ms = draft->effective_until_ms,
                               .audience = draft->audience,
                               .audience_count = draft->audience_count,
                               .legal_basis = draft->legal_basis == 0 ? 1 : draft->legal_basis,
                               .certainty = draft->certainty};
    lf_status rc = draft_check(draft, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf__derive_record_id(push_secret(profile), &row, id);
    if (version > 1) {
        lf__derive_record_id(push_secret(profile), &predecessor, before);
        header.predecessor = LF_BYTES_ARRAY(before);
    }
    salts_make(profile, &row, draft);
    return envelope_make(arena, &header, draft, out, err);
}

lf_status lf__record_read(lf_bytes bare, struct lf__record *out, lf_error *err)
{
    lf_bytes record;
    if (!px_envelope_record(bare, &record)) {
        return lf__fail(err, LF_E_CORRUPT, "record: is not in an envelope");
    }
    *out = (struct lf__record){.bare = bare};
    hashes_take(record, out);
    return LF_OK;
}
