/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers lf__note_key_parse, lf__note_verify, lf__checkpoint_open, lf__receipt_parse and
 * lf__receipt_verify. Input: a selector and the text. The key is that of note_key.h, so seeds verify.
 * Accepted keys, heads and receipts read the same when written again.
 */
#include "fuzz/fuzz.h"

#include "core/receipt.h"
#include "fuzz/note_key.h"

static void key_there_and_back(lf_bytes text)
{
    static struct lf__note_key key;
    struct lf__note_key again;
    LF_BUF out;
    lf__buf_init(&out, 1024);
    fuzz_mark(&key, sizeof key);
    if (lf__note_key_parse(text, &key, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&key, sizeof key));
        return;
    }
    FUZZ_REQUIRE(lf__note_key_format(&key, &out));
    FUZZ_REQUIRE(lf__note_key_parse(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again.id == key.id);
}

static void checkpoint_there_and_back(lf_bytes note, const struct lf__note_key *key)
{
    struct lf__merkle_head head;
    lf_bytes text;
    if (lf__checkpoint_open(note, key, &head, NULL) == LF_OK) {
        FUZZ_REQUIRE(lf__note_verify(note, key, &text, NULL) == LF_OK);
        FUZZ_REQUIRE(text.ptr == note.ptr && text.len < note.len);
    }
}

static void receipt_there_and_back(lf_bytes text, const struct lf__note_key *key)
{
    static struct lf__receipt receipt;
    struct lf__receipt again;
    struct lf__merkle_head head;
    struct lf__receipt_claim claim = {.pae_hash = {{1}}, .signature_block = {data_block, 4}};
    LF_BUF out;
    lf__buf_init(&out, (size_t)1 << 20);
    fuzz_mark(&receipt, sizeof receipt);
    if (lf__receipt_parse(text, &receipt, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&receipt, sizeof receipt));
        return;
    }
    (void)lf__receipt_verify(&receipt, &claim, key, &head, NULL);
    FUZZ_REQUIRE(lf__receipt_format(&receipt, &out));
    FUZZ_REQUIRE(lf__bytes_eq(lf__buf_bytes(&out), text));
    FUZZ_REQUIRE(lf__receipt_parse(lf__buf_bytes(&out), &again, NULL) == LF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    static struct lf__note_key key;
    if (key.id == 0) {
        fuzz_note_key(&key, NULL);
    }
    switch (fuzz_choice(&r, 3)) {
    case 0:
        key_there_and_back(r.rest);
        break;
    case 1:
        checkpoint_there_and_back(r.rest, &key);
        break;
    default:
        receipt_there_and_back(r.rest, &key);
        break;
    }
    return 0;
}
