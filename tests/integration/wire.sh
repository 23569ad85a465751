# Requests made by hand over mutual TLS to a real gateway: what is refused, and that nothing of it stays.
. "$(dirname "$0")/world.sh"
open_world
export LIANFANG_FED=$world/fed LIANFANG_PORT=$port
[ -n "$WIRE_TESTS" ] || fail "no programs to run"
claim S4-05.1 "signed by another platform than its issuer, by its own key or as if by the issuer's: refused, nothing stored"
for program in $WIRE_TESTS; do
    "$program" 2>&1 || fail "$program"
done
grep -q "event=handshake-failed reason=.peer did not return a certificate" "$world/log" || fail "the log does not tell of the client without a certificate"
if grep -q 11010519491231002X "$world/log"; then fail "an ID number is in the log"; fi
expect 0 as auditor log audit
stop
grep -q event=stopped "$world/log" || fail "the gateway did not stop in order"
echo good
