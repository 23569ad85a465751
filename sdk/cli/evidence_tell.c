/* SPDX-License-Identifier: Apache-2.0 */
/* What was proven, hidden and not proven: as text and as one JSON object. */
#include "cli/evidence.h"

#include <string.h>

static const struct {
    const char *code;
    const char *text;
} unproven[] = {
    {"CONTENT", "that what a record says is true: only that its issuer said it"},
    {"LATER", "that no later record corrects, withdraws or replaces it, beyond those in this file"},
    {"KEY_DATES", "the dates and the use that the issuer's key itself carries"},
    {"THRESHOLD", "that enough of the authority's keys have signed"},
    {"WITNESSED", "that anybody but the ledger's own key vouches for this head"},
    {"KEY_IN_FORCE",
     "that the head is as old as it says: this very file shows that the key which signed it was "
     "replaced, and "
     "whoever got hold of that key can date a head back; ask for the evidence anew"},
    {"ATTACHMENT_NAMES", "what attachments are called, and the size of those not checked: records "
                         "name their hashes only"},
};

static const char *unproven_text(const char *code)
{
    for (size_t i = 0; i < sizeof unproven / sizeof unproven[0]; i++) {
        if (strcmp(unproven[i].code, code) == 0) {
            return unproven[i].text;
        }
    }
    return code;
}

static void record_text(const lf_evidence_record *r)
{
    char at[CLI_INSTANT_SIZE];
    (void)printf("\nentry %llu: %s %s of %s, version %u\n", (unsigned long long)r->index,
                 cli_shown(r->kind), cli_shown(r->record_id), cli_shown(r->issuer), r->version);
    (void)printf("  accepted   %s\n", cli_instant(r->accepted_at_ms, at));
    (void)printf("  signed     SHA-256 %s\n", r->record_sha256);
    for (size_t i = 0; i < r->signature_count; i++) {
        const lf_evidence_signature *s = &r->signatures[i];
        (void)printf("  by key     %s, %s since entry %llu%s%s\n", cli_shown(s->key_id),
                     cli_shown(s->status), (unsigned long long)s->since_index,
                     s->role[0] != '\0' ? ", a " : "", cli_shown(s->role));
    }
    for (size_t i = 0; i < r->part_count; i++) {
        (void)printf("  %-10s %s, SHA-256 %s\n", r->parts[i].part_class,
                     r->parts[i].is_shown ? "shown" : "HIDDEN", r->parts[i].sha256);
    }
    for (size_t i = 0; i < r->field_count; i++) {
        (void)printf("  says       %s: %s\n", cli_shown(r->fields[i].name),
                     cli_shown(r->fields[i].value));
    }
    for (size_t i = 0; i < r->later_count; i++) {
        const lf_evidence_later *l = &r->later[i];
        (void)printf("  later      entry %llu: %s %s of %s\n", (unsigned long long)l->index,
                     cli_shown(l->kind), cli_shown(l->decision), cli_shown(l->issuer));
    }
}

void cli_evidence_text(const struct cli_verdict *verdict)
{
    const lf_evidence *e = verdict->evidence;
    char at[CLI_INSTANT_SIZE];
    (void)printf("proven: %zu records of %s, under its head of %llu entries\n", e->record_count,
                 cli_shown(e->origin), (unsigned long long)e->size);
    (void)printf("  file       SHA-256 %s\n  genesis    %s\n  root       %s\n  signed by  %s\n",
                 e->sha256, e->genesis, e->root, cli_shown(e->log_key));
    for (size_t i = 0; i < e->witness_count; i++) {
        (void)printf("  witness    %s at %s\n", cli_shown(e->witnesses[i].name),
                     cli_instant(e->witnesses[i].time_ms, at));
    }
    for (size_t i = 0; i < e->record_count; i++) {
        record_text(&e->records[i]);
    }
    for (size_t i = 0; i < e->attachment_count; i++) {
        const lf_evidence_attachment *a = &e->attachments[i];
        (void)printf(
            "\nattachment, here called %s: %llu bytes, SHA-256 %s, which entry %llu names%s\n",
            cli_shown(a->name), (unsigned long long)a->size, a->sha256,
            (unsigned long long)a->index,
            a->is_checked ? "" : "; NOT CHECKED: it is not in the file (--attach)");
    }
    (void)printf("\nnot proven:\n");
    for (size_t i = 0; i < e->unproven_count; i++) {
        (void)printf("  - %s\n", unproven_text(e->unproven[i]));
    }
}

