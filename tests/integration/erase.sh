# An order to erase, signed by two of three: hidden at once, gone after compacting, and every proof holds.
. "$(dirname "$0")/world.sh"
cd "$world"
found prov.example 2 auth-a auth-b auth-c
enrol regulator-bj REGULATOR --level PROVINCE --division 110000
enrol platform-bj PLATFORM
enrol platform-sh PLATFORM
enrol auditor-bj AUDITOR
expect 0 "$LIANFANGD" init fed --name prov.example --genesis genesis "${records[@]}" --listen 127.0.0.1:0
printf '[http]\nlisten = 127.0.0.1:0\npublish_interval_ms = 1\n' >>fed/gateway.conf
up # each time on a port of the kernel's

# One batch of three; the words of the second are to go.
secret='只在第二条里的话'
{
    echo 'ref,uscc,violation,certainty,measures,decided_at,note'
    echo "a,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,first"
    echo "b,91999999MA0000023Y,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,$secret"
    echo "c,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,third"
} >events.csv
expect 0 member platform-bj push --kind enforcement-event events.csv --receipts receipts
expect 0 member platform-bj receipt verify receipts
holds out '^3 receipts hold, 0 do not'
# The record id stands in the envelope: field 1, the record; its field 1, the header; its field 2, 16 bytes.
id_of() {
    python3 - "$1" <<'PY'
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
line = json.loads(open("receipts").read().splitlines()[int(sys.argv[1])])
record = next(v for k, v in fields(bytes.fromhex(line["envelope"])) if k == 1)
header = next(v for k, v in fields(record) if k == 1)
print(next(v for k, v in fields(header) if k == 2).hex())
PY
}
second=$(id_of 1)
released=$(id_of 2)
# What waits for a relay is passed by in a mirror, too, and is in it once it is released.
printf 'code\n91999999MA0000023Y\n' >code.csv
mirrored() { # PATTERN
    expect 0 member platform-sh mirror sync
    expect 0 member platform-sh mirror screen --file code.csv --column code --out mirrored
    holds mirrored "$1"
}
mirrored ',NONE,'
expect 0 member regulator-bj relay --reason RELEASED --issuer platform-bj --record "$second"
expect 0 member regulator-bj relay --reason RELEASED --issuer platform-bj --record "$released"
expect 1 member platform-sh --json screen --purpose ONBOARDING 91999999MA0000023Y
holds out LIVE_REMOVAL
mirrored ',CODE,.*,DENY,LIVE_REMOVAL'
grep -q 91999999MA0000023Y platform-sh/mirror/data.mdb || fail "the mirror does not hold the code"
grep -q "$secret" fed/data/data.mdb || fail "the words are not found where they are"
dd if=/dev/urandom bs=32 count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n' >backup.key
mkdir backups
expect 0 "$LIANFANGD" backup backups --config fed/gateway.conf --key backup.key
before=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)

# What is no order.
order() { member regulator-bj --json redact propose --issuer platform-bj --record "$second" --order-authority 北京市某法院 "$@"; }
expect 2 member regulator-bj redact propose --issuer platform-bj --record "$second"
expect 2 order --order-number 2026-1 --authority-key auth-a --record 00
holds err 'an id is 32 hex characters'
expect 2 order --order-number 2026-1 --authority-key auth-a --classes NOTHING
holds err 'PUBLIC, MEMBERS, REGULATOR, PERSONAL'
expect 2 order --order-number 2026-1 --authority-key auth-a --mode FORGET
expect 5 order --order-number 2026-1 --authority-key platform-bj/sign.key
expect 2 member regulator-bj redact approve platform-sh.record --authority-key auth-a

