# What a member may not see, and what was erased, cannot be told from what was never there: not by the answer, not by its
# own entry in the access log.
. "$(dirname "$0")/world.sh"
cd "$world"
found test.example 1 auth-a
enrol regulator-bj REGULATOR --level PROVINCE --division 110000
enrol platform-bj PLATFORM
enrol platform-sh PLATFORM
open_found

clean=92999999MA00000151 accused=92999999MA0000023U withdrawn=92999999MA0000031N erased=91999999MA00000154
printf 'uscc,name,established,province,status\n' >reg.csv
for code in $clean $accused $withdrawn $erased; do echo "$code,某某商行,2020-01-01,北京,存续" >>reg.csv; done
expect 0 member regulator-bj push --kind registry-entry reg.csv
accuse() { # NAME CODE CERTAINTY
    printf 'ref,uscc,violation,certainty,measures\n%s,%s,COUNTERFEIT,%s,REMOVAL\n' "$1" "$2" "$3" >"$1.csv"
    expect 0 member platform-bj --json push --kind enforcement-event "$1.csv"
}
screen() { member "$@" 2>/dev/null || [ $? -eq 1 ]; }
tells() { screen platform-sh --json screen --purpose ONBOARDING "$1" >told; holds told COUNTERFEIT; }
released() { # NAME CODE: an accusation that has taken effect; `record` is its id
    accuse "$1" "$2" ESTABLISHED_BY_PLATFORM
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
    expect 0 member platform-bj --json log prove "$index"
    record=$(sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' out)
    expect 0 member regulator-bj relay --reason RELEASED --issuer platform-bj --record "$record"
    tells "$2"
}
accuse hidden $accused SUSPECTED # it waits for a regulator's relay
released gone $withdrawn
expect 0 member platform-bj withdraw --ref gone
released order $erased
expect 0 member regulator-bj redact propose --issuer platform-bj --record "$record" --order-authority 某法院 --order-number '(2026) 1' --authority-key auth-a

# But for when it was asked: the position and the second are the question's.
answer() { screen platform-sh --json screen --purpose ONBOARDING "$1" | sed -E "s/$1/CODE/g; s/\"checkpoint_size\":[0-9]+//; s/\"in_force\":\"[^\"]*\"//; s/\"index\":[0-9]+/\"index\":0/g"; }
answer $clean >clean.answer
holds clean.answer '"subject":"CODE","advice":"ALLOW'
for code in $accused $withdrawn $erased; do
    answer $code >answer
    cmp answer clean.answer || { cat answer clean.answer >&2; fail "$code is told apart from a clean one"; }
done
screen regulator-bj --json screen --purpose ENFORCEMENT --case 1 $accused >official
holds official 'COUNTERFEIT' # it is there, for those who may see it
# Nor do one's own entries in the access log tell: but for place, time, token and digest they are the same.
expect 0 member platform-sh --json log access
python3 - out <<'PY' || fail "the access entries tell them apart"
import json, sys
last = [e for e in map(json.loads, open(sys.argv[1])) if e["act"] == "SCREEN"][-4:]
assert len({e["index"] for e in last}) == 4
for e in last:
    for key in ("index", "at_ms", "tokens", "result_sha256"):
        del e[key]
assert all(e == last[0] for e in last), last
PY
stop
echo good
