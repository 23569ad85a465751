# A member's own copy: proven, screened without a network, erased where it must be, and resumed wherever it was killed.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
python3 -I "$INTEGRATION/mirror.py" . 100000

claim S4-02.1 "after 3 records from P01, P05, P09 all 21 members see one head"
for i in 1 2 3; do
    expect 0 as "platform-0$((4 * i - 3))" push --kind enforcement-event "one-$i.csv"
done
cut -d, -f2 one-1.csv one-2.csv one-3.csv | sort -u >subjects.csv # the column's name last: lower case
sed -i -e '/^uscc$/d' -e '1i uscc' subjects.csv
for member in $(ls fed/members | grep '^platform-'); do
    expect 0 as "$member" mirror sync --json
    sed -n 's/.*"size": *\([0-9]*\).*"root": *"\([0-9a-f]\{64\}\)".*/\1 \2/p' out >>heads
    expect 0 as "$member" mirror screen --file subjects.csv --column uscc --out list.csv
    cut -d, -f2-7 list.csv | sha256sum >>lists
done
[ "$(wc -l <heads)" -eq 21 ] || fail "not 21 heads"
[ "$(sort -u heads | wc -l)" -eq 1 ] || fail "more than one head: $(sort -u heads)"
claim S4-02.2 "and the same list of 3 subjects"
[ "$(sort -u lists | wc -l)" -eq 1 ] || fail "more than one list"
lines list.csv ',CODE,91999999[0-9A-Z]{10},DENY,LIVE_REMOVAL:COUNTERFEIT,' 3
rm -r fed/members/platform-*/mirror

expect 0 as platform-01 push --kind enforcement-event removed.csv
expect 0 as regulator push --kind registry-entry registry.csv
mirror() { as platform-02 mirror "$@"; }
sync() { expect 0 mirror sync --json; }
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^,\"}]*\).*/\1/p" out; }
screen() { expect 0 mirror screen --file merchants.csv --column code --name-column name --out answers.csv --json; }

expect 1 mirror screen --file merchants.csv --column code --out answers.csv
holds err 'mirror sync'
echo kept >kept
expect 1 mirror screen --file merchants.csv --column code --out kept
holds kept '^kept$'
expect 1 mirror verify
holds err 'mirror sync'
expect 1 mirror verify --dir mistyped --json
sync
expect 2 mirror screen --file merchants.csv --column code --out merchants.csv
holds err 'is the file that is asked about'
lines merchants.csv . 100001
sync
[ "$(field size)" -eq "$(field head)" ] || fail "not at the head"
expect 0 mirror verify

claim S4-15.3 "no merchant leaves: the gateway is gone, and every answer is there"
stop
screen
lines answers.csv . 100001
claim S4-15.1 "100,000 local merchants, 26 planted: 24 automatic"
[ "$(field code)" -eq 20 ] || fail "not 20 by code: $(cat out)"
[ "$(field old_number)" -eq 4 ] || fail "not 4 by old number: $(cat out)"
lines answers.csv ',CODE,91999999[0-9A-Z]{10},DENY,LIVE_REMOVAL:COUNTERFEIT,[0-9]+,[0-9]+,[0-9]+,$' 20
lines answers.csv '^[0-9]+,[0-9]{15},OLD_NUMBER,91999999[0-9A-Z]{10},DENY,LIVE_REMOVAL' 4
claim S4-15.2 "2 candidates, never automatic"
[ "$(field name_candidate)" -eq 2 ] || fail "not 2 candidates: $(cat out)"
lines answers.csv ',NAME_CANDIDATE,91999999[0-9A-Z]{10},MANUAL_REVIEW,' 2
lines answers.csv ',NONE,,,' 99974
serve

# What was screened is told with the next sync, once, signed, and counted; of whom, nobody learns.
sync
[ "$(field uncounted)" -eq 0 ] || fail "something is not reported"
sync
expect 0 as auditor log access --json
grep '"MIRROR_COUNT"' out >counted
lines counted '"member": *"platform-02".*"purpose": *"MIRROR".*"subjects": *100000' 1
lines counted '"tokens": *\[\]' 1
holds counted 'report 1 of 20'
expect 0 "$LIANFANGD" meter --config fed/gateway.conf --json
holds out '"member":"platform-02","purpose":"MIRROR","subjects":100000'

# A report that is not the caller's own, signed, of a day that has begun, is refused, and counts nothing.
LIANFANG_FED=$world/fed LIANFANG_PORT=$port "$WIRE_MIRROR" >wire.out 2>&1 || { cat wire.out >&2; fail "reports"; }
expect 0 "$LIANFANGD" meter --config fed/gateway.conf --json
holds out '"member":"platform-01","purpose":"MIRROR","subjects":10[^0-9]'
expect 0 as auditor log access --json
grep '"MIRROR_COUNT"' out >counted # sent twice each, and counted once
lines counted '"member": *"platform-01"' 2

