/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row is one or two records: its listing, and its removal when it has ended. Ids are derived from what the line is, so
 * all that is in the ledger already comes back as a duplicate, and only what is new is new.
 */
#include "cli/import_push.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { UNANSWERED = 16384, LOOK_MS = 100, LOOK_ROWS = 4096, BATCH_BYTES = LF_PUSH_BATCH_BYTES / 2 };

/* ---- answers, on the client's thread ---- */

static void failure_keep(struct import_push *p, const char *path)
{
    if (p->failed_path == NULL) {
        p->failed_errno = errno;
        p->failed_path = path;
    }
}

static void receipt_keep(struct import_push *p, const lf_result *result)
{
    unsigned line = (unsigned)(result->tag & UINT32_MAX);
    if (!receipts_keep(p->receipts, line, result)) {
        failure_keep(p, p->im->cli->receipts);
    }
}

static void error_keep(struct import_waiting *w, const lf_error *error)
{
    if (w->error == NULL) {
        w->error = malloc(sizeof *w->error);
        if (w->error != NULL) {
            *w->error = *error;
        }
    }
}

static void waiting_warn(struct import_waiting *w, const char *warning)
{
    if (w->warning_count < LIST_WARNINGS_MAX) {
        w->warnings[w->warning_count++] = warning;
    }
}

static bool is_taken(lf_outcome outcome)
{
    return outcome == LF_ACCEPTED || outcome == LF_DUPLICATE;
}

/* What the line is remembered as; a listing that was removed stays so although the file lists it again. */
static void state_keep(struct import_push *p, struct import_waiting *w)
{
    struct import *im = p->im;
    struct snapshot_known known = snapshot_find(&im->state, w->remembered.ref);
    bool was_removed = known.standing == SNAPSHOT_REMOVED;
    w->remembered.removal = w->has_removal ? w->remembered.removal : known.removal;
    w->remembered.standing =
        is_taken(w->removal) || was_removed ? SNAPSHOT_REMOVED : SNAPSHOT_LISTED;
    if (was_removed && !w->has_removal && !w->has_undated_end) {
        waiting_warn(w, "REMOVED_BEFORE");
    }
    if (w->has_undated_end && !was_removed && im->has_state) {
        candidates_add(&im->candidates, im->state.path, &w->remembered, "REMOVAL_UNDATED");
    }
    snapshot_keep(&im->state, &w->remembered);
}

static const char *status_of(lf_outcome outcome)
{
    return outcome == LF_ACCEPTED ? "accepted" : outcome == LF_DUPLICATE ? "duplicate" : "rejected";
}

static void waiting_tell(struct import_push *p, struct import_waiting *w)
{
    bool is_new = w->listing == LF_ACCEPTED || w->removal == LF_ACCEPTED;
    bool refused = w->error != NULL;
    bool lacks_entry = refused && strcmp(w->error->reason, "TARGET_UNKNOWN") == 0;
    struct import_told told = {.line = w->line,
                               .status = refused  ? "rejected"
                                         : is_new ? "accepted"
                                                  : "duplicate",
                               .outcome = !refused      ? NULL
                                          : lacks_entry ? "REMOVAL_WITHOUT_ENTRY"
                                                        : "REFUSED",
                               .error = w->error,
                               .index = is_taken(w->listing) ? &w->listing_index : NULL,
                               .removal = w->has_removal ? status_of(w->removal) : NULL,
                               .removal_index = is_taken(w->removal) ? &w->removal_index : NULL,
                               .warnings = w->warnings,
                               .warning_count = w->warning_count};
    import_tell(p->im, &told);
}

static void waiting_finish(struct import_push *p, struct import_waiting *w)
{
    if (w->error == NULL) {
        state_keep(p, w);
    }
    waiting_tell(p, w);
    import_queue_drop_first(&p->queue);
}

static void result_take(struct import_push *p, const lf_result *result)
{
    struct import_waiting *w = import_queue_first(&p->queue);
    if (w == NULL || w->line != (unsigned)(result->tag & UINT32_MAX)) {
        return; /* cannot be: answers come in the order of adding */
    }
    if (result->outcome == LF_ACCEPTED || result->outcome == LF_DUPLICATE) {
        receipt_keep(p, result);
    } else if (!is_taken(result->outcome)) {
        error_keep(w, &result->error);
    }
    if ((result->tag & IMPORT_TAG_REMOVAL) != 0) {
        w->removal = result->outcome;
        w->removal_index = result->index;
    } else {
        w->listing = result->outcome;
        w->listing_index = result->index;
    }
    if (--w->left == 0) {
        waiting_finish(p, w);
    }
}

