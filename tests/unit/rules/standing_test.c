/* SPDX-License-Identifier: Apache-2.0 */
/* Every word on every state, what is told of a life at an instant, and the reason and advice that follow. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/words.h"
#include "rules/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct lf__rules *rules;

static int rules_setup(void **state)
{
    (void)state;
    return lf__rules_load_default(&rules, NULL) == LF_OK ? 0 : 1;
}

static int rules_teardown(void **state)
{
    (void)state;
    lf__rules_free(rules);
    return 0;
}

/* A active, P pending, C corrected, W withdrawn, R refused, L lifted, Q quarantined. */
static const struct {
    enum lf__state state;
    char letter;
} states[] = {{LF__STATE_ACTIVE, 'A'},     {LF__STATE_PENDING_RELAY, 'P'},
              {LF__STATE_CORRECTED, 'C'},  {LF__STATE_WITHDRAWN, 'W'},
              {LF__STATE_REFUSED, 'R'},    {LF__STATE_LIFTED, 'L'},
              {LF__STATE_QUARANTINED, 'Q'}};

static enum lf__state state_of(char letter)
{
    for (size_t i = 0; i < LF_COUNT(states); i++) {
        if (states[i].letter == letter) {
            return states[i].state;
        }
    }
    return LF__STATE_NONE;
}

/* What APCWRLQ, in this order, become. */
static const struct {
    enum px_kind kind;
    unsigned decision;
    const char *after;
} words[] = {{PX_KIND_RELAY, PX_RELAY_RELEASED, "AACWRLA"},
             {PX_KIND_RELAY, PX_RELAY_REFUSED, "ARCWRLR"},
             {PX_KIND_RELAY, PX_RELAY_NONE, "APCWRLQ"},
             {PX_KIND_CORRECTION, PX_CORRECTION_WITHDRAWN, "WWWWWWW"},
             {PX_KIND_CORRECTION, 3, "CCCCCCC"},
             {PX_KIND_CORRECTION, PX_CORRECTION_NONE, "APCWRLQ"},
             {PX_KIND_LIST_REMOVAL, PX_GROUND_REMOVED, "LPCWRLQ"},
             {PX_KIND_LIST_REMOVAL, PX_GROUND_REPAIRED, "LPCWRLQ"},
             {PX_KIND_LIST_REMOVAL, PX_GROUND_REVOKED, "CPCWRCQ"},
             {PX_KIND_LIST_REMOVAL, PX_GROUND_NONE, "APCWRLQ"},
             {PX_KIND_APPEAL, PX_APPEAL_FILED, "APCWRLQ"},
             {PX_KIND_APPEAL, PX_APPEAL_UPHELD, "APCWRLQ"},
             {PX_KIND_APPEAL, PX_APPEAL_OVERTURNED, "CCCCCCC"},
             {PX_KIND_ENFORCEMENT_EVENT, 0, "CCCCCCC"},
             {PX_KIND_ENFORCEMENT_EVENT, 1, "LCCCCCC"},
             {PX_KIND_DISPOSITION, 3, "APCWRLQ"},
             {PX_KIND_NOTICE, 1, "APCWRLQ"}};

static void every_word_on_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < LF_COUNT(words); i++) {
        for (size_t k = 0; k < LF_COUNT(states); k++) {
            struct lf__life life = {.state = states[k].state, .is_held = true};
            struct lf__word word = {
                .kind = words[i].kind, .decision = words[i].decision, .until_ms = 1000};
            lf__life_change(rules, &word, &life);
            assert_int_equal(life.state, state_of(words[i].after[k]));
            assert_int_equal(life.is_held, words[i].decision != PX_RELAY_RELEASED ||
                                               words[i].kind != PX_KIND_RELAY ||
                                               life.state != LF__STATE_ACTIVE ||
                                               states[k].state == LF__STATE_ACTIVE);
        }
    }
}

/* Whoever ends it, and in which order: the earliest end counts, and nothing makes it later. */
static void the_earliest_end_counts(void **state)
{
    (void)state;
    struct lf__life life = {.state = LF__STATE_ACTIVE};
    static const int64_t ends[][2] = {{3000, 3000}, {5000, 3000}, {2000, 2000}, {2500, 2000}};
    for (size_t i = 0; i < LF_COUNT(ends); i++) {
        struct lf__word word = {
            .kind = PX_KIND_LIST_REMOVAL, .decision = PX_GROUND_REMOVED, .until_ms = ends[i][0]};
        lf__life_change(rules, &word, &life);
        assert_int_equal(life.until_ms, ends[i][1]);
    }
    assert_int_equal(lf__life_told(&life, 1999), LF__STATE_ACTIVE);
    assert_int_equal(lf__life_told(&life, 2000), LF__STATE_LIFTED);
    life.state = LF__STATE_ACTIVE;
    assert_int_equal(lf__life_told(&life, 2000), LF__STATE_EXPIRED);
    life.appeal = PX_APPEAL_HUMAN_REVIEW;
    assert_int_equal(lf__life_told(&life, 1999), LF__STATE_UNDER_APPEAL);
    life.appeal = PX_APPEAL_UPHELD;
    assert_int_equal(lf__life_told(&life, 1999), LF__STATE_ACTIVE);
}

