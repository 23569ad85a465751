/* SPDX-License-Identifier: Apache-2.0 */
/* Each file has a spool of its own beside the profile: the same command finds what it left. */
#include "cli/cli.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* FNV-1a: names only have to differ. */
static uint64_t name_of(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    }
    return hash;
}

bool cli_spool(const struct cli *cli, const char *file, char *out, size_t size)
{
    char profile[PATH_MAX];
    char real[PATH_MAX];
    if (cli->spool != NULL) {
        return snprintf(out, size, "%s", cli->spool) < (int)size;
    }
    const char *name = realpath(file, real) == NULL ? file : real;
    uint64_t hash = name_of(name_of(UINT64_C(0xcbf29ce484222325), cli->kind), name);
    (void)snprintf(profile, sizeof profile, "%s", cli->profile);
    int len = snprintf(out, size, "%s/spool", dirname(profile));
    if (len < 0 || (size_t)len + 24 >= size || (mkdir(out, 0700) != 0 && errno != EEXIST)) {
        (void)cli_fail_file(out);
        return false;
    }
    (void)snprintf(out + len, size - (size_t)len, "/%016llx", (unsigned long long)hash);
    return true;
}
