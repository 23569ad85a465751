# lf_generate: the same seed makes the same files, another seed others; 9 reporters, the published scale and window.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
for run in a b other; do
    mkdir "$dir/$run"
    "$GENERATE" "$dir/$run" 10000 "$([ $run = other ] && echo 2 || echo 1)"
done
diff -r "$dir/a" "$dir/b" >/dev/null || fail "one seed, two results"
if diff -r "$dir/a" "$dir/other" >/dev/null; then fail "two seeds, one result"; fi
rows() { tail -qn +2 "$dir"/a/*.csv; }
[ "$(ls "$dir/a" | wc -l)" -eq 9 ] || fail "not 9 reporters"
[ "$(rows | wc -l)" -eq 10000 ] || fail "not 10,000 rows"
[ "$(rows | cut -d, -f1 | sort -u | wc -l)" -eq 10000 ] || fail "a ref twice"
[ "$(rows | cut -d, -f2 | sort -u | wc -l)" -eq 10000 ] || fail "a merchant twice"
rows | awk -F, '$2 !~ /^9[123]999999/ || $6 !~ /^REMOVAL/ || $7 < "2025-07-01" || $7 > "2026-06-30" { print; bad = 1 } END { exit bad }' >&2 ||
    fail "a row outside the reserved division, the measure or the window"
rows | cut -d, -f4 | sort -u | while read -r code; do
    grep -q "^violation $code " "$CODES" || fail "violation $code is not in the table"
done
rows | cut -d, -f6 | tr ';' '\n' | sort -u | while read -r code; do
    grep -q "^measure $code " "$CODES" || fail "measure $code is not in the table"
done
echo good
