/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory in sdk/core: tree, roster, notes, checkpoints, receipts, PAE, witness policies. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "core/receipt.h"
#include "core/roster.h"
#include "core/witness_policy.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static lf_status memtree_step(void)
{
    static const struct lf__hash leaves[5] = {{{1}}, {{2}}, {{3}}, {{4}}, {{5}}};
    LF_MEMTREE tree = {0, NULL};
    lf_status rc = lf__memtree_init(&tree, leaves, 5, NULL);
    assert_true((tree.nodes != NULL) == (rc == LF_OK) && tree.size == (rc == LF_OK ? 5 : 0));
    return rc;
}

static lf_status roster_step(void)
{
    static const struct lf__roster_row rows[2] = {
        {.key_id = {{1}}, .member = "platform-01", .role = 1, .status = 1},
        {.key_id = {{2}}, .member = "regulator", .role = 2, .status = 1}};
    struct lf__hash root = {{7}};
    const struct lf__hash untouched = {{7}};
    lf_status rc = lf__roster_root(rows, 2, &root, NULL);
    assert_true(lf__hash_eq(&root, &untouched) == (rc != LF_OK));
    return rc;
}

static struct lf__note_key core_key;
static struct lf__secret *core_seed;

static lf_status checkpoint_step(void)
{
    LF_BUF note;
    struct lf__merkle_head head = {7, {{1}}};
    struct lf__merkle_head read;
    lf__buf_init(&note, 4096);
    if (!lf__checkpoint_sign(&head, &core_key, core_seed, &note)) {
        return LF_E_NOMEM; /* a writer answers yes or no; this one can fail in no other way here */
    }
    return lf__checkpoint_open(lf__buf_bytes(&note), &core_key, &read, NULL);
}

static lf_status receipt_step(void)
{
    LF_BUF text;
    struct lf__receipt receipt = {.index = 3, .proof = {.count = 4}};
    struct lf__receipt read;
    lf__buf_init(&text, 65536);
    receipt.checkpoint = lf__bytes_str("checkpoint\n");
    (void)lf__receipt_format(&receipt, &text);
    lf_status rc = lf__buf_status(&text, NULL);
    return rc == LF_OK ? lf__receipt_parse(lf__buf_bytes(&text), &read, NULL) : rc;
}

static lf_status pae_step(void)
{
    LF_BUF pae;
    static const uint8_t body[3000] = {1};
    struct lf__hash direct = lf__dsse_hash(LF_BYTES_NONE, LF_TYPE_RECORD, LF_BYTES_ARRAY(body));
    lf__buf_init(&pae, 1 << 20);
    if (lf__dsse_pae(&pae, LF_TYPE_RECORD, LF_BYTES_ARRAY(body))) {
        struct lf__hash copied = lf__sha256(lf__buf_bytes(&pae));
        assert_true(lf__hash_eq(&direct, &copied));
    }
    return lf__buf_status(&pae, NULL);
}

static lf_status policy_step(void)
{
    static char text[1024];
    if (text[0] == '\0') {
        LF_BUF vkey;
        lf__buf_init(&vkey, 512);
        assert_true(lf__buf_str(&vkey, "log ") && lf__note_key_format(&core_key, &vkey) &&
                    lf__buf_str(&vkey, "\nquorum none\n"));
        assert_true(lf__copy_str(text, sizeof text, lf__buf_bytes(&vkey)));
    }
    struct lf__witness_policy *policy = NULL;
    lf_status rc = lf__witness_policy_parse(lf__bytes_str(text), &policy, NULL);
    assert_true((policy != NULL) == (rc == LF_OK));
    lf__witness_policy_free(policy);
    return rc;
}

static void sweeps(void **state)
{
    (void)state;
    faults_sweep("memtree", memtree_step);
    faults_sweep("roster", roster_step);
    faults_sweep("checkpoint", checkpoint_step);
    faults_sweep("receipt", receipt_step);
    faults_sweep("pae", pae_step);
    faults_sweep("witness policy", policy_step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sweeps)};
    core_seed = lf__secret_new(LF_ED25519_SEED);
    if (core_seed == NULL) {
        return 1;
    }
    struct lf__public_key key = lf__sign_public(core_seed);
    if (lf__note_key_make("fault.example/ledger", &key, &core_key, NULL) != LF_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    lf__secret_free(core_seed);
    return failed;
}
