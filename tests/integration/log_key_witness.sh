# Keys of both logs change while a witness cosigns: through the overlap, after its end, and from wherever the witness was left off,
# none of its operator's doing. What it keeps leads a restore on from a backup that is older than two changes.
. "$(dirname "$0")/witnessed.sh"
cd "$world"
watching=""
trap '[ -z "$watching" ] || kill "$watching" 2>/dev/null || true; [ -z "$witness" ] || kill "$witness" 2>/dev/null || true; end' EXIT
conf=fed/gateway.conf
printf 'log %s\nlog %s\nquorum none\n' "$(vkey fed ledger)" "$(vkey fed access)" >wit/logs
witness_stop; witness_serve
hex_access=$(printf 'test.example/access' | sha256sum | cut -d' ' -f1)
rotate() { expect 0 "$LIANFANGD" rotate-log-key --config $conf "$@"; }
stop_() { if [ -n "$gateway" ]; then stop; fi; }
changed() { # [--access]: a whole change, of which nobody sees the overlap
    stop_
    rotate "$@"
    told=$(sed -n 's/^\(ledger\|access\) = //p' out)
    rotate "$@" --end-overlap
}
codes=(91999999MA00000154 92999999MA00000151 92999999MA0000023U 92999999MA0000031N)
pushed=0
push() { # one record
    pushed=$((pushed + 1))
    printf 'ref,uscc,violation,certainty,measures\nr%s,%s,COUNTERFEIT,SUSPECTED,REMOVAL\n' $pushed "${codes[$((pushed % 4))]}" >r.csv
    expect 0 as platform-01 push --kind enforcement-event r.csv
}
size_now() { as auditor --json log checkpoint 2>>told.err | sed 's/.*"size":\([0-9]*\),.*/\1/'; }
cosigned() { # the witness stands at the newest head of the ledger, and the published checkpoint has its line
    await '[ "$(witnessed_size)" = "$(size_now)" ]' "$1: the witness does not cosign"
    await 'curl -s "$(public)/ledger/checkpoint" | grep -q "^— wit.example/witness "' "$1: the cosignature is not published"
}
access_cosigned() { key_line=$1; await 'curl -s "$witness_url/$hex_access/checkpoint" >seen.access; grep -qF -- "— test.example/access $key_line" seen.access' "the access log is not cosigned"; }
line_of() { python3 -c 'import base64, sys
n, i, k = sys.argv[1].split("+", 2)
print(n, base64.b64encode(bytes.fromhex(i)).decode()[:5])' "$1"; } # how a note line of this key begins: name, key id
keys_kept() { curl -s -o keys.kept -w '%{http_code}' "$witness_url/$hex/log-keys"; }

push; cosigned "before"
[ "$(keys_kept)" = 404 ] || fail "announcements, and no key was ever changed"

# A member's program that runs all the while, and one that is not there until the end; see the last lines.
"$LIANFANG" --profile fed/members/platform-02/profile.conf watch >watched 2>watched.err &
watching=$!
await '[ -s watched ]' "the watch does not begin"

# The overlap: the witness goes on under the line that it knows, and is told meanwhile what is to come.
stop
rotate
second=$(sed -n 's/^ledger = //p' out)
serve; push; cosigned "in the overlap"
await '[ "$(keys_kept)" = 200 ]' "the witness was not told of the new key"
stop
rotate --end-overlap
serve; push; cosigned "after the overlap"
witnessed >seen.note
grep -qF "— $(line_of "$second")" seen.note || { cat seen.note >&2; fail "not by the new key"; }

# Restarted, it has not forgotten; and its policy still has the first key alone.
witness_stop; witness_serve
push; cosigned "after a restart of the witness"

# Away from before a change until after its end.
witness_stop
changed
third=$told
serve; push
await 'grep -q "event=witness-late" log' "nobody says that the witness is late"
witness_serve
cosigned "away during a change"

# Away during two, one of them the access log's; and the publisher of that is led on as well.
witness_stop
changed
fourth=$told
changed --access
access_second=$told
serve; push
witness_serve
cosigned "away during two changes"
expect 0 as auditor log access # makes an entry of the access log
access_cosigned "$(line_of "$access_second" | cut -d' ' -f2)"
keys_kept >/dev/null
[ "$(witnessed | head -n 1)" = test.example/ledger ] || fail "what is witnessed"

# ---- what must not lead on ----
post() { curl -s -o answer -w '%{http_code}' --data-binary "@$1" "$witness_url/$hex/log-keys"; }
[ "$(post keys.kept)" = 200 ] || fail "what it knows is refused"
head -c 300 keys.kept >cut
[ "$(post cut)" = 403 ] || fail "half an answer is taken"
python3 - keys.kept bent <<'PY'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) - 20] ^= 1 # in the last head's signature
open(sys.argv[2], "wb").write(b)
PY
[ "$(post bent)" = 403 ] || fail "a bent answer is taken"
[ "$(curl -s -o answer -w '%{http_code}' --data-binary @keys.kept "$witness_url/$hex_access/log-keys")" = 404 ] || fail "addressed by no ledger"
[ "$(curl -s -o answer -w '%{http_code}' "$witness_url/$(printf x | sha256sum | cut -d' ' -f1)/log-keys")" = 404 ] || fail "of a log that it does not know"
cp keys.kept keys.good
[ "$(keys_kept)" = 200 ] && cmp -s keys.kept keys.good || fail "what was refused has left something"

