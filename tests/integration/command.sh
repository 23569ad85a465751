# The command itself: help, usage, files that are none, full disks, interruption, every exit code.
. "$(dirname "$0")/world.sh"
open_world
one_line() { [ "$(wc -l <"$world/err")" -eq 1 ] || { cat "$world/err" >&2; fail "not one line of error"; }; }
silent() { [ ! -s "$world/out" ] || fail "something on standard output: $(head -n 1 "$world/out")"; }

# Help comes from the tables: every command has one, and each option that it takes stands in it.
expect 0 "$LIANFANG" help
cp "$world/out" "$world/commands"
for command in $(sed -n 's/^  \([a-z]*\) .*/\1/p' "$world/out"); do
    case $command in version | help) continue ;; esac
    expect 0 "$LIANFANG" help "$command"
    holds "$world/out" "^usage: lianfang .* $command"
    holds "$world/out" 'Exit 0'
    cp "$world/out" "$world/help"
    expect 0 "$LIANFANG" "$command" --help
    cmp "$world/out" "$world/help" || fail "$command --help is not help $command"
done
# Each stands in README or docs, and what they name is there.
cut -d' ' -f3 <<<"$(sed -n '/^  [a-z]* .*/p' "$world/commands")" >"$world/names"
docs="$INTEGRATION/../../README.md $(echo "$INTEGRATION"/../../docs/*.md)"
while read -r command; do
    case $command in version | help) continue ;; esac
    grep -qE "(lianfang|\`)( --profile [^ ]+)? ?$command[ \`]" $docs || fail "$command is in no document"
done <"$world/names"
for name in $(grep -ohE 'lianfang( --profile [^ ]+| --json)* [a-z]+' $docs | sed 's/.* //' | sort -u); do
    grep -qxF "$name" "$world/names" || fail "the documents name '$name', which is no command"
done
for report in open-loops coverage lags late participation overrides attestations corrections ranking links quarantine relay-queue publicity statistics; do
    expect 0 "$LIANFANG" help report
    grep -qE "^$report +--" "$world/out" || fail "help report does not tell of $report"
done
expect 0 "$LIANFANG" help log
for act in checkpoint audit access keys prove; do holds "$world/out" "^$act "; done
expect 0 "$LIANFANG" help push
for option in kind receipts map update profile json; do holds "$world/out" "^  --$option "; done
expect 2 "$LIANFANG"
silent
expect 2 "$LIANFANG" help nonsense
expect 2 "$LIANFANG" nonsense
one_line
for wrong in "receipt refresh" "receipt verify x --out y" "--bogus" "push --kind" "screen --update X" "push --purpose X f.csv" "log" "log burn" \
    "receipt" "receipt verify" "correct --ref x" "withdraw" "withdraw --ref a --record b" "screen --purpose ONBOARDING"; do
    expect 2 as platform-01 $wrong
    one_line
    silent
done

# Files that are none.
mkdir "$world/dir"
: >"$world/empty.csv"
printf 'uscc\0\n' >"$world/nul.csv"
echo 'uscc' >"$world/locked.csv"
chmod 0 "$world/locked.csv"
for file in dir empty.csv nul.csv none.csv $([ "$(id -u)" -eq 0 ] || echo locked.csv); do
    expect 2 as regulator push --kind registry-entry "$world/$file"
    one_line
    holds "$world/err" "$world/$file: "
    expect 2 as platform-01 screen --purpose ONBOARDING --file "$world/$file" --column uscc --out "$world/advice"
    [ ! -e "$world/advice" ] || fail "an answer to no question"
    expect 2 "$LIANFANG" receipt verify "$world/$file"
    one_line
