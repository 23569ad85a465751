/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: decode, verify and validate here, queue what is left, and answer when the last one is known. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/origin.h"
#include "gateway/exchange/replay.h"
#include "gateway/exchange/roster/genesis.h"
#include "gateway/exchange/succession.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/validate/validate.h"
#include "protos/codec/words.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

/* What the logs are called follows from the genesis: the one that stands, or the one that is to begin them. */
static lf_status number_find(struct gw_exchange *exchange, const lf_bytes *begins, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    struct px_genesis genesis;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = gw_genesis_read(exchange->engine, &arena, &genesis, err);
    if (rc == LF_E_NOT_FOUND && begins != NULL) {
        rc = px_envelope_decode(&arena, *begins, &envelope, err);
        rc = rc == LF_OK ? px_genesis_decode(&arena, &envelope, &genesis, err) : rc;
    }
    if (rc == LF_E_NOT_FOUND) {
        exchange->number = 1;
        return LF_OK;
    }
    return rc == LF_OK ? gw_genesis_number(&genesis, &exchange->number, err) : rc;
}

static lf_status ledger_open(struct gw_exchange *exchange,
                             const struct gw_exchange_options *options, const lf_bytes *begins,
                             lf_error *err)
{
    char origin[LF_NOTE_NAME_MAX + 1];
    struct st_options store = {
        .path = options->path, .map_bytes = options->map_bytes, .must_exist = begins == NULL};
    lf_status rc = st_engine_open(&store, &exchange->engine, err);
    rc =
        rc == LF_OK ? gw_check_at_start(exchange->engine, options->path, options->policy, err) : rc;
    rc = rc == LF_OK ? number_find(exchange, begins, err) : rc;
    rc = rc == LF_OK ? lf__origin_make(options->name, "ledger", exchange->number, origin, err) : rc;
    struct st_ledger_options ledger = {.engine = exchange->engine,
                                       .first_table = GW_TABLE_LEDGER,
                                       .origin = origin,
                                       .seed = options->seed,
                                       .old_seed = options->old_seed,
                                       .queue_max = options->queue_max,
                                       .care = options->care,
                                       .hooks = {.admit = gw__admit,
                                                 .apply = gw__apply,
                                                 .user = exchange,
                                                 .again = gw__again,
                                                 .answered = gw__answered}};
    return rc == LF_OK ? st_ledger_open(&ledger, &exchange->ledger, err) : rc;
}

static void say_done(struct gw_group *group)
{
    (void)sem_post(group->user);
}

lf_status gw_exchange_say(struct gw_exchange *exchange, lf_bytes envelope, uint64_t *index,
                          lf_error *err)
{
    LF_ARENA arena;
    sem_t done;
    struct gw_submission *s = calloc(1, sizeof *s);
    struct gw_group group = {
        .arena = &arena, .list = s, .count = 1, .user = &done, .done = say_done};
    if (s == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    (void)sem_init(&done, 0, 0);
    s->envelope = envelope;
    gw_exchange_submit(exchange, &group);
    while (sem_wait(&done) != 0) { /* a signal is no answer */
    }
    (void)sem_destroy(&done);
    lf_status rc = s->status;
    if (rc != LF_OK && err != NULL) {
        *err = s->error;
    } else if (rc == LF_OK && index != NULL) {
        *index = s->index;
    }
    free(s);
    return rc;
}

static lf_status genesis_take(struct gw_exchange *exchange, lf_bytes envelope, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope decoded;
    struct px_genesis genesis;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    if (st_ledger_head(exchange->ledger, NULL).size > 0) {
        return lf__fail(err, LF_E_PRECONDITION, "genesis: this ledger has begun already");
    }
    lf_status rc = px_envelope_decode(&arena, envelope, &decoded, err);
    if (rc == LF_OK && (decoded.header.kind != PX_KIND_GENESIS ||
                        !lf__bytes_eq_str(decoded.header.issuer, GW_AUTHORITY_ID))) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "header.kind",
                          "genesis: is not a Genesis record of the authority");
    }
    rc = rc == LF_OK ? px_genesis_decode(&arena, &decoded, &genesis, err) : rc;
    rc = rc == LF_OK ? gw_roster_genesis(exchange->roster, &genesis, err) : rc;
    return rc == LF_OK ? gw_exchange_say(exchange, envelope, NULL, err) : rc;
}

