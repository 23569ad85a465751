/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screening by a mirror: no network. A block of merchants is looked up in one read transaction, its count and digest are made durable,
 * and only then it is told. The digest is salted with bytes that stay here, so that it gives no code away.
 */
#include "client/mirror/screen.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "rules/words.h"
#include "uscc/plain.h"

#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 65536, CANDIDATES_MAX = 64, TEXT_MAX = 64 << 20 };

/* Merchants are looked up in about the order of their codes: neighbours share the pages of the store. */
struct turn {
    uint64_t rank;
    size_t at;
};

/* One merchant's answer while its block is in hand. */
struct answer {
    lf_match match;
    const char *advice;
    size_t reasons; /* where they begin in the block's text */
    uint64_t index;
    char subject[MIRROR_CODE_BYTES + 1];
};

struct screening {
    lf_mirror *mirror;
    struct st_txn *txn;
    int64_t now_ms;
    struct lf__buf text; /* reasons, each ending with NUL */
    struct answer *answers;
    struct turn *turns;
};

static const char *const no_reasons = "";

/* ---- one code ---- */

static lf_status code_look(struct screening *s, lf_bytes code, struct lf__verdict *out,
                           lf_error *err)
{
    lf_bytes rows;
    out->advice = LF__ADVICE_NONE;
    lf_status rc = lf__mirror_find(s->txn, MIRROR_STANDING, code, &rows, &out->is_known, err);
    return rc == LF_OK && out->is_known
               ? lf__verdict_make(s->mirror->rules, rows, s->now_ms, out, err)
               : rc;
}

static void answer_put(struct screening *s, struct answer *a, lf_match match, lf_bytes code,
                       const struct lf__verdict *verdict)
{
    a->match = match;
    a->advice =
        lf__word_advice(match == LF_MATCH_NAME_CANDIDATE ? LF__ADVICE_REVIEW : verdict->advice);
    a->index = verdict->index;
    a->reasons = s->text.len;
    (void)lf__copy_str(a->subject, sizeof a->subject, code);
    (void)lf__buf_append(&s->text, lf__buf_bytes(&verdict->reasons));
    (void)lf__buf_u8(&s->text, 0);
}

