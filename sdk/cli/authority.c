/* SPDX-License-Identifier: Apache-2.0 */
/* authority: offline, where its keys are: make a key, a genesis, sign a record, see what it says. */
#include "cli/cli.h"

#include <lianfang/members.h>

#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 16, LINE = 512, NOTE = 8192 };

static int authority_keygen(const struct cli *cli)
{
    char public_hex[65];
    lf_error err = LF_ERROR_INIT;
    if (cli->operand_count != 1) {
        return cli_usage("authority keygen needs a file to make");
    }
    if (lf_authority_key_make(cli->operands[0], public_hex, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:s, s:s}", "file", cli->operands[0], "public_key", public_hex));
    } else {
        (void)printf("made %s (keep it offline) and %s.pub: %s\n", cli->operands[0],
                     cli->operands[0], public_hex);
    }
    return CLI_OK;
}

/* Of a repeated field a list. */
static void field_json(const char *name, const char *value, void *user)
{
    json_t *fields = user;
    json_t *before = json_object_get(fields, name);
    if (before == NULL) {
        (void)json_object_set_new(fields, name, json_string(value));
    } else if (json_is_array(before)) {
        (void)json_array_append_new(before, json_string(value));
    } else {
        (void)json_object_set_new(fields, name, json_pack("[O, s]", before, value));
    }
}

static void field_line(const char *name, const char *value, void *user)
{
    FILE *to = user;
    (void)fprintf(to, "  %s: ", cli_shown(name));
    (void)fprintf(to, "%s\n", cli_shown(value));
}

lf_status cli_paper_sign(lf_paper *paper, const char *key, lf_error *err)
{
    (void)fprintf(stderr, "lianfang: to be signed, %s:\n", lf_paper_kind(paper));
    lf_status rc = lf_paper_fields(paper, field_line, stderr, err);
    return rc == LF_OK ? lf_paper_sign(paper, key, err) : rc;
}

static int told(const struct cli *cli, const lf_paper *paper, const char *file)
{
    int signatures = (int)lf_paper_signatures(paper);
    if (cli->json) {
        cli_json(json_pack("{s:s, s:s, s:i}", "file", file, "kind", lf_paper_kind(paper),
                           "signatures", signatures));
    } else {
        (void)printf("%s: %s with %d signature%s\n", file, lf_paper_kind(paper), signatures,
                     signatures == 1 ? "" : "s");
    }
    return CLI_OK;
}

static int authority_sign(const struct cli *cli)
{
    lf_paper *paper = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->operand_count != 1 || cli->authority_key == NULL) {
        return cli_usage("authority sign needs a record's file and --authority-key");
    }
    const char *to = cli->out != NULL ? cli->out : cli->operands[0];
    lf_status rc = lf_paper_read(cli->operands[0], &paper, &err);
    rc = rc == LF_OK ? cli_paper_sign(paper, cli->authority_key, &err) : rc;
    rc = rc == LF_OK ? lf_paper_write(paper, to, cli->out == NULL, &err) : rc;
    int code = rc == LF_OK ? told(cli, paper, to) : cli_fail(&err);
    lf_paper_free(paper);
    return code;
}

/* Where there is no gateway to ask yet: the first members of a new ledger. */
static int authority_enrol(const struct cli *cli)
{
    lf_paper *request = NULL;
    lf_paper *paper = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->operand_count != 1 || cli->authority_key == NULL || cli->out == NULL) {
        return cli_usage("authority enrol needs a request's file, --authority-key and --out");
    }
    lf_status rc = lf_paper_read(cli->operands[0], &request, &err);
    rc = rc == LF_OK ? lf_paper_enrol(request, &paper, &err) : rc;
    rc = rc == LF_OK ? cli_paper_sign(paper, cli->authority_key, &err) : rc;
    rc = rc == LF_OK ? lf_paper_write(paper, cli->out, false, &err) : rc;
    int code = rc == LF_OK ? told(cli, paper, cli->out) : cli_fail(&err);
    lf_paper_free(request);
    lf_paper_free(paper);
    return code;
}

static lf_status fields_tell(const struct cli *cli, const lf_paper *paper, lf_error *err)
{
    if (!cli->json) {
        (void)told(cli, paper, cli->operands[0]);
        return lf_paper_fields(paper, field_line, stdout, err);
    }
    json_t *fields = json_object();
    lf_status rc = lf_paper_fields(paper, field_json, fields, err);
    cli_json(json_pack("{s:s, s:s, s:i, s:o}", "file", cli->operands[0], "kind",
                       lf_paper_kind(paper), "signatures", (int)lf_paper_signatures(paper),
                       "fields", fields));
    return rc;
}

