/* SPDX-License-Identifier: Apache-2.0 */
/* member: ask to be enrolled; and, with an authority key, enrol, suspend, reinstate, retire, rotate. */
#include "cli/cli.h"

#include <lianfang/members.h>

#include <stdlib.h>
#include <string.h>

enum { OVERLAP_DAYS_MAX = 3650 };

/* What the gateway refuses for the state that it is in is an answer, not a wrong command. */
static int bring_fail(const lf_error *err)
{
    int code = cli_fail(err);
    bool is_answer = err->status == LF_E_PRECONDITION || err->status == LF_E_NOT_FOUND ||
                     err->status == LF_E_EXISTS;
    return is_answer && err->reason[0] != '\0' ? CLI_NO : code;
}

static json_t *texts(char (*list)[65], size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(out, json_string(list[i]));
    }
    return out;
}

void cli_member_tell(const struct cli *cli, const lf_member *given)
{
    lf_member m = *given;
    if (cli->json) {
        cli_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "member", m.member,
                           "name", m.name, "role", m.role, "level", m.level, "division", m.division,
                           "status", m.status, "since", (json_int_t)m.since_index, "keys",
                           texts(m.key_ids, m.key_count), "tls_pins",
                           texts(m.tls_pins, m.pin_count)));
        return;
    }
    (void)printf("%-20s %-14s %-8s %-6s %-9s %s\n", cli_shown(m.member), cli_shown(m.role),
                 cli_shown(m.level), cli_shown(m.division), cli_shown(m.status), cli_shown(m.name));
    for (size_t i = 0; cli->operand_count > 0 && i < m.key_count; i++) {
        (void)printf("  key %s\n", cli_shown(m.key_ids[i]));
    }
    for (size_t i = 0; cli->operand_count > 0 && i < m.pin_count; i++) {
        (void)printf("  tls %s\n", cli_shown(m.tls_pins[i]));
    }
}

static void on_member(const lf_member *member, void *user)
{
    cli_member_tell(user, member);
}

static int member_list(const struct cli *cli)
{
    struct cli given = *cli;
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->operand_count != 0) {
        return cli_usage("member list needs --profile, and takes --role");
    }
    int code = cli_open(cli, &client);
    if (code == CLI_OK && lf_member_list(client, cli->role, on_member, &given, &err) != LF_OK) {
        code = cli_fail(&err);
    }
    return cli_close(client, code);
}

static int member_get(const struct cli *cli)
{
    lf_member member;
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->operand_count != 1) {
        return cli_usage("member get needs --profile and a member's id");
    }
    int code = cli_open(cli, &client);
    if (code == CLI_OK && lf_member_get(client, cli->operands[0], &member, &err) != LF_OK) {
        code = bring_fail(&err);
    } else if (code == CLI_OK) {
        cli_member_tell(cli, &member);
    }
    return cli_close(client, code);
}

static int member_request(const struct cli *cli)
{
    lf_paper *paper = NULL;
    lf_member member;
    lf_error err = LF_ERROR_INIT;
    if (cli->operand_count != 1 || cli->member == NULL || cli->name == NULL || cli->role == NULL ||
        cli->out == NULL) {
        return cli_usage("member request needs the directory that keygen made, --member, --name, "
                         "--role and --out");
    }
    lf_applicant applicant = {.size = sizeof applicant,
                              .dir = cli->operands[0],
                              .member = cli->member,
                              .name = cli->name,
                              .role = cli->role,
                              .level = cli->level,
                              .division = cli->division};
    lf_status rc = lf_paper_request(&applicant, &paper, &err);
    rc = rc == LF_OK ? lf_paper_write(paper, cli->out, false, &err) : rc;
    rc = rc == LF_OK ? lf_paper_member(paper, &member, &err) : rc;
    lf_paper_free(paper);
    if (rc != LF_OK) {
        return cli_fail(&err);
    }
    cli_member_tell(cli, &member);
    return CLI_OK;
}

static int proposal_tell(const struct cli *cli, const lf_proposal *p)
{
    if (cli->json) {
        cli_json(json_pack("{s:s, s:i, s:i, s:b, s:o, s:I}", "proposal", p->id, "signatures",
                           (int)p->signatures, "threshold", (int)p->threshold, "accepted",
                           p->accepted ? 1 : 0, "index",
                           p->accepted ? json_integer((json_int_t)p->index) : json_null(),
                           "expires_at", (json_int_t)p->expires_at_ms));
    } else if (p->accepted) {
        (void)printf("accepted as entry %llu\n", (unsigned long long)p->index);
    } else {
        (void)printf("waits with %u of %u signatures (proposal %s)\n", p->signatures, p->threshold,
                     cli_shown(p->id));
    }
    return CLI_OK;
}

