# Sourced by the scripts here: a federation in a directory of its own, on a port that the kernel gave.
set -euo pipefail
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
stop() { kill -"${1:-TERM}" "$gateway"; wait "$gateway" 2>/dev/null || true; gateway=""; starts=$((starts + 1)); }
as() { local member=$1; shift; "$LIANFANG" --profile "$world/fed/members/$member/profile.conf" "$@"; }
