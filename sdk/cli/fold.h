/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/fold.h - text as it is compared, not as it is kept. */
#ifndef CLI_FOLD_H
#define CLI_FOLD_H

#include <stddef.h>

/* Without blanks and zero-width characters, full-width letters, digits and brackets as ASCII, in lower case; cut
 * to `size` with its NUL. UTF-8 in, UTF-8 out. Returns `out`. */
char *fold_text(const char *text, char *out, size_t size);
/* The same with one blank where there are any between two words. */
char *fold_words(const char *text, char *out, size_t size);

#endif
