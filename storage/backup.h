/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/backup.h - every row of a store in one sealed stream, and a store from it.
 *
 * Rows, not pages: what was deleted is not in a backup, and any engine can take it. Threads: one.
 *
 * The stream: "lianfang backup 1\n" || u8 key kind || 16-byte salt || 24-byte header, then chunks of
 * u32be length || sealed bytes. The first chunk vouches for what stands before it, the last one says
 * that it is the last. Their contents, joined: u8 table || u16be || u32be || key || value for each row,
 * table after table and ascending, then FF || u64be rows.
 */
#ifndef ST_BACKUP_H
#define ST_BACKUP_H

#include "base/crypto/seal.h"
#include "storage/engine.h"

enum st_backup_key { ST_BACKUP_KEY_FILE, ST_BACKUP_KEY_PASSPHRASE };

/* What stands in clear before the chunks. */
struct st_backup_head {
    enum st_backup_key kind;
    uint8_t salt[LF_SEAL_SALT]; /* of a passphrase; random otherwise */
};

/* Everything that the transaction sees, to `fd`, which is not flushed. */
LF_MUST_USE lf_status st_backup_write(struct st_txn *txn, int fd, const struct st_backup_head *head,
                                      const struct lf__secret *key, uint64_t *rows, lf_error *err);
/* Reads the head, so that the key can be found. E_FORMAT. */
LF_MUST_USE lf_status st_backup_head_read(int fd, struct st_backup_head *out, lf_error *err);
/* The rest of the stream into an empty store; durable when OK. E_SIGNATURE for another key or any
 * change, E_FORMAT for an end that comes early: the store is then worthless. */
LF_MUST_USE lf_status st_backup_read(int fd, const struct st_backup_head *head,
                                     const struct lf__secret *key, struct st_engine *engine,
                                     uint64_t *rows, lf_error *err);

#endif
