#!/usr/bin/env bash
# Who may include what, sizes and nesting, words that have no place in the tree, formatting; without --quick
# also clang-tidy (.clang-tidy says which checks) over the sources as preset dev builds them.
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
utf8proc sdk/uscc/|sdk/names/
opencc/ sdk/names/
microhttpd gateway/ops/
curl/ gateway/federation/
ini.h gateway/daemon/|sdk/client/
protobuf-c/ protos/codec/|tests/fuzz/
lianfang/v1/ protos/codec/|tests/fuzz/
TABLE

# Arrows point down only: base -> core, uscc -> codec -> rules, storage -> policy, access -> exchange -> services -> rpc;
# the client uses base, core, uscc, codec, rules and storage; the command only the installed headers and its own. Columns:
# directory, beginnings of the project headers it may include beside those of its own directory.
while read -r dir allowed; do
    hits=$(echo "$sources" | grep "^$dir[^/]*$" | xargs -r grep -nE '#include "' /dev/null |
        grep -vE "#include \"(${allowed/-/none/})" || true)
    [ -z "$hits" ] || say "an arrow points up: $hits"
done <<'TABLE'
sdk/base/ base/
sdk/base/crypto/ base/
sdk/core/ base/|core/
sdk/uscc/ base/|uscc/|exceptions.inc
protos/codec/ base/|core/|protos/codec/|reasons.inc
storage/ base/|core/|storage/
storage/lmdb/ base/|storage/
sdk/rules/ base/|core/|protos/codec/|rules/
gateway/policy/ base/|core/|protos/codec/|rules/|gateway/policy/
gateway/access/ base/|core/|protos/codec/|storage/|gateway/policy/|gateway/access/
gateway/exchange/ base/|core/|uscc/|protos/codec/|rules/|storage/|gateway/policy/|gateway/access/|gateway/exchange/([^/]+\.h|roster/|validate/|projections/)
gateway/exchange/roster/ base/|core/|protos/codec/|storage/|gateway/policy/|gateway/exchange/roster/
gateway/exchange/validate/ base/|core/|uscc/|protos/codec/|rules/|gateway/policy/|gateway/exchange/(roster|validate)/
gateway/exchange/crosscheck/ base/|core/|uscc/|protos/codec/|rules/|storage/|gateway/policy/|gateway/exchange/
gateway/exchange/reports/ base/|core/|uscc/|protos/codec/|rules/|storage/|gateway/(policy|access|exchange)/
gateway/exchange/projections/ base/|core/|protos/codec/|rules/|storage/|gateway/exchange/(projections/|tables.h)
gateway/rpc/ base/|protos/codec/|gateway/rpc/
gateway/services/ base/|core/|protos/codec/|rules/|storage/|gateway/(policy|access|exchange|federation|rpc|services)/
gateway/federation/ base/|core/|client/|storage/|protos/codec/|gateway/federation/
gateway/ops/ base/|core/|rules/|storage/|protos/codec/|gateway/(policy|access|exchange|federation|ops)/
gateway/daemon/ base/|core/|protos/codec/|rules/|storage/|gateway/
sdk/names/ base/|names/
sdk/client/ base/|core/|uscc/|protos/codec/|rules/|client/([^/]+\.h|evidence/|transport/)
sdk/client/evidence/ base/|core/|protos/codec/|client/([^/]+\.h|evidence/)
sdk/client/mirror/ base/|core/|uscc/|names/|protos/codec/|rules/|storage/|client/([^/]+\.h|mirror/)
sdk/client/transport/ base/|protos/codec/|client/
sdk/cli/ cli/
sdk/examples/ -
sdk/include/lianfang/ -
TABLE
# Installed headers need nothing but C and themselves.
hits=$(echo "$sources" | grep '^sdk/include/' | xargs -r grep -nE '#include <' /dev/null |
    grep -vE '<(lianfang/[a-z_]+|std(bool|int|def))\.h>' || true)
[ -z "$hits" ] || say "an installed header includes more than C: $hits"
# What only one file of a directory shows stays there.
hits=$(echo "$sources" | grep -v '^tests/' | xargs -r grep -nE '#include "[a-z/]*_internal\.h"' /dev/null |
    awk -F'[:"]' '{ own = $1; sub(/[^\/]*$/, "", own); sub(/^sdk\//, "", own); their = $4; sub(/[^\/]*$/, "", their)
        if (index(own, their) != 1) print $1 ": " $4 }')
[ -z "$hits" ] || say "another directory's internal header: $hits"

# Every reason that the code gives is in the table that clients switch on.
for reason in $(echo "$sources" | grep -v '^tests/' | xargs -r cat | tr '\n' ' ' |
    grep -oE '(lf__refuse\([^;]*|scan_bad\([^;]*)' | grep -oE '"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+"' | tr -d '"' | sort -u); do
    grep -q ",$reason," protos/reasons.csv || say "$reason is not in protos/reasons.csv"
done
awk -F, 'NR > 1 && ($1 != NR - 1 || NF != 4) { print "lint: protos/reasons.csv line " NR; bad = 1 } END { exit bad }' protos/reasons.csv || rc=1

# One static buffer or state for all threads. (clang-tidy's concurrency-mt-unsafe also refuses strerror and getenv.)
hits=$(echo "$sources" | xargs -r grep -nE '\b(strtok|localtime|gmtime|ctime|asctime|rand|srand|inet_ntoa|gethostbyname|strsignal|tmpnam)\(' /dev/null || true)
[ -z "$hits" ] || say "not for threads: $hits"

for file in $sources; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 800 ] || say "$file has $lines lines, 800 is the limit"
    read -r first <"$file"
    [[ "$first" == *'SPDX-License-Identifier: Apache-2.0'* ]] || say "$file does not start with its licence"
done
echo "$sources" | xargs -r ci/measure.py || rc=1

# Nothing in the tree depends on where it was made, promises later work, or fetches from somewhere by name.
tracked=(-- ':!tests/data' ':!tests/fuzz/corpus' ':!ci/lint.sh' ':!LICENSE')
hits=$(git grep -nIwE 'TOD[O]|FIXM[E]|XX[X]|HAC[K]' "${tracked[@]}" || true)
[ -z "$hits" ] || say "an unfinished word: $hits"
hits=$(git grep -nIE '(^|[^a-zA-Z0-9_.$}>/])/(home|root|work|Users)/' "${tracked[@]}" || true)
[ -z "$hits" ] || say "a path of one machine: $hits"
hits=$(git grep -nIoE 'https?://[A-Za-z0-9.-]+' "${tracked[@]}" |
    grep -vE '//(127\.0\.0\.1|localhost|([a-z0-9-]+\.)*example(\.[a-z]+)?|c2sp\.org|in-toto\.io|www\.apache\.org|json-schema\.org)$' || true)
[ -z "$hits" ] || say "a host that the list in ci/lint.sh does not know: $hits"

echo "$sources" | xargs -r -P2 -n40 clang-format --dry-run --Werror || say "run clang-format -i on the files above"

if [ "${1:-}" != "--quick" ]; then
    [ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
    # Generated headers must be there; the rest of the build need not.
    cmake --build build/dev --target lf_protos lf_rules lf_policy >/dev/null
    echo "$sources" | grep '\.c$' | grep -vE '^tests/(fuzz|bench|api)/' |
        xargs -r -P2 -n8 clang-tidy -p build/dev --quiet 2>/dev/null || { say "clang-tidy"; }
fi
exit $rc
