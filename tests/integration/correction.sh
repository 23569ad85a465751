# A correction reaches everybody who had the accusation: those who acted, those without a shop, one who was offline, one with a mirror
# only, one who was suspended meanwhile and one who was when the accusation came. After the last answer nobody goes by it, and the
# ledger proves when each was told.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
# One merchant a way of taking back; the last two are accused and never cleared, the very last while two are suspended.
codes=(91999999MA00000154 91999999MA0000023Y 91999999MA0000031R 91999999MA000004XH 91999999MA0000058H 91999999MA0000066C
    91999999MA00000747 91999999MA00000822 92999999MA00000151)
cleared=("${codes[@]:0:7}") stands=${codes[7]} later=${codes[8]}
purpose=(--purpose ONBOARDING)
lacks() { if grep -qE -- "$2" "$1"; then cat "$1" >&2; fail "'$2' in $1"; fi; }
size() { as auditor --json log checkpoint | sed -n 's/.*"size":\([0-9]*\).*/\1/p'; }
{ echo 'uscc,name,status,effective_from,legal_basis'
  for code in "${codes[@]}"; do echo "$code,某某商行,ACTIVE,2020-01-01,STATUTORY_DUTY"; done; } >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
accuse() { # MEMBER FIRST LAST REF
    { echo 'ref,uscc,violation,certainty,measures,decided_at,legal_basis'
      for i in $(seq "$2" "$3"); do
          echo "$4$i,${codes[i]},COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,STATUTORY_DUTY"
      done; } >event.csv
    expect 0 as "$1" push --kind enforcement-event event.csv --spool "spool-$4"
}
{ echo uscc; printf '%s\n' "${codes[@]}"; } >codes.csv
# What a member's own copy says, CODE ADVICE REASONS a line.
copy() {
    expect 0 as "$1" mirror screen --file codes.csv --column uscc --out "copy-$1.csv"
    tail -n +2 "copy-$1.csv" | cut -d, -f2,5,6 >"copy-$1"
}
sync() { expect 0 as "$1" mirror sync "${@:2}"; }
standing() { # suspend or reinstate, MEMBER
    expect 0 as regulator --json member "$1" "$2" --authority-key fed/authority.key --note 调查
    holds out '"accepted":true'
}
accused_lines() { lines "copy-$1" 'DENY,LIVE_REMOVAL:COUNTERFEIT' "$2"; }

# ---- the accusation, and what each has made of it ----
sync platform-06 --confirm
sync platform-07
standing suspend platform-07
accuse platform-01 0 7 c
for i in 0 1 2 3 4 5 6 7; do
    as platform-01 --json watch --once --kinds EnforcementEvent | grep "\"ref\": *\"c$i\"" >found
    event[i]=$(sed -n 's/^{"index": *\([0-9]*\).*/\1/p' found)
    id[i]=$(sed -n 's/.*"record": *"\([0-9a-f]*\)".*/\1/p' found)
done
answers() { # MEMBER ANSWER FILE [RULE]: to each entry of the file, ISSUER RECORD a line
    { echo 'target_issuer,target_record_id,answer,rule,reason'
      while read -r issuer record; do echo "$issuer,$record,$2,${4:-},"; done <"$3"; } >said.csv
    expect 0 as "$1" push --kind disposition said.csv --spool "spool-$1-$2-$3"
}
for i in 0 1 2 3 4 5 6; do echo "platform-01 ${id[i]}"; done >accusations
answers platform-02 ACTIVE_SHOP accusations
answers platform-02 REMOVED accusations P02-R-1
answers platform-03 NO_SHOP accusations
answers platform-08 RESTRICTED accusations P08-R-2
{ echo 'uscc,reason,from'; echo "${codes[0]},自行决定,2026-03-03"; } >ban.csv # its own decision, not the accusation's
expect 0 as platform-08 push --kind entry-ban ban.csv
for member in platform-02 platform-05 platform-06; do
    sync $member --confirm
    copy $member
    accused_lines $member 8
done
sync platform-07
copy platform-07
accused_lines platform-07 0
for member in platform-02 platform-03 platform-09; do
    expect 1 as $member --json screen "${purpose[@]}" "${codes[@]}"
    [ "$(grep -o '"code":"LIVE_REMOVAL"' out | wc -l)" -eq 8 ] || fail "$member does not see the eight"
