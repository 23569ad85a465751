/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/rows.h - one row of a file as one record of a push. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/cli.h"
#include "cli/table.h"

#include <lianfang/push.h>

struct rows_job {
    const struct table *table;
    const char *kind; /* enforcement-event, credit-list-entry, ... */
};

/* Where a row goes, and the tag that its answer has. */
struct rows_to {
    lf_push *push;
    uint64_t tag;
};

/* Every column is known, and the required ones are there; says which is not. */
bool rows_header_check(const struct rows_job *job);
/* Calls `each` for the rows that no later one of the same ref follows. False when out of memory. */
bool rows_last(const struct rows_job *job, void (*each)(size_t row, void *user), void *user);
/* Normalises the code (*warning names why it was changed, or NULL) and adds the record. */
lf_status rows_add(const struct rows_job *job, const struct table_row *row, uint32_t version,
                   struct rows_to to, const char **warning, lf_error *err);

#endif
