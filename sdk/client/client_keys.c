/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the gateway's logs as this client knows them: remembered, and asked for when a head is signed by none of them. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <string.h>

enum { KEYS_ARENA = 4 << 20, KEYS_CALL_MS = 5000 };
#define KEYS_PAUSE_NS 1000000000

static struct lf__key_chain *chain_of(lf_client *client, enum px_log log)
{
    return &client->chains[log == PX_LOG_ACCESS ? 1 : 0];
}

static void key_tell(lf_client *client, const struct lf__chain_key *old,
                     const struct lf__chain_key *key)
{
    LF_BUF vkey;
    lf__buf_init(&vkey, 1024);
    (void)lf__note_key_format(&key->key, &vkey);
    lf__client_log(client, LF_LOG_WARN, "log.key",
                   "%s has a new key, which the old one (%08x) announced in entry %llu: put %.*s "
                   "into the profile%s",
                   key->key.name, (unsigned)old->key.id, (unsigned long long)key->index,
                   (int)vkey.len, (const char *)vkey.ptr,
                   key->is_compromised ? "; the old one may be another's: take it out of trust "
                                         "files, and have new evidence made"
                                       : "");
}

/* Under the lock. What it adds is told once: remembered, it is not new the next time. */
static lf_status learn(lf_client *client, lf_bytes answer, bool is_news, lf_error *err)
{
    LF_ARENA arena;
    struct px_log_key_proof *list = NULL;
    size_t count = 0;
    size_t known[LF__CHAINS];
    lf__arena_init(&arena, KEYS_ARENA);
    for (size_t i = 0; i < LF__CHAINS; i++) {
        known[i] = atomic_load(&client->chains[i].count);
    }
    lf_status rc = px_log_key_proofs_decode(&arena, answer, &list, &count, err);
    rc = rc == LF_OK ? lf__key_chains_learn(client->chains, list, count, NULL, err) : rc;
    for (size_t i = 0; is_news && i < LF__CHAINS; i++) {
        const struct lf__key_chain *chain = &client->chains[i];
        for (size_t k = known[i]; k > 0 && k < atomic_load(&chain->count); k++) {
            key_tell(client, &chain->list[k - 1], &chain->list[k]);
        }
    }
    return rc;
}

static void answer_keep(lf_client *client, lf_bytes answer)
{
    lf_error err = LF_ERROR_INIT;
    lf__buf_clear(&client->keys_answer);
    (void)lf__buf_append(&client->keys_answer, answer);
    if (client->heads.dir[0] != '\0' &&
        lf__trust_keys_put(client->heads.dir, &client->profile.ledger, answer, &err) != LF_OK) {
        lf__client_log(client, LF_LOG_WARN, "state.unwritable", "%s", err.message);
    }
}

lf_status lf__client_keys_learn(lf_client *client, lf_bytes answer, lf_error *err)
{
    (void)pthread_mutex_lock(&client->keys_lock);
    size_t before = atomic_load(&client->chains[0].count) + atomic_load(&client->chains[1].count);
    lf_status rc = learn(client, answer, true, err);
    bool is_more =
        atomic_load(&client->chains[0].count) + atomic_load(&client->chains[1].count) > before;
    if (rc == LF_OK && is_more) {
        answer_keep(client, answer);
    }
    (void)pthread_mutex_unlock(&client->keys_lock);
    return rc;
}

lf_status lf__client_keys_ask(lf_client *client, struct lf__buf *answer, lf_error *err)
{
    uint32_t retry_ms = 0;
    lf_status rc = lf__channel_call(client->channel, "/lianfang.v1.Ledger/GetLogKeys",
                                    LF_BYTES_NONE, KEYS_CALL_MS, answer, &retry_ms, err);
    return rc == LF_OK ? lf__client_keys_learn(client, lf__buf_bytes(answer), err) : rc;
}

/* At most once a second after it was in vain: a gateway whose key is another is not asked for each of its answers. */
static bool may_ask(lf_client *client)
{
    int64_t now = lf__clock_monotonic_ns();
    (void)pthread_mutex_lock(&client->keys_lock);
    bool may = client->channel != NULL &&
               (client->keys_asked_ns == 0 || now - client->keys_asked_ns > KEYS_PAUSE_NS);
    (void)pthread_mutex_unlock(&client->keys_lock);
    return may;
}

static void asked_note(lf_client *client, bool is_vain)
{
    (void)pthread_mutex_lock(&client->keys_lock);
    client->keys_asked_ns = is_vain ? lf__clock_monotonic_ns() : 0;
    (void)pthread_mutex_unlock(&client->keys_lock);
}

/* Where an announcement did not hold, that is why there is no new key; where nobody could be asked, the head may be good all the
 * same, and the next try tells. */
