# A gateway's store looked after: fsck, rebuild, compact, and every kind of bit damage.
. "$INTEGRATION/world.sh"
open_world
conf="$world/fed/gateway.conf"
steps="331 4001"
[ "$LENGTH" = short ] || steps="1 37"
read -r flip_step raw_step <<<"$steps"

printf 'uscc,name,status\n91999999MA00000154,公司一,存续\n91999999MA0000023Y,公司二,存续\n91999999MA0000031R,公司三,存续\n' >"$world/r.csv"
printf 'ref,uscc,violation,certainty,measures,decided_at\nc1,91999999MA00000154,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\nc2,91999999MA0000023Y,COUNTERFEIT,SUSPECTED,REMOVAL,2026-03-02\n' >"$world/e.csv"
expect 0 as regulator push --kind registry-entry "$world/r.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e.csv"
expect 0 as platform-01 withdraw --ref c2

# Beside the running gateway, which keeps the lock: fsck reads, the others wait for the end.
expect 0 "$LIANFANGD" fsck --config "$conf"
holds "$world/out" '^sound: 33 entries, 33 examined, root [0-9a-f]{64}$'
expect 1 "$LIANFANGD" rebuild --config "$conf"
holds "$world/err" 'another process has this data directory open'
expect 1 "$LIANFANGD" compact --config "$conf"
stop

expect 0 "$LIANFANGD" fsck --config "$conf" --json
holds "$world/out" '"sound":true,"size":33,"examined":33,"damages":0'
root=$(sed -n 's/.*"root":"\([0-9a-f]*\)".*/\1/p' "$world/out")
expect 2 "$LIANFANGD" fsck
expect 2 "$LIANFANGD" fsck --config "$conf" --no-such-option

# Rebuilt derived state is what was there, which fsck proves row by row; a compacted file holds the same.
expect 0 "$LIANFANGD" rebuild --config "$conf"
holds "$world/out" '^rebuilt from 33 entries'
expect 0 "$LIANFANGD" fsck --config "$conf"
expect 0 "$LIANFANGD" compact --config "$conf"
holds "$world/out" '^compacted: [0-9]+ bytes, [0-9]+ before$'
expect 0 "$LIANFANGD" fsck --config "$conf"
holds "$world/out" "root $root\$"

"$FLIP" "$world/fed/data" "$flip_step" || fail "a flipped bit was not named, or was signed over"
"$RAW" "$world/fed/data" "$raw_step" || fail "a flipped bit of the file gave a wrong answer"
expect 0 "$LIANFANGD" fsck --config "$conf"

# Found damage stops the gateway until a clean fsck. Compacted first: no free page holds old bytes.
expect 0 "$LIANFANGD" compact --config "$conf"
cp "$world/fed/data/data.mdb" "$world/good.mdb"
at=$(grep -abo 'platform-01' "$world/fed/data/data.mdb" | head -n 1 | cut -d: -f1)
bend "$world/fed/data/data.mdb" "$at"
expect 1 "$LIANFANGD" fsck --config "$conf"
holds "$world/out" '^damaged: ledger, [a-z]+'
holds "$world/out" 'damages; nothing is signed before a clean fsck$'
cp "$world/good.mdb" "$world/fed/data/data.mdb"
expect 1 timeout 60 "$LIANFANGD" serve --config "$conf"
holds "$world/err" 'fsck found damage'
expect 0 "$LIANFANGD" fsck --config "$conf"
serve
expect 0 as auditor log audit
holds "$world/out" 'the log is whole'

# The disk fails under a running gateway: nothing is acknowledged, the log says so, the exit is 1, and
# a restart goes on with what was durable.
if [ -n "$SHIM" ]; then
    stop
    SHIM_TRIGGER="$world/fail" LD_PRELOAD="$SHIM" "$LIANFANGD" serve --config "$conf" 2>>"$world/log" &
    gateway=$!
    for _ in $(seq 200); do [ "$(grep -c event=serving "$world/log")" -ge "$starts" ] && break; sleep 0.05; done
    touch "$world/fail"
    sed -i 's/c1,/c9,/' "$world/e.csv"
    timeout 20 "$LIANFANG" --profile "$world/fed/members/platform-01/profile.conf" --json push \
        --kind enforcement-event "$world/e.csv" >"$world/out" 2>"$world/err" && fail "acknowledged without a disk"
    if grep -q '"accepted"' "$world/out"; then fail "acknowledged without a disk"; fi
    got=0
    wait "$gateway" || got=$?
    gateway=""
    [ "$got" -eq 1 ] || fail "exit $got after a failed commit"
    holds "$world/log" 'level=err event=commit-failed status=E_IO'
    starts=$((starts + 1))
    expect 0 "$LIANFANGD" fsck --config "$conf"
    holds "$world/out" '^sound: 33 entries'
    serve
fi
stop
echo good
