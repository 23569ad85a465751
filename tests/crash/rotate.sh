# A log's key changed on a failing disk: every write of rotate-log-key fails in turn, in every way. Afterwards the old key still
# signs, or both do, or nothing is signed until the command is run again; each key's file is whole; and run again, it ends.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm # what a failing disk does is played here, not waited for
. "$INTEGRATION/world.sh"
"$LIANFANGD" init "$world/fed" --name test.example --dev --listen 127.0.0.1:0 >/dev/null
cd "$world"
conf=fed/gateway.conf
serve
port=$(sed -n 's/.*event=serving.* port=\([0-9]*\).*/\1/p' log)
sed -i "s/^address = .*/address = 127.0.0.1:$port/" fed/members/*/profile.conf
sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" $conf
expect 0 as auditor log checkpoint # from here on its state directory holds a head that all later ones must extend
expect 0 as auditor log access
stop
rotate() { "$LIANFANGD" rotate-log-key --config $conf "$@"; }
entries() { expect 0 "$LIANFANGD" fsck --config $conf; sed -n 's/^sound: \([0-9]*\) .*/\1/p' out; }
is_key() { grep -qxE '[0-9a-f]{64}' "$1" && [ "$(stat -c %s-%a "$1")" = 65-600 ]; }
before=$(entries)
seen="" # states whose gateway was looked at

# state FILE OLD-FILE: what the disk shows
state() {
    local file=other
    cmp -s "$1" "$2" && file=old
    echo "$(($(entries) - before)) $file $([ -e "$1.old" ] && echo kept || echo alone) $([ -e "$1.new" ] && echo begun || echo clean)"
}
heads_told() { # the gateway serves, and one who knows the first keys alone finds that its heads extend what he saw
    serve
    expect 0 as auditor log checkpoint
    expect 0 as auditor log access
    expect 0 as auditor log audit
    stop
}
# judged WHAT: a gateway in this state signs by the old key, by both, or not at all
judged() {
    case " $seen" in *"|$1|"*) return ;; esac
    seen="$seen|$1|"
    case "$1" in
    *"0 old alone "*) heads_told ;;
    *"1 other kept clean") heads_told ;;
    *"1 other kept begun") fail "the new key has two names: $1" ;;
    *"1 old "*) expect 1 timeout 60 "$LIANFANGD" serve --config $conf
        holds err 'its change was announced and not ended: run rotate-log-key' ;;
    *) fail "a state that must not be: $1" ;;
    esac
}
# swept LOG COMMAND...: what follows each way to fail
swept() {
    local log=$1 key=fed/$1.key calls code fault at
    shift
    SHIM_COUNT=$world/calls LD_PRELOAD=$SHIM rotate "$@" >out 2>err || { cat err >&2; fail "rotate $*"; }
    calls=$(cat calls)
    [ "$calls" -ge 8 ] || fail "only $calls writes"
    for fault in $faults; do
        for at in $(seq 1 "$calls"); do
            rm -rf fed; cp -r whole fed
            code=0
            SHIM_FAULT=$fault:$at LD_PRELOAD=$SHIM rotate "$@" >out 2>err || code=$?
            case $fault in kill-*) [ "$code" -eq 137 ] ;; *) [ "$code" -le 1 ] ;; esac ||
                { cat err >&2; fail "$log: $fault at $at: exit $code"; }
            [ "$code" -ne 1 ] || holds err '^lianfangd: rotate-log-key: .+'
            is_key $key || fail "$log: $fault at $at: the key's file is not whole"
            [ ! -e $key.old ] || cmp -s whole/$log.key $key.old || fail "$log: $fault at $at: $key.old is another"
            case $fault in
            kill-* | eio-forever) ;; # nobody could take away what was half made
            *) [ ! -e $key.new ] || is_key $key.new || fail "$log: $fault at $at: a half-written $key.new" ;;
            esac
            now=$(state $key whole/$log.key)
            judged "$log $now"
            if cmp -s whole/$log.key $key; then
                expect 0 rotate "$@"
                holds out '^announced as entry [0-9]+ of the ledger'
            elif [ "$code" -ne 0 ]; then # all is done but for what was told
                expect 1 rotate "$@"
                holds err 'the overlap of the last change goes on'
            fi
            now=$(state $key whole/$log.key)
            [ "$now" = "1 other kept clean" ] || fail "$log: $fault at $at, run again: $now"
            is_key $key && cmp -s whole/$log.key $key.old || fail "$log: $fault at $at: the keys after it"
            [ "$LENGTH" = short ] || heads_told
        done
        heads_told # once for each way at least
    done
    echo "$log: $calls writes, each failing in these ways: $faults"
}
# ended LOG COMMAND...: likewise, the end of the overlap
ended() {
    local log=$1 key=fed/$1.key calls fault at
    shift
    SHIM_COUNT=$world/calls LD_PRELOAD=$SHIM rotate "$@" --end-overlap >out 2>err || { cat err >&2; fail "--end-overlap"; }
    calls=$(cat calls)
    for fault in $faults; do
        for at in $(seq 1 "$calls"); do
            rm -rf fed; cp -r overlap fed
            SHIM_FAULT=$fault:$at LD_PRELOAD=$SHIM rotate "$@" --end-overlap >out 2>err || true
            cmp -s overlap/$log.key $key || fail "$log: $fault at $at of the end: the key is another"
            if [ -e $key.old ]; then expect 0 rotate "$@" --end-overlap; fi
            [ ! -e $key.old ] || fail "$log: $fault at $at of the end: the old key is still there"
            [ "$LENGTH" = short ] || heads_told
        done
    done
    heads_told
    echo "$log: the end of the overlap, $calls writes"
}

mv fed whole
for log in ledger access; do
    faults="eio eio-done eio-forever enospc short kill-after"
    [ "$LENGTH" != short ] || faults=$([ $log = ledger ] && echo "eio-done enospc short" || echo enospc)
    option=$([ $log = access ] && echo --access || true)
    rm -rf fed; cp -r whole fed
    swept $log $option
    cp -r fed overlap
    ended $log $option
    rm -rf overlap
done
# As often as a key can change: cut off after the last announcement, it goes on, and only the next change is refused.
if [ "$LENGTH" != short ]; then
    rm -rf fed; cp -r whole fed
    for n in $(seq 63); do
        expect 0 rotate
        expect 0 rotate --end-overlap
    done
    for at in $(seq 1 200); do
        LD_PRELOAD=$SHIM SHIM_FAULT=kill-after:$at rotate >out 2>err || true
        if [ "$(entries)" -eq $((before + 64)) ]; then break; fi
    done
    [ -e fed/ledger.key.new ] || fail "the last change was not cut off"
    expect 0 rotate
    expect 0 rotate --end-overlap
    heads_told
    expect 1 rotate
    holds err 'changed as often as can be'
fi
echo good
