# What regulators read from the ledger: loops, coverage, lags, who takes part; and figures that point at nobody.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154
m2=91999999MA0000023Y
event() { # MEMBER REF CODE VIOLATION DAY
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,%s,ESTABLISHED_BY_PLATFORM,REMOVAL,%s\n' \
        "$2" "$3" "$4" "$5" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$2"
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
report() { expect 0 as regulator --json report "$@"; }
today=$(TZ=Asia/Shanghai date +%F)
month=$(TZ=Asia/Shanghai date +%Y-%m)

event platform-01 m1 $m1 COUNTERFEIT "$today"
removal=$index
for n in 03 05 06 07 09 10 11 12 13 14 15 16 17 18 19 20 21; do
    expect 0 as platform-$n dispose "$removal" NO_SHOP
done
# Matched at P02, P04 and P08: of those who have the shop, none has answered for good; then two, then all.
for n in 02 04 08; do expect 0 as platform-$n dispose "$removal" ACTIVE_SHOP; done
report open-loops
holds out '"state":"SHARED\(0/3\)"'
expect 0 as platform-02 dispose "$removal" REMOVED --rule P02-R-1
expect 0 as platform-08 dispose "$removal" KEPT --rule P08-R-4 --reason 已整改
report open-loops
holds out '"state":"SHARED\(2/3\)","overdue":"0","open_members":"platform-04"'
report open-loops --as-of "$(TZ=Asia/Shanghai date -d '+4 days' +%F)"
holds out '"overdue":"1","open_members":"platform-04"'
expect 0 as platform-04 --json dispose "$removal" REMOVED --rule P04-R-9 --set shops=3
report open-loops
lines out . 0

claim S4-12.1 "REMOVED, REMOVED, KEPT(reason): coverage 2/3"
report coverage
holds out '"member":"TOTAL","matched":"3","followed_up":"2","kept":"1","undecided":"0","shops":"4","coverage":"2/3"'
holds out '"member":"platform-08","matched":"1","followed_up":"0","kept":"1"'

# Lags: of the one record so far.
report lags
lines out . 3
holds out '"lag":"decision-to-share","records":"1","median_hours":"[0-9.]+","p95_hours":"[0-9.]+","late":"0"'
event platform-05 old $m2 COUNTERFEIT 2026-03-06
report late
lines out . 1
holds out "\"index\":\"$index\",\"issuer\":\"platform-05\",\"subject\":\"$m2\",\"decided_at\":\"2026-03-06\",\"shared\":\"$today\",\"due\":\"2026-03-09\",\"provisional\":\"\""

# About a member it is what that member was late with, not what it was asked.
report late --about platform-05
lines out . 1
report late --about platform-04
lines out . 0

# A period has both its days.
report participation --from 2026-03-06 --until 2026-03-06
holds out '"member":"platform-05","contributed":"1"'
holds out '"member":"TOTAL","contributed":"1","overturned":"0".*"silent":"20","members":"21","reporters":"1"'
report participation --from 2026-03-07
holds out '"member":"platform-05","contributed":"0".*"silent":"SILENT"'
report participation
holds out '"member":"TOTAL","contributed":"2".*"silent":"19","members":"21","reporters":"2"'
lines out '"members":"21"' 1 # the sums are marked as such, as those of the coverage are

claim S4-08.1 "no attestation by the 15th day after the quarter: missing"
report attestations --about 2026-Q1 --as-of 2026-04-15
lines out ATTESTATION_MISSING 0
report attestations --about 2026-Q1 --as-of 2026-04-16
lines out ATTESTATION_MISSING 21
claim S4-08.2 "filed and signed: cleared"
printf 'period,statement\n2026-Q1,本季度已自查\n' >attest.csv
expect 0 as platform-06 push --kind attestation attest.csv
report attestations --about 2026-Q1
lines out ATTESTATION_MISSING 20
holds out '"member":"platform-06","period":"2026-Q1","state":"FILED","index":"[0-9]+"'
expect 2 as regulator report attestations --about 2026-Q5
holds err PERIOD_INVALID
expect 0 as regulator report statistics --from 2026-03-02 --until 2026-03-02
expect 2 as regulator report statistics --from 2026-03-02 --until 2026-03-01
holds err 'until: is before the first day'

claim S4-23.1 "P03 overrides a DENY with reason and officer"
expect 1 as platform-03 --json screen --purpose ONBOARDING $m1
expect 0 as platform-03 --json override $m1 DENY ALLOW --reason 已核实主体不同 --officer o-17
override=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
claim S4-23.2 "the regulator sees it, other platforms do not"
expect 0 as regulator log prove "$override"
holds out platform-03
expect 0 as platform-09 --json log prove "$override"
if grep -q platform-03 out; then fail "a rival reads an override"; fi
claim S4-23.3 "and it counts"
report overrides
holds out '"member":"platform-03","overrides":"1","of_deny":"1","asked":"1","rate_per_1000":"1000.00"'
expect 2 as platform-03 override $m1 DENY ALLOW --reason x
expect 3 as platform-03 override $m1 DENY MAYBE --reason x --officer o-17
holds err ADVICE_UNKNOWN
# Of what is advised no more, or never was; and by a person whose name is nobody's business.
expect 0 as regulator log checkpoint
cp out before
expect 3 as platform-03 override $m1 MANUAL_REVIEW ALLOW --reason x --officer o-17
holds err '^lianfang: advice: is DENY now, not MANUAL_REVIEW'
expect 3 as platform-03 override 91999999MA00000155 DENY ALLOW --reason x --officer o-17
holds err USCC_CHECK_DIGIT
for name in 王小明 'Wang Xiaoming' wang.xiaoming; do
    expect 2 as platform-03 override $m1 DENY ALLOW --reason x --officer "$name"
    lines err . 1
    holds err '^lianfang: officer: .*OFFICER_ID'
    lines err "$name" 0
done
printf 'uscc,advice,decision,reason,officer\n%s,DENY,ALLOW,x,王小明\n' $m1 >override.csv
expect 3 as platform-03 push --kind override override.csv
lines err 王小明 0
holds err OFFICER_ID
expect 0 as regulator log checkpoint
cmp out before || fail "a refused override is in the ledger"
expect 3 as platform-03 override $m1 DENY DENY --reason x --officer o-17
holds err OVERRIDE_NONE

claim S4-33.1 "by month, violation and province"
n=0
for code in 91999999MA00000154 91999999MA0000023Y 91999999MA0000066C 92999999MA00000151 92999999MA0000023U; do
    n=$((n + 1))
    printf 'ref,uscc,violation,certainty,measures,decided_at,legal_basis\ns%s,%s,PIRATED,ESTABLISHED_BY_PLATFORM,WARN,%s,STATUTORY_DUTY\n' \
        $n "$code" "$month-01" >event.csv
    expect 0 as platform-0$n push --kind enforcement-event event.csv --spool "spool-s$n"
done
expect 0 as platform-02 --json report statistics
holds out "\"month\":\"$month\",\"violation\":\"PIRATED\",\"province\":\"99\",\"events\":\"5\",\"platforms\":\"5\""
claim S4-33.2 "what is under five is withheld"
holds out '"violation":"COUNTERFEIT","province":"99","events":"<5","platforms":""'
claim S4-33.3 "nobody is named"
if grep -qE '9[12]999999|platform-' out; then fail "statistics name somebody"; fi

# Who may not, what is none, and the page.
expect 5 as platform-02 report coverage
expect 2 as regulator report rumours
lines err . 1
holds err '^lianfang: name: is none of open-loops coverage lags late participation overrides attestations corrections links quarantine relay-queue ranking publicity statistics \(REPORT_UNKNOWN\)$'
expect 2 as regulator report coverage --from 2026-02-30
lines err . 1
holds err '^lianfang: from: not a date of the form 2026-01-31 \(DATE_INVALID\)$'
expect 2 as regulator report coverage --case 11010519491231002X # the access log would keep it
holds err ID_NUMBER_IN_TEXT

# Every report heeds what the help says of it, and what it does not heed it refuses.
expect 0 as regulator help report
cp out help
names=$(sed -nE 's/^([a-z-]+) +--.*/\1/p' help)
[ "$(wc -w <<<"$names")" -eq 14 ] || fail "the help tells of $names"
declare -A values=([from]=2026-01-01 [until]=2026-12-31 [as-of]=$(TZ=Asia/Shanghai date -d '+1 day' +%F) [max]=5)
about() { # REPORT: a value that it takes
    case $1 in attestations) echo 2026-Q1 ;; publicity) echo LATE ;; links | ranking) echo $m1 ;; *) echo platform-01 ;; esac
}
for name in $names; do
    needed=()
    [ "$name" != attestations ] || needed=(--about 2026-Q1)
    for option in from until as-of about max after; do
        value=${values[$option]:-$(about "$name")}
        [ "$name $option" != "links after" ] || value=$m1:$m2
        [ "$name $option" != "attestations about" ] || needed=()
        if grep -qE -- "^$name( .*)? --$option( |$)" help; then
            expect 0 as regulator report "$name" "${needed[@]}" --$option "$value"
        else
            expect 2 as regulator report "$name" "${needed[@]}" --$option "$value"
            lines err . 1
            holds err "^lianfang: ${option/-/_}: $name heeds only( [a-z_]+)+ \(REPORT_OPTION\)$"
        fi
        [ "$name" != attestations ] || needed=(--about 2026-Q1)
    done