# One signature changes nothing, two do it.
expect 0 order --order-number '(2026)京01民终1号' --authority-key auth-a --out order
holds out '"signatures":1,"threshold":2,"accepted":false'
expect 1 member platform-sh --json screen --purpose ONBOARDING 91999999MA0000023Y
holds out LIVE_REMOVAL
auth show order
holds out '^order: Redaction with 1 signature$'
for line in "target_record_id: $second" 'target_issuer: platform-bj' 'mode: ERASE' 'order_number: \(2026\)京01民终1号'; do holds out "^  $line$"; done
expect 0 member regulator-bj --json redact approve order --authority-key auth-b
holds err "^  target_record_id: $second$" # told before it is signed
holds out '"signatures":2,"threshold":2,"accepted":true'
expect 1 member platform-sh --json screen --purpose ONBOARDING 91999999MA0000023Y
holds out '"REGISTRY_UNKNOWN"'
if grep -q LIVE_REMOVAL out; then fail "screening still goes by it"; fi
mirrored ',NONE,'
if grep -q 91999999MA0000023Y platform-sh/mirror/data.mdb; then fail "erased, and still in the mirror"; fi
expect 0 member platform-sh mirror verify
expect 1 member regulator-bj --json screen --purpose INVESTIGATION --case 2026-9 91999999MA0000023Y
holds out '"REGISTRY_UNKNOWN"'
if grep -q LIVE_REMOVAL out; then fail "a regulator still sees it"; fi
expect 1 member platform-sh --json screen --purpose ONBOARDING 91999999MA00000154
holds out LIVE_REMOVAL # its neighbour of the same batch

# Whoever may hold it is asked to erase it, whatever its role, and says that it did.
expect 0 member regulator-bj --json notice list
lines out '"kind":"Redaction","member":"(auditor-bj|platform-bj|platform-sh|regulator-bj)".*"state":"OPEN"' 4
order_index=$(sed -n 's/.*"index":\([0-9]*\).*"kind":"Redaction".*/\1/p' out | head -n 1)
expect 0 member auditor-bj --json notice list
lines out '"kind":"Redaction","member":"auditor-bj"' 1
lines out . 1
expect 5 member auditor-bj dispose "$order_index" NO_SHOP
for each in auditor-bj regulator-bj platform-sh; do
    expect 0 member "$each" dispose "$order_index" ERASED
done
expect 0 member regulator-bj --json notice list --state OPEN
lines out '"kind":"Redaction","member":"platform-bj"' 1

# The same row again, and a word about it; and the receipts of all three, which prove what was said once.
sed -n '1p;3p' events.csv >second.csv
expect 3 member platform-bj --json push --kind enforcement-event second.csv --spool again
holds out '"status":"rejected".*"code":"ERASED"'
expect 3 member platform-bj withdraw --issuer platform-bj --record "$second"
holds err 'TARGET_UNKNOWN'
expect 0 member platform-bj receipt verify receipts
holds out '^3 receipts hold, 0 do not'
expect 0 member regulator-bj log audit
holds out 'the log is whole'
expect 0 member regulator-bj log checkpoint
cp out newer
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
stop

# Gone from the file once it is compacted; and rebuilt it is the same.
expect 0 "$LIANFANGD" compact --config fed/gateway.conf
for words in "$secret" 91999999MA0000023Y; do
    if grep -q "$words" fed/data/data.mdb; then fail "compacted, and '$words' is still there"; fi
done
cp fed/data/data.mdb compacted
expect 0 "$LIANFANGD" rebuild --config fed/gateway.conf
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
holds out '^sound: '
up
expect 3 member platform-bj --json push --kind enforcement-event second.csv --spool again
holds out '"code":"ERASED"'
expect 0 member platform-bj receipt verify receipts
expect 0 member regulator-bj log audit
http=$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' log | tail -n 1)
python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=10).read())' "http://127.0.0.1:$http/access/checkpoint" >asked
stop
expect 0 "$LIANFANGD" backup backups --config fed/gateway.conf --key backup.key
after=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)

# A backup from before the order does not come back to life; one from after it has nothing of it.
mkdir new
cp fed/*.key fed/*.conf fed/tls.crt new/
[ ! -e fed/access.token ] || cp fed/access.token new/
expect 1 "$LIANFANGD" restore "$before" --config new/gateway.conf --key backup.key --witnessed newer
holds err 'entries were witnessed, the backup ends at'
[ ! -e new/data ] || fail "a refused restore left something"
expect 0 "$LIANFANGD" restore "$after" --config new/gateway.conf --key backup.key --witnessed newer --witnessed asked
for words in "$secret" 91999999MA0000023Y; do
    if grep -q "$words" new/data/data.mdb; then fail "restored, and '$words' is there"; fi
done
rm -rf fed/data
mv new/data fed/data
up
expect 3 member platform-bj --json push --kind enforcement-event second.csv --spool again
holds out '"code":"ERASED"'
expect 0 member platform-bj receipt verify receipts
stop
echo good
