/* SPDX-License-Identifier: Apache-2.0 */
/* receipt verify: offline, from a file that push --receipts wrote. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

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

static bool line_verify(const struct cli *cli, const json_t *line, uint64_t *index, lf_error *err)
{
    const char *receipt = json_string_value(json_object_get(line, "receipt"));
    const char *key =
        cli->key != NULL ? cli->key : json_string_value(json_object_get(line, "ledger"));
    size_t len = 0;
    uint8_t *envelope = unhex(json_string_value(json_object_get(line, "envelope")), &len);
    bool good = envelope != NULL && receipt != NULL && key != NULL;
    if (good) {
        good = lf_receipt_verify(receipt, (lf_bytes){envelope, len}, key, index, err) == LF_OK;
    } else {
        (void)snprintf(err->message, sizeof err->message, "not a line that push --receipts writes");
    }
    free(envelope);
    return good;
}

static int lines_verify(const struct cli *cli, char *text)
{
    unsigned good = 0;
    unsigned bad = 0;
    unsigned number = 0;
    char *save = NULL;
    for (char *at = strtok_r(text, "\n", &save); at != NULL; at = strtok_r(NULL, "\n", &save)) {
        json_t *line = json_loads(at, 0, NULL);
        uint64_t index = 0;
        lf_error err = LF_ERROR_INIT;
        bool holds = line_verify(cli, line, &index, &err);
        number++;
        good += holds ? 1 : 0;
        bad += holds ? 0 : 1;
        if (!holds) {
            (void)fprintf(stderr, "line %u: %s\n", number, err.message);
        }
        json_decref(line);
    }
    if (cli->json) {
        cli_json(json_pack("{s:i, s:i}", "valid", (int)good, "invalid", (int)bad));
    } else {
        (void)printf("%u receipts hold, %u do not%s\n", good, bad,
                     cli->key == NULL ? " (by the key in the file: --key says which one you trust)"
                                      : "");
    }
    return bad > 0 || good == 0 ? CLI_NO : CLI_OK;
}

int cli_receipt(const struct cli *cli)
{
    if (cli->operand_count != 2 || strcmp(cli->operands[0], "verify") != 0) {
        return cli_usage("receipt verify needs a file");
    }
    char *text = cli_read_text(cli->operands[1]);
    int code = text == NULL ? CLI_USAGE : lines_verify(cli, text);
    free(text);
    return code;
}
