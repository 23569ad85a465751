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
# The rest, one program each.
regulator=$world/fed/members/regulator/profile.conf
run() { local want=$1 name=$2; shift 2; expect "$want" "$EXAMPLES/example-$name" "$@"; }
run 0 report "$regulator" ranking
holds "$world/out" '^1	91999999MA00000154	[0-9]+	1	'
run 1 report "$profile" coverage
holds "$world/err" 'not open to this role'
run 0 subject "$profile" 91999999MA00000154 2026-S-1
holds "$world/out" '^entry [0-9]+, EnforcementEvent by platform-01: violation=COUNTERFEIT'
holds "$world/out" '^against entry [0-9]+: at regulator until 20'
run 1 subject "$world/fed/members/lab-01/profile.conf" 91999999MA00000154 2026-S-1
holds "$world/err" 'for regulators, and for platforms'
run 0 members "$profile" PLATFORM
lines "$world/out" '^platform-[0-9]+ PLATFORM ACTIVE ' 21
holds "$world/out" '^21 members; we are platform-01 since entry [0-9]+, with [0-9]+ keys$'
mkdir "$world/joining"
run 0 join "$world/joining"
holds "$world/out" '^Request of platform-new \(示例平台\), role PLATFORM, key '
holds "$world/out" '^Member record with 1 signature$'
run 1 join "$world/joining" # nothing is written over
expect 0 "$LIANFANGD" keygen "$world/second" --name example.test
raw() { sed -n "s/^$1 = //p" "$world/second/gateway.pub" | cut -d+ -f3- | base64 -d | tail -c 32 | od -An -tx1 | tr -d ' \n'; }
run 0 found "$(raw ledger)" "$(raw access)" "$world/authority" "$world/genesis"
holds "$world/out" '^Genesis of example.test, signed by '
expect 0 "$LIANFANGD" init "$world/second" --name example.test --genesis "$world/genesis" --listen 127.0.0.1:0
run 0 doctor "$profile"
lines "$world/out" '^NO ' 0
sed 's/^address = .*/address = 127.0.0.1:1/' "$profile" >"${profile%/*}/nowhere.conf"
run 1 doctor "${profile%/*}/nowhere.conf" 300
holds "$world/out" '^NO connection'
run 0 batch "$profile" 91999999MA0000058H 91999999MA0000066C
holds "$world/out" '^2 records$'
lines "$world/out" '^91999999MA00000(58H|66C) accepted$' 2
run 0 spool "$profile" "$world/bans" 91999999MA0000058H 91999999MA00000747 none
holds "$world/out" '^1 duplicate$'
holds "$world/out" '^2 accepted$'
holds "$world/out" '^3 USCC_LENGTH$'
run 0 cancel "$profile" 91999999MA00000822
holds "$world/out" ', then in the ledger$'
run 0 poll "$profile" 5
lines "$world/out" '^[0-9]+ [A-Z][A-Za-z]* by ' 5
holds "$world/out" '^next [0-9]+ of [0-9]+, and said so$'
run 0 confirm "$world/fed/members/platform-02/profile.conf" "$world/copy"
holds "$world/out" '^said$'
run 0 confirm "$world/fed/members/platform-02/profile.conf" "$world/copy"
holds "$world/out" '^nothing new to say$'
run 0 copy "$world/copy"
holds "$world/out" '^[0-9]+ positions, [0-9]+ records, 0 questions|^[0-9]+ positions, [0-9]+ records, 2 questions'
run 0 log "$profile"
holds "$world/out" '^entry [0-9]+ is in by [0-9]+ hashes; [0-9]+ leaves; [1-9][0-9]* entries of the access log$'
holds "$world/out" '^access key [^ ]+, of the profile, from 0 entries$'
grep -qxF "receipts of today: $(as platform-01 log keys ledger)" "$world/out" || fail "the newest key is another"
printf 'log %s\nquorum none\n' "$(as platform-01 log keys ledger)" >"$world/policy"
for _ in $(seq 100); do # published at most once a second
    "$EXAMPLES/example-refresh" "$profile" "$world/receipt" "$world/envelope" "$world/policy" >"$world/out" 2>"$world/err" && break
    holds "$world/err" UNAVAILABLE
    sleep 0.05
done
holds "$world/out" '^holds: entry [0-9]+'
last=$(sed -n 's/^holds: entry \([0-9]*\).*/\1/p' "$world/out")
run 0 evidence "$profile" "$last" "$world/one.evidence" "$world/trust"
holds "$world/out" "^entry $last: EnforcementEvent of platform-01, [0-9]+ fields shown\$"
holds "$world/out" '^not proven: CONTENT$'
run 0 words 91330106673959654P
holds "$world/out" '^code 91330106673959654P of division 330106$'
run 1 words 71526726-X
holds "$world/out" '^organisation code 71526726X$'
run 1 words '电话 11010519491231002x'
holds "$world/out" '^has the number of a person: leave it out$'
run 0 tokenkey "$world/token.key"
run 1 tokenkey "$world/token.key"
printf '11010519491231002X\n6222020200112233445\n' >"$world/numbers"
run 0 token "$profile" "$world/token.key" 91999999MA0000023Y <"$world/numbers"
holds "$world/out" '^taken: entry [0-9]+$'
printf '欧阳某某\n6222020200112233445\n' >"$world/numbers"
run 1 token "$profile" "$world/token.key" 91999999MA0000023Y <"$world/numbers"
lines "$world/err" 欧阳 0
record=$(as platform-01 --json log prove "$last" | sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p')
run 0 authority "$profile" "$world/fed/authority.key" restrict platform-01 "$record"
holds "$world/out" '^entry [0-9]+$'
run 1 evidence "$profile" "$last" "$world/two.evidence" "$world/trust" # restricted: for nobody
run 0 authority "$profile" "$world/fed/authority.key" suspend lab-01
holds "$world/out" '^entry [0-9]+$'
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
bend "$world/envelope" 22
expect 1 "$EXAMPLES/example-verify" "$key" "$world/receipt" "$world/envelope"
holds "$world/out" '^does not hold'
echo good
