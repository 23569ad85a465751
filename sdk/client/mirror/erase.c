/* SPDX-License-Identifier: Apache-2.0 */
/* What leads to a code by other ways than the code, and how all that is taken back on a lawful order. */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

enum { RESTRICTION_BYTES = 16 };

lf_status lf__mirror_name_key(lf_mirror *mirror, lf_bytes name, struct mirror_key *out, bool *has,
                              lf_error *err)
{
    LF_BUF folded;
    lf__buf_init(&folded, 8 * LF_NAME_MAX);
    *has = false;
    if (name.len == 0 || memchr(name.ptr, '*', name.len) != NULL) {
        return LF_OK; /* none, or masked */
    }
    lf_status rc = mirror->names != NULL ? LF_OK : lf__names_open(&mirror->names, err);
    rc = rc == LF_OK ? lf__names_fold(mirror->names, name, &folded, err) : rc;
    if (rc == LF_OK && folded.len > 0) {
        struct lf__hash hash = lf__sha256(lf__buf_bytes(&folded));
        *out = (struct mirror_key){.len = MIRROR_NAME_BYTES};
        lf__copy(out->bytes, hash.bytes, MIRROR_NAME_BYTES);
        *has = true;
    }
    return rc;
}

static lf_status row_set(struct st_txn *txn, unsigned table, const struct mirror_key *key,
                         lf_bytes code, bool is_there, lf_error *err)
{
    if (is_there) {
        return st_put(txn, table, mirror_key(key), code, err);
    }
    return lf__mirror_remove(txn, table, mirror_key(key), err);
}

static lf_status name_lead(lf_mirror *mirror, struct st_txn *txn, lf_bytes name, lf_bytes code,
                           uint64_t index, bool is_there, lf_error *err)
{
    struct mirror_key begin;
    bool has = false;
    lf_status rc = lf__mirror_name_key(mirror, name, &begin, &has, err);
    if (rc != LF_OK || !has) {
        return rc;
    }
    struct mirror_key key = lf__mirror_at(mirror_key(&begin), index);
    return row_set(txn, MIRROR_NAMES, &key, code, is_there, err);
}

static lf_status old_lead(struct st_txn *txn, struct lf__arena *arena,
                          const struct px_envelope *envelope, uint64_t index, bool is_there,
                          lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(arena, envelope, &entry, err);
    if (rc != LF_OK || entry.old_number.len != MIRROR_OLD_BYTES) {
        return rc;
    }
    struct mirror_key key = lf__mirror_at(entry.old_number, index);
    return row_set(txn, MIRROR_OLD, &key, entry.uscc, is_there, err);
}

static bool has_code(enum px_kind kind)
{
    return kind == PX_KIND_ENFORCEMENT_EVENT || kind == PX_KIND_REGISTRY_ENTRY ||
           kind == PX_KIND_CREDIT_LIST_ENTRY || kind == PX_KIND_MERCHANT_IDENTITY;
}

lf_status lf__mirror_lead(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                          const struct px_envelope *envelope, uint64_t index, bool is_there,
                          lf_error *err)
{
    struct px_subject subject;
    if (!has_code(envelope->header.kind)) {
        return LF_OK;
    }
    lf_status rc = px_subject_decode(arena, envelope, &subject, err);
    if (rc != LF_OK || subject.uscc.len != MIRROR_CODE_BYTES) {
        return rc;
    }
    rc = name_lead(mirror, txn, subject.name, subject.uscc, index, is_there, err);
    if (rc == LF_OK && subject.full_name.len > 0) {
        rc = name_lead(mirror, txn, subject.full_name, subject.uscc, index, is_there, err);
    }
    return rc == LF_OK && envelope->header.kind == PX_KIND_REGISTRY_ENTRY
               ? old_lead(txn, arena, envelope, index, is_there, err)
               : rc;
}

/* ---- orders ---- */

struct erasing {
    lf_mirror *mirror;
    struct st_txn *txn;
    struct lf__arena *arena;
    uint64_t index;
    lf_bytes leaf; /* in the arena, so the next */
    struct px_envelope envelope;
};

