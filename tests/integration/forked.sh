# A gateway with two histories and its witness: the witness cosigns one of them, keeps what shows the other, and the lying
# gateway publishes without. Many processes that bring both histories at once change nothing of that.
. "$(dirname "$0")/witnessed.sh"

published() { curl -s "$(public)/ledger/checkpoint"; }
size_now() { as auditor --json log checkpoint | sed 's/.*"size":\([0-9]*\),.*/\1/'; }
codes=(91999999MA00000154 92999999MA00000151 92999999MA0000023U 92999999MA0000031N)
push() { # MEMBER NAME COUNT
    { echo 'ref,uscc,violation,certainty,measures'
      for i in $(seq "$3"); do echo "$2-$i,${codes[$((i % 4))]},COUNTERFEIT,SUSPECTED,REMOVAL"; done; } >"$world/$2.csv"
    expect 0 as "$1" push --kind enforcement-event "$world/$2.csv" --receipts "$world/$2.receipts"
}
keep() { stop; cp -r "$world/fed/data" "$1"; serve; }
swap() { stop; rm -rf "$world/fed/data"; cp -r "$1" "$world/fed/data"; serve; }
# body OLD NOTE OUT: an add-checkpoint request with the proof, recomputed from the tiles that the gateway publishes now
body() {
    curl -sf "$(public)/ledger/tile/0/000.p/$(sed -n 2p "$2")" >"$world/tile"
    python3 - "$1" "$2" "$world/tile" "$3" <<'PY'
import base64, hashlib, sys
old, note, tile, out = int(sys.argv[1]), open(sys.argv[2], "rb").read(), open(sys.argv[3], "rb").read(), sys.argv[4]
leaves = [tile[i:i + 32] for i in range(0, len(tile), 32)]
def half(n):
    return 1 << (n - 1).bit_length() - 1
def root(h):
    return h[0] if len(h) == 1 else hashlib.sha256(b"\x01" + root(h[:half(len(h))]) + root(h[half(len(h)):])).digest()
def proof(m, h, whole):
    if m == len(h):
        return [] if whole else [root(h)]
    k = half(len(h))
    return proof(m, h[:k], whole) + [root(h[k:])] if m <= k else proof(m - k, h[k:], False) + [root(h[:k])]
assert len(leaves) == int(note.split(b"\n")[1]) and base64.b64encode(root(leaves)) == note.split(b"\n")[2], "tiles and head differ"
lines = b"".join(base64.b64encode(p) + b"\n" for p in proof(old, leaves, True))
open(out, "wb").write(b"old %d\n" % old + lines + b"\n" + note)
PY
}
post() { curl -s -o "$world/told" -w '%{http_code}\n' --data-binary "@$1" "$witness_url/add-checkpoint"; }

# ---- the true history is cosigned ----
push platform-01 first 5
await '[ "$(witnessed_size)" = "$(size_now)" ]' "the witness did not cosign"
await 'published | grep -q "^— wit.example/witness "' "the cosignature is not published"
common=$(witnessed_size)

# ---- receipts: their own head has no witness; refreshed, they prove themselves under one that has ----
receipts=$world/first.receipts
cp "$receipts" "$world/asis.receipts"
expect 1 "$LIANFANG" receipt verify "$receipts" --policy "$world/fed/policy"
holds "$world/out" '^0 receipts hold, 5 do not$'
holds "$world/err" 'too few witnesses'
expect 0 as platform-01 --json receipt refresh "$receipts" --out "$world/fresh.receipts"
holds "$world/out" '"refreshed":5,"left":0'
cmp "$receipts" "$world/asis.receipts" || fail "--out changed the file itself"
expect 0 "$LIANFANG" receipt verify "$world/fresh.receipts" --policy "$world/fed/policy"
holds "$world/out" '^5 receipts hold, 0 do not$'
expect 0 "$LIANFANG" receipt verify "$world/fresh.receipts" --key "$(vkey fed ledger)"
expect 0 as platform-01 receipt refresh "$receipts" # in place
lines "$receipts" 'wit.example/witness' 5
# Another witness's key, another log, a bent line of the witness's: each is refused; a bent receipt is not refreshed.
sed "s#$(vkey wit witness)#$(vkey fed witness)#" "$world/fed/policy" >"$world/policy.other"
expect 1 "$LIANFANG" receipt verify "$receipts" --policy "$world/policy.other"
sed "s#^log .*#log $(vkey wit ledger)#" "$world/fed/policy" >"$world/policy.other"
expect 1 "$LIANFANG" receipt verify "$receipts" --policy "$world/policy.other"
holds "$world/err" 'a log that the policy does not name'
sed '1s/index /index 1/' "$receipts" >"$world/bent.receipts"
expect 1 as platform-01 receipt refresh "$world/bent.receipts"
holds "$world/err" '^line 1: '
holds "$world/out" '^4 receipts refreshed, 1 left'
expect 2 as platform-01 receipt refresh "$world/fed/policy"
expect 2 "$LIANFANG" receipt refresh "$receipts"

