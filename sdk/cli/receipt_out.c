/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts of a push or an import: a JSON line each, on disk before the spool forgets its record. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>

static void hex_of(lf_bytes bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        *out++ = digits[bytes.ptr[i] >> 4];
        *out++ = digits[bytes.ptr[i] & 15];
    }
    *out = '\0';
}

bool cli_receipt_write(FILE *to, lf_client *client, unsigned number, const lf_result *result)
{
    char *hex = malloc(2 * result->envelope.len + 1);
    if (hex == NULL) {
        return false;
    }
    hex_of(result->envelope, hex);
    json_t *line = json_pack("{s:I, s:I, s:s, s:s, s:s}", "line", (json_int_t)number, "index",
                             (json_int_t)result->index, "ledger", lf_client_ledger_key(client),
                             "envelope", hex, "receipt", result->receipt);
    char *text = json_dumps(line, JSON_COMPACT);
    errno = text == NULL ? ENOMEM : errno;
    bool good = text != NULL && fprintf(to, "%s\n", text) >= 0;
    free(text);
    free(hex);
    json_decref(line);
    return good;
}
