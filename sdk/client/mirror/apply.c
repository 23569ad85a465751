/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry changes of a mirror. Statements (events, registry entries, listings, our own bans) make a row of their code; what
 * later entries do to one is kept beside it, and its row made anew. What each does is rules/standing.h's to say, as at the gateway.
 */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

static lf_status record_put(const struct mirror_entry *e, lf_bytes code, lf_error *err)
{
    const struct px_header *h = &e->envelope->header;
    uint8_t value[8 + MIRROR_CODE_BYTES];
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    bool has_code = code.len == MIRROR_CODE_BYTES;
    lf__put_u64be(value, e->index);
    lf__copy(value + 8, code.ptr, has_code ? code.len : 0);
    return st_put(e->txn, MIRROR_RECORDS, mirror_key(&key),
                  (lf_bytes){value, has_code ? sizeof value : 8}, err);
}

/* The target's row is made anew; what we were not let see until now is to be fetched. */
static lf_status target_change(const struct mirror_entry *e, const struct mirror_key *target,
                               const struct lf__word *word, lf_error *err)
{
    lf_bytes row = LF_BYTES_NONE;
    bool found = false;
    lf_status rc = lf__mirror_effect_put(e, target, word, err);
    rc = rc == LF_OK
             ? lf__mirror_find(e->txn, MIRROR_RECORDS, mirror_key(target), &row, &found, err)
             : rc;
    if (rc == LF_OK && !found) {
        bool shows = word->kind == PX_KIND_RELAY && word->decision == PX_RELAY_RELEASED;
        return shows ? lf__mirror_want(e, target, err) : LF_OK;
    }
    uint64_t index = rc == LF_OK && row.len >= 8 ? lf__get_u64be(row.ptr) : UINT64_MAX;
    return rc == LF_OK ? lf__mirror_derive(e->mirror, e->txn, e->arena, index, err) : rc;
}

/* ---- a relay of a run ---- */

struct run {
    const struct mirror_entry *relay;
    const struct px_about *about;
    const struct lf__word *word;
};

/* One position of the run: if we have an accusation there that was quarantined with its target. */
static lf_status run_one(const struct run *run, uint64_t at, lf_error *err)
{
    LF_ARENA arena;
    bool is = false;
    struct mirror_statement st;
    struct mirror_entry e = {
        .mirror = run->relay->mirror, .txn = run->relay->txn, .arena = &arena, .index = at};
    lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
    lf_status rc = lf__mirror_statement_read(&e, &st, &is, err);
    const struct px_header *h = is ? &e.envelope->header : NULL;
    if (rc != LF_OK || !is || !lf__bytes_eq(h->issuer, run->about->issuer) ||
        !lf__audiences_agree(h, &run->relay->envelope->header)) {
        return rc;
    }
    rc = lf__mirror_is_burst(&e, &is, err);
    if (rc != LF_OK || !is) {
        return rc;
    }
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    rc = lf__mirror_effect_put(run->relay, &key, run->word, err);
    return rc == LF_OK ? lf__mirror_statement_put(&e, &st, err) : rc;
}

static lf_status run_apply(const struct run *run, lf_error *err)
{
    lf_status rc = LF_OK;
    const struct lf__word *word = run->word;
    const lf_mirror *mirror = run->relay->mirror;
    uint64_t last = word->last < run->relay->index ? word->last : run->relay->index - 1;
    if (last < word->first || last - word->first >= LF__RUN_MAX) {
        return LF_OK; /* no gateway takes such a one */
    }
    /* What we had no sight of until now is read where it is. */
    if (mirror->role != PX_ROLE_REGULATOR &&
        !lf__bytes_eq_str(run->about->issuer, mirror->member)) {
        return word->decision == PX_RELAY_RELEASED
                   ? lf__mirror_again(mirror, run->relay->txn, word->first, run->relay->index, err)
                   : LF_OK;
    }
    for (uint64_t at = word->first; rc == LF_OK && at <= last; at++) {
        rc = run_one(run, at, err);
    }
    return rc;
}

