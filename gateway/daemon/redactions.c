/* SPDX-License-Identifier: Apache-2.0 */
/* export-redactions: written beside a running gateway too; a reader of the store signs nothing that is not durable. */
#include "gateway/daemon/redactions.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"
#include "core/origin.h"
#include "gateway/daemon/care.h"
#include "gateway/exchange/log_keys.h"
#include "gateway/exchange/roster/genesis.h"
#include "gateway/exchange/stored.h"
#include "gateway/exchange/succession.h"
#include "gateway/exchange/tables.h"
#include "storage/check.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDACTIONS_FIRST "lianfang-redactions/v1"
enum { REDACTIONS_SEED = 32, REDACTIONS_ARENA = 1 << 22, REDACTIONS_FILE_MAX = 1 << 28 };

static const char usage[] = "usage: lianfangd export-redactions FILE --config FILE [--from INDEX]\n"
                            "the orders to erase or restrict from that entry on (a backup's size), "
                            "for restore --redactions\n";

/* ---- reading ---- */

static lf_status bad(lf_error *err, const char *why)
{
    return lf__fail(err, LF_E_FORMAT, "redactions: %s", why);
}

static lf_status order_take(lf_bytes line, struct lf__arena *arena, struct gw_redactions *out,
                            lf_error *err)
{
    size_t len = 0;
    uint8_t *bytes = lf__arena_alloc(arena, line.len);
    if (bytes == NULL) {
        return lf__arena_status(arena, err);
    }
    if (!lf__unbase64(line, bytes, line.len, &len) || len == 0) {
        return bad(err, "a line is no record in base64");
    }
    out->orders[out->count++] = (lf_bytes){bytes, len};
    return LF_OK;
}

static size_t lines_count(lf_bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '\n';
    }
    return count;
}

lf_status gw_redactions_parse(lf_bytes text, struct lf__arena *arena, struct gw_redactions *out,
                              lf_error *err)
{
    struct lf__reader lines = {text};
    lf_bytes line;
    lf_status rc = LF_OK;
    struct gw_redactions r = {.orders =
                                  lf__arena_array(arena, lines_count(text) + 1, sizeof *r.orders)};
    if (r.orders == NULL) {
        return lf__arena_status(arena, err);
    }
    if (!lf__read_line(&lines, &line) || !lf__bytes_eq_str(line, REDACTIONS_FIRST)) {
        return bad(err, "does not begin with " REDACTIONS_FIRST);
    }
    if (!lf__read_line(&lines, &line) || !lf__bytes_eq_str(lf__bytes_slice(line, 0, 5), "from ") ||
        !lf__text_u64(lf__bytes_slice(line, 5, line.len), &r.from)) {
        return bad(err, "the second line is not 'from INDEX'");
    }
    bool has_line = lf__read_line(&lines, &line);
    for (; rc == LF_OK && has_line && line.len > 0; has_line = lf__read_line(&lines, &line)) {
        rc = order_take(line, arena, &r, err);
    }
    if (rc == LF_OK && (!has_line || lines.rest.len == 0)) {
        return bad(err, "no checkpoint stands at its end");
    }
    r.note = lines.rest;
    if (rc == LF_OK) {
        *out = r;
    }
    return rc;
}

/* ---- writing ---- */

struct exporting {
    struct gw_config config;
    struct st_engine *engine;
    struct st_txn *txn;
    uint64_t from;
    size_t count;
    struct lf__merkle_head head;
    struct lf__buf text;
    struct lf__arena arena;
};

static lf_status entry_put(struct exporting *e, lf_bytes body, lf_error *err)
{
    struct gw_stored *stored = lf__arena_alloc(&e->arena, sizeof *stored);
    if (stored == NULL) {
        return lf__arena_status(&e->arena, err);
    }
    lf_status rc = gw_stored_decode(&e->arena, body, stored, err);
    if (rc != LF_OK || stored->envelope.header.kind != PX_KIND_REDACTION) {
        return rc;
    }
    size_t size = LF_BASE64_SIZE(body.len);
    char *line = lf__arena_alloc(&e->arena, size);
    if (line == NULL || !lf__base64(body, line, size)) {
        return lf__fail(err, LF_E_NOMEM, "redactions: out of memory");
    }
    (void)lf__buf_str(&e->text, line);
    (void)lf__buf_str(&e->text, "\n");
    e->count++;
    return lf__buf_status(&e->text, err);
}

