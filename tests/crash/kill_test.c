/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 at a random moment under load, many times over one and the same ledger. Writers in a child
 * report every acknowledgement through a pipe; after each kill nothing acknowledged is lost or
 * doubled and every receipt still verifies. Each child first sends again what its predecessor sent
 * last, as a client that lost its answers does.
 *
 * usage: kill_test ROUNDS [SEED]
 */
#include "base/bytes.h"
#include "tests/support/simple_ledger.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILL_WRITERS = 4, KILL_GROUP = 8, KILL_RETRY = 24, KILL_LAST = 4096, KILL_FULL_EVERY = 100 };

static uint64_t kill_random_state;
static uint64_t kill_random(void)
{
    kill_random_state ^= kill_random_state << 13;
    kill_random_state ^= kill_random_state >> 7;
    kill_random_state ^= kill_random_state << 17;
    return kill_random_state;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "kill_test: %s\n", what);
    exit(2);
}

struct ack {
    uint32_t writer;
    uint32_t number;
    struct simple_answer answer;
};

/* What the parent knows: the answers of each writer's entries, in order of their numbers. */
struct known {
    struct simple_answer *answers;
    uint32_t count; /* all below were acknowledged, or may have been: see `has` */
    uint32_t room;
    bool *has;
};
static struct known known[KILL_WRITERS];

static void id_make(uint32_t writer, uint32_t number, char out[static SIMPLE_ID])
{
    (void)snprintf(out, SIMPLE_ID, "%u-%u", writer, number);
}

struct writer {
    struct simple *simple;
    uint32_t number;
    uint32_t next;
    int out;
};

/* Until it is killed. */
static void *writer_run(void *user)
{
    struct writer *w = user;
    for (;;) {
        char ids[KILL_GROUP][SIMPLE_ID];
        struct simple_answer answers[KILL_GROUP];
        struct ack acks[KILL_GROUP];
        size_t n = 1 + w->next % KILL_GROUP;
        for (size_t i = 0; i < n; i++) {
            id_make(w->number, w->next + (uint32_t)i, ids[i]);
        }
        if (simple_submit(w->simple, ids, n, answers, NULL) != LF_OK) {
            _exit(1);
        }
        for (size_t i = 0; i < n; i++) {
            acks[i] = (struct ack){w->number, w->next + (uint32_t)i, answers[i]};
        }
        if (write(w->out, acks, n * sizeof *acks) != (ssize_t)(n * sizeof *acks)) {
            _exit(1);
        }
        w->next += (uint32_t)n;
    }
    return NULL;
}

static void child_run(const char *path, int out)
{
    struct simple simple;
    pthread_t threads[KILL_WRITERS];
    struct writer writers[KILL_WRITERS];
    if (simple_open(&simple, path, NULL) != LF_OK) {
        _exit(1);
    }
    for (uint32_t i = 0; i < KILL_WRITERS; i++) {
        uint32_t count = known[i].count;
        writers[i] = (struct writer){&simple, i, count > KILL_RETRY ? count - KILL_RETRY : 0, out};
        if (pthread_create(&threads[i], NULL, writer_run, &writers[i]) != 0) {
            _exit(1);
        }
    }
    (void)pthread_join(threads[0], NULL);
    _exit(1);
}

/* The same entry again must be the same answer: index and leaf of then. */
static void ack_take(const struct ack *ack)
{
    struct known *k = &known[ack->writer % KILL_WRITERS];
    if (ack->answer.status != LF_OK || !ack->answer.proof_holds) {
        die("an answer is refused, or its receipt does not verify");
    }
    if (ack->number >= k->room) {
        k->room = 2 * ack->number + 1024;
        k->answers = realloc(k->answers, k->room * sizeof *k->answers);
        k->has = realloc(k->has, k->room * sizeof *k->has);
        if (k->answers == NULL || k->has == NULL) {
            die("out of memory");
        }
    }
    for (; k->count <= ack->number; k->count++) {
        k->has[k->count] = false;
    }
    if (k->has[ack->number] &&
        (k->answers[ack->number].index != ack->answer.index || !ack->answer.is_duplicate ||
         !lf__hash_eq(&k->answers[ack->number].leaf, &ack->answer.leaf))) {
        die("an entry was taken twice");
    }
    if (!k->has[ack->number]) {
        k->answers[ack->number] = ack->answer;
        k->has[ack->number] = true;
    }
}

