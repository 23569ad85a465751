# Published lists: every layout, the same file again, the next day's, what vanished, and what is wrong in them.
. "$(dirname "$0")/world.sh"
open_world
import() { as regulator --json import "$@"; }
size() { as auditor --json log checkpoint | sed -n 's/.*"size":\([0-9]*\).*/\1/p'; }
grew() { # BY: since `before`
    local now
    now=$(size)
    [ $((now - before)) -eq "$1" ] || fail "the ledger grew by $((now - before)), not $1"
    before=$now
}
before=$(size)
[ -n "$before" ] || fail "no size"

# A dry run says what would happen and sends nothing, also without a profile.
day1=$DATA/lists/open-data-abnormal.csv
expect 0 "$LIANFANG" --json import --dry-run "$day1"
lines "$world/out" '"status":"new"' 4
holds "$world/err" "^layout open-data/abnormal .*: told by '经营异常名录id'; 11 of 11 columns known"
# The row with an address where nobody was found: reason, day of listing, day of removal.
holds "$world/out" '"line":4,.*"uscc":"91999999MA0000031R","list":"ABNORMAL","reason":"ABN_UNREACHABLE","listed_on":"2024-07-08","removed_on":"2025-02-11"'
expect 0 import --dry-run "$day1"
grew 0

# The first day: four lines, two of which have ended; several of one code stay apart.
expect 0 import "$day1" --receipts "$world/receipts"
lines "$world/out" '"status":"accepted","index":[0-9]+' 4
lines "$world/out" '"removal":\{"status":"accepted","index":[0-9]+\}' 2
lines "$world/out" 'USCC_NORMALISED' 3
lines "$world/receipts" '"receipt"' 6
grew 6
expect 0 as platform-01 receipt verify "$world/receipts"
# Had their answers been lost: what the ledger says is in it already has its receipts, each once.
for file in receipts again again; do
    expect 0 import "$day1" --state "$world/forgotten" --receipts "$world/$file"
    lines "$world/$file" '"receipt"' 6
    rm "$world/forgotten"
done
# The same file is nothing new, whatever its encoding or form.
iconv -f UTF-8 -t GB18030 "$day1" >"$world/gb.csv"
{ printf '\xef\xbb\xbf'; cat "$day1"; } >"$world/bom.csv"
python3 "$INTEGRATION/sheet.py" "$day1" "$world/sheet.xlsx"
for file in "$day1" "$world/gb.csv" "$world/bom.csv" "$world/sheet.xlsx"; do
    expect 0 import "$file" # by what the last import brought
    lines "$world/out" '"status":"duplicate"' 4
    lines "$world/out" '"removal":\{"status":"duplicate"' 2
    expect 0 import "$file" --state "$world/forgotten" # by what the ledger says
    lines "$world/out" '"status":"duplicate","index":[0-9]+,"removal":\{"status":"duplicate","index":[0-9]+\}' 2
    lines "$world/out" '"status":"duplicate","index":[0-9]+' 4
    rm "$world/forgotten"
done
grew 0
printf 'PK\3\4 no spreadsheet' >"$world/broken.xlsx"
expect 2 import "$world/broken.xlsx"
holds "$world/err" 'xlsx2csv does not read it'

# The next day: one line has ended since, one is no longer in the file.
sed -e 's/^2017-7-7\(.*\),\\n,\\n,江东区局,/2017-7-7\1,补报年度报告,2025-03-04,江东区局,/' -e '/,1004,/d' "$day1" >"$world/day2.csv"
expect 0 import --dry-run "$world/day2.csv"
lines "$world/out" '"removal":\{"status":"new"' 1
lines "$world/out" '"status":"vanished","uscc":"91999999MA000004XH"' 1
expect 0 import "$world/day2.csv"
lines "$world/out" '"removal":\{"status":"accepted"' 1
lines "$world/out" '"status":"vanished","uscc":"91999999MA000004XH","list":"ABNORMAL","listed_on":"2024-07-08"' 1
grew 1 # what vanished stays listed until a person says otherwise
lists=$world/fed/members/regulator/lists
state=$lists/open-data_abnormal_ABNORMAL_-.state
candidates=$state.vanished.csv
holds "$world/err" "$candidates"
lines "$candidates" 'VANISHED' 1
[ "$(stat -c %a "$state" "$candidates" | sort -u)" = 600 ] || fail "the state is not 0600"
expect 0 import --confirm-vanished "$candidates" # nobody filled in a day
holds "$world/err" '0 removed, 0 removed before, 0 rejected; 1 without a day'
grew 0
sed 's/^"",/"2024-07-07",/' "$candidates" >"$candidates.2"
expect 3 import --confirm-vanished "$candidates.2" --state "$state"
holds "$world/out" '"code":"DATE_INVALID","field":"removed_on".*"outcome":"WRONG_INTERVAL"'
grew 0
sed -i 's/^"",/"2025-3-5",/' "$candidates"
expect 0 import --confirm-vanished "$candidates"
holds "$world/err" '^1 removed, 0 removed before'
grew 1
expect 0 import --confirm-vanished "$candidates"
holds "$world/err" '^0 removed, 1 removed before'
expect 0 import "$world/day2.csv" # it is no candidate any more
lines "$world/out" 'vanished' 0
grew 0
expect 0 import "$day1" # listed again, though it was removed: told, and nothing done
lines "$world/out" 'REMOVED_BEFORE' 2
grew 0

