# One member that suddenly accuses far more than it ever did: all is in the ledger, and what is too much acts for nobody before a
# regulator has looked at it.
. "$(dirname "$0")/world.sh"
cd "$world"
found test.example 1 auth-a
enrol r-bj REGULATOR --level PROVINCE --division 110000
for id in p-01 p-02 p-03; do enrol $id PLATFORM; done
open_found
mkdir gen
"$GENERATE" gen 6000 3
cut -d, -f2 gen/platform-01.csv | grep -E '^[0-9A-Z]{18}$' | head -n 1340 >codes
[ "$(wc -l <codes)" -eq 1340 ] || fail "not enough codes"
rows() { # FIRST LAST REF: accusations of the codes in those lines
    echo ref,uscc,violation,certainty,measures,decided_at
    sed -n "$1,$2p" codes | awk -v ref="$3" '{print ref "-" NR "," $1 ",COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02"}'
}
queue() { expect 0 member r-bj --json relay list --case 2026-1; }
# As the gateway says it and as a mirror does: the codes of which a reason is given.
both_say() { # MEMBER REASON COUNT
    expect 0 member "$1" mirror sync
    { echo code; cat codes; } >codes.csv
    expect 0 member "$1" mirror screen --file codes.csv --column code --out copy.csv
    expect 0 member "$1" --json screen --purpose RESCREENING --case 2026-1 --file codes.csv --column code --out told
    grep -E "[,;]$2:" copy.csv | cut -d, -f4 | sort >copied || true
    grep "\"code\": *\"$2\"" told | sed 's/.*"subject": *"\([0-9A-Z]*\)".*/\1/' | sort >asked || true
    cmp copied asked || fail "$1: mirror and gateway do not say $2 of the same"
    [ "$(wc -l <asked)" -eq "$3" ] || fail "$1: $2 of $(wc -l <asked), not of $3"
    expect 0 member "$1" mirror verify
}
tasks() { expect 0 member "$1" --json notice list; }

# Another platform's accusation is released, and asks the others.
rows 1340 1340 other >other.csv
expect 0 member p-02 --json push --kind enforcement-event other.csv
expect 0 member r-bj relay approve "$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)"
tasks p-03
lines out '"state":"OPEN"' 1
cp out before

# A thousand a day may come; three hundred more are in the ledger with their receipts, and wait as too many.
rows 1 1300 a >burst.csv
expect 0 member p-01 --json push --kind enforcement-event burst.csv --receipts receipts
lines out '"status":"accepted"' 1300
lines receipts . 1300
expect 0 member p-01 receipt verify receipts
queue
lines out '"why":"PENDING_RELAY"' 1000
lines out '"state":"QUARANTINED","issuer":"p-01",.*"why":"BURST"' 300
first=$(sed -n 's/.*"index":\([0-9]*\),.*"why":"BURST".*/\1/p' out | head -n 1)
for why in BURST PENDING_RELAY; do sed -n "s/.*\"why\":\"$why\",\"subject\":\"\([0-9A-Z]*\)\".*/\1/p" out >"$why"; done
tasks p-03
cmp out before
rows 1 1 b >one.csv
expect 0 member p-02 --json push --kind enforcement-event one.csv # its own count is its own
queue
lines out '"why":"BURST"' 300
expect 0 member r-bj --json report quarantine
holds out '"member":"p-01","quarantined":"300","waiting":"300","released":"0","refused":"0","first":"'"$first"'"'
expect 0 member r-bj --json report relay-queue
holds out '"member":"p-01","waiting":"[0-9]*","quarantined":"300"'
both_say r-bj BURST 300
both_say p-01 BURST 300
both_say p-03 BURST 0
expect 1 member p-03 --json screen --purpose ONBOARDING "$(sed -n 1300p codes)"
lines out 'BURST|LIVE_REMOVAL' 0
# No rule lets them through, and nobody but a regulator does.
printf 'version 1\nrule all\nviolation COUNTERFEIT\ncertainty ESTABLISHED_BY_PLATFORM\ndaily_cap 1\n' >rules
expect 0 member r-bj --json relay --auto rules --case 2026-1 --dry-run
lines out '"action":"WAITS","rule":"","why":"BURST"' 300
expect 5 member p-01 relay approve "$first"
# After a kill and a rebuilding it is the same.
stop KILL
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
expect 0 "$LIANFANGD" rebuild --config fed/gateway.conf
printf '[http]\nmetrics = 127.0.0.1:0\n' >>fed/gateway.conf
serve
queue
lines out '"why":"BURST"' 300
metric lianfang_quarantined_total 300 # the alarm

