/* SPDX-License-Identifier: Apache-2.0 */
/* evidence: export makes one file that proves records; verify holds one against a trust file, with no network. */
#include "cli/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool index_read(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && text[0] >= '0' && text[0] <= '9';
}

static int export_tell(const struct cli *cli, const char *path, const lf_evidence_made *made)
{
    if (cli->json) {
        cli_json(json_pack("{s:s, s:I, s:b, s:s, s:I}", "file", path, "size",
                           (json_int_t)made->size, "published", (int)made->is_published, "genesis",
                           made->genesis, "beside", (json_int_t)made->beside));
        return CLI_OK;
    }
    (void)printf("%s: under the %s head of %llu entries; genesis %s\n", path,
                 made->is_published ? "published" : "newest, not yet published",
                 (unsigned long long)made->size, made->genesis);
    if (made->beside > 0) {
        (void)printf("%zu attachments are too large for it and must be kept beside it\n",
                     made->beside);
    }
    return CLI_OK;
}

static int export_run(const struct cli *cli, const lf_evidence_options *options)
{
    char name[48];
    lf_client *client = NULL;
    lf_evidence_made made = {.size = 0};
    lf_error err = LF_ERROR_INIT;
    (void)snprintf(name, sizeof name, "%llu.evidence", (unsigned long long)options->indexes[0]);
    const char *path = cli->out != NULL ? cli->out : name;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_evidence_export(client, options, path, &made, &err);
    lf_client_close(client);
    return rc == LF_OK ? export_tell(cli, path, &made) : cli_fail(&err);
}

static int evidence_export(const struct cli *cli)
{
    uint64_t indexes[LF_EVIDENCE_RECORDS_MAX] = {0};
    lf_evidence_options options = LF_EVIDENCE_OPTIONS_INIT;
    if (cli->profile == NULL || cli->operand_count == 0) {
        return cli_usage("evidence export needs --profile and the indexes of records");
    }
    if (cli->operand_count > LF_EVIDENCE_RECORDS_MAX) {
        return cli_usage("evidence export: at most 1000 records in one file");
    }
    for (int i = 0; i < cli->operand_count; i++) {
        if (!index_read(cli->operands[i], &indexes[i])) {
            return cli_usage("evidence export: an index is a whole number");
        }
    }
    options.indexes = indexes;
    options.index_count = (size_t)cli->operand_count;
    options.attach = cli->attach.items;
    options.attach_count = cli->attach.count;
    options.hide = cli->hide.items;
    options.hide_count = cli->hide.count;
    options.proofs = cli->tlog_proof;
    return export_run(cli, &options);
}

/* ---- trust ---- */

static int trust_tell(const struct cli *cli)
{
    char *text = cli_read_text(cli->out);
    if (text == NULL) {
        return CLI_USAGE;
    }
    (void)fputs(text, stdout);
    (void)fprintf(stderr, "lianfang: %s: compare it with what the operator publishes elsewhere\n",
                  cli->out);
    free(text);
    return CLI_OK;
}

static int evidence_trust(const struct cli *cli)
{
    size_t len = 0;
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->out == NULL || cli->operand_count != 0) {
        return cli_usage("evidence trust needs --profile and --out");
    }
    char *policy = cli->policy == NULL ? NULL : cli_read_bytes(cli->policy, &len);
    if (cli->policy != NULL && policy == NULL) {
        return CLI_USAGE;
    }
    int code = cli_open(cli, &client);
    lf_status rc = code == CLI_OK ? lf_evidence_trust(client, (lf_bytes){(uint8_t *)policy, len},
                                                      cli->out, &err)
                                  : LF_OK;
    lf_client_close(client);
    free(policy);
    return code != CLI_OK ? code : rc != LF_OK ? cli_fail(&err) : trust_tell(cli);
}

/* ---- verify ---- */

struct held {
    char *bundle;
    char *trust;
    char *beside[CLI_LIST_MAX];
    lf_bytes beside_bytes[CLI_LIST_MAX];
    size_t beside_count;
    size_t bundle_len;
    size_t trust_len;
};

static bool held_load(const struct cli *cli, struct held *held)
{
    held->bundle = cli_read_bytes(cli->operands[0], &held->bundle_len);
    held->trust = held->bundle == NULL ? NULL : cli_read_bytes(cli->trust, &held->trust_len);
    bool good = held->trust != NULL;
    for (size_t i = 0; good && i < cli->attach.count; i++) {
        size_t len = 0;
        held->beside[i] = cli_read_bytes(cli->attach.items[i], &len);
        good = held->beside[i] != NULL;
        held->beside_bytes[i] = (lf_bytes){(const uint8_t *)held->beside[i], len};
        held->beside_count += good ? 1 : 0;
    }
    return good;
}

static void held_free(struct held *held)
{
    free(held->bundle);
    free(held->trust);
    for (size_t i = 0; i < held->beside_count; i++) {
        free(held->beside[i]);
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* Half a report must not pass for a whole one. */
static int report_write(const struct cli *cli, const struct cli_verdict *verdict)
{
    struct stat info;
    FILE *file = fopen(cli->report, "we");
    if (file == NULL) {
        return cli_fail_file(cli->report);
    }
    bool is_file = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode);
    cli_evidence_report(file, ends_with(cli->report, ".html"), verdict);
    bool good = fflush(file) == 0 && ferror(file) == 0;
    if (fclose(file) == 0 && good) {
        return CLI_OK;
    }
    int code = cli_fail_file(cli->report);
    if (is_file) {
        (void)unlink(cli->report);
    }
    return code;
}

static int verdict_tell(const struct cli *cli, const struct cli_verdict *verdict)
{
    int code = cli->report == NULL ? CLI_OK : report_write(cli, verdict);
    if (cli->json) {
        cli_json(cli_evidence_json(verdict));
    } else if (verdict->evidence != NULL) {
        cli_evidence_text(verdict);
    } else {
        (void)printf("not proven: %s\n", cli_shown(verdict->why.message));
    }
    if (verdict->evidence != NULL) {
        return code;
    }
    return cli_fail(&verdict->why) == CLI_BUG ? CLI_BUG : CLI_NO;
}

static int evidence_verify(const struct cli *cli)
{
    struct held held = {.bundle = NULL};
    struct cli_verdict verdict = {.why = LF_ERROR_INIT};
    if (cli->operand_count != 1 || cli->trust == NULL) {
        return cli_usage("evidence verify needs a file and --trust");
    }
    if (!held_load(cli, &held)) {
        held_free(&held);
        return CLI_USAGE;
    }
    verdict.file = cli->operands[0];
    verdict.trust = cli->trust;
    lf_status rc =
        lf_evidence_verify((lf_bytes){(const uint8_t *)held.bundle, held.bundle_len},
                           (lf_bytes){(const uint8_t *)held.trust, held.trust_len},
                           held.beside_bytes, held.beside_count, &verdict.evidence, &verdict.why);
    bool is_unusable = rc != LF_OK && strcmp(verdict.why.field, "trust") == 0;
    int code = is_unusable ? cli_fail(&verdict.why) : verdict_tell(cli, &verdict);
    lf_evidence_free(verdict.evidence);
    held_free(&held);
    return is_unusable ? CLI_USAGE : code;
}

int cli_evidence(const struct cli *cli)
{
    static const struct cli_act acts[] = {{"export", evidence_export},
                                          {"trust", evidence_trust},
                                          {"verify", evidence_verify},
                                          {NULL, NULL}};
    return cli_act(cli, "evidence", acts);
}