done
expect 2 as platform-01 screen --purpose ONBOARDING --file "$DATA/registry-sample.csv" --column code --out "$world/advice"
holds "$world/err" "no column 'code'"
# A file that is there stays what it was until the answers are whole.
printf 'uscc\n91999999MA00000154\n' >"$world/kept.csv"
cp "$world/kept.csv" "$world/kept"
for wrong in "2 --purpose ONBOARDING --column code" "1 --purpose NONSENSE --column uscc"; do
    expect "${wrong%% *}" as platform-01 screen ${wrong#* } --file "$world/kept.csv" --out "$world/kept"
    cmp "$world/kept.csv" "$world/kept" || fail "an answer that is not whole took the place of a file: $wrong"
done
expect 2 as platform-01 screen --purpose ONBOARDING --column uscc --file "$world/kept.csv" --out "$world/kept.csv"
holds "$world/err" 'kept.csv: is the file that is asked about'
cmp "$world/kept.csv" "$world/kept" || fail "the questions were lost"
expect 0 as platform-01 screen --purpose ONBOARDING --column uscc --file "$world/kept.csv" --out "$world/kept"
holds "$world/kept" '^91999999MA00000154	'
[ ! -e "$world/kept.new" ] || fail "the file beside stayed"
expect 2 "$LIANFANG" --profile "$world/none.conf" log keys
one_line
expect 2 "$LIANFANG" --profile "$world/dir" log keys
one_line
expect 2 "$LIANFANG" log keys
one_line

# A full disk is an error, and a half answer does not stay.
expect 1 as platform-01 screen --purpose ONBOARDING --file "$DATA/registry-sample.csv" --column uscc --out /dev/full
holds "$world/err" '/dev/full: No space left'
status=0
as platform-01 log checkpoint >/dev/full 2>"$world/err" || status=$?
[ "$status" -eq 1 ] || fail "exit $status for a full standard output"
holds "$world/err" 'standard output: No space left'
printf 'uscc\n91999999MA00000154\n' >"$world/reg.csv"
expect 1 as regulator push --kind registry-entry "$world/reg.csv" --receipts /dev/full
holds "$world/err" '/dev/full: No space left'
expect 2 as regulator push --kind registry-entry "$world/reg.csv" --receipts "$world/none/receipts"
one_line
# The reason is that of the write that failed, not of whatever failed after it, and is told once.
for told in "--json screen" screen; do
    status=0
    as platform-01 $told --purpose ONBOARDING --file "$DATA/registry-sample.csv" --column uscc >/dev/full 2>"$world/err" || status=$?
    [ "$status" -eq 1 ] || fail "exit $status for a full standard output"
    one_line
    holds "$world/err" 'standard output: No space left'
done
# What is in a file reaches a terminal with nothing in it that a terminal obeys.
printf 'uscc\n91\033[2JA\xc2\x9b\xe2\x80\xae\n' >"$world/esc.csv"
expect 3 as platform-01 screen --purpose ONBOARDING --file "$world/esc.csv" --column uscc
holds "$world/out" '^91\\x1b\[2JA\\x9b\\u202e	INVALID'
printf 'us\033cc\n1\n' >"$world/esc.csv"
expect 2 as regulator push --kind registry-entry "$world/esc.csv"
holds "$world/err" "column 'us\\\\x1bcc' is not known"
# Screening: exactly these keys, an instant or null for `until`, and no ID number comes back.
printf 'ref,uscc,violation,certainty,measures,decided_at\nc1,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' >"$world/e.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e.csv"
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
python3 - "$world/out" <<'PY' || fail "keys of a screen line"
import json, re, sys
line = json.loads(open(sys.argv[1]).readline())
assert sorted(line) == ["advice", "advice_version", "checkpoint_size", "human_review", "in_force", "known_size", "reasons", "stale", "subject"], line
for reason in line["reasons"]:
    assert sorted(reason) == ["certainty", "code", "contact", "decided_at", "index", "kind", "level", "list", "origin", "region", "state", "until", "violation"], reason
first = line["reasons"][0]
assert first["code"] == "LIVE_REMOVAL" and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", first["until"]), first
assert line["reasons"][-1]["until"] is None, line
assert [reason["index"] for reason in line["reasons"]] == [line["checkpoint_size"] - 1, line["checkpoint_size"] - 2], line
PY
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA0000066C
holds "$world/out" '"code":"REGISTRY_UNKNOWN".*"until":null,.*"index":null'
expect 1 as platform-02 screen --purpose ONBOARDING 91999999MA00000154
holds "$world/out" 'LIVE_REMOVAL COUNTERFEIT\(出售假冒\) of 2026-03-02 \(entry [0-9]+, ask issuer-[0-9a-f]{16}\)'
# A member is not registered as 存续: that is said of merchants alone.
printf 'uscc,name,status\n91999999MA0000058H,测试商贸五号,ACTIVE\n' >"$world/registry.csv"
expect 0 as regulator push --kind registry-entry "$world/registry.csv"
expect 0 as platform-01 watch --once --kinds Member,RegistryEntry
lines "$world/out" ' Member .* status=ACTIVE keys=' 25
lines "$world/out" ' RegistryEntry .* status=ACTIVE\(存续\)' 1
expect 3 as platform-02 screen --purpose ONBOARDING 11010519491231002X 91999999MA00000155
holds "$world/out" 'USCC_IS_ID_NUMBER'
holds "$world/out" '^91999999MA00000155	INVALID	USCC_CHECK_DIGIT	.'
if grep -q 11010519491231002X "$world/out" "$world/err" "$world/log"; then fail "an ID number was repeated"; fi
# One cell that no message carries is one invalid row: the others have their answers, in their order.
{ printf 'uscc\n91999999MA00000154\n'; head -c 3000 /dev/zero | tr '\0' 9; printf '\n'; head -c 5000000 /dev/zero | tr '\0' 8; printf '\n91999999MA00000154\n'; } >"$world/long.csv"
expect 3 as platform-02 --json screen --purpose ONBOARDING --file "$world/long.csv" --column uscc --out "$world/long"
[ "$(sed 's/.*"advice":"\([A-Z_]*\)".*/\1/' "$world/long" | tr '\n' ' ')" = 'DENY   DENY ' ] || fail "not every row in its place"
lines "$world/long" '"error":"USCC_' 2
expect 3 as platform-02 screen --purpose ONBOARDING "$(printf '\377')" 91999999MA00000154
holds "$world/out" 'INVALID	USCC_'
holds "$world/out" 'DENY'
expect 0 as platform-02 --json screen --purpose ONBOARDING --file "$world/e.csv" --column uscc
lines "$world/out" '"DENY"' 1

# What could not be kept is told again, with its receipt; and one that is there already is not written twice.
expect 0 as regulator push --kind registry-entry "$world/reg.csv" --receipts "$world/kept.jsonl" --spool "$world/spool"
lines "$world/kept.jsonl" . 1 # another spool: only the gateway knows of it
expect 0 as regulator push --kind registry-entry "$world/reg.csv" --receipts "$world/kept.jsonl"
lines "$world/kept.jsonl" '^\{"line":2,"index":' 1
printf 'uscc\n92999999MA0000058E\n' >"$world/again.csv"
expect 1 as regulator push --kind registry-entry "$world/again.csv" --receipts /dev/full --spool "$world/spool"
cp -r "$world/spool" "$world/spool.before"
expect 0 as regulator push --kind registry-entry "$world/again.csv" --receipts "$world/kept.jsonl" --spool "$world/spool"
lines "$world/kept.jsonl" . 2
expect 0 as regulator push --kind registry-entry "$world/again.csv" --receipts "$world/kept.jsonl" --spool "$world/spool.before"
holds "$world/err" '1 rows of an interrupted push'
lines "$world/kept.jsonl" . 2
# Statements: by ref, by issuer and record; what is not there, and what is not ours to say.
expect 3 as platform-01 withdraw --ref never
holds "$world/err" TARGET_UNKNOWN
expect 5 as platform-01 relay --reason RELEASED --ref c1
holds "$world/err" KIND_NOT_ALLOWED
expect 2 as platform-01 correct --reason BORED --ref c1
expect 2 as platform-01 withdraw --record xyz
expect 3 as regulator relay --reason RELEASED --issuer platform-01 --record 00112233445566778899aabbccddeeff
holds "$world/err" TARGET_UNKNOWN
expect 0 as platform-01 --json correct --reason FACT_WRONG --ref c1
holds "$world/out" '"status":"accepted","index":[0-9]+'
expect 0 as platform-01 --json correct --reason FACT_WRONG --ref c1
holds "$world/out" '"status":"duplicate"'
# A ref is a case: what replaced the first version of it is taken back, too.
printf 'ref,uscc,violation,certainty,measures\nc3,92999999MA00000151,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL\n' >"$world/e3.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e3.csv"
sed -i 's/COUNTERFEIT/PIRATED/' "$world/e3.csv"
expect 0 as platform-01 push --update --kind enforcement-event "$world/e3.csv"
expect 0 as platform-01 --json withdraw --ref c3
lines "$world/out" '"accepted"' 2
expect 1 as platform-02 --json screen --purpose ONBOARDING 92999999MA00000151
if grep -q LIVE_REMOVAL "$world/out"; then fail "withdrawn, and its second version still told"; fi
# A regulator corrects its own registry entry.
expect 0 as regulator --json correct --kind registry-entry --reason FACT_WRONG --ref 91999999MA00000154
holds "$world/out" '"accepted"'
expect 2 as regulator correct --kind rumour --reason FACT_WRONG --ref x
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
if grep -q LIVE_REMOVAL "$world/out"; then fail "corrected, and still told"; fi

# Receipts hold by the key that is trusted, and by no other; a bent line is found and named.
printf 'uscc\n92999999MA0000023U\n92999999MA0000031N\n' >"$world/two.csv"
expect 0 as regulator push --kind registry-entry "$world/two.csv" --receipts "$world/two.jsonl"
expect 0 as regulator log keys ledger
key=$(cat "$world/out")
expect 0 "$LIANFANG" receipt verify "$world/two.jsonl" --key "$key"
holds "$world/out" '^2 receipts hold, 0 do not$'
"$LIANFANGD" init "$world/other" --name test.example --dev --listen 127.0.0.1:1 >/dev/null
other=$(sed -n 's/^ledger = //p' "$world/other/members/auditor/profile.conf")
expect 1 "$LIANFANG" receipt verify "$world/two.jsonl" --key "$other"
holds "$world/out" '^0 receipts hold, 2 do not'
expect 1 "$LIANFANG" receipt verify "$world/two.jsonl" --key nonsense
# A profile says which key is trusted; the file itself comes last.
expect 0 as regulator receipt verify "$world/two.jsonl"
holds "$world/out" '^2 receipts hold, 0 do not$'
expect 1 "$LIANFANG" --profile "$world/other/members/auditor/profile.conf" receipt verify "$world/two.jsonl"
holds "$world/out" '^0 receipts hold, 2 do not$'
expect 0 "$LIANFANG" --profile "$world/other/members/auditor/profile.conf" receipt verify "$world/two.jsonl" --key "$key"
expect 0 "$LIANFANG" receipt verify "$world/two.jsonl"
holds "$world/out" '^2 receipts hold, 0 do not \(by the key in the file'
sed '2s/"index":/"index":9/' "$world/two.jsonl" >"$world/bent.jsonl" # only what stands beside the receipt
expect 1 "$LIANFANG" --json receipt verify "$world/bent.jsonl"
holds "$world/err" '^line 2: index: the receipt is of entry [0-9]+, the line says another'
holds "$world/out" '"valid":1,"invalid":1,"warnings":\["by the key in the file'
sed '2s/"index":/"index":9/; 2s/\("receipt":".*\)index /\1index 9/' "$world/two.jsonl" >"$world/bent.jsonl"
expect 1 "$LIANFANG" --json receipt verify "$world/bent.jsonl" --key "$key"
holds "$world/out" '"valid":1,"invalid":1\}'
holds "$world/err" '^line 2: '

# What an interrupted run left of a receipt is cut; another file's last line is not.
printf 'mine, without an end' >"$world/mine"
expect 2 as regulator --json push --kind registry-entry "$world/reg.csv" --receipts "$world/mine"
holds "$world/err" "$world/mine: its last line has no end"
silent
[ "$(cat "$world/mine")" = 'mine, without an end' ] || fail "another file was cut"
printf 'uscc\n91999999MA0000031R\n' >"$world/cut.csv"
printf '{"li' >"$world/cut"
expect 0 as regulator push --kind registry-entry "$world/cut.csv" --receipts "$world/cut"
lines "$world/cut" '^\{"line":' 1
lines "$world/cut" . 1

# doctor: all well, and each thing that can be wrong, with what to do.
well=$world/fed/members/platform-03
expect 0 as platform-03 doctor
lines "$world/out" '^ok ' 10
sick() { rm -rf "$world/fed/members/sick"; cp -r "$well" "$world/fed/members/sick"; } # a copy to spoil
wrong() { # EXIT CHECK FOUND: of the spoilt profile
    expect "$1" as sick doctor
    holds "$world/out" "^FAIL +$2 .*$3"
    holds "$world/out" '^ +-> [a-z]'
}
sick; chmod 644 "$world/fed/members/sick/sign.key"; wrong 1 secrets 'sign.key: others may read it'
sick; cp "$world/fed/members/lab-01/tls.key" "$world/fed/members/sick/tls.key"; wrong 1 profile 'tls.key: is not the key of \[member\] tls_cert'
for junk in tls.crt tls.key; do # told at once: gRPC would only never connect
    sick; printf -- '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n' >"$world/fed/members/sick/$junk"
    expect 2 as sick log checkpoint
    one_line
    holds "$world/err" "$world/fed/members/sick/$junk: is no PEM"
done
sick; sed -i 's#^certificate = .*#certificate = sign.key#' "$world/fed/members/sick/profile.conf"
expect 2 as sick log checkpoint
holds "$world/err" 'sign.key: is no PEM certificate'
sick; rm "$world/fed/members/sick/push.secret"; wrong 1 profile 'push.secret'
sick; sed -i 's/^address = .*/address = 127.0.0.1:1/' "$world/fed/members/sick/profile.conf"; wrong 4 connection ''
sick; sed -i 's#^certificate = .*#certificate = tls.crt#' "$world/fed/members/sick/profile.conf"; wrong 4 connection ''
sick; cp "$world/other/members/platform-03/tls."* "$world/fed/members/sick/"; wrong 5 membership 'no member has pinned'
sick; cp "$world/fed/members/platform-04/sign.key" "$world/fed/members/sick/"; wrong 1 key 'not an enrolled key of platform-03'
sick; cp "$world/fed/members/platform-04/tls."* "$world/fed/members/sick/"; wrong 1 key 'certificate is not one of platform-03'
sick; sed -i "s#^ledger = .*#$(grep '^ledger = ' "$world/other/members/platform-03/profile.conf")#" "$world/fed/members/sick/profile.conf"; wrong 1 ledger ''
holds "$world/out" '^ok +clock' # and the rest is still looked at
expect 1 as sick --json doctor
holds "$world/out" '"check":"ledger","ok":false'
expect 2 "$LIANFANG" doctor
rm -rf "$world/fed/members/sick"

# One entry's proof, recomputed here; an index past the end is told.
expect 0 as auditor --json log prove 3
holds "$world/out" '"index":3,"size":[0-9]+,"leaf":"[0-9a-f]{64}","path":\["[0-9a-f]{64}"'
expect 0 as auditor log prove 0
holds "$world/out" '^entry 0 is in the log of [0-9]+ entries'
expect 2 as auditor log prove
expect 2 as auditor log prove three
expect 2 as auditor log prove 99999

# The log: head, key, audit; a lab may not screen; a stopped gateway is unreachable.
expect 0 as auditor --json log checkpoint
holds "$world/out" '"size":[0-9]+,"checkpoint":"test.example/ledger'
expect 0 as auditor --json log keys
holds "$world/out" '"ledger":"test.example/ledger\+'
expect 0 as auditor --json log audit
holds "$world/out" '"root":"[0-9a-f]{64}"'
# The tree alone, also for who may read no record: the same root, and nothing about anybody was told that is to be logged.
root=$(sed -n 's/.*"root":"\([0-9a-f]*\)".*/\1/p' "$world/out")
expect 0 as auditor log access
pulls=$(grep -c READ_ENTRIES "$world/out")
expect 0 as lab-01 --json log audit --no-signatures
holds "$world/out" "\"readable\":0,\"root\":\"$root\""
expect 0 as auditor log access
[ "$(grep -c READ_ENTRIES "$world/out")" = "$pulls" ] || fail "leaves alone were logged as entries"
expect 5 as lab-01 screen --purpose ONBOARDING 91999999MA00000154
# Ctrl-C: no half answer stays, and the shell sees the signal.
{ echo uscc; for _ in $(seq 60); do tail -n +2 "$DATA/registry-sample.csv" | cut -d, -f1; done; } >"$world/many.csv"
env --default-signal=INT "$LIANFANG" --profile "$world/fed/members/platform-02/profile.conf" screen --purpose ONBOARDING --file "$world/many.csv" --column uscc --out "$world/half" 2>"$world/err" &
asking=$!
while [ ! -s "$world/half.new" ] && kill -0 $asking 2>/dev/null; do :; done
kill -INT $asking
status=0
wait $asking || status=$?
[ "$status" -eq 130 ] || fail "exit $status after Ctrl-C"
[ ! -e "$world/half" ] && [ ! -e "$world/half.new" ] || fail "half an answer stayed"
stop
expect 4 as platform-01 doctor
# The time is the caller's: far below what a call takes by itself, for those that push, too.
for wrong in 0 -1 x 1s 3601; do
    expect 2 as platform-01 --timeout "$wrong" log checkpoint
    holds "$world/err" '--timeout takes'
done
printf 'uscc\n92999999MA000006XT\n' >"$world/late.csv"
expect 4 timeout 15 "$LIANFANG" --profile "$well/profile.conf" --timeout 1 log checkpoint
expect 4 timeout 15 "$LIANFANG" --profile "$well/profile.conf" --timeout 1 doctor
expect 4 timeout 15 "$LIANFANG" --profile "$well/profile.conf" --timeout 1 screen --purpose ONBOARDING 91999999MA00000154
expect 4 timeout 15 "$LIANFANG" --profile "$well/profile.conf" --timeout 1 withdraw --ref c1
expect 4 timeout 15 "$LIANFANG" --profile "$well/profile.conf" --timeout 1 push --kind enforcement-event "$world/e.csv"
echo good
