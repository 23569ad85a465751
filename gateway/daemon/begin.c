/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gateway for real: keygen makes its keys and says the public ones, the authority signs a genesis that
 * names them, offline and k of n, and init --genesis begins the ledger with it. No authority key is here.
 */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange.h"

#include <stdio.h>

enum { BEGIN_SEED = 32 };

/* What the authority and the members need to know, in a file that anybody may see. */
static lf_status public_write(const struct gw_init_options *options,
                              const struct lf__secret *ledger, const struct lf__secret *access,
                              const struct lf__secret *witness, lf_error *err)
{
    LF_BUF text;
    char path[LF_PATH_MAX];
    char hex[2][LF_HEX_SIZE(LF_ED25519_PUBLIC)];
    struct lf__public_key keys[2] = {lf__sign_public(ledger), lf__sign_public(access)};
    lf__buf_init(&text, 4096);
    (void)lf__hex(LF_BYTES_ARRAY(keys[0].bytes), hex[0], sizeof hex[0]);
    (void)lf__hex(LF_BYTES_ARRAY(keys[1].bytes), hex[1], sizeof hex[1]);
    (void)lf__buf_printf(&text, "name = %s\nledger_key = %s\naccess_key = %s\n", options->name,
                         hex[0], hex[1]);
    lf_status rc = gw_vkey_put(&text, options->name, "ledger", ledger, err);
    rc = rc == LF_OK ? gw_vkey_put(&text, options->name, "access", access, err) : rc;
    rc = rc == LF_OK ? gw_vkey_put(&text, options->name, "witness", witness, err) : rc;
    rc = rc == LF_OK ? lf__path(options->dir, "gateway.pub", path, err) : rc;
    return rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&text), 0644, err) : rc;
}

int gw_command_keygen(const struct gw_init_options *options)
{
    LF_BUF cert;
    LF_SECRET *ledger = NULL;
    LF_SECRET *access = NULL;
    LF_SECRET *witness = NULL;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&cert, 8192);
    lf_status rc = gw_dir_make(options->dir, &err);
    bool is_ours = rc == LF_OK;
    rc = rc == LF_OK ? gw_secret_make(options->dir, "ledger.key", &ledger, &err) : rc;
    rc = rc == LF_OK ? gw_secret_make(options->dir, "access.key", &access, &err) : rc;
    rc = rc == LF_OK ? gw_secret_make(options->dir, "witness.key", &witness, &err) : rc;
    rc = rc == LF_OK ? gw_tls_make(options->dir, "gateway", &cert, &err) : rc;
    rc = rc == LF_OK ? public_write(options, ledger, access, witness, &err) : rc;
    if (rc != LF_OK) {
        if (is_ours) {
            gw_dir_unmake(options->dir);
        }
        (void)fprintf(stderr, "lianfangd: keygen: %s\n", err.message);
        return GW_EXIT_NO;
    }
    (void)printf("made %s: the gateway's keys. Next: lianfang authority genesis %s/gateway.pub "
                 "KEY.pub... --threshold K --out genesis.lfr, signed by K, then lianfangd init %s "
                 "--name %s --genesis genesis.lfr\n",
                 options->dir, options->dir, options->dir, options->name);
    return GW_EXIT_OK;
}

