/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/receipts.h - receipts under distinct checkpoints of a tree of 2^20 entries, verified by
 * lf_receipt_verify, against libsodium alone on the checkpoints' signatures. Threads: one.
 */
#ifndef BENCH_RECEIPTS_H
#define BENCH_RECEIPTS_H

#include <stdbool.h>
#include <stdint.h>

bool bench_receipts_open(const char *dir); /* `dir` is not used */
/* How many were verified, or -1 when one was refused. */
int64_t bench_receipts_some(void);
int64_t bench_signatures_some(void);

#endif
