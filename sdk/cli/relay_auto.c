/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay --auto: releases what the rules let through, and says of the rest why it waits. What was released follows from the
 * ledger alone, today's count for each rule included; and a relay that says the same of the same record is the same record: so a run that
 * was killed is run again, and nothing is relayed twice.
 */
#include "cli/relay.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AUTO_WAIT_MS = 2000, AUTO_WHY_MAX = RELAY_RULES_MAX * (RELAY_WORD_MAX + 20) };

struct deciding {
    const struct cli *cli;
    struct relay_rules rules;
    struct relay_queue queue;
    lf_batch *batch;
    uint64_t released;
    uint64_t waiting;
    bool is_full; /* of memory */
    bool has_refusals;
};

/* Which rule lets an event of the batch through. */
struct choice {
    struct deciding *deciding;
    const struct relay_event *event;
    struct relay_rule *rule;
};

static int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

static void on_relay(const lf_watched *watched, void *user)
{
    struct deciding *d = user;
    bool is_release = strcmp(relay_field(watched, "decision"), "RELEASED") == 0;
    if (is_release && !relay_rules_count(&d->rules, relay_field(watched, "note"), watched->index,
                                         watched->accepted_at_ms)) {
        d->is_full = true;
    }
}

static void event_tell(const struct deciding *d, const struct relay_event *e, const char *action,
                       const char *rule, const char *why)
{
    if (d->cli->json) {
        cli_json(json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "index",
                           (json_int_t)e->index, "action", action, "rule", rule, "why", why,
                           "issuer", e->issuer, "record", e->record_id, "subject", e->subject,
                           "violation", e->violations));
        return;
    }
    (void)printf("%8llu  %-13s  %-18s  %-18s  %s  %s\n", (unsigned long long)e->index, action,
                 cli_shown(e->issuer), cli_shown(e->subject), cli_shown(e->violations),
                 cli_shown(rule[0] != '\0' ? rule : why));
}

/* What was said of it before is not said again: a number that stands for the words. */
static unsigned told_as(const char *words)
{
    unsigned hash = 2166136261u; /* FNV-1a; 0 is nothing */
    for (; *words != '\0'; words++) {
        hash = (hash ^ (unsigned char)*words) * 16777619u;
    }
    return hash == 0 ? 1 : hash;
}

static void wait_tell(struct deciding *d, struct relay_event *e, const char *why)
{
    unsigned told = told_as(why);
    d->waiting++;
    if (e->told != told) {
        e->told = told;
        event_tell(d, e, "WAITS", "", why);
    }
}

static void on_result(const lf_result *result, void *user)
{
    struct choice *choice = result->user;
    struct deciding *d = choice->deciding;
    (void)user;
    /* CHANGED: a release with other words stands there already; not waiting: another regulator was faster. */
    bool stands = result->outcome == LF_ACCEPTED || result->outcome == LF_DUPLICATE ||
                  strcmp(result->error.reason, "CHANGED") == 0 ||
                  strcmp(result->error.reason, "RELAY_NOT_WAITING") == 0;
    choice->rule->planned -= choice->rule->planned > 0 ? 1 : 0;
    if (!stands) {
        d->has_refusals = true;
        event_tell(d, choice->event, "REFUSED", "", result->error.reason);
        (void)cli_fail(&result->error);
    } else if (result->outcome == LF_ACCEPTED) {
        char note[RELAY_NOTE_MAX];
        relay_rules_note(&d->rules, choice->rule, note);
        d->is_full = d->is_full || !relay_rules_count(&d->rules, note, result->index, now_ms());
        d->released++;
        event_tell(d, choice->event, "RELEASED", choice->rule->name, "");
    }
}

static lf_status choice_send(struct deciding *d, struct choice *list, size_t count, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        char note[RELAY_NOTE_MAX];
        lf_statement statement = LF_STATEMENT_INIT;
        lf_record record = LF_RECORD_INIT;
        relay_rules_note(&d->rules, list[i].rule, note);
        statement.is_relay = true;
        statement.issuer = list[i].event->issuer;
        statement.record_id = list[i].event->record_id;
        statement.decision = "RELEASED";
        statement.note = note;
        record.statement = &statement;
        rc = lf_batch_add(d->batch, &record, &list[i], err);
    }
    return rc == LF_OK && count > 0 ? lf_batch_send(d->batch, 0, on_result, d, err) : rc;
}