static lf_status target_read(struct erasing *e, lf_error *err)
{
    lf_bytes leaf = LF_BYTES_NONE;
    lf_bytes bytes = LF_BYTES_NONE;
    lf_status rc = lf__mirror_entry_get(e->txn, e->index, &leaf, &bytes, err);
    if (rc != LF_OK) {
        return rc;
    }
    e->leaf = lf__arena_copy(e->arena, leaf);
    bytes = lf__arena_copy(e->arena, bytes);
    rc = lf__arena_status(e->arena, err);
    return rc == LF_OK ? px_envelope_decode(e->arena, bytes, &e->envelope, err) : rc;
}

/* Of the record its identity stays, so that orders about it still find it; and what it did to others. */
static lf_status all_erase(struct erasing *e, lf_bytes code, lf_error *err)
{
    uint8_t at[8];
    const struct px_header *h = &e->envelope.header;
    struct mirror_key key = lf__mirror_number(e->index);
    struct mirror_key record = lf__mirror_record(h->issuer, h->record_id);
    lf__put_u64be(at, e->index);
    lf_status rc = st_delete(e->txn, MIRROR_ENTRIES, mirror_key(&key), err);
    if (rc == LF_OK && code.len > 0) {
        rc = lf__mirror_row_put(e->txn, code, e->index, NULL, err);
    }
    return rc == LF_OK
               ? st_put(e->txn, MIRROR_RECORDS, mirror_key(&record), LF_BYTES_ARRAY(at), err)
               : rc;
}

static bool is_ordered(const struct px_redaction *order, enum px_class part_class)
{
    bool is = false;
    for (size_t i = 0; !is && i < order->class_count; i++) {
        is = order->classes[i] == part_class;
    }
    return is;
}

static lf_status parts_erase(struct erasing *e, const struct px_redaction *order, lf_error *err)
{
    LF_BUF bytes;
    size_t kept = 0;
    for (size_t i = 0; i < e->envelope.part_count; i++) {
        if (!is_ordered(order, e->envelope.parts[i].part_class)) {
            e->envelope.parts[kept++] = e->envelope.parts[i];
        }
    }
    e->envelope.part_count = kept;
    lf__buf_init(&bytes, PX_MESSAGE_MAX);
    (void)px_envelope_encode(&e->envelope, &bytes);
    lf_status rc = lf__buf_status(&bytes, err);
    rc = rc == LF_OK ? lf__mirror_entry_put(e->txn, e->index, e->leaf, lf__buf_bytes(&bytes), err)
                     : rc;
    return rc == LF_OK
               ? lf__mirror_lead(e->mirror, e->txn, e->arena, &e->envelope, e->index, true, err)
               : rc;
}

/* Without the part for members nothing of it can act. */
static lf_status erase(struct erasing *e, const struct px_redaction *order, lf_bytes code,
                       lf_error *err)
{
    const uint8_t yes[1] = {1};
    bool is_whole = order->class_count == 0 || is_ordered(order, PX_CLASS_MEMBERS);
    lf_status rc = target_read(e, err);
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK; /* was erased before */
    }
    rc = rc == LF_OK
             ? lf__mirror_lead(e->mirror, e->txn, e->arena, &e->envelope, e->index, false, err)
             : rc;
    rc = rc == LF_OK ? is_whole ? all_erase(e, code, err) : parts_erase(e, order, err) : rc;
    return rc == LF_OK ? lf__mirror_meta_put(e->txn, "compact", LF_BYTES_ARRAY(yes), err) : rc;
}

/* From where on it may be that we were not told of a record, and by which order that is over (0: it is not). */
struct restriction {
    uint64_t since;
    uint64_t over;
};

static lf_status restriction_get(struct st_txn *txn, uint64_t index, struct restriction *out,
                                 bool *is, lf_error *err)
{
    lf_bytes value;
    bool found = false;
    struct mirror_key key = lf__mirror_number(index);
    lf_status rc = lf__mirror_find(txn, MIRROR_RESTRICTED, mirror_key(&key), &value, &found, err);
    *out = (struct restriction){0, 0};
    *is = false;
    if (rc == LF_OK && found && value.len != RESTRICTION_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "mirror: a restriction is damaged");
    }
    if (rc == LF_OK && found) {
        *out = (struct restriction){lf__get_u64be(value.ptr), lf__get_u64be(value.ptr + 8)};
    }
    *is = found && out->over == 0;
    return rc;
}

