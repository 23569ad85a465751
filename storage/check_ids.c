/* SPDX-License-Identifier: Apache-2.0 */
/* Every entry's identity is in the index once, and nothing else is. */
#include "storage/check_internal.h"

#include "base/bytes.h"
#include "base/status.h"

static bool id_meets(void *user, struct st_place place)
{
    uint64_t *wanted = user;
    *wanted = place.position == *wanted ? ST_NO_INDEX : *wanted;
    return *wanted != ST_NO_INDEX;
}

static void id_missing(struct checker *c, uint64_t index, const uint8_t key[static ST_INDEX_KEY],
                       const char *what)
{
    st__check_damage(c, "ids", (lf_bytes){key, ST_INDEX_KEY}, index, "%s", what);
}

/* Only the end is examined: a lookup an entry. Otherwise the whole index is read once, afterwards. */
lf_status st__check_id(struct checker *c, uint64_t index, const struct lf__hash *key)
{
    uint64_t wanted = index;
    lf_error err = LF_ERROR_INIT;
    if (c->ids != NULL) {
        lf__copy(c->ids[index].key, key->bytes, ST_INDEX_KEY);
        c->ids[index].found = CHECK_WANTED;
        return LF_OK;
    }
    lf_status rc = st_index_each(c->options->txn, st__check_table(c, LEDGER_IDS), key, id_meets,
                                 &wanted, &err);
    if (st__check_is_machine(rc)) {
        return lf__fail(c->err, rc, "%s", err.message);
    }
    if (rc != LF_OK || wanted != ST_NO_INDEX) {
        id_missing(c, index, key->bytes,
                   rc != LF_OK ? err.message : "the entry's identity is missing");
    }
    return LF_OK;
}

void st__check_ids_complete(struct checker *c)
{
    for (uint64_t i = 0; i < c->report->head.size; i++) {
        if (c->ids[i].found == CHECK_WANTED) {
            id_missing(c, i, c->ids[i].key, "the entry's identity is missing");
        }
    }
}

void st__check_no_id(struct checker *c, uint64_t index)
{
    if (c->ids != NULL) {
        c->ids[index].found = CHECK_NO_ID;
    }
}

struct id_row {
    struct checker *checker;
    bool is_wrong;
};

/* A row holds thousands: one that does not belong must not make all after it look missing. */
static bool id_belongs(void *user, lf_bytes key, struct st_place place)
{
    struct id_row *row = user;
    struct checker *c = row->checker;
    struct check_id *id = place.position < c->report->head.size ? &c->ids[place.position] : NULL;
    bool is_known = id != NULL && place.tag == 0;
    if (is_known && id->found == CHECK_UNREAD) {
        return true; /* of an entry that is damaged itself, and was told: who can say */
    }
    bool is_it =
        is_known && id->found == CHECK_WANTED && lf__bytes_eq(key, LF_BYTES_ARRAY(id->key));
    if (is_it) {
        id->found = CHECK_FOUND; /* once, and no second time */
    }
    row->is_wrong = row->is_wrong || !is_it;
    return true;
}

const char *st__check_id_row(struct checker *c, const struct st_pair *pair)
{
    struct id_row row = {c, false};
    return st_index_row_each(pair, id_belongs, &row) && !row.is_wrong
               ? NULL
               : "is not made of identities of these entries";
}
