/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/candidates.h - lines that may have left their list, as a table for a person to fill in. */
#ifndef CLI_CANDIDATES_H
#define CLI_CANDIDATES_H

#include "cli/snapshot.h"

enum candidate_field {
    CANDIDATE_REMOVED_ON, /* for the person to fill in */
    CANDIDATE_USCC,
    CANDIDATE_LIST,
    CANDIDATE_REGION,
    CANDIDATE_LISTED_ON,
    CANDIDATE_REASON_TEXT,
    CANDIDATE_AUTHORITY,
    CANDIDATE_LIST_ID,
    CANDIDATE_CAUSE,
    CANDIDATE_REF,
    CANDIDATE_FIELDS
};
/* The columns of the file. */
extern const char *const candidate_names[CANDIDATE_FIELDS];

struct candidates {
    char path[SNAPSHOT_PATH_MAX + 32];
    FILE *file; /* NULL until there is one */
    uint64_t count;
    bool failed;
};

/* `cause`: VANISHED or REMOVAL_UNDATED. The file, beside the state, is made with the first; it never takes another's place. */
void candidates_add(struct candidates *c, const char *state, const struct snapshot_line *line,
                    const char *cause);
/* `keeps` false: the run did not come to its end, and will find them again; the file goes. CLI_OK, or the exit code after
 * saying why it could not be written. */
int candidates_close(struct candidates *c, bool keeps);

#endif
