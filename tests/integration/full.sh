# A full disk: the gateway's says so whatever LMDB makes of it, and goes on after a restart; receipts that do not fit are
# written when they do. Runs in a mount namespace of its own.
. "$(dirname "$0")/world.sh"
small=$world/small
mkdir "$small"
trap 'umount -l "$small" 2>/dev/null || true; end' EXIT

# fill LEFT_KIB: all of the small disk but this
fill() {
    local free
    free=$(df -k --output=avail "$small" | tail -n 1)
    [ "$free" -le "$1" ] || dd if=/dev/zero of="$small/filler" bs=1k count=$((free - $1)) 2>/dev/null
}

# Above the floor when it is asked, full in the middle of a commit: what was cut off is no fault of the disk.
mount -t tmpfs -o size=4m tmpfs "$small"
"$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
printf 'data = %s/data\ndisk_floor_mib = 1\n' "$small" >>"$world/fed/gateway.conf"
mv "$world/fed/data" "$world/data.before"
# A batch of these is more than the floor leaves: 256 records of a page each, in one commit.
note=$(head -c 1500 /dev/zero | tr '\0' n)
{ echo 'ref,uscc,violation,certainty,note,rule,shop_id'
  for i in $(seq 600); do echo "f$i,91999999MA00000154,COUNTERFEIT,SUSPECTED,$note,r,s"; done; } >"$world/large.csv"
for left in 1030 1100; do
    rm -rf "$small"/*
    cp -r "$world/data.before" "$small/data" # the log begins anew, which who has seen it would call a fork
    rm -rf "$world"/fed/members/*/state
    : >"$world/log"
    starts=1
    sed -i 's/^listen = .*/listen = 127.0.0.1:0/' "$world/fed/gateway.conf"
    serve
    port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' "$world/log")
    sed -i "s/^address = .*/address = 127.0.0.1:$port/" "$world"/fed/members/*/profile.conf
    sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" "$world/fed/gateway.conf"
    fill "$left"
    as platform-01 --timeout 1 push --kind enforcement-event "$world/large.csv" --spool "$world/spool-$left" 2>"$world/err" && fail "600 records on $left KiB"
    for _ in $(seq 200); do
        kill -0 "$gateway" 2>/dev/null || break
        sleep 0.05
    done
    kill -0 "$gateway" 2>/dev/null && fail "the gateway has not ended"
    wait "$gateway" || true
    gateway=""
    starts=2
    holds "$world/log" 'event=commit-failed status=E_FULL message="store: commit: No space left on device"'
    lines "$world/log" 'Input/output error' 0
    rm "$small/filler"
    mount -o remount,size=64m "$small"
    serve
    expect 0 as platform-01 push --kind enforcement-event "$world/large.csv" --spool "$world/spool-$left"
    expect 0 as auditor log audit
    stop
    umount "$small"
    mount -t tmpfs -o size=4m tmpfs "$small"
done

# A push whose receipts do not fit: told with the file's name, kept in the spool, and each written once when there is room.
rm -rf "$small"/*
starts=$(($(grep -c event=serving "$world/log") + 1))
cp -r "$world/data.before" "$world/data"
rm -rf "$world"/fed/members/*/state
sed -i "s#^data = .*#data = $world/data#" "$world/fed/gateway.conf"
serve
fill 256
expect 1 as regulator --json push --kind registry-entry "$DATA/registry-sample.csv" --receipts "$small/receipts"
holds "$world/err" "$small/receipts: No space left on device"
holds "$world/err" 'the same command goes on'
rm "$small/filler"
mount -o remount,size=64m "$small"
expect 0 as regulator --json push --kind registry-entry "$DATA/registry-sample.csv" --receipts "$small/receipts"
lines "$small/receipts" . 2000
[ "$(sed 's/.*"index":\([0-9]*\).*/\1/' "$small/receipts" | sort -n | uniq | wc -l)" -eq 2000 ] || fail "not a receipt for each"
expect 0 "$LIANFANG" receipt verify "$small/receipts"

# A spool that does not fit: no row is rejected for it, and the same command goes on when there is room.
fill 64
expect 1 as regulator push --kind registry-entry "$DATA/registry-sample.csv" --spool "$small/spool"
holds "$world/err" '^lianfang: spool: .*: No space left on device \(E_FULL\)$'
lines "$world/err" '^line [0-9]*: rejected' 0
holds "$world/err" 'the same command goes on'
rm "$small/filler"
expect 0 as regulator --json push --kind registry-entry "$DATA/registry-sample.csv" --spool "$small/spool"
lines "$world/out" '"duplicate"' 2000

# What was known of each merchant does not fit any more: told with the file's name, which stays as it was.
again() { as platform-02 --json screen --purpose RESCREENING --file "$DATA/registry-sample.csv" --column uscc --known "$small/known" "$@"; }
expect 0 again
cp "$small/known" "$world/known"
fill 64
expect 1 again
holds "$world/err" "^lianfang: $small/known: No space left on device$"
holds "$world/err" 'the answers are not remembered'
[ ! -e "$small/known.new" ] || fail "half a file stays"
cmp "$small/known" "$world/known" || fail "what was known is lost"
rm "$small/filler"
expect 0 again --out "$world/again"
[ ! -s "$world/again" ] || fail "nothing was new"

# A mirror whose disk is full in the middle of a sync keeps its whole steps, and goes on to the same copy when there is room.
rm -rf "$small"/*
mount -o remount,size=4m "$small"
fill 900
expect 1 as platform-02 --json mirror sync --dir "$small/mirror"
holds "$world/err" 'No space left on device|disk is full'
expect 1 as platform-02 --json mirror sync --dir "$small/mirror"
mount -o remount,size=64m "$small"
expect 0 as platform-02 --json mirror sync --dir "$small/mirror"
root=$(sed -n 's/.*"root":"\([0-9a-f]*\)".*/\1/p' "$world/out")
expect 0 as platform-02 mirror verify --dir "$small/mirror"
expect 0 as platform-02 --json mirror sync --dir "$world/roomy"
holds "$world/out" "\"root\":\"$root\""
# Keys: whole or not at all, and the same command does when there is room.
for left in 0 8 16 24; do
    for command in "$LIANFANG keygen $small/keys --member platform-77" "$LIANFANG authority keygen $small/keys" \
        "$LIANFANGD keygen $small/keys --name x.example" "$LIANFANGD init $small/keys --name x.example --dev"; do
        rm -rf "${small:?}"/*
        fill "$left"
        [ "$left" -eq 0 ] || [[ $command != *authority* ]] || continue # which fits
        [ "$left" -lt 16 ] || [[ $command == *--dev ]] || continue
        expect 1 $command
        holds "$world/err" 'No space left'
        [ "$(ls "$small")" = filler ] || fail "$command: left $(ls "$small")"
        rm "$small/filler"
        expect 0 $command
    done
done
echo good
