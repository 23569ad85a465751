# cover.sh SYMBOLS EXAMPLES_DIR: every call that the library exports is in an example.
set -euo pipefail
bad=0
while read -r call; do
    grep -qwF "$call" "$2"/*.c || { echo "$call is in no example of sdk/examples" >&2; bad=1; }
done <"$1"
exit "$bad"
