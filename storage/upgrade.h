/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/upgrade.h - from the format of an older data directory to this program's, step by step and in
 * one transaction: a crash leaves the old format or the new one. Threads: one.
 */
#ifndef ST_UPGRADE_H
#define ST_UPGRADE_H

#include "storage/engine.h"

/* What brings a directory of format `from` to the next one. */
struct st_format_step {
    uint32_t from;
    const char *what; /* is done, for the operator */
    lf_status (*run)(struct st_txn *txn, lf_error *err);
};
struct st_formats {
    uint32_t current;
    const struct st_format_step *steps; /* ascending */
    size_t count;
};
/* Every format that this program can begin from. */
const struct st_formats *st_formats_known(void);

struct st_upgrade {
    uint32_t found; /* before */
    const struct st_format_step
        *steps; /* the ones needed, of `formats`; none when `found` is current */
    size_t count;
};
/* Which steps a directory needs. Changes nothing, and works beside a running gateway. E_VERSION when it is
 * newer than `formats`, or too old to begin from. */
LF_MUST_USE lf_status st_upgrade_check(const struct st_options *options,
                                       const struct st_formats *formats, struct st_upgrade *out,
                                       lf_error *err);
/* Does them. Takes the exclusive lock; nothing has changed unless it is OK. */
LF_MUST_USE lf_status st_upgrade_run(const struct st_options *options,
                                     const struct st_formats *formats, struct st_upgrade *out,
                                     lf_error *err);

#endif
