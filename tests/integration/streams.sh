# Streams over mutual TLS to a real gateway with a queue for two records; certificates by SIGHUP; the end in order.
. "$(dirname "$0")/world.sh"
open_world
stop
echo 'queue = 2' >>"$world/fed/gateway.conf"
serve
await() { # PATTERN, in the gateway's log
    for _ in $(seq 200); do
        if grep -q "$1" "$world/log"; then return; fi
        sleep 0.05
    done
    cat "$world/log" >&2
    fail "the log does not say $1"
}
kill -HUP "$gateway"
await event=certificate-reloaded
cp "$world/fed/tls.key" "$world/good.key"
cp "$world/fed/members/platform-01/tls.key" "$world/fed/tls.key" # a key, but another's
kill -HUP "$gateway"
await event=certificate-kept
mv "$world/good.key" "$world/fed/tls.key"
expect 0 as platform-01 log checkpoint # on the pair that there was
LIANFANG_FED=$world/fed LIANFANG_PORT=$port LIANFANG_PID=$gateway "$WIRE_STREAMS" 2>&1 || fail "streams"
wait "$gateway" || fail "the gateway did not end well"
gateway=""
grep -q event=stopped "$world/log" || fail "the gateway did not stop in order"
lines "$world/log" 'level=err' 0
starts=$((starts + 1))
serve # what was accepted is there, and provable
expect 0 as auditor log audit
stop
echo good
