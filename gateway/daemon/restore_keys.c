/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the logs that come back. The backup's genesis and LogKey records name those up to its own end. A key that was taken
 * later is announced in what it lacks: witnesses keep the announcements, members do, and nobody has to be believed, since each is
 * signed by the key before. What such a key has signed is longer than the backup, so it never lets these logs go on.
 */
#include "gateway/daemon/restore.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "gateway/daemon/public.h"
#include "gateway/exchange/roster/genesis.h"
#include "gateway/exchange/succession.h"
#include "gateway/federation/http_post.h"
#include "gateway/federation/learned.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    KEYS_TIMEOUT_MS = 10000,
    KEYS_URL_MAX = LF_POLICY_URL_MAX + 96,
    KEYS_BODY_MAX = GW_LOG_KEYS_BODY_MAX,
    HTTP_OK = 200
};

static bool key_eq(const struct lf__public_key *a, const struct lf__public_key *b)
{
    return lf__bytes_eq(LF_BYTES_ARRAY(a->bytes), LF_BYTES_ARRAY(b->bytes));
}

/* One says more than the other, or they contradict each other. */
static lf_status learned_add(struct restored_log *log, const struct gw_learned *learned,
                             const char *who, lf_error *err)
{
    struct gw_log_keys *keys = &log->keys;
    for (size_t i = 0; i < learned->count; i++) {
        if (i < keys->count && !key_eq(&keys->list[i].key, &learned->list[i].key)) {
            return lf__fail(err, LF_E_PRECONDITION,
                            "%s: another key was announced than the backup or others say; "
                            "said by %.80s",
                            log->key.name, who);
        }
        if (i == keys->count) {
            keys->list[keys->count++] = (struct gw_log_key){
                learned->list[i].key, learned->list[i].index, learned->list[i].from_size};
        }
    }
    return LF_OK;
}

/* E_SIGNATURE: it does not hold. */
static lf_status answer_learn(struct restoring *r, lf_bytes answer, const char *who, lf_error *err)
{
    struct lf__note_key first[RESTORE_LOGS];
    struct gw_learned *learned = calloc(RESTORE_LOGS, sizeof *learned);
    lf_status rc = learned != NULL ? LF_OK : lf__fail(err, LF_E_NOMEM, "restore: out of memory");
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        rc = lf__note_key_make(r->logs[i].key.name, &r->logs[i].keys.list[0].key, &first[i], err);
    }
    lf_error why = LF_ERROR_INIT;
    if (rc == LF_OK && gw_learn(first, answer, learned, &why) != LF_OK) {
        rc = lf__refuse(err, LF_E_SIGNATURE, why.reason, "log-keys",
                        "%.80s: what it says of the logs' keys does not hold: %.60s", who,
                        why.message);
    }
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        rc = learned_add(&r->logs[i], &learned[i], who, err);
    }
    free(learned);
    return rc;
}

static lf_status file_learn(struct restoring *r, const char *file, lf_error *err)
{
    LF_BUF answer;
    lf__buf_init(&answer, KEYS_BODY_MAX);
    lf_status rc = lf__file_read(file, &answer, err);
    return rc == LF_OK ? answer_learn(r, lf__buf_bytes(&answer), file, err) : rc;
}

/* One that does not answer, keeps none, or keeps what does not hold, is judged when it is asked for its checkpoint. */
static lf_status witness_learn(struct restoring *r, const struct lf__policy_item *witness,
                               lf_error *err)
{
    char url[KEYS_URL_MAX];
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    struct lf__hash ledger = lf__sha256(lf__bytes_str(r->logs[0].key.name));
    struct gw_http_post get = {.url = url, .answer_max = KEYS_BODY_MAX};
    (void)lf__hex(lf__hash_bytes(&ledger), hex, sizeof hex);
    (void)snprintf(url, sizeof url, "%s/%s/log-keys", witness->url, hex);
    lf_status rc = gw_http_post_all(&get, 1, KEYS_TIMEOUT_MS, err);
    if (rc == LF_OK && get.status == HTTP_OK) {
        rc = answer_learn(r, lf__buf_bytes(&get.answer), witness->name, err);
        rc = rc == LF_E_SIGNATURE ? LF_OK : rc;
    }
    lf__buf_done(&get.answer);
    return rc;
}

static lf_status witnesses_learn(struct restoring *r, lf_error *err)
{
    struct lf__witness_policy *policy = NULL;
    lf_status rc = gw_public_policy(r->config.dir, r->config.http.witnesses, &policy, err);
    for (unsigned i = 0; rc == LF_OK && policy != NULL && i < policy->item_count; i++) {
        const struct lf__policy_item *item = &policy->items[i];
        rc = !item->is_group && !gw_restore_is_absent(r, item->name) ? witness_learn(r, item, err)
                                                                     : rc;
    }
    lf__witness_policy_free(policy);
    return rc;
}

/* The file of the key in force says it all the same, when nobody else does. */
static lf_status key_of_file_add(const struct restoring *r, struct restored_log *log, lf_error *err)
{
    char path[LF_PATH_MAX];
    LF_SECRET *seed = NULL;
    struct gw_log_keys *keys = &log->keys;
    lf_status rc = gw_config_path(&r->config, log->setting, path, err);
    if (rc != LF_OK || lf__secret_load(path, RESTORE_SEED, &seed, NULL) != LF_OK ||
        keys->count == LF_COUNT(keys->list)) {
        return rc; /* not there on this machine yet */
    }
    struct gw_log_key here = {.key = lf__sign_public(seed), .from_size = UINT64_MAX};
    for (size_t i = 0; i < keys->count; i++) {
        if (key_eq(&here.key, &keys->list[i].key)) {
            return LF_OK;
        }
    }
    keys->list[keys->count++] = here;
    return LF_OK;
}

static lf_status backup_read(struct restoring *r, int i, lf_error *err)
{
    char origin[LF_NOTE_NAME_MAX + 1];
    struct gw_log_keys *keys = &r->logs[i].keys;
    lf_status rc =
        gw_log_keys_of(r->engine, &r->genesis, i == 0 ? GW_OWN_LEDGER : GW_OWN_ACCESS, keys, err);
    rc =
        rc == LF_OK ? lf__origin_make(r->config.name, r->logs[i].name, r->number, origin, err) : rc;
    return rc == LF_OK
               ? lf__note_key_make(origin, &keys->list[keys->count - 1].key, &r->logs[i].key, err)
               : rc;
}

lf_status gw_restore_keys(struct restoring *r, lf_error *err)
{
    lf_status rc = gw_genesis_read(r->engine, &r->arena, &r->genesis, err);
    rc = rc == LF_OK ? gw_genesis_number(&r->genesis, &r->number, err) : rc;
    if (rc == LF_OK && !lf__bytes_eq_str(r->genesis.gateway, r->config.name)) {
        return lf__fail(err, LF_E_PRECONDITION, "backup: is of gateway %.*s, not %s",
                        (int)r->genesis.gateway.len, (const char *)r->genesis.gateway.ptr,
                        r->config.name);
    }
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        rc = backup_read(r, i, err);
    }
    rc =
        rc == LF_OK && r->options->log_keys != NULL ? file_learn(r, r->options->log_keys, err) : rc;
    rc = rc == LF_OK ? witnesses_learn(r, err) : rc;
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        rc = key_of_file_add(r, &r->logs[i], err);
    }
    return rc;
}
