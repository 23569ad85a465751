/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/import.h - one import of a published list: what its parts share. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/candidates.h"
#include "cli/cli.h"
#include "cli/denied.h"
#include "cli/list_line.h"
#include "cli/snapshot.h"

struct import_counts {
    uint64_t accepted;
    uint64_t duplicates;
    uint64_t rejected;
    uint64_t removals; /* new ones */
    uint64_t unread;   /* rejected rows of which it is not known which line they were */
    uint64_t warned;
    uint64_t vanished;
};

struct import {
    const struct cli *cli;
    struct rows_in rows;
    struct list_source source;
    lf_client *client; /* NULL in a dry run without a profile */
    struct snapshot state;
    bool has_state; /* otherwise nothing is remembered */
    struct candidates candidates;
    struct import_counts counts;
    struct denied denied; /* rejected, for we may not say them at all */
    uint64_t done;        /* rows that have their answer */
};

/* What became of a row. */
struct import_told {
    unsigned line;
    const char
        *status; /* accepted, duplicate, rejected; of a dry run new, duplicate, changed, rejected */
    const char *outcome; /* of a rejected one */
    const lf_error *error;
    const uint64_t *index;
    const char *removal; /* status of the removal that the row says; NULL when it says none */
    const uint64_t *removal_index;
    const char *const *warnings;
    size_t warning_count;
    const struct list_line *said; /* of a dry run */
};

/* Prints and counts it. */
void import_tell(struct import *im, const struct import_told *told);
void import_reject(struct import *im, const struct list_line *line);
void import_summary(const struct import *im);
/* The exit code of an import that came to its end with `code`. */
int import_end(const struct import *im, int code);

/* A listing as it is remembered; borrowed from `line`. */
struct snapshot_line import_remembered(const struct list_line *line, uint32_t version);
/* Whether the ledger has all that the row says, as far as the last import tells. */
bool import_is_known(const struct snapshot_known *known, const struct list_line *line);
uint64_t import_digest(const struct list_line *line);
/* All lines that left the file, told, and written for a person when `writes`. */
void import_vanished(struct import *im, bool writes);

#endif