static lf_status word_apply(const struct mirror_entry *e, lf_error *err)
{
    struct px_about about;
    struct lf__word word;
    lf_status rc = px_about_decode(e->arena, e->envelope, &about, err);
    rc = rc == LF_OK ? lf__word_read(e->arena, e->envelope, &word, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (word.last != 0) {
        struct run run = {e, &about, &word};
        return run_apply(&run, err);
    }
    struct mirror_key target = lf__mirror_record(about.issuer, about.record_id);
    return target_change(e, &target, &word, err);
}

/* What a new version does to the one before. Of registry entries the newest counts, whoever tells of it. */
static lf_status version_apply(const struct mirror_entry *e, const struct mirror_statement *st,
                               lf_error *err)
{
    const struct px_header *h = &e->envelope->header;
    struct lf__word word = {.kind = h->kind,
                            .decision = st->is_lift ? 1 : 0,
                            .until_ms = st->row.from_ms != 0 ? st->row.from_ms : e->said_ms};
    if (h->version <= 1 || h->kind == PX_KIND_REGISTRY_ENTRY || e->envelope->is_not_understood) {
        return LF_OK;
    }
    struct mirror_key target = lf__mirror_record(h->issuer, h->predecessor);
    return target_change(e, &target, &word, err);
}

/* How an accusation begins that does not stand at once: as one of too many, or waiting for a relay. */
static lf_status waiting_put(const struct mirror_entry *e, const struct mirror_statement *st,
                             lf_error *err)
{
    const struct px_header *h = &e->envelope->header;
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    struct lf__word word = {.decision =
                                e->is_burst ? LF__STATE_QUARANTINED : LF__STATE_PENDING_RELAY};
    bool waits = e->is_burst;
    lf_status rc = waits ? LF_OK : lf__mirror_waits(e, st, &waits, err);
    return rc == LF_OK && waits ? lf__mirror_effect_put(e, &key, &word, err) : rc;
}

static lf_status statement_apply(const struct mirror_entry *e, lf_error *err)
{
    struct mirror_statement st;
    lf_status rc = lf__mirror_statement_begin(e, &st, err);
    rc = rc == LF_OK ? record_put(e, st.code, err) : rc;
    rc = rc == LF_OK ? waiting_put(e, &st, err) : rc;
    rc = rc == LF_OK ? lf__mirror_statement_put(e, &st, err) : rc;
    return rc == LF_OK ? version_apply(e, &st, err) : rc;
}

static lf_status kind_apply(const struct mirror_entry *e, lf_error *err)
{
    enum px_kind kind = e->envelope->header.kind;
    if (lf__mirror_keeps(kind)) {
        return statement_apply(e, err);
    }
    lf_status rc = record_put(e, LF_BYTES_NONE, err);
    if (rc != LF_OK) {
        return rc;
    }
    return kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION || kind == PX_KIND_LIST_REMOVAL ||
                   kind == PX_KIND_APPEAL
               ? word_apply(e, err)
           : kind == PX_KIND_REDACTION ? lf__mirror_redact(e, err)
                                       : lf__mirror_federation_apply(e, err);
}

lf_status lf__mirror_apply(lf_mirror *mirror, struct st_txn *txn, const struct px_entry *entry,
                           lf_error *err)
{
    LF_ARENA arena;
    lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
    struct px_envelope *envelope = lf__arena_alloc(&arena, sizeof *envelope);
    lf_status rc = envelope == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                    : px_envelope_decode(&arena, entry->envelope, envelope, err);
    struct mirror_entry e = {.mirror = mirror,
                             .txn = txn,
                             .arena = &arena,
                             .envelope = envelope,
                             .index = entry->index,
                             .said_ms = lf__mirror_said_ms(entry->leaf),
                             .is_burst = entry->is_burst};
    rc = rc == LF_OK ? lf__mirror_lead(mirror, txn, &arena, envelope, e.index, true, err) : rc;
    return rc == LF_OK ? kind_apply(&e, err) : rc;
}
