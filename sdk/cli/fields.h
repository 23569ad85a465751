/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/fields.h - one record said field by field, for the commands that say one. */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

#include "cli/cli.h"

enum { CLI_FIELDS_MAX = 96, CLI_FIELD_NAME_MAX = 40 };
struct cli_fields {
    lf_field list[CLI_FIELDS_MAX];
    size_t count;
    char names[CLI_LIST_MAX][CLI_FIELD_NAME_MAX]; /* those of --set */
    lf_proof about;                               /* the entry spoken of */
    const struct cli *cli;
    int code;
};
/* Where a record stands now, or why it does not; gives the exit code. */
int cli_result_tell(const struct cli *cli, const lf_result *result);
/* Borrowed; nothing happens for no value. */
void cli_field(struct cli_fields *out, const char *name, const char *value);
/* Says it, with what --set, --ref and --audience add; tells where it stands, and gives the exit code. */
int cli_fields_say(const struct cli *cli, const char *kind, struct cli_fields *said);
/* The same about another record: by its entry's index, or (NULL) by --issuer and --record. */
int cli_fields_say_about(const struct cli *cli, const char *kind, const char *index,
                         struct cli_fields *said);

/* dispose --file */
int cli_dispose_file(const struct cli *cli);

#endif
