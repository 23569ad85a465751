# install.sh BUILD CONSUMER CC CXX: installs into a fresh prefix, copies the consumer out of the tree, builds it there
# by pkg-config and by CMake, in C and in C++, and runs it.
set -euo pipefail
build=$1 consumer=$2 cc=$3 cxx=$4
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$room/prefix" >"$room/log" 2>&1 || { cat "$room/log"; fail "install"; }
[ -x "$room/prefix/bin/lianfang" ] && [ -x "$room/prefix/sbin/lianfangd" ] || fail "the two commands are not installed"
extra=$(find "$room/prefix" -name '*.h' | grep -v '/include/lianfang/' || true)
[ -z "$extra" ] || fail "a private header is installed: $extra"
mv "$room/prefix" "$room/moved" # a prefix that was moved still works
want=$("$room/moved/bin/lianfang" version)
config=$(find "$room/moved" -name lianfang.pc -printf '%h')
libs=$(find "$room/moved" -name 'liblianfang.so' -printf '%h')
cp -r "$consumer" "$room/consumer"
cd "$room/consumer"

export PKG_CONFIG_PATH=$config
[ "lianfang $(pkg-config --modversion lianfang)" = "$want" ] || fail "pkg-config names another version"
"$cc" -std=c99 -Wall -Wextra -pedantic -Werror consumer.c $(pkg-config --cflags --libs lianfang) -o by-pkg-c
"$cxx" -std=c++17 -Wall -Wextra -pedantic -Werror consumer.cpp $(pkg-config --cflags --libs lianfang) -o by-pkg-cxx
cmake -S . -B out -DCMAKE_PREFIX_PATH="$room/moved" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >"$room/log" 2>&1 || { cat "$room/log"; fail "find_package"; }
cmake --build out >"$room/log" 2>&1 || { cat "$room/log"; fail "build by CMake"; }
for program in ./by-pkg-c ./by-pkg-cxx out/consumer-c out/consumer-cxx; do
    got=$(LD_LIBRARY_PATH=$libs "$program") || fail "$program: $got"
    [ "$got" = "$want" ] || fail "$program says '$got', not '$want'"
done
