/* SPDX-License-Identifier: Apache-2.0 */
/* Which accusations wait for a regulator: the ledger has them, and the gateway says how each stands. */
#include "cli/relay.h"

#include <stdlib.h>
#include <string.h>

enum { RELAY_AT_ONCE = 500, REASONS_TOLD_MAX = 32 };

const char *relay_field(const lf_watched *watched, const char *name)
{
    for (size_t i = 0; i < watched->field_count; i++) {
        if (strcmp(watched->fields[i].name, name) == 0) {
            return watched->fields[i].value;
        }
    }
    return "";
}

/* Room for one more of `size` bytes; false when there is no memory. */
static bool grow(void *list, size_t count, size_t *room, size_t size)
{
    void **at = list;
    if (count < *room) {
        return true;
    }
    size_t more = *room == 0 ? RELAY_AT_ONCE : 2 * *room;
    void *moved = realloc(*at, more * size);
    if (moved == NULL) {
        return false;
    }
    *room = more;
    *at = moved;
    return true;
}

/* A field that may stand there several times, with ';' between. */
static char *fields_join(const lf_watched *watched, const char *name, const char *more)
{
    size_t room = 1;
    size_t used = 0;
    for (size_t i = 0; i < watched->field_count; i++) {
        room += strlen(watched->fields[i].value) + 1;
    }
    char *out = calloc(1, room);
    for (size_t i = 0; out != NULL && i < watched->field_count; i++) {
        const lf_evidence_field *f = &watched->fields[i];
        if (strcmp(f->name, name) == 0 || strcmp(f->name, more) == 0) {
            int n = snprintf(out + used, room - used, "%s%s", used == 0 ? "" : ";", f->value);
            used += (size_t)n;
        }
    }
    return out;
}

static size_t fields_count(const lf_watched *watched, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < watched->field_count; i++) {
        count += strcmp(watched->fields[i].name, name) == 0 ? 1 : 0;
    }
    return count;
}

static bool event_take(struct relay_queue *q, const lf_watched *watched)
{
    if (!grow(&q->list, q->count, &q->room, sizeof *q->list)) {
        return false;
    }
    struct relay_event *e = &q->list[q->count++];
    *e = (struct relay_event){
        .index = watched->index, .accepted_at_ms = watched->accepted_at_ms, .state = "", .why = ""};
    e->issuer = strdup(watched->issuer);
    e->subject = strdup(relay_field(watched, "uscc"));
    e->violations = fields_join(watched, "violation", "more_violations");
    e->certainty = strdup(watched->certainty);
    e->decided_at = strdup(relay_field(watched, "decided_at"));
    e->audience = strdup(watched->audience);
    e->evidence = fields_count(watched, "evidence_sha256");
    (void)memcpy(e->record_id, watched->record_id, sizeof e->record_id);
    return e->issuer != NULL && e->subject != NULL && e->violations != NULL &&
           e->certainty != NULL && e->decided_at != NULL && e->audience != NULL;
}

/* ---- objections ---- */

static void objection_free(struct relay_objection *o)
{
    free(o->target);
    free(o->member);
    free(o->subject);
}

static void objection_end(struct relay_queue *q, const char *target, const char *member)
{
    for (size_t i = 0; i < q->objection_count; i++) {
        struct relay_objection *o = &q->objections[i];
        if (strcmp(o->target, target) == 0 && strcmp(o->member, member) == 0) {
            objection_free(o);
            *o = q->objections[--q->objection_count];
            return;
        }
    }
}

/* Of whom an event is. What it speaks of stands before it in the ledger. */
static const char *subject_of(const struct relay_queue *q, const char *issuer, const char *record)
{
    for (size_t i = q->count; i > 0; i--) {
        const struct relay_event *e = &q->list[i - 1];
        if (strcmp(e->record_id, record) == 0 && strcmp(e->issuer, issuer) == 0) {
            return e->subject;
        }
    }
    return "";
}

