/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/engine.h - an ordered, transactional key-value store with durable commits.
 *
 * Threads: one write transaction at a time, used by the thread that began it; any number of read
 * transactions, each used by one thread at a time. Values are borrowed until their transaction ends
 * (in a write transaction: until the next change). Nothing here knows what is stored.
 */
#ifndef ST_ENGINE_H
#define ST_ENGINE_H

#include <lianfang/base.h>
#include <stdbool.h>

enum {
    ST_KEY_MAX = 511,     /* bytes; LMDB's compiled limit. Crossed by engine_test */
    ST_TABLES = 32,       /* tables 0..31, named by whoever uses the store */
    ST_FORMAT_VERSION = 1 /* of the data directory */
};

struct st_engine;
struct st_txn;
struct st_cursor;

struct st_options {
    const char *path;   /* directory, made 0700 when missing; borrowed for the call */
    uint64_t map_bytes; /* address space to reserve; 0 means 1 TiB */
    bool is_reader; /* beside the process that writes: takes no lock of its own but one that keeps
                         * st_compact() away, changes nothing, refuses ST_WRITE */
    bool
        must_exist; /* nothing is made: E_NOT_FOUND when no store is there, as when its volume is not */
};

/* Takes the directory's exclusive lock: E_PRECONDITION when another process holds it. E_VERSION for
 * a format newer than ours. *out is owned: release with st_engine_close(). */
LF_MUST_USE lf_status st_engine_open(const struct st_options *options, struct st_engine **out,
                                     lf_error *err);
/* No transaction may be open. NULL allowed. */
void st_engine_close(struct st_engine *engine);

enum st_mode { ST_READ, ST_WRITE };
/* A read transaction sees the last commit as of now, unchanged until its end. After a failed commit
 * the engine refuses every ST_WRITE with E_IO: only a restart may go on. */
LF_MUST_USE lf_status st_txn_begin(struct st_engine *engine, enum st_mode mode, struct st_txn **out,
                                   lf_error *err);
/* Durable when OK. Ends the transaction in every case. */
LF_MUST_USE lf_status st_txn_commit(struct st_txn *txn, lf_error *err);
void st_txn_abort(struct st_txn *txn); /* NULL allowed */

static inline void st_txn_cleanup(struct st_txn **txn)
{
    st_txn_abort(*txn);
}
/* Aborted on any return, unless committed and set to NULL. */
#define ST_TXN __attribute__((cleanup(st_txn_cleanup))) struct st_txn

/* E_NOT_FOUND when absent. */
LF_MUST_USE lf_status st_get(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes *out,
                             lf_error *err);
/* Replaces. E_TOO_BIG for a key over ST_KEY_MAX, E_FULL when the map is full. */
LF_MUST_USE lf_status st_put(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes value,
                             lf_error *err);
/* As put, of a value that is made in place: the caller fills the `len` bytes of *room, all of them, before the next
 * change. Reading goes on meanwhile. */
LF_MUST_USE lf_status st_put_room(struct st_txn *txn, unsigned table, lf_bytes key, size_t len,
                                  uint8_t **room, lf_error *err);
/* As put, for keys that ascend: E_EXISTS unless `key` is above every key of the table. */
LF_MUST_USE lf_status st_append(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes value,
                                lf_error *err);
/* E_NOT_FOUND when absent. */
LF_MUST_USE lf_status st_delete(struct st_txn *txn, unsigned table, lf_bytes key, lf_error *err);

/* Removes every row. */
LF_MUST_USE lf_status st_clear(struct st_txn *txn, unsigned table, lf_error *err);

/* owned: close before the transaction ends. */
LF_MUST_USE lf_status st_cursor_open(struct st_txn *txn, unsigned table, struct st_cursor **out,
                                     lf_error *err);
void st_cursor_close(struct st_cursor *cursor); /* NULL allowed */
struct st_pair {
    lf_bytes key;
    lf_bytes value;
};
/* The first pair whose key is at or above `key`; an empty key means the first. E_NOT_FOUND at the end. */
LF_MUST_USE lf_status st_cursor_seek(struct st_cursor *cursor, lf_bytes key, struct st_pair *out,
                                     lf_error *err);
LF_MUST_USE lf_status st_cursor_next(struct st_cursor *cursor, struct st_pair *out, lf_error *err);
LF_MUST_USE lf_status st_cursor_last(struct st_cursor *cursor, struct st_pair *out, lf_error *err);

struct st_space {
    uint64_t disk_free; /* bytes that the file system has for us */
    uint64_t map_free;  /* bytes of the map that were never used */
    uint64_t file;      /* bytes of the data file */
};
/* Housekeeping: frees the slots of readers that died, so that their pages can be reused, keeps `reserve`
 * bytes allocated past the used part of the data file where the file system can, so that others cannot
 * take the last of the disk, and says what room there is. Cheap; any thread. */
LF_MUST_USE lf_status st_engine_tend(struct st_engine *engine, uint64_t reserve,
                                     struct st_space *out, lf_error *err);

/* A rename into the directory is durable once the directory is. */
LF_MUST_USE lf_status st_dir_flush(const char *path, lf_error *err);

/* An empty store in `dir` for one process and one transaction: nothing is durable, and nothing is left
 * of it when it is closed or the process dies. It reserves as much address space as `like`. */
LF_MUST_USE lf_status st_scratch_open(const char *dir, struct st_engine *like,
                                      struct st_engine **out, lf_error *err);

/* Rewrites the data file without free pages: what was deleted is then gone from it. Takes the
 * exclusive lock, and E_PRECONDITION while a reader of another process has the directory open. A crash
 * leaves the old file or the new one. */
LF_MUST_USE lf_status st_compact(const struct st_options *options, lf_error *err);

/* A check that finds damage leaves a mark in the directory, and st_ledger_open() refuses to sign while
 * it is there. `report` says what was found. */
LF_MUST_USE lf_status st_mark_damaged(const char *path, lf_bytes report, lf_error *err);
LF_MUST_USE lf_status st_clear_damaged(const char *path, lf_error *err);
/* E_CORRUPT when the mark is there. */
LF_MUST_USE lf_status st_engine_sound(const struct st_engine *engine, lf_error *err);

#endif
