# The feed over mutual TLS from a real gateway: every position once, in order, and who does not read harms nobody.
. "$(dirname "$0")/world.sh"
open_world
stop
printf 'heartbeat_ms = 300\npatience_ms = 1500\n' >"$world/feed.conf"
sed -i "/^listen = 127.0.0.1:$port/r $world/feed.conf" "$world/fed/gateway.conf"
serve
LIANFANG_FED=$world/fed LIANFANG_PORT=$port LIANFANG_PID=$gateway "$WIRE_FEED" 2>&1 || { tail -5 "$world/log"; fail feed; }
wait "$gateway" || fail "the gateway did not end well"
gateway=""
grep -q event=stopped "$world/log" || fail "the gateway did not stop in order"
lines "$world/log" 'level=err' 0
starts=$((starts + 1))
serve
expect 0 as auditor log access --json # what was read is in the access log, and only that
lines "$world/out" '"act": ?"FEED".*"told": ?0[,}]' 0
holds "$world/out" '"act": ?"FEED"'
stop
echo good
