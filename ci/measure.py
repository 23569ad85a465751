#!/usr/bin/env python3
"""Measures of the C sources that lint.sh refuses: function length, nesting, parameters, #if in a body,
public functions without a comment, parsers without a fuzz target, sources that no unit test reaches.
Usage: ci/measure.py FILE... Prints one line a finding; exit 1 when there is one."""
import re
import sys
from pathlib import Path

# The last parameter, where a failure is told, is not counted. Loops over tables may nest once more in tests.
LINES_MAX, DISPATCHER_MAX, NESTING_MAX, NESTING_IN_TESTS, PARAMETERS_MAX = 70, 100, 3, 4, 6
WIDE = {
    "gateway/ops/http.c: on_request",  # its type is libmicrohttpd's
    "gateway/exchange/may_read.c: gw_entry_view",  # the one way out of the ledger: who, what, and two answers
}
CONTROL = re.compile(r"\b(if|for|while|switch|else|do|\w*foreach)$")
CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

# Where the tests of a directory live: every source there is called by one of them, directly or through
# a source that is.
TESTS_OF = {
    "unit/base": ["sdk/base", "sdk/base/crypto"],
    "unit/core": ["sdk/core"],
    "unit/uscc": ["sdk/uscc"],
    "unit/storage": ["storage", "storage/lmdb"],
    "unit/protos": ["protos/codec"],
    "unit/rules": ["sdk/rules"],
    "unit/gateway": ["gateway/policy", "gateway/access", "gateway/exchange", "gateway/exchange/projections"],
}
# What takes bytes from outside apart, by name, in a header.
PARSER = re.compile(r"\b((?:px_\w+_decode|px_scan|lf__\w+_parse|gw_policy_load|lf__rules_load|lf__calendar_load|gw_config_load|"
                    r"lf__profile_load|lf__secret_load|lf__cert_spki|table_load|lf__\w+_verify))\(")
NOT_BYTES = {"lf__verify", "lf__merkle_verify", "lf__receipt_verify"}


def blank(text):
    """Comments and literals become blanks, line numbers stay."""
    return CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def functions(text):
    """(name, first line, parameters, body) of each function; braces of functions stand in column 0."""
    lines = text.split("\n")
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line == "}" and start is not None:
            head = start - 1
            while head > 0 and not re.match(r"\w", lines[head]):
                head -= 1
            signature = " ".join(lines[head:start])
            found = re.search(r"(\w+)\((.*)\)[^)]*$", signature, re.S)
            if found:
                yield found.group(1), head + 1, signature, lines[start + 1:i]
            start = None


def parameters(signature):
    depth = commas = 0
    inside = signature[signature.index("("):]
    for c in inside:
        depth += (c in "([{") - (c in ")]}")
        commas += c == "," and depth == 1
    return commas + 1 - bool(re.search(r"lf_error \*\w+\)\s*$", signature))


def opener_is_control(before):
    """Whether the brace after this text opens a block, and not a literal."""
    before = before.rstrip()
    if not before.endswith(")"):
        return bool(CONTROL.search(before)) or before.endswith((";", "}", "{", ":"))
    depth = 0
    for i in range(len(before) - 1, -1, -1):
        depth += (before[i] == ")") - (before[i] == "(")
        if depth == 0:
            return bool(CONTROL.search(before[:i].rstrip()))
    return False


def nesting(body):
    text = "\n".join(body)
    stack, deepest = [], 0
    for i, c in enumerate(text):
        if c == "{":
            stack.append(opener_is_control(text[:i]))
            deepest = max(deepest, sum(stack))
        elif c == "}" and stack:
            stack.pop()
    return deepest


def is_dispatcher(body):
    """One switch that is nearly all of the body."""
    at = next((i for i, line in enumerate(body) if line.startswith("    switch (")), None)
    if at is None:
        return False
    end = next((i for i in range(at, len(body)) if body[i] == "    }"), at)
    return end - at > 0.8 * len(body)


def check_functions(path, text):
    for name, line, signature, body in functions(text):
        where = f"{path}:{line}: {name}"
        limit = DISPATCHER_MAX if is_dispatcher(body) else LINES_MAX
        if len(body) > limit:
            yield f"{where} has {len(body)} lines, {limit} is the limit"
        deep = NESTING_IN_TESTS if path.startswith("tests/") else NESTING_MAX
        if nesting(body) > deep:
            yield f"{where} nests {nesting(body)} deep, {deep} is the limit"
        if parameters(signature) > PARAMETERS_MAX and f"{path}: {name}" not in WIDE:
            yield f"{where} has {parameters(signature)} parameters, {PARAMETERS_MAX} is the limit"
        if any(re.match(r"\s*#\s*(if|ifdef|ifndef)\b", b) for b in body):
            yield f"{where} has #if inside"


def check_public(path, raw):
    """Every LF_API function has a comment before it, beside it, or before its group of lines."""
    lines = raw.split("\n")
    for i, line in enumerate(lines):
        if not re.match(r"LF_API\b", line):
            continue
        at, documented = i, "/*" in line
        while not documented and at > 0 and lines[at - 1].strip():
            at -= 1
            documented = "*/" in lines[at]
        if not documented:
            yield f"{path}:{i + 1}: public function without a comment"


def check_parsers(headers):
    known = "".join(p.read_text() for p in Path("tests/fuzz").glob("*.c") if p.name != "seeds.c")
    for path, raw in headers.items():
        for name in sorted(set(PARSER.findall(blank(raw))) - NOT_BYTES):
            if not re.search(rf"\b{name}\(", known) and "internal" not in path:
                yield f"{path}: {name} takes bytes from outside, and no target of tests/fuzz calls it"


def defined(text):
    return {name for name, _, signature, _ in functions(text) if not signature.startswith("static")}


def check_tested(sources):
    by_dir = {}
    for path, text in sources.items():
        by_dir.setdefault(str(Path(path).parent), {})[path] = text
    for tests, directories in TESTS_OF.items():
        group = {p: t for d in directories for p, t in by_dir.get(d, {}).items()}
        calls = "".join(p.read_text() for p in sorted(Path("tests", tests).glob("*.c")))
        for shared in ("tests/unit/vectors", "tests/support", "tests/unit/gateway", "tests/unit/storage"):
            calls += "".join(p.read_text() for p in sorted(Path(shared).glob("*.c")))
        reached, waiting = set(), dict(group)
        while True:
            new = [p for p, t in waiting.items() if not defined(t) or
                   any(re.search(rf"\b{n}\b", calls) for n in defined(t))]
            if not new:
                break
            for p in new:
                reached.add(p)
                calls += waiting.pop(p)
        for path in waiting:
            yield f"{path}: no test of tests/{tests} reaches it"


def main(paths):
    findings, sources, headers = [], {}, {}
    for path in paths:
        raw = Path(path).read_text()
        text = blank(raw)
        findings += check_functions(path, text)
        if path.endswith(".h"):
            headers[path] = raw
            if path.startswith("sdk/include/"):
                findings += check_public(path, raw)
        else:
            sources[path] = text
    product = {p: t for p, t in headers.items() if not p.startswith("tests/")}
    findings += check_parsers(product)
    findings += check_tested(sources)
    for finding in findings:
        print("lint:", finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
