# Hundreds of tasks have one first answer: whether the merchant is ours. From our own list, without guessing.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y
{ echo ref,uscc,violation,certainty,measures,decided_at
  for m in $m1 $m2; do echo "e-$m,$m,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02"; done; } >events.csv
expect 0 as platform-01 push --kind enforcement-event events.csv
tasks() { expect 0 as "$1" --json notice list "${@:2}"; }
file() { expect "$1" as platform-02 --json dispose --file "$2" --column "${3:-code}" "${@:4}"; }
printf 'shop,code\ns-1,%s\ns-2,92999999MA00000151\n' "${m1,,}" >ours.csv

# What would be said, and nothing said.
file 0 ours.csv code --dry-run
lines out '"status":"would be sent"' 2
tasks platform-02 --state OPEN
lines out . 2
# A list with a line that is no code says nothing about who is not in it; and the line is not shown.
{ cat ours.csv; echo 's-3,110101199003070015'; } >broken.csv
file 3 broken.csv
holds err 'line 4: is no code'
holds err '1 lines are no codes, so nobody was answered NO_SHOP'
if grep -q 110101199003070015 out err; then fail "an ID number is shown"; fi
holds out "\"subject\":\"$m1\",\"answer\":\"ACTIVE_SHOP\",\"status\":\"accepted\""
lines out . 1
# The rest, from a whole one; what was answered is not answered again, and a person goes on with the shop.
file 0 ours.csv
holds out "\"subject\":\"$m2\",\"answer\":\"NO_SHOP\",\"status\":\"accepted\""
lines out . 1
holds err '^0 ACTIVE_SHOP, for a person to deal with; 1 NO_SHOP; 0 left$'
tasks platform-02
holds out "\"subject\":\"$m1\",\"state\":\"ACTIVE_SHOP\""
holds out "\"subject\":\"$m2\",\"state\":\"CLOSED\",\"answer\":\"NO_SHOP\""
file 0 ours.csv
lines out . 0
# Of a member with a task to undo, that is left to it.
index=$(as platform-03 --json notice list | sed -n "s/^{\"index\":\([0-9]*\),.*\"subject\":\"$m1\".*/\1/p")
expect 0 as platform-03 dispose "$index" ACTIVE_SHOP
expect 0 as platform-01 correct --ref "e-$m1" --reason FACT_WRONG
printf "code\n92999999MA00000151\n" >none.csv
expect 3 as platform-03 dispose --file none.csv --column code
holds out "$m2 +NO_SHOP +accepted"
holds err '^0 ACTIVE_SHOP, for a person to deal with; 1 NO_SHOP; 1 left$'
tasks platform-03 --state OPEN
lines out '"kind":"Correction"' 1

expect 2 as platform-02 dispose --file ours.csv
expect 2 as platform-02 dispose 5 NO_SHOP --file ours.csv --column code
expect 2 as platform-02 dispose --file ours.csv --column codes
holds err "has no column 'codes'"
expect 2 as platform-02 dispose --file nowhere.csv --column code
expect 5 as lab-01 dispose --file ours.csv --column code
echo "dispose: the first answer to all"
