/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/cli/screen.h - what `screen` does with an answer beside printing it: a member's own additions to the
 * advice (screen_policy.c), and what was known of each merchant before (screen_known.c).
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <lianfang/client.h>

#include <jansson.h>
#include <stdbool.h>

/* A member's own additions: lines "REASON ADVICE", of which each may only raise what the gateway advises. */
struct screen_policy;
/* NULL after saying why; the caller frees it. */
struct screen_policy *screen_policy_load(const char *path);
void screen_policy_free(struct screen_policy *policy); /* NULL allowed */
/* The advice with the additions (NULL: none); *by, if not NULL, is the reason that raised it, or NULL. */
const char *screen_policy_apply(const struct screen_policy *policy, const lf_screened *screened,
                                const char **by);

/* Reasons of each merchant, as the file --known remembers them between two runs. */
struct screen_known;
/* An absent file knows nothing. NULL after saying why; the caller frees it. */
struct screen_known *screen_known_load(const char *path);
void screen_known_free(struct screen_known *known); /* NULL allowed */
/* Takes an answer in, and says what is new of it and what is gone: two arrays of reason codes, the caller's.
 * False when memory is out. */
bool screen_known_take(struct screen_known *known, const lf_screened *screened, json_t **news,
                       json_t **gone);
/* Replaces the file, in one step. CLI_OK, or the exit code after saying why: then the file is as it was. */
int screen_known_save(struct screen_known *known);
/* How many merchants have something new, by reason: one JSON object, the caller's. */
json_t *screen_known_counts(const struct screen_known *known);

#endif
