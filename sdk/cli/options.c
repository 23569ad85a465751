/* SPDX-License-Identifier: Apache-2.0 */
/* Options are a table: it parses the command line and prints the help. */
#include "cli/cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_COLUMN = 20 };

/* `value` names what the option takes, NULL for a switch. */
static const struct option_row {
    const char *name;
    const char *value;
    const char *help;
    size_t offset;
    bool is_list; /* a struct cli_list: may be given again */
} rows[] = {
    {"profile", "FILE", "who we are: a profile.conf (default: $LIANFANG_PROFILE)",
     offsetof(struct cli, profile), false},
    {"json", NULL, "JSON Lines on standard output", offsetof(struct cli, json), false},
    {"timeout", "SECONDS", "how long the gateway is tried, in each call (default 10)",
     offsetof(struct cli, timeout), false},
    {"help", NULL, "this text", offsetof(struct cli, help), false},
    {"kind", "KIND", "enforcement-event, registry-entry, credit-list-entry, ...",
     offsetof(struct cli, kind), false},
    {"receipts", "FILE",
     "append a receipt of each row that is in the ledger as we signed it, once, as JSON Lines",
     offsetof(struct cli, receipts), false},
    {"map", "FILE", "lines THEIRS=OURS that rename columns", offsetof(struct cli, map), false},
    {"spool", "DIR", "where rows wait for their answers (default: beside the profile)",
     offsetof(struct cli, spool), false},
    {"update", NULL, "a changed row becomes the next version instead of being rejected",
     offsetof(struct cli, update), false},
    {"purpose", "P",
     "why we ask: ONBOARDING, RESCREENING, INVESTIGATION, ENFORCEMENT, AUDIT, SUBJECT_REQUEST",
     offsetof(struct cli, purpose), false},
    {"case", "NO", "case number; INVESTIGATION, ENFORCEMENT and SUBJECT_REQUEST need one",
     offsetof(struct cli, case_number), false},
    {"file", "FILE", "ask about a column of this CSV or JSON Lines file",
     offsetof(struct cli, file), false},
    {"column", "NAME", "the column of --file that holds the codes", offsetof(struct cli, column),
     false},
    {"name-column", "NAME", "the column of --file that holds our names of the merchants",
     offsetof(struct cli, name_column), false},
    {"known", "FILE", "remember each merchant's reasons here, and print only what is new or gone",
     offsetof(struct cli, known), false},
    {"as-known", "INDEX|TIME",
     "what the ledger held: at so many entries, at 2026-03-02T12:00+08:00, or at a day's end",
     offsetof(struct cli, as_known), false},
    {"in-force", "DATE", "what was in force at the end of this day", offsetof(struct cli, in_force),
     false},
    {"out", "FILE", "write the answers here (default: standard output)", offsetof(struct cli, out),
     false},
    {"ref", "REF", "our own record with this case number", offsetof(struct cli, ref), false},
    {"issuer", "MEMBER", "whose record it is (default: our own)", offsetof(struct cli, issuer),
     false},
    {"record", "ID", "record id, 32 hex characters", offsetof(struct cli, record_id), false},
    {"reason", "WORD", "what is said of the record", offsetof(struct cli, reason), false},
    {"note", "TEXT", "free text beside it; no ID numbers", offsetof(struct cli, note), false},
    {"key", "VKEY", "the ledger key that we trust, as 'lianfang log keys' prints it",
     offsetof(struct cli, key), false},
    {"policy", "FILE",
     "receipt, evidence: the logs and witnesses that we trust, a C2SP tlog-policy; screen: lines "
     "REASON "
     "ADVICE that may raise the advice",
     offsetof(struct cli, policy), false},
    {"member", "ID", "a member's id: 3 to 40 of a-z, 0-9 and -", offsetof(struct cli, member),
     false},
    {"name", "NAME", "its official name, in Chinese", offsetof(struct cli, name), false},
    {"role", "ROLE",
     "PLATFORM, REGULATOR, POLICE, COMMERCE, ASSOCIATION, LAB, BRAND, LICENCE_ISSUER, OBSERVER, "
     "AUDITOR",
     offsetof(struct cli, role), false},
    {"level", "LEVEL", "of a state organ: NATIONAL, PROVINCE, CITY, COUNTY",
     offsetof(struct cli, level), false},
    {"division", "CODE", "GB/T 2260, 6 digits; a state organ has one",
     offsetof(struct cli, division), false},
    {"authority-key", "FILE", "sign with this key of the authority",
     offsetof(struct cli, authority_key), false},
    {"threshold", "K", "how many of the authority's keys must sign",
     offsetof(struct cli, threshold), false},
    {"test", NULL, "a test ledger, which admits division 999999", offsetof(struct cli, test),
     false},
    {"previous", "FILE", "last checkpoint of the ledger that the new one succeeds",
     offsetof(struct cli, previous), false},
    {"previous-access", "FILE", "likewise of the access log", offsetof(struct cli, previous_access),
     false},
    {"overlap", "DAYS", "how long the old keys still hold (default 7)",
     offsetof(struct cli, overlap), false},
    {"address", "HOST:PORT", "of the gateway", offsetof(struct cli, address), false},
    {"server-name", "NAME", "that the gateway's certificate names",
     offsetof(struct cli, server_name), false},
    {"certificate", "FILE", "the gateway's certificate", offsetof(struct cli, certificate), false},
    {"ledger", "VKEY", "the key of the gateway's ledger", offsetof(struct cli, ledger), false},
    {"access", "VKEY", "the key of its access log", offsetof(struct cli, access), false},
    {"witness", "VKEY", "the key of its witness", offsetof(struct cli, witness), false},
    {"mode", "WORD", "ERASE (default), RESTRICT (only stored, shown to nobody) or LIFT_RESTRICTION",
     offsetof(struct cli, mode), false},
    {"classes", "LIST", "erase only these parts: PUBLIC, MEMBERS, REGULATOR, PERSONAL, with commas",
     offsetof(struct cli, classes), false},
    {"order-authority", "NAME", "who ordered it: a court, an authority",
     offsetof(struct cli, order_authority), false},
    {"order-number", "NO", "the order's number; never with the subject's name or code in it",
     offsetof(struct cli, order_number), false},
    {"trust", "FILE", "what the verifier believes: see lianfang/evidence.h",
     offsetof(struct cli, trust), false},
    {"report", "FILE", "also write a report in Chinese: FILE.txt, or FILE.html to print",
     offsetof(struct cli, report), false},
    {"tlog-proof", "DIR", "also write INDEX.tlog-proof (C2SP) into DIR for each record",
     offsetof(struct cli, tlog_proof), false},
    {"layout", "NAME", "which columns mean what: auto (default), or a layout; the help lists them",
     offsetof(struct cli, layout), false},
    {"list", "LIST", "ABNORMAL, ABNORMAL_MARK, SERIOUS, LOCAL_SERIOUS or PENALTY",
     offsetof(struct cli, list), false},
    {"region", "DIV", "whose list it is: a division, 6 digits", offsetof(struct cli, region),
     false},
    {"state", "FILE|STATE",
     "what the last import saw (default: beside the profile); of tasks: OPEN;...",
     offsetof(struct cli, state), false},
    {"omit", "FINDING", "no rows of this finding, only its total; may be given again",
     offsetof(struct cli, omit), true},
    {"subject", "CODE", "this merchant alone", offsetof(struct cli, subject), false},
    {"csv", NULL, "CSV on standard output", offsetof(struct cli, csv), false},
    {"confirm-vanished", "FILE", "remove the candidates of this file that have a day of removal",
     offsetof(struct cli, confirm_vanished), false},
    {"dry-run", NULL, "say what would happen, and send nothing", offsetof(struct cli, dry_run),
     false},
    {"no-signatures", NULL,
     "audit the tree alone, from its leaves: fast, and says nothing of who signed",
     offsetof(struct cli, no_signatures), false},
    {"rule", "ID", "of our own rule book, such as 'P02-R-17 v3'", offsetof(struct cli, rule),
     false},
    {"measures", "LIST", "what was done, with ';' between: SUSPEND, DELIST_ALL, REMOVAL, ...",
     offsetof(struct cli, measures), false},
    {"officer", "ID", "who decided: the number of an officer at the member, never a name",
     offsetof(struct cli, officer), false},
    {"audience", "LIST", "only these members may read it, with ';' between",
     offsetof(struct cli, audience), false},
    {"overdue", NULL, "only what is past its time", offsetof(struct cli, overdue), false},
    {"auto", "FILE", "release what these rules let through; their form is in docs/relay.md",
     offsetof(struct cli, auto_rules), false},
    {"watch", NULL, "stay, and do it for whatever comes", offsetof(struct cli, watch), false},
    {"set", "NAME=VALUE", "a field of the record, by its name in the contract; may be given again",
     offsetof(struct cli, set), true},
    {"from", "CURSOR|DAY",
     "begin at this position of the ledger (default: 0); of a report the first day; of lift "
     "when it ends (default: today)",
     offsetof(struct cli, from), false},
    {"until", "DAY", "of a report the last day", offsetof(struct cli, until), false},
    {"as-of", "DAY", "what is overdue, missing or late at the end of this day (default: now)",
     offsetof(struct cli, as_of), false},
    {"about", "WORD",
     "whom or what a report is about: a member, a code, or a period such as 2026-Q1",
     offsetof(struct cli, about), false},
    {"token-key", "FILE",
     "push: the key by which legal_rep_id, account and phone become tokens; keygen: make one",
     offsetof(struct cli, token_key), false},
    {"max", "ROWS", "of a report in pages: at most so many rows (default 100)",
     offsetof(struct cli, max), false},
    {"after", "ROW", "of such a report: go on behind this row", offsetof(struct cli, after), false},
    {"resume", NULL, "begin at the position that was acknowledged", offsetof(struct cli, resume),
     false},
    {"kinds", "LIST", "only these kinds, with commas: EnforcementEvent or enforcement-event, ...",
     offsetof(struct cli, kinds), false},
    {"once", NULL, "end when all that is there was told", offsetof(struct cli, once), false},
    {"ack", NULL, "acknowledge what was told", offsetof(struct cli, acknowledge), false},
    {"confirm", NULL, "say in the ledger, signed, that all up to there was received and applied",
     offsetof(struct cli, confirm), false},
    {"dir", "DIR", "where our copy lies (default: mirror, beside the profile)",
     offsetof(struct cli, dir), false},
    {"attach", "FILE", "a file that a record names by its hash; may be given again",
     offsetof(struct cli, attach), true},
    {"hide", "CLASS", "leave out PUBLIC, MEMBERS, REGULATOR or PERSONAL; may be given again",
     offsetof(struct cli, hide), true},
};
enum { ROWS = sizeof rows / sizeof rows[0] };
_Static_assert((int)ROWS <= (int)CLI_OPTIONS_MAX, "a place in `given` for each option");

