/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subjects that a person, an account or a telephone links, for whoever may read MerchantIdentity records in full: the
 * regulators. Without a code every subject that was removed or is on the serious list, and who is linked with it: an
 * alert. With one, whoever is linked with that. The index leads to records; each is asked whether the reader may see it, and
 * tokens are compared as the records have them. A link is a hint: no advice comes of it.
 */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/projections/links.h"
#include "rules/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IDENTITIES_MAX = 64, /* of one subject that are read: several a platform */
    PEERS_MAX = 1024,    /* that hold one token and are read; what is cut off is said */
    TOKENS = GW_LINKS - 1,
    TEXT_MAX = 512,
    TOKENS_TEXT = 32 /* LEGAL_REP+ACCOUNT+PHONE */
};
static const char *const token_names[GW_LINKS] = {"", "LEGAL_REP", "ACCOUNT", "PHONE"};

/* Two records that say the same of two subjects. */
struct pair {
    uint64_t own;
    uint64_t other;
};
struct linked {
    char uscc[GW_CODE_LEN];
    uint8_t tokens;           /* LF_BIT of enum gw_link */
    struct pair by[GW_LINKS]; /* the first pair of each */
};
struct linking {
    struct gw_report *report;
    struct gw_screened screened; /* the subject */
    struct lf__buf found;        /* of struct linked */
    struct lf__buf seen;         /* of the hashes of tokens that were looked for */
    struct lf__arena arena;      /* of one identity of the subject */
    struct lf__arena other;      /* of one identity that is compared */
    bool is_cut;
    size_t rows;
    size_t rows_max;
};

