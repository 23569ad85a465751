# subject export: all about one merchant. A regulator gets the records, who was told of each and what proves it, who asked, and where to
# appeal; a platform, at the merchant's request, what it may read, its own questions, and who was told of its own records, with rivals
# under pseudonyms; nobody else gets it. What waits is told to nobody whom it has not reached, and what is erased to nobody.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
m1=91999999MA00000154 m2=91999999MA0000023Y
event() { # MEMBER REF CODE CERTAINTY: `index`
    printf 'ref,uscc,name,violation,certainty,measures,decided_at,legal_basis\n%s,%s,测试<旗舰>店,COUNTERFEIT,%s,REMOVAL,2026-03-06,STATUTORY_DUTY\n' "$2" "$3" "$4" >event.csv
    expect 0 as "$1" --json push --kind enforcement-event event.csv --spool "spool-$2"
    index=$(sed -n 's/.*"index":\([0-9]*\).*/\1/p' out)
}
export_of() { # MEMBER CODE [OPTION]...
    local who=$1 code=$2 purpose=SUBJECT_REQUEST
    shift 2
    [ "$who" != regulator ] || purpose=INVESTIGATION
    expect 0 as "$who" --json subject export "$code" --purpose $purpose --case 2026-S-1 "$@"
}
row() { # PATTERN COUNT
    lines out "$1" "$2"
}
today=$(TZ=Asia/Shanghai date +%F)

event platform-01 e1 $m1 ESTABLISHED_BY_PLATFORM
own=$index
event platform-04 e2 $m1 SUSPECTED
rival=$index
event platform-04 other $m2 ESTABLISHED_BY_PLATFORM
expect 0 as platform-02 dispose "$own" REMOVED --rule P02-R-1
expect 0 as platform-03 watch --once --confirm
expect 1 as platform-05 screen --purpose ONBOARDING $m1
expect 0 as platform-02 appeal "$own" FILED --reason 并非本店

# ---- a regulator ----
export_of regulator $m1
row '"part":"RECORD"' 4
holds out "\"part\":\"RECORD\",\"index\":\"$own\",\"at\":\"${today}T.*\",\"member\":\"platform-01\",\"role\":\"PLATFORM\",\"what\":\"EnforcementEvent\",\"state\":\"UNDER_APPEAL\",\"basis\":\"STATUTORY_DUTY\",\"entry\":\"ledger:$own\",\"detail\":\"violation=COUNTERFEIT; decided_at=2026-03-06; measure=REMOVAL; certainty=ESTABLISHED_BY_PLATFORM; until=20.*name=测试<旗舰>店\""
holds out "\"member\":\"platform-02\",\"role\":\"PLATFORM\",\"what\":\"Appeal\",\"state\":\"FILED\".*\"detail\":\"about=$own\""
holds out "\"member\":\"platform-02\",\"role\":\"PLATFORM\",\"what\":\"Disposition\",\"state\":\"REMOVED\""
holds out "\"part\":\"RECIPIENT\",\"index\":\"$own\",\"at\":\"${today}T.*\",\"member\":\"platform-02\",\"role\":\"PLATFORM\",\"what\":\"(DELIVERED|ANSWERED)\",\"state\":\"REMOVED\""
row "\"part\":\"RECIPIENT\",\"index\":\"$own\",.*\"member\":\"platform-03\",.*\"what\":\"DELIVERED\",.*\"entry\":\"access:[0-9]+\"" 1
row "\"part\":\"RECIPIENT\",\"index\":\"$own\",.*\"member\":\"platform-06\"" 0
row '"part":"ACCESS",.*"member":"platform-05","role":"PLATFORM","what":"SCREEN","state":"","basis":"ONBOARDING STATUTORY_DUTY"' 1
row "\"part\":\"APPEAL\",\"index\":\"$own\",\"at\":\"$(TZ=Asia/Shanghai date -d "$today + 7 days" +%F)\",\"member\":\"platform-01\",.*\"what\":\"ISSUER\",\"state\":\"FILED\".*decide_within=15 WORKDAYS" 1
row "\"part\":\"APPEAL\",\"index\":\"$own\",.*\"member\":\"platform-02\",.*\"what\":\"ACTED\"" 1
row "\"part\":\"APPEAL\",\"index\":\"$own\",.*\"member\":\"regulator\",\"role\":\"REGULATOR\",\"what\":\"REGULATOR\"" 1
if grep -q "$m2" out; then fail "another merchant's record"; fi
# It is itself in the log: the next one has it, and the merchant counts in the meter.
export_of regulator $m1
row '"part":"ACCESS",.*"member":"regulator","role":"REGULATOR","what":"READ_ENTRIES","state":"","basis":"INVESTIGATION STATUTORY_DUTY",.*"detail":"note=subject; subjects=1; case=2026-S-1"' 1
export_of regulator $m2
row '"part":"ACCESS"' 0
# A table that names the merchant has told of it, too.
expect 0 as regulator report ranking --about $m1 --case 2026-S-2
expect 0 as regulator report ranking
expect 0 as regulator report open-loops
expect 0 as regulator report coverage # names nobody
export_of regulator $m1
row '"part":"ACCESS",.*"member":"regulator",.*"what":"READ_ENTRIES",.*"detail":"note=ranking; subjects=1; case=2026-S-2"' 1
row '"part":"ACCESS",.*"detail":"note=ranking; subjects=2"' 1
row '"part":"ACCESS",.*"detail":"note=open-loops; subjects=2"' 1
row '"part":"ACCESS",.*"detail":"note=coverage' 0
export_of regulator $m1 --from 2026-03-01 --until 2026-03-31
row . 0

