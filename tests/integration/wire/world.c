/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/wire/world.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_TIMEOUT_MS = 20000, WIRE_PEM_MAX = 65536, WIRE_PATH_MAX = 4096 };

static const char submit_path[] = "/lianfang.v1.Exchange/Submit";

static void pem_read(const char *dir, const char *member, const char *name, struct lf__buf *out)
{
    char path[WIRE_PATH_MAX];
    uint8_t chunk[WIRE_PEM_MAX];
    (void)snprintf(path, sizeof path, "%s/%s%s", dir, member, name);
    FILE *file = fopen(path, "rbe");
    LF_BUG_IF(file == NULL);
    size_t n = fread(chunk, 1, sizeof chunk, file);
    (void)fclose(file);
    lf__buf_init(out, WIRE_PEM_MAX);
    LF_BUG_IF(!lf__buf_append(out, (lf_bytes){chunk, n}) || !lf__buf_u8(out, 0));
}

static void member_open(struct wire *w, const char *dir, enum wire_who who)
{
    char path[WIRE_PATH_MAX];
    struct wire_member *m = &w->members[who];
    if (who == WIRE_STRANGER) {
        m->sign = lf__secret_new(LF_ED25519_SEED);
        LF_BUG_IF(m->sign == NULL);
        lf__random(lf__secret_bytes(m->sign), LF_ED25519_SEED);
    } else {
        (void)snprintf(path, sizeof path,
                       who == WIRE_AUTHORITY ? "%s/%s.key" : "%s/members/%s/sign.key", dir,
                       m->name);
        LF_BUG_IF(lf__secret_load(path, LF_ED25519_SEED, &m->sign, NULL) != LF_OK);
    }
    m->key = lf__sign_public(m->sign);
    if (who != WIRE_STRANGER && who != WIRE_AUTHORITY) {
        (void)snprintf(path, sizeof path, "members/%s/", m->name);
        pem_read(dir, path, "tls.key", &m->tls.key);
        pem_read(dir, path, "tls.crt", &m->tls.cert);
        m->client = test_client_open(w->port, &w->server, &m->tls);
    }
}

void wire_open(struct wire *w, const char *dir, int port)
{
    static const char *const names[WIRE_WHO_COUNT] = {"platform-01", "platform-02", "platform-20",
                                                      "regulator",   "lab-01",      "authority",
                                                      "stranger"};
    *w = (struct wire){.port = port};
    pem_read(dir, "", "tls.crt", &w->server.cert);
    for (unsigned i = 0; i < WIRE_WHO_COUNT; i++) {
        w->members[i].name = names[i];
        member_open(w, dir, (enum wire_who)i);
    }
}

bool wire_open_env(struct wire *w)
{
    const char *dir = getenv("LIANFANG_FED");
    const char *port = getenv("LIANFANG_PORT");
    if (dir == NULL || port == NULL) {
        return false;
    }
    wire_open(w, dir, atoi(port));
    return true;
}

void wire_close(struct wire *w)
{
    for (unsigned i = 0; i < WIRE_WHO_COUNT; i++) {
        lf__secret_free(w->members[i].sign);
        if (w->members[i].client != NULL) {
            test_client_close(w->members[i].client);
            test_identity_done(&w->members[i].tls);
        }
    }
    lf__buf_done(&w->server.cert);
}

struct test_client *wire_connect(struct wire *w, enum wire_who who)
{
    return test_client_open(w->port, &w->server, &w->members[who].tls);
}

void wire_record_by(struct wire_record *r, enum wire_who who)
{
    r->issuer = who;
    r->signer = who;
    r->caller = who == WIRE_AUTHORITY ? WIRE_REGULATOR : who;
    r->header.issuer = lf__bytes_str(r->w->members[who].name);
}

