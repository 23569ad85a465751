/* SPDX-License-Identifier: Apache-2.0 */
/* Field by field: number in the contract, place in our struct, and what it must be. */
#include "protos/codec/words.h"

#include "base/status.h"
#include "protos/codec/kinds.h"

#include <stddef.h>

enum { NEED = true, MAY = false };

#define ROW(noun, number, member, form, required, max)                                             \
    {                                                                                              \
        number, offsetof(struct px_##noun, member), PX_FORM_##form, required, max                  \
    }
#define ABOUT(noun)                                                                                \
    ROW(noun, 200, about.issuer, MEMBER, NEED, 0),                                                 \
        ROW(noun, 201, about.record_id, BYTES, NEED, PX_ID_BYTES)

static const struct px_word listing[] = {
    ROW(listing, 200, uscc, USCC, NEED, 0),
    ROW(listing, 201, list, CODE, NEED, 0),
    ROW(listing, 202, name, TEXT, MAY, PX_TEXT_MAX),
    ROW(listing, 203, reason, CODE, MAY, 0),
    ROW(listing, 204, reason_text, TEXT, MAY, PX_TEXT_MAX),
    ROW(listing, 205, listed_on, DATE, NEED, 0),
    ROW(listing, 206, authority, TEXT, MAY, PX_TEXT_MAX),
    ROW(listing, 207, document, TEXT, MAY, PX_TEXT_MAX),
    ROW(listing, 208, region, CODE, MAY, 0),
    ROW(listing, 209, list_id, TEXT, MAY, PX_TEXT_MAX),
    ROW(listing, 210, violation, CODE, MAY, 0),
    ROW(listing, 211, amount_fen, MONEY, MAY, 0),
    ROW(listing, 400, full_name, TEXT, MAY, PX_TEXT_MAX),
};
static const struct px_word removal[] = {
    ABOUT(removal),
    ROW(removal, 202, ground, ENUM, NEED, 0),
    ROW(removal, 203, removed_on, DATE, NEED, 0),
    ROW(removal, 204, reason_text, TEXT, MAY, PX_TEXT_MAX),
    ROW(removal, 205, authority, TEXT, MAY, PX_TEXT_MAX),
    ROW(removal, 206, document, TEXT, MAY, PX_TEXT_MAX),
};
static const struct px_word appeal[] = {
    ABOUT(appeal),
    ROW(appeal, 202, step, ENUM, NEED, 0),
    ROW(appeal, 203, stepped_on, DATE, NEED, 0),
    ROW(appeal, 204, reason, TEXT, MAY, PX_TEXT_MAX),
    ROW(appeal, 300, statement, BYTES, MAY, LF_HASH_BYTES),
    ROW(appeal, 301, note, TEXT, MAY, PX_TEXT_MAX),
};
static const struct px_word notice[] = {
    ABOUT(notice),
    ROW(notice, 202, members, MEMBERS, MAY, PX_MEMBERS_MAX),
    ROW(notice, 203, step, ENUM, NEED, 0),
    ROW(notice, 204, text, TEXT, MAY, PX_TEXT_MAX),
};
static const struct px_word disposition[] = {
    ABOUT(disposition),
    ROW(disposition, 202, answer, ENUM, NEED, 0),
    ROW(disposition, 203, measures, CODES, MAY, PX_MEASURES_MAX),
    ROW(disposition, 204, rule, TEXT, MAY, PX_LABEL_MAX),
    ROW(disposition, 205, reason, TEXT, MAY, PX_TEXT_MAX),
    ROW(disposition, 206, shops, U32, MAY, 0),
    ROW(disposition, 207, acted_on, DATE, MAY, 0),
    ROW(disposition, 300, note, TEXT, MAY, PX_TEXT_MAX),
};
static const struct px_word ban[] = {
    ROW(ban, 200, uscc, USCC, NEED, 0),
    ROW(ban, 201, reason, TEXT, NEED, PX_TEXT_MAX),
    ROW(ban, 202, from, DATE, MAY, 0),
    ROW(ban, 203, until, DATE, MAY, 0),
    ROW(ban, 204, rule, TEXT, MAY, PX_LABEL_MAX),
};
static const struct px_word override[] = {
    ROW(override, 200, uscc, USCC, NEED, 0),
    ROW(override, 201, advice, CODE, NEED, 0),
    ROW(override, 202, decision, CODE, NEED, 0),
    ROW(override, 203, reason, TEXT, NEED, PX_TEXT_MAX),
    ROW(override, 204, access_index, U64, MAY, 0),
    ROW(override, 300, officer, TEXT, NEED, PX_LABEL_MAX),
};
static const struct px_word campaign[] = {
    ROW(campaign, 200, campaign, CODE, NEED, 0),
    ROW(campaign, 201, title, TEXT, NEED, PX_TEXT_MAX),
    ROW(campaign, 202, from, DATE, NEED, 0),
    ROW(campaign, 203, until, DATE, NEED, 0),
    ROW(campaign, 204, violations, CODES, MAY, PX_VIOLATIONS_MAX),
    ROW(campaign, 205, is_automatic, FLAG, MAY, 0),
};
static const struct px_word attestation[] = {
    ROW(attestation, 200, period, CODE, NEED, 0),
    ROW(attestation, 201, statement, TEXT, NEED, PX_TEXT_MAX),
    ROW(attestation, 300, document, BYTES, MAY, LF_HASH_BYTES),
};
static const struct px_word bulletin[] = {
    ROW(bulletin, 100, public_title, TEXT, MAY, PX_TEXT_MAX),
    ROW(bulletin, 101, public_text, TEXT, MAY, PX_TEXT_MAX),
    ROW(bulletin, 102, channel, ENUM, NEED, 0),
    ROW(bulletin, 200, title, TEXT, MAY, PX_TEXT_MAX),
    ROW(bulletin, 201, text, TEXT, MAY, PX_TEXT_MAX),
};
static const struct px_word identity[] = {
    ROW(identity, 200, uscc, USCC, NEED, 0),
    ROW(identity, 201, name, TEXT, MAY, PX_TEXT_MAX),
    ROW(identity, 300, shops, LABELS, MAY, PX_SHOPS_MAX),
    ROW(identity, 301, legal_rep_token, BYTES, MAY, LF_HASH_BYTES),
    ROW(identity, 302, account_token, BYTES, MAY, LF_HASH_BYTES),
    ROW(identity, 303, phone_token, BYTES, MAY, LF_HASH_BYTES),
};
static const struct px_word ack[] = {
    ROW(ack, 200, cursor, U64, NEED, 0),
    ROW(ack, 201, root, BYTES, NEED, LF_HASH_BYTES),
};

#define WORDS(noun, KIND) [PX_KIND_##KIND] = {noun, LF_COUNT(noun), sizeof(struct px_##noun)},
static const struct px_words words[PX_KIND_COUNT] = {PX_WORDS_MAP(WORDS)};
#undef WORDS

const struct px_words *px_words_of(enum px_kind kind)
{
    return (unsigned)kind < PX_KIND_COUNT && words[kind].count > 0 ? &words[kind] : NULL;
}
