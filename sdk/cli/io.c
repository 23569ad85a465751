/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, files, progress and interruption: the same for every command. */
#include "cli/cli.h"

#include <errno.h>
#include <iconv.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_FILE_MAX = 1 << 30 };

/* Nobody may overlook that the gateway lies. */
static int fork_tell(const lf_error *err)
{
    static bool is_told;
    if (!is_told) {
        (void)fprintf(stderr,
                      "\n**** THE GATEWAY SHOWED TWO HISTORIES OF ITS LOG ****\n%s.\n"
                      "Believe nothing that it answers. Bring that file to the authority and to "
                      "the witnesses: both heads in it are signed by the gateway, and it cannot "
                      "deny them. (LOG_FORKED)\n\n",
                      cli_shown(err->message));
    }
    is_told = true;
    return CLI_NO;
}

/* What to do is not to be guessed: the operator says why the log began anew, and which key it has. */
static int succession_tell(const lf_error *err)
{
    static bool is_told;
    if (!is_told) {
        (void)fprintf(stderr,
                      "\n**** THE GATEWAY HAS BEGUN A NEW LOG ****\n%s.\n"
                      "It was restored from a backup that lacks the end of the old log. Nothing of "
                      "the new one is believed yet: ask its operator for the new keys and the "
                      "genesis that names the old log's last head, compare that head with your "
                      "receipts, put the new keys into the profile, and push again what the new "
                      "log lacks. (LOG_SUCCEEDED)\n\n",
                      cli_shown(err->message));
    }
    is_told = true;
    return CLI_NO;
}

void cli_rejected_tell(unsigned line, const lf_error *err)
{
    bool names_field = strncmp(err->message, err->field, strlen(err->field)) == 0;
    (void)fprintf(stderr, "line %u: rejected: %s%s%s (%s)\n", line,
                  names_field ? "" : cli_shown(err->field), names_field ? "" : ": ",
                  cli_shown(err->message), cli_shown(err->reason));
}

int cli_fail(const lf_error *err)
{
    if (strcmp(err->reason, "LOG_SUCCEEDED") == 0) {
        return succession_tell(err);
    }
    if (strcmp(err->reason, "LOG_FORKED") == 0) {
        return fork_tell(err);
    }
    const char *reason = err->reason[0] != '\0' ? err->reason : lf_status_name(err->status);
    const char *message = err->message[0] != '\0' ? err->message : lf_status_text(err->status);
    bool names_field = strncmp(message, err->field, strlen(err->field)) == 0;
    (void)fprintf(stderr, "lianfang: %s%s%s (%s)\n", names_field ? "" : cli_shown(err->field),
                  names_field ? "" : ": ", cli_shown(message), cli_shown(reason));
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

static void on_log(lf_log_level level, const char *event, const char *detail, void *user)
{
    (void)level;
    (void)user;
    if (strcmp(event, "state.unwritable") == 0) {
        (void)fprintf(stderr, "lianfang: the trusted head is not remembered: %s\n",
                      cli_shown(detail));
    } else if (strcmp(event, "log.key") == 0) {
        (void)fprintf(stderr, "lianfang: NEW LOG KEY: %s\n", cli_shown(detail));
    }
}

uint32_t cli_timeout(const struct cli *cli)
{
    enum { USUAL_S = 10, MOST_S = 3600 };
    char *end = NULL;
    const char *text = cli->timeout;
    long seconds = text == NULL ? USUAL_S : strtol(text, &end, 10);
    if (text != NULL &&
        (*text < '0' || *text > '9' || *end != '\0' || seconds < 1 || seconds > MOST_S)) {
        (void)fprintf(stderr, "lianfang: --timeout takes 1 to %d seconds\n", MOST_S);
        return 0;
    }
    return (uint32_t)seconds * 1000;
}

int cli_open(const struct cli *cli, lf_client **out)
{
    lf_error err = LF_ERROR_INIT;
    lf_client_options options = LF_CLIENT_OPTIONS_INIT;
    options.log = on_log;
    options.timeout_ms = cli_timeout(cli);
    if (options.timeout_ms == 0) {
        return CLI_USAGE;
    }
    lf_status rc = lf_client_open_with(cli->profile, &options, out, &err);
    int code = rc == LF_OK ? CLI_OK : cli_fail(&err);
    /* A profile that cannot be read is a wrong command, not a negative answer. */
    return code == CLI_NO && lf_status_kind(rc) == LF_KIND_PEER ? CLI_USAGE : code;
}

int cli_close(lf_client *client, int code)
{
    lf_error err = LF_ERROR_INIT;
    lf_status rc = client == NULL ? LF_OK : lf_client_settle(client, 0, &err);
    if (rc != LF_OK && strcmp(err.reason, "LOG_FORKED") == 0) {
        code = fork_tell(&err);
    } else if (rc != LF_OK && code == CLI_OK) {
        (void)fprintf(stderr, "lianfang: the log's newest head is not proven yet: %s\n",
                      cli_shown(err.message));
    }
    lf_client_close(client);
    return code;
}

int cli_fail_file(const char *path)
{
    (void)fprintf(stderr, "lianfang: %s: %s\n", path, strerror(errno));
    return errno == ENOSPC || errno == EIO || errno == EDQUOT || errno == EFBIG ? CLI_NO
                                                                                : CLI_USAGE;
}

/* Devices and pipes cannot be synced. A write that failed once is not made good by a later one. */
bool cli_file_settle(FILE *file, bool syncs)
{
    if (fflush(file) != 0) {
        return false;
    }
    if (ferror(file) != 0) {
        errno = EIO;
        return false;
    }
    return !syncs || fdatasync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS;
}

/* The stream remembers that it failed, and not why. */
const char cli_output_name[] = "standard output";
static int output_errno;

static void output_failed(void)
{
    output_errno = output_errno != 0 ? output_errno : errno;
}

void cli_output_look(void)
{
    if (ferror(stdout) != 0) {
        output_failed();
    }
}

bool cli_output_flush(void)
{
    errno = EIO;
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        output_failed();
    }
    errno = output_errno;
    return output_errno == 0;
}