done
expect 2 as regulator report open-loops --as-of "$(TZ=Asia/Shanghai date -d '-1 day' +%F)"
holds err 'as_of: open-loops tells what stands now, and takes no day that is over \(REPORT_OPTION\)'
expect 2 as regulator report open-loops --about platform-99 # nothing about nobody would look like a clean sheet
holds err 'about: no member of that name, here or ever \(REPORT_OPTION\)'
expect 2 as regulator report ranking --about 91999999MA00000155
holds err 'USCC_CHECK_DIGIT'
expect 0 as regulator report coverage --out page.html
holds page.html '<tr class="sum"><td><b>合计</b></td><td class="n"><b>3</b></td>' # the sum has no bar, and bounds none
holds page.html '<td class="n"><s><i style="width:100.0%"></i></s><b>1/1</b></td>'
holds page.html '<figcaption>覆盖率（%）</figcaption>'
lines page.html '<rect ' 3
expect 0 as regulator report open-loops --about platform-03 --from 2019-01-01 --until 2019-01-02 --out page.html
holds page.html '没有符合条件的内容'
expect 0 as regulator report participation --csv
holds out '^member,contributed,overturned,'
expect 0 as regulator report participation --out page.html
holds page.html '<tr class="sum"><td><b>合计</b></td>'
expect 2 as regulator --json report participation --csv
expect 1 as regulator report coverage --out /dev/full
expect 0 as regulator report coverage
holds out '^TOTAL +3 '
echo "reports: as the ledger has it"
