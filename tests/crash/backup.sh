# Hot sealed backups, and restores that will not make two histories.
. "$INTEGRATION/world.sh"
open_world
stop
conf="$world/fed/gateway.conf"
printf '[http]\nlisten = 127.0.0.1:0\npublish_interval_ms = 1\n' >>"$conf"
serve
http=$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' "$world/log" | tail -n 1)
event='ref,uscc,violation,certainty,measures,decided_at'
row() { printf '%s,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' "$1"; }
sed -n '1,400p' "$DATA/registry-sample.csv" >"$world/r.csv"
expect 0 as regulator push --kind registry-entry "$world/r.csv"
{ echo "$event"; row c1; } >"$world/e.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e.csv" --receipts "$world/receipts"
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
# published LOG FILE: the newest checkpoint, once it is the published one for all that was answered
published() {
    python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=10).read())' "http://127.0.0.1:$http/$1/checkpoint" >"$2"
}

dd if=/dev/urandom bs=32 count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n' >"$world/backup.key"
printf 'a passphrase with some length\n' >"$world/words"
mkdir "$world/b" "$world/p"
expect 2 "$LIANFANGD" backup "$world/b" --config "$conf"

# While the gateway takes records: the backup is one moment of it, and the gateway goes on.
sed -n '1p;401,2000p' "$DATA/registry-sample.csv" >"$world/r2.csv"
as regulator push --kind registry-entry "$world/r2.csv" >/dev/null 2>&1 &
push=$!
until as auditor log checkpoint >"$world/now" && [ "$(sed -n 2p "$world/now")" -gt 427 ]; do :; done
expect 0 "$LIANFANGD" backup "$world/b" --config "$conf" --key "$world/backup.key"
holds "$world/out" '"ledger":\{"size":[0-9]+,"root":"[0-9a-f]{64}"\}'
wait "$push"
sealed=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' "$world/out")
size=$(sed -n 's/.*"ledger":{"size":\([0-9]*\).*/\1/p' "$world/out")
if grep -q '91999999MA00000154' "$sealed"; then fail "a backup can be read without its key"; fi
{ echo "$event"; row c2; } >"$world/e2.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e2.csv"
expect 0 as auditor log checkpoint
cp "$world/out" "$world/newer"
published access "$world/asked"
newer=$(sed -n 2p "$world/newer")
[ "$size" -gt 427 ] && [ "$size" -lt "$newer" ] || fail "a backup of $size entries, $newer are there"
stop
expect 0 "$LIANFANGD" backup "$world/b" --config "$conf" --key "$world/backup.key"
last=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' "$world/out")
expect 0 "$LIANFANGD" backup "$world/p" --config "$conf" --passphrase-file "$world/words"
words=$(sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' "$world/out")

# Another machine with the gateway's keys, and no store.
mkdir "$world/new"
cp "$world"/fed/*.key "$world"/fed/*.conf "$world"/fed/tls.crt "$world/new/"
[ ! -e "$world/fed/access.token" ] || cp "$world/fed/access.token" "$world/new/"
again="$world/new/gateway.conf"
restore() { expect "$1" "$LIANFANGD" restore "$2" --config "$again" "${@:3}"; }
nothing() { [ ! -e "$world/new/data" ] && [ ! -e "$world/new/data.restoring" ] || fail "a refused restore left something"; }

restore 1 "$last" --key "$world/backup.key"
holds "$world/err" 'test.example/ledger: no witness has seen it; needs --witnessed'
nothing
restore 1 "$last" --key "$world/backup.key" --witnessed "$world/newer"
holds "$world/err" 'test.example/access: no witness has seen it; needs --witnessed'
nothing
restore 1 "$sealed" --key "$world/backup.key" --witnessed "$world/newer"
holds "$world/err" "$newer entries were witnessed, the backup ends at $size; signing on would make two histories"
nothing
sed '2s/.*/1/' "$world/newer" >"$world/bent"
restore 1 "$last" --key "$world/backup.key" --witnessed "$world/bent"
holds "$world/err" 'not a checkpoint of a log whose key is here'
printf '%064d' 7 >"$world/other.key"
restore 1 "$last" --key "$world/other.key" --witnessed "$world/newer"
holds "$world/err" "another key's, or changed"
nothing
restore 1 "$last" --passphrase-file "$world/words" --witnessed "$world/newer"
holds "$world/err" 'sealed with a key file'
head -c "$(($(wc -c <"$last") - 5))" "$last" >"$world/cut"
restore 1 "$world/cut" --key "$world/backup.key" --witnessed "$world/newer"
holds "$world/err" 'ends early'
nothing
at=$(($(wc -c <"$last") / 2))
cp "$last" "$world/changed"
bend "$world/changed" "$at"
restore 1 "$world/changed" --key "$world/backup.key" --witnessed "$world/newer"
holds "$world/err" "another key's, or changed"
nothing

# The newest backup is what the newest witnessed head is of: every row, and the log goes on.
restore 0 "$last" --key "$world/backup.key" --witnessed "$world/newer" --witnessed "$world/asked"
holds "$world/out" "ledger of $newer entries"
expect 0 "$LIANFANGD" fsck --config "$again"
holds "$world/out" "^sound: $newer entries"
restore 1 "$last" --key "$world/backup.key" --witnessed "$world/newer"
holds "$world/err" 'is there already'
rm -rf "$world/new/data"
restore 0 "$words" --passphrase-file "$world/words" --witnessed "$world/newer" --witnessed "$world/asked"
rm -rf "$world/fed/data"
mv "$world/new/data" "$world/fed/data"
serve
expect 0 as platform-01 push --kind enforcement-event "$world/e2.csv" --json
expect 0 as auditor log audit
holds "$world/out" 'the log is whole'
stop
expect 0 as platform-01 receipt verify "$world/receipts"
echo good
