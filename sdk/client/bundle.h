/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/bundle.h - records under one signature, as one SubmitBatch call: signing them, and reading
 * what the gateway answered. Shared by batches, the coalescer and pushes.
 * Threads: one at a time.
 */
#ifndef LF__BUNDLE_H
#define LF__BUNDLE_H

#include "client/records.h"
#include "core/memtree.h"
#include "protos/codec/services.h"

#define LF_METHOD_SUBMIT_BATCH "/lianfang.v1.Exchange/SubmitBatch"
enum {
    BUNDLE_RECORDS_MAX = 512,
    BUNDLE_BYTES_MAX = PX_BATCH_BYTES_MAX - 4096 /* of the bare envelopes, with room for framing */
};

struct lf__heads;

struct lf__bundle {
    const struct lf__profile *profile;
    const struct lf__record *const *records; /* borrowed */
    size_t count;
    struct lf__memtree tree;
    struct lf__signature raw;
    struct px_signature signature; /* its bytes are `raw`: do not move a bundle */
    struct lf__heads *heads;       /* that hear of the answer's head, or NULL */
    uint64_t floor;                /* which may not be below this */
};

/* What one record adds to the size of a bundle. */
size_t lf__bundle_weight(const struct lf__record *record);
/* Signs; the records are borrowed until done. E_NOMEM. */
lf_status lf__bundle_sign(struct lf__bundle *bundle, const struct lf__profile *profile,
                          const struct lf__record *const *records, size_t count, lf_error *err);
/* From now on, before it is sent: no answer may have an older head than is known. */
void lf__bundle_asks(struct lf__bundle *bundle, struct lf__heads *heads);
void lf__bundle_done(struct lf__bundle *bundle); /* also of a zeroed one */
#define LF_BUNDLE __attribute__((cleanup(lf__bundle_done))) struct lf__bundle
/* Appends the request. */
lf_status lf__bundle_request(const struct lf__bundle *bundle, struct lf__buf *out, lf_error *err);
/* Verifies and tells each record's result in order. E_FORMAT or E_SIGNATURE at the first answer that
 * does not hold: that record and those after it were not told. */
lf_status lf__bundle_read(const struct lf__bundle *bundle, lf_bytes answer, lf_result_cb each,
                          void *user, lf_error *err);

#endif
