/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ledger.GetEntries: contents of the ledger through the one may-read function; of the access log, a member's own
 * entries to it and all to auditors. What a page told is in the access log before it leaves. Leaves alone tell
 * nothing, to whomever.
 */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/evidence.h"
#include "gateway/exchange/may_read.h"
#include "gateway/services/services.h"

enum { ENTRIES_DEFAULT = 100, ENTRIES_BYTES_MAX = PX_MESSAGE_MAX - 65536 };

/* One page on its way. */
struct page {
    struct gw_services *services;
    struct px_range range;
    bool leaves_only;
    struct gw_standing standing;
    struct gw_reader reader;
    struct st_txn *txn;
    struct px_access what;
    struct lf__buf *reply;
};

static lf_status ledger_entry(struct page *p, uint64_t index, const struct st_stored *stored,
                              struct px_entry *entry, struct lf__buf *envelope, lf_error *err)
{
    lf_status rc = gw_entry_view(p->services->exchange, p->txn, &p->reader, stored->body, index,
                                 envelope, &p->what.classes, err);
    entry->envelope = lf__buf_bytes(envelope);
    return rc;
}

static lf_status access_entry(struct page *p, const struct st_stored *stored,
                              struct px_entry *entry, lf_error *err)
{
    LF_ARENA arena;
    struct px_access said;
    lf__arena_init(&arena, 1 << 20);
    lf_bytes bytes = lf__bytes_slice(stored->body, LF_SALT_BYTES, stored->body.len);
    lf_status rc = px_access_decode(&arena, bytes, &said, err);
    if (rc == LF_OK &&
        (p->reader.role == PX_ROLE_AUDITOR || lf__bytes_eq(said.member, p->reader.member))) {
        entry->access = stored->body;
    }
    return rc;
}

static lf_status entry_put(struct page *p, uint64_t index, lf_error *err)
{
    struct st_stored stored;
    LF_BUF envelope;
    struct px_entry entry = {.index = index};
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    lf_status rc = st_ledger_read(gw_log_of(p->services, &p->range), p->txn, index, &stored, err);
    if (rc == LF_OK) {
        entry.leaf = stored.leaf;
        rc = p->range.log == PX_LOG_ACCESS
                 ? access_entry(p, &stored, &entry, err)
                 : ledger_entry(p, index, &stored, &entry, &envelope, err);
    }
    if (rc == LF_OK) {
        p->what.told += entry.envelope.len > 0 || entry.access.len > 0 ? 1 : 0;
        (void)px_entry_encode(&entry, p->reply);
    }
    return rc;
}

static void leaf_put(void *user, uint64_t index, lf_bytes leaf)
{
    struct page *p = user;
    struct px_entry entry = {.index = index, .leaf = leaf};
    (void)px_entry_encode(&entry, p->reply);
}

static lf_status leaves_put(struct page *p, uint64_t count, lf_error *err)
{
    struct st_leaves wanted = {p->range.a, count, leaf_put, p};
    return st_ledger_leaves(gw_log_of(p->services, &p->range), p->txn, &wanted, err);
}

/* How many may come, of those that there are. */
static lf_status page_limit(const struct page *p, uint64_t size, uint64_t *out, lf_error *err)
{
    uint64_t limit = p->range.b == 0 ? ENTRIES_DEFAULT : p->range.b;
    unsigned most = p->leaves_only ? PX_LEAVES_MAX : PX_ENTRIES_MAX;
    if (limit > most) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "limit", "limit: more than %u", most);
    }
    if (p->range.a > size) {
        return lf__refuse(err, LF_E_ARG, "INDEX_RANGE", "start", "start: past the end");
    }
    *out = size - p->range.a < limit ? size - p->range.a : limit;
    return LF_OK;
}

static lf_status page_fill(struct page *p, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF note;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    uint64_t size = st_ledger_head(gw_log_of(p->services, &p->range), &note).size;
    uint64_t count = 0;
    uint64_t at = p->range.a;
    lf_status rc = page_limit(p, size, &count, err);
    rc = rc == LF_OK ? st_txn_begin(gw_exchange_engine(p->services->exchange), ST_READ, &txn, err)
                     : rc;
    p->txn = txn;
    if (rc == LF_OK && p->leaves_only) {
        rc = leaves_put(p, count, err);
        at += count;
    }
    for (; rc == LF_OK && at - p->range.a < count && p->reply->len < ENTRIES_BYTES_MAX / 2; at++) {
        rc = entry_put(p, at, err);
    }
    (void)px_entries_end(at, lf__buf_bytes(&note), p->reply);
    p->what.first = p->range.a;
    p->what.next = at;
    return rc;
}

void gw_handle_entries(void *user, struct gw_call *call, lf_bytes request)
{
    struct page p = {.services = user};
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    p.reply = &reply;
    lf_status rc = gw_caller(user, call, &p.standing, &p.reader, &err);
    rc = rc == LF_OK ? px_entries_request_decode(request, &p.range, &p.leaves_only, &err) : rc;
    if (rc == LF_OK) {
        p.what = gw_access_by(&p.reader, p.range.log == PX_LOG_ACCESS ? PX_ACCESS_READ_ACCESS
                                                                      : PX_ACCESS_READ_ENTRIES);
        rc = page_fill(&p, &err);
    }
    if (p.leaves_only) {
        gw_answer(call, rc, &err, &reply);
        return;
    }
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(user, call, &outcome, &p.what, 0);
}

void gw_handle_evidence(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_evidence evidence = {.index = 0};
    struct px_access what = {.act = PX_ACCESS_READ_EVIDENCE};
    lf_bytes issuer;
    lf_bytes record_id;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    struct lf__arena *arena = gw_call_arena(call);
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = gw_caller(services, call, &standing, &reader, &err);
    rc = rc == LF_OK ? px_evidence_request_decode(arena, request, &issuer, &record_id, &err) : rc;
    what = rc == LF_OK ? gw_access_by(&reader, PX_ACCESS_READ_EVIDENCE) : what;
    rc = rc == LF_OK
             ? gw_evidence(services->exchange, arena, &reader, issuer, record_id, &evidence, &err)
             : rc;
    if (rc == LF_OK) {
        evidence.origin = lf__bytes_str(services->origin);
        (void)px_evidence_encode(&evidence, &reply);
        what.first = evidence.index;
        what.next = evidence.index + 1;
        what.told = 1;
        what.classes = evidence.classes;
    }
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(services, call, &outcome, &what, 0);
}
