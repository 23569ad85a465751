/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers rows_in_open, rows_in_each, layout_find, layout_map and list_line_read: published lists as CSV and JSON, in UTF-8 and
 * GB18030, of every layout. Input: a selector of the layout, a selector of --list, the file. Spreadsheets are left out: another
 * program reads them. A row that is taken has what its record needs, in its form; one that is not says why.
 */
#include "fuzz/fuzz.h"

#include "base/text.h"
#include "cli/list_line.h"

#include <string.h>

struct reading {
    struct rows_in rows;
    struct list_source source;
    uint64_t count;
};

static void line_require(const struct list_line *line)
{
    FUZZ_REQUIRE(strlen(line->uscc.code) == LF_USCC_LEN && line->list[0] != '\0');
    FUZZ_REQUIRE(strlen(line->listed_on) == 10 && line->listed_on[4] == '-');
    FUZZ_REQUIRE(line->removed_on[0] == '\0' || strcmp(line->removed_on, line->listed_on) >= 0);
    FUZZ_REQUIRE(line->reason_text[0] != '\0' && line->amount_fen >= 0);
    FUZZ_REQUIRE(strncmp(line->ref, "list-", 5) == 0 && strlen(line->ref) == 45);
    const char *texts[] = {
        line->name,    line->reason_text,  line->authority,         line->document,
        line->list_id, line->removal_text, line->removal_authority, line->region};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        FUZZ_REQUIRE(lf__text_is_utf8(lf__bytes_str(texts[i])));
        FUZZ_REQUIRE(strstr(texts[i], TEXT_BROKEN) == NULL);
    }
}

static bool row_take(const struct row_in *row, void *user)
{
    struct reading *r = user;
    struct list_line line;
    r->count++;
    if (r->source.map.columns != r->rows.columns) {
        layout_map(r->source.map.layout, &r->rows, &r->source.map);
    }
    if (list_line_read(&r->source, row, &line)) {
        line_require(&line);
    } else {
        FUZZ_REQUIRE(line.outcome != NULL && line.error.reason[0] != '\0');
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const wanted[] = {"auto", "publicity", "open-data", "exchange", "lianfang"};
    static struct reading r;
    struct lf__reader in = {{data, size}};
    unsigned layout = fuzz_choice(&in, sizeof wanted / sizeof wanted[0]);
    bool has_list = fuzz_choice(&in, 2) == 1;
    if (in.rest.len >= 2 && memcmp(in.rest.ptr, "PK", 2) == 0) {
        return 0;
    }
    memset(&r, 0, sizeof r);
    r.source.rows = &r.rows;
    r.source.list = has_list ? "SERIOUS" : NULL;
    if (rows_in_open(fuzz_file("list", in.rest), &r.rows)) {
        int found = layout_find(&r.rows, wanted[layout]);
        if (found != LAYOUT_NONE) {
            layout_map(found, &r.rows, &r.source.map);
            FUZZ_REQUIRE(rows_in_each(&r.rows, row_take, &r));
            FUZZ_REQUIRE(r.count == r.rows.count);
        }
    }
    rows_in_close(&r.rows);
    return 0;
}
