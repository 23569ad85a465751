#!/usr/bin/env bash
# Who may include what, file sizes, and (without --quick) formatting.
set -euo pipefail
cd "$(dirname "$0")/.."
rc=0
say() { echo "lint: $*"; rc=1; }

sources=$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

# A third-party header belongs to one directory each. Columns: pattern, the directories that may include it.
while read -r pattern allowed; do
    while IFS=: read -r file _; do
        [[ "$file" =~ ^($allowed) ]] || say "$file includes <$pattern…>, only $allowed may"
    done < <(echo "$sources" | xargs -r grep -nE "#include <$pattern" /dev/null)
done <<'TABLE'
lmdb storage/lmdb/|tests/bench/
sodium sdk/base/|tests/bench/
openssl/ sdk/base/|tests/support/
grpc/ gateway/rpc/|sdk/client/transport/|tests/rpc/|tests/bench/
jansson sdk/cli/|tests/
csv.h sdk/cli/
utf8proc sdk/uscc/
microhttpd gateway/ops/
curl/ gateway/federation/
ini.h gateway/daemon/|sdk/client/
protobuf-c/ protos/codec/|tests/fuzz/
lianfang/v1/ protos/codec/|tests/fuzz/
TABLE

# Arrows point down only: base knows nothing above it, core nothing but base.
while read -r dir forbidden; do
    hits=$(echo "$sources" | grep "^$dir" | xargs -r grep -nE "#include \"($forbidden)" /dev/null || true)
    [ -z "$hits" ] || say "an arrow points up: $hits"
done <<'TABLE'
sdk/base/ core/|storage/|protos/|gateway/|client/|cli/
sdk/core/ storage/|protos/|gateway/|client/|cli/
sdk/uscc/ core/|storage/|protos/|gateway/|client/|cli/
storage/ protos/|gateway/|client/|cli/
protos/ storage/|gateway/|client/|cli/
sdk/cli/ base/|core/|uscc/|storage/|protos/|gateway/|client/
sdk/examples/ base/|core/|uscc/|storage/|protos/|gateway/|client/|cli/
TABLE

# Every reason that the code gives is in the table that clients switch on.
for reason in $(echo "$sources" | grep -v '^tests/' | xargs -r cat | tr '\n' ' ' |
    grep -oE '(lf__refuse\([^;]*|scan_bad\([^;]*)' | grep -oE '"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+"' | tr -d '"' | sort -u); do
    grep -q ",$reason," protos/reasons.csv || say "$reason is not in protos/reasons.csv"
done
awk -F, 'NR > 1 && ($1 != NR - 1 || NF != 4) { print "lint: protos/reasons.csv line " NR; bad = 1 } END { exit bad }' protos/reasons.csv || rc=1

for file in $sources; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 800 ] || say "$file has $lines lines, 800 is the limit"
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || say "$file does not start with its licence"
done
if [ "${1:-}" != "--quick" ]; then
    echo "$sources" | xargs -r clang-format --dry-run --Werror || rc=1
    ci/buf.sh || rc=1
fi
exit $rc