static lf_status ask_and_open(lf_client *client, struct lf__key_chain *chain, lf_bytes note,
                              struct lf__merkle_head *head, const lf_error *missing, lf_error *err)
{
    LF_BUF answer;
    lf_error why = LF_ERROR_INIT;
    lf__buf_init(&answer, CLIENT_KEYS_MAX);
    lf_status rc = lf__client_keys_ask(client, &answer, &why);
    bool is_later = rc != LF_OK && lf_status_kind(rc) == LF_KIND_BUSY;
    if (rc == LF_OK) {
        rc = lf__key_chain_open(chain, note, head, NULL, &why);
    } else if (rc != LF_E_SIGNATURE && !is_later) {
        rc = LF_E_SIGNATURE;
        why = *missing;
    }
    asked_note(client, rc != LF_OK && !is_later);
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

lf_status lf__head_open(lf_client *client, enum px_log log, lf_bytes note,
                        struct lf__merkle_head *head, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    struct lf__key_chain *chain = chain_of(client, log);
    if (atomic_load(&chain->count) == 0) { /* not begun, or a log that the profile does not name */
        return lf__checkpoint_open(
            note, log == PX_LOG_ACCESS ? &client->profile.access : &client->profile.ledger, head,
            err);
    }
    lf_status rc = lf__key_chain_open(chain, note, head, NULL, &why);
    if (rc != LF_OK && strcmp(why.reason, "SIGNATURE_MISSING") == 0 && may_ask(client)) {
        return ask_and_open(client, chain, note, head, &why, err);
    }
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

lf_status lf__head_reopen(lf_client *client, lf_bytes note, struct lf__merkle_head *head,
                          bool *is_retired, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = lf__head_open(client, PX_LOG_LEDGER, note, head, &why);
    *is_retired = rc != LF_OK && strcmp(why.reason, "LOG_KEY_RETIRED") == 0;
    if (*is_retired) {
        return lf__key_chain_reopen(chain_of(client, PX_LOG_LEDGER), note, head, err);
    }
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

lf_status lf__client_keys_begin(lf_client *client, const char *dir, lf_error *err)
{
    LF_BUF text;
    lf_error why = LF_ERROR_INIT;
    lf__key_chain_begin(&client->chains[0], &client->profile.ledger);
    lf__key_chain_begin(&client->chains[1], &client->profile.access);
    lf__buf_init(&text, CLIENT_KEYS_MAX);
    lf_status rc = dir[0] == '\0' || client->profile.ledger.name[0] == '\0'
                       ? LF_E_NOT_FOUND
                       : lf__trust_keys_get(dir, &client->profile.ledger, &text, &why);
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK;
    }
    rc = rc == LF_OK ? learn(client, lf__buf_bytes(&text), false, &why) : rc;
    if (rc != LF_OK) {
        return lf__fail(err, LF_E_CORRUPT,
                        "%s: what is remembered of the log's keys does not hold (%.80s); find out "
                        "why, then move the .keys file away",
                        dir, why.message);
    }
    (void)lf__buf_append(&client->keys_answer, lf__buf_bytes(&text));
    return LF_OK;
}

/* ---- for programs ---- */

static lf_status key_each(const struct lf__key_chain *chain, const char *log, lf_log_key_cb each,
                          void *user, lf_error *err)
{
    for (size_t i = 0; i < atomic_load(&chain->count); i++) {
        LF_BUF vkey;
        lf__buf_init(&vkey, 1024);
        (void)lf__note_key_format(&chain->list[i].key, &vkey);
        (void)lf__buf_u8(&vkey, 0);
        lf_status rc = lf__buf_status(&vkey, err);
        if (rc != LF_OK) {
            return rc;
        }
        lf_log_key key = {.log = log,
                          .vkey = (const char *)vkey.ptr,
                          .index = chain->list[i].index,
                          .from_size = chain->list[i].from_size,
                          .is_announced = i > 0,
                          .is_compromised = chain->list[i].is_compromised,
                          .since_size = chain->list[i].is_compromised ? chain->list[i].until : 0};
        each(&key, user);
    }
    return LF_OK;
}

lf_status lf_log_keys(lf_client *client, lf_log_key_cb each, void *user, lf_error *err)
{
    LF_BUF answer;
    lf__buf_init(&answer, CLIENT_KEYS_MAX);
    lf_status rc = lf__client_keys_ask(client, &answer, err);
    rc = rc == LF_E_UNAVAILABLE || rc == LF_E_DEADLINE ? LF_OK : rc; /* what is remembered */
    rc = rc == LF_OK ? key_each(&client->chains[0], "ledger", each, user, err) : rc;
    return rc == LF_OK ? key_each(&client->chains[1], "access", each, user, err) : rc;
}

lf_status lf_client_newest_key(lf_client *client, char *vkey, size_t size, lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, 1024);
    const struct lf__key_chain *chain = &client->chains[0];
    const struct lf__note_key *key = atomic_load(&chain->count) == 0
                                         ? &client->profile.ledger
                                         : &lf__key_chain_newest(chain)->key;
    (void)lf__note_key_format(key, &text);
    return lf__copy_str(vkey, size, lf__buf_bytes(&text))
               ? LF_OK
               : lf__fail(err, LF_E_TOO_BIG, "key: %zu bytes need more room", text.len);
}