# Nor is anything of it made public; a regulator is told what is past its limit.
publicity() { expect 0 member "$1" --json report publicity "${@:2}"; }
publicity p-02
lines out '"subject"' 1
publicity r-bj --about LATE
lines out '"published":"",.*"timing":"OVERDUE","issuer":"p-01"' 1300
expect 0 member r-bj --json log access # more merchants than an entry names: how many, and the root over their tokens
holds out '"subjects":1301,"tokens":\[\],.*"told":1301,.*"note":"publicity","subject_root":"[0-9a-f]{64}"'

# Released by one record: they act, and tasks are open from now.
expect 0 member r-bj --json relay approve --member p-01 --case 2026-1 --note 已核实,历史数据导入
lines out . 1
holds out '"status":"accepted",.*"first":'"$first"',.*"count":300'
queue
lines out '"why":"BURST"' 0
expect 0 member r-bj --json watch --once --kinds Relay
at=$(grep last_index out | sed 's/.*"accepted_at":"\([^"]*\)".*/\1/')
publicity p-02
lines out "\"published\":\"$(TZ=Asia/Shanghai date +%F)\".*\"timing\":\"LATE\"" 301
for id in p-02 p-03; do
    tasks $id
    lines out "\"issuer\":\"p-01\",.*\"state\":\"OPEN\",.*\"opened\":\"${at/+/.}\"" 300
    both_say $id LIVE_REMOVAL 301
done
# In the export of each merchant that it is about, not only of the one whose record it names, and from it on others had it.
for line in 1 2 150 300; do
    expect 0 member r-bj --json subject export "$(sed -n ${line}p BURST)" --purpose INVESTIGATION --case 2026-1
    mine=$(sed -n 's/.*"part":"RECORD","index":"\([0-9]*\)",.*"what":"EnforcementEvent".*/\1/p' out)
    lines out '"part":"RECORD",.*"member":"r-bj","role":"REGULATOR","what":"Relay","state":"RELEASED"' 1
    holds out "\"what\":\"Relay\",\"state\":\"RELEASED\",.*\"detail\":\"about=$mine\""
    lines out "\"part\":\"RECIPIENT\",\"index\":\"$mine\",.*\"member\":\"p-03\",.*\"what\":\"DELIVERED\"" 1
done
expect 0 member r-bj --json subject export "$(sed -n 1p PENDING_RELAY)" --purpose INVESTIGATION --case 2026-1
lines out '"what":"Relay"' 0
both_say r-bj BURST 0
both_say p-01 BURST 0
expect 0 member r-bj --json report quarantine
holds out '"member":"p-01","quarantined":"300","waiting":"0","released":"300","refused":"0","first":"","last":""'
rm -r p-03/mirror # a copy that begins now is the same
both_say p-03 LIVE_REMOVAL 301

# Refused they never act, whatever is said later. A word a group of readers.
rows 1301 1330 c | awk '{ print $0 "," (NR == 1 ? "audience" : NR % 10 == 0 ? "p-02" : "") }' >more.csv
expect 0 member p-01 --json push --kind enforcement-event more.csv
lines out '"pending_relay":true' 30
expect 2 member r-bj relay refuse --member p-01 --case 2026-1
expect 0 member r-bj --json relay refuse --member p-01 --case 2026-1 --reason 恶意举报
lines out '"count":27}' 1 # for everybody, and for p-02 alone: a word tells nobody more than what it is about
lines out '"count":3}' 1
lines out . 2
expect 0 member r-bj relay approve --member p-01 --case 2026-1
holds err 'nothing of p-01'
both_say r-bj RELAY_REFUSED 30
both_say p-03 LIVE_REMOVAL 301
metric lianfang_quarantined_total 330
tasks p-03
lines out '"issuer":"p-01"' 300
stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
serve
both_say r-bj RELAY_REFUSED 30
echo "burst: too much at once waits, and one word releases or ends it"