keep "$world/early"
witness_stop
cp -r "$world/wit" "$world/wit.common"
witness_serve
push platform-01 second 20
await '[ "$(witnessed_size)" = "$(size_now)" ]' "the witness did not follow"
as auditor log checkpoint >"$world/a.note"
body "$common" "$world/a.note" "$world/a.body"
keep "$world/true"

# ---- the lie: from the early copy on, other records, and more of them ----
late=$(grep -c event=witness-late "$world/log" || true)
swap "$world/early"
push platform-03 other 40
await '[ "$(grep -c event=witness-late "$world/log")" -gt '"$late"' ]' "nobody says that the witness is late"
as platform-03 log checkpoint >"$world/b.note"
body "$common" "$world/b.note" "$world/b.body"
body "$(witnessed_size)" "$world/b.note" "$world/b-later.body"
cmp <(witnessed | sed -n 1,3p) <(sed -n 1,3p "$world/a.note") || fail "the witness left the history that it had cosigned"
[ "$(post "$world/b.body")" = 409 ] || fail "a fork from an older size was not a conflict"
[ "$(cat "$world/told")" = "$(witnessed_size)" ] || fail "the witness does not tell where it stands"
[ "$(post "$world/b-later.body")" = 422 ] || fail "a fork was cosigned"
await '[ "$(published | sed -n 2p)" = "$(sed -n 2p "$world/b.note")" ]' "the lying gateway stopped publishing"
if published | grep -q wit.example; then fail "a cosignature on the second history"; fi
grep -qaF "$(sed -n 3p "$world/b.note")" "$world"/wit/data/* || fail "the witness kept no evidence of the fork"
# A member of the first history sees it, too.
expect 1 as platform-01 log checkpoint
holds "$world/err" 'TWO HISTORIES'
lines "$(ls "$world"/fed/members/platform-01/state/fork-*.txt)" '^— test.example/ledger ' 2

# ---- the race: the witness stands at the common size, and many processes bring both histories at once ----
stop # the gateway takes no part
witness_stop
won=""
for round in 1 2 3 4 5 6; do
    rm -rf "$world/wit"
    cp -r "$world/wit.common" "$world/wit"
    witness_serve
    posting=()
    : >"$world/codes"
    for _ in 1 2 3 4 5 6 7 8; do
        for h in a b; do
            { code=$(curl -s -o /dev/null -w '%{http_code}' --data-binary "@$world/$h.body" "$witness_url/add-checkpoint"); echo "$h $code" >>"$world/codes"; } &
            posting+=($!)
        done
    done
    for one in "${posting[@]}"; do wait "$one" || fail "a client could not ask"; done
    lines "$world/codes" ' 200$' 1
    lines "$world/codes" ' 409$' 15
    h=$(sed -n 's/ 200$//p' "$world/codes")
    cmp <(witnessed | sed -n 1,3p) <(sed -n 1,3p "$world/$h.note") || fail "round $round: what is stored is not what was cosigned"
    won="$won$h"
    witness_stop
done
echo "good: the histories that won: $won"