/* One event of the queue: true when `out` is to be sent. */
static bool event_decide(struct deciding *d, struct relay_event *e, struct choice *out)
{
    char why[AUTO_WHY_MAX];
    if (strcmp(e->state, "PENDING_RELAY") != 0) {
        wait_tell(d, e, e->why); /* for a person, whatever the rules say */
        return false;
    }
    struct relay_rule *rule = relay_rules_find(&d->rules, e, why, sizeof why);
    if (rule == NULL) {
        wait_tell(d, e, why);
        return false;
    }
    *out = (struct choice){d, e, rule};
    return true;
}

static lf_status queue_decide(struct deciding *d, lf_error *err)
{
    struct choice list[LF_BATCH_MAX];
    size_t count = 0;
    lf_status rc = LF_OK;
    d->waiting = 0;
    for (size_t i = 0; rc == LF_OK && i < d->queue.count && !cli_interrupted(); i++) {
        struct relay_event *e = &d->queue.list[i];
        if (e->is_settled || e->state[0] == '\0' || !event_decide(d, e, &list[count])) {
            continue;
        }
        if (d->cli->dry_run) {
            event_tell(d, e, "WOULD_RELEASE", list[count].rule->name, "");
            continue;
        }
        if (++count == LF_BATCH_MAX) {
            rc = choice_send(d, list, count, err);
            count = 0;
        }
    }
    return rc == LF_OK ? choice_send(d, list, count, err) : rc;
}

/* What the ledger has by now, how it stands, and what the rules make of it. */
static lf_status round_do(struct deciding *d, uint32_t wait_ms, lf_error *err)
{
    char day[sizeof d->rules.day];
    (void)memcpy(day, d->rules.day, sizeof day);
    lf_status rc = relay_queue_read(&d->queue, wait_ms, err);
    relay_rules_begin(&d->rules, now_ms());
    bool is_news = wait_ms == 0 || d->queue.has_news || strcmp(day, d->rules.day) != 0;
    if (rc != LF_OK || !is_news || cli_interrupted()) {
        return rc;
    }
    d->queue.has_news = false;
    rc = relay_queue_ask(&d->queue, err);
    return rc == LF_OK ? queue_decide(d, err) : rc;
}

/* Worth another try while we stay. */
static bool passes(lf_status rc)
{
    return rc == LF_E_UNAVAILABLE || rc == LF_E_DEADLINE || rc == LF_E_BUSY;
}

static int run(struct deciding *d)
{
    lf_error err = LF_ERROR_INIT;
    relay_rules_begin(&d->rules, now_ms());
    lf_status rc = relay_queue_open(&d->queue, &err);
    rc = rc == LF_OK ? lf_batch_new(d->queue.client, &d->batch, &err) : rc;
    rc = rc == LF_OK ? round_do(d, 0, &err) : rc;
    while (d->cli->watch && (rc == LF_OK || passes(rc)) && !cli_interrupted() && !d->is_full) {
        d->queue.has_news = d->queue.has_news || rc != LF_OK;
        rc = cli_output_flush() ? round_do(d, AUTO_WAIT_MS, &err) : LF_E_IO;
    }
    lf_batch_free(d->batch);
    if (rc != LF_OK) {
        return cli_fail(&err);
    }
    if (d->is_full) {
        (void)fprintf(stderr, "lianfang: out of memory\n");
        return CLI_BUG;
    }
    (void)fprintf(stderr, "%llu released, %llu wait\n", (unsigned long long)d->released,
                  (unsigned long long)d->waiting);
    if (d->queue.was_refused) {
        (void)fprintf(stderr, "not all could be asked about: some may wait untold\n");
    }
    return d->has_refusals || d->queue.was_refused ? CLI_SOME_REJECTED : CLI_OK;
}

int relay_auto(const struct cli *cli)
{
    struct deciding d = {.cli = cli};
    d.queue = (struct relay_queue){.cli = cli, .on_relay = on_relay, .user = &d};
    if (cli->operand_count > 0 || cli->case_number == NULL || (cli->watch && cli->dry_run)) {
        return cli_usage("relay --auto takes a file of rules and --case, for it asks how each "
                         "accusation stands; and --watch or --dry-run");
    }
    if (!relay_rules_load(cli->auto_rules, &d.rules)) {
        return CLI_USAGE;
    }
    int code = cli_open(cli, &d.queue.client);
    if (code == CLI_OK) {
        cli_interrupt_catch();
        code = run(&d);
        relay_queue_close(&d.queue);
        code = cli_close(d.queue.client, code);
    }
    relay_rules_free(&d.rules);
    return code;
}