/* A MerchantIdentity in full; `out` without a code for one that the reader may not see so. */
static lf_status identity_read(struct gw_report *report, struct lf__arena *arena, uint64_t index,
                               struct px_identity *out, lf_error *err)
{
    unsigned classes = 0;
    unsigned full = LF_BIT(PX_CLASS_MEMBERS) | LF_BIT(PX_CLASS_REGULATOR);
    struct gw_stored *stored = lf__arena_alloc(arena, sizeof *stored);
    *out = (struct px_identity){.uscc = LF_BYTES_NONE};
    if (stored == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    lf_status rc = gw__stored_read(report->exchange, report->txn, arena, index, stored, err);
    rc = rc == LF_OK ? gw_may_read_entry(report->exchange, report->txn, report->ask->reader, stored,
                                         index, &classes, err)
                     : rc;
    return rc == LF_OK && (classes & full) == full
               ? px_identity_decode(arena, &stored->envelope, out, err)
               : rc;
}

/* ---- one token: who else holds it ---- */

struct looking {
    struct linking *l;
    enum gw_link what;
    lf_bytes token;
    uint64_t own;
    size_t read;
    lf_status rc;
    lf_error *err;
};

static lf_status peer_add(struct looking *k, const struct px_identity *peer, uint64_t index)
{
    struct linked one = {.tokens = (uint8_t)LF_BIT((unsigned)k->what)};
    if (peer->uscc.len != GW_CODE_LEN || lf__bytes_eq_str(peer->uscc, k->l->screened.uscc) ||
        !lf__bytes_eq(gw_link_value(peer, k->what), k->token)) {
        return LF_OK;
    }
    lf__copy((uint8_t *)one.uscc, peer->uscc.ptr, GW_CODE_LEN);
    one.by[k->what] = (struct pair){k->own, index};
    (void)lf__buf_append(&k->l->found, (lf_bytes){(const uint8_t *)&one, sizeof one});
    return lf__buf_status(&k->l->found, k->err);
}

static bool on_peer(void *user, uint64_t index)
{
    struct looking *k = user;
    struct px_identity peer;
    if (k->read++ == PEERS_MAX) {
        k->l->is_cut = true;
        return false;
    }
    lf__arena_reset(&k->l->other);
    k->rc = identity_read(k->l->report, &k->l->other, index, &peer, k->err);
    k->rc = k->rc == LF_OK ? peer_add(k, &peer, index) : k->rc;
    return k->rc == LF_OK;
}

/* Platforms say the same of a subject: each token is looked for once. */
static bool is_new(struct linking *l, enum gw_link what, lf_bytes token)
{
    struct px_identity only = {.legal_rep_token = what == GW_LINK_LEGAL_REP ? token : LF_BYTES_NONE,
                               .account_token = what == GW_LINK_ACCOUNT ? token : LF_BYTES_NONE,
                               .phone_token = what == GW_LINK_PHONE ? token : LF_BYTES_NONE};
    struct gw_link_keys keys = gw_link_keys_of(&only);
    for (size_t at = 0; at < l->seen.len; at += LF_HASH_BYTES) {
        if (memcmp(l->seen.ptr + at, keys.keys[what].bytes, LF_HASH_BYTES) == 0) {
            return false;
        }
    }
    return lf__buf_append(&l->seen, lf__hash_bytes(&keys.keys[what]));
}

static lf_status tokens_look(struct linking *l, const struct px_identity *identity, uint64_t index,
                             lf_error *err)
{
    lf_status rc = LF_OK;
    for (unsigned i = GW_LINK_LEGAL_REP; rc == LF_OK && i < GW_LINKS; i++) {
        struct looking k = {.l = l,
                            .what = (enum gw_link)i,
                            .token = gw_link_value(identity, (enum gw_link)i),
                            .own = index,
                            .rc = LF_OK,
                            .err = err};
        if (k.token.len > 0 && is_new(l, k.what, k.token)) {
            rc = gw_links_each(l->report->txn, k.what, k.token, on_peer, &k, err);
            rc = rc == LF_OK ? k.rc : rc;
        }
    }
    return rc;
}

/* ---- one subject: its identities, then whom they lead to ---- */

static bool position_keep(void *user, uint64_t index)
{
    return lf__buf_append(user, (lf_bytes){(const uint8_t *)&index, sizeof index});
}

static lf_status peers_find(struct linking *l, lf_error *err)
{
    LF_BUF own; /* of uint64_t */
    lf__buf_init(&own, IDENTITIES_MAX * sizeof(uint64_t));
    lf_status rc = gw_links_each(l->report->txn, GW_LINK_SUBJECT, lf__bytes_str(l->screened.uscc),
                                 position_keep, &own, err);
    l->is_cut = own.failed;
    const uint64_t *list = (const void *)own.ptr;
    for (size_t i = 0; rc == LF_OK && i < own.len / sizeof *list; i++) {
        struct px_identity identity;
        lf__arena_reset(&l->arena);
        rc = identity_read(l->report, &l->arena, list[i], &identity, err);
        rc = rc == LF_OK ? tokens_look(l, &identity, list[i], err) : rc;
    }
    return rc;
}

static int by_code(const void *a, const void *b)
{
    const struct linked *x = a;
    const struct linked *y = b;
    int order = memcmp(x->uscc, y->uscc, GW_CODE_LEN);
    for (unsigned i = GW_LINK_LEGAL_REP; order == 0 && i < GW_LINKS; i++) {
        order = x->by[i].own != y->by[i].own       ? (x->by[i].own < y->by[i].own ? -1 : 1)
                : x->by[i].other != y->by[i].other ? (x->by[i].other < y->by[i].other ? -1 : 1)
                                                   : 0;
    }
    return order;
}

/* One for each subject, with all that it shares, in order of their codes. */
static size_t peers_merge(struct linked *list, size_t count)
{
    size_t kept = 0;
    if (count > 0) {
        qsort(list, count, sizeof *list, by_code);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || memcmp(list[kept - 1].uscc, list[i].uscc, GW_CODE_LEN) != 0) {
            list[kept++] = list[i];
            continue;
        }
        for (unsigned t = GW_LINK_LEGAL_REP; t < GW_LINKS; t++) {
            bool is_more = (list[i].tokens & LF_BIT(t) & ~(unsigned)list[kept - 1].tokens) != 0;
            list[kept - 1].by[t] = is_more ? list[i].by[t] : list[kept - 1].by[t];
        }
        list[kept - 1].tokens |= list[i].tokens;
    }
    return kept;
}

