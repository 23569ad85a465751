/* SPDX-License-Identifier: Apache-2.0 */
/* The same from C++: the headers are C++ too, and handles fit a smart pointer. */
#include <lianfang/client.h>
#include <lianfang/uscc.h>

#include <iostream>
#include <memory>
#include <string>

int main()
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc code = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    const std::string given = "91999999MA00000154";

    options.allow_test_division = true;
    if (lf_uscc_check(given.data(), given.size(), &options, &code, &err) != LF_OK ||
        given != code.code) {
        std::cout << err.message << '\n';
        return 1;
    }
    lf_client *opened = nullptr;
    lf_status rc = lf_client_open("no-such-profile.conf", &opened, &err);
    std::unique_ptr<lf_client, decltype(&lf_client_close)> client(opened, lf_client_close);
    if (rc != LF_E_NOT_FOUND || client != nullptr) {
        std::cout << lf_status_name(rc) << '\n';
        return 1;
    }
    std::cout << "lianfang " << lf_version() << '\n';
    return 0;
}
