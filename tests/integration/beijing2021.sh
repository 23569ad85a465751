# As published in August 2021: 21 platforms have joined, 9 have reported, about 10,000 merchants removed within a year.
. "$(dirname "$0")/world.sh"
. "$(dirname "$0")/clock.sh"
export PYTHONDONTWRITEBYTECODE=1
cd "$world"
at '2026-06-30 12:00'
open_world
mkdir gen
"$GENERATE" gen 10000 2021
python3 "$INTEGRATION/beijing2021.py" plan .

claim S4-07.1 "10,000 removals from 9 reporters: members=21 reporters=9"
for file in gen/*.csv; do
    member=${file#gen/}
    expect 0 as "${member%.csv}" --json push --kind enforcement-event "$file"
    lines out '"status":"accepted"' $(($(wc -l <"$file") - 1))
done
expect 0 as regulator --json report participation
lines out '"silent":"SILENT"' 12
holds out '"member":"TOTAL","contributed":"10000".*"silent":"12","members":"21","reporters":"9"'
claim S4-07.2 "365 days back from 2026-06-30: 2025-06-30 is in, the day before is not"
expect 0 as platform-01 --json push --kind enforcement-event edge.csv
lines out '"status":"accepted"' 2
expect 0 as regulator --json report participation --from 2025-06-30 --until 2026-06-30
holds out '"member":"TOTAL","contributed":"10001".*"members":"21","reporters":"9"'
cp out year.json
expect 0 as regulator --json report participation --from 2025-06-29 --until 2026-06-30
holds out '"member":"TOTAL","contributed":"10002".*"members":"21","reporters":"9"'

# Two platforms answer all that is asked of them, the other 19 nothing: every figure follows from the files.
expect 0 as regulator --json watch --once --kinds EnforcementEvent
cp out events.json
for member in platform-02 platform-12; do
    expect 0 as $member --json notice list
    cp out tasks-$member.json
done
python3 "$INTEGRATION/beijing2021.py" answers .
for member in platform-02 platform-12; do
    expect 0 as $member --json push --kind disposition answers-$member.csv
    lines out '"status":"accepted"' "$(wc -l <tasks-$member.json)"
done
for report in participation coverage statistics; do
    expect 0 as regulator --json report $report
    cp out $report.json
done
expect 0 python3 "$INTEGRATION/beijing2021.py" check .
cat out
stop
echo "beijing 2021: as it was published"
