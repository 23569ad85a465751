/* SPDX-License-Identifier: Apache-2.0 */
/* receipt: verify offline, from a file that push --receipts wrote; refresh to the published head. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

/* NULL when not hex. */
static uint8_t *unhex(const char *hex, size_t *len)
{
    size_t n = hex == NULL ? 1 : strlen(hex);
    uint8_t *out = n % 2 != 0 ? NULL : malloc(n / 2 + 1);
    for (size_t i = 0; out != NULL && i < n / 2; i++) {
        int high = digit(hex[2 * i]);
        int low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            free(out);
            return NULL;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    *len = n / 2;
    return out;
}

/* What stands in the line beside the receipt is what people and scripts read. */
static bool index_fits(const json_t *line, uint64_t index, lf_error *err)
{
    const json_t *told = json_object_get(line, "index");
    bool good = json_is_integer(told) && (uint64_t)json_integer_value(told) == index;
    if (!good) {
        (void)snprintf(err->message, sizeof err->message,
                       "index: the receipt is of entry %llu, the line says another",
                       (unsigned long long)index);
    }
    return good;
}

struct verifying {
    const struct cli *cli;
    char *policy; /* text of --policy, or NULL */
    lf_client
        *client; /* whose profile has the keys, or NULL: by --key, --policy or the file itself */
    bool has_asked;
};

static void on_key(const lf_log_key *key, void *user)
{
    (void)key; /* it is the client that learns it */
    (void)user;
}

/* Offline, unless there is a key that the profile has not been led to: that is asked for once. */
static bool mine_verify(struct verifying *v, const char *receipt, lf_bytes envelope,
                        uint64_t *index, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = lf_receipt_verify_mine(v->client, receipt, envelope, index, err);
    if (rc != LF_OK && strcmp(err->reason, "SIGNATURE_MISSING") == 0 && !v->has_asked) {
        v->has_asked = true;
        rc = lf_log_keys(v->client, on_key, NULL, &why);
        rc = rc == LF_OK ? lf_receipt_verify_mine(v->client, receipt, envelope, index, err) : rc;
    }
    return rc == LF_OK;
}

static bool line_verify(struct verifying *v, const json_t *line, uint64_t *index, lf_error *err)
{
    const char *receipt = json_string_value(json_object_get(line, "receipt"));
    const json_t *own = json_object_get(line, "key"); /* only where it is not the ledger's first */
    const char *key = v->cli->key != NULL
                          ? v->cli->key
                          : json_string_value(own != NULL ? own : json_object_get(line, "ledger"));
    size_t len = 0;
    uint8_t *bytes = unhex(json_string_value(json_object_get(line, "envelope")), &len);
    lf_bytes envelope = {bytes, len};
    bool good =
        bytes != NULL && receipt != NULL && (key != NULL || v->policy != NULL || v->client != NULL);
    if (!good) {
        (void)snprintf(err->message, sizeof err->message, "not a line that push --receipts writes");
    } else if (v->policy != NULL) {
        good = lf_receipt_verify_witnessed(receipt, envelope, v->policy, index, NULL, err) == LF_OK;
    } else if (v->client != NULL) {
        good = mine_verify(v, receipt, envelope, index, err);
    } else {
        good = lf_receipt_verify(receipt, envelope, key, index, err) == LF_OK;
    }
    free(bytes);
    return good && index_fits(line, *index, err);
}

/* `is_own_key`: that of the file itself, which a forger would have put there. */
static void tell(const struct cli *cli, unsigned good, unsigned bad, bool is_own_key)
{
    static const char warning[] =
        "by the key in the file: --profile or --key says which one you trust";
    if (!cli->json) {
        (void)printf("%u receipts hold, %u do not%s%s%s\n", good, bad, is_own_key ? " (" : "",
                     is_own_key ? warning : "", is_own_key ? ")" : "");
        return;
    }
    json_t *line = json_pack("{s:i, s:i}", "valid", (int)good, "invalid", (int)bad);
    if (is_own_key) {
        (void)json_object_set_new(line, "warnings", json_pack("[s]", warning));
    }
    cli_json(line);
}

static int lines_verify(struct verifying *v, char *text)
{
    unsigned good = 0;
    unsigned bad = 0;
    unsigned number = 0;
    char *save = NULL;
    for (char *at = strtok_r(text, "\n", &save); at != NULL; at = strtok_r(NULL, "\n", &save)) {
        json_t *line = json_loads(at, 0, NULL);
        uint64_t index = 0;
        lf_error err = LF_ERROR_INIT;
        bool holds = line_verify(v, line, &index, &err);
        number++;
        good += holds ? 1 : 0;
        bad += holds ? 0 : 1;
        if (!holds) {
            (void)fprintf(stderr, "line %u: %s\n", number, cli_shown(err.message));
        }
        json_decref(line);
    }
    tell(v->cli, good, bad, v->cli->key == NULL && v->policy == NULL && v->client == NULL);
    return bad > 0 || good == 0 ? CLI_NO : CLI_OK;
}

static int receipt_verify(const struct cli *cli)
{
    struct verifying v = {.cli = cli};
    bool is_mine = cli->profile != NULL && cli->key == NULL && cli->policy == NULL;
    v.policy = cli->policy == NULL ? NULL : cli_read_text(cli->policy);
    char *text = cli->policy != NULL && v.policy == NULL ? NULL : cli_read_text(cli->operands[0]);
    int code = text == NULL ? CLI_USAGE : is_mine ? cli_open(cli, &v.client) : CLI_OK;
    code = code == CLI_OK ? lines_verify(&v, text) : code;
    code = cli_close(v.client, code);
    free(text);
    free(v.policy);
    return code;
}

/* ---- refresh ---- */

struct refreshing {
    json_t **lines;
    const char **receipts;
    size_t count;
    size_t good;
};

static void on_refreshed(size_t index, const char *receipt, const lf_error *err, void *user)
{
    struct refreshing *r = user;
    if (receipt == NULL) {
        (void)fprintf(stderr, "line %zu: %s\n", index + 1, cli_shown(err->message));
        return;
    }
    (void)json_object_set_new(r->lines[index], "receipt", json_string(receipt));
    r->good++;
}

static size_t lines_count(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++) {
        count += *text == '\n' ? 1 : 0;
    }
    return count;
}