lf_status gw_exchange_open(const struct gw_exchange_options *options, const lf_bytes *genesis,
                           struct gw_exchange **out, lf_error *err)
{
    struct gw_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        return lf__fail(err, LF_E_NOMEM, "exchange: out of memory");
    }
    exchange->policy = options->policy;
    exchange->rules = gw_policy_rules(options->policy);
    atomic_store(&exchange->relay_below, EXCHANGE_RELAY_BELOW_DEFAULT);
    exchange->burst = gw_burst_limit(exchange->rules, &(struct px_burst){.floor = 0});
    lf__arena_init(&exchange->applying, EXCHANGE_ARENA_MAX);
    lf_status rc = gw_roster_new(&exchange->roster, err);
    rc = rc == LF_OK ? gw__past_new(&exchange->past, err) : rc;
    rc = rc == LF_OK ? ledger_open(exchange, options, genesis, err) : rc;
    if (rc == LF_OK) {
        rc = genesis != NULL ? genesis_take(exchange, *genesis, err)
                             : gw__reload(exchange, options->name, err);
    }
    if (rc == LF_E_NOT_FOUND && genesis == NULL) {
        rc = lf__fail(err, LF_E_PRECONDITION, "%s: holds no ledger yet; init makes one",
                      options->path);
    }
    rc = rc == LF_OK ? gw__proposals_new(exchange, &exchange->proposals, err) : rc;
    if (rc != LF_OK) {
        gw_exchange_close(exchange);
        return rc;
    }
    *out = exchange;
    return LF_OK;
}

void gw_exchange_drain(struct gw_exchange *exchange)
{
    st_ledger_drain(exchange->ledger);
}

void gw_exchange_on_settled(struct gw_exchange *exchange,
                            void (*settled)(void *user, bool is_roster), void *user)
{
    exchange->settled = settled;
    exchange->settled_user = user;
}

void gw_exchange_close(struct gw_exchange *exchange)
{
    if (exchange != NULL) {
        gw__proposals_free(exchange->proposals);
        st_ledger_close(exchange->ledger);
        st_engine_close(exchange->engine);
        gw_roster_free(exchange->roster);
        gw__past_free(exchange->past);
        lf__arena_done(&exchange->applying);
        free(exchange);
    }
}

/* The last record's answer ends the group. Runs on the sequencer, or on the caller when nothing waits. */
static void group_settle(struct gw_group *group, size_t count)
{
    group->waiting -= count;
    if (group->waiting == 0) {
        group->done(group);
    }
}

static void entry_done(struct st_entry *entry, const struct st_result *result)
{
    struct gw_submission *s = entry->user;
    struct gw_group *group = s->group;
    struct gw_exchange *exchange = group->exchange;
    bool is_roster = s->decoded.header.kind == PX_KIND_MEMBER && result->status == LF_OK;
    s->status = result->status;
    s->is_duplicate = result->is_duplicate;
    s->error = *result->error;
    if (result->status == LF_OK) {
        s->index = result->index;
        lf__copy(s->leaf, result->leaf.ptr,
                 result->leaf.len < sizeof s->leaf ? result->leaf.len : sizeof s->leaf);
        s->path = lf__arena_array(group->arena, result->proof->count, sizeof *s->path);
        s->path_count = s->path == NULL ? 0 : result->proof->count;
        lf__copy(s->path, result->proof->hashes, s->path_count * sizeof *s->path);
        group->checkpoint_len = result->checkpoint.len;
        lf__copy(group->checkpoint, result->checkpoint.ptr, result->checkpoint.len);
    }
    exchange->is_roster_settled = exchange->is_roster_settled || is_roster;
    group_settle(group, 1);
}

void gw__answered(void *user)
{
    struct gw_exchange *exchange = user;
    bool is_roster = exchange->is_roster_settled;
    exchange->is_roster_settled = false;
    if (exchange->settled != NULL) {
        exchange->settled(exchange->settled_user, is_roster);
    }
}

/* A member brings its own records, anyone brings the authority's, and others' only by right. */
static lf_status submitter_check(const struct gw_exchange *exchange, const struct gw_submission *s,
                                 lf_error *err)
{
    const struct gw_standing *caller = s->group->caller;
    const struct px_header *header = &s->decoded.header;
    bool may =
        caller == NULL || s->issuer.is_authority ||
        lf__bytes_eq_str(header->issuer, caller->member) ||
        (caller->status == PX_MEMBER_ACTIVE &&
         gw_policy_may(exchange->policy, caller->role, caller->level, header->kind, GW_MAY_SUBMIT));
    return may ? LF_OK
               : lf__refuse(err, LF_E_DENIED, "SUBMITTER_NOT_ALLOWED", "header.issuer",
                            "record: is another member's, and this caller may not bring it");
}

/* What a member says it has of the ledger must be of this ledger: no published root ever changes. */
static lf_status ack_check(struct gw_exchange *exchange, struct gw_submission *s)
{
    struct px_ack ack;
    struct lf__hash root;
    if (s->decoded.header.kind != PX_KIND_ACKNOWLEDGEMENT) {
        return LF_OK;
    }
    lf_status rc = px_ack_decode(s->group->arena, &s->decoded, &ack, &s->error);
    if (rc == LF_OK && ack.cursor > st_ledger_head(exchange->ledger, NULL).size) {
        return lf__refuse(&s->error, LF_E_REJECTED, "CURSOR_AHEAD", "cursor",
                          "cursor: is past the end");
    }
    rc = rc == LF_OK ? st_ledger_root(exchange->ledger, ack.cursor, &root, &s->error) : rc;
    return rc == LF_OK && !lf__bytes_eq(ack.root, lf__hash_bytes(&root))
               ? lf__refuse(&s->error, LF_E_REJECTED, "ROOT_MISMATCH", "root",
                            "root: is not that of the ledger at this size")
               : rc;
}