static lf_status key_check(const char *dir, const char *name, const struct lf__hash *named,
                           struct lf__secret **out, lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = lf__path(dir, name, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, BEGIN_SEED, out, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__public_key key = lf__sign_public(*out);
    return lf__bytes_eq(LF_BYTES_ARRAY(key.bytes), lf__hash_bytes(named))
               ? LF_OK
               : lf__fail(err, LF_E_ARG, "genesis: names another key than %s", path);
}

/* The genesis is for this gateway, with the keys that lie here. */
static lf_status genesis_check(const struct gw_init_options *options, lf_bytes envelope,
                               struct px_genesis *out, struct lf__secret **ledger, lf_error *err)
{
    LF_ARENA arena;
    LF_SECRET *access = NULL;
    struct px_envelope decoded;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    lf_status rc = px_envelope_decode(&arena, envelope, &decoded, err);
    if (rc == LF_OK && decoded.header.kind != PX_KIND_GENESIS) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "header.kind",
                          "genesis: the file holds another record");
    }
    rc = rc == LF_OK ? px_genesis_decode(&arena, &decoded, out, err) : rc;
    if (rc == LF_OK && !lf__bytes_eq_str(out->gateway, options->name)) {
        return lf__fail(err, LF_E_ARG, "genesis: is for gateway %.*s, not %s",
                        (int)out->gateway.len, (const char *)out->gateway.ptr, options->name);
    }
    rc = rc == LF_OK ? key_check(options->dir, "ledger.key", &out->ledger_key, ledger, err) : rc;
    return rc == LF_OK ? key_check(options->dir, "access.key", &out->access_key, &access, err) : rc;
}

/* The first members cannot be proposed over the wire, where nobody is known yet: they come in here. */
static lf_status records_take(struct gw_exchange *exchange, char *const *files, lf_error *err)
{
    lf_status rc = LF_OK;
    for (; rc == LF_OK && *files != NULL; files++) {
        LF_BUF bytes;
        lf__buf_init(&bytes, PX_MESSAGE_MAX);
        rc = lf__file_read(*files, &bytes, err);
        rc = rc == LF_OK ? gw_exchange_say(exchange, lf__buf_bytes(&bytes), NULL, err) : rc;
        if (rc != LF_OK) {
            (void)fprintf(stderr, "lianfangd: init: %s is refused\n", *files);
        }
    }
    return rc;
}

static lf_status ledger_begin(const struct gw_init_options *options, char *const *files,
                              bool *is_test, lf_error *err)
{
    LF_BUF bytes;
    LF_SECRET *ledger = NULL;
    char path[LF_PATH_MAX];
    struct px_genesis genesis;
    struct gw_policy *policy = NULL;
    struct gw_exchange *exchange = NULL;
    lf__buf_init(&bytes, PX_MESSAGE_MAX);
    lf_status rc = lf__file_read(files[0], &bytes, err);
    lf_bytes envelope = lf__buf_bytes(&bytes);
    rc = rc == LF_OK ? genesis_check(options, envelope, &genesis, &ledger, err) : rc;
    rc = rc == LF_OK ? lf__path(options->dir, "data", path, err) : rc;
    rc = rc == LF_OK ? gw_policy_load_default(&policy, err) : rc;
    struct gw_exchange_options open = {
        .path = path, .name = options->name, .seed = ledger, .policy = policy};
    rc = rc == LF_OK ? gw_exchange_open(&open, &envelope, &exchange, err) : rc;
    rc = rc == LF_OK ? records_take(exchange, files + 1, err) : rc;
    gw_exchange_close(exchange);
    gw_policy_free(policy);
    if (rc == LF_OK) {
        *is_test = genesis.is_test;
    }
    return rc;
}

int gw_command_init_genesis(const struct gw_init_options *options, char *const *files)
{
    bool is_test = false;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = ledger_begin(options, files, &is_test, &err);
    rc = rc == LF_OK ? gw_config_write(options, &err) : rc;
    if (rc != LF_OK) {
        (void)fprintf(stderr, "lianfangd: init: %s%s%s%s\n", err.message,
                      err.reason[0] != '\0' ? " (" : "", err.reason,
                      err.reason[0] != '\0' ? ")" : "");
        return GW_EXIT_NO;
    }
    (void)printf("began %s: gateway %s, %s ledger\nserve it: lianfangd serve "
                 "--config %s/gateway.conf\n",
                 options->dir, options->name, is_test ? "a test" : "a production", options->dir);
    return GW_EXIT_OK;
}
