# The regulator between the platforms: what it has not counter-signed acts for nobody, and it sees all that waits.
. "$(dirname "$0")/world.sh"
cd "$world"
found test.example 1 auth-a
enrol r-bj REGULATOR --level PROVINCE --division 110000
enrol p-01 PLATFORM
enrol p-02 PLATFORM
open_found
m1=91999999MA00000154 m2=91999999MA0000023Y m3=91999999MA0000031R m4=91999999MA000004XH
accuse() { # REF CODE: `index` is the entry
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' "$1" "$2" >event.csv
    expect 0 member p-01 --json push --kind enforcement-event event.csv --spool "spool-$1"
    holds out '"pending_relay":true'
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
record_of() { # INDEX: its record id
    expect 0 member p-01 --json log prove "$1"
    sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' out
}
queue() { expect 0 member r-bj --json relay list --case 2026-1; }

claim S4-11.1 "what only P01 has signed acts for no other platform, and the regulator sees it wait"
accuse e1 $m1
first=$index
accuse e2 $m2
second=$index
accuse e3 $m3
third=$index
expect 1 member p-02 --json screen --purpose ONBOARDING $m1
lines out 'LIVE_REMOVAL|PENDING' 0
expect 0 member p-02 --json watch --once --kinds EnforcementEvent
lines out . 0
queue
lines out '"state":"PENDING_RELAY","issuer":"p-01"' 3
holds out "\"index\":$first,.*\"subject\":\"$m1\",\"violation\":\"COUNTERFEIT\""

claim S4-11.2 "whoever is no regulator counter-signs nothing, and least of all its own"
expect 5 member p-01 relay approve "$first"
expect 2 member p-02 relay approve "$first" # it does not even see it
record=$(record_of "$first")
for who in p-01 p-02; do
    expect 5 member $who relay --reason RELEASED --issuer p-01 --record "$record"
done
expect 1 member p-02 --json screen --purpose ONBOARDING $m1
lines out 'LIVE_REMOVAL|PENDING' 0
# Nor does it see the queue, not even of its own: that is said, and not that nothing waits.
echo 'version 1' >no-rules
printf 'rule r\nviolation COUNTERFEIT\ncertainty SUSPECTED\ndaily_cap 1\n' >>no-rules
for who in p-01 p-02; do
    for what in list "--auto no-rules" "approve --member p-01"; do
        expect 5 member $who relay $what --case 2026-1
        lines err . 1
        holds err '^lianfang: relay-queue: .* for regulators .*KIND_NOT_ALLOWED'
        lines out . 0
    done
    expect 5 member $who report relay-queue
done
expect 0 member r-bj --json report relay-queue
lines out . 1
holds out "\"member\":\"p-01\",\"waiting\":\"3\",\"quarantined\":\"0\",\"first\":\"$first\",\"since\":\"20"
queue
lines out '"state":"PENDING_RELAY"' 3

claim S4-11.3 "with the issuer's signature and R-BJ's counter-signature P02 has it"
expect 0 member r-bj relay approve "$first"
expect 1 member p-02 --json screen --purpose ONBOARDING $m1
holds out "LIVE_REMOVAL.*\"index\":$first"
expect 0 member p-02 --json watch --once --kinds EnforcementEvent
lines out "\"index\": ?$first," 1
expect 0 member r-bj relay refuse "$second" --reason 证据不足
expect 1 member p-02 --json screen --purpose ONBOARDING $m2
lines out 'LIVE_REMOVAL|PENDING|REFUSED' 0
queue
lines out . 1
holds out "\"index\":$third"
expect 2 member r-bj relay refuse "$third"
expect 2 member r-bj relay approve nothing
expect 2 member r-bj relay list
# One word at a time, and none that changes nothing: the second one would read as if it had.
for both in "--approve $third --refuse $third" "--refuse $third --approve $third" "approve $third refuse $third" "approve $third --reason no"; do
    expect 2 member r-bj relay $both
    lines out . 0
done
expect 3 member r-bj relay refuse "$first" --reason 证据不足
holds err RELAY_NOT_WAITING
expect 3 member r-bj relay approve "$second"
holds err RELAY_NOT_WAITING
expect 0 member r-bj relay approve "$first" # the very word that was said
expect 0 member r-bj --json report relay-queue
holds out '"waiting":"1"'
expect 1 member p-02 --json screen --purpose ONBOARDING $m1
holds out LIVE_REMOVAL

# A counter-signature without what it counter-signs is none.
expect 3 member r-bj relay --reason RELEASED --issuer p-01 --record 00112233445566778899aabbccddeeff
holds err 'not in the ledger'
expect 3 member r-bj relay --reason RELEASED --issuer p-02 --record 00112233445566778899aabbccddeeff
expect 0 member r-bj relay approve "$third"
queue
lines out . 0

# By rules: what they let through is released under the rule's name, the rest waits and is told why.
hash=$(printf 'evidence' | sha256sum | cut -c1-64)
today=$(TZ=Asia/Shanghai date +%F)
file_events() { # NAME FIRST LAST VIOLATION CERTAINTY DECIDED EVIDENCE: refs NAME-N
    local n
    for n in $(seq "$2" "$3"); do
        printf '%s-%s,%s,%s,%s,REMOVAL,%s,%s\n' "$1" "$n" "$(sed -n "${n}p" codes)" "$4" "$5" "$6" "$7"
    done
}
mkdir gen
"$GENERATE" gen 5000 9
for from in 1 2; do cut -d, -f2 "gen/platform-0$from.csv" | grep -E '^[0-9A-Z]{18}$' >"codes-$from"; done
cp codes-1 codes
header=ref,uscc,violation,certainty,measures,decided_at,evidence_sha256
{
    echo $header
    file_events good 1 4 COUNTERFEIT ESTABLISHED_BY_PLATFORM "$today" "$hash"
    file_events kind 5 5 PRICE_GOUGING ESTABLISHED_BY_PLATFORM "$today" "$hash"
    file_events sure 6 6 COUNTERFEIT SUSPECTED "$today" "$hash"
    file_events bare 7 7 COUNTERFEIT ESTABLISHED_BY_PLATFORM "$today" ''
    file_events old 8 8 COUNTERFEIT ESTABLISHED_BY_PLATFORM 2020-01-02 "$hash"
    file_events fought 9 10 COUNTERFEIT ESTABLISHED_BY_PLATFORM "$today" "$hash"
} >events.csv
expect 0 member p-01 --json push --kind enforcement-event events.csv
cp out pushed
at() { sed -n "s/.*\"line\":$(($1 + 1)),.*\"index\":\([0-9]*\).*/\1/p" pushed; }
expect 0 member p-01 appeal "$(at 9)" FILED --reason 不是本店
cat >rules <<END
# what goes through
version 2026-11
rule counterfeit
issuer p-01
violation COUNTERFEIT PIRATED
certainty ESTABLISHED_BY_PLATFORM
evidence 1
max_age_days 7
undisputed
daily_cap 3
END
auto() { member r-bj --json relay --auto rules --case 2026-1 "$@"; }
expect 0 auto --dry-run
lines out '"action":"WOULD_RELEASE","rule":"counterfeit"' 3
queue
lines out . 10
expect 0 auto
lines out '"action":"RELEASED","rule":"counterfeit"' 3
for n in 1 2 3; do holds out "\"index\":$(at $n),\"action\":\"RELEASED\""; done
because() { holds out "\"index\":$(at "$1"),\"action\":\"WAITS\",\"rule\":\"\",\"why\":\"counterfeit:$2\""; }
because 4 daily_cap
because 5 violation
because 6 certainty
because 7 evidence
because 8 max_age_days
because 9 undisputed
because 10 daily_cap
queue
lines out . 7
expect 0 member r-bj --json watch --once --kinds Relay
lines out '"note":"auto counterfeit of 2026-11"' 3
# The day's count is the ledger's: another run, and another version of the rules, find it used up.
sed -i 's/^version .*/version 2026-12/' rules
expect 0 auto
lines out RELEASED 0
sed -i 's/^daily_cap .*/daily_cap 4/' rules
expect 0 auto
lines out '"action":"RELEASED"' 1
holds out "\"index\":$(at 4),\"action\":\"RELEASED\""
# Two rules: each says what stood in its way; a decided appeal no longer does.
cat >>rules <<END
rule bare
violation COUNTERFEIT
certainty ESTABLISHED_BY_PLATFORM
daily_cap 1000
undisputed
max_age_days 30
END
expect 0 member p-01 appeal "$(at 9)" UPHELD --reason 复核属实
expect 0 auto
lines out '"action":"RELEASED","rule":"bare"' 3
holds out "\"index\":$(at 8),.*\"why\":\"counterfeit:evidence|\"index\":$(at 8),.*\"why\":\"counterfeit:max_age_days bare:max_age_days\""
# A file that says too little, or what is not understood, releases nothing.
for bad in 's/^violation.*//' 's/^certainty.*//' 's/^daily_cap.*//' 's/^undisputed/undisputed now/' 's/^evidence 1/evidence -1/' \
    's/^version.*//' 's/^rule bare/rule counterfeit/' 's/^issuer p-01/issuers p-01/'; do
    sed "$bad" rules >bad-rules
    expect 2 member r-bj relay --auto bad-rules --case 2026-1
done
expect 2 member r-bj relay --auto rules
expect 2 member r-bj relay --auto rules --case 2026-1 --watch --dry-run
# Its acts by their other spelling.
expect 0 member r-bj --json relay --list --case 2026-1
lines out . 3
expect 0 member r-bj relay --approve "$(at 5)"
expect 0 member r-bj relay --refuse "$(at 6)" --reason 证据不足
expect 0 member r-bj --json relay --list --case 2026-1
lines out . 1

# Killed in the middle, again and again, it relays nothing twice and leaves nothing out.
cp codes-2 codes
{ echo $header; file_events many 1 700 COUNTERFEIT ESTABLISHED_BY_PLATFORM "$today" "$hash"; } >many.csv
expect 0 member p-01 push --kind enforcement-event many.csv
for wait in 0.05 0.15 0.25; do
    "$LIANFANG" --profile r-bj/profile.conf --json relay --auto rules --case 2026-1 >killed 2>&1 &
    run=$!
    sleep $wait # where it is killed does not matter: every place is good
    kill -9 $run 2>/dev/null || true
    wait $run 2>/dev/null || true
done
expect 0 auto
queue
lines out . 1
expect 0 member r-bj --json watch --once --kinds Relay
sed -n 's/.*"target_record_id":"\([0-9a-f]*\)".*/\1/p' out >relayed
[ "$(wc -l <relayed)" -eq "$(sort -u relayed | wc -l)" ] || fail "something was relayed twice"
[ "$(grep -c '"note":"auto bare of 2026-12"' out)" -eq 703 ] || fail "not each of the 700 was released once"
# It stays, and decides on what comes.
env --default-signal=INT "$LIANFANG" --profile r-bj/profile.conf --json relay --auto rules --case 2026-1 --watch >watched 2>watched.err &
run=$!
accuse w1 $m4
for _ in $(seq 200); do grep -q "\"index\":$index,\"action\"" watched && break; sleep 0.05; done
holds watched "\"index\":$index,\"action\":\"WAITS\",.*max_age_days"
{ echo $header; file_events late 11 11 COUNTERFEIT ESTABLISHED_BY_PLATFORM "$today" ''; } >late.csv
cp codes-1 codes
expect 0 member p-01 --json push --kind enforcement-event late.csv
index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
for _ in $(seq 200); do grep -q "\"index\":$index,\"action\"" watched && break; sleep 0.05; done
holds watched "\"index\":$index,\"action\":\"RELEASED\",\"rule\":\"bare\""
kill -INT $run
wait $run || true
expect 0 member r-bj relay refuse "$(sed -n 's/.*"index":\([0-9]*\),"action":"WAITS".*max_age_days bare:max_age_days.*/\1/p' watched | tail -n 1)" --reason 旧案
expect 0 member r-bj --json relay list --case 2026-1
for left in $(sed -n 's/.*"index":\([0-9]*\),.*/\1/p' out); do expect 0 member r-bj relay refuse "$left" --reason 旧案; done
queue
lines out . 0

# A campaign may do without, as long as it says so; a member's own copy knows which.
campaign() { # AUTOMATIC REF
    printf 'campaign,title,from,until,is_automatic,audience,ref\nEPIDEMIC-2020,涉疫联防联控,2020-02-01,2020-12-31,%s,p-01;p-02,%s\n' "$1" "$2" >campaign.csv
    expect 0 member r-bj push --kind campaign campaign.csv
}
of_campaign() { # REF CODE
    printf 'ref,uscc,violation,certainty,measures,decided_at,campaign,audience\n%s,%s,PRICE_GOUGING,ESTABLISHED_BY_PLATFORM,REMOVAL,2020-02-10,EPIDEMIC-2020,p-01;p-02\n' "$1" "$2" >event.csv
    expect 0 member p-01 --json push --kind enforcement-event event.csv --spool "spool-$1"
}
m4=91999999MA000004XH m5=91999999MA00000154
campaign true c1
of_campaign e4 $m4
lines out '"pending_relay"' 0
expect 3 member r-bj relay approve "$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)"
holds err RELAY_NOT_WAITING
expect 1 member p-02 --json screen --purpose ONBOARDING $m4
holds out LIVE_REMOVAL
campaign false c2
of_campaign e5 $m5
lines out '"pending_relay":true' 1
queue
lines out . 1
expect 0 member r-bj mirror sync
printf 'code\n%s\n' $m4 >codes.csv
expect 0 member r-bj mirror screen --file codes.csv --column code --out copy.csv
holds copy.csv "LIVE_REMOVAL:PRICE_GOUGING"
printf 'code\n%s\n' $m5 >codes.csv
expect 0 member r-bj mirror screen --file codes.csv --column code --out copy.csv
holds copy.csv "PENDING_RELAY:PRICE_GOUGING"
expect 0 member r-bj mirror verify
# After a restart it is the same.
stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
serve
queue
lines out . 1
echo "relay: nothing acts before it, and nothing waits unseen"
