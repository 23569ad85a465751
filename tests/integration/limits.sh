# To the second: when a limit has run out, when a member's word counts, how long things took.
. "$(dirname "$0")/world.sh"
. "$(dirname "$0")/clock.sh"
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y m3=91999999MA0000031R m4=91999999MA000004XH
at '2026-03-06 17:00:00'
open_world
stop
printf '[http]\nmetrics = 127.0.0.1:0\n' >>fed/gateway.conf
serve
report() { expect 0 as regulator --json report "$@"; }
remove() { # MEMBER REF CODE DAY
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,%s\n' "$2" "$3" "$4" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$2" --receipts "receipts-$2"
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
answer() { # INDEX ANSWER MEMBER...
    local index=$1 answer=$2
    shift 2
    for n in "$@"; do expect 0 as "platform-$n" dispose "$index" "$answer"; done
}

claim S4-14.2 "decided Fri 17:00 with a limit of one working day: shared Mon 23:59 is in time"
at '2026-03-09 23:59:59'
remove platform-01 friday $m1 2026-03-06
friday=$index
report late
lines out . 0
report lags
holds out '"lag":"decision-to-share","records":"1",.*"late":"0"'
claim S4-14.3 "shared Tue 00:00 is late"
at '2026-03-10 00:00:00'
remove platform-02 tuesday $m2 2026-03-06
tuesday=$index
report late
lines out . 1
holds out "\"index\":\"$index\",\"issuer\":\"platform-02\",\"subject\":\"$m2\",\"decided_at\":\"2026-03-06\",\"shared\":\"2026-03-10\",\"due\":\"2026-03-09\",\"provisional\":\"\""
report lags
holds out '"lag":"decision-to-share","records":"2",.*"late":"1"'
metric lianfang_calendar_provisional 0

claim S4-04.1 "matched at P02 and P04: P02 has removed it, P04 is silent"
others=(03 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21)
answer "$friday" NO_SHOP "${others[@]}"
answer "$friday" ACTIVE_SHOP 02 04
expect 0 as platform-02 dispose "$friday" REMOVED --rule 'P02-R-1 v1'
answer "$tuesday" NO_SHOP 01 04 "${others[@]}"
at '2026-03-12 23:59:58' # a second less than 72 hours
report open-loops
lines out . 1
holds out "\"index\":\"$friday\",\"issuer\":\"platform-01\",\"subject\":\"$m1\",\"asked\":\"20\",\"no_shop\":\"18\",\"closed\":\"1\",\"state\":\"SHARED\(1/2\)\",\"overdue\":\"0\",\"open_members\":\"platform-04\""
claim S4-04.2 "after 72 hours by the clock P04 is overdue"
at '2026-03-12 23:59:59'
report open-loops
lines out . 1
holds out '"state":"SHARED\(1/2\)","overdue":"1","open_members":"platform-04"'
expect 0 as regulator --json notice list --overdue
lines out . 1
holds out "\"index\":$friday,.*\"member\":\"platform-04\""
claim S4-04.3 "after its answer the record is closed, and no loop open"
expect 0 as platform-04 dispose "$friday" REMOVED --rule 'P04-R-9'
report open-loops
lines out . 0
expect 0 as regulator --json notice list
lines out "\"index\":$friday,.*\"state\":\"CLOSED\"" 20

claim S4-06.1 "a registry of 21 platforms"
at '2026-03-31 10:00:00'
expect 0 as regulator --json member list --role PLATFORM
lines out '"role":"PLATFORM".*"status":"ACTIVE"' 21
lines out . 21
remove platform-21 march $m3 2026-03-31
march=$index
claim S4-06.2 "P22 is no member: it is not even let in"
expect 0 "$LIANFANG" keygen platform-22 --member platform-22 --address "127.0.0.1:$port" --certificate fed/tls.crt \
    --ledger "$(as auditor log keys ledger)"
size() { expect 0 as auditor --json log checkpoint; sed -n 's/.*"size":\([0-9]*\).*/\1/p' out; }
before=$(size)
expect 5 "$LIANFANG" --profile platform-22/profile.conf screen --purpose ONBOARDING $m1
expect 5 "$LIANFANG" --profile platform-22/profile.conf push --kind enforcement-event event.csv
holds log 'event=peer-unknown reason=CERTIFICATE_UNKNOWN'
[ "$(size)" = "$before" ] || fail "something of P22 went in"
claim S4-06.3 "P21 is suspended on April 1, and its record of April 2 refused"
at '2026-04-01 09:00:00'
expect 0 as regulator --json member suspend platform-21 --authority-key fed/authority.key --note 暂停
holds out '"accepted":true'
at '2026-04-02 09:00:00'
before=$(size)
printf 'ref,uscc,violation,certainty,measures,decided_at\napril,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-04-02\n' $m4 >april.csv
expect 5 as platform-21 --json push --kind enforcement-event april.csv
holds out '"status":"rejected","code":"MEMBER_SUSPENDED"'
[ "$(size)" = "$before" ] || fail "a record of a suspended member went in"
claim S4-06.4 "its record of March 31 still acts, and is still proven"
expect 0 as platform-01 receipt verify receipts-march
holds out '^1 receipts hold, 0 do not'
expect 1 as platform-03 --json screen --purpose ONBOARDING $m3
holds out "\"code\":\"LIVE_REMOVAL\".*\"index\":$march"
expect 0 as platform-03 evidence export "$march" --out march.evidence
expect 0 as platform-03 evidence trust --out trust
expect 0 "$LIANFANG" --json evidence verify march.evidence --trust trust
holds out '"issuer":"platform-21"'

claim S4-14.1 "a hundred records with lags that are known: median and 95th of each"
# All decided on 2026-05-06; the n-th is reported and shared n hours into that day, and answered (37 n mod 59) minutes later.
python3 - 100 >hundred <<'PY'
import sys
A = "0123456789ABCDEFGHJKLMNPQRTUWXY"
def code(serial):
    body = f"MC{serial:06d}"
    r = 11 - sum(int(c, 36) * x for c, x in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    head = "91999999" + body + {10: "X", 11: "0"}.get(r, str(r))
    return head + A[-sum(A.index(c) * pow(3, i, 31) for i, c in enumerate(head)) % 31]
for n in range(1, int(sys.argv[1]) + 1):
    print(n, code(n), 37 * n % 59)
PY
day=$(TZ=Asia/Shanghai date -d 2026-05-06 +%s)
while read -r n code minutes; do
    at "@$((day + 3600 * n))"
    remove platform-05 "h$n" "$code" 2026-05-06
    at "@$((day + 3600 * n + 60 * minutes))"
    expect 0 as platform-06 dispose "$index" NO_SHOP
done <hundred
report lags --from 2026-05-06 --until 2026-05-06
lines out . 3
# By rank: the 50th and the 95th of 100. Late: from hour 48 on, for Thursday was the last day in time.
python3 - hundred out <<'PY' || fail "other lags"
import json, sys
rows = [line.split() for line in open(sys.argv[1])]
told = {row["lag"]: row for row in map(json.loads, open(sys.argv[2]))}
def check(lag, hours, late=None):
    hours = sorted(hours)
    assert told[lag]["records"] == str(len(hours)), told[lag]
    assert told[lag]["median_hours"] == f"{hours[49]:.2f}" and told[lag]["p95_hours"] == f"{hours[94]:.2f}", (lag, told[lag])
    assert late is None or told[lag]["late"] == str(late), (lag, told[lag], late)
shared = [int(n) for n, _, _ in rows]
check("decision-to-report", shared)
check("decision-to-share", shared, sum(h >= 48 for h in shared))
check("share-to-answer", [int(minutes) / 60 for _, _, minutes in rows])
PY
report late --from 2026-05-06 --until 2026-05-06
lines out '"due":"2026-05-07","provisional":""' 53

claim S4-14.4 "beyond the days that are known a due time is PROVISIONAL, and an alarm is raised"
metric lianfang_calendar_provisional 0
metric lianfang_calendar_end_seconds "$(TZ=Asia/Shanghai date -d 2027-01-01 +%s)"
lines log 'event=calendar-provisional' 0
at '2027-01-04 09:00:00'
remove platform-07 eve $m4 2026-12-31
report late --from 2026-12-31
lines out '"decided_at":"2026-12-31","shared":"2027-01-04","due":"2027-01-01","provisional":"PROVISIONAL"' 1
expect 0 as platform-08 dispose "$index" INVESTIGATING
expect 0 as platform-08 --json notice list --state INVESTIGATING
lines out '"due":"2027-01-12T00:00:00\+08:00".*"provisional":true' 1
metric lianfang_calendar_provisional 1
stop
serve
holds log 'level=warn event=calendar-provisional last_day=2026-12-31 '
stop
echo "limits: to the second"
