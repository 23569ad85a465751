/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_alike BASE BASE_MS HIDDEN: everything that outsiders can ask a gateway, and all the bytes that it answers, a line each: label, message
 * or end, gRPC code, status details and bytes in hex. HIDDEN has the records that they should know nothing of, ISSUER ID a line; BASE and
 * BASE_MS are a size and a time of the ledger before any of them. What is handed in is the same bytes every time. Wants LIANFANG_FED and
 * LIANFANG_PORT.
 */
#include "base/bytes.h"
#include "base/status.h"
#include "integration/wire/world.h"
#include "protos/codec/evidence_bundle.h"
#include "protos/codec/feed.h"
#include "protos/codec/members.h"
#include "protos/codec/reports.h"
#include "protos/codec/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HIDDEN_MAX = 64, TIMEOUT_MS = 20000, CODES = 7 };

static const char *const codes[CODES] = {
    "91999999MA00000154", "91999999MA0000023Y", "91999999MA0000031R", "91999999MA000004XH",
    "91999999MA0000058H", "91999999MA0000066C", "91999999MA00000747"};

static struct alike {
    struct wire w;
    uint64_t base;
    int64_t base_ms;
    struct {
        char issuer[41];
        uint8_t id[PX_ID_BYTES];
    } hidden[HIDDEN_MAX];
    size_t hidden_count;
} a;

/* ---- what is answered ---- */

static void line(const char *label, const char *what, const struct test_answer *answer,
                 lf_bytes bytes)
{
    (void)printf("%s\t%s\t%d\t", label, what, answer == NULL ? 0 : answer->code);
    for (size_t i = 0; answer != NULL && i < answer->details_len; i++) {
        (void)printf("%02x", answer->details[i]);
    }
    (void)printf("\t");
    for (size_t i = 0; i < bytes.len; i++) {
        (void)printf("%02x", bytes.ptr[i]);
    }
    (void)printf("\n");
}

static void ask(enum wire_who who, const char *label, const char *path, struct lf__buf *request)
{
    struct test_answer answer;
    LF_BUG_IF(request->failed);
    struct test_ask what = {path, lf__buf_bytes(request), TIMEOUT_MS, -1};
    char whole[160];
    (void)snprintf(whole, sizeof whole, "%s %s %s", a.w.members[who].name, strrchr(path, '/') + 1,
                   label);
    test_client_call(a.w.members[who].client, &what, &answer);
    line(whole, "answer", &answer, lf__buf_bytes(&answer.reply));
    test_answer_done(&answer);
    lf__buf_clear(request);
}

/* Sends one message, half-closes, and takes what comes: to the end, or so many messages. */
static void ask_stream(enum wire_who who, const char *label, const char *path,
                       struct lf__buf *request, int most)
{
    char whole[160];
    struct test_answer answer;
    LF_BUF message;
    lf__buf_init(&message, 1);
    (void)snprintf(whole, sizeof whole, "%s %s %s", a.w.members[who].name, strrchr(path, '/') + 1,
                   label);
    struct test_stream *stream = test_stream_open(a.w.members[who].client, path, TIMEOUT_MS);
    (void)test_stream_send(stream, lf__buf_bytes(request));
    test_stream_half_close(stream);
    for (int i = 0; i < most && test_stream_receive(stream, &message); i++) {
        line(whole, "message", NULL, lf__buf_bytes(&message));
    }
    test_stream_cancel(stream);
    while (test_stream_receive(stream, &message)) {
    }
    test_stream_finish(stream, &answer);
    if (answer.code != 0 && answer.code != 1) { /* but OK or our own cancel */
        line(whole, "end", &answer, LF_BYTES_NONE);
    }
    lf__buf_clear(request);
}

/* ---- what is handed in: the same bytes whenever it is ---- */

static void bytes_of(const char *label, uint8_t *out, size_t len)
{
    struct lf__hash hash = lf__sha256(lf__bytes_str(label));
    LF_BUG_IF(len > sizeof hash.bytes);
    lf__copy(out, hash.bytes, len);
}

