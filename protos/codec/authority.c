/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds that the authority signs: genesis, members, policy. */
#include "protos/codec/kinds_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

#include <lianfang/v1/kinds.pb-c.h>

lf_status px_keys_decode(Lianfang__V1__MemberKey *const *in, size_t count,
                         struct px_member_key out[static PX_KEYS_MAX], lf_error *err)
{
    if (count > PX_KEYS_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "keys", "keys: more than %d", PX_KEYS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        lf_status rc =
            in[i]->alg == LIANFANG__V1__ALGORITHM__ALGORITHM_ED25519
                ? px_exact(px_bytes(in[i]->public_key), LF_ED25519_PUBLIC, "keys.public_key", err)
                : lf__refuse(err, LF_E_REJECTED, "KEY_ALGORITHM", "keys.alg",
                             "keys: algorithm %d is not taken", (int)in[i]->alg);
        out[i] = (struct px_member_key){.key.alg = (enum lf__alg)in[i]->alg,
                                        .from_ms = in[i]->from_ms,
                                        .until_ms = in[i]->until_ms,
                                        .use = (unsigned)in[i]->use,
                                        .revoked_at_ms = in[i]->revoked_at_ms,
                                        .revocation = (unsigned)in[i]->revocation_reason};
        if (rc == LF_OK) {
            lf__copy(out[i].key.bytes, in[i]->public_key.data, LF_ED25519_PUBLIC);
            rc = lf__public_key_check(&out[i].key, err);
        }
        if (rc != LF_OK) {
            return rc;
        }
    }
    return LF_OK;
}

void px_keys_pack(const struct px_member_key *keys, size_t count, Lianfang__V1__MemberKey *out,
                  Lianfang__V1__MemberKey **list)
{
    LF_BUG_IF(count > PX_KEYS_MAX);
    for (size_t i = 0; i < count; i++) {
        lianfang__v1__member_key__init(&out[i]);
        out[i].alg = (Lianfang__V1__Algorithm)keys[i].key.alg;
        out[i].public_key = px_data(LF_BYTES_ARRAY(keys[i].key.bytes));
        out[i].from_ms = keys[i].from_ms;
        out[i].until_ms = keys[i].until_ms;
        out[i].use = (Lianfang__V1__KeyUse)keys[i].use;
        out[i].revoked_at_ms = keys[i].revoked_at_ms;
        out[i].revocation_reason = (Lianfang__V1__RevocationReason)keys[i].revocation;
        list[i] = &out[i];
    }
}

lf_status px_pins_decode(Lianfang__V1__TlsPin *const *in, size_t count,
                         struct px_pin out[static PX_PINS_MAX], lf_error *err)
{
    if (count > PX_PINS_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "tls_spki", "tls_spki: more than %d",
                          PX_PINS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        lf_status rc =
            px_exact(px_bytes(in[i]->spki_sha256), LF_HASH_BYTES, "tls_spki.spki_sha256", err);
        if (rc != LF_OK) {
            return rc;
        }
        out[i] = (struct px_pin){.from_ms = in[i]->from_ms, .until_ms = in[i]->until_ms};
        lf__copy(out[i].spki.bytes, in[i]->spki_sha256.data, LF_HASH_BYTES);
    }
    return LF_OK;
}

void px_pins_pack(const struct px_pin *pins, size_t count, Lianfang__V1__TlsPin *out,
                  Lianfang__V1__TlsPin **list)
{
    LF_BUG_IF(count > PX_PINS_MAX);
    for (size_t i = 0; i < count; i++) {
        lianfang__v1__tls_pin__init(&out[i]);
        out[i].spki_sha256 = px_data(lf__hash_bytes(&pins[i].spki));
        out[i].from_ms = pins[i].from_ms;
        out[i].until_ms = pins[i].until_ms;
        list[i] = &out[i];
    }
}

static lf_status member_form(const struct px_member *member, lf_error *err)
{
    if (!lf__text_is_member_id(member->member)) {
        return lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", "member", "member: not a member id");
    }
    if (member->role == PX_ROLE_NONE || member->role >= PX_ROLE_COUNT ||
        member->status == PX_MEMBER_NONE || member->status >= PX_MEMBER_STATUS_COUNT) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "role",
                          "member: role or status is missing or unknown");
    }
    return LF_OK;
}

lf_status px_member_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                           struct px_member *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_parts_join(arena, envelope, &lianfang__v1__member__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Member *in = (const void *)message;
    struct px_member member = {.member = px_text(in->member),
                               .name = px_text(in->name),
                               .role = (enum px_role)in->role,
                               .level = (unsigned)in->level,
                               .division = px_text(in->division),
                               .status = (enum px_member_status)in->status,
                               .key_count = in->n_keys,
                               .pin_count = in->n_tls_spki,
                               .note = px_text(in->note)};
    rc = member_form(&member, err);
    rc = rc == LF_OK ? px_keys_decode(in->keys, in->n_keys, member.keys, err) : rc;
    rc = rc == LF_OK ? px_pins_decode(in->tls_spki, in->n_tls_spki, member.pins, err) : rc;
    if (rc == LF_OK) {
        *out = member;
    }
    return rc;
}

