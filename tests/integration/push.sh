# Real input: the registry sample, the dirt of real data, removals; screened, verified, audited.
. "$(dirname "$0")/world.sh"
open_world

expect 0 as regulator --json push --kind registry-entry "$DATA/registry-sample.csv" --receipts "$world/receipts"
lines "$world/out" '"accepted"' 2000
# Duplicates have a receipt where they stand in the ledger as we signed them (their answer may have been lost with a gateway); each
# is written once.
for file in receipts again again; do
    expect 0 as regulator --json push --kind registry-entry "$DATA/registry-sample.csv" --receipts "$world/$file"
    lines "$world/out" '"duplicate"' 2000
    lines "$world/$file" '"receipt"' 2000
done
expect 0 as regulator receipt verify "$world/again"
holds "$world/out" '^2000 receipts hold, 0 do not'

# 115 lower-case codes go in with a warning, 85 failing ones are refused by line, and the rows around them go in.
{ echo uscc; paste -d'\n' "$DATA/uscc-lowercase-seen.txt" "$DATA/uscc-failing-seen.txt" | grep .; } >"$world/dirt.csv"
expect 3 as regulator --json push --kind registry-entry "$world/dirt.csv"
lines "$world/out" '"accepted".*USCC_NORMALISED' 115
lines "$world/out" '"rejected","code":"USCC_[A-Z_]*","field":"uscc"' 85
expect 0 as auditor log checkpoint
before=$(sed -n 2p "$world/out")
expect 3 as regulator --json push --kind registry-entry "$world/dirt.csv"
lines "$world/out" '"duplicate"' 115
expect 0 as auditor log checkpoint
[ "$before" = "$(sed -n 2p "$world/out")" ] || fail "duplicates changed the ledger"

# The same rows coalesced into other batches are duplicates all the same.
{ head -n 1 "$DATA/registry-sample.csv"; tail -n 700 "$DATA/registry-sample.csv" | tac; } >"$world/reverse.csv"
expect 0 as regulator --json push --kind registry-entry "$world/reverse.csv"
lines "$world/out" '"duplicate"' 700

# GB18030 and a byte-order mark read as the same rows.
iconv -f UTF-8 -t GB18030 "$DATA/registry-sample.csv" >"$world/gb.csv"
{ printf '\xef\xbb\xbf'; cat "$DATA/registry-sample.csv"; } >"$world/bom.csv"
for file in gb bom; do
    expect 0 as regulator --json push --kind registry-entry "$world/$file.csv"
    lines "$world/out" '"duplicate"' 2000
done

# A removal reaches every other platform; a changed row is refused, and with --update is the next version.
event='ref,uscc,violation,certainty,measures,decided_at'
printf '%s\nc1,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL;ENTRY_BAN,2026-03-02\n' "$event" >"$world/e.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e.csv"
printf '%s\nc0,91999999MA00000154,BADNESS,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' "$event" >"$world/bad.csv"
expect 3 as platform-01 push --kind enforcement-event "$world/bad.csv"
holds "$world/err" '^line 2: rejected: violation: not in the table of violations \(VIOLATION_UNKNOWN\)$'
printf '%s\nc0,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2126-03-02\n' "$event" >"$world/future.csv"
expect 3 as platform-01 push --kind enforcement-event "$world/future.csv"
holds "$world/err" '^line 2: rejected: decided_at: is a day that has not come yet \(DATE_INVALID\)$'
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
holds "$world/out" '"advice":"DENY","reasons":\[\{"code":"LIVE_REMOVAL","violation":"COUNTERFEIT","certainty":"ESTABLISHED_BY_PLATFORM","state":"ACTIVE","decided_at":"2026-03-02"'
sed -i 's/COUNTERFEIT/PIRATED/' "$world/e.csv"
expect 3 as platform-01 --json push --kind enforcement-event "$world/e.csv"
holds "$world/out" '"code":"CHANGED"'
expect 0 as platform-01 --json push --update --kind enforcement-event "$world/e.csv"
holds "$world/out" '"accepted"'
expect 0 as platform-01 --json push --update --kind enforcement-event "$world/e.csv"
holds "$world/out" '"duplicate"'
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
holds "$world/out" 'LIVE_REMOVAL","violation":"PIRATED"'