void wire_record_init(struct wire *w, struct wire_record *r)
{
    *r = (struct wire_record){.w = w, .type = LF_TYPE_RECORD};
    lf__random(r->id, sizeof r->id);
    r->header = (struct px_header){.record_id = LF_BYTES_ARRAY(r->id),
                                   .kind = PX_KIND_ENFORCEMENT_EVENT,
                                   .version = 1,
                                   .legal_basis = 1,
                                   .certainty = 3};
    r->event = (struct px_event){.uscc = lf__bytes_str("91999999MA00000154"),
                                 .violation = lf__bytes_str("COUNTERFEIT"),
                                 .measures = {lf__bytes_str("REMOVAL")},
                                 .measure_count = 1,
                                 .decided_at = lf__bytes_str("2026-03-02"),
                                 .note = lf__bytes_str("found by a test purchase")};
    r->registry = (struct px_registry){.uscc = r->event.uscc, .status = lf__bytes_str("ACTIVE")};
    wire_record_by(r, WIRE_PLATFORM);
    lf__buf_init(&r->record, PX_MESSAGE_MAX);
    lf__buf_init(&r->wire, (size_t)2 * PX_MESSAGE_MAX);
    lf__arena_init(&r->arena, (size_t)4 * PX_MESSAGE_MAX);
}

void wire_record_done(struct wire_record *r)
{
    lf__buf_done(&r->record);
    lf__buf_done(&r->wire);
    lf__arena_done(&r->arena);
}

void wire_bodies(struct wire_record *r)
{
    lf_status rc = LF_OK;
    switch (r->header.kind) {
    case PX_KIND_REGISTRY_ENTRY:
        rc = px_registry_encode(&r->arena, &r->registry, r->parts, &r->part_count, NULL);
        break;
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        rc =
            px_target_encode(&r->arena, r->header.kind, &r->target, r->parts, &r->part_count, NULL);
        break;
    case PX_KIND_MEMBER:
        rc = px_member_encode(&r->arena, &r->member, r->parts, &r->part_count, NULL);
        break;
    case PX_KIND_CREDIT_LIST_ENTRY:
    case PX_KIND_LIST_REMOVAL:
    case PX_KIND_APPEAL:
    case PX_KIND_NOTICE:
    case PX_KIND_DISPOSITION:
    case PX_KIND_ENTRY_BAN:
    case PX_KIND_OVERRIDE:
    case PX_KIND_CAMPAIGN:
    case PX_KIND_ATTESTATION:
    case PX_KIND_BULLETIN:
    case PX_KIND_MERCHANT_IDENTITY:
    case PX_KIND_ACKNOWLEDGEMENT:
    case PX_KIND_LOG_KEY:
        rc = px_words_encode(&r->arena, r->header.kind, r->words, r->parts, &r->part_count, NULL);
        break;
    case PX_KIND_ENFORCEMENT_EVENT:
    case PX_KIND_NONE:
    case PX_KIND_GENESIS:
    case PX_KIND_POLICY:
    case PX_KIND_REDACTION:
    case PX_KIND_COUNT:
    default: /* kinds that nobody knows travel with an event's body */
        rc = px_event_encode(&r->arena, &r->event, r->parts, &r->part_count, NULL);
        break;
    }
    LF_BUG_IF(rc != LF_OK);
    for (size_t i = 0; i < r->part_count; i++) {
        lf__random(r->parts[i].salt, sizeof r->parts[i].salt);
    }
}

void wire_body_add(struct wire_record *r, size_t part, lf_bytes more)
{
    LF_BUF joined;
    lf__buf_init(&joined, PX_MESSAGE_MAX);
    LF_BUG_IF(part >= r->part_count || !lf__buf_append(&joined, r->parts[part].body) ||
              !lf__buf_append(&joined, more));
    r->parts[part].body = lf__arena_copy(&r->arena, lf__buf_bytes(&joined));
    LF_BUG_IF(r->parts[part].body.ptr == NULL);
}

void wire_encode(struct wire_record *r)
{
    lf__buf_clear(&r->record);
    LF_BUG_IF(!px_record_encode(&r->header, r->parts, r->part_count, &r->record));
}

