/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/secret.h - secret bytes: guard pages, locked, wiped on release, no printed form.
 * Threads: one at a time while writing; reading may be shared.
 */
#ifndef LF__SECRET_H
#define LF__SECRET_H

#include <lianfang/base.h>
#include <stdbool.h>

struct lf__secret; /* opaque: cannot be copied by value */

/* owned: release with lf__secret_free(). Zeroed. NULL out of memory. */
struct lf__secret *lf__secret_new(size_t len);
void lf__secret_free(struct lf__secret *secret); /* wipes; NULL allowed */
uint8_t *lf__secret_bytes(struct lf__secret *secret);
const uint8_t *lf__secret_view(const struct lf__secret *secret);
size_t lf__secret_len(const struct lf__secret *secret);
void lf__secret_wipe(void *bytes, size_t len); /* for locals that held key material */

static inline void lf__secret_cleanup(struct lf__secret **secret)
{
    lf__secret_free(*secret);
}
#define LF_SECRET __attribute__((cleanup(lf__secret_cleanup))) struct lf__secret

/* Read or make a file holding exactly `len` secret bytes in hex plus LF. Created 0600 before
 * the first byte, and never over an existing file (E_EXISTS). */
lf_status lf__secret_load(const char *path, size_t len, struct lf__secret **out, lf_error *err);
lf_status lf__secret_save(const char *path, const struct lf__secret *secret, lf_error *err);

#endif
