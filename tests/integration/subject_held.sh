# subject export, where accusations wait for a relay: whoever passed a record while it was withheld was not told of it, whatever it
# acknowledged; who got it after its release was, with or without a task.
. "$(dirname "$0")/world.sh"
cd "$world"
found test.example 1 auth-a
enrol r-bj REGULATOR --level PROVINCE --division 110000
for id in p-01 p-02 p-03; do enrol $id PLATFORM; done
open_found
m1=91999999MA00000154
told() { # INDEX MEMBER COUNT
    expect 0 member r-bj --json subject export $m1 --purpose INVESTIGATION --case 2026-1
    lines out "\"part\":\"RECIPIENT\",\"index\":\"$1\",.*\"member\":\"$2\"" "$3"
}
for certainty in ESTABLISHED_BY_PLATFORM SUSPECTED; do # with a task for the others, and without
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,%s,REMOVAL,2026-03-06\n' "$certainty" $m1 "$certainty" >event.csv
    expect 0 member p-01 --json push --kind enforcement-event event.csv --spool spool
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
    expect 0 member p-02 watch --once --confirm
    told "$index" p-02 0
    expect 0 member p-02 --json subject export $m1 --purpose SUBJECT_REQUEST --case 1
    lines out "\"index\":\"$index\"" 0
    expect 0 member r-bj relay approve "$index"
    told "$index" p-02 0
    expect 0 member p-03 watch --once
    told "$index" p-03 1
    told "$index" p-02 0
    expect 0 member p-02 watch --once --confirm
    told "$index" p-02 1
    holds out "\"index\":\"$index\",.*\"member\":\"p-02\",.*\"what\":\"DELIVERED\""
    # A regulator has it from the beginning.
    expect 0 member r-bj watch --once
    told "$index" r-bj 1
done
stop
echo "subject: told is what could be read"