static void on_result(const lf_result *result, void *user)
{
    struct import_push *p = user;
    (void)pthread_mutex_lock(&p->lock);
    if (!result->is_resumed) {
        result_take(p, result);
    } else { /* an interrupted run left it: its row comes again in this one, which tells it */
        p->resumed++;
        receipt_keep(p, result);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

/* Receipts are on disk before the spool forgets their records. */
static lf_status on_settle(void *user)
{
    struct import_push *p = user;
    (void)pthread_mutex_lock(&p->lock);
    if (!cli_output_flush()) {
        failure_keep(p, cli_output_name);
    } else if (!receipts_settle(p->receipts)) {
        failure_keep(p, p->im->cli->receipts);
    }
    bool is_whole = p->failed_path == NULL;
    (void)pthread_mutex_unlock(&p->lock);
    return is_whole ? LF_OK : LF_E_IO;
}

/* ---- rows, on the main thread ---- */

static void progress(struct import_push *p)
{
    (void)pthread_mutex_lock(&p->lock);
    if (p->im->done < p->im->rows.count) {
        cli_progress("import", p->im->done, p->im->rows.count);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

/* Until at most `most` records await their answers, in steps that let Ctrl-C and the bar through. */
static bool wait_for(struct import_push *p, uint64_t most)
{
    lf_status rc = LF_E_DEADLINE;
    while (rc == LF_E_DEADLINE && !cli_interrupted()) {
        rc = lf_push_wait(p->push, most, LOOK_MS, &p->failure);
        progress(p);
    }
    if (rc == LF_OK || rc == LF_E_DEADLINE) {
        p->failure = (lf_error)LF_ERROR_INIT;
    }
    return rc == LF_OK && !cli_interrupted();
}

/* Whether there is room for a row's two records. */
static bool room_wait(struct import_push *p)
{
    return lf_push_unanswered(p->push) + 2 <= UNANSWERED || wait_for(p, UNANSWERED / 2);
}

static struct import_waiting *waiting_add(struct import_push *p, unsigned line, unsigned left,
                                          const struct snapshot_line *remembered)
{
    struct import_waiting *w = import_queue_add(&p->queue, remembered);
    if (w == NULL) {
        p->failure = (lf_error){.status = LF_E_NOMEM};
        return NULL;
    }
    w->line = line;
    w->left = left;
    return w;
}

static void told_reject(struct import_push *p, const struct list_line *line, const lf_error *why)
{
    struct list_line told = *line;
    told.error = *why;
    told.outcome = "REFUSED";
    import_reject(p->im, &told);
}

/* A line whose words changed is the next version with --update; without, the gateway says CHANGED. */
static uint32_t version_of(const struct import *im, const struct list_line *line)
{
    struct snapshot_known known = snapshot_find(&im->state, line->ref);
    if (known.standing == SNAPSHOT_UNKNOWN) {
        return 1;
    }
    return im->cli->update && known.digest != import_digest(line) ? known.version + 1
                                                                  : known.version;
}

/* What the last import brought is not asked for again: most of a daily file is of that kind. */
static bool known_tell(struct import_push *p, const struct list_line *line)
{
    struct snapshot_known known = snapshot_find(&p->im->state, line->ref);
    if (line->has_undated_end || !import_is_known(&known, line)) {
        return false;
    }
    struct import_told told = {.line = line->line,
                               .status = "duplicate",
                               .removal = line->removed_on[0] == '\0' ? NULL : "duplicate",
                               .warnings = line->warnings,
                               .warning_count = line->warning_count};
    import_tell(p->im, &told);
    return true;
}

/* The lock is held all the while, so that no answer comes between a record and its place in the queue. */
static bool listing_push(struct import_push *p, const struct list_line *line, uint32_t version)
{
    const struct snapshot_line remembered = import_remembered(line, version);
    bool has_removal = line->removed_on[0] != '\0';
    lf_error why = LF_ERROR_INIT;
    struct import_waiting *w = waiting_add(p, line->line, has_removal ? 2 : 1, &remembered);
    if (w == NULL) {
        return false;
    }
    w->has_listing = true;
    w->has_removal = has_removal;
    w->has_undated_end = line->has_undated_end;
    memcpy(w->warnings, line->warnings, sizeof w->warnings);
    w->warning_count = line->warning_count;
    if (import_listing_add(p, line, version, &why) != LF_OK) {
        import_queue_drop_last(&p->queue);
        told_reject(p, line, &why);
        return true;
    }
    struct import_removal removal = {.line = line->line,
                                     .listing = &remembered,
                                     .removed_on = line->removed_on,
                                     .reason_text = line->removal_text,
                                     .authority = line->removal_authority,
                                     .document = line->removal_document};
    if (has_removal && import_removal_add(p, &removal, &why) != LF_OK) {
        error_keep(w, &why);
        w->left--; /* its answer is known; the listing's is not, while the lock is held */
    }
    return true;
}

/* A listing and its removal go in one batch, which the ledger takes in order; of two batches, which are under way at once, the
 * removal's might come first. */
static bool batch_end(struct import_push *p)
{
    if (p->open_records + 2 <= LF_PUSH_BATCH_RECORDS && p->open_bytes < BATCH_BYTES) {
        return true;
    }
    p->open_records = 0;
    p->open_bytes = 0;
    return lf_push_commit(p->push, &p->failure) == LF_OK;
}

bool import_push_listing(struct import_push *p, const struct list_line *line)
{
    (void)pthread_mutex_lock(&p->lock);
    snapshot_seen(&p->im->state, line->ref);
    bool is_told = known_tell(p, line);
    (void)pthread_mutex_unlock(&p->lock);
    if (is_told) {
        if (line->line % LOOK_ROWS == 0) {
            progress(p);
        }
        return !cli_interrupted();
    }
    if (!room_wait(p) || !batch_end(p) || lf_push_check(p->push, &p->failure) != LF_OK) {
        return false;
    }
    (void)pthread_mutex_lock(&p->lock);
    bool goes_on = listing_push(p, line, version_of(p->im, line));
    (void)pthread_mutex_unlock(&p->lock);
    return goes_on && !cli_interrupted();
}

bool import_push_removal(struct import_push *p, const struct import_removal *removal)
{
    lf_error why = LF_ERROR_INIT;
    if (!room_wait(p) || lf_push_check(p->push, &p->failure) != LF_OK) {
        return false;
    }
    (void)pthread_mutex_lock(&p->lock);
    struct import_waiting *w = waiting_add(p, removal->line, 1, removal->listing);
    if (w != NULL) {
        w->has_removal = true;
    }
    if (w != NULL && import_removal_add(p, removal, &why) != LF_OK) {
        import_queue_drop_last(&p->queue);
        struct list_line line = {.line = removal->line};
        told_reject(p, &line, &why);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return w != NULL && !cli_interrupted();
}

/* ---- open and close ---- */

static int spool_open(struct import_push *p, const char *name)
{
    char spool[PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    struct cli cli = *p->im->cli;
    lf_push_options options = LF_PUSH_OPTIONS_INIT;
    cli.kind = "import";
    options.spool = spool;
    options.done = on_result;
    options.settle = on_settle;
    options.user = p;
    options.unanswered = UNANSWERED;
    if (!cli_spool(&cli, name, spool, sizeof spool)) {
        return CLI_NO;
    }
    return lf_push_open(p->im->client, &options, &p->push, &err) == LF_OK ? CLI_OK : cli_fail(&err);
}

int import_push_open(struct import *im, const char *name, struct import_push *out)
{
    *out = (struct import_push){.im = im, .failure = LF_ERROR_INIT};
    (void)pthread_mutex_init(&out->lock, NULL);
    if (!import_queue_init(&out->queue, UNANSWERED)) {
        errno = ENOMEM;
        return cli_fail_file(name);
    }
    int code = im->cli->receipts == NULL
                   ? CLI_OK
                   : receipts_open(im->cli->receipts, im->client, &out->receipts);
    return code == CLI_OK ? spool_open(out, name) : code;
}

static int failure_say(const struct import_push *p, const lf_error *err)
{
    if (p->failed_path == NULL) {
        return cli_fail(err);
    }
    errno = p->failed_errno;
    if (p->failed_path != cli_output_name) { /* which is told at the very end */
        (void)cli_fail_file(p->failed_path);
    }
    return CLI_NO;
}

int import_push_finish(struct import_push *p)
{
    bool is_whole = p->failure.status == LF_OK && wait_for(p, 0);
    uint64_t left = lf_push_unanswered(p->push);
    lf_push_close(p->push); /* no answer comes after this */
    p->push = NULL;
    if (p->resumed > 0) {
        (void)fprintf(stderr, "%llu records of an interrupted import were answered first\n",
                      (unsigned long long)p->resumed);
    }
    if (!is_whole) {
        (void)fprintf(stderr,
                      "stopped with %llu records unanswered: the same command goes on, and no row "
                      "counts twice\n",
                      (unsigned long long)left);
        return p->failure.status != LF_OK ? failure_say(p, &p->failure) : CLI_NO;
    }
    cli_progress("import", p->im->done, p->im->rows.count);
    return p->failed_path != NULL ? failure_say(p, NULL) : CLI_OK;
}

int import_push_close(struct import_push *p, int code)
{
    lf_push_close(p->push);
    if (!receipts_close(p->receipts)) {
        (void)cli_fail_file(p->im->cli->receipts);
        code = CLI_NO;
    }
    import_queue_done(&p->queue);
    (void)pthread_mutex_destroy(&p->lock);
    return code;
}
