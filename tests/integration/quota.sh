# How much a member may ask a day: what goes beyond it is told so, subject by subject, and never allowed.
. "$(dirname "$0")/world.sh"
open_world
cd "$world"
stop
printf '\n[quota]\nonboarding = 5\nonboarding_reserve = 2\nrescreening = 25000\nsubject_request = 1\n' >>fed/gateway.conf
serve
head -n 9 "$DATA/registry-sample.csv" | tr -d "\r" | sed '1s/$/,status/; 1!s/$/,存续/' >registry.csv
expect 0 as regulator push --kind registry-entry registry.csv
mapfile -t codes < <(cut -d, -f1 registry.csv | tail -n +2)
many() { # COUNT: a file of so many codes
    printf '%s\n' "${codes[@]}" | awk -v n="$1" '{ c[NR] = $0 } END { print "code"; for (i = 0; i < n; i++) print c[i % NR + 1] }'
}
meter() { # MEMBER PURPOSE COUNT
    expect 0 "$LIANFANGD" meter --config fed/gateway.conf --member "$1" --json
    lines out "\"purpose\":\"$2\",\"subjects\":$3}" 1
}

claim S4-24.3 "beyond the quota each subject is told QUOTA_EXCEEDED, and none is allowed"
expect 3 as platform-01 --json screen --purpose ONBOARDING "${codes[@]}"
lines out '"advice":"ALLOW"' 5
lines out 'QUOTA_EXCEEDED' 3
lines out '"advice":"".*QUOTA_EXCEEDED' 3
meter platform-01 ONBOARDING 5
# The reserve is for one application at a time; the others ask for themselves, and for other purposes.
expect 3 as platform-01 --json screen --purpose ONBOARDING "${codes[0]}" "${codes[1]}"
lines out 'QUOTA_EXCEEDED' 2
for want in 0 0 3; do
    expect $want as platform-01 --json screen --purpose ONBOARDING "${codes[0]}"
done
lines out 'QUOTA_EXCEEDED' 1
expect 0 as platform-02 --json screen --purpose ONBOARDING "${codes[0]}"
expect 0 as platform-01 --json screen --purpose RESCREENING "${codes[0]}"
meter platform-01 ONBOARDING 7
# It is of the day, not of a process.
stop
serve
expect 3 as platform-01 --json screen --purpose ONBOARDING "${codes[0]}"
lines out 'QUOTA_EXCEEDED' 1

# What merchants ask of themselves has a number of its own.
requested() { as platform-04 --json subject export "${codes[0]}" --purpose SUBJECT_REQUEST --case 2026-S-1; }
expect 0 requested
expect 4 requested
holds err 'quota for this purpose is used up.*QUOTA_EXCEEDED'

claim S4-24.2 "a question about 500 subjects counts 500"
many 500 >many.csv
expect 0 as platform-03 --json screen --purpose RESCREENING --file many.csv --column code
meter platform-03 RESCREENING 500
# The stated numbers: 25,000 a day, and one more.
many 24501 >more.csv
expect 3 as platform-03 --json screen --purpose RESCREENING --file more.csv --column code
lines out 'QUOTA_EXCEEDED' 1
lines out '"advice":"ALLOW"' 24500
meter platform-03 RESCREENING 25000

stop
sed -i 's/^rescreening = .*/rescreening = many/' fed/gateway.conf
expect 1 "$LIANFANGD" serve --config fed/gateway.conf
holds err 'rescreening: a number'
echo "quota: each subject was told"
