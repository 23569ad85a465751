/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/denied.h - rows that were refused because of who brings them: the same for each, and told once. */
#ifndef CLI_DENIED_H
#define CLI_DENIED_H

#include <lianfang/base.h>

#include <stdbool.h>

/* Zero to begin with. */
struct denied {
    lf_error error; /* the first one's */
    unsigned line;
    uint64_t count;
};

/* True when the refusal is one of these, which denied_tell() tells; otherwise it is the row's own. */
bool denied_take(struct denied *denied, unsigned line, const lf_error *err);
/* On standard error; nothing when there were none. */
void denied_tell(const struct denied *denied);

#endif