lf_status px_member_encode(struct lf__arena *arena, const struct px_member *member,
                           struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    bool failed = false;
    Lianfang__V1__MemberKey keys[PX_KEYS_MAX];
    Lianfang__V1__MemberKey *key_list[PX_KEYS_MAX];
    Lianfang__V1__TlsPin pins[PX_PINS_MAX];
    Lianfang__V1__TlsPin *pin_list[PX_PINS_MAX];
    Lianfang__V1__Member out = LIANFANG__V1__MEMBER__INIT;
    px_keys_pack(member->keys, member->key_count, keys, key_list);
    px_pins_pack(member->pins, member->pin_count, pins, pin_list);
    out.member = px_string(arena, member->member, &failed);
    out.name = px_string(arena, member->name, &failed);
    out.role = (Lianfang__V1__Role)member->role;
    out.level = (Lianfang__V1__Level)member->level;
    out.division = px_string(arena, member->division, &failed);
    out.status = (Lianfang__V1__MemberStatus)member->status;
    out.keys = key_list;
    out.n_keys = member->key_count;
    out.tls_spki = pin_list;
    out.n_tls_spki = member->pin_count;
    out.note = px_string(arena, member->note, &failed);
    return failed ? lf__fail(err, LF_E_NOMEM, "member: out of memory")
                  : px_parts_split(arena, &out.base, parts, count, err);
}

lf_status px_genesis_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                            struct px_genesis *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc =
        px_parts_join(arena, envelope, &lianfang__v1__genesis__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Genesis *in = (const void *)message;
    struct px_genesis genesis = {.gateway = px_text(in->gateway),
                                 .key_count = in->n_authority_keys,
                                 .threshold = in->threshold,
                                 .is_test = in->test != 0,
                                 .previous = px_text(in->previous_checkpoint),
                                 .previous_access = px_text(in->previous_access_checkpoint)};
    rc = px_keys_decode(in->authority_keys, in->n_authority_keys, genesis.keys, err);
    rc = rc == LF_OK ? px_exact(px_bytes(in->ledger_key), LF_HASH_BYTES, "ledger_key", err) : rc;
    rc = rc == LF_OK ? px_exact(px_bytes(in->access_key), LF_HASH_BYTES, "access_key", err) : rc;
    if (rc == LF_OK && (genesis.threshold == 0 || genesis.threshold > genesis.key_count)) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "threshold",
                          "genesis: threshold is not within 1 and the number of keys");
    }
    if (rc == LF_OK) {
        lf__copy(genesis.ledger_key.bytes, in->ledger_key.data, LF_HASH_BYTES);
        lf__copy(genesis.access_key.bytes, in->access_key.data, LF_HASH_BYTES);
        *out = genesis;
    }
    return rc;
}

lf_status px_genesis_encode(struct lf__arena *arena, const struct px_genesis *genesis,
                            struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    bool failed = false;
    Lianfang__V1__MemberKey keys[PX_KEYS_MAX];
    Lianfang__V1__MemberKey *key_list[PX_KEYS_MAX];
    Lianfang__V1__Genesis out = LIANFANG__V1__GENESIS__INIT;
    px_keys_pack(genesis->keys, genesis->key_count, keys, key_list);
    out.gateway = px_string(arena, genesis->gateway, &failed);
    out.authority_keys = key_list;
    out.n_authority_keys = genesis->key_count;
    out.threshold = genesis->threshold;
    out.test = genesis->is_test;
    out.ledger_key = px_data(lf__hash_bytes(&genesis->ledger_key));
    out.access_key = px_data(lf__hash_bytes(&genesis->access_key));
    out.previous_checkpoint = px_string(arena, genesis->previous, &failed);
    out.previous_access_checkpoint = px_string(arena, genesis->previous_access, &failed);
    return failed ? lf__fail(err, LF_E_NOMEM, "genesis: out of memory")
                  : px_parts_split(arena, &out.base, parts, count, err);
}

lf_status px_policy_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                           struct px_policy *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_parts_join(arena, envelope, &lianfang__v1__policy__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Policy *in = (const void *)message;
    *out = (struct px_policy){.relay_below = (unsigned)in->relay_below};
    if (in->burst != NULL) {
        out->burst = (struct px_burst){in->burst->floor, in->burst->multiple,
                                       in->burst->window_hours, in->burst->usual_days};
    }
    return LF_OK;
}

