/* SPDX-License-Identifier: Apache-2.0 */
/* A line as records, field by field. */
#include "cli/import_push.h"

#include <inttypes.h>
#include <string.h>

enum { FIELDS_MAX = 16, RECORD_BYTES = 1024 };

struct said {
    lf_field fields[FIELDS_MAX];
    size_t count;
};

static void say(struct said *said, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        said->fields[said->count++] = (lf_field){name, value};
    }
}

static lf_status add(struct import_push *p, lf_fields *fields, const struct said *said,
                     uint64_t tag, lf_error *err)
{
    lf_record record = LF_RECORD_INIT;
    fields->fields = said->fields;
    fields->count = said->count;
    record.fields = fields;
    p->open_records++;
    p->open_bytes += RECORD_BYTES;
    for (size_t i = 0; i < said->count; i++) {
        p->open_bytes += strlen(said->fields[i].value);
    }
    return lf_push_add(p->push, &record, tag, err);
}

lf_status import_listing_add(struct import_push *p, const struct list_line *line, uint32_t version,
                             lf_error *err)
{
    struct said said = {.count = 0};
    lf_fields fields = LF_FIELDS_INIT;
    char amount[24] = "";
    if (line->amount_fen > 0) {
        (void)snprintf(amount, sizeof amount, "%" PRId64, line->amount_fen);
    }
    say(&said, "uscc", line->uscc.code);
    say(&said, "list", line->list);
    say(&said, "name", line->name);
    say(&said, "reason", line->reason);
    say(&said, "reason_text", line->reason_text);
    say(&said, "listed_on", line->listed_on);
    say(&said, "authority", line->authority);
    say(&said, "document", line->document);
    say(&said, "region", line->region);
    say(&said, "list_id", line->list_id);
    say(&said, "violation", line->violation);
    say(&said, "amount_fen", amount);
    fields.kind = "credit-list-entry";
    fields.ref = line->ref;
    fields.version = version;
    return add(p, &fields, &said, line->line, err);
}

/* Its ref is the listing's with its version, so that each has one removal. */
lf_status import_removal_add(struct import_push *p, const struct import_removal *removal,
                             lf_error *err)
{
    struct said said = {.count = 0};
    lf_fields fields = LF_FIELDS_INIT;
    char id[2 * LF_RECORD_ID_LEN + 1];
    char ground[WORDS_CODE_MAX];
    char ref[LF_LIST_REF_SIZE + 12];
    const struct snapshot_line *listing = removal->listing;
    lf_status rc = lf_list_record_id(p->im->client, listing->ref, listing->version, id, err);
    if (rc != LF_OK) {
        return rc;
    }
    bool has_ground = words_part("ground", removal->reason_text, ground)[0] != '\0';
    say(&said, "target_issuer", lf_client_member(p->im->client));
    say(&said, "target_record_id", id);
    say(&said, "ground", has_ground ? ground : "REMOVED");
    say(&said, "removed_on", removal->removed_on);
    say(&said, "reason_text", removal->reason_text);
    say(&said, "authority", removal->authority);
    say(&said, "document", removal->document);
    fields.kind = "list-removal";
    (void)snprintf(ref, sizeof ref, "%s/%u", listing->ref, listing->version);
    fields.ref = ref;
    return add(p, &fields, &said, IMPORT_TAG_REMOVAL | removal->line, err);
}
