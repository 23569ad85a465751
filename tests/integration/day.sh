# day.sh SUBJECTS SEED: a simulated day of questions by several members. Afterwards the meter is exact, the access log is
# complete, and the digest of every answer is in it.
subjects=$1 seed=$2
. "$(dirname "$0")/world.sh"
open_world
members=$(cd "$world/fed/members" && ls -d platform-*)

head -n 401 "$DATA/registry-sample.csv" >"$world/registry.csv"
expect 0 as regulator push --kind registry-entry "$world/registry.csv"
cut -d, -f1 "$world/registry.csv" | tail -n +2 >"$world/codes"
printf '91999999MA00000154\n91999999MA00000155\n11010519491231002X\n' >>"$world/codes" # unknown, malformed, an ID number
{ echo 'ref,uscc,violation,certainty,measures'
  i=0
  while read -r code; do i=$((i + 1)); echo "r$i,$code,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL"; done < <(sed -n 1~7p "$world/registry.csv" | cut -d, -f1 | tail -n +2); } >"$world/events.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/events.csv"

claim S4-24.1 "$subjects questions in one simulated day, each answered, and as many on the meter"
profiles=()
for member in $members; do profiles+=("$world/fed/members/$member/profile.conf"); done
"$DAY" "$world/asked" "$subjects" "$seed" "$world/codes" "${profiles[@]}" || fail "a question was not answered"
expect 0 as auditor --json log access
cp "$world/out" "$world/access"
expect 0 "$LIANFANGD" meter --config "$world/fed/gateway.conf" --json
cp "$world/out" "$world/meter"

cat >"$world/compare.py" <<'PY'
import collections, datetime, json, sys
asked, access, meter, subjects = sys.argv[1:]
zone = datetime.timezone(datetime.timedelta(hours=8))
entries = {e["index"]: e for e in map(json.loads, open(access)) if e["act"] == "SCREEN"}
want = collections.Counter()
seen = set()
for line in open(asked):
    member, purpose, count, index, digest = line.rstrip("\n").split("\t")
    e = entries[int(index)]
    assert int(index) not in seen, "two questions have one entry"
    seen.add(int(index))
    assert (e["member"], e["purpose"], e["subjects"], e["result_sha256"]) == (member, purpose, int(count), digest), (line, e)
    assert len(e["tokens"]) == int(count), e
    assert bool(e["case"]) == (purpose == "INVESTIGATION"), e
    day = datetime.datetime.fromtimestamp(e["at_ms"] / 1000, zone).strftime("%Y-%m-%d")
    want[day, member, purpose] += int(count)
    want[day, member, ""] += int(count)
assert seen == set(entries), "the access log has questions that nobody asked, or lacks some"
got = {(m["day"], m["member"], m["purpose"]): m["subjects"] for m in map(json.loads, open(meter))}
assert got == dict(want), (got, want)
total = sum(n for (_, _, purpose), n in got.items() if purpose == "")
assert total == int(subjects), total
print(f"{len(seen)} questions about {total} subjects by {len({m for _, m, _ in got})} members: entries, digests and meter agree")
PY
expect 0 python3 "$world/compare.py" "$world/asked" "$world/access" "$world/meter" "$subjects"
cat "$world/out"
# The comparison can fail: one digest, one purpose, one question left out.
sed '3s/\(.*\)\t.*/\1\t0000/' "$world/asked" >"$world/bent"
expect 1 python3 "$world/compare.py" "$world/bent" "$world/access" "$world/meter" "$subjects"
sed 2d "$world/asked" >"$world/bent"
expect 1 python3 "$world/compare.py" "$world/bent" "$world/access" "$world/meter" "$subjects"
expect 0 "$LIANFANGD" meter --config "$world/fed/gateway.conf" --member platform-02
lines "$world/out" '	\(all\)	' "$(cut -f1 "$world/out" | sort -u | wc -l)"
expect 2 "$LIANFANGD" meter

stop
echo good
