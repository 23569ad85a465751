# read.sh: software that is not ours, Go's sumdb/note and sumdb/tlog, reads both logs over HTTP by their vkeys alone.
. "$(dirname "$0")/../../integration/world.sh"
reader=$world/tlogread
(cd "$(dirname "$0")" && HOME=$world GOCACHE=$world/go GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$reader" main.go)

"$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
printf '\n[http]\nlisten = 127.0.0.1:0\npublish_interval_ms = 20\n' >>"$world/fed/gateway.conf"
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' "$world/log")
http=http://127.0.0.1:$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' "$world/log")
sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$world"/fed/members/*/profile.conf

key() { as auditor log keys "$1"; }
save() { python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$http/$1/checkpoint" >"$2"; }
# read_log LOG AT-LEAST [OLD-CHECKPOINT]: waits until the published head covers that many, then all of it must hold.
read_log() {
    local vkey
    vkey=$(key "$1")
    for _ in $(seq 200); do
        save "$1" "$world/head"
        [ "$(sed -n 2p "$world/head")" -lt "$2" ] || break
        sleep 0.05
    done
    expect 0 "$reader" "$http/$1" "$vkey" ${3:+"$3"}
    [ "$(cat "$world/out")" -ge "$2" ] || fail "$1: $(cat "$world/out") leaves published, $2 wanted"
}

head -n 301 "$DATA/registry-sample.csv" >"$world/first.csv"
head -n 701 "$DATA/registry-sample.csv" >"$world/more.csv"
expect 0 as regulator push --kind registry-entry "$world/first.csv"
read_log ledger 301
save ledger "$world/ledger.old"
expect 0 as platform-01 screen --purpose ONBOARDING --file "$world/first.csv" --column uscc
read_log access 2
save access "$world/access.old"

# The logs grow; what was published before is a beginning of what is published now.
expect 0 as regulator push --kind registry-entry "$world/more.csv"
expect 0 as platform-01 screen --purpose ONBOARDING --file "$world/more.csv" --column uscc
read_log ledger 701 "$world/ledger.old"
[ "$(sed -n 2p "$world/ledger.old")" -lt "$(cat "$world/out")" ] || fail "the ledger did not grow"
read_log access "$(($(sed -n 2p "$world/access.old") + 1))" "$world/access.old"

# And it can refuse: the other log's key, another log's head as the older one, a head with another size.
expect 1 "$reader" "$http/ledger" "$(key access)"
expect 1 "$reader" "$http/ledger" "$(key ledger)" "$world/access.old"
sed '2s/$/0/' "$world/ledger.old" >"$world/bent"
expect 1 "$reader" "$http/ledger" "$(key ledger)" "$world/bent"
stop
echo good
