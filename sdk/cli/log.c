/* SPDX-License-Identifier: Apache-2.0 */
/* log: the signed head, the whole log recomputed from genesis, and the key to check it with. */
#include "cli/cli.h"

#include <lianfang/access.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_NOTE_MAX = 65536, LOG_VKEY_MAX = 512 };

static int log_checkpoint(const struct cli *cli, lf_client *client)
{
    static char note[LOG_NOTE_MAX];
    uint64_t size = 0;
    lf_error err = LF_ERROR_INIT;
    if (lf_checkpoint(client, &size, note, sizeof note, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:I, s:s}", "size", (json_int_t)size, "checkpoint", note));
    } else {
        (void)fputs(note, stdout);
    }
    return CLI_OK;
}

static void on_progress(uint64_t done, uint64_t size, void *user)
{
    (void)user;
    cli_progress("audit", done, size);
}

static int log_audit(const struct cli *cli, lf_client *client)
{
    lf_audit audit = {.size = 0};
    lf_error err = LF_ERROR_INIT;
    lf_status rc = cli->no_signatures ? lf_log_audit_leaves(client, on_progress, NULL, &audit, &err)
                                      : lf_log_audit(client, on_progress, NULL, &audit, &err);
    if (rc != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:I, s:I, s:s}", "size", (json_int_t)audit.size, "readable",
                           (json_int_t)audit.readable, "root", audit.root));
    } else if (cli->no_signatures) {
        (void)printf(
            "the tree is whole: %llu leaves, contents and signatures not looked at, root %s\n",
            (unsigned long long)audit.size, audit.root);
    } else {
        (void)printf("the log is whole: %llu entries, %llu of them readable and checked, root %s\n",
                     (unsigned long long)audit.size, (unsigned long long)audit.readable,
                     audit.root);
    }
    return CLI_OK;
}

/* The newest key of each log, and how it came to be. */
struct keys {
    char ledger[LOG_VKEY_MAX];
    char access[LOG_VKEY_MAX];
    json_t *history;
};

static void on_key(const lf_log_key *key, void *user)
{
    struct keys *keys = user;
    (void)snprintf(strcmp(key->log, "access") == 0 ? keys->access : keys->ledger, LOG_VKEY_MAX,
                   "%s", key->vkey);
    json_t *row = json_pack("{s:s, s:s, s:I}", "log", key->log, "key", key->vkey, "from_size",
                            (json_int_t)key->from_size);
    if (key->is_announced) {
        (void)json_object_set_new(row, "announced_in", json_integer((json_int_t)key->index));
    }
    if (key->is_compromised) {
        (void)json_object_set_new(row, "compromised_since",
                                  json_integer((json_int_t)key->since_size));
    }
    (void)json_array_append_new(keys->history, row);
}

static void history_tell(const json_t *history)
{
    size_t i;
    json_t *row;
    json_array_foreach(history, i, row)
    {
        const json_t *index = json_object_get(row, "announced_in");
        if (index != NULL) {
            (void)printf(
                "%-7s announced in entry %lld, signs heads of more than %lld entries: %s\n",
                cli_shown(json_string_value(json_object_get(row, "log"))),
                (long long)json_integer_value(index),
                (long long)json_integer_value(json_object_get(row, "from_size")),
                cli_shown(json_string_value(json_object_get(row, "key"))));
        }
        const json_t *since = json_object_get(row, "compromised_since");
        if (since != NULL) {
            (void)printf(
                "        the key before it may be another's: heads of more than %lld entries "
                "that it alone has signed prove nothing\n",
                (long long)json_integer_value(since));
        }
    }
}

/* With a name that log's newest key alone, for scripts. */
static int log_keys_tell(const struct cli *cli, lf_client *client, const struct keys *told)
{
    const struct {
        const char *name;
        const char *key;
    } keys[] = {{"ledger", told->ledger},
                {"access", told->access},
                {"witness", lf_client_witness_key(client)}};
    const char *name = cli->operand_count > 1 ? cli->operands[1] : NULL;
    if (name == NULL && cli->json) {
        cli_json(json_pack("{s:s, s:s, s:s, s:O}", keys[0].name, keys[0].key, keys[1].name,
                           keys[1].key, keys[2].name, keys[2].key, "history", told->history));
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (name == NULL) {
            (void)printf("%-7s %s\n", keys[i].name, cli_shown(keys[i].key));
        } else if (strcmp(name, keys[i].name) == 0) {
            (void)puts(cli_shown(keys[i].key));
            return keys[i].key[0] != '\0' ? CLI_OK : CLI_NO;
        }
    }
    if (name == NULL) {
        history_tell(told->history);
    }
    return name == NULL ? CLI_OK : cli_usage("log keys: ledger, access or witness");
}

