/* SPDX-License-Identifier: Apache-2.0 */
/* LogKey records on their way into the ledger: who may bring one, what it must say, and what follows from it. */
#include "gateway/exchange/log_keys.h"
#include "protos/codec/services.h"
#include "tests/unit/gateway/world.h"

static struct lf__secret *next;

static int keys_setup(void **state)
{
    next = lf__secret_new(32);
    lf__secret_bytes(next)[0] = 77;
    names_ledger = true;
    return setup(state);
}

static int keys_teardown(void **state)
{
    lf__secret_free(next);
    return teardown(state);
}

static uint64_t size_now(void)
{
    return st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
}

static struct gw_log_key_change change_good(void)
{
    return (struct gw_log_key_change){.which = GW_OWN_LEDGER,
                                      .origin = "test/ledger",
                                      .old_seed = w.seeds[LEDGER],
                                      .new_seed = next,
                                      .from_size = size_now() + 1};
}

static lf_status announce(const struct gw_log_key_change *change, uint64_t *index, lf_error *err)
{
    LF_BUF envelope;
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    assert_int_equal(gw_log_key_make(change, &envelope, err), LF_OK);
    return gw_exchange_say(w.exchange, lf__buf_bytes(&envelope), index, err);
}

static void assert_refused(const struct gw_log_key_change *change, const char *reason)
{
    lf_error err = LF_ERROR_INIT;
    assert_true(announce(change, NULL, &err) != LF_OK);
    assert_string_equal(err.reason, reason);
}

static bool is_newest(const struct lf__secret *seed)
{
    struct lf__public_key key = lf__sign_public(seed);
    struct lf__hash id = lf__key_id(&key);
    struct lf__hash named = gw_roster_own_key(gw_exchange_roster(w.exchange), GW_OWN_LEDGER);
    return lf__hash_eq(&id, &named);
}

static void what_is_refused(void **state)
{
    (void)state;
    LF_BUF envelope;
    struct gw_log_key_change change = change_good();
    struct gw_standing member = {
        .member = "platform-01", .role = PX_ROLE_PLATFORM, .status = PX_MEMBER_ACTIVE};
    change.origin = "other/ledger";
    assert_refused(&change, "LOG_KEY_BAD");
    change = change_good();
    change.origin = "test/ledger/2";
    assert_refused(&change, "LOG_KEY_BAD");
    change = change_good();
    change.old_seed = w.seeds[OTHER];
    assert_refused(&change, "LOG_KEY_BAD");
    change = change_good();
    change.from_size++;
    assert_refused(&change, "LOG_KEY_BAD");
    change = change_good();
    change.which = GW_OWN_ACCESS; /* whose key it is not */
    change.origin = "test/access";
    assert_refused(&change, "LOG_KEY_BAD");
    change = change_good();
    change.new_seed = w.seeds[PLATFORM];
    assert_refused(&change, "KEY_IN_USE");
    change.new_seed = w.seeds[AUTHORITY];
    assert_refused(&change, "KEY_IN_USE");
    change.new_seed = w.seeds[LEDGER];
    assert_refused(&change, "LOG_KEY_BAD");
    change = change_good();
    w.caller = &member;
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    assert_int_equal(gw_log_key_make(&change, &envelope, NULL), LF_OK);
    lf__buf_clear(&said->wire);
    (void)lf__buf_append(&said->wire, lf__buf_bytes(&envelope));
    lf__arena_done(&said->arena);
    submit(said);
    assert_string_equal(said->s.error.reason, "KIND_NOT_ALLOWED");
    w.caller = NULL;
    assert_true(is_newest(w.seeds[LEDGER]));
}

