/* SPDX-License-Identifier: Apache-2.0 */
/* A lifting says again what stands, so that nobody types a code or a violation twice: the newest version is read, proven, and
 * its successor carries the same case, audience and certainty with the measure LIFT. */
#include "client/client_internal.h"
#include "client/log_read.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/derive.h"
#include "protos/codec/members.h"
#include "protos/codec/words.h"

#include <lianfang/lift.h>

enum { LIFT_TIMEOUT_MS = 30000, LIFT_VERSIONS_MAX = 1000, LIFT_DAY = 11 };

struct lifting {
    lf_client *client;
    struct lf__arena *arena;
    lf_lift in;
    char day[LIFT_DAY];
    lf_proof at;
    struct px_envelope said; /* what stands */
};

static lf_status unknown(lf_error *err)
{
    return lf__refuse(err, LF_E_NOT_FOUND, "TARGET_UNKNOWN", "target_record_id",
                      "lift: that record is not there, or not ours to read");
}

/* Where our own event of this ref and version stands. */
static lf_status version_find(struct lifting *l, lf_bytes ref, uint32_t version, uint64_t *index,
                              lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    uint8_t id[PX_ID_BYTES];
    struct px_evidence evidence;
    const struct lf__profile *profile = &l->client->profile;
    struct lf__row row = {PX_KIND_ENFORCEMENT_EVENT, version, ref};
    lf__derive_record_id((lf_bytes){lf__secret_view(profile->push), CLIENT_SECRET_BYTES}, &row, id);
    lf__buf_init(&request, 256);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    (void)px_evidence_request_encode(lf__bytes_str(profile->member), LF_BYTES_ARRAY(id), &request);
    lf_status rc = lf__client_call(l->client, "/lianfang.v1.Ledger/GetEvidence",
                                   lf__buf_bytes(&request), LIFT_TIMEOUT_MS, &answer, err);
    rc = rc == LF_OK ? px_evidence_decode(&arena, lf__buf_bytes(&answer), &evidence, err) : rc;
    if (rc == LF_OK) {
        *index = evidence.index;
    }
    return rc;
}

static lf_status read_at(struct lifting *l, uint64_t index, lf_error *err)
{
    lf_status rc = lf__entry_prove(l->client, l->arena, index, &l->at, &l->said, err);
    return rc == LF_E_NOT_FOUND || (rc == LF_OK && l->at.issuer[0] == '\0') ? unknown(err) : rc;
}

static bool is_own(const struct lifting *l)
{
    return lf__bytes_eq_str(l->said.header.issuer, l->client->profile.member);
}

/* From what is named to the newest of its versions. */
static lf_status newest_read(struct lifting *l, lf_error *err)
{
    uint64_t index = l->in.index;
    uint32_t version = 1;
    lf_status rc = l->in.ref == NULL ? read_at(l, index, err)
                                     : version_find(l, lf__given(l->in.ref), 1, &index, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? unknown(err) : rc;
    }
    if (l->in.ref == NULL) {
        if (l->said.header.kind != PX_KIND_ENFORCEMENT_EVENT || !is_own(l)) {
            return LF_OK;
        }
        version = l->said.header.version;
    }
    uint64_t start = index;
    lf_bytes ref = l->in.ref != NULL ? lf__given(l->in.ref) : l->said.header.ref;
    while (rc == LF_OK && version < LIFT_VERSIONS_MAX) {
        rc = version_find(l, ref, ++version, &index, NULL);
    }
    if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        return version_find(l, ref, version, &index, err); /* as it fails, it tells why */
    }
    return l->in.ref != NULL || index != start ? read_at(l, index, err) : LF_OK;
}

static bool is_lifted(const struct px_event *event)
{
    for (size_t i = 0; i < event->measure_count; i++) {
        if (lf__bytes_eq_str(event->measures[i], "LIFT")) {
            return true;
        }
    }
    return false;
}