# A correction, a withdrawal, a listing and its end reach the copy with the next sync; an appeal softens.
at() { # REF or NAME: the entry that says it, and its record
    expect 0 as regulator watch --once --json --kinds "$2"
    grep -E "$1" out | tail -n 1 >found
    index=$(sed -n 's/^{"index": *\([0-9]*\).*/\1/p' found)
    record=$(sed -n 's/.*"record": *"\([0-9a-f]*\)".*/\1/p' found)
    subject=$(sed -n 's/.*"uscc": *"\([0-9A-Z]*\)".*/\1/p' found)
}
ask() { # CODE: the copy's line about it
    printf 'code\n%s\n' "$1" >one.csv
    expect 0 mirror screen --file one.csv --column code --out one.out
}
at '"ref": *"r0"' EnforcementEvent
first=$subject
ask "$first"
holds one.out ',DENY,LIVE_REMOVAL'
expect 0 as platform-01 withdraw --ref r0
at '"ref": *"r1"' EnforcementEvent
expect 0 as platform-01 appeal "$index" FILED
second=$subject
printf 'uscc,list,name,reason,listed_on\n%s,SERIOUS,某某,SER_IP,2026-03-02\n' "$first" >listed.csv
expect 0 as regulator push --kind credit-list-entry listed.csv
ask "$first"
holds one.out ',DENY,LIVE_REMOVAL' # the copy is as old as it is
sync
ask "$first"
holds one.out ',CODE,.*,DENY,LIST_SERIOUS,'
if grep -q LIVE_REMOVAL one.out; then fail "the copy still goes by what was withdrawn"; fi
ask "$second"
holds one.out ',CODE,.*,MANUAL_REVIEW,UNDER_APPEAL:COUNTERFEIT,'

# Restricted, it is hidden, and seen again when that is lifted; erased, its bytes are gone from the file.
order() { # MODE RECORD NUMBER
    expect 0 as regulator redact propose --issuer "$4" --record "$2" --mode "$1" --order-authority 某法院 \
        --order-number "$3" --authority-key fed/authority.key
}
at '"ref": *"r2"' EnforcementEvent
third=$subject
order RESTRICT "$record" 1 platform-01
sync
ask "$third"
holds one.out ',NONE,'
order LIFT_RESTRICTION "$record" 2 platform-01
sync
ask "$third"
holds one.out ',DENY,LIVE_REMOVAL'
store=fed/members/platform-02/mirror
at '测试000012' RegistryEntry
grep -q 测试000012 $store/data.mdb || fail "the name is not found where it is"
order ERASE "$record" 3 regulator
at '"ref": *"r12"' EnforcementEvent
order ERASE "$record" 4 platform-01
sync
for words in 测试000012 "$subject"; do
    if grep -q "$words" $store/data.mdb; then fail "erased, and '$words' is still in the copy"; fi
done
ask "$subject"
holds one.out ',NONE,'
expect 0 mirror verify

# Killed at any moment it goes on, and ends as a copy that was never killed.
mkdir gen
"$GENERATE" gen 20000 7
expect 0 as platform-01 push --kind enforcement-event gen/platform-01.csv --spool spool-gen
killed=0
for bytes in 300000 900000 2000000 3500000; do
    "$LIANFANG" --profile fed/members/platform-04/profile.conf mirror sync >/dev/null 2>&1 & # no shell around it
    syncing=$!
    until [ "$(stat -c %s fed/members/platform-04/mirror/data.mdb 2>/dev/null || echo 0)" -ge $bytes ]; do
        kill -0 $syncing 2>/dev/null || break
    done
    kill -9 $syncing 2>/dev/null || true
    got=0
    wait $syncing 2>/dev/null || got=$?
    if [ "$got" -eq 137 ]; then killed=$((killed + 1)); fi
done
[ "$killed" -ge 1 ] || fail "no sync was killed in the middle"
cut -d, -f2 gen/platform-01.csv >codes.csv
sync
for member in platform-02 platform-04; do
    expect 0 as $member mirror sync
    expect 0 as $member mirror verify
    expect 0 as $member mirror screen --file codes.csv --column uscc --out out.csv
    cut -d, -f1-7 out.csv >"$member.answers"
done
diff platform-02.answers platform-04.answers >/dev/null || fail "the copy that was killed is another"
lines platform-04.answers ',CODE,' $(($(wc -l <codes.csv) - 1))

# One who begins only now, and a regulator, have the same list.
for member in platform-03 regulator; do
    for code in "$first" "$second" "$third"; do
        ask "$code"
        cut -d, -f1-7 one.out >mine
        expect 0 as $member mirror sync
        expect 0 as $member mirror screen --file one.csv --column code --out one.out
        cut -d, -f1-7 one.out | diff mine - || fail "$member has another list"
    done
done

# A malformed code is told as such, by line and reason; the rest goes through. As it is with `screen --file`.
printf 'code,name\n%s,\n91999999MA00000155,\n,\n%s,\n,某某有限公司\n' "$second" "$third" >some.csv
expect 3 mirror screen --file some.csv --column code --name-column name --out some.out --json
[ "$(field code) $(field none) $(field malformed)" = "2 3 2" ] || fail "counts: $(cat out)"
holds err 'some.csv: 2 without are malformed codes'
holds some.out '^3,91999999MA00000155,NONE,,,USCC_CHECK_DIGIT,'
holds some.out '^4,,NONE,,,USCC_LENGTH,'
holds some.out '^6,,NONE,,,,'
expect 3 as platform-02 screen --purpose RESCREENING --file some.csv --column code
lines out 'USCC_CHECK_DIGIT|USCC_LENGTH' 3
lines out "^($second|$third)" 2

# One at a time.
expect 2 flock $store/LOCK "$LIANFANG" --profile fed/members/platform-02/profile.conf mirror verify
holds err '^lianfang: .*: another process has this mirror open'

# The copy of one member or ledger is nobody else's.
expect 2 as platform-03 mirror sync --dir $store
holds err 'copy of another member'

claim S4-02.3 "one byte of the copy altered: verify fails at that record"
at '测试000013' RegistryEntry
python3 -I - $store/data.mdb <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
at = data.index("测试000013".encode()) + len("测试00001".encode())
with open(sys.argv[1], "r+b") as file:
    file.seek(at)
    file.write(b"4")
PY
expect 1 mirror verify --json
holds out "\"position\": *$index,"
stop
lines log 'level=err' 0
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
echo "mirror: as the ledger has it"