static lf_status restriction_put(struct st_txn *txn, uint64_t index, const struct restriction *r,
                                 lf_error *err)
{
    uint8_t value[RESTRICTION_BYTES];
    struct mirror_key key = lf__mirror_number(index);
    lf__put_u64be(value, r->since);
    lf__put_u64be(value + 8, r->over);
    return st_put(txn, MIRROR_RESTRICTED, mirror_key(&key), LF_BYTES_ARRAY(value), err);
}

lf_status lf__mirror_is_restricted(struct st_txn *txn, uint64_t index, bool *out, lf_error *err)
{
    struct restriction r;
    return restriction_get(txn, index, &r, out, err);
}

lf_status lf__mirror_is_told(struct st_txn *txn, uint64_t index, uint64_t by, lf_error *err)
{
    bool is = false;
    struct restriction r;
    lf_status rc = restriction_get(txn, index, &r, &is, err);
    r.over = by > r.over ? by : r.over;
    return rc == LF_OK ? restriction_put(txn, index, &r, err) : rc;
}

/* An order that comes late changes nothing when a later one has said otherwise. Nothing that was said of the record is told
 * while it is restricted, nor what was said before, to a sync that comes after. */
static lf_status restrict_to(struct erasing *e, uint64_t order, bool is_restricted, lf_error *err)
{
    bool was = false;
    struct restriction r;
    lf_status rc = restriction_get(e->txn, e->index, &r, &was, err);
    if (rc == LF_OK && is_restricted && !was && order > r.over) {
        r.since = e->mirror->told_from < order ? e->mirror->told_from : order;
        r.over = 0;
        rc = restriction_put(e->txn, e->index, &r, err);
    } else if (rc == LF_OK && !is_restricted) {
        rc = was ? lf__mirror_again(e->mirror, e->txn, r.since, order, err) : LF_OK;
        rc = rc == LF_OK ? lf__mirror_is_told(e->txn, e->index, order, err) : rc;
    }
    return rc == LF_OK ? lf__mirror_derive(e->mirror, e->txn, e->arena, e->index, err) : rc;
}

/* Never seen; from now on perhaps, or never. */
static lf_status unseen_redact(const struct mirror_entry *order, const struct mirror_key *target,
                               bool is_lifted, lf_error *err)
{
    return is_lifted ? lf__mirror_want(order, target, err)
                     : lf__mirror_remove(order->txn, MIRROR_WANTED, mirror_key(target), err);
}

lf_status lf__mirror_redact(const struct mirror_entry *by, lf_error *err)
{
    struct px_redaction order;
    lf_bytes row = LF_BYTES_NONE;
    bool found = false;
    struct erasing *e = lf__arena_alloc(by->arena, sizeof *e);
    lf_status rc = e == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                             : px_redaction_decode(by->arena, by->envelope, &order, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct mirror_key target = lf__mirror_record(order.issuer, order.record_id);
    rc = lf__mirror_find(by->txn, MIRROR_RECORDS, mirror_key(&target), &row, &found, err);
    if (rc == LF_OK && !found) {
        return unseen_redact(by, &target, order.mode == PX_REDACTION_LIFT, err);
    }
    if (rc != LF_OK || row.len < 8) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_CORRUPT, "mirror: an identity is damaged");
    }
    *e = (struct erasing){.mirror = by->mirror, .txn = by->txn, .arena = by->arena};
    e->index = lf__get_u64be(row.ptr);
    lf_bytes code = lf__arena_copy(by->arena, lf__bytes_slice(row, 8, row.len));
    bool erases = order.mode == PX_REDACTION_ERASE || order.mode == PX_REDACTION_NONE;
    return erases ? erase(e, &order, code, err)
                  : restrict_to(e, by->index, order.mode == PX_REDACTION_RESTRICT, err);
}
