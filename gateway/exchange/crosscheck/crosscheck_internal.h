/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/crosscheck/crosscheck_internal.h - the two sides of one subject: taken in crosscheck_sides.c, compared in crosscheck.c. */
#ifndef GW_CROSSCHECK_INTERNAL_H
#define GW_CROSSCHECK_INTERNAL_H

#include "gateway/exchange/crosscheck/crosscheck.h"

enum { CROSS_KEPT = 8 }; /* of each sort; more are counted */

/* A removal by a platform, or a penalty: what may be of one kind. Borrowed from the transaction or the asker's list. */
struct cross_said {
    uint64_t index;     /* CROSS_OWN: of the asker's list */
    lf_bytes violation; /* the first, or the reason of a listing */
    bool is_event;
};
#define CROSS_OWN UINT64_MAX

/* In words: each thing that counts on a side, as many as fit. */
struct cross_words {
    char text[GW_CROSS_TEXT_MAX / 2];
    size_t count;
};

struct crossing {
    const struct gw_cross_ask *ask;
    struct gw_cross_row *row;
    /* names: the first that was met is what others are compared with */
    lf_bytes name;
    lf_bytes other_name; /* one that differs */
    lf_bytes gone;       /* registry status of what has ceased to exist; empty: it has not */
    uint64_t registry;   /* its index; GW_TABLE rows begin above 0 */
    /* the platforms' side */
    struct cross_said removals[CROSS_KEPT];
    size_t removal_count;
    int64_t removed_ms; /* the newest decision; 0: none */
    bool has_expired;
    int64_t lifted_ms; /* the newest */
    uint64_t identities[CROSS_KEPT];
    size_t identity_count;
    uint64_t trading; /* index of an identity that names a shop; 0: none */
    /* the authorities' side */
    struct cross_said penalties[CROSS_KEPT];
    size_t penalty_count;
    size_t gov_count;
    int64_t gov_said_ms; /* when the newest of it was said */
    int64_t listed_ms;   /* the oldest day of listing */
    bool is_serious;
    struct cross_words platform_words;
    struct cross_words gov_words;
    struct cross_words past_words; /* of platforms: ended, or lifted */
};

/* Takes all that is known of the code and that the reader may see. */
lf_status gw__cross_take(struct crossing *c, lf_bytes uscc, lf_error *err);
void gw__cross_take_own(struct crossing *c, const struct gw_cross_listed *own);
/* Whether a penalty is of the kind of a removal. */
lf_status gw__cross_is_mapped(const struct crossing *c, bool *out, lf_error *err);
/* Sets `trading`: whose newest identity of the merchant names a shop. */
lf_status gw__cross_find_trading(struct crossing *c, lf_error *err);

#endif