done
standing suspend platform-06
accuse platform-10 8 8 late
expect 0 as regulator --json report coverage
holds out '"member":"TOTAL","matched":"14","followed_up":"14"'

# ---- taken back, each in its own way ----
before=$(size)
# WRONG_SUBJECT by its issuer
expect 0 as platform-01 correct --ref c0 --reason WRONG_SUBJECT --note 主体错误
# APPEAL_UPHELD whole: filed by who acted, accepted, looked at by a person, overturned
expect 0 as platform-02 appeal "${event[1]}" FILED --reason 并非本店
expect 1 as platform-03 --json screen "${purpose[@]}" "${codes[1]}"
holds out '"advice":"MANUAL_REVIEW","reasons":\[\{"code":"UNDER_APPEAL"'
expect 0 as regulator appeal "${event[1]}" ACCEPTED
expect 0 as regulator appeal "${event[1]}" HUMAN_REVIEW
expect 0 as regulator appeal "${event[1]}" OVERTURNED --reason 认定有误
about() { expect 0 as "$1" correct --issuer platform-01 --record "$2" --reason "$3"; }
about regulator "${id[2]}" APPEAL_UPHELD
about platform-01 "${id[3]}" IDENTITY_STOLEN
about regulator "${id[4]}" FACT_WRONG
about platform-01 "${id[5]}" REPAIRED
expect 0 as platform-01 withdraw --ref c6
as platform-01 --json watch --once --from "$before" --kinds Correction,Appeal | grep -vE '"step": *"(FILED|ACCEPTED|HUMAN_REVIEW)"' |
    sed 's/.*"index": *\([0-9]*\).*"issuer": *"\([^"]*\)".*"record": *"\([0-9a-f]*\)".*/\1 \2 \3/' >undo
[ "$(wc -l <undo)" -eq 7 ] || fail "not seven entries that take back"
cut -d' ' -f2,3 undo >corrections

# ---- nobody is asked in vain: the tasks of all, and who has not been told yet ----
expect 0 as regulator --json notice list --state OPEN
lines out '"kind":"(Correction|Appeal)"' $((20 * 7)) # 21 platforms but the accuser
expect 0 as platform-02 --json notice list
lines out '"kind":"EnforcementEvent".*"state":"CLOSED","answer":"REMOVED"' 7
report() { expect 0 as regulator --json report corrections "$@"; }
report
lines out '"member":"platform-04","told":"","told_by":""' 7
lines out '"told":"2' 0

# ---- each hears of it in its own way ----
for member in platform-02 platform-03 platform-08; do expect 0 as $member watch --once --confirm; done
answers platform-02 UNDONE corrections
answers platform-03 NOT_USED corrections
answers platform-08 UNDONE corrections
sync platform-05 --confirm
answers platform-05 NOT_USED corrections
sync platform-06 # suspended: what takes back reaches it all the same
copy platform-06
accused_lines platform-06 1
holds copy-platform-06 "^$stands,DENY,LIVE_REMOVAL"
answers platform-06 UNDONE corrections # and it may answer
expect 5 as platform-06 mirror sync --confirm
holds err MEMBER_SUSPENDED
report --about platform-04
lines out '"told":"",' 7
report --about platform-06
lines out '"told":"2[^"]*","told_by":"ANSWERED","told_index":"[0-9]+","state":"CLOSED","answer":"UNDONE"' 7
sync platform-07
copy platform-07
accused_lines platform-07 0
standing reinstate platform-06
standing reinstate platform-07
for member in platform-06 platform-07; do # with all that was kept from it meanwhile
    sync $member --confirm
    expect 0 as $member mirror verify
    copy $member
    accused_lines $member 2
    holds copy-$member "^$stands,DENY,LIVE_REMOVAL"
    holds copy-$member "^$later,DENY,LIVE_REMOVAL"
done
sync platform-04 --confirm # who was offline all the while
for n in 04 07 09 10 11 12 13 14 15 16 17 18 19 20 21; do answers platform-$n NOT_USED corrections; done
expect 0 as auditor watch --once --confirm
for member in regulator platform-01; do expect 0 as $member watch --once --confirm; done

