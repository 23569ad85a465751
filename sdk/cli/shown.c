/* SPDX-License-Identifier: Apache-2.0 */
/* Text from elsewhere on a terminal: nothing in it may move the cursor, start a line or turn the reading round. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_SLOTS = 8, SHOWN_WIDEST = 6 }; /* \u202e */

/* How many bytes at `at` make one character that is not shown as it is, and which; 0: it is. */
static size_t control_at(const unsigned char *at, unsigned *out)
{
    if (at[0] < 0x20 || at[0] == 0x7f) {
        *out = at[0];
        return 1;
    }
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) { /* C1 */
        *out = at[1];
        return 2;
    }
    if (at[0] == 0xe2 && (at[1] == 0x80 || at[1] == 0x81)) { /* line ends, and marks of direction */
        unsigned code = 0x2000 + (at[1] - 0x80u) * 64 + (at[2] & 0x3fu);
        *out = code;
        return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ? 3 : 0;
    }
    return 0;
}

static void escape(const char *text, char *out)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        unsigned code = 0;
        size_t len = control_at(at, &code);
        if (len == 0) {
            *out++ = (char)*at++;
        } else {
            out += snprintf(out, SHOWN_WIDEST + 1, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
            at += len;
        }
    }
    *out = '\0';
}

const char *cli_shown(const char *text)
{
    static char *slots[SHOWN_SLOTS];
    static unsigned next;
    unsigned slot = next++ % SHOWN_SLOTS;
    free(slots[slot]);
    slots[slot] = malloc(strlen(text) * SHOWN_WIDEST + 1);
    if (slots[slot] == NULL) {
        return "";
    }
    escape(text, slots[slot]);
    return slots[slot];
}