static void begin(struct wire_record *r, enum wire_who who, const char *label)
{
    wire_record_init(&a.w, r);
    wire_record_by(r, who);
    bytes_of(label, r->id, sizeof r->id);
    r->header.effective_until_ms = INT64_C(4102444800000);
}

static void finish(struct wire_record *r, const char *label)
{
    static const char path[] = "/lianfang.v1.Exchange/Submit";
    LF_BUF request;
    lf__buf_init(&request, PX_MESSAGE_MAX);
    wire_bodies(r);
    for (size_t i = 0; i < r->part_count; i++) {
        char salt[160];
        (void)snprintf(salt, sizeof salt, "%s %zu", label, i);
        bytes_of(salt, r->parts[i].salt, sizeof r->parts[i].salt);
    }
    wire_encode(r);
    wire_sign(r);
    wire_pack(r);
    LF_BUG_IF(!px_submit_request_encode(lf__buf_bytes(&r->wire), &request));
    ask(r->caller, label, path, &request);
}

static void event(enum wire_who who, const char *label, const char *uscc, const char *campaign,
                  const char *only)
{
    struct wire_record r;
    lf_bytes audience[8];
    char list[256];
    size_t count = 0;
    char *save = NULL;
    begin(&r, who, label);
    r.event.uscc = lf__bytes_str(uscc);
    r.event.violation = lf__bytes_str("PRICE_GOUGING");
    r.event.decided_at = lf__bytes_str("2020-02-10");
    r.event.campaign = lf__bytes_str(campaign);
    (void)snprintf(list, sizeof list, "%s", only);
    for (char *one = strtok_r(list, ";", &save); one != NULL; one = strtok_r(NULL, ";", &save)) {
        audience[count++] = lf__bytes_str(one);
    }
    r.header.audience = audience;
    r.header.audience_count = count;
    finish(&r, label);
    wire_record_done(&r);
}

/* ---- of what is hidden ---- */

static struct px_about about_of(size_t i)
{
    return (struct px_about){lf__bytes_str(a.hidden[i].issuer),
                             {a.hidden[i].id, sizeof a.hidden[i].id}};
}

static void speak(enum wire_who who, size_t i, const char *what, enum px_kind kind,
                  const void *words, unsigned decision)
{
    struct wire_record r;
    char label[96];
    (void)snprintf(label, sizeof label, "%s of hidden %zu", what, i);
    begin(&r, who, label);
    r.header.kind = kind;
    r.header.certainty = 0;
    r.words = words;
    r.target = (struct px_target){.issuer = lf__bytes_str(a.hidden[i].issuer),
                                  .record_id = {a.hidden[i].id, sizeof a.hidden[i].id},
                                  .decision = decision};
    finish(&r, label);
    wire_record_done(&r);
}

/* A version after it, and a brand's determination that is it. */
static void point(enum wire_who who, size_t i)
{
    struct wire_record r;
    char label[64];
    (void)snprintf(label, sizeof label, "version after hidden %zu", i);
    begin(&r, who, label);
    r.header.version = 2;
    r.header.predecessor = (lf_bytes){a.hidden[i].id, sizeof a.hidden[i].id};
    finish(&r, label);
    wire_record_done(&r);
    (void)snprintf(label, sizeof label, "determination by hidden %zu", i);
    begin(&r, who, label);
    r.header.certainty = 4;
    r.event.uscc = lf__bytes_str(codes[0]);
    r.event.brand_issuer = lf__bytes_str(a.hidden[i].issuer);
    r.event.brand_record_id = (lf_bytes){a.hidden[i].id, sizeof a.hidden[i].id};
    finish(&r, label);
    wire_record_done(&r);
}

