/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init --dev: a whole federation on one machine, in one step. The authority's key lies beside the
 * gateway here, which is what --dev means; elsewhere it never does.
 */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "core/dsse.h"
#include "gateway/exchange/exchange.h"

#include <stdio.h>
#include <string.h>

enum { INIT_PLATFORMS = 21 };

struct maker {
    const struct gw_init_options *options;
    struct lf__secret *authority;
    struct lf__secret *ledger;
    struct lf__secret *witness;
    struct lf__secret *access;
    struct px_member_key authority_key;
    struct gw_policy *policy;
    struct gw_exchange *exchange;
    uint8_t next_id;
};

static bool envelope_sign(struct maker *m, enum px_kind kind, struct px_part *parts, size_t count,
                          struct lf__buf *out)
{
    uint8_t id[PX_ID_BYTES] = {m->next_id++};
    struct px_header header = {.issuer = lf__bytes_str(GW_AUTHORITY_ID),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = kind,
                               .version = 1};
    LF_BUF record;
    LF_BUF pae;
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    for (size_t i = 0; i < count; i++) {
        lf__random(parts[i].salt, sizeof parts[i].salt);
    }
    if (!px_record_encode(&header, parts, count, &record) ||
        !lf__dsse_pae(&pae, LF_TYPE_RECORD, lf__buf_bytes(&record))) {
        return false;
    }
    struct lf__signature signature = lf__sign(m->authority, lf__buf_bytes(&pae));
    struct px_envelope e = {
        .record = lf__buf_bytes(&record), .part_count = count, .signature_count = 1};
    lf__copy(e.parts, parts, count * sizeof *parts);
    e.signatures[0] = (struct px_signature){.alg = LF_ALG_ED25519,
                                            .key_id = lf__key_id(&m->authority_key.key),
                                            .signature = LF_BYTES_ARRAY(signature.bytes)};
    return px_envelope_encode(&e, out);
}

static lf_status authority_says(struct maker *m, enum px_kind kind, struct px_part *parts,
                                size_t count, lf_error *err)
{
    LF_BUF wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    return envelope_sign(m, kind, parts, count, &wire)
               ? gw_exchange_say(m->exchange, lf__buf_bytes(&wire), NULL, err)
               : lf__fail(err, LF_E_NOMEM, "record: out of memory");
}

static lf_status profile_write(struct maker *m, const char *dir, const char *member, lf_error *err)
{
    LF_BUF text;
    char path[LF_PATH_MAX];
    lf__buf_init(&text, 8192);
    (void)lf__buf_printf(&text,
                         "[member]\nid = %s\nkey = sign.key\npush_secret = push.secret\ntls_key = "
                         "tls.key\ntls_cert = tls.crt\n\n[gateway]\n",
                         member);
    (void)lf__buf_printf(&text,
                         "address = %s\ncertificate = ../../tls.crt\nserver_name = gateway\n",
                         m->options->listen);
    lf_status rc = gw_vkey_put(&text, m->options->name, "ledger", m->ledger, err);
    rc = rc == LF_OK ? gw_vkey_put(&text, m->options->name, "access", m->access, err) : rc;
    rc = rc == LF_OK ? gw_vkey_put(&text, m->options->name, "witness", m->witness, err) : rc;
    rc = rc == LF_OK ? lf__path(dir, "profile.conf", path, err) : rc;
    return rc == LF_OK ? lf__file_make(path, lf__buf_bytes(&text), 0600, err) : rc;
}

static lf_status member_enrol(struct maker *m, const char *member, enum px_role role,
                              const struct lf__secret *seed, lf_bytes cert, lf_error *err)
{
    LF_ARENA arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_member value = {.member = lf__bytes_str(member),
                              .name = lf__bytes_str(member),
                              .role = role,
                              .level = role == PX_ROLE_REGULATOR ? 2 : 0,
                              .division = lf__bytes_str(role == PX_ROLE_REGULATOR ? "110000" : ""),
                              .status = PX_MEMBER_ACTIVE,
                              .keys = {{.key = lf__sign_public(seed), .use = 1}},
                              .key_count = 1,
                              .pin_count = 1};
    lf__arena_init(&arena, 1 << 16);
    lf_status rc = lf__cert_spki(cert, &value.pins[0].spki, err);
    rc = rc == LF_OK ? px_member_encode(&arena, &value, parts, &count, err) : rc;
    return rc == LF_OK ? authority_says(m, PX_KIND_MEMBER, parts, count, err) : rc;
}

static lf_status member_make(struct maker *m, const char *member, enum px_role role, lf_error *err)
{
    char dir[LF_PATH_MAX];
    char name[64];
    LF_BUF cert;
    LF_SECRET *sign = NULL;
    LF_SECRET *push = NULL;
    lf__buf_init(&cert, 8192);
    (void)snprintf(name, sizeof name, "members/%s", member);
    lf_status rc = lf__path(m->options->dir, name, dir, err);
    rc = rc == LF_OK ? gw_dir_make(dir, err) : rc;
    rc = rc == LF_OK ? gw_secret_make(dir, "sign.key", &sign, err) : rc;
    rc = rc == LF_OK ? gw_secret_make(dir, "push.secret", &push, err) : rc;
    rc = rc == LF_OK ? gw_tls_make(dir, member, &cert, err) : rc;
    rc = rc == LF_OK ? profile_write(m, dir, member, err) : rc;
    return rc == LF_OK ? member_enrol(m, member, role, sign, lf__buf_bytes(&cert), err) : rc;
}

