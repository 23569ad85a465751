/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-proof: fixed first line, extra, index, hashes, empty line, checkpoint. */
#include "core/receipt.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

#define RECEIPT_FIRST "c2sp.org/tlog-proof@v1"
#define RECEIPT_EXTRA "extra "
#define RECEIPT_INDEX "index "

bool lf__receipt_format(const struct lf__receipt *receipt, struct lf__buf *out)
{
    char text[LF_BASE64_SIZE(LF_LEDGER_LEAF_BYTES)];
    (void)lf__base64(LF_BYTES_ARRAY(receipt->leaf), text, sizeof text);
    (void)lf__buf_printf(out, "%s\n%s%s\n%s%llu\n", RECEIPT_FIRST, RECEIPT_EXTRA, text,
                         RECEIPT_INDEX, (unsigned long long)receipt->index);
    for (size_t i = 0; i < receipt->proof.count; i++) {
        (void)lf__base64(lf__hash_bytes(&receipt->proof.hashes[i]), text, sizeof text);
        (void)lf__buf_str(out, text);
        (void)lf__buf_u8(out, '\n');
    }
    return lf__buf_str(out, "\n") && lf__buf_append(out, receipt->checkpoint);
}

static bool line_after(struct lf__reader *r, const char *prefix, lf_bytes *rest)
{
    lf_bytes line;
    size_t len = strlen(prefix);
    if (!lf__read_line(r, &line) || !lf__bytes_eq_str(lf__bytes_slice(line, 0, len), prefix)) {
        return false;
    }
    *rest = lf__bytes_slice(line, len, line.len);
    return true;
}

static bool hashes_read(struct lf__reader *r, struct lf__proof *out)
{
    lf_bytes line;
    while (lf__read_line(r, &line)) {
        size_t len = 0;
        if (line.len == 0) {
            return true;
        }
        if (out->count == LF_MERKLE_PROOF_MAX ||
            !lf__unbase64(line, out->hashes[out->count].bytes, LF_HASH_BYTES, &len) ||
            len != LF_HASH_BYTES) {
            return false;
        }
        out->count++;
    }
    return false;
}

lf_status lf__receipt_parse(lf_bytes text, struct lf__receipt *out, lf_error *err)
{
    struct lf__reader r = {text};
    struct lf__receipt receipt = {.index = 0};
    lf_bytes rest;
    lf_bytes leaf;
    lf_bytes index;
    size_t len = 0;
    if (!line_after(&r, RECEIPT_FIRST, &rest) || rest.len != 0 ||
        !line_after(&r, RECEIPT_EXTRA, &leaf) || !line_after(&r, RECEIPT_INDEX, &index) ||
        !lf__unbase64(leaf, receipt.leaf, sizeof receipt.leaf, &len) ||
        len != sizeof receipt.leaf || !lf__text_u64(index, &receipt.index) ||
        !hashes_read(&r, &receipt.proof)) {
        return lf__refuse(err, LF_E_FORMAT, "PROOF_BAD", "receipt",
                          "receipt: not a tlog-proof with a leaf");
    }
    receipt.checkpoint = r.rest;
    *out = receipt;
    return LF_OK;
}

lf_status lf__receipt_verify(const struct lf__receipt *receipt,
                             const struct lf__receipt_claim *claim, const struct lf__note_key *key,
                             struct lf__merkle_head *head, lf_error *err)
{
    struct lf__merkle_head opened;
    uint8_t want[LF_LEDGER_LEAF_BYTES];
    struct lf__hash members_root;
    lf_status rc = lf__checkpoint_open(receipt->checkpoint, key, &opened, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf__copy(members_root.bytes, receipt->leaf + 9, LF_HASH_BYTES);
    lf__ledger_leaf(lf__get_u64be(receipt->leaf + 1), &members_root, &claim->pae_hash,
                    claim->signature_block, want);
    if (memcmp(want, receipt->leaf, sizeof want) != 0) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "receipt.leaf",
                          "receipt: the leaf is not of this record and its signatures");
    }
    struct lf__hash hash = lf__merkle_leaf(LF_BYTES_ARRAY(receipt->leaf));
    rc = lf__merkle_verify_inclusion(&hash, receipt->index, opened.size, &receipt->proof,
                                     &opened.root, err);
    if (rc == LF_OK) {
        *head = opened;
    }
    return rc;
}
