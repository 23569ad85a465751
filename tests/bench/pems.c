/* SPDX-License-Identifier: Apache-2.0 */
/* The PEM files of a gateway's directory. */
#include "bench/load.h"

#include <stdio.h>

enum { PEM_BYTES_MAX = 65536 };

static bool file_read(const char *dir, const char *name, struct lf__buf *out)
{
    char path[4096];
    uint8_t chunk[4096];
    size_t n;
    int len = snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "rbe") : NULL;
    if (file == NULL) {
        return false;
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        (void)lf__buf_append(out, (lf_bytes){chunk, n});
    }
    (void)fclose(file);
    return lf__buf_u8(out, 0);
}

bool load_pems_read(const char *dir, const char *member, struct load_pems *out)
{
    char own[4096];
    lf__buf_init(&out->root, PEM_BYTES_MAX);
    lf__buf_init(&out->key, PEM_BYTES_MAX);
    lf__buf_init(&out->cert, PEM_BYTES_MAX);
    int len = snprintf(own, sizeof own, "%s/members/%s", dir, member);
    return len > 0 && (size_t)len < sizeof own && file_read(dir, "tls.crt", &out->root) &&
           file_read(own, "tls.key", &out->key) && file_read(own, "tls.crt", &out->cert);
}

void load_pems_done(struct load_pems *pems)
{
    lf__buf_done(&pems->root);
    lf__buf_done(&pems->key);
    lf__buf_done(&pems->cert);
}

struct load_tls load_pems_tls(const struct load_pems *pems)
{
    return (struct load_tls){(const char *)pems->root.ptr, (const char *)pems->key.ptr,
                             (const char *)pems->cert.ptr};
}
