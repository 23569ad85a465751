/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of protos/codec/words.h there and back, and each rule of its table broken once. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/kinds.h"
#include "protos/codec/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { VALUE_MAX = 1024 };

struct world {
    struct lf__arena arena;
    struct px_envelope envelope;
    lf_error err;
};

static void world_init(struct world *world, enum px_kind kind)
{
    *world = (struct world){.envelope.header.kind = kind};
    lf__arena_init(&world->arena, 1 << 20);
}

/* A value for a word: another one for each. */
static void word_fill(struct lf__arena *arena, const struct px_word *word, void *value)
{
    char text[32];
    static const uint8_t bytes[LF_HASH_BYTES] = {7, 8};
    static const lf_bytes items[] = {{(const uint8_t *)"one", 3}, {(const uint8_t *)"two", 3}};
    void *at = (uint8_t *)value + word->offset;
    switch (word->form) {
    case PX_FORM_BYTES:
        *(lf_bytes *)at = (lf_bytes){bytes, word->max};
        break;
    case PX_FORM_ENUM:
        *(unsigned *)at = 2;
        break;
    case PX_FORM_U32:
        *(uint32_t *)at = 32;
        break;
    case PX_FORM_U64:
        *(uint64_t *)at = (uint64_t)1 << 40;
        break;
    case PX_FORM_MONEY:
        *(int64_t *)at = -64;
        break;
    case PX_FORM_FLAG:
        *(bool *)at = true;
        break;
    case PX_FORM_CODES:
    case PX_FORM_MEMBERS:
    case PX_FORM_LABELS:
        *(struct px_list *)at = (struct px_list){items, LF_COUNT(items)};
        break;
    case PX_FORM_USCC:
    case PX_FORM_TEXT:
    case PX_FORM_CODE:
    case PX_FORM_DATE:
    case PX_FORM_MEMBER:
        (void)snprintf(text, sizeof text, "text-%u", word->number);
        *(lf_bytes *)at = lf__arena_copy(arena, lf__bytes_str(text));
        break;
    }
}

static bool word_eq(const struct px_word *word, const void *a, const void *b)
{
    const void *left = (const uint8_t *)a + word->offset;
    const void *right = (const uint8_t *)b + word->offset;
    const struct px_list *list = left;
    const struct px_list *other = right;
    switch (word->form) {
    case PX_FORM_ENUM:
    case PX_FORM_U32:
        return *(const uint32_t *)left == *(const uint32_t *)right;
    case PX_FORM_U64:
    case PX_FORM_MONEY:
        return *(const uint64_t *)left == *(const uint64_t *)right;
    case PX_FORM_FLAG:
        return *(const bool *)left == *(const bool *)right;
    case PX_FORM_CODES:
    case PX_FORM_MEMBERS:
    case PX_FORM_LABELS:
        return list->count == other->count && lf__bytes_eq(list->items[1], other->items[1]);
    case PX_FORM_BYTES:
    case PX_FORM_USCC:
    case PX_FORM_TEXT:
    case PX_FORM_CODE:
    case PX_FORM_DATE:
    case PX_FORM_MEMBER:
        break;
    }
    return lf__bytes_eq(*(const lf_bytes *)left, *(const lf_bytes *)right);
}

static void fill(struct world *w, const struct px_words *words, void *value)
{
    memset(value, 0, VALUE_MAX);
    assert_true(words->size <= VALUE_MAX);
    for (size_t i = 0; i < words->count; i++) {
        word_fill(&w->arena, &words->list[i], value);
    }
}

static lf_status there_and_back(struct world *w, enum px_kind kind, const void *value, void *back)
{
    assert_int_equal(px_words_encode(&w->arena, kind, value, w->envelope.parts,
                                     &w->envelope.part_count, &w->err),
                     LF_OK);
    return px_words_decode(&w->arena, &w->envelope, kind, back, &w->err);
}

static void every_kind_there_and_back(void **state)
{
    (void)state;
    _Alignas(16) static uint8_t value[VALUE_MAX];
    _Alignas(16) static uint8_t back[VALUE_MAX];
    for (unsigned kind = PX_KIND_CREDIT_LIST_ENTRY; kind <= PX_KIND_ACKNOWLEDGEMENT; kind++) {
        struct world w;
        const struct px_words *words = px_words_of((enum px_kind)kind);
        assert_non_null(words);
        world_init(&w, (enum px_kind)kind);
        fill(&w, words, value);
        assert_int_equal(there_and_back(&w, (enum px_kind)kind, value, back), LF_OK);
        for (size_t i = 0; i < words->count; i++) {
            const struct px_word *word = &words->list[i];
            bool is_placed = false;
            assert_true(word_eq(word, value, back));
            for (size_t p = 0; p < w.envelope.part_count; p++) {
                is_placed |= w.envelope.parts[p].part_class == word->number / 100;
            }
            assert_true(is_placed);
        }
        lf__arena_done(&w.arena);
    }
    for (unsigned kind = 0; kind <= PX_KIND_REDACTION; kind++) {
        assert_null(px_words_of((enum px_kind)kind));
    }
    assert_null(px_words_of(PX_KIND_COUNT));
}

