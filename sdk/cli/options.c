/* SPDX-License-Identifier: Apache-2.0 */
/* Options, errors, files and progress: the same for every command. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_FILE_MAX = 1 << 30 };

bool cli_parse(int argc, char **argv, struct cli *out)
{
    struct cli cli = {.profile = getenv("LIANFANG_PROFILE")};
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"profile", &cli.profile}, {"kind", &cli.kind},        {"receipts", &cli.receipts},
                 {"map", &cli.map},         {"purpose", &cli.purpose},  {"case", &cli.case_number},
                 {"file", &cli.file},       {"column", &cli.column},    {"out", &cli.out},
                 {"issuer", &cli.issuer},   {"record", &cli.record_id}, {"ref", &cli.ref},
                 {"reason", &cli.reason},   {"note", &cli.note},        {"key", &cli.key}};
    struct option options[sizeof texts / sizeof texts[0] + 3] = {
        {"json", no_argument, NULL, 'j'}, {"update", no_argument, NULL, 'u'}};
    size_t count = sizeof texts / sizeof texts[0];
    for (size_t i = 0; i < count; i++) {
        options[i + 2] = (struct option){texts[i].name, required_argument, NULL, 0};
    }
    int at = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", options, &at)) != -1) {
        if (option == 'j') {
            cli.json = true;
        } else if (option == 'u') {
            cli.update = true;
        } else if (option == 0) {
            *texts[at - 2].to = optarg;
        } else {
            return false;
        }
    }
    cli.operands = argv + optind;
    cli.operand_count = argc - optind;
    *out = cli;
    return true;
}

int cli_fail(const lf_error *err)
{
    const char *reason = err->reason[0] != '\0' ? err->reason : lf_status_name(err->status);
    (void)fprintf(stderr, "lianfang: %s%s%s (%s)\n", err->field, err->field[0] != '\0' ? ": " : "",
                  err->message[0] != '\0' ? err->message : lf_status_text(err->status), reason);
    switch (lf_status_kind(err->status)) {
    case LF_KIND_BUSY:
        return CLI_UNREACHABLE;
    case LF_KIND_BUG:
        return CLI_BUG;
    case LF_KIND_PEER:
        return err->status == LF_E_DENIED || err->status == LF_E_UNAUTHENTICATED ? CLI_NOT_ALLOWED
                                                                                 : CLI_NO;
    case LF_KIND_CALLER:
        return CLI_USAGE;
    case LF_KIND_LOCAL:
    case LF_KIND_NONE:
        break;
    }
    return CLI_NO;
}

void cli_json(json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    (void)puts(text == NULL ? "{}" : text);
    free(text);
    json_decref(value);
}

static char *file_load(const char *path, size_t *len)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    size_t used = 0;
    size_t n = 1;
    while (file != NULL && n > 0 && size < TEXT_FILE_MAX) {
        size = size == 0 ? 65536 : size * 2;
        char *grown = realloc(text, size + 1);
        if (grown == NULL) {
            break;
        }
        text = grown;
        n = fread(text + used, 1, size - used, file);
        used += n;
    }
    if (file == NULL || n > 0) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", path,
                      file == NULL ? strerror(errno) : "is too large");
        free(text);
        text = NULL;
    } else {
        text[used] = '\0';
    }
    if (file != NULL && file != stdin) {
        (void)fclose(file);
    }
    *len = used;
    return text;
}

/* NULL when the bytes are not of this encoding. */
static char *text_convert(const char *from, const char *text, size_t len)
{
    iconv_t converter = iconv_open("UTF-8", from);
    char *out = malloc(len * 2 + 1);
    char *in = (char *)(uintptr_t)text;
    char *to = out;
    size_t room = len * 2;
    bool good = converter != (iconv_t)-1 && out != NULL &&
                iconv(converter, &in, &len, &to, &room) != (size_t)-1;
    if (converter != (iconv_t)-1) {
        (void)iconv_close(converter);
    }
    if (!good) {
        free(out);
        return NULL;
    }
    *to = '\0';
    return out;
}

char *cli_read_text(const char *path)
{
    size_t len = 0;
    char *raw = file_load(path, &len);
    if (raw == NULL) {
        return NULL;
    }
    bool has_mark = len >= 3 && memcmp(raw, "\xef\xbb\xbf", 3) == 0;
    const char *start = has_mark ? raw + 3 : raw;
    len -= has_mark ? 3 : 0;
    char *text = memchr(start, 0, len) != NULL ? NULL : text_convert("UTF-8", start, len);
    if (text == NULL && !has_mark && memchr(start, 0, len) == NULL) {
        text = text_convert("GB18030", start, len);
    }
    if (text == NULL) {
        (void)fprintf(stderr, "lianfang: %s: is neither UTF-8 nor GB18030 text\n", path);
    }
    free(raw);
    return text;
}

void cli_progress(const char *what, uint64_t done, uint64_t total)
{
    enum { WIDTH = 30 };
    static const char bar[] = "##############################";
    if (isatty(STDERR_FILENO) == 0 || total == 0) {
        return;
    }
    int filled = (int)(done * WIDTH / total);
    (void)fprintf(stderr, "\r%s [%-*.*s] %llu/%llu%s", what, WIDTH, filled, bar,
                  (unsigned long long)done, (unsigned long long)total, done == total ? "\n" : "");
}
