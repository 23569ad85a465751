#!/usr/bin/env bash
# Runs libFuzzer on every target, or on those named: ci/fuzz.sh SECONDS [TARGET...]. The corpus of the tree
# is read, never written; what is found new stays below build/fuzz/found. Exit 1 when a target breaks: its
# input is named, and belongs into tests/fuzz/corpus/TARGET as regression-WHAT together with the fix.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?seconds for each target}
shift
[ -d build/fuzz ] || cmake --preset fuzz >/dev/null
cmake --build build/fuzz >build/fuzz.log 2>&1 || { tail -n 40 build/fuzz.log; exit 1; }
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
rc=0
for target in "${targets[@]}"; do
    found="build/fuzz/found/$target"
    mkdir -p "$found"
    if nice "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -artifact_prefix="$found-" -print_final_stats=1 "$found" "tests/fuzz/corpus/$target" >"$found.log" 2>&1; then
        echo "fuzz.$target: $(grep -oP 'number_of_executed_units: \K.*' "$found.log") runs, $(find "$found" -type f | wc -l) new inputs"
    else
        grep -E 'does not hold|ERROR: |Test unit written|runtime error' "$found.log" | head -n 8
        tail -n 25 "$found.log"
        echo "fuzz.$target: FAILED"
        rc=1
    fi
done
exit $rc
