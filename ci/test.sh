#!/usr/bin/env bash
# Installs, lints, builds with warnings as errors (gcc and clang), and runs every test: plain, under ASan and
# UBSan, and under TSan what links no gRPC. Ends with "N passed, N failed"; a build that fails counts as one.
# --full adds clang-tidy, the tests with label "long" (thousands of kills, cuts and flips,
# unsanitized), FUZZ_SECONDS (default 120) of fuzzing for each target, and a table of coverage.
set -euo pipefail
cd "$(dirname "$0")/.."
ci/setup.sh

full=no
[ "${1:-}" != --full ] || full=yes
passed=0
failed=0
skipped=0
note() { # what, 0 or 1
    if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    echo "$1: $([ "$2" -eq 0 ] && echo passed || echo FAILED)"
}

step() { # name, command...: one thing that passes or fails, its output shown when it fails
    local name=$1 log rc=0
    shift
    log=$(mktemp)
    "$@" >"$log" 2>&1 || rc=$?
    [ "$rc" -eq 0 ] || tail -n 60 "$log"
    rm -f "$log"
    note "$name" "$rc"
    return "$rc"
}

build() { # preset
    cmake --preset "$1" && cmake --build "build/$1"
}

# Every test that ctest lists has to say Passed: what did not run, or ran out of time, has failed. A test may
# say itself that it was skipped, and is then told as such. The environment is bare: what passes here passes for
# whoever has another shell, locale or proxy.
run_preset() { # preset, arguments of ctest...
    local preset=$1 report="build/$1/ctest.txt" total good left
    shift
    step "build of $preset" build "$preset" || return 0
    total=$(ctest --test-dir "build/$preset" -N "$@" | grep -oP 'Total Tests: \K[0-9]+')
    env -i PATH="$PATH" HOME="$HOME" ctest --test-dir "build/$preset" --output-on-failure -j2 --timeout 900 "$@" >"$report" 2>&1 || true
    good=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed ' "$report" || true)
    left=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: .*\*\*\*Skipped ' "$report" || true)
    [ "$((good + left))" -eq "$total" ] && [ "$total" -gt 0 ] || cat "$report"
    [ "$total" -gt 0 ] || failed=$((failed + 1))
    passed=$((passed + good))
    skipped=$((skipped + left))
    failed=$((failed + total - good - left))
    echo "$preset: $good of $total passed, $left skipped"
}

# gRPC is not built for TSan, so that it would report what it does not understand; the crash tests kill processes
# by the hundred, and have their threads in unit.storage.
without_grpc='^(crash|rpc|integration|interop|api|unit\.client|unit\.services|protos\.buf|fuzz\.(profile|table))'

if [ "$full" = yes ]; then
    step lint ci/lint.sh || true
    run_preset dev
else
    step lint ci/lint.sh --quick || true
    run_preset dev -LE long
fi
run_preset asan -LE long
run_preset tsan -LE long -E "$without_grpc"
# clang builds all of it with its own warnings, and libFuzzer reads each corpus.
run_preset fuzz -R '^(fuzz|unit\.(base|core|protos))\.'
if [ "$full" = yes ]; then
    step "fuzzing" ci/fuzz.sh "${FUZZ_SECONDS:-120}" || true
    ci/coverage.sh || failed=$((failed + 1))
fi

[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
