# A log's key is changed while members, a mirror and an auditor know the old one: announced in the ledger, signed by both for an
# overlap, then by the new one alone. Killed at every write of it, it is run again and ends.
. "$(dirname "$0")/world.sh"
"$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
cd "$world"
conf=fed/gateway.conf
printf '\n[http]\nlisten = 127.0.0.1:0\npublish_interval_ms = 20\n' >>$conf
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' log)
sed -i "s/^address = .*/address = 127.0.0.1:$port/" fed/members/*/profile.conf
sed -i "s/^listen = 127.0.0.1:0/listen = 127.0.0.1:$port/;0,/^\[http\]/!b" $conf
sed -i '/^\[http\]/,$s/^listen = .*/listen = 127.0.0.1:0/' $conf
says() { grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no '$2' in $1"; }; }
rotate() { "$LIANFANGD" rotate-log-key --config $conf "$@"; }
codes=(91999999MA00000154 92999999MA00000151 92999999MA0000023U 92999999MA0000031N)
push() { # MEMBER NAME [OPTIONS]: two records
    local member=$1 name=$2
    shift 2
    { echo 'ref,uscc,violation,certainty,measures'
      for i in 0 1; do echo "$name-$i,${codes[$i]},COUNTERFEIT,SUSPECTED,REMOVAL"; done; } >"$name.csv"
    expect 0 as "$member" push --kind enforcement-event "$name.csv" "$@"
}
key() { as "$1" log keys "$2"; }
known() { sed -n "s/^$1 = //p" fed/members/auditor/profile.conf; } # what the profile names
# signatures MEMBER: how many lines of the log stand under its newest head
signatures() { expect 0 as "$1" log checkpoint; lines out '^— test.example/ledger ' "$2"; }

# Before: receipts, evidence with a trust file, a mirror, an audit, all by the first key.
first=$(known ledger)
first_access=$(known access)
push platform-01 early --receipts early.receipts
expect 0 as auditor --json log prove 0
genesis=$(sed -n 's/.*"leaf":"\([0-9a-f]*\)".*/\1/p' out)
trust() { printf 'lianfang-trust/v1\norigin test.example/ledger\ngenesis %s\n\nlog %s\nquorum none\n' "$genesis" "$1"; }
trust "$first" >trust.first
record=$(sed -n '1s/.*"index":\([0-9]*\).*/\1/p' early.receipts)
expect 0 as platform-01 evidence export "$record" --out early.evidence
expect 0 as platform-02 mirror sync
expect 0 as auditor log audit
signatures auditor 1
expect 1 rotate # the gateway runs
holds err 'another process has this data directory open'
stop

# Killed at each of its writes: what is there then can be gone on with, and is never served half done.
if [ -n "${SHIM:-}" ]; then
    cp -r fed whole
    steps=0
    for at in $(seq 1 200); do
        rm -rf fed; cp -r whole fed
        code=0
        SHIM_KILL_AT=$at LD_PRELOAD=$SHIM rotate >out 2>err || code=$?
        [ "$code" -ne 0 ] || break
        [ "$code" -eq 137 ] || { cat err >&2; fail "killed at $at, exit $code"; }
        steps=$at
        expect 0 "$LIANFANGD" fsck --config $conf
        if [ ! -e fed/ledger.key.old ] || [ -e fed/ledger.key.new ]; then
            expect 0 rotate
        fi
        [ ! -e fed/ledger.key.new ] || fail "killed at $at: the new key has not become the key"
        cmp -s whole/ledger.key fed/ledger.key.old || fail "killed at $at: the old key is not kept"
        expect 0 "$LIANFANGD" fsck --config $conf
        holds out "^sound: $(($(sed -n 's/^sound: \([0-9]*\) .*/\1/p' out))) entries"
        size=$(sed -n 's/^sound: \([0-9]*\) .*/\1/p' out)
        [ "$size" -eq "$((${rotated:=$size}))" ] || fail "killed at $at: announced twice, or not"
    done
    [ "$steps" -ge 5 ] || fail "only $steps writes were cut"
    [ "$code" -eq 0 ] || fail "it never ended"
    echo "$steps writes cut, each gone on from"
    rm -rf fed; mv whole fed
    # Begun and not ended, the gateway does not serve with either key.
    cp -r fed whole
    for at in $(seq "$steps" -1 1); do
        rm -rf fed; cp -r whole fed
        SHIM_KILL_AT=$at LD_PRELOAD=$SHIM rotate >/dev/null 2>&1 || true
        expect 0 "$LIANFANGD" fsck --config $conf
        if [ -e fed/ledger.key.new ] && ! grep -q "^sound: $((rotated - 1)) " out; then
            expect 1 timeout 60 "$LIANFANGD" serve --config $conf
            holds err 'its change was announced and not ended: run rotate-log-key again'
            unfinished=1
            break
        fi
    done
    [ "${unfinished:-0}" -eq 1 ] || fail "no cut left an announced key unfinished"
    rm -rf fed; mv whole fed
    # Nor does the other log's key change meanwhile: the head that proves the first change would be signed by a key that comes after it.
    cp -r fed whole
    for at in $(seq 1 200); do
        rm -rf fed; cp -r whole fed
        SHIM_KILL_AT=$at LD_PRELOAD=$SHIM rotate --access >/dev/null 2>&1 || true
        expect 0 "$LIANFANGD" fsck --config $conf
        if grep -q "^sound: $rotated " out; then break; fi
    done
    [ -e fed/access.key.new ] || fail "no cut left an announced key of the access log unfinished"
    expect 1 rotate
    holds err 'access.key: its change was announced and not ended: run rotate-log-key --access again'
    expect 0 rotate --access
    expect 0 rotate
    expect 0 rotate --end-overlap
    expect 0 rotate --access --end-overlap
    serve
    expect 0 as auditor log checkpoint # knows the first keys alone
    expect 0 as auditor log access
    stop
    rm -rf fed; mv whole fed
fi

expect 0 rotate
holds out '^announced as entry [0-9]+ of the ledger'
announced=$(sed -n 's/^announced as entry \([0-9]*\) .*/\1/p' out)
second=$(sed -n 's/^ledger = //p' out)
[ "$second" != "$first" ] || fail "the key is the same"
expect 1 rotate
holds err 'the overlap of the last change goes on'
expect 1 rotate --access --end-overlap
holds err 'no overlap goes on'
expect 2 rotate --no-such-option

# The overlap: two signatures, and whoever knows the old key alone goes on, none the wiser.
serve
http=http://127.0.0.1:$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' log | tail -n 1)
push platform-01 during --receipts during.receipts
signatures auditor 2
expect 0 as platform-02 mirror sync
[ ! -s err ] || { cat err >&2; fail "somebody was told something in the overlap"; }
expect 0 as auditor log audit
expect 0 "$LIANFANG" receipt verify during.receipts --key "$first"
expect 0 "$LIANFANG" receipt verify during.receipts --key "$second"
python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$http/ledger/checkpoint" >head.both
lines head.both '^— test.example/ledger ' 2
if [ -n "${GOREAD:-}" ]; then # software that is not ours
    (cd "$GOREAD" && HOME=$world GOCACHE=$world/go GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$world/tlogread" main.go)
    expect 0 ./tlogread "$http/ledger" "$first"
    expect 0 ./tlogread "$http/ledger" "$second"
fi
stop

# The overlap ends: the new key alone. Who knows the old one is led to the new one, told once, and remembers it.
expect 0 rotate --end-overlap
[ ! -e fed/ledger.key.old ] || fail "the old key is still there"
expect 1 rotate --end-overlap
serve
signatures auditor 1
holds err 'has a new key, which the old one'
says err "$second"
expect 0 as auditor log checkpoint
[ ! -s err ] || { cat err >&2; fail "told twice"; }
ls fed/members/auditor/state/test.example_ledger+*.keys >/dev/null || fail "the new key is not remembered"
expect 0 as auditor log audit
push platform-01 late --receipts late.receipts
says late.receipts "\"key\":\"$second\""
expect 0 "$LIANFANG" receipt verify late.receipts
for who in platform-01 platform-05; do # led to the new key before, and by the question itself
    expect 0 as $who receipt verify early.receipts
    expect 0 as $who receipt verify late.receipts
    holds out 'receipts hold, 0 do not$'
done
expect 0 "$LIANFANG" receipt verify late.receipts --key "$second"
expect 1 "$LIANFANG" receipt verify late.receipts --key "$first"
expect 0 "$LIANFANG" receipt verify early.receipts --key "$first"
expect 1 "$LIANFANG" receipt verify early.receipts --key "$second"
printf 'log %s\nlog %s\nquorum none\n' "$first" "$second" >both.policy
expect 0 "$LIANFANG" receipt verify early.receipts --policy both.policy
expect 0 "$LIANFANG" receipt verify late.receipts --policy both.policy
expect 0 as platform-01 receipt refresh early.receipts --out refreshed.receipts
expect 0 "$LIANFANG" receipt verify refreshed.receipts --key "$second"

# A mirror goes on with the new key, and proves itself without a network; also when the profile names the new one.
expect 0 as platform-02 mirror sync
expect 0 as platform-02 mirror verify
sed -i "s|^ledger = .*|ledger = $second|" fed/members/platform-02/profile.conf
push platform-01 more
expect 0 as platform-02 mirror sync
expect 0 as platform-02 mirror verify

# Which keys there were, and from when.
expect 0 as auditor --json log keys
python3 - out "$first" "$second" "$announced" <<'PY' || fail "what log keys tells"
import json, sys
told = json.loads(open(sys.argv[1]).readline())
assert told["ledger"] == sys.argv[3], told
rows = [r for r in told["history"] if r["log"] == "ledger"]
assert [r["key"] for r in rows] == sys.argv[2:4], rows
assert "announced_in" not in rows[0] and rows[1]["announced_in"] == int(sys.argv[4]), rows
assert rows[1]["from_size"] == int(sys.argv[4]) + 1, rows
PY
[ "$(key auditor ledger)" = "$second" ] || fail "log keys ledger is not the newest"

# Old evidence and new, each by the old trust file; a new trust file proves the new evidence too.
last=$(sed -n '1s/.*"index":\([0-9]*\).*/\1/p' late.receipts)
expect 0 as platform-01 evidence export "$record" "$last" --out late.evidence
expect 0 "$LIANFANG" evidence verify early.evidence --trust trust.first
expect 0 "$LIANFANG" evidence verify late.evidence --trust trust.first
trust "$second" >trust.second
expect 0 "$LIANFANG" evidence verify late.evidence --trust trust.second
expect 1 "$LIANFANG" evidence verify early.evidence --trust trust.second
holds err 'SIGNATURE_MISSING|no trusted key'

# A second change of the ledger's key, and one of the access log's: from the first key to the third.
stop
expect 0 rotate
third=$(sed -n 's/^ledger = //p' out)
expect 0 rotate --end-overlap
expect 0 rotate --access
second_access=$(sed -n 's/^access = //p' out)
expect 0 rotate --access --end-overlap
serve
expect 0 as platform-03 log checkpoint # knows the first alone, and has learned nothing yet
says err "$second"
says err "$third"
expect 0 as auditor log access
[ "$(key auditor access)" = "$second_access" ] || fail "the access log's newest key is not told"
expect 0 as auditor log audit
expect 0 as platform-02 mirror sync
expect 0 as platform-02 mirror verify
push platform-01 third
expect 0 as platform-01 evidence export "$record" --out third.evidence
expect 0 "$LIANFANG" evidence verify third.evidence --trust trust.first

# Rolled back to the retired key, by whoever has it and an old copy of the key's file: it does not serve.
stop
expect 0 "$LIANFANGD" fsck --config $conf
expect 0 "$LIANFANGD" rebuild --config $conf
expect 0 "$LIANFANGD" fsck --config $conf
cp fed/ledger.key third.key
cp fed/access.key fed/ledger.key
expect 1 timeout 60 "$LIANFANGD" serve --config $conf
holds err 'names another key'
cp third.key fed/ledger.key
cp fed/access.key fed/ledger.key.old
expect 1 timeout 60 "$LIANFANGD" serve --config $conf
holds err 'is not the key before the one in force'
rm fed/ledger.key.old

# Backup and restore: heads are signed by the newest keys, which the backup's own records name; older ones count as well.
serve
http=http://127.0.0.1:$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' log | tail -n 1)
fetch() { python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$http/$1/checkpoint"; }
fetch ledger >seen.ledger
fetch access >seen.access
stop
dd if=/dev/urandom bs=32 count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n' >backup.key
mkdir backups
expect 0 "$LIANFANGD" backup backups --config $conf --key backup.key
backup=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out)
restore() { "$LIANFANGD" restore "$backup" --config $conf --key backup.key "$@"; }
expect 0 "$LIANFANGD" export-redactions orders --config $conf
mv fed/data lost
expect 1 restore --witnessed seen.ledger --witnessed head.both
holds err 'needs --witnessed with the newest checkpoint'
expect 0 restore --witnessed head.both --witnessed seen.ledger --witnessed seen.access
serve
expect 0 as auditor log audit
expect 0 as auditor log access
expect 0 as platform-04 log checkpoint # the head that proves the first change came with the backup
says err "$third"
push platform-01 restored
expect 0 as platform-02 mirror sync
stop
# A key that may be another's: since then its heads prove nothing by themselves, and nobody loses what is in the log.
serve
push platform-01 doubtful --receipts doubtful.receipts
expect 0 "$LIANFANG" receipt verify doubtful.receipts --key "$third"
expect 0 as auditor --json log checkpoint
size=$(sed 's/.*"size":\([0-9]*\),.*/\1/' out)
stop
expect 2 rotate --compromised-since yesterday
expect 2 rotate --compromised-since 3 --end-overlap
expect 1 rotate --compromised-since $((size + 1))
holds err "the log has $size entries"
expect 0 rotate --compromised-since $((size - 2))
fourth=$(sed -n 's/^ledger = //p' out)
expect 0 rotate --end-overlap
serve
expect 0 as auditor log checkpoint
says err "$fourth"
says err 'the old one may be another'
expect 0 as auditor --json log keys
holds out "\"from_size\":$((size + 1)),\"announced_in\":$size,\"compromised_since\":$((size - 2))"
expect 0 as auditor log keys
holds out "heads of more than $((size - 2)) entries that it alone has signed prove nothing"
cp doubtful.receipts asis.receipts
expect 0 as platform-01 receipt refresh doubtful.receipts # by the history that its head is of
expect 0 "$LIANFANG" receipt verify doubtful.receipts --key "$fourth"
expect 0 as auditor log audit
expect 0 as auditor log access
expect 0 as platform-02 mirror sync
expect 0 as platform-02 mirror verify
expect 0 as platform-01 evidence export "$record" --out fourth.evidence
expect 0 "$LIANFANG" evidence verify fourth.evidence --trust trust.first
stop
expect 0 "$LIANFANGD" fsck --config $conf
echo good
