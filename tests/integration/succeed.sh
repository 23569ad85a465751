# A backup that lacks what others have seen: new logs begin, which name the old heads; orders to erase hold on.
. "$(dirname "$0")/world.sh"
cd "$world"
found prov.example 2 auth-a auth-b auth-c
genesis() { # OUT [OPTIONS]: of a log that follows
    local out=$1
    shift
    auth genesis fed/gateway.pub auth-a.pub auth-b.pub auth-c.pub --threshold 2 --test --out "$out" "$@"
    auth sign "$out" --authority-key auth-a
    auth sign "$out" --authority-key auth-b
}
enrol regulator-bj REGULATOR --level PROVINCE --division 110000
enrol platform-bj PLATFORM
expect 0 "$LIANFANGD" init fed --name prov.example --genesis genesis "${records[@]}" --listen 127.0.0.1:0
printf '[http]\nlisten = 127.0.0.1:0\npublish_interval_ms = 1\n' >>fed/gateway.conf
begin() {
    up
    http=$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' log | tail -n 1)
}
care() { local command=$1; shift; "$LIANFANGD" "$command" --config fed/gateway.conf "$@"; }
published() { # LOG: its checkpoint over HTTP
    python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=10).read())' "http://127.0.0.1:$http/$1/checkpoint"
}
event() { echo "$1,$2,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,$3"; }
secret='备份之后才被删除的话'
late='备份里没有的话'
header='ref,uscc,violation,certainty,measures,decided_at,note'
{ echo "$header"; event a 91999999MA00000154 first; event b 91999999MA0000023Y "$secret"; } >early.csv
{ echo "$header"; event d 91999999MA0000023Y "$late"; event e 91999999MA00000154 last; } >late.csv
record_of() { # the id of our record with this ref: in the envelope, record, header, field 2
    python3 - "$1" "$2" <<'PY'
import json, sys
def fields(b):
    i = 0
    while i < len(b):
        key = n = shift = 0
        while True:
            c = b[i]; i += 1; key |= (c & 127) << shift; shift += 7
            if c < 128: break
        shift = 0
        while True:
            c = b[i]; i += 1; n |= (c & 127) << shift; shift += 7
            if c < 128: break
        if key & 7 == 2:
            yield key >> 3, b[i:i + n]
            i += n
line = json.loads(open(sys.argv[1]).read().splitlines()[int(sys.argv[2])])
record = next(v for k, v in fields(bytes.fromhex(line["envelope"])) if k == 1)
header = next(v for k, v in fields(record) if k == 1)
print(next(v for k, v in fields(header) if k == 2).hex())
PY
}
begin
expect 0 member platform-bj push --kind enforcement-event early.csv --receipts early.receipts
dd if=/dev/urandom bs=32 count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n' >backup.key
mkdir backups
expect 0 care backup backups --key backup.key
backup=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)
size=$(sed -n 's/.*"ledger":{"size":\([0-9]*\).*/\1/p' out)

# What the backup lacks: two records, and two orders, about one that it has and one that it lacks.
expect 0 member platform-bj push --kind enforcement-event late.csv --receipts late.receipts
expect 0 care export-redactions too-early --from "$size"
holds out "^0 orders from entry $size on"
erase() { # RECORD NUMBER
    expect 0 member regulator-bj redact propose --issuer platform-bj --record "$1" --order-authority 北京市某法院 \
        --order-number "$2" --authority-key auth-a --out "order-$2"
    expect 0 member regulator-bj redact approve "order-$2" --authority-key auth-b
}
erase "$(record_of early.receipts 1)" 2026-1
erase "$(record_of late.receipts 0)" 2026-2
expect 0 care export-redactions orders --from "$size"
holds out '^2 orders'
expect 1 care export-redactions orders
holds err 'is there already|cannot be made|exists'
expect 1 care export-redactions none --from 99999
expect 0 member regulator-bj log checkpoint
cp out newest
published access >asked
stop
rm -r fed/data

