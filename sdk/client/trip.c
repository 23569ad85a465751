/* SPDX-License-Identifier: Apache-2.0 */
#include "client/trip.h"

#include "base/status.h"

#define NS_IN_MS 1000000

static void trip_send(struct lf__trip *trip, int64_t now_ns)
{
    struct lf__wire *wire = trip->client->driver.wire;
    int64_t left_ms = (trip->patience.until_ns - now_ns) / NS_IN_MS;
    lf__buf_clear(&trip->call.answer);
    trip->again_ns = INT64_MAX;
    trip->is_flying = true;
    wire->ops->start(wire, &trip->call, LF_METHOD_SUBMIT_BATCH, lf__buf_bytes(&trip->request),
                     left_ms > 1 ? left_ms : 1);
}

static void trip_landed(struct lf__call *call)
{
    struct lf__trip *trip = LF_CONTAINER_OF(call, struct lf__trip, call);
    trip->is_flying = false;
    if (call->status != LF_OK && lf__patience_again(&trip->patience, &call->error, call->retry_ms,
                                                    trip->client->driver.now(), &trip->again_ns)) {
        lf__client_log(trip->client, LF_LOG_INFO, "submit.retry", "%zu records: %s",
                       trip->bundle.count, call->error.message);
        return;
    }
    trip->ended(trip);
}

lf_status lf__trip_start(struct lf__trip *trip, lf_client *client,
                         const struct lf__record *const *records, size_t count, int64_t until_ns,
                         lf_error *err)
{
    trip->client = client;
    trip->call.done = trip_landed;
    trip->patience = lf__patience_until(until_ns);
    lf__buf_init(&trip->call.answer, CLIENT_ANSWER_MAX);
    lf__buf_init(&trip->request, PX_MESSAGE_MAX);
    lf_status rc = lf__bundle_sign(&trip->bundle, &client->profile, records, count, err);
    rc = rc == LF_OK ? lf__bundle_request(&trip->bundle, &trip->request, err) : rc;
    rc = rc == LF_OK ? lf__heads_check(&client->heads, err) : rc;
    lf__bundle_asks(&trip->bundle, &client->heads);
    if (rc == LF_OK) {
        trip_send(trip, client->driver.now());
    }
    return rc;
}

void lf__trip_turn(struct lf__trip *trip, int64_t now_ns)
{
    if (!trip->is_flying && trip->again_ns <= now_ns) {
        trip_send(trip, now_ns);
    }
}

void lf__trip_cancel(struct lf__trip *trip)
{
    struct lf__wire *wire = trip->client->driver.wire;
    trip->patience.until_ns = INT64_MIN; /* no further try */
    if (trip->is_flying) {
        wire->ops->cancel(wire, &trip->call);
    } else if (trip->again_ns != INT64_MAX) {
        trip->again_ns = INT64_MAX;
        trip->call.status = lf__fail(&trip->call.error, LF_E_CANCELED, "submit: canceled");
        trip->ended(trip);
    }
}

void lf__trip_done(struct lf__trip *trip)
{
    lf__bundle_done(&trip->bundle);
    lf__buf_done(&trip->request);
    lf__buf_done(&trip->call.answer);
}
