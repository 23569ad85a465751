/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/daemon/redactions.h - the orders to erase that a ledger holds from some entry on, in a file beside the backups: what a
 * restored older one must still obey. Threads: one.
 *
 *   lianfang-redactions/v1
 *   from <index>
 *   <base64 of a Redaction's envelope>     (each on a line, in the order of the ledger)
 *   <empty line>
 *   <the checkpoint of the ledger up to which these are all>
 */
#ifndef GW_REDACTIONS_H
#define GW_REDACTIONS_H

#include "base/arena.h"
#include "core/checkpoint.h"

struct gw_redactions {
    uint64_t from;
    lf_bytes *orders; /* envelopes */
    size_t count;
    lf_bytes note;
};
/* Into the arena. E_FORMAT names the rule. */
LF_MUST_USE lf_status gw_redactions_parse(lf_bytes text, struct lf__arena *arena,
                                          struct gw_redactions *out, lf_error *err);

#endif
