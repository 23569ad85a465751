/* SPDX-License-Identifier: Apache-2.0 */
/* The authority's word on the standing of WIRE_SUSPECT. */
#include "integration/wire/world.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"

/* The Member record in force: a change names it as its predecessor. */
static struct {
    uint8_t id[PX_ID_BYTES];
    uint32_t version;
} in_force;

static void member_record_find(struct wire *w)
{
    static const uint8_t first[] = {0x08, 0x01, 0x18, 0x64}; /* of the ledger, up to 100 */
    struct test_answer answer;
    struct test_ask ask = {"/lianfang.v1.Ledger/GetEntries", LF_BYTES_ARRAY(first), 20000, -1};
    LF_ARENA arena;
    struct px_entry *entries = NULL;
    size_t count = 0;
    uint64_t next = 0;
    lf_bytes note;
    lf__arena_init(&arena, (size_t)4 * PX_MESSAGE_MAX);
    test_client_call(w->members[WIRE_REGULATOR].client, &ask, &answer);
    LF_BUG_IF(px_entries_decode(&arena, lf__buf_bytes(&answer.reply), &entries, &count, &next,
                                &note, NULL) != LF_OK);
    for (size_t i = 0; i < count; i++) {
        struct px_envelope e;
        struct px_member member;
        if (entries[i].envelope.len > 0 &&
            px_envelope_decode(&arena, entries[i].envelope, &e, NULL) == LF_OK &&
            e.header.kind == PX_KIND_MEMBER &&
            px_member_decode(&arena, &e, &member, NULL) == LF_OK &&
            lf__bytes_eq_str(member.member, w->members[WIRE_SUSPECT].name)) {
            lf__copy(in_force.id, e.header.record_id.ptr, PX_ID_BYTES);
            in_force.version = e.header.version;
        }
    }
    test_answer_done(&answer);
    LF_BUG_IF(in_force.version == 0);
}

uint64_t wire_standing_say(struct wire *w, enum px_member_status status)
{
    struct wire_record r;
    struct wire_told told;
    const struct wire_member *m = &w->members[WIRE_SUSPECT];
    wire_record_init(w, &r);
    if (in_force.version == 0) {
        member_record_find(w);
    }
    wire_record_by(&r, WIRE_AUTHORITY);
    r.header.kind = PX_KIND_MEMBER;
    r.header.certainty = 0;
    r.header.legal_basis = 0;
    r.header.version = in_force.version + 1;
    r.header.predecessor = LF_BYTES_ARRAY(in_force.id);
    r.member = (struct px_member){.member = lf__bytes_str(m->name),
                                  .name = lf__bytes_str(m->name),
                                  .role = PX_ROLE_PLATFORM,
                                  .status = status,
                                  .keys = {{.key = m->key, .use = 1}},
                                  .key_count = 1,
                                  .pin_count = 1};
    lf_bytes pem = {m->tls.cert.ptr, m->tls.cert.len - 1};
    LF_BUG_IF(lf__cert_spki(pem, &r.member.pins[0].spki, NULL) != LF_OK);
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    wire_submit(&r, &told);
    LF_BUG_IF(told.outcome != PX_OUTCOME_ACCEPTED);
    in_force.version++;
    lf__copy(in_force.id, r.id, sizeof in_force.id);
    wire_record_done(&r);
    return told.index;
}
