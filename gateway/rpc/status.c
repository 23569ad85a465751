/* SPDX-License-Identifier: Apache-2.0 */
/* Our statuses as canonical gRPC codes: one switch without default, so that a new one must decide. */
#include "gateway/rpc/call_internal.h"

grpc_status_code gw__status_code(lf_status status)
{
    switch (status) {
    case LF_OK:
        return GRPC_STATUS_OK;
    case LF_E_ARG:
    case LF_E_FORMAT:
    case LF_E_TOO_BIG:
    case LF_E_REJECTED:
    case LF_E_SIGNATURE:
        return GRPC_STATUS_INVALID_ARGUMENT;
    case LF_E_UNAUTHENTICATED:
        return GRPC_STATUS_UNAUTHENTICATED;
    case LF_E_DENIED:
        return GRPC_STATUS_PERMISSION_DENIED;
    case LF_E_NOT_FOUND:
        return GRPC_STATUS_NOT_FOUND;
    case LF_E_EXISTS:
        return GRPC_STATUS_ALREADY_EXISTS;
    case LF_E_PRECONDITION:
    case LF_E_VERSION:
        return GRPC_STATUS_FAILED_PRECONDITION;
    case LF_E_BUSY:
    case LF_E_NOMEM:
    case LF_E_FULL:
        return GRPC_STATUS_RESOURCE_EXHAUSTED;
    case LF_E_UNAVAILABLE:
    case LF_E_CLOSED:
        return GRPC_STATUS_UNAVAILABLE;
    case LF_E_DEADLINE:
        return GRPC_STATUS_DEADLINE_EXCEEDED;
    case LF_E_CANCELED:
        return GRPC_STATUS_CANCELLED;
    case LF_E_UNIMPLEMENTED:
        return GRPC_STATUS_UNIMPLEMENTED;
    case LF_E_CORRUPT:
        return GRPC_STATUS_DATA_LOSS;
    case LF_E_IO:
    case LF_E_BUG:
        return GRPC_STATUS_INTERNAL;
    }
    return GRPC_STATUS_INTERNAL;
}

int gw_grpc_code(lf_status status)
{
    return (int)gw__status_code(status);
}
