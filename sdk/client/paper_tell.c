/* SPDX-License-Identifier: Apache-2.0 */
/* What a paper says, whatever its kind: who signs is to see all that is signed. */
#include "base/bytes.h"
#include "base/status.h"
#include "client/papers.h"
#include "protos/codec/spell.h"

#include <stdio.h>

struct telling {
    lf_paper_field_cb each;
    void *user;
};

static void on_field(void *user, const char *name, lf_bytes text)
{
    const struct telling *t = user;
    t->each(name, (const char *)text.ptr, t->user);
}

static lf_status text_tell(const struct telling *t, struct lf__arena *arena, const char *name,
                           lf_bytes text, lf_error *err)
{
    lf_bytes kept = text.len == 0 ? LF_BYTES_NONE : lf__arena_copy(arena, text);
    if (kept.len > 0) {
        t->each(name, (const char *)kept.ptr, t->user);
    }
    return text.len > 0 && kept.ptr == NULL ? lf__arena_status(arena, err) : LF_OK;
}

static void number_tell(const struct telling *t, const char *name, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)number);
    if (number != 0) {
        t->each(name, text, t->user);
    }
}

static lf_status header_tell(const struct telling *t, struct lf__arena *arena,
                             const struct px_header *h, lf_error *err)
{
    char id[LF_HEX_SIZE(PX_ID_BYTES)] = "";
    char before[LF_HEX_SIZE(PX_ID_BYTES)] = "";
    (void)lf__hex(h->record_id, id, sizeof id);
    (void)lf__hex(h->predecessor, before, sizeof before);
    lf_status rc = text_tell(t, arena, "record_id", lf__bytes_str(id), err);
    rc = rc == LF_OK ? text_tell(t, arena, "predecessor", lf__bytes_str(before), err) : rc;
    rc = rc == LF_OK ? text_tell(t, arena, "ref", h->ref, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < h->audience_count; i++) {
        rc = text_tell(t, arena, "audience", h->audience[i], err);
    }
    number_tell(t, "version", h->version);
    number_tell(t, "effective_from_ms", h->effective_from_ms);
    number_tell(t, "effective_until_ms", h->effective_until_ms);
    return rc;
}

/* What is signed is the hash of each part: one that is not here says what nobody sees. */
static lf_status is_whole(const struct px_envelope *envelope, lf_error *err)
{
    for (unsigned i = PX_CLASS_PUBLIC; i < PX_CLASS_COUNT; i++) {
        bool is_here = !envelope->has_hash[i];
        for (size_t p = 0; p < envelope->part_count; p++) {
            is_here = is_here || envelope->parts[p].part_class == i;
        }
        if (!is_here) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "parts",
                              "paper: its part of class %u is not in the file", i);
        }
    }
    return envelope->is_not_understood
               ? lf__refuse(err, LF_E_REJECTED, "UNKNOWN_FIELD", "parts",
                            "paper: says something that this version does not understand")
               : LF_OK;
}

lf_status lf_paper_fields(const lf_paper *paper, lf_paper_field_cb each, void *user, lf_error *err)
{
    LF_ARENA arena;
    struct telling t = {each, user};
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    lf_status rc = is_whole(&paper->envelope, err);
    rc = rc == LF_OK ? px_form_check(&arena, &paper->envelope, err) : rc;
    rc = rc == LF_OK ? header_tell(&t, &arena, &paper->envelope.header, err) : rc;
    return rc == LF_OK ? px_tell_whole(&arena, &paper->envelope, on_field, &t, err) : rc;
}
