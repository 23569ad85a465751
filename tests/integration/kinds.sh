# Every kind that members say, from a row of a file to the ledger.
. "$(dirname "$0")/world.sh"
open_world

# Any kind that a member says, by the names of its fields; what is wrong is told by row and field.
list='uscc,list,reason,reason_text,listed_on,authority,region,legal_basis'
{ echo "$list"
  echo '91999999MA0000031R,ABNORMAL,ABN_UNREACHABLE,通过登记的住所或者经营场所无法联系的,2024-07-08,江东区局,,PUBLIC_DISCLOSED'
  echo '91999999MA0000031R,BLACK,,原文,2024-07-08,,,'
  echo '91999999MA0000031R,ABNORMAL,SER_IP,,2024-07-08,,,'
  echo '91999999MA0000031R,LOCAL_SERIOUS,LOC_QUALITY,,2024-07-08,,,'
  echo '91999999MA0000031R,ABNORMAL,ABN_FALSE_INFO,,9999-9-9,,,'
  echo '91999999MA0000031R,ABNORMAL,,原文,,,,'
  echo '91999999ma0000031r,SERIOUS,SER_IP,,2024-07-08,,,HEARSAY'
  echo '92999999MA00000151,ABNORMAL_MARK,MARK_UNREACHABLE,,2024-07-08,,,'; } >"$world/list.csv"
expect 3 as regulator --json push --kind credit-list-entry "$world/list.csv"
lines "$world/out" '"accepted"' 2
for want in LIST_UNKNOWN:list LIST_REASON_UNKNOWN:reason FIELD_MISSING:region DATE_INVALID:listed_on FIELD_MISSING:listed_on LEGAL_BASIS_REQUIRED:legal_basis; do
    lines "$world/out" "\"rejected\",\"code\":\"${want%:*}\",\"field\":\"${want#*:}\"" 1
done
expect 3 as regulator --json push --kind credit-list-entry "$world/list.csv"
lines "$world/out" '"duplicate"' 2
expect 5 as platform-01 --json push --kind credit-list-entry "$world/list.csv"
lines "$world/out" '"KIND_NOT_ALLOWED","field":"header.kind"' 6
printf 'uscc,list,blacklist\n' >"$world/column.csv"
expect 2 as regulator push --kind credit-list-entry "$world/column.csv"
holds "$world/err" "column 'blacklist' is not known"
expect 2 as platform-01 push --kind member "$world/list.csv"
printf 'period,statement\n2026-Q1,本季度已自查\n2026-Q9,无此季度\n' >"$world/attest.csv"
expect 3 as platform-01 --json push --kind attestation "$world/attest.csv"
lines "$world/out" '"accepted"' 1
lines "$world/out" '"PERIOD_INVALID","field":"period"' 1
printf 'channel,title,text,audience\nBULLETIN,通报,正文,\nCOORDINATION,会商,正文,platform-02;platform-01\nSHOUT,通报,正文,\n' >"$world/bulletin.csv"
expect 3 as regulator --json push --kind bulletin "$world/bulletin.csv"
lines "$world/out" '"accepted"' 2
lines "$world/out" '"FIELD_MISSING","field":"channel"' 1
# An event with the new fields stands beside one without.
printf 'ref,uscc,violation,certainty,measures,decided_at,more_violations,stage,measure_until\nn1,91999999MA000004XH,PRICE_GOUGING,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,FAKE_EPIDEMIC_GOODS;SHODDY,AFTER_SALE,2026-03-09\nn2,91999999MA000004XH,PRICE_GOUGING,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,BADNESS,,\nn3,91999999MA000004XH,PRICE_GOUGING,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,,NOON,\nn4,91999999MA000004XH,COUNTERFEIT,ESTABLISHED_BY_BRAND,REMOVAL,2026-03-02,,,\n' >"$world/new.csv"
expect 3 as platform-01 --json push --kind enforcement-event "$world/new.csv"
lines "$world/out" '"accepted"' 1
lines "$world/out" '"VIOLATION_UNKNOWN","field":"more_violations"' 1
lines "$world/out" '"STAGE_UNKNOWN","field":"stage"' 1
lines "$world/out" '"DETERMINATION_UNSIGNED","field":"brand_issuer"' 1

claim S4-10.1 "哄抬价格 and 假冒伪劣防疫用品 in one event: taken"
event() { # REF VIOLATION MORE
    printf 'ref,uscc,violation,more_violations,certainty,measures,decided_at\n%s,91999999MA00000154,%s,%s,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' "$1" "$2" "$3" >"$world/event.csv"
}
event two PRICE_GOUGING FAKE_EPIDEMIC_GOODS
expect 0 as platform-01 --json push --kind enforcement-event "$world/event.csv"
lines "$world/out" '"status":"accepted"' 1
index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' "$world/out")
claim S4-10.2 "and shown by their Chinese names"
expect 0 as platform-02 watch --once --kinds EnforcementEvent --from "$index"
lines "$world/out" . 1
holds "$world/out" ' violation=PRICE_GOUGING\(哄抬价格\).* more_violations=FAKE_EPIDEMIC_GOODS\(假冒伪劣防疫用品\)'
expect 1 as platform-02 screen --purpose ONBOARDING 91999999MA00000154
holds "$world/out" 'LIVE_REMOVAL PRICE_GOUGING\(哄抬价格\) of 2026-03-02'
expect 0 as platform-02 evidence export "$index" --out "$world/two.evidence"
expect 0 as platform-02 evidence trust --out "$world/trust"
expect 0 "$LIANFANG" evidence verify "$world/two.evidence" --trust "$world/trust" --report "$world/two.html"
holds "$world/two.html" '哄抬价格（PRICE_GOUGING）'
holds "$world/two.html" '假冒伪劣防疫用品（FAKE_EPIDEMIC_GOODS）'
claim S4-10.3 "a code that the table does not have: VIOLATION_UNKNOWN"
before=$(as auditor --json log checkpoint | sed -n 's/.*"size":\([0-9]*\).*/\1/p')
event bad1 BADNESS ''
expect 3 as platform-01 --json push --kind enforcement-event "$world/event.csv"
lines "$world/out" '"line":2,"status":"rejected","code":"VIOLATION_UNKNOWN","field":"violation"' 1
event bad2 PRICE_GOUGING BADNESS
expect 3 as platform-01 --json push --kind enforcement-event "$world/event.csv"
lines "$world/out" '"line":2,"status":"rejected","code":"VIOLATION_UNKNOWN","field":"more_violations"' 1
[ "$before" = "$(as auditor --json log checkpoint | sed -n 's/.*"size":\([0-9]*\).*/\1/p')" ] || fail "a record of an unknown violation went in"
echo good
