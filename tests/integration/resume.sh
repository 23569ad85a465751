# kill -9 of the gateway, and of the client, in the middle of a push: every row exactly once afterwards.
. "$(dirname "$0")/world.sh"
open_world
mkdir "$world/gen"
"$GENERATE" "$world/gen" 9000 7
file=$world/gen/platform-01.csv
rows=$(($(wc -l <"$file") - 1))

"$LIANFANG" --profile "$world/fed/members/platform-01/profile.conf" --json push --kind enforcement-event "$file" --receipts "$world/receipts" >"$world/push-1" 2>/dev/null &
pusher=$!
while [ ! -s "$world/push-1" ] && kill -0 $pusher 2>/dev/null; do :; done
kill -9 $pusher 2>/dev/null || true
wait $pusher 2>/dev/null || true

"$LIANFANG" --profile "$world/fed/members/platform-01/profile.conf" --json push --kind enforcement-event "$file" --receipts "$world/receipts" >"$world/push-2" 2>"$world/err-2" &
pusher=$!
stop KILL
serve
wait $pusher || { cat "$world/err-2" >&2; fail "the push did not go on when the gateway came back"; }
expect 0 as platform-01 --json push --kind enforcement-event "$file"
lines "$world/out" '"duplicate"' "$rows"
# 27 entries of init, then each row once.
expect 0 as auditor log checkpoint
[ "$(sed -n 2p "$world/out")" -eq $((27 + rows)) ] || fail "not every row exactly once"
expect 0 as auditor log audit
# Every row has its receipt, those that had arrived before the kills included.
[ "$(grep -oE '"index":[0-9]+' "$world/receipts" | sort -u | wc -l)" -eq "$rows" ] || fail "not a receipt for every row"
expect 0 as platform-01 receipt verify "$world/receipts"
[ ! -e "$world/fed/members/platform-01/spool" ] || [ -z "$(ls -A "$world/fed/members/platform-01/spool")" ] || fail "a spool is left behind"

# Ctrl-C while nobody answers: it stops, says how to go on, and the same command does.
file=$world/gen/platform-02.csv
rows=$(($(wc -l <"$file") - 1))
stop
env --default-signal=INT "$LIANFANG" --profile "$world/fed/members/platform-02/profile.conf" push --kind enforcement-event "$file" 2>"$world/err" &
pusher=$!
while [ -z "$(find "$world/fed/members/platform-02" -name '*.seg' -size +0)" ]; do kill -0 $pusher || fail "the push ended by itself"; done
kill -INT $pusher
got=0
wait $pusher || got=$?
[ "$got" -eq 130 ] || fail "exit $got instead of 130 after Ctrl-C"
holds "$world/err" '^stopped with [1-9][0-9]* rows unanswered: the same command goes on'
# Another try in vain spools nothing more; and what is new is told as new, although it was answered before its row came again.
spooled() { find "$world/fed/members/platform-02" -name '*.seg' -printf '%f %s\n' | sort; }
before=$(spooled)
expect 4 as platform-02 push --timeout 1 --kind enforcement-event "$file"
[ "$(spooled)" = "$before" ] || fail "the rows were spooled once more"
serve
expect 0 as platform-02 --json push --kind enforcement-event "$file"
holds "$world/err" '^[1-9][0-9]* rows of an interrupted push were answered first'
lines "$world/out" '"accepted"' "$rows"
holds "$world/err" "^$rows accepted, 0 duplicates, 0 rejected"
echo good
