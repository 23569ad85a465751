/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/push.h - a stream of records that survives its program: each is in a spool on disk before
 * it is sent, and leaves it when it was answered. Opened again after a crash, a push goes on where it
 * was; because ids are derived from the ref, what had arrived already is answered DUPLICATE.
 *
 * Threads: one thread adds, commits and waits; any may ask lf_push_check() and lf_push_unanswered(). Results come on the
 * client's own thread, in the order of adding.
 * Errors: as in lianfang/client.h.
 */
#ifndef LF_PUSH_H
#define LF_PUSH_H

#include <lianfang/client.h>
#include <lianfang/record.h>

LF_BEGIN_DECLS

typedef struct lf_push lf_push;

/* What is added between two commits travels in one batch, which the ledger takes whole and in the order of adding, while
 * it is no more than this. Batches are under way side by side: the ledger may take a later one first. */
#define LF_PUSH_BATCH_RECORDS 256
#define LF_PUSH_BATCH_BYTES   1044480 /* of the records with their parts and signatures */

/* Called after the results of some records were told and before the spool forgets these: makes durable
 * what the program wrote about them. Another status than LF_OK ends the push with it, and they will be
 * told again. On the client's thread. */
typedef lf_status (*lf_push_settle_cb)(void *user);

/* How to push. Start from LF_PUSH_OPTIONS_INIT; zero means the default. */
typedef struct lf_push_options {
    size_t size;       /* of this struct; set by LF_PUSH_OPTIONS_INIT */
    const char *spool; /* a directory of this push alone, made when missing; required; copied */
    /* required; once a record: again only when the program ended between telling and forgetting. `user`
     * as below, result->tag as added */
    lf_result_cb done;
    lf_push_settle_cb settle; /* default NULL: nothing to make durable */
    void *user;               /* handed to both callbacks, otherwise unused */
    uint32_t patience_ms;     /* how long records are tried before the push ends; default the
                                 client's timeout_ms, or 60000 */
    /* records that may be in the spool; past it lf_push_add() says E_BUSY; default 65536 */
    uint32_t unanswered;
} lf_push_options;
#define LF_PUSH_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(lf_push_options), NULL, NULL, NULL, NULL, 0, 0                                      \
    }

/* Opens the spool and begins to send what it still holds (results with is_resumed). `client` is borrowed
 * until close. *out is owned: lf_push_close(). Reads and writes the disk. E_ARG; E_PRECONDITION when
 * another program has the spool; E_CORRUPT names the file and offset of damage that is no torn end;
 * E_IO, E_NOMEM. */
LF_API LF_MUST_USE lf_status lf_push_open(lf_client *client, const lf_push_options *options,
                                          lf_push **out, lf_error *err);
/* Stops sending, without waiting for answers: what is unanswered stays in the spool, what was not committed
 * is dropped. No callback after it returns. An empty spool is removed. Not from a callback. NULL is allowed. */
LF_API void lf_push_close(lf_push *push);

/* Adds a record; copies it. It may wait for others before it goes to disk: only a commit promises. `tag`
 * comes back in its result. E_ARG and E_TOO_BIG name a field; E_BUSY when too many are unanswered: wait.
 * Once the push has ended, the failure that ended it. */
LF_API LF_MUST_USE lf_status lf_push_add(lf_push *push, const lf_record *record, uint64_t tag,
                                         lf_error *err);
/* All that was added is on disk when this returns LF_OK. Blocks for the disk. E_IO, E_FULL. */
LF_API LF_MUST_USE lf_status lf_push_commit(lf_push *push, lf_error *err);
/* Commits, then blocks until at most `most` records are unanswered. E_DEADLINE after timeout_ms (0: looks
 * only). The failure that ended the push: E_UNAVAILABLE after the patience, E_DENIED and the like at once,
 * E_SIGNATURE for an answer that proves nothing; the records are in the spool all the same. Not from a
 * callback. */
LF_API LF_MUST_USE lf_status lf_push_wait(lf_push *push, uint64_t most, uint32_t timeout_ms,
                                          lf_error *err);
/* LF_OK while the push runs, otherwise the failure that ended it. Any thread. */
LF_API LF_MUST_USE lf_status lf_push_check(lf_push *push, lf_error *err);
/* Records added, also by earlier runs, and not answered. */
LF_API uint64_t lf_push_unanswered(lf_push *push);

LF_END_DECLS
#endif
