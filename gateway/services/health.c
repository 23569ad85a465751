/* SPDX-License-Identifier: Apache-2.0 */
/* grpc.health.v1.Health: Check and Watch, for the whole server and for each service that it offers. */
#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "gateway/services/services.h"
#include "protos/codec/wire.h"

#include <pthread.h>
#include <stdlib.h>

enum { HEALTH_SERVING = 1, HEALTH_NOT_SERVING = 2, HEALTH_SERVICE_UNKNOWN = 3 };

/* One open Watch. Lives in the call's arena. */
struct watch {
    struct gw_call *call;
    bool is_known;
    struct watch *next;
};

struct gw_health {
    pthread_mutex_t lock;
    struct watch *watches;
    bool is_serving;
    bool is_draining;
};

lf_status gw_health_new(struct gw_health **out, lf_error *err)
{
    struct gw_health *health = calloc(1, sizeof *health);
    if (health == NULL) {
        return lf__fail(err, LF_E_NOMEM, "health: out of memory");
    }
    (void)pthread_mutex_init(&health->lock, NULL);
    *out = health;
    return LF_OK;
}

void gw_health_free(struct gw_health *health)
{
    if (health != NULL) {
        (void)pthread_mutex_destroy(&health->lock);
        free(health);
    }
}

static bool is_offered(lf_bytes service)
{
    lf_bytes names[GW_METHODS_MAX];
    size_t count = gw_services_names(names);
    bool found = service.len == 0; /* the whole server */
    for (size_t i = 0; !found && i < count; i++) {
        found = lf__bytes_eq(service, names[i]);
    }
    return found;
}

lf_status gw_health_decode(lf_bytes request, lf_bytes *service, lf_error *err)
{
    struct lf__reader r = {request};
    struct px_wire wire;
    lf_bytes name = LF_BYTES_NONE;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number == 1) {
            good = wire.type == PX_WIRE_BYTES && lf__text_is_utf8(wire.value);
            name = wire.value;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "service",
                          "request: not a HealthCheckRequest");
    }
    *service = name;
    return LF_OK;
}

void gw_handle_health(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct gw_health *health = services->health;
    lf_bytes service = LF_BYTES_NONE;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, 64);
    lf_status rc = gw_health_decode(request, &service, &err);
    if (rc == LF_OK && !is_offered(service)) {
        rc = lf__fail(&err, LF_E_NOT_FOUND, "health: no such service");
    }
    (void)pthread_mutex_lock(&health->lock);
    bool is_serving = health->is_serving;
    (void)pthread_mutex_unlock(&health->lock);
    (void)px_wire_u64(&reply, 1, is_serving ? HEALTH_SERVING : HEALTH_NOT_SERVING);
    gw_answer(call, rc, &err, &reply);
}

/* The health's lock is held, so that nobody hears of changes in another order than they came. */
static void watch_tell(const struct gw_health *health, const struct watch *watch)
{
    LF_BUF message;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&message, 64);
    (void)px_wire_u64(&message, 1,
                      !watch->is_known     ? HEALTH_SERVICE_UNKNOWN
                      : health->is_serving ? HEALTH_SERVING
                                           : HEALTH_NOT_SERVING);
    if (gw_stream_send(watch->call, lf__buf_bytes(&message), &err) == LF_E_BUSY) {
        gw_stream_end(watch->call, &err); /* it does not read; what it would read is old */
    }
    if (health->is_draining) {
        (void)lf__refuse(&err, LF_E_UNAVAILABLE, "DRAINING", "", "gateway: is shutting down");
        gw_stream_end(watch->call, &err);
    }
}

static void health_set(struct gw_health *health, bool is_serving, bool is_draining)
{
    (void)pthread_mutex_lock(&health->lock);
    bool is_news = health->is_serving != is_serving || is_draining;
    health->is_serving = is_serving && !health->is_draining;
    health->is_draining = health->is_draining || is_draining;
    for (struct watch *watch = health->watches; is_news && watch != NULL; watch = watch->next) {
        watch_tell(health, watch);
    }
    (void)pthread_mutex_unlock(&health->lock);
}

void gw_services_set_serving(struct gw_services *services, bool is_serving)
{
    health_set(services->health, is_serving, false);
}

void gw_services_drain(struct gw_services *services)
{
    health_set(services->health, false, true);
    gw_feed_drain(services->feed);
}

static lf_status watch_open(void *user, struct gw_call *call, lf_error *err)
{
    (void)user;
    struct watch *watch = lf__arena_alloc(gw_call_arena(call), sizeof *watch);
    if (watch == NULL) {
        return lf__fail(err, LF_E_NOMEM, "watch: out of memory");
    }
    watch->call = call;
    gw_stream_set_context(call, watch);
    return LF_OK;
}

static void watch_message(void *user, struct gw_call *call, lf_bytes message)
{
    struct gw_services *services = user;
    struct gw_health *health = services->health;
    struct watch *watch = gw_stream_context(call);
    lf_bytes service = LF_BYTES_NONE;
    lf_error err = LF_ERROR_INIT;
    if (gw_health_decode(message, &service, &err) != LF_OK) {
        gw_stream_end(call, &err);
        return;
    }
    watch->is_known = is_offered(service);
    (void)pthread_mutex_lock(&health->lock);
    watch->next = health->watches;
    health->watches = watch;
    watch_tell(health, watch);
    (void)pthread_mutex_unlock(&health->lock);
}

static void watch_ended(void *user, struct gw_call *call)
{
    struct gw_services *services = user;
    struct gw_health *health = services->health;
    const struct watch *watch = gw_stream_context(call);
    (void)pthread_mutex_lock(&health->lock);
    struct watch **at = &health->watches;
    while (*at != NULL && *at != watch) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = watch->next;
    }
    (void)pthread_mutex_unlock(&health->lock);
}

const struct gw_stream_handler gw_stream_watch = {
    .window = 0, .open = watch_open, .message = watch_message, .ended = watch_ended};
