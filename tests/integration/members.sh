# A federation for real: authority keys offline, k of n, members who join, change and leave.
. "$(dirname "$0")/world.sh"
cd "$world"

# Keys never end up where others read them, and nothing is written over.
for k in a b c; do auth keygen "auth-$k"; done
[ "$(stat -c %a auth-a)" = 600 ] || fail "an authority key is not 0600"
expect 2 "$LIANFANG" authority keygen auth-a
holds err 'File exists'
expect 0 "$LIANFANGD" keygen fed --name prov.example
expect 1 "$LIANFANGD" keygen fed --name prov.example

# What could not stand in gateway.conf is refused before anything is made.
for wrong in '' 'a b' 'a+b' $'a\nb' "$(printf 'x%.0s' $(seq 128))"; do
    expect 2 "$LIANFANGD" keygen none --name "$wrong"
    expect 2 "$LIANFANGD" init none --name "$wrong" --dev
    holds err '^lianfangd: --name: 1 to 127 bytes'
    [ ! -e none ] || fail "something made for the name '$wrong'"
done
for wrong in '' zzz :1 h:70000 $'h\nmap_gib = 2:1'; do
    expect 2 "$LIANFANGD" init none --name x --dev --listen "$wrong"
    holds err '^lianfangd: --listen: HOST:PORT'
    expect 2 "$LIANFANGD" init none --name x --dev --http "$wrong"
    holds err '^lianfangd: --http: HOST:PORT'
    [ ! -e none ] || fail "something made for the address '$wrong'"
done

# Two of three begin the ledger; one is not enough, and a genesis for other keys is refused.
auth genesis fed/gateway.pub auth-a.pub auth-b.pub auth-c.pub --threshold 2 --out genesis
expect 2 "$LIANFANG" authority genesis fed/gateway.pub auth-a.pub --threshold 2 --out none
holds err 'threshold'
expect 2 "$LIANFANG" authority genesis fed/gateway.pub auth-a.pub auth-a.pub --threshold 1 --out none
auth sign genesis --authority-key auth-a
expect 1 "$LIANFANGD" init fed --name prov.example --genesis genesis
holds err 'SIGNATURE_MISSING'
auth sign genesis --authority-key auth-a # the same key once more counts once
holds out 'Genesis with 1 signature$'
# Who signs sees what it says, all of it; and of what is not all there, nothing is signed.
for line in 'gateway: prov.example' 'threshold: 2' "authority_keys\\[1\\].public_key: $(cat auth-a.pub)" \
    "authority_keys\\[3\\].public_key: $(cat auth-c.pub)"; do
    auth show genesis
    holds out "^  $line$"
    auth sign genesis --authority-key auth-b --out genesis.b
    holds err "^  $line$"
    rm genesis.b
done
auth --json show genesis
holds out '"kind":"Genesis","signatures":1,"fields":\{.*"gateway":"prov.example",.*"threshold":"2"'
python3 - genesis >cut <<'PY'
import sys
def fields(b): # with where each field begins and ends
    i = 0
    while i < len(b):
        at, key, n, shift = i, 0, 0, 0
        while True:
            c = b[i]; i += 1; key |= (c & 127) << shift; shift += 7
            if c < 128: break
        shift = 0
        while True:
            c = b[i]; i += 1; n |= (c & 127) << shift; shift += 7
            if c < 128: break
        i += n
        yield key >> 3, b[at:i]
whole = open(sys.argv[1], "rb").read()
sys.stdout.buffer.write(b"".join(f for number, f in fields(whole) if number != 2)) # its parts
PY
expect 1 "$LIANFANG" authority show cut
holds err 'is not in the file'
expect 1 "$LIANFANG" authority sign cut --authority-key auth-b
holds err 'is not in the file'
auth sign genesis --authority-key auth-b
expect 1 "$LIANFANGD" init fed --name other.example --genesis genesis
holds err 'is for gateway prov.example'
expect 0 "$LIANFANGD" keygen other --name prov.example
expect 1 "$LIANFANGD" init other --name prov.example --genesis genesis
holds err 'names another key'

