#!/usr/bin/env bash
# Lines and branches that the tests without label "long" reach, a row a directory. Generated code and the tests
# themselves are left out; a branch of an assertion or of LF_BUG_IF that never happens counts as not reached.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build build/coverage >build/coverage.log 2>&1 || { tail -n 40 build/coverage.log; exit 1; }
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage -LE long -j2 --timeout 900 >build/coverage/ctest.txt 2>&1 || tail -n 20 build/coverage/ctest.txt
gcovr --root . --object-directory build/coverage --filter 'sdk/' --filter 'protos/codec/' --filter 'storage/' --filter 'gateway/' \
    --exclude-throw-branches --gcov-ignore-parse-errors --json-summary build/coverage/summary.json >/dev/null
python3 - build/coverage/summary.json <<'PY'
import collections
import json
import os
import sys
rows = collections.defaultdict(lambda: [0, 0, 0, 0])
for f in json.load(open(sys.argv[1]))["files"]:
    row = rows[os.path.dirname(f["filename"])]
    for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
        row[i] += f[key]
rows["all"] = [sum(r[i] for r in rows.values()) for i in range(4)]
print(f"{'directory':36}{'lines':>8}{'of':>8}{'':>8}{'branches':>10}{'of':>8}")
for name, (lines, line_total, branches, branch_total) in sorted(rows.items(), key=lambda r: (r[0] == "all", r[0])):
    print(f"{name:36}{lines:8}{line_total:8}{100 * lines / max(1, line_total):7.1f}%"
          f"{branches:10}{branch_total:8}{100 * branches / max(1, branch_total):7.1f}%")
PY
