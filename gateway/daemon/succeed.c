/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New logs on a restored store. Their genesis, which the authority has signed, names the last heads of the old ones, so that
 * everybody can see what was lost: the entries between the backup and those heads. Orders to erase that are among them hold on.
 */
#include "gateway/daemon/restore.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "gateway/daemon/redactions.h"
#include "gateway/exchange/exchange.h"
#include "gateway/exchange/succession.h"

#include <inttypes.h>
#include <stdio.h>

enum { SUCCEED_FILE_MAX = 1 << 28, SUCCEED_ARENA_MAX = 1 << 28 };

/* A head named in the genesis is the longest that was handed over, signed by the old log's own key. */
static lf_status named_check(const struct restored_log *log, lf_bytes note, lf_error *err)
{
    struct lf__merkle_head head;
    if (note.len == 0) {
        return log->is_witnessed
                   ? lf__fail(err, LF_E_PRECONDITION, "genesis: names no head of %s", log->key.name)
                   : LF_OK; /* a log without entries */
    }
    lf_status rc = gw_log_keys_open(&log->keys, log->key.name, note, &head, err);
    return rc == LF_OK && (head.size != log->seen.size || !lf__hash_eq(&head.root, &log->seen.root))
               ? lf__fail(err, LF_E_PRECONDITION,
                          "genesis: names %s at %" PRIu64 " entries, the newest head has %" PRIu64,
                          log->key.name, head.size, log->seen.size)
               : rc;
}

static lf_status key_check(struct restoring *r, const struct restored_log *log,
                           const struct lf__hash *named, struct lf__secret **out, lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = gw_config_path(&r->config, log->setting, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, RESTORE_SEED, out, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__public_key key = lf__sign_public(*out);
    return lf__bytes_eq(LF_BYTES_ARRAY(key.bytes), lf__hash_bytes(named))
               ? LF_OK
               : lf__fail(err, LF_E_PRECONDITION, "genesis: names another key than %s", path);
}

static lf_status genesis_check(struct restoring *r, lf_bytes envelope, struct lf__secret **seed,
                               lf_error *err)
{
    LF_SECRET *access = NULL;
    struct px_envelope decoded;
    struct px_genesis fresh;
    lf_status rc = px_envelope_decode(&r->arena, envelope, &decoded, err);
    if (rc == LF_OK && decoded.header.kind != PX_KIND_GENESIS) {
        return lf__fail(err, LF_E_ARG, "%s: is no genesis", r->options->genesis);
    }
    rc = rc == LF_OK ? px_genesis_decode(&r->arena, &decoded, &fresh, err) : rc;
    rc = rc == LF_OK ? named_check(&r->logs[0], fresh.previous, err) : rc;
    rc = rc == LF_OK ? named_check(&r->logs[1], fresh.previous_access, err) : rc;
    rc = rc == LF_OK ? key_check(r, &r->logs[0], &fresh.ledger_key, seed, err) : rc;
    return rc == LF_OK ? key_check(r, &r->logs[1], &fresh.access_key, &access, err) : rc;
}

/* They must reach from the backup to the longest head, or the authority must have said that there are no others. */
static lf_status redactions_check(const struct restoring *r, const struct gw_redactions *redactions,
                                  lf_error *err)
{
    struct lf__merkle_head head;
    const struct restored_log *ledger = &r->logs[0];
    lf_status rc = gw_log_keys_open(&ledger->keys, ledger->key.name, redactions->note, &head, err);
    if (rc == LF_OK && redactions->from > ledger->report.head.size) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "redactions: begin at entry %" PRIu64 ", the backup ends at %" PRIu64,
                        redactions->from, ledger->report.head.size);
    }
    return rc == LF_OK && head.size < ledger->seen.size && !r->options->is_orders_complete
               ? lf__fail(err, LF_E_PRECONDITION,
                          "redactions: end at entry %" PRIu64 " of %" PRIu64
                          "; --orders-complete if the authority says there were no more",
                          head.size, ledger->seen.size)
               : rc;
}

