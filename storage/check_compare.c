/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables against each other, row by row in the order of their keys. */
#include "storage/check.h"

#include "base/bytes.h"
#include "base/status.h"

static lf_status compare_next(struct st_cursor *cursor, bool is_first, struct st_pair *row,
                              bool *has_row, lf_error *err)
{
    lf_status rc = is_first ? st_cursor_seek(cursor, LF_BYTES_NONE, row, err)
                            : st_cursor_next(cursor, row, err);
    *has_row = rc == LF_OK;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status compare_run(const struct st_compare *compare, struct st_cursor *a,
                             struct st_cursor *b, lf_error *err)
{
    struct st_pair row_a;
    struct st_pair row_b;
    bool has_a = false;
    bool has_b = false;
    lf_status rc = compare_next(a, true, &row_a, &has_a, err);
    rc = rc == LF_OK ? compare_next(b, true, &row_b, &has_b, err) : rc;
    while (rc == LF_OK && (has_a || has_b)) {
        int order = !has_a ? 1 : !has_b ? -1 : lf__bytes_cmp(row_a.key, row_b.key);
        if (order != 0 || !lf__bytes_eq(row_a.value, row_b.value)) {
            compare->differ(compare->user, order <= 0 ? row_a.key : row_b.key, order <= 0,
                            order >= 0);
        }
        rc = order <= 0 ? compare_next(a, false, &row_a, &has_a, err) : LF_OK;
        rc = rc == LF_OK && order >= 0 ? compare_next(b, false, &row_b, &has_b, err) : rc;
    }
    return rc;
}

lf_status st_check_compare(const struct st_compare *compare, lf_error *err)
{
    struct st_cursor *a = NULL;
    struct st_cursor *b = NULL;
    lf_status rc = st_cursor_open(compare->a, compare->table, &a, err);
    rc = rc == LF_OK ? st_cursor_open(compare->b, compare->table, &b, err) : rc;
    rc = rc == LF_OK ? compare_run(compare, a, b, err) : rc;
    st_cursor_close(a);
    st_cursor_close(b);
    return rc;
}
