# A measure ends: its issuer says so once, everyone who was told is told, those who acted are asked to undo it, and advice
# follows at once. A line leaves its list the same way.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y i1=92999999MA00000151
event() { # MEMBER REF CODE MEASURE DAY [OPTION]
    printf 'ref,uscc,violation,certainty,measures,decided_at,amount_fen,name,legal_basis\n%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,%s,%s,5000,张三小店,STATUTORY_DUTY\n' \
        "$2" "$3" "$4" "$5" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$2" ${6:-}
    entry
}
entry() { index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out); }
tasks() { expect 0 as "$1" --json notice list "${@:2}"; }
advice() { # EXIT MEMBER CODE ADVICE
    expect "$1" as "$2" --json screen --purpose ONBOARDING "$3"
    holds out "\"advice\":\"$4\""
}
{ echo uscc,name,status,effective_from
  for m in $m1 $m2 $i1; do echo "$m,测试商贸（北京）有限公司,ACTIVE,2020-01-01"; done; } >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv

claim S4-17.3 "the LIFT opens an undo task at every platform that was told, and its advice is ALLOW again"
event platform-01 m2 $m2 REMOVAL 2026-03-02
removal=$index
advice 1 platform-03 $m2 DENY
expect 0 as platform-02 dispose "$removal" REMOVED --rule P02-R-1
expect 0 as platform-03 dispose "$removal" NO_SHOP
expect 5 as platform-02 lift "$removal"
holds err 'KIND_NOT_ALLOWED'
expect 0 as platform-01 --json lift --ref m2 --from 2026-05-01 --note 已整改
entry
lift=$index
advice 0 platform-03 $m2 ALLOW
advice 0 platform-03 "$(tr A-Z a-z <<<$m2)" ALLOW
tasks regulator
lines out "\"index\":$lift,.*\"kind\":\"EnforcementEvent\".*\"state\":\"OPEN\"" 20
lines out "\"index\":$removal,.*\"state\":\"MOOT\"" 18
lines out "\"index\":$removal,.*\"state\":\"CLOSED\"" 2
expect 3 as platform-04 dispose "$removal" REMOVED --rule P04-R-1
expect 0 as platform-02 dispose "$lift" UNDONE
expect 0 as platform-03 dispose "$lift" NOT_USED
tasks regulator --state CLOSED
lines out "\"index\":$lift," 2
# It says what the removal said, and takes no money twice.
expect 0 as platform-01 --json watch --once --from "$lift"
holds out "\"version\":2,\"certainty\":\"ESTABLISHED_BY_PLATFORM\",\"fields\":\{\"uscc\":\"$m2\",\"violation\":\"COUNTERFEIT\",\"measures\":\"LIFT\",\"decided_at\":\"2026-05-01\""
lines out 5000 0

# Again is the same record, by whichever of its versions it is named, and on another day.
for name in "--ref m2" "$removal" "$lift"; do
    # shellcheck disable=SC2086
    expect 0 as platform-01 --json lift $name
    holds out "\"status\":\"duplicate\",\"index\":$lift"
done

# What stands is the newest version; a masked name is not masked again.
event platform-05 i1 $i1 WARN 2026-03-02
first=$index
event platform-05 i1 $i1 REMOVAL 2026-03-03 --update
advice 1 platform-03 $i1 DENY
expect 0 as platform-05 --json lift "$first"
entry
advice 0 platform-03 $i1 ALLOW
expect 0 as platform-05 --json watch --once --from "$index"
holds out '"version":3,.*"measures":"LIFT",.*"name":"张\*\*\*"'
holds out "\"decided_at\":\"$(TZ=Asia/Shanghai date +%F)\""

# A line of a list, by a regulator.
printf 'uscc,list,reason,reason_text,listed_on,authority\n%s,SERIOUS,,严重违法,2025-08-01,某局\n' $m1 >list.csv
expect 0 as regulator --json push --kind credit-list-entry list.csv
entry
advice 1 platform-03 $m1 DENY
expect 5 as platform-01 lift "$index"
expect 3 as regulator lift "$index" --from 2025-07-31
holds err 'DATE_INVALID'
expect 0 as regulator --json lift "$index" --reason REPAIRED --from 2026-06-01 --note 信用修复
advice 0 platform-03 $m1 ALLOW

# In a campaign that is over, and for its members only.
members='platform-01;platform-02;platform-03'
printf 'campaign,title,from,until,violations,is_automatic,audience,ref\nSPRING-2026,春季,2026-02-01,2026-03-31,,true,%s,c1\n' "$members" >campaign.csv
expect 0 as regulator push --kind campaign campaign.csv
printf 'ref,uscc,violation,certainty,measures,decided_at,campaign,audience\nc1,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-05,SPRING-2026,%s\n' $m1 "$members" >event.csv
expect 0 as platform-01 push --kind enforcement-event event.csv --spool spool-c1
advice 1 platform-02 $m1 DENY
expect 0 as platform-01 --json lift --ref c1 --from 2026-05-06
entry
advice 0 platform-02 $m1 ALLOW
tasks platform-02 --state OPEN
lines out "\"index\":$index," 1
tasks platform-04
lines out "\"index\":$index," 0
expect 0 as platform-04 --json watch --once --from "$index"
lines out . 0

# What cannot be lifted.
expect 2 as platform-01 lift --ref never
holds err TARGET_UNKNOWN
expect 2 as platform-04 lift "$index"
holds err TARGET_UNKNOWN
expect 2 as platform-01 lift 999999
expect 0 as regulator --json watch --once --kinds RegistryEntry
expect 2 as regulator lift "$(sed -n '1s/^{"index": *\([0-9]*\).*/\1/p' out)"
holds err TARGET_KIND
expect 2 as platform-01 lift --ref m2 --from 2026-02-30
expect 2 as platform-01 lift
expect 2 as platform-01 lift x
expect 2 as platform-01 lift 3 --ref m2

stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
echo "lift: what ended has ended everywhere"