static int authority_show(const struct cli *cli)
{
    lf_paper *paper = NULL;
    lf_member member;
    lf_error err = LF_ERROR_INIT;
    if (cli->operand_count != 1) {
        return cli_usage("authority show needs a record's file");
    }
    if (lf_paper_read(cli->operands[0], &paper, &err) != LF_OK) {
        return cli_fail(&err);
    }
    int code = fields_tell(cli, paper, &err) == LF_OK ? CLI_OK : cli_fail(&err);
    if (lf_paper_member(paper, &member, &err) == LF_OK) {
        cli_member_tell(cli, &member);
    }
    lf_paper_free(paper);
    return code;
}

/* One word of a small file: "KEY = WORD" on a line, or the first line itself when `key` is NULL. */
static bool word_read(const char *path, const char *key, char out[LINE])
{
    char line[LINE];
    FILE *file = fopen(path, "re");
    bool found = false;
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        char *at = key == NULL ? line : strstr(line, " = ");
        found = key == NULL ||
                (at != NULL && strncmp(line, key, strlen(key)) == 0 && at == line + strlen(key));
        if (found) {
            (void)snprintf(out, LINE, "%s", key == NULL ? line : at + 3);
        }
    }
    if (file == NULL) {
        (void)cli_fail_file(path);
    } else {
        (void)fclose(file);
        if (!found) {
            (void)fprintf(stderr, "lianfang: %s: holds no %s\n", path, key == NULL ? "key" : key);
        }
    }
    return found;
}

/* A checkpoint as a file has it; "" without one. */
static bool note_read(const char *path, char out[NOTE])
{
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    size_t n = file == NULL ? 0 : fread(out, 1, NOTE - 1, file);
    out[n] = '\0';
    if (path != NULL && file == NULL) {
        (void)cli_fail_file(path);
        return false;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return path == NULL || (n > 0 && n < NOTE - 1 && strlen(out) == n) ||
           cli_usage("authority genesis: a file of --previous is no checkpoint") == CLI_OK;
}

static int authority_genesis(const struct cli *cli)
{
    static char keys[KEYS_MAX][LINE];
    const char *list[KEYS_MAX + 1] = {NULL};
    char gateway[LINE];
    char ledger[LINE];
    char access[LINE];
    char previous[2][NOTE];
    lf_paper *paper = NULL;
    lf_error err = LF_ERROR_INIT;
    int count = cli->operand_count - 1;
    if (count < 1 || count > KEYS_MAX || cli->threshold == NULL || cli->out == NULL) {
        return cli_usage("authority genesis needs GATEWAY.pub, 1 to 16 files KEY.pub, --threshold "
                         "and --out");
    }
    const char *file = cli->operands[0];
    bool good = word_read(file, "name", gateway) && word_read(file, "ledger_key", ledger) &&
                word_read(file, "access_key", access);
    good = good && note_read(cli->previous, previous[0]) &&
           note_read(cli->previous_access, previous[1]);
    for (int i = 0; good && i < count; i++) {
        good = word_read(cli->operands[i + 1], NULL, keys[i]);
        list[i] = keys[i];
    }
    if (!good) {
        return CLI_USAGE;
    }
    lf_genesis genesis = {.size = sizeof genesis,
                          .gateway = gateway,
                          .ledger_key = ledger,
                          .access_key = access,
                          .keys = list,
                          .threshold = (uint32_t)strtoul(cli->threshold, NULL, 10),
                          .is_test = cli->test,
                          .previous = previous[0],
                          .previous_access = previous[1]};
    lf_status rc = lf_paper_genesis(&genesis, &paper, &err);
    rc = rc == LF_OK ? lf_paper_write(paper, cli->out, false, &err) : rc;
    int code = rc == LF_OK ? told(cli, paper, cli->out) : cli_fail(&err);
    lf_paper_free(paper);
    return code;
}

int cli_authority(const struct cli *cli)
{
    return cli_act(cli, "authority",
                   (const struct cli_act[]){{"keygen", authority_keygen},
                                            {"genesis", authority_genesis},
                                            {"enrol", authority_enrol},
                                            {"sign", authority_sign},
                                            {"show", authority_show},
                                            {NULL, NULL}});
}
