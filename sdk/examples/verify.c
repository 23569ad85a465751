/* SPDX-License-Identifier: Apache-2.0 */
/* verify VKEY RECEIPT ENVELOPE: that a record is in the ledger, offline, years later. */
#include <lianfang/client.h>

#include <stdio.h>

enum { FILE_BYTES_MAX = 1 << 20 };

/* The file's bytes and a NUL; 0 when it cannot be read. */
static size_t load(const char *path, char *out)
{
    FILE *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(out, 1, FILE_BYTES_MAX - 1, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    out[len] = '\0';
    return len;
}

int main(int argc, char **argv)
{
    static char receipt[FILE_BYTES_MAX];
    static char envelope[FILE_BYTES_MAX];
    lf_error err = LF_ERROR_INIT;
    uint64_t index = 0;
    if (argc != 4 || load(argv[2], receipt) == 0) {
        (void)fprintf(stderr, "usage: verify VKEY RECEIPT ENVELOPE\n");
        return 2;
    }
    lf_bytes bytes = {(const uint8_t *)envelope, load(argv[3], envelope)};
    if (lf_receipt_verify(receipt, bytes, argv[1], &index, &err) != LF_OK) {
        (void)printf("does not hold: %s\n", err.message);
        return 1;
    }
    (void)printf("holds: entry %llu\n", (unsigned long long)index);
    return 0;
}
