/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_echo PORT DIR BYTES: a callback server of libgrpc++ that answers every question with an answer of
 * so many bytes, over the same TLS as the gateway in DIR: client certificates demanded, not judged.
 */
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "echo.grpc.pb.h"

namespace {

class Echo final : public bench::Echo::CallbackService {
  public:
    explicit Echo(std::string answer) : answer_(std::move(answer)) {}
    grpc::ServerUnaryReactor *Ask(grpc::CallbackServerContext *context, const bench::Bytes *,
                                  bench::Bytes *answer) override
    {
        answer->set_data(answer_);
        grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

  private:
    const std::string answer_;
};

std::string text_of(const std::string &path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::shared_ptr<grpc::ServerCredentials> credentials(const std::string &dir)
{
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    options.pem_key_cert_pairs.push_back({text_of(dir + "/tls.key"), text_of(dir + "/tls.crt")});
    return grpc::SslServerCredentials(options);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::fprintf(stderr, "usage: lf_echo PORT DIR BYTES\n");
        return 2;
    }
    const int bytes = std::stoi(argv[3]);
    const int head = bytes < 130 ? 2 : 3; /* tag and length */
    Echo service(std::string(bytes > head ? bytes - head : 0, 'x'));
    grpc::ServerBuilder builder;
    builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], credentials(argv[2]));
    builder.RegisterService(&service);
    sigset_t signals;
    sigemptyset(&signals); /* blocked before gRPC's threads exist */
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (server == nullptr) {
        std::fprintf(stderr, "lf_echo: port %s cannot be bound\n", argv[1]);
        return 1;
    }
    std::fprintf(stderr, "event=serving port=%s\n", argv[1]);
    int caught = 0;
    sigwait(&signals, &caught);
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
    return 0;
}
