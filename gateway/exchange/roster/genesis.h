/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/roster/genesis.h - which logs of its gateway a genesis begins: the first, or those that follow logs it names.
 * Pure functions. */
#ifndef GW_GENESIS_H
#define GW_GENESIS_H

#include "protos/codec/kinds.h"

/* 1 for the first logs of a gateway, else one more than those that the genesis names. E_REJECTED
 * (CHECKPOINT_BAD) when what it names are no logs of this gateway. */
LF_MUST_USE lf_status gw_genesis_number(const struct px_genesis *genesis, unsigned *out,
                                        lf_error *err);
/* E_REJECTED (CHECKPOINT_BAD) when the logs of `fresh` are not those that come right after those of `old`. */
LF_MUST_USE lf_status gw_genesis_follows(const struct px_genesis *old,
                                         const struct px_genesis *fresh, lf_error *err);

#endif
