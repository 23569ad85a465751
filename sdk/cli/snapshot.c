/* SPDX-License-Identifier: Apache-2.0 */
/* State of a list: TAB-separated lines after a title. */
#include "cli/snapshot.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_BYTES = 20, SEEN = 1, KEPT = 2, TOLD = 4, SLOTS_MIN = 1024, HEX = 16 };
#define STATE_MARK "lianfang-list/v1"

struct snapshot_slot {
    unsigned char key[KEY_BYTES];
    uint32_t version; /* 0: the slot is free */
    uint64_t digest;
    uint64_t removal;
    uint8_t standing;
    uint8_t flags;
};

/* The key is the hex of the ref, which lf_list_ref() made. False for another text. */
static bool key_of(const char *ref, unsigned char key[static KEY_BYTES])
{
    static const char prefix[] = "list-";
    const char *hex = ref + strlen(prefix);
    if (strncmp(ref, prefix, strlen(prefix)) != 0 ||
        strspn(hex, "0123456789abcdef") != 2 * (size_t)KEY_BYTES ||
        hex[2 * (size_t)KEY_BYTES] != '\0') {
        return false;
    }
    for (size_t i = 0; i < KEY_BYTES; i++) {
        char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        key[i] = (unsigned char)strtoul(byte, NULL, HEX);
    }
    return true;
}

/* The slot of the key, or the free one where it belongs; NULL without a table. */
static struct snapshot_slot *slot_of(const struct snapshot *s, const char *ref)
{
    unsigned char key[KEY_BYTES];
    uint64_t at = 0;
    if (s->slots == NULL || !key_of(ref, key)) {
        return NULL;
    }
    memcpy(&at, key, sizeof at); /* a hash already */
    for (;; at++) {
        struct snapshot_slot *slot = &s->slots[at & (s->slot_count - 1)];
        if (slot->version == 0) {
            memcpy(slot->key, key, KEY_BYTES);
            return slot;
        }
        if (memcmp(slot->key, key, KEY_BYTES) == 0) {
            return slot;
        }
    }
}

/* ---- lines ---- */

/* Splits in place. False when it is no line of ours. */
static bool line_read(char *text, struct snapshot_line *out)
{
    char *fields[SNAPSHOT_FIELDS];
    char *end = NULL;
    text[strcspn(text, "\n")] = '\0';
    for (size_t i = 0; i < SNAPSHOT_FIELDS; i++) {
        fields[i] = strsep(&text, "\t");
        if (fields[i] == NULL) {
            return false;
        }
    }
    *out =
        (struct snapshot_line){.ref = fields[0],
                               .version = (uint32_t)strtoul(fields[1], &end, 10),
                               .digest = strtoull(fields[2], NULL, HEX),
                               .removal = strtoull(fields[3], NULL, HEX),
                               .standing = fields[4][0] == 'R' ? SNAPSHOT_REMOVED : SNAPSHOT_LISTED,
                               .uscc = fields[5],
                               .list = fields[6],
                               .region = fields[7],
                               .listed_on = fields[8],
                               .list_id = fields[9],
                               .authority = fields[10],
                               .reason_text = fields[11]};
    return text == NULL && out->version > 0 && *end == '\0';
}

/* A text as one field of a line. */
static void field_put(FILE *to, const char *text)
{
    (void)fputc('\t', to);
    for (; text != NULL && *text != '\0'; text++) {
        (void)fputc((unsigned char)*text < ' ' ? ' ' : *text, to);
    }
}

static void line_put(FILE *to, const struct snapshot_line *line)
{
    const char *texts[] = {line->uscc,    line->list,      line->region,     line->listed_on,
                           line->list_id, line->authority, line->reason_text};
    (void)fprintf(to, "%s\t%u\t%016llx\t%016llx\t%c", line->ref, line->version,
                  (unsigned long long)line->digest, (unsigned long long)line->removal,
                  line->standing == SNAPSHOT_REMOVED ? 'R' : 'L');
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        field_put(to, texts[i]);
    }
    (void)fputc('\n', to);
}

typedef bool line_cb(struct snapshot *s, const struct snapshot_line *line, void *user);

