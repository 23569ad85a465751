/* SPDX-License-Identifier: Apache-2.0 */
/* A line a row for machines; for people, what needs their eyes. */
#include "cli/import.h"

#include <string.h>

static void warnings_add(json_t *line, const struct import_told *told)
{
    if (told->warning_count == 0) {
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < told->warning_count; i++) {
        (void)json_array_append_new(list, json_string(told->warnings[i]));
    }
    (void)json_object_set_new(line, "warnings", list);
}

static void said_add(json_t *line, const struct list_line *said)
{
    (void)json_object_set_new(line, "uscc", json_string(said->uscc.code));
    (void)json_object_set_new(line, "list", json_string(said->list));
    (void)json_object_set_new(line, "reason", json_string(said->reason));
    (void)json_object_set_new(line, "listed_on", json_string(said->listed_on));
    (void)json_object_set_new(line, "removed_on", json_string(said->removed_on));
    (void)json_object_set_new(line, "ref", json_string(said->ref));
}

static void json_tell(const struct import_told *told)
{
    json_t *line = json_pack("{s:I, s:s}", "line", (json_int_t)told->line, "status", told->status);
    if (told->index != NULL) {
        (void)json_object_set_new(line, "index", json_integer((json_int_t)*told->index));
    }
    if (told->error != NULL) {
        (void)json_object_set_new(line, "code", json_string(told->error->reason));
        (void)json_object_set_new(line, "field", json_string(told->error->field));
        (void)json_object_set_new(line, "message", json_string(told->error->message));
    }
    if (told->outcome != NULL) {
        (void)json_object_set_new(line, "outcome", json_string(told->outcome));
    }
    if (told->removal != NULL) {
        json_t *removal = json_pack("{s:s}", "status", told->removal);
        if (told->removal_index != NULL) {
            (void)json_object_set_new(removal, "index",
                                      json_integer((json_int_t)*told->removal_index));
        }
        (void)json_object_set_new(line, "removal", removal);
    }
    warnings_add(line, told);
    if (told->said != NULL) {
        said_add(line, told->said);
    }
    cli_json(line);
}

static void text_tell(const struct import_told *told, bool is_denied)
{
    const lf_error *err = told->error;
    const struct list_line *said = told->said;
    if (is_denied) {
        return; /* told with the others of its kind */
    }
    if (err != NULL) {
        cli_rejected_tell(told->line, err);
    } else if (said != NULL) {
        (void)printf(
            "line %u: %s%s%s: %s %s from %s to %s %s\n", told->line, told->status,
            told->removal == NULL ? "" : ", removal ", told->removal == NULL ? "" : told->removal,
            cli_shown(said->list), cli_shown(said->uscc.code), cli_shown(said->listed_on),
            said->removed_on[0] == '\0' ? "-" : cli_shown(said->removed_on),
            said->reason[0] == '\0' ? "(reason not in the table)" : cli_shown(said->reason));
    }
}

void import_tell(struct import *im, const struct import_told *told)
{
    bool is_rejected = strcmp(told->status, "rejected") == 0;
    bool is_duplicate = strcmp(told->status, "duplicate") == 0;
    im->counts.rejected += is_rejected ? 1 : 0;
    im->counts.duplicates += is_duplicate ? 1 : 0;
    im->counts.accepted += is_rejected || is_duplicate ? 0 : 1;
    im->counts.removals += told->removal != NULL && (strcmp(told->removal, "accepted") == 0 ||
                                                     strcmp(told->removal, "new") == 0)
                               ? 1
                               : 0;
    im->counts.warned += told->warning_count > 0 ? 1 : 0;
    im->done++;
    bool is_denied = told->error != NULL && denied_take(&im->denied, told->line, told->error);
    if (im->cli->json) {
        json_tell(told);
    } else {
        text_tell(told, is_denied);
    }
}

void import_reject(struct import *im, const struct list_line *line)
{
    struct import_told told = {.line = line->line,
                               .status = "rejected",
                               .outcome = line->outcome,
                               .error = &line->error,
                               .warnings = line->warnings,
                               .warning_count = line->warning_count};
    im->counts.unread += line->ref[0] == '\0' ? 1 : 0;
    import_tell(im, &told);
}

