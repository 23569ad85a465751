/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed world: five keys from published seeds, seven records of five kinds, a table of members. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/derive.h"
#include "core/dsse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lf__hash seed_of(const char *name)
{
    lf_bytes pieces[] = {lf__bytes_str("lianfang/v1 test vector "), lf__bytes_str(name)};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}

static void key_make(struct vector_key *key, const char *name)
{
    struct lf__hash seed = seed_of(name);
    key->name = name;
    key->seed = lf__secret_new(sizeof seed.bytes);
    LF_BUG_IF(key->seed == NULL);
    lf__copy(lf__secret_bytes(key->seed), seed.bytes, sizeof seed.bytes);
    key->key = lf__sign_public(key->seed);
    key->id = lf__key_id(&key->key);
}

static lf_bytes text(const char *value)
{
    return lf__bytes_str(value);
}

/* Ids and salts come from the push secret, as the library of a member derives them. */
void vector_record_seal(struct vector_world *world, struct vector_record *r)
{
    lf_bytes secret = lf__hash_bytes(&world->push_secret);
    struct lf__row row = {(uint32_t)r->header.kind, r->header.version, r->header.ref};
    uint8_t id[2][LF_RECORD_ID_BYTES];
    lf__derive_record_id(secret, &row, id[0]);
    r->header.record_id = lf__arena_copy(&world->arena, LF_BYTES_ARRAY(id[0]));
    if (row.version > 1) {
        struct lf__row before = {row.kind, row.version - 1, row.ref};
        lf__derive_record_id(secret, &before, id[1]);
        r->header.predecessor = lf__arena_copy(&world->arena, LF_BYTES_ARRAY(id[1]));
    }
    for (size_t i = 0; i < r->part_count; i++) {
        lf__derive_salt(secret, &row, (uint8_t)r->parts[i].part_class, r->parts[i].body,
                        r->parts[i].salt);
    }
    lf__buf_init(&r->record, PX_RECORD_MAX);
    lf__buf_init(&r->pae, PX_RECORD_MAX + 256);
    LF_BUG_IF(!px_record_encode(&r->header, r->parts, r->part_count, &r->record));
    LF_BUG_IF(!lf__dsse_pae(&r->pae, LF_TYPE_RECORD, lf__buf_bytes(&r->record)));
    r->signature = lf__sign(r->signer->seed, lf__buf_bytes(&r->pae));
}

static struct px_header header_of(const char *issuer, enum px_kind kind, const char *ref,
                                  uint32_t version)
{
    return (struct px_header){.issuer = text(issuer),
                              .kind = kind,
                              .ref = text(ref),
                              .version = version,
                              .legal_basis = 1};
}

static void event_make(struct vector_world *world, struct vector_record *r, const char *ref,
                       uint32_t version)
{
    static const uint8_t evidence[LF_HASH_BYTES] = {0xe1, 0xe2};
    struct px_event event = {.uscc = text("91999999MA00000154"),
                             .violation = text("COUNTERFEIT"),
                             .measures = {text("REMOVAL"), text("DELIST_ALL")},
                             .measure_count = 2,
                             .decided_at = text("2026-03-02"),
                             .shop_id = text("shop-1"),
                             .rule = text("R3C"),
                             .amount_fen = 50000 + version,
                             .points = 12,
                             .evidence = {LF_BYTES_ARRAY(evidence)},
                             .evidence_count = 1,
                             .note = text("售假，第二次处理")};
    r->signer = &world->keys[VECTOR_PLATFORM];
    r->header = header_of("platform-01", PX_KIND_ENFORCEMENT_EVENT, ref, version);
    r->header.certainty = 3;
    r->header.issued_at_ms = 1772409600000;
    r->header.effective_until_ms = 1803945600000;
    LF_BUG_IF(px_event_encode(&world->arena, &event, r->parts, &r->part_count, NULL) != LF_OK);
    r->message = json_pack(
        "{s:s,s:s,s:[ss],s:s,s:s,s:s,s:I,s:i,s:[o],s:s}", "uscc", "91999999MA00000154", "violation",
        "COUNTERFEIT", "measures", "REMOVAL", "DELIST_ALL", "decided_at", "2026-03-02", "shop_id",
        "shop-1", "rule", "R3C", "amount_fen", (json_int_t)event.amount_fen, "points", 12,
        "evidence_sha256", vector_hex(LF_BYTES_ARRAY(evidence)), "note", "售假，第二次处理");
}

/* An individual business: the masked name for members, the real one apart. */
static void registry_make(struct vector_world *world, struct vector_record *r)
{
    struct px_registry entry = {.uscc = text("92999999MA00000151"),
                                .name = text("张***"),
                                .established = text("2020-02-29"),
                                .province = text("99"),
                                .status = text("ACTIVE"),
                                .full_name = text("张三便利店")};
    r->signer = &world->keys[VECTOR_REGULATOR];
    r->header = header_of("regulator", PX_KIND_REGISTRY_ENTRY, "92999999MA00000151", 1);
    LF_BUG_IF(px_registry_encode(&world->arena, &entry, r->parts, &r->part_count, NULL) != LF_OK);
    r->message = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "uscc", "92999999MA00000151", "name",
                           "张***", "established", "2020-02-29", "province", "99", "status",
                           "ACTIVE", "full_name", "张三便利店");
}

