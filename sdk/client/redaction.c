/* SPDX-License-Identifier: Apache-2.0 */
/* The paper of a lawful order to erase, for the authority's keys to sign. */
#include "base/bytes.h"
#include "base/status.h"
#include "client/papers.h"

#include <string.h>

static const char *const mode_words[PX_REDACTION_MODES] = {"", "ERASE", "RESTRICT",
                                                           "LIFT_RESTRICTION"};
static const char *const class_words[PX_CLASS_COUNT] = {"", "PUBLIC", "MEMBERS", "REGULATOR",
                                                        "PERSONAL"};

static unsigned word_find(const char *const *words, unsigned count, lf_bytes word)
{
    for (unsigned i = 1; i < count; i++) {
        if (lf__bytes_eq_str(word, words[i])) {
            return i;
        }
    }
    return 0;
}

/* Each at most once: what is no class, or one too many, is told by the word itself. */
static lf_status classes_take(const char *list, struct px_redaction *out, lf_error *err)
{
    const char *at = list == NULL ? "" : list;
    while (*at != '\0') {
        size_t len = strcspn(at, ",");
        lf_bytes word = {(const uint8_t *)at, len};
        unsigned number = word_find(class_words, PX_CLASS_COUNT, word);
        if (number == 0 || out->class_count == PX_PARTS_MAX) {
            return lf__refuse(err, LF_E_ARG, "PART_CLASS", "classes",
                              "classes: PUBLIC, MEMBERS, REGULATOR, PERSONAL, each once");
        }
        out->classes[out->class_count++] = (enum px_class)number;
        at += len + (at[len] == ',' ? 1 : 0);
    }
    return LF_OK;
}

static lf_status redaction_fill(const lf_redaction *in, uint8_t id[static PX_ID_BYTES],
                                struct px_redaction *out, lf_error *err)
{
    size_t len = 0;
    const struct {
        const char *field;
        const char *value;
    } rows[] = {{"target_issuer", in->issuer},
                {"target_record_id", in->record_id},
                {"order_authority", in->order_authority},
                {"order_number", in->order_number}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (rows[i].value == NULL || rows[i].value[0] == '\0') {
            return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", rows[i].field, "%s: is missing",
                              rows[i].field);
        }
    }
    if (!lf__unhex(lf__bytes_str(in->record_id), id, PX_ID_BYTES, &len) || len != PX_ID_BYTES) {
        return lf__refuse(err, LF_E_ARG, "FIELD_LENGTH", "target_record_id",
                          "record: an id is 32 hex characters");
    }
    lf_bytes mode = lf__bytes_str(in->mode == NULL ? "ERASE" : in->mode);
    *out = (struct px_redaction){
        .mode = (enum px_redaction_mode)word_find(mode_words, PX_REDACTION_MODES, mode),
        .issuer = lf__bytes_str(in->issuer),
        .record_id = {id, PX_ID_BYTES},
        .order_authority = lf__bytes_str(in->order_authority),
        .order_number = lf__bytes_str(in->order_number)};
    return out->mode == PX_REDACTION_NONE ? lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "mode",
                                                       "mode: ERASE, RESTRICT or LIFT_RESTRICTION")
                                          : classes_take(in->classes, out, err);
}

lf_status lf_paper_redaction(const lf_redaction *redaction, lf_paper **out, lf_error *err)
{
    LF_ARENA arena;
    uint8_t id[PX_ID_BYTES];
    struct px_redaction value;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.issuer = lf__bytes_str(PAPER_AUTHORITY),
                               .kind = PX_KIND_REDACTION,
                               .version = 1,
                               .legal_basis = 1 /* a statutory duty */};
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    lf_status rc = redaction_fill(redaction, id, &value, err);
    rc = rc == LF_OK ? px_redaction_encode(&arena, &value, parts, &count, err) : rc;
    return rc == LF_OK ? lf__paper_new(&header, parts, count, out, err) : rc;
}
