# Where regulators look first, and why: subjects by points that the records behind them explain.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y m6=91999999MA0000066C
event() { # MEMBER REF CODE CERTAINTY MEASURE [--update]: `index` is the entry
    printf 'ref,uscc,violation,certainty,measures,decided_at\n%s,%s,COUNTERFEIT,%s,%s,2026-03-02\n' "$2" "$3" "$4" "$5" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$1-$2" ${6:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
ranking() { expect 0 as regulator --json report ranking "$@"; }
row() { sed -n "${1}p" out; }
cell() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$2"; }

event platform-01 a $m1 ESTABLISHED_BY_PLATFORM REMOVAL
first=$index
event platform-05 b $m1 ESTABLISHED_BY_PLATFORM REMOVAL
second=$index
event platform-09 c $m1 ESTABLISHED_BY_PLATFORM REMOVAL
printf 'uscc,list,reason,reason_text,listed_on,authority\n%s,SERIOUS,SER_IP,故意侵犯知识产权,2026-02-01,北京市市场监督管理局\n' $m1 >list.csv
expect 0 as regulator push --kind credit-list-entry list.csv
event platform-02 d $m6 SUSPECTED REMOVAL

claim S4-29.1 "three platforms, established, on the serious list: above one platform's suspicion"
ranking
lines out . 2
above=$(row 1) below=$(row 2)
[ "$(cell subject "$above")" = $m1 ] && [ "$(cell platforms "$above")" = 3 ] || fail "not first: $above"
[ "$(cell subject "$below")" = $m6 ] && [ "$(cell platforms "$below")" = 1 ] || fail "not second: $below"
[ "$(cell points "$above")" -gt "$(cell points "$below")" ] || fail "not by points"
claim S4-29.2 "each point says what it is for, and which record it is of"
for line in "$above" "$below"; do
    sum=$(cell why "$line" | sed 's/; /\n/g' | awk '{ n += $1 } END { print n }')
    [ "$sum" = "$(cell points "$line")" ] || fail "$sum points are explained: $line"
done
cell why "$above" >why
holds why "60 LIST_SERIOUS #[0-9]+; |; 60 LIST_SERIOUS #[0-9]+"
holds why "30 LIVE_REMOVAL #$first #[0-9]+ #[0-9]+"
holds why '60 PLATFORM x3; 20 ESTABLISHED_BY_PLATFORM'
cell why "$below" >why
holds why '10 SUSPECTED_REMOVAL #[0-9]+; 20 PLATFORM x1; 5 SUSPECTED'
# What was lifted counts nothing, and neither does what was overturned.
event platform-09 c $m1 ESTABLISHED_BY_PLATFORM LIFT --update
ranking --about $m1
lines out . 1
[ "$(cell platforms "$(row 1)")" = 2 ] || fail "a lifted removal counts"
expect 0 as platform-01 appeal "$first" FILED --reason 申诉
ranking --about $m1
holds out 'UNDER_APPEAL #'
expect 0 as regulator appeal "$first" OVERTURNED --reason 认定有误
ranking --about $m1
[ "$(cell platforms "$(row 1)")" = 1 ] || fail "an overturned removal counts"
# Tasks that nobody answers; an answer takes its points away.
open=$(cell open_tasks "$(row 1)")
expect 0 as platform-02 dispose "$second" NO_SHOP
ranking --about $m1
[ "$(cell open_tasks "$(row 1)")" = $((open - 1)) ] || fail "an answered task is still open"
# Pages, as a table and as a page for people.
event platform-01 e $m2 ESTABLISHED_BY_PLATFORM WARN
ranking --max 1
[ "$(cell subject "$(row 1)")" = $m1 ] || fail "first of a page"
ranking --max 1 --after $m1
[ "$(cell rank "$(row 1)")" = 2 ] || fail "second page: $(row 1)"
expect 2 as regulator report ranking --after 91999999MA0000058H
holds err PAGE_INVALID
expect 2 as regulator report ranking --max many
expect 0 as regulator report ranking
holds out "^rank +subject +points"
holds out "^1 +$m1 +[0-9]+"
expect 0 as regulator report ranking --out page.html
holds page.html "<b>$m1</b>"
# Beside a code stands what the registry calls it; in the page every word is Chinese, and ranks have no bars.
printf 'uscc,name,status\n%s,"北京某某“假”<货>商贸有限公司（朝阳）",ACTIVE\n' $m1 >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
expect 0 as regulator --json report ranking --about $m1
holds out '"name":"北京某某“假”<货>商贸有限公司（朝阳）"'
expect 0 as regulator --json report ranking --about $m6
holds out '"name":""'
expect 0 as regulator report ranking --out page.html
holds page.html '<b>北京某某“假”&lt;货&gt;商贸有限公司（朝阳）</b>'
lines page.html '<tr><td class="n"><b>1</b>|<tr><td><b>1</b>' 1
for name in open-loops coverage lags late participation overrides corrections links quarantine relay-queue ranking publicity statistics; do
    expect 0 as regulator report $name --out page.html
    if grep -oE '<(th|h1|title)>[^<]*[a-z][^<]*' page.html; then fail "no Chinese word in the page of $name"; fi
done
# For regulators, and for auditors without what platforms answer.
expect 0 as auditor --json report ranking
lines out . 3
lines out '"open_tasks":"0"' 3
for member in platform-02 police commerce association lab-01; do
    [ -d "$world/fed/members/$member" ] || continue
    expect 5 as $member report ranking
    holds err KIND_NOT_ALLOWED
done

# Persons and accounts as tokens: equal ones link subjects, for regulators.
m7=91999999MA00000747 m8=91999999MA00000822
person=$(printf '%064d' 11) account=$(printf '%064d' 12) phone=$(printf '%064d' 13) nobody=$(printf '%064d' 14)
identity() { # MEMBER CODE NAME LEGAL_REP ACCOUNT PHONE [--update]: `index` is the entry
    printf 'ref,uscc,name,legal_rep_token,account_token,phone_token\nm-%s,%s,%s,%s,%s,%s\n' "$2" "$2" "$3" "$4" "$5" "$6" >identity.csv
    expect 0 as "$1" --json push --kind merchant-identity identity.csv --spool "spool-$1-$2" ${7:-}
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
asks() { # MEMBER: what it is told of M7, positions and times aside
    as "$1" --json screen --purpose ONBOARDING $m7 | sed 's/"checkpoint_size":[0-9]*,\|"known_size":[0-9]*,\|"in_force":"[^"]*",\|"access_index":[0-9]*,\|"contact":"[^"]*",//g' || true
}
printf 'uscc,name,status\n%s,测试商贸七号,ACTIVE\n' $m7 >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
asks platform-03 >before
as platform-03 --json report statistics >statistics
identity platform-05 $m1 欧阳甲商行 "$person" "$account" "$phone"
mine=$index
identity platform-12 $m8 欧阳乙商行 "$nobody" '' ''
expect 0 as regulator --json report links
lines out . 0
identity platform-12 $m7 欧阳丙商行 "$person" "$account" ''
theirs=$index
claim S4-31.1 "the same legal representative and settlement account as M1, which was removed: an alert with its evidence"
expect 0 as regulator --json report links
lines out . 1
holds out "\"subject\":\"$m1\",\"linked\":\"$m7\",\"link\":\"LINK\(strong\)\",\"tokens\":\"LEGAL_REP\+ACCOUNT\""
holds out '"name":"北京某某[^"]*","linked_name":"测试商贸七号"'
holds out "\"evidence\":\"LEGAL_REP #$mine = #$theirs; ACCOUNT #$mine = #$theirs\",\"cause\":\"LIVE_REMOVAL #$second\""
expect 0 as regulator --json log prove "$theirs"
holds out '"issuer":"platform-12"'
claim S4-31.2 "M7 may still open shops: to platforms and to the regulator the advice is what it was"
asks platform-03 >after
holds after '"advice":"ALLOW"'
diff before after || fail "the link is in a platform's answer"
expect 0 as regulator --json screen --purpose INVESTIGATION --case C-1 $m7
holds out '"advice":"ALLOW"'
expect 0 as regulator --json report links --about $m7
lines out '"linked_advice":"DENY"' 1 # of M1
claim S4-31.3 "M8, whose operator has the same surname, is not linked"
expect 0 as regulator --json report links --about $m8
lines out . 0
expect 0 as regulator report links
lines out $m8 0
claim S4-31.4 "no other member learns of it: by report, log, feed, copy, evidence, statistics, error or duplicate"
for member in platform-03 platform-05 auditor lab-01; do
    expect 5 as $member --json report links
    holds err KIND_NOT_ALLOWED
    expect 5 as $member --json report links --about $m7
    lines out . 0
done
expect 0 as platform-03 --json log prove "$theirs"
lines out "platform-12|$m7" 0
as platform-03 watch --once --json --kinds MerchantIdentity >feed
lines feed . 0
expect 0 as platform-12 watch --once --json --kinds MerchantIdentity
lines out . 2 # its own
expect 0 as platform-03 mirror sync
expect 0 as regulator mirror sync
token=$(printf '%s' "$person" | sed 's/../\\x&/g')
if grep -rqaP "$token" "$world/fed/members/platform-03"; then fail "a rival's copy has a token"; fi
grep -rqaP "$token" "$world/fed/members/regulator/mirror" || fail "the regulator's copy has no token"
as platform-03 evidence export "$theirs" --out stolen.evidence >out 2>err || true
if [ -e stolen.evidence ] && grep -qaP "$token|$m7" stolen.evidence; then fail "evidence tells a rival"; fi
as platform-03 --json report statistics | cmp - statistics || fail "statistics tell"
expect 3 as platform-03 correct --issuer platform-12 --record "$(as regulator --json log prove "$theirs" | sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p')" --reason FACT_WRONG
holds err 'not in the ledger'
expect 3 as platform-03 correct --issuer platform-12 --record 00112233445566778899aabbccddeeff --reason FACT_WRONG
holds err 'not in the ledger'
identity platform-03 $m7 欧阳丙商行 "$person" "$account" ''
lines out '"status":"accepted"' 1 # the very words of another's are its own
# It ends with the record, and is the same after all was derived again.
expect 0 as regulator --json report links
cp out links
stop
expect 0 "$LIANFANGD" fsck --config "$world/fed/gateway.conf"
expect 0 "$LIANFANGD" rebuild --config "$world/fed/gateway.conf"
serve
expect 0 as regulator --json report links
cmp out links || fail "rebuilt it is another"
identity platform-05 $m1 欧阳甲商行 "$nobody" '' '' --update
expect 0 as regulator --json report links
lines out "$m7" 0
# Platforms make the tokens themselves, of values that are not sent, not kept and not told.
m3=91999999MA0000031R m4=91999999MA000004XH
expect 0 "$LIANFANG" keygen --token-key token.key
if "$LIANFANG" keygen --token-key token.key >out 2>err; then fail "a key is written over"; fi
{ echo 'ref,uscc,legal_rep_id,account,phone'
  echo "c-1,$m3,11010519491231002X,6222020200112233445,13800138000"
  echo "c-2,$m4,110105491231002,6222 0202 0011 2233 445,"
  echo "c-3,$m2,欧阳某某,,"; } >clear.csv
expect 2 as platform-09 push --kind merchant-identity clear.csv
holds err "column 'legal_rep_id' is not known"
expect 2 as platform-09 push --kind entry-ban --token-key token.key clear.csv
silent() { if grep -rlaE '1101051949|110105491231|62220202001122|6222 0202|13800138000|欧阳某某' "$@"; then fail "a clear value is there"; fi; }
clear_push() { local want=$1; shift; expect "$want" as platform-09 --json "$@" push --kind merchant-identity --token-key token.key clear.csv --receipts receipts --spool spool-clear; }
stop
clear_push 4 --timeout 1
[ -d spool-clear ] || fail "nothing waits"
silent spool-clear out err
serve
clear_push 3
lines out '"status":"accepted"|"status":"duplicate"' 2
holds out '"rejected","code":"TOKEN_VALUE","field":"legal_rep_id"'
silent out err receipts "$world/fed" "$world/log"
expect 0 as regulator --json report links --about $m3
lines out . 1
holds out "\"linked\":\"$m4\",\"link\":\"LINK\\(strong\\)\",\"tokens\":\"LEGAL_REP\\+ACCOUNT\"" # one person in two spellings
echo "risk: ranked, linked, and explained"
