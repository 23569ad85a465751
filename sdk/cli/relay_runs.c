/* SPDX-License-Identifier: Apache-2.0 */
/* relay approve and refuse --member: one word about all that a member had quarantined as too many at once. */
#include "cli/relay.h"

#include <string.h>

enum { RUN_MAX = 10000, NUMBER_MAX = 24 };

struct run {
    const struct cli *cli;
    uint64_t first;
    uint64_t last;
    size_t count;
    int code;
};

static bool is_of_burst(const struct relay_event *e, const char *member)
{
    return !e->is_settled && strcmp(e->why, "BURST") == 0 && strcmp(e->issuer, member) == 0;
}

/* All from `at` on that one record can speak of; they are settled with it. */
static struct run run_make(struct relay_queue *q, size_t at)
{
    const struct relay_event *first = &q->list[at];
    struct run run = {.cli = q->cli, .first = first->index, .last = first->index};
    for (size_t i = at; i < q->count && q->list[i].index - first->index < RUN_MAX; i++) {
        struct relay_event *e = &q->list[i];
        if (is_of_burst(e, first->issuer) && strcmp(e->audience, first->audience) == 0) {
            run.last = e->index;
            run.count++;
            e->is_settled = true;
        }
    }
    return run;
}

static void on_result(const lf_result *result, void *user)
{
    struct run *run = user;
    if (result->outcome == LF_REFUSED) {
        run->code = result->error.status == LF_E_DENIED ? CLI_NOT_ALLOWED : CLI_SOME_REJECTED;
        (void)cli_fail(&result->error);
        return;
    }
    const char *status = result->outcome == LF_ACCEPTED ? "accepted" : "duplicate";
    if (run->cli->json) {
        cli_json(json_pack("{s:s, s:I, s:I, s:I, s:I}", "status", status, "index",
                           (json_int_t)result->index, "first", (json_int_t)run->first, "last",
                           (json_int_t)run->last, "count", (json_int_t)run->count));
    } else {
        (void)printf("%s as entry %llu: %zu from %llu to %llu\n", status,
                     (unsigned long long)result->index, run->count, (unsigned long long)run->first,
                     (unsigned long long)run->last);
    }
}

static int run_say(struct relay_queue *q, size_t at, const char *decision, const char *note)
{
    char first[NUMBER_MAX];
    char last[NUMBER_MAX];
    lf_error err = LF_ERROR_INIT;
    const struct relay_event *e = &q->list[at];
    struct run run = run_make(q, at);
    (void)snprintf(first, sizeof first, "%llu", (unsigned long long)run.first);
    (void)snprintf(last, sizeof last, "%llu", (unsigned long long)run.last);
    const lf_field list[] = {{"target_issuer", e->issuer}, {"target_record_id", e->record_id},
                             {"decision", decision},       {"first_index", first},
                             {"last_index", last},         {"note", note == NULL ? "" : note}};
    lf_fields fields = LF_FIELDS_INIT;
    lf_record record = LF_RECORD_INIT;
    fields.kind = "relay";
    fields.audience = e->audience;
    fields.fields = list;
    fields.count = sizeof list / sizeof list[0] - (note == NULL ? 1 : 0);
    record.fields = &fields;
    return lf_submit_wait(q->client, &record, 0, on_result, &run, &err) == LF_OK ? run.code
                                                                                 : cli_fail(&err);
}

static int runs_say(struct relay_queue *q, const char *decision, const char *note)
{
    int code = CLI_OK;
    size_t runs = 0;
    for (size_t i = 0; code == CLI_OK && i < q->count && !cli_interrupted(); i++) {
        if (is_of_burst(&q->list[i], q->cli->member)) {
            code = run_say(q, i, decision, note);
            runs++;
        }
    }
    if (runs == 0) {
        (void)fprintf(stderr, "nothing of %s is quarantined as too many at once\n",
                      cli_shown(q->cli->member));
    }
    return code == CLI_OK && q->was_refused ? CLI_SOME_REJECTED : code;
}

int relay_runs(const struct cli *cli, const char *decision, const char *note)
{
    lf_error err = LF_ERROR_INIT;
    struct relay_queue q = {.cli = cli};
    if (cli->operand_count > 0 || cli->case_number == NULL || cli->ref != NULL ||
        cli->record_id != NULL) {
        return cli_usage("relay approve and refuse --member need --case, for they ask how each "
                         "accusation stands, and nothing else");
    }
    int code = cli_open(cli, &q.client);
    if (code != CLI_OK) {
        return code;
    }
    cli_interrupt_catch();
    lf_status rc = relay_queue_open(&q, &err);
    rc = rc == LF_OK ? relay_queue_read(&q, 0, &err) : rc;
    rc = rc == LF_OK ? relay_queue_ask(&q, &err) : rc;
    code = rc == LF_OK ? runs_say(&q, decision, note) : cli_fail(&err);
    relay_queue_close(&q);
    return cli_close(q.client, code);
}
