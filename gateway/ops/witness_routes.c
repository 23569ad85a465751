/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-witness over HTTP. */
#include "gateway/ops/routes.h"

#include "base/bytes.h"
#include "base/status.h"

static void on_add(void *user, const struct gw_http_request *request, struct gw_http_answer *answer)
{
    struct gw_witness_answer told;
    gw_witness_add(user, request->body, &told);
    answer->status = told.status;
    answer->content_type = told.is_size ? "text/x.tlog.size" : answer->content_type;
    (void)lf__buf_append(&answer->body, lf__buf_bytes(&told.body));
    lf__buf_done(&told.body);
}

/* <hex SHA-256(origin)>/WHAT below /witness/; lower case is the one spelling. */
static bool place_read(const struct gw_http_request *request, const char *what,
                       struct lf__hash *origin)
{
    size_t len = 0;
    lf_bytes rest = lf__bytes_str(request->rest);
    lf_bytes hex = lf__bytes_slice(rest, 0, 2 * LF_HASH_BYTES);
    bool is_named = lf__bytes_eq_str(lf__bytes_slice(rest, 2 * LF_HASH_BYTES, rest.len), what);
    for (size_t i = 0; i < hex.len; i++) {
        is_named = is_named && !(hex.ptr[i] >= 'A' && hex.ptr[i] <= 'F');
    }
    return is_named && lf__unhex(hex, origin->bytes, sizeof origin->bytes, &len) &&
           len == LF_HASH_BYTES;
}

static void on_monitor(void *user, const struct gw_http_request *request,
                       struct gw_http_answer *answer)
{
    struct lf__hash origin;
    lf_status rc = LF_E_NOT_FOUND;
    if (place_read(request, "/checkpoint", &origin)) {
        rc = gw_witness_checkpoint(user, &origin, &answer->body, NULL);
    } else if (place_read(request, "/log-keys", &origin)) {
        answer->content_type = "application/octet-stream";
        rc = gw_witness_keys_read(gw_witness_log_keys(user), &origin, &answer->body, NULL);
    }
    answer->status = rc == LF_OK ? 200 : rc == LF_E_NOT_FOUND ? 404 : 500;
}

static unsigned status_of(lf_status rc)
{
    lf_kind kind = lf_status_kind(rc);
    unsigned failed = kind == LF_KIND_LOCAL || kind == LF_KIND_BUG ? 500 : 403;
    return rc == LF_OK ? 200 : rc == LF_E_NOT_FOUND ? 404 : failed;
}

static void on_log_keys(void *user, const struct gw_http_request *request,
                        struct gw_http_answer *answer)
{
    struct lf__hash ledger;
    lf_error err = LF_ERROR_INIT;
    if (!place_read(request, "/log-keys", &ledger)) {
        return;
    }
    lf_status rc = gw_witness_keys_add(gw_witness_log_keys(user), &ledger, request->body, &err);
    answer->status = status_of(rc);
    if (rc != LF_OK) {
        (void)lf__buf_printf(&answer->body, "%s\n", err.message);
    }
}

size_t gw_witness_routes(struct gw_witness *witness, struct gw_http_route *out)
{
    out[0] =
        (struct gw_http_route){"POST", "/witness/add-checkpoint", LF_ADD_BODY_MAX, on_add, witness};
    out[1] =
        (struct gw_http_route){"POST", "/witness/", GW_LOG_KEYS_BODY_MAX, on_log_keys, witness};
    out[2] = (struct gw_http_route){"GET", "/witness/", 0, on_monitor, witness};
    return 3;
}
