/* SPDX-License-Identifier: Apache-2.0 */
/* Text from elsewhere on a terminal: nothing in it may move the cursor, start a line or turn the reading round. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* JSON has no \xHH. */
static void escape(const char *text, bool is_json, char *out)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        unsigned code = 0;
        size_t len = control_at(at, &code);
        if (len == 0) {
            *out++ = (char)*at++;
        } else {
            out += snprintf(out, SHOWN_WIDEST + 1, code < 0x100 && !is_json ? "\\x%02x" : "\\u%04x",
                            code);
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
    escape(text, false, slots[slot]);
    return slots[slot];
}

const char *cli_shown_csv(const char *text, FILE *to)
{
    static int is_terminal = -1;
    if (to != stdout) {
        return text;
    }
    is_terminal = is_terminal < 0 ? isatty(STDOUT_FILENO) : is_terminal;
    return is_terminal == 1 ? cli_shown(text) : text;
}

/* Jansson escapes only what JSON forbids. Outside of strings none of these characters can stand. */
char *cli_shown_json(const char *text)
{
    char *out = malloc(strlen(text) * SHOWN_WIDEST + 1);
    if (out != NULL) {
        escape(text, true, out);
    }
    return out;
}
