# kill.sh KILLS ROWS SEED: while three platforms push, the gateway or one of the pushing commands is killed (-9) once a
# random number of rows is told, round after round, until so many kills fell in the middle of a push. Afterwards every
# row is in the ledger exactly once, at the index that was told first, every receipt that was ever written verifies,
# and the same rows in other batches are duplicates.
. "$(dirname "$0")/world.sh"
kills=$1
each=$2 # rows a member and round
seed=$3
RANDOM=$seed
members="platform-01 platform-02 platform-03"
open_world
mkdir "$world/gen"
most=$((kills + 8)) # rounds: a push may be over before the kill comes
"$GENERATE" "$world/gen" $((most * each * 8)) "$seed" # the smallest of the three reports 14 of 100
expect 0 as auditor log checkpoint
base=$(sed -n 2p "$world/out")

slice() { # MEMBER ROUND: that round's rows of that member
    local file=$world/gen/$1.csv
    head -n 1 "$file"
    tail -n +2 "$file" | sed -n "$((($2 - 1) * each + 1)),$(($2 * each))p"
}
push_in_background() { # MEMBER ROUND
    "$LIANFANG" --json --profile "$world/fed/members/$1/profile.conf" push --kind enforcement-event \
        "$world/slice-$1" --receipts "$world/receipts-$1" >"$world/told-$1-$2" 2>"$world/err-$1" &
}

told() { cat "$world"/told-*-"$round" | grep -c '}$' || true; }
reach() { # FILE LINES PID: until so much is told, or nothing more will be
    until [ "$(wc -l <"$1")" -ge "$2" ]; do kill -0 "$3" 2>/dev/null || return 0; done
}

in_the_middle=0
round=0
while [ "$in_the_middle" -lt "$kills" ] && [ "$round" -lt "$most" ]; do
    round=$((round + 1))
    pids=()
    for member in $members; do
        slice "$member" "$round" >"$world/slice-$member"
        push_in_background "$member" "$round"
        pids+=($!)
    done
    victim=$((RANDOM % 4)) # 3: the gateway
    watched=$((victim % 3))
    reach "$world/told-platform-0$((watched + 1))-$round" $((RANDOM * each * 2 / 3 / 32768)) "${pids[$watched]}"
    if [ "$victim" -eq 3 ]; then
        stop KILL
        if [ "$(told)" -lt $((3 * each)) ]; then in_the_middle=$((in_the_middle + 1)); fi
        serve
    else
        kill -9 "${pids[$victim]}" 2>/dev/null || true
    fi
    for i in 0 1 2; do
        code=0
        wait "${pids[$i]}" 2>/dev/null || code=$?
        if [ "$code" -eq 137 ]; then in_the_middle=$((in_the_middle + 1)); fi
        [ "$code" -eq 0 ] || { [ "$i" -eq "$victim" ] && [ "$code" -eq 137 ]; } ||
            { cat "$world"/err-* >&2; fail "round $round: push $i ended with $code"; }
    done
    for member in $members; do # and once more, to its end
        expect 0 as "$member" --json push --kind enforcement-event "$world/slice-$member" --receipts "$world/receipts-$member"
        cp "$world/out" "$world/told-$member-$round-again"
        lines "$world/out" '"status":"(accepted|duplicate)"' "$each"
    done
done
rounds=$round
[ "$in_the_middle" -gt 0 ] || fail "in $rounds rounds no kill fell in the middle of a push"

expect 0 as auditor log checkpoint
size=$(sed -n 2p "$world/out")
[ "$size" -eq $((base + 3 * rounds * each)) ] || fail "$size entries, not every row exactly once"
python3 - "$world" <<'PY' || fail "a row has two places, or two rows have one"
import glob, json, sys
place, rows = {}, {}
for path in glob.glob(sys.argv[1] + "/told-*"):
    member, rnd = path.split("/told-")[1].replace("-again", "").rsplit("-", 1)
    for text in open(path):
        if not text.endswith("}\n"):
            continue  # the command was killed while it wrote
        line = json.loads(text)
        row = (member, rnd, line["line"])
        assert place.setdefault(row, line["index"]) == line["index"], (row, line)
        assert rows.setdefault(line["index"], row) == row, (row, rows[line["index"]])
PY
for member in $members; do # the same rows, in another order and so in other batches
    for round in $(seq "$rounds"); do slice "$member" "$round" | tail -n +2; done | shuf --random-source=<(yes "$seed") >"$world/shuffled"
    { head -n 1 "$world/gen/$member.csv"; cat "$world/shuffled"; } >"$world/shuffled.csv"
    expect 0 as "$member" --json push --kind enforcement-event "$world/shuffled.csv"
    lines "$world/out" '"duplicate"' $((rounds * each))
done
expect 0 as auditor log checkpoint
[ "$(sed -n 2p "$world/out")" -eq "$size" ] || fail "duplicates changed the ledger"
expect 0 as auditor log audit
cat "$world"/receipts-* >"$world/receipts" # no half line is left in them
expect 0 "$LIANFANG" receipt verify "$world/receipts"
[ ! -s "$world/err" ] || { head "$world/err" >&2; fail "receipts"; }
echo "$rounds rounds, $in_the_middle in the middle, $(wc -l <"$world/receipts") receipts hold"