# A witness that a third party runs wants no announcements: it answers 403 until its policy has the key, and then cosigns.
witness_stop
cp -r wit wit.before
rm -rf wit/data; expect 0 "$LIANFANGD" init "$world/wit2" --name wit.example --dev --listen 127.0.0.1:0
cp -r wit2/data wit/data; cp wit2/ledger.key wit2/access.key wit/ # a witness whose memory is lost, by the same name and witness key
printf 'log %s\nlog %s\nquorum none\n' "$fourth" "$access_second" >wit/logs
witness_serve
push; cosigned "with the newest key in its policy"
witness_stop; rm -rf wit; mv wit.before wit; witness_serve
push; cosigned "and the old one again"

# ---- a backup from before two more changes, and a head by the key between them ----
od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' >backup.key
mkdir backups
expect 0 "$LIANFANGD" backup backups --config $conf --key backup.key
backup=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)
changed
between=$told
serve; push; cosigned "by the key between"
witnessed >between.note
witness_stop # it never sees the last key
changed
serve; push
as platform-03 log checkpoint >out 2>err || fail "a member that missed five changes: $(cat err)"
holds err 'has a new key'
member_keys=$(ls fed/members/platform-03/state/test.example_ledger+*.keys)
stop
mv fed/data lost
restore() { "$LIANFANGD" restore "$backup" --config $conf --key backup.key "$@"; }
# Nobody there who could tell: said precisely.
expect 1 restore --without-witness w1 --witnessed between.note
holds err 'between.note: by no key that backup or witness tells; needs --log-keys'
printf 'x' >other.keys
expect 1 restore --without-witness w1 --witnessed between.note --log-keys other.keys
holds err 'other.keys: what it says of the logs. keys does not hold'
expect 1 restore --without-witness w1 --witnessed between.note --log-keys "$member_keys"
holds err 'entries were witnessed, the backup ends at [0-9]+; .*seen by between.note'
# The witness keeps the announcement.
witness_serve
expect 1 restore
holds err 'test.example/ledger: [0-9]+ entries were witnessed, the backup ends at [0-9]+; .*seen by w1'
expect 1 restore --witnessed between.note
holds err 'entries were witnessed'
[ ! -e fed/data ] || fail "restored all the same"
mv lost fed/data
serve; push; cosigned "after all that"

# ---- members ----
expect 0 as platform-04 log checkpoint # knows the first key alone
holds err 'has a new key'
grep -qF "$third" err || fail "not told of the third key"
expect 0 as auditor log audit
expect 0 as platform-02 mirror sync
await '[ "$(grep -c EnforcementEvent watched)" -eq $pushed ] || ! kill -0 "$watching"' "the watch fell behind"
kill "$watching" || { cat watched.err >&2; fail "the watch ended"; }
wait "$watching" 2>/dev/null || true
watching=""
grep -qF "$third" watched.err || { cat watched.err >&2; fail "the watch was not led on"; }
stop
expect 0 "$LIANFANGD" fsck --config $conf
echo good
