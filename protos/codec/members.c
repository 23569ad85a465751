/* SPDX-License-Identifier: Apache-2.0 */
/* The Members service, both ways. */
#include "protos/codec/members.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/wire.h"

#include <lianfang/v1/members.pb-c.h>

bool px_list_request_encode(const struct px_list_request *request, struct lf__buf *out)
{
    return px_wire_u64(out, 1, (uint64_t)request->role) && px_wire_bytes(out, 2, request->after) &&
           px_wire_u64(out, 3, request->limit);
}

lf_status px_list_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                 struct px_list_request *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__list_members_request__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__ListMembersRequest *in = (const void *)message;
    if ((unsigned)in->role >= PX_ROLE_COUNT || in->limit > PX_LIST_MAX) {
        return lf__refuse(err, LF_E_ARG, in->limit > PX_LIST_MAX ? "TOO_BIG" : "FIELD_MISSING",
                          in->limit > PX_LIST_MAX ? "limit" : "role",
                          "list: an unknown role, or more than %d", PX_LIST_MAX);
    }
    *out = (struct px_list_request){(enum px_role)in->role, px_text(in->after),
                                    in->limit == 0 ? PX_LIST_DEFAULT : in->limit};
    return LF_OK;
}

static bool entry_pack(const struct px_member_entry *entry, struct lf__buf *out)
{
    LF_ARENA arena;
    bool failed = false;
    const struct px_member *member = &entry->member;
    Lianfang__V1__MemberEntry to = LIANFANG__V1__MEMBER_ENTRY__INIT;
    Lianfang__V1__MemberKey keys[PX_KEYS_MAX];
    Lianfang__V1__MemberKey *key_list[PX_KEYS_MAX];
    Lianfang__V1__TlsPin pins[PX_PINS_MAX];
    Lianfang__V1__TlsPin *pin_list[PX_PINS_MAX];
    lf__arena_init(&arena, 1 << 16);
    px_keys_pack(member->keys, member->key_count, keys, key_list);
    px_pins_pack(member->pins, member->pin_count, pins, pin_list);
    to.member = px_string(&arena, member->member, &failed);
    to.name = px_string(&arena, member->name, &failed);
    to.role = (Lianfang__V1__Role)member->role;
    to.level = (Lianfang__V1__Level)member->level;
    to.division = px_string(&arena, member->division, &failed);
    to.status = (Lianfang__V1__MemberStatus)member->status;
    to.keys = key_list;
    to.n_keys = member->key_count;
    to.tls_spki = pin_list;
    to.n_tls_spki = member->pin_count;
    to.since_index = entry->since_index;
    to.record_id = px_data(entry->record_id);
    to.version = entry->version;
    return !failed && px_pack(&to.base, out);
}

static bool entry_field(const struct px_member_entry *entry, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, 65536);
    return entry_pack(entry, &inner) && px_wire_bytes(out, 1, lf__buf_bytes(&inner));
}

bool px_list_entry_encode(const struct px_member_entry *entry, struct lf__buf *reply)
{
    return entry_field(entry, reply);
}

bool px_list_end(lf_bytes next, uint64_t size, struct lf__buf *reply)
{
    return (next.len == 0 || px_wire_bytes(reply, 2, next)) && px_wire_u64(reply, 3, size);
}

static lf_status entry_take(const Lianfang__V1__MemberEntry *in, struct px_member_entry *out,
                            lf_error *err)
{
    *out = (struct px_member_entry){.member = {.member = px_text(in->member),
                                               .name = px_text(in->name),
                                               .role = (enum px_role)in->role,
                                               .level = (unsigned)in->level,
                                               .division = px_text(in->division),
                                               .status = (enum px_member_status)in->status,
                                               .key_count = in->n_keys,
                                               .pin_count = in->n_tls_spki},
                                    .since_index = in->since_index,
                                    .record_id = px_bytes(in->record_id),
                                    .version = in->version};
    lf_status rc = px_keys_decode(in->keys, in->n_keys, out->member.keys, err);
    return rc == LF_OK ? px_pins_decode(in->tls_spki, in->n_tls_spki, out->member.pins, err) : rc;
}