# Back to what it said first: the newest is what it is compared with, by a profile that knows nothing of it either.
cp "$world/e.csv" "$world/pirated.csv"
sed 's/PIRATED/COUNTERFEIT/' "$world/e.csv" >"$world/first.csv"
expect 0 as platform-01 --json push --update --kind enforcement-event "$world/first.csv" --receipts "$world/third.jsonl"
holds "$world/out" '"accepted"'
third=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' "$world/out")
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
holds "$world/out" 'LIVE_REMOVAL","violation":"COUNTERFEIT"'
lines "$world/out" 'PIRATED' 0
cp -r "$world/fed/members/platform-01" "$world/fed/members/fresh"
rm -rf "$world/fed/members/fresh/spool" "$world/fed/members/fresh/state"
for who in platform-01 fresh; do
    expect 0 as $who --json push --update --kind enforcement-event "$world/first.csv"
    holds "$world/out" "\"line\":2,\"status\":\"duplicate\",\"index\":$third\\}"
    expect 0 as $who --json push --kind enforcement-event "$world/first.csv"
    holds "$world/out" '"duplicate"'
    expect 3 as $who --json push --kind enforcement-event "$world/pirated.csv"
    holds "$world/out" '"code":"CHANGED"'
done
expect 0 as fresh evidence export "$third" --out "$world/third.evidence"
expect 0 as fresh evidence trust --out "$world/trust"
expect 0 "$LIANFANG" --json evidence verify "$world/third.evidence" --trust "$world/trust"
holds "$world/out" '"ref":"c1","version":3'
expect 0 as fresh --json push --update --kind enforcement-event "$world/pirated.csv"
holds "$world/out" '"accepted"'
# In one file only the last row of a ref says what holds now; the file again changes nothing.
{ cat "$world/pirated.csv"; tail -n 1 "$world/first.csv"; tail -n 1 "$world/pirated.csv"; } | sed 's/^c1,/c1b,/' >"$world/history.csv"
expect 0 as platform-01 --json push --update --kind enforcement-event "$world/history.csv"
lines "$world/out" '"accepted"' 3
expect 0 as platform-01 --json push --update --kind enforcement-event "$world/history.csv"
lines "$world/out" '"duplicate"' 3
expect 0 as platform-01 withdraw --ref c1b

# A row that stands there twice has one receipt; what is swallowed by a look for newer versions has its own.
{ cat "$world/pirated.csv"; tail -n 1 "$world/pirated.csv"; } | sed 's/^c1,/c1c,/' >"$world/twice.csv"
for more in "" "" --update; do
    expect 0 as platform-01 --json push $more --kind enforcement-event "$world/twice.csv" --receipts "$world/twice$more.jsonl"
    lines "$world/twice$more.jsonl" '"receipt"' 1
done
expect 0 as platform-01 withdraw --ref c1c

# JSON Lines and renamed columns.
printf '{"case":"c2","uscc":"91999999MA0000023Y","violation":"COUNTERFEIT","certainty":"SUSPECTED","measures":"REMOVAL","amount_fen":5}\n' >"$world/e.jsonl"
expect 2 as platform-01 push --kind enforcement-event "$world/e.jsonl"
holds "$world/err" "column 'case' is not known"
echo 'case=ref' >"$world/map"
expect 0 as platform-01 push --kind enforcement-event "$world/e.jsonl" --map "$world/map"
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA0000023Y
holds "$world/out" 'MANUAL_REVIEW.*SUSPECTED_REMOVAL'
# A list of measures is the same row as their text; other lists are none. A map names columns that are there.
printf '{"case":"l1","uscc":"91999999MA0000031R","violation":"COUNTERFEIT","certainty":"SUSPECTED","measures":%s,"note":%s}\n' \
    '["WARN","POINTS"]' '"a"' '"WARN;POINTS"' '"a"' '["WARN;POINTS"]' '"a"' '["WARN",1]' '"a"' '"WARN"' '["a"]' >"$world/list.jsonl"
