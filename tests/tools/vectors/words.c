/* SPDX-License-Identifier: Apache-2.0 */
/* One record of each kind of protos/codec/words.h, said as a row of a file would say it. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/spell.h"
#include "protos/codec/words.h"

enum { PAIRS_MAX = 13 };
#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define ID   "000102030405060708090a0b0c0d0e0f"

static const struct said {
    const char *name;
    enum px_kind kind;
    const char *pairs[2 * PAIRS_MAX + 1]; /* name, text, ... */
} rows[] = {
    {"credit list entry of an individual business",
     PX_KIND_CREDIT_LIST_ENTRY,
     {"uscc",        "92999999MA00000151",
      "list",        "ABNORMAL_MARK",
      "name",        "张***",
      "reason",      "MARK_UNREACHABLE",
      "reason_text", "通过登记的经营场所或者住所无法联系",
      "listed_on",   "2024-07-08",
      "authority",   "示例区市场监督管理局",
      "document",    "示例市监列〔2024〕7号",
      "region",      "999999",
      "list_id",     "L-7",
      "violation",   "OTHER_SERIOUS",
      "amount_fen",  "500000",
      "full_name",   "张三便利店"}},
    {"list removal",
     PX_KIND_LIST_REMOVAL,
     {"target_issuer", "regulator", "target_record_id", ID, "ground", "REPAIRED", "removed_on",
      "2025-02-11", "reason_text", "已取得联系", "authority", "示例区市场监督管理局", "document",
      "示例市监移〔2025〕2号"}},
    {"appeal",
     PX_KIND_APPEAL,
     {"target_issuer", "platform-01", "target_record_id", ID, "step", "UPHELD", "stepped_on",
      "2026-03-20", "reason", "复核样品后维持", "statement_sha256", HASH, "note", "人工复核"}},
    {"notice to two members",
     PX_KIND_NOTICE,
     {"target_issuer", "platform-01", "target_record_id", ID, "members", "platform-01;platform-02",
      "step", "REMINDED", "text", "请于期限内反馈"}},
    {"disposition",
     PX_KIND_DISPOSITION,
     {"target_issuer", "platform-01", "target_record_id", ID, "answer", "REMOVED", "measures",
      "REMOVAL;ENTRY_BAN", "rule", "P02-R-17 v3", "reason", "同一主体", "shops", "2", "acted_on",
      "2026-03-04", "note", "两家店铺"}},
    {"entry ban",
     PX_KIND_ENTRY_BAN,
     {"uscc", "91999999MA00000154", "reason", "售假", "from", "2026-03-02", "until", "2027-03-02",
      "rule", "R1"}},
    {"override",
     PX_KIND_OVERRIDE,
     {"uscc", "91999999MA00000154", "advice", "DENY", "decision", "ALLOW", "reason", "整改完成",
      "access_index", "4294967296", "officer", "o-7"}},
    {"campaign",
     PX_KIND_CAMPAIGN,
     {"campaign", "EPIDEMIC-2020", "title", "涉疫联防联控", "from", "2020-02-01", "until",
      "2020-12-31", "violations", "PRICE_GOUGING;FAKE_EPIDEMIC_GOODS", "is_automatic", "true"}},
    {"attestation",
     PX_KIND_ATTESTATION,
     {"period", "2026-Q1", "statement", "本季度已自查", "document_sha256", HASH}},
    {"publication",
     PX_KIND_BULLETIN,
     {"public_title", "公告", "public_text", "专项行动结果", "channel", "PUBLICATION"}},
    {"coordination",
     PX_KIND_BULLETIN,
     {"title", "会商", "text", "请核对名单", "channel", "COORDINATION"}},
    {"merchant identity",
     PX_KIND_MERCHANT_IDENTITY,
     {"uscc", "91999999MA00000154", "name", "示例商贸", "shops", "shop-1;shop-2", "legal_rep_token",
      HASH, "account_token", HASH, "phone_token", HASH}},
    {"acknowledgement", PX_KIND_ACKNOWLEDGEMENT, {"cursor", "7", "root", HASH}},
};

