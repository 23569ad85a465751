#!/usr/bin/env bash
# Installs every package that building and testing need, by name. Quick when all is there.
set -euo pipefail
packages=(build-essential cmake ninja-build pkg-config git ca-certificates
    libgrpc-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libprotobuf-dev
    libsodium-dev liblmdb-dev libssl-dev libjansson-dev libinih-dev libcsv-dev libmicrohttpd-dev libcurl4-openssl-dev
    libutf8proc-dev libopencc-dev libcmocka-dev curl python3 xlsx2csv)
# Only the measurements need these: a peer to compare with, and what counts its flushes.
if [ -n "${LF_SETUP_BENCH:-}" ]; then packages+=(etcd-server libgrpc++-dev protobuf-compiler-grpc strace); fi
# Only tests need these (LF_SETUP_RUN leaves them out): the other compiler and its tools, the client in Python, the log
# reader in Go, and npm, from which buf comes and which may have come from elsewhere than Debian.
if [ -z "${LF_SETUP_RUN:-}" ]; then
    packages+=(clang clang-format clang-tidy libclang-rt-14-dev gcovr)
    packages+=(python3-grpcio python3-protobuf python3-nacl golang-go golang-golang-x-mod-dev)
    command -v npm >/dev/null || packages+=(npm)
fi
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=""
if [ "$(id -u)" -ne 0 ]; then sudo="sudo"; fi
echo "installing: ${missing[*]}" >&2
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