/* False after a word about the line that is none. */
static bool lines_read(struct refreshing *r, char *text)
{
    size_t room = lines_count(text);
    char *save = NULL;
    r->lines = calloc(room, sizeof(json_t *));
    r->receipts = calloc(room, sizeof *r->receipts);
    if (r->lines == NULL || r->receipts == NULL) {
        (void)cli_usage("receipt refresh: the file is too large");
        return false;
    }
    for (char *at = strtok_r(text, "\n", &save); at != NULL; at = strtok_r(NULL, "\n", &save)) {
        json_t *line = json_loads(at, 0, NULL);
        r->lines[r->count] = line;
        r->receipts[r->count] = json_string_value(json_object_get(line, "receipt"));
        r->count++;
        if (r->receipts[r->count - 1] == NULL) {
            (void)fprintf(stderr, "line %zu: not a line that push --receipts writes\n", r->count);
            return false;
        }
    }
    return true;
}

/* Whole or not at all: in the place of the old file only once all of it is on the disk. */
static int lines_write(const struct refreshing *r, const char *path)
{
    char fresh[4096];
    int n = snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *file = n > 0 && (size_t)n < sizeof fresh ? fopen(fresh, "we") : NULL;
    if (file == NULL) {
        return cli_fail_file(path);
    }
    for (size_t i = 0; i < r->count; i++) {
        cli_json_to(json_incref(r->lines[i]), file);
    }
    bool good = fflush(file) == 0 && ferror(file) == 0 && fsync(fileno(file)) == 0;
    good = fclose(file) == 0 && good;
    if (!good || rename(fresh, path) != 0) {
        int code = cli_fail_file(path);
        (void)unlink(fresh);
        return code;
    }
    return CLI_OK;
}

static int refresh_run(const struct cli *cli, struct refreshing *r)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    int code = cli_open(cli, &client);
    if (code == CLI_OK &&
        lf_receipt_refresh(client, r->receipts, r->count, on_refreshed, r, &err) != LF_OK) {
        code = cli_fail(&err);
    }
    code = cli_close(client, code);
    if (code != CLI_OK) {
        return code;
    }
    code = lines_write(r, cli->out != NULL ? cli->out : cli->operands[0]);
    if (code == CLI_OK && cli->json) {
        cli_json(json_pack("{s:I, s:I}", "refreshed", (json_int_t)r->good, "left",
                           (json_int_t)(r->count - r->good)));
    } else if (code == CLI_OK) {
        (void)printf("%zu receipts refreshed, %zu left as they were\n", r->good,
                     r->count - r->good);
    }
    return code == CLI_OK && r->good < r->count ? CLI_NO : code;
}

static int receipt_refresh(const struct cli *cli)
{
    struct refreshing r = {.count = 0};
    char *text = cli_read_text(cli->operands[0]);
    int code = text != NULL && lines_read(&r, text) ? refresh_run(cli, &r) : CLI_USAGE;
    for (size_t i = 0; i < r.count; i++) {
        json_decref(r.lines[i]);
    }
    free(r.lines);
    free(r.receipts);
    free(text);
    return code;
}

int cli_receipt(const struct cli *cli)
{
    struct cli act = *cli;
    const char *what = cli->operand_count == 2 ? cli->operands[0] : "";
    act.operands++;
    act.operand_count--;
    if (strcmp(what, "verify") == 0) {
        return cli->out != NULL ? cli_usage("receipt verify writes nothing: no --out")
                                : receipt_verify(&act);
    }
    if (strcmp(what, "refresh") == 0) {
        return cli->profile == NULL || cli->key != NULL || cli->policy != NULL
                   ? cli_usage("receipt refresh needs --profile, and takes --out alone")
                   : receipt_refresh(&act);
    }
    return cli_usage("receipt verify or refresh needs a file");
}
