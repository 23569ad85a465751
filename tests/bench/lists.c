/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_lists rows COUNT            a published list of COUNT lines as CSV, each of another merchant, some ended
 * lf_lists codes COUNT           a platform's merchants as CSV, every other of them in the ledger of a million
 * lf_lists subjects COUNT        the codes of the first COUNT subjects of a ledger that lf_load filled, as CSV
 * lf_lists time ROW SIDE COUNT COMMAND...   runs it and prints one line of JSON: rows a second and its largest memory
 */
#include "bench/records.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENDED_OF = 10, FROM = 2000000, KNOWN = 1000000, UNKNOWN_FROM = 50000000 };

static int rows_print(unsigned long long count)
{
    char code[BENCH_CODE_BYTES + 1];
    (void)printf(
        "列入日期,经营异常名录id,列入经营异常名录原因,统一社会信用代码,作出决定机关（列入）,"
        "企业名称,移出日期,移出经营异常名录原因\n");
    for (unsigned long long i = 0; i < count; i++) {
        bench_code(FROM + i, code);
        code[BENCH_CODE_BYTES] = '\0';
        (void)printf(
            "2024-%llu-%llu,%llu,通过登记的住所或者经营场所无法联系的,%s,测试市市场监督管理局,"
            "测试商贸%llu号有限公司,%s\n",
            i % 12 + 1, i % 28 + 1, i, code, i, i % ENDED_OF == 0 ? "2025-03-04,住所变更" : ",");
    }
    return ferror(stdout) != 0;
}

static int codes_print(unsigned long long count)
{
    char code[BENCH_CODE_BYTES + 1];
    (void)printf("shop,code\n");
    for (unsigned long long i = 0; i < count; i++) {
        unsigned long long serial = i * 104729 % KNOWN;
        bench_code(i % 2 == 0 ? serial : UNKNOWN_FROM + serial, code);
        (void)printf("S%llu,%.*s\n", i, BENCH_CODE_BYTES, code);
    }
    return ferror(stdout) != 0;
}

static int subjects_print(unsigned long long count)
{
    char code[BENCH_CODE_BYTES + 1];
    (void)printf("uscc\n");
    for (unsigned long long i = 0; i < count; i++) {
        bench_code(i, code);
        (void)printf("%.*s\n", BENCH_CODE_BYTES, code);
    }
    return ferror(stdout) != 0;
}

static int command_time(char **argv)
{
    int state = 0;
    struct rusage usage;
    double count = strtod(argv[2], NULL);
    int64_t from = lf__clock_monotonic_ns();
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)execvp(argv[3], argv + 3);
        _exit(127);
    }
    if (child < 0 || wait4(child, &state, 0, &usage) < 0) {
        return 1;
    }
    double seconds = (double)(lf__clock_monotonic_ns() - from) / 1e9;
    (void)printf("{\"row\":\"%s\",\"side\":\"%s\",\"rate\":%.1f,\"failed\":%d}\n"
                 "{\"row\":\"%s-rss\",\"side\":\"%s\",\"rate\":%ld}\n",
                 argv[0], argv[1], count / seconds, state == 0 ? 0 : 1, argv[0], argv[1],
                 usage.ru_maxrss);
    return state == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "rows") == 0) {
        return rows_print(strtoull(argv[2], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "codes") == 0) {
        return codes_print(strtoull(argv[2], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "subjects") == 0) {
        return subjects_print(strtoull(argv[2], NULL, 10));
    }
    if (argc > 5 && strcmp(argv[1], "time") == 0) {
        return command_time(argv + 2);
    }
    (void)fprintf(stderr,
                  "usage: lf_lists rows|codes|subjects COUNT | time ROW SIDE COUNT COMMAND...\n");
    return 2;
}
