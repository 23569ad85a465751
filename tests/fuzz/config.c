/* SPDX-License-Identifier: Apache-2.0 */
/* Covers gw_config_load: gateway.conf. Accepted: the required keys are there. Refused: the output is
 * untouched and the error has a message. */
#include "fuzz/fuzz.h"

#include "gateway/daemon/daemon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gw_config config;
    lf_error err = LF_ERROR_INIT;
    const char *path = fuzz_file("gateway.conf", (lf_bytes){data, size});
    fuzz_mark(&config, sizeof config);
    if (gw_config_load(path, &config, &err) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&config, sizeof config) && err.message[0] != '\0');
        return 0;
    }
    FUZZ_REQUIRE(config.name[0] != '\0' && config.listen[0] != '\0' && config.dir[0] != '\0');
    return 0;
}
