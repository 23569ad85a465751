# One removal, and what it asks of every platform: answers, reminders, disputes, undoing.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154
event() { # MEMBER REF CODE MEASURES
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,%s,2026-03-02\n' \
        "$2" "$3" "$4" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$2" ${5:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
tasks() { expect 0 as "$1" --json notice list "${@:2}"; }

claim S4-01.1 "P01 files the removal"
event platform-01 m1 $m1 REMOVAL
removal=$index

claim S4-01.2 "P02 has the shop and says so"
tasks platform-02
lines out '"state":"OPEN"' 1
holds out "\"index\":$removal,\"issuer\":\"platform-01\""
expect 0 as platform-02 dispose "$removal" ACTIVE_SHOP
tasks platform-02
lines out '"state":"ACTIVE_SHOP"' 1

claim S4-01.3 "P03 has none, and M1 cannot come in there as long as the record lives"
expect 0 as platform-03 dispose "$removal" NO_SHOP
tasks platform-03
holds out '"state":"CLOSED","answer":"NO_SHOP"'
claim S4-01.4 "advice at P03 names the record"
expect 1 as platform-03 --json screen --purpose ONBOARDING $m1
holds out '"advice":"DENY"'
holds out "\"origin\":\"test.example/ledger\",\"index\":$removal"

claim S4-16.1 "the answer follows P02's own rule, and need not be a removal"
expect 0 as platform-02 dispose "$removal" RESTRICTED --rule 'P02-R-17 v3' --measures SUSPEND
claim S4-16.2 "without a rule id it is refused"
for answer in REMOVED RESTRICTED KEPT; do
    expect 3 as platform-04 dispose "$removal" $answer --reason 理由
    holds err 'RULE_REQUIRED|rule: '
done
claim S4-16.3 "NO_SHOP needs none"
expect 0 as platform-05 dispose "$removal" NO_SHOP
claim S4-16.4 "INVESTIGATING extends once and never closes"
expect 0 as platform-06 dispose "$removal" INVESTIGATING
tasks platform-06
holds out '"state":"INVESTIGATING"'
expect 3 as platform-06 dispose "$removal" INVESTIGATING --note again
holds err 'does not go with this task'
claim S4-16.5 "DISPUTED goes to the regulator"
expect 3 as platform-07 dispose "$removal" DISPUTED
holds err 'reason'
expect 0 as platform-07 dispose "$removal" DISPUTED --reason 不是同一家店
tasks regulator --state DISPUTED
lines out '"member":"platform-07"' 1

# Who is not asked, what is not asked, and whose tasks are whose.
expect 3 as platform-01 dispose "$removal" NO_SHOP
holds err 'asks nothing of this member'
expect 5 as lab-01 notice list
expect 2 as platform-02 dispose
expect 2 as platform-02 dispose x NO_SHOP
expect 2 as platform-02 dispose "$removal" MAYBE
tasks platform-02 --member platform-03
lines out . 0
tasks regulator --member platform-03
lines out . 1
tasks regulator
lines out '"index":'"$removal" 20

# The regulator's word.
expect 5 as platform-02 notice remind "$removal"
expect 0 as regulator notice remind "$removal" --member platform-08
expect 0 as regulator notice send "$removal" --member platform-08 --note 请尽快反馈
expect 3 as regulator notice remind "$removal" --member nobody
holds err 'members: nobody: is no member here \(TASK_UNKNOWN\)'
expect 3 as regulator notice remind "$removal" --member platform-05
holds err 'members: platform-05: has answered for good \(TASK_STATE\)'
tasks platform-08
holds out '"escalated":true,"reminders":1'
tasks platform-09
holds out '"escalated":false,"reminders":0'

# A withdrawal asks those who acted to undo it, by the same road.
expect 0 as platform-01 --json withdraw --ref m1
undo=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
tasks platform-08
holds out "\"index\":$removal.*\"state\":\"MOOT\""
holds out "\"index\":$undo.*\"kind\":\"Correction\".*\"state\":\"OPEN\""
expect 3 as platform-08 dispose "$removal" NO_SHOP
holds err 'no longer so'
expect 0 as platform-02 dispose "$undo" UNDONE
expect 0 as platform-08 dispose "$undo" NOT_USED
tasks regulator --state CLOSED
lines out "\"index\":$undo" 2

# The same table after a restart, and rebuilt from the entries.
tasks regulator
sort out >before
stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
serve
tasks regulator
sort out | diff - before >/dev/null || fail "tasks are others after a restart"
echo "tasks: as they were asked and answered"