static lf_status orders_carry_out(struct restoring *r, const struct lf__secret *seed,
                                  const struct gw_redactions *redactions, lf_error *err)
{
    struct gw_exchange *exchange = NULL;
    struct gw_exchange_options open = {.path = r->fresh,
                                       .name = r->config.name,
                                       .map_bytes = r->config.map_gib << 30,
                                       .seed = seed,
                                       .policy = r->policy};
    lf_status rc = gw_exchange_open(&open, NULL, &exchange, err);
    for (size_t i = 0; rc == LF_OK && i < redactions->count; i++) {
        rc = gw_exchange_order(exchange, redactions->orders[i], err);
    }
    gw_exchange_close(exchange);
    return rc;
}

static lf_status redactions_read(const struct restoring *r, struct lf__buf *text,
                                 struct lf__arena *arena, struct gw_redactions *out, lf_error *err)
{
    *out = (struct gw_redactions){.from = 0};
    if (r->options->redactions == NULL) {
        return r->logs[0].is_longer
                   ? lf__fail(err, LF_E_PRECONDITION,
                              "%s: the lost entries may have orders to erase: needs --redactions",
                              r->logs[0].key.name)
                   : LF_OK;
    }
    lf_status rc = lf__file_read(r->options->redactions, text, err);
    rc = rc == LF_OK ? gw_redactions_parse(lf__buf_bytes(text), arena, out, err) : rc;
    return rc == LF_OK ? redactions_check(r, out, err) : rc;
}

lf_status gw_restore_succeed(struct restoring *r, lf_error *err)
{
    LF_BUF genesis;
    LF_BUF text;
    LF_ARENA arena;
    LF_SECRET *seed = NULL;
    struct gw_redactions redactions;
    struct st_options store = {.path = r->fresh, .map_bytes = r->config.map_gib << 30};
    lf__buf_init(&genesis, PX_MESSAGE_MAX);
    lf__buf_init(&text, SUCCEED_FILE_MAX);
    lf__arena_init(&arena, SUCCEED_ARENA_MAX);
    lf_status rc = lf__file_read(r->options->genesis, &genesis, err);
    rc = rc == LF_OK ? genesis_check(r, lf__buf_bytes(&genesis), &seed, err) : rc;
    rc = rc == LF_OK ? redactions_read(r, &text, &arena, &redactions, err) : rc;
    rc = rc == LF_OK ? gw_succeed(r->engine, lf__buf_bytes(&genesis), err) : rc;
    st_engine_close(r->engine);
    r->engine = NULL;
    rc = rc == LF_OK ? orders_carry_out(r, seed, &redactions, err) : rc;
    return rc == LF_OK ? st_compact(&store, err) : rc;
}

lf_status gw_restore_tell_keys(const struct restoring *r, lf_error *err)
{
    LF_BUF text;
    lf_status rc = LF_OK;
    lf__buf_init(&text, 4096);
    (void)printf("new logs begin, which name the old heads:\n");
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        char path[LF_PATH_MAX];
        LF_SECRET *seed = NULL;
        const struct restored_log *log = &r->logs[i];
        rc = gw_config_path(&r->config, log->setting, path, err);
        rc = rc == LF_OK ? lf__secret_load(path, RESTORE_SEED, &seed, err) : rc;
        (void)printf("  %s ended at %" PRIu64 "\n", log->key.name, log->seen.size);
        struct gw_log_name name = {r->config.name, log->name, r->number + 1};
        rc = rc == LF_OK ? gw_vkey_put_numbered(&text, &name, seed, err) : rc;
    }
    if (rc == LF_OK) {
        (void)printf("members put these into their profiles, and push again what the new logs "
                     "lack:\n%.*s",
                     (int)text.len, (const char *)text.ptr);
    }
    return rc;
}