void import_summary(const struct import *im)
{
    const struct import_counts *n = &im->counts;
    denied_tell(&im->denied);
    (void)fprintf(stderr,
                  "%llu %s, %llu duplicates, %llu rejected; %llu removals; %llu with warnings\n",
                  (unsigned long long)n->accepted, im->cli->dry_run ? "new" : "accepted",
                  (unsigned long long)n->duplicates, (unsigned long long)n->rejected,
                  (unsigned long long)n->removals, (unsigned long long)n->warned);
    if (n->vanished == 0) {
        return;
    }
    (void)fprintf(stderr,
                  "%llu lines of the last import are no longer in the file; whether they left the "
                  "list, a person says%s%s\n",
                  (unsigned long long)n->vanished, im->candidates.count > 0 ? ": " : "",
                  im->candidates.count > 0 ? im->candidates.path : "");
    if (n->unread > 0) {
        (void)fprintf(stderr, "%llu rows could not be read: the lines may be among these\n",
                      (unsigned long long)n->unread);
    }
    if (2 * n->vanished > im->state.lines) {
        (void)fprintf(stderr, "more than half of the list is gone: is the file whole?\n");
    }
}

int import_end(const struct import *im, int code)
{
    bool is_denied = im->denied.count > 0 && im->counts.accepted + im->counts.duplicates == 0;
    return code != CLI_OK            ? code
           : is_denied               ? CLI_NOT_ALLOWED
           : im->counts.rejected > 0 ? CLI_SOME_REJECTED
                                     : CLI_OK;
}

/* FNV-1a over the texts, each with its end. */
static uint64_t texts_digest(const char *const *texts, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < count; i++) {
        const char *at = texts[i];
        do {
            hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
        } while (*at++ != '\0');
    }
    return hash;
}

uint64_t import_digest(const struct list_line *line)
{
    char amount[24];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)line->amount_fen);
    const char *texts[] = {line->uscc.code, line->list,        line->reason,    line->violation,
                           line->listed_on, line->name,        line->authority, line->document,
                           line->region,    line->reason_text, line->list_id,   amount};
    return texts_digest(texts, sizeof texts / sizeof texts[0]);
}

static uint64_t removal_digest(const struct list_line *line)
{
    const char *texts[] = {line->removed_on, line->removal_text, line->removal_authority,
                           line->removal_document};
    return line->removed_on[0] == '\0' ? 0 : texts_digest(texts, sizeof texts / sizeof texts[0]);
}

bool import_is_known(const struct snapshot_known *known, const struct list_line *line)
{
    enum snapshot_standing stands =
        line->removed_on[0] == '\0' ? SNAPSHOT_LISTED : SNAPSHOT_REMOVED;
    return known->standing == stands && known->digest == import_digest(line) &&
           known->removal == removal_digest(line);
}

struct snapshot_line import_remembered(const struct list_line *line, uint32_t version)
{
    return (struct snapshot_line){.ref = line->ref,
                                  .version = version,
                                  .digest = import_digest(line),
                                  .removal = removal_digest(line),
                                  .standing = line->removed_on[0] != '\0' ? SNAPSHOT_REMOVED
                                                                          : SNAPSHOT_LISTED,
                                  .uscc = line->uscc.code,
                                  .list = line->list,
                                  .region = line->region,
                                  .listed_on = line->listed_on,
                                  .list_id = line->list_id,
                                  .authority = line->authority,
                                  .reason_text = line->reason_text};
}

struct vanishing {
    struct import *im;
    bool writes;
};

static void vanished_take(const struct snapshot_line *line, void *user)
{
    const struct vanishing *v = user;
    struct import *im = v->im;
    im->counts.vanished++;
    if (v->writes) {
        candidates_add(&im->candidates, im->state.path, line, "VANISHED");
    }
    if (im->cli->json) {
        cli_json(json_pack("{s:s, s:s, s:s, s:s, s:s}", "status", "vanished", "uscc", line->uscc,
                           "list", line->list, "listed_on", line->listed_on, "ref", line->ref));
    } else if (im->cli->dry_run) {
        (void)printf("vanished: %s %s from %s\n", cli_shown(line->list), cli_shown(line->uscc),
                     cli_shown(line->listed_on));
    }
}

void import_vanished(struct import *im, bool writes)
{
    struct vanishing v = {im, writes};
    if (im->has_state) {
        snapshot_vanished(&im->state, vanished_take, &v);
    }
}
