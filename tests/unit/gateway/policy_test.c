/* SPDX-License-Identifier: Apache-2.0 */
/* Every cell of role x level x kind x right, reader classes, and tables of rights with faults. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What the design says, written a second time by hand: i issue, c correct, r read, q read what names
 * it or with a case, n read what names it, s submit for others. Columns: (none)
 * GENESIS MEMBER POLICY REGISTRY_ENTRY ENFORCEMENT_EVENT RELAY CORRECTION REDACTION, then
 * CREDIT_LIST_ENTRY LIST_REMOVAL APPEAL NOTICE DISPOSITION ENTRY_BAN OVERRIDE CAMPAIGN ATTESTATION
 * BULLETIN MERCHANT_IDENTITY ACKNOWLEDGEMENT LOG_KEY. State organs have levels 1 to 4, others level 0, and at
 * every other level no right at all. */
static const char *const want[PX_ROLE_COUNT][PX_KIND_COUNT] = {
    [PX_ROLE_PLATFORM] = {"",   "r", "r",  "r",  "r",  "ir", "r",  "ir", "r",  "r",  "r",
                          "ir", "r", "in", "in", "in", "r",  "in", "r",  "in", "in", "r"},
    [PX_ROLE_REGULATOR] = {"",   "r",  "r", "r",  "icr", "icr", "ir", "ir", "r", "icr", "ir",
                           "ir", "ir", "r", "cr", "r",   "ir",  "r",  "ir", "r", "ir",  "r"},
    [PX_ROLE_POLICE] = {"",  "r", "r", "r", "r", "q", "q", "q", "q", "r", "r",
                        "q", "",  "",  "q", "",  "r", "",  "r", "",  "i", "r"},
    [PX_ROLE_COMMERCE] = {"",  "r", "r", "r", "r", "r", "r", "r", "r", "r", "r",
                          "r", "",  "",  "",  "",  "r", "",  "r", "",  "i", "r"},
    [PX_ROLE_ASSOCIATION] = {"", "r", "r", "r", "", "", "", "",  "", "",  "",
                             "", "",  "",  "",  "", "", "", "r", "", "i", "r"},
    [PX_ROLE_LAB] = {"", "r", "r", "r", "", "", "", "",  "", "",  "",
                     "", "",  "",  "",  "", "", "", "r", "", "i", "r"},
    [PX_ROLE_BRAND] = {"", "r", "r", "r", "", "i", "", "i", "", "",  "",
                       "", "",  "",  "",  "", "r", "", "r", "", "i", "r"},
    [PX_ROLE_LICENCE_ISSUER] = {"", "r", "r", "r", "ir", "", "", "i", "", "",  "",
                                "", "",  "",  "",  "",   "", "", "r", "", "i", "r"},
    [PX_ROLE_OBSERVER] = {"", "r", "r", "r", "", "", "", "",  "", "",  "",
                          "", "",  "",  "",  "", "", "", "r", "", "i", "r"},
    [PX_ROLE_AUDITOR] = {"",  "r", "r", "r", "r", "r", "r", "r", "r", "r",  "r",
                         "r", "r", "",  "",  "",  "",  "",  "r", "",  "ir", "r"},
};
static const bool is_organ[PX_ROLE_COUNT] = {
    [PX_ROLE_REGULATOR] = true, [PX_ROLE_POLICE] = true, [PX_ROLE_COMMERCE] = true};

static struct gw_policy *policy_default(void)
{
    struct gw_policy *policy = NULL;
    assert_int_equal(gw_policy_load_default(&policy, NULL), LF_OK);
    return policy;
}

static void every_cell(void **state)
{
    (void)state;
    static const struct {
        char letter;
        enum gw_right right;
    } rights[] = {{'i', GW_MAY_ISSUE},     {'c', GW_MAY_CORRECT},    {'r', GW_MAY_READ},
                  {'q', GW_MAY_READ_CASE}, {'n', GW_MAY_READ_NAMED}, {'s', GW_MAY_SUBMIT}};
    struct gw_policy *policy = policy_default();
    for (unsigned role = 0; role <= PX_ROLE_COUNT; role++) {
        for (unsigned kind = 0; kind <= PX_KIND_COUNT; kind++) {
            for (unsigned level = 0; level <= GW_LEVELS; level++) {
                for (size_t i = 0; i < LF_COUNT(rights); i++) {
                    const char *cell = role < PX_ROLE_COUNT && kind < PX_KIND_COUNT &&
                                               level < GW_LEVELS && is_organ[role] == (level > 0)
                                           ? want[role][kind]
                                           : "";
                    bool expected = cell != NULL && strchr(cell, rights[i].letter) != NULL;
                    assert_int_equal(gw_policy_may(policy, (enum px_role)role, level,
                                                   (enum px_kind)kind, rights[i].right),
                                     expected);
                }
            }
        }
    }
    gw_policy_free(policy);
}

static void faulty_tables_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"PLATFORM * NOTHING read\n", "NOBODY * RELAY read\n",
                                      "PLATFORM UP RELAY read\n",  "PLATFORM * RELAY all\n",
                                      "PLATFORM * RELAY\n",        "PLATFORM * RELAY read",
                                      "PLATFORM CITY RELAY read\n"};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        struct gw_policy *policy = NULL;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(gw_policy_load(lf__bytes_str(bad[i]), lf__bytes_str(""), &policy, &err),
                         LF_E_FORMAT);
        assert_null(policy);
    }
    struct gw_policy *policy = NULL;
    assert_int_equal(gw_policy_load(lf__bytes_str("REGULATOR CITY RELAY issue\n"),
                                    lf__bytes_str("# a\n\n"), &policy, NULL),
                     LF_OK);
    assert_true(gw_policy_may(policy, PX_ROLE_REGULATOR, 3, PX_KIND_RELAY, GW_MAY_ISSUE));
    assert_false(gw_policy_may(policy, PX_ROLE_REGULATOR, 2, PX_KIND_RELAY, GW_MAY_ISSUE));
    gw_policy_free(policy);
}

