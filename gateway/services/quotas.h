/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/services/quotas.h - subjects a member may ask about a Shanghai day, by purpose; 0: as the table says. */
#ifndef GW_QUOTAS_H
#define GW_QUOTAS_H

#include <stdint.h>

struct gw_quotas {
    uint64_t onboarding;
    uint64_t onboarding_reserve; /* beyond it, for questions about one subject */
    uint64_t rescreening;
    uint64_t investigation;
    uint64_t enforcement;
    uint64_t audit;
    uint64_t subject_request;
};

#endif
