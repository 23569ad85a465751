/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/client.h - a member's side of a gateway: open, screen, verify, audit. Records are handed in
 * with lianfang/submit.h and lianfang/push.h.
 *
 * Threads: a client may be shared; each call blocks its own thread only. Text is UTF-8 and ends with
 * NUL; NULL in a text field means "not given".
 * Errors: a call returning lf_status sets its outputs only on success and, when `err` is not NULL,
 * *err only on failure. E_UNAVAILABLE, E_DEADLINE, E_BUSY are worth another try; the calls here have
 * tried again by themselves, with back-off, for as long as their time allowed.
 */
#ifndef LF_CLIENT_H
#define LF_CLIENT_H

#include <lianfang/base.h>
#include <stdbool.h>

LF_BEGIN_DECLS

typedef struct lf_client lf_client;

/* What a client may say of itself; off unless a callback is given. */
typedef enum lf_log_level { LF_LOG_WARN = 1, LF_LOG_INFO = 2, LF_LOG_DEBUG = 3 } lf_log_level;
/* `event` is a fixed name such as "submit.retry", `detail` one line without secrets; both borrowed for
 * the call. On any thread that uses the client; must not call the client. */
typedef void (*lf_log_cb)(lf_log_level level, const char *event, const char *detail, void *user);

/* How to open a client. Start from LF_CLIENT_OPTIONS_INIT; zero means the default. */
typedef struct lf_client_options {
    size_t size;            /* of this struct; set by LF_CLIENT_OPTIONS_INIT */
    uint32_t linger_us;     /* how long a submitted record waits for company while others are in
                               flight; default 1000, at most 1,000,000 */
    uint32_t batch_records; /* the most under one signature; default and limit 512 */
    uint32_t batches;       /* the most in flight at once; default 4, at most 64 */
    uint32_t pending;       /* records that may wait for their answer; past it lf_submit_start()
                               says E_BUSY; default 16384 */
    lf_log_cb log;          /* default NULL: silence */
    void *log_user;         /* handed to `log`, otherwise unused */
    lf_log_level log_level; /* the most talkative that is told; default LF_LOG_WARN */
    const char
        *state_dir; /* where the last trusted heads are kept; default NULL: `state` beside the
                               profile; "": nowhere, they are forgotten at close */
    uint32_t
        timeout_ms; /* the most that any one call is tried, where its own time is longer; default 0:
                            each has its own. Also the patience of a push that names none */
} lf_client_options;
#define LF_CLIENT_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(lf_client_options), 0, 0, 0, 0, NULL, NULL, LF_LOG_WARN, NULL, 0                    \
    }

/*
 * Suspicion. A client remembers, for each log and from run to run, the last head that it trusts, and demands of every
 * signed head in any answer that it is consistent with that: nothing changed, nothing taken out. The first head of a log
 * is trusted as it comes; a log under a new key is a new log. The proofs are asked for in the background, at most once a
 * second. When heads come faster than that, the newest and a random sample of the others are proven.
 * When a gateway shows two histories, goes back behind what it showed before, or disowns what it signed, both signed heads
 * are saved in the state directory as fork-....txt, the log callback is told "log.forked", and that call and each after it
 * fails with E_SIGNATURE and the reason LOG_FORKED, in every process that uses the directory, until somebody moves that
 * file away (and the log's .head file too, to begin anew). Where the directory cannot be written, "state.unwritable" is
 * told and the client is suspicious for as long as it lives.
 */

/* Reads a profile.conf and the files that it names; connects when first used, so does not block on
 * the network. *out is owned: release with lf_client_close(). E_NOT_FOUND and E_FORMAT name the file
 * and the key. */
LF_API LF_MUST_USE lf_status lf_client_open(const char *profile, lf_client **out, lf_error *err);
/* The same with `options`, copied; also E_ARG, naming the option. */
LF_API LF_MUST_USE lf_status lf_client_open_with(const char *profile,
                                                 const lf_client_options *options, lf_client **out,
                                                 lf_error *err);
/* Ends the client. Records whose answer is still awaited are told E_CLOSED, and all callbacks are over
 * when this returns; it blocks for that. Not from a callback. Batches and pushes of the client must
 * be freed before. NULL is allowed. */
LF_API void lf_client_close(lf_client *client);
/* Blocks until every head that was seen is proven or found false; lf_client_close() does the same first and cannot tell.
 * timeout_ms 0: 3000. E_SIGNATURE (LOG_FORKED); E_DEADLINE, E_UNAVAILABLE and the like when a proof was not to be had, in
 * which case the heads are not trusted yet. Not from a callback. */
LF_API LF_MUST_USE lf_status lf_client_settle(lf_client *client, uint32_t timeout_ms,
                                              lf_error *err);
