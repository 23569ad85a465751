/* SPDX-License-Identifier: Apache-2.0 */
/* uscc.json and status.json: merchant codes with every trap, and errors on the wire. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/reason.h"
#include "protos/codec/status.h"

#include <lianfang/uscc.h>
#include <string.h>

/* Division 999999 throughout, but for codes that the registry's own publications show. */
static const char *const accepted[] = {
    "91999999MA00000154",
    "91999999MA0000023Y",
    "91999999MA0000090W",
    "92999999MA00000151",
    "93999999MA0000015X",
    "91999999ma00000154",
    " 9199 9999 MA00 0001 54\xe2\x80\x8b",
    "９１９９９９９９ＭＡ０００００１５４",
    "91330106673959654P",
    "914403001922038216",
    "91110108MA00000070",
    "91350203M0001QAY9B",
    "91350203m0001qay9b",
    "Y1110108MA00001979",
};

static const char *const refused[] = {
    "91999999MA00000155",  "91999999MA0000015O",  "91999999MA0000015I",
    "91999999MAS0000154",  "91999999MA0000015V",  "91999999MAZ0000154",
    "91999999MA0000015",   "91999999MA000001544", "",
    "9.19999E+17",         "919999990000000000",  "999999000000019",
    "71526726-X",          "71526726X",           "000000000000000000",
    "B1999999MA00000154",  "96999999MA00000154",  "Y2999999MA00000154",
    "91660106MA00000154",  "91999998MA00000154",  "9199A999MA00000154",
    "91999999MA0000中154", "11010519491231002X",  "110105 19491231 002x",
};

static json_t *accepted_json(const char *code, bool is_test)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc out = LF_USCC_INIT;
    char division[8];
    options.allow_test_division = is_test;
    LF_BUG_IF(lf_uscc_check(code, strlen(code), &options, &out, NULL) != LF_OK);
    (void)lf__copy_str(division, sizeof division, lf__bytes_str(out.division));
    json_t *one = json_object();
    vector_set(one, "input", json_string(code));
    vector_set(one, "test_ledger", json_boolean(is_test));
    vector_set(one, "code", json_string(out.code));
    vector_set(one, "verdict",
               json_string(out.verdict == LF_USCC_EXCEPTION ? "EXCEPTION" : "VALID"));
    vector_set(one, "normalised", json_boolean(out.normalised));
    vector_set(one, "division", json_string(division));
    vector_set(one, "organisation_code", json_string(out.orgcode));
    vector_set(one, "organisation_code_matches", json_boolean(out.orgcode_matches));
    return one;
}

static json_t *refused_json(const char *code, bool is_test)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc out = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    options.allow_test_division = is_test;
    LF_BUG_IF(lf_uscc_check(code, strlen(code), &options, &out, &err) != LF_E_REJECTED);
    json_t *one = json_object();
    vector_set(one, "input", json_string(code));
    vector_set(one, "test_ledger", json_boolean(is_test));
    vector_set(one, "reason", json_string(err.reason));
    return one;
}

json_t *vectors_uscc(struct vector_world *world)
{
    static const char *const texts[] = {
        "身份证号11010519491231002x，已停业", "110105-19491231-002X",
        "call 010-12345678 about 91999999MA00000154", "110105194912310021"};
    (void)world;
    json_t *file = json_object();
    json_t *good = json_array();
    json_t *bad = json_array();
    json_t *free_texts = json_array();
    for (size_t i = 0; i < LF_COUNT(accepted); i++) {
        vector_add(good, accepted_json(accepted[i], true));
    }
    for (size_t i = 0; i < LF_COUNT(refused); i++) {
        vector_add(bad, refused_json(refused[i], true));
    }
    vector_add(bad, refused_json("91999999MA00000154", false));
    for (size_t i = 0; i < LF_COUNT(texts); i++) {
        json_t *one = json_object();
        vector_set(one, "text", json_string(texts[i]));
        vector_set(one, "holds_id_number",
                   json_boolean(lf_text_has_id_number(texts[i], strlen(texts[i]))));
        vector_add(free_texts, one);
    }
    vector_set(file, "accepted", good);
    vector_set(file, "refused", bad);
    vector_set(file, "free_texts", free_texts);
    return file;
}

json_t *vectors_status(struct vector_world *world)
{
    static const struct {
        lf_error error;
        uint32_t retry_ms;
    } rows[] = {
        {{LF_E_REJECTED, 0, "SIGNATURE_BAD", "", "signature: does not verify"}, 0},
        {{LF_E_ARG, 0, "PURPOSE_REQUIRED", "purpose", "purpose: is missing or unknown"}, 0},
        {{LF_E_BUSY, 0, "QUEUE_FULL", "", "queue: too many records wait"}, 1500},
        {{LF_E_REJECTED, 0, "CHANGED", "header.record_id", "record: same id, other bytes"}, 0},
    };
    (void)world;
    json_t *file = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_BUF bytes;
        const lf_error *error = &rows[i].error;
        const struct px_reason_row *row = px_reason_find(error->reason);
        json_t *one = json_object();
        lf__buf_init(&bytes, PX_STATUS_BYTES_MAX);
        LF_BUG_IF(row == NULL ||
                  !px_status_encode(error, row->grpc_code, rows[i].retry_ms, &bytes));
        vector_set(one, "status", vector_hex(lf__buf_bytes(&bytes)));
        vector_set(one, "grpc_code", json_integer(row->grpc_code));
        vector_set(one, "message", json_string(error->message));
        vector_set(one, "reason", json_string(error->reason));
        vector_set(one, "domain", json_string(PX_ERROR_DOMAIN));
        vector_set(one, "field", json_string(error->field));
        vector_set(one, "retry_after_ms", json_integer((json_int_t)rows[i].retry_ms));
        vector_add(list, one);
    }
    vector_set(file, "statuses", list);
    return file;
}
