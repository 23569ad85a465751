/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: salted, so that a leaf tells nothing, and unsigned, because the checkpoint signs. */
#include "gateway/access/access_internal.h"

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "core/origin.h"
#include "core/leaf.h"
#include "protos/codec/feed.h"

#include <stdio.h>
#include <stdlib.h>

static lf_status access_admit(void *user, struct st_txn *txn, struct st_entry *entry,
                              const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    uint8_t bytes[LF_ACCESS_LEAF_BYTES];
    (void)user;
    (void)txn;
    (void)err;
    lf_bytes said = lf__bytes_slice(entry->body, LF_SALT_BYTES, entry->body.len);
    lf__access_leaf(at->accepted_at_ms, entry->body.ptr, said, bytes);
    LF_BUG_IF(!lf__buf_append(leaf, LF_BYTES_ARRAY(bytes)));
    return LF_OK;
}

static void damage_ignore(void *user, const struct st_damage *damage)
{
    (void)user; /* that there is any is enough: fsck names it */
    (void)damage;
}

/* The end of the log, whole when it is short: nothing is signed on top of damage. */
static lf_status check_at_start(const struct gw_access_options *options, lf_error *err)
{
    enum { ACCESS_CHECK_LAST = 1024 };
    struct st_check_report report;
    struct gw_access_check check = {.engine = options->engine,
                                    .first_table = options->first_table,
                                    .last = ACCESS_CHECK_LAST,
                                    .damage = damage_ignore};
    return gw_access_check(&check, &report, err);
}

static lf_status access_apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                              const struct st_position *at, lf_error *err)
{
    return gw__meter_add(user, txn, entry->user, (int64_t)at->accepted_at_ms, err);
}

static lf_status access_settle(void *user, struct st_txn *txn, lf_error *err)
{
    return gw__meter_settle(user, txn, err);
}

lf_status gw_access_open(const struct gw_access_options *options, struct gw_access **out,
                         lf_error *err)
{
    char origin[LF_NOTE_NAME_MAX + 1];
    unsigned number = options->number > 1 ? options->number : 1;
    struct gw_access *access = calloc(1, sizeof *access);
    if (access == NULL) {
        return lf__fail(err, LF_E_NOMEM, "access log: out of memory");
    }
    access->engine = options->engine;
    (void)pthread_mutex_init(&access->quotas.lock, NULL);
    access->token_key = options->token_key;
    access->meter_table = options->meter_table;
    struct st_ledger_options ledger = {.engine = options->engine,
                                       .first_table = options->first_table,
                                       .origin = origin,
                                       .seed = options->seed,
                                       .old_seed = options->old_seed,
                                       .hooks = {.admit = access_admit,
                                                 .apply = access_apply,
                                                 .settle = access_settle,
                                                 .user = access},
                                       .now_ms = options->now_ms,
                                       .care = options->care};
    lf_status rc = lf__origin_make(options->name, "access", number, origin, err);
    rc = rc == LF_OK ? check_at_start(options, err) : rc;
    rc = rc == LF_OK ? st_ledger_open(&ledger, &access->ledger, err) : rc;
    if (rc != LF_OK) {
        gw__quotas_free(access);
        free(access);
        return rc;
    }
    *out = access;
    return LF_OK;
}

void gw_access_close(struct gw_access *access)
{
    if (access != NULL) {
        st_ledger_close(access->ledger);
        gw__quotas_free(access);
        free(access);
    }
}

struct px_token gw_access_token(const struct gw_access *access, lf_bytes code)
{
    struct px_token token;
    lf_bytes key = {lf__secret_view(access->token_key), lf__secret_len(access->token_key)};
    struct lf__hash hash = lf__hmac_sha256(key, code);
    lf__copy(token.bytes, hash.bytes, PX_TOKEN_BYTES);
    return token;
}

void gw_access_pseudonym(const struct gw_access *access, lf_bytes asker, lf_bytes member,
                         char out[static GW_PSEUDONYM_SIZE])
{
    enum { BYTES = 8 };
    LF_BUF pair;
    size_t prefix = sizeof "issuer-" - 1;
    lf__buf_init(&pair, 128);
    (void)lf__buf_append(&pair, asker);
    (void)lf__buf_u8(&pair, 0);
    (void)lf__buf_append(&pair, member);
    struct px_token token = gw_access_token(access, lf__buf_bytes(&pair));
    (void)lf__copy_str(out, GW_PSEUDONYM_SIZE, lf__bytes_str("issuer-"));
    (void)lf__hex((lf_bytes){token.bytes, BYTES}, out + prefix, GW_PSEUDONYM_SIZE - prefix);
}

static void note_end(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    lf__buf_done(&note->body);
    note->done(note, status, err);
}

bool gw__report_identity(lf_bytes report, struct lf__hash *out)
{
    struct px_mirror_report said;
    bool good = px_mirror_report_decode(report, &said, NULL) == LF_OK;
    *out = good ? lf__sha256(said.count) : (struct lf__hash){{0}};
    return good;
}

static void on_sequenced(struct st_entry *entry, const struct st_result *result)
{
    struct gw_access_note *note = entry->user;
    note->index = result->index;
    note_end(note, result->status, result->error);
}

static bool body_make(const struct px_access *what, struct lf__buf *body)
{
    uint8_t salt[LF_SALT_BYTES];
    lf__buf_init(body, PX_ACCESS_ENTRY_MAX);
    lf__random(salt, sizeof salt);
    return lf__buf_append(body, LF_BYTES_ARRAY(salt)) && px_access_encode(what, body);
}

void gw_access_record(struct gw_access *access, const struct px_access *what,
                      struct gw_access_note *note)
{
    lf_error err = LF_ERROR_INIT;
    note->subjects = what->subjects;
    bool good = lf__copy_str(note->member, sizeof note->member, what->member) &&
                lf__copy_str(note->purpose, sizeof note->purpose,
                             lf__bytes_slice(what->purpose, 0, sizeof note->purpose - 1)) &&
                body_make(what, &note->body);
    if (!good) {
        note_end(note, lf__fail(&err, LF_E_NOMEM, "access log: an entry cannot be made"), &err);
        return;
    }
    note->entry = (struct st_entry){.body = lf__buf_bytes(&note->body),
                                    .skips_proof = true,
                                    .user = note,
                                    .done = on_sequenced};
    if (what->mirror_report.len > 0 && gw__report_identity(what->mirror_report, &note->id)) {
        note->entry.id = lf__hash_bytes(&note->id);
    }
    struct st_entry *const entries[] = {&note->entry};
    lf_status rc = st_ledger_submit(access->ledger, entries, LF_COUNT(entries), &err);
    if (rc != LF_OK) {
        note_end(note, rc, &err);
    }
}

struct st_ledger *gw_access_ledger(struct gw_access *access)
{
    return access->ledger;
}
