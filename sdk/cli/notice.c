/* SPDX-License-Identifier: Apache-2.0 */
/* notice: the tasks that records have opened, and a regulator's word about one. */
#include "cli/fields.h"

#include <lianfang/tasks.h>

struct listing {
    const struct cli *cli;
    size_t count;
};

static void task_json(const lf_task *t)
{
    char opened[CLI_INSTANT_SIZE];
    char due[CLI_INSTANT_SIZE];
    char answered[CLI_INSTANT_SIZE];
    json_t *line =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "index", (json_int_t)t->index,
                  "issuer", t->issuer, "record", t->record_id, "kind", t->kind, "member", t->member,
                  "subject", t->subject, "state", t->state, "answer", t->answer, "opened",
                  cli_instant(t->opened_ms, opened));
    json_t *rest = json_pack(
        "{s:o, s:o, s:o, s:b, s:b, s:b, s:i}", "due",
        t->due_ms == 0 ? json_null() : json_string(cli_instant(t->due_ms, due)), "answered",
        t->answered_ms == 0 ? json_null() : json_string(cli_instant(t->answered_ms, answered)),
        "answer_index",
        t->answer_index == 0 ? json_null() : json_integer((json_int_t)t->answer_index),
        "provisional", t->is_provisional, "overdue", t->is_overdue, "escalated", t->is_escalated,
        "reminders", (int)t->reminders);
    (void)json_object_update(line, rest);
    json_decref(rest);
    cli_json(line);
}

static bool on_task(const lf_task *t, void *user)
{
    struct listing *listing = user;
    char due[CLI_INSTANT_SIZE];
    listing->count++;
    if (listing->cli->json) {
        task_json(t);
        return !cli_interrupted();
    }
    (void)printf("%8llu  %-13s  %-18s  %-18s  %s%s%s%s%s%s\n", (unsigned long long)t->index,
                 cli_shown(t->state), cli_shown(t->member), cli_shown(t->subject),
                 cli_shown(t->answer), t->due_ms == 0 ? "" : " due ",
                 t->due_ms == 0 ? "" : cli_instant(t->due_ms, due),
                 t->is_provisional ? " (provisional)" : "", t->is_overdue ? " OVERDUE" : "",
                 t->is_escalated ? " escalated" : "");
    return !cli_interrupted();
}

static int notice_list(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    struct listing listing = {.cli = cli};
    lf_task_query query = LF_TASK_QUERY_INIT;
    if (cli->profile == NULL || cli->operand_count != 0) {
        return cli_usage("notice list needs --profile; --member, --state and --overdue narrow it");
    }
    query.member = cli->member;
    query.states = cli->state;
    query.overdue_only = cli->overdue;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    cli_interrupt_catch();
    lf_status rc = lf_tasks_list(client, &query, on_task, &listing, &err);
    if (rc == LF_OK && !cli->json) {
        (void)fprintf(stderr, "%zu tasks\n", listing.count);
    }
    return cli_close(client, rc == LF_OK ? CLI_OK : cli_fail(&err));
}

static int notice_say(const struct cli *cli, const char *step)
{
    struct cli_fields said = {.count = 0};
    if (cli->profile == NULL || cli->operand_count != (cli->record_id == NULL ? 1 : 0)) {
        return cli_usage("needs --profile and the INDEX of the entry that asks (or --issuer and "
                         "--record)");
    }
    cli_field(&said, "step", step);
    cli_field(&said, "members", cli->member);
    cli_field(&said, "text", cli->note);
    return cli_fields_say_about(cli, "notice", cli->operand_count > 0 ? cli->operands[0] : NULL,
                                &said);
}

static int notice_remind(const struct cli *cli)
{
    return notice_say(cli, "REMINDED");
}

static int notice_send(const struct cli *cli)
{
    return notice_say(cli, "ESCALATED");
}

int cli_notice(const struct cli *cli)
{
    return cli_act(
        cli, "notice",
        (const struct cli_act[]){
            {"list", notice_list}, {"remind", notice_remind}, {"send", notice_send}, {NULL, NULL}});
}