# The first member comes in with init: nobody is known over the wire yet.
ledger=$(sed -n 's/^ledger = //p' fed/gateway.pub)
expect 2 "$LIANFANG" keygen bad --member 'No Id'
[ ! -e bad ] || fail "a directory for a bad id"
make_member regulator-bj REGULATOR --level PROVINCE --division 110000
[ "$(stat -c %a regulator-bj/sign.key regulator-bj/push.secret regulator-bj/tls.key | sort -u)" = 600 ] || fail "a secret is not 0600"
expect 2 "$LIANFANG" keygen regulator-bj --member regulator-bj
auth enrol regulator-bj.request --authority-key auth-a --out regulator-bj.record
auth sign regulator-bj.record --authority-key auth-c
expect 0 "$LIANFANGD" init fed --name prov.example --genesis genesis regulator-bj.record --listen 127.0.0.1:0
holds out 'a production ledger'
expect 1 "$LIANFANGD" init fed --name prov.example --genesis genesis
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' log)
member() { local dir=$1; shift; sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$dir/profile.conf"; "$LIANFANG" --profile "$dir/profile.conf" "$@"; }

# A platform asks, two of the authority approve, and only then is it in.
make_member platform-bj PLATFORM
expect 5 member platform-bj log checkpoint
holds log 'event=peer-unknown reason=CERTIFICATE_UNKNOWN spki=[0-9a-f]{64}$'
expect 0 member regulator-bj --json member approve platform-bj.request --authority-key auth-a --out platform-bj.record
holds out '"signatures":1,"threshold":2,"accepted":false,"index":null'
expect 5 member platform-bj log checkpoint
expect 1 member regulator-bj member get platform-bj
holds err MEMBER_UNKNOWN
auth show platform-bj.record
holds out 'platform-bj +PLATFORM'
expect 0 member regulator-bj --json member approve platform-bj.record --authority-key auth-b
holds out '"signatures":2,"threshold":2,"accepted":true,"index":2'
expect 0 member platform-bj log checkpoint
expect 0 member platform-bj --json member list --role PLATFORM
holds out '"member":"platform-bj","name":"某某platform-bj","role":"PLATFORM".*"status":"ACTIVE"'
expect 0 member platform-bj member list
lines out '^(platform|regulator)-bj ' 2

# A request that somebody bent on its way, and a key that is not the authority's.
cp platform-bj.request bent && bend bent 60
expect 1 member regulator-bj member approve bent --authority-key auth-a
make_member platform-sh PLATFORM
auth keygen stranger
expect 1 member regulator-bj member approve platform-sh.request --authority-key stranger
holds err KEY_UNKNOWN
expect 5 member regulator-bj member approve platform-sh.request --authority-key platform-bj/sign.key
holds err KEY_OF_OTHER_MEMBER

# Production: division 999999 is for test ledgers.
printf 'ref,uscc,violation,certainty,measures\na,91999999MA00000154,COUNTERFEIT,SUSPECTED,REMOVAL\n' >one.csv
expect 3 member platform-bj --json push --kind enforcement-event one.csv
holds out '"code":"USCC_TEST_DIVISION"'
holds log 'event=records-refused member=platform-bj method=/lianfang.v1.Exchange/SubmitBatch .*reason=USCC_TEST_DIVISION field=uscc records=1'
printf 'ref,uscc,violation,certainty,measures\na,91110108MA00000070,COUNTERFEIT,SUSPECTED,REMOVAL\n' >one.csv
expect 0 member platform-bj push --kind enforcement-event one.csv

change() { # by one and then by the other
    local what=$1
    shift
    expect 0 member regulator-bj member "$what" "$@" --authority-key auth-b --out "$what.record"
    expect 0 member regulator-bj --json member approve "$what.record" --authority-key auth-c
    holds out '"accepted":true'
    rm "$what.record"
}
change suspend platform-bj --note 调查期间
expect 5 member platform-bj member list
holds err MEMBER_SUSPENDED
holds log 'event=call-refused member=platform-bj .*reason=MEMBER_SUSPENDED'
printf 'ref,uscc,violation,certainty,measures\nb,91110108MA00000070,COUNTERFEIT,SUSPECTED,REMOVAL\n' >two.csv
expect 5 member platform-bj --json push --kind enforcement-event two.csv
holds out MEMBER_SUSPENDED
expect 0 member platform-bj withdraw --ref a
change reinstate platform-bj
expect 0 member platform-bj push --kind enforcement-event two.csv

# New keys: the old ones hold for a while, and the new ones at once.
expect 0 "$LIANFANG" keygen fresh --member platform-bj --address "127.0.0.1:$port" --certificate fed/tls.crt --ledger "$ledger"
expect 0 "$LIANFANG" member request fresh --member platform-bj --name 某某 --role PLATFORM --out fresh.request
expect 5 member fresh log checkpoint
for days in soon 0 7x 99999; do
    expect 2 member regulator-bj member rotate-key platform-bj fresh.request --authority-key auth-b --overlap "$days"
    holds err 'overlap is a whole number of days'
done
change rotate-key platform-bj fresh.request
expect 0 member fresh log checkpoint
expect 0 member platform-bj log checkpoint
expect 0 member platform-bj --json member get platform-bj
[ "$(grep -oE '"[0-9a-f]{64}"' out | sort -u | wc -l)" -eq 4 ] || fail "not two keys and two pins"
# A key that others may have signs nothing more, while what it signed stays.
key=$(python3 -c 'import json; print(json.load(open("out"))["keys"][-1])')
expect 2 member regulator-bj member revoke-key platform-bj "$key" --authority-key auth-b
expect 2 member regulator-bj member revoke-key platform-bj "$key" --authority-key auth-b --reason WHIM
expect 1 member regulator-bj member revoke-key platform-bj "${key//[0-9]/0}" --authority-key auth-b --reason LOST
holds err KEY_UNKNOWN
change revoke-key platform-bj "$key" --reason COMPROMISED
printf 'ref,uscc,violation,certainty,measures\nc,91110108MA00000070,COUNTERFEIT,SUSPECTED,REMOVAL\n' >three.csv
expect 3 member platform-bj --json push --kind enforcement-event three.csv
holds out KEY_RETIRED
expect 0 member fresh push --kind enforcement-event three.csv
change retire platform-bj
expect 5 member fresh member list
holds err MEMBER_RETIRED
expect 1 member regulator-bj member reinstate platform-bj --authority-key auth-b
holds err MEMBER_RETIRED

expect 0 member regulator-bj log audit
stop
# The configuration says what is wrong, where; and JSON logs are JSON.
printf '[gateway]\nname = x\nlisten = nowhere\n' >bad.conf
expect 1 "$LIANFANGD" check-config --config bad.conf
holds err 'bad.conf:3: listen: HOST:PORT'
printf '[gateway]\nname = x\nlisten = h:1\nmap_gib = 0\n' >bad.conf
expect 1 "$LIANFANGD" check-config --config bad.conf
holds err 'bad.conf:4: map_gib: a number from 1 to 65536'
printf '[gateway]\nname = x\nname = y\nlisten = h:1\n' >bad.conf
expect 1 "$LIANFANGD" check-config --config bad.conf
holds err 'bad.conf:3: name: stands twice'
printf '[gateway]\nname = x\n' >bad.conf
expect 1 "$LIANFANGD" check-config --config bad.conf
holds err '\[gateway\] needs listen'
echo 'log = json' >>fed/gateway.conf
expect 0 "$LIANFANGD" check-config --config fed/gateway.conf
holds out '^log = json$'
"$LIANFANGD" serve --config fed/gateway.conf 2>json.log &
gateway=$!
for _ in $(seq 200); do grep -q '"event":"serving"' json.log && break; kill -0 "$gateway" || break; sleep 0.05; done
stop
# Another name or other keys than the genesis has: it does not serve, and says what is wrong.
wrong() { # LINE PATTERN, of a configuration with that line in it
    sed -e '/^log = /d' -e "/^${1%% *} = /d" -e "s#^\[gateway\]#&\n$1#" fed/gateway.conf >fed/wrong.conf
    expect 1 timeout 60 "$LIANFANGD" serve --config fed/wrong.conf
    holds err "event=start-failed .*$2"
}
# A secret that others may read is named, and only that one.
for secret in ledger.key access.key tls.key access.token witness.key; do
    [ -e "fed/$secret" ] || fail "no $secret"
    chmod 640 "fed/$secret"
    wrong 'name = other.example' 'name: '
    lines err 'level=warn event=secret-readable' 1
    holds err "event=secret-readable file=\"fed/$secret\""
    chmod 600 "fed/$secret"
done
wrong 'name = other.example' 'name: the ledger is of gateway prov.example, not other.example'
wrong 'ledger_key = ../other/ledger.key' 'fed/../other/ledger.key: the genesis of this ledger names another key'
wrong 'access_key = ../other/access.key' 'fed/../other/access.key: the genesis of this ledger names another key'
python3 -c 'import json,sys; [json.loads(l) for l in open("json.log")]' || fail "a log line is not JSON"
holds json.log '^\{"time":[0-9]+,"level":"info","event":"serving","gateway":"prov.example"'
echo good
