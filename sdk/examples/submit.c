/* SPDX-License-Identifier: Apache-2.0 */
/*
 * submit PROFILE COUNT [RECEIPT ENVELOPE]: submits COUNT removals without waiting for each other's answers,
 * and keeps the last one's receipt and envelope in two files, for the example verify.
 */
#include <lianfang/submit.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct tally {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned open; /* started and not told */
    unsigned taken;
    unsigned failed;
    const char *receipt_path;
    const char *envelope_path;
};

static void keep(const char *path, const void *bytes, size_t len)
{
    FILE *file = path == NULL ? NULL : fopen(path, "wb");
    if (file != NULL) {
        (void)fwrite(bytes, 1, len, file);
        (void)fclose(file);
    }
}

/* On the client's thread, once for each record. */
static void on_told(const lf_result *result, void *user)
{
    struct tally *tally = user;
    size_t len = 0;
    if (result->outcome == LF_REFUSED || result->outcome == LF_UNANSWERED) {
        (void)fprintf(stderr, "%s: %s\n", result->error.reason, result->error.message);
    }
    while (result->receipt[len] != '\0') {
        len++;
    }
    (void)pthread_mutex_lock(&tally->lock);
    tally->open--;
    if (result->outcome == LF_ACCEPTED || result->outcome == LF_DUPLICATE) {
        tally->taken++;
    } else {
        tally->failed++;
    }
    if (tally->open == 0 && result->envelope.len > 0) {
        keep(tally->receipt_path, result->receipt, len);
        keep(tally->envelope_path, result->envelope.ptr, result->envelope.len);
    }
    (void)pthread_cond_signal(&tally->moved);
    (void)pthread_mutex_unlock(&tally->lock);
}

static lf_status submit_one(lf_client *client, unsigned number, struct tally *tally, lf_error *err)
{
    static const char *const measures[] = {"REMOVAL", NULL};
    char ref[32];
    lf_event event = LF_EVENT_INIT;
    lf_submit_request request = LF_SUBMIT_REQUEST_INIT;
    (void)snprintf(ref, sizeof ref, "example-%u", number);
    event.ref = ref;
    event.uscc = "91999999MA00000154";
    event.violation = "COUNTERFEIT";
    event.certainty = "ESTABLISHED_BY_PLATFORM";
    event.measures = measures;
    request.record.event = &event;
    request.done = on_told;
    request.user = tally;
    (void)pthread_mutex_lock(&tally->lock);
    tally->open++;
    (void)pthread_mutex_unlock(&tally->lock);
    return lf_submit_start(client, &request, NULL, err);
}

/* Until at most `most` are open. */
static void wait_for(struct tally *tally, unsigned most)
{
    (void)pthread_mutex_lock(&tally->lock);
    while (tally->open > most) {
        (void)pthread_cond_wait(&tally->moved, &tally->lock);
    }
    (void)pthread_mutex_unlock(&tally->lock);
}

int main(int argc, char **argv)
{
    enum { OPEN_MAX = 1000 };
    struct tally tally = {.open = 0};
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    if (argc != 3 && argc != 5) {
        (void)fprintf(stderr, "usage: submit PROFILE COUNT [RECEIPT ENVELOPE]\n");
        return 2;
    }
    (void)pthread_mutex_init(&tally.lock, NULL);
    (void)pthread_cond_init(&tally.moved, NULL);
    tally.receipt_path = argc == 5 ? argv[3] : NULL;
    tally.envelope_path = argc == 5 ? argv[4] : NULL;
    lf_status rc = lf_client_open(argv[1], &client, &err);
    unsigned long count = strtoul(argv[2], NULL, 10);
    for (unsigned i = 0; rc == LF_OK && i < count; i++) {
        wait_for(&tally, OPEN_MAX);
        rc = submit_one(client, i, &tally, &err);
    }
    if (rc == LF_OK) {
        wait_for(&tally, 0);
    }
    lf_client_close(client); /* tells what is still open, so nothing is told after it */
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
        return 1;
    }
    (void)printf("%u taken, %u failed\n", tally.taken, tally.failed);
    return tally.failed > 0 ? 1 : 0;
}
