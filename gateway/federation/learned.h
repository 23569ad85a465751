/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/federation/learned.h - what announcements prove of the keys of a log and its access log, by the code of members. Threads: any. */
#ifndef GW_LEARNED_H
#define GW_LEARNED_H

#include "core/note.h"
#include "protos/codec/log_key.h"

enum { GW_LEARNED_LOGS = 2 }; /* ledger, access log */

struct gw_learned {
    struct {
        struct lf__public_key key;
        uint64_t index; /* of its announcement; 0 of the first */
        uint64_t from_size;
    } list[PX_LOG_KEYS_MAX + 1];
    size_t count;
};
/* From the first key of each log on, by the answer of GetLogKeys. E_SIGNATURE (LOG_KEY_BAD, ...), E_FORMAT. */
LF_MUST_USE lf_status gw_learn(const struct lf__note_key first[static GW_LEARNED_LOGS],
                               lf_bytes answer, struct gw_learned out[static GW_LEARNED_LOGS],
                               lf_error *err);

#endif
