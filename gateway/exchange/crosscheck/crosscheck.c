/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One finding a subject: of several that would do, the first of this order. In doubt whom the records are about nothing else can be
 * said; then what is wrong with a side, where it is alone or trades on; what both say stands before its age.
 */
#include "gateway/exchange/crosscheck/crosscheck_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/projections/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000, STALE_GOVERNMENT_DAYS = 180, STALE_PLATFORM_DAYS = 365 };

/* What `text` has at most `max` bytes of, cut at a character. */
static int cut(lf_bytes text, int max)
{
    int len = text.len < (size_t)max ? (int)text.len : max;
    while (len > 0 && (size_t)len < text.len && (text.ptr[len] & 0xc0) == 0x80) {
        len--;
    }
    return len;
}

static bool is_older(const struct crossing *c, int64_t at_ms, const char *threshold, unsigned days)
{
    uint64_t limit = lf__rules_number(c->ask->exchange->rules, "stale", threshold, days);
    return at_ms < c->ask->at_ms - (int64_t)limit * DAY_MS;
}

static void conflict_explain(struct crossing *c)
{
    (void)snprintf(c->row->explanation, sizeof c->row->explanation,
                   "one code, two names: %.*s and %.*s", cut(c->name, GW_CROSS_NAME_MAX),
                   (const char *)c->name.ptr, cut(c->other_name, GW_CROSS_NAME_MAX),
                   (const char *)c->other_name.ptr);
}

static void explain(struct crossing *c, const char *why)
{
    const struct cross_words *words[] = {&c->platform_words, &c->past_words, &c->gov_words};
    char *text = c->row->explanation;
    size_t size = sizeof c->row->explanation;
    size_t len = 0;
    for (size_t i = 0; i < LF_COUNT(words) && len < size; i++) {
        if (words[i]->text[0] != '\0') {
            len += (size_t)snprintf(text + len, size - len, "%s%s", len > 0 ? "; " : "",
                                    words[i]->text);
        }
    }
    if (why != NULL && len < size) {
        (void)snprintf(text + len, size - len, "%s%s", len > 0 ? "; " : "", why);
    }
}

/* Where only one side has something in force, or neither. */
static enum gw_finding one_sided(struct crossing *c)
{
    bool is_old_gov = is_older(c, c->gov_said_ms, "GOVERNMENT", STALE_GOVERNMENT_DAYS);
    bool is_old_removal = is_older(c, c->removed_ms, "PLATFORM", STALE_PLATFORM_DAYS);
    if (c->removal_count > 0) {
        explain(c, is_old_removal ? "longer ago than a removal counts as fresh" : NULL);
        return is_old_removal ? GW_FINDING_STALE_PLATFORM : GW_FINDING_PLATFORM_ONLY;
    }
    if (c->has_expired) {
        explain(c, NULL);
        return GW_FINDING_STALE_PLATFORM;
    }
    if (c->gov_count == 0) {
        c->row->index_count = 0;
        return GW_FINDING_NONE;
    }
    bool is_repaired = c->lifted_ms > c->listed_ms;
    explain(c, is_repaired  ? "still listed"
               : is_old_gov ? "last heard of longer ago than a listing counts as fresh"
                            : NULL);
    return is_repaired || is_old_gov ? GW_FINDING_STALE_GOV : GW_FINDING_GOV_ONLY;
}

static lf_status both_sided(struct crossing *c, enum gw_finding *out, lf_error *err)
{
    bool is_mapped = false;
    lf_status rc = c->is_serious ? LF_OK : gw__cross_is_mapped(c, &is_mapped, err);
    bool is_confirmed = c->is_serious || is_mapped;
    explain(c, is_confirmed ? NULL : "neither a serious violation nor a penalty of that kind");
    *out = is_confirmed ? GW_FINDING_CONFIRMED_BOTH : GW_FINDING_BOTH_UNRELATED;
    return rc;
}

static lf_status decide(struct crossing *c, enum gw_finding *out, lf_error *err)
{
    lf_status rc =
        c->gone.len > 0 && c->identity_count > 0 ? gw__cross_find_trading(c, err) : LF_OK;
    *out = GW_FINDING_NONE;
    if (rc != LF_OK) {
        return rc;
    }
    if (c->other_name.len > 0) {
        conflict_explain(c);
        *out = GW_FINDING_CONFLICT_IDENTITY;
    } else if (c->trading != 0) {
        char why[64];
        (void)snprintf(why, sizeof why, "the registry has it as %.*s", cut(c->gone, 24),
                       (const char *)c->gone.ptr);
        explain(c, why);
        *out = GW_FINDING_STALE_PLATFORM;
    } else if (c->removal_count > 0 && c->gov_count > 0) {
        rc = both_sided(c, out, err);
    } else {
        *out = one_sided(c);
    }
    return rc;
}

/* The registry's entry stands behind what goes by it. */
static void registry_index(const struct crossing *c)
{
    struct gw_cross_row *row = c->row;
    bool counts = row->finding == GW_FINDING_CONFLICT_IDENTITY || c->trading != 0;
    if (counts && c->registry != 0 && row->index_count < GW_CROSS_INDEXES_MAX) {
        row->indexes[row->index_count++] = c->registry;
    }
}

lf_status gw_cross_subject(const struct gw_cross_ask *ask, lf_bytes uscc,
                           const struct gw_cross_listed *own, size_t count,
                           struct gw_cross_row *out, lf_error *err)
{
    struct crossing c = {.ask = ask, .row = out};
    *out = (struct gw_cross_row){.finding = GW_FINDING_NONE};
    (void)lf__copy_str(out->uscc, sizeof out->uscc, uscc);
    lf_status rc = gw__cross_take(&c, uscc, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        gw__cross_take_own(&c, &own[i]);
    }
    rc = rc == LF_OK ? decide(&c, &out->finding, err) : rc;
    if (rc == LF_OK && out->finding != GW_FINDING_NONE) {
        registry_index(&c);
        lf_bytes name = {c.name.ptr, (size_t)cut(c.name, GW_CROSS_NAME_MAX)};
        (void)lf__copy_str(out->name, sizeof out->name, name);
    }
    return rc;
}

struct gw_cross_walk {
    struct gw_cross_ask ask;
    struct gw_codes *codes;
};

lf_status gw_cross_open(const struct gw_cross_ask *ask, struct gw_cross_walk **out, lf_error *err)
{
    struct gw_cross_walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL) {
        return lf__fail(err, LF_E_NOMEM, "crosscheck: out of memory");
    }
    walk->ask = *ask;
    lf_status rc = gw_codes_open(ask->txn, &walk->codes, err);
    if (rc != LF_OK) {
        free(walk);
        return rc;
    }
    *out = walk;
    return LF_OK;
}

lf_status gw_cross_next(struct gw_cross_walk *walk, struct gw_cross_row *out, lf_error *err)
{
    char code[GW_CODE + 1];
    lf_status rc = gw_codes_next(walk->codes, code, err);
    return rc == LF_OK ? gw_cross_subject(&walk->ask, lf__bytes_str(code), NULL, 0, out, err) : rc;
}

void gw_cross_close(struct gw_cross_walk *walk)
{
    if (walk != NULL) {
        gw_codes_close(walk->codes);
        free(walk);
    }
}