/* Every line of the old state. False after saying which is none. */
static bool lines_each(struct snapshot *s, line_cb *each, void *user)
{
    char *text = NULL;
    size_t size = 0;
    bool good = true;
    rewind(s->old);
    for (size_t number = 1; good && getline(&text, &size, s->old) >= 0; number++) {
        struct snapshot_line line;
        if (number == 1) {
            continue;
        }
        good = line_read(text, &line) && each(s, &line, user);
        if (!good) {
            (void)fprintf(stderr, "lianfang: %s: line %zu: is no line of a list's state\n", s->path,
                          number);
        }
    }
    free(text);
    return good && ferror(s->old) == 0;
}

/* ---- open ---- */

static bool line_count(struct snapshot *s, const struct snapshot_line *line, void *user)
{
    (void)line;
    (void)user;
    s->lines++;
    return true;
}

static bool line_load(struct snapshot *s, const struct snapshot_line *line, void *user)
{
    struct snapshot_slot *slot = slot_of(s, line->ref);
    (void)user;
    if (slot == NULL) {
        return false;
    }
    slot->version = line->version;
    slot->digest = line->digest;
    slot->removal = line->removal;
    slot->standing = (uint8_t)line->standing;
    return true;
}

/* Pages of a file without a name: the system may write them out when memory is short. */
static bool slots_make(struct snapshot *s)
{
    FILE *file = tmpfile();
    s->slot_count = SLOTS_MIN;
    while (s->slot_count < 2 * s->lines) {
        s->slot_count *= 2;
    }
    size_t bytes = s->slot_count * sizeof *s->slots;
    void *slots = file == NULL || ftruncate(fileno(file), (off_t)bytes) != 0
                      ? MAP_FAILED
                      : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    if (file != NULL) {
        (void)fclose(file);
    }
    s->slots = slots == MAP_FAILED ? NULL : slots;
    return s->slots != NULL;
}

static bool title_check(struct snapshot *s, const char *wanted)
{
    char title[sizeof s->title] = "";
    bool good = fgets(title, sizeof title, s->old) != NULL &&
                strncmp(title, STATE_MARK "\t", sizeof STATE_MARK) == 0;
    title[strcspn(title, "\n")] = '\0';
    if (!good) {
        (void)fprintf(stderr, "lianfang: %s: is not the state of a list\n", s->path);
        return false;
    }
    const char *theirs = title + sizeof STATE_MARK;
    if (wanted != NULL && strcmp(theirs, wanted) != 0) {
        (void)fprintf(stderr,
                      "lianfang: %s: is the state of another list (%s, not %s): all of that would "
                      "seem to have vanished\n",
                      s->path, cli_shown(theirs), cli_shown(wanted));
        return false;
    }
    (void)snprintf(s->title, sizeof s->title, "%s", theirs);
    return true;
}

static int old_open(struct snapshot *s, const char *title)
{
    s->old = fopen(s->path, "re");
    if (s->old == NULL) {
        if (errno != ENOENT || title == NULL) {
            return cli_fail_file(s->path);
        }
        (void)snprintf(s->title, sizeof s->title, "%s", title);
        return CLI_OK;
    }
    if (!title_check(s, title) || !lines_each(s, line_count, NULL)) {
        return CLI_USAGE;
    }
    if (!slots_make(s)) {
        return cli_fail_file(s->path);
    }
    return lines_each(s, line_load, NULL) ? CLI_OK : CLI_USAGE;
}

static void fresh_path(const struct snapshot *s, char out[static SNAPSHOT_PATH_MAX + 8])
{
    (void)snprintf(out, SNAPSHOT_PATH_MAX + 8, "%s.new", s->path);
}

