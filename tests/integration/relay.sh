# The regulator between the platforms: what it has not counter-signed acts for nobody, and it sees all that waits.
. "$(dirname "$0")/world.sh"
cd "$world"
auth() { expect 0 "$LIANFANG" authority "$@"; }
auth keygen auth-a
expect 0 "$LIANFANGD" keygen fed --name test.example
auth genesis fed/gateway.pub auth-a.pub --threshold 1 --test --out genesis
auth sign genesis --authority-key auth-a
vkey() { sed -n "s/^$1 = //p" fed/gateway.pub; }
records=()
make_member() { # ID ROLE [OPTIONS]
    local id=$1 role=$2
    shift 2
    expect 0 "$LIANFANG" keygen "$id" --member "$id" --address 127.0.0.1:1 --certificate fed/tls.crt --ledger "$(vkey ledger)" --access "$(vkey access)"
    expect 0 "$LIANFANG" member request "$id" --member "$id" --name "某某$id" --role "$role" --out "$id.request" "$@"
    auth enrol "$id.request" --authority-key auth-a --out "$id.record"
    records+=("$id.record")
}
make_member r-bj REGULATOR --level PROVINCE --division 110000
make_member p-01 PLATFORM
make_member p-02 PLATFORM
expect 0 "$LIANFANGD" init fed --name test.example --genesis genesis "${records[@]}" --listen 127.0.0.1:0
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' log | tail -n 1)
sed -i "s/^address = .*/address = 127.0.0.1:$port/" ./?-*/profile.conf
sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" fed/gateway.conf
member() { local dir=$1; shift; "$LIANFANG" --profile "$dir/profile.conf" "$@"; }
m1=91999999MA00000154 m2=91999999MA0000023Y m3=91999999MA0000031R
accuse() { # REF CODE: `index` is the entry
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n' "$1" "$2" >event.csv
    expect 0 member p-01 --json push --kind enforcement-event event.csv --spool "spool-$1"
    holds out '"pending_relay":true'
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
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

claim S4-11.2 "with R-BJ's counter-signature P02 has it"
expect 0 member r-bj relay approve "$first"
expect 1 member p-02 --json screen --purpose ONBOARDING $m1
holds out "LIVE_REMOVAL.*\"index\":$first"
expect 5 member p-01 relay approve "$second" # nobody releases its own
expect 0 member r-bj relay refuse "$second" --reason 证据不足
expect 1 member p-02 --json screen --purpose ONBOARDING $m2
lines out 'LIVE_REMOVAL|PENDING|REFUSED' 0
queue
lines out . 1
holds out "\"index\":$third"
expect 2 member r-bj relay refuse "$third"
expect 2 member r-bj relay approve nothing
expect 2 member r-bj relay list

claim S4-11.3 "a counter-signature without what it counter-signs is none"
expect 3 member r-bj relay --reason RELEASED --issuer p-01 --record 00112233445566778899aabbccddeeff
holds err 'not in the ledger'
expect 3 member r-bj relay --reason RELEASED --issuer p-02 --record 00112233445566778899aabbccddeeff
expect 0 member r-bj relay approve "$third"
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
