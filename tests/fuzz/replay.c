/* SPDX-License-Identifier: Apache-2.0 */
/* Without libFuzzer: every file of the directories named, and each of its beginnings up to 512 bytes. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPLAY_FILE_MAX = 1 << 21, REPLAY_CUTS_MAX = 512 };

/* An exact allocation, so that a sanitizer sees a read past the end. */
static void input_run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    FUZZ_REQUIRE(copy != NULL);
    lf__copy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void file_run(const char *path)
{
    static uint8_t data[REPLAY_FILE_MAX];
    FILE *file = fopen(path, "rbe");
    FUZZ_REQUIRE(file != NULL);
    size_t size = fread(data, 1, sizeof data, file);
    (void)fclose(file);
    input_run(data, size);
    for (size_t cut = 0; cut < size && cut < REPLAY_CUTS_MAX; cut++) {
        input_run(data, cut);
    }
}

static size_t directory_run(const char *name)
{
    char path[4096];
    size_t count = 0;
    DIR *dir = opendir(name);
    FUZZ_REQUIRE(dir != NULL);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
            file_run(path);
            count++;
        }
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        count += directory_run(argv[i]);
    }
    (void)printf("%zu inputs\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus tests nothing */
}
