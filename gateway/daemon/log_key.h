/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/daemon/log_key.h - the files of a log's key: FILE in force, FILE.new while it is changed, FILE.old for the overlap. */
#ifndef GW_DAEMON_LOG_KEY_H
#define GW_DAEMON_LOG_KEY_H

#include "gateway/daemon/daemon.h"
#include "gateway/exchange/log_keys.h"

#define GW_KEY_NEW ".new"
#define GW_KEY_OLD ".old"

/* The key file's path with one of these. */
lf_status gw_log_key_path(const char *path, const char *suffix, char out[static LF_PATH_MAX],
                          lf_error *err);
/* FILE.old, for the overlap; *out stays NULL when there is none. */
lf_status gw_log_key_old(const char *path, struct lf__secret **out, lf_error *err);
/* With another key than the log's newest we would sign what nobody believes. Says so when a rotation was begun and
 * not ended. */
lf_status gw_log_key_check(struct gw_roster *roster, enum gw_own_key which, const char *path,
                           const struct lf__secret *seed, lf_error *err);
/* All keys of a log, of the store's genesis and its LogKey records. */
lf_status gw_log_keys_of(struct st_engine *engine, const struct px_genesis *genesis,
                         enum gw_own_key which, struct gw_log_keys *out, lf_error *err);
/* FILE.old must be the key right before the one in force. `old` NULL: there is none, and that is good. */
lf_status gw_log_key_old_check(const struct gw_log_keys *keys, const char *path,
                               const struct lf__secret *old, lf_error *err);

#endif
