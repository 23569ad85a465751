# Every example, against a gateway of its own. EXAMPLES is the directory of the programs.
. "$(dirname "$0")/../integration/world.sh"
open_world
profile=$world/fed/members/platform-01/profile.conf

expect 0 "$EXAMPLES/example-submit" "$profile" 3000 "$world/receipt" "$world/envelope"
holds "$world/out" '^3000 taken, 0 failed$'
expect 1 "$EXAMPLES/example-submit" "$world/fed/members/lab-01/profile.conf" 2
holds "$world/err" KIND_NOT_ALLOWED
expect 0 "$EXAMPLES/example-rescreen" "$world/fed/members/platform-02/profile.conf" 91999999MA00000154 91999999MA0000023Y 91999999MA00000155 91999999MA0000031R 91999999MA000004XH 91999999MA0000058H 91999999MA0000066C
cut -d' ' -f1 "$world/out" | diff - <(printf '%s\n' 91999999MA00000154 91999999MA0000023Y 91999999MA00000155 91999999MA0000031R 91999999MA000004XH 91999999MA0000058H 91999999MA0000066C) || fail "answers out of order"
expect 0 "$EXAMPLES/example-screen" "$world/fed/members/platform-02/profile.conf" 91999999MA00000154
holds "$world/out" '^91999999MA00000154 DENY$'
expect 0 "$EXAMPLES/example-tasks" "$world/fed/members/platform-02/profile.conf"
lines "$world/out" '^  answered as entry' 3000
expect 0 "$EXAMPLES/example-tasks" "$world/fed/members/platform-02/profile.conf"
lines "$world/out" . 0
expect 0 "$EXAMPLES/example-audit" "$profile"
holds "$world/out" '^platform-01: 6027 entries'
expect 0 "$EXAMPLES/example-push" "$world/fed/members/regulator/profile.conf" "$world/spool" <"$DATA/uscc-lowercase-seen.txt"
holds "$world/out" '^115 taken, 0 failed$'
expect 1 "$EXAMPLES/example-push" "$world/fed/members/regulator/profile.conf" "$world/spool" <"$DATA/uscc-failing-seen.txt"
holds "$world/out" '^0 taken, 85 failed$'
ban=(entry-ban uscc=91999999MA0000023Y reason=售假)
expect 0 "$EXAMPLES/example-say" "$profile" "${ban[@]}"
holds "$world/out" '^accepted: entry [0-9]+$'
expect 0 "$EXAMPLES/example-say" "$profile" "${ban[@]}"
holds "$world/out" '^duplicate: entry [0-9]+$'
expect 1 "$EXAMPLES/example-say" "$profile" "${ban[@]}" colour=red
holds "$world/err" 'UNKNOWN_FIELD colour'
expect 1 "$EXAMPLES/example-say" "$profile" entry-ban uscc=91999999MA0000023Y reason=售假 from=2026-02-30
holds "$world/out" '^refused: DATE_INVALID from$'
# One more day of a line makes nothing twice; the day of removal is a record of its own.
for told in accepted duplicate; do
    expect 0 "$EXAMPLES/example-list" "$world/fed/members/regulator/profile.conf" 91999999MA0000031R 2024-07-08
    holds "$world/out" "^listing $told$"
done
expect 0 "$EXAMPLES/example-list" "$world/fed/members/regulator/profile.conf" 91999999MA0000031R 2024-07-08 2025-02-11
holds "$world/out" '^listing duplicate$'
holds "$world/out" '^removal accepted$'
expect 1 "$EXAMPLES/example-list" "$world/fed/members/regulator/profile.conf" '' 2024-07-08
holds "$world/err" 'uscc: is missing'
expect 0 "$EXAMPLES/example-mirror" "$world/fed/members/platform-02/profile.conf" "$world/copy" 91999999MA00000154 9111000060002302XK
holds "$world/out" '^91999999MA00000154 CODE DENY LIVE_REMOVAL:COUNTERFEIT'
holds "$world/out" '^9111000060002302XK NONE'
expect 0 "$CROWD" "$world/fed/members/regulator/profile.conf"
# What a platform said under a case number ends under it.
printf 'ref,uscc,violation,certainty,measures,decided_at\nL-1,91999999MA0000066C,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' >"$world/event.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/event.csv" --spool "$world/spool-lift"
for _ in once again; do
    expect 0 "$EXAMPLES/example-lift" "$profile" L-1 2026-05-01
    holds "$world/out" '^lifted by entry [0-9]+$'
done
expect 0 "$EXAMPLES/example-screen" "$world/fed/members/platform-02/profile.conf" 91999999MA0000066C
holds "$world/out" '^91999999MA0000066C (ALLOW|MANUAL_REVIEW)$'
expect 1 "$EXAMPLES/example-lift" "$profile" L-2
holds "$world/err" 'not there'
key=$(as platform-01 log keys ledger)
stop
expect 0 "$EXAMPLES/example-verify" "$key" "$world/receipt" "$world/envelope"
holds "$world/out" '^holds: entry [0-9]+$'
printf 'x' | dd of="$world/envelope" bs=1 seek=22 conv=notrunc 2>/dev/null
expect 1 "$EXAMPLES/example-verify" "$key" "$world/receipt" "$world/envelope"
holds "$world/out" '^does not hold'
echo good