# ---- after the last answer ----
expect 0 as regulator --json notice list
lines out '"kind":"(Correction|Appeal)".*"state":"CLOSED"' $((20 * 7))
lines out '"kind":"(Correction|Appeal)".*"state":"OPEN"' 0
clean() { # FILE: of the cleared nothing but ALLOW, of the two others DENY
    lines "$1" '"advice":"DENY".*LIVE_REMOVAL' 2
    lines "$1" '"advice":"ALLOW","reasons":\[\]' 7
}
platforms=$(ls fed/members | grep '^platform-')
for member in $platforms; do
    expect 1 as $member --json screen "${purpose[@]}" "${codes[@]}"
    python3 - out >each <<'PY'
import json, sys
for line in open(sys.argv[1]):
    for result in json.loads(line).get("results", [json.loads(line)]):
        print(json.dumps(result, separators=(",", ":"), ensure_ascii=False))
PY
    if [ $member = platform-08 ]; then # its own ban is its own
        holds each '"code":"ENTRY_BAN"'
        lines each LIVE_REMOVAL 2
    else
        clean each
    fi
    for code in "${cleared[@]}"; do lacks each "$code.*LIVE_REMOVAL"; done
done
# Nobody's screening, stream, copy, feed or report goes by it
for member in platform-02 platform-04 platform-05 platform-06 platform-07; do
    expect 0 as $member screen "${purpose[@]}" --file codes.csv --column uscc --out "stream-$member.csv"
    lines "stream-$member.csv" LIVE_REMOVAL 2
    sync $member
    copy $member
    for code in "${cleared[@]}"; do holds "copy-$member" "^$code,,\$"; done
    lines "copy-$member" LIVE_REMOVAL 2
    expect 0 as $member mirror verify
done
expect 1 as regulator --json screen --purpose INVESTIGATION --case 2026-1 "${codes[@]}"
[ "$(grep -o '"code":"LIVE_REMOVAL"' out | wc -l)" -eq 2 ] || fail "the regulator sees another picture"
expect 1 as platform-03 --json screen "${purpose[@]}" --as-known "$before" "${codes[0]}" # what was held then is another question
holds out '"code":"LIVE_REMOVAL"'
expect 0 as regulator --json report coverage
lines out . 1
holds out '"member":"TOTAL","matched":"0"'
expect 0 as regulator --json report open-loops
for i in 0 1 2 3 4 5 6; do lines out "\"index\":\"${event[i]}\"" 0; done
expect 0 as regulator --json report statistics
holds out '"violation":"COUNTERFEIT","province":"99","events":"<5"' # eight were accused, two are

# The ledger proves when each was told
report
cp out told
lines told . $((22 * 7)) # 21 platforms, auditor and regulator, but for whoever took it back
lines told '"told":""' 0
lines told '"state":"CLOSED","answer":"(UNDONE|NOT_USED)","answer_index":"[0-9]+"' $((20 * 7))
python3 - told undo <<'PY' >proofs || fail "somebody was told before it was said, or not at all"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
undo = {line.split()[0] for line in open(sys.argv[2])}
assert {r["index"] for r in rows} == undo, undo
wanted = set()
for r in rows:
    assert int(r["told_index"]) > int(r["index"]), r
    assert r["told_by"] in ("ACKNOWLEDGED", "ANSWERED"), r
    if r["member"] in ("platform-02", "platform-05", "platform-04", "auditor", "regulator"):
        assert r["told_by"] == "ACKNOWLEDGED", r
    wanted.add((r["told_index"], r["member"]))
    if r["answer_index"]:
        wanted.add((r["answer_index"], r["member"]))
for index, member in sorted(wanted, key=lambda w: int(w[0])):
    print(index, member)
PY
# Each is an entry of its own, signed by that member, under the signed head.
indexes=$(cut -d' ' -f1 proofs | sort -nu)
expect 0 as regulator --json evidence export $indexes $(cut -d' ' -f1 undo) --out all.evidence
expect 0 as auditor evidence trust --out trust
stop
expect 0 "$LIANFANG" --json evidence verify all.evidence --trust trust
python3 - out proofs <<'PY' || fail "the proofs are of other members"
import json, sys
told = json.loads(open(sys.argv[1]).readline())
by = {str(r["index"]): r["issuer"] for r in told["records"]}
for line in open(sys.argv[2]):
    index, member = line.split()
    assert by[index] == member, (index, member, by.get(index))
PY
# Once more, from the entries alone.
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
serve
report
diff told out >/dev/null || fail "the report is another after a restart"
stop
lines log 'level=err' 0
echo "correction: everybody was told, and nobody goes by what was taken back"
