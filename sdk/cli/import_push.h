/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/import_push.h - the rows of an import on their way to the gateway and back. */
#ifndef CLI_IMPORT_PUSH_H
#define CLI_IMPORT_PUSH_H

#include "cli/import_queue.h"
#include "cli/receipts.h"

#include <lianfang/push.h>
#include <pthread.h>

struct import_push {
    struct import *im;
    lf_push *push;
    size_t open_records; /* added since the last commit */
    size_t open_bytes;   /* of them, about */
    pthread_mutex_t
        lock; /* over what follows, the import's counts, state and candidates, and the output */
    struct import_queue queue;
    struct receipts *receipts; /* NULL: none are asked for */
    uint64_t resumed;
    const char *failed_path; /* that could not be written, or NULL */
    int failed_errno;
    lf_error failure; /* that ends the run; OK while it goes on */
};

/* The end of a listing. */
struct import_removal {
    unsigned line;
    const struct snapshot_line *listing;
    const char *removed_on;
    const char *reason_text;
    const char *authority;
    const char *document;
};

/* CLI_OK, or the exit code after saying why not. import_push_close() in any case. `name` keeps its spool apart. */
int import_push_open(struct import *im, const char *name, struct import_push *out);
/* False when the run is over: interrupted, or failed. */
bool import_push_listing(struct import_push *p, const struct list_line *line);
bool import_push_removal(struct import_push *p, const struct import_removal *removal);
/* Waits for the last answer; CLI_OK when all rows have theirs. */
int import_push_finish(struct import_push *p);
/* Gives the exit code: `code`, or what closing found. */
int import_push_close(struct import_push *p, int code);

/* import_record.c: both as records; their tag is the line, of a removal with this bit. */
#define IMPORT_TAG_REMOVAL (UINT64_C(1) << 32)
lf_status import_listing_add(struct import_push *p, const struct list_line *line, uint32_t version,
                             lf_error *err);
lf_status import_removal_add(struct import_push *p, const struct import_removal *removal,
                             lf_error *err);

/* import --confirm-vanished FILE */
int import_confirm(const struct cli *cli);

#endif
