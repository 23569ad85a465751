/* SPDX-License-Identifier: Apache-2.0 */
/* What was written already may come again (an interrupted push that goes on, an answer that was lost), and is recognised by its
 * index. */
#include "cli/receipts.h"
#include "cli/index_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECEIPTS_VKEY_MAX = 512 };
static const char line_begins[] = "{\"line\":";

struct receipts {
    FILE *file;
    const char *path;
    lf_client *client;
    const char *ledger;       /* that the profile names */
    int failed;               /* errno of the first write that failed, or 0 */
    bool is_read;             /* the next is filled: not before something comes that may be there */
    struct index_set indexes; /* of this ledger, in the file */
};

int receipts_open(const char *path, lf_client *client, struct receipts **out)
{
    struct receipts *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return cli_usage("receipts: out of memory");
    }
    int code = cli_append(path, line_begins, &r->file);
    if (code != CLI_OK) {
        (void)receipts_close(r);
        return code;
    }
    r->path = path;
    r->client = client;
    r->ledger = lf_client_ledger_key(client);
    *out = r;
    return CLI_OK;
}

static bool line_take(struct receipts *r, const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    const json_t *index = json_object_get(line, "index");
    const char *ledger = json_string_value(json_object_get(line, "ledger"));
    bool is_ours = ledger != NULL && strcmp(ledger, r->ledger) == 0 && json_is_integer(index);
    bool good = !is_ours || index_set_add(&r->indexes, (uint64_t)json_integer_value(index));
    json_decref(line);
    return good;
}

/* A device or pipe has no lines to read back. */
static bool file_read(struct receipts *r)
{
    char *text = NULL;
    size_t room = 0;
    FILE *file = ftell(r->file) < 0 ? NULL : fopen(r->path, "re");
    bool good = fflush(r->file) == 0; /* lines of this run are lines, too */
    while (good && file != NULL && getline(&text, &room, file) >= 0) {
        good = line_take(r, text);
    }
    free(text);
    good = good && (file == NULL || ferror(file) == 0);
    if (file != NULL) {
        (void)fclose(file);
    }
    return good;
}

static void hex_of(lf_bytes bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        *out++ = digits[bytes.ptr[i] >> 4];
        *out++ = digits[bytes.ptr[i] & 15];
    }
    *out = '\0';
}

static bool line_write(struct receipts *r, unsigned number, const lf_result *result)
{
    char *hex = malloc(2 * result->envelope.len + 1);
    if (hex == NULL) {
        return false;
    }
    hex_of(result->envelope, hex);
    json_t *line = json_pack("{s:I, s:I, s:s, s:s, s:s}", "line", (json_int_t)number, "index",
                             (json_int_t)result->index, "ledger", r->ledger, "envelope", hex,
                             "receipt", result->receipt);
    char key[RECEIPTS_VKEY_MAX];
    if (lf_client_newest_key(r->client, key, sizeof key, NULL) == LF_OK &&
        strcmp(key, r->ledger) != 0) {
        (void)json_object_set_new(line, "key", json_string(key));
    }
    char *text = json_dumps(line, JSON_COMPACT);
    errno = text == NULL ? ENOMEM : errno;
    bool good = text != NULL && fprintf(r->file, "%s\n", text) >= 0;
    int cause = errno;
    free(text);
    free(hex);
    json_decref(line);
    errno = cause;
    return good;
}

static bool failed(struct receipts *r)
{
    r->failed = r->failed != 0 ? r->failed : errno;
    errno = r->failed;
    return false;
}

bool receipts_keep(struct receipts *receipts, unsigned line, const lf_result *result)
{
    struct receipts *r = receipts;
    if (r == NULL || result->envelope.len == 0) {
        return true;
    }
    bool may_be_there = result->is_resumed || result->outcome == LF_DUPLICATE;
    if (may_be_there && !r->is_read) {
        r->is_read = true;
        if (!file_read(r)) {
            return failed(r);
        }
    }
    if (may_be_there && index_set_has(&r->indexes, result->index)) {
        return true;
    }
    bool good =
        line_write(r, line, result) && (!r->is_read || index_set_add(&r->indexes, result->index));
    return good || failed(r);
}

/* Devices and pipes cannot be synced. A write that failed once is not made good by a later one. */
bool receipts_settle(struct receipts *receipts)
{
    struct receipts *r = receipts;
    if (r == NULL) {
        return true;
    }
    if (r->failed != 0 || fflush(r->file) != 0) {
        return failed(r);
    }
    return fdatasync(fileno(r->file)) == 0 || errno == EINVAL || errno == EROFS || failed(r);
}

bool receipts_close(struct receipts *receipts)
{
    struct receipts *r = receipts;
    if (r == NULL) {
        return true;
    }
    bool good = r->file == NULL || fclose(r->file) == 0 || r->failed != 0; /* told already */
    int cause = errno;
    index_set_done(&r->indexes);
    free(r);
    errno = cause;
    return good;
}
