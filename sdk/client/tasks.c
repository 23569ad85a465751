/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks, page after page. The head that a page names is verified before the page is told. */
#include "protos/codec/tasks.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"

#include <lianfang/tasks.h>
#include <string.h>

enum { TASKS_TIMEOUT_MS = 30000 };

static bool task_tell(struct lf__arena *arena, const struct px_task *in, lf_task_cb each,
                      void *user)
{
    char id[LF_HEX_SIZE(PX_ID_BYTES)] = "";
    (void)lf__hex(in->record_id, id, sizeof id);
    lf_task task = {.index = in->index,
                    .issuer = lf__told(arena, in->issuer),
                    .record_id = id,
                    .kind = lf__word_kind(in->kind),
                    .member = lf__told(arena, in->member),
                    .subject = lf__told(arena, in->uscc),
                    .state = lf__word_task(in->state),
                    .answer = lf__word_answer(in->answer),
                    .answer_index = in->answer_index,
                    .opened_ms = in->opened_ms,
                    .due_ms = in->due_ms,
                    .answered_ms = in->answered_ms,
                    .is_provisional = in->is_provisional,
                    .is_overdue = in->is_overdue,
                    .is_escalated = in->is_escalated,
                    .reminders = in->reminders};
    return each(&task, user);
}

static lf_status states_take(const char *text, uint32_t *out, lf_error *err)
{
    for (const char *at = text == NULL ? "" : text; *at != '\0'; at += strspn(at, ";")) {
        char word[24] = "";
        size_t len = strcspn(at, ";");
        if (!lf__copy_str(word, sizeof word, (lf_bytes){(const uint8_t *)at, len}) ||
            lf__number_task(word) == 0) {
            return lf__refuse(err, LF_E_ARG, "TASK_STATE", "states", "states: %.*s is none",
                              (int)len, at);
        }
        *out |= LF_BIT(lf__number_task(word));
        at += len;
    }
    return LF_OK;
}

/* A listing on its way. */
struct listing {
    lf_client *client;
    lf_task_query query;
    lf_task_cb each;
    void *user;
    struct px_tasks_request request; /* the next page's */
    char after[41];                  /* what its after_member borrows */
    bool has_more;
};

static lf_status page_ask(struct listing *l, struct lf__arena *arena, struct px_task **list,
                          size_t *count, struct px_tasks_end *end, lf_error *err)
{
    LF_BUF wire;
    LF_BUF answer;
    struct lf__merkle_head head;
    struct lf__heads *heads = &l->client->heads;
    uint64_t floor = lf__heads_floor(heads, PX_LOG_LEDGER);
    int64_t timeout_ms = l->query.timeout_ms > 0 ? l->query.timeout_ms : TASKS_TIMEOUT_MS;
    lf__buf_init(&wire, 4096);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    (void)px_tasks_request_encode(&l->request, &wire);
    lf_status rc = lf__buf_status(&wire, err);
    rc = rc == LF_OK ? lf__client_call(l->client, "/lianfang.v1.Tasks/List", lf__buf_bytes(&wire),
                                       timeout_ms, &answer, err)
                     : rc;
    lf_bytes kept = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    rc = rc == LF_OK ? px_tasks_decode(arena, kept, list, count, end, err) : rc;
    rc = rc == LF_OK ? lf__head_open(l->client, PX_LOG_LEDGER, end->checkpoint, &head, err) : rc;
    return rc == LF_OK ? lf__heads_saw(heads, PX_LOG_LEDGER, end->checkpoint, &head, floor, err)
                       : rc;
}

/* Where the next page begins; one that does not get on would never end. */
static lf_status page_next(struct listing *l, const struct px_tasks_end *end, lf_error *err)
{
    if (end->has_more && end->next_index == l->request.from_index &&
        lf__bytes_eq_str(end->next_after_member, l->after)) {
        return lf__fail(err, LF_E_FORMAT, "tasks: the gateway's pages do not go on");
    }
    l->has_more = end->has_more;
    l->request.from_index = end->next_index;
    (void)lf__copy_str(l->after, sizeof l->after, end->next_after_member);
    l->request.after_member = lf__bytes_str(l->after);
    return LF_OK;
}

static lf_status page_read(struct listing *l, lf_error *err)
{
    LF_ARENA arena;
    struct px_task *list = NULL;
    struct px_tasks_end end = {.has_more = false};
    size_t count = 0;
    bool goes_on = true;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = page_ask(l, &arena, &list, &count, &end, err);
    for (size_t i = 0; rc == LF_OK && goes_on && i < count; i++) {
        goes_on = task_tell(&arena, &list[i], l->each, l->user);
    }
    rc = rc == LF_OK ? page_next(l, &end, err) : rc;
    l->has_more = l->has_more && goes_on;
    return rc;
}

lf_status lf_tasks_list(lf_client *client, const lf_task_query *query, lf_task_cb each, void *user,
                        lf_error *err)
{
    struct listing l = {.client = client, .each = each, .user = user, .has_more = true};
    lf_status rc = lf__struct_take(&l.query, sizeof l.query, query, "query", err);
    rc = rc == LF_OK ? states_take(l.query.states, &l.request.states, err) : rc;
    if (rc == LF_OK) {
        l.request.member = lf__bytes_str(l.query.member == NULL ? "" : l.query.member);
        l.request.overdue_only = l.query.overdue_only;
    }
    while (rc == LF_OK && l.has_more) {
        rc = page_read(&l, err);
    }
    return rc;
}