/* What was taken in money and points, and its evidence, is not taken again. */
static void event_lift(const struct lifting *l, struct px_event *event)
{
    event->measures[0] = lf__bytes_str("LIFT");
    event->measure_count = 1;
    event->decided_at = lf__bytes_str(l->day);
    event->measure_until = LF_BYTES_NONE;
    event->amount_fen = 0;
    event->points = 0;
    event->evidence_count = 0;
    event->note = lf__given(l->in.note);
}

static lf_status event_draft(const struct lifting *l, struct lf__draft *out, lf_error *err)
{
    const struct px_header *h = &l->said.header;
    struct px_event *event = lf__arena_alloc(l->arena, sizeof *event);
    if (!is_own(l)) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "target_issuer",
                          "lift: an event is lifted by its issuer; a regulator corrects it");
    }
    if (event == NULL) {
        return lf__arena_status(l->arena, err);
    }
    lf_status rc = px_event_decode(l->arena, &l->said, event, err);
    if (rc != LF_OK) {
        return rc;
    }
    *out = (struct lf__draft){.kind = h->kind,
                              .ref = h->ref,
                              .version = h->version,
                              .certainty = h->certainty,
                              .legal_basis = h->legal_basis,
                              .audience = h->audience,
                              .audience_count = h->audience_count};
    if (!is_lifted(event)) { /* else it is said again as it was */
        out->version++;
        event_lift(l, event);
    }
    return px_event_encode(l->arena, event, out->parts, &out->part_count, err);
}

static lf_status listing_draft(const struct lifting *l, struct lf__draft *out, lf_error *err)
{
    lf_fields said = LF_FIELDS_INIT;
    const lf_field fields[] = {
        {"target_issuer", l->at.issuer},
        {"target_record_id", l->at.record_id},
        {"ground", l->in.ground == NULL ? "REMOVED" : l->in.ground},
        {"removed_on", l->day},
        {"reason_text", l->in.note},
    };
    said.kind = "list-removal";
    said.fields = fields;
    said.count = LF_COUNT(fields) - (l->in.note == NULL ? 1 : 0);
    return lf__fields_draft(l->arena, &said, out, err);
}

static lf_status draft_make(const struct lifting *l, struct lf__draft *out, lf_error *err)
{
    enum px_kind kind = l->said.header.kind;
    return kind == PX_KIND_ENFORCEMENT_EVENT ? event_draft(l, out, err)
           : kind == PX_KIND_CREDIT_LIST_ENTRY
               ? listing_draft(l, out, err)
               : lf__refuse(err, LF_E_ARG, "TARGET_KIND", "target_record_id",
                            "lift: ends events and listings; others "
                            "are corrected or withdrawn");
}

static lf_status day_take(struct lifting *l, lf_error *err)
{
    int64_t at_ms = 0;
    if (l->in.lifted_on == NULL || l->in.lifted_on[0] == '\0') {
        lf__date_shanghai(lf__clock_utc_ms(), l->day);
        return LF_OK;
    }
    return lf__date_start(lf__given(l->in.lifted_on), 0, 0, &at_ms) &&
                   lf__copy_str(l->day, sizeof l->day, lf__given(l->in.lifted_on))
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "DATE_INVALID", "lifted_on",
                            "lifted_on: not a date of the form 2026-01-31");
}

lf_status lf_lift_say(lf_client *client, const lf_lift *lift, lf_result_cb each, void *user,
                      lf_error *err)
{
    LF_ARENA arena;
    struct lf__record record;
    struct lf__draft draft = {.part_count = 0};
    struct lifting l = {.client = client, .arena = &arena};
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__struct_take(&l.in, sizeof l.in, lift, "lift", err);
    rc = rc == LF_OK ? day_take(&l, err) : rc;
    rc = rc == LF_OK ? newest_read(&l, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = draft_make(&l, &draft, err);
    struct lf__submit_how how = {l.in.timeout_ms, each, user};
    rc = rc == LF_OK ? lf__record_seal(&client->profile, &arena, &draft, &record, err) : rc;
    return rc == LF_OK ? lf__submit_record_wait(client, &record, &how, err) : rc;
}
