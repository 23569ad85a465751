# Evidence, from a gateway to a court: exported with attachments and hidden parts, verified with the gateway stopped.
. "$(dirname "$0")/world.sh"
"$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' "$world/log")
sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$world"/fed/members/*/profile.conf

printf 'the picture of three samples' >"$world/picture.jpg"
head -c 4000000 /dev/zero >"$world/film.mp4"
printf 'never named' >"$world/other.jpg"
hash() { sha256sum "$1" | cut -d' ' -f1; }
printf 'ref,uscc,shop_id,violation,certainty,measures,decided_at,evidence_sha256,note\nc1,91999999MA00000154,s-9,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,%s,三件样品\nc2,92999999MA00000151,s-7,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,%s,一部录像\n' \
    "$(hash "$world/picture.jpg")" "$(hash "$world/film.mp4")" >"$world/e.csv"
expect 0 as platform-01 --json push --kind enforcement-event "$world/e.csv"
first=$(sed -n '1s/.*"index":\([0-9]*\).*/\1/p' "$world/out")
second=$(sed -n '2s/.*"index":\([0-9]*\).*/\1/p' "$world/out")
expect 0 as platform-01 --json withdraw --ref c2
last=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' "$world/out")

# What a stranger believes: written down once, from what the operator publishes.
expect 0 as auditor --json log prove 0
genesis=$(sed -n 's/.*"leaf":"\([0-9a-f]*\)".*/\1/p' "$world/out")
trust() { printf 'lianfang-trust/v1\norigin test.example/ledger\ngenesis %s\n\nlog %s\nquorum none\n' "$genesis" "$(as auditor log keys ledger)"; }
trust >"$world/trust"
expect 0 as auditor evidence trust --out "$world/written"
cmp "$world/written" "$world/trust" || fail "not the trust file that was written by hand"
cmp "$world/out" "$world/trust" || fail "it was not shown"
holds "$world/err" 'compare it with what the operator publishes elsewhere'
expect 2 as auditor evidence trust --out "$world/written" # never over another
holds "$world/err" written
witness="$(as auditor log keys witness)"
printf 'log %s\nwitness w %s\nquorum w\n' "$(as auditor log keys ledger)" "$witness" >"$world/policy"
expect 0 as auditor evidence trust --policy "$world/policy" --out "$world/witnessed"
{ head -n 4 "$world/trust"; cat "$world/policy"; } | cmp - "$world/witnessed" || fail "not the policy as it was given"
printf 'log %s\nquorum none\n' "$(as auditor log keys access)" >"$world/policy"
expect 1 as auditor evidence trust --policy "$world/policy" --out "$world/other"
holds "$world/err" TRUST_BAD
"$LIANFANGD" init "$world/twin" --name test.example --dev --listen 127.0.0.1:1 >/dev/null
printf 'log %s\nquorum none\n' "$(sed -n 's/^ledger = //p' "$world/twin/members/auditor/profile.conf")" >"$world/policy"
expect 1 as auditor evidence trust --policy "$world/policy" --out "$world/other" # of the same name, and another ledger
holds "$world/err" POLICY_BAD
printf 'quorum nobody\n' >"$world/policy"
expect 1 as auditor evidence trust --policy "$world/policy" --out "$world/other"
[ ! -e "$world/other" ] || fail "an unusable trust file was made"
expect 2 as auditor evidence trust

mkdir "$world/proofs"
expect 0 as platform-01 --json evidence export "$last" "$first" "$second" --attach "$world/picture.jpg" \
    --attach "$world/film.mp4" --out "$world/all.evidence" --tlog-proof "$world/proofs"
