# What a copy learns late: a record that was withheld and no longer is, with all that was said of it in the meantime. After each
# sync every copy says what the gateway says, whether it was there before, or begins in the middle, or only now.
. "$(dirname "$0")/world.sh"
cd "$world"
found test.example 1 auth-a
enrol r-bj REGULATOR --level PROVINCE --division 110000
enrol r-sh REGULATOR --level PROVINCE --division 310000
for id in p-01 p-02 p-03; do enrol $id PLATFORM; done
open_found
mkdir gen
"$GENERATE" gen 200 5
cut -d, -f2 gen/platform-01.csv | grep -E '^[0-9A-Z]{18}$' | sort -u | head -n 9 >codes
[ "$(wc -l <codes)" -eq 9 ] || fail "not enough codes"
code() { sed -n "$1p" codes; }
{ echo code; cat codes; } >codes.csv

accuse() { # MEMBER REF NUMBER: of the code in that line; `index` and `record` are where it is
    printf 'ref,uscc,violation,certainty,measures\n%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL\n' "$2" "$(code "$3")" >one.csv
    expect 0 member "$1" --json push --kind enforcement-event one.csv
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
    expect 0 member "$1" --json log prove "$index"
    record=$(sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' out)
}
relay() { expect 0 member r-bj relay --reason "$1" --issuer "$2" --record "$3"; }
orders=0
order() { # MODE ISSUER RECORD
    orders=$((orders + 1))
    expect 0 member r-bj redact propose --issuer "$2" --record "$3" --mode "$1" --order-authority 某法院 --order-number $orders --authority-key auth-a
}
# The reasons of each code, but for what the registry says: as the copy has them, and as the gateway answers.
alike() { # MEMBER...
    local id
    for id in "$@"; do
        expect 0 member "$id" mirror sync
        expect 0 member "$id" mirror screen --file codes.csv --column code --out copy.csv
        expect 0 member "$id" --json screen --purpose RESCREENING --case 2026-1 --file codes.csv --column code --out told
        python3 -I - copy.csv told >said <<'PY' || { cat said >&2; fail "$id: copy and gateway differ"; }
import csv, json, sys
asked = {}
for line in open(sys.argv[2]):
    one = json.loads(line)
    asked[one["subject"]] = sorted(r["code"] for r in one.get("reasons", []) if not r["code"].startswith("REGISTRY"))
copied = {}
for row in csv.DictReader(open(sys.argv[1])):
    reasons = [r.split(":")[0] for r in row["reasons"].split(";") if r]
    copied[row["asked"]] = sorted(r for r in reasons if not r.startswith("REGISTRY"))
for code in asked:
    print(code, "+".join(asked[code]) or "-", "" if asked[code] == copied[code] else "COPY: " + ("+".join(copied[code]) or "-"))
sys.exit(asked != copied)
PY
        expect 0 member "$id" mirror verify
    done
}
says() { grep -qE "^$(code "$1") $2 *$" said || { cat said >&2; fail "not $2 of $1"; }; }

# An appeal of what still waits for a relay is told with it.
accuse p-01 a 1
expect 0 member p-01 appeal "$index" FILED
alike p-02
says 1 -
relay RELEASED p-01 "$record"
alike r-bj p-01 p-02
says 1 UNDER_APPEAL

# A copy that begins while nobody is told of a record hears of it when that is lifted, and of all that was said of it.
for n in 2 3 4; do
    accuse p-01 b$n $n
    relay RELEASED p-01 "$record"
    eval "at$n=$index record$n=$record"
done
alike p-02
says 4 LIVE_REMOVAL
expect 0 member p-01 withdraw --ref b2
expect 0 member p-01 appeal "$at3" FILED
for n in 2 3 4; do eval "order RESTRICT p-01 \$record$n"; done
alike p-02 p-03
for n in 2 3 4; do says $n -; done
expect 2 member p-01 appeal "$at4" FILED # nobody is told of it, so nobody speaks of it
holds err "not ours to read"
for n in 2 3 4; do eval "order LIFT_RESTRICTION p-01 \$record$n"; done
alike p-03 p-02
says 2 -
says 3 UNDER_APPEAL
says 4 LIVE_REMOVAL
order RESTRICT p-01 "$record4" # and once more
alike p-03
says 4 -
order LIFT_RESTRICTION p-01 "$record4"
alike p-03 p-02
says 4 LIVE_REMOVAL
rm -r p-03/mirror
alike p-03 p-01 r-bj

# Restricted while it waited, and released when that was over: the order that is read late is over, too.
accuse p-01 c 5
order RESTRICT p-01 "$record"
alike p-02
order LIFT_RESTRICTION p-01 "$record"
alike p-02
expect 0 member p-01 appeal "$index" FILED
relay RELEASED p-01 "$record"
alike p-02 p-01 r-bj
says 5 UNDER_APPEAL

# Lifted while a member is suspended, which then is told of the order and not of the relay before it: once active again it catches up,
# whether its copy held the record before or not, and whether the order is read before the end of the suspension or after it.
standing() { # suspend or reinstate, MEMBER...
    local what=$1 id
    shift
    for id in "$@"; do expect 0 member r-bj member "$what" "$id" --authority-key auth-a --note 调查; done
}
held_back() { # NUMBER...: accused while all look, and then released and restricted in one
    local n
    for n in "$@"; do
        accuse p-01 e$n $n
        eval "at$n=$index record$n=$record"
    done
    alike p-01 p-02 r-sh
    for n in "$@"; do says $n PENDING_RELAY; done
    for n in "$@"; do
        eval "relay RELEASED p-01 \$record$n"
        [ "$n" -ne 8 ] || expect 0 member p-01 appeal "$at8" FILED
        eval "order RESTRICT p-01 \$record$n"
    done
    accuse p-03 "other$1" 1 # of another kind than what the suspended hear
    relay RELEASED p-03 "$record"
    alike p-01 p-02 r-sh
    for n in "$@"; do says $n -; done
    standing suspend p-01 p-02 r-sh
}
held_back 7 8
for n in 7 8; do eval "order LIFT_RESTRICTION p-01 \$record$n"; done
for id in p-01 p-02 r-sh; do expect 0 member $id mirror sync; done
standing reinstate p-01 p-02 r-sh
alike p-01 p-02 r-sh p-03
says 7 LIVE_REMOVAL
says 8 UNDER_APPEAL
held_back 9
order LIFT_RESTRICTION p-01 "$record9"
standing reinstate p-01 p-02 r-sh
alike p-01 p-02 r-sh
says 9 LIVE_REMOVAL

# Killed at any moment while it looks back, a copy ends with what the gateway says.
accuse p-01 d 6
expect 0 member p-01 appeal "$index" FILED
expect 0 member p-01 push --kind enforcement-event gen/platform-01.csv
alike p-02
relay RELEASED p-01 "$record"
for after in 0.02 0.03 0.04 0.05 0.06 0.08; do
    "$LIANFANG" --profile p-02/profile.conf mirror sync >/dev/null 2>&1 & # itself: a function would be a shell around it
    syncing=$!
    sleep $after # any moment will do
    kill -9 $syncing 2>/dev/null || true
    wait $syncing 2>/dev/null || true
done
alike p-02
says 6 UNDER_APPEAL
stop
lines log 'level=err' 0
echo good