/* Options that every command takes. */
static const char always[] = "profile json timeout help";

static bool is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == len && strncmp(at, name, len) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

static bool row_take(const struct option_row *row, struct cli *out)
{
    void *to = (char *)out + row->offset;
    struct cli_list *list = to;
    if (row->is_list) {
        if (list->count == CLI_LIST_MAX) {
            return false;
        }
        list->items[list->count++] = optarg;
    } else if (row->value == NULL) {
        *(bool *)to = true;
    } else {
        *(const char **)to = optarg;
    }
    return true;
}

static int parse_fail(const char *arg, const char *why)
{
    (void)fprintf(stderr, "lianfang: %s %s; 'lianfang help' lists commands and their options\n",
                  arg == NULL ? "option" : arg, why);
    return CLI_USAGE;
}

int cli_parse(int argc, char **argv, struct cli *out)
{
    struct cli cli = {.profile = getenv("LIANFANG_PROFILE")};
    struct option options[ROWS + 1] = {{NULL, 0, NULL, 0}};
    int at = 0;
    int option;
    for (size_t i = 0; i < ROWS; i++) {
        options[i].name = rows[i].name;
        options[i].has_arg = rows[i].value == NULL ? no_argument : required_argument;
    }
    opterr = 0; /* one line in our words, not getopt's */
    while ((option = getopt_long(argc, argv, ":", options, &at)) == 0) {
        if (!row_take(&rows[at], &cli)) {
            return parse_fail(argv[optind - 1], "is given too often");
        }
        cli.given[at] = true;
    }
    if (option != -1) {
        return parse_fail(argv[optind - 1],
                          option == ':' ? "needs a value" : "is not an option, or is ambiguous");
    }
    cli.operands = argv + optind;
    cli.operand_count = argc - optind;
    *out = cli;
    return CLI_OK;
}

bool cli_options_fit(const struct cli *cli, const char *command, const char *options)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (cli->given[i] && !is_listed(always, rows[i].name) &&
            !is_listed(options, rows[i].name)) {
            (void)fprintf(stderr, "lianfang: %s takes no --%s; see 'lianfang help %s'\n", command,
                          rows[i].name, command);
            return false;
        }
    }
    return true;
}

void cli_options_print(const char *options, FILE *to)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (is_listed(options, rows[i].name) || is_listed(always, rows[i].name)) {
            const char *value = rows[i].value == NULL ? "" : rows[i].value;
            int width = fprintf(to, "  --%s %s", rows[i].name, value);
            (void)fprintf(to, "%*s%s\n", width < OPTION_COLUMN ? OPTION_COLUMN - width : 1, "",
                          rows[i].help);
        }
    }
}