expect 3 as platform-01 --json push --kind enforcement-event "$world/list.jsonl" --map "$world/map"
holds "$world/out" '"line":1,"status":"accepted"'
holds "$world/out" '"line":2,"status":"duplicate"'
lines "$world/out" '"line":[34],"status":"rejected","code":"WIRE_MALFORMED"' 2
holds "$world/out" '"line":5,"status":"rejected","code":"WIRE_MALFORMED","field":"note","message":"is a list, not one text"'
# The same in an array of rows, and by lines whatever the file is called.
{ echo '{"data":['; paste -sd, "$world/list.jsonl"; echo ']}'; } >"$world/list.json"
cp "$world/list.jsonl" "$world/list.txt"
for file in list.json list.txt; do
    expect 3 as platform-01 --json push --kind enforcement-event "$world/$file" --map "$world/map"
    lines "$world/out" '"status":"duplicate"' 2
    lines "$world/out" '"status":"rejected","code":"WIRE_MALFORMED","field":"measures","message":"has a field that is neither' 2
    lines "$world/out" '"status":"rejected","code":"WIRE_MALFORMED","field":"note","message":"is a list' 1
done
echo 'csae=ref' >"$world/typo"
expect 2 as platform-01 push --kind enforcement-event "$world/list.jsonl" --map "$world/typo"
holds "$world/err" "typo: 'csae' is no column of the file"
printf 'shop_id,uscc,ref,violation,certainty\nm1,91999999MA0000031R,s1,COUNTERFEIT,SUSPECTED\n' >"$world/swap.csv"
printf 'shop_id=ref\nref=shop_id\n' >"$world/swap"
expect 0 as platform-01 --json push --kind enforcement-event "$world/swap.csv" --map "$world/swap"
expect 0 as platform-01 --json withdraw --ref m1
expect 0 as platform-01 --json withdraw --ref l1
expect 0 as platform-01 withdraw --ref c2
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA0000023Y
if grep -q SUSPECTED_REMOVAL "$world/out"; then fail "withdrawn, and still told"; fi

# A stray quote would swallow the rows after it: the file is refused by line before anything is sent.
printf '%s\nq1,91999999MA0000023Y,COUNTERFEIT,CERTAIN,REMOVAL,2026-03-02\nq2,91999999MA0000023Y,"COUNTERFEIT,CERTAIN,REMOVAL,2026-03-02\nq3,x,y,z,,\n' "$event" >"$world/quote.csv"
expect 2 as platform-01 --json push --kind enforcement-event "$world/quote.csv"
holds "$world/err" 'quote.csv: line 3: a quote is not closed'
lines "$world/out" . 0
printf 'uscc,name\n91999999MA0000031R,a "b\n' >"$world/quote.csv"
expect 2 as regulator push --kind registry-entry "$world/quote.csv"
holds "$world/err" 'quote.csv: line 2: '
# Two columns of one name, one of them by --map.
printf 'ref,uscc,ref\n' >"$world/twice.csv"
expect 2 as platform-01 push --kind enforcement-event "$world/twice.csv"
holds "$world/err" "column 'ref' is there twice"
printf 'ref,uscc,case\n' >"$world/twice.csv"
expect 2 as platform-01 push --kind enforcement-event "$world/twice.csv" --map "$world/map"
holds "$world/err" "column 'ref' is there twice"
# More measures than a row takes are told, not cut.
many=$(printf 'REMOVAL;%.0s' $(seq 17))
{ echo "$event"; echo "m1,91999999MA0000023Y,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,$many,"; echo "m2,91999999MA0000023Y,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL$(printf ';%.0s' $(seq 600)),"; } >"$world/measures.csv"
expect 3 as platform-01 --json push --kind enforcement-event "$world/measures.csv"
lines "$world/out" '"rejected","code":"TOO_BIG","field":"measures"' 2
# A row is told by the line where it begins, whatever blank lines and quoted ends of line are before it.
printf 'uscc,name\r\n\r\n91999999MA00000154,"a\nb"\n   \nbad,c\rworse,d' >"$world/lines.csv"
expect 3 as regulator --json push --kind registry-entry "$world/lines.csv"
lines "$world/out" '"line":(6|7),"status":"rejected","code":"USCC' 2
lines "$world/out" '"line":3,' 1

