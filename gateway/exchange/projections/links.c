/* SPDX-License-Identifier: Apache-2.0 */
/* LINKS: an index of SHA-256("lianfang/v1 link" || 00 || u8 what || value), tagged with what, to log positions. */
#include "gateway/exchange/projections/links.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "storage/index.h"

enum { LINK_LABEL = 17, LINK_VALUE_MAX = 64 };

lf_bytes gw_link_value(const struct px_identity *identity, enum gw_link what)
{
    const lf_bytes values[GW_LINKS] = {
        [GW_LINK_SUBJECT] = identity->uscc,
        [GW_LINK_LEGAL_REP] = identity->legal_rep_token,
        [GW_LINK_ACCOUNT] = identity->account_token,
        [GW_LINK_PHONE] = identity->phone_token,
    };
    return values[what];
}

static struct lf__hash key_of(enum gw_link what, lf_bytes value)
{
    static const uint8_t label[LINK_LABEL] = "lianfang/v1 link"; /* with the 00 behind it */
    uint8_t bytes[LINK_LABEL + 1 + LINK_VALUE_MAX];
    LF_BUG_IF(value.len > LINK_VALUE_MAX); /* codes and tokens: their length was checked */
    lf__copy(bytes, label, LINK_LABEL);
    bytes[LINK_LABEL] = (uint8_t)what;
    lf__copy(bytes + LINK_LABEL + 1, value.ptr, value.len);
    return lf__sha256((lf_bytes){bytes, LINK_LABEL + 1 + value.len});
}

struct gw_link_keys gw_link_keys_of(const struct px_identity *identity)
{
    struct gw_link_keys keys = {.has = {false}};
    bool has_token = false;
    for (unsigned i = GW_LINK_LEGAL_REP; i < GW_LINKS; i++) {
        has_token = has_token || gw_link_value(identity, (enum gw_link)i).len > 0;
    }
    for (unsigned i = 0; has_token && i < GW_LINKS; i++) {
        lf_bytes value = gw_link_value(identity, (enum gw_link)i);
        keys.has[i] = value.len > 0;
        if (keys.has[i]) {
            keys.keys[i] = key_of((enum gw_link)i, value);
        }
    }
    return keys;
}

lf_status gw_links_begin(struct st_txn *txn, uint64_t index, lf_error *err)
{
    return st_index_fold(txn, GW_TABLE_LINKS, index, err);
}

lf_status gw_links_put(struct st_txn *txn, const struct gw_link_keys *keys, uint64_t index,
                       lf_error *err)
{
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < GW_LINKS; i++) {
        struct st_place place = {index, (uint8_t)i};
        rc = keys->has[i] ? st_index_put(txn, GW_TABLE_LINKS, &keys->keys[i], place, err) : LF_OK;
    }
    return rc;
}

lf_status gw_links_remove(struct st_txn *txn, const struct gw_link_keys *keys, uint64_t index,
                          lf_error *err)
{
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < GW_LINKS; i++) {
        struct st_place place = {index, (uint8_t)i};
        rc =
            keys->has[i] ? st_index_remove(txn, GW_TABLE_LINKS, &keys->keys[i], place, err) : LF_OK;
        rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    return rc;
}

struct link_visit {
    enum gw_link what;
    bool (*each)(void *user, uint64_t index);
    void *user;
};

static bool place_visit(void *user, struct st_place place)
{
    const struct link_visit *visit = user;
    return place.tag != (uint8_t)visit->what || visit->each(visit->user, place.position);
}

lf_status gw_links_each(struct st_txn *txn, enum gw_link what, lf_bytes value,
                        bool (*each)(void *user, uint64_t index), void *user, lf_error *err)
{
    struct link_visit visit = {what, each, user};
    if (value.len == 0 || value.len > LINK_VALUE_MAX) {
        return LF_OK;
    }
    struct lf__hash key = key_of(what, value);
    return st_index_each(txn, GW_TABLE_LINKS, &key, place_visit, &visit, err);
}
