# A gateway that lies: two histories, and one rolled back. The SDK remembers, notices, and believes nothing from then on.
. "$(dirname "$0")/world.sh"
open_world
codes=(91999999MA00000154 92999999MA00000151 92999999MA0000023U 92999999MA0000031N)
push() { # MEMBER NAME COUNT: so many records
    { echo 'ref,uscc,violation,certainty,measures'
      for i in $(seq "$3"); do echo "$2-$i,${codes[$((i % 4))]},COUNTERFEIT,SUSPECTED,REMOVAL"; done; } >"$world/$2.csv"
    expect 0 as "$1" push --kind enforcement-event "$world/$2.csv"
}
state() { echo "$world/fed/members/$1/state"; }
head_of() { cat "$(state "$1")"/test.example_ledger+*.head; }
size_of() { head_of "$1" | sed -n 2p; }
ask() { as "$1" screen --purpose ONBOARDING "${codes[0]}"; }
swap() { stop; rm -rf "$world/fed/data"; cp -r "$1" "$world/fed/data"; serve; }
keep() { stop; cp -r "$world/fed/data" "$1"; serve; }
# caught MEMBER: the next question ends with 1, loudly, and both signed heads are in one file
caught() {
    expect 1 as "$1" log checkpoint
    holds "$world/err" 'TWO HISTORIES'
    holds "$world/err" 'LOG_FORKED'
    evidence=$(ls "$(state "$1")"/fork-*.txt)
    lines "$evidence" '^test.example/ledger$' 2
    lines "$evidence" '^— test.example/ledger ' 2
}

# First contact is trusted; what was seen is remembered and moves on, as the note that the gateway signed.
push platform-01 first 3
[ "$(size_of platform-01)" -gt 3 ] || fail "no head is remembered"
keep "$world/early"
push platform-01 second 40
size=$(size_of platform-01)
expect 0 as platform-01 --json log checkpoint
holds "$world/out" "\"size\":$size,"
[ "$(stat -c %a "$(state platform-01)"/*.head)" = 600 ] || fail "the head's file is not 0600"

# Many processes of one profile at once do not harm it.
asking=()
for _ in 1 2 3 4 5 6; do { as platform-02 log checkpoint >/dev/null && as platform-02 log audit >/dev/null; } & asking+=($!); done
push platform-02 beside 20
for one in "${asking[@]}"; do wait "$one" || fail "one of many processes failed"; done
[ "$(head_of platform-02 | wc -l)" -eq 5 ] || fail "the head's file is no note"
keep "$world/true"

# Another history from the early copy on, made longer than the first: its heads are signed, and fork from ours.
swap "$world/early"
push platform-03 other 80
[ "$(size_of platform-03)" -gt "$size" ] || fail "the second history is not longer"
caught platform-01
holds "$evidence" "^$size$"
for _ in 1 2; do # nothing is believed any more, by no process
    expect 1 ask platform-01
    holds "$world/err" "$(basename "$evidence")"
    [ ! -s "$world/out" ] || fail "an answer was told after the fork"
done
expect 1 as platform-01 push --kind enforcement-event "$world/first.csv"
holds "$world/err" LOG_FORKED
# Back on the true history, the mark stays until the operator takes it away; then all is well.
swap "$world/true"
expect 1 as platform-01 log checkpoint
mv "$evidence" "$world/evidence.txt"
expect 0 as platform-01 log checkpoint
# Who saw the other history only is told as well, though the true one is the longer for it now.
push platform-01 third 30
caught platform-03

# Rolled back: a head below the one that was seen before.
swap "$world/early"
caught platform-01
holds "$evidence" 'rolled back'
rm "$evidence" "$(state platform-01)"/*.head # to begin anew
expect 0 as platform-01 log checkpoint

# Where nothing can be kept, it says so and goes on; a file that is no head is not taken for first contact.
echo nonsense >"$(echo "$(state platform-01)"/*.head)"
expect 1 as platform-01 log checkpoint
holds "$world/err" 'is not a head that this log signed'
rm -r "$(state platform-01)"
ln -s /proc/none "$(state platform-01)"
expect 0 as platform-01 log checkpoint
holds "$world/err" 'not remembered: .*state'
stop
echo good
