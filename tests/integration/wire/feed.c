/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/wire/feed.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>

static const char subscribe_path[] = "/lianfang.v1.Feed/Subscribe";
static const char poll_path[] = "/lianfang.v1.Feed/Poll";

void wire_feed_init(struct wire *w, struct wire_feed *f, enum wire_who who)
{
    *f = (struct wire_feed){.w = w, .who = who, .client = w->members[who].client};
    lf__buf_init(&f->bytes, 1);
    lf__arena_init(&f->arena, (size_t)16 * PX_MESSAGE_MAX);
}

void wire_feed_done(struct wire_feed *f)
{
    lf__buf_done(&f->bytes);
    lf__arena_done(&f->arena);
}

void wire_feed_subscribe(struct wire_feed *f)
{
    LF_BUF request;
    lf__buf_init(&request, 1024);
    LF_BUG_IF(!px_feed_request_encode(&f->request, &request));
    f->stream = test_stream_open(f->client, subscribe_path, WIRE_LONG_MS);
    (void)test_stream_send(f->stream, lf__buf_bytes(&request));
    test_stream_half_close(f->stream);
}

/* Lines two and three of the note. */
static struct lf__merkle_head head_of(lf_bytes note)
{
    struct lf__merkle_head head = {.size = 0};
    size_t len = 0;
    const uint8_t *size = memchr(note.ptr, '\n', note.len);
    LF_BUG_IF(size == NULL);
    const uint8_t *root = memchr(size + 1, '\n', (size_t)(note.ptr + note.len - size - 1));
    LF_BUG_IF(root == NULL);
    head.size = strtoull((const char *)size + 1, NULL, 10);
    const lf_bytes text = {root + 1, LF_BASE64_SIZE(LF_HASH_BYTES) - 1};
    LF_BUG_IF(!lf__unbase64(text, head.root.bytes, LF_HASH_BYTES, &len));
    return head;
}

/* The leaf commits to what is told of the record. */
static void entry_check(struct wire_feed *f, const struct px_entry *entry)
{
    LF_BUF block;
    struct px_envelope envelope;
    struct lf__hash members;
    uint8_t want[LF_LEDGER_LEAF_BYTES];
    lf__buf_init(&block, 65536);
    LF_BUG_IF(px_envelope_decode(&f->arena, entry->envelope, &envelope, NULL) != LF_OK);
    LF_BUG_IF(!px_signature_block(&envelope, &block) || entry->leaf.len != sizeof want);
    lf__copy(members.bytes, entry->leaf.ptr + 9, LF_HASH_BYTES);
    struct lf__hash digest = px_record_digest(envelope.record);
    lf__ledger_leaf(lf__get_u64be(entry->leaf.ptr + 1), &members, &digest, lf__buf_bytes(&block),
                    want);
    LF_BUG_IF(!lf__bytes_eq(LF_BYTES_ARRAY(want), entry->leaf));
}

static void batch_check(struct wire_feed *f)
{
    const struct px_feed_batch *b = &f->batch;
    size_t entry = 0;
    size_t range = 0;
    LF_BUG_IF(b->cursor != f->frontier.size || b->next_cursor < b->cursor ||
              b->is_heartbeat != (b->cursor == b->next_cursor));
    while (f->frontier.size < b->next_cursor) {
        if (entry < b->entry_count && b->entries[entry].index == f->frontier.size) {
            entry_check(f, &b->entries[entry]);
            struct lf__hash leaf = lf__merkle_leaf(b->entries[entry++].leaf);
            lf__frontier_add(&f->frontier, &leaf);
            continue;
        }
        LF_BUG_IF(range == b->skipped_count || b->skipped[range].from != f->frontier.size);
        lf_bytes hashes = b->skipped[range++].leaf_hashes;
        for (size_t at = 0; at < hashes.len; at += LF_HASH_BYTES) {
            struct lf__hash leaf;
            lf__copy(leaf.bytes, hashes.ptr + at, LF_HASH_BYTES);
            lf__frontier_add(&f->frontier, &leaf);
        }
    }
    f->head = head_of(b->checkpoint);
    struct lf__hash root = lf__frontier_root(&f->frontier);
    LF_BUG_IF(entry != b->entry_count || range != b->skipped_count ||
              f->frontier.size != b->next_cursor || f->head.size < b->next_cursor);
    LF_BUG_IF(f->head.size == b->next_cursor && !lf__hash_eq(&root, &f->head.root));
    f->request.cursor = b->next_cursor;
}

static void batch_take(struct wire_feed *f)
{
    lf__arena_done(&f->arena);
    lf__arena_init(&f->arena, (size_t)16 * PX_MESSAGE_MAX);
    LF_BUG_IF(px_feed_batch_decode(&f->arena, lf__buf_bytes(&f->bytes), &f->batch, NULL) != LF_OK);
    batch_check(f);
}

bool wire_feed_next(struct wire_feed *f)
{
    if (!test_stream_receive(f->stream, &f->bytes)) {
        return false;
    }
    batch_take(f);
    return true;
}

bool wire_feed_news(struct wire_feed *f)
{
    bool more = wire_feed_next(f);
    while (more && f->batch.entry_count == 0) {
        more = wire_feed_next(f);
    }
    return more;
}

bool wire_feed_until(struct wire_feed *f, uint64_t cursor, size_t *entries)
{
    *entries = 0;
    while (f->request.cursor < cursor) {
        if (!wire_feed_next(f)) {
            return false;
        }
        *entries += f->batch.entry_count;
    }
    return true;
}

void wire_feed_end(struct wire_feed *f, struct test_answer *answer)
{
    while (test_stream_receive(f->stream, &f->bytes)) {
        batch_take(f);
    }
    test_stream_finish(f->stream, answer);
    f->stream = NULL;
}

void wire_feed_leave(struct wire_feed *f)
{
    struct test_answer answer;
    test_stream_cancel(f->stream);
    while (test_stream_receive(f->stream, &f->bytes)) {
    }
    test_stream_finish(f->stream, &answer);
    f->stream = NULL;
}

int wire_feed_poll(struct wire_feed *f, struct wire_told *told)
{
    LF_BUF request;
    struct test_answer answer;
    lf__buf_init(&request, 1024);
    LF_BUG_IF(!px_feed_request_encode(&f->request, &request));
    struct test_ask ask = {poll_path, lf__buf_bytes(&request), WIRE_LONG_MS, -1};
    test_client_call(f->client, &ask, &answer);
    lf__buf_done(&f->bytes);
    f->bytes = answer.reply;
    *told = (struct wire_told){.code = answer.code};
    (void)lf__copy_str(told->reason, sizeof told->reason, lf__bytes_str(answer.error.reason));
    if (answer.code == 0) {
        batch_take(f);
    }
    return answer.code;
}

uint64_t wire_event(struct wire *w, enum wire_who who, const char *only, uint8_t id[PX_ID_BYTES])
{
    struct wire_record r;
    struct wire_told told;
    wire_record_init(w, &r);
    wire_record_by(&r, who);
    r.header.certainty = who == WIRE_REGULATOR ? 5 : 3; /* its decision, or a platform's finding */
    lf_bytes audience = lf__bytes_str(only == NULL ? "" : only);
    r.header.audience = &audience;
    r.header.audience_count = only == NULL ? 0 : 1;
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    wire_submit(&r, &told);
    LF_BUG_IF(told.outcome != PX_OUTCOME_ACCEPTED);
    if (id != NULL) {
        lf__copy(id, r.id, PX_ID_BYTES);
    }
    wire_record_done(&r);
    return told.index;
}