/* Each required word left out, alone: named, and the output stays as it was. */
static void every_required_word(void **state)
{
    (void)state;
    _Alignas(16) static uint8_t value[VALUE_MAX];
    _Alignas(16) static uint8_t back[VALUE_MAX];
    for (unsigned kind = PX_KIND_CREDIT_LIST_ENTRY; kind <= PX_KIND_ACKNOWLEDGEMENT; kind++) {
        const struct px_words *words = px_words_of((enum px_kind)kind);
        for (size_t i = 0; i < words->count; i++) {
            struct world w;
            const struct px_word *word = &words->list[i];
            world_init(&w, (enum px_kind)kind);
            fill(&w, words, value);
            memset(value + word->offset, 0,
                   word->form == PX_FORM_ENUM    ? sizeof(unsigned)
                   : word->form == PX_FORM_U32   ? sizeof(uint32_t)
                   : word->form == PX_FORM_U64   ? sizeof(uint64_t)
                   : word->form == PX_FORM_FLAG  ? sizeof(bool)
                   : word->form == PX_FORM_MONEY ? sizeof(int64_t)
                                                 : sizeof(lf_bytes));
            if (word->form == PX_FORM_CODES || word->form == PX_FORM_MEMBERS ||
                word->form == PX_FORM_LABELS) {
                *(struct px_list *)(void *)(value + word->offset) = (struct px_list){NULL, 0};
            }
            memset(back, 0x5a, sizeof back);
            lf_status rc = there_and_back(&w, (enum px_kind)kind, value, back);
            assert_int_equal(rc, word->is_required ? LF_E_REJECTED : LF_OK);
            if (word->is_required) {
                assert_string_equal(w.err.reason, "FIELD_MISSING");
                assert_string_equal(w.err.field, px_field_name((enum px_kind)kind, word->number));
                assert_true(back[0] == 0x5a && back[words->size - 1] == 0x5a);
            }
            lf__arena_done(&w.arena);
        }
    }
}

static void forms(void **state)
{
    (void)state;
    struct world w;
    static const uint8_t id[PX_ID_BYTES + 1] = {5};
    static lf_bytes many[PX_MEASURES_MAX + 1];
    struct px_disposition in = {.about = {lf__bytes_str("platform-01"), {id, PX_ID_BYTES}},
                                .answer = PX_ANSWER_KEPT,
                                .measures = {many, PX_MEASURES_MAX}};
    struct px_disposition out;
    struct px_about about;
    for (size_t i = 0; i < LF_COUNT(many); i++) {
        many[i] = lf__bytes_str("WARN");
    }
    world_init(&w, PX_KIND_DISPOSITION);
    assert_int_equal(there_and_back(&w, PX_KIND_DISPOSITION, &in, &out), LF_OK);
    assert_int_equal(out.measures.count, PX_MEASURES_MAX);
    assert_int_equal(px_about_decode(&w.arena, &w.envelope, &about, &w.err), LF_OK);
    assert_true(lf__bytes_eq_str(about.issuer, "platform-01") && about.record_id.ptr[0] == 5);
    in.measures.count++;
    assert_int_equal(there_and_back(&w, PX_KIND_DISPOSITION, &in, &out), LF_E_TOO_BIG);
    assert_string_equal(w.err.field, "measures");
    in.measures.count = 0;
    in.answer = PX_ANSWER_ERASED + 1;
    assert_int_equal(there_and_back(&w, PX_KIND_DISPOSITION, &in, &out), LF_E_REJECTED);
    assert_string_equal(w.err.field, "answer");
    in.answer = PX_ANSWER_ERASED;
    in.about.record_id.len++;
    assert_int_equal(there_and_back(&w, PX_KIND_DISPOSITION, &in, &out), LF_E_FORMAT);
    assert_string_equal(w.err.reason, "FIELD_LENGTH");
    lf__arena_done(&w.arena);
}