# A state is of one list: of another, all would have vanished.
expect 2 import "$DATA/lists/publicity-abnormal.json" --state "$state"
holds "$world/err" 'is the state of another list'

# A word changed: refused, and with --update the next version, once.
sed 's/测试商贸三号有限公司/测试商贸三号股份有限公司/' "$day1" >"$world/changed.csv"
expect 3 import "$world/changed.csv"
holds "$world/out" '"line":4,"status":"rejected".*"code":"CHANGED"'
grew 0
expect 0 import --update "$world/changed.csv"
holds "$world/out" '"line":4,"status":"accepted"'
lines "$world/out" '"status":"duplicate"' 3
expect 0 import --update "$world/changed.csv"
lines "$world/out" '"status":"duplicate"' 4

# Every other layout.
for file in publicity-abnormal.json publicity-serious.json publicity-mark.jsonl publicity-penalty.json open-data-serious.csv open-data-mark.csv penalty-publicity.csv; do
    expect 0 import "$DATA/lists/$file"
    expect 0 import "$DATA/lists/$file"
    lines "$world/out" '"status":"accepted"' 0
done
# A mark that is said to have ended, and not when, is for a person, too.
lines "$lists/publicity_mark_ABNORMAL_MARK_-.state.vanished.csv" 'REMOVAL_UNDATED' 1
iconv -f UTF-8 -t GB18030 "$DATA/lists/exchange.csv" >"$world/exchange.csv"
expect 3 import "$world/exchange.csv"
lines "$world/out" '"code":"LIST_UNKNOWN"' 2
expect 0 import "$world/exchange.csv" --list ABNORMAL
lines "$world/out" '"status":"accepted"' 2
expect 2 import "$world/exchange.csv" --list BADNESS
expect 3 import "$DATA/lists/credit-china.csv"
lines "$world/out" '"status":"accepted"' 2
lines "$world/out" '"outcome":"UNKNOWN_LIST"' 2

# A local list is of its division, and a list of its own.
before=$(size)
printf 'uscc,list,reason_text,listed_on,authority\n91999999MA0000058H,,销售假冒商品,2025-05-06,测试局\n' >"$world/local.csv"
expect 3 import "$world/local.csv" --list LOCAL_SERIOUS
holds "$world/out" '"code":"FIELD_MISSING","field":"region"'
expect 2 import "$world/local.csv" --list LOCAL_SERIOUS --region 11
expect 0 import "$world/local.csv" --list LOCAL_SERIOUS --region 110000
expect 0 import "$world/local.csv" --list SERIOUS
lines "$world/out" '"status":"accepted"' 1
grew 2

# A listing is there before its removal, however many batches are under way at once.
{
    printf 'uscc,list,reason_text,listed_on,removed_on,list_id\n91999999MA0000103J,ABNORMAL,无法联系,2024-01-01,,0\n'
    for i in $(seq 2000); do printf '91999999MA0000103J,ABNORMAL,无法联系,2024-01-01,2024-02-01,%s\n' "$i"; done
} >"$world/pairs.csv"
expect 0 import "$world/pairs.csv" --state "$world/pairs"
grew 4001
expect 0 import "$world/pairs.csv" --state "$world/pairs"
lines "$world/out" '"status":"duplicate"' 2001
grew 0

# A run that is killed leaves the state as it was, and the next one goes on: every row is told, and none counts twice.
sed -e 's/2024-01-01/2023-01-01/;s/2024-02-01/2023-02-01/' -e 's/,\([0-9]*\)$/,k\1/' "$world/pairs.csv" >"$world/killed.csv"
regulator=$world/fed/members/regulator/profile.conf
"$LIANFANG" --profile "$regulator" --json import "$world/killed.csv" --state "$world/killed" >"$world/killed.out" 2>/dev/null &
killed=$!
until [ -s "$world/killed.out" ]; do kill -0 "$killed" || break; sleep 0.01; done
kill -9 "$killed" 2>/dev/null || true
wait "$killed" 2>/dev/null || true
expect 0 import "$world/killed.csv" --state "$world/killed"
lines "$world/out" '"line":[0-9]*,"status":"(accepted|duplicate)"' 2001
grew 4001
expect 0 import "$world/killed.csv" --state "$world/killed"
lines "$world/out" '"status":"duplicate"' 2001
grew 0

