# Sourced by the scripts here: a federation in a directory of its own, on a port that the kernel gave.
set -euo pipefail
export LC_ALL=C.UTF-8 # patterns here are Chinese, and the locale of who runs them may not be
world=$(mktemp -d)
gateway=""
end() { [ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$world"; }
trap end EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
# expect CODE COMMAND...: runs it, output in $world/out and $world/err
expect() {
    local want=$1 got=0
    shift
    "$@" >"$world/out" 2>"$world/err" || got=$?
    [ "$got" -eq "$want" ] || { cat "$world/out" "$world/err" >&2; fail "exit $got instead of $want: $*"; }
}
# holds FILE PATTERN
holds() { grep -qE -- "$2" "$1" || { cat "$1" >&2; fail "no '$2' in $1"; }; }
lines() { [ "$(grep -cE -- "$2" "$1" || true)" -eq "$3" ] || { tail -n 5 "$1" >&2; fail "not $3 lines with '$2'"; }; }

# bend FILE AT: one bit of the byte there, so that it is never what it was
bend() { printf '%b' "\\x$(printf %02x $(($(od -An -tu1 -j "$2" -N1 "$1") ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# claim ID TEXT: what the lines below it prove, a clause of tests/s4.tsv
claim() { echo "$1 $2"; }

serve() { # starts the gateway on the port of the first start
    "$LIANFANGD" serve --config "$world/fed/gateway.conf" 2>>"$world/log" &
    gateway=$!
    for _ in $(seq 200); do
        grep -q "event=serving.*" "$world/log" && [ "$(grep -c event=serving "$world/log")" -ge "$starts" ] && return
        kill -0 "$gateway" 2>/dev/null || { cat "$world/log" >&2; fail "the gateway did not start"; }
        sleep 0.05
    done
    fail "the gateway is not serving"
}
starts=1
# A free port is found by letting the kernel choose one, then it is written into configuration and profiles.
open_world() {
    "$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
    serve
    port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' "$world/log")
    sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$world"/fed/members/*/profile.conf
    sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" "$world/fed/gateway.conf"
}
# metric NAME VALUE, of a gateway that has `[http] metrics`
metric() {
    python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=10).read())' \
        "http://127.0.0.1:$(sed -n 's/.*event=serving.* metrics=\([0-9]*\).*/\1/p' "$world/log" | tail -n 1)/metrics" >"$world/metrics"
    holds "$world/metrics" "^$1 $2\$"
}
stop() { kill -"${1:-TERM}" "$gateway"; wait "$gateway" 2>/dev/null || true; gateway=""; starts=$((starts + 1)); }
as() { local member=$1; shift; "$LIANFANG" --profile "$world/fed/members/$member/profile.conf" "$@"; }

# Or one whose authority keys never meet the gateway, and in which accusations wait for a relay. In the directory $world:
#   found NAME THRESHOLD KEY...; enrol ID ROLE [OPTIONS]...; open_found
auth() { expect 0 "$LIANFANG" authority "$@"; }
found() { # NAME THRESHOLD KEY...: the keys, and the genesis that the first THRESHOLD of them sign
    found_name=$1 signers=("${@:3:$2}") records=()
    for key in "${@:3}"; do auth keygen "$key"; done
    expect 0 "$LIANFANGD" keygen fed --name "$1"
    local public=("${@:3}")
    auth genesis fed/gateway.pub "${public[@]/%/.pub}" --threshold "$2" --test --out genesis
    for key in "${signers[@]}"; do auth sign genesis --authority-key "$key"; done
}
vkey() { sed -n "s/^$1 = //p" fed/gateway.pub; }
make_member() { # ID ROLE [OPTIONS]: its directory, and its request
    local id=$1 role=$2
    shift 2
    expect 0 "$LIANFANG" keygen "$id" --member "$id" --address 127.0.0.1:1 --certificate fed/tls.crt --ledger "$(vkey ledger)" --access "$(vkey access)"
    expect 0 "$LIANFANG" member request "$id" --member "$id" --name "某某$id" --role "$role" --out "$id.request" "$@"
}
enrol() { # as make_member, and signed by as many keys as it takes
    make_member "$@"
    auth enrol "$1.request" --authority-key "${signers[0]}" --out "$1.record"
    for key in "${signers[@]:1}"; do auth sign "$1.record" --authority-key "$key"; done
    records+=("$1.record")
}
up() { # serves, and tells every member where
    serve
    port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' log | tail -n 1)
    sed -i "s/^address = .*/address = 127.0.0.1:$port/" ./*-*/profile.conf
}
open_found() {
    expect 0 "$LIANFANGD" init fed --name "$found_name" --genesis genesis "${records[@]}" --listen 127.0.0.1:0
    up
    sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" fed/gateway.conf
}
member() { local id=$1; shift; "$LIANFANG" --profile "$id/profile.conf" "$@"; }