static void hidden_ask(enum wire_who who, size_t i)
{
    LF_BUF request;
    char label[64];
    struct px_appeal appeal = {
        .about = about_of(i), .step = 1, .stepped_on = lf__bytes_str("2026-11-01")};
    struct px_disposition answer = {.about = about_of(i), .answer = PX_ANSWER_NO_SHOP};
    struct px_notice notice = {.about = about_of(i), .step = 1};
    struct px_removal removal = {
        .about = about_of(i), .ground = 1, .removed_on = lf__bytes_str("2026-11-01")};
    lf__buf_init(&request, 4096);
    (void)snprintf(label, sizeof label, "hidden %zu", i);
    LF_BUG_IF(!px_evidence_request_encode(lf__bytes_str(a.hidden[i].issuer),
                                          (lf_bytes){a.hidden[i].id, sizeof a.hidden[i].id},
                                          &request));
    ask(who, label, "/lianfang.v1.Ledger/GetEvidence", &request);
    speak(who, i, "correction", PX_KIND_CORRECTION, NULL, 3);
    speak(who, i, "relay", PX_KIND_RELAY, NULL, 1);
    speak(who, i, "appeal", PX_KIND_APPEAL, &appeal, 0);
    speak(who, i, "answer", PX_KIND_DISPOSITION, &answer, 0);
    speak(who, i, "notice", PX_KIND_NOTICE, &notice, 0);
    speak(who, i, "removal", PX_KIND_LIST_REMOVAL, &removal, 0);
    point(who, i);
}

/* ---- questions ---- */

static void screen(enum wire_who who, const char *label, struct px_screen_request question)
{
    LF_BUF request;
    struct px_asked subjects[CODES];
    lf__buf_init(&request, 4096);
    for (size_t i = 0; i < CODES; i++) {
        subjects[i] =
            (struct px_asked){lf__bytes_str(codes[i]), lf__bytes_str(i % 2 == 0 ? "某某商行" : "")};
    }
    question.legal_basis = 1;
    question.subjects = subjects;
    question.count = CODES;
    (void)px_screen_request_encode(&question, &request);
    ask(who, label, "/lianfang.v1.Screening/Screen", &request);
    (void)px_screen_request_encode(&question, &request);
    ask_stream(who, label, "/lianfang.v1.Screening/ScreenStream", &request, 1);
}

static void screen_all(enum wire_who who, const char *when)
{
    static const char *const purposes[] = {"ONBOARDING", "RESCREENING", "AUDIT", "NONSENSE"};
    char label[64];
    for (size_t i = 0; i < LF_COUNT(purposes); i++) {
        (void)snprintf(label, sizeof label, "%s %s", when, purposes[i]);
        screen(who, label, (struct px_screen_request){.purpose = lf__bytes_str(purposes[i])});
    }
    lf_bytes purpose = lf__bytes_str("ONBOARDING");
    (void)snprintf(label, sizeof label, "%s as known", when);
    screen(who, label, (struct px_screen_request){.purpose = purpose, .as_known_size = a.base - 1});
    (void)snprintf(label, sizeof label, "%s as known then", when);
    screen(who, label, (struct px_screen_request){.purpose = purpose, .as_known_ms = a.base_ms});
    (void)snprintf(label, sizeof label, "%s in force", when);
    screen(who, label,
           (struct px_screen_request){.purpose = purpose, .in_force = lf__bytes_str("2020-03-01")});
    (void)snprintf(label, sizeof label, "%s both", when);
    screen(who, label,
           (struct px_screen_request){.purpose = purpose,
                                      .as_known_size = a.base,
                                      .in_force = lf__bytes_str("2026-06-30")});
}

