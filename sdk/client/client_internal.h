/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/client/client_internal.h - what a client is made of, shared by the files of this directory. */
#ifndef LF__CLIENT_INTERNAL_H
#define LF__CLIENT_INTERNAL_H

#include "client/coalescer.h"
#include "client/driver.h"
#include "client/heads.h"
#include "client/log_keys.h"
#include "client/records.h"
#include "client/transport/channel.h"
#include "core/checkpoint.h"
#include "core/frontier.h"
#include "protos/codec/services.h"
#include "rules/words.h"

#include <lianfang/client.h>

enum {
    CLIENT_ANSWER_MAX = PX_MESSAGE_MAX + 65536,
    CLIENT_ARENA_MAX = 64 << 20,
    CLIENT_TIMEOUT_MS = 60000,
    CLIENT_SETTLE_MS = 3000,
    CLIENT_KEYS_MAX = 1 << 20 /* bytes of an answer of GetLogKeys */
};

struct lf_client {
    struct lf__profile profile;
    lf_client_options options; /* every default filled in */
    struct lf__channel *channel;
    pthread_mutex_t start_lock; /* over starting the driver */
    atomic_bool is_driven;
    struct lf__driver driver;
    struct lf__coalescer coalescer;
    struct lf__heads heads;
    struct lf__key_chain chains[LF__CHAINS];
    pthread_mutex_t keys_lock; /* over adding to them, and the next two */
    int64_t keys_asked_ns;     /* in vain; 0: not the last time */
    struct lf__buf
        keys_answer; /* of GetLogKeys, that the chains go back to; empty: none was needed */
};

void lf__client_init(lf_client *client); /* all but profile, options and channel */
/* Starts the client's thread at first use. */
lf_status lf__client_drive(lf_client *client, lf_error *err);

/* A submit of a record that is made already: as lf_submit_start(). */
struct lf__submit_how {
    uint32_t timeout_ms; /* 0: the usual */
    lf_result_cb done;
    void *user;
};
lf_status lf__submit_record(lf_client *client, const struct lf__record *record,
                            const struct lf__submit_how *how, lf_submit **out, lf_error *err);
/* The same until it is answered: `done` is called once before OK, and not at all otherwise. As lf_submit_wait(). */
lf_status lf__submit_record_wait(lf_client *client, const struct lf__record *record,
                                 const struct lf__submit_how *how, lf_error *err);

/* One call, tried again with back-off while that can help and the time lasts. */
lf_status lf__client_call(lf_client *client, const char *method, lf_bytes request,
                          int64_t timeout_ms, struct lf__buf *answer, lf_error *err);
/* Says in the ledger, signed, that the frontier's positions were received and applied. */
lf_status lf__confirm(lf_client *client, const struct lf__frontier *frontier, lf_error *err);
/* A signed head of one of the gateway's logs, by any key that it had or has: what is signed by none that is known, the gateway
 * is asked for its announcements. As lf__key_chain_open(); E_UNAVAILABLE and the like when it could not be asked. Blocks for that one call. */
lf_status lf__head_open(lf_client *client, enum px_log log, lf_bytes note,
                        struct lf__merkle_head *head, lf_error *err);
/* The same of a head of the ledger that is going to be proven consistent with a newer one: that its key was replaced, or stolen, refuses
 * nothing then. *is_retired says so: what such a key signs is no lie of the gateway's. */
lf_status lf__head_reopen(lf_client *client, lf_bytes note, struct lf__merkle_head *head,
                          bool *is_retired, lf_error *err);
/* At the open: what the profile names, and what is remembered in `dir` ("": nothing). */
lf_status lf__client_keys_begin(lf_client *client, const char *dir, lf_error *err);
/* Learns from an answer of GetLogKeys, tells of what is new, and remembers it. */
lf_status lf__client_keys_learn(lf_client *client, lf_bytes answer, lf_error *err);
/* Asks for it first; the answer is appended. */
lf_status lf__client_keys_ask(lf_client *client, struct lf__buf *answer, lf_error *err);
/* Tells the client's log callback, if it wants to know. */
void lf__client_log(const lf_client *client, lf_log_level level, const char *event,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Text on its way out, ending with NUL in the arena, and "" where that has no room; and a field on its way in, NULL being
 * none. */
const char *lf__told(struct lf__arena *arena, lf_bytes bytes);
lf_bytes lf__given(const char *text);

#endif