/* The member that the profile speaks for; borrowed until close. */
LF_API const char *lf_client_member(const lf_client *client);
/* The vkey (name+id+key) of the profile's gateway, for lf_receipt_verify(); borrowed until close. */
LF_API const char *lf_client_ledger_key(const lf_client *client);
/* The newest that it led to, as far as is known: another one once the gateway has changed it. E_TOO_BIG. */
LF_API LF_MUST_USE lf_status lf_client_newest_key(lf_client *client, char *vkey, size_t size,
                                                  lf_error *err);
/* Those of its access log and of its witness; "" when the profile names none. */
LF_API const char *lf_client_access_key(const lf_client *client);
LF_API const char *lf_client_witness_key(const lf_client *client);

/* ---- screen ---- */

typedef struct lf_screen_reason {
    const char *code;
    const char *violation;
    const char *certainty;
    const char *state;
    const char *decided_at;
    int64_t until_ms;
    const char *origin;
    uint64_t index;
    const char *
        kind; /* ENFORCEMENT_EVENT, REGISTRY_ENTRY, CREDIT_LIST_ENTRY, ENTRY_BAN; "" without a record */
    const char *list;   /* of a listing: ABNORMAL, ABNORMAL_MARK, SERIOUS, LOCAL_SERIOUS, PENALTY */
    const char *region; /* of a local list */
    const char *level; /* of the issuer, if it is a state organ: NATIONAL, PROVINCE, CITY, COUNTY */
    const char
        *contact; /* whom to ask: the issuer, or a pseudonym that stays the same for the asker */
} lf_screen_reason;
typedef struct lf_screened {
    const char *subject;
    /* ALLOW, ALLOW_WITH_WARNING, MANUAL_REVIEW, DENY; "" for a malformed code */
    const char *advice;
    const char *error; /* reason code of a malformed code, or "" */
    const lf_screen_reason *reasons;
    size_t reason_count;
    uint64_t checkpoint_size;
    uint64_t access_index; /* of the entry in the access log that this question made */
    const char
        *answer_sha256;       /* hex: of the answer's bytes, as that entry has it (result_sha256) */
    const char *human_review; /* with DENY: where the merchant can ask for a person; else "" */
    int is_stale;             /* its registry entry is older than the policy allows */
    /* What was answered, whatever was asked: entries below this size, in force at this time. */
    uint64_t known_size;
    int64_t in_force_ms;
    uint32_t advice_version; /* of the table that the advice is from */
} lf_screened;
typedef void (*lf_screened_cb)(const lf_screened *screened, void *user);

typedef struct lf_question {
    size_t size;
    const char *purpose;     /* required, such as ONBOARDING */
    const char *case_number; /* where the purpose or role requires one */
    const char *const *codes;
    size_t count;             /* 1 to 1,000 */
    int64_t timeout_ms;       /* 0: 30000 */
    const char *const *names; /* by which we know each of them; NULL: not said */
    /* What the ledger held when it had this many entries, or at this time: at most one of both. 0: now. */
    uint64_t as_known_size;
    int64_t as_known_ms;
    const char *in_force; /* what was in force at the end of this day, YYYY-MM-DD; NULL: now */
} lf_question;
#define LF_QUESTION_INIT                                                                           \
    {                                                                                              \
        sizeof(lf_question), NULL, NULL, NULL, 0, 0, NULL, 0, 0, NULL                              \
    }
LF_API LF_MUST_USE lf_status lf_screen(lf_client *client, const lf_question *question,
                                       lf_screened_cb each, void *user, lf_error *err);
/* The same for many, over one stream: questions are asked while answers are still on their way, and answered in the order asked. A
 * stream is used by one thread. When a call fails the stream is over: open another, or ask by lf_screen(). */
typedef struct lf_screen_stream lf_screen_stream;
enum { LF_SCREEN_UNTOLD_MAX = 4 }; /* questions of a stream without their answer */
/* *out is owned: lf_screen_stream_close(). The client outlives it. */
LF_API LF_MUST_USE lf_status lf_screen_stream_open(lf_client *client, lf_screen_stream **out,
                                                   lf_error *err);
/* As in lf_screen(); purpose, case number and legal basis hold from the first question on. E_ARG when too many wait. */
LF_API LF_MUST_USE lf_status lf_screen_stream_ask(lf_screen_stream *stream,
                                                  const lf_question *question, lf_error *err);
/* Blocks for the answer to the oldest question; E_ARG when there is none. */
LF_API LF_MUST_USE lf_status lf_screen_stream_tell(lf_screen_stream *stream, lf_screened_cb each,
                                                   void *user, lf_error *err);
LF_API void lf_screen_stream_close(lf_screen_stream *stream); /* NULL allowed */

/* ---- prove ---- */

