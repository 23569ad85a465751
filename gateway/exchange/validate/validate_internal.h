/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/validate/validate_internal.h - the rules that kinds share, and the kinds by file. */
#ifndef GW_VALIDATE_INTERNAL_H
#define GW_VALIDATE_INTERNAL_H

#include "gateway/exchange/validate/validate.h"
#include "protos/codec/words.h"

enum { GW_CERTAINTY_BY_BRAND = 4, GW_DIVISION_LEN = 6 };

/* One record under inspection. */
struct gw_checking {
    const struct gw_validate *rules;
    struct lf__arena *arena;
    const struct px_envelope *envelope;
    const struct gw_standing *issuer;
    lf_error *err;
};

/* Each is OK, or sets the error with field and reason. What is empty has no date, no code and no text. */
lf_status gw__check_uscc(const struct gw_checking *c, lf_bytes code);
lf_status gw__check_date(lf_bytes date, const char *field, lf_error *err);
/* The day of what was done: what is yet to be is not known, and a mistyped year would act now, and for a year longer than it may. By
 * the day in Shanghai, with the clock skew. */
lf_status gw__check_day_come(const struct gw_checking *c, lf_bytes day, const char *field);
lf_status gw__check_text(lf_bytes text, size_t max, const char *field, lf_error *err);
lf_status gw__check_code(const struct gw_checking *c, const char *table, lf_bytes code,
                         const char *reason, const char *field);
/* Personal information needs its ground: a PERSONAL part, or an individual business (92...). */
lf_status gw__check_basis(const struct gw_checking *c, lf_bytes uscc);
lf_status gw__check_money(int64_t fen, const char *field, lf_error *err);
/* [A-Za-z0-9-]{3,40}. */
lf_status gw__check_campaign(lf_bytes name, lf_error *err);
lf_status gw__missing(const char *field, lf_error *err);
bool gw__is_division(lf_bytes text);

/* validate_members.c */
lf_status gw__check_member(const struct gw_checking *c);
lf_status gw__check_policy(const struct gw_checking *c);
/* validate_words.c: the kinds of protos/codec/words.h. */
lf_status gw__check_words(const struct gw_checking *c);

#endif
