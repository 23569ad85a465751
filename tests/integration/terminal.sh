# What members write may hold anything that is UTF-8. On a terminal it moves no cursor, starts no line and turns no reading round: not
# as text, not as JSON, not as CSV; and as data it is what was written.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y
bad=$'恶意\e[2J\a\x7f\u009b31m\u202e\u2066\u2028店'
raw=$'\e|\a|\x7f|\u0085|\u009b|\u202e|\u2066|\u2028'
as_profile() { echo "$LIANFANG --profile $world/fed/members/$1/profile.conf"; }
# told MEMBER PATTERN COMMAND...: on a terminal of its own; PATTERN says that what was written is there, escaped; - if it need not be.
# script(1) hands the command to $SHELL, and only bash reads what bash's %q wrote.
told() {
    local member=$1 pattern=$2 command got=0
    shift 2
    printf -v command '%q ' "$@"
    SHELL=$BASH TERM=xterm script -qec "$(as_profile "$member") $command" /dev/null </dev/null >seen 2>&1 || got=$?
    [ "$got" -le 1 ] || [ "$got" -eq 3 ] || { cat -v seen >&2; fail "exit $got: $*"; }
    tr -d '\r' <seen >out
    if grep -qE "$raw" out; then cat -v out >&2; fail "raw on a terminal: $*"; fi
    [ "$pattern" = - ] || holds out "$pattern"
}
text='恶意\\x1b\[2J\\x07\\x7f\\x9b31m\\u202e\\u2066\\u2028店'
json='恶意\\u001[bB]\[2J\\u0007\\u007f\\u009b31m\\u202e\\u2066\\u2028店'

printf 'ref,uscc,name,violation,certainty,measures,decided_at\na,%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' \
    $m1 "$bad" >event.csv
expect 0 as platform-01 --json push --kind enforcement-event event.csv
event=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
printf 'uscc,name,status,effective_from\n%s,某某商行,ACTIVE,2020-01-01\n%s,%s,ACTIVE,2020-01-01\n' $m1 $m2 "$bad" >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
printf 'uscc,list,name,reason,reason_text,listed_on,authority,document\n%s,SERIOUS,%s,SER_IP,%s,2026-02-01,%s,%s\n' \
    $m1 "$bad" "$bad" "$bad" "$bad" >list.csv
expect 0 as regulator push --kind credit-list-entry list.csv
expect 0 as platform-02 dispose "$event" DISPUTED --reason "$bad"
expect 0 as platform-01 appeal "$event" FILED --reason "$bad"
expect 0 as platform-02 override $m1 DENY ALLOW --reason "$bad" --officer o-17

told regulator "$text" watch --once
told regulator "$json" --json watch --once
told regulator "$text" crosscheck --purpose ENFORCEMENT --case C-1
told regulator "$json" --json crosscheck --purpose ENFORCEMENT --case C-1
told regulator "$text" crosscheck --purpose ENFORCEMENT --case C-1 --csv
told platform-02 '张|恶\*|\*|恶意' report publicity
for name in ranking overrides participation open-loops coverage late lags quarantine relay-queue; do
    told regulator - report "$name"
    told regulator - report "$name" --csv
    told regulator - --json report "$name"
done
told regulator "$text" subject export $m1 --purpose ENFORCEMENT --case "C-$bad"
told regulator "$json" --json subject export $m1 --purpose ENFORCEMENT --case C-1
told regulator "$text" subject export $m1 --purpose ENFORCEMENT --case C-1 --csv
told auditor ENFORCEMENT log access
told auditor "C-$json" --json log access
told regulator - relay list --case C-1
told regulator DISPUTED notice list
told platform-02 DENY screen --purpose RESCREENING $m1
told platform-02 DENY --json screen --purpose RESCREENING $m1
expect 0 as platform-02 evidence export "$event" --out "$world/e.evidence"
expect 0 as platform-02 evidence trust --out trust
told platform-02 "$text" evidence verify e.evidence --trust trust
told platform-02 "$json" --json evidence verify e.evidence --trust trust

# A copy of one's own: also what stands in the list that is held against it.
told platform-02 - mirror sync
printf 'code,name\n%s,%s\n%s,\n' "$bad" "$bad" $m1 >shops.csv
told platform-02 '1 by code' mirror screen --file shops.csv --column code --name-column name --out copy.csv
grep -qF "2,$bad," copy.csv || fail "the answers are not of what was asked"
# A list of one's own, read and refused.
printf 'uscc,list,name,reason,listed_on\n%s,SERIOUS,x,SER_IP,%s\n' $m1 "$bad" >list.csv
told regulator "line 2" import --dry-run list.csv
told regulator - push --kind credit-list-entry list.csv

# In a file and through a pipe CSV is what was written, and JSON says it.
expect 0 as regulator crosscheck --purpose ENFORCEMENT --case C-1 --csv
grep -qF "$bad" out || fail "the table is not the data"
expect 0 as regulator --json crosscheck --purpose ENFORCEMENT --case C-1
BAD=$bad "$PYTHON" - out <<'P'
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert any(os.environ["BAD"] in line.get("explanation", "") + line.get("name", "") for line in lines), lines
P
echo "terminal: what others wrote is read, not obeyed"