lf_status px_list_decode(struct lf__arena *arena, lf_bytes bytes, struct px_member_entry **list,
                         size_t *count, lf_bytes *next, uint64_t *size, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__list_members_response__descriptor,
                             PX_UNKNOWN_CARRY, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__ListMembersResponse *in = (const void *)message;
    struct px_member_entry *entries = lf__arena_array(arena, in->n_members, sizeof *entries);
    if (entries == NULL) {
        return lf__fail(err, LF_E_NOMEM, "answer: out of memory");
    }
    for (size_t i = 0; rc == LF_OK && i < in->n_members; i++) {
        rc = entry_take(in->members[i], &entries[i], err);
    }
    if (rc == LF_OK) {
        *list = entries;
        *count = in->n_members;
        *next = px_text(in->next);
        *size = in->size;
    }
    return rc;
}

bool px_get_member_request_encode(lf_bytes member, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, member);
}

lf_status px_get_member_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_bytes *member,
                                       lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__get_member_request__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    if (rc == LF_OK) {
        *member = px_text(((const Lianfang__V1__GetMemberRequest *)(const void *)message)->member);
    }
    return rc;
}

bool px_get_member_encode(const struct px_member_entry *entry, uint64_t size, struct lf__buf *reply)
{
    return entry_field(entry, reply) && px_wire_u64(reply, 2, size);
}

lf_status px_get_member_decode(struct lf__arena *arena, lf_bytes bytes, struct px_member_entry *out,
                               uint64_t *size, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    struct px_member_entry entry;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__get_member_response__descriptor,
                             PX_UNKNOWN_CARRY, &message, err);
    const Lianfang__V1__GetMemberResponse *in = (const void *)message;
    if (rc == LF_OK && in->member == NULL) {
        rc = lf__fail(err, LF_E_FORMAT, "answer: names no member");
    }
    rc = rc == LF_OK ? entry_take(in->member, &entry, err) : rc;
    if (rc == LF_OK) {
        *out = entry;
        *size = in->size;
    }
    return rc;
}

bool px_approve_request_encode(const struct lf__hash *proposal,
                               const struct px_signature *signature, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, 1024);
    return px_wire_u64(&inner, 1, signature->alg) &&
           px_wire_bytes(&inner, 2, lf__hash_bytes(&signature->key_id)) &&
           px_wire_bytes(&inner, 3, signature->signature) &&
           px_wire_bytes(out, 1, lf__hash_bytes(proposal)) &&
           px_wire_bytes(out, 2, lf__buf_bytes(&inner));
}

lf_status px_approve_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                    struct lf__hash *proposal, struct px_signature *signature,
                                    lf_error *err)
{
    ProtobufCMessage *message = NULL;
    struct px_signature taken;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__approve_request__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__ApproveRequest *in = (const void *)message;
    rc = px_exact(px_bytes(in->proposal_id), LF_HASH_BYTES, "proposal_id", err);
    if (rc == LF_OK && in->signature == NULL) {
        rc = lf__refuse(err, LF_E_REJECTED, "SIGNATURE_MISSING", "signature",
                        "approval: has no signature");
    }
    rc = rc == LF_OK ? px_signature_decode(arena, in->signature, &taken, err) : rc;
    if (rc == LF_OK && taken.batch_size != 0) {
        rc = lf__refuse(err, LF_E_REJECTED, "BATCH_PATH", "signature.batch",
                        "approval: is signed alone, not in a batch");
    }
    if (rc == LF_OK) {
        lf__copy(proposal->bytes, in->proposal_id.data, LF_HASH_BYTES);
        *signature = taken;
    }
    return rc;
}

bool px_proposal_encode(const struct px_proposal *proposal, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, lf__hash_bytes(&proposal->id)) &&
           px_wire_u64(out, 2, proposal->signatures) && px_wire_u64(out, 3, proposal->threshold) &&
           px_wire_u64(out, 4, proposal->accepted ? 1 : 0) &&
           px_wire_u64(out, 5, proposal->index) &&
           px_wire_u64(out, 6, (uint64_t)proposal->expires_at_ms);
}

lf_status px_proposal_decode(struct lf__arena *arena, lf_bytes bytes, struct px_proposal *out,
                             lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__proposal_response__descriptor,
                             PX_UNKNOWN_CARRY, &message, err);
    const Lianfang__V1__ProposalResponse *in = (const void *)message;
    rc = rc == LF_OK ? px_exact(px_bytes(in->proposal_id), LF_HASH_BYTES, "proposal_id", err) : rc;
    if (rc == LF_OK) {
        *out = (struct px_proposal){.signatures = in->signatures,
                                    .threshold = in->threshold,
                                    .accepted = in->accepted != 0,
                                    .index = in->index,
                                    .expires_at_ms = in->expires_at_ms};
        lf__copy(out->id.bytes, in->proposal_id.data, LF_HASH_BYTES);
    }
    return rc;
}
