/* SPDX-License-Identifier: Apache-2.0 */
/* client/spool_internal.h - shared by writing (spool.c) and loading (spool_load.c). */
#ifndef LF__SPOOL_INTERNAL_H
#define LF__SPOOL_INTERNAL_H

#include "base/crypto/hash.h"
#include "client/spool.h"

#include <pthread.h>
#include <sys/types.h>

enum {
    SPOOL_BATCH = 'B',
    SPOOL_DONE = 'D',
    SPOOL_HEAD = 17,
    SPOOL_HEAD_SUM = 4,
    SPOOL_SUM = 16,
    SPOOL_NAME = 32
};

struct spool_batch {
    uint64_t sequence;
    uint64_t segment; /* its name's number */
    off_t at;         /* of the frame */
    size_t len;       /* of the payload */
};
struct lf__spool {
    char dir[4096];
    int dir_fd;
    int lock_fd;
    pthread_mutex_t lock; /* over what follows */
    int write_fd;
    uint64_t segment; /* the one that is written */
    off_t size;       /* its good end */
    uint64_t last;    /* sequence given */
    uint64_t inherited;
    struct spool_batch *list; /* not answered, in order */
    size_t count;
    size_t room;
    bool is_loaded;
    bool is_broken; /* holds bytes behind its good end that could not be cut off */
};

lf_status lf__spool_fail(const struct lf__spool *spool, const char *name, lf_error *err);
void lf__spool_name(uint64_t first, char out[static SPOOL_NAME]);
/* Makes a segment the one that is written, at its beginning. */
lf_status lf__spool_segment(struct lf__spool *spool, uint64_t first, lf_error *err);
/* Notes a batch at the end of the segment. */
lf_status lf__spool_keep(struct lf__spool *spool, uint64_t sequence, size_t len, lf_error *err);
bool lf__spool_drop(struct lf__spool *spool, uint64_t sequence);
lf_status lf__spool_load(struct lf__spool *spool, lf_error *err);

#endif
