/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_vectors DIR: writes the test vectors of protos/vectors. lf_vectors --check DIR: makes them again and
 * compares byte for byte, naming the first file that differs. No clock, no randomness: always the same.
 */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *file;
    vector_make make;
} files[] = {
    {"derive.json", vectors_derive},       {"record.json", vectors_record},
    {"signature.json", vectors_signature}, {"batch.json", vectors_batch},
    {"tree.json", vectors_tree},           {"leaf.json", vectors_leaf},
    {"members.json", vectors_members},     {"checkpoint.json", vectors_checkpoint},
    {"receipt.json", vectors_receipt},     {"uscc.json", vectors_uscc},
    {"status.json", vectors_status},       {"tokens.json", vectors_tokens},
};

static bool file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    bool good = file != NULL && fputs(text, file) >= 0;
    return file != NULL && fclose(file) == 0 && good;
}

static bool file_same(const char *path, const char *text)
{
    FILE *file = fopen(path, "r");
    size_t at = 0;
    bool good = file != NULL;
    while (good) {
        int c = fgetc(file);
        if (c == EOF) {
            good = text[at] == '\0';
            break;
        }
        good = text[at] != '\0' && (unsigned char)text[at++] == (unsigned)c;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return good;
}

static bool one_file(struct vector_world *world, const char *dir, size_t i, bool is_check)
{
    char path[4096];
    LF_BUF text;
    json_t *value = files[i].make(world);
    char *dump = json_dumps(value, JSON_INDENT(1));
    lf__buf_init(&text, 1 << 24);
    LF_BUG_IF(value == NULL || dump == NULL);
    (void)lf__buf_str(&text, dump);
    (void)lf__buf_append(&text, (lf_bytes){(const uint8_t *)"\n", 2}); /* its NUL ends the text */
    LF_BUG_IF(text.failed);
    free(dump);
    json_decref(value);
    (void)snprintf(path, sizeof path, "%s/%s", dir, files[i].file);
    const char *made = (const char *)text.ptr;
    bool good = is_check ? file_same(path, made) : file_write(path, made);
    if (!good) {
        (void)fprintf(stderr, "lf_vectors: %s: %s\n", path,
                      is_check ? "differs from what the code makes" : "cannot be written");
    }
    return good;
}

int main(int argc, char **argv)
{
    bool is_check = argc == 3 && strcmp(argv[1], "--check") == 0;
    if (argc != 2 && !is_check) {
        (void)fprintf(stderr, "usage: lf_vectors [--check] DIR\n");
        return 2;
    }
    struct vector_world *world = calloc(1, sizeof *world);
    LF_BUG_IF(world == NULL);
    vector_world_init(world);
    bool good = true;
    for (size_t i = 0; i < LF_COUNT(files); i++) {
        good = one_file(world, argv[argc - 1], i, is_check) && good;
    }
    vector_world_done(world);
    free(world);
    return good ? 0 : 1;
}
