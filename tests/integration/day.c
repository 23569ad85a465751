/* SPDX-License-Identifier: Apache-2.0 */
/*
 * day OUT SUBJECTS SEED CODES PROFILE...: one day of questions through the SDK. Each member asks from a thread of its own,
 * singly and in batches, for mixed purposes, until all together have asked SUBJECTS subjects. What was asked and what came
 * back goes to OUT, a line a question: member, purpose, subjects, access index, SHA-256 of the answer.
 */
#include <lianfang/client.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MEMBERS = 64, DAY_CODES = 4096, DAY_BATCH = 120 };

struct day {
    FILE *out;
    pthread_mutex_t lock;
    long left;
    const char *codes[DAY_CODES];
    size_t code_count;
    atomic_bool has_failed;
};

struct asker {
    struct day *day;
    const char *profile;
    unsigned long random;
    pthread_t thread;
    /* of the question on its way */
    size_t told;
    uint64_t access_index;
    char digest[65];
};

static unsigned long draw(struct asker *a, unsigned long below)
{
    a->random = a->random * 6364136223846793005UL + 1442695040888963407UL;
    return (a->random >> 33) % below;
}

/* How many subjects the next question has: mostly one, now and then a batch. 0: the day is over. */
static size_t share_take(struct asker *a)
{
    size_t want = draw(a, 10) < 8 ? 1 : 2 + draw(a, DAY_BATCH - 1);
    (void)pthread_mutex_lock(&a->day->lock);
    size_t share = (long)want < a->day->left ? want : (size_t)a->day->left;
    a->day->left -= (long)share;
    (void)pthread_mutex_unlock(&a->day->lock);
    return share;
}

static void on_screened(const lf_screened *screened, void *user)
{
    struct asker *a = user;
    a->told++;
    a->access_index = screened->access_index;
    (void)snprintf(a->digest, sizeof a->digest, "%s", screened->answer_sha256);
}

static bool ask(struct asker *a, lf_client *client, size_t count)
{
    static const char *const purposes[] = {"ONBOARDING", "RESCREENING", "INVESTIGATION"};
    const char *codes[DAY_BATCH];
    unsigned long purpose = draw(a, 3);
    lf_question question = LF_QUESTION_INIT;
    lf_error err = LF_ERROR_INIT;
    for (size_t i = 0; i < count; i++) {
        codes[i] = a->day->codes[draw(a, a->day->code_count)];
    }
    question.purpose = purposes[purpose];
    question.case_number = purpose == 2 ? "(2026) 1" : NULL;
    question.codes = codes;
    question.count = count;
    a->told = 0;
    if (lf_screen(client, &question, on_screened, a, &err) != LF_OK || a->told != count) {
        (void)fprintf(stderr, "%s: %s\n", a->profile, err.message);
        return false;
    }
    (void)pthread_mutex_lock(&a->day->lock);
    (void)fprintf(a->day->out, "%s\t%s\t%zu\t%llu\t%s\n", lf_client_member(client),
                  question.purpose, count, (unsigned long long)a->access_index, a->digest);
    (void)pthread_mutex_unlock(&a->day->lock);
    return true;
}

static void *asker_main(void *user)
{
    struct asker *a = user;
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    bool good = lf_client_open(a->profile, &client, &err) == LF_OK;
    size_t count = good ? share_take(a) : 0;
    while (good && count > 0) {
        good = ask(a, client, count);
        count = share_take(a);
    }
    good = good && lf_client_settle(client, 0, &err) == LF_OK;
    if (!good) {
        (void)fprintf(stderr, "%s: %s\n", a->profile, err.message);
        atomic_store(&a->day->has_failed, true);
    }
    lf_client_close(client);
    return NULL;
}

static bool codes_read(struct day *day, const char *path)
{
    char line[64];
    FILE *file = fopen(path, "re");
    while (file != NULL && day->code_count < DAY_CODES && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        day->codes[day->code_count++] = strdup(line);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return day->code_count > 0;
}

int main(int argc, char **argv)
{
    static struct day day;
    static struct asker askers[DAY_MEMBERS];
    int members = argc - 5;
    if (members < 1 || members > DAY_MEMBERS || !codes_read(&day, argv[4])) {
        (void)fprintf(stderr, "usage: day OUT SUBJECTS SEED CODES PROFILE...\n");
        return 2;
    }
    day.left = strtol(argv[2], NULL, 10);
    day.out = fopen(argv[1], "we");
    (void)pthread_mutex_init(&day.lock, NULL);
    bool good = day.out != NULL;
    for (int i = 0; good && i < members; i++) {
        askers[i] = (struct asker){.day = &day,
                                   .profile = argv[5 + i],
                                   .random = strtoul(argv[3], NULL, 10) * 1000 + (unsigned)i};
        good = pthread_create(&askers[i].thread, NULL, asker_main, &askers[i]) == 0;
    }
    for (int i = 0; i < members; i++) {
        (void)pthread_join(askers[i].thread, NULL);
    }
    good = good && fclose(day.out) == 0 && !atomic_load(&day.has_failed);
    for (size_t i = 0; i < day.code_count; i++) {
        free((void *)(uintptr_t)day.codes[i]);
    }
    return good ? 0 : 1;
}
