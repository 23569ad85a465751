/* SPDX-License-Identifier: Apache-2.0 */
/* lianfang: a table of commands, one file each. */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_command commands[] = {
    {"keygen", cli_keygen, "DIR --member ID | --token-key FILE",
     "make a new member's keys, TLS certificate and profile",
     "member address server-name certificate ledger access witness token-key",
     "Makes DIR with sign.key, push.secret, tls.key, tls.crt and profile.conf, and writes over\n"
     "nothing. What the gateway's operator has published goes in by the options, or into\n"
     "profile.conf later. --token-key makes a key for tokens of persons, which regulators give to\n"
     "platforms. Exit 0 made, 2 usage, or it is there already.\n"},
    {"authority", cli_authority,
     "keygen FILE | genesis GATEWAY.pub KEY.pub... | enrol FILE | sign FILE | show FILE",
     "offline: make an authority key, a genesis; sign a record; see what it says",
     "authority-key threshold test previous previous-access out",
     "keygen makes FILE (keep it offline) and FILE.pub. genesis needs --threshold and --out,\n"
     "and after a restore that begins a new log --previous and --previous-access.\n"
     "enrol turns a request into a record, for the first members, whom init takes in. sign adds\n"
     "the signature of --authority-key to FILE, or writes to --out. show tells all that a record "
     "of\n"
     "any kind says; whatever signs tells the same on standard error, and refuses what it cannot "
     "tell\n"
     "whole. --json of show: file, kind, signatures, fields. None needs a gateway.\n"
     "Exit 0 done, 1 refused, 2 usage, or a file that is unusable or there already.\n"},
    {"member", cli_member,
     "request DIR | approve FILE | list | get ID | suspend ID | reinstate ID | retire ID | "
     "rotate-key ID FILE | revoke-key ID KEY",
     "ask to be enrolled; enrol and change members with the authority's keys",
     "member name role level division out authority-key note overlap reason",
     "request makes a file (--out) from what keygen made: --member, --name, --role, and for\n"
     "state organs --level and --division. approve takes it, signs with --authority-key and\n"
     "brings it to the gateway; --out keeps the record, so that others sign it too ('authority\n"
     "sign', then 'approve' again). A change is made from the state in force. revoke-key takes\n"
     "--reason COMPROMISED, LOST, SUPERSEDED or CEASED: what the key signed before stays valid,\n"
     "nothing comes after. --json of a\n"
     "change: proposal, signatures, threshold, accepted, index. Exit 0 done or waiting for\n"
     "signatures, 1 refused, 5 not allowed.\n"},
    {"push", cli_push, "--kind KIND FILE.csv|FILE.json|FILE.xlsx",
     "send a file's rows as signed records; every row gets its own answer",
     "kind receipts update map spool token-key",
     "KIND is any that members say, such as enforcement-event, registry-entry, credit-list-entry,\n"
     "list-removal, appeal, disposition, entry-ban. Columns are the kind's fields by their names "
     "in\n"
     "the contract, and ref, audience, legal_basis, certainty, effective_from, effective_until. Of "
     "a\n"
     "field with several items they stand between ';'; hashes are hex; dates 2026-01-31. ref is\n"
     "required of enforcement-event, defaults to the code for registry-entry and is made from the\n"
     "contents for the others. CSV, JSON or a spreadsheet, UTF-8 or GB18030. Sending the same file "
     "again, also after an\n"
     "interruption, makes duplicates and nothing else. --token-key: columns legal_rep_id, account "
     "and\n"
     "phone of merchant-identity become tokens here; their values are neither sent, kept nor "
     "told.\n"
     "--json: a line a row: line, status (accepted, duplicate, rejected), index; code, field "
     "and\n"
     "message of a rejection; warnings. Exit 0 all in, 3 some rejected, 5 none in, for we may not "
     "say this.\n"},
    {"import", cli_import, "FILE.csv|FILE.json|FILE.xlsx | --confirm-vanished FILE",
     "bring a published list in: daily files of one list are its snapshots",
     "layout list region state dry-run update receipts spool confirm-vanished",
     "Layouts: publicity (keys of the publicity system), open-data, exchange, credit-china,\n"
     "penalty-publicity, lianfang; auto takes the one that fits, and says why. UTF-8 or GB18030.\n"
     "A line is the same line tomorrow by its id, else by subject, day, reason and authority: the\n"
     "same file again makes duplicates, a new day of removal a ListRemoval. A line that is no "
     "longer\n"
     "in the file is written to STATE.vanished.csv: write the day of removal to those that left "
     "the\n"
     "list, and bring the file back with --confirm-vanished. Nothing is removed by itself.\n"
     "--json: a line a row: line, status (accepted, duplicate, rejected; of --dry-run new, "
     "duplicate,\n"
     "changed), index, removal; code, field, message and outcome of a rejection; warnings; then a "
     "line\n"
     "a vanished one. Exit 0 all in, 3 some rejected, 5 none in, for we may not say this.\n"},
    {"screen", cli_screen, "--purpose P (CODE... | --file FILE --column NAME)",
     "advice about merchants by their code",
     "purpose case file column out map name name-column known policy as-known in-force",
     "--json: a line a subject: subject, advice (ALLOW, ALLOW_WITH_WARNING, MANUAL_REVIEW, DENY),\n"
     "reasons (code, violation, certainty, state, decided_at, until, origin, index, kind, list,\n"
     "region, level, contact), checkpoint_size, stale, known_size, in_force, advice_version; with\n"
     "DENY human_review; raised by --policy gateway_advice and raised_by; of --known new and "
     "gone.\n"
     "--known prints only merchants with something new or gone, and counts them by reason on\n"
     "standard error; the file is replaced when all was answered.\n"
     "`until` is an instant (RFC 3339, +08:00) or null where there is no end, `index` null where "
     "no\n"
     "record is the reason. A malformed code has advice \"\" and its `error`.\n"
     "Exit 0 no objection, 1 a DENY or MANUAL_REVIEW among them, 3 a\n"
     "malformed code; with --file 0 all answered, 3 some malformed.\n"},
    {"withdraw", cli_withdraw, "--ref REF | --issuer MEMBER --record ID",
     "take back one's own accusation; a suspended member may, too", "ref kind issuer record note",
     "Exit 0 taken (or taken before), 3 rejected, 5 not allowed.\n"},
    {"correct", cli_correct, "--reason WORD (--ref REF | --issuer MEMBER --record ID)",
     "say that a record is wrong or settled", "reason ref kind issuer record note",
     "--ref means all versions of that record; of which --kind (default: enforcement-event).\n"
     "--reason: WRONG_SUBJECT, IDENTITY_STOLEN, FACT_WRONG, APPEAL_UPHELD, REPAIRED, WITHDRAWN.\n"
     "Exit 0 taken (or taken before), 3 rejected, 5 not allowed.\n"},
    {"lift", cli_lift, "INDEX | --ref REF",
     "end one's own measure, or take a line off its list: it was right until then",
     "ref from reason note",
     "Of an event (the newest version of --ref, or of the entry's): its next version, with the "
     "measure\n"
     "LIFT from --from on (default: today); advice follows at once, and everyone who was told of "
     "it "
     "is\n"
     "asked to undo what it did. Of a listing, by a regulator: a ListRemoval, --reason REMOVED "
     "(default),\n"
     "REPAIRED, REVOKED or TERM. What was wrong from the start is withdrawn or corrected instead.\n"
     "Exit 0 taken (or taken before), 2 not there or not ours to read, 3 rejected, 5 not "
     "allowed.\n"},
    {"relay", cli_relay,
     "list --case NO | approve INDEX | refuse INDEX --reason TEXT |\n"
     "                  approve|refuse --member ID --case NO |\n"
     "                  --auto FILE --case NO [--watch | --dry-run] |\n"
     "                  --reason RELEASED|REFUSED (--ref REF | --issuer MEMBER --record ID)",
     "a regulator lets a platform's accusation take effect, or not",
     "case purpose reason ref issuer record note auto watch dry-run member",
     "list: accusations that wait (PENDING_RELAY, QUARANTINED), as the gateway says they stand "
     "now;\n"
     "it is a question about each of them, and has a case number (--purpose: ENFORCEMENT). "
     "--json:\n"
     "index, state, why (BURST: one of too many at once), issuer, record, subject, violation,\n"
     "accepted_at. --member: all of that member's that wait as BURST, in one record where it can "
     "be. --list, --approve and "
     "--refuse\n"
     "are the same.\n"
     "--auto releases what a file of rules lets through, with the rule's name in the record, and\n"
     "says of the rest what stands in the way. Run again, after a kill too, it relays nothing "
     "twice.\n"
     "--json: index, action (RELEASED, WOULD_RELEASE, WAITS, REFUSED), rule, why, issuer, "
     "record,\n"
     "subject, violation.\n"
     "Exit 0 taken (or taken before), 3 rejected, 5 not allowed.\n"},
    {"notice", cli_notice, "list | remind INDEX | send INDEX",
     "what records ask of members, and a regulator's word about it",
     "member state overdue issuer record note set",
     "list: what is asked of us; a regulator sees all of it. --state: OPEN, ACTIVE_SHOP,\n"
     "INVESTIGATING, DISPUTED, CLOSED, MOOT, with ';' between. remind and send (escalates) speak "
     "to\n"
     "all whose task is open, or to --member. --json: index, issuer, record, kind, member, "
     "subject,\n"
     "state, answer, answer_index, opened, due, answered, provisional, overdue, escalated,\n"
     "reminders. Exit 0, 3 rejected, 5 not allowed.\n"},
    {"dispose", cli_dispose, "INDEX ANSWER | --file FILE --column NAME [--dry-run]",
     "answer tasks: what we did about a record",
     "issuer record rule measures reason note set file column dry-run",
     "ANSWER: NO_SHOP, ACTIVE_SHOP, REMOVED, RESTRICTED, KEPT, INVESTIGATING, DISPUTED; to a\n"
     "correction UNDONE or NOT_USED; to an order to erase ERASED. REMOVED, RESTRICTED and KEPT "
     "need\n"
     "--rule, KEPT and DISPUTED --reason.\n"
     "--file (CSV, JSON, XLSX) is the list of our own merchants: every open task about one of them "
     "is\n"
     "answered ACTIVE_SHOP, for a person to deal with, every other NO_SHOP; nobody NO_SHOP when "
     "lines\n"
     "are no codes. What takes something back is left. --json: index, subject, answer, status, "
     "code.\n"
     "Exit 0 taken, 3 rejected or left, 5 not allowed.\n"},
    {"appeal", cli_appeal, "INDEX STEP", "a merchant's objection to a record, step by step",
     "issuer record reason note set",
     "STEP: FILED, ACCEPTED, HUMAN_REVIEW, UPHELD, OVERTURNED; the last two need --reason. The "
     "day\n"
     "is today's unless --set stepped_on=DATE. FILED goes through a platform that acted on the\n"
     "record, or a regulator. Exit 0 taken, 3 rejected, 5 not allowed.\n"},
    {"override", cli_override, "CODE ADVICE DECISION --reason TEXT --officer ID",
     "record that an advice was not followed, and why", "reason officer purpose case set",
     "ADVICE and DECISION: ALLOW, ALLOW_WITH_WARNING, MANUAL_REVIEW, DENY. ADVICE is what the "
     "gateway "
     "advises\n"
     "now: it is asked once more (--purpose, default RESCREENING), and another is refused with "
     "what "
     "holds.\n"
     "--officer: letters, digits and ._- with a digit among them. For regulators to see.\n"
     "Exit 0 taken, 2 no id of an officer, 3 rejected, 5 not allowed.\n"},
    {"crosscheck", cli_crosscheck, "--purpose P --case NO [--subject CODE | --file FILE]",
     "what platforms removed beside what authorities listed, subject by subject",
     "purpose case subject file layout list region omit csv out",
     "For regulators and police. Without --file or --subject all that the ledger holds; --file is "
     "a "
     "list\n"
     "of one's own, in the layouts of import, which the gateway compares and forgets. Findings:\n"
     "CONFIRMED_BOTH, BOTH_UNRELATED, PLATFORM_ONLY, GOV_ONLY, CONFLICT_IDENTITY, STALE_GOV,\n"
     "STALE_PLATFORM; --omit leaves the rows of one out, the totals count them. 'log prove INDEX' "
     "shows\n"
     "an entry behind a row.\n"
     "--json: a line a row: subject, finding, name, explanation, indexes; of a line of the file "
     "that "
     "is\n"
     "none line, code, field, message, or subject and error; then a line totals, checkpoint_size,\n"
     "access_index. --csv: the same columns, the totals on standard error.\n"
     "Exit 0 told, 1 with --subject when the sides do not agree, 3 some lines of the file are "
     "none, 5 "
     "not\n"
     "allowed.\n"},
    {"report", cli_report, "NAME", "figures that follow from the ledger, as a table",
     "from until as-of about case max after csv out",
     "NAME          heeds, beside --case\n"
     "open-loops    --from --until --about MEMBER --as-of   records not answered by all they "
     "concern\n"
     "coverage      --from --until --about MEMBER   of those with a shop, who followed; in 户次\n"
     "lags          --from --until --about MEMBER --as-of   median and p95, in hours, from "
     "decision\n"
     "              to report, sharing and answer; late: shared, or waiting for an answer, past "
     "the limit\n"
     "late          --from --until --about MEMBER   what that member's records were shared too "
     "late\n"
     "participation --from --until   what each platform contributed and answered; TOTAL: the sums, "
     "how\n"
     "              many are silent, how many members and reporters there are\n"
     "overrides     --from --until   advice that was not followed\n"
     "attestations  --about 2026-Q1 --as-of   who has filed its attestation\n"
     "corrections   --from --until --about MEMBER   who had what was taken back, when each was "
     "told,\n"
     "              and its answer\n"
     "links         --about CODE --max --after   who shares legal representative, account or "
     "telephone\n"
     "              with a subject that was removed or is on the serious list, and by which "
     "records\n"
     "quarantine    --from --until   too many at once\n"
     "relay-queue   --from --until   what waits for a relay, by member and since when\n"
     "ranking       --from --until --about CODE --max --after   where to look first, each point\n"
     "              explained by the records behind it (#index)\n"
     "publicity     --from --until --about LATE --as-of   measures that the law has made public, "
     "until\n"
     "              they end; operators of individual businesses masked; LATE: past their limit\n"
     "statistics    --from --until   counts by month, violation and province; under 5 withheld\n"
     "--from and --until are days of decision, of sharing (open-loops, coverage), or of the entry\n"
     "(overrides, corrections, quarantine, relay-queue). --as-of: overdue, missing or late at the "
     "end of that "
     "day, by\n"
     "what the ledger holds now; of open-loops and lags today or later. What a report does not "
     "heed is\n"
     "refused. In pages: --max rows, --after the last CODE, of links CODE:CODE, of the page "
     "before. A\n"
     "row whose member is TOTAL has the sums. For regulators; ranking also for auditors, publicity "
     "also\n"
     "for platforms, commerce and auditors, statistics for everybody. --out writes a page (HTML) "
     "with\n"
     "bars. --json: a line a row, keys as the columns; --csv. Exit 0, 2 no such report, option, "
     "day,\n"
     "period, code or page, 5 not allowed.\n"},
    {"subject", cli_subject, "export CODE --purpose P --case NO",
     "all about one merchant: records, who was told, who asked, where to appeal",
     "purpose case from until csv out",
     "For regulators; for a platform at the merchant's own request (--purpose SUBJECT_REQUEST, "
     "--case\n"
     "its number): what it may read, rivals under pseudonyms, and of its own records who was "
     "told.\n"
     "The export is itself an entry of the access log. Rows: part, index, at, member, role, what,\n"
     "state, basis, entry (what proves it: ledger:N or access:N), detail. part: RECORD (what: its\n"
     "kind); APPEAL (at: until when; what: ISSUER, ACTED, REGULATOR; state: step of an open "
     "appeal);\n"
     "ACCESS (a question that named the merchant); RECIPIENT (what: DELIVERED, ACKNOWLEDGED, "
     "ANSWERED,\n"
     "whichever came first; state: its answer). --from, --until: days of records and questions.\n"
     "--json: a line a row, keys as the columns; --csv; --out writes a page (HTML). Exit 0, 2 a\n"
     "request that does not hold, 5 not allowed.\n"},
    {"receipt", cli_receipt, "verify FILE | refresh FILE",
     "verify receipts offline; bring them under a head that witnesses have cosigned",
     "key policy out",
     "FILE is what push --receipts wrote. verify: by --key; by --policy, which names the log's "
     "key\n"
     "and demands a quorum of witnesses; else by the keys of the ledger that the profile knows.\n"
     "Without any of them the key in the file itself is used, which proves nothing against a "
     "forger "
     "of\n"
     "the whole file. refresh (with --profile) proves each receipt\n"
     "anew in the published head and writes them to --out, or in the place of FILE; a receipt "
     "that\n"
     "does not hold, or is not published yet, stays as it was. Exit 0 all hold, 1 some do not.\n"},
    {"redact", cli_redact,
     "propose --issuer MEMBER --record ID --order-authority NAME --order-number NO | approve FILE",
     "erase a record, or parts of it, on a lawful order",
     "issuer record mode classes order-authority order-number authority-key out",
     "propose makes the order, signs it with --authority-key and brings it to the gateway; --out\n"
     "keeps it, and approve signs that file with the next key and brings it again. With the last\n"
     "signature the contents are hidden from everybody at once; 'lianfangd compact' then takes "
     "their\n"
     "bytes from the disk. Receipts and proofs of all entries still hold, and the same record is\n"
     "answered ERASED for ever. Without --classes the whole record is erased. --json: proposal,\n"
     "signatures, threshold, accepted, index. Exit 0 done or waiting for signatures, 1 refused, 5\n"
     "not allowed.\n"},
    {"log", cli_log, "checkpoint | audit | access | keys [ledger|access|witness] | prove INDEX",
     "the ledger's signed head, audit from genesis, key, and proof of one entry", "no-signatures",
     "checkpoint prints the newest signed head; --json: size, checkpoint.\n"
     "audit reads every entry, recomputes the root, compares it with the signed head, and "
     "verifies\n"
     "who signed what; with --no-signatures it reads the leaves alone. --json: size, readable, "
     "root.\n"
     "access reads the access log in the same way, and prints the questions and acts that we may "
     "read: a\n"
     "member its own, an auditor all. --json: index, at_ms, member, act, purpose, case, subjects,\n"
     "tokens (what stands for the subjects), first, next, told, classes, result_sha256, note,\n"
     "subject_root.\n"
     "keys prints the keys by which the logs are verified, the newest of each, and how it followed "
     "the one\n"
     "that the profile names; with a log's name that key alone. --json: ledger, access, witness, "
     "history.\n"
     "prove shows that entry INDEX is under the signed head, by the hashes that lead from its leaf "
     "to the\n"
     "root, and which record it is when we may read it. --json: index, size, leaf, path, root, "
     "issuer,\n"
     "record.\n"
     "Exit 0 it holds, 1 it does not, 4 unreachable, 5 not allowed.\n"},
    {"evidence", cli_evidence,
     "export INDEX... [--attach FILE] [--hide CLASS] | trust --out FILE [--policy FILE] | verify "
     "FILE --trust FILE",
     "one file that proves records without a network, years later; and its verification",
     "attach hide out tlog-proof trust policy report",
     "export (with --profile) asks the gateway and makes --out (default: INDEX.evidence), never "
     "over\n"
     "another file: records with the parts that we may read and do not hide, keys of then, "
     "proofs,\n"
     "and the published head with its cosignatures. --attach embeds a file up to 3 MiB; a larger "
     "one\n"
     "is named and kept beside it. --json: file, size, published, genesis, beside.\n"
     "trust (with --profile) writes what a verifier has to believe, to be compared with what the\n"
     "operator publishes elsewhere: lines 'lianfang-trust/v1', 'origin NAME/ledger', 'genesis "
     "HEX'\n"
     "(the leaf of entry 0), an empty line, then --policy, a C2SP tlog-policy (log, witness, "
     "group,\n"
     "quorum); without it the ledger's keys and no witness.\n"
     "verify believes --trust and nothing else; it needs no profile and no network. --attach hands "
     "in\n"
     "what is kept beside. --json: proven, records with fields, parts (shown or not), signatures "
     "and\n"
     "later records of the file, witnesses, attachments, not_proven; or reason, field, message.\n"
     "Exit 0 made or proven, 1 not proven, 2 usage or an unusable file.\n"},
    {"watch", cli_watch, "[--from CURSOR | --resume] [--kinds LIST] [--once [--confirm]] [--ack]",
     "tell what is new, a line a record, as it comes", "from resume kinds once ack confirm",
     "Everything that this member may read, from --from on (default: the beginning), proven to be\n"
     "complete under a signed head before it is told, each record once and in order, also after "
     "the\n"
     "connection or the gateway was away. --ack lets the gateway keep how far standard output has "
     "it,\n"
     "and --resume begins there. --confirm says in the ledger, signed, that all of it was "
     "received.\n"
     "--json: index, accepted_at, issuer, record, kind, ref, version,\n"
     "certainty, fields. Exit 0 all that is there was told (--once), 1 the gateway's answers do "
     "not\n"
     "hold, 4 unreachable, 5 not allowed.\n"},
    {"mirror", cli_mirror,
     "sync [--confirm] | screen --file FILE --column NAME [--name-column NAME] --out FILE | verify",
     "our own verified copy of what we may see; our merchants held against it, offline",
     "dir file column name-column out confirm",
     "sync (with --profile) brings the copy to the ledger's head, proven, and goes on where a "
     "killed\n"
     "one was; what was erased leaves the copy's file; --confirm then says in the ledger, signed, "
     "that\n"
     "all of it was received and applied. screen needs no network: every row of "
     "--file\n"
     "(CSV, JSON, XLSX) becomes a line of --out: line, asked, match, subject, advice, reasons, "
     "index,\n"
     "mirror_size, mirror_age_s, stale. match is CODE or OLD_NUMBER (automatic), NAME_CANDIDATE "
     "(for\n"
     "a person, never automatic) or NONE. verify recomputes all of the copy, and names the first\n"
     "position that does not hold. --json: of sync and verify size, head, readable, synced_at,\n"
     "uncounted, root; of screen the counts. Exit 0 done, 1 the copy or the gateway's answers do "
     "not "
     "hold, 2\n"
     "usage or an unusable file, 3 some rows not read or their codes malformed (`reasons` says "
     "how), "
     "4 unreachable.\n"},
    {"doctor", cli_doctor, "", "check profile, keys, clock, connection and gateway", "",
     "A line a check: ok, or FAIL and what to do. --json: check, ok, found, advice. Exit 0 all is "
     "well,\n"
     "1 a check failed, 4 the gateway cannot be reached, 5 it does not know us, or has suspended "
     "us.\n"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

int cli_usage(const char *what)
{
    (void)fprintf(stderr, "lianfang: %s\n", what);
    return CLI_USAGE;
}

int cli_act(const struct cli *given, const char *command, const struct cli_act *acts)
{
    struct cli cli = *given;
    if (cli.operand_count > 0) {
        const char *name = cli.operands[0];
        cli.operands++;
        cli.operand_count--;
        for (; acts->name != NULL; acts++) {
            if (strcmp(acts->name, name) == 0) {
                return acts->run(&cli);
            }
        }
    }
    (void)fprintf(stderr, "lianfang: 'lianfang help %s' lists what it does\n", command);
    return CLI_USAGE;
}

static int help_all(FILE *to, int code)
{
    (void)fprintf(to,
                  "usage: lianfang [--profile FILE] [--json] [--timeout SECONDS] COMMAND ...\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].line);
    }
    (void)fprintf(to, "  %-10s %s\n  %-10s %s\n\n", "version", "the version of this program",
                  "help", "this list; 'lianfang help COMMAND' tells all of one");
    (void)fprintf(to,
                  "Exit codes: 0 done or yes, 1 a negative answer, 2 usage or an unusable file, 3 "
                  "some input\nrejected, 4 unreachable, 5 not allowed, 70 our bug. Results go to "
                  "standard output,\neverything else to standard error.\n");
    return code;
}

static int help_one(const struct cli_command *command)
{
    (void)printf("usage: lianfang [--profile FILE] [--json] [--timeout SECONDS] %s %s\n\n%s\n\n",
                 command->name, command->operands, command->line);
    cli_options_print(command->options, stdout);
    (void)printf("\n%s", command->more);
    return CLI_OK;
}

static const struct cli_command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int help(const struct cli *cli)
{
    const struct cli_command *command =
        cli->operand_count < 2 ? NULL : command_find(cli->operands[1]);
    if (command == NULL) {
        return cli->operand_count < 2 ? help_all(stdout, CLI_OK)
                                      : cli_usage("no such command; 'lianfang help' lists them");
    }
    return help_one(command);
}

static int command_run(const struct cli *given)
{
    struct cli cli = *given;
    const char *name = cli.operands[0];
    const struct cli_command *command = command_find(name);
    if (strcmp(name, "version") == 0) {
        (void)printf("lianfang %s\n", lf_version());
        return CLI_OK;
    }
    if (strcmp(name, "help") == 0) {
        return help(&cli);
    }
    if (command == NULL) {
        return cli_usage("no such command; 'lianfang help' lists them");
    }
    if (cli.help) {
        return help_one(command);
    }
    cli.operands++;
    cli.operand_count--;
    return cli_options_fit(&cli, name, command->options) ? command->run(&cli) : CLI_USAGE;
}

/* What did not reach standard output was not done. */
static int output_check(int code)
{
    if (cli_output_flush()) {
        return code;
    }
    (void)cli_fail_file(cli_output_name);
    return code == CLI_OK ? CLI_NO : code;
}

/* Which of the words is the command; argc when none is. */
static int command_at(int argc, char **argv)
{
    int i = 1;
    while (i < argc && argv[i][0] == '-') {
        bool has_value = strcmp(argv[i], "--profile") == 0 || strcmp(argv[i], "--timeout") == 0;
        i += has_value ? 2 : 1;
    }
    return i < argc ? i : argc;
}

/* relay --list, --approve, --refuse are its acts by another spelling; --list takes a value elsewhere. */
static void relay_spell(int argc, char **argv)
{
    static const char *const acts[] = {"--list", "--approve", "--refuse"};
    int at = command_at(argc, argv) + 1;
    if (at >= argc || strcmp(argv[at - 1], "relay") != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        argv[at] += strcmp(argv[at], acts[i]) == 0 ? 2 : 0;
    }
}

int main(int argc, char **argv)
{
    struct cli cli;
    relay_spell(argc, argv);
    (void)setenv("GRPC_VERBOSITY", "NONE", 0); /* it would print beside our own errors */
    int code = cli_parse(argc, argv, &cli);
    if (code == CLI_OK && cli.operand_count == 0) {
        code = cli.help ? help_all(stdout, CLI_OK) : help_all(stderr, CLI_USAGE);
    } else if (code == CLI_OK) {
        code = command_run(&cli);
    }
    code = output_check(code);
    if (cli_interrupted()) { /* end as a shell expects it of Ctrl-C: by the signal */
        (void)raise(SIGINT);
    }
    return code;
}
