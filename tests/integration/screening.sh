# screening.sh MERCHANTS SEED: what screening advises, and why: lists, removals, appeals, bans and names; what was known and
# what was in force; and re-screening all merchants of a platform, of which only what is new is work.
merchants=$1 seed=$2
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y m3=91999999MA0000031R m4=91999999MA000004XH m5=91999999MA0000058H
m6=91999999MA0000066C m7=91999999MA00000747 m8=91999999MA00000822
ask() { local want=$1 member=$2; shift 2; expect "$want" as "$member" --json screen --purpose ONBOARDING "$@"; }
case_ask() { local want=$1; shift; expect "$want" as regulator --json screen --purpose INVESTIGATION --case C-1 "$@"; }
advises() { holds out "\"advice\":\"$1\""; }
lacks() { if grep -qE -- "$2" "$1"; then cat "$1" >&2; fail "'$2' in $1"; fi; }
event() { # MEMBER REF CODE VIOLATION CERTAINTY MEASURES DECIDED [--update]
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,%s,%s,%s,%s\n' "$2" "$3" "$4" "$5" "$6" "$7" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$1" ${8:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
size() { as auditor --json log checkpoint | sed -n 's/.*"size":\([0-9]*\).*/\1/p'; }
{ echo 'uscc,name,status,effective_from'
  for m in $m1 $m2 $m3 $m5 $m6 $m7 $m8; do echo "$m,测试商贸（北京）有限公司,ACTIVE,2020-01-01"; done
  echo "$m4,测试商贸四号,注销,2026-01-15"; } >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
ask 0 platform-03 $m1
advises ALLOW

claim S4-17.1 "an application by M2, whom another platform has removed, is denied"
event platform-01 m2 $m2 COUNTERFEIT ESTABLISHED_BY_PLATFORM REMOVAL 2026-03-02
removal=$index
ask 1 platform-03 $m2
advises DENY
holds out '"code":"LIVE_REMOVAL","violation":"COUNTERFEIT","certainty":"ESTABLISHED_BY_PLATFORM","state":"ACTIVE","decided_at":"2026-03-02","until":"20'
holds out "\"index\":$removal,\"kind\":\"ENFORCEMENT_EVENT\""
holds out '"human_review":"'
claim S4-17.2 "with a lower-case code, too"
ask 1 platform-03 "$(tr A-Z a-z <<<$m2)"
advises DENY
# A rival is a pseudonym, the same each time for one asker and another for the next; regulators get the name.
contact() { sed -n 's/.*"contact":"\([^"]*\)".*/\1/p' out; }
mine=$(contact)
[[ $mine =~ ^issuer-[0-9a-f]{16}$ ]] || fail "contact $mine"
ask 1 platform-03 $m2
[ "$(contact)" = "$mine" ] || fail "the pseudonym has changed"
ask 1 platform-04 $m2
[ "$(contact)" != "$mine" ] || fail "two askers know the issuer by one pseudonym"
ask 1 platform-01 $m2
[ "$(contact)" = platform-01 ] || fail "not known to itself"
case_ask 1 $m2
[ "$(contact)" = platform-01 ] || fail "not known to the regulator"
claim S4-17.3 "after the LIFT it is allowed, and what was known and in force before is still told"
before=$(size)
at=$(date -u -d '+1 second' +%Y-%m-%dT%H:%M:%SZ)
while [ "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \< "$at" ]; do sleep 0.05; done # an instant between the two records
event platform-01 m2 $m2 COUNTERFEIT ESTABLISHED_BY_PLATFORM LIFT 2026-05-01 --update
ask 0 platform-03 $m2
advises ALLOW
holds out "\"known_size\":$(size),\"in_force\":\"20"
ask 1 platform-03 --as-known "$before" $m2
advises DENY
holds out "\"known_size\":$before,"
holds err "^lianfang: as known with $before entries, in force at 20"
instant=$(date -d "$at - 1 second" +%s)
for text in "$(date -u -d "@$instant" +%FT%T)+00:00" "$(date -u -d "@$instant" +%FT%TZ)" "$(TZ=Asia/Shanghai date -d "@$instant" +%FT%T)"; do
    ask 1 platform-03 --as-known "$text" $m2
    holds out "\"known_size\":$before,"
done
expect 2 as platform-03 screen --purpose ONBOARDING --as-known 2026-05-01T25:00 $m2
ask 1 platform-03 --in-force 2026-04-30 $m2
holds out '"in_force":"2026-04-30T23:59:59.*\+08:00"'
ask 0 platform-03 --in-force 2026-05-01 $m2
ask 0 platform-03 --in-force 2026-03-01 $m2
expect 2 as platform-03 screen --purpose ONBOARDING --as-known yesterday $m2
ask 1 platform-03 --as-known $((before + 1000)) $m2
holds err CURSOR_AHEAD
# Of what has not come yet nobody knows what the ledger will hold; a day of which some is over is told up to now, and what will be in
# force on a later day is known.
ask 1 platform-03 --as-known "$(date -u -d '+1 hour' +%FT%TZ)" $m2
holds err 'as_known_ms: has not come yet, and nobody knows what the ledger will hold then \(CURSOR_AHEAD\)'
lines out . 0
ask 1 platform-03 --as-known "$(TZ=Asia/Shanghai date -d '+1 day' +%F)" $m2
holds err CURSOR_AHEAD
ask 0 platform-03 --as-known "$(TZ=Asia/Shanghai date +%F)" $m2
holds out "\"known_size\":$(size),"
ask 0 platform-03 --in-force "$(TZ=Asia/Shanghai date -d '+1 day' +%F)" $m2
ask 1 platform-03 --in-force 2026-02-30 $m2
holds err DATE_INVALID

claim S3-02.1 "suspicion, then fact: the history keeps both, and others act on the fact alone"
event platform-01 m1 $m1 SUSPECT_COUNTERFEIT SUSPECTED REMOVAL 2026-03-02
suspected=$(size)
ask 1 platform-03 $m1
advises MANUAL_REVIEW
holds out '"code":"SUSPECTED_REMOVAL"'
event platform-01 m1 $m1 COUNTERFEIT ESTABLISHED_BY_PLATFORM REMOVAL 2026-03-05 --update
established=$index
ask 1 platform-03 $m1
advises DENY
lacks out SUSPECTED_REMOVAL
ask 1 platform-03 --as-known "$suspected" $m1
holds out '"code":"SUSPECTED_REMOVAL"'
lacks out LIVE_REMOVAL

# An appeal softens what others are told until it is decided. A merchant files it where a shop was closed because of the record.
expect 5 as platform-03 appeal "$established" FILED --reason 申诉
holds err APPEAL_CHANNEL
expect 0 as platform-03 dispose "$established" REMOVED --rule P03-R-1
expect 0 as platform-03 appeal "$established" FILED --reason 申诉
ask 1 platform-03 $m1
advises MANUAL_REVIEW
holds out '"code":"UNDER_APPEAL",.*"state":"UNDER_APPEAL"'
expect 3 as platform-03 appeal "$established" FILED --reason 又一申诉
holds err APPEAL_STEP
expect 0 as platform-01 appeal "$established" UPHELD --reason 复核属实
ask 1 platform-03 $m1
advises DENY
# The day is today's, unless it is said.
expect 0 as platform-03 appeal "$established" FILED --reason 再次申诉 --set stepped_on=2026-03-09
filed=$(sed -n 's/^accepted as entry //p' out)
expect 0 as platform-03 watch --once --from "$filed"
holds out "^$filed .* stepped_on=2026-03-09"
expect 0 as regulator appeal "$established" OVERTURNED --reason 认定有误
ask 0 platform-03 $m1
advises ALLOW

claim S0-09 "a removal for papers only informs"
event platform-01 m8 $m8 QUALIFICATION_DEFECT ESTABLISHED_BY_PLATFORM REMOVAL 2026-03-02
ask 0 platform-03 $m8
advises ALLOW_WITH_WARNING
holds out '"code":"INFORMATION_ONLY","violation":"QUALIFICATION_DEFECT"'

claim S4-20.1 "the registry says that M4 is gone"
ask 1 platform-05 $m4
advises DENY
holds out '"code":"REGISTRY_CANCELLED"'
ask 1 platform-05 --in-force 2026-01-14 $m4
holds out '"code":"REGISTRY_UNKNOWN"'

claim S4-21.1 "M5 stands in the Beijing list alone: shown as that, and nothing else"
{ echo 'uscc,list,reason,reason_text,listed_on,authority,region'
  echo "$m5,LOCAL_SERIOUS,LOC_QUALITY,质量安全,2026-02-01,北京市市场监督管理局,110000"; } >list.csv
expect 0 as regulator push --kind credit-list-entry list.csv
ask 1 platform-03 $m5
holds out '"code":"LIST_LOCAL_SERIOUS",.*"kind":"CREDIT_LIST_ENTRY","list":"LOCAL_SERIOUS","region":"110000","level":"'
holds out '"contact":"regulator"'
lacks out '"list":"SERIOUS"'
expect 1 as platform-03 screen --purpose ONBOARDING $m5
holds out 'LIST_LOCAL_SERIOUS\(110000\) of 2026-02-01 \(entry [0-9]+, [A-Z]+, ask regulator\)'
claim S4-21.2 "which a person is to look at"
advises_text() { holds out "^$m5	$1"; }
advises_text MANUAL_REVIEW

claim S4-19.1 "a line of the list of abnormal operations, with its reason's number"
{ echo '列入日期,经营异常名录id,列入经营异常名录原因,统一社会信用代码,移出日期,作出决定机关(列入),企业名称'
  echo "2024-07-08,1,通过登记的住所或者经营场所无法联系的,$m3,2025-02-11,江东区局,测试"
  echo "2024-07-08,2,未依照《企业信息公示暂行条例》第八条规定的期限公示年度报告的,$m6,2025-02-11,江东区局,测试"
  echo "2025-07-08,3,未依照《企业信息公示暂行条例》第八条规定的期限公示年度报告的,$m6,,江东区局,测试"; } >abnormal.csv
expect 0 as regulator --json import abnormal.csv
lines out '"removal":\{"status":"accepted"' 2
grep -q '^list_reason_ABNORMAL ABN_UNREACHABLE 4 ' "$CODES" || fail "reason 4 is another"
claim S4-19.2 "listed on the day before its removal"
ask 0 platform-03 --in-force 2025-02-10 $m3
advises ALLOW_WITH_WARNING
holds out '"code":"LIST_ABNORMAL",.*"decided_at":"2024-07-08"'
claim S4-19.3 "and not on the day itself, nor now"
ask 0 platform-03 --in-force 2025-02-11 $m3
lacks out LIST_ABNORMAL
ask 0 platform-03 $m3
advises ALLOW
claim S4-19.4 "of two lines one is removed: still listed"
ask 0 platform-03 $m6
advises ALLOW_WITH_WARNING
lines out '"list":"ABNORMAL"' 1
holds out '"decided_at":"2025-07-08"'

# A name that is not the registry's is for a person to look at, and never more; spelling is no difference.
ask 0 platform-04 --name '测试商贸(北京) 有限责任公司' $m7
advises ALLOW
ask 1 platform-04 --name 测试商贸（上海）有限公司 $m7
advises MANUAL_REVIEW
holds out '"code":"NAME_CONFLICT"'
ask 1 platform-04 --name 别的名称 $m4
advises DENY

# A platform's own ban acts for itself alone.
printf 'uscc,reason,from\n%s,多次售假,2026-02-01\n' $m7 >ban.csv
expect 0 as platform-03 push --kind entry-ban ban.csv
ask 1 platform-03 $m7
holds out '"code":"ENTRY_BAN"'
ask 0 platform-04 $m7
advises ALLOW

# A platform's own additions raise what is advised, and lower nothing.
printf '# ours\nLIST_ABNORMAL MANUAL_REVIEW\nREGISTRY_CANCELLED ALLOW\n' >ours
ask 1 platform-03 --policy ours $m6
holds out '"advice":"MANUAL_REVIEW",.*"gateway_advice":"ALLOW_WITH_WARNING","raised_by":"LIST_ABNORMAL"'
ask 1 platform-03 --policy ours $m4
advises DENY
echo 'LIST_ABNORMAL MAYBE' >>ours
expect 2 as platform-03 screen --purpose ONBOARDING --policy ours $m6
holds err 'ours: line 4: '

claim S0-08 "$merchants merchants asked about again: three work lists, and then none"
python3 - "$merchants" "$seed" <<'PY'
import random, sys
count, seed = int(sys.argv[1]), int(sys.argv[2])
A = "0123456789ABCDEFGHJKLMNPQRTUWXY"
W = [pow(3, i, 31) for i in range(17)]
def code(serial):
    body = f"MB{serial:06d}"
    w = [3, 7, 9, 10, 5, 8, 4, 2]
    r = 11 - sum(int(c, 36) * x for c, x in zip(body, w)) % 11
    head = "91999999" + body + {10: "X", 11: "0"}.get(r, str(r))
    return head + A[(31 - sum(A.index(c) * x for c, x in zip(head, W)) % 31) % 31]
codes = [code(i) for i in range(count)]
random.Random(seed).shuffle(codes)
serious, gone, abnormal = codes[:12], codes[12:42], codes[42:49]
def table(name, head, rows):
    with open(name, "w", encoding="utf-8") as out:
        out.write(head + "\n" + "".join(row + "\n" for row in rows))
table("merchants.csv", "shop,code", (f"s{i},{c}" for i, c in enumerate(sorted(codes))))
table("all.csv", "uscc,status", (f"{c},ACTIVE" for c in codes))
table("gone.csv", "uscc,status,ref", (f"{c},CANCELLED,{c}-2" for c in gone))
table("lists.csv", "uscc,list,reason_text,listed_on", [f"{c},SERIOUS,原因,2026-03-0{1 + i % 9}" for i, c in enumerate(serious)] +
      [f"{c},ABNORMAL,原因,2026-03-0{1 + i}" for i, c in enumerate(abnormal)])
for name, part in (("want.SERIOUS", serious), ("want.CANCELLED", gone), ("want.ABNORMAL", abnormal)):
    table(name, "", sorted(part))
PY
again() { expect 0 as platform-02 --json screen --purpose RESCREENING --file merchants.csv --column code --known known; }
expect 0 as regulator push --kind registry-entry all.csv
again
[ ! -s out ] || fail "a merchant in good standing is work"
[ "$(wc -l <known)" -eq "$merchants" ] || fail "not every merchant is remembered"
expect 0 as regulator push --kind registry-entry gone.csv
expect 0 as regulator push --kind credit-list-entry lists.csv
again
lines out . 49
holds err '^lianfang: new: LIST_SERIOUS 12$'
holds err '^lianfang: new: REGISTRY_CANCELLED 30$'
holds err '^lianfang: new: LIST_ABNORMAL 7$'
for word in SERIOUS CANCELLED ABNORMAL; do
    grep "\"new\":\[\"[A-Z]*_$word\"\]" out | sed 's/.*"subject":"\([^"]*\)".*/\1/' | sort | diff <(tail -n +2 "want.$word") - || fail "another list of $word"
done
again
[ ! -s out ] || fail "the same is work once more"
lacks err 'new:'
# Into a file, what was told is remembered too.
into() { expect 0 as platform-02 --json screen --purpose RESCREENING --file merchants.csv --column code --known known.2 --out told.2; }
into
[ -s told.2 ] && [ "$(wc -l <known.2)" -eq "$merchants" ] || fail "told into a file, and not remembered"
into
[ ! -s told.2 ] || fail "the same is work once more, with --out"
# What ends is told, too.
sed 's/,CANCELLED,\(.*\)-2$/,ACTIVE,\1-3/' gone.csv >back.csv
expect 0 as regulator push --kind registry-entry back.csv
again
lines out '"new":\[\],"gone":\["REGISTRY_CANCELLED"\]' 30
lines out . 30
stop
echo good
