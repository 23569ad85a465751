/* SPDX-License-Identifier: Apache-2.0 */
/* copy DIR: offline, how far a member's own copy is, and whether every byte of it still follows from its leaves. */
#include <lianfang/mirror.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_mirror *mirror = NULL;
    lf_mirror_info info;
    uint64_t bad = 0;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: copy DIR\n");
        return 2;
    }
    lf_status rc = lf_mirror_open(argv[1], &mirror, &err);
    rc = rc == LF_OK ? lf_mirror_info_get(mirror, &info, &err) : rc;
    if (rc == LF_OK) {
        (void)printf("%llu positions, %llu records, %llu questions to be told of, root %s\n",
                     (unsigned long long)info.size, (unsigned long long)info.readable,
                     (unsigned long long)info.uncounted, info.root);
        rc = lf_mirror_verify(mirror, &bad, &err);
    }
    if (rc == LF_E_SIGNATURE || rc == LF_E_CORRUPT) {
        (void)fprintf(stderr, "position %llu does not hold\n", (unsigned long long)bad);
    }
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_mirror_close(mirror);
    return rc == LF_OK ? 0 : 1;
}
