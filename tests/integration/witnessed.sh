# Sourced: two gateways, of which wit.example is the witness of test.example.
. "$(dirname "$0")/world.sh"
witness=""
trap '[ -z "$witness" ] || kill "$witness" 2>/dev/null || true; end' EXIT

"$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
"$LIANFANGD" init "$world/wit" --name wit.example --dev --listen 127.0.0.1:0 >/dev/null
vkey() { sed -n "s/^$2 = //p" "$world/$1/members/auditor/profile.conf"; }
printf 'log %s\nquorum none\n' "$(vkey fed ledger)" >"$world/wit/logs"
printf '\n[http]\nlisten = 127.0.0.1:0\nwitness_for = logs\n' >>"$world/wit/gateway.conf"
witness_log=$world/wit.log
: >"$witness_log"; : >"$world/log"
witness_serve() {
    local before
    before=$(grep -c event=serving "$witness_log" || true)
    "$LIANFANGD" serve --config "$world/wit/gateway.conf" 2>>"$witness_log" &
    witness=$!
    await '[ "$(grep -c event=serving "$witness_log")" -gt '"$before"' ]' "the witness does not serve"
}
witness_stop() { kill "$witness"; wait "$witness" 2>/dev/null || true; witness=""; }
await() { for _ in $(seq 400); do if eval "$1"; then return; fi; sleep 0.05; done; cat "$world/log" "$witness_log" >&2; fail "$2"; }
witness_serve
wport=$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' "$witness_log")
sed -i "/^\[http\]/,\$ s/^listen = .*/listen = 127.0.0.1:$wport/" "$world/wit/gateway.conf"
witness_url=http://127.0.0.1:$wport/witness
printf 'log %s\nwitness w1 %s %s\nquorum w1\n' "$(vkey fed ledger)" "$(vkey wit witness)" "$witness_url" >"$world/fed/policy"
printf '\n[http]\nlisten = 127.0.0.1:0\nwitnesses = policy\npublish_interval_ms = 20\n' >>"$world/fed/gateway.conf"
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' "$world/log")
sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$world"/fed/members/*/profile.conf
sed -i "0,/^listen = .*/s//listen = 127.0.0.1:$port/" "$world/fed/gateway.conf"

public() { echo "http://127.0.0.1:$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' "$world/log" | tail -n 1)"; }
hex=$(printf 'test.example/ledger' | sha256sum | cut -d' ' -f1)
witnessed() { curl -s "$witness_url/$hex/checkpoint"; }
witnessed_size() { witnessed | sed -n 2p; }
