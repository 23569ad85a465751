/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers table_load and cli_read_text: CSV, JSON Lines and JSON with a map file, UTF-8 with or without a
 * byte-order mark, and GB18030. Input: a selector, the map as a piece, the file. Every row that is
 * not marked as an error has a text for every column.
 */
#include "fuzz/fuzz.h"

#include "cli/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char map_path[256];
    struct lf__reader r = {{data, size}};
    struct table table;
    bool is_jsonl = fuzz_choice(&r, 2) == 1;
    lf_bytes map = fuzz_piece(&r);
    (void)lf__copy_str(map_path, sizeof map_path, lf__bytes_str(fuzz_file("map.conf", map)));
    if (r.rest.len >= 2 && r.rest.ptr[0] == 'P' && r.rest.ptr[1] == 'K') {
        return 0; /* another program reads spreadsheets */
    }
    const char *path = fuzz_file(is_jsonl ? "rows.jsonl" : "rows.csv", r.rest);
    if (table_load(path, map.len == 0 ? NULL : map_path, &table)) {
        FUZZ_REQUIRE(table.columns <= TABLE_COLUMNS_MAX);
        for (size_t i = 0; i < table.count; i++) {
            FUZZ_REQUIRE(table_cell(&table, &table.rows[i], "uscc") != NULL);
        }
    }
    table_free(&table);
    return 0;
}
