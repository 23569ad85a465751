/* SPDX-License-Identifier: Apache-2.0 */
#include "client/patience.h"

#include "base/crypto/hash.h"
#include "client/wire.h"

enum {
    PATIENCE_FIRST_MS = 50,
    PATIENCE_MAX_MS = 5000,
    PATIENCE_ASKED_MAX_MS = 60000, /* a gateway may not silence a member for longer */
    PATIENCE_HANDSHAKES = 3,
    PATIENCE_HANDSHAKES_MS = 2000
};
#define NS_IN_MS 1000000

struct lf__patience lf__patience_until(int64_t until_ns)
{
    return (struct lf__patience){.until_ns = until_ns};
}

static int64_t wait_ms(unsigned attempts, uint32_t asked_ms)
{
    uint16_t dice;
    int64_t ms = attempts > 6 ? PATIENCE_MAX_MS : (int64_t)PATIENCE_FIRST_MS << attempts;
    int64_t asked = asked_ms < PATIENCE_ASKED_MAX_MS ? asked_ms : PATIENCE_ASKED_MAX_MS;
    lf__random(&dice, sizeof dice);
    ms = ms < PATIENCE_MAX_MS ? ms : PATIENCE_MAX_MS;
    return asked + ms / 2 + ms * dice / (2 * 65536);
}

/* A handshake may fail once while a gateway stops; it fails again and again with the wrong one. */
static bool is_stranger(struct lf__patience *p, const lf_error *error, int64_t now_ns)
{
    if (error->cause != LF_CAUSE_HANDSHAKE) {
        p->handshakes = 0;
        return false;
    }
    if (p->handshakes++ == 0) {
        p->handshakes_ns = now_ns;
    }
    return p->handshakes >= PATIENCE_HANDSHAKES &&
           now_ns - p->handshakes_ns >= (int64_t)PATIENCE_HANDSHAKES_MS * NS_IN_MS;
}

bool lf__patience_again(struct lf__patience *p, const lf_error *error, uint32_t asked_ms,
                        int64_t now_ns, int64_t *at_ns)
{
    bool may_help = error->status == LF_E_UNAVAILABLE || error->status == LF_E_BUSY ||
                    error->status == LF_E_DEADLINE;
    if (!may_help || is_stranger(p, error, now_ns)) {
        return false;
    }
    int64_t at = now_ns + wait_ms(p->attempts, asked_ms) * NS_IN_MS;
    if (at >= p->until_ns) {
        return false;
    }
    p->attempts++;
    *at_ns = at;
    return true;
}
