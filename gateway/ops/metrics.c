/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for an operator's monitor: sizes, publishing, witnesses, the calendar. Nothing about members or subjects. */
#include "gateway/ops/routes.h"

#include "base/clock.h"
#include "rules/calendar.h"
#include "gateway/exchange/projections/bursts.h"

static void log_put(struct lf__buf *out, const char *log, struct st_ledger *ledger,
                    struct gw_publisher *publisher)
{
    LF_BUF note;
    lf__buf_init(&note, GW_PUBLISHED_MAX);
    struct gw_publisher_counts counts = gw_publisher_counts(publisher);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"entries", st_ledger_head(ledger, NULL).size},
                {"published_entries", gw_publisher_note(publisher, &note)},
                {"cosigned_entries", counts.cosigned_size},
                {"heads_published_total", counts.published},
                {"heads_cosigned_total", counts.cosigned},
                {"heads_late_total", counts.late}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)lf__buf_printf(out, "lianfang_log_%s{log=\"%s\"} %llu\n", rows[i].name, log,
                             (unsigned long long)rows[i].value);
    }
}

/* The alarm of a calendar that ends: due times counted from now on are provisional until it is renewed. */
static void calendar_put(struct lf__buf *out, const struct lf__rules *rules)
{
    int64_t end_ms = lf__calendar_end(lf__rules_calendar(rules));
    bool is_known = lf__rules_limits_are_known(rules, lf__clock_utc_ms());
    (void)lf__buf_printf(out, "lianfang_calendar_end_seconds %lld\n", (long long)(end_ms / 1000));
    (void)lf__buf_printf(out, "lianfang_calendar_provisional %d\n", is_known ? 0 : 1);
}

/* More than before is an alarm: a member sends far more than it used to, and regulators have to look at it. */
static void quarantined_put(struct lf__buf *out, struct st_engine *engine)
{
    ST_TXN *txn = NULL;
    uint64_t total = 0;
    if (st_txn_begin(engine, ST_READ, &txn, NULL) == LF_OK &&
        gw_burst_total(txn, &total, NULL) == LF_OK) {
        (void)lf__buf_printf(out, "lianfang_quarantined_total %llu\n", (unsigned long long)total);
    }
}

static void on_metrics(void *user, const struct gw_http_request *request,
                       struct gw_http_answer *answer)
{
    const struct gw_metrics *metrics = user;
    (void)request;
    answer->status = 200;
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    (void)lf__buf_printf(&answer->body, "lianfang_serving %d\n",
                         atomic_load(metrics->is_serving) ? 1 : 0);
    calendar_put(&answer->body, metrics->rules);
    log_put(&answer->body, "ledger", metrics->ledger, metrics->ledger_public);
    log_put(&answer->body, "access", metrics->access, metrics->access_public);
    quarantined_put(&answer->body, metrics->engine);
}

void gw_metrics_route(struct gw_metrics *metrics, struct gw_http_route *out)
{
    *out = (struct gw_http_route){"GET", "/metrics", 0, on_metrics, metrics};
}
