/* SPDX-License-Identifier: Apache-2.0 */
/* What a record says, as names and values: of the parts shown, in the order of the proto. */
#include "client/evidence/evidence.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "client/papers.h"
#include "protos/codec/spell.h"

#include <string.h>

const char *lf__arena_text(struct lf__arena *arena, lf_bytes text)
{
    return (const char *)lf__arena_copy(arena, text).ptr;
}

struct teller {
    struct lf__arena *arena;
    struct lf__exhibit *exhibit;
    lf_evidence_field *fields;
    size_t count;
};

/* What it decides about another record is told beside that, too. */
static bool is_decision(enum px_kind kind, const char *name)
{
    static const struct {
        enum px_kind kind;
        const char *name;
    } rows[] = {{PX_KIND_RELAY, "decision"},      {PX_KIND_CORRECTION, "reason"},
                {PX_KIND_LIST_REMOVAL, "ground"}, {PX_KIND_APPEAL, "step"},
                {PX_KIND_NOTICE, "step"},         {PX_KIND_DISPOSITION, "answer"}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (rows[i].kind == kind && strcmp(rows[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void tell(void *user, const char *name, lf_bytes text)
{
    struct teller *t = user;
    if (t->count < EVIDENCE_FIELDS_MAX) {
        t->fields[t->count++] = (lf_evidence_field){name, (const char *)text.ptr};
    }
    if (is_decision(t->exhibit->envelope.header.kind, name)) {
        t->exhibit->decision = (const char *)text.ptr;
    }
}

/* Messages inside a body are not told; of a member its keys matter. */
static void keys_tell(struct teller *t, const struct px_member *member)
{
    for (size_t i = 0; i < member->key_count; i++) {
        char text[LF_HEX_SIZE(LF_HASH_BYTES)];
        struct lf__hash id = lf__key_id(&member->keys[i].key);
        (void)lf__hex(lf__hash_bytes(&id), text, sizeof text);
        const char *kept = lf__arena_text(t->arena, lf__bytes_str(text));
        if (kept != NULL) {
            tell(t, "keys", lf__bytes_str(kept));
        }
    }
}

static lf_status kind_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    const struct px_envelope *envelope = &exhibit->envelope;
    enum px_kind kind = envelope->header.kind;
    struct px_member *member = lf__arena_alloc(t->arena, sizeof *member);
    if (member == NULL) {
        return lf__arena_status(t->arena, err);
    }
    lf_status rc = px_form_check(t->arena, envelope, err);
    if (rc == LF_OK && kind == PX_KIND_ENFORCEMENT_EVENT) {
        rc = px_event_decode(t->arena, envelope, &exhibit->event, err);
    }
    if (rc == LF_OK && px_speaks_of_another(kind)) {
        rc = px_about_decode(t->arena, envelope, &exhibit->about, err);
    }
    rc = rc == LF_OK ? px_tell(t->arena, envelope, tell, t, err) : rc;
    if (rc == LF_OK && kind == PX_KIND_MEMBER) {
        rc = px_member_decode(t->arena, envelope, member, err);
        keys_tell(t, member);
    }
    return rc;
}

/* The form of a kind may ask for fields that are hidden here: such a record is told by its header alone. */
static lf_status fields_tell(struct lf__arena *arena, struct lf__exhibit *exhibit,
                             lf_evidence_record *out, lf_error *err)
{
    struct teller t = {.arena = arena,
                       .exhibit = exhibit,
                       .fields = lf__arena_array(arena, EVIDENCE_FIELDS_MAX, sizeof *t.fields)};
    lf_status rc = t.fields == NULL ? lf__arena_status(arena, err) : LF_OK;
    if (rc != LF_OK || exhibit->envelope.part_count == 0) {
        return rc;
    }
    if (kind_tell(&t, exhibit, NULL) == LF_OK) {
        out->fields = t.fields;
        out->field_count = t.count;
    }
    return lf__arena_status(arena, err);
}

static lf_status parts_tell(struct lf__arena *arena, const struct px_envelope *envelope,
                            lf_evidence_record *out, lf_error *err)
{
    lf_evidence_part *parts = lf__arena_array(arena, PX_PARTS_MAX, sizeof *parts);
    for (unsigned i = PX_CLASS_PUBLIC; parts != NULL && i < PX_CLASS_COUNT; i++) {
        if (envelope->has_hash[i]) {
            lf_evidence_part *part = &parts[out->part_count++];
            *part = (lf_evidence_part){.part_class = lf__word_class(i)};
            for (size_t p = 0; p < envelope->part_count; p++) {
                part->is_shown = part->is_shown || envelope->parts[p].part_class == i;
            }
            (void)lf__hex(lf__hash_bytes(&envelope->part_hash[i]), part->sha256,
                          sizeof part->sha256);
        }
    }
    out->parts = parts;
    return lf__arena_status(arena, err);
}

lf_status lf__exhibit_tell(struct lf__arena *arena, struct lf__exhibit *exhibit,
                           lf_evidence_record *out, lf_error *err)
{
    const struct px_header *h = &exhibit->envelope.header;
    out->issuer = lf__arena_text(arena, h->issuer);
    out->kind = lf__word_kind(h->kind);
    out->ref = lf__arena_text(arena, h->ref);
    out->version = h->version;
    out->issued_at_ms = h->issued_at_ms;
    out->certainty = lf__word_certainty(h->certainty);
    (void)lf__hex(h->record_id, out->record_id, sizeof out->record_id);
    lf_status rc = parts_tell(arena, &exhibit->envelope, out, err);
    return rc == LF_OK ? fields_tell(arena, exhibit, out, err) : rc;
}