/* ---- JSON ---- */

static json_t *signatures_json(const lf_evidence_record *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->signature_count; i++) {
        const lf_evidence_signature *s = &r->signatures[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "key", s->key_id, "algorithm",
                            s->algorithm, "role", s->role, "status", s->status, "since",
                            (json_int_t)s->since_index, "batch", (json_int_t)s->batch_size));
    }
    return list;
}

static json_t *parts_json(const lf_evidence_record *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->part_count; i++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:b, s:s}", "class", r->parts[i].part_class, "shown",
                            (int)r->parts[i].is_shown, "sha256", r->parts[i].sha256));
    }
    return list;
}

static json_t *fields_json(const lf_evidence_record *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->field_count; i++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s}", "name", r->fields[i].name, "value", r->fields[i].value));
    }
    return list;
}

static json_t *later_json(const lf_evidence_record *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->later_count; i++) {
        const lf_evidence_later *l = &r->later[i];
        (void)json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s}", "index",
                                                    (json_int_t)l->index, "kind", l->kind,
                                                    "decision", l->decision, "issuer", l->issuer));
    }
    return list;
}

static json_t *record_json(const lf_evidence_record *r)
{
    char accepted[CLI_INSTANT_SIZE];
    json_t *out =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "index",
                  (json_int_t)r->index, "issuer", r->issuer, "record", r->record_id, "kind",
                  r->kind, "ref", r->ref, "version", (json_int_t)r->version, "certainty",
                  r->certainty, "accepted_at", cli_instant(r->accepted_at_ms, accepted), "sha256",
                  r->record_sha256, "leaf", r->leaf, "members_root", r->members_root);
    (void)json_object_set_new(out, "signatures", signatures_json(r));
    (void)json_object_set_new(out, "parts", parts_json(r));
    (void)json_object_set_new(out, "fields", fields_json(r));
    (void)json_object_set_new(out, "later", later_json(r));
    return out;
}

static json_t *witnesses_json(const lf_evidence *e)
{
    char at[CLI_INSTANT_SIZE];
    json_t *list = json_array();
    for (size_t i = 0; i < e->witness_count; i++) {
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s}", "name", e->witnesses[i].name, "at",
                                              cli_instant(e->witnesses[i].time_ms, at)));
    }
    return list;
}

static json_t *attachments_json(const lf_evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->attachment_count; i++) {
        const lf_evidence_attachment *a = &e->attachments[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I, s:b}", "name", a->name, "sha256", a->sha256,
                            "size", (json_int_t)a->size, "index", (json_int_t)a->index, "checked",
                            (int)a->is_checked));
    }
    return list;
}

json_t *cli_evidence_json(const struct cli_verdict *verdict)
{
    const lf_evidence *e = verdict->evidence;
    json_t *records = json_array();
    json_t *not_proven = json_array();
    if (e == NULL) {
        return json_pack("{s:b, s:s, s:s, s:s, s:o, s:o}", "proven", 0, "reason",
                         verdict->why.reason, "field", verdict->why.field, "message",
                         verdict->why.message, "records", records, "not_proven", not_proven);
    }
    for (size_t i = 0; i < e->record_count; i++) {
        (void)json_array_append_new(records, record_json(&e->records[i]));
    }
    for (size_t i = 0; i < e->unproven_count; i++) {
        (void)json_array_append_new(not_proven, json_string(e->unproven[i]));
    }
    json_t *out =
        json_pack("{s:b, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "proven", 1, "file_sha256", e->sha256,
                  "origin", e->origin, "genesis", e->genesis, "size", (json_int_t)e->size, "root",
                  e->root, "log_key", e->log_key, "quorum", e->quorum);
    (void)json_object_set_new(out, "witnesses", witnesses_json(e));
    (void)json_object_set_new(out, "records", records);
    (void)json_object_set_new(out, "attachments", attachments_json(e));
    (void)json_object_set_new(out, "not_proven", not_proven);
    return out;
}
