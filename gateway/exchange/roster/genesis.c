/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange/roster/genesis.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"

static lf_status number_bad(lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "CHECKPOINT_BAD", "previous_checkpoint",
                      "genesis: what it succeeds are not the logs of this gateway");
}

lf_status gw_genesis_number(const struct px_genesis *genesis, unsigned *out, lf_error *err)
{
    char name[LF_NOTE_NAME_MAX + 1];
    if (genesis->previous.len == 0 && genesis->previous_access.len == 0) {
        *out = 1;
        return LF_OK;
    }
    if (!lf__copy_str(name, sizeof name, genesis->gateway)) {
        return number_bad(err);
    }
    unsigned before = lf__origin_number(lf__origin_of(genesis->previous), name, "ledger");
    unsigned access =
        genesis->previous_access.len == 0
            ? before
            : lf__origin_number(lf__origin_of(genesis->previous_access), name, "access");
    if (before == 0 || access != before || before == LF_ORIGIN_NUMBER_MAX) {
        return number_bad(err);
    }
    *out = before + 1;
    return LF_OK;
}

lf_status gw_genesis_follows(const struct px_genesis *old, const struct px_genesis *fresh,
                             lf_error *err)
{
    unsigned before = 0;
    unsigned number = 0;
    lf_status rc = gw_genesis_number(old, &before, err);
    rc = rc == LF_OK ? gw_genesis_number(fresh, &number, err) : rc;
    return rc == LF_OK && number != before + 1 ? number_bad(err) : rc;
}