holds "$world/out" '"published":true.*"genesis":"'"$genesis"'","beside":1'
expect 0 as platform-01 evidence export "$first" --hide REGULATOR --hide PERSONAL --out "$world/hidden.evidence"
# What another may read is all that its evidence shows.
expect 0 as platform-02 evidence export "$first" --out "$world/others.evidence"
grep -q 三件样品 "$world/all.evidence" || fail "the whole bundle does not hold the note"
for file in hidden others; do
    if grep -qa 三件样品 "$world/$file.evidence"; then fail "a hidden part is in $file.evidence"; fi
done
# With the Member record since which its key is so, the key's own dates and use are proven, too.
expect 0 as platform-01 --json evidence verify "$world/hidden.evidence" --trust "$world/trust"
since=$(sed -n 's/.*"since":\([0-9]*\).*/\1/p' "$world/out")
holds "$world/out" '"not_proven":.*"KEY_DATES"'
expect 0 as platform-01 evidence export 0 "$since" "$first" --out "$world/dated.evidence"
expect 0 as platform-01 --json evidence verify "$world/dated.evidence" --trust "$world/trust"
if grep -q KEY_DATES "$world/out"; then fail "the Member record says what the key's dates are"; fi
expect 0 as platform-01 evidence export 0 "$since" "$first" --hide PUBLIC --out "$world/undated.evidence"
expect 0 as platform-01 --json evidence verify "$world/undated.evidence" --trust "$world/trust"
holds "$world/out" '"not_proven":.*"KEY_DATES"'
# What the authority said, the genesis too, is proven like any other record.
expect 0 as auditor evidence export 0 3 --out "$world/authority.evidence"
expect 0 as auditor evidence export 3 --out "$world/member.evidence"
expect 0 as auditor evidence export 3 --hide PUBLIC --out "$world/hushed.evidence"
holds "$world/proofs/$first.tlog-proof" '^c2sp.org/tlog-proof@v1$'
[ "$(ls "$world/proofs" | wc -l)" -eq 3 ] || fail "not three proofs"

# What cannot be exported: what is named nowhere, is hidden with the part that names it, is there already, is no entry.
expect 1 as platform-01 evidence export "$first" --attach "$world/other.jpg" --out "$world/none"
holds "$world/err" 'no record shown here names its hash'
expect 1 as platform-01 evidence export "$first" --hide REGULATOR --attach "$world/picture.jpg" --out "$world/none"
expect 2 as platform-01 evidence export "$first" --out "$world/all.evidence"
expect 1 as platform-01 evidence export 999999 --out "$world/none"
holds "$world/err" INDEX_RANGE
expect 2 as platform-01 evidence export "$first" --hide NOBODY --out "$world/none"
expect 2 as platform-01 evidence export
expect 2 as platform-01 evidence export three
[ ! -e "$world/none" ] || fail "a file of nothing"
stop

