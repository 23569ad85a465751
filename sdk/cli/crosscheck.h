/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/crosscheck.h - a list of one's own, as it is cross-checked. */
#ifndef CLI_CROSSCHECK_H
#define CLI_CROSSCHECK_H

#include "cli/cli.h"
#include "cli/list_line.h"

#include <lianfang/crosscheck.h>

/* One line; `said` points into it. */
struct crosscheck_line {
    char uscc[LF_USCC_LEN + 1];
    char list[WORDS_CODE_MAX];
    char violation[WORDS_CODE_MAX];
    char listed_on[VALUE_DATE_SIZE];
    char removed_on[VALUE_DATE_SIZE];
    char *name; /* owned */
};
struct crosscheck_list {
    struct crosscheck_line *lines;
    size_t count;
    size_t room;
    size_t rejected;
    lf_listed *listed; /* of the lines, for the gateway */
};

/* Reads --file; each rejected row is told through `reject`. CLI_OK, or the exit code after saying why. */
int crosscheck_list_load(const struct cli *cli,
                         void (*reject)(const struct list_line *line, void *user), void *user,
                         struct crosscheck_list *out);
void crosscheck_list_free(struct crosscheck_list *list);

#endif
