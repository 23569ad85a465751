/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of forged or spliced evidence, with the reason for which it is refused. */
#ifndef TEST_FORGERIES_H
#define TEST_FORGERIES_H

#include "support/dossier.h"

enum { EVENT, BATCHED, WITHDRAWAL }; /* places in the good bundle */

struct forgery {
    const char *name;
    void (*forge)(struct dossier *d); /* one of the two: before the encoding, or after it */
    void (*bend)(struct lf__buf *wire);
    const char *reason;
    const char *field;
};
extern const struct forgery forgeries[];
extern const size_t forgery_count;

#endif
