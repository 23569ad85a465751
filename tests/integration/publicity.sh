# What platforms did, made public: within a working day, until the measure ends, with shop, violation and measure, and with the
# operator of an individual business masked. What was taken back, lifted, erased or restricted is gone at once.
. "$(dirname "$0")/world.sh"
cd "$world"
found test.example 1 auth-a
enrol r-bj REGULATOR --level PROVINCE --division 110000
enrol p-01 PLATFORM
enrol p-02 PLATFORM
enrol l-01 LAB
enrol a-01 AUDITOR
open_found
m1=91999999MA00000154 m2=91999999MA0000023Y m3=91999999MA0000031R i1=92999999MA00000151 i2=92999999MA0000023U
today=$(TZ=Asia/Shanghai date +%F)
accuse() { # REF CODE NAME OPERATOR MEASURES CERTAINTY DAY LAST [OPTION]: `index` is the entry, which the regulator releases
    printf 'ref,uscc,name,operator,violation,certainty,measures,decided_at,measure_until,legal_basis,audience\n%s,%s,%s,%s,COUNTERFEIT,%s,%s,%s,%s,STATUTORY_DUTY,%s\n' \
        "$1" "$2" "$3" "$4" "$6" "$5" "$7" "$8" "${audience:-}" >event.csv
    expect 0 member p-01 --json push --kind enforcement-event event.csv --spool "spool-$1" ${9:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
release() { expect 0 member r-bj relay approve "$index"; }
notices() { expect 0 member "$1" --json report publicity "${@:2}"; }
shown() { # CODE DAY LINES
    notices p-02 --as-of "$2"
    lines out "\"subject\":\"$1\"" "$3"
}

claim S4-30.1 "SUSPEND of 7 days, decided on Friday 2026-03-06: the notice is due by Monday 2026-03-09"
accuse s7 $m1 某某旗舰店 '' 'SUSPEND;POINTS' ESTABLISHED_BY_PLATFORM 2026-03-06 2026-03-12
shown $m1 2026-03-10 0
notices r-bj --about LATE --as-of 2026-03-09
lines out . 0
notices r-bj --about LATE --as-of 2026-03-10
holds out "\"subject\":\"$m1\".*\"due\":\"2026-03-09\",\"published\":\"\",.*\"state\":\"PENDING_RELAY\",\"timing\":\"OVERDUE\",\"issuer\":\"p-01\""
notices p-02 --about LATE --as-of 2026-03-10
lines out . 0
release
notices r-bj --about LATE
holds out "\"subject\":\"$m1\".*\"due\":\"2026-03-09\",\"published\":\"$today\",\"until\":\"2026-03-12\",\"state\":\"ACTIVE\",\"timing\":\"LATE\",\"issuer\":\"p-01\""
notices p-01 --about LATE
lines out . 1
accuse now $m2 '' '' WARN ESTABLISHED_BY_PLATFORM "$today" ''
release
notices r-bj
holds out "\"subject\":\"$m2\".*\"published\":\"$today\".*\"timing\":\"(IN_TIME|PROVISIONAL)\""

claim S4-30.2 "shown until the end of the period"
shown $m1 2026-03-05 0
shown $m1 2026-03-06 1
shown $m1 2026-03-12 1
shown $m1 2026-03-13 0

claim S4-30.3 "it names shop, violation and measure, and not to rivals whose it is"
notices p-02 --as-of 2026-03-10
holds out "\"shop\":\"某某旗舰店\",\"violation\":\"COUNTERFEIT\",\"violation_text\":\"出售假冒\",\"measures\":\"SUSPEND\",\"measures_text\":\"暂停服务\",\"decided_at\":\"2026-03-06\".*\"issuer\":\"\""
{ echo uscc,name,operator,status,effective_from,legal_basis
  echo "$m2,测试商贸（北京）有限公司,,ACTIVE,2020-01-01,STATUTORY_DUTY"
  echo "$i2,买买提·阿不都烧烤店,买买提·阿不都,ACTIVE,2020-01-01,STATUTORY_DUTY"; } >registry.csv
expect 0 member r-bj push --kind registry-entry registry.csv
notices p-02
holds out "\"subject\":\"$m2\",\"shop\":\"测试商贸（北京）有限公司\""

claim S4-30.4 "the operator of an individual business is masked, also in its trade name"
accuse i1 $i1 张三小店 '' REMOVAL ESTABLISHED_BY_PLATFORM 2026-03-06 ''
release
notices p-02
holds out "\"subject\":\"$i1\",\"shop\":\"张\*\*\*\""
accuse i1 $i1 张三小店 张三 REMOVAL ESTABLISHED_BY_PLATFORM 2026-03-06 '' --update
release
notices p-02
lines out "\"subject\":\"$i1\"" 1
holds out "\"shop\":\"张\*小店\""
accuse i2 $i2 '' '' CLOSE_SHOP ESTABLISHED_BY_PLATFORM 2026-03-06 ''
release
notices p-02
holds out "\"subject\":\"$i2\",\"shop\":\"买\*\*·\*\*\*烧烤店\""
if grep -qE '张三|买买提|阿不都' out; then fail "an operator is named"; fi
expect 0 member p-02 report publicity --out page.html
holds page.html '<h1>平台处置措施公示</h1>'
holds page.html '处置措施</th>'
holds page.html '张\*小店'

# What a member wrote moves no cursor.
accuse esc $m3 $'某店\e[2J' '' REMOVAL ESTABLISHED_BY_PLATFORM "$today" ''
release
expect 0 member p-02 report publicity
holds out '某店\\x1b\[2J'
if grep -q $'\e' out; then fail "an escape sequence reaches the terminal"; fi
expect 0 member p-01 withdraw --ref esc

# What is no notice: a suspicion, a measure that is not to be public, a campaign's.
accuse x1 $m3 某店 '' REMOVAL SUSPECTED "$today" ''
release
accuse x2 $m3 某店 '' 'POINTS;DELIST_ITEM' ESTABLISHED_BY_PLATFORM "$today" ''
release
audience=p-02 accuse x3 $m3 某店 '' REMOVAL ESTABLISHED_BY_PLATFORM "$today" ''
release
for who in p-01 p-02 r-bj a-01; do
    notices $who
    lines out "\"subject\":\"$m3\"" 0
done
expect 5 member l-01 report publicity
expect 2 member p-02 report publicity --about p-01
holds err REPORT_UNKNOWN

# An objection is told, and does not end the measure; its end, its withdrawal, an order to restrict and one to erase do.
accuse a1 $m3 一店 '' REMOVAL ESTABLISHED_BY_PLATFORM "$today" ''
release
expect 0 member r-bj appeal "$index" FILED
notices p-02
holds out "\"subject\":\"$m3\".*\"state\":\"UNDER_APPEAL\""
expect 0 member p-01 lift --ref a1
notices r-bj
lines out "\"subject\":\"$m3\"" 0
accuse a2 $m3 二店 '' REMOVAL ESTABLISHED_BY_PLATFORM "$today" ''
release
expect 0 member p-01 withdraw --ref a2
notices r-bj
lines out "\"subject\":\"$m3\"" 0
order() { # MODE NUMBER
    expect 0 member r-bj redact propose --issuer p-01 --record "$record" --mode "$1" --order-authority 某法院 --order-number "(2026) $2" --authority-key auth-a
}
accuse a3 $m3 三店 '' REMOVAL ESTABLISHED_BY_PLATFORM "$today" ''
release
expect 0 member p-01 --json log prove "$index"
record=$(sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' out)
for step in "RESTRICT 0" "LIFT_RESTRICTION 1" "ERASE 0"; do
    # shellcheck disable=SC2086
    order ${step% *} "${step% *}"
    for who in p-02 r-bj p-01; do
        notices $who
        lines out "\"subject\":\"$m3\"" "${step#* }"
    done
done

stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
echo "publicity: in time, whole, and for nobody longer than it holds"
