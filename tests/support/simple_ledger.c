/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/simple_ledger.h"

#include "base/bytes.h"
#include "base/status.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void leaf_make(uint64_t ms, lf_bytes body, struct lf__buf *out)
{
    struct lf__hash hash = lf__sha256(body);
    (void)lf__buf_u64be(out, ms);
    (void)lf__buf_append(out, lf__hash_bytes(&hash));
}

static lf_status simple_admit(void *user, struct st_txn *txn, struct st_entry *entry,
                              const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    (void)user;
    (void)txn;
    (void)err;
    leaf_make(at->accepted_at_ms, entry->body, leaf);
    return LF_OK;
}

static lf_status simple_apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                              const struct st_position *at, lf_error *err)
{
    uint8_t index[8];
    (void)user;
    lf__put_u64be(index, at->index);
    return st_put(txn, ST_LEDGER_TABLES, entry->id, LF_BYTES_ARRAY(index), err);
}

lf_status simple_open_engine(struct simple *simple, const char *path, bool is_reader, lf_error *err)
{
    *simple = (struct simple){.path = path};
    struct st_options options = {.path = path, .map_bytes = 1 << 30, .is_reader = is_reader};
    return st_engine_open(&options, &simple->engine, err);
}

lf_status simple_open(struct simple *simple, const char *path, lf_error *err)
{
    const struct st_ledger_care none = {.floor = 0};
    return simple_open_care(simple, path, &none, err);
}

lf_status simple_open_care(struct simple *simple, const char *path,
                           const struct st_ledger_care *care, lf_error *err)
{
    lf_status rc = simple_open_engine(simple, path, false, err);
    simple->seed = lf__secret_new(LF_ED25519_SEED); /* zeros: the same in every process */
    if (rc == LF_OK && simple->seed == NULL) {
        rc = lf__fail(err, LF_E_NOMEM, "test: out of memory");
    }
    if (rc == LF_OK) {
        struct lf__public_key key = lf__sign_public(simple->seed);
        rc = lf__note_key_make("test/ledger", &key, &simple->key, err);
    }
    struct st_ledger_options options = {
        .engine = simple->engine,
        .origin = "test/ledger",
        .seed = simple->seed,
        .care = *care,
        .hooks = {.admit = simple_admit, .apply = simple_apply, .user = simple}};
    rc = rc == LF_OK ? st_ledger_open(&options, &simple->ledger, err) : rc;
    if (rc != LF_OK) {
        simple_close(simple);
    }
    return rc;
}

void simple_close(struct simple *simple)
{
    st_ledger_close(simple->ledger);
    st_engine_close(simple->engine);
    lf__secret_free(simple->seed);
    *simple = (struct simple){.path = simple->path};
}

struct waiting {
    struct st_entry entry;
    struct simple *simple;
    struct simple_answer *answer;
    sem_t *done;
};

static void answered(struct st_entry *entry, const struct st_result *result)
{
    struct waiting *w = entry->user;
    struct simple_answer *a = w->answer;
    *a = (struct simple_answer){.status = result->status,
                                .is_duplicate = result->is_duplicate,
                                .index = result->index,
                                .leaf = lf__merkle_leaf(result->leaf)};
    a->proof_holds =
        result->status == LF_OK && result->proof != NULL &&
        lf__checkpoint_open(result->checkpoint, &w->simple->key, &a->head, NULL) == LF_OK &&
        lf__merkle_verify_inclusion(&a->leaf, a->index, a->head.size, result->proof, &a->head.root,
                                    NULL) == LF_OK;
    (void)sem_post(w->done);
}

