# Rounds as lines of JSON -> medians, ratios and what should be reached: a table on stdout, JSON in `json`.
function field(name,    at, rest) {
    at = index($0, "\"" name "\":")
    if (at == 0) return ""
    rest = substr($0, at + length(name) + 3)
    gsub(/^"/, "", rest)
    match(rest, /^[^",}]*/)
    return substr(rest, 1, RLENGTH)
}
function add(row, side, what, value,    key) {
    key = row SUBSEP side SUBSEP what
    values[key, ++count[key]] = value
}
function median(row, side, what,    key, n, i, k, v, list) {
    key = row SUBSEP side SUBSEP what
    n = count[key]
    if (n == 0) return 0
    for (i = 1; i <= n; i++) {
        v = values[key, i] + 0
        for (k = i - 1; k > 0 && list[k] > v; k--) list[k + 1] = list[k]
        list[k + 1] = v
    }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function has(row, side) { return (row SUBSEP side SUBSEP "rate") in count }
function rate(row, side) { return median(row, side, "rate") }
function side_line(row, side,    line) {
    if (!has(row, side)) return
    printf "%-12s %-12s %10.0f %9d %9d %12.5f\n", row, side, rate(row, side), median(row, side, "p50_us"), median(row, side, "p99_us"), median(row, side, "calls_per_record")
    line = sprintf("{\"row\":\"%s\",\"side\":\"%s\",\"rate\":%.1f,\"p50_us\":%d,\"p99_us\":%d,\"calls_per_record\":%.5f,\"rounds\":%d}", row, side, rate(row, side), median(row, side, "p50_us"), median(row, side, "p99_us"), median(row, side, "calls_per_record"), count[row, side, "rate"])
    sides = sides (sides == "" ? "" : ",\n  ") line
}
# `up` 1: at least `reach`; -1: at most.
function verdict(what, got, reach, up, aim,    is_reached, text) {
    if (got == 0) return
    is_reached = up > 0 ? got + 0 >= reach + 0 : got + 0 <= reach + 0 # a string would be compared letter by letter
    text = is_reached ? "reached" : "NOT REACHED"
    printf "%-60s %10.3f  %s %-7s %-8s %s\n", what, got, (up > 0 ? ">=" : "<="), reach, (aim == "" ? "" : "aim " aim), text
    verdicts = verdicts (verdicts == "" ? "" : ",\n  ") sprintf("{\"what\":\"%s\",\"value\":%.4f,\"reach\":%s,\"aim\":%s,\"reached\":%s}", what, got, reach, (aim == "" ? "null" : aim), (is_reached ? "true" : "false"))
}
# Something to know that nothing is demanded of.
function fact(what, got) {
    if (got == 0) return
    printf "%-60s %10.3f\n", what, got
    verdicts = verdicts (verdicts == "" ? "" : ",\n  ") sprintf("{\"what\":\"%s\",\"value\":%.4f,\"reach\":null,\"aim\":null,\"reached\":null}", what, got)
}
function ratio(a, b) { return b > 0 ? a / b : 0 }
{
    row = field("row"); side = field("side")
    add(row, side, "rate", field("rate"))
    if (field("p50_us") != "") add(row, side, "p50_us", field("p50_us"))
    if (field("p99_us") != "") add(row, side, "p99_us", field("p99_us"))
    if (field("calls_per_record") != "") add(row, side, "calls_per_record", field("calls_per_record"))
    if (field("a_core") != "") add(row, side, "a_core", field("a_core"))
    if (field("stored_bytes") > 0) stored[row, side] = field("stored_bytes")
    failed += field("failed")
}
END {
    printf "%d rounds of %s s, medians; client and server on the same machine, 8 connections, 400 records in flight\n", rounds, seconds
    printf "(batch-256: two batches, 512 records). Made before a round: the requests of every side but the SDK's.\n\n"
    printf "%-12s %-12s %10s %9s %9s %12s\n", "row", "side", "a second", "p50 us", "p99 us", "calls/record"
    n = split("submit etcd|submit sdk|submit batch-256|submit unary|submit bound|screen gateway|screen unlogged|screen echo|receipts receipts|receipts signatures|submit-size submits-10k|submit-size submits-1M|screen-size screens-10k|screen-size screens-1M|fill million|latency signed|latency cosigned|proofs proofs|audit leaves|audit signed|fsck leaves|fsck signed|rebuild entries|fanout 100-of-1100|mirror-sync records|mirror-screen screen|mirror-screen gets|mirror-screen command|mirror-verify records|standings plain|standings lived|standings stream-plain|standings stream-lived|crosscheck ledger|import dry-run|import new|import again|machine verify|machine fsync|machine append", list, "|")
    for (i = 1; i <= n; i++) { split(list[i], pair, " "); side_line(pair[1], pair[2]) }
    split("etcd sdk batch-256 unary", traced, " ")
    for (i = 1; i <= 4; i++) if (has("flushes", traced[i])) {
        printf "%-12s %-12s %10.5f a record\n", "flushes", traced[i], rate("flushes", traced[i])
        flushes = flushes (flushes == "" ? "" : ",") sprintf("\"%s\":%.5f", traced[i], rate("flushes", traced[i]))
    }
    printf "\n"
    verdict("SDK-coalesced submits / etcd KV.Put", ratio(rate("submit", "sdk"), rate("submit", "etcd")), "1.0", 1, "3")
    verdict("batch-signed submits, 256 a batch / etcd KV.Put", ratio(rate("submit", "batch-256"), rate("submit", "etcd")), "2.5", 1, "5")
    verdict("raw unary submits / etcd KV.Put", ratio(rate("submit", "unary"), rate("submit", "etcd")), "0.45", 1, "")
    verdict("raw unary submits / this machine's bound", ratio(rate("submit", "unary"), rate("submit", "bound")), "0.8", 1, "")
    verdict("Screen without access log / C++ callback echo", ratio(rate("screen", "unlogged"), rate("screen", "echo")), "0.7", 1, "1.0")
    verdict("Screen with its durable access entry / without", ratio(rate("screen", "gateway"), rate("screen", "unlogged")), "0.8", 1, "")
    verdict("Screen with its durable access entry / C++ echo", ratio(rate("screen", "gateway"), rate("screen", "echo")), "0.6", 1, "1.0")
    verdict("receipt verification / bare signatures", ratio(rate("receipts", "receipts"), rate("receipts", "signatures")), "0.8", 1, "")
    verdict("submits at 1,000,000 entries / at 10,000", ratio(rate("submit-size", "submits-1M"), rate("submit-size", "submits-10k")), "0.9", 1, "")
    verdict("screens at 1,000,000 entries / at 10,000", ratio(rate("screen-size", "screens-1M"), rate("screen-size", "screens-10k")), "0.9", 1, "")
    verdict("1 event to 100 subscribers, 1,000 idle streams: p99, s", median("fanout", "100-of-1100", "p99_us") / 1000000, "1", -1, "")
    verdict("start to first answer at 1,000,000 entries, s", rate("start", "ms") / 1000, "1", -1, "")
    verdict("resident memory beyond the map, MiB", rate("memory", "rss_kib") / 1024, "64", -1, "")
    if (has("import-rss", "new")) printf "  (import: at most %.0f MiB of memory)\n", rate("import-rss", "new") / 1024
    verdict("submit to signed head, 16 in flight, p50 ms", median("latency", "signed", "p50_us") / 1000, "5", -1, "")
    verdict("submit to signed head, 16 in flight, p99 ms", median("latency", "signed", "p99_us") / 1000, "5", -1, "")
    cosigned = rate("latency", "publish_ms") + 50
    verdict("submit to cosigned head, p50 ms, publishing interval in it", median("latency", "cosigned", "p50_us") / 1000, cosigned, -1, "")
    verdict("submit to cosigned head, p99 ms, publishing interval in it", median("latency", "cosigned", "p99_us") / 1000, cosigned, -1, "")
    verdict("audit by a member, leaves alone, leaves a second", rate("audit", "leaves"), "500000", 1, "")
    verdict("audit by a member, signatures too, entries a core and second", median("audit", "signed", "a_core"), "20000", 1, "")
    verdict("fsck without signatures, entries a second", rate("fsck", "leaves"), "200000", 1, "")
    verdict("fsck with signatures, entries a core and second", median("fsck", "signed", "a_core"), "20000", 1, "")
    verdict("rebuild, entries a second", rate("rebuild", "entries"), "50000", 1, "")
    verdict("mirror screen, codes a core and second", median("mirror-screen", "screen", "a_core"), "1000000", 1, "")
    verdict("mirror screen / bare LMDB gets of the same keys, both a core", ratio(median("mirror-screen", "screen", "a_core"), median("mirror-screen", "gets", "a_core")), "0.5", 1, "")
    fact("mirror screen by the command, CSV to CSV, rows a second", rate("mirror-screen", "command"))
    verdict("mirror screen, resident memory beyond the map, MiB", rate("mirror-screen-memory", "kib") / 1024, "64", -1, "")
    fact("mirror sync from nothing, records a second", rate("mirror-sync", "records"))
    fact("Screen, subjects with a history / of one event", ratio(rate("standings", "lived"), rate("standings", "plain")))
    fact("ScreenStream by the command, such subjects / of one event", ratio(rate("standings", "stream-lived"), rate("standings", "stream-plain")))
    if (has("crosscheck", "ledger")) verdict("crosscheck of the whole ledger, s for 3,000,000 registry entries", 3000000 / rate("crosscheck", "ledger"), "10", -1, "")
    verdict("crosscheck, the gateway's memory beyond the map, MiB", median("crosscheck-memory", "gateway_kib", "rate") / 1024, "64", -1, "")
    verdict("crosscheck, the command's memory beyond the map, MiB", median("crosscheck-memory", "client_kib", "rate") / 1024, "64", -1, "")
    fact("inclusion proofs served a second", rate("proofs", "proofs"))
    fact("disk bytes per entry", ratio(rate("size", "data_bytes"), rate("size", "records")))
    bytes = rate("size", "records") * stored["fill", "million"]
    verdict("data-file bytes / record bytes, signatures and paths counted", ratio(rate("size", "data_bytes"), bytes), "1.8", -1, "")
    if (bytes > 0) printf "  (a record is 512 bytes, %d with its signature and path; %.0f bytes of file an entry)\n", stored["fill", "million"], rate("size", "data_bytes") / rate("size", "records")
    if (failed > 0) printf "\n%d calls FAILED\n", failed
    printf "{\"rounds\":%d,\"seconds\":%s,\"failed_calls\":%d,\n \"sides\":[\n  %s],\n \"flushes_per_record\":{%s},\n \"verdicts\":[\n  %s]}\n", rounds, seconds, failed, sides, flushes, verdicts > json
}