/* The latest head, verified; `note` gets the signed checkpoint when not NULL (size bytes of room). */
LF_API LF_MUST_USE lf_status lf_checkpoint(lf_client *client, uint64_t *size, char *note,
                                           size_t note_size, lf_error *err);
typedef struct lf_audit {
    uint64_t size;     /* entries recomputed */
    uint64_t readable; /* of them with contents that this member may read */
    char root[65];     /* hex */
} lf_audit;
/* Reads the whole log from genesis, recomputes the root and compares it with the signed head, checks
 * every readable record against its leaf, rebuilds the table of members from the log, and verifies each
 * record's signatures with the keys that its issuer had at that place. `progress` may be NULL. E_SIGNATURE names the entry. */
LF_API LF_MUST_USE lf_status lf_log_audit(lf_client *client,
                                          void (*progress)(uint64_t done, uint64_t size,
                                                           void *user),
                                          void *user, lf_audit *out, lf_error *err);
/* The tree alone: reads every leaf, without the records, and compares the root with the signed head; `readable` is
 * then 0. That nothing was changed or taken out is shown; who signed what is not looked at. */
LF_API LF_MUST_USE lf_status lf_log_audit_leaves(lf_client *client,
                                                 void (*progress)(uint64_t done, uint64_t size,
                                                                  void *user),
                                                 void *user, lf_audit *out, lf_error *err);
#define LF_PROOF_MAX 64
/* One entry and its way to a signed head, recomputed here; the hashes in hex. */
typedef struct lf_proof {
    uint64_t index;
    uint64_t size;      /* of the head */
    char issuer[41];    /* "" when this member may not read the entry */
    char record_id[33]; /* likewise; hex */
    char leaf[65];      /* the leaf's hash */
    char path[LF_PROOF_MAX][65];
    size_t path_count;
    char root[65];
} lf_proof;
/* E_NOT_FOUND for an index past the end, E_SIGNATURE for a proof that does not hold. */
LF_API LF_MUST_USE lf_status lf_log_prove(lf_client *client, uint64_t index, lf_proof *out,
                                          lf_error *err);
/* The keys of ledger and access log: each log's first is the profile's, and each that follows was announced in the ledger by
 * the one before it. Asks the gateway; without it, tells what is remembered. Borrowed for the callback. */
typedef struct lf_log_key {
    const char *log; /* "ledger" or "access" */
    const char *vkey;
    uint64_t index;     /* of the entry that announced it */
    uint64_t from_size; /* heads with more entries are signed by it */
    bool is_announced;  /* false: the profile's */
    /* The key before it may be another's: heads of more than since_size entries that it alone has signed are refused. */
    bool is_compromised;
    uint64_t since_size;
} lf_log_key;
typedef void (*lf_log_key_cb)(const lf_log_key *key, void *user);
LF_API LF_MUST_USE lf_status lf_log_keys(lf_client *client, lf_log_key_cb each, void *user,
                                         lf_error *err);
/* Offline: the receipt is of this envelope and signed by `vkey` (name+id+key). */
LF_API LF_MUST_USE lf_status lf_receipt_verify(const char *receipt, lf_bytes envelope,
                                               const char *vkey, uint64_t *index, lf_error *err);
/* The same by the ledger's keys as the profile knows them: the one that it names, and those that it led to as far as they are
 * known; lf_log_keys() asks for newer ones. Offline. E_SIGNATURE (LOG_KEY_RETIRED) for a head that a key has signed after it was
 * replaced. */
LF_API LF_MUST_USE lf_status lf_receipt_verify_mine(const lf_client *client, const char *receipt,
                                                    lf_bytes envelope, uint64_t *index,
                                                    lf_error *err);

/* Receipts brought to the published head, which carries the cosignatures of the gateway's witnesses. `receipt` of a
 * receipt that did not hold or is not under that head yet (E_UNAVAILABLE: try again) is NULL, and `err` says why. Borrowed
 * for the callback. */
typedef void (*lf_refreshed_cb)(size_t index, const char *receipt, const lf_error *err, void *user);
/* The old receipt, that its head and the published one are of one history, and the new proof are all verified before
 * `each` is called, once a receipt and in order. Blocks. */
LF_API LF_MUST_USE lf_status lf_receipt_refresh(lf_client *client, const char *const *receipts,
                                                size_t count, lf_refreshed_cb each, void *user,
                                                lf_error *err);
/* Offline: as lf_receipt_verify(), by the log's key in `policy`, the text of a C2SP tlog-policy; and its quorum of
 * witnesses has cosigned, the earliest of those that counted at *oldest_s (NULL allowed). E_SIGNATURE (QUORUM_MISSING). */
LF_API LF_MUST_USE lf_status lf_receipt_verify_witnessed(const char *receipt, lf_bytes envelope,
                                                         const char *policy, uint64_t *index,
                                                         int64_t *oldest_s, lf_error *err);

LF_END_DECLS
#endif
