/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the ledger in a mirror: the one that its first sync trusted, and what led on from it. */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MIRROR_KEYS_ARENA = 4 << 20 };

lf_status lf__mirror_keys_put(struct lf_client *client, struct st_txn *txn, lf_error *err)
{
    (void)pthread_mutex_lock(&client->keys_lock);
    lf_bytes answer = lf__buf_bytes(&client->keys_answer);
    lf_status rc = answer.len > 0 ? lf__mirror_meta_put(txn, "log_keys", answer, err) : LF_OK;
    (void)pthread_mutex_unlock(&client->keys_lock);
    return rc;
}

static lf_status chain_read(struct st_txn *txn, const struct lf__note_key *first,
                            struct lf__key_chain chains[static LF__CHAINS], lf_error *err)
{
    LF_ARENA arena;
    lf_bytes answer;
    bool found = false;
    size_t count = 0;
    struct px_log_key_proof *list = NULL;
    lf__arena_init(&arena, MIRROR_KEYS_ARENA);
    lf__key_chain_begin(&chains[0], first);
    lf_status rc =
        lf__mirror_find(txn, MIRROR_META, lf__bytes_str("log_keys"), &answer, &found, err);
    if (rc != LF_OK || !found) {
        return rc;
    }
    rc = px_log_key_proofs_decode(&arena, answer, &list, &count, err);
    return rc == LF_OK ? lf__key_chains_learn(chains, list, count, NULL, err) : rc;
}

lf_status lf__mirror_head_open(struct st_txn *txn, const struct lf__note_key *first, lf_bytes note,
                               struct lf__merkle_head *head, lf_error *err)
{
    struct lf__key_chain *chains = calloc(LF__CHAINS, sizeof *chains);
    if (chains == NULL) {
        return lf__fail(err, LF_E_NOMEM, "mirror: out of memory");
    }
    lf_status rc = chain_read(txn, first, chains, err);
    rc = rc == LF_OK ? lf__key_chain_open(&chains[0], note, head, NULL, err) : rc;
    free(chains);
    return rc;
}

static bool is_in(const struct lf__key_chain *chain, const struct lf__note_key *key)
{
    bool is = false;
    for (size_t i = 0; !is && i < atomic_load(&chain->count); i++) {
        is = chain->list[i].key.id == key->id && strcmp(chain->list[i].key.name, key->name) == 0 &&
             lf__bytes_eq(LF_BYTES_ARRAY(chain->list[i].key.key.bytes),
                          LF_BYTES_ARRAY(key->key.bytes));
    }
    return is;
}

bool lf__mirror_is_of(struct st_txn *txn, const struct lf__note_key *key)
{
    lf_bytes text;
    struct lf__note_key first;
    struct lf__key_chain *chains = calloc(LF__CHAINS, sizeof *chains);
    bool is = chains != NULL && lf__mirror_meta_get(txn, "ledger", &text, NULL) == LF_OK &&
              lf__note_key_parse(text, &first, NULL) == LF_OK &&
              chain_read(txn, &first, chains, NULL) == LF_OK && is_in(&chains[0], key);
    free(chains);
    return is;
}
