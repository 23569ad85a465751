# Every clause of tests/s4.tsv is claimed by the script that it names, and no script claims a clause that is not there.
# Exit 77 (skipped) while clauses are open: they are named, and a clause whose claim has gone fails.
set -euo pipefail
cd "$(dirname "$0")"
open=() bad=0
while IFS=$'\t' read -r clause text where; do
    case $clause in '#'* | '') continue ;; esac
    case $where in
    licence) ;;
    open) open+=("$clause") ;;
    *) grep -q "^claim $clause " "$where.sh" || { echo "$clause is not claimed by $where.sh: $text" >&2; bad=1; } ;;
    esac
done <../s4.tsv
for clause in $(grep -hoE '^claim S4-[0-9]+\.[0-9]+' ./*.sh | sort -u | sed 's/^claim //'); do
    grep -q "^$clause	" ../s4.tsv || { echo "$clause is claimed, and no clause of tests/s4.tsv" >&2; bad=1; }
done
[ "$bad" -eq 0 ] || exit 1
[ "${#open[@]}" -eq 0 ] || { echo "open: ${open[*]}"; exit 77; }