static bool objection_take(struct relay_queue *q, const lf_watched *watched, const char *member,
                           bool stands)
{
    const char *issuer = relay_field(watched, "target_issuer");
    const char *record = relay_field(watched, "target_record_id");
    char target[128];
    (void)snprintf(target, sizeof target, "%s %s", issuer, record);
    objection_end(q, target, member);
    if (!stands) {
        return true;
    }
    if (!grow(&q->objections, q->objection_count, &q->objection_room, sizeof *q->objections)) {
        return false;
    }
    struct relay_objection *o = &q->objections[q->objection_count++];
    *o = (struct relay_objection){strdup(target), strdup(member),
                                  strdup(subject_of(q, issuer, record))};
    return o->target != NULL && o->member != NULL && o->subject != NULL;
}

static bool appeal_is_open(const char *step)
{
    return strcmp(step, "FILED") == 0 || strcmp(step, "ACCEPTED") == 0 ||
           strcmp(step, "HUMAN_REVIEW") == 0;
}

static bool on_watched(const lf_watched *watched, void *user)
{
    struct relay_queue *q = user;
    bool good = true;
    if (strcmp(watched->kind, "EnforcementEvent") == 0) {
        good = event_take(q, watched);
    } else if (strcmp(watched->kind, "Appeal") == 0) {
        good = objection_take(q, watched, "", appeal_is_open(relay_field(watched, "step")));
    } else if (strcmp(watched->kind, "Disposition") == 0) {
        good = objection_take(q, watched, watched->issuer,
                              strcmp(relay_field(watched, "answer"), "DISPUTED") == 0);
    } else if (q->on_relay != NULL && strcmp(watched->issuer, lf_client_member(q->client)) == 0) {
        q->on_relay(watched, q->user);
    }
    q->failed = q->failed || !good;
    q->has_news = true;
    return good && !cli_interrupted();
}

/* ---- the queue ---- */

static void on_report(const lf_report *report, void *user)
{
    struct relay_queue *q = user;
    for (size_t column = 0; column < report->columns; column++) {
        for (size_t row = 0; strcmp(report->heads[column], "waiting") == 0 && row < report->rows;
             row++) {
            q->waiting += strtoull(report->cells[row * report->columns + column], NULL, 10);
        }
    }
}

/* To whoever is no regulator the gateway shows what all members see, in which nothing waits: so it is asked for the queue first, which it
 * refuses them. */
static lf_status queue_may(struct relay_queue *q, lf_error *err)
{
    lf_report_query query = LF_REPORT_QUERY_INIT;
    query.name = "relay-queue";
    query.purpose = q->cli->purpose != NULL ? q->cli->purpose : "ENFORCEMENT";
    query.case_number = q->cli->case_number;
    return lf_report_get(q->client, &query, on_report, q, err);
}

lf_status relay_queue_open(struct relay_queue *q, lf_error *err)
{
    static const char *const kinds[] = {"EnforcementEvent", "Appeal", "Disposition", "Relay"};
    lf_watch_options options = LF_WATCH_OPTIONS_INIT;
    lf_status rc = queue_may(q, err);
    if (rc != LF_OK) {
        return rc;
    }
    options.kinds = kinds;
    options.kind_count = sizeof kinds / sizeof kinds[0];
    return lf_watch_open(q->client, &options, &q->watch, err);
}

void relay_queue_close(struct relay_queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        free(q->list[i].issuer);
        free(q->list[i].subject);
        free(q->list[i].violations);
        free(q->list[i].certainty);
        free(q->list[i].decided_at);
        free(q->list[i].audience);
    }
    for (size_t i = 0; i < q->objection_count; i++) {
        objection_free(&q->objections[i]);
    }
    free(q->list);
    free(q->objections);
    lf_watch_close(q->watch);
}

static lf_status no_memory(lf_error *err)
{
    err->status = LF_E_NOMEM;
    (void)snprintf(err->message, sizeof err->message, "relay: out of memory");
    return LF_E_NOMEM;
}