/* ---- rows ---- */

static const char *strength_of(const struct lf__rules *rules, const char *tokens)
{
    static const char *const rows[][2] = {{"link_strong", "LINK(strong)"},
                                          {"link_medium", "LINK(medium)"},
                                          {"link_weak", "LINK(weak)"}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (lf__rules_knows(rules, rows[i][0], lf__bytes_str(tokens))) {
            return rows[i][1];
        }
    }
    return NULL;
}

/* As the tables name them together. */
static void tokens_name(const struct linked *one, char out[static TOKENS_TEXT])
{
    size_t len = 0;
    out[0] = '\0';
    for (unsigned i = GW_LINK_LEGAL_REP; i < GW_LINKS; i++) {
        if ((one->tokens & LF_BIT(i)) != 0) {
            len += (size_t)snprintf(out + len, TOKENS_TEXT - len, "%s%s", len > 0 ? "+" : "",
                                    token_names[i]);
        }
    }
}

/* Positions of records: whose they are, whoever may read them can look up. */
static void evidence_tell(const struct linking *l, const struct linked *one, struct lf__buf *out)
{
    for (unsigned i = GW_LINK_LEGAL_REP; i < GW_LINKS; i++) {
        if ((one->tokens & LF_BIT(i)) != 0) {
            (void)lf__buf_printf(out, "%s%s #%llu = #%llu", out->len > 0 ? "; " : "",
                                 token_names[i], (unsigned long long)one->by[i].own,
                                 (unsigned long long)one->by[i].other);
        }
    }
    (void)(l->is_cut && lf__buf_str(out, "; MORE"));
}

static const struct gw_reason *cause_of(const struct gw_report *report,
                                        const struct gw_screened *screened)
{
    for (size_t i = 0; i < screened->count; i++) {
        if (lf__rules_knows(report->exchange->rules, "link_cause",
                            lf__bytes_str(screened->reasons[i].code))) {
            return &screened->reasons[i];
        }
    }
    return NULL;
}

static void cause_cell(struct gw_report *report, const struct gw_screened *screened)
{
    const struct gw_reason *cause = cause_of(report, screened);
    if (cause == NULL) {
        gw__cell(report, "%s", "");
    } else {
        gw__cell(report, "%s #%llu", cause->code, (unsigned long long)cause->index);
    }
}

static lf_status link_tell(struct linking *l, const struct linked *one, const char *tokens,
                           const struct gw_screened *peer, lf_error *err)
{
    LF_BUF evidence;
    struct gw_report *report = l->report;
    const struct lf__rules *rules = report->exchange->rules;
    lf__buf_init(&evidence, TEXT_MAX);
    evidence_tell(l, one, &evidence);
    gw__cell(report, "%s", l->screened.uscc);
    gw__cell(report, "%s", peer->uscc);
    gw__cell(report, "%s", strength_of(rules, tokens));
    gw__cell(report, "%s", tokens);
    gw__cell_text(report, lf__buf_bytes(&evidence));
    cause_cell(report, &l->screened);
    gw__cell(report, "%s", lf__word_advice(peer->advice));
    gw__cell(report, "%llu", (unsigned long long)lf__rules_number(rules, "link", "VERSION", 0));
    l->rows++;
    lf_status rc = gw__name_cell(report, lf__bytes_str(l->screened.uscc), err);
    return rc == LF_OK ? gw__name_cell(report, lf__bytes_str(peer->uscc), err) : rc;
}

