/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/cli.h - what the commands share. Results on stdout, everything else on stderr. */
#ifndef CLI_H
#define CLI_H

#include <lianfang/client.h>
#include <lianfang/members.h>
#include <lianfang/submit.h>

#include <jansson.h>
#include <stdio.h>

enum {
    CLI_OK = 0,
    CLI_NO = 1,
    CLI_USAGE = 2,
    CLI_SOME_REJECTED = 3,
    CLI_UNREACHABLE = 4,
    CLI_NOT_ALLOWED = 5,
    CLI_BUG = 70
};

/* An option that may be given again and again. */
enum { CLI_LIST_MAX = 64, CLI_OPTIONS_MAX = 128 };
struct cli_list {
    const char *items[CLI_LIST_MAX];
    size_t count;
};

/* Options as given; NULL when not. One struct for all commands: a command looks at its own. */
struct cli {
    const char *profile;
    bool json;
    const char *timeout;
    const char *kind;
    const char *receipts;
    const char *map;
    const char *spool;
    bool update;
    const char *purpose;
    const char *case_number;
    const char *file;
    const char *column;
    const char *out;
    const char *name_column;
    const char *known;
    const char *as_known;
    const char *in_force;
    const char *issuer;
    const char *record_id;
    const char *ref;
    const char *reason;
    const char *note;
    const char *key;
    const char *policy;
    const char *member;
    const char *name;
    const char *role;
    const char *level;
    const char *division;
    const char *authority_key;
    const char *threshold;
    bool test;
    const char *previous;
    const char *previous_access;
    const char *overlap;
    const char *address;
    const char *server_name;
    const char *certificate;
    const char *ledger;
    const char *access;
    const char *witness;
    const char *mode;
    const char *classes;
    const char *order_authority;
    const char *order_number;
    const char *trust;
    const char *report;
    const char *tlog_proof;
    const char *layout;
    const char *list;
    const char *region;
    const char *state;
    struct cli_list omit;
    const char *subject;
    bool csv;
    const char *confirm_vanished;
    bool dry_run;
    bool no_signatures;
    const char *rule;
    const char *measures;
    const char *officer;
    const char *audience;
    bool overdue;
    const char *auto_rules;
    bool watch;
    struct cli_list set;
    const char *from;
    const char *until;
    const char *as_of;
    const char *about;
    const char *token_key;
    const char *max;
    const char *after;
    const char *kinds;
    bool resume;
    const char *dir;
    bool once;
    bool acknowledge;
    bool confirm;
    struct cli_list attach;
    struct cli_list hide;
    bool help;
    bool given[CLI_OPTIONS_MAX]; /* for each row of the table of options */
    char **operands;
    int operand_count;
};

/* One command: a row of the table in main.c, which also prints its help. */
struct cli_command {
    const char *name;
    int (*run)(const struct cli *cli);
    const char *operands; /* as the usage line shows them */
    const char *line;     /* what it does, in one line */
    const char
        *options;     /* that it takes beside --profile, --json and --help, separated by blanks */
    const char *more; /* what it prints and when it ends how; whole lines */
};

/* CLI_OK, or CLI_USAGE after one line that says what is wrong. */
int cli_parse(int argc, char **argv, struct cli *out);
/* False after one line about an option that the command does not take. */
bool cli_options_fit(const struct cli *cli, const char *command, const char *options);
void cli_options_print(const char *options, FILE *to);

int cli_usage(const char *what);
/* One of a command's acts, by the first operand; the rest are the act's. */
struct cli_act {
    const char *name; /* NULL ends the list */
    int (*run)(const struct cli *cli);
};
int cli_act(const struct cli *cli, const char *command, const struct cli_act *acts);
/* Prints the error once, in one form, and gives the exit code that belongs to it. */
int cli_fail(const lf_error *err);
/* What became of a line of a file, on standard error; the field once, which most messages begin with. */
void cli_rejected_tell(unsigned line, const lf_error *err);
/* --timeout in ms; 0 after saying that it is none. */
uint32_t cli_timeout(const struct cli *cli);
/* Opens the profile's client; says why not, and gives the exit code. */
int cli_open(const struct cli *cli, lf_client **out);
/* Closes it (NULL allowed) when all heads that it saw are proven; gives `code`, or CLI_NO after telling of a fork. */
int cli_close(lf_client *client, int code);
/* --out, about --file. Answers go to a file beside the one that is meant, which stays what it was until they are whole. Devices and pipes
 * are written to themselves. Opening gives CLI_OK, or the exit code after saying why. */