# Bad lists: each its own outcome, and the rest goes in.
{
    printf 'uscc,list,reason_text,listed_on,removed_on,authority\n'
    printf '91999999MA0000066C,ABNORMAL,通过登记的住所无法联系,2024-07-08,2024-07-07,某局\n'
    printf '91999999MA0000066C,ABNORMAL,通过登记的住所无法联系,,2024-07-07,某局\n'
    printf '91999999MA0000066C,ABNORMAL,没有听说过的原因,2024-07-08,,某局\n'
    printf '91999999MA0000066C,ABNORMAL,通过登记的住所无法联系,2024-07-09,9999-9-9,某局\n'
    printf '91999999MA0000066C,BADNESS,通过登记的住所无法联系,2024-07-08,,某局\n'
    printf '91999999MA0000066C,ABNORMAL,通过登记的住所无法联系,2024-7-32,,某局\n'
    printf '91999999MA0000066D,ABNORMAL,通过登记的住所无法联系,2024-07-08,,某局\n'
    printf '91999999MA00000747,ABNORMAL,通过登记的住所无法联系,2024-07-08,,某局\n'
} | iconv -f UTF-8 -t GB18030 >"$world/bad.csv"
printf '91999999MA00000822,ABNORMAL,\xce\xde\xb7\xa8\xc1,2024-07-08,,\xc4\xb3\n91999999MA0000090W,ABNORMAL,\xce\xde\xb7\xa8\xc1\xaa\xcf\xb5,2024-07-08,,\xc4\xb3\n' >>"$world/bad.csv"
expect 3 import "$world/bad.csv"
holds "$world/out" '"line":2,"status":"rejected","code":"DATE_INVALID","field":"removed_on",.*"outcome":"WRONG_INTERVAL"'
holds "$world/out" '"line":3,"status":"rejected","code":"TARGET_UNKNOWN",.*"outcome":"REMOVAL_WITHOUT_ENTRY"'
holds "$world/out" '"line":4,"status":"accepted".*"warnings":\["LIST_REASON_UNKNOWN"\]'
holds "$world/out" '"line":5,"status":"accepted"'
holds "$world/out" '"line":6,"status":"rejected","code":"LIST_UNKNOWN",.*"outcome":"UNKNOWN_LIST"'
holds "$world/out" '"line":7,"status":"rejected","code":"DATE_INVALID","field":"listed_on",.*"outcome":"BAD_DATE"'
holds "$world/out" '"line":8,"status":"rejected","code":"USCC_CHECK_DIGIT","field":"uscc",.*"outcome":"BAD_CODE"'
holds "$world/out" '"line":9,"status":"accepted"'
holds "$world/out" '"line":10,"status":"rejected","code":"BAD_UTF8","field":"reason_text","message":"column 3: character 3 is none .*"outcome":"BROKEN_CHARACTER"'
holds "$world/out" '"line":11,"status":"accepted"'
lines "$world/out" . 10
grew 4
# The rows that could not be read may be the line that vanished: that is said.
sed -i '9d' "$world/bad.csv"
expect 3 import "$world/bad.csv"
lines "$world/out" '"status":"vanished","uscc":"91999999MA00000747"' 1
holds "$world/err" 'rows could not be read: the lines may be among these'

# A line that was twice in the file vanishes once.
head -n 1 "$world/bad.csv" >"$world/twice.csv"
for _ in 1 2; do printf '91999999MA0000058H,ABNORMAL,\xce\xde\xb7\xa8,2024-07-11,,\xc4\xb3\n' >>"$world/twice.csv"; done
expect 0 import "$world/twice.csv" --state "$world/twice"
grew 1
sed -e 2,3d "$world/twice.csv" >"$world/once.csv"
printf '91999999MA0000058H,ABNORMAL,\xce\xde\xb7\xa8,2024-07-12,,\xc4\xb3\n' >>"$world/once.csv"
for _ in 1 2; do # still a candidate the day after
    expect 0 import "$world/once.csv" --state "$world/twice"
    lines "$world/out" '"status":"vanished"' 1
done
grew 1

