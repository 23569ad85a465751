/* SPDX-License-Identifier: Apache-2.0 */
/* relay list, approve, refuse, --auto: what waits for a regulator, and its word about one of them. */
#include "cli/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void waiting_tell(const struct cli *cli, const struct relay_event *w)
{
    char instant[CLI_INSTANT_SIZE];
    if (cli->json) {
        cli_json(json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "index",
                           (json_int_t)w->index, "state", w->state, "issuer", w->issuer, "record",
                           w->record_id, "why", w->why, "subject", w->subject, "violation",
                           w->violations, "accepted_at", cli_instant(w->accepted_at_ms, instant)));
        return;
    }
    (void)printf("%8llu  %-14s  %-18s  %-18s  %s  %s\n", (unsigned long long)w->index,
                 cli_shown(w->why), cli_shown(w->issuer), cli_shown(w->subject),
                 cli_shown(w->violations), cli_instant(w->accepted_at_ms, instant));
}

static int queue_tell(const struct relay_queue *q)
{
    size_t count = 0;
    for (size_t i = 0; i < q->count; i++) {
        if (!q->list[i].is_settled && q->list[i].state[0] != '\0') {
            waiting_tell(q->cli, &q->list[i]);
            count++;
        }
    }
    if (!q->cli->json) {
        (void)fprintf(stderr, "%zu wait\n", count);
    }
    if (q->was_refused) {
        (void)fprintf(stderr, "not all could be asked about: the list may lack some of %llu\n",
                      (unsigned long long)q->waiting);
    }
    return q->was_refused ? CLI_SOME_REJECTED : CLI_OK;
}

static int relay_list(const struct cli *cli)
{
    lf_error err = LF_ERROR_INIT;
    struct relay_queue q = {.cli = cli};
    if (cli->operand_count > 0 || cli->case_number == NULL) {
        return cli_usage("relay list needs --case, for it asks how each accusation stands");
    }
    int code = cli_open(cli, &q.client);
    if (code != CLI_OK) {
        return code;
    }
    cli_interrupt_catch();
    lf_status rc = relay_queue_open(&q, &err);
    rc = rc == LF_OK ? relay_queue_read(&q, 0, &err) : rc;
    rc = rc == LF_OK ? relay_queue_ask(&q, &err) : rc;
    code = rc == LF_OK ? queue_tell(&q) : cli_fail(&err);
    relay_queue_close(&q);
    return cli_close(q.client, code);
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
    if (cli->reason != NULL) { /* perhaps a refusal was meant */
        return cli_usage("relay approve takes --note; --reason is why one is refused");
    }
    return cli->member != NULL ? relay_runs(cli, "RELEASED", cli->note) : relay_say(cli, true);
}

static int relay_refuse(const struct cli *cli)
{
    return cli->reason == NULL || cli->reason[0] == '\0'
               ? cli_usage("relay refuse needs --reason, which the record keeps")
           : cli->member != NULL ? relay_runs(cli, "REFUSED", cli->reason)
                                 : relay_say(cli, false);
}

int cli_relay_queue(const struct cli *cli)
{
    if (cli->auto_rules != NULL) {
        return relay_auto(cli);
    }
    if (cli->watch || cli->dry_run) {
        return cli_usage("--watch and --dry-run go with relay --auto");
    }
    return cli_act(cli, "relay",
                   (const struct cli_act[]){{"list", relay_list},
                                            {"approve", relay_approve},
                                            {"refuse", relay_refuse},
                                            {NULL, NULL}});
}
