# The ledger's key changed twice since the backup, and what others saw is signed by the key between: who remembers the announcements
# leads the restore to it, and new logs begin that name that head.
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
care() { local command=$1; shift; "$LIANFANGD" "$command" --config fed/gateway.conf "$@"; }
event() {
    printf 'ref,uscc,violation,certainty,measures\n%s,91999999MA00000154,COUNTERFEIT,SUSPECTED,REMOVAL\n' "$1" >"$1.csv"
    expect 0 member platform-bj push --kind enforcement-event "$1.csv"
}
changed() { # a whole change of the ledger's key
    stop
    expect 0 care rotate-log-key
    expect 0 care rotate-log-key --end-overlap
    up
}
up
event first
dd if=/dev/urandom bs=32 count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n' >backup.key
mkdir backups
expect 0 care backup backups --key backup.key
backup=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)
size=$(sed -n 's/.*"ledger":{"size":\([0-9]*\).*/\1/p' out)
changed
event second
expect 0 member regulator-bj log checkpoint
cp out between
expect 0 care export-redactions orders --from "$size"
changed
expect 0 member platform-bj log keys
keys=$(ls platform-bj/state/prov.example_ledger+*.keys)
curl -s "http://127.0.0.1:$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' log | tail -n 1)/access/checkpoint" >asked
stop
rm -r fed/data

restore() { care restore "$backup" --key backup.key --witnessed between --witnessed asked "$@"; }
expect 0 "$LIANFANGD" keygen fresh --name prov.example # fed/gateway.pub names the first keys; the new logs take new ones
cp fresh/ledger.key fresh/access.key fresh/gateway.pub fed/
genesis succession --previous between --previous-access asked
expect 1 restore --genesis succession --redactions orders
holds err 'between: by no key that backup or witness tells; needs --log-keys'
expect 1 restore --log-keys "$keys"
holds err 'prov.example/ledger: [0-9]+ entries were witnessed, the backup ends at '"$size"'; .*seen by between'
expect 1 restore --log-keys backup.key --genesis succession --redactions orders
holds err 'backup.key: what it says of the logs. keys does not hold'
expect 0 restore --log-keys "$keys" --genesis succession --redactions orders
holds out '^  prov.example/ledger ended at'
holds out '^ledger = prov.example/ledger/2\+'
up
for id in regulator-bj platform-bj; do
    for log in ledger access; do sed -i "s|^$log = .*|$(grep "^$log = " out)|" $id/profile.conf; done
done
expect 0 member regulator-bj log audit
event second # again: the backup lacked it
stop
expect 0 care fsck
echo good
