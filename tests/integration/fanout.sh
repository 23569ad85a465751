# fanout.sh READERS IDLE EVENTS: one event after the other to many subscribers beside idle streams and three bad readers. The full
# counts run under --full and in ci/bench.sh, which prints how long it takes.
. "$(dirname "$0")/world.sh"
open_world
LIANFANG_FED=$world/fed LIANFANG_PORT=$port "$WIRE_FANOUT" "$1" "$2" "$3" >"$world/fanout" || fail "the fan-out"
cat "$world/fanout"
expect 0 as auditor log access --json # an idle stream is told nothing, and makes no entry
lines "$world/out" '"act": ?"FEED".*"told": ?0[,}]' 0
expect 0 as auditor log audit
stop
grep -q event=stopped "$world/log" || fail "the gateway did not stop in order"
lines "$world/log" 'level=err' 0
echo good
