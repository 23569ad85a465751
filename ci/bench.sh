#!/usr/bin/env bash
# The measurements of the gateway against its peers: alternating rounds, medians, a table and a JSON file.
#   ci/bench.sh [--quick] [--row NAME]... [--out DIR]
# Rows: submit, screen, receipts, million, care, mirror, latency, standings, crosscheck, import, fanout, flushes, machine. --quick runs 3 rounds of 2 s instead of
# 5 of 10 s. The whole takes about 25 minutes, --quick about 6. Everything runs on loopback and in DIR/work, which must not
# be in memory (default build/bench) and is removed at the end; the result stays in DIR.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=10 rounds=5 million=1000000 list=1000000 merchants=3000000 standings=200000 registered=3000000 rows=() out=build/bench
while [ $# -gt 0 ]; do
    case "$1" in
    --quick) seconds=2 rounds=3 list=50000 merchants=1000000 standings=50000 registered=300000 ;;
    --row) rows+=("$2"); shift ;;
    --out) out=$2; shift ;;
    *) sed -n '2,6p' "$0"; exit 2 ;;
    esac
    shift
done
[ ${#rows[@]} -gt 0 ] || rows=(submit screen receipts million care mirror latency standings crosscheck import fanout flushes machine)

LF_SETUP_BENCH=1 ci/setup.sh
cmake --preset release -DLF_BENCH=ON >/dev/null
cmake --build build/release >build/bench-build.log || { tail -n 40 build/bench-build.log; exit 1; }
rm -f build/bench-build.log
bin=$PWD/build/release
daemon=$bin/gateway/daemon/lianfangd
client=$bin/sdk/cli/lianfang
load=$bin/tests/bench/lf_load
limits=$bin/tests/bench/lf_limits

mkdir -p "$out/work"
case "$(stat -f -c %T "$out/work")" in
tmpfs | ramfs) echo "bench: $out is in memory, where a flush costs nothing; give --out on a disk" >&2; exit 2 ;;
esac
work=$(mktemp -d "$(cd "$out/work" && pwd)/run.XXXXXX")
lines=$out/rounds.jsonl
: >"$lines"

declare -A pids=() ports=()
finish() {
    for name in "${!pids[@]}"; do kill "${pids[$name]}" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

note() { echo "bench: $*" >&2; }
port_free() { # one that nobody listens on
    local port
    for _ in $(seq 200); do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    note "no free port"; exit 1
}
await() { # NAME PATTERN: until the program's log has it
    for _ in $(seq 1200); do
        grep -qE "$2" "$work/$1.log" 2>/dev/null && return
        kill -0 "${pids[$1]}" 2>/dev/null || break
        sleep 0.05
    done
    note "$1 did not start"; tail -n 20 "$work/$1.log" >&2; exit 1
}
begin() { # NAME PATTERN COMMAND...
    local name=$1 pattern=$2
    shift 2
    "$@" >"$work/$name.log" 2>&1 &
    pids[$name]=$!
    await "$name" "$pattern"
}
end() { # NAME
    [ -n "${pids[$1]:-}" ] || return 0
    kill "${pids[$1]}" 2>/dev/null || true
    wait "${pids[$1]}" 2>/dev/null || true
    unset "pids[$1]"
}
gateway() { # NAME [PROGRAM]: a gateway of its own in $work/NAME, made when it is not there
    local name=$1 program=${2:-$daemon}
    if [ ! -d "$work/$name" ]; then
        ports[$name]=$(port_free)
        "$daemon" init "$work/$name" --name bench.example --dev --listen "127.0.0.1:${ports[$name]}" >/dev/null
        sed -i "s/^address = .*/address = 127.0.0.1:${ports[$name]}/" "$work/$name"/members/*/profile.conf
    fi
    begin "$name" event=serving "$program" serve --config "$work/$name/gateway.conf"
}
etcd_start() {
    local peer
    ports[etcd]=$(port_free)
    peer=$(port_free)
    begin etcd 'serving client traffic' etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:${ports[etcd]}" \
        --advertise-client-urls "http://127.0.0.1:${ports[etcd]}" --listen-peer-urls "http://127.0.0.1:$peer" \
        --quota-backend-bytes 8589934592 --logger zap
}
brief() { sed -E 's/.*"side":"([^"]*)","rate":([0-9.]*),"p50_us":([0-9]*),"p99_us":([0-9]*).*/  \1: \2 a second, p50 \3 us, p99 \4 us/'; }
# The next serials that no run has used, each a record's own subject. Screening's subjects lie below 1,000,000.
serial=1000000
measure() { # ROW NAME SIDE SERVER [OPTION VALUE]...
    local row=$1 name=$2 side=$3 server=$4
    shift 4
    { "$load" "$side" --address "127.0.0.1:${ports[$server]}" --row "$row" --name "$name" --seconds "$seconds" --from "$serial" "$@" || true; } | # failures are in the line
        tee -a "$lines" | brief >&2
    serial=$((serial + 4000000))
    [ "$serial" -lt 45000000 ] || serial=1000000
    sleep 0.3
}
# Enough requests for a round and its first second, at rates that this kind of machine does not pass.
amount() { awk -v rate="$1" -v seconds="$seconds" 'BEGIN { printf "%d", rate * (seconds + 1.5) }'; }
each_round() { for round in $(seq "$rounds"); do note "$1, round $round of $rounds"; "$1_round"; done; }

# ---- submits: etcd, the SDK, batches, single records, and the bound of those ----
submit_round() {
    measure submit etcd etcd etcd --records "$(amount 80000)"
    { "$bin/tests/bench/lf_sdk" "$work/ledger" "$seconds" 1 8 400 || note "the SDK's side failed"; } | tee -a "$lines" | brief >&2
    measure submit batch-256 batch ledger --dir "$work/ledger" --batch 256 --in-flight 512 --records "$(amount 220000)"
    measure submit unary submit ledger --dir "$work/ledger" --records "$(amount 30000)"
    measure submit bound submit bound --dir "$work/bound" --records 50000 --repeat 1
}
row_submit() {
    etcd_start
    gateway ledger
    gateway bound "$bin/tests/bench/lf_bound"
    each_round submit
    end etcd; end ledger; end bound
    rm -rf "$work/etcd" "$work/ledger" "$work/bound"
}

# ---- a ledger of a million entries and one of ten thousand ----
fill() { # NAME ENTRIES
    note "filling $1 with $2 entries"
    "$load" batch --address "127.0.0.1:${ports[$1]}" --dir "$work/$1" --row fill --name "$1" --batch 250 --in-flight 1500 \
        --records "$2" --seconds 3600 --warm 0 --from 0 >>"$lines"
}
million_make() {
    [ ! -d "$work/million" ] || return 0
    gateway million
    fill million "$million"
}
screen_measure() { # ROW NAME SERVER SUBJECTS
    measure "$1" "$2" screen "$3" --dir "$work/$3" --subjects "$4" --records 200000
}
screen_round() { # with the access log, as always; and, on the same data, without
    screen_measure screen gateway million "$million"
    end million
    gateway million "$bin/tests/bench/lf_unlogged"
    screen_measure screen unlogged million "$million"
    end million
    gateway million
    measure screen echo echo echo --dir "$work/million" --ask "$ask_bytes" --answer "$answer_bytes" --records 200000
}
row_screen() {
    million_make
    [ -n "${pids[million]:-}" ] || gateway million
    ask_bytes=36 # purpose, basis and one code
    answer_bytes=$("$load" screen --address "127.0.0.1:${ports[million]}" --dir "$work/million" --subjects "$million" --seconds 0.5 \
        --warm 0 --records 1000 | sed -E 's/.*"answer_bytes":([0-9]*).*/\1/')
    ports[echo]=$(port_free)
    begin echo event=serving "$bin/tests/bench/lf_echo" "${ports[echo]}" "$work/million" "$answer_bytes"
    each_round screen
    end echo
}
small_reset() { # back to ten thousand entries: what a round adds must not count in the next
    end small
    rm -rf "$work/small"
    cp -a "$work/small.kept" "$work/small"
    gateway small
}
million_round() {
    small_reset
    screen_measure screen-size screens-10k small 10000
    screen_measure screen-size screens-1M million "$million"
    measure submit-size submits-10k batch small --dir "$work/small" --batch 256 --in-flight 512 --warm 0 --records 51200
    measure submit-size submits-1M batch million --dir "$work/million" --batch 256 --in-flight 512 --warm 0 --records 51200
}
value() { printf '{"row":"%s","side":"%s","rate":%s}\n' "$1" "$2" "$3" | tee -a "$lines" >&2; }
row_million() {
    million_make
    end million
    value size data_bytes "$(stat -c %s "$work/million/data/data.mdb")"
    value size records "$million"
    for _ in $(seq "$rounds"); do
        { "$bin/tests/bench/lf_start" "$daemon" "$work/million/gateway.conf" "${ports[million]}" "$work/million" 2>/dev/null ||
            note "the gateway did not answer"; } | tee -a "$lines" >&2
    done
    gateway million
    screen_measure warm-up screens-1M million "$million"
    value memory rss_kib "$(awk '/^[0-9a-f]+-/ { map = /data\.mdb/ } /^Rss:/ && !map { sum += $2 } END { print sum }' "/proc/${pids[million]}/smaps")"
    gateway small
    fill small 10000
    end small
    mv "$work/small" "$work/small.kept"
    each_round million
    end small; end million
    rm -rf "$work/small" "$work/small.kept"
}

# ---- subjects as they are: registered, some listed, some removed by two platforms; beside subjects of one event each ----
push_as() { # NAME MEMBER KIND FILE
    "$client" --profile "$work/$1/members/$2/profile.conf" push --kind "$3" "$4" >"$work/push.log" || { tail -n 3 "$work/push.log" >&2; exit 1; }
}
said_of() { # SUBJECTS MARKED SERIOUS REMOVED: of every so manieth it is said that it is so
    "$bin/tests/bench/lf_lists" subjects "$1" >"$work/subjects.csv"
    awk 'NR == 1 { print "uscc,name,province,status"; next } { printf "%s,测试商贸%d号有限公司,11,%s\n", $1, NR, NR % 20 ? "ACTIVE" : "CANCELLED" }' \
        "$work/subjects.csv" >"$work/register.csv"
    awk -v marked="$2" -v serious="$3" 'NR == 1 { print "uscc,list,reason,listed_on,authority,violation"; next }
        NR % marked == 0 { printf "%s,ABNORMAL,ABN_UNREACHABLE,2024-07-08,测试市市场监督管理局,\n", $1 }
        NR % serious == 0 { printf "%s,SERIOUS,SER_IP,2025-03-04,测试市市场监督管理局,COUNTERFEIT\n", $1 }' "$work/subjects.csv" >"$work/listed.csv"
    awk -v removed="$4" 'NR == 1 { print "ref,uscc,violation,certainty,measures,decided_at"; next }
        NR % removed == 0 { printf "S%d,%s,COUNTERFEIT,ESTABLISHED_BY_PLATFORM,REMOVAL,2026-03-02\n", NR, $1 }' "$work/subjects.csv" >"$work/removed.csv"
}
said_push() { # NAME: what said_of made, to the gateway of that name
    push_as "$1" regulator registry-entry "$work/register.csv"
    push_as "$1" regulator credit-list-entry "$work/listed.csv"
    push_as "$1" platform-02 enforcement-event "$work/removed.csv"
}
standings_make() {
    gateway plain
    fill plain "$standings"
    gateway lived
    fill lived "$standings"
    note "what is said of $standings subjects in an exchange that has been lived in"
    said_of "$standings" 5 15 10
    said_push lived
}
standings_round() {
    for side in plain lived; do
        measure standings "$side" screen "$side" --dir "$work/$side" --subjects "$standings" --records 200000
        timed standings "stream-$side" "$standings" "$client" --profile "$work/$side/members/platform-03/profile.conf" screen \
            --purpose RESCREENING --file "$work/subjects.csv" --column uscc --out "$work/advice.txt"
    done
}
row_standings() {
    standings_make
    each_round standings
    end plain; end lived
    rm -rf "$work/plain" "$work/lived" "$work"/{subjects,register,listed,removed}.csv "$work/advice.txt" "$work/push.log"
}

# ---- a registry of 3,000,000, beside 100,000 lines of lists and 10,000 removals: all of the ledger, compared ----
row_crosscheck() {
    local command
    gateway crossed
    note "$registered registry entries, and what is said of them"
    said_of "$registered" 40 150 300
    said_push crossed
    command=("$client" --profile "$work/crossed/members/regulator/profile.conf" crosscheck --purpose ENFORCEMENT --case bench --csv --out "$work/findings.csv")
    for _ in $(seq "$rounds"); do timed crosscheck ledger "$registered" "${command[@]}"; done
    awk -v registered="$registered" 'END { if (NR - 1 < registered / 50) { print "bench: too few findings" > "/dev/stderr"; exit 1 } }' "$work/findings.csv"
    value crosscheck-memory gateway_kib "$(awk '/^RssAnon:/ { print $2 }' "/proc/${pids[crossed]}/status")"
    "${command[@]}" >"$work/timed.log" 2>&1 &
    value crosscheck-memory client_kib "$(anonymous_most $!)"
    wait $!
    end crossed
    rm -rf "$work/crossed" "$work"/{subjects,register,listed,removed,findings}.csv
}

# ---- a published list: what would happen, the import, and the same file the next day ----
import_measure() { # SIDE [OPTION]...
    local side=$1
    shift
    note "import of $list rows: $side"
    "$bin/tests/bench/lf_lists" time import "$side" "$list" "$bin/sdk/cli/lianfang" --json \
        --profile "$work/lists/members/regulator/profile.conf" import "$work/list.csv" "$@" 2>"$work/import.err" |
        grep '^{"row"' | tee -a "$lines" >&2 || { cat "$work/import.err" >&2; note "import failed"; }
}
row_import() {
    "$bin/tests/bench/lf_lists" rows "$list" >"$work/list.csv"
    gateway lists
    import_measure dry-run --dry-run
    import_measure new
    import_measure again
    end lists
    rm -rf "$work/lists" "$work/list.csv"
}

# ---- reading and keeping what is there: audits by a member, proofs, and the keeper's own checks ----
timed() { # ROW SIDE COUNT COMMAND...: things a second, and a second of the command's own processor time
    local row=$1 side=$2 count=$3 from=$EPOCHREALTIME spent
    shift 3
    spent=$({ TIMEFORMAT='%U %S'; time "$@" >"$work/timed.log" 2>&1; } 2>&1) || { note "$side failed"; tail -n 5 "$work/timed.log" >&2; return 0; }
    awk -v row="$row" -v side="$side" -v count="$count" -v from="$from" -v till="$EPOCHREALTIME" -v spent="$spent" 'BEGIN {
        split(spent, s, " ")
        printf "{\"row\":\"%s\",\"side\":\"%s\",\"rate\":%.1f,\"a_core\":%.1f}\n", row, side, count / (till - from), count / (s[1] + s[2] + 0.001)
    }' | tee -a "$lines" >&2
}
entries_of() { "$client" --json --profile "$work/$1/members/auditor/profile.conf" log checkpoint | sed -E 's/.*"size":([0-9]*).*/\1/'; }
care_round() {
    measure proofs proofs prove million --dir "$work/million" --subjects "$million" --records 200000
    timed audit leaves "$entries" "$client" --profile "$work/million/members/auditor/profile.conf" log audit --no-signatures
}
row_care() { # what takes long is done once
    million_make
    [ -n "${pids[million]:-}" ] || gateway million
    entries=$(entries_of million)
    each_round care
    timed audit signed "$entries" "$client" --profile "$work/million/members/auditor/profile.conf" log audit
    end million
    timed fsck leaves "$entries" "$daemon" fsck --config "$work/million/gateway.conf" --no-signatures
    timed fsck signed "$entries" "$daemon" fsck --config "$work/million/gateway.conf"
    timed rebuild entries "$entries" "$daemon" rebuild --config "$work/million/gateway.conf"
}

# ---- a member's own copy: made from nothing, and its merchants held against it ----
mirror_round() {
    for side in screen gets; do
        "$bin/tests/bench/lf_mirror" "$side" "$merchants" "$work/mirror" "$million" | tee -a "$lines" >&2
    done
}
anonymous_most() { # PID: KiB of memory that is no mapped file, at its largest as long as the process lives
    local most=0 now
    while now=$(awk '/^RssAnon:/ { print $2 }' "/proc/$1/status" 2>/dev/null) && [ -n "$now" ]; do
        [ "$now" -le "$most" ] || most=$now
        sleep 0.05
    done
    echo "$most"
}
row_mirror() {
    million_make
    [ -n "${pids[million]:-}" ] || gateway million
    timed mirror-sync records "$million" "$client" --profile "$work/million/members/platform-02/profile.conf" mirror sync --dir "$work/mirror"
    end million
    each_round mirror
    "$bin/tests/bench/lf_lists" codes "$merchants" >"$work/merchants.csv"
    timed mirror-screen command "$merchants" "$client" mirror screen --dir "$work/mirror" \
        --file "$work/merchants.csv" --column code --out "$work/answers.csv"
    "$client" mirror screen --dir "$work/mirror" --file "$work/merchants.csv" --column code --out "$work/answers.csv" >"$work/timed.log" &
    value mirror-screen-memory kib "$(anonymous_most $!)"
    wait $!
    timed mirror-verify records "$million" "$client" mirror verify --dir "$work/mirror"
    rm -rf "$work/mirror" "$work/merchants.csv" "$work/answers.csv"
}

# ---- from handing a record in to a head that is signed, and to one that a witness beside has cosigned ----
vkey() { sed -n "s/^$2 = //p" "$work/$1/members/auditor/profile.conf"; }
witness_make() {
    gateway witness
    end witness
    printf '\n[http]\nlisten = 127.0.0.1:0\nwitness_for = logs\n' >>"$work/witness/gateway.conf"
    printf 'log %s\nquorum none\n' "$(vkey ledger ledger)" >"$work/witness/logs"
    gateway witness
    printf 'log %s\nwitness w1 %s http://127.0.0.1:%s/witness\nquorum w1\n' "$(vkey ledger ledger)" "$(vkey witness witness)" \
        "$(sed -n 's/.*event=serving.* http=\([0-9]*\).*/\1/p' "$work/witness.log")" >"$work/ledger/policy"
    printf '\n[http]\nlisten = 127.0.0.1:0\nwitnesses = policy\npublish_interval_ms = %s\n' "$publish_ms" >>"$work/ledger/gateway.conf"
}
latency_round() {
    measure latency signed submit ledger --dir "$work/ledger" --in-flight 16 --records "$(amount 30000)"
}
row_latency() {
    publish_ms=1000
    gateway ledger
    end ledger
    witness_make
    gateway ledger
    value latency publish_ms "$publish_ms"
    { "$bin/tests/bench/lf_cosigned" "$work/ledger" "$work/ledger/policy" $((seconds < 6 ? 6 : 2 * seconds)) || note "the cosigned side failed"; } |
        tee -a "$lines" | brief >&2
    each_round latency
    end ledger; end witness
    rm -rf "$work/ledger" "$work/witness"
}

row_receipts() {
    for round in $(seq "$rounds"); do
        note "receipts, round $round of $rounds"
        "$limits" receipts "$seconds" "$work" | tee -a "$lines" >&2
        "$limits" signatures "$seconds" "$work" | tee -a "$lines" >&2
    done
}
# ---- one event after the other to 100 subscribers, while 1,000 streams are idle and three readers behave badly ----
fanout_round() {
    LIANFANG_FED=$work/fan LIANFANG_PORT=${ports[fan]} "$bin/tests/integration/wire_fanout" 100 1000 "$((seconds * 20))" |
        tee -a "$lines" | brief >&2
}
row_fanout() {
    for round in $(seq "$rounds"); do # each with a gateway of its own: the last one's streams are gone
        note "fanout, round $round of $rounds"
        gateway fan
        fanout_round
        end fan
        rm -rf "$work/fan"
    done
}
row_machine() {
    for side in verify fsync append; do "$limits" "$side" "$seconds" "$work" | tee -a "$lines" >&2; done
}

# ---- flushes a record, counted once from outside, in a run whose rate is not used ----
flushes_count() { # RECORDS
    awk -v n="$1" '$NF ~ /sync/ { sum += $4 } END { printf "%.5f", (n > 0 ? sum / n : 0) }' "$work/strace.out"
}
flushes_sdk() {
    local records
    tracer_begin ledger
    records=$("$bin/tests/bench/lf_sdk" "$work/ledger" 2 0 8 400 | sed -E 's/.*"records":([0-9]*).*/\1/')
    tracer_end
    value flushes sdk "$(flushes_count "$records")"
}
tracer_begin() { # SERVER
    strace -f -qq -c -e trace=fsync,fdatasync,sync_file_range,msync -p "${pids[$1]}" 2>"$work/strace.out" &
    tracer=$!
    sleep 1
}
tracer_end() {
    kill -INT "$tracer"
    wait "$tracer" 2>/dev/null || true
}
flushes_of() { # NAME SERVER SIDE [OPTION VALUE]...
    local name=$1 server=$2 side=$3 records
    shift 3
    tracer_begin "$server"
    records=$("$load" "$side" --address "127.0.0.1:${ports[$server]}" --row trace --name "$name" --seconds 2 --warm 0 --from "$serial" "$@" |
        sed -E 's/.*"records":([0-9]*).*/\1/')
    serial=$((serial + 4000000))
    tracer_end
    value flushes "$name" "$(flushes_count "$records")"
}
row_flushes() {
    etcd_start
    gateway ledger
    flushes_of etcd etcd etcd --records 200000
    flushes_sdk
    flushes_of batch-256 ledger batch --dir "$work/ledger" --batch 256 --in-flight 512 --records 600000
    flushes_of unary ledger submit --dir "$work/ledger" --records 80000
    end etcd; end ledger
    rm -rf "$work/etcd" "$work/ledger"
}

for row in "${rows[@]}"; do "row_$row"; done
awk -v rounds="$rounds" -v seconds="$seconds" -v json="$out/bench.json" -f tests/bench/report.awk "$lines" | tee "$out/bench.txt"
note "the table is $out/bench.txt, its numbers $out/bench.json, every round $lines"
