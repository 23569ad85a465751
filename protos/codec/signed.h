/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/signed.h - what an envelope's signatures sign, and whether one holds. Who owns the key is the
 * caller's matter. Threads: any.
 */
#ifndef PX_SIGNED_H
#define PX_SIGNED_H

#include "base/crypto/sign.h"
#include "protos/codec/record.h"

/* The bytes that a batch signature signs: PAE(batch type, u32be n || root). */
bool px_batch_pae(struct lf__buf *out, uint32_t size, const struct lf__hash *root);
/* Does the record stand in its batch where its path says? OK when it was signed alone; BATCH_PATH. */
lf_status px_batch_path_check(const struct px_signature *signature, lf_bytes record, lf_error *err);
/* The signature of this record by `key`, alone or through its batch. E_REJECTED (KEY_ALGORITHM),
 * E_SIGNATURE (BATCH_PATH, SIGNATURE_BAD). */
lf_status px_signature_check(const struct px_signature *signature, const struct lf__public_key *key,
                             lf_bytes record, lf_error *err);
/* The signature block of an envelope, for its ledger leaf. */
bool px_signature_block(const struct px_envelope *envelope, struct lf__buf *out);

#endif
