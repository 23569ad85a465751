/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement's row: made from the statement and from all that was said of it, which is kept beside it. So it can be made anew at any
 * time, also of a statement that comes late because it was withheld until a regulator released it.
 */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

enum { EFFECT_BYTES = 10 }; /* u8 kind, u8 decision, u64be until */

/* A platform's own decision acts for itself alone: from no code to another's. */
lf_status lf__mirror_statement_begin(const struct mirror_entry *e, struct mirror_statement *out,
                                     lf_error *err)
{
    struct lf__statement st;
    struct lf__said said = {e->envelope, NULL, e->said_ms};
    lf_status rc = lf__statement_read(e->mirror->rules, e->arena, &said, &st, err);
    if (rc != LF_OK) {
        return rc;
    }
    bool is_own = lf__bytes_eq_str(e->envelope->header.issuer, e->mirror->member);
    bool is_event = st.kind == PX_KIND_ENFORCEMENT_EVENT;
    *out = (struct mirror_statement){
        .row = {.index = e->index,
                .said_ms = st.said_ms,
                .from_ms = st.from_ms,
                .kind = (uint8_t)st.kind,
                .certainty = (uint8_t)st.certainty,
                .flags = (uint8_t)((is_own ? MIRROR_IS_OWN : 0) |
                                   (st.is_closing ? MIRROR_IS_CLOSING : 0) |
                                   (st.is_notice ? MIRROR_IS_NOTICE : 0)),
                .word = is_event ? st.violation : st.status},
        .life = {.state = e->envelope->is_not_understood ? LF__STATE_QUARANTINED
                          : st.is_lift                   ? LF__STATE_LIFTED
                                                         : LF__STATE_ACTIVE,
                 .until_ms = st.until_ms},
        .is_lift = st.is_lift,
        .code = st.kind == PX_KIND_ENTRY_BAN && !is_own ? LF_BYTES_NONE : st.uscc};
    return LF_OK;
}

lf_status lf__mirror_effect_put(const struct mirror_entry *e, const struct mirror_key *target,
                                const struct lf__word *word, lf_error *err)
{
    uint8_t value[EFFECT_BYTES];
    struct mirror_key key = lf__mirror_at(mirror_key(target), e->index);
    value[0] = (uint8_t)word->kind;
    value[1] = (uint8_t)word->decision;
    lf__put_u64be(value + 2, (uint64_t)word->until_ms);
    return st_put(e->txn, MIRROR_EFFECTS, mirror_key(&key), LF_BYTES_ARRAY(value), err);
}

struct effects {
    const struct lf__rules *rules;
    struct mirror_statement *st;
};

/* How an accusation began, by the policy of then, is kept as if an entry of no kind had done it. */
static bool effect_each(const struct st_pair *pair, void *user)
{
    struct effects *effects = user;
    const uint8_t *value = pair->value.ptr;
    if (pair->value.len != EFFECT_BYTES) {
        return true;
    }
    struct lf__word word = {
        .kind = value[0], .decision = value[1], .until_ms = (int64_t)lf__get_u64be(value + 2)};
    struct lf__life *life = &effects->st->life;
    if (word.kind != PX_KIND_NONE) {
        lf__life_change(effects->rules, &word, life);
        return true;
    }
    life->state = life->state == LF__STATE_ACTIVE ? (enum lf__state)word.decision : life->state;
    effects->st->row.flags |= word.decision == LF__STATE_QUARANTINED ? MIRROR_IS_BURST : 0;
    return true;
}

lf_status lf__mirror_is_burst(const struct mirror_entry *e, bool *out, lf_error *err)
{
    lf_bytes value;
    bool found = false;
    const struct px_header *h = &e->envelope->header;
    struct mirror_key record = lf__mirror_record(h->issuer, h->record_id);
    struct mirror_key key = lf__mirror_at(mirror_key(&record), e->index);
    lf_status rc = lf__mirror_find(e->txn, MIRROR_EFFECTS, mirror_key(&key), &value, &found, err);
    *out = rc == LF_OK && found && value.len == EFFECT_BYTES && value.ptr[0] == PX_KIND_NONE &&
           value.ptr[1] == LF__STATE_QUARANTINED;
    return rc;
}

/* What follows from the statement and from all that was said of it. */
static lf_status row_finish(const struct mirror_entry *e, struct mirror_statement *st,
                            bool *is_hidden, lf_error *err)
{
    const struct px_header *h = &e->envelope->header;
    struct mirror_key record = lf__mirror_record(h->issuer, h->record_id);
    struct effects effects = {e->mirror->rules, st};
    lf_status rc =
        lf__mirror_each(e->txn, MIRROR_EFFECTS, mirror_key(&record), effect_each, &effects, err);
    st->row.state = (uint8_t)st->life.state;
    st->row.appeal = (uint8_t)st->life.appeal;
    st->row.until_ms = st->life.until_ms;
    return rc == LF_OK ? lf__mirror_is_restricted(e->txn, e->index, is_hidden, err) : rc;
}

lf_status lf__mirror_statement_put(const struct mirror_entry *e, struct mirror_statement *st,
                                   lf_error *err)
{
    bool is_hidden = false;
    lf_status rc = row_finish(e, st, &is_hidden, err);
    if (rc != LF_OK || st->code.len != MIRROR_CODE_BYTES) {
        return rc;
    }
    return lf__mirror_row_put(e->txn, st->code, e->index, is_hidden ? NULL : &st->row, err);
}

lf_status lf__mirror_statement_read(struct mirror_entry *e, struct mirror_statement *out, bool *is,
                                    lf_error *err)
{
    lf_bytes leaf = LF_BYTES_NONE;
    lf_bytes bytes = LF_BYTES_NONE;
    struct px_envelope *envelope = lf__arena_alloc(e->arena, sizeof *envelope);
    lf_status rc = envelope == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                    : lf__mirror_entry_get(e->txn, e->index, &leaf, &bytes, err);
    *is = false;
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    e->said_ms = lf__mirror_said_ms(leaf);
    bytes = lf__arena_copy(e->arena, bytes);
    rc = lf__arena_status(e->arena, err);
    rc = rc == LF_OK ? px_envelope_decode(e->arena, bytes, envelope, err) : rc;
    if (rc != LF_OK || !lf__mirror_keeps(envelope->header.kind)) {
        return rc;
    }
    e->envelope = envelope;
    *is = true;
    return lf__mirror_statement_begin(e, out, err);
}

lf_status lf__mirror_derive(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                            uint64_t index, lf_error *err)
{
    bool is = false;
    struct mirror_statement st;
    struct mirror_entry e = {.mirror = mirror, .txn = txn, .arena = arena, .index = index};
    lf_status rc = lf__mirror_statement_read(&e, &st, &is, err);
    return rc == LF_OK && is ? lf__mirror_statement_put(&e, &st, err) : rc;
}

lf_status lf__mirror_derived(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                             uint64_t index, struct lf__mirror_derived *out, lf_error *err)
{
    bool is = false;
    bool is_hidden = false;
    struct mirror_statement st = {.code = LF_BYTES_NONE};
    struct mirror_entry e = {.mirror = mirror, .txn = txn, .arena = arena, .index = index};
    lf_status rc = lf__mirror_statement_read(&e, &st, &is, err);
    rc = rc == LF_OK && is ? row_finish(&e, &st, &is_hidden, err) : rc;
    if (rc == LF_OK) {
        *out = (struct lf__mirror_derived){
            .row = st.row, .code = st.code, .stands = is && !is_hidden && st.code.len > 0};
    }
    return rc;
}
