#!/usr/bin/env bash
# The whole way on one machine: installs, builds, starts a gateway, pushes, screens, verifies, audits.
# usage: ci/demo.sh [--keep DIR]     DIR (new or empty) is kept; without it a temporary one is removed at the end
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
keep=""
gateway=""
began=$(date +%s%N)
step=0

title() { step=$((step + 1)); printf '\n%2d. %s\n' "$step" "$*"; }
note() { printf '    %s\n' "$*"; }
fail() { printf '\nFAILED in step %s: %s\n' "$step" "$*" >&2; exit 1; }
seconds() { awk -v ns=$(($(date +%s%N) - $1)) 'BEGIN { printf "%.1f", ns / 1e9 }'; }
rate() { awk -v n="$1" -v ns=$(($(date +%s%N) - $2)) 'BEGIN { printf "%.0f", n / (ns / 1e9) }'; }

case "${1:-}" in
'') world=$(mktemp -d "${TMPDIR:-/tmp}/lianfang-demo.XXXXXX") ;;
--keep)
    keep=${2:-}
    [ -n "$keep" ] || { echo "demo: --keep needs a directory" >&2; exit 2; }
    mkdir -p "$keep"
    world=$(cd "$keep" && pwd)
    [ -z "$(ls -A "$world")" ] || { echo "demo: $keep is not empty" >&2; exit 2; }
    ;;
*)
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
    ;;
