# Where regulators look first, and why: subjects by points that the records behind them explain.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y m6=91999999MA0000066C
event() { # MEMBER REF CODE CERTAINTY MEASURE [--update]: `index` is the entry
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,%s,%s,2026-03-02\n' "$2" "$3" "$4" "$5" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$1-$2" ${6:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
ranking() { expect 0 as regulator --json report ranking "$@"; }
row() { sed -n "${1}p" out; }
cell() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$2"; }

event platform-01 a $m1 ESTABLISHED_BY_PLATFORM REMOVAL
first=$index
event platform-05 b $m1 ESTABLISHED_BY_PLATFORM REMOVAL
second=$index
event platform-09 c $m1 ESTABLISHED_BY_PLATFORM REMOVAL
printf 'uscc,list,reason,reason_text,listed_on,authority\n%s,SERIOUS,SER_IP,故意侵犯知识产权,2026-02-01,北京市市场监督管理局\n' $m1 >list.csv
expect 0 as regulator push --kind credit-list-entry list.csv
event platform-02 d $m6 SUSPECTED REMOVAL

claim S4-29.1 "three platforms, established, on the serious list: above one platform's suspicion"
ranking
lines out . 2
above=$(row 1) below=$(row 2)
[ "$(cell subject "$above")" = $m1 ] && [ "$(cell platforms "$above")" = 3 ] || fail "not first: $above"
[ "$(cell subject "$below")" = $m6 ] && [ "$(cell platforms "$below")" = 1 ] || fail "not second: $below"
[ "$(cell points "$above")" -gt "$(cell points "$below")" ] || fail "not by points"
claim S4-29.2 "each point says what it is for, and which record it is of"
for line in "$above" "$below"; do
    sum=$(cell why "$line" | sed 's/; /\n/g' | awk '{ n += $1 } END { print n }')
    [ "$sum" = "$(cell points "$line")" ] || fail "$sum points are explained: $line"
done
cell why "$above" >why
holds why "60 LIST_SERIOUS #[0-9]+; |; 60 LIST_SERIOUS #[0-9]+"
holds why "30 LIVE_REMOVAL #$first #[0-9]+ #[0-9]+"
holds why '60 PLATFORM x3; 20 ESTABLISHED_BY_PLATFORM'
cell why "$below" >why
holds why '10 SUSPECTED_REMOVAL #[0-9]+; 20 PLATFORM x1; 5 SUSPECTED'
# What was lifted counts nothing, and neither does what was overturned.
event platform-09 c $m1 ESTABLISHED_BY_PLATFORM LIFT --update
ranking --about $m1
lines out . 1
[ "$(cell platforms "$(row 1)")" = 2 ] || fail "a lifted removal counts"
expect 0 as platform-01 appeal "$first" FILED --reason 申诉
ranking --about $m1
holds out 'UNDER_APPEAL #'
expect 0 as regulator appeal "$first" OVERTURNED --reason 认定有误
ranking --about $m1
[ "$(cell platforms "$(row 1)")" = 1 ] || fail "an overturned removal counts"
# Tasks that nobody answers; an answer takes its points away.
open=$(cell open_tasks "$(row 1)")
expect 0 as platform-02 dispose "$second" NO_SHOP
ranking --about $m1
[ "$(cell open_tasks "$(row 1)")" = $((open - 1)) ] || fail "an answered task is still open"
# Pages, as a table and as a page for people.
event platform-01 e $m2 ESTABLISHED_BY_PLATFORM WARN
ranking --max 1
[ "$(cell subject "$(row 1)")" = $m1 ] || fail "first of a page"
ranking --max 1 --after $m1
[ "$(cell rank "$(row 1)")" = 2 ] || fail "second page: $(row 1)"
expect 1 as regulator report ranking --after 91999999MA0000058H
holds err PAGE_INVALID
expect 2 as regulator report ranking --max many
expect 0 as regulator report ranking
holds out "^rank +subject +points"
holds out "^1 +$m1 +[0-9]+"
expect 0 as regulator report ranking --out page.html
holds page.html "<b>$m1</b>"
# For regulators, and for auditors without what platforms answer.
expect 0 as auditor --json report ranking
lines out . 3
lines out '"open_tasks":"0"' 3
for member in platform-02 police commerce association lab-01; do
    [ -d "$world/fed/members/$member" ] || continue
    expect 5 as $member report ranking
    holds err KIND_NOT_ALLOWED
done
echo "risk: ranked, and explained"
