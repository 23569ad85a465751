/* SPDX-License-Identifier: Apache-2.0 */
/* What the authority says: members and the rules of the federation. */
#include "gateway/exchange/validate/validate_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/log_key.h"

bool gw__is_division(lf_bytes text)
{
    size_t digits = 0;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
        digits++;
    }
    return digits == GW_DIVISION_LEN && text.len == GW_DIVISION_LEN;
}

static lf_status check_keys(const struct px_member *member, lf_error *err)
{
    size_t signing = 0;
    for (size_t i = 0; i < member->key_count; i++) {
        const struct px_member_key *key = &member->keys[i];
        if (key->use == PX_KEY_NONE || key->use >= PX_KEY_USE_COUNT ||
            (key->until_ms != 0 && key->until_ms <= key->from_ms)) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "keys",
                              "keys: key %zu has no use, or ends before it begins", i + 1);
        }
        if (key->revocation >= PX_REVOKED_COUNT || key->revoked_at_ms < 0 ||
            (key->revocation != PX_REVOKED_NOT) != (key->revoked_at_ms != 0)) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "keys",
                              "keys: key %zu is revoked without a time or a known reason", i + 1);
        }
        signing += key->use == PX_KEY_RECORD && key->revoked_at_ms == 0 ? 1 : 0;
        for (size_t k = 0; k < i; k++) {
            if (lf__bytes_eq(LF_BYTES_ARRAY(key->key.bytes),
                             LF_BYTES_ARRAY(member->keys[k].key.bytes))) {
                return lf__refuse(err, LF_E_REJECTED, "KEY_IN_USE", "keys",
                                  "keys: key %zu stands twice", i + 1);
            }
        }
    }
    return signing > 0 || member->status != PX_MEMBER_ACTIVE
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "keys",
                            "keys: an active member needs one that signs records");
}

static lf_status check_pins(const struct px_member *member, lf_error *err)
{
    for (size_t i = 0; i < member->pin_count; i++) {
        const struct px_pin *pin = &member->pins[i];
        if (pin->until_ms != 0 && pin->until_ms <= pin->from_ms) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "tls_spki",
                              "tls_spki: pin %zu ends before it begins", i + 1);
        }
        for (size_t k = 0; k < i; k++) {
            if (lf__hash_eq(&pin->spki, &member->pins[k].spki)) {
                return lf__refuse(err, LF_E_REJECTED, "PIN_IN_USE", "tls_spki",
                                  "tls_spki: pin %zu stands twice", i + 1);
            }
        }
    }
    return LF_OK;
}

static lf_status check_place(const struct px_member *member, lf_error *err)
{
    if (!gw_policy_role_has_level(member->role, member->level)) {
        return lf__refuse(err, LF_E_REJECTED, "MEMBER_LEVEL", "level",
                          "level: state organs have one, others have none");
    }
    return member->division.len == 0 ? member->level == 0
                                           ? LF_OK
                                           : lf__refuse(err, LF_E_REJECTED, "MEMBER_LEVEL",
                                                        "division", "division: is missing")
           : gw__is_division(member->division)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "MEMBER_LEVEL", "division", "division: 6 digits");
}

lf_status gw__check_member(const struct gw_checking *c)
{
    lf_error *err = c->err;
    struct px_member member;
    lf_status rc = px_member_decode(c->arena, c->envelope, &member, err);
    if (rc == LF_OK && (lf__bytes_eq_str(member.member, GW_AUTHORITY_ID) ||
                        lf__bytes_eq_str(member.member, PX_GATEWAY_ID))) {
        return lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", "member",
                          "member: this id is the authority's or the gateway's own");
    }
    if (rc == LF_OK && (member.name.len == 0 || member.name.len > GW_MEMBER_NAME_MAX)) {
        return lf__refuse(err, LF_E_REJECTED, member.name.len == 0 ? "FIELD_MISSING" : "TOO_BIG",
                          "name", "name: 1 to %d bytes", GW_MEMBER_NAME_MAX);
    }
    rc = rc == LF_OK ? check_place(&member, err) : rc;
    rc = rc == LF_OK ? check_keys(&member, err) : rc;
    rc = rc == LF_OK ? check_pins(&member, err) : rc;
    rc = rc == LF_OK ? gw__check_text(member.name, PX_TEXT_MAX, "name", err) : rc;
    return rc == LF_OK ? gw__check_text(member.note, PX_TEXT_MAX, "note", err) : rc;
}

lf_status gw__check_policy(const struct gw_checking *c)
{
    struct px_policy policy;
    lf_status rc = px_policy_decode(c->arena, c->envelope, &policy, c->err);
    if (rc == LF_OK && policy.relay_below >= LF__CERTAINTIES) {
        rc = lf__refuse(c->err, LF_E_REJECTED, "CERTAINTY_UNKNOWN", "relay_below",
                        "relay_below: no such certainty");
    }
    return rc;
}