static void feed_all(enum wire_who who)
{
    LF_BUF request;
    char label[64];
    struct px_feed_request everything = {.max_entries = 1000};
    lf__buf_init(&request, 4096);
    for (unsigned kind = 0; kind < PX_KIND_COUNT; kind++) {
        struct px_feed_request some = {.max_entries = 1000,
                                       .kinds = kind == 0 ? 0 : UINT64_C(1) << kind};
        (void)snprintf(label, sizeof label, "kind %u", kind);
        (void)px_feed_request_encode(&some, &request);
        ask(who, label, "/lianfang.v1.Feed/Poll", &request);
    }
    everything.max_entries = 0;
    (void)px_feed_request_encode(&everything, &request);
    ask_stream(who, "from 0", "/lianfang.v1.Feed/Subscribe", &request, 1);
    everything.cursor = 1000000;
    (void)px_feed_request_encode(&everything, &request);
    ask_stream(who, "ahead", "/lianfang.v1.Feed/Subscribe", &request, 1);
    (void)px_feed_request_encode(&everything, &request);
    ask(who, "ahead", "/lianfang.v1.Feed/Poll", &request);
    (void)px_acknowledge_encode(a.base, &request);
    ask(who, "base", "/lianfang.v1.Feed/Acknowledge", &request);
    (void)px_acknowledge_encode(a.base - 1, &request);
    ask(who, "behind", "/lianfang.v1.Feed/Acknowledge", &request);
}

static void ledger_all(enum wire_who who)
{
    LF_BUF request;
    lf__buf_init(&request, 4096);
    struct px_range all = {.log = PX_LOG_LEDGER, .b = PX_ENTRIES_MAX};
    (void)px_entries_request_encode(&all, false, &request);
    ask(who, "all", "/lianfang.v1.Ledger/GetEntries", &request);
    struct px_range old = {.log = PX_LOG_LEDGER, .b = a.base};
    (void)px_entries_request_encode(&old, true, &request);
    ask(who, "old leaves", "/lianfang.v1.Ledger/GetEntries", &request);
    for (uint64_t i = 0; i < a.base; i += 7) {
        struct px_range at = {.log = PX_LOG_LEDGER, .a = i, .b = a.base};
        (void)px_range_encode(&at, &request);
        ask(who, "old", "/lianfang.v1.Ledger/ProveInclusion", &request);
    }
    struct px_range two = {.log = PX_LOG_LEDGER, .a = a.base / 2, .b = a.base};
    (void)px_range_encode(&two, &request);
    ask(who, "old", "/lianfang.v1.Ledger/ProveConsistency", &request);
    struct px_range access = {.log = PX_LOG_ACCESS, .b = PX_ENTRIES_MAX};
    (void)px_entries_request_encode(&access, false, &request);
    ask(who, "access", "/lianfang.v1.Ledger/GetEntries", &request);
}

static void tasks_all(enum wire_who who)
{
    LF_BUF request;
    char label[64];
    lf__buf_init(&request, 4096);
    for (uint32_t state = 0; state <= 6; state++) {
        for (int i = 0; i < 4; i++) {
            struct px_tasks_request ask_for = {.states = state == 0 ? 0 : LF_BIT(state),
                                               .overdue_only = i == 1,
                                               .member = lf__bytes_str(i == 2 ? "platform-01" : ""),
                                               .from_index = i == 3 ? a.base : 0,
                                               .max = 1000};
            (void)snprintf(label, sizeof label, "state %u way %d", state, i);
            (void)px_tasks_request_encode(&ask_for, &request);
            ask(who, label, "/lianfang.v1.Tasks/List", &request);
        }
    }
}

static void reports_all(enum wire_who who)
{
    static const char *const names[] = {
        "open-loops",   "coverage",    "lags",       "late",        "participation", "overrides",
        "attestations", "statistics",  "ranking",    "corrections", "links",         "publicity",
        "members",      "relay-queue", "quarantine", "crosscheck",  "rumours"};
    LF_BUF request;
    lf__buf_init(&request, 4096);
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        struct px_report_request report = {.name = lf__bytes_str(names[i])};
        (void)px_report_request_encode(&report, &request);
        ask(who, names[i], "/lianfang.v1.Reports/Get", &request);
        report.from = lf__bytes_str("2020-01-01");
        (void)px_report_request_encode(&report, &request);
        ask(who, names[i], "/lianfang.v1.Reports/Get", &request);
        report.about = lf__bytes_str("platform-01"); /* refused by those that heed no member */
        (void)px_report_request_encode(&report, &request);
        ask(who, names[i], "/lianfang.v1.Reports/Get", &request);
        report = (struct px_report_request){.name = lf__bytes_str(names[i]),
                                            .about = lf__bytes_str(codes[0])};
        (void)px_report_request_encode(&report, &request);
        ask(who, names[i], "/lianfang.v1.Reports/Get", &request);
    }
    for (size_t i = 0; i < CODES; i++) { /* all about one */
        struct px_report_request report = {.name = lf__bytes_str("subject"),
                                           .about = lf__bytes_str(codes[i]),
                                           .purpose = lf__bytes_str("SUBJECT_REQUEST"),
                                           .case_number = lf__bytes_str("C-1"),
                                           .legal_basis = 1};
        (void)px_report_request_encode(&report, &request);
        ask(who, "subject", "/lianfang.v1.Reports/Get", &request);
    }
}