# Advice: an active fixture is allowed, an unknown status is for a person, a malformed code has its own error.
printf 'uscc,status\n91999999MA0000031R,存续\n92999999MA0000031N,ACTIVE\n91999999MA000004XH,吊销,未注销\n91999999MA0000058H,"吊销,未注销"\n91999999MA0000066C,好\n' >"$world/active.csv"
expect 3 as regulator --json push --kind registry-entry "$world/active.csv" # words of registers are known, others are not
lines "$world/out" '"accepted"' 3
holds "$world/out" '"line":4,"status":"rejected","code":"WIRE_MALFORMED"'
holds "$world/out" '"line":6,"status":"rejected","code":"STATUS_UNKNOWN"'
expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA0000058H
holds "$world/out" '"DENY".*REGISTRY_REVOKED'
expect 0 as platform-02 screen --purpose ONBOARDING 91999999MA0000031R
holds "$world/out" 'ALLOW$'
expect 3 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000155
holds "$world/out" '"error":"USCC_CHECK_DIGIT"'
expect 2 as platform-02 screen 91999999MA0000031R
expect 0 as platform-02 screen --purpose ONBOARDING --file "$DATA/registry-sample.csv" --column uscc --out "$world/advice"
lines "$world/advice" 'MANUAL_REVIEW' 2000

# Who may not say it at all is told so once, with the number of rows; for a program each row has its line.
expect 5 as platform-01 push --kind registry-entry "$DATA/registry-sample.csv"
lines "$world/err" . 3
lines "$world/err" '^line 2: rejected: .*KIND_NOT_ALLOWED' 1
holds "$world/err" '^and 1999 more rows for the same reason$'
holds "$world/err" '^0 accepted, 0 duplicates, 2000 rejected$'
expect 5 as platform-01 --json push --kind registry-entry "$DATA/registry-sample.csv"
lines "$world/out" '"rejected","code":"KIND_NOT_ALLOWED"' 2000

expect 0 as platform-02 log audit
holds "$world/out" 'the log is whole'
stop
grep -q event=stopped "$world/log" || fail "the gateway did not stop in order"
expect 0 as platform-02 receipt verify "$world/receipts"
holds "$world/out" '^2000 receipts hold, 0 do not'
# One bit in any byte of a record's envelope, its path through the batch among them, and the receipt is of something else.
python3 - "$world/receipts" "$world/flipped" <<'PY'
import json, sys
line = json.loads(open(sys.argv[1]).readline())
whole = bytearray.fromhex(line["envelope"])
with open(sys.argv[2], "w") as out:
    for at in range(len(whole)):
        whole[at] ^= 1
        out.write(json.dumps(dict(line, envelope=whole.hex())) + "\n")
        whole[at] ^= 1
PY
expect 1 as platform-02 receipt verify "$world/flipped"
holds "$world/out" '^0 receipts hold, [1-9][0-9]* do not'
sed -i '7s/"receipt":"c2sp/"receipt":"c3sp/' "$world/receipts"
expect 1 as platform-02 receipt verify "$world/receipts"
echo good
