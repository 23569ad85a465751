/* SPDX-License-Identifier: Apache-2.0 */
/* tests/integration/wire/bends.h - all the ways in which one thing of a good record is bent. */
#ifndef WIRE_BENDS_H
#define WIRE_BENDS_H

#include "integration/wire/world.h"

/* A step may be NULL: then it is as it should be. */
struct wire_case {
    const char *what;
    const char *reason;
    void (*fields)(struct wire_record *r);
    void (*bodies)(struct wire_record *r);
    void (*record)(struct lf__buf *record); /* before it is signed */
    void (*envelope)(struct wire_record *r);
    void (*bytes)(struct lf__buf *wire);
};

extern const struct wire_case wire_cases[];
extern const size_t wire_case_count;
/* Signs the record as the first of a batch of two. */
void wire_batch_of_two(struct wire_record *r);

#endif
