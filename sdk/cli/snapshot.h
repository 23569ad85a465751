/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/cli/snapshot.h - which lines a published list had when it was imported last. A line that is no longer in the
 * file has vanished: whether it left the list only a person can say.
 *
 * The state is a text file, sorted by nothing, a line a line; a run writes FILE.new and takes the old one's place at its
 * end, so an interrupted run leaves the old one. What is looked up stands in a table outside of the heap, which
 * the system may page out. Threads: the caller's lock.
 */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

#include <lianfang/lists.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SNAPSHOT_PATH_MAX = 4096, SNAPSHOT_FIELDS = 12 };

enum snapshot_standing { SNAPSHOT_UNKNOWN, SNAPSHOT_LISTED, SNAPSHOT_REMOVED };

/* One line of a list, as it is remembered. */
struct snapshot_line {
    const char *ref;
    uint32_t version;
    uint64_t digest;  /* of the listing's words: differs when they do */
    uint64_t removal; /* of the removal's; 0 when there is none */
    enum snapshot_standing standing;
    const char *uscc;
    const char *list;
    const char *region;
    const char *listed_on;
    const char *list_id;
    const char *authority;
    const char *reason_text;
};

struct snapshot_slot;
struct snapshot {
    char path[SNAPSHOT_PATH_MAX];
    FILE *old; /* NULL at the first import */
    FILE *fresh;
    char title[512]; /* of which layout, list and region it is */
    struct snapshot_slot *slots;
    size_t slot_count; /* a power of two */
    size_t lines;
};

/* CLI_OK, or the exit code after saying why not. `title` says whose state it is; one of another title is refused; NULL takes
 * what is there. `writes` false: for looking only. */
int snapshot_open(const char *path, const char *title, bool writes, struct snapshot *out);
/* What is remembered of a line. */
struct snapshot_known {
    enum snapshot_standing standing; /* UNKNOWN: nothing, and the rest is 0 */
    uint32_t version;
    uint64_t digest;
    uint64_t removal;
};
struct snapshot_known snapshot_find(const struct snapshot *s, const char *ref);
/* The file of this run has the line. */
void snapshot_seen(struct snapshot *s, const char *ref);
/* Remembers it as it stands in the ledger now. */
void snapshot_keep(struct snapshot *s, const struct snapshot_line *line);
/* Each listed line that this run has not seen; the text is borrowed for the call. */
typedef void snapshot_cb(const struct snapshot_line *line, void *user);
void snapshot_vanished(struct snapshot *s, snapshot_cb *each, void *user);
/* `is_whole`: the run came to its end, and its state takes the old one's place. CLI_OK, or the exit code after saying why
 * it could not be written. May be called for what was never opened. */
int snapshot_close(struct snapshot *s, bool is_whole);

#endif