void cli_json_to(json_t *value, FILE *to)
{
    char *text = json_dumps(value, JSON_COMPACT);
    char *shown = text == NULL ? NULL : cli_shown_json(text);
    if (fprintf(to, "%s\n", shown == NULL ? "{}" : shown) < 0 && to == stdout) {
        output_failed();
    }
    free(shown);
    free(text);
    json_decref(value);
}

void cli_json(json_t *value)
{
    cli_json_to(value, stdout);
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

void cli_interrupt_catch(void)
{
    struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    struct sigaction before;
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        (void)sigaction(SIGINT, &once, NULL); /* a job in the background is not the one meant */
    }
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}

/* Where the last whole line ends. False when what follows it is not the beginning of our own line. */
static bool tail_find(FILE *file, const char *line, long *whole, long *end)
{
    bool is_ours = true;
    *whole = 0;
    *end = 0;
    for (int c = fgetc(file); c != EOF; c = fgetc(file)) {
        size_t column = (size_t)(*end - *whole);
        is_ours = is_ours && (column >= strlen(line) || line[column] == (char)c);
        ++*end;
        if (c == '\n') {
            *whole = *end;
            is_ours = true;
        }
    }
    return is_ours;
}

int cli_append(const char *path, const char *line, FILE **out)
{
    long whole = 0;
    long end = 0;
    struct stat info;
    FILE *file = fopen(path, "a+e");
    *out = file;
    if (file == NULL) {
        return cli_fail_file(path);
    }
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        return CLI_OK;
    }
    if (!tail_find(file, line, &whole, &end)) {
        (void)fprintf(stderr,
                      "lianfang: %s: its last line has no end and is none of this command's: is it "
                      "another file?\n",
                      path);
        return CLI_USAGE;
    }
    return ferror(file) != 0 || (whole < end && ftruncate(fileno(file), whole) != 0)
               ? cli_fail_file(path)
               : CLI_OK;
}

/* False with errno when it cannot be read to its end. */
static bool stream_read(FILE *file, char **out, size_t *len)
{
    char *text = NULL;
    size_t size = 0;
    size_t used = 0;
    do {
        size = size == 0 ? 65536 : size * 2;
        char *grown = realloc(text, size + 1);
        if (grown == NULL) {
            free(text);
            return false;
        }
        text = grown;
        used += fread(text + used, 1, size - used, file);
    } while (feof(file) == 0 && ferror(file) == 0 && size < TEXT_FILE_MAX);
    if (ferror(file) != 0 || feof(file) == 0) {
        errno = ferror(file) != 0 ? errno : EFBIG;
        free(text);
        return false;
    }
    text[used] = '\0';
    *out = text;
    *len = used;
    return true;
}

char *cli_read_bytes(const char *path, size_t *len)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    char *text = NULL;
    if (file == NULL || !stream_read(file, &text, len)) {
        (void)cli_fail_file(path);
    } else if (*len == 0) {
        (void)fprintf(stderr, "lianfang: %s: is empty\n", path);
        free(text);
        text = NULL;
    }
    if (file != NULL && file != stdin) {
        (void)fclose(file);
    }
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
    char *raw = cli_read_bytes(path, &len);
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

const char *cli_instant(int64_t at_ms, char out[static CLI_INSTANT_SIZE])
{
    enum { SHANGHAI_S = 8 * 3600 };
    struct tm tm;
    time_t local = (time_t)(at_ms / 1000 + SHANGHAI_S);
    if (gmtime_r(&local, &tm) == NULL ||
        strftime(out, CLI_INSTANT_SIZE, "%Y-%m-%dT%H:%M:%S+08:00", &tm) == 0) {
        out[0] = '\0';
    }
    return out;
}

void cli_progress(const char *what, uint64_t done, uint64_t total)
{
    enum { WIDTH = 30 };
    static const char bar[] = "##############################";
    static uint64_t shown = UINT64_MAX;
    uint64_t per_cent = total == 0 ? 0 : done * 100 / total;
    if (isatty(STDERR_FILENO) == 0 || total == 0 || (per_cent == shown && done < total)) {
        return;
    }
    shown = done == total ? UINT64_MAX : per_cent;
    int filled = (int)(done * WIDTH / total);
    (void)fprintf(stderr, "\r%s [%-*.*s] %llu/%llu%s", what, WIDTH, filled, bar,
                  (unsigned long long)done, (unsigned long long)total, done == total ? "\n" : "");
}