# No gateway, no profile, no network: only the file and the trust file.
verify() { "$LIANFANG" "$@"; }
expect 0 verify --json evidence verify "$world/all.evidence" --trust "$world/trust" --attach "$world/film.mp4" --report "$world/report.html"
python3 - "$world/out" "$first" "$second" "$last" <<'PY' || fail "what the verification tells"
import json, sys
told = json.loads(open(sys.argv[1]).readline())
first, second, last = map(int, sys.argv[2:])
assert told["proven"] is True and told["origin"] == "test.example/ledger", told
assert [r["index"] for r in told["records"]] == sorted([first, second, last]), told
one, two, withdrawal = told["records"]
fields = [(f["name"], f["value"]) for f in one["fields"]]
assert ("uscc", "91999999MA00000154") in fields and ("note", "三件样品") in fields, fields
assert all(p["shown"] for p in one["parts"]) and one["signatures"][0]["status"] == "ACTIVE", one
assert one["issuer"] == "platform-01" and one["accepted_at"].endswith("+08:00"), one
assert one["later"] == [] and two["later"][0] == {"index": last, "kind": "Correction", "decision": "WITHDRAWN", "issuer": "platform-01"}, two
assert [a["checked"] for a in told["attachments"]] == [True, True], told
assert told["not_proven"] == ["CONTENT", "LATER", "KEY_DATES", "WITNESSED", "ATTACHMENT_NAMES"], told
PY
holds "$world/report.html" '<title>联防台账电子证据核验报告</title>'
holds "$world/report.html" '成立：下列各项均已证明'
holds "$world/report.html" '三件样品'
holds "$world/report.html" '未证明的事项'
holds "$world/report.html" '附件的文件名'
expect 0 verify evidence verify "$world/hidden.evidence" --trust "$world/trust" --report "$world/report.txt"
holds "$world/out" '^  REGULATOR  HIDDEN, SHA-256 [0-9a-f]{64}$'
holds "$world/out" '^not proven:$'
holds "$world/report.txt" '监管可见：未出示（隐藏或已依法删除）'
if grep -q 三件样品 "$world/report.txt" "$world/out"; then fail "what is hidden was told"; fi
expect 0 verify evidence verify "$world/others.evidence" --trust "$world/trust"
expect 0 verify --json evidence verify "$world/authority.evidence" --trust "$world/trust"
holds "$world/out" '"kind":"Genesis".*"kind":"Member"'
if grep -q THRESHOLD "$world/out"; then fail "the genesis says how many had to sign"; fi
expect 0 verify --json evidence verify "$world/member.evidence" --trust "$world/trust"
holds "$world/out" '"kind":"Genesis".*"kind":"Member"' # it comes along
if grep -q THRESHOLD "$world/out"; then fail "the genesis says how many had to sign"; fi
expect 0 verify --json evidence verify "$world/hushed.evidence" --trust "$world/trust"
holds "$world/out" '"not_proven":.*"THRESHOLD"'
expect 0 verify --json evidence verify "$world/all.evidence" --trust "$world/trust"
holds "$world/out" '"name":"film.mp4".*"checked":false'

# Another genesis, another log, a quorum that nobody meets, a bent file, a cut file, trust files that are none.
sed "s/^genesis ./genesis $([ "${genesis:0:1}" = 0 ] && echo 1 || echo 0)/" "$world/trust" >"$world/wrong"
expect 1 verify --json evidence verify "$world/all.evidence" --trust "$world/wrong" --report "$world/no.txt"
holds "$world/out" '"proven":false,"reason":"GENESIS_OTHER"'
holds "$world/no.txt" '结论：不成立'
{ sed '/^log /,$d' "$world/trust"; echo "log $(sed -n 's/^ledger = //p' "$world/twin/members/auditor/profile.conf")"; echo 'quorum none'; } >"$world/wrong"
expect 1 verify --json evidence verify "$world/all.evidence" --trust "$world/wrong"
holds "$world/out" '"reason":"SIGNATURE_MISSING"'
{ sed '/^quorum/d' "$world/trust"; echo "witness w $(sed -n 's/^witness = //p' "$world/twin/members/auditor/profile.conf")"; echo 'quorum w'; } >"$world/wrong"
expect 1 verify --json evidence verify "$world/all.evidence" --trust "$world/wrong"
holds "$world/out" '"reason":"QUORUM_MISSING"'
sed 's/三件样品/四件样品/' "$world/all.evidence" >"$world/bent"
expect 1 verify --json evidence verify "$world/bent" --trust "$world/trust"
holds "$world/out" '"reason":"PART_HASH","field":"records.'"$first"'.parts.body"'
head -c 900 "$world/all.evidence" >"$world/cut"
expect 1 verify evidence verify "$world/cut" --trust "$world/trust"
for wrong in "$world/none" "$world/e.csv" "$world/all.evidence"; do
    expect 2 verify evidence verify "$world/all.evidence" --trust "$wrong"
done
expect 2 verify evidence verify "$world/all.evidence"
expect 2 verify evidence verify "$world/none" --trust "$world/trust"
expect 1 verify evidence verify "$world/all.evidence" --trust "$world/trust" --report /dev/full
echo good