/* Kept for the next signer before it is sent; sent, it may stand already. */
static lf_status paper_bring(const struct cli *cli, lf_client *client, lf_paper *paper,
                             lf_proposal *out, lf_error *err)
{
    lf_status rc =
        cli->authority_key == NULL ? LF_OK : cli_paper_sign(paper, cli->authority_key, err);
    rc = rc == LF_OK && cli->out != NULL ? lf_paper_write(paper, cli->out, false, err) : rc;
    return rc == LF_OK ? lf_paper_submit(client, paper, out, err) : rc;
}

int cli_paper_bring(const struct cli *cli, lf_client *client, lf_paper *paper)
{
    lf_proposal proposal;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = paper_bring(cli, client, paper, &proposal, &err);
    return rc == LF_OK ? proposal_tell(cli, &proposal) : bring_fail(&err);
}

static int member_approve(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_paper *given = NULL;
    lf_paper *made = NULL;
    lf_proposal proposal;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->operand_count != 1) {
        return cli_usage("member approve needs --profile, a request's or record's file, and "
                         "--authority-key unless the record is signed already");
    }
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_paper_read(cli->operands[0], &given, &err);
    bool is_request = rc == LF_OK && strcmp(lf_paper_kind(given), "Request") == 0;
    rc = is_request ? lf_paper_enrol(given, &made, &err) : rc;
    rc = rc == LF_OK ? paper_bring(cli, client, is_request ? made : given, &proposal, &err) : rc;
    code = rc == LF_OK ? proposal_tell(cli, &proposal) : bring_fail(&err);
    lf_paper_free(given);
    lf_paper_free(made);
    return cli_close(client, code);
}

static bool days_take(const char *text, int *out)
{
    char *end = NULL;
    long days = text == NULL ? 0 : strtol(text, &end, 10);
    *out = (int)days;
    return text == NULL || (end != text && *end == '\0' && days >= 1 && days <= OVERLAP_DAYS_MAX);
}

static int member_change(const struct cli *cli, const char *status, const char *request_file,
                         const char *revoke_key)
{
    lf_client *client = NULL;
    lf_paper *request = NULL;
    lf_paper *paper = NULL;
    lf_proposal proposal;
    lf_error err = LF_ERROR_INIT;
    lf_change change = {.size = sizeof change,
                        .member = cli->operands[0],
                        .status = status,
                        .note = cli->note,
                        .revoke_key = revoke_key,
                        .revocation = cli->reason};
    if (!days_take(cli->overlap, &change.overlap_days)) {
        return cli_usage("--overlap is a whole number of days, 1 to 3650");
    }
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = request_file == NULL ? LF_OK : lf_paper_read(request_file, &request, &err);
    change.request = request;
    rc = rc == LF_OK ? lf_paper_change(client, &change, &paper, &err) : rc;
    rc = rc == LF_OK ? paper_bring(cli, client, paper, &proposal, &err) : rc;
    code = rc == LF_OK ? proposal_tell(cli, &proposal) : bring_fail(&err);
    lf_paper_free(request);
    lf_paper_free(paper);
    return cli_close(client, code);
}

static int status_change(const struct cli *cli, const char *status)
{
    return cli->profile == NULL || cli->operand_count != 1 || cli->authority_key == NULL
               ? cli_usage("needs --profile, --authority-key and a member's id")
               : member_change(cli, status, NULL, NULL);
}

static int member_suspend(const struct cli *cli)
{
    return status_change(cli, "SUSPENDED");
}

static int member_reinstate(const struct cli *cli)
{
    return status_change(cli, "ACTIVE");
}

static int member_retire(const struct cli *cli)
{
    return status_change(cli, "RETIRED");
}

static int member_rotate(const struct cli *cli)
{
    return cli->profile == NULL || cli->operand_count != 2 || cli->authority_key == NULL
               ? cli_usage("member rotate-key needs --profile, --authority-key, a member's id and "
                           "its request with the new keys")
               : member_change(cli, NULL, cli->operands[1], NULL);
}

static int member_revoke(const struct cli *cli)
{
    return cli->profile == NULL || cli->operand_count != 2 || cli->authority_key == NULL ||
                   cli->reason == NULL
               ? cli_usage("member revoke-key needs --profile, --authority-key, --reason, a "
                           "member's id and the id of its key ('member get' lists them)")
               : member_change(cli, NULL, NULL, cli->operands[1]);
}

int cli_member(const struct cli *cli)
{
    return cli_act(cli, "member",
                   (const struct cli_act[]){{"request", member_request},
                                            {"approve", member_approve},
                                            {"list", member_list},
                                            {"get", member_get},
                                            {"suspend", member_suspend},
                                            {"reinstate", member_reinstate},
                                            {"retire", member_retire},
                                            {"rotate-key", member_rotate},
                                            {"revoke-key", member_revoke},
                                            {NULL, NULL}});
}