esac
finish() {
    [ -z "$gateway" ] || { kill "$gateway" 2>/dev/null && wait "$gateway" 2>/dev/null; } || true
    [ -n "$keep" ] || rm -rf "$world"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build=$repository/build/dev
lianfangd=$build/gateway/daemon/lianfangd
lianfang=$build/sdk/cli/lianfang
fed=$world/gateway
as() { local member=$1; shift; "$lianfang" --profile "$fed/members/$member/profile.conf" "$@"; }
# push MEMBER KIND FILE [OPTION...]: on a terminal with its progress bar, otherwise one line
push() {
    local member=$1 kind=$2 file=$3
    shift 3
    if [ -t 2 ]; then
        note "$member"
        as "$member" push --kind "$kind" "$file" "$@"
    else
        as "$member" push --kind "$kind" "$file" "$@" 2>&1 | sed "s/^/    $member: /"
    fi
}
# advice WANTED-EXIT PATTERN CODE: what platform-21 is told, which must be so
advice() {
    local want=$1 pattern=$2 code=0 told
    shift 2
    told=$(as platform-21 screen --purpose ONBOARDING "$@") || code=$?
    note "${told//$'\t'/  }"
    [ "$code" -eq "$want" ] || fail "exit $code instead of $want"
    grep -q -- "$pattern" <<<"$told" || fail "not the advice that was expected: $pattern"
}

title "Packages and build"
LF_SETUP_RUN=1 "$repository/ci/setup.sh"
if ! { cd "$repository" && cmake --preset dev && cmake --build build/dev --target lianfangd lianfang lf_generate; } >"$world/build.log" 2>&1; then
    tail -n 40 "$world/build.log" >&2
    fail "the build: see above"
fi
note "built in $(seconds "$began") s: lianfangd, lianfang"

title "A gateway with its federation: 21 platforms, a regulator, a lab, a licence issuer, an auditor"
"$lianfangd" init "$fed" --name demo.example --dev --listen 127.0.0.1:0 >/dev/null
: >"$world/gateway.log" # before anybody looks into it
"$lianfangd" serve --config "$fed/gateway.conf" 2>>"$world/gateway.log" &
gateway=$!
port=""
for _ in $(seq 300); do
    port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' "$world/gateway.log")
    [ -z "$port" ] || break
    kill -0 "$gateway" 2>/dev/null || { cat "$world/gateway.log" >&2; fail "the gateway did not start"; }
    sleep 0.05
done
[ -n "$port" ] || fail "the gateway does not serve"
sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$fed"/members/*/profile.conf
sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" "$fed/gateway.conf"
note "serving on 127.0.0.1:$port over mutual TLS; every member's certificate is pinned in the ledger"

title "The regulator pushes 2,000 entries of the register (real enterprises, status unknown)"
pushed=$(date +%s%N)
push regulator registry-entry "$repository/tests/data/registry-sample.csv" --receipts "$world/receipts-regulator.jsonl"
printf 'uscc,name,established,province,status\n91999999MA0000031R,测试商贸三号（北京）有限公司,2020-01-15,北京,存续\n' >"$world/fixture.csv"
push regulator registry-entry "$world/fixture.csv"
note "2,001 entries in $(seconds "$pushed") s; the last is a fixture registered as 存续"

title "9 of 21 platforms push 10,000 removals (synthetic, division 999999)"
mkdir "$world/removals"
"$build/tests/tools/lf_generate" "$world/removals" 10000 2026
pushed=$(date +%s%N)
for file in "$world"/removals/platform-*.csv; do
    member=$(basename "$file" .csv)
    push "$member" enforcement-event "$file" --receipts "$world/receipts-$member.jsonl"
done
removals_s=$(seconds "$pushed")
removals_rate=$(rate 10000 "$pushed")
note "10,000 signed records in $removals_s s: $removals_rate records/s, each with a receipt verified on arrival"

title "The same file once more: duplicates, and nothing else"
before=$(as auditor log checkpoint | sed -n 2p)
push platform-09 enforcement-event "$world/removals/platform-09.csv"
[ "$(as auditor log checkpoint | sed -n 2p)" = "$before" ] || fail "duplicates changed the ledger"

title "platform-21, which reported none of them, asks before it lets merchants in"
removed=$(awk -F, '$5 == "ESTABLISHED_BY_PLATFORM" { print $2; exit }' "$world/removals/platform-01.csv")
advice 1 'DENY.*LIVE_REMOVAL' "$removed"
advice 0 'ALLOW$' 91999999MA0000031R
advice 1 'MANUAL_REVIEW.*REGISTRY_STATUS_UNKNOWN' "$(sed -n '2s/,.*//p' "$repository/tests/data/registry-sample.csv")"
advice 3 'INVALID.*USCC_CHECK_DIGIT' 91999999MA00000155

title "The auditor reads the whole ledger from genesis and recomputes its root"
audited=$(date +%s%N)
as auditor log audit >"$world/audit.txt"
note "$(cat "$world/audit.txt")"
note "in $(seconds "$audited") s"
as auditor log checkpoint >"$world/checkpoint.txt"
key=$(as auditor log keys ledger)
entries=$(sed -n 2p "$world/checkpoint.txt")

title "The gateway is stopped; a receipt is verified offline, with the key that we trust"
kill "$gateway"
wait "$gateway" || fail "the gateway did not end in order"
gateway=""
head -n 1 "$world/receipts-platform-01.jsonl" >"$world/receipt.jsonl"
note "$("$lianfang" receipt verify "$world/receipt.jsonl" --key "$key")"
sed 's/"envelope":"\(..\)./"envelope":"\1f/' "$world/receipt.jsonl" >"$world/forged.jsonl"
if "$lianfang" receipt verify "$world/forged.jsonl" --key "$key" >/dev/null 2>&1; then fail "a forged record passed"; fi
note "the same receipt with another record under it: refused"

title "Figures"
bytes=$(stat -c %s "$fed/data/data.mdb" 2>/dev/null || du -sb "$fed/data" | cut -f1)
note "$entries entries, $bytes bytes on disk ($((bytes / entries)) an entry, tree and index included)"
note "$removals_rate records/s through the command; everything in $(seconds "$began") s"
if [ -n "$keep" ]; then
    note "gateway and members  $fed"
    note "receipts, checkpoint $world/receipts-*.jsonl, $world/checkpoint.txt"
    note "log of the gateway   $world/gateway.log"
    note "serve it again       $lianfangd serve --config $fed/gateway.conf"
    note "ask it               $lianfang --profile $fed/members/platform-21/profile.conf screen --purpose ONBOARDING $removed"
else
    note "the directory $world is removed now; 'ci/demo.sh --keep DIR' keeps it"
fi
printf '\nAll held.\n'
