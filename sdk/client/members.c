/* SPDX-License-Identifier: Apache-2.0 */
/* The Members service: who takes part, and bringing what the authority has signed. */
#include "client/client_internal.h"
#include "client/papers.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <string.h>

enum { MEMBERS_TIMEOUT_MS = 30000, MEMBERS_OVERLAP_DAYS = 7, MEMBERS_DAY_MS = 86400000 };

/* One page; `after` moves on, and is empty after the last. */
static lf_status page_read(lf_client *client, unsigned role, char after[static 41],
                           lf_member_cb each, void *user, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    struct px_member_entry *list = NULL;
    size_t count = 0;
    lf_bytes next = LF_BYTES_NONE;
    uint64_t size = 0;
    struct px_list_request words = {(enum px_role)role, lf__bytes_str(after), PX_LIST_DEFAULT};
    lf__buf_init(&request, 256);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    (void)px_list_request_encode(&words, &request);
    lf_status rc = lf__client_call(client, "/lianfang.v1.Members/List", lf__buf_bytes(&request),
                                   MEMBERS_TIMEOUT_MS, &answer, err);
    rc = rc == LF_OK
             ? px_list_decode(&arena, lf__buf_bytes(&answer), &list, &count, &next, &size, err)
             : rc;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        lf_member member;
        lf__member_tell(&list[i].member, list[i].since_index, &member);
        each(&member, user);
    }
    if (rc == LF_OK && !lf__copy_str(after, 41, next)) {
        rc = lf__fail(err, LF_E_FORMAT, "answer: the next member's id is too long");
    }
    return rc;
}

lf_status lf_member_list(lf_client *client, const char *role, lf_member_cb each, void *user,
                         lf_error *err)
{
    char after[41] = "";
    unsigned number = lf__number_role(role);
    if (role != NULL && number == 0) {
        return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "role", "role: no such role");
    }
    lf_status rc = page_read(client, number, after, each, user, err);
    while (rc == LF_OK && after[0] != '\0') {
        rc = page_read(client, number, after, each, user, err);
    }
    return rc;
}

static lf_status entry_get(lf_client *client, struct lf__arena *arena, const char *member,
                           struct px_member_entry *out, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    uint64_t size = 0;
    lf__buf_init(&request, 256);
    lf__buf_init(&answer, 65536);
    (void)px_get_member_request_encode(lf__bytes_str(member), &request);
    lf_status rc = lf__buf_status(&request, err);
    rc = rc == LF_OK ? lf__client_call(client, "/lianfang.v1.Members/Get", lf__buf_bytes(&request),
                                       MEMBERS_TIMEOUT_MS, &answer, err)
                     : rc;
    lf_bytes kept = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    if (rc == LF_OK && kept.ptr == NULL) {
        rc = lf__fail(err, LF_E_NOMEM, "answer: out of memory");
    }
    return rc == LF_OK ? px_get_member_decode(arena, kept, out, &size, err) : rc;
}

lf_status lf_member_get(lf_client *client, const char *member, lf_member *out, lf_error *err)
{
    LF_ARENA arena;
    struct px_member_entry entry;
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    lf_status rc = entry_get(client, &arena, member, &entry, err);
    if (rc == LF_OK) {
        lf__member_tell(&entry.member, entry.since_index, out);
    }
    return rc;
}

static bool runs_out(int64_t *until_ms, int64_t now_ms, int64_t overlap_ms)
{
    bool is_over = *until_ms != 0 && *until_ms <= now_ms;
    *until_ms = *until_ms != 0 && *until_ms < now_ms + overlap_ms ? *until_ms : now_ms + overlap_ms;
    return !is_over;
}

static bool has_key(const struct px_member *member, const struct lf__public_key *key)
{
    struct lf__hash id = lf__key_id(key);
    for (size_t i = 0; i < member->key_count; i++) {
        struct lf__hash other = lf__key_id(&member->keys[i].key);
        if (lf__hash_eq(&id, &other)) {
            return true;
        }
    }
    return false;
}

static bool has_pin(const struct px_member *member, const struct lf__hash *spki)
{
    for (size_t i = 0; i < member->pin_count; i++) {
        if (lf__hash_eq(&member->pins[i].spki, spki)) {
            return true;
        }
    }
    return false;
}