lf_status simple_submit(struct simple *simple, char (*ids)[SIMPLE_ID], size_t count,
                        struct simple_answer *out, lf_error *err)
{
    struct waiting waiting[SIMPLE_GROUP];
    struct st_entry *list[SIMPLE_GROUP];
    sem_t done;
    (void)sem_init(&done, 0, 0);
    for (size_t i = 0; i < count; i++) {
        lf_bytes id = lf__bytes_str(ids[i]);
        waiting[i] = (struct waiting){
            {.id = id, .digest = lf__sha256(id), .body = id, .user = &waiting[i], .done = answered},
            simple,
            &out[i],
            &done};
        list[i] = &waiting[i].entry;
    }
    lf_status rc = st_ledger_submit(simple->ledger, list, count, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        (void)sem_wait(&done);
    }
    (void)sem_destroy(&done);
    return rc;
}

struct checking {
    struct simple_report *out;
    uint8_t leaves[ST_CHECK_ROOMS][8 + LF_HASH_BYTES];
};

static lf_status facts_of(void *user, const struct st_check_entry *entry, struct st_facts *out,
                          lf_error *err)
{
    struct checking *c = user;
    uint8_t *leaf = c->leaves[entry->room];
    if (entry->stored->leaf.len < 8) {
        return lf__fail(err, LF_E_CORRUPT, "leaf is too short");
    }
    uint64_t ms = lf__get_u64be(entry->stored->leaf.ptr);
    struct lf__hash hash = lf__sha256(entry->stored->body);
    lf__put_u64be(leaf, ms);
    lf__copy(leaf + 8, hash.bytes, LF_HASH_BYTES);
    *out = (struct st_facts){.id = entry->stored->body,
                             .digest = hash,
                             .leaf = {leaf, sizeof c->leaves[0]},
                             .accepted_at_ms = ms};
    return LF_OK;
}

/* In order, however far ahead they were prepared. */
static lf_status in_turn(void *user, const struct st_check_entry *entry, struct st_facts *facts,
                         lf_error *err)
{
    struct checking *c = user;
    (void)facts;
    if (c->out->examined++ > 0 && entry->index <= c->out->last) {
        return lf__fail(err, LF_E_CORRUPT, "comes out of turn");
    }
    c->out->last = entry->index;
    return LF_OK;
}

static void on_damage(void *user, const struct st_damage *damage)
{
    struct checking *c = user;
    if (c->out->first[0] == '\0') {
        (void)snprintf(c->out->first, sizeof c->out->first, "%s, entry %lld: %s", damage->table,
                       (long long)damage->index, damage->what);
    }
    if (c->out->damage != NULL) {
        c->out->damage(c->out->user, damage);
    }
}

lf_status simple_check(struct st_txn *txn, uint64_t last, struct simple_report *out, lf_error *err)
{
    struct checking c = {.out = out};
    struct st_check_options options = {
        .txn = txn,
        .last = last,
        .hooks = {.prepare = facts_of, .entry = in_turn, .damage = on_damage, .user = &c}};
    out->first[0] = '\0';
    out->examined = 0;
    return st_check(&options, &out->report, err);
}

bool simple_extends(struct simple *simple, const struct lf__merkle_head *older)
{
    struct lf__proof proof;
    struct lf__merkle_head head = st_ledger_head(simple->ledger, NULL);
    return older->size <= head.size &&
           st_ledger_prove_consistency(simple->ledger, older->size, head.size, &proof, NULL) ==
               LF_OK &&
           lf__merkle_verify_consistency(older, &head, &proof, NULL) == LF_OK;
}

bool simple_holds(struct simple *simple, const char *id, const struct simple_answer *answer)
{
    ST_TXN *txn = NULL;
    struct st_stored stored;
    uint64_t index = 0;
    if (st_txn_begin(simple->engine, ST_READ, &txn, NULL) != LF_OK ||
        st_ledger_find(simple->ledger, txn, lf__bytes_str(id), &index, NULL) != LF_OK ||
        st_ledger_read(simple->ledger, txn, index, &stored, NULL) != LF_OK) {
        return false;
    }
    struct lf__hash leaf = lf__merkle_leaf(stored.leaf);
    return index == answer->index && lf__hash_eq(&leaf, &answer->leaf) &&
           lf__bytes_eq_str(stored.body, id);
}
