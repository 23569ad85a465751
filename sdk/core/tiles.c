/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-tiles v0.1.0: three digits an element, all but the last begin with x. */
#include "core/tiles.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

static bool number_format(uint64_t number, struct lf__buf *out)
{
    char groups[8][4]; /* 2^64 has seven groups of three digits */
    unsigned count = 0;
    do {
        unsigned low = (unsigned)(number % 1000);
        groups[count][0] = (char)('0' + low / 100);
        groups[count][1] = (char)('0' + low / 10 % 10);
        groups[count][2] = (char)('0' + low % 10);
        groups[count++][3] = '\0';
        number /= 1000;
    } while (number > 0);
    while (count > 1) {
        (void)lf__buf_str(out, "x");
        (void)lf__buf_str(out, groups[--count]);
        (void)lf__buf_str(out, "/");
    }
    return lf__buf_str(out, groups[0]);
}

bool lf__tile_name_format(const struct lf__tile_name *name, struct lf__buf *out)
{
    (void)lf__buf_str(out, "tile/");
    (void)(name->is_entries ? lf__buf_str(out, "entries") : lf__buf_printf(out, "%u", name->level));
    (void)lf__buf_str(out, "/");
    (void)number_format(name->number, out);
    return name->width == LF_TILE_WIDTH ? !out->failed : lf__buf_printf(out, ".p/%u", name->width);
}

/* Up to the next slash, or to the end. */
static lf_bytes element_take(lf_bytes *path)
{
    size_t at = 0;
    while (at < path->len && path->ptr[at] != '/') {
        at++;
    }
    lf_bytes element = lf__bytes_slice(*path, 0, at);
    *path = lf__bytes_slice(*path, at + 1, path->len);
    return element;
}

static bool digits_take(lf_bytes element, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < element.len; i++) {
        if (element.ptr[i] < '0' || element.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(element.ptr[i] - '0');
    }
    if (element.len != 3 || *number > (UINT64_MAX - value) / 1000) {
        return false;
    }
    *number = *number * 1000 + value;
    return true;
}

static bool number_take(lf_bytes *path, uint64_t *number, bool *is_partial)
{
    lf_bytes element = element_take(path);
    while (element.len == 4 && element.ptr[0] == 'x') {
        if (!digits_take(lf__bytes_slice(element, 1, 3), number)) {
            return false;
        }
        element = element_take(path);
    }
    *is_partial = lf__bytes_eq_str(lf__bytes_slice(element, 3, element.len), ".p");
    return digits_take(lf__bytes_slice(element, 0, *is_partial ? 3 : element.len), number);
}

static bool name_take(lf_bytes path, struct lf__tile_name *out)
{
    bool is_partial = false;
    uint64_t level = 0;
    uint64_t width = LF_TILE_WIDTH;
    bool good = lf__bytes_eq_str(element_take(&path), "tile");
    lf_bytes kind = element_take(&path);
    out->is_entries = lf__bytes_eq_str(kind, "entries");
    good = good && (out->is_entries || (lf__text_u64(kind, &level) && level < LF_TILE_LEVELS)) &&
           number_take(&path, &out->number, &is_partial);
    if (good && is_partial) {
        good = lf__text_u64(element_take(&path), &width) && width > 0 && width < LF_TILE_WIDTH;
    }
    out->level = (unsigned)level;
    out->width = (unsigned)width;
    return good && path.len == 0;
}

/* Whatever else reads as the same tile, only one spelling names it. */
lf_status lf__tile_name_parse(lf_bytes path, struct lf__tile_name *out, lf_error *err)
{
    LF_BUF again;
    struct lf__tile_name name = {.is_entries = false};
    lf__buf_init(&again, 256);
    if (!name_take(path, &name) || !lf__tile_name_format(&name, &again) ||
        !lf__bytes_eq(lf__buf_bytes(&again), path)) {
        return lf__fail(err, LF_E_FORMAT, "tile: not the name of a tile");
    }
    *out = name;
    return LF_OK;
}