static void members_all(enum wire_who who)
{
    LF_BUF request;
    lf__buf_init(&request, 4096);
    struct px_list_request list = {.limit = 1000};
    (void)px_list_request_encode(&list, &request);
    ask(who, "all", "/lianfang.v1.Members/List", &request);
    (void)px_get_member_request_encode(lf__bytes_str("platform-01"), &request);
    ask(who, "platform-01", "/lianfang.v1.Members/Get", &request);
    /* A list of one's own against the ledger: for regulators, and whoever else asks is told so. */
    (void)px_screen_request_encode(&(struct px_screen_request){.purpose = lf__bytes_str("AUDIT")},
                                   &request);
    ask_stream(who, "list", "/lianfang.v1.Screening/CrossCheck", &request, 4);
}

/* Its own words about the same merchants, once taken and once a duplicate; and what names a campaign. */
static void own_words(enum wire_who who)
{
    static const char audience[] = "platform-01;platform-03;platform-04;platform-05";
    char label[64];
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(label, sizeof label, "own %s", a.w.members[who].name);
        for (int again = 0; again < 2; again++) {
            event(who, label, codes[i], "", "");
        }
    }
    event(who, "in the campaign", codes[0], "EPIDEMIC-2020", audience);
    event(who, "in the campaign of all", codes[0], "EPIDEMIC-2020", "");
    event(who, "in the campaign with us", codes[0], "EPIDEMIC-2020",
          "platform-01;platform-02;platform-03;platform-04;platform-05");
    event(who, "in none", codes[0], "NEVER-WAS", audience);
}

static void hidden_read(const char *path)
{
    char issuer[41];
    char hex[LF_HEX_SIZE(PX_ID_BYTES)];
    FILE *file = fopen(path, "re");
    LF_BUG_IF(file == NULL);
    while (a.hidden_count < HIDDEN_MAX && fscanf(file, "%40s %32s", issuer, hex) == 2) {
        size_t len = 0;
        (void)snprintf(a.hidden[a.hidden_count].issuer, sizeof issuer, "%s", issuer);
        LF_BUG_IF(!lf__unhex(lf__bytes_str(hex), a.hidden[a.hidden_count].id, PX_ID_BYTES, &len));
        a.hidden_count++;
    }
    (void)fclose(file);
}

static void outsider(enum wire_who who)
{
    screen_all(who, "before");
    own_words(who);
    for (size_t i = 0; i < a.hidden_count; i++) {
        hidden_ask(who, i);
    }
    screen_all(who, "after");
    tasks_all(who);
    reports_all(who);
    members_all(who);
    feed_all(who);
    ledger_all(who);
}

int main(int argc, char **argv)
{
    if (argc != 4 || !wire_open_env(&a.w)) {
        (void)fprintf(stderr, "usage: wire_alike BASE BASE_MS HIDDEN\n");
        return 2;
    }
    a.base = strtoull(argv[1], NULL, 10);
    a.base_ms = strtoll(argv[2], NULL, 10);
    hidden_read(argv[3]);
    event(WIRE_REGULATOR, "an ordinary one", codes[2], "", ""); /* what comes after is for all */
    outsider(WIRE_OTHER);
    outsider(WIRE_LAB);
    wire_close(&a.w);
    return 0;
}