/* The code as it stands in the ledger: most files have it so already. */
static bool is_plain_code(lf_bytes text)
{
    bool is = text.len == MIRROR_CODE_BYTES;
    for (size_t i = 0; is && i < text.len; i++) {
        is = (text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
             (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z');
    }
    return is;
}

/* ---- other ways to a code ---- */

struct leads {
    lf_bytes codes[CANDIDATES_MAX]; /* different ones */
    size_t count;
};

static bool lead_each(const struct st_pair *pair, void *user)
{
    struct leads *l = user;
    bool is_new = pair->value.len == MIRROR_CODE_BYTES;
    for (size_t i = 0; is_new && i < l->count; i++) {
        is_new = !lf__bytes_eq(l->codes[i], pair->value);
    }
    if (is_new) {
        l->codes[l->count++] = pair->value;
    }
    return l->count < CANDIDATES_MAX;
}

/* The first of the codes that something stands against. */
static lf_status leads_look(struct screening *s, const struct leads *l, lf_match match,
                            struct answer *a, struct lf__verdict *verdict, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && a->match == LF_MATCH_NONE && i < l->count; i++) {
        rc = code_look(s, l->codes[i], verdict, err);
        if (rc == LF_OK && verdict->advice != LF__ADVICE_NONE) {
            answer_put(s, a, match, l->codes[i], verdict);
        }
    }
    return rc;
}

/* A number that two codes claim to have replaced says for certain neither. */
static lf_status old_look(struct screening *s, lf_bytes text, struct answer *a,
                          struct lf__verdict *verdict, lf_error *err)
{
    char number[LF_REGNO_LEN + 1];
    struct leads l = {.count = 0};
    if (lf_regno_check((const char *)text.ptr, text.len, number, NULL) != LF_OK) {
        return LF_OK;
    }
    lf_status rc = lf__mirror_each(s->txn, MIRROR_OLD, lf__bytes_str(number), lead_each, &l, err);
    return rc == LF_OK
               ? leads_look(s, &l, l.count == 1 ? LF_MATCH_OLD_NUMBER : LF_MATCH_NAME_CANDIDATE, a,
                            verdict, err)
               : rc;
}

static lf_status name_look(struct screening *s, lf_bytes name, struct answer *a,
                           struct lf__verdict *verdict, lf_error *err)
{
    struct mirror_key key;
    struct leads l = {.count = 0};
    bool has = false;
    lf_status rc = lf__mirror_name_key(s->mirror, name, &key, &has, err);
    rc = rc == LF_OK && has
             ? lf__mirror_each(s->txn, MIRROR_NAMES, mirror_key(&key), lead_each, &l, err)
             : rc;
    return rc == LF_OK ? leads_look(s, &l, LF_MATCH_NAME_CANDIDATE, a, verdict, err) : rc;
}

/* What is no code: an old number, or why not. Where there is a name there may be no code. */
static lf_status other_look(struct screening *s, const struct lf_mirror_asked *asked,
                            struct answer *a, struct lf__verdict *verdict, lf_error *err)
{
    lf_bytes text = asked->code;
    bool has_name = asked->name.len > 0;
    lf_error why = LF_ERROR_INIT;
    lf_uscc code = LF_USCC_INIT;
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    options.allow_test_division = s->mirror->is_test;
    if (text.len == 0 && has_name) {
        return LF_OK;
    }
    lf_status is = lf_uscc_check((const char *)text.ptr, text.len, &options, &code, &why);
    lf_status rc = LF_OK;
    if (is == LF_OK) {
        rc = code_look(s, lf__bytes_str(code.code), verdict, err);
        if (rc == LF_OK && verdict->advice != LF__ADVICE_NONE) {
            answer_put(s, a, LF_MATCH_CODE, lf__bytes_str(code.code), verdict);
        }
        return rc;
    }
    rc = old_look(s, text, a, verdict, err);
    if (rc == LF_OK && a->match == LF_MATCH_NONE &&
        lf_regno_check((const char *)text.ptr, text.len, NULL, NULL) != LF_OK) {
        a->reasons = s->text.len;
        (void)lf__buf_str(&s->text, why.reason);
        (void)lf__buf_u8(&s->text, 0);
    }
    return rc;
}

static lf_status one_look(struct screening *s, const lf_mirror_asked *asked, struct answer *a,
                          struct lf__verdict *verdict, lf_error *err)
{
    lf_status rc = LF_OK;
    *a = (struct answer){.match = LF_MATCH_NONE, .advice = "", .reasons = SIZE_MAX};
    if (is_plain_code(asked->code)) {
        rc = code_look(s, asked->code, verdict, err);
        if (rc == LF_OK && verdict->advice != LF__ADVICE_NONE) {
            answer_put(s, a, LF_MATCH_CODE, asked->code, verdict);
            return rc;
        }
    }
    /* Nothing of it is known: only then it is worth while to see what is wrong with it. */
    bool is_whole = is_plain_code(asked->code) &&
                    (verdict->is_known || lf__uscc_is_valid((const char *)asked->code.ptr));
    if (rc == LF_OK && !is_whole) {
        rc = other_look(s, asked, a, verdict, err);
    }
    return rc == LF_OK && a->match == LF_MATCH_NONE && asked->name.len > 0
               ? name_look(s, asked->name, a, verdict, err)
               : rc;
}

/* ---- the count ---- */

static struct lf__hash block_digest(struct screening *s, size_t count, lf_bytes before,
                                    lf_bytes salt, const lf_mirror_asked *asked)
{
    LF_BUF bytes;
    lf__buf_init(&bytes, (size_t)BLOCK * 64);
    for (size_t i = 0; i < count; i++) {
        (void)lf__buf_append(&bytes, lf__bytes_slice(asked[i].code, 0, 32));
        (void)lf__buf_u8(&bytes, (uint8_t)s->answers[i].match);
        (void)lf__buf_u64be(&bytes, s->answers[i].index);
    }
    const lf_bytes pieces[] = {salt, before, lf__buf_bytes(&bytes)};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}

/* Added to what the day has, under the number of the next report. */
static lf_status count_put(struct screening *s, struct st_txn *txn, const lf_mirror_asked *asked,
                           size_t count, lf_error *err)
{
    char day[11];
    lf_bytes there = LF_BYTES_NONE;
    lf_bytes salt = LF_BYTES_NONE;
    uint8_t value[MIRROR_COUNT_BYTES] = {0};
    lf__date_shanghai(s->now_ms, day);
    bool has_count = false;
    bool has_salt = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_COUNTS, lf__bytes_str(day), &there, &has_count, err);
    rc = rc == LF_OK
             ? lf__mirror_find(txn, MIRROR_META, lf__bytes_str("salt"), &salt, &has_salt, err)
             : rc;
    if (rc == LF_OK && !has_salt) {
        return lf__refuse(err, LF_E_PRECONDITION, "", "dir",
                          "mirror: is empty; 'mirror sync' fills it");
    }
    if (rc == LF_OK) {
        lf__copy(value, there.ptr, there.len == sizeof value ? there.len : 0);
        struct lf__hash digest =
            block_digest(s, count, (lf_bytes){value + 8, LF_HASH_BYTES}, salt, asked);
        lf__put_u64be(value, lf__get_u64be(value) + count);
        lf__copy(value + 8, digest.bytes, LF_HASH_BYTES);
        rc = st_put(txn, MIRROR_COUNTS, lf__bytes_str(day), LF_BYTES_ARRAY(value), err);
    }
    return rc;
}