lf_status px_policy_encode(struct lf__arena *arena, const struct px_policy *policy,
                           struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    Lianfang__V1__Policy out = LIANFANG__V1__POLICY__INIT;
    Lianfang__V1__BurstLimit burst = LIANFANG__V1__BURST_LIMIT__INIT;
    const struct px_burst *b = &policy->burst;
    out.relay_below = (Lianfang__V1__Certainty)policy->relay_below;
    burst.floor = b->floor;
    burst.multiple = b->multiple;
    burst.window_hours = b->window_hours;
    burst.usual_days = b->usual_days;
    if ((b->floor | b->multiple | b->window_hours | b->usual_days) != 0) {
        out.burst = &burst;
    }
    return px_parts_split(arena, &out.base, parts, count, err);
}

static lf_status classes_decode(const Lianfang__V1__Redaction *in, struct px_redaction *out,
                                lf_error *err)
{
    unsigned seen = 0;
    for (size_t i = 0; i < in->n_classes; i++) {
        unsigned class_number = (unsigned)in->classes[i];
        if (class_number == 0 || class_number >= PX_CLASS_COUNT ||
            (seen & LF_BIT(class_number)) != 0) {
            return lf__refuse(err, LF_E_REJECTED, "PART_CLASS", "classes",
                              "classes: 1 to %d, each once", PX_CLASS_COUNT - 1);
        }
        seen |= LF_BIT(class_number);
        out->classes[out->class_count++] = (enum px_class)class_number;
    }
    return LF_OK;
}

/* By whose order is for those who see that part: a member is told only what to erase. */
static lf_status redaction_form(const struct px_envelope *envelope,
                                const struct px_redaction *redaction, lf_error *err)
{
    bool is_withheld = envelope->has_hash[PX_CLASS_REGULATOR];
    for (size_t i = 0; i < envelope->part_count; i++) {
        is_withheld = is_withheld && envelope->parts[i].part_class != PX_CLASS_REGULATOR;
    }
    const struct {
        const char *field;
        lf_bytes value;
    } rows[] = {{"target_issuer", redaction->issuer},
                {"order_authority", redaction->order_authority},
                {"order_number", redaction->order_number}};
    for (size_t i = 0; i < (is_withheld ? 1 : LF_COUNT(rows)); i++) {
        if (rows[i].value.len == 0) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", rows[i].field, "%s: is missing",
                              rows[i].field);
        }
    }
    return px_exact(redaction->record_id, PX_ID_BYTES, "target_record_id", err);
}

static lf_status mode_decode(unsigned mode, struct px_redaction *out, lf_error *err)
{
    if (mode >= PX_REDACTION_MODES) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "mode", "mode: is not known");
    }
    if (mode > PX_REDACTION_ERASE && out->class_count > 0) {
        return lf__refuse(err, LF_E_REJECTED, "PART_CLASS", "classes",
                          "classes: only an erasure names some");
    }
    out->mode = mode == 0 ? PX_REDACTION_ERASE : (enum px_redaction_mode)mode;
    return LF_OK;
}

lf_status px_redaction_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                              struct px_redaction *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc =
        px_parts_join(arena, envelope, &lianfang__v1__redaction__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Redaction *in = (const void *)message;
    struct px_redaction redaction = {.issuer = px_text(in->target_issuer),
                                     .record_id = px_bytes(in->target_record_id),
                                     .order_authority = px_text(in->order_authority),
                                     .order_number = px_text(in->order_number)};
    rc = redaction_form(envelope, &redaction, err);
    rc = rc == LF_OK ? classes_decode(in, &redaction, err) : rc;
    rc = rc == LF_OK ? mode_decode((unsigned)in->mode, &redaction, err) : rc;
    if (rc == LF_OK) {
        *out = redaction;
    }
    return rc;
}

lf_status px_redaction_encode(struct lf__arena *arena, const struct px_redaction *redaction,
                              struct px_part parts[static PX_PARTS_MAX], size_t *count,
                              lf_error *err)
{
    bool failed = false;
    Lianfang__V1__PartClass classes[PX_PARTS_MAX];
    Lianfang__V1__Redaction out = LIANFANG__V1__REDACTION__INIT;
    for (size_t i = 0; i < redaction->class_count; i++) {
        classes[i] = (Lianfang__V1__PartClass)redaction->classes[i];
    }
    out.target_issuer = px_string(arena, redaction->issuer, &failed);
    out.target_record_id = px_data(redaction->record_id);
    out.classes = classes;
    out.n_classes = redaction->class_count;
    out.mode = (Lianfang__V1__RedactionMode)redaction->mode;
    out.order_authority = px_string(arena, redaction->order_authority, &failed);
    out.order_number = px_string(arena, redaction->order_number, &failed);
    return failed ? lf__fail(err, LF_E_NOMEM, "redaction: out of memory")
                  : px_parts_split(arena, &out.base, parts, count, err);
}