static void subjects(void **state)
{
    (void)state;
    struct world w;
    struct px_subject subject;
    struct px_listing listing = {.uscc = lf__bytes_str("92999999MA00000151"),
                                 .list = lf__bytes_str("ABNORMAL_MARK"),
                                 .name = lf__bytes_str("张***"),
                                 .listed_on = lf__bytes_str("2026-01-01"),
                                 .full_name = lf__bytes_str("张三小店")};
    struct px_attestation said = {.period = lf__bytes_str("2026-Q1"),
                                  .statement = lf__bytes_str("已自查")};
    world_init(&w, PX_KIND_CREDIT_LIST_ENTRY);
    assert_int_equal(
        px_listing_encode(&w.arena, &listing, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(w.envelope.parts[1].part_class, PX_CLASS_PERSONAL);
    assert_int_equal(px_subject_decode(&w.arena, &w.envelope, &subject, &w.err), LF_OK);
    assert_true(lf__bytes_eq(subject.uscc, listing.uscc) &&
                lf__bytes_eq(subject.name, listing.name) &&
                lf__bytes_eq(subject.full_name, listing.full_name));
    w.envelope.header.kind = PX_KIND_ATTESTATION;
    assert_int_equal(
        px_attestation_encode(&w.arena, &said, w.envelope.parts, &w.envelope.part_count, &w.err),
        LF_OK);
    assert_int_equal(px_subject_decode(&w.arena, &w.envelope, &subject, &w.err), LF_OK);
    assert_int_equal(subject.uscc.len, 0);
    lf__arena_done(&w.arena);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(px_kind_name(PX_KIND_CREDIT_LIST_ENTRY), "CREDIT_LIST_ENTRY");
    assert_string_equal(px_kind_name(PX_KIND_GENESIS), "GENESIS");
    assert_null(px_kind_name(PX_KIND_NONE));
    assert_null(px_kind_name(PX_KIND_COUNT));
    assert_null(px_field_name(PX_KIND_ENTRY_BAN, 299));
    assert_null(px_field_name(PX_KIND_NONE, 200));
    for (unsigned kind = 0; kind <= PX_KIND_ACKNOWLEDGEMENT; kind++) {
        bool speaks = kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION ||
                      kind == PX_KIND_REDACTION || kind == PX_KIND_LIST_REMOVAL ||
                      kind == PX_KIND_APPEAL || kind == PX_KIND_NOTICE ||
                      kind == PX_KIND_DISPOSITION;
        assert_int_equal(px_speaks_of_another((enum px_kind)kind), speaks);
    }
}

/* 290 to 299 must be understood, also by a version that does not know it; 272 need not. */
static void mandatory_fields(void **state)
{
    (void)state;
    static const unsigned numbers[] = {272, 289, 290, 299, 300};
    for (size_t i = 0; i < LF_COUNT(numbers); i++) {
        struct world w;
        struct px_envelope back;
        LF_BUF body;
        LF_BUF record;
        LF_BUF wire;
        static const uint8_t id[PX_ID_BYTES] = {1};
        unsigned tag = numbers[i] << 3;
        struct px_part *part = &w.envelope.parts[0];
        world_init(&w, PX_KIND_ENTRY_BAN);
        lf__buf_init(&body, 256);
        lf__buf_init(&record, PX_RECORD_MAX);
        lf__buf_init(&wire, PX_MESSAGE_MAX);
        (void)lf__buf_str(&body, "\xc2\x0c\x01"
                                 "A\xca\x0c\x01"
                                 "B");
        (void)lf__buf_u8(&body, (uint8_t)(tag | 0x80));
        (void)lf__buf_u8(&body, (uint8_t)(tag >> 7));
        (void)lf__buf_u8(&body, 7);
        *part = (struct px_part){.part_class = PX_CLASS_MEMBERS, .body = lf__buf_bytes(&body)};
        w.envelope.part_count = 1;
        w.envelope.header.issuer = lf__bytes_str("platform-01");
        w.envelope.header.record_id = (lf_bytes)LF_BYTES_ARRAY(id);
        w.envelope.header.version = 1;
        assert_true(px_record_encode(&w.envelope.header, part, 1, &record));
        w.envelope.record = lf__buf_bytes(&record);
        assert_true(px_envelope_encode(&w.envelope, &wire));
        assert_int_equal(px_envelope_decode(&w.arena, lf__buf_bytes(&wire), &back, &w.err), LF_OK);
        assert_int_equal(back.is_not_understood, numbers[i] == 290 || numbers[i] == 299);
        lf__arena_done(&w.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_there_and_back),
        cmocka_unit_test(every_required_word),
        cmocka_unit_test(forms),
        cmocka_unit_test(subjects),
        cmocka_unit_test(names),
        cmocka_unit_test(mandatory_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
