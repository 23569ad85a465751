# fanout.sh READERS IDLE EVENTS PAUSE_MS BACKLOG RESTARTS [P99_US]: one event after the other to many subscribers beside idle streams, while
# one subscriber never reads, one goes away every second, and one asks for all of the BACKLOG again and again; and the gateway is
# restarted in the middle, in order and by kill -9. The full counts run under --full and in ci/bench.sh, which prints how long it takes.
readers=$1 idle=$2 events=$3 pause=$4 backlog=$5 restarts=$6 most=${7:-0}
. "$(dirname "$0")/world.sh"
open_world
stop
printf 'heartbeat_ms = 1000\npatience_ms = 1500\n' >"$world/feed.conf"
sed -i "/^listen = 127.0.0.1:$port/r $world/feed.conf" "$world/fed/gateway.conf"
serve
mkdir "$world/gen"
"$GENERATE" "$world/gen" "$backlog" 7
for n in 01 02 03; do
    expect 0 as platform-$n push --kind enforcement-event "$world/gen/platform-$n.csv" --spool "$world/spool-$n"
done
mkfifo "$world/go"
: >"$world/fanout"
exec 7<>"$world/go"
LIANFANG_FED=$world/fed LIANFANG_PORT=$port "$WIRE_FANOUT" "$readers" "$idle" "$events" "$pause" "$restarts" \
    <"$world/go" >"$world/fanout" 2>"$world/fanout-err" 7>&- &
fanout=$!
trap 'kill "$fanout" 2>/dev/null || true; end' EXIT
for ((n = 1; n <= restarts; n++)); do
    until [ "$(grep -c '^restart$' "$world/fanout")" -ge "$n" ]; do
        kill -0 "$fanout" 2>/dev/null || { cat "$world/fanout-err" >&2; fail "the fan-out"; }
        sleep 0.05
    done
    if [ $((n % 2)) -eq 1 ]; then stop KILL; else stop; fi
    serve
    echo go >&7
done
wait "$fanout" || { cat "$world/fanout-err" >&2; fail "the fan-out"; }
trap end EXIT
grep '"row"' "$world/fanout"
told() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$world/fanout"; }
# Those who trouble it did: one was cut off, one left with each second that passed, one has had all of it several times.
[ "$(told cut_off)" -ge 1 ] || fail "who never reads was not cut off"
[ "$(told left)" -ge $((events * pause / 1000)) ] || fail "nobody went away every second"
[ "$(told passes)" -ge 3 ] || fail "nobody had everything again and again"
[ "$(told rate)" -eq $((readers * (events - restarts))) ] || fail "not every event to every reader"
[ "$most" -eq 0 ] || [ "$(told p99_us)" -lt "$most" ] || fail "p99 $(told p99_us) us is not under $most"
expect 0 as auditor log access --json # an idle stream is told nothing, and makes no entry
lines "$world/out" '"act": ?"FEED".*"told": ?0[,}]' 0
expect 0 as auditor log audit
stop
grep -q event=stopped "$world/log" || fail "the gateway did not stop in order"
lines "$world/log" 'level=err' 0
echo good
