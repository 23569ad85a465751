/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile.h - who we are, and which gateway we trust. Read once, then only looked at: any thread. */
#ifndef LF__PROFILE_H
#define LF__PROFILE_H

#include "base/buf.h"
#include "base/crypto/sign.h"
#include "core/note.h"

enum { CLIENT_SECRET_BYTES = 32 };

struct lf__profile {
    char member[41];
    char address[256];
    char server_name[128];
    char ledger_text[512];
    struct lf__note_key ledger;
    char access_text[512]; /* "": not named; likewise the next */
    struct lf__note_key access;
    char witness_text[512];
    struct lf__note_key witness;
    struct lf__secret *sign;
    struct lf__hash sign_key_id;
    struct lf__secret *push;
    struct lf__buf tls_key; /* each ends with NUL */
    struct lf__buf tls_cert;
    struct lf__buf server_cert;
};
enum { LF__PROFILE_PATH_MAX = 4096 };
/* The secret files that a profile names, and where one of them lies. */
enum lf__profile_file { LF__PROFILE_KEY, LF__PROFILE_PUSH_SECRET, LF__PROFILE_TLS_KEY };
lf_status lf__profile_path(const char *profile, enum lf__profile_file file,
                           char out[static LF__PROFILE_PATH_MAX], lf_error *err);
lf_status lf__profile_load(const char *path, struct lf__profile *out, lf_error *err);
void lf__profile_done(struct lf__profile *profile);

#endif
