/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/seeds.h - the seeds of all targets, shared by the files that make them. */
#ifndef FUZZ_SEEDS_H
#define FUZZ_SEEDS_H

#include "base/bytes.h"

/* `head` selects within the target and is written before the bytes. */
void seed_write(const char *target, const char *name, lf_bytes head, lf_bytes bytes);
/* `choice` is the head. */
void seed_chosen(const char *target, const char *name, uint8_t choice, lf_bytes bytes);
void seed_log_keys(void);
void seed_tasks(void);
void seed_crosscheck(void);
void seed_access(void);
void seed_feed(void);

#endif
