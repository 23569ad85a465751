/* SPDX-License-Identifier: Apache-2.0 */
/* Enumerations of the contract, as words: the position in a list is the number. */
#include "rules/words.h"

#include "base/status.h"

#include <string.h>

static const char *const roles[PX_ROLE_COUNT] = {
    "",    "PLATFORM", "REGULATOR",      "POLICE",   "COMMERCE", "ASSOCIATION",
    "LAB", "BRAND",    "LICENCE_ISSUER", "OBSERVER", "AUDITOR"};
static const char *const levels[] = {"", "NATIONAL", "PROVINCE", "CITY", "COUNTY"};
static const char *const statuses[PX_MEMBER_STATUS_COUNT] = {"", "ACTIVE", "SUSPENDED", "RETIRED"};
static const char *const certainties[LF__CERTAINTIES] = {"",
                                                         "SUSPECTED",
                                                         "TEST_ABNORMAL",
                                                         "ESTABLISHED_BY_PLATFORM",
                                                         "ESTABLISHED_BY_BRAND",
                                                         "ADMIN_DECISION",
                                                         "COURT"};
static const char *const states[] = {"",          "ACTIVE",     "PENDING_RELAY", "UNDER_APPEAL",
                                     "CORRECTED", "WITHDRAWN",  "EXPIRED",       "REFUSED",
                                     "LIFTED",    "QUARANTINED"};
static const char *const advices[] = {"", "ALLOW", "ALLOW_WITH_WARNING", "MANUAL_REVIEW", "DENY"};
static const char *const corrections[] = {
    "", "WRONG_SUBJECT", "IDENTITY_STOLEN", "FACT_WRONG", "APPEAL_UPHELD", "REPAIRED", "WITHDRAWN"};
static const char *const bases[] = {"", "STATUTORY_DUTY", "PUBLIC_DISCLOSED", "CONSENT",
                                    "CONTRACT"};
static const char *const relays[] = {"", "RELEASED", "REFUSED"};

static const char *const kinds[] = {"",
                                    "Genesis",
                                    "Member",
                                    "Policy",
                                    "RegistryEntry",
                                    "EnforcementEvent",
                                    "Relay",
                                    "Correction",
                                    "Redaction",
                                    "CreditListEntry",
                                    "ListRemoval",
                                    "Appeal",
                                    "Notice",
                                    "Disposition",
                                    "EntryBan",
                                    "Override",
                                    "Campaign",
                                    "Attestation",
                                    "Bulletin",
                                    "MerchantIdentity",
                                    "Acknowledgement"};
static const char *const tasks[] = {"",         "OPEN",   "ACTIVE_SHOP", "INVESTIGATING",
                                    "DISPUTED", "CLOSED", "MOOT"};
static const char *const answers[] = {"",           "NO_SHOP",  "ACTIVE_SHOP",   "REMOVED",
                                      "RESTRICTED", "KEPT",     "INVESTIGATING", "DISPUTED",
                                      "UNDONE",     "NOT_USED", "ERASED"};
static const char *const classes[] = {"", "PUBLIC", "MEMBERS", "REGULATOR", "PERSONAL"};

static const char *const acts[] = {
    "",           "SCREEN", "READ_ENTRIES", "READ_EVIDENCE", "READ_ACCESS",
    "ADMINISTER", "START",  "FEED",         "MIRROR_COUNT",  "CROSS_CHECK"};
static const char *const steps[] = {"",       "FILED",     "ACCEPTED", "HUMAN_REVIEW",
                                    "UPHELD", "OVERTURNED"};

static const char *word_at(const char *const *words, size_t count, unsigned number)
{
    return number < count ? words[number] : "";
}

static unsigned number_of(const char *const *words, size_t count, const char *word)
{
    for (unsigned i = 1; word != NULL && i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    return 0;
}

const char *lf__word_role(unsigned number)
{
    return word_at(roles, LF_COUNT(roles), number);
}

unsigned lf__number_role(const char *word)
{
    return number_of(roles, LF_COUNT(roles), word);
}

const char *lf__word_level(unsigned number)
{
    return word_at(levels, LF_COUNT(levels), number);
}

unsigned lf__number_level(const char *word)
{
    return number_of(levels, LF_COUNT(levels), word);
}

const char *lf__word_status(unsigned number)
{
    return word_at(statuses, LF_COUNT(statuses), number);
}

unsigned lf__number_status(const char *word)
{
    return number_of(statuses, LF_COUNT(statuses), word);
}

const char *lf__word_certainty(unsigned number)
{
    return word_at(certainties, LF_COUNT(certainties), number);
}

unsigned lf__number_certainty(const char *word)
{
    return number_of(certainties, LF_COUNT(certainties), word);
}

unsigned lf__number_basis(const char *word)
{
    return number_of(bases, LF_COUNT(bases), word);
}

const char *lf__word_state(unsigned number)
{
    return word_at(states, LF_COUNT(states), number);
}

const char *lf__word_advice(unsigned number)
{
    return word_at(advices, LF_COUNT(advices), number);
}

unsigned lf__number_correction(const char *word)
{
    return number_of(corrections, LF_COUNT(corrections), word);
}

unsigned lf__number_relay(const char *word)
{
    return number_of(relays, LF_COUNT(relays), word);
}

const char *lf__word_correction(unsigned number)
{
    return word_at(corrections, LF_COUNT(corrections), number);
}

const char *lf__word_relay(unsigned number)
{
    return word_at(relays, LF_COUNT(relays), number);
}

const char *lf__word_kind(unsigned number)
{
    return word_at(kinds, LF_COUNT(kinds), number);
}

const char *lf__word_class(unsigned number)
{
    return word_at(classes, LF_COUNT(classes), number);
}

unsigned lf__number_class(const char *word)
{
    return number_of(classes, LF_COUNT(classes), word);
}

const char *lf__word_task(unsigned number)
{
    return word_at(tasks, LF_COUNT(tasks), number);
}

unsigned lf__number_task(const char *word)
{
    return number_of(tasks, LF_COUNT(tasks), word);
}

const char *lf__word_answer(unsigned number)
{
    return word_at(answers, LF_COUNT(answers), number);
}

const char *lf__word_basis(unsigned number)
{
    return word_at(bases, LF_COUNT(bases), number);
}

const char *lf__word_act(unsigned number)
{
    return word_at(acts, LF_COUNT(acts), number);
}

const char *lf__word_step(unsigned number)
{
    return word_at(steps, LF_COUNT(steps), number);
}
