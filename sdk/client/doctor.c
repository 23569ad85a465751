/* SPDX-License-Identifier: Apache-2.0 */
/* One function a check; each tells its finding, and the first that fails gives the answer. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "protos/codec/members.h"
#include "protos/codec/wire.h"

#include <lianfang/doctor.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    DOCTOR_TIMEOUT_MS = 5000,
    DOCTOR_SKEW_MS = 300000, /* what the gateway allows; past it records are ISSUED_IN_FUTURE */
    DOCTOR_SERVING = 1       /* of grpc.health.v1 */
};

struct doctor {
    const char *profile;
    const lf_client_options *options;
    lf_client *client;
    struct px_head head;
    struct lf__buf answer; /* what `head` borrows from */
    struct lf__hash pin;   /* of our certificate */
    int64_t asked_ms;      /* our clock in the middle of the question for the head */
    lf_check_cb each;
    void *user;
    lf_error *err;
    lf_status first;
};

static void tell(struct doctor *d, const char *name, const char *found, const char *advice)
{
    lf_check check = {name, advice[0] == '\0', found, advice};
    d->each(&check, d->user);
}

static void tell_ok(struct doctor *d, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void tell_ok(struct doctor *d, const char *name, const char *format, ...)
{
    char found[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(found, sizeof found, format, args);
    va_end(args);
    tell(d, name, found, "");
}

static lf_status tell_bad(struct doctor *d, const char *name, const lf_error *why, lf_status rc,
                          const char *advice)
{
    tell(d, name, why->message[0] != '\0' ? why->message : lf_status_text(why->status), advice);
    if (d->first == LF_OK) {
        d->first = rc;
        if (d->err != NULL) {
            *d->err = *why;
            d->err->status = rc;
        }
    }
    return rc;
}

static lf_status check_profile(struct doctor *d)
{
    lf_error why = LF_ERROR_INIT;
    if (lf_client_open_with(d->profile, d->options, &d->client, &why) != LF_OK) {
        return tell_bad(d, "profile", &why, LF_E_PRECONDITION,
                        "correct the file, or name another with --profile");
    }
    tell_ok(d, "profile", "%s, of the gateway at %s", d->client->profile.member,
            d->client->profile.address);
    return LF_OK;
}

/* Key files that others can read are as good as published. */
static lf_status check_secrets(struct doctor *d)
{
    char path[LF__PROFILE_PATH_MAX];
    for (int i = LF__PROFILE_KEY; i <= LF__PROFILE_TLS_KEY; i++) {
        struct stat info;
        lf_error why = LF_ERROR_INIT;
        if (lf__profile_path(d->profile, (enum lf__profile_file)i, path, &why) != LF_OK) {
            return tell_bad(d, "secrets", &why, LF_E_PRECONDITION, "name the file in the profile");
        }
        if (stat(path, &info) != 0 || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
            (void)lf__fail(&why, LF_E_PRECONDITION, "%s: others may read it (mode %04o)", path,
                           (unsigned)(info.st_mode & 07777));
            return tell_bad(d, "secrets", &why, LF_E_PRECONDITION,
                            "chmod 600 it; if others could have read it, rotate the key");
        }
    }
    tell_ok(d, "secrets", "the three key files are ours alone");
    return LF_OK;
}

/* Buffers of PEM end with NUL. */
static lf_bytes pem_of(const struct lf__buf *pem)
{
    return (lf_bytes){pem->ptr, pem->len - 1};
}

static lf_status check_certificate(struct doctor *d)
{
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    lf_error why = LF_ERROR_INIT;
    const struct lf__profile *p = &d->client->profile;
    if (lf__cert_spki(pem_of(&p->tls_cert), &d->pin, &why) != LF_OK) {
        return tell_bad(d, "certificate", &why, LF_E_PRECONDITION, "try again with more memory");
    }
    (void)lf__hex(lf__hash_bytes(&d->pin), hex, sizeof hex);
    tell_ok(d, "certificate", "fits its key; its pin is %s", hex);
    return LF_OK;
}

static lf_status check_connection(struct doctor *d, unsigned *health)
{
    LF_BUF answer;
    struct px_wire wire;
    lf_error why = LF_ERROR_INIT;
    lf__buf_init(&answer, 4096);
    lf_status rc = lf__client_call(d->client, "/grpc.health.v1.Health/Check", LF_BYTES_NONE,
                                   DOCTOR_TIMEOUT_MS, &answer, &why);
    if (rc != LF_OK) {
        return tell_bad(d, "connection", &why, LF_E_UNAVAILABLE,
                        "is [gateway] address right, the way to it open, and [gateway] certificate "
                        "the one that it shows?");
    }
    struct lf__reader r = {lf__buf_bytes(&answer)};
    while (px_wire_next(&r, &wire)) {
        *health = wire.number == 1 ? (unsigned)wire.varint : *health;
    }
    tell_ok(d, "connection", "mutual TLS with the gateway whose certificate the profile names");
    return LF_OK;
}

static void check_health(struct doctor *d, unsigned health)
{
    lf_error why = LF_ERROR_INIT;
    if (health == DOCTOR_SERVING) {
        tell_ok(d, "health", "SERVING");
        return;
    }
    (void)lf__fail(&why, LF_E_PRECONDITION, "the gateway says that it is not serving");
    (void)tell_bad(d, "health", &why, LF_E_PRECONDITION, "it starts or stops: try again later");
}

static const char *membership_advice(lf_status rc)
{
    return rc == LF_E_UNAUTHENTICATED
               ? "have the authority pin this certificate for you (its pin stands above)"
           : rc == LF_E_DENIED ? "ask the authority; corrections and withdrawals are still taken"
                               : "try again; if it stays so, tell the gateway's operator";
}

static lf_status check_membership(struct doctor *d)
{
    LF_BUF request;
    lf_error why = LF_ERROR_INIT;
    struct px_range range = {.log = 1};
    lf__buf_init(&request, 64);
    (void)px_range_encode(&range, &request);
    int64_t before_ms = lf__clock_utc_ms();
    lf_status rc = lf__client_call(d->client, "/lianfang.v1.Ledger/GetCheckpoint",
                                   lf__buf_bytes(&request), DOCTOR_TIMEOUT_MS, &d->answer, &why);
    d->asked_ms = before_ms + (lf__clock_utc_ms() - before_ms) / 2;
    rc = rc == LF_OK ? px_head_decode(lf__buf_bytes(&d->answer), &d->head, &why) : rc;
    if (rc != LF_OK) {
        return tell_bad(d, "membership", &why, rc, membership_advice(rc));
    }
    tell_ok(d, "membership", "the gateway knows this certificate");
    return LF_OK;
}

static bool is_pinned(const struct px_member *member, const struct lf__hash *pin)
{
    for (size_t i = 0; i < member->pin_count; i++) {
        if (lf__hash_eq(&member->pins[i].spki, pin)) {
            return true;
        }
    }
    return false;
}

static bool is_enrolled(const struct px_member *member, const struct lf__hash *key_id,
                        int64_t now_ms)
{
    for (size_t i = 0; i < member->key_count; i++) {
        const struct px_member_key *k = &member->keys[i];
        struct lf__hash id = lf__key_id(&k->key);
        if (lf__hash_eq(&id, key_id) && now_ms >= k->from_ms &&
            (k->until_ms == 0 || now_ms < k->until_ms)) {
            return true;
        }
    }
    return false;
}

/* What the roster holds for the id in the profile: is it our certificate, and our signing key? */
static void check_key(struct doctor *d)
{
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    struct px_member_entry entry;
    uint64_t size = 0;
    lf_error why = LF_ERROR_INIT;
    const struct lf__profile *p = &d->client->profile;
    lf__buf_init(&request, 256);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    (void)px_get_member_request_encode(lf__bytes_str(p->member), &request);
    lf_status rc = lf__client_call(d->client, "/lianfang.v1.Members/Get", lf__buf_bytes(&request),
                                   DOCTOR_TIMEOUT_MS, &answer, &why);
    rc = rc == LF_OK ? px_get_member_decode(&arena, lf__buf_bytes(&answer), &entry, &size, &why)
                     : rc;
    if (rc == LF_OK && !is_pinned(&entry.member, &d->pin)) {
        rc = lf__fail(&why, LF_E_PRECONDITION, "the certificate is not one of %s", p->member);
    }
    if (rc == LF_OK && !is_enrolled(&entry.member, &p->sign_key_id, lf__clock_utc_ms())) {
        rc = lf__fail(&why, LF_E_PRECONDITION, "[member] key is not an enrolled key of %s",
                      p->member);
    }
    if (rc != LF_OK) {
        (void)tell_bad(d, "key", &why, LF_E_PRECONDITION,
                       "compare [member] id, key and tls_cert with what the authority enrolled");
        return;
    }
    tell_ok(d, "key", "signing key and certificate are those enrolled for %s", p->member);
}

static void check_ledger(struct doctor *d)
{
    struct lf__merkle_head head;
    lf_error why = LF_ERROR_INIT;
    if (lf__head_open(d->client, PX_LOG_LEDGER, d->head.note, &head, &why) != LF_OK) {
        (void)tell_bad(d, "ledger", &why, LF_E_PRECONDITION,
                       "the key in the profile did not sign this ledger: trust neither until you "
                       "have compared the key with the authority");
        return;
    }
    lf_status rc = lf__heads_saw(&d->client->heads, PX_LOG_LEDGER, d->head.note, &head, 0, &why);
    rc = rc == LF_OK ? lf_client_settle(d->client, 0, &why) : rc;
    if (rc != LF_OK) {
        (void)tell_bad(
            d, "ledger", &why, rc,
            "if it says LOG_FORKED, believe nothing and bring the file to the authority");
        return;
    }
    tell_ok(d, "ledger", "%llu entries, signed by the key in the profile",
            (unsigned long long)head.size);
}

static void check_clock(struct doctor *d)
{
    lf_error why = LF_ERROR_INIT;
    int64_t skew_ms = d->asked_ms - d->head.time_ms;
    if (skew_ms < DOCTOR_SKEW_MS && skew_ms > -DOCTOR_SKEW_MS) {
        tell_ok(d, "clock", "%+lld ms from the gateway's", (long long)skew_ms);
        return;
    }
    (void)lf__fail(&why, LF_E_PRECONDITION, "%+lld s from the gateway's, %d s are allowed",
                   (long long)(skew_ms / 1000), DOCTOR_SKEW_MS / 1000);
    (void)tell_bad(d, "clock", &why, LF_E_PRECONDITION, "set the clock of this machine (NTP)");
}

/* Before 1.0 the minor number changes what is said, afterwards the major one does. */
static void check_version(struct doctor *d)
{
    char gateway[32];
    lf_error why = LF_ERROR_INIT;
    const char *ours = lf_version();
    const char *dot = strchr(ours, '.');
    size_t len = ours[0] == '0' && dot != NULL ? (size_t)(dot - ours) + 1 + strcspn(dot + 1, ".")
                                               : strcspn(ours, ".");
    (void)lf__copy_str(gateway, sizeof gateway,
                       lf__bytes_slice(d->head.version, 0, sizeof gateway - 1));
    if (strncmp(gateway, ours, len) == 0) {
        tell_ok(d, "version", "gateway %s, this program %s", gateway, ours);
        return;
    }
    (void)lf__fail(&why, LF_E_PRECONDITION, "gateway %s, this program %s", gateway, ours);
    (void)tell_bad(d, "version", &why, LF_E_PRECONDITION, "bring this program to its version");
}

static void examine(struct doctor *d)
{
    unsigned health = 0;
    lf_status rc = check_profile(d);
    if (rc != LF_OK) {
        return;
    }
    (void)check_secrets(d);
    rc = check_certificate(d);
    rc = rc == LF_OK ? check_connection(d, &health) : rc;
    if (rc != LF_OK) {
        return;
    }
    check_health(d, health);
    if (check_membership(d) == LF_OK) {
        check_key(d);
        check_ledger(d);
        check_clock(d);
        check_version(d);
    }
}

lf_status lf_doctor_with(const char *profile, const lf_client_options *options, lf_check_cb each,
                         void *user, lf_error *err)
{
    struct doctor d = {.profile = profile,
                       .options = options,
                       .each = each,
                       .user = user,
                       .err = err,
                       .first = LF_OK};
    lf__buf_init(&d.answer, 65536);
    examine(&d);
    lf__buf_done(&d.answer);
    lf_client_close(d.client);
    return d.first;
}

lf_status lf_doctor(const char *profile, lf_check_cb each, void *user, lf_error *err)
{
    return lf_doctor_with(profile, NULL, each, user, err);
}