# No line is of a day that has not come yet, neither listed nor taken off; and it counts from its first day on, here and in a copy.
printf 'uscc,name,status\n91999999MA0000090W,测试商贸九号,ACTIVE\n' >"$world/registry.csv"
expect 0 as regulator push --kind registry-entry "$world/registry.csv"
day() { TZ=Asia/Shanghai date -d "$1 days" +%Y-%m-%d; }
listed() { printf 'uscc,list,reason_text,listed_on,removed_on,authority\n91999999MA0000090W,SERIOUS,销售假药,%s,%s,某局\n' "$@" >"$world/early.csv"; }
listed "$(day +2)" ''
expect 3 import "$world/early.csv" --state "$world/early"
holds "$world/out" '"code":"DATE_INVALID","field":"listed_on","message":"listed_on: is a day that has not come yet"'
first=$(day -1)
listed "$first" ''
expect 0 import "$world/early.csv" --state "$world/early"
listed "$first" 2099-01-01
expect 3 import "$world/early.csv" --state "$world/early"
holds "$world/out" '"code":"DATE_INVALID","field":"removed_on","message":"removed_on: is a day that has not come yet"'
grew 2
serious='LIST_SERIOUS of '$first
as platform-01 screen --purpose ONBOARDING --in-force "$(day -2)" 91999999MA0000090W >"$world/out" 2>&1 || true
lines "$world/out" "$serious" 0
as platform-01 screen --purpose ONBOARDING 91999999MA0000090W >"$world/out" 2>&1 || true
lines "$world/out" "DENY.*$serious" 1
expect 0 as platform-01 mirror sync
printf 'code\n91999999MA0000090W\n' >"$world/codes.csv"
expect 0 as platform-01 mirror screen --file "$world/codes.csv" --column code --out "$world/local.csv"
lines "$world/local.csv" '91999999MA0000090W,CODE.*LIST_SERIOUS' 1

# A quote within a field costs its row; one that opens a field and may have taken rows in costs the file.
quoted() { printf 'uscc,list,reason_text,listed_on,authority\n'; printf "$@"; }
q1='91999999MA0000103J,ABNORMAL,无法联系,2025-05-01,某局'
q2='91999999MA0000103J,ABNORMAL,无法联系,2025-05-02,"某""局"'
quoted '%s\r\n91999999MA0000103J,ABNORMAL,商号"甲"的,2025-05-03,某局\n"91999999MA0000103J"x,ABNORMAL,无法联系,2025-05-04,某局\n%s\n' "$q1" "$q2" >"$world/quote.csv"
expect 3 import "$world/quote.csv" --state "$world/quote"
holds "$world/out" '"line":3,"status":"rejected","code":"WIRE_MALFORMED","field":"reason_text","message":"column 3: a quote .*"outcome":"NOT_A_ROW"'
holds "$world/out" '"line":4,"status":"rejected","code":"WIRE_MALFORMED","field":"uscc"'
lines "$world/out" '"line":(2|5),"status":"accepted"' 2
grew 2
for bad in "$q1"'\n91999999MA0000103J,ABNORMAL,"甲\n'"$q1"'\n91999999MA0000103J,ABNORMAL,"乙,2025-05-03,某局\n' \
    "$q1"'\r91999999MA0000103J,ABNORMAL,商号"甲"的,2025-05-03,某局\r'"$q1"'\r' \
    "$q1"'\n91999999MA0000103J,ABNORMAL,"甲,2025-05-03,某局\n'; do
    quoted "$bad" >"$world/quote.csv"
    expect 2 import "$world/quote.csv" --state "$world/quote"
    holds "$world/err" 'a quote is not closed'
done
quoted '' | sed 's/uscc/us"cc/' >"$world/quote.csv"
printf '%s\n' "$q1" >>"$world/quote.csv"
expect 2 import "$world/quote.csv"
grew 0

# A text that no record holds costs its row.
{ quoted ''; printf '91999999MA0000103J,ABNORMAL,'; printf '无%.0s' $(seq 1366); printf ',2025-06-01,某局\n%s\n' "${q1/05-01/06-02}"; } >"$world/long.csv"
expect 3 import "$world/long.csv" --state "$world/quote"
holds "$world/out" '"line":2,"status":"rejected","code":"TOO_BIG","field":"reason_text","message":"reason_text: more than 4096 bytes","outcome":"TOO_LONG"'
lines "$world/out" '"line":3,"status":"accepted"' 1
grew 1
# What spreadsheets write as text: parted by tabs, or by semicolons, however long the line of names.
for part in '\t' ';'; do
    tr ',' "$(printf "$part")" <"$day1" >"$world/parted.csv"
    expect 0 import --dry-run "$world/parted.csv"
    lines "$world/out" '"status":"(new|duplicate|changed)"' 4