static json_t *list_json(const struct px_list *list)
{
    json_t *made = json_array();
    for (size_t i = 0; i < list->count; i++) {
        vector_add(made, vector_text(list->items[i]));
    }
    return made;
}

/* NULL for what was not given. */
static json_t *word_json(const struct px_word *word, const void *value)
{
    const void *at = (const uint8_t *)value + word->offset;
    const lf_bytes *bytes = at;
    const struct px_list *list = at;
    if (word->form >= PX_FORM_CODES) {
        return list->count > 0 ? list_json(list) : NULL;
    }
    if (word->form == PX_FORM_FLAG) {
        return *(const bool *)at ? json_true() : NULL;
    }
    if (word->form == PX_FORM_ENUM || word->form == PX_FORM_U32) {
        return *(const uint32_t *)at > 0 ? json_integer(*(const uint32_t *)at) : NULL;
    }
    if (word->form == PX_FORM_U64 || word->form == PX_FORM_MONEY) {
        return *(const int64_t *)at > 0 ? json_integer(*(const int64_t *)at) : NULL;
    }
    return bytes->len == 0               ? NULL
           : word->form == PX_FORM_BYTES ? vector_hex(*bytes)
                                         : vector_text(*bytes);
}

static json_t *message_json(struct vector_world *world, const struct vector_record *r)
{
    json_t *made = json_object();
    enum px_kind kind = r->header.kind;
    const struct px_words *words = px_words_of(kind);
    struct px_envelope e = {.header.kind = kind, .part_count = r->part_count};
    void *value = lf__arena_alloc(&world->arena, words->size);
    lf__copy(e.parts, r->parts, sizeof r->parts);
    LF_BUG_IF(px_words_decode(&world->arena, &e, kind, value, NULL) != LF_OK);
    for (size_t i = 0; i < words->count; i++) {
        json_t *one = word_json(&words->list[i], value);
        if (one != NULL) {
            vector_set(made, px_field_name(kind, words->list[i].number), one);
        }
    }
    return made;
}

static void bodies_make(struct vector_world *world, const struct said *said,
                        struct vector_record *r)
{
    struct px_spelled list[PAIRS_MAX];
    size_t count = 0;
    for (; count < PAIRS_MAX && said->pairs[2 * count] != NULL; count++) {
        list[count] = (struct px_spelled){lf__bytes_str(said->pairs[2 * count]),
                                          lf__bytes_str(said->pairs[2 * count + 1])};
    }
    LF_BUG_IF(px_spell(&world->arena, said->kind, list, count, r->parts, &r->part_count, NULL) !=
              LF_OK);
}

static bool is_regulators(enum px_kind kind)
{
    return kind == PX_KIND_CREDIT_LIST_ENTRY || kind == PX_KIND_LIST_REMOVAL ||
           kind == PX_KIND_NOTICE || kind == PX_KIND_CAMPAIGN || kind == PX_KIND_BULLETIN;
}

void vectors_words(struct vector_world *world, json_t *records)
{
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        bool by_regulator = is_regulators(rows[i].kind);
        struct vector_record r = {
            .name = rows[i].name,
            .signer = &world->keys[by_regulator ? VECTOR_REGULATOR : VECTOR_PLATFORM],
            .header = {.issuer = lf__bytes_str(by_regulator ? "regulator" : "platform-01"),
                       .kind = rows[i].kind,
                       .ref = lf__bytes_str(rows[i].name),
                       .version = 1,
                       .legal_basis = 1}};
        bodies_make(world, &rows[i], &r);
        r.message = message_json(world, &r);
        vector_record_seal(world, &r);
        vector_add(records, vector_record_json(&r));
        json_decref(r.message);
        lf__buf_done(&r.record);
        lf__buf_done(&r.pae);
    }
}
