/* SPDX-License-Identifier: Apache-2.0 */
#include "core/origin.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

lf_status lf__origin_make(const char *name, const char *log, unsigned number,
                          char out[static LF_NOTE_NAME_MAX + 1], lf_error *err)
{
    enum { SIZE = LF_NOTE_NAME_MAX + 1 };
    int n = number == 1 ? snprintf(out, SIZE, "%s/%s", name, log)
                        : snprintf(out, SIZE, "%s/%s/%u", name, log, number);
    return n > 0 && n < SIZE ? LF_OK : lf__fail(err, LF_E_ARG, "gateway: name is too long");
}

/* What follows NAME/LOG: nothing, or a number from 2 on. */
static unsigned number_read(lf_bytes rest)
{
    uint64_t number = 0;
    if (rest.len == 0) {
        return 1;
    }
    return rest.ptr[0] == '/' && lf__text_u64(lf__bytes_slice(rest, 1, rest.len), &number) &&
                   number > 1 && number <= LF_ORIGIN_NUMBER_MAX
               ? (unsigned)number
               : 0;
}

unsigned lf__origin_number(lf_bytes origin, const char *name, const char *log)
{
    char first[LF_NOTE_NAME_MAX + 1];
    if (lf__origin_make(name, log, 1, first, NULL) != LF_OK) {
        return 0;
    }
    size_t len = strlen(first);
    return lf__bytes_eq_str(lf__bytes_slice(origin, 0, len), first)
               ? number_read(lf__bytes_slice(origin, len, origin.len))
               : 0;
}

/* NAME/LOG of either, and how many came before it. */
static unsigned origin_split(lf_bytes origin, lf_bytes *first)
{
    size_t len = origin.len;
    while (len > 0 && origin.ptr[len - 1] >= '0' && origin.ptr[len - 1] <= '9') {
        len--;
    }
    bool has = len > 0 && len < origin.len && origin.ptr[len - 1] == '/';
    unsigned number = has ? number_read(lf__bytes_slice(origin, len - 1, origin.len - len + 1)) : 0;
    *first = number > 0 ? lf__bytes_slice(origin, 0, len - 1) : origin;
    return number > 0 ? number : 1;
}

bool lf__origin_succeeds(lf_bytes later, const char *origin)
{
    lf_bytes first;
    lf_bytes known_first;
    unsigned number = origin_split(later, &first);
    unsigned known = origin_split(lf__bytes_str(origin), &known_first);
    return number > known && lf__bytes_eq(first, known_first);
}

lf_bytes lf__origin_of(lf_bytes note)
{
    struct lf__reader lines = {note};
    lf_bytes origin;
    return lf__read_line(&lines, &origin) ? origin : LF_BYTES_NONE;
}
