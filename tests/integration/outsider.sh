# To an outsider of a campaign every byte of every answer is what it is from a gateway that never had it. Two gateways begin with one data
# directory; then one of them has the campaign with all that it brings, and other records for some only. Outsiders ask both for everything that can be
# asked; outsider.py says what is left out of the comparison (positions, heads, times).
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
stop
printf '\n[quota]\nrescreening = 18\n' >>fed/gateway.conf # so that it ends in the middle of what outsiders ask
serve
codes=(91999999MA00000154 91999999MA0000023Y 91999999MA0000031R 91999999MA000004XH 91999999MA0000058H 91999999MA0000066C 91999999MA00000747)
members='platform-01;platform-03;platform-04;platform-05'
outsider=platform-02
size() { as auditor --json log checkpoint | sed -n 's/.*"size":\([0-9]*\).*/\1/p'; }
push() { # MEMBER KIND HEADER ROW [OPTIONS]
    printf '%s\n%s\n' "$3" "$4" >row.csv
    expect 0 as "$1" --json push --kind "$2" row.csv --spool "spool-$RANDOM$RANDOM" "${@:5}"
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
event() { # MEMBER REF CODE VIOLATION MEASURES CAMPAIGN AUDIENCE [OPTIONS]
    push "$1" enforcement-event 'ref,uscc,violation,certainty,measures,decided_at,campaign,audience' \
        "$2,$3,$4,ESTABLISHED_BY_PLATFORM,$5,2020-02-10,$6,$7" "${@:8}"
}
id_of() { # INDEX: its record
    expect 0 as regulator --json log prove "$1"
    issuer=$(sed -n 's/.*"issuer":"\([^"]*\)".*/\1/p' out)
    record=$(sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' out)
}

# What both have.
{ echo 'uscc,name,status,effective_from'
  for code in "${codes[@]}"; do echo "$code,某某商行,ACTIVE,2019-01-01"; done; } >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
event platform-09 a1 ${codes[0]} COUNTERFEIT REMOVAL '' ''
expect 0 as $outsider dispose "$index" ACTIVE_SHOP
event platform-09 a2 ${codes[3]} COUNTERFEIT REMOVAL '' ''
event $outsider a3 ${codes[4]} PRICE_GOUGING REMOVAL '' ''
expect 0 as platform-04 dispose "$index" REMOVED --rule P04-R-1
push regulator credit-list-entry 'uscc,list,name,reason,listed_on' "${codes[5]},SERIOUS,某某,SER_IP,2026-03-02"
expect 0 as platform-09 withdraw --ref a2
base=$(size)
base_ms=$(date +%s%3N)
stop
cp -a fed kept

# What only one has: the campaign, and all that a record can be there for.
serve
push regulator campaign 'campaign,title,from,until,violations,is_automatic,audience' \
    "EPIDEMIC-2020,涉疫联防联控,2020-02-01,2020-12-31,PRICE_GOUGING;FAKE_EPIDEMIC_GOODS,true,$members"
of() { event "$1" "$2" "${codes[$3]}" PRICE_GOUGING "${4:-REMOVAL}" EPIDEMIC-2020 "$members" "${@:5}"; }
of platform-01 e1 0
expect 0 as platform-03 dispose "$index" REMOVED --rule P03-R-1
expect 0 as regulator notice remind "$index" --member platform-04
of platform-03 e2 1
of platform-04 e3 0
id_of "$index"
expect 0 as regulator --json correct --issuer "$issuer" --record "$record" --reason FACT_WRONG
expect 0 as platform-01 dispose "$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)" NOT_USED
of platform-05 e4 5
expect 0 as platform-05 appeal "$index" FILED --reason 申诉
expect 0 as regulator appeal "$index" OVERTURNED --reason 认定有误
of platform-01 e5 6
of platform-01 e5 6 LIFT --update
order() { # MODE NUMBER: about the newest entry
    id_of "$index"
    expect 0 as regulator redact propose --issuer "$issuer" --record "$record" --mode "$1" --order-authority 某法院 \
        --order-number "$2" --authority-key fed/authority.key
}
of platform-04 e6 6
order ERASE 1
of platform-04 e7 6
order RESTRICT 2
push regulator campaign 'ref,campaign,title,from,until,is_automatic,audience' \
    "x,OTHER-2020,另一行动,2020-02-01,2020-12-31,false,$members"
event platform-01 e8 ${codes[2]} COUNTERFEIT REMOVAL OTHER-2020 "$members" # waits for a relay
push regulator registry-entry 'ref,uscc,name,status,effective_from,audience' "hidden,${codes[0]},另一商行,注销,2019-06-01,$members"
push regulator credit-list-entry 'uscc,list,name,reason,listed_on,audience' "${codes[2]},SERIOUS,某某,SER_IP,2026-03-02,$members"
id_of "$index"
push regulator list-removal 'target_issuer,target_record_id,ground,removed_on' "$issuer,$record,REMOVED,2026-05-01"
push platform-01 entry-ban 'uscc,reason,from' "${codes[2]},自行决定,2020-03-03"
expect 1 as platform-01 --json screen --purpose ONBOARDING ${codes[0]}
expect 0 as platform-01 override ${codes[0]} DENY ALLOW --reason 已核实 --officer o-1
push platform-01 attestation 'period,statement' '2026-Q1,已自查'
push platform-01 merchant-identity 'uscc,name,shops' "${codes[0]},某某商行,s-1"
push regulator bulletin 'title,text,channel,audience' '会商,内容,COORDINATION,platform-01;platform-03'
for member in platform-01 platform-05; do expect 0 as $member watch --once --confirm; done
expect 0 as platform-03 mirror sync --confirm
for ((i = base; i < $(size); i++)); do
    id_of "$i"
    [ -z "$record" ] || echo "$issuer $record" >>hidden
done
[ "$(wc -l <hidden)" -ge 20 ] || fail "hardly anything is hidden"
LIANFANG_FED=$world/fed LIANFANG_PORT=$port
export LIANFANG_FED LIANFANG_PORT
ask() { # FILE
    "$WIRE_ALIKE" "$base" "$base_ms" hidden >"$1" || fail "not everything was asked"
    { echo code; printf '%s\n' "${codes[@]}"; } >codes.csv
    expect 0 as $outsider --json mirror sync
    sed 's/.*\("readable":[0-9]*\).*/\1/' out >"$1.copy"
    expect 0 as $outsider mirror screen --file codes.csv --column code --out screened.csv
    cut -d, -f1-7 screened.csv >>"$1.copy"
    expect 0 as $outsider mirror verify
}
ask with
stop
rm -rf fed
mv kept fed
serve
ask without
stop
expect 0 python3 -I "$INTEGRATION/outsider.py" "$base" with without
cat out
diff with.copy without.copy || fail "its own copy tells"
# The comparison can fail: one byte of one answer.
python3 -I - with <<'PY' >bent
import sys
lines = open(sys.argv[1]).read().splitlines()
at = next(i for i, l in enumerate(lines) if "Evidence" not in l and "Screen before ONBOARDING" in l)
cells = lines[at].split("\t")
name = "ONLINE".encode().hex()
old = b"ALLOW".hex()
cells[4] = cells[4].replace(b"COUNTERFEIT".hex(), b"COUNTERFEIX".hex(), 1)
assert cells[4] not in lines[at]
lines[at] = "\t".join(cells)
print("\n".join(lines))
PY
expect 1 python3 -I "$INTEGRATION/outsider.py" "$base" bent without
quota=51554f54415f4558434545444544 # QUOTA_EXCEEDED
[ "$(grep -c "^platform-02 Screen.* after RESCREENING.*$quota" with)" -eq 2 ] || fail "the quota was not reached"
lines log 'level=err' 0
echo "outsider: nothing tells that there is anything"