static void readers(void **state)
{
    (void)state;
    struct gw_policy *policy = policy_default();
    lf_bytes named[] = {lf__bytes_str("platform-02")};
    struct px_header header = {.issuer = lf__bytes_str("platform-01"),
                               .kind = PX_KIND_ENFORCEMENT_EVENT};
    struct gw_reader issuer = {.member = lf__bytes_str("platform-01"), .role = PX_ROLE_PLATFORM};
    struct gw_reader rival = {.member = lf__bytes_str("platform-03"), .role = PX_ROLE_PLATFORM};
    struct gw_reader regulator = {
        .member = lf__bytes_str("regulator"), .role = PX_ROLE_REGULATOR, .level = 2};
    struct gw_reader lab = {.member = lf__bytes_str("lab-01"), .role = PX_ROLE_LAB};
    struct gw_reader police = {
        .member = lf__bytes_str("police-bj"), .role = PX_ROLE_POLICE, .level = 3};
    const unsigned open = LF_BIT(PX_CLASS_PUBLIC) | LF_BIT(PX_CLASS_MEMBERS);
    const unsigned supervised = open | LF_BIT(PX_CLASS_REGULATOR);
    const unsigned all = supervised | LF_BIT(PX_CLASS_PERSONAL);
    assert_int_equal(gw_policy_classes(policy, &issuer, &header), all);
    assert_int_equal(gw_policy_classes(policy, &rival, &header), open);
    assert_int_equal(gw_policy_classes(policy, &regulator, &header), supervised);
    assert_int_equal(gw_policy_classes(policy, &lab, &header), 0);
    assert_int_equal(gw_policy_classes(policy, &police, &header), 0); /* may not browse */
    regulator.has_case = police.has_case = rival.has_case = true;
    assert_int_equal(gw_policy_classes(policy, &regulator, &header), all);
    assert_int_equal(gw_policy_classes(policy, &police, &header), all);
    assert_int_equal(gw_policy_classes(policy, &rival, &header), open);
    header.audience = named;
    header.audience_count = 1;
    assert_int_equal(gw_policy_classes(policy, &rival, &header), 0);
    assert_int_equal(gw_policy_classes(policy, &police, &header), 0);
    assert_int_equal(gw_policy_classes(policy, &regulator, &header), all);
    rival.member = named[0];
    assert_int_equal(gw_policy_classes(policy, &rival, &header), open);
    police.has_case = false;
    police.member = named[0]; /* a referral names its addressee */
    assert_int_equal(gw_policy_classes(policy, &police, &header), supervised);
    regulator.level = 0; /* an organ of no level is nobody */
    assert_int_equal(gw_policy_classes(policy, &regulator, &header), 0);
    gw_policy_free(policy);
}

/* What a platform keeps to itself no other reads, not even with a case; a bulletin is for those it names, or for all. */
static void named_only(void **state)
{
    (void)state;
    struct gw_policy *policy = policy_default();
    lf_bytes named[] = {lf__bytes_str("platform-02")};
    struct px_header header = {.issuer = lf__bytes_str("platform-01"), .kind = PX_KIND_ENTRY_BAN};
    struct gw_reader rival = {
        .member = lf__bytes_str("platform-03"), .role = PX_ROLE_PLATFORM, .has_case = true};
    const unsigned open = LF_BIT(PX_CLASS_PUBLIC) | LF_BIT(PX_CLASS_MEMBERS);
    assert_int_equal(gw_policy_classes(policy, &rival, &header), 0);
    header.audience = named;
    header.audience_count = 1;
    assert_int_equal(gw_policy_classes(policy, &rival, &header), 0);
    rival.member = named[0];
    assert_int_equal(gw_policy_classes(policy, &rival, &header), open);
    header.kind = PX_KIND_BULLETIN;
    header.issuer = lf__bytes_str("regulator");
    assert_int_equal(gw_policy_classes(policy, &rival, &header), open);
    rival.member = lf__bytes_str("platform-03");
    assert_int_equal(gw_policy_classes(policy, &rival, &header), 0);
    header.audience_count = 0;
    assert_int_equal(gw_policy_classes(policy, &rival, &header), open);
    gw_policy_free(policy);
}

/* Some reports are for more than the regulators. */
static void reports(void **state)
{
    (void)state;
    struct gw_policy *policy = policy_default();
    assert_true(gw_policy_opens(policy, PX_ROLE_AUDITOR, lf__bytes_str("ranking")));
    assert_false(gw_policy_opens(policy, PX_ROLE_AUDITOR, lf__bytes_str("coverage")));
    assert_false(gw_policy_opens(policy, PX_ROLE_PLATFORM, lf__bytes_str("ranking")));
    assert_false(gw_policy_opens(policy, PX_ROLE_COUNT, lf__bytes_str("ranking")));
    gw_policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell), cmocka_unit_test(faulty_tables_are_named),
        cmocka_unit_test(readers),    cmocka_unit_test(named_only),
        cmocka_unit_test(reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
