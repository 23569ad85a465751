/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_start DAEMON CONFIG PORT DIR: how long from starting the program until its first answer to Screen
 * has arrived, in milliseconds on a line of JSON. The program is ended again.
 */
#include "bench/load.h"
#include "bench/prepared.h"
#include "bench/records.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { START_PATIENCE_S = 120 };

/* A channel would back off for a second after its first refusal, so the port is asked directly. */
static bool port_wait(int port, pid_t child)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timespec pause = {0, 1000000};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (double until = bench_now() + START_PATIENCE_S; bench_now() < until;) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool open = connect(fd, (const struct sockaddr *)&to, sizeof to) == 0;
        (void)close(fd);
        if (open || waitpid(child, NULL, WNOHANG) == child) {
            return open;
        }
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

static bool make_question(void *user, uint64_t n, struct lf__buf *out)
{
    (void)user;
    return bench_screen_request(n, out);
}

static bool first_answer(const char *port, const char *dir)
{
    static struct load_result result;
    struct bench_prepared one;
    struct load_pems pems;
    char address[64];
    (void)snprintf(address, sizeof address, "127.0.0.1:%s", port);
    struct load_target target = {
        .address = address, .method = BENCH_SCREEN_METHOD, .connections = 1, .in_flight = 1};
    bool good =
        load_pems_read(dir, "platform-01", &pems) && bench_prepare(1, make_question, NULL, &one);
    if (good) {
        target.tls = load_pems_tls(&pems);
        struct load_work work = {bench_prepared_take, NULL, &one, 1};
        good = load_run(&target, &work, 0, START_PATIENCE_S, &result) && result.calls == 1;
        bench_prepared_free(&one);
    }
    load_pems_done(&pems);
    return good;
}

int main(int argc, char **argv)
{
    pid_t child;
    if (argc != 5) {
        (void)fprintf(stderr, "usage: lf_start DAEMON CONFIG PORT DIR\n");
        return 2;
    }
    char *command[] = {argv[1], (char *)(uintptr_t) "serve", (char *)(uintptr_t) "--config",
                       argv[2], NULL};
    double from = bench_now();
    if (posix_spawn(&child, argv[1], NULL, NULL, command, environ) != 0) {
        (void)fprintf(stderr, "lf_start: %s cannot be started\n", argv[1]);
        return 1;
    }
    bool good = port_wait((int)strtol(argv[3], NULL, 10), child) && first_answer(argv[3], argv[4]);
    double until = bench_now();
    (void)kill(child, SIGTERM);
    (void)waitpid(child, NULL, 0);
    if (!good) {
        (void)fprintf(stderr, "lf_start: no answer came\n");
        return 1;
    }
    (void)printf("{\"row\":\"start\",\"side\":\"ms\",\"rate\":%.1f}\n", (until - from) * 1000);
    return 0;
}
