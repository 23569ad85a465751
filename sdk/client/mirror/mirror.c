/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a mirror, and what it says of itself. */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>

enum {
    MIRROR_WAITS_BELOW = 5 /* ADMIN_DECISION: until the ledger has a Policy record */
};

lf_status lf__mirror_engine_open(lf_mirror *mirror, lf_error *err)
{
    struct st_options options = {.path = mirror->dir};
    lf_status rc = st_engine_open(&options, &mirror->engine, err);
    return rc == LF_E_PRECONDITION
               ? lf__refuse(err, rc, "", "dir", "%s: another process has this mirror open",
                            mirror->dir)
               : rc;
}

static uint8_t byte_of(struct st_txn *txn, const char *name, uint8_t otherwise)
{
    lf_bytes value;
    return lf__mirror_meta_get(txn, name, &value, NULL) == LF_OK && value.len == 1 ? value.ptr[0]
                                                                                   : otherwise;
}

lf_status lf__mirror_load(lf_mirror *mirror, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_bytes member;
    bool found = false;
    lf_status rc = st_txn_begin(mirror->engine, ST_READ, &txn, err);
    if (rc != LF_OK) {
        return rc;
    }
    mirror->is_test = byte_of(txn, "is_test", 0) != 0;
    mirror->role = byte_of(txn, "role", 0);
    mirror->waits_below = byte_of(txn, "waits_below", MIRROR_WAITS_BELOW);
    mirror->member[0] = '\0';
    rc = lf__mirror_find(txn, MIRROR_META, lf__bytes_str("member"), &member, &found, err);
    if (rc == LF_OK && found && !lf__copy_str(mirror->member, sizeof mirror->member, member)) {
        rc = lf__fail(err, LF_E_CORRUPT, "mirror: whose it is cannot be read");
    }
    return rc;
}

/* ---- a mirror that another program has made ---- */

static lf_status standing_remake(lf_mirror *mirror, struct st_txn *txn, lf_error *err)
{
    struct lf__frontier frontier;
    lf_status rc = lf__mirror_frontier_get(txn, &frontier, err);
    rc = rc == LF_OK ? st_clear(txn, MIRROR_STANDING, err) : rc;
    for (uint64_t i = 0; rc == LF_OK && i < frontier.size; i++) {
        LF_ARENA arena;
        lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
        rc = lf__mirror_derive(mirror, txn, &arena, i, err);
    }
    return rc;
}

/* What stands follows from the tables that a program has in it: another version may have others. */
static lf_status standing_renew(lf_mirror *mirror, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_bytes by;
    bool found = false;
    lf_bytes ours = lf__bytes_str(lf_version());
    lf_status rc = st_txn_begin(mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? lf__mirror_find(txn, MIRROR_META, lf__bytes_str("made_by"), &by, &found, err)
                     : rc;
    if (rc != LF_OK || (found && lf__bytes_eq(by, ours))) {
        return rc;
    }
    rc = standing_remake(mirror, txn, err);
    rc = rc == LF_OK ? lf__mirror_meta_put(txn, "made_by", ours, err) : rc;
    return rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
}

lf_status lf_mirror_open(const char *dir, lf_mirror **out, lf_error *err)
{
    lf_mirror *mirror = calloc(1, sizeof *mirror);
    if (mirror == NULL) {
        return lf__fail(err, LF_E_NOMEM, "mirror: out of memory");
    }
    lf_status rc =
        lf__copy_str(mirror->dir, sizeof mirror->dir, lf__bytes_str(dir)) && mirror->dir[0] != '\0'
            ? LF_OK
            : lf__refuse(err, LF_E_ARG, "TOO_BIG", "dir", "dir: no path");
    rc = rc == LF_OK ? lf__rules_load_default(&mirror->rules, err) : rc;
    rc = rc == LF_OK ? lf__mirror_engine_open(mirror, err) : rc;
    rc = rc == LF_OK ? lf__mirror_load(mirror, err) : rc;
    rc = rc == LF_OK ? standing_renew(mirror, err) : rc;
    if (rc != LF_OK) {
        lf_mirror_close(mirror);
        return rc;
    }
    *out = mirror;
    return LF_OK;
}

void lf_mirror_close(lf_mirror *mirror)
{
    if (mirror != NULL) {
        st_engine_close(mirror->engine);
        lf__rules_free(mirror->rules);
        lf__names_free(mirror->names);
        free(mirror);
    }
}

uint64_t lf__mirror_meta_number(struct st_txn *txn, const char *name)
{
    lf_bytes value;
    bool found = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_META, lf__bytes_str(name), &value, &found, NULL);
    return rc == LF_OK && found && value.len == 8 ? lf__get_u64be(value.ptr) : 0;
}

static bool count_each(const struct st_pair *pair, void *user)
{
    uint64_t *sum = user;
    *sum += pair->value.len >= 8 ? lf__get_u64be(pair->value.ptr) : 0;
    return true;
}

lf_status lf_mirror_info_get(lf_mirror *mirror, lf_mirror_info *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__frontier frontier;
    lf_mirror_info info = {.size = 0};
    lf_status rc = st_txn_begin(mirror->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? lf__mirror_frontier_get(txn, &frontier, err) : rc;
    rc = rc == LF_OK
             ? lf__mirror_each(txn, MIRROR_COUNTS, LF_BYTES_NONE, count_each, &info.uncounted, err)
             : rc;
    rc = rc == LF_OK
             ? lf__mirror_each(txn, MIRROR_REPORTS, LF_BYTES_NONE, count_each, &info.uncounted, err)
             : rc;
    if (rc == LF_OK) {
        struct lf__hash root = lf__frontier_root(&frontier);
        (void)lf__hex(lf__hash_bytes(&root), info.root, sizeof info.root);
        info.size = frontier.size;
        info.head_size = lf__mirror_meta_number(txn, "head_size");
        info.readable = lf__mirror_meta_number(txn, "readable");
        info.synced_at_ms = (int64_t)lf__mirror_meta_number(txn, "synced_at");
        *out = info;
    }
    return rc;
}
