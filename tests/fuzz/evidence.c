/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers lf__trust_file_parse, px_bundle_decode and lf_evidence_verify: the files that a court is handed. Input: a piece as the
 * trust file, the rest as the bundle. What decodes is the same bundle when encoded again; what is proven is told in full.
 */
#include "fuzz/fuzz.h"

#include "core/trust_file.h"
#include "protos/codec/evidence_bundle.h"

#include <lianfang/evidence.h>

static void bundle_try(lf_bytes bytes)
{
    LF_ARENA arena;
    LF_BUF once;
    LF_BUF twice;
    struct px_bundle bundle = {.record_count = 7777};
    struct px_bundle again;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    lf__buf_init(&once, PX_BUNDLE_MAX);
    lf__buf_init(&twice, PX_BUNDLE_MAX);
    if (px_bundle_decode(&arena, bytes, &bundle, NULL) != LF_OK) {
        FUZZ_REQUIRE(bundle.record_count == 7777);
        return;
    }
    FUZZ_REQUIRE(bundle.record_count >= 1 && bundle.record_count <= PX_BUNDLE_RECORDS_MAX);
    FUZZ_REQUIRE(bundle.attachment_count <= PX_ATTACHMENTS_MAX);
    FUZZ_REQUIRE(px_bundle_encode(&bundle, &once));
    FUZZ_REQUIRE(px_bundle_decode(&arena, lf__buf_bytes(&once), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(px_bundle_encode(&again, &twice));
    FUZZ_REQUIRE(lf__bytes_eq(lf__buf_bytes(&once), lf__buf_bytes(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    lf_bytes text = fuzz_piece(&r);
    struct lf__trust_file *trust = NULL;
    const lf_evidence *evidence = NULL;
    lf_error err = LF_ERROR_INIT;
    bundle_try(r.rest);
    if (lf__trust_file_parse(text, &trust, &err) != LF_OK) {
        FUZZ_REQUIRE(trust == NULL && err.message[0] != '\0');
    } else {
        FUZZ_REQUIRE(lf__witness_policy_log(trust->policy, lf__bytes_str(trust->origin)) != NULL);
        lf__trust_file_free(trust);
    }
    if (lf_evidence_verify(r.rest, text, NULL, 0, &evidence, &err) != LF_OK) {
        FUZZ_REQUIRE(evidence == NULL && err.message[0] != '\0');
        return 0;
    }
    FUZZ_REQUIRE(evidence->record_count >= 1 && evidence->unproven_count >= 3);
    for (size_t i = 0; i < evidence->record_count; i++) {
        FUZZ_REQUIRE(evidence->records[i].index < evidence->size);
        FUZZ_REQUIRE(evidence->records[i].signature_count >= 1);
    }
    lf_evidence_free(evidence);
    return 0;
}
