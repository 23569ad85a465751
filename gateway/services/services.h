/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/services/services.h - one file a gRPC service: decode, act, reply. No gRPC types.
 * Threads: handlers run on the server's pollers; replies come from there or from the sequencer.
 */
#ifndef GW_SERVICES_H
#define GW_SERVICES_H

#include "gateway/access/access.h"
#include "gateway/exchange/exchange.h"
#include "gateway/federation/publisher.h"
#include "gateway/rpc/server.h"
#include "gateway/services/quotas.h"
#include "protos/codec/services.h"

#include <stdatomic.h>

struct gw_health;  /* who watches */
struct gw_streams; /* who submits by stream */
struct gw_feed;    /* who reads what is new */
struct gw_crosses; /* who has the whole ledger checked */
struct gw_walks;   /* answers that go through the ledger */

struct gw_services {
    struct gw_exchange *exchange; /* borrowed until the server has stopped, as the next is */
    struct gw_access *access;
    /* The published heads of ledger and access log; NULL: nothing is published but what is newest. */
    struct gw_publisher *published[2];
    char origin[256];        /* of the ledger */
    struct gw_quotas quotas; /* set before the server starts */
    struct gw_health *health;
    struct gw_streams *streams;
    struct gw_feed *feed;
    struct gw_crosses *crosses;
    struct gw_walks *reports;
    struct gw_walks *tasks;
    /* Told once of what is refused, by whoever decides it: who, which call, why; never the content.
     * `text` is key=value. NULL: nobody listens. Set before the server starts. */
    void (*tell)(const char *event, const char *text);
    atomic_int_least64_t stranger_ms; /* when a peer that nobody knows was last told of */
};

/* `name` is the gateway's. Listens to the exchange from here on. */
lf_status gw_services_open(struct gw_services *services, struct gw_exchange *exchange,
                           struct gw_access *access, const char *name, lf_error *err);
void gw_services_close(struct gw_services *services); /* after the server; twice is fine */

/* Fills the table of methods, which borrows `services`, and returns how many there are. */
size_t gw_services_methods(struct gw_services *services,
                           struct gw_method methods[static GW_METHODS_MAX]);
/* For the server: who may come in. */
lf_status gw_services_admit_peer(void *services, const struct gw_peer *peer, lf_error *err);
/* What health says, at once to all who watch. Not serving, at first. */
void gw_services_set_serving(struct gw_services *services, bool is_serving);
/* The first step of the end: not serving, and nobody watches any more. */
void gw_services_drain(struct gw_services *services);

/* Shared by the services of this directory: */
void gw_handle_submit(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_submit_batch(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_screen(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_checkpoint(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_entries(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_inclusion(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_consistency(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_log_keys(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_evidence(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_list_members(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_get_member(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_propose(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_approve(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_report(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_tasks(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_health(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_poll(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_report_mirror(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_acknowledge(void *services, struct gw_call *call, lf_bytes request);
extern const struct gw_stream_handler gw_stream_submit;
extern const struct gw_stream_handler gw_stream_subscribe;
extern const struct gw_stream_handler gw_stream_screen;
extern const struct gw_stream_handler gw_stream_cross_check;
extern const struct gw_stream_handler gw_stream_watch;
extern const struct gw_stream_handler gw_stream_reflection;

/* The full names of the services in the table, each once; returns how many. */
size_t gw_services_names(lf_bytes names[static GW_METHODS_MAX]);
lf_status gw_health_new(struct gw_health **out, lf_error *err);
void gw_health_free(struct gw_health *health); /* NULL allowed */
/* The name in a HealthCheckRequest; E_FORMAT. */
lf_status gw_health_decode(lf_bytes request, lf_bytes *service, lf_error *err);
/* Appends the ServerReflectionResponse to a ServerReflectionRequest, an error_response included; E_FORMAT. */
lf_status gw_reflection_answer(lf_bytes question, struct lf__buf *answer, lf_error *err);
lf_status gw_streams_new(struct gw_services *services, struct gw_streams **out, lf_error *err);
void gw_streams_free(struct gw_streams *streams); /* NULL allowed */

lf_status gw_crosses_new(struct gw_services *services, struct gw_crosses **out, lf_error *err);
void gw_crosses_free(struct gw_crosses *crosses); /* after the server; NULL allowed */

lf_status gw_feed_new(struct gw_services *services, struct gw_feed **out, lf_error *err);
void gw_feed_free(struct gw_feed *feed); /* NULL allowed */
/* On the sequencer, when records have settled. */
void gw_feed_settled(struct gw_feed *feed, bool is_roster);
/* Refuses new readers, and tells those there are from which cursor to go on. */
void gw_feed_drain(struct gw_feed *feed);
/* How long a stream is silent before its heartbeat, and how long a batch may wait to be taken. Any time. */
void gw_feed_pace(struct gw_feed *feed, int64_t heartbeat_ms, int64_t patience_ms);

/* The member who calls. Borrows the name from `standing`. */
lf_status gw_caller(struct gw_services *services, struct gw_call *call,
                    struct gw_standing *standing, struct gw_reader *reader, lf_error *err);
/* One record's answer, borrowed from `s`. */
void gw_result_of(const struct gw_services *services, const struct gw_submission *s,
                  struct px_result *out);
/* Tells of a refusal: of the call (count 0) or of `count` of its records, `err` being the first. */
void gw_tell_refused(struct gw_call *call, size_t count, const lf_error *err);
/* Fails the call, and tells of it. */
void gw_refuse(struct gw_call *call, const lf_error *err);
/* Replies with `reply`, or fails the call when building it failed. */
void gw_answer(struct gw_call *call, lf_status rc, const lf_error *err, struct lf__buf *reply);

/* Which log a request names. */
struct st_ledger *gw_log_of(struct gw_services *services, const struct px_range *range);
/* What a handler came to. `reply` is emptied when it is kept for later. */
struct gw_outcome {
    lf_status rc;
    const lf_error *err;
    struct lf__buf *reply;
};
/* As gw_answer(), once the access log holds what was asked and told; nothing is told when it cannot.
 * `what` lacks only the result's digest and is copied. `index_field` of the answer's message, its last, is
 * then the entry's index; 0: the message has no such field. */
void gw_answer_told(struct gw_services *services, struct gw_call *call,
                    const struct gw_outcome *outcome, struct px_access *what, uint32_t index_field);
/* Who asks, for an access entry. Borrows from `reader`. */
struct px_access gw_access_by(const struct gw_reader *reader, enum px_access_act act);

#endif
