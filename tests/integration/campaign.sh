# A campaign of five platforms: its records act among them, and for everyone else they never were. A second gateway that
# never had them answers an outsider the same, byte for byte, but for positions, heads and times.
. "$(dirname "$0")/world.sh"
m1=91999999MA00000154
outsider=platform-06
members='platform-01;platform-02;platform-03;platform-04;platform-05'
campaign() { # UNTIL AUTOMATIC REF
    printf 'campaign,title,from,until,violations,is_automatic,audience,ref\nEPIDEMIC-2020,涉疫联防联控,2020-02-01,%s,PRICE_GOUGING;FAKE_EPIDEMIC_GOODS,%s,%s,%s\n' \
        "$1" "$2" "$members" "$3" >"$world/campaign.csv"
    expect 0 as regulator push --kind campaign "$world/campaign.csv"
}
event() { # MEMBER EXIT REF VIOLATION DATE AUDIENCE [NAME]
    printf 'ref,uscc,violation,certainty,measures,decided_at,campaign,audience\n%s,%s,%s,ESTABLISHED_BY_PLATFORM,REMOVAL,%s,%s,%s\n' \
        "$3" "$m1" "$4" "$5" "${7:-EPIDEMIC-2020}" "$6" >"$world/event.csv"
    expect "$2" as "$1" --json push --kind enforcement-event "$world/event.csv" --spool "$world/spool-$1-$3"
}
# What an outsider gets for all that it can ask, with positions, heads, times and record ids taken out.
ask() { # FILE
    {
        for purpose in ONBOARDING RESCREENING; do
            as $outsider --json screen --purpose $purpose $m1 || true
        done
        as $outsider --json notice list || true
        as $outsider --json watch --once --kinds EnforcementEvent,Campaign,Disposition,Correction || true
        event $outsider 3 out1 PRICE_GOUGING 2020-02-10 "$members"
        cat "$world/out" "$world/err"
        event $outsider 3 out2 PRICE_GOUGING 2020-02-10 "$members;$outsider"
        cat "$world/out" "$world/err"
        event $outsider 3 out3 PRICE_GOUGING 2020-02-10 "$members" NEVER-WAS
        cat "$world/out" "$world/err"
        # Speaking of its record, or of its Campaign, is speaking of nothing.
        for id in "${hidden[@]}"; do
            as $outsider --json appeal --issuer "${id%:*}" --record "${id#*:}" FILED || true
            as $outsider --json dispose --issuer "${id%:*}" --record "${id#*:}" NO_SHOP || true
            as $outsider --json correct --issuer "${id%:*}" --record "${id#*:}" --reason FACT_WRONG || true
        done
        printf 'ref,uscc,violation,certainty,measures,decided_at\nown,%s,PRICE_GOUGING,ESTABLISHED_BY_PLATFORM,REMOVAL,2020-02-10\n' $m1 >"$world/own.csv"
        for _ in 1 2; do # once taken, then a duplicate
            as $outsider --json push --kind enforcement-event "$world/own.csv" --spool "$world/spool-own" || true
        done
        as $outsider --json screen --purpose ONBOARDING $m1 || true
    } 2>&1 | sed -E 's/"(checkpoint_size|known_size|index|access_index|size|head)": ?[0-9]+/"\1":N/g; s/"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^"]*"/"T"/g; s/"record": ?"[0-9a-f]+"/"record":"R"/g; s/entry [0-9]+/entry N/g; s/[a-z]+-[0-9a-f]{16}/issuer-X/g' >"$1"
}

record_of() { # MEMBER INDEX: ISSUER:ID
    expect 0 as "$1" --json log prove "$2"
    sed -n 's/.*"issuer":"\([^"]*\)".*"record":"\([0-9a-f]*\)".*/\1:\2/p' "$world/out"
}

# The gateway that never had any of it.
hidden=(platform-01:00112233445566778899aabbccddeeff regulator:00112233445566778899aabbccddeeff)
open_world
ask "$world/without"
stop
mv "$world/without" "$world/kept"
rm -rf "$world/fed" "$world/log" "$world"/spool-*
starts=1
open_world

event platform-01 3 early PRICE_GOUGING 2020-02-10 "$members"
lines "$world/out" '"code":"CAMPAIGN_UNKNOWN","field":"campaign"' 1
campaign 2020-12-31 true c1
expect 0 as regulator --json watch --once --kinds Campaign
about=$(sed -n 's/^{"index": *\([0-9]*\).*/\1/p' "$world/out")
claim S4-09.1 "its record is visible to the five and the regulator, and acts"
event platform-01 0 e1 PRICE_GOUGING 2020-02-10 "$members"
lines "$world/out" '"pending_relay"' 0
index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' "$world/out")
for member in platform-02 platform-05; do
    expect 1 as $member --json screen --purpose ONBOARDING $m1
    holds "$world/out" "\"index\":$index"
    expect 0 as $member --json notice list
    lines "$world/out" "\"index\":$index" 1
done
expect 1 as regulator --json screen --purpose INVESTIGATION --case 2020-1 $m1
holds "$world/out" "\"index\":$index"
expect 0 as platform-02 dispose "$index" REMOVED --rule 'P02-R-1 v1'

# What is not of it: violation, day, audience.
event platform-01 3 e2 COUNTERFEIT 2020-02-10 "$members"
lines "$world/out" '"CAMPAIGN_UNKNOWN"' 1
event platform-01 3 e3 PRICE_GOUGING 2021-01-01 "$members"
lines "$world/out" '"CAMPAIGN_UNKNOWN"' 1
event platform-01 3 e4 PRICE_GOUGING 2020-02-10 ''
lines "$world/out" '"CAMPAIGN_UNKNOWN"' 1
event platform-01 3 e5 PRICE_GOUGING 2020-02-10 "$members;$outsider"
lines "$world/out" '"CAMPAIGN_UNKNOWN"' 1

claim S4-09.2 "an outsider finds no hit, and no hint that there is one"
expect 1 as $outsider --json screen --purpose ONBOARDING $m1 # nobody knows that merchant
lines "$world/out" "\"index\":$index" 0
expect 2 as $outsider dispose "$index" NO_SHOP
holds "$world/err" 'not ours to read'
hidden=("$(record_of platform-01 "$index")" "$(record_of regulator "$about")")
[[ ${hidden[0]} == platform-01:?* && ${hidden[1]} == regulator:?* ]] || fail "no record ids: ${hidden[*]}"
ask "$world/with"
diff "$world/kept" "$world/with" || fail "an outsider is told of the campaign"
holds "$world/kept" 'CAMPAIGN_UNKNOWN'
lines "$world/with" 'CAMPAIGN_UNKNOWN' "$(grep -c CAMPAIGN_UNKNOWN "$world/kept")"

# What a campaign decided stands by its words: it names no merchant, and no order takes it away or hides it.
for mode in ERASE RESTRICT; do
    expect 1 as regulator redact propose --issuer regulator --record "${hidden[1]#*:}" --mode $mode --order-authority 某法院 \
        --order-number '(2026) 1' --authority-key "$world/fed/authority.key"
    holds "$world/err" 'target_record_id: redaction: a CAMPAIGN names no merchant, and is neither erased nor restricted \(NOT_ERASABLE\)'
    lines "$world/err" "^lianfang: target_record_id" 1
done
stop
expect 0 "$LIANFANGD" fsck --config "$world/fed/gateway.conf"
echo "campaign: its members see it, nobody else"