/* Its place in the log counts, through a rebuilding and a restart. */
static void the_newest_counts(void **state)
{
    (void)state;
    LF_ARENA arena;
    LF_BUF answer;
    struct px_log_key_proof *list = NULL;
    struct lf__note_key key;
    struct lf__merkle_head head;
    size_t count = 0;
    uint64_t index = 0;
    struct gw_log_key_change change = change_good();
    lf__arena_init(&arena, 4 << 20);
    lf__buf_init(&answer, PX_MESSAGE_MAX);
    assert_int_equal(announce(&change, &index, NULL), LF_OK);
    assert_int_equal(index, change.from_size - 1);
    assert_true(is_newest(next));
    assert_false(gw_log_key_is_kept(w.exchange, index));
    assert_int_equal(gw_log_keys_answer(w.exchange, &answer, NULL), LF_OK);
    assert_int_equal(answer.len, 0); /* nobody hears of it before it can be proven */
    assert_int_equal(gw_log_key_keep(w.exchange, index, NULL), LF_OK);
    assert_sound();
    assert_true(is_newest(next) && gw_log_key_is_kept(w.exchange, index));

    struct px_member thief = member_of(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_ACTIVE);
    thief.keys[0].key = lf__sign_public(w.seeds[LEDGER]); /* the replaced one is nobody else's */
    assert_string_equal(say_member_value(OTHER, &thief)->s.error.reason, "KEY_IN_USE");
    thief.keys[0].key = lf__sign_public(next);
    assert_string_equal(say_member_value(OTHER, &thief)->s.error.reason, "KEY_IN_USE");
    change = change_good();
    assert_refused(&change, "LOG_KEY_BAD"); /* by the replaced key */
    change.old_seed = next;
    change.new_seed = w.seeds[LEDGER];
    assert_refused(&change, "KEY_IN_USE"); /* back to it */

    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(gw_log_keys_answer(w.exchange, &answer, NULL), LF_OK);
    assert_int_equal(px_log_key_proofs_decode(&arena, lf__buf_bytes(&answer), &list, &count, NULL),
                     LF_OK);
    assert_int_equal(count, 1);
    struct lf__public_key old = lf__sign_public(w.seeds[LEDGER]);
    struct lf__hash leaf = lf__merkle_leaf(list[0].leaf);
    struct lf__proof path = {.count = list[0].path_count};
    lf__copy(path.hashes, list[0].path, path.count * sizeof *path.hashes);
    assert_int_equal(lf__note_key_make("test/ledger", &old, &key, NULL), LF_OK);
    assert_int_equal(lf__checkpoint_open(list[0].checkpoint, &key, &head, NULL), LF_OK);
    assert_int_equal(head.size, index + 1);
    assert_int_equal(lf__merkle_verify_inclusion(&leaf, index, head.size, &path, &head.root, NULL),
                     LF_OK);
}

/* What a daemon reads of a store: every key, and which of them may have signed what. */
static void all_of_them(void **state)
{
    (void)state;
    LF_BUF note;
    ST_TXN *txn = NULL;
    struct gw_log_keys keys;
    struct lf__note_key key;
    struct lf__merkle_head out;
    struct px_genesis genesis = {.threshold = 1};
    struct gw_log_key_change change = change_good();
    lf_error err = LF_ERROR_INIT;
    struct lf__public_key old = lf__sign_public(w.seeds[LEDGER]);
    lf__copy(genesis.ledger_key.bytes, old.bytes, sizeof old.bytes);
    lf__buf_init(&note, 4096);
    assert_int_equal(announce(&change, NULL, NULL), LF_OK);
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_log_keys_read(txn, &genesis, GW_OWN_LEDGER, &keys, NULL), LF_OK);
    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.list[1].from_size, change.from_size);
    assert_int_equal(lf__note_key_make("test/ledger", &old, &key, NULL), LF_OK);
    for (uint64_t more = 0; more < 2; more++) {
        struct lf__merkle_head head = {.size = change.from_size + more};
        lf__buf_clear(&note);
        assert_true(lf__checkpoint_sign(&head, &key, w.seeds[LEDGER], &note));
        lf_status rc = gw_log_keys_open(&keys, "test/ledger", lf__buf_bytes(&note), &out, &err);
        assert_int_equal(rc, more == 0 ? LF_OK : LF_E_SIGNATURE);
    }
    assert_string_equal(err.reason, "LOG_KEY_RETIRED");
    assert_int_equal(gw_log_keys_read(txn, &genesis, GW_OWN_ACCESS, &keys, NULL), LF_OK);
    assert_int_equal(keys.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_refused, keys_setup, keys_teardown),
        cmocka_unit_test_setup_teardown(the_newest_counts, keys_setup, keys_teardown),
        cmocka_unit_test_setup_teardown(all_of_them, keys_setup, keys_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
