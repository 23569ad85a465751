# The format of a data directory: this program's needs nothing, a newer one is refused by every command.
. "$(dirname "$0")/world.sh"
open_world
care() { local command=$1; shift; "$LIANFANGD" "$command" --config "$world/fed/gateway.conf" "$@"; }
expect 2 "$LIANFANGD" upgrade
expect 2 care upgrade --dry
expect 0 care upgrade --check # beside the running gateway
holds "$world/out" "^format 1, which is this program's: nothing to do$"
expect 1 care upgrade
holds "$world/err" 'another process has this data directory open'
stop
expect 0 care upgrade
holds "$world/out" 'nothing to do'
# The version's row is "version", a NUL and u32be: another number there is another format.
format() {
    python3 - "$world/fed/data/data.mdb" "$1" "$2" <<'PY'
import sys
path, old, new = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = open(path, "rb").read()
row = b"version\0"
assert row + old.to_bytes(4, "big") in data
open(path, "wb").write(data.replace(row + old.to_bytes(4, "big"), row + new.to_bytes(4, "big")))
PY
}
format 1 7
for command in "upgrade --check" upgrade rebuild compact "serve"; do
    expect 1 care $command
    holds "$world/err" 'format 7 is newer than 1, which this program knows'
done
format 7 0
for command in "upgrade --check" upgrade; do
    expect 1 care $command
    holds "$world/err" 'format 0 is too old: this program has no step from 0'
done
expect 1 care serve
holds "$world/err" 'format 0 is older than 1: upgrade it first'
format 0 1
serve
stop
echo good
