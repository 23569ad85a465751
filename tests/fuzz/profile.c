/* SPDX-License-Identifier: Apache-2.0 */
/* Covers lf__profile_load: profile.conf and the files that it names. Input: a piece as the key
 * file "member.key", a piece as "tls.pem", the rest as the profile. Refused: the output is untouched. */
#include "fuzz/fuzz.h"

#include "client/client_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lf__profile profile;
    struct lf__reader r = {{data, size}};
    lf_error err = LF_ERROR_INIT;
    (void)fuzz_file("member.key", fuzz_piece(&r));
    (void)fuzz_file("tls.pem", fuzz_piece(&r));
    const char *path = fuzz_file("profile.conf", r.rest);
    fuzz_mark(&profile, sizeof profile);
    if (lf__profile_load(path, &profile, &err) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&profile, sizeof profile) && err.message[0] != '\0');
        return 0;
    }
    FUZZ_REQUIRE(profile.sign != NULL && profile.member[0] != '\0' && profile.address[0] != '\0');
    lf__profile_done(&profile);
    return 0;
}
