# lf_watch by the command and the example: every record once, in order, whoever goes away meanwhile.
. "$(dirname "$0")/world.sh"
open_world
state() { as "$1" watch --from 27 --json "${@:2}"; } # behind the 27 entries of init
push() { # ROWS FROM: registry entries that nobody had before
    sed -n "1p;$2,$(($2 + $1 - 1))p" "$DATA/registry-sample.csv" >"$world/rows.csv"
    expect 0 as regulator push --kind registry-entry "$world/rows.csv"
}
indexes() { grep -oE '^\{"index": ?[0-9]+' "$1" | grep -oE '[0-9]+'; } # of whole lines, as they came
await_lines() { # FILE COUNT
    for _ in $(seq 600); do
        if [ "$(wc -l <"$1")" -ge "$2" ]; then return; fi
        kill -0 "$watcher" 2>/dev/null || { cat "$world/watch-err" >&2; fail "the watch has ended"; }
        sleep 0.05
    done
    fail "$(wc -l <"$1") of $2 records came"
}

# All there is, proven; what is acknowledged is not told again.
push 40 2
expect 0 state platform-02 --once --ack
[ "$(indexes "$world/out" | tr '\n' ' ')" = "$(seq 27 66 | tr '\n' ' ')" ] || fail "not each record once, in order"
holds "$world/out" '"kind": ?"RegistryEntry".*"fields": ?\{"uscc"'
expect 0 as platform-02 watch --resume --once
lines "$world/out" . 0

claim S4-13.1 "P07 is away during 5 records: back again it gets 5, in order, once each"
expect 0 state platform-07 --once --ack
seven() { # FILE: what P07's own copy says of the five
    expect 0 as platform-07 --json mirror sync
    sed 's/"synced_at[^,}]*[,}]//' "$world/out" >"$world/synced"
    expect 0 as platform-07 mirror screen --file "$world/five.csv" --column uscc --out "$world/screened"
    cut -d, -f1-7 "$world/screened" >"$1" # and not how old the copy is
}
mkdir "$world/gen"
"$GENERATE" "$world/gen" 60 3
sed -n '1p;2,6p' "$world/gen/platform-01.csv" >"$world/five.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/five.csv"
expect 0 as platform-07 watch --resume --once --json --ack
[ "$(indexes "$world/out" | tr '\n' ' ')" = "67 68 69 70 71 " ] || fail "not the five records in order"
cut -d, -f1 "$world/five.csv" | tail -n 5 >"$world/refs"
sed 's/.*"ref": *"\([^"]*\)".*/\1/' "$world/out" | diff "$world/refs" - || fail "not the rows of the file in their order"
expect 0 as platform-07 watch --resume --once
lines "$world/out" . 0
claim S4-13.2 "no. 3 delivered a second time changes nothing: not sent again by P01, not read again by P07"
seven "$world/before"
lines "$world/before" ',CODE,' 5
cp "$world/synced" "$world/synced.before"
sed -n '1p;4p' "$world/five.csv" >"$world/third.csv"
expect 0 as platform-01 --json push --kind enforcement-event "$world/third.csv" --spool "$world/again"
lines "$world/out" '"status":"duplicate","index":69' 1
expect 0 as platform-07 watch --resume --once
lines "$world/out" . 0
expect 0 as platform-07 watch --from 69 --once --json --ack # a cursor does not go back
lines "$world/out" '^\{"index": ?69,' 1
expect 0 as platform-07 watch --resume --once
lines "$world/out" . 0
seven "$world/after"
cmp "$world/before" "$world/after" || fail "P07's copy is another"
cmp "$world/synced.before" "$world/synced" || fail "P07's head is another"

# Kinds, and what is refused.
for word in enforcement-event EnforcementEvent; do # as push has it, and as it is told
    expect 0 as platform-02 watch --kinds "$word" --once --json
    cp "$world/out" "$world/of-$word"
done
holds "$world/of-enforcement-event" '"kind":"EnforcementEvent"'
cmp "$world/of-enforcement-event" "$world/of-EnforcementEvent" || fail "two names of a kind, and two answers"
expect 0 as platform-02 watch --kinds Member,Genesis --once --json
lines "$world/out" '"kind": ?"(Member|Genesis)"' "$(wc -l <"$world/out")"
expect 2 as platform-02 watch --kinds Nonsense --once
expect 2 as platform-02 watch --from 3 --resume
expect 2 as platform-02 watch --from x
expect 1 as platform-02 watch --from 100000 --once
holds "$world/err" CURSOR_AHEAD

# The gateway goes away in the middle, in order and by kill -9: no gap, nothing twice.
# The command itself and no function, which would be a shell around it: what is killed must be the watch.
"$LIANFANG" --profile "$world/fed/members/platform-02/profile.conf" watch --from 27 --json >"$world/watched" 2>"$world/watch-err" &
watcher=$!
trap 'kill "$watcher" 2>/dev/null || true; end' EXIT
await_lines "$world/watched" 45
push 300 60
stop
serve
push 300 360
stop KILL
serve
push 300 660
await_lines "$world/watched" 945
kill "$watcher"
wait "$watcher" 2>/dev/null || true
if kill -0 "$watcher" 2>/dev/null; then fail "the watch is still there"; fi
trap end EXIT
[ "$(indexes "$world/watched" | tr '\n' ' ')" = "$(seq 27 971 | tr '\n' ' ')" ] || fail "a gap, or a record twice"

# The example goes on where it was.
expect 0 "$EXAMPLE_WATCH" "$world/fed/members/platform-03/profile.conf" 30
holds "$world/out" '^29 regulator RegistryEntry$'
expect 0 "$EXAMPLE_WATCH" "$world/fed/members/platform-03/profile.conf" 2
holds "$world/out" '^30 regulator RegistryEntry$'
lines "$world/out" . 2
expect 0 as auditor log audit
stop
lines "$world/log" 'level=err' 0
echo good
