/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/log_keys.h - the keys that sign the heads of both logs, over time: the genesis names the first, and each
 * LogKey record in the ledger the next. Threads: any.
 */
#ifndef GW_LOG_KEYS_H
#define GW_LOG_KEYS_H

#include "gateway/exchange/roster/roster.h"
#include "protos/codec/log_key.h"
#include "storage/engine.h"

struct gw_exchange;

/* One key of a log. */
struct gw_log_key {
    struct lf__public_key key;
    uint64_t index;     /* of its announcement; 0: the genesis */
    uint64_t from_size; /* heads with more entries are signed by it */
};
struct gw_log_keys {
    struct gw_log_key list[PX_LOG_KEYS_MAX + 1]; /* from the oldest to the one in force */
    size_t count;
};
/* All that the store knows for one log; `genesis` is its entry 0. */
LF_MUST_USE lf_status gw_log_keys_read(struct st_txn *txn, const struct px_genesis *genesis,
                                       enum gw_own_key which, struct gw_log_keys *out,
                                       lf_error *err);
/* Which of them verifies the note: the head is told, and NULL or the key. As lf__checkpoint_open() fails. */
struct lf__merkle_head;
LF_MUST_USE lf_status gw_log_keys_open(const struct gw_log_keys *keys, const char *origin,
                                       lf_bytes note, struct lf__merkle_head *head, lf_error *err);

/* The announcement, signed by both: an envelope in `out`. */
struct gw_log_key_change {
    enum gw_own_key which;
    const char *origin;
    const struct lf__secret *old_seed;
    const struct lf__secret *new_seed;
    uint64_t from_size;
    bool is_compromised; /* the old key; since the log had */
    uint64_t since_size; /* so many entries */
};
LF_MUST_USE lf_status gw_log_key_make(const struct gw_log_key_change *change, struct lf__buf *out,
                                      lf_error *err);
/* Keeps the ledger's newest head beside the announcement at `index`: signed by the key before, it proves it later on. */
LF_MUST_USE lf_status gw_log_key_keep(struct gw_exchange *exchange, uint64_t index, lf_error *err);
/* Whether a head is kept for it. */
bool gw_log_key_is_kept(struct gw_exchange *exchange, uint64_t index);
/* The answer of Ledger.GetLogKeys. */
LF_MUST_USE lf_status gw_log_keys_answer(struct gw_exchange *exchange, struct lf__buf *out,
                                         lf_error *err);

#endif
