# Members of different age: what a newer contract may add without breaking older members, and what they must not act on unread.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y
printf 'uscc,name,status,effective_from\n%s,某某商行,ACTIVE,2019-01-01\n%s,某某商行,ACTIVE,2019-01-01\n' $m1 $m2 >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
PYTHONPATH=$INTEGRATION/../interop expect 0 "$PYTHON" -B "$INTEGRATION/versions.py" "$DESCRIPTORS" fed "127.0.0.1:$port"
read -r carried waiting <out
advice() { # MEMBER CODE ADVICE REASON: as the gateway says it, and as the member's own copy does
    local got=0
    as "$1" --json screen --purpose RESCREENING "$2" >told 2>err || got=$?
    [ "$got" -le 1 ] || { cat err >&2; fail "screen: exit $got"; }
    holds told "\"advice\":\"$3\""
    expect 0 as "$1" mirror sync
    printf 'code\n%s\n' "$2" >codes.csv
    expect 0 as "$1" mirror screen --file codes.csv --column code --out copy.csv
    if [ -n "$4" ]; then
        holds told "\"$4\""
        holds copy.csv ",$2,$3,([^,]*;)?$4:"
    else
        holds copy.csv "^2,$2,NONE,"
    fi
    expect 0 as "$1" mirror verify
}

claim S4-18.1 "an unknown optional field: kept and re-emitted unchanged over feed, entries and evidence, the signature still valid"
advice platform-02 $m1 DENY LIVE_REMOVAL
expect 0 as platform-02 evidence export "$carried" --out carried.evidence
grep -qa 新版字段 carried.evidence || fail "the evidence left the field out"
expect 0 as platform-02 evidence trust --out trust
expect 0 "$LIANFANG" evidence verify carried.evidence --trust trust
expect 0 as platform-02 watch --once

claim S4-18.2 "an unknown mandatory field: quarantined, kept with its receipt, and acting for nobody until a regulator has looked at it"
advice platform-02 $m2 ALLOW ''
advice platform-01 $m2 ALLOW_WITH_WARNING QUARANTINED
expect 0 as regulator --json relay list --case 2026-1
holds out "\"index\":$waiting,\"state\":\"QUARANTINED\",\"issuer\":\"platform-01\",.*\"why\":\"NOT_UNDERSTOOD\""
lines out . 1
expect 0 as platform-02 --json notice list
lines out "\"index\":$waiting," 0
expect 0 as regulator relay approve "$waiting"
advice platform-02 $m2 DENY LIVE_REMOVAL

# Rebuilt from the ledger it stands as it stood.
stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
expect 0 "$LIANFANGD" rebuild --config fed/gateway.conf
serve
advice platform-02 $m1 DENY LIVE_REMOVAL
advice platform-02 $m2 DENY LIVE_REMOVAL
echo "versions: newer members break no older ones"