static void only_early_accusations_wait(void **state)
{
    (void)state;
    assert_true(lf__accusation_waits(rules, PX_ROLE_PLATFORM, 3, 4));
    assert_false(lf__accusation_waits(rules, PX_ROLE_PLATFORM, 4, 4));
    assert_false(lf__accusation_waits(rules, PX_ROLE_REGULATOR, 1, 4));
}

/* The reason of an event, a listing, a registry entry or a ban, and what it advises. */
static const struct {
    struct lf__fact fact;
    const char *word, *code; /* code NULL: no reason */
    enum lf__advice advice;
} reasons[] = {
#define EVENT .kind = PX_KIND_ENFORCEMENT_EVENT
    {{EVENT, .life = {.state = LF__STATE_ACTIVE}, .certainty = 3, .is_closing = true},
     "",
     "LIVE_REMOVAL",
     LF__ADVICE_DENY},
    {{EVENT, .life = {.state = LF__STATE_ACTIVE}, .certainty = 2, .is_closing = true},
     "",
     "SUSPECTED_REMOVAL",
     LF__ADVICE_REVIEW},
    {{EVENT, .life = {.state = LF__STATE_ACTIVE, .appeal = 1}, .certainty = 3, .is_closing = 1},
     "",
     "UNDER_APPEAL",
     LF__ADVICE_REVIEW},
    {{EVENT, .life = {.state = LF__STATE_ACTIVE, .appeal = 1}, .certainty = 5, .is_closing = 1},
     "",
     "LIVE_REMOVAL",
     LF__ADVICE_DENY},
    {{EVENT, .life = {.state = LF__STATE_WITHDRAWN}, .certainty = 5, .is_closing = true},
     "",
     NULL,
     LF__ADVICE_NONE},
    {{EVENT, .life = {.state = LF__STATE_QUARANTINED}, .certainty = 3, .is_closing = true},
     "",
     "QUARANTINED",
     LF__ADVICE_WARN},
    {{EVENT, .life = {.state = LF__STATE_QUARANTINED}, .certainty = 3, .is_burst = true},
     "",
     "BURST",
     LF__ADVICE_WARN},
    {{EVENT, .life = {.state = LF__STATE_ACTIVE}, .certainty = 1, .is_burst = true},
     "",
     "ENFORCEMENT_EVENT",
     LF__ADVICE_WARN},
    {{.kind = PX_KIND_CREDIT_LIST_ENTRY, .life = {.state = LF__STATE_ACTIVE}},
     "SERIOUS",
     "LIST_SERIOUS",
     LF__ADVICE_DENY},
    {{.kind = PX_KIND_CREDIT_LIST_ENTRY, .life = {.state = LF__STATE_ACTIVE, .until_ms = 1}},
     "SERIOUS",
     "EXPIRED_LISTING",
     LF__ADVICE_WARN},
    {{.kind = PX_KIND_REGISTRY_ENTRY, .life = {.state = LF__STATE_ACTIVE}},
     "",
     "REGISTRY_STATUS_UNKNOWN",
     LF__ADVICE_REVIEW},
    {{.kind = PX_KIND_REGISTRY_ENTRY, .life = {.state = LF__STATE_ACTIVE}},
     "ACTIVE",
     "REGISTRY_ACTIVE",
     LF__ADVICE_ALLOW},
    {{.kind = PX_KIND_REGISTRY_ENTRY, .life = {.state = LF__STATE_CORRECTED}},
     "ACTIVE",
     NULL,
     LF__ADVICE_NONE},
    {{.kind = PX_KIND_ENTRY_BAN, .life = {.state = LF__STATE_ACTIVE}}, "", NULL, 0},
    {{.kind = PX_KIND_ENTRY_BAN, .life = {.state = LF__STATE_ACTIVE}, .is_own = true},
     "",
     "ENTRY_BAN",
     LF__ADVICE_DENY},
};

static void reasons_and_advice(void **state)
{
    (void)state;
    for (size_t i = 0; i < LF_COUNT(reasons); i++) {
        char code[LF__REASON_MAX];
        struct lf__reason reason;
        struct lf__fact fact = reasons[i].fact;
        fact.word = lf__bytes_str(reasons[i].word);
        assert_int_equal(lf__fact_reason(&fact, 2000, &reason), reasons[i].code != NULL);
        if (reasons[i].code != NULL) {
            lf__reason_code(&reason, code);
            assert_string_equal(code, reasons[i].code);
            assert_int_equal(lf__advice_of(rules, code), reasons[i].advice);
        }
    }
    assert_int_equal(lf__advice_of(rules, "NOT_IN_ANY_TABLE"), LF__ADVICE_REVIEW);
}

/* A word without room behind the code is left out, so that no cut one is looked up. */
static void a_long_word_is_left_out(void **state)
{
    (void)state;
    char code[LF__REASON_MAX];
    const char *word = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH"; /* 34: one fits no more */
    struct lf__reason reason = {"LIST", {(const uint8_t *)word, 34}};
    lf__reason_code(&reason, code);
    assert_int_equal(strlen(code), LF__REASON_MAX - 1);
    reason.word.len = 35;
    lf__reason_code(&reason, code);
    assert_string_equal(code, "LIST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_on_every_state),   cmocka_unit_test(the_earliest_end_counts),
        cmocka_unit_test(only_early_accusations_wait), cmocka_unit_test(reasons_and_advice),
        cmocka_unit_test(a_long_word_is_left_out),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