void wire_sign(struct wire_record *r)
{
    LF_BUF pae;
    const struct wire_member *signer = &r->w->members[r->signer];
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    LF_BUG_IF(!lf__dsse_pae(&pae, r->type, lf__buf_bytes(&r->record)));
    struct lf__signature signature = lf__sign(signer->sign, lf__buf_bytes(&pae));
    lf__copy(r->signature, signature.bytes, sizeof r->signature);
    r->envelope = (struct px_envelope){
        .record = lf__buf_bytes(&r->record), .part_count = r->part_count, .signature_count = 1};
    lf__copy(r->envelope.parts, r->parts, r->part_count * sizeof *r->parts);
    r->envelope.signatures[0] = (struct px_signature){.alg = LF_ALG_ED25519,
                                                      .key_id = lf__key_id(&signer->key),
                                                      .signature = LF_BYTES_ARRAY(r->signature)};
}

void wire_pack(struct wire_record *r)
{
    lf__buf_clear(&r->wire);
    r->envelope.record = lf__buf_bytes(&r->record);
    LF_BUG_IF(!px_envelope_encode(&r->envelope, &r->wire));
}

static void results_take(lf_bytes reply, struct wire_told *out)
{
    LF_ARENA arena;
    struct px_result *results = NULL;
    size_t count = 0;
    lf_bytes note;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    LF_BUG_IF(px_results_decode(&arena, reply, &results, &count, &note, NULL) != LF_OK);
    for (size_t i = 0; i < count; i++) { /* of a batch: the worst that one of them was told */
        if (results[i].outcome >= out->outcome) {
            out->outcome = results[i].outcome;
            out->index = results[i].index;
            (void)snprintf(out->reason, sizeof out->reason, "%s", results[i].error.reason);
            (void)snprintf(out->field, sizeof out->field, "%s", results[i].error.field);
        }
    }
}

void wire_call(struct test_client *client, const char *path, lf_bytes request,
               struct wire_told *out)
{
    struct test_answer answer;
    struct test_ask ask = {path, request, WIRE_TIMEOUT_MS, -1};
    test_client_call(client, &ask, &answer);
    *out = (struct wire_told){.code = answer.code};
    (void)snprintf(out->reason, sizeof out->reason, "%s", answer.error.reason);
    (void)snprintf(out->field, sizeof out->field, "%s", answer.error.field);
    if (answer.code == 0 && strstr(path, "/Submit") != NULL) {
        results_take(lf__buf_bytes(&answer.reply), out);
    }
    test_answer_done(&answer);
}

void wire_submit_through(struct test_client *client, const struct wire_record *r,
                         struct wire_told *out)
{
    LF_BUF request;
    lf__buf_init(&request, (size_t)3 * PX_MESSAGE_MAX);
    LF_BUG_IF(!px_submit_request_encode(lf__buf_bytes(&r->wire), &request));
    wire_call(client, submit_path, lf__buf_bytes(&request), out);
}

void wire_submit(const struct wire_record *r, struct wire_told *out)
{
    wire_submit_through(r->w->members[r->caller].client, r, out);
}

uint64_t wire_size(struct wire *w)
{
    static const uint8_t ledger[] = {0x08, 0x01};
    struct test_answer answer;
    struct test_ask ask = {"/lianfang.v1.Ledger/GetCheckpoint", LF_BYTES_ARRAY(ledger),
                           WIRE_TIMEOUT_MS, -1};
    test_client_call(w->members[WIRE_REGULATOR].client, &ask, &answer);
    lf_bytes note;
    LF_BUG_IF(answer.code != 0 ||
              px_checkpoint_decode(lf__buf_bytes(&answer.reply), &note, NULL) != LF_OK);
    const uint8_t *line = memchr(note.ptr, '\n', note.len);
    LF_BUG_IF(line == NULL);
    uint64_t size = strtoull((const char *)line + 1, NULL, 10); /* ends at the next newline */
    test_answer_done(&answer);
    return size;
}
