/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/services/question.h - one ScreenRequest on its way, alone or of a stream. Threads: one. */
#ifndef GW_QUESTION_H
#define GW_QUESTION_H

#include "gateway/exchange/screen.h"
#include "gateway/services/services.h"

/* Why somebody asks: said once for a stream. Borrows. */
struct gw_purpose {
    lf_bytes purpose;
    lf_bytes case_number;
    unsigned legal_basis;
};

/* What the access log keeps for ever is short, and holds no personal ID number. */
lf_status gw_case_check(lf_bytes case_number, lf_error *err);
/* Purpose, case number and legal basis as the reader must name them; notes in `reader` whether it has a case. */
lf_status gw_purpose_check(const struct gw_services *services, const struct gw_purpose *purpose,
                           struct gw_reader *reader, lf_error *err);
/* So many subjects of a purpose that was checked, for gw_access_take(). Borrows. */
struct gw_access_want gw_quota_want(const struct gw_services *services, lf_bytes member,
                                    lf_bytes purpose, uint32_t subjects);

struct gw_question {
    struct gw_services *services;
    struct lf__arena *arena; /* for what is decoded; borrowed */
    struct px_screen_request request;
    struct gw_standing standing;
    struct gw_reader reader;
    struct gw_picture picture;
    struct px_access what; /* for the access log: lacks the result's digest */
    struct px_token *tokens;
    struct gw_access_want want; /* of the quota, and how many of the subjects it is for */
    uint32_t granted;
    struct lf__buf *reply; /* gets the answer, but for its place in the access log */
};

/* Decodes, asks who may, and answers. `before` (NULL allowed) is the purpose that holds when the request names
 * none. The reply must not leave before `what` is in the access log. */
lf_status gw_question_answer(struct gw_question *q, struct gw_call *call, lf_bytes request,
                             const struct gw_purpose *before, lf_error *err);

/* Takes the subjects from the quota, as far as it goes: the first `granted` of them are answered. */
lf_status gw_question_take(struct gw_question *q, lf_error *err);
void gw_question_give_back(struct gw_question *q); /* nothing is told */

#endif
