/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers lf__tile_name_parse, lf__add_checkpoint_parse, lf__witness_verify, lf__cosign_verify,
 * lf__note_key_parse_cosigner, lf__witness_policy_parse and lf__witness_policy_check: what the public log
 * and its witnesses exchange over HTTP, and the file that names them. Input: a selector and the text.
 * Accepted names and bodies have one spelling. Refused: the outputs are untouched.
 */
#include "fuzz/fuzz.h"

#include "core/add_checkpoint.h"
#include "core/cosign.h"
#include "core/tiles.h"
#include "core/witness_policy.h"
#include "fuzz/note_key.h"

static void tile_try(lf_bytes text)
{
    static struct lf__tile_name name;
    LF_BUF out;
    lf__buf_init(&out, 4096);
    fuzz_mark(&name, sizeof name);
    if (lf__tile_name_parse(text, &name, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&name, sizeof name));
        return;
    }
    FUZZ_REQUIRE(name.width >= 1 && name.width <= LF_TILE_WIDTH && name.level < LF_TILE_LEVELS);
    FUZZ_REQUIRE(lf__tile_name_format(&name, &out));
    FUZZ_REQUIRE(lf__bytes_eq(lf__buf_bytes(&out), text));
}

static void add_try(lf_bytes body)
{
    static struct lf__add_checkpoint add;
    struct lf__merkle_head older = {1, {{1}}};
    LF_BUF out;
    lf__buf_init(&out, (size_t)2 * LF_ADD_BODY_MAX);
    fuzz_mark(&add, sizeof add);
    if (lf__add_checkpoint_parse(body, &add, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&add, sizeof add));
        return;
    }
    FUZZ_REQUIRE(add.proof.count <= LF_ADD_PROOF_MAX);
    FUZZ_REQUIRE(lf__add_checkpoint_format(add.old_size, &add.proof, add.note, &out));
    FUZZ_REQUIRE(lf__bytes_eq(lf__buf_bytes(&out), body));
    (void)lf__witness_verify(&older, &add.head, &add.proof, NULL);
}

static void cosign_try(lf_bytes note, const struct lf__note_key *key)
{
    int64_t time_s = 7;
    if (lf__cosign_verify(note, key, &time_s, NULL) != LF_OK) {
        FUZZ_REQUIRE(time_s == 7);
    }
}

static void policy_try(lf_bytes text, lf_bytes note)
{
    struct lf__witness_policy *policy = NULL;
    int64_t oldest_s = 0;
    if (lf__witness_policy_parse(text, &policy, NULL) != LF_OK) {
        FUZZ_REQUIRE(policy == NULL);
        return;
    }
    FUZZ_REQUIRE(policy->log_count <= LF_POLICY_LOGS_MAX);
    FUZZ_REQUIRE(policy->item_count <= LF_POLICY_ITEMS_MAX);
    FUZZ_REQUIRE(policy->quorum < (int)policy->item_count);
    (void)lf__witness_policy_check(policy, note, &oldest_s, NULL);
    lf__witness_policy_free(policy);
}

static void cosigner_try(lf_bytes vkey)
{
    static struct lf__note_key key;
    fuzz_mark(&key, sizeof key);
    if (lf__note_key_parse_cosigner(vkey, &key, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&key, sizeof key));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lf__note_key key;
    struct lf__reader r = {{data, size}};
    if (key.id == 0) {
        fuzz_cosigner_key(&key, NULL);
    }
    switch (fuzz_choice(&r, 5)) {
    case 0:
        tile_try(r.rest);
        break;
    case 1:
        add_try(r.rest);
        break;
    case 2:
        cosign_try(r.rest, &key);
        break;
    case 3:
        policy_try(fuzz_piece(&r), r.rest);
        break;
    default:
        cosigner_try(r.rest);
        break;
    }
    return 0;
}