enum { CLI_OUT_PATH = 4096 };
struct cli_out {
    FILE *file;
    char path[CLI_OUT_PATH];
};
int cli_out_open(const struct cli *cli, struct cli_out *out);
/* `code` is how the answering went; what is not whole is removed, lest it be taken for whole. Gives the exit code. */
int cli_out_close(const struct cli *cli, struct cli_out *out, int code);
/* One cell of CSV, quoted where it must be, and what follows it. */
void cli_csv_cell(const char *text, const char *end, FILE *to);
/* For a file of ours: says PATH: why, from errno, and gives the exit code. */
int cli_fail_file(const char *path);
/* What was printed has arrived so far. False with errno, that of the first failure. */
bool cli_output_flush(void);
/* After a printf of one line among many: its errno is that of the failure, later ones are not. */
void cli_output_look(void);
extern const char cli_output_name[];
/* Prints one JSON line and releases it. */
void cli_json(json_t *value);
void cli_json_to(json_t *value, FILE *to);
/* Opens a file of lines, each beginning with `line`, to append to. Half such a line at its end, which
 * a killed command left, is dropped, or it would spoil the next one, too; half a line of anything else
 * is refused. CLI_OK, or the exit code after saying why; *out, if not NULL, is the caller's to close. */
int cli_append(const char *path, const char *line, FILE **out);
/* A text file as UTF-8: a byte-order mark is dropped, GB18030 is converted. NULL after saying why.
 * The caller frees it. */
char *cli_read_text(const char *path);
/* Any file whole; NULL after saying why. The caller frees it. */
char *cli_read_bytes(const char *path, size_t *len);
/* Text from a file or a gateway as a terminal may get it: control characters as \xHH or \uHHHH. Good until
 * the eighth call after this one; one thread at a time. */
const char *cli_shown(const char *text);
/* For a table that is data: as it is, but for standard output when that is a terminal. */
const char *cli_shown_csv(const char *text, FILE *to);
/* The same JSON, those characters as \uHHHH: it says what it said. NULL out of memory; the caller frees it. */
char *cli_shown_json(const char *text);
/* RFC 3339 in Shanghai time, in which calendar dates are meant; "" for what is no instant. */
enum { CLI_INSTANT_SIZE = 40 };
const char *cli_instant(int64_t at_ms, char out[static CLI_INSTANT_SIZE]);
/* A first Ctrl-C only sets a flag, so that a command ends between two steps and says how far it
 * came; a second one ends it at once. */
void cli_interrupt_catch(void);
bool cli_interrupted(void);
/* Progress on a terminal, nothing elsewhere; `done` == `total` ends the line. */
void cli_progress(const char *what, uint64_t done, uint64_t total);

/* What was written is with the system, with `syncs` on disk; false with errno when any of it is not. */
bool cli_file_settle(FILE *file, bool syncs);

/* The spool directory of pushing `file`; false after saying why there is none. */
bool cli_spool(const struct cli *cli, const char *file, char *out, size_t size);

/* One member, as a line or as JSON; with an operand, its keys too. */
void cli_member_tell(const struct cli *cli, const lf_member *member);

/* Adds the signature of the authority key in the file `key`, after telling on standard error what is signed. Nothing of which
 * some cannot be told is signed. */
lf_status cli_paper_sign(lf_paper *paper, const char *key, lf_error *err);
/* Signs a paper with --authority-key (when given), keeps it in --out (when given), brings it to the gateway
 * and tells how far it is; gives the exit code. */
int cli_paper_bring(const struct cli *cli, lf_client *client, lf_paper *paper);

int cli_keygen(const struct cli *cli);
int cli_authority(const struct cli *cli);
int cli_member(const struct cli *cli);
int cli_push(const struct cli *cli);
int cli_import(const struct cli *cli);
int cli_screen(const struct cli *cli);
int cli_log(const struct cli *cli);
int cli_receipt(const struct cli *cli);
int cli_withdraw(const struct cli *cli);
int cli_correct(const struct cli *cli);
int cli_redact(const struct cli *cli);
int cli_relay(const struct cli *cli);
/* list, approve, refuse. */
int cli_relay_queue(const struct cli *cli);
/* A Relay about the record that --ref or --issuer and --record name. */
int cli_say_relay(const struct cli *cli, const char *decision);
int cli_notice(const struct cli *cli);
int cli_report(const struct cli *cli);
int cli_subject(const struct cli *cli);
int cli_crosscheck(const struct cli *cli);
int cli_dispose(const struct cli *cli);
int cli_appeal(const struct cli *cli);
int cli_override(const struct cli *cli);
int cli_lift(const struct cli *cli);
int cli_doctor(const struct cli *cli);
int cli_evidence(const struct cli *cli);
int cli_watch(const struct cli *cli);
int cli_mirror(const struct cli *cli);

#endif