static int log_keys(const struct cli *cli, lf_client *client)
{
    struct keys keys = {.history = json_array()};
    lf_error err = LF_ERROR_INIT;
    int code = lf_log_keys(client, on_key, &keys, &err) == LF_OK ? CLI_OK : cli_fail(&err);
    code = code == CLI_OK ? log_keys_tell(cli, client, &keys) : code;
    json_decref(keys.history);
    return code;
}

struct reading {
    const struct cli *cli;
};

static json_t *tokens_json(const lf_access_entry *entry)
{
    json_t *tokens = json_array();
    for (size_t i = 0; i < entry->token_count; i++) {
        (void)json_array_append_new(tokens, json_string(entry->tokens[i]));
    }
    return tokens;
}

static void on_access(const lf_access_entry *entry, void *user)
{
    const struct reading *reading = user;
    if (reading->cli->json) {
        cli_json(json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:o, s:I, s:I, s:I, s:s, s:s, s:s, "
                           "s:s}",
                           "index", (json_int_t)entry->index, "at_ms", (json_int_t)entry->at_ms,
                           "member", entry->member, "act", entry->act, "purpose", entry->purpose,
                           "case", entry->case_number, "subjects", (json_int_t)entry->subjects,
                           "tokens", tokens_json(entry), "first", (json_int_t)entry->first, "next",
                           (json_int_t)entry->next, "told", (json_int_t)entry->told, "classes",
                           entry->classes, "result_sha256", entry->result_sha256, "note",
                           entry->note, "subject_root", entry->subject_root));
        return;
    }
    (void)printf("%llu\t%lld\t%s\t%s\t%s\t%u\t%s\n", (unsigned long long)entry->index,
                 (long long)entry->at_ms, cli_shown(entry->member), cli_shown(entry->act),
                 cli_shown(entry->purpose), entry->subjects, cli_shown(entry->note));
    cli_output_look();
}

static int log_access(const struct cli *cli, lf_client *client)
{
    struct reading reading = {cli};
    lf_audit audit = {.size = 0};
    lf_error err = LF_ERROR_INIT;
    if (lf_access_audit(client, on_access, &reading, &audit, &err) != LF_OK) {
        return cli_fail(&err);
    }
    (void)fprintf(
        stderr,
        "the access log is whole: %llu entries, %llu of them readable and checked, root %s\n",
        (unsigned long long)audit.size, (unsigned long long)audit.readable, audit.root);
    return CLI_OK;
}

static int log_prove(const struct cli *cli, lf_client *client)
{
    char *end = NULL;
    lf_proof proof = {.index = 0};
    lf_error err = LF_ERROR_INIT;
    errno = 0;
    unsigned long long index = strtoull(cli->operands[1], &end, 10);
    if (errno != 0 || *end != '\0' || cli->operands[1][0] < '0' || cli->operands[1][0] > '9') {
        return cli_usage("log prove: the index is a whole number");
    }
    if (lf_log_prove(client, index, &proof, &err) != LF_OK) {
        return cli_fail(&err);
    }
    json_t *path = json_array();
    for (size_t i = 0; i < proof.path_count; i++) {
        (void)json_array_append_new(path, json_string(proof.path[i]));
    }
    if (cli->json) {
        cli_json(json_pack("{s:I, s:I, s:s, s:o, s:s, s:s, s:s}", "index", (json_int_t)proof.index,
                           "size", (json_int_t)proof.size, "leaf", proof.leaf, "path", path, "root",
                           proof.root, "issuer", proof.issuer, "record", proof.record_id));
        return CLI_OK;
    }
    (void)printf("entry %llu is in the log of %llu entries: leaf %s, %zu hashes, root %s\n",
                 (unsigned long long)proof.index, (unsigned long long)proof.size, proof.leaf,
                 proof.path_count, proof.root);
    if (proof.issuer[0] != '\0') {
        (void)printf("it is record %s of %s\n", cli_shown(proof.record_id),
                     cli_shown(proof.issuer));
    }
    json_decref(path);
    return CLI_OK;
}

int cli_log(const struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(const struct cli *cli, lf_client *client);
        int operands;
    } acts[] = {{"checkpoint", log_checkpoint, 1},
                {"audit", log_audit, 1},
                {"keys", log_keys, 1},
                {"keys", log_keys, 2},
                {"access", log_access, 1},
                {"prove", log_prove, 2}};
    lf_client *client = NULL;
    if (cli->profile == NULL || cli->operand_count == 0) {
        return cli_usage("log needs --profile and checkpoint, audit, access, keys or prove INDEX");
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(cli->operands[0], acts[i].name) == 0 && cli->operand_count == acts[i].operands) {
            int code = cli_open(cli, &client);
            code = code == CLI_OK ? acts[i].run(cli, client) : code;
            return cli_close(client, code);
        }
    }
    return cli_usage("log knows checkpoint, audit, access, keys and prove INDEX");
}
