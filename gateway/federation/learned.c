/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/federation/learned.h"

#include "base/arena.h"
#include "base/status.h"
#include "client/log_keys.h"

#include <stdlib.h>

enum { LEARNED_ARENA = 8 << 20 };

static void chain_tell(const struct lf__key_chain *chain, struct gw_learned *out)
{
    out->count = atomic_load(&chain->count);
    for (size_t i = 0; i < out->count; i++) {
        out->list[i].key = chain->list[i].key.key;
        out->list[i].index = chain->list[i].index;
        out->list[i].from_size = chain->list[i].from_size;
    }
}

lf_status gw_learn(const struct lf__note_key first[static GW_LEARNED_LOGS], lf_bytes answer,
                   struct gw_learned out[static GW_LEARNED_LOGS], lf_error *err)
{
    LF_ARENA arena;
    struct px_log_key_proof *list = NULL;
    size_t count = 0;
    struct lf__key_chain *chains = calloc(GW_LEARNED_LOGS, sizeof *chains);
    lf__arena_init(&arena, LEARNED_ARENA);
    if (chains == NULL) {
        return lf__fail(err, LF_E_NOMEM, "log keys: out of memory");
    }
    lf__key_chain_begin(&chains[0], &first[0]);
    lf__key_chain_begin(&chains[1], &first[1]);
    lf_status rc = px_log_key_proofs_decode(&arena, answer, &list, &count, err);
    rc = rc == LF_OK ? lf__key_chains_learn(chains, list, count, NULL, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < GW_LEARNED_LOGS; i++) {
        chain_tell(&chains[i], &out[i]);
    }
    free(chains);
    return rc;
}