# ---- a platform, for the merchant ----
export_of platform-01 $m1
row '"part":"RECORD"' 4 # its own, the answer and the appeal about it, and the rival's
holds out "\"part\":\"RECORD\",\"index\":\"$own\",.*\"member\":\"platform-01\""
holds out "\"part\":\"RECORD\",\"index\":\"$rival\",.*\"member\":\"issuer-[0-9a-f]{16}\",\"role\":\"PLATFORM\""
row "\"part\":\"RECIPIENT\",\"index\":\"$own\",.*\"member\":\"issuer-[0-9a-f]{16}\",.*\"what\":\"DELIVERED\",\"state\":\"REMOVED\"" 1
row "\"part\":\"RECIPIENT\",\"index\":\"$rival\"" 0
row '"part":"ACCESS"' 0
row '"part":"APPEAL".*"member":"regulator"' 2
row '"member":"issuer-[0-9a-f]{16}","role":"PLATFORM","what":"ACTED"' 1
if grep -qE 'platform-0[2-9]' out; then fail "a rival is named"; fi
# The same pseudonym as a screening gives it.
name=$(sed -n "s/.*\"part\":\"RECORD\",\"index\":\"$rival\",.*\"member\":\"\(issuer-[0-9a-f]*\)\".*/\1/p" out)
expect 1 as platform-01 --json screen --purpose ONBOARDING $m1
holds out "\"contact\":\"$name\""
# Who has nothing to do with a record is not told what others did about it.
export_of platform-05 $m1
row '"what":"(ACTED|Disposition)"' 0
row '"part":"ACCESS",.*"member":"platform-05",.*"what":"SCREEN"' 1
row '"part":"RECIPIENT",.*"member":"platform-05"' 0

# ---- nobody else, and not without a reason ----
expect 5 as lab-01 subject export $m1 --purpose SUBJECT_REQUEST --case 1
holds err 'subject: for regulators, and for platforms on behalf of the merchant \(KIND_NOT_ALLOWED\)'
expect 2 as platform-01 subject export $m1 --purpose INVESTIGATION --case 1
holds err 'SUBJECT_REQUEST \(PURPOSE_REQUIRED\)'
expect 2 as platform-01 subject export $m1 --purpose SUBJECT_REQUEST
holds err CASE_REQUIRED
expect 2 as regulator subject export 91999999MA00000155 --purpose INVESTIGATION --case 1
holds err USCC_CHECK_DIGIT
expect 2 as regulator subject export --purpose INVESTIGATION --case 1

# ---- for people and for other programs ----
expect 0 as regulator subject export $m1 --purpose INVESTIGATION --case 1 --csv
holds out '^part,index,at,member,role,what,state,basis,entry,detail$'
holds out "^RECORD,$own,.*,platform-01,PLATFORM,EnforcementEvent,UNDER_APPEAL,"
expect 0 as regulator subject export $m1 --purpose INVESTIGATION --case 1
holds out '^RECORD +'
expect 0 as regulator subject export $m1 --purpose INVESTIGATION --case 1 --from 2026-01-01 --out page.html
holds page.html '<h1>经营者信息查阅</h1>'
holds page.html "查询对象：$m1<"
holds page.html '期间：2026-01-01 至 不限<'
holds page.html '<b>违法违规行为=出售假冒; 认定日期=2026-03-06; 处置措施=清退; 确定程度=平台认定; .*名称=测试&lt;旗舰&gt;店</b>'

# What is erased is in nobody's export, though its leaf stays.
expect 0 as platform-01 --json log prove "$own"
record=$(sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' out)
expect 0 as regulator redact propose --issuer platform-01 --record "$record" --order-authority 某法院 --order-number '(2026) 1' --authority-key fed/authority.key
for who in regulator platform-01; do
    export_of $who $m1
    row "\"index\":\"$own\"" 0
    row "about=$own" 0
done
# Who has left takes no appeal, and has what it was told all the same.
for id in platform-03 platform-04; do expect 0 as regulator member retire $id --authority-key fed/authority.key; done
export_of regulator $m1
row "\"part\":\"APPEAL\",\"index\":\"$rival\",.*\"what\":\"ISSUER\"" 0
row "\"part\":\"APPEAL\",\"index\":\"$rival\",.*\"what\":\"REGULATOR\"" 1
row "\"part\":\"RECIPIENT\",\"index\":\"$rival\",.*\"member\":\"platform-03\",.*\"what\":\"DELIVERED\"" 1
stop
expect 0 "$LIANFANGD" fsck --config fed/gateway.conf
echo "subject: all of it to whom it concerns"
