# Who and what is refused over the wire, each with its own reason and exit code.
. "$(dirname "$0")/world.sh"
open_world
event='ref,uscc,violation,certainty,measures'
one() { printf '%s\n%s\n' "$event" "$1" >"$world/one.csv"; }
refused() { # CODE FIELD, of $world/one.csv as platform-01
    expect 3 as platform-01 --json push --kind enforcement-event "$world/one.csv"
    holds "$world/out" "\"rejected\",\"code\":\"$1\",\"field\":\"$2\""
}
one 'a,91999999MA00000154,BAD_WEATHER,SUSPECTED,REMOVAL'; refused VIOLATION_UNKNOWN violation
one 'a,91999999MA00000154,COUNTERFEIT,SUSPECTED,FLOGGING'; refused MEASURE_UNKNOWN measures
one 'a,91999999MA00000154,COUNTERFEIT,MAYBE,REMOVAL'; refused CERTAINTY_UNKNOWN certainty
one ',91999999MA00000154,COUNTERFEIT,SUSPECTED,REMOVAL'; refused FIELD_MISSING ref
printf '%s,note\na,91999999MA00000154,COUNTERFEIT,SUSPECTED,REMOVAL,id 11010519491231002X\n' "$event" >"$world/one.csv"; refused ID_NUMBER_IN_TEXT note
if grep -q 11010519491231002X "$world/log" "$world/out" "$world/err"; then fail "an ID number was repeated"; fi

# A platform issues no registry entry; a lab screens nobody; a stranger's certificate opens nothing.
printf 'uscc\n91999999MA00000154\n' >"$world/reg.csv"
expect 5 as platform-01 --json push --kind registry-entry "$world/reg.csv"
holds "$world/out" '"code":"KIND_NOT_ALLOWED","field":"header.kind"'
expect 5 as lab-01 screen --purpose ONBOARDING 91999999MA00000154
holds "$world/err" KIND_NOT_ALLOWED
expect 2 as regulator screen 91999999MA00000154
expect 1 as regulator screen --purpose ENFORCEMENT 91999999MA00000154
holds "$world/err" CASE_REQUIRED
expect 1 as regulator screen --purpose ENFORCEMENT --case 2026-1 91999999MA00000154
holds "$world/out" MANUAL_REVIEW
expect 1 as platform-01 screen --purpose CURIOSITY 91999999MA00000154
holds "$world/err" PURPOSE_REQUIRED
# A case number stays in the access log for ever: no person's number goes in with it, nor comes back.
expect 1 as regulator screen --purpose ENFORCEMENT --case 'case of 11010519491231002X' 91999999MA00000154
holds "$world/err" 'ID_NUMBER_IN_TEXT'
holds "$world/err" 'case_number'
if grep -raq 11010519491231002X "$world/fed/data" "$world/log" "$world/out" "$world/err"; then fail "an ID number was kept"; fi

# Another member's key under our name, and another's certificate with our key.
cp -r "$world/fed/members/platform-01" "$world/fed/members/forged"
cp "$world/fed/members/platform-02/sign.key" "$world/fed/members/forged/sign.key"
one 'f,91999999MA00000154,COUNTERFEIT,SUSPECTED,REMOVAL'
expect 5 as forged --json push --kind enforcement-event "$world/one.csv"
holds "$world/out" KEY_OF_OTHER_MEMBER
head -c 64 /dev/urandom | od -An -tx1 | tr -d ' \n' | head -c 64 >"$world/fed/members/forged/sign.key"
expect 3 as forged --json push --kind enforcement-event "$world/one.csv"
holds "$world/out" '"rejected","code":"KEY_UNKNOWN","field":"signatures.key_id"'

# A member's own record, brought by another member who may not.
cp "$world/fed/members/platform-01/sign.key" "$world/fed/members/forged/sign.key"
cp "$world/fed/members/platform-02/tls."* "$world/fed/members/forged/"
expect 5 as forged --json push --kind enforcement-event "$world/one.csv"
holds "$world/out" '"rejected","code":"SUBMITTER_NOT_ALLOWED","field":"header.issuer"'
# What only an authority decides is not for a platform to claim.
one 'a,91999999MA00000154,COUNTERFEIT,COURT,REMOVAL'; refused CERTAINTY_NOT_ALLOWED certainty

