#!/usr/bin/env bash
# Checks protos/ with buf: lint, breaking changes against the last release tag, and that both can fail.
# buf comes from npm at the version of ci/buf/package-lock.json, into build/buf (LF_BUF_DIR).
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${LF_BUF_DIR:-$PWD/build/buf}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
buf=$dir/node_modules/.bin/buf
mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9 # several builds share the installation
want=$(sed -n 's|.*"@bufbuild/buf": "\([0-9.]*\)".*|\1|p' ci/buf/package.json)
if [ "$("$buf" --version 2>/dev/null || true)" != "$want" ]; then
    cp ci/buf/package.json ci/buf/package-lock.json "$dir/"
    (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
fi
export BUF_CACHE_DIR=$tmp/cache
flock -u 9
fail() { echo "buf: $*" >&2; exit 1; }

"$buf" lint protos || fail "lint"

# A release never breaks the one before it.
tag=$(git tag --list 'v[0-9]*' --sort=-version:refname --merged HEAD 2>/dev/null | head -n 1 || true)
if [ -n "$tag" ]; then
    mkdir "$tmp/released"
    git archive "$tag" protos | tar -x -C "$tmp/released"
    cp protos/buf.yaml "$tmp/released/protos/"
    "$buf" breaking protos --against "$tmp/released/protos" || fail "breaks what $tag promised"
    echo "compatible with $tag"
else
    echo "no release yet to be compatible with"
fi

# The checks themselves: what must pass passes, what must not does not.
fresh() { rm -rf "$tmp/next"; cp -r protos "$tmp/next"; }
edit() { # SCRIPT FILE: the edit must change something
    sed -i -E "$1" "$tmp/next/lianfang/v1/$2"
    ! cmp -s "$tmp/next/lianfang/v1/$2" "protos/lianfang/v1/$2" || fail "self-test: '$1' changes nothing in $2"
}
holds() { "$buf" breaking "$tmp/next" --against protos >"$tmp/out" 2>&1 || { cat "$tmp/out" >&2; fail "self-test: refuses $1"; }; }
breaks() { ! "$buf" breaking "$tmp/next" --against protos >"$tmp/out" 2>&1 || fail "self-test: does not see $1"; }
fresh; holds "no change"
fresh; edit 's/^  Certainty certainty = 12;/&\n  string added = 13;/' record.proto; holds "an added field"
fresh; edit 's/^  Certainty certainty = 12;//' record.proto; breaks "a field taken away"
fresh; edit 's/^  string ref = 4;/  string ref = 14;/' record.proto; breaks "a field renumbered"
fresh; edit 's/^  uint32 version = 5;/  string version = 5;/' record.proto; breaks "another type"
fresh; edit 's/KIND_CORRECTION = 7/KIND_CORRECTION = 99/' record.proto; breaks "a kind renumbered"
fresh; edit 's/^  rpc SubmitBatch.*//' exchange.proto; breaks "a method taken away"
fresh; edit 's/^  string issuer = 1;/  string Issuer = 1;/' record.proto
! "$buf" lint "$tmp/next" >"$tmp/out" 2>&1 || fail "self-test: lint does not see a bad name"
echo "buf: lint clean, checks can fail"
