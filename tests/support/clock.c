/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: the time of day stands where a file says, until the test moves it. LF_TEST_CLOCK names the file: the
 * seconds since 1970 in ten digits, written in place. It is told to our own programs and to the library that looks at
 * certificates; gRPC has the true one, or it would wait by it and never sleep.
 */
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_EXPORT __attribute__((visibility("default")))
enum { CLOCK_DIGITS = 10, CLOCK_RANGES = 16 };

static const char *clock_text; /* mapped, and never unmapped */
static struct range {
    uintptr_t from;
    uintptr_t to;
} clock_ranges[CLOCK_RANGES]; /* of code that is told */
static size_t clock_count;

static int range_add(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    (void)user;
    bool is_told = info->dlpi_name[0] == '\0' || strstr(info->dlpi_name, "/liblianfang.so") ||
                   strstr(info->dlpi_name, "/libcrypto.so");
    for (int i = 0; is_told && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0 && clock_count < CLOCK_RANGES) {
            uintptr_t from = info->dlpi_addr + part->p_vaddr;
            clock_ranges[clock_count++] = (struct range){from, from + part->p_memsz};
        }
    }
    return 0;
}

__attribute__((constructor)) static void clock_open(void)
{
    const char *path = getenv("LF_TEST_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *text = fd < 0 ? MAP_FAILED : mmap(NULL, CLOCK_DIGITS, PROT_READ, MAP_SHARED, fd, 0);
    clock_text = text == MAP_FAILED ? NULL : text;
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)dl_iterate_phdr(range_add, NULL);
}

static bool is_told(const void *caller)
{
    bool is_in = false;
    for (size_t i = 0; clock_text != NULL && i < clock_count; i++) {
        is_in = is_in || ((uintptr_t)caller >= clock_ranges[i].from &&
                          (uintptr_t)caller < clock_ranges[i].to);
    }
    return is_in;
}

static int clock_tell(clockid_t id, const void *caller, struct timespec *out)
{
    if (id != CLOCK_REALTIME || !is_told(caller)) {
        return (int)syscall(SYS_clock_gettime, id, out);
    }
    *out = (struct timespec){.tv_sec = 0};
    for (int i = 0; i < CLOCK_DIGITS; i++) {
        out->tv_sec = 10 * out->tv_sec + (((const volatile char *)clock_text)[i] - '0');
    }
    return 0;
}

CLOCK_EXPORT int clock_gettime(clockid_t id, struct timespec *out)
{
    return clock_tell(id, __builtin_return_address(0), out);
}

CLOCK_EXPORT time_t time(time_t *out)
{
    struct timespec now;
    (void)clock_tell(CLOCK_REALTIME, __builtin_return_address(0), &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

CLOCK_EXPORT int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    (void)clock_tell(CLOCK_REALTIME, __builtin_return_address(0), &now);
    *out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}
