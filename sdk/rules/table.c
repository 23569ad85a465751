/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/table.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"

lf_bytes lf__table_word(lf_bytes *line)
{
    size_t from = 0;
    while (from < line->len && line->ptr[from] == ' ') {
        from++;
    }
    size_t to = from;
    while (to < line->len && line->ptr[to] != ' ') {
        to++;
    }
    lf_bytes word = lf__bytes_slice(*line, from, to - from);
    *line = lf__bytes_slice(*line, to, line->len);
    return word;
}

lf_status lf__table_each(lf_bytes text, const char *name, bool (*take)(void *user, lf_bytes line),
                         void *user, lf_error *err)
{
    struct lf__reader r = {text};
    lf_bytes line;
    for (unsigned number = 1; lf__read_line(&r, &line); number++) {
        bool is_note = line.len == 0 || line.ptr[0] == '#' ||
                       lf__bytes_eq_str(lf__bytes_slice(line, 0, 8), "version ");
        if (!is_note && !take(user, line)) {
            return lf__fail(err, LF_E_FORMAT, "%s: line %u is not understood", name, number);
        }
    }
    return lf__read_finished(&r)
               ? LF_OK
               : lf__fail(err, LF_E_FORMAT, "%s: the last line does not end", name);
}