/* Whether the file is still the one of this name: a run that ended meanwhile made it the state. */
static bool is_in_place(int fd, const char *path)
{
    struct stat ours;
    struct stat there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

/* Locked before it is emptied: two runs over one state would each forget what the other saw. */
static int fresh_open(struct snapshot *s)
{
    char path[SNAPSHOT_PATH_MAX + 8];
    fresh_path(s, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return cli_fail_file(path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !is_in_place(fd, path)) {
        (void)fprintf(stderr, "lianfang: %s: another import uses this state\n", s->path);
        (void)close(fd);
        return CLI_USAGE;
    }
    s->fresh = ftruncate(fd, 0) == 0 ? fdopen(fd, "w") : NULL;
    if (s->fresh == NULL) {
        int code = cli_fail_file(path);
        (void)close(fd);
        return code;
    }
    (void)fprintf(s->fresh, STATE_MARK "\t%s\n", s->title);
    return CLI_OK;
}

int snapshot_open(const char *path, const char *title, bool writes, struct snapshot *out)
{
    *out = (struct snapshot){.old = NULL};
    if (snprintf(out->path, sizeof out->path, "%s", path) >= (int)sizeof out->path) {
        errno = ENAMETOOLONG;
        return cli_fail_file(path);
    }
    int code = old_open(out, title);
    return code == CLI_OK && writes ? fresh_open(out) : code;
}

/* ---- a run ---- */

struct snapshot_known snapshot_find(const struct snapshot *s, const char *ref)
{
    const struct snapshot_slot *slot = slot_of(s, ref);
    if (slot == NULL || slot->version == 0) {
        return (struct snapshot_known){.standing = SNAPSHOT_UNKNOWN};
    }
    return (struct snapshot_known){slot->standing, slot->version, slot->digest, slot->removal};
}

void snapshot_seen(struct snapshot *s, const char *ref)
{
    struct snapshot_slot *slot = slot_of(s, ref);
    if (slot != NULL && slot->version > 0) {
        slot->flags |= SEEN;
    }
}

void snapshot_keep(struct snapshot *s, const struct snapshot_line *line)
{
    struct snapshot_slot *slot = slot_of(s, line->ref);
    if (slot != NULL && slot->version > 0) {
        slot->flags |= SEEN | KEPT;
    }
    if (s->fresh != NULL) {
        line_put(s->fresh, line);
    }
}

struct vanished_job {
    snapshot_cb *each;
    void *user;
};

/* A file may have a line twice; it has vanished once. */
static bool line_vanished(struct snapshot *s, const struct snapshot_line *line, void *user)
{
    const struct vanished_job *job = user;
    struct snapshot_slot *slot = slot_of(s, line->ref);
    if (slot != NULL && slot->version > 0 && (slot->flags & (SEEN | TOLD)) == 0 &&
        slot->standing == SNAPSHOT_LISTED) {
        slot->flags |= TOLD;
        job->each(line, job->user);
    }
    return true;
}

void snapshot_vanished(struct snapshot *s, snapshot_cb *each, void *user)
{
    struct vanished_job job = {each, user};
    if (s->old != NULL) {
        (void)lines_each(s, line_vanished, &job);
    }
}

/* ---- close ---- */

/* What the run said nothing about stays as it was. */
static bool line_carry(struct snapshot *s, const struct snapshot_line *line, void *user)
{
    struct snapshot_slot *slot = slot_of(s, line->ref);
    (void)user;
    if (slot != NULL && (slot->flags & KEPT) == 0) {
        struct snapshot_line last = *line; /* of a line that is there twice, what was said last */
        last.version = slot->version;
        last.digest = slot->digest;
        last.removal = slot->removal;
        last.standing = slot->standing;
        slot->flags |= KEPT;
        line_put(s->fresh, &last);
    }
    return true;
}

static int fresh_settle(struct snapshot *s, bool is_whole)
{
    char path[SNAPSHOT_PATH_MAX + 8];
    fresh_path(s, path);
    if (!is_whole) {
        (void)unlink(path);
        return CLI_OK;
    }
    bool good = s->old == NULL || lines_each(s, line_carry, NULL);
    good = fflush(s->fresh) == 0 && ferror(s->fresh) == 0 && good;
    good = good && fdatasync(fileno(s->fresh)) == 0 && rename(path, s->path) == 0;
    return good ? CLI_OK : cli_fail_file(path);
}

int snapshot_close(struct snapshot *s, bool is_whole)
{
    int code = CLI_OK;
    if (s->fresh != NULL) {
        code = fresh_settle(s, is_whole);
        (void)fclose(s->fresh);
    }
    if (s->old != NULL) {
        (void)fclose(s->old);
    }
    if (s->slots != NULL) {
        (void)munmap(s->slots, s->slot_count * sizeof *s->slots);
    }
    *s = (struct snapshot){.old = NULL};
    return code;
}