done
{ printf 'n%.0s' $(seq 200); printf ',uscc\n1,2\n'; } >"$world/named.csv"
expect 2 import "$world/named.csv"
holds "$world/err" 'column 1 has a name of more than 95 bytes'
# One line says what is wrong with a spreadsheet.
head -c 700 "$world/sheet.xlsx" >"$world/cut.xlsx"
expect 2 import "$world/cut.xlsx"
lines "$world/err" . 1

# A layout that is named must fit.
expect 2 import "$DATA/lists/publicity-serious.json" --layout open-data
expect 2 import "$DATA/lists/publicity-serious.json" --layout nothing
holds "$world/err" "no layout 'nothing'; there are auto, publicity/abnormal"
expect 0 import "$DATA/lists/publicity-serious.json" --layout publicity --dry-run
lines "$world/out" '"status":"duplicate"' 2
# What is not whole is not begun.
printf '[{"uscc":"91999999MA0000103J","list":"ABNORMAL","reason_text":"x","listed_on":"2024-07-08"},{"uscc":' >"$world/cut.json"
expect 2 import "$world/cut.json"
holds "$world/err" 'breaks off in line 1'
grew 0
# A platform does not publish lists.
expect 5 as platform-01 --json import "$day1"
lines "$world/out" '"code":"KIND_NOT_ALLOWED"' 4
expect 5 as platform-01 import "$day1"
lines "$world/err" KIND_NOT_ALLOWED 1
holds "$world/err" '^and 3 more rows for the same reason$'
grew 0

claim S4-03.1 "a table in GB18030 from P01 and JSON from P05 name one merchant: one subject, two events"
printf 'ref,uscc,violation,certainty,measures,decided_at,note\ns3-1,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02,假货\n' >"$world/one.utf8"
iconv -f UTF-8 -t GB18030 "$world/one.utf8" >"$world/one.csv"
printf '{"code": 0, "data": [\n{"ref": "s3-5", "uscc": "91999999ma00000154", "violation": "SHODDY", "certainty": "ESTABLISHED_BY_PLATFORM", "measures": "REMOVAL", "decided_at": "2026-03-03", "points": 12}]}\n' >"$world/five.json"
both() { # what is known of the one merchant that both name
    expect 1 as platform-02 --json screen --purpose ONBOARDING 91999999MA00000154
    lines "$world/out" '"subject":"91999999MA00000154"' 1
    for violation in COUNTERFEIT SHODDY; do
        [ "$(grep -o "\"violation\":\"$violation\"" "$world/out" | wc -l)" -eq 1 ] || fail "not one event of $violation"
    done
    [ "$(grep -o '"kind":"ENFORCEMENT_EVENT"' "$world/out" | wc -l)" -eq 2 ] || fail "not two events"
    expect 0 as regulator --json watch --once --kinds EnforcementEvent
    lines "$world/out" '"uscc": ?"91999999MA00000154"' 2
}
expect 0 as platform-01 --json push --kind enforcement-event "$world/one.csv"
lines "$world/out" '"status":"accepted"' 1
expect 0 as platform-05 --json push --kind enforcement-event "$world/five.json"
lines "$world/out" '"line":2,"status":"accepted"' 1
grew 2
both
expect 0 as regulator --json watch --once --kinds EnforcementEvent
holds "$world/out" '"note": ?"假货"'
claim S4-03.2 "the same files again: duplicates, and every count as it was"
expect 0 as platform-01 --json push --kind enforcement-event "$world/one.csv"
lines "$world/out" '"status":"duplicate"' 1
expect 0 as platform-05 --json push --kind enforcement-event "$world/five.json"
lines "$world/out" '"line":2,"status":"duplicate"' 1
grew 0
both
claim S4-03.3 "the same rows as a spreadsheet: they go in, and where they went in before they are duplicates"
python3 "$INTEGRATION/sheet.py" "$world/one.utf8" "$world/one.xlsx"
expect 0 as platform-01 --json push --kind enforcement-event "$world/one.xlsx"
lines "$world/out" '"status":"duplicate"' 1
grew 0
expect 0 as platform-09 --json push --kind enforcement-event "$world/one.xlsx"
lines "$world/out" '"status":"accepted"' 1
grew 1
expect 0 as regulator --json watch --once --kinds EnforcementEvent
lines "$world/out" '"issuer": ?"platform-09".*"ref": ?"s3-1".*"note": ?"假货"' 1
expect 0 as platform-01 log audit
echo good
