# symbols.sh LIBRARY LIST HEADERS: the library exports the listed names, each of them declared LF_API, and no other.
set -euo pipefail
library=$1 list=$2 headers=$3
diff -u "$list" <(nm -D --defined-only "$library" | awk '{print $3}' | LC_ALL=C sort) ||
    { echo "FAILED: the exported names are not those of $list"; exit 1; }
diff -u "$list" <(grep -ohE '^LF_API [^;(]*\b(lf_[a-z0-9_]+)\(' "$headers"/lianfang/*.h | grep -oE 'lf_[a-z0-9_]+\($' | tr -d '(' | LC_ALL=C sort) ||
    { echo "FAILED: the declared names are not those of $list"; exit 1; }