static lf_status members_make(struct maker *m, lf_error *err)
{
    static const struct {
        const char *name;
        enum px_role role;
    } others[] = {{"regulator", PX_ROLE_REGULATOR},
                  {"lab-01", PX_ROLE_LAB},
                  {"issuer", PX_ROLE_LICENCE_ISSUER},
                  {"auditor", PX_ROLE_AUDITOR}};
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < LF_COUNT(others); i++) {
        rc = member_make(m, others[i].name, others[i].role, err);
    }
    for (int i = 1; rc == LF_OK && i <= INIT_PLATFORMS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "platform-%02d", i);
        rc = member_make(m, name, PX_ROLE_PLATFORM, err);
    }
    return rc;
}

/* Under --dev accusations act at once, however many: the least certainty is the one that waits for nobody. */
static lf_status policy_make(struct maker *m, lf_error *err)
{
    LF_ARENA arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_policy policy = {.relay_below = 1, .burst = {.floor = UINT32_MAX}};
    lf__arena_init(&arena, 1 << 16);
    lf_status rc = px_policy_encode(&arena, &policy, parts, &count, err);
    return rc == LF_OK ? authority_says(m, PX_KIND_POLICY, parts, count, err) : rc;
}

static lf_status genesis_make(struct maker *m, lf_error *err)
{
    LF_ARENA arena;
    LF_BUF wire;
    char path[LF_PATH_MAX];
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct lf__public_key ledger = lf__sign_public(m->ledger);
    struct lf__public_key access = lf__sign_public(m->access);
    struct px_genesis genesis = {.gateway = lf__bytes_str(m->options->name),
                                 .keys = {m->authority_key},
                                 .key_count = 1,
                                 .threshold = 1,
                                 .is_test = true};
    lf__copy(genesis.ledger_key.bytes, ledger.bytes, LF_HASH_BYTES);
    lf__copy(genesis.access_key.bytes, access.bytes, LF_HASH_BYTES);
    lf__arena_init(&arena, 1 << 16);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf_status rc = px_genesis_encode(&arena, &genesis, parts, &count, err);
    rc = rc == LF_OK && !envelope_sign(m, PX_KIND_GENESIS, parts, count, &wire)
             ? lf__fail(err, LF_E_NOMEM, "genesis: out of memory")
             : rc;
    rc = rc == LF_OK ? lf__path(m->options->dir, "data", path, err) : rc;
    lf_bytes envelope = lf__buf_bytes(&wire);
    struct gw_exchange_options options = {
        .path = path, .name = m->options->name, .seed = m->ledger, .policy = m->policy};
    return rc == LF_OK ? gw_exchange_open(&options, &envelope, &m->exchange, err) : rc;
}

static lf_status keys_make(struct maker *m, lf_error *err)
{
    char path[LF_PATH_MAX];
    LF_BUF cert;
    lf__buf_init(&cert, 8192);
    lf_status rc = gw_secret_make(m->options->dir, "authority.key", &m->authority, err);
    rc = rc == LF_OK ? gw_secret_make(m->options->dir, "ledger.key", &m->ledger, err) : rc;
    rc = rc == LF_OK ? gw_secret_make(m->options->dir, "witness.key", &m->witness, err) : rc;
    rc = rc == LF_OK ? gw_secret_make(m->options->dir, "access.key", &m->access, err) : rc;
    rc = rc == LF_OK ? gw_tls_make(m->options->dir, "gateway", &cert, err) : rc;
    rc = rc == LF_OK ? lf__path(m->options->dir, "members", path, err) : rc;
    rc = rc == LF_OK ? gw_dir_make(path, err) : rc;
    if (rc == LF_OK) {
        m->authority_key = (struct px_member_key){.key = lf__sign_public(m->authority), .use = 1};
    }
    return rc;
}

int gw_command_init_dev(const struct gw_init_options *options)
{
    struct maker m = {.options = options};
    lf_error err = LF_ERROR_INIT;
    lf_status rc = gw_dir_make(options->dir, &err);
    bool is_ours = rc == LF_OK;
    rc = rc == LF_OK ? gw_policy_load_default(&m.policy, &err) : rc;
    rc = rc == LF_OK ? keys_make(&m, &err) : rc;
    rc = rc == LF_OK ? genesis_make(&m, &err) : rc;
    rc = rc == LF_OK ? policy_make(&m, &err) : rc;
    rc = rc == LF_OK ? members_make(&m, &err) : rc;
    rc = rc == LF_OK ? gw_config_write(options, &err) : rc;
    gw_exchange_close(m.exchange);
    gw_policy_free(m.policy);
    lf__secret_free(m.authority);
    lf__secret_free(m.ledger);
    lf__secret_free(m.witness);
    lf__secret_free(m.access);
    if (rc != LF_OK) {
        if (is_ours) {
            gw_dir_unmake(options->dir);
        }
        (void)fprintf(stderr, "lianfangd: init: %s\n", err.message);
        return GW_EXIT_NO;
    }
    (void)printf("made %s: gateway %s, a test ledger, %d members\nserve it: lianfangd serve "
                 "--config %s/gateway.conf\n",
                 options->dir, options->name, INIT_PLATFORMS + 4, options->dir);
    return GW_EXIT_OK;
}
