/* SPDX-License-Identifier: Apache-2.0 */
/* Which path goes to which handler. The methods of one service stand together. */
#include "gateway/services/services.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

enum { SMALL_MAX = 1024, REFLECTION_MAX = 4096 };

static const struct row {
    const char *path;
    size_t request_max;
    bool needs_member;
    void (*handle)(void *services, struct gw_call *call, lf_bytes request);
    const struct gw_stream_handler *stream;
} rows[] = {
    {"/lianfang.v1.Exchange/Submit", PX_MESSAGE_MAX, true, gw_handle_submit, NULL},
    {"/lianfang.v1.Exchange/SubmitBatch", PX_MESSAGE_MAX, true, gw_handle_submit_batch, NULL},
    {"/lianfang.v1.Exchange/SubmitStream", PX_MESSAGE_MAX, true, NULL, &gw_stream_submit},
    {"/lianfang.v1.Screening/Screen", PX_MESSAGE_MAX, true, gw_handle_screen, NULL},
    {"/lianfang.v1.Screening/ScreenStream", PX_MESSAGE_MAX, true, NULL, &gw_stream_screen},
    {"/lianfang.v1.Screening/CrossCheck", PX_MESSAGE_MAX, true, NULL, &gw_stream_cross_check},
    {"/lianfang.v1.Ledger/GetCheckpoint", SMALL_MAX, true, gw_handle_checkpoint, NULL},
    {"/lianfang.v1.Ledger/GetEntries", SMALL_MAX, true, gw_handle_entries, NULL},
    {"/lianfang.v1.Ledger/ProveInclusion", SMALL_MAX, true, gw_handle_inclusion, NULL},
    {"/lianfang.v1.Ledger/ProveConsistency", SMALL_MAX, true, gw_handle_consistency, NULL},
    {"/lianfang.v1.Ledger/GetEvidence", SMALL_MAX, true, gw_handle_evidence, NULL},
    {"/lianfang.v1.Ledger/GetLogKeys", SMALL_MAX, true, gw_handle_log_keys, NULL},
    {"/lianfang.v1.Feed/Subscribe", SMALL_MAX, true, NULL, &gw_stream_subscribe},
    {"/lianfang.v1.Feed/Poll", SMALL_MAX, true, gw_handle_poll, NULL},
    {"/lianfang.v1.Feed/Acknowledge", SMALL_MAX, true, gw_handle_acknowledge, NULL},
    {"/lianfang.v1.Feed/ReportMirror", SMALL_MAX, true, gw_handle_report_mirror, NULL},
    {"/lianfang.v1.Members/List", SMALL_MAX, true, gw_handle_list_members, NULL},
    {"/lianfang.v1.Members/Get", SMALL_MAX, true, gw_handle_get_member, NULL},
    {"/lianfang.v1.Members/Propose", PX_MESSAGE_MAX, true, gw_handle_propose, NULL},
    {"/lianfang.v1.Members/Approve", SMALL_MAX, true, gw_handle_approve, NULL},
    {"/lianfang.v1.Reports/Get", SMALL_MAX, true, gw_handle_report, NULL},
    {"/lianfang.v1.Tasks/List", SMALL_MAX, true, gw_handle_tasks, NULL},
    {"/grpc.health.v1.Health/Check", SMALL_MAX, false, gw_handle_health, NULL},
    {"/grpc.health.v1.Health/Watch", SMALL_MAX, false, NULL, &gw_stream_watch},
    {"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", REFLECTION_MAX, false, NULL,
     &gw_stream_reflection},
    {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", REFLECTION_MAX, false, NULL,
     &gw_stream_reflection},
};

size_t gw_services_methods(struct gw_services *services,
                           struct gw_method methods[static GW_METHODS_MAX])
{
    _Static_assert(LF_COUNT(rows) <= GW_METHODS_MAX, "the server's table is larger than ours");
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        methods[i] = (struct gw_method){.path = rows[i].path,
                                        .request_max = rows[i].request_max,
                                        .needs_member = rows[i].needs_member,
                                        .handle = rows[i].handle,
                                        .service = services,
                                        .stream = rows[i].stream};
    }
    return LF_COUNT(rows);
}

size_t gw_services_names(lf_bytes names[static GW_METHODS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        const char *name = rows[i].path + 1;
        lf_bytes service = lf__bytes_slice(lf__bytes_str(name), 0, strcspn(name, "/"));
        if (count == 0 || !lf__bytes_eq(names[count - 1], service)) {
            names[count++] = service;
        }
    }
    return count;
}
