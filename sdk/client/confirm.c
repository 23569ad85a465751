/* SPDX-License-Identifier: Apache-2.0 */
/* An Acknowledgement: what we have of the ledger, signed by us and in the ledger, so that when we were told is proven for ever. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <lianfang/submit.h>
#include <stdio.h>

static void on_result(const lf_result *result, void *user)
{
    lf_error *refused = user;
    if (result->outcome == LF_REFUSED) {
        *refused = result->error;
    }
}

lf_status lf__confirm(lf_client *client, const struct lf__frontier *frontier, lf_error *err)
{
    char cursor[24];
    char root[LF_HEX_SIZE(LF_HASH_BYTES)] = "";
    lf_error refused = LF_ERROR_INIT;
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    struct lf__hash hash = lf__frontier_root(frontier);
    (void)lf__hex(lf__hash_bytes(&hash), root, sizeof root);
    (void)snprintf(cursor, sizeof cursor, "%llu", (unsigned long long)frontier->size);
    const lf_field said[] = {{"cursor", cursor}, {"root", root}};
    fields.kind = "acknowledgement";
    fields.fields = said;
    fields.count = LF_COUNT(said);
    record.fields = &fields;
    lf_status rc = lf_submit_wait(client, &record, 0, on_result, &refused, err);
    if (rc == LF_OK && refused.status != LF_OK) {
        rc = refused.status;
        if (err != NULL) {
            *err = refused;
        }
    }
    return rc;
}
