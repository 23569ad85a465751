/* SPDX-License-Identifier: Apache-2.0 */
/* relay list, approve, refuse: what waits for a regulator, and its word about one of them. */
#include "cli/cli.h"

#include <lianfang/watch.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RELAY_AT_ONCE = 500 };

/* An event that may wait. */
struct waiting {
    uint64_t index;
    int64_t accepted_at_ms;
    char *issuer;
    char *subject;
    char *violation;
    char record_id[33];
    const char *state; /* once it is known that it waits; else NULL */
};

struct queue {
    const struct cli *cli;
    struct waiting *list; /* in the order of the ledger */
    size_t count;
    size_t room;
    bool failed; /* out of memory */
    bool was_refused;
};

static const char *field_of(const lf_watched *watched, const char *name)
{
    for (size_t i = 0; i < watched->field_count; i++) {
        if (strcmp(watched->fields[i].name, name) == 0) {
            return watched->fields[i].value;
        }
    }
    return "";
}

static bool queue_grow(struct queue *q)
{
    size_t room = q->room == 0 ? RELAY_AT_ONCE : 2 * q->room;
    struct waiting *more = q->count < q->room ? q->list : realloc(q->list, room * sizeof *more);
    if (more == NULL) {
        return false;
    }
    q->room = q->count < q->room ? q->room : room;
    q->list = more;
    return true;
}

static bool on_event(const lf_watched *watched, void *user)
{
    struct queue *q = user;
    if (!queue_grow(q)) {
        q->failed = true;
        return false;
    }
    struct waiting *w = &q->list[q->count++];
    *w = (struct waiting){.index = watched->index, .accepted_at_ms = watched->accepted_at_ms};
    w->issuer = strdup(watched->issuer);
    w->subject = strdup(field_of(watched, "uscc"));
    w->violation = strdup(field_of(watched, "violation"));
    (void)memcpy(w->record_id, watched->record_id, sizeof w->record_id);
    q->failed = w->issuer == NULL || w->subject == NULL || w->violation == NULL;
    return !q->failed && !cli_interrupted();
}

static void queue_free(struct queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        free(q->list[i].issuer);
        free(q->list[i].subject);
        free(q->list[i].violation);
    }
    free(q->list);
}

static lf_status events_read(lf_client *client, struct queue *q, lf_error *err)
{
    static const char *const kinds[] = {"EnforcementEvent"};
    lf_watch *watch = NULL;
    lf_watch_options options = LF_WATCH_OPTIONS_INIT;
    options.kinds = kinds;
    options.kind_count = 1;
    lf_status rc = lf_watch_open(client, &options, &watch, err);
    do {
        rc = rc == LF_OK ? lf_watch_poll(watch, 0, on_event, q, err) : rc;
    } while (rc == LF_OK && !q->failed && !cli_interrupted() &&
             lf_watch_cursor(watch) < lf_watch_head(watch));
    lf_watch_close(watch);
    return rc;
}

static int by_index(const void *key, const void *one)
{
    uint64_t index = *(const uint64_t *)key;
    uint64_t there = ((const struct waiting *)one)->index;
    return index < there ? -1 : index > there;
}

static void on_screened(const lf_screened *screened, void *user)
{
    struct queue *q = user;
    q->was_refused = q->was_refused || screened->error[0] != '\0';
    for (size_t i = 0; i < screened->reason_count; i++) {
        const lf_screen_reason *r = &screened->reasons[i];
        struct waiting *w = bsearch(&r->index, q->list, q->count, sizeof *w, by_index);
        if (w != NULL && strcmp(r->state, "PENDING_RELAY") == 0) {
            w->state = "PENDING_RELAY";
        } else if (w != NULL && strcmp(r->state, "QUARANTINED") == 0) {
            w->state = "QUARANTINED";
        }
    }
}

