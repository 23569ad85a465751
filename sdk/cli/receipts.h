/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/receipts.h - the file of receipts that push writes and receipt reads: a JSON line a record. One thread at a time. */
#ifndef CLI_RECEIPTS_H
#define CLI_RECEIPTS_H

#include "cli/cli.h"

struct receipts;

/* To append to; the lines name the ledger by the key of the client's profile, and the newest when that is another; both
 * borrowed until close. CLI_OK, or the exit code after
 * saying why. */
int receipts_open(const char *path, lf_client *client, struct receipts **out);
/* Writes a line of a record that has none there; nothing for a result without an envelope, which nobody could verify.
 * False with errno. NULL (here and below): no receipts are wanted, true. */
bool receipts_keep(struct receipts *receipts, unsigned line, const lf_result *result);
/* All lines are on the disk. False with errno, also when an earlier write had failed. */
bool receipts_settle(struct receipts *receipts);
bool receipts_close(struct receipts *receipts);

#endif
