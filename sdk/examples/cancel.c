/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cancel PROFILE CODE: a submit that its program gives up. It is told all the same, once: UNANSWERED, or its answer where that was
 * faster; what became of the record the next submit of the same words tells.
 */
#include <lianfang/submit.h>

#include <pthread.h>
#include <stdio.h>

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t told;
    lf_outcome outcome; /* 0: not yet */
};

static void on_told(const lf_result *result, void *user)
{
    struct waiting *w = user;
    (void)pthread_mutex_lock(&w->lock);
    w->outcome = result->outcome;
    (void)pthread_cond_signal(&w->told);
    (void)pthread_mutex_unlock(&w->lock);
}

static lf_outcome outcome_wait(struct waiting *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while (w->outcome == 0) {
        (void)pthread_cond_wait(&w->told, &w->lock);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return w->outcome;
}

static void outcome_take(const lf_result *result, void *user)
{
    lf_outcome *outcome = user;
    *outcome = result->outcome;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_submit *submit = NULL;
    lf_outcome first = 0;
    lf_outcome second = 0;
    struct waiting w = {.outcome = 0};
    lf_submit_request request = LF_SUBMIT_REQUEST_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    lf_field words[] = {{"uscc", argc == 3 ? argv[2] : ""}, {"reason", "售假"}};
    if (argc != 3) {
        (void)fprintf(stderr, "usage: cancel PROFILE CODE\n");
        return 2;
    }
    (void)pthread_mutex_init(&w.lock, NULL);
    (void)pthread_cond_init(&w.told, NULL);
    fields.kind = "entry-ban";
    fields.fields = words;
    fields.count = 2;
    request.record.fields = &fields;
    request.done = on_told;
    request.user = &w;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_submit_start(client, &request, &submit, &err) : rc;
    if (rc == LF_OK) {
        lf_submit_cancel(submit);
        first = outcome_wait(&w);
        lf_submit_unref(submit);
        rc = lf_submit_wait(client, &request.record, 0, outcome_take, &second, &err);
    }
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
        return 1;
    }
    (void)printf("%s, then %s\n", first == LF_UNANSWERED ? "given up" : "answered before",
                 second == LF_ACCEPTED || second == LF_DUPLICATE ? "in the ledger" : "refused");
    return 0;
}