/* The moment: after so many acknowledgements and a little more. The pipe is then read to its end. */
static void round_run(const char *path)
{
    int ends[2];
    struct ack ack;
    unsigned wait = (unsigned)(kill_random() % 200);
    struct timespec more = {.tv_nsec = (long)(kill_random() % 3000000)};
    if (pipe(ends) != 0) {
        die("no pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        child_run(path, ends[1]);
    }
    (void)close(ends[1]);
    for (unsigned n = 0; child > 0 && n < wait; n++) {
        if (read(ends[0], &ack, sizeof ack) != (ssize_t)sizeof ack) {
            die("the child ended by itself");
        }
        ack_take(&ack);
    }
    (void)nanosleep(&more, NULL);
    int status = 0;
    if (child < 0 || kill(child, SIGKILL) != 0) {
        die("no child");
    }
    while (read(ends[0], &ack, sizeof ack) == (ssize_t)sizeof ack) {
        ack_take(&ack);
    }
    (void)close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) {
        die("the child ended by itself");
    }
}

static uint64_t acks_judge(struct simple *simple, uint32_t last)
{
    uint64_t judged = 0;
    for (uint32_t w = 0; w < KILL_WRITERS; w++) {
        uint32_t from = last != 0 && known[w].count > last ? known[w].count - last : 0;
        for (uint32_t i = from; i < known[w].count; i++) {
            char id[SIMPLE_ID];
            id_make(w, i, id);
            if (known[w].has[i] && !simple_holds(simple, id, &known[w].answers[i])) {
                (void)fprintf(stderr, "entry %s\n", id);
                die("an acknowledged entry is lost");
            }
            judged += known[w].has[i];
            if (known[w].has[i] && !simple_extends(simple, &known[w].answers[i].head)) {
                die("a head that was handed out is not one of this ledger's");
            }
        }
    }
    return judged;
}

static uint64_t ledger_judge(const char *path, uint64_t last)
{
    struct simple simple;
    struct simple_report report = {.damage = NULL};
    lf_error err = LF_ERROR_INIT;
    struct st_txn *txn = NULL;
    if (simple_open(&simple, path, &err) != LF_OK ||
        st_txn_begin(simple.engine, ST_READ, &txn, &err) != LF_OK) {
        die(err.message);
    }
    if (simple_check(txn, last, &report, &err) != LF_OK) {
        die(report.first);
    }
    st_txn_abort(txn);
    uint64_t judged = acks_judge(&simple, last == 0 ? 0 : KILL_LAST / KILL_WRITERS);
    simple_close(&simple);
    return judged;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20;
    char path[] = "/tmp/lf-kill-XXXXXX";
    char command[64];
    uint64_t judged = 0;
    kill_random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261125;
    if (mkdtemp(path) == NULL) {
        die("no directory");
    }
    for (unsigned r = 1; r <= rounds; r++) {
        round_run(path);
        (void)ledger_judge(path, r % KILL_FULL_EVERY == 0 ? 0 : KILL_LAST);
    }
    judged = ledger_judge(path, 0);
    (void)printf("%u kills, %llu acknowledged entries: none lost, none doubled, every receipt "
                 "verifies\n",
                 rounds, (unsigned long long)judged);
    (void)snprintf(command, sizeof command, "rm -rf %s", path);
    return system(command) == 0 && judged > rounds ? 0 : 1;
}
