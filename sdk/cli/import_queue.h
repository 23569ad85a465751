/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/cli/import_queue.h - rows that await their answers. Answers come in the order of adding, so a queue tells
 * which row each is of, and memory is bounded by what may be unanswered. Threads: the caller's lock.
 */
#ifndef CLI_IMPORT_QUEUE_H
#define CLI_IMPORT_QUEUE_H

#include "cli/import.h"

/* A row whose listing, removal or both were added. */
struct import_waiting {
    unsigned line;
    unsigned left; /* answers that are to come */
    bool has_listing;
    bool has_removal;
    bool has_undated_end;
    lf_outcome listing; /* 0: none yet */
    lf_outcome removal;
    uint64_t listing_index;
    uint64_t removal_index;
    lf_error *error; /* of the first refusal; NULL when there is none */
    const char *warnings[LIST_WARNINGS_MAX];
    size_t warning_count;
    struct snapshot_line remembered; /* of `texts` */
    char *texts;
};

struct import_queue {
    struct import_waiting *slots;
    size_t size;
    size_t first;
    size_t count;
};

bool import_queue_init(struct import_queue *queue, size_t size);
void import_queue_done(struct import_queue *queue);
/* The next free place with a copy of the line; NULL when memory or room is short. */
struct import_waiting *import_queue_add(struct import_queue *queue,
                                        const struct snapshot_line *line);
/* The oldest row; NULL when there is none. */
struct import_waiting *import_queue_first(struct import_queue *queue);
void import_queue_drop_first(struct import_queue *queue);
/* Takes back the newest, of which nothing was added. */
void import_queue_drop_last(struct import_queue *queue);

#endif