static lf_status link_row(struct linking *l, const struct linked *one, lf_error *err)
{
    char tokens[TOKENS_TEXT];
    struct gw_screened peer;
    tokens_name(one, tokens);
    if (strength_of(l->report->exchange->rules, tokens) == NULL) {
        return LF_OK;
    }
    lf_status rc = gw__subject_screen(
        l->report, (lf_bytes){(const uint8_t *)one->uscc, GW_CODE_LEN}, &peer, err);
    return rc == LF_OK ? link_tell(l, one, tokens, &peer, err) : rc;
}

/* Where the page before ended: a subject, and behind whom of those linked with it. */
struct place {
    lf_bytes subject;
    lf_bytes linked;
};

static lf_status place_take(const struct gw_report *report, struct place *out, lf_error *err)
{
    lf_bytes after = report->ask->after;
    *out = (struct place){lf__bytes_slice(after, 0, GW_CODE_LEN),
                          lf__bytes_slice(after, GW_CODE_LEN + 1, GW_CODE_LEN)};
    bool is_pair = after.len == 2 * GW_CODE_LEN + 1 && after.ptr[GW_CODE_LEN] == ':';
    return after.len == 0 || is_pair
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "PAGE_INVALID", "after", "after: a pair, CODE:CODE");
}

static lf_status subject_links(struct linking *l, lf_bytes uscc, lf_bytes after, lf_error *err)
{
    lf__buf_clear(&l->found);
    lf__buf_clear(&l->seen);
    lf_status rc = gw__subject_screen(l->report, uscc, &l->screened, err);
    bool is_meant = l->report->ask->about.len > 0 || cause_of(l->report, &l->screened) != NULL;
    if (rc != LF_OK || !is_meant) {
        return rc;
    }
    rc = peers_find(l, err);
    struct linked *list = (void *)l->found.ptr;
    size_t count = rc == LF_OK ? peers_merge(list, l->found.len / sizeof *list) : 0;
    for (size_t i = 0; rc == LF_OK && l->rows < l->rows_max && i < count; i++) {
        lf_bytes peer = {(const uint8_t *)list[i].uscc, GW_CODE_LEN};
        rc = after.len > 0 && lf__bytes_cmp(peer, after) <= 0 ? LF_OK : link_row(l, &list[i], err);
    }
    return rc;
}

static lf_status subjects_link(struct linking *l, lf_error *err)
{
    struct place after;
    LF_BUF subjects = {.max = 0}; /* the callee begins it */
    lf_status rc = place_take(l->report, &after, err);
    rc = rc == LF_OK ? gw__subjects(l->report, &subjects, err) : rc;
    const struct gw_spoken_of *list = (const void *)subjects.ptr;
    for (size_t i = 0; rc == LF_OK && l->rows < l->rows_max && i < subjects.len / sizeof *list;
         i++) {
        lf_bytes uscc = {(const uint8_t *)list[i].uscc, GW_CODE_LEN};
        int order = after.subject.len == 0 ? 1 : lf__bytes_cmp(uscc, after.subject);
        if (order >= 0) {
            rc = subject_links(l, uscc, order == 0 ? after.linked : LF_BYTES_NONE, err);
        }
    }
    return rc;
}

lf_status gw__report_links(struct gw_report *report, lf_error *err)
{
    struct linking l = {.report = report};
    lf_status rc = gw__page_rows(report, &l.rows_max, err);
    lf__buf_init(&l.found, (size_t)IDENTITIES_MAX * TOKENS * PEERS_MAX * sizeof(struct linked));
    lf__buf_init(&l.seen, (size_t)IDENTITIES_MAX * TOKENS * LF_HASH_BYTES);
    lf__arena_init(&l.arena, EXCHANGE_ARENA_MAX);
    lf__arena_init(&l.other, EXCHANGE_ARENA_MAX);
    rc = rc == LF_OK ? subjects_link(&l, err) : rc;
    lf__buf_done(&l.found);
    lf__buf_done(&l.seen);
    lf__arena_done(&l.arena);
    lf__arena_done(&l.other);
    return rc;
}
