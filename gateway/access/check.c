/* SPDX-License-Identifier: Apache-2.0 */
/* The access log against its bodies: salt and entry make the leaf, and only a mirror's report has an identity. */
#include "gateway/access/access_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/leaf.h"

struct access_room {
    uint8_t leaf[LF_ACCESS_LEAF_BYTES];
    struct lf__hash id;
};

struct access_checking {
    const struct gw_access_check *options;
    struct access_room rooms[ST_CHECK_ROOMS];
};

static lf_status identity_make(lf_bytes entry, struct lf__hash *id, struct st_facts *out,
                               lf_error *err)
{
    LF_ARENA arena;
    struct px_access said;
    lf__arena_init(&arena, 4 * PX_ACCESS_ENTRY_MAX);
    lf_status rc = px_access_decode(&arena, entry, &said, err);
    if (rc == LF_OK && said.mirror_report.len > 0 && gw__report_identity(said.mirror_report, id)) {
        out->id = lf__hash_bytes(id);
    }
    return rc;
}

static lf_status on_prepare(void *user, const struct st_check_entry *at, struct st_facts *out,
                            lf_error *err)
{
    struct access_checking *c = user;
    struct access_room *room = &c->rooms[at->room];
    const struct st_stored *stored = at->stored;
    if (stored->leaf.len != LF_ACCESS_LEAF_BYTES || stored->body.len < LF_SALT_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "leaf or body has a wrong length");
    }
    lf_bytes entry = lf__bytes_slice(stored->body, LF_SALT_BYTES, stored->body.len);
    *out = (struct st_facts){.accepted_at_ms = lf__get_u64be(stored->leaf.ptr + 1)};
    lf__access_leaf(out->accepted_at_ms, stored->body.ptr, entry, room->leaf);
    out->leaf = LF_BYTES_ARRAY(room->leaf);
    return identity_make(entry, &room->id, out, err);
}

static void on_damage(void *user, const struct st_damage *damage)
{
    struct access_checking *c = user;
    c->options->damage(c->options->user, damage);
}

static void on_progress(void *user, uint64_t done, uint64_t size)
{
    struct access_checking *c = user;
    if (c->options->progress != NULL) {
        c->options->progress(c->options->user, done, size);
    }
}

lf_status gw_access_check(const struct gw_access_check *options, struct st_check_report *out,
                          lf_error *err)
{
    ST_TXN *txn = NULL;
    struct access_checking c = {.options = options};
    lf_status rc = st_txn_begin(options->engine, ST_READ, &txn, err);
    struct st_check_options check = {
        .txn = txn,
        .first_table = options->first_table,
        .last = options->last,
        .hooks = {.prepare = on_prepare, .damage = on_damage, .progress = on_progress, .user = &c}};
    *out = (struct st_check_report){.examined = 0};
    return rc == LF_OK ? st_check(&check, out, err) : rc;
}
