#!/usr/bin/env bash
# Installs, builds with warnings as errors, and runs every test: plain, then under ASan and UBSan,
# then the storage tests under TSan. Ends with "N passed, N failed". With --full also the tests with
# label "long": thousands of kills, cuts and flips, unsanitized.
set -euo pipefail
cd "$(dirname "$0")/.."
ci/setup.sh
ci/lint.sh --quick

full=no
[ "${1:-}" != --full ] || full=yes
passed=0
failed=0
run_preset() { # preset, ctest filter
    cmake --preset "$1" >"build-$1.log" 2>&1 || { cat "build-$1.log"; exit 1; }
    cmake --build "build/$1" >>"build-$1.log" 2>&1 || { tail -n 60 "build-$1.log"; exit 1; }
    rm -f "build-$1.log"
    local report="build/$1/ctest.txt" total bad
    local skip=(-LE long)
    [ "$full-$1" != yes-dev ] || skip=()
    ctest --test-dir "build/$1" --output-on-failure -j2 ${2:+-R "$2"} "${skip[@]}" >"$report" 2>&1 || cat "$report"
    total=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$report" || true)
    bad=$(grep -E '^ *[0-9]+/[0-9]+ Test +#' "$report" | grep -vc 'Passed' || true)
    passed=$((passed + total - bad))
    failed=$((failed + bad))
    echo "$1: $((total - bad)) of $total passed"
}
run_preset dev ""
run_preset asan ""
run_preset tsan "storage|base"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
