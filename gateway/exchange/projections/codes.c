/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CODES: an index of codes, tagged with the kind, to the log positions of what was said of them. Its key is the code itself, so that
 * a walk of its runs is one of the codes in their order; whoever looks for one code asks SUBJECTS, whose keys are spread evenly.
 * Key: 2 bits that say whether the code is of an enterprise (01, "91"), an individual business (10, "92") or sorts before (00) or after them
 * (11); of the two in the middle the division as a number of 20 bits and ten characters of six, of the others all eighteen of
 * six. So the first bits, by which large runs are in pieces, are not the same for everybody.
 */
#include "gateway/exchange/projections/codes.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

#include <stdlib.h>

enum {
    CODE_BITS = 6,
    CODE_MASK = 63,
    CODE_CLASS_BITS = 2,
    CODE_DIVISION = 6, /* digits, */
    CODE_DIVISION_BITS = 20,
    CODE_PREFIX = 2 /* behind department and category */
};
enum code_class { CODE_BEFORE, CODE_ENTERPRISE, CODE_INDIVIDUAL, CODE_AFTER };

bool gw_codes_has_kind(enum px_kind kind)
{
    return kind == PX_KIND_ENFORCEMENT_EVENT || kind == PX_KIND_CREDIT_LIST_ENTRY ||
           kind == PX_KIND_MERCHANT_IDENTITY;
}

/* Where in a key bits are put, or taken from. */
struct bits {
    uint8_t *bytes;
    size_t at;
};

static void bits_put(struct bits *b, unsigned value, unsigned count)
{
    for (; count > 0; count--, b->at++) {
        unsigned bit = value >> (count - 1) & 1;
        b->bytes[b->at / 8] |= (uint8_t)(bit << (7 - b->at % 8));
    }
}

static unsigned bits_take(struct bits *b, unsigned count)
{
    unsigned value = 0;
    for (; count > 0; count--, b->at++) {
        value = value << 1 | (b->bytes[b->at / 8] >> (7 - b->at % 8) & 1);
    }
    return value;
}

static enum code_class class_of(lf_bytes uscc, unsigned *division)
{
    enum code_class of = uscc.ptr[0] != '9'   ? uscc.ptr[0] < '9' ? CODE_BEFORE : CODE_AFTER
                         : uscc.ptr[1] < '1'  ? CODE_BEFORE
                         : uscc.ptr[1] == '1' ? CODE_ENTERPRISE
                         : uscc.ptr[1] == '2' ? CODE_INDIVIDUAL
                                              : CODE_AFTER;
    *division = 0;
    for (size_t i = CODE_PREFIX; i < CODE_PREFIX + CODE_DIVISION; i++) {
        if (uscc.ptr[i] < '0' || uscc.ptr[i] > '9') {
            return CODE_AFTER; /* no code; it still comes back as it is */
        }
        *division = *division * 10 + uscc.ptr[i] - '0';
    }
    return of;
}

/* Codes are of digits and capitals, so a character less '0' has six bits. */
static struct lf__hash code_pack(lf_bytes uscc)
{
    struct lf__hash key = {{0}};
    struct bits b = {key.bytes, 0};
    unsigned division;
    enum code_class of = class_of(uscc, &division);
    bool is_short = of == CODE_ENTERPRISE || of == CODE_INDIVIDUAL;
    bits_put(&b, of, CODE_CLASS_BITS);
    if (is_short) {
        bits_put(&b, division, CODE_DIVISION_BITS);
    }
    for (size_t i = is_short ? CODE_PREFIX + CODE_DIVISION : 0; i < GW_CODE; i++) {
        bits_put(&b, (unsigned)(uscc.ptr[i] - '0') & CODE_MASK, CODE_BITS);
    }
    return key;
}

static void code_unpack(lf_bytes key, char out[static GW_CODE + 1])
{
    uint8_t copy[ST_INDEX_KEY];
    struct bits b = {copy, 0};
    size_t at = 0;
    lf__copy(copy, key.ptr, sizeof copy);
    enum code_class of = (enum code_class)bits_take(&b, CODE_CLASS_BITS);
    if (of == CODE_ENTERPRISE || of == CODE_INDIVIDUAL) {
        unsigned division = bits_take(&b, CODE_DIVISION_BITS);
        out[0] = '9';
        out[1] = of == CODE_ENTERPRISE ? '1' : '2';
        at = CODE_PREFIX + CODE_DIVISION;
        for (size_t i = 0; i < CODE_DIVISION; i++, division /= 10) {
            out[at - 1 - i] = (char)('0' + division % 10);
        }
    }
    for (; at < GW_CODE; at++) {
        out[at] = (char)('0' + bits_take(&b, CODE_BITS));
    }
    out[GW_CODE] = '\0';
}

lf_status gw_codes_begin(struct st_txn *txn, uint64_t index, lf_error *err)
{
    return st_index_fold(txn, GW_TABLE_CODES, index, err);
}

lf_status gw_codes_put(struct st_txn *txn, lf_bytes uscc, struct st_place place, lf_error *err)
{
    LF_BUG_IF(uscc.len != GW_CODE);
    struct lf__hash key = code_pack(uscc);
    return st_index_put(txn, GW_TABLE_CODES, &key, place, err);
}

lf_status gw_codes_remove(struct st_txn *txn, lf_bytes uscc, struct st_place place, lf_error *err)
{
    LF_BUG_IF(uscc.len != GW_CODE);
    struct lf__hash key = code_pack(uscc);
    return st_index_remove(txn, GW_TABLE_CODES, &key, place, err);
}

struct gw_codes {
    struct st_index_walk *walk;
    uint8_t last[ST_INDEX_KEY]; /* the key that was told; no code has this one at first */
};

lf_status gw_codes_open(struct st_txn *txn, struct gw_codes **out, lf_error *err)
{
    struct gw_codes *codes = calloc(1, sizeof *codes);
    if (codes == NULL) {
        return lf__fail(err, LF_E_NOMEM, "codes: out of memory");
    }
    lf_status rc = st_index_walk_open(txn, GW_TABLE_CODES, &codes->walk, err);
    if (rc != LF_OK) {
        free(codes);
        return rc;
    }
    *out = codes;
    return LF_OK;
}

lf_status gw_codes_next(struct gw_codes *codes, char out[static GW_CODE + 1], lf_error *err)
{
    lf_bytes key = LF_BYTES_NONE;
    struct st_place place;
    lf_status rc;
    do {
        rc = st_index_walk_next(codes->walk, &key, &place, err);
    } while (rc == LF_OK && lf__bytes_eq(key, LF_BYTES_ARRAY(codes->last)));
    if (rc == LF_OK) {
        lf__copy(codes->last, key.ptr, sizeof codes->last);
        code_unpack(key, out);
    }
    return rc;
}

void gw_codes_close(struct gw_codes *codes)
{
    if (codes != NULL) {
        st_index_walk_close(codes->walk);
        free(codes);
    }
}
