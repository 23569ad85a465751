/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/daemon/log_key.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdio.h>
#include <unistd.h>

enum { LOG_KEY_SEED = 32 };

lf_status gw_log_key_path(const char *path, const char *suffix, char out[static LF_PATH_MAX],
                          lf_error *err)
{
    int n = snprintf(out, LF_PATH_MAX, "%s%s", path, suffix);
    return n > 0 && n < LF_PATH_MAX ? LF_OK : lf__fail(err, LF_E_ARG, "%s: is too long", path);
}

lf_status gw_log_key_old(const char *path, struct lf__secret **out, lf_error *err)
{
    char old[LF_PATH_MAX];
    lf_status rc = gw_log_key_path(path, GW_KEY_OLD, old, err);
    return rc == LF_OK && access(old, F_OK) == 0 ? lf__secret_load(old, LOG_KEY_SEED, out, err)
                                                 : rc;
}

static bool is_key(const struct lf__secret *seed, const struct lf__hash *id)
{
    struct lf__public_key key = lf__sign_public(seed);
    struct lf__hash here = lf__key_id(&key);
    return lf__hash_eq(&here, id);
}

lf_status gw_log_key_check(struct gw_roster *roster, enum gw_own_key which, const char *path,
                           const struct lf__secret *seed, lf_error *err)
{
    char fresh[LF_PATH_MAX];
    LF_SECRET *next = NULL;
    struct lf__hash named = gw_roster_own_key(roster, which);
    if (is_key(seed, &named)) {
        return LF_OK;
    }
    bool is_begun = gw_log_key_path(path, GW_KEY_NEW, fresh, NULL) == LF_OK &&
                    lf__secret_load(fresh, LOG_KEY_SEED, &next, NULL) == LF_OK &&
                    is_key(next, &named);
    return is_begun
               ? lf__fail(err, LF_E_PRECONDITION,
                          "%s: its change was announced and not ended: run rotate-log-key%s again",
                          path, which == GW_OWN_ACCESS ? " --access" : "")
               : lf__fail(err, LF_E_PRECONDITION,
                          "%s: the genesis of this ledger names another key, and the newest LogKey "
                          "record does not name this one",
                          path);
}

lf_status gw_log_keys_of(struct st_engine *engine, const struct px_genesis *genesis,
                         enum gw_own_key which, struct gw_log_keys *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, err);
    return rc == LF_OK ? gw_log_keys_read(txn, genesis, which, out, err) : rc;
}

lf_status gw_log_key_old_check(const struct gw_log_keys *keys, const char *path,
                               const struct lf__secret *old, lf_error *err)
{
    struct lf__hash before = {.bytes = {0}};
    if (old == NULL) {
        return LF_OK;
    }
    if (keys->count > 1) {
        before = lf__key_id(&keys->list[keys->count - 2].key);
    }
    return keys->count > 1 && is_key(old, &before)
               ? LF_OK
               : lf__fail(err, LF_E_PRECONDITION,
                          "%s" GW_KEY_OLD ": is not the key before the one in force", path);
}