/* How each of them stands, the gateway says. */
static lf_status states_ask(lf_client *client, struct queue *q, lf_error *err)
{
    const char *codes[RELAY_AT_ONCE];
    lf_question question = LF_QUESTION_INIT;
    question.purpose = q->cli->purpose != NULL ? q->cli->purpose : "ENFORCEMENT";
    question.case_number = q->cli->case_number;
    question.codes = codes;
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < q->count; i += question.count) {
        for (question.count = 0; question.count < RELAY_AT_ONCE && i + question.count < q->count;
             question.count++) {
            codes[question.count] = q->list[i + question.count].subject;
        }
        rc = lf_screen(client, &question, on_screened, q, err);
    }
    return rc;
}

static void waiting_tell(const struct cli *cli, const struct waiting *w)
{
    char instant[CLI_INSTANT_SIZE];
    if (cli->json) {
        cli_json(json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "index", (json_int_t)w->index,
                           "state", w->state, "issuer", w->issuer, "record", w->record_id,
                           "subject", w->subject, "violation", w->violation, "accepted_at",
                           cli_instant(w->accepted_at_ms, instant)));
        return;
    }
    (void)printf("%8llu  %-13s  %-18s  %-18s  %s  %s\n", (unsigned long long)w->index, w->state,
                 w->issuer, w->subject, w->violation, cli_instant(w->accepted_at_ms, instant));
}

static int queue_tell(const struct queue *q)
{
    size_t count = 0;
    for (size_t i = 0; i < q->count; i++) {
        if (q->list[i].state != NULL) {
            waiting_tell(q->cli, &q->list[i]);
            count++;
        }
    }
    if (!q->cli->json) {
        (void)fprintf(stderr, "%zu wait\n", count);
    }
    if (q->was_refused) {
        (void)fprintf(stderr, "not all could be asked about: the list may lack some\n");
    }
    return q->was_refused ? CLI_SOME_REJECTED : CLI_OK;
}

static int relay_list(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    struct queue q = {.cli = cli};
    if (cli->operand_count > 0 || cli->case_number == NULL) {
        return cli_usage("relay list needs --case, for it asks how each accusation stands");
    }
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    cli_interrupt_catch();
    lf_status rc = events_read(client, &q, &err);
    if (rc == LF_OK && q.failed) {
        rc = LF_E_NOMEM;
        err.status = rc;
        (void)snprintf(err.message, sizeof err.message, "relay: out of memory");
    }
    rc = rc == LF_OK ? states_ask(client, &q, &err) : rc;
    code = rc == LF_OK ? queue_tell(&q) : cli_fail(&err);
    queue_free(&q);
    return cli_close(client, code);
}

/* The entry's INDEX becomes the record that is spoken of. */
static int relay_say(const struct cli *cli, bool is_release)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_proof about;
    char *end = NULL;
    const char *text = cli->operand_count == 1 && cli->ref == NULL && cli->record_id == NULL
                           ? cli->operands[0]
                           : "";
    errno = 0;
    unsigned long long index = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-') {
        return cli_usage("relay approve and refuse take the INDEX of an entry");
    }
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_log_prove(client, index, &about, &err);
    code = rc == LF_OK ? CLI_OK : cli_fail(&err);
    if (code == CLI_OK && about.issuer[0] == '\0') {
        code = cli_usage("that entry is not ours to read");
    }
    code = cli_close(client, code);
    struct cli said = *cli;
    said.issuer = about.issuer;
    said.record_id = about.record_id;
    said.operand_count = 0;
    said.note = is_release ? cli->note : cli->reason;
    return code == CLI_OK ? cli_say_relay(&said, is_release ? "RELEASED" : "REFUSED") : code;
}

static int relay_approve(const struct cli *cli)
{
    return relay_say(cli, true);
}

static int relay_refuse(const struct cli *cli)
{
    return cli->reason == NULL || cli->reason[0] == '\0'
               ? cli_usage("relay refuse needs --reason, which the record keeps")
               : relay_say(cli, false);
}

int cli_relay_queue(const struct cli *cli)
{
    return cli_act(cli, "relay",
                   (const struct cli_act[]){{"list", relay_list},
                                            {"approve", relay_approve},
                                            {"refuse", relay_refuse},
                                            {NULL, NULL}});
}
