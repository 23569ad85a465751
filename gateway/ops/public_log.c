/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-tiles: everything but the checkpoint never changes, so it may be cached for ever. */
#include "gateway/ops/routes.h"

#include "base/bytes.h"
#include "base/status.h"

static const char forever[] = "public, max-age=31536000, immutable";

static void on_checkpoint(void *user, const struct gw_http_request *request,
                          struct gw_http_answer *answer)
{
    struct gw_public_log *log = user;
    (void)request;
    answer->status = 200;
    answer->cache_control = "public, max-age=1";
    (void)gw_publisher_note(log->publisher, &answer->body);
}

/* Tiles beyond the published head are not there yet: nobody could check them. */
static bool is_published(const struct gw_public_log *log, const struct lf__tile_name *name)
{
    uint64_t size = 0;
    LF_BUF note;
    lf__buf_init(&note, GW_PUBLISHED_MAX);
    size = gw_publisher_note(log->publisher, &note);
    uint64_t there = name->level < 8 ? size >> (8 * name->level) : 0;
    return name->number <= there / LF_TILE_WIDTH &&
           name->number * LF_TILE_WIDTH + name->width <= there;
}

static void on_tile(void *user, const struct gw_http_request *request,
                    struct gw_http_answer *answer)
{
    const struct gw_public_log *log = user;
    struct lf__tile_name name;
    lf_error err = LF_ERROR_INIT;
    LF_BUF path;
    lf__buf_init(&path, 512);
    (void)lf__buf_str(&path, "tile/");
    (void)lf__buf_str(&path, request->rest);
    lf_status rc = lf__tile_name_parse(lf__buf_bytes(&path), &name, &err);
    rc = rc == LF_OK && !is_published(log, &name) ? LF_E_NOT_FOUND : rc;
    rc = rc == LF_OK ? st_ledger_tile(log->ledger, &name, &answer->body, &err) : rc;
    if (rc == LF_OK) {
        answer->status = 200;
        answer->content_type = "application/octet-stream";
        answer->cache_control = forever;
        return;
    }
    lf__buf_clear(&answer->body);
    answer->status = rc == LF_E_NOT_FOUND || rc == LF_E_FORMAT ? 404 : 500;
}

size_t gw_public_log_routes(struct gw_public_log *log, struct gw_http_route *out)
{
    bool is_ledger = lf__bytes_eq_str(lf__bytes_str(log->prefix), "/ledger/");
    out[0] = (struct gw_http_route){"GET", is_ledger ? "/ledger/checkpoint" : "/access/checkpoint",
                                    0, on_checkpoint, log};
    out[1] = (struct gw_http_route){"GET", is_ledger ? "/ledger/tile/" : "/access/tile/", 0,
                                    on_tile, log};
    return 2;
}
