/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dates and the use that a signing key itself carries. The row of the table of members says since which entry it is so; that
 * entry, a Member record or the genesis, lists the key. When it is among the records and shown, the dates are proven.
 */
#include "client/evidence/evidence.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"

/* The gateway looks at the dates when it verifies, and at the clock again when it sequences. */
enum { DATES_SLACK_MS = 300 * 1000 };

struct listing {
    const struct px_member_key *keys;
    size_t count;
    bool is_genesis;
};

/* The entry since which the row is so, when it is here and of that member. */
static lf_status listing_find(struct lf__arena *arena, const struct lf__dated *in,
                              const struct lf__roster_row *row, struct listing *out, lf_error *err)
{
    size_t i = 0;
    *out = (struct listing){.keys = NULL};
    while (i < in->count && in->records[i].index != row->since_index) {
        i++;
    }
    if (i == in->count || in->exhibits[i].envelope.part_count == 0) {
        return LF_OK;
    }
    const struct px_envelope *envelope = &in->exhibits[i].envelope;
    struct px_member *member = lf__arena_alloc(arena, sizeof *member);
    struct px_genesis *genesis = lf__arena_alloc(arena, sizeof *genesis);
    if (member == NULL || genesis == NULL) {
        return lf__arena_status(arena, err);
    }
    /* with a part hidden it may say nothing that can be read */
    if (envelope->header.kind == PX_KIND_GENESIS &&
        px_genesis_decode(arena, envelope, genesis, NULL) == LF_OK) {
        *out = (struct listing){genesis->keys, genesis->key_count, true};
    } else if (envelope->header.kind == PX_KIND_MEMBER &&
               px_member_decode(arena, envelope, member, NULL) == LF_OK &&
               lf__bytes_eq_str(member->member, row->member)) {
        *out = (struct listing){member->keys, member->key_count, false};
    }
    return lf__arena_status(arena, err);
}

static bool is_within(const struct px_member_key *key, int64_t at_ms, int64_t slack_ms)
{
    return at_ms + slack_ms >= key->from_ms &&
           (key->until_ms == 0 || at_ms - slack_ms < key->until_ms);
}

/* A new log's genesis takes the time of the old one's leaf, and the authority's records keep theirs: its dates prove, and refuse
 * nothing. */
static lf_status key_check(const struct listing *listing, const struct px_key_proof *proof,
                           int64_t at_ms, bool *is_proven, lf_error *err)
{
    const struct px_member_key *key = NULL;
    for (size_t i = 0; i < listing->count; i++) {
        struct lf__hash id = lf__key_id(&listing->keys[i].key);
        key = lf__hash_eq(&id, &proof->row.key_id) ? &listing->keys[i] : key;
    }
    bool is_good = key != NULL && key->use != PX_KEY_SEALING && key->revoked_at_ms == 0 &&
                   is_within(key, at_ms, DATES_SLACK_MS);
    *is_proven = *is_proven && is_good;
    return is_good || listing->count == 0 || listing->is_genesis
               ? LF_OK
               : lf__refuse(err, LF_E_SIGNATURE, "KEY_RETIRED", "records.keys",
                            "key of %.41s: by entry %llu it does not sign records at that time",
                            proof->row.member, (unsigned long long)proof->row.since_index);
}

lf_status lf__evidence_dates(struct lf__arena *arena, const struct lf__dated *in, bool *out,
                             lf_error *err)
{
    lf_status rc = LF_OK;
    *out = true;
    for (size_t i = 0; rc == LF_OK && i < in->count; i++) {
        const struct px_bundle_record *record = in->exhibits[i].in;
        for (size_t k = 0; rc == LF_OK && k < record->key_count; k++) {
            struct listing listing;
            rc = listing_find(arena, in, &record->keys[k].row, &listing, err);
            rc = rc == LF_OK ? key_check(&listing, &record->keys[k], in->records[i].accepted_at_ms,
                                         out, err)
                             : rc;
        }
    }
    return rc;
}