static lf_status entries_put(struct exporting *e, lf_error *err)
{
    struct st_stored stored;
    struct st_ledger *view = NULL;
    lf_status rc = st_ledger_open_view(e->engine, GW_TABLE_LEDGER, &view, err);
    for (uint64_t i = e->from; rc == LF_OK && i < e->head.size; i++) {
        lf__arena_reset(&e->arena);
        rc = st_ledger_read(view, e->txn, i, &stored, err);
        rc = rc == LF_OK ? entry_put(e, stored.body, err) : rc;
    }
    st_ledger_close(view);
    return rc;
}

/* Signed with the ledger's key, so that a restore knows how far the file goes. */
static lf_status note_put(struct exporting *e, lf_error *err)
{
    char path[LF_PATH_MAX];
    char origin[LF_NOTE_NAME_MAX + 1];
    LF_SECRET *seed = NULL;
    struct px_genesis genesis;
    struct lf__note_key key;
    unsigned number = 0;
    lf__arena_reset(&e->arena);
    lf_status rc = gw_config_path(&e->config, e->config.ledger_key, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, REDACTIONS_SEED, &seed, err) : rc;
    rc = rc == LF_OK ? gw_genesis_read(e->engine, &e->arena, &genesis, err) : rc;
    rc = rc == LF_OK ? gw_genesis_number(&genesis, &number, err) : rc;
    rc = rc == LF_OK ? lf__origin_make(e->config.name, "ledger", number, origin, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__public_key public_key = lf__sign_public(seed);
    struct gw_log_keys keys;
    rc = gw_log_keys_read(e->txn, &genesis, GW_OWN_LEDGER, &keys, err);
    if (rc == LF_OK && !lf__bytes_eq(LF_BYTES_ARRAY(public_key.bytes),
                                     LF_BYTES_ARRAY(keys.list[keys.count - 1].key.bytes))) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "%s: the genesis of this ledger, or its newest LogKey record, names "
                        "another key",
                        path);
    }
    rc = rc != LF_OK ? rc : lf__note_key_make(origin, &public_key, &key, err);
    if (rc == LF_OK) {
        (void)lf__buf_str(&e->text, "\n");
        (void)lf__checkpoint_sign(&e->head, &key, seed, &e->text);
        rc = lf__buf_status(&e->text, err);
    }
    return rc;
}

static lf_status export_run(struct exporting *e, const char *data, lf_error *err)
{
    struct st_options store = {
        .path = data, .map_bytes = e->config.map_gib << 30, .is_reader = true};
    lf_status rc = st_engine_open(&store, &e->engine, err);
    rc = rc == LF_OK ? st_txn_begin(e->engine, ST_READ, &e->txn, err) : rc;
    rc = rc == LF_OK ? st_check_head(e->txn, GW_TABLE_LEDGER, &e->head, err) : rc;
    if (rc == LF_OK && e->from > e->head.size) {
        rc = lf__fail(err, LF_E_ARG, "--from: the ledger has %" PRIu64 " entries", e->head.size);
    }
    (void)lf__buf_printf(&e->text, REDACTIONS_FIRST "\nfrom %" PRIu64 "\n", e->from);
    rc = rc == LF_OK ? entries_put(e, err) : rc;
    rc = rc == LF_OK ? note_put(e, err) : rc;
    st_txn_abort(e->txn);
    st_engine_close(e->engine);
    return rc;
}

static bool options_take(int argc, char **argv, const char **config, uint64_t *from)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"from", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    int option;
    *from = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?' || (option == 'f' && !lf__text_u64(lf__bytes_str(optarg), from))) {
            return false;
        }
        *config = option == 'c' ? optarg : *config;
    }
    return optind + 1 == argc && *config != NULL;
}

int gw_command_export_redactions(int argc, char **argv)
{
    char data[LF_PATH_MAX];
    const char *config = NULL;
    lf_error err = LF_ERROR_INIT;
    struct exporting e = {.from = 0};
    if (!options_take(argc, argv, &config, &e.from)) {
        return gw_care_usage(usage);
    }
    lf__buf_init(&e.text, REDACTIONS_FILE_MAX);
    lf__arena_init(&e.arena, REDACTIONS_ARENA);
    lf_status rc = gw_care_load(config, &e.config, data, &err);
    rc = rc == LF_OK ? export_run(&e, data, &err) : rc;
    rc = rc == LF_OK ? lf__file_make(argv[optind], lf__buf_bytes(&e.text), 0600, &err) : rc;
    lf__arena_done(&e.arena);
    lf__buf_done(&e.text);
    if (rc != LF_OK) {
        return gw_care_failed("export-redactions", &err);
    }
    (void)printf("%zu orders from entry %" PRIu64 " on, of a ledger of %" PRIu64 "\n", e.count,
                 e.from, e.head.size);
    return GW_EXIT_OK;
}