# Another federation's certificate: refused by us, though its handshake is good.
"$LIANFANGD" init "$world/other" --name other.example --dev --listen 127.0.0.1:1 >/dev/null
cp "$world/other/members/platform-01/tls."* "$world/fed/members/forged/"
cp "$world/fed/members/platform-01/sign.key" "$world/fed/members/forged/sign.key"
expect 5 as forged log checkpoint
holds "$world/err" CERTIFICATE_UNKNOWN
# And a gateway that is not ours is not spoken to.
cp "$world/other/tls.crt" "$world/fed/members/wrong.crt"
sed 's#^certificate = .*#certificate = ../wrong.crt#' "$world/fed/members/platform-01/profile.conf" >"$world/fed/members/platform-01/wrong.conf"
expect 4 timeout 60 "$LIANFANG" --profile "$world/fed/members/platform-01/wrong.conf" log checkpoint

# The daemon's own help has each of its commands; what a command does not take is refused, not passed over.
expect 0 "$LIANFANGD" help
for command in init keygen serve check-config fsck 'rebuild.compact' meter backup restore version help; do
    holds "$world/out" "lianfangd $command( |$)"
done
cp "$world/out" "$world/help"
expect 0 "$LIANFANGD" --help
cmp "$world/out" "$world/help" || fail "--help is not help"
for wrong in "serve --config $world/fed/gateway.conf more" "check-config --config $world/fed/gateway.conf more" \
    "version more" "help more" "keygen $world/k more --name x" "init $world/k more --name x --dev"; do
    expect 2 timeout 60 "$LIANFANGD" $wrong
    holds "$world/err" 'operand'
    [ ! -s "$world/out" ] && [ ! -e "$world/k" ] || fail "$wrong: did something"
done
# What scripts rely on: usage is 2, a bad file is named, nothing of it is sent.
expect 2 "$LIANFANG" nonsense
expect 2 as platform-01 push --kind enforcement-event
expect 2 as platform-01 push --kind enforcement-event "$world/none.csv"
printf 'ref,uscc,colour\n' >"$world/bad.csv"; echo 'a,b,c' >>"$world/bad.csv"
expect 2 as platform-01 push --kind enforcement-event "$world/bad.csv"
holds "$world/err" "column 'colour' is not known"
expect 1 "$LIANFANGD" init "$world/fed" --name x --dev
holds "$world/err" 'File exists'
echo 'colour = blue' >>"$world/fed/gateway.conf"
expect 1 "$LIANFANGD" check-config --config "$world/fed/gateway.conf"
holds "$world/err" 'colour'
sed -i '/colour/d' "$world/fed/gateway.conf"
expect 1 "$LIANFANGD" serve --config "$world/fed/gateway.conf" # the directory has one writer
holds "$world/err" 'another process'
# Where the volume is not mounted nothing is sound, and nothing is made.
sed "s#^\\[gateway\\]#&\ndata = $world/volume#" "$world/fed/gateway.conf" >"$world/fed/empty.conf"
head -c 32 /dev/urandom | od -An -v -tx1 | tr -d " \n" >"$world/backup.key"
for there in no yes; do
    for command in serve compact rebuild "backup $world/backups --key $world/backup.key" meter fsck; do
        expect 1 timeout 60 "$LIANFANGD" $command --config "$world/fed/empty.conf"
        cat "$world/out" >>"$world/err"
        holds "$world/err" 'holds no ledger|data.mdb|volume'
        if grep -q sound: "$world/out"; then fail "$command: nothing is sound"; fi
        [ ! -e "$world/volume/data.mdb" ] && [ ! -e "$world/backups" ] || fail "$command: made something"
    done
    mkdir -p "$world/volume"
done
# A store, but no ledger.
expect 1 "$LIANFANG" mirror verify --dir "$world/volume"
for command in compact rebuild "backup $world/backups --key $world/backup.key" meter; do
    expect 1 timeout 60 "$LIANFANGD" $command --config "$world/fed/empty.conf"
    holds "$world/err" 'holds no ledger'
done
"$LIANFANGD" init "$world/second" --name second.example --dev >/dev/null
expect 2 "$LIANFANGD" meter --config "$world/second/gateway.conf" --day 2026-13-26
holds "$world/err" 'YYYY-MM-DD'
expect 0 "$LIANFANGD" meter --config "$world/second/gateway.conf" --member nobody
holds "$world/err" 'nothing was counted'
expect 0 "$LIANFANGD" backup "$world/backups" --config "$world/second/gateway.conf" --key "$world/backup.key"
[ -d "$world/backups" ] || fail "the directory for backups was not made"
# Why it does not start is said to the end, however long the path before it.
near=$(printf 'n%.0s' $(seq $((120 - ${#world} - 1))))
mkdir "$world/$near"
printf '[gateway]\nname = x\nlisten = nowhere\n' >"$world/$near/c"
expect 1 "$LIANFANGD" serve --config "$world/$near/c"
holds "$world/err" 'c:3: listen: HOST:PORT, at most 255'
echo good