static void statement_make(struct vector_world *world, struct vector_record *r, enum px_kind kind,
                           unsigned decision, const char *note)
{
    bool is_relay = kind == PX_KIND_RELAY;
    struct px_target target = {.issuer = text("platform-01"),
                               .record_id = world->records[0].header.record_id,
                               .decision = decision,
                               .decided_at = text("2026-03-05"),
                               .note = text(note)};
    r->signer = &world->keys[is_relay ? VECTOR_REGULATOR : VECTOR_PLATFORM];
    r->header = header_of(is_relay ? "regulator" : "platform-01", kind, "case-2026-1", 1);
    LF_BUG_IF(px_target_encode(&world->arena, kind, &target, r->parts, &r->part_count, NULL) !=
              LF_OK);
    r->message = json_pack("{s:s,s:o,s:i,s:s}", "target_issuer", "platform-01", "target_record_id",
                           vector_hex(target.record_id), is_relay ? "decision" : "reason",
                           (int)decision, "decided_at", "2026-03-05");
    if (*note != '\0') {
        vector_set(r->message, "note", json_string(note));
    }
}

static void member_make(struct vector_world *world, struct vector_record *r)
{
    static const uint8_t spki[LF_HASH_BYTES] = {0x51, 0x52};
    const struct lf__public_key *key = &world->keys[VECTOR_PLATFORM].key;
    struct px_member member = {.member = text("platform-01"),
                               .name = text("示例平台"),
                               .role = PX_ROLE_PLATFORM,
                               .status = PX_MEMBER_ACTIVE,
                               .keys = {{.key = *key, .from_ms = 1767196800000, .use = 1}},
                               .key_count = 1,
                               .pins = {{.until_ms = 1798732800000}},
                               .pin_count = 1};
    lf__copy(member.pins[0].spki.bytes, spki, sizeof spki);
    r->signer = &world->keys[VECTOR_AUTHORITY];
    r->header = header_of("authority", PX_KIND_MEMBER, "platform-01", 1);
    r->header.legal_basis = 0;
    LF_BUG_IF(px_member_encode(&world->arena, &member, r->parts, &r->part_count, NULL) != LF_OK);
    r->message = json_pack("{s:s,s:s,s:i,s:i,s:[{s:i,s:o,s:I,s:i}],s:[{s:o,s:I}]}", "member",
                           "platform-01", "name", "示例平台", "role", 1, "status", 1, "keys", "alg",
                           1, "public_key", vector_hex(LF_BYTES_ARRAY(key->bytes)), "from_ms",
                           (json_int_t)1767196800000, "use", 1, "tls_spki", "spki_sha256",
                           vector_hex(LF_BYTES_ARRAY(spki)), "until_ms", (json_int_t)1798732800000);
}

static int row_order(const void *a, const void *b)
{
    return memcmp(((const struct lf__roster_row *)a)->key_id.bytes,
                  ((const struct lf__roster_row *)b)->key_id.bytes, LF_HASH_BYTES);
}

static void rows_make(struct vector_world *world)
{
    static const struct {
        const char *member;
        uint8_t role;
        uint8_t status;
        uint64_t since;
    } rows[VECTOR_ROWS] = {{"platform-01", 1, 1, 2},
                           {"platform-02", 1, 2, 70000},
                           {"regulator", 2, 1, 3},
                           {"authority", 0, 1, 0},
                           {"abc", 10, 3, 4294967296}};
    for (size_t i = 0; i < VECTOR_ROWS; i++) {
        struct lf__roster_row *row = &world->rows[i];
        *row = (struct lf__roster_row){.key_id = world->keys[i].id,
                                       .role = rows[i].role,
                                       .status = rows[i].status,
                                       .since_index = rows[i].since};
        (void)snprintf(row->member, sizeof row->member, "%s", rows[i].member);
    }
    qsort(world->rows, VECTOR_ROWS, sizeof *world->rows, row_order);
}

void vector_world_init(struct vector_world *world)
{
    static const char *const names[VECTOR_KEYS] = {"platform-01", "platform-02", "regulator",
                                                   "authority", "ledger"};
    static const char *const records[VECTOR_RECORDS] = {"event",
                                                        "event, version 2",
                                                        "registry entry of an individual business",
                                                        "relay",
                                                        "correction",
                                                        "member",
                                                        "event without a ref"};
    lf__arena_init(&world->arena, 1 << 20);
    for (size_t i = 0; i < VECTOR_KEYS; i++) {
        key_make(&world->keys[i], names[i]);
    }
    world->push_secret = seed_of("push secret");
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        struct vector_record *r = &world->records[i];
        switch (i) {
        case 0:
        case 1:
            event_make(world, r, "case-2026-1", (uint32_t)i + 1);
            break;
        case 2:
            registry_make(world, r);
            break;
        case 3:
            statement_make(world, r, PX_KIND_RELAY, PX_RELAY_RELEASED, "核实无误");
            break;
        case 4:
            statement_make(world, r, PX_KIND_CORRECTION, PX_CORRECTION_WITHDRAWN, "");
            break;
        case 5:
            member_make(world, r);
            break;
        default:
            event_make(world, r, "", 1);
            break;
        }
        r->name = records[i];
        vector_record_seal(world, r);
    }
    rows_make(world);
}

void vector_world_done(struct vector_world *world)
{
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        json_decref(world->records[i].message);
        lf__buf_done(&world->records[i].record);
        lf__buf_done(&world->records[i].pae);
    }
    for (size_t i = 0; i < VECTOR_KEYS; i++) {
        lf__secret_free(world->keys[i].seed);
    }
    lf__arena_done(&world->arena);
}