lf_status relay_queue_read(struct relay_queue *q, uint32_t wait_ms, lf_error *err)
{
    lf_status rc;
    do {
        rc = lf_watch_poll(q->watch, wait_ms, on_watched, q, err);
        wait_ms = 0;
    } while (rc == LF_OK && !q->failed && !cli_interrupted() &&
             lf_watch_cursor(q->watch) < lf_watch_head(q->watch));
    return rc == LF_OK && q->failed ? no_memory(err) : rc;
}

static int by_index(const void *key, const void *one)
{
    uint64_t index = *(const uint64_t *)key;
    uint64_t there = ((const struct relay_event *)one)->index;
    return index < there ? -1 : index > there;
}

/* The gateway tells the strongest reasons only: that one is not among so many says nothing of it. */
static void subject_unclear(struct relay_queue *q, const char *subject)
{
    for (size_t i = 0; i < q->count; i++) {
        struct relay_event *e = &q->list[i];
        e->is_unclear = e->is_unclear || strcmp(e->subject, subject) == 0;
    }
    q->was_refused = true;
}

/* What one answer says of the events about its subject. */
static void on_screened(const lf_screened *screened, void *user)
{
    struct relay_queue *q = user;
    q->was_refused = q->was_refused || screened->error[0] != '\0';
    bool is_disputed = false;
    for (size_t i = 0; i < screened->reason_count; i++) {
        is_disputed = is_disputed || strcmp(screened->reasons[i].state, "UNDER_APPEAL") == 0;
    }
    for (size_t i = 0; i < screened->reason_count; i++) {
        const lf_screen_reason *r = &screened->reasons[i];
        struct relay_event *e = bsearch(&r->index, q->list, q->count, sizeof *e, by_index);
        bool waits = strcmp(r->state, "PENDING_RELAY") == 0 || strcmp(r->state, "QUARANTINED") == 0;
        if (e != NULL && waits) {
            bool is_quarantined = strcmp(r->state, "QUARANTINED") == 0;
            e->state = is_quarantined ? "QUARANTINED" : "PENDING_RELAY";
            e->why = strcmp(r->code, "BURST") == 0 ? "BURST"
                     : is_quarantined              ? "NOT_UNDERSTOOD"
                                                   : "PENDING_RELAY";
            e->is_disputed = e->is_disputed || is_disputed;
        }
    }
    if (screened->reason_count >= REASONS_TOLD_MAX) {
        subject_unclear(q, screened->subject);
    }
}

static void objections_mark(struct relay_queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        struct relay_event *e = &q->list[i];
        for (size_t j = 0; !e->is_settled && !e->is_disputed && j < q->objection_count; j++) {
            e->is_disputed = strcmp(q->objections[j].subject, e->subject) == 0;
        }
    }
}

/* One question about the events in `at`; what the answer does not name is settled. */
static lf_status some_ask(struct relay_queue *q, const size_t *at, size_t count, lf_error *err)
{
    const char *codes[RELAY_AT_ONCE];
    lf_question question = LF_QUESTION_INIT;
    question.purpose = q->cli->purpose != NULL ? q->cli->purpose : "ENFORCEMENT";
    question.case_number = q->cli->case_number;
    question.codes = codes;
    question.count = count;
    for (size_t i = 0; i < count; i++) {
        struct relay_event *e = &q->list[at[i]];
        codes[i] = e->subject;
        e->state = "";
        e->is_disputed = false;
        e->is_unclear = false;
    }
    lf_status rc = lf_screen(q->client, &question, on_screened, q, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        struct relay_event *e = &q->list[at[i]];
        e->is_settled = e->state[0] == '\0' && !e->is_unclear;
    }
    return rc;
}

lf_status relay_queue_ask(struct relay_queue *q, lf_error *err)
{
    size_t at[RELAY_AT_ONCE];
    size_t count = 0;
    lf_status rc = LF_OK;
    q->was_refused = false;
    for (size_t i = 0; rc == LF_OK && i < q->count; i++) {
        if (!q->list[i].is_settled) {
            at[count++] = i;
        }
        if (count == RELAY_AT_ONCE || (count > 0 && i + 1 == q->count)) {
            rc = some_ask(q, at, count, err);
            count = 0;
        }
    }
    objections_mark(q);
    return rc;
}
