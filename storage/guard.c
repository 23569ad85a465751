/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/guard.h"

#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUARD_LOOK_MS = 200 };

/* The pipe has no words: its end says that the child is gone. True when that came in time. */
static bool guard_wait(int alive, const struct st_guard *guard, int patience_ms)
{
    struct pollfd end = {.fd = alive, .events = POLLIN};
    uint64_t last = atomic_load(&guard->ticks);
    for (int waited = 0; waited < patience_ms; waited += GUARD_LOOK_MS) {
        int rc = poll(&end, 1, GUARD_LOOK_MS);
        if (rc > 0) {
            return true;
        }
        uint64_t now = atomic_load(&guard->ticks);
        waited = now == last ? waited : -GUARD_LOOK_MS;
        last = now;
    }
    return false;
}

static void guard_child(int (*work)(void *, struct st_guard *), void *user, struct st_guard *guard)
{
    const struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core); /* the store's contents stay where they are */
    int code = work(user, guard);
    (void)fflush(NULL);
    _exit(code & 127);
}

static void guard_end(pid_t child, bool is_in_time, struct st_guard_end *out)
{
    int status = 0;
    if (!is_in_time) {
        (void)kill(child, SIGKILL);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    out->how = !is_in_time           ? ST_GUARD_STALLED
               : WIFSIGNALED(status) ? ST_GUARD_CRASHED
                                     : ST_GUARD_ENDED;
    out->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

lf_status st_guard_run(int (*work)(void *user, struct st_guard *guard), void *user, int patience_ms,
                       struct st_guard_end *out, lf_error *err)
{
    int alive[2];
    struct st_guard *guard =
        mmap(NULL, sizeof *guard, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (guard == MAP_FAILED) {
        return lf__fail_cause(err, LF_E_NOMEM, errno, "guard: no memory to share");
    }
    if (pipe(alive) != 0) {
        (void)munmap(guard, sizeof *guard);
        return lf__fail_cause(err, LF_E_NOMEM, errno, "guard: no pipe");
    }
    (void)fflush(NULL); /* or the child would print it too */
    pid_t child = fork();
    if (child == 0) {
        (void)close(alive[0]);
        guard_child(work, user, guard);
    }
    int cause = errno;
    (void)close(alive[1]);
    if (child > 0) {
        guard_end(child, guard_wait(alive[0], guard, patience_ms), out);
        lf__copy(&out->guard, guard, sizeof *guard);
    }
    (void)close(alive[0]);
    (void)munmap(guard, sizeof *guard);
    return child > 0 ? LF_OK : lf__fail_cause(err, LF_E_NOMEM, cause, "guard: no child");
}
