/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/relay.h - what `relay list` and `relay --auto` share: the accusations of the ledger, and which of them wait; and a
 * regulator's rules of what goes through without a person.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include "cli/cli.h"

#include <lianfang/reports.h>
#include <lianfang/watch.h>

/* ---- relay_queue.c ---- */

/* An event that may wait. */
struct relay_event {
    uint64_t index;
    int64_t accepted_at_ms;
    char *issuer;
    char *subject;
    char *violations; /* with ';' between */
    char *certainty;
    char *decided_at;
    size_t evidence; /* hashes of files that it names */
    char record_id[33];
    char *audience;
    const char *state; /* "" while it is not known to wait */
    const char *why;   /* BURST, NOT_UNDERSTOOD or PENDING_RELAY */
    bool is_settled;   /* has stopped to wait, or never did */
    bool is_unclear;   /* the answer had no room for it */
    bool is_disputed;  /* its subject is */
    unsigned told;     /* what was last said of it: the queue's user's */
};

/* An objection that stands: an appeal, or an answer DISPUTED. */
struct relay_objection {
    char *target; /* issuer, blank, record id */
    char *member; /* whose answer; "": an appeal */
    char *subject;
};

struct relay_queue {
    const struct cli *cli;
    lf_client *client;
    lf_watch *watch;
    struct relay_event *list; /* in the order of the ledger */
    size_t count;
    size_t room;
    struct relay_objection *objections;
    size_t objection_count;
    size_t objection_room;
    /* A relay that we said ourselves; NULL: nobody asks. */
    void (*on_relay)(const lf_watched *watched, void *user);
    void *user;
    bool failed;   /* out of memory */
    bool has_news; /* something was read since its user looked */
    bool was_refused;
    uint64_t waiting; /* how many the gateway said there were when it was opened */
};

/* Zero but for `cli`, `client`, `on_relay` and `user`. Close it whatever this gives. E_DENIED (KIND_NOT_ALLOWED) for whoever is no
 * regulator: the queue is not theirs to see. */
lf_status relay_queue_open(struct relay_queue *queue, lf_error *err);
void relay_queue_close(struct relay_queue *queue);
/* All that the ledger has by now; waits up to `wait_ms` for something new when it has nothing. */
lf_status relay_queue_read(struct relay_queue *queue, uint32_t wait_ms, lf_error *err);
/* How each that is not settled stands, the gateway says: a question about its subject. */
lf_status relay_queue_ask(struct relay_queue *queue, lf_error *err);
const char *relay_field(const lf_watched *watched, const char *name);

/* ---- relay_rules.c ---- */

enum { RELAY_WORD_MAX = 48, RELAY_WORDS_MAX = 64, RELAY_RULES_MAX = 64 };
struct relay_words {
    char list[RELAY_WORDS_MAX][RELAY_WORD_MAX];
    size_t count;
};
struct relay_rule {
    char name[RELAY_WORD_MAX];
    struct relay_words issuers; /* none: any */
    struct relay_words violations;
    struct relay_words certainties;
    unsigned evidence;     /* at least so many */
    unsigned max_age_days; /* 0: any */
    unsigned daily_cap;
    bool is_undisputed; /* nothing about the subject is under appeal or disputed */
    struct relay_used {
        uint64_t index;
        int64_t at_ms;
    } * used; /* the relays that it made since `day` began, by index */
    size_t used_count;
    size_t used_room;
    unsigned planned; /* that it makes now */
};
struct relay_rules {
    char version[RELAY_WORD_MAX];
    struct relay_rule *list;
    size_t count;
    char day[11]; /* of today, in Shanghai */
    int64_t day_start_ms;
};

/* Lines of words, '#' begins a remark. `version WORD` once, then each rule: `rule NAME`, then its conditions, of which all must hold:
 * `issuer ID...`, `violation CODE...`, `certainty WORD...`, `evidence N`, `max_age_days N`, `undisputed`, `daily_cap N`. A
 * rule must name violations, certainties and a cap. False after saying what is wrong. */
bool relay_rules_load(const char *path, struct relay_rules *out);
void relay_rules_free(struct relay_rules *rules);
/* Before each round: what was made on another day counts no more. */
void relay_rules_begin(struct relay_rules *rules, int64_t now_ms);
/* The first rule that lets it through, and has planned it then; else NULL, and what stands in the way into `why`, rule by rule. */
struct relay_rule *relay_rules_find(struct relay_rules *rules, const struct relay_event *event,
                                    char *why, size_t why_size);
/* Counts a relay of this note and index, once however often it is told. False when there is no memory. */
bool relay_rules_count(struct relay_rules *rules, const char *note, uint64_t index, int64_t at_ms);
/* What the record says: which rule of which version. */
enum { RELAY_NOTE_MAX = 2 * RELAY_WORD_MAX + 16 };
void relay_rules_note(const struct relay_rules *rules, const struct relay_rule *rule,
                      char out[static RELAY_NOTE_MAX]);

/* ---- relay_runs.c ---- */

/* RELEASED or REFUSED about all of --member that is quarantined as too many at once. */
int relay_runs(const struct cli *cli, const char *decision, const char *note);

/* ---- relay_auto.c ---- */

int relay_auto(const struct cli *cli);

#endif
