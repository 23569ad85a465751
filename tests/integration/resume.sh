# kill -9 of the gateway, and of the client, in the middle of a push: every row exactly once afterwards.
. "$(dirname "$0")/world.sh"
open_world
mkdir "$world/gen"
"$GENERATE" "$world/gen" 9000 7
file=$world/gen/platform-01.csv
rows=$(($(wc -l <"$file") - 1))

as platform-01 --json push --kind enforcement-event "$file" --receipts "$world/receipts-1" >"$world/push-1" 2>/dev/null &
pusher=$!
while [ ! -s "$world/push-1" ] && kill -0 $pusher 2>/dev/null; do :; done
kill -9 $pusher 2>/dev/null || true
wait $pusher 2>/dev/null || true

as platform-01 --json push --kind enforcement-event "$file" --receipts "$world/receipts-2" >"$world/push-2" 2>"$world/err-2" &
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
cat "$world"/receipts-* | grep '}$' >"$world/receipts" || true
expect 0 as platform-01 receipt verify "$world/receipts"
echo good
