/* SPDX-License-Identifier: Apache-2.0 */
/* A member of the wrong role, or a suspended one, brings a file of ten thousand rows: one line says why, and of how many. */
#include "cli/denied.h"
#include "cli/cli.h"

#include <string.h>

static bool is_same(const lf_error *a, const lf_error *b)
{
    return strcmp(a->reason, b->reason) == 0 && strcmp(a->field, b->field) == 0 &&
           strcmp(a->message, b->message) == 0;
}

/* Kind, issuer and key are those of every row; a field of its contents, such as a certainty that is not ours to claim, is its own. */
static bool is_of_who(const lf_error *err)
{
    return err->status == LF_E_DENIED &&
           (strncmp(err->field, "header.", 7) == 0 || strncmp(err->field, "signatures.", 11) == 0);
}

bool denied_take(struct denied *denied, unsigned line, const lf_error *err)
{
    if (!is_of_who(err) || (denied->count > 0 && !is_same(&denied->error, err))) {
        return false;
    }
    if (denied->count == 0) {
        denied->error = *err;
        denied->line = line;
    }
    denied->count++;
    return true;
}

void denied_tell(const struct denied *denied)
{
    if (denied->count == 0) {
        return;
    }
    cli_rejected_tell(denied->line, &denied->error);
    if (denied->count > 1) {
        (void)fprintf(stderr, "and %llu more rows for the same reason\n",
                      (unsigned long long)denied->count - 1);
    }
}