/* The new keys and pins, and for a while the old ones, so that nothing on its way is lost. */
static void rotate(struct px_member *to, const struct px_member *fresh, int64_t overlap_ms)
{
    struct px_member old = *to;
    int64_t now_ms = lf__clock_utc_ms();
    lf__copy(to->keys, fresh->keys, sizeof to->keys);
    lf__copy(to->pins, fresh->pins, sizeof to->pins);
    to->key_count = fresh->key_count;
    to->pin_count = fresh->pin_count;
    for (size_t i = 0; i < old.key_count && to->key_count < PX_KEYS_MAX; i++) {
        if (!has_key(fresh, &old.keys[i].key) &&
            runs_out(&old.keys[i].until_ms, now_ms, overlap_ms)) {
            to->keys[to->key_count++] = old.keys[i];
        }
    }
    for (size_t i = 0; i < old.pin_count && to->pin_count < PX_PINS_MAX; i++) {
        if (!has_pin(fresh, &old.pins[i].spki) &&
            runs_out(&old.pins[i].until_ms, now_ms, overlap_ms)) {
            to->pins[to->pin_count++] = old.pins[i];
        }
    }
}

static const char *const revocation_words[PX_REVOKED_COUNT] = {"", "COMPROMISED", "LOST",
                                                               "SUPERSEDED", "CEASED"};

/* What it signed before this record's place in the ledger stays; nothing comes after. */
static lf_status key_revoke(struct px_member *member, const lf_change *change, lf_error *err)
{
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    unsigned reason = 0;
    for (unsigned i = 1; change->revocation != NULL && i < PX_REVOKED_COUNT; i++) {
        reason = strcmp(change->revocation, revocation_words[i]) == 0 ? i : reason;
    }
    if (reason == 0) {
        return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "revocation_reason",
                          "reason: COMPROMISED, LOST, SUPERSEDED or CEASED");
    }
    for (size_t i = 0; i < member->key_count; i++) {
        struct lf__hash id = lf__key_id(&member->keys[i].key);
        (void)lf__hex(lf__hash_bytes(&id), hex, sizeof hex);
        if (strcmp(hex, change->revoke_key) == 0) {
            member->keys[i].revoked_at_ms = lf__clock_utc_ms();
            member->keys[i].revocation = reason;
            return LF_OK;
        }
    }
    return lf__refuse(err, LF_E_NOT_FOUND, "KEY_UNKNOWN", "keys", "member: has no such key");
}

lf_status lf_paper_change(lf_client *client, const lf_change *change, lf_paper **out, lf_error *err)
{
    LF_ARENA arena;
    struct px_member_entry before;
    struct px_member fresh;
    int64_t days = change->overlap_days > 0 ? change->overlap_days : MEMBERS_OVERLAP_DAYS;
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    if (change->member == NULL ||
        (change->status != NULL && lf__number_status(change->status) == 0)) {
        return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "status",
                          "change: names no member, or no known status");
    }
    lf_status rc = entry_get(client, &arena, change->member, &before, err);
    rc = rc == LF_OK && change->request != NULL
             ? lf__request_open(change->request, &arena, &fresh, err)
             : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct px_member after = before.member;
    if (change->request != NULL) {
        if (!lf__bytes_eq(fresh.member, after.member)) {
            return lf__refuse(err, LF_E_ARG, "MEMBER_ID", "member", "request: is another member's");
        }
        rotate(&after, &fresh, days * MEMBERS_DAY_MS);
    }
    rc = change->revoke_key == NULL ? LF_OK : key_revoke(&after, change, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (change->status != NULL) {
        after.status = (enum px_member_status)lf__number_status(change->status);
    }
    after.note = change->note == NULL ? LF_BYTES_NONE : lf__bytes_str(change->note);
    return lf__paper_member_new(&after, &before, out, err);
}

lf_status lf_paper_submit(lf_client *client, const lf_paper *paper, lf_proposal *out, lf_error *err)
{
    LF_BUF envelope;
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    struct px_proposal told;
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__buf_init(&answer, 4096);
    lf__arena_init(&arena, 65536);
    (void)px_envelope_encode(&paper->envelope, &envelope);
    (void)px_submit_request_encode(lf__buf_bytes(&envelope), &request);
    lf_status rc = lf__buf_status(&request, err);
    rc = rc == LF_OK ? lf__client_call(client, "/lianfang.v1.Members/Propose",
                                       lf__buf_bytes(&request), MEMBERS_TIMEOUT_MS, &answer, err)
                     : rc;
    rc = rc == LF_OK ? px_proposal_decode(&arena, lf__buf_bytes(&answer), &told, err) : rc;
    if (rc == LF_OK) {
        *out = (lf_proposal){.signatures = told.signatures,
                             .threshold = told.threshold,
                             .accepted = told.accepted,
                             .index = told.index,
                             .expires_at_ms = told.expires_at_ms};
        (void)lf__hex(lf__hash_bytes(&told.id), out->id, sizeof out->id);
    }
    return rc;
}
