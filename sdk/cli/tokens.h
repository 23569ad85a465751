/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/tokens.h - columns of clear values that become columns of tokens before anything else sees them. */
#ifndef CLI_TOKENS_H
#define CLI_TOKENS_H

#include "cli/table.h"

/* legal_rep_id, account and phone become legal_rep_token, account_token and phone_token by the key in the file; a row whose
 * value is none is refused later, alone. The clear values are overwritten. False after saying why. */
bool tokens_take(struct table *table, const char *key_path);

#endif