# Nothing goes on, and nothing begins on less than all.
restore() { care restore "$backup" --key backup.key --witnessed newest --newer-head asked "$@"; }
refused() { # PATTERN OPTIONS
    expect 1 restore "${@:2}"
    holds err "$1"
    [ ! -e fed/data ] && [ ! -e fed/data.restoring ] || fail "a refused restore left something"
}
refused 'signing on would make two histories .--genesis begins a new log'
expect 2 restore --redactions orders
genesis second --previous newest --previous-access asked
refused 'may have orders to erase: needs --redactions' --genesis second
refused 'redactions: end at entry .* of' --genesis second --redactions too-early
refused 'genesis: names no head of prov.example/ledger' --genesis genesis --redactions orders
sed -n '1,3p' orders >torn
refused 'no checkpoint stands at its end' --genesis second --redactions torn
auth genesis fed/gateway.pub auth-a.pub auth-b.pub auth-c.pub --threshold 2 --test --out one --previous newest --previous-access asked
auth sign one --authority-key auth-a
refused '1 signatures, 2 are needed' --genesis one --redactions orders
auth genesis fed/gateway.pub auth-a.pub auth-b.pub --threshold 2 --test --out fewer --previous newest --previous-access asked
auth sign fewer --authority-key auth-a
auth sign fewer --authority-key auth-b
refused 'must be those of the old one' --genesis fewer --redactions orders
expect 0 restore --genesis second --redactions orders
holds out '^  prov.example/ledger ended at'
holds out '^ledger = prov.example/ledger/2\+'
holds out '^access = prov.example/access/2\+'
cp out told
for words in "$secret" "$late"; do
    if grep -q "$words" fed/data/data.mdb; then fail "restored, and '$words' is there"; fi
done
expect 0 care fsck
holds out '^sound: '

# Who knows the old log hears of it, loudly, and believes nothing; told the new keys, it goes on.
begin
expect 1 member platform-bj push --kind enforcement-event early.csv --spool again
holds err 'THE GATEWAY HAS BEGUN A NEW LOG'
holds err 'prov.example/ledger was succeeded by prov.example/ledger/2.*'
expect 1 member regulator-bj log checkpoint
holds err 'LOG_SUCCEEDED'
for log in ledger access; do
    sed -i "s|^$log = .*|$(grep "^$log = " told)|" ./*-*/profile.conf
done
rm -rf again
expect 3 member platform-bj --json push --kind enforcement-event early.csv --spool again
lines out '"code":"ERASED"' 1
lines out '"status":"rejected"' 1
expect 3 member platform-bj --json push --kind enforcement-event late.csv --spool again --receipts again.receipts
lines out '"code":"ERASED"' 1
lines out '"status":"rejected"' 1
lines again.receipts 'prov.example/ledger/2' 1
expect 0 member platform-bj receipt verify again.receipts
expect 0 member regulator-bj log audit
holds out 'the log is whole'
for words in "$secret" "$late"; do
    if grep -q "$words" fed/data/data.mdb; then fail "pushed again, and '$words' is there"; fi
done

# The new logs are logs like others: a backup of them goes on.
expect 0 member regulator-bj log checkpoint
cp out newest2
published access >asked2
stop
expect 0 care backup backups --key backup.key
backup=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)
rm -r fed/data
expect 1 care restore "$backup" --key backup.key --witnessed newest2 --witnessed asked
holds err 'not a checkpoint of a log whose key is here'
expect 1 care restore "$backup" --key backup.key --witnessed newest2 --witnessed asked2 --genesis second
holds err 'nobody has seen more than the backup has, so its logs go on'
expect 0 care restore "$backup" --key backup.key --witnessed newest2 --witnessed asked2
holds out 'nobody has seen more'
begin
expect 3 member platform-bj --json push --kind enforcement-event late.csv --spool again2
lines out '"code":"ERASED"' 1
lines out '"status":"accepted"|"status":"duplicate"' 1
stop
echo good