/* Only the gateway itself brings it. */
static lf_status log_key_check(const struct gw_submission *s, lf_error *err)
{
    return s->group->caller == NULL
               ? LF_OK
               : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                            "record: only the gateway changes the keys of its logs");
}

static lf_status submission_check(struct gw_exchange *exchange, struct gw_submission *s,
                                  int64_t now_ms)
{
    struct gw_validate rules = {.policy = exchange->policy,
                                .is_test = gw_roster_is_test(exchange->roster),
                                .now_ms = now_ms,
                                .keep = s->group->arena,
                                .event = &s->event};
    struct px_header *header = &s->decoded.header;
    s->generation = gw_roster_generation(exchange->roster);
    if (header->kind == PX_KIND_GENESIS) { /* which admit verifies by its own keys */
        return LF_OK;
    }
    if (header->kind == PX_KIND_LOG_KEY) { /* likewise */
        return log_key_check(s, &s->error);
    }
    lf_status rc = gw_verify_envelope(exchange->roster, &s->decoded, now_ms, s->group->batch,
                                      &s->issuer, &s->error);
    rc = rc == LF_OK ? submitter_check(exchange, s, &s->error) : rc;
    rc = rc == LF_OK ? gw_validate(&rules, &s->decoded, &s->issuer, &s->error) : rc;
    return rc == LF_OK ? ack_check(exchange, s) : rc;
}

static lf_status submission_decode(struct gw_group *group, struct gw_submission *s)
{
    if (s->is_unreadable) {
        return s->error.status;
    }
    s->error = (lf_error)LF_ERROR_INIT;
    return s->decoded.record.ptr != NULL
               ? LF_OK
               : px_envelope_decode(group->arena, s->envelope, &s->decoded, &s->error);
}

static lf_status submission_prepare(struct gw_exchange *exchange, struct gw_group *group,
                                    struct gw_submission *s, int64_t now_ms)
{
    s->group = group;
    lf_status rc = submission_decode(group, s);
    if (rc == LF_OK && group->batch_error != NULL) {
        s->error = *group->batch_error;
        return s->error.status;
    }
    rc = rc == LF_OK ? submission_check(exchange, s, now_ms) : rc;
    if (rc == LF_OK) {
        s->entry = (struct st_entry){
            .id = gw__identity(s->decoded.header.issuer, s->decoded.header.record_id, s->id),
            .digest = px_record_digest(s->decoded.record),
            .body = s->envelope,
            .user = s,
            .done = entry_done};
    }
    return rc;
}

static void queue_failed(struct st_entry *const *entries, size_t count, lf_status rc,
                         const lf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct gw_submission *s = entries[i]->user;
        s->status = rc;
        s->error = *err;
    }
}

static void group_queue(struct gw_exchange *exchange, struct gw_group *group,
                        struct st_entry *const *entries, size_t count)
{
    lf_error err = LF_ERROR_INIT;
    group->waiting = count; /* settled by the sequencer alone, once the queue has them */
    if (count == 0) {
        group->done(group);
        return;
    }
    lf_status rc = st_ledger_submit(exchange->ledger, entries, count, &err);
    if (rc != LF_OK) {
        queue_failed(entries, count, rc, &err);
        group_settle(group, count);
    }
}

void gw_exchange_submit(struct gw_exchange *exchange, struct gw_group *group)
{
    struct st_entry *entries[ST_GROUP_MAX];
    size_t count = 0;
    int64_t now_ms = lf__clock_utc_ms();
    LF_BUG_IF(group->count > ST_GROUP_MAX);
    group->exchange = exchange;
    for (size_t i = 0; i < group->count; i++) {
        struct gw_submission *s = &group->list[i];
        s->status = submission_prepare(exchange, group, s, now_ms);
        if (s->status == LF_OK) {
            entries[count++] = &s->entry;
        }
    }
    group_queue(exchange, group, entries, count);
}

void gw_exchange_retry(struct gw_exchange *exchange, struct gw_group *group)
{
    struct st_entry *entries[ST_GROUP_MAX];
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        if (group->list[i].status == LF_E_BUSY) {
            entries[count++] = &group->list[i].entry;
        }
    }
    group_queue(exchange, group, entries, count);
}

struct gw_roster *gw_exchange_roster(struct gw_exchange *exchange)
{
    return exchange->roster;
}

const struct gw_policy *gw_exchange_policy(struct gw_exchange *exchange)
{
    return exchange->policy;
}

const struct lf__rules *gw_exchange_rules(struct gw_exchange *exchange)
{
    return exchange->rules;
}

struct st_ledger *gw_exchange_ledger(struct gw_exchange *exchange)
{
    return exchange->ledger;
}

struct st_engine *gw_exchange_engine(struct gw_exchange *exchange)
{
    return exchange->engine;
}

unsigned gw_exchange_number(const struct gw_exchange *exchange)
{
    return exchange->number;
}
