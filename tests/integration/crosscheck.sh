# What platforms removed beside what authorities listed: of all that the ledger holds, and of a regulator's own list, which is compared and
# forgotten.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y m3=91999999MA0000031R m4=91999999MA000004XH m5=91999999MA0000058H
m6=91999999MA0000066C m7=91999999MA00000747 m8=91999999MA00000822 m9=91999999MA0000090W
today=$(TZ=Asia/Shanghai date +%F)
event() { # MEMBER CODE VIOLATION MEASURES DECIDED NAME
    printf 'ref,uscc,violation,certainty,measures,decided_at,name\n%s,%s,%s,ESTABLISHED_BY_PLATFORM,%s,%s,%s\n' \
        "e-$2" "$2" "$3" "$4" "$5" "$6" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$1" ${7:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
listing() { # CODE LIST NAME REASON LISTED [VIOLATION]
    printf 'uscc,list,name,reason,listed_on,violation\n%s,%s,%s,%s,%s,%s\n' "$1" "$2" "$3" "$4" "$5" "${6:-}" >listing.csv
    expect 0 as regulator --json push --kind credit-list-entry listing.csv --spool spool-list
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
registry() { # CODE NAME STATUS
    printf 'uscc,name,status,effective_from\n%s,%s,%s,2020-01-01\n' "$1" "$2" "$3" >registry.csv
    expect 0 as regulator --json push --kind registry-entry registry.csv --spool spool-registry
}
cross() { local want=$1; shift; expect "$want" as regulator --json crosscheck --purpose ENFORCEMENT --case C-1 "$@"; }
row() { holds out "\"subject\":\"$1\",\"finding\":\"$2\""; }
totals() { # CONFIRMED UNRELATED PLATFORM GOV CONFLICT STALE_GOV STALE_PLATFORM
    holds out "\"totals\":\{\"CONFIRMED_BOTH\":$1,\"BOTH_UNRELATED\":$2,\"PLATFORM_ONLY\":$3,\"GOV_ONLY\":$4,\"CONFLICT_IDENTITY\":$5,\"STALE_GOV\":$6,\"STALE_PLATFORM\":$7\}"
}
lacks() { if grep -qE -- "$2" "$1"; then cat "$1" >&2; fail "'$2' in $1"; fi; }

# Nothing is said of anybody but that they are registered: nothing to compare.
for m in $m1 $m2 $m3 $m4 $m5; do registry $m "测试商贸（$m）有限公司" ACTIVE; done
cross 0
lines out '"subject"' 0
totals 0 0 0 0 0 0 0

claim S4-22.1 "M1 removal and serious list: CONFIRMED_BOTH"
event platform-01 $m1 COUNTERFEIT REMOVAL "$today" "测试商贸（$m1）有限公司"
removal=$index
listing $m1 SERIOUS "测试商贸（$m1）有限公司" SER_QUALITY_UNSAFE "$today"
cross 0
row $m1 CONFIRMED_BOTH
holds out "removed for COUNTERFEIT by platform-01 on $today; on SERIOUS for SER_QUALITY_UNSAFE since $today"
holds out "\"indexes\":\[$removal,$index\]"
claim S4-22.2 "M2 removal only: PLATFORM_ONLY"
event platform-02 $m2 PIRATED REMOVAL "$today" ''
claim S4-22.3 "M3 serious list only: GOV_ONLY"
listing $m3 SERIOUS '' SER_FALSE_AD "$today"
claim S4-22.4 "M4 same code, different name: CONFLICT_IDENTITY"
event platform-03 $m4 COUNTERFEIT REMOVAL "$today" 另一家公司
cross 0
row $m2 PLATFORM_ONLY
row $m3 GOV_ONLY
row $m4 CONFLICT_IDENTITY
holds out '"explanation":"one code, two names: 测试商贸（91999999MA000004XH）有限公司 and 另一家公司"'
claim S4-22.5 "totals 1/1/1/1"
totals 1 0 1 1 1 0 0
sed -n 's/.*"subject":"\([^"]*\)".*/\1/p' out >codes
sort codes | cmp - codes || fail "rows are not in the order of codes"

claim S4-22.6 "an abnormal-list entry for a missing annual report beside a counterfeit removal: BOTH_UNRELATED"
event platform-01 $m5 COUNTERFEIT REMOVAL "$today" ''
listing $m5 ABNORMAL '' ABN_ANNUAL_REPORT "$today"
cross 0 --omit GOV_ONLY --omit PLATFORM_ONLY
row $m5 BOTH_UNRELATED
lacks out '"finding":"(GOV|PLATFORM)_ONLY"'
totals 1 1 1 1 1 0 0
# A penalty confirms a removal of its own class, and no other; also when the class is among the further ones of the event.
event platform-01 $m6 FALSE_ADVERTISING REMOVAL "$today" ''
listing $m6 PENALTY '' PEN_FINE "$today" PRICE_GOUGING
cross 1 --subject $m6
row $m6 BOTH_UNRELATED
printf 'ref,uscc,violation,certainty,measures,decided_at,more_violations\ne-more,%s,FALSE_ADVERTISING,ESTABLISHED_BY_PLATFORM,REMOVAL,%s,SHODDY;PRICE_GOUGING\n' \
    $m6 "$today" >event.csv
expect 0 as platform-04 push --kind enforcement-event event.csv
cross 0 --subject $m6
row $m6 CONFIRMED_BOTH

claim S4-20.2 "P05 reports it as trading: finding STALE_PLATFORM"
registry $m7 测试商贸七号 注销
identity() { # MEMBER CODE SHOPS [--update]
    printf 'ref,uscc,name,shops\ni-%s,%s,测试商贸七号,%s\n' "$2" "$2" "$3" >identity.csv
    expect 0 as "$1" --json push --kind merchant-identity identity.csv --spool "spool-i-$1" ${4:-}
}
cross 0 --subject $m7
identity platform-05 $m7 'shop-1;shop-2'
cross 1 --subject $m7
row $m7 STALE_PLATFORM
holds out 'platform-05 names 2 of its shops; the registry has it as CANCELLED'
cross 0
row $m7 STALE_PLATFORM
identity platform-05 $m7 '' --update
cross 0 --subject $m7
lines out '"subject"' 0

# Threshold and repair. A removal that nobody else confirms is old after a year; what a platform lifted is still listed.
event platform-01 $m8 COUNTERFEIT REMOVAL 2020-01-01 ''
cross 1 --subject $m8
row $m8 STALE_PLATFORM
event platform-01 $m9 COUNTERFEIT REMOVAL "$today" ''
listing $m9 ABNORMAL '' ABN_UNREACHABLE 2020-01-01
event platform-01 $m9 COUNTERFEIT LIFT "$today" '' --update
cross 1 --subject $m9
row $m9 STALE_GOV

# What is taken back, erased or restricted is on no side.
expect 0 as platform-02 withdraw --ref e-$m2
cross 0 --subject $m2
lines out '"subject"' 0

# Who may: regulators, and police with a case; nobody else, and nobody without saying why.
expect 0 "$LIANFANG" keygen fed/members/police --member police --address "127.0.0.1:$port" --certificate fed/tls.crt --ledger "$(as regulator log keys ledger)"
expect 0 "$LIANFANG" member request fed/members/police --member police --name 测试公安局 --role POLICE --level CITY --division 999999 --out police.request
expect 0 as regulator member approve police.request --authority-key fed/authority.key
expect 0 as police --json crosscheck --purpose INVESTIGATION --case P-7
holds out "removed for COUNTERFEIT by a platform on $today"
lacks out 'platform-0'
expect 5 as platform-01 crosscheck --purpose ENFORCEMENT --case C-1
holds err KIND_NOT_ALLOWED
expect 1 as regulator crosscheck --purpose ENFORCEMENT
holds err CASE_REQUIRED
expect 1 as regulator crosscheck --purpose IDLE --case C-1
holds err PURPOSE_REQUIRED
expect 2 as regulator crosscheck --purpose ENFORCEMENT --case C-1 --json --csv

# For people, and for spreadsheets.
expect 0 as regulator crosscheck --purpose ENFORCEMENT --case C-1
holds out "^subject +finding +entries +name: explanation$"
holds out "^$m1  CONFIRMED_BOTH "
holds out '^CONFIRMED_BOTH     2$'
expect 0 as regulator crosscheck --purpose ENFORCEMENT --case C-1 --csv --out rows.csv
holds rows.csv '^subject,finding,name,explanation,indexes,error$'
holds rows.csv "^$m1,CONFIRMED_BOTH,"
holds err '^GOV_ONLY           1$'
expect 2 as regulator crosscheck --purpose ENFORCEMENT --case C-1 --omit RUMOUR
holds err 'no such finding'

# A list of one's own, in the layouts of import: the sides are the ledger's and the list's. Bad lines are told, the rest goes on.
secret=91999999MA0000103J
{ echo 'uscc,name,list,reason_text,listed_on,removed_on'
  echo "$secret,某某商行,SERIOUS,故意侵犯知识产权,$today,"
  echo "$m8,,SERIOUS,故意侵犯知识产权,$today,"
  echo "91999999MA0000103K,,SERIOUS,故意侵犯知识产权,$today,"
  echo "$m3,,SERIOUS,故意侵犯知识产权,2020-01-01,2020-06-01"; } >own.csv
cross 3 --file own.csv --layout lianfang
row $secret GOV_ONLY
holds out '"explanation":"on the given list as SERIOUS for SER_IP since '"$today"'","indexes":\[\]'
row $m8 CONFIRMED_BOTH
row $m3 GOV_ONLY
holds out '"code":"USCC_CHECK_DIGIT"'
lines out '"subject"' 3
# Nothing of it stays: neither log nor store has the code, or its name, in clear; screening knows nothing of it.
as auditor --json log access >access.jsonl
holds access.jsonl '"CROSS_CHECK"'
lacks access.jsonl $secret
if grep -rqa -e $secret -e 某某商行 fed; then fail "the list was stored"; fi
expect 1 as regulator --json screen --purpose ENFORCEMENT --case C-1 $secret
lacks out LIST_SERIOUS
if grep -qa $secret log; then fail "the log has the code"; fi

# One entry a question, durable before the answer: its bulk form has range, count and root, its list form a token a subject.
grep '"CROSS_CHECK"' access.jsonl >asked
holds asked '"case":"C-1"'
holds asked '"subjects":3,'
holds asked '"subject_root":"[0-9a-f]{64}"'

expect 0 "$EXAMPLE_CROSSCHECK" "$world/fed/members/regulator/profile.conf" C-9
holds out "^$m1 CONFIRMED_BOTH: removed for"
holds out '^CONFIRMED_BOTH 2$'
expect 0 "$EXAMPLE_CROSSCHECK" "$world/fed/members/regulator/profile.conf" C-9 $m8 2025-01-01 91999999MA0000103K 2025-01-01
holds out "^$m8 CONFIRMED_BOTH"
holds out '^91999999MA0000103K USCC_CHECK_DIGIT'
expect 1 "$EXAMPLE_CROSSCHECK" "$world/fed/members/platform-01/profile.conf" C-9

# What was derived on the way is what the entries say.
stop
expect 0 "$LIANFANGD" fsck --config "$world/fed/gateway.conf"
expect 0 "$LIANFANGD" rebuild --config "$world/fed/gateway.conf"
serve
cross 0
totals 2 1 0 1 1 1 1
echo "crosscheck: both sides, subject by subject"