static lf_status block_count(struct screening *s, const lf_mirror_asked *asked, size_t count,
                             lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? count_put(s, txn, asked, count, err) : rc;
    if (rc == LF_OK) {
        struct st_txn *done = txn;
        txn = NULL;
        rc = st_txn_commit(done, err);
    }
    return rc;
}

/* ---- blocks ---- */

/* Division and organisation, six bits a character; what is no code comes first. */
static uint64_t rank_of(lf_bytes code)
{
    uint64_t rank = 0;
    for (size_t i = 4; code.len == MIRROR_CODE_BYTES && i < 14; i++) {
        rank = rank << 6 | (code.ptr[i] & 63u);
    }
    return rank;
}

static int turn_order(const void *a, const void *b)
{
    const struct turn *left = a;
    const struct turn *right = b;
    return left->rank < right->rank ? -1 : left->rank > right->rank;
}

static void turns_make(struct screening *s, const lf_mirror_asked *asked, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        s->turns[i] = (struct turn){rank_of(asked[i].code), i};
    }
    qsort(s->turns, count, sizeof *s->turns, turn_order);
}

static lf_status block_look(struct screening *s, const lf_mirror_asked *asked, size_t count,
                            lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__verdict verdict = {.advice = LF__ADVICE_NONE};
    lf__buf_init(&verdict.reasons, 65536);
    lf__buf_clear(&s->text);
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    s->txn = txn;
    turns_make(s, asked, count);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        size_t at = s->turns[i].at;
        rc = one_look(s, &asked[at], &s->answers[at], &verdict, err);
    }
    lf__buf_done(&verdict.reasons);
    return rc == LF_OK ? lf__buf_status(&s->text, err) : rc;
}

static void block_tell(const struct screening *s, size_t at, size_t count, lf_mirror_match_cb each,
                       void *user)
{
    for (size_t i = 0; i < count; i++) {
        const struct answer *a = &s->answers[i];
        lf_mirror_match match = {
            .at = at + i,
            .match = a->match,
            .subject = a->subject,
            .advice = a->advice,
            .reasons = a->reasons == SIZE_MAX ? no_reasons : (const char *)s->text.ptr + a->reasons,
            .index = a->index};
        each(&match, user);
    }
}

lf_status lf_mirror_screen(lf_mirror *mirror, const lf_mirror_asked *asked, size_t count,
                           lf_mirror_match_cb each, void *user, lf_error *err)
{
    struct screening s = {.mirror = mirror, .now_ms = lf__clock_utc_ms()};
    size_t room = count < BLOCK ? count : BLOCK;
    s.answers = calloc(room + 1, sizeof *s.answers);
    s.turns = calloc(room + 1, sizeof *s.turns);
    lf_status rc = s.answers == NULL || s.turns == NULL
                       ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                       : LF_OK;
    lf__buf_init(&s.text, TEXT_MAX);
    for (size_t at = 0; rc == LF_OK && at < count; at += room) {
        size_t n = count - at < room ? count - at : room;
        rc = block_look(&s, asked + at, n, err);
        rc = rc == LF_OK ? block_count(&s, asked + at, n, err) : rc;
        if (rc == LF_OK) {
            block_tell(&s, at, n, each, user);
        }
    }
    lf__buf_done(&s.text);
    free(s.answers);
    free(s.turns);
    return rc;
}

const char *lf_match_name(lf_match match)
{
    static const char *const names[] = {"NONE", "CODE", "OLD_NUMBER", "NAME_CANDIDATE"};
    return (size_t)match < LF_COUNT(names) ? names[match] : "";
}
