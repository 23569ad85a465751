/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/rows.h - one row of a file as one record of a batch. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/cli.h"
#include "cli/table.h"

enum rows_kind { ROWS_EVENT, ROWS_REGISTRY };

struct rows_job {
    const struct table *table;
    enum rows_kind kind;
};

/* Every column is known, and the required ones are there; says which is not. */
bool rows_header_check(const struct rows_job *job);
/* Normalises the code (*warning names why it was changed, or NULL) and adds the record. */
lf_status rows_add(const struct rows_job *job, const struct table_row *row, uint32_t version,
                   lf_batch *batch, void *user, const char **warning, lf_error *err);

#endif
