# The access log cannot be written: no question is answered, however it is asked, and nothing is counted as asked.
. "$INTEGRATION/world.sh"
open_world
code=91999999MA00000154
printf 'ref,uscc,violation,certainty,measures\nc1,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL\n' $code >"$world/e.csv"
expect 0 as platform-01 push --kind enforcement-event "$world/e.csv"
expect 1 as platform-02 screen --purpose ONBOARDING $code
stop

entries() { as auditor --json log access | grep -c "\"act\":\"$1\""; }
metered() { "$LIANFANGD" meter --config "$world/fed/gateway.conf" --member platform-02; }
before=$(metered)
# Each way to read what is not one's own: screening, entries one by one, the whole ledger.
for question in "screen --purpose ONBOARDING $code" "--json log prove 20" "log audit"; do
    LD_PRELOAD=$SHIM SHIM_TRIGGER=$world/broken serve
    expect 0 as platform-02 log checkpoint
    asked=$(entries SCREEN) read=$(as auditor --json log access | grep -c 'platform-02.*"act":"READ_ENTRIES"' || true)
    : >"$world/broken"
    as platform-02 log checkpoint >"$world/out" 2>/dev/null || fail "a head is nobody's secret"
    expect 1 as platform-02 $question
    holds "$world/err" '^lianfang: store: commit: Input/output error \(E_IO\)$'
    [ ! -s "$world/out" ] || fail "an answer without an entry: $(head -n 1 "$world/out")"
    status=0
    wait "$gateway" || status=$?
    [ "$status" -eq 1 ] || fail "the gateway ended with $status after a failed commit"
    holds "$world/log" 'event=commit-failed'
    gateway="" starts=$((starts + 1))
    rm "$world/broken"
    serve
    [ "$(entries SCREEN)" -eq "$asked" ] || fail "$question: an entry that was not told is there, or one is lost"
    [ "$(as auditor --json log access | grep -c 'platform-02.*"act":"READ_ENTRIES"' || true)" -eq "$read" ] || fail "$question: read and not told, or lost"
    [ "$(metered)" = "$before" ] || fail "counted what was not answered"
    stop
done
serve
expect 1 as platform-02 screen --purpose ONBOARDING $code # and all is well again
holds "$world/out" LIVE_REMOVAL
stop
echo good
