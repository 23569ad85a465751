/* SPDX-License-Identifier: Apache-2.0 */
/* core/tiles.h - the names of C2SP tlog-tiles resources: tile/<L>/<N>[.p/<W>] and tile/entries/<N>[.p/<W>]. Threads: any. */
#ifndef LF__TILES_H
#define LF__TILES_H

#include "base/buf.h"

enum { LF_TILE_WIDTH = 256, LF_TILE_LEVELS = 64 };

struct lf__tile_name {
    bool is_entries; /* a bundle of entries: level is 0 */
    unsigned level;  /* 0 to 63 */
    uint64_t number;
    unsigned width; /* 1 to 256; 256 is a full tile */
};

/* "tile/0/x001/x234/067.p/112": without a leading slash. */
bool lf__tile_name_format(const struct lf__tile_name *name, struct lf__buf *out);
/* E_FORMAT for anything but the one canonical spelling. */
lf_status lf__tile_name_parse(lf_bytes path, struct lf__tile_name *out, lf_error *err);

#endif
