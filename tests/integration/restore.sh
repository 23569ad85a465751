# A backup goes on only where nobody has seen more, and restore asks the witnesses itself.
. "$(dirname "$0")/witnessed.sh"
cd "$world"
push() { # NAME CODE
    printf 'ref,uscc,violation,certainty,measures\n%s,%s,COUNTERFEIT,SUSPECTED,REMOVAL\n' "$1" "$2" >"$1.csv"
    expect 0 as platform-01 push --kind enforcement-event "$1.csv"
}
size_now() { as auditor --json log checkpoint | sed 's/.*"size":\([0-9]*\),.*/\1/'; }
care() { local command=$1; shift; "$LIANFANGD" "$command" --config fed/gateway.conf "$@"; }
printf '%064d' 7 >backup.key
mkdir backups
backup() { expect 0 care backup backups --key backup.key; sed -n 's/.*"backup":"\([^"]*\)".*/\1/p' out; }
restore() { care restore "$1" --key backup.key "${@:2}"; }
refused() { # PATTERN BACKUP OPTIONS
    expect 1 restore "${@:2}"
    holds err "$1"
    [ ! -e fed/data ] && [ ! -e fed/data.restoring ] || fail "a refused restore left something"
}
expect 1 as platform-01 --json screen --purpose ONBOARDING 91999999MA0000031R # so that the access log has an entry
push first 91999999MA00000154
early=$(backup)
push second 91999999MA0000023Y
size=$(size_now)
await '[ "$(witnessed_size)" -ge "$size" ]' "the witness has not seen the newest head"
expect 0 as auditor log checkpoint
cp out newest
curl -sf "$(public)/access/checkpoint" >asked
stop
late=$(backup)
mv fed/data lost

# What the witness saw is enough to refuse, and to go on; of the access log, which it does not watch, somebody must say it.
refused "test.example/ledger: $size entries were witnessed, the backup ends at .*signing on would make two histories.*seen by w1\$" "$early" --witnessed asked
refused 'test.example/access: no witness has seen it; needs --witnessed' "$late"
expect 0 restore "$late" --witnessed asked
holds out 'nobody has seen more'
[ "$(witnessed_size)" -eq "$size" ] || fail "the witness has seen more meanwhile"

# A witness that is away, or is none, is no reason to believe that nobody saw anything.
rm -r fed/data
witness_stop
refused 'witness w1: does not say what it saw of test.example/ledger .--without-witness w1 ' "$late" --witnessed newest --witnessed asked
refused 'without-witness w2: no such witness is configured' "$late" --witnessed newest --witnessed asked --without-witness w2
refused 'test.example/ledger: no witness has seen it; needs --witnessed' "$late" --witnessed asked --without-witness w1
expect 2 care backup backups --key backup.key --without-witness w1
expect 0 restore "$late" --witnessed newest --witnessed asked --without-witness w1
rm -r fed/data
python3 -c 'import http.server, sys
class Other(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(open(sys.argv[1], "rb").read())
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Other).serve_forever()' newest "$wport" &
witness=$!
await 'curl -s -o told "$witness_url/$hex/checkpoint"' "the other server does not serve"
refused 'witness w1: answers with no checkpoint of test.example/ledger that both have signed' "$late" --witnessed newest --witnessed asked
witness_stop

# It goes on where it was, and its witness goes on with it.
witness_serve
expect 0 restore "$late" --witnessed asked
serve
push third 91999999MA0000058H
await '[ "$(witnessed_size)" -ge "$(size_now)" ]' "the witness does not go on"
stop
expect 0 care fsck
echo "restore: what witnesses saw decides"
