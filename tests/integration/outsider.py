"""outsider.py BASE WITH WITHOUT: two runs of wire_alike, byte for byte, but for what is listed in MASKS; exit 1 where they differ.

Positions below BASE are the same ledger in both runs, and are compared like everything else. What is left out:
  position  a number that is an index, cursor or size at or past BASE (access log: any)
  time      an instant of the run
  head      a signed head, or a path to its root
  delivery  of a member's own records, who has read them: in one run the members of the campaign read more
  batch     where pages of positions begin and end; of positions at or past BASE those that told nothing
"""
import collections
import re
import sys

POSITION, ACCESS, TIME, HEAD, LEAF, TEXT, BODY = "position", "access position", "time", "head", "leaf", "text", "access entry"
# Message, field: what is done with it. A name is a message of this table; what is not listed is compared as it is.
MASKS = {
    "SubmitResponse": {1: "Result", 2: HEAD},
    "SubmitStreamResponse": {2: "Result", 3: HEAD},
    "Result": {3: "Receipt"},
    "Receipt": {2: POSITION, 3: LEAF, 4: HEAD},
    "ScreenResponse": {1: "ScreenResult", 2: HEAD, 3: ACCESS, 4: POSITION, 5: TIME},
    "ScreenResult": {3: "ScreenReason"},
    "ScreenReason": {8: POSITION},
    "Evidence": {2: "Receipt", 3: HEAD, 6: HEAD},
    "ListTasksResponse": {1: "Task", 3: POSITION, 5: HEAD, 6: ACCESS},
    "Task": {1: POSITION, 9: POSITION, 10: TIME, 11: TIME, 16: TIME},
    "ReportResponse": {4: HEAD, 5: ACCESS},
    "ListMembersResponse": {3: POSITION},
    "GetMemberResponse": {2: POSITION},
    "AcknowledgeResponse": {},
    "ProveInclusionResponse": {},
    "ProveConsistencyResponse": {},
    "CrossCheckResponse": {3: HEAD, 4: ACCESS},
    # The entry as it was told: member, act, purpose, tokens, classes and count as they are.
    "AccessEntry": {10: "AccessRange", 12: HEAD},
    "AccessRange": {1: POSITION, 2: POSITION},
    # google.rpc.Status and its details: texts name positions.
    "Status": {2: TEXT, 3: "Any"},
    "Any": {2: TEXT},
}
ANSWERS = {"Submit": "SubmitResponse", "Screen": "ScreenResponse", "ScreenStream": "ScreenResponse", "GetEvidence": "Evidence",
           "List": "ListTasksResponse", "Get": "ReportResponse", "Acknowledge": "AcknowledgeResponse",
           "ProveInclusion": "ProveInclusionResponse", "ProveConsistency": "ProveConsistencyResponse",
           "CrossCheck": "CrossCheckResponse"}
base = int(sys.argv[1])


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            value = data[at:at + size]
            assert len(value) == size
            at += size
        else:
            raise ValueError("wire type %d" % (tag & 7))
        yield tag >> 3, value


def position(value):
    return value if value < base else "P"


def leaf(data, index):
    """Below BASE all of it; past it what it commits to beside the time: the members and the signed record."""
    return data.hex() if index < base else data[9:].hex()


def mask(name, data):
    out = []
    index = None
    for number, value in fields(data):
        how = MASKS[name].get(number)
        if how == POSITION:
            index = value if index is None else index
            value = position(value)
        elif how in (ACCESS, TIME, HEAD):
            value = how
            if how == HEAD and out and out[-1] == (number, HEAD):
                continue  # a path is as long as the tree is high
        elif how == LEAF:
            value = leaf(value, index)
        elif how == TEXT:
            value = re.sub(rb"[0-9]+", b"N", value)
        elif how is not None:
            value = mask(how, value)
        out.append((number, value))
    return out


def access(data):
    return mask("AccessEntry", data[16:])


def entries(data):
    """GetEntries: each position below BASE, and past it each that tells something."""
    out = []
    for number, value in fields(data):
        if number != 1:
            continue  # next, and the head
        got = dict(fields(value))
        index = got.get(1, 0)
        if 4 in got:
            out.append(access(got[4]))
        elif 3 in got or index < base:
            out.append((position(index), leaf(got[2], index), got.get(3)))
    return out


def access_entries(data):
    return [access(dict(fields(v))[4]) for n, v in fields(data) if n == 1 and 4 in dict(fields(v))]


def feed(data):
    """A batch: of each position below BASE what is told of it, past it only the entries."""
    told = []
    skipped = []
    beat = False
    for number, value in fields(data):
        got = dict(fields(value)) if number in (3, 4) else None
        if number == 3:
            index = got.get(1, 0)
            told.append((position(index), got[2], leaf(got[3], index)))
        elif number == 4:
            first = got.get(1, 0)
            hashes = got[2]
            skipped += [(first + i, hashes[32 * i:32 * i + 32]) for i in range(len(hashes) // 32) if first + i < base]
        elif number == 6:
            beat = bool(value)
    return told, skipped, beat


def subject_row(cells):
    """Of a question its place and time, of a record past BASE its times; and the positions that are named in texts."""
    asked = cells[0] == b"ACCESS"
    cells = [re.sub(rb"\b(ledger:|about=)([0-9]+)", lambda m: m[1] + str(position(int(m[2]))).encode(), cell) for cell in cells]
    cells = [re.sub(rb"access:[0-9]+", b"access:P", cell) for cell in cells]
    if asked or int(cells[1]) >= base or b"access:P" in cells:
        cells = [re.sub(rb"^20[0-9-]+T[0-9:+]+$", b"T", cell) for cell in cells]
    return [b"" if asked and i == 1 else cell for i, cell in enumerate(cells)]


def report(data):
    """Cells in columns of positions are positions, like everything of that kind."""
    told = mask("ReportResponse", data)
    heads = [value for number, value in told if number == 2]
    for at, (number, value) in enumerate(told):
        if number == 3:
            cells = [cell for _, cell in fields(value)]
            if told[0] == (1, b"subject"):
                cells = subject_row(cells)
            told[at] = (3, [position(int(cell)) if b"index" in head and cell else cell for head, cell in zip(heads, cells)])
    return [row for row in told if row[0] != 3 or row[1][0] != b"RECIPIENT" or b"DELIVERED" not in row[1]]


def answer(label, data):
    method, _, rest = label.partition(" ")[2].partition(" ")
    if not data:
        return None
    if method in ("Poll", "Subscribe"):
        return feed(data)
    if method == "GetEntries":
        return access_entries(data) if rest == "access" else entries(data)
    if method in ("List", "Get") and rest in ("all", "platform-01"):
        return mask("ListMembersResponse" if method == "List" else "GetMemberResponse", data)
    if method == "Get":
        return report(data)
    return mask(ANSWERS[method], data)


def read(path):
    out = collections.OrderedDict()
    for line in open(path):
        label, what, code, details, data = line.rstrip("\n").split("\t")
        key = (label, what)
        while key in out:
            key += ("again",)
        out[key] = (int(code), details and mask("Status", bytes.fromhex(details)), answer(label, bytes.fromhex(data)))
    return out


with_it, without = read(sys.argv[2]), read(sys.argv[3])
bad = 0
for key in list(with_it) + [k for k in without if k not in with_it]:
    if with_it.get(key) != without.get(key):
        bad += 1
        print("differs:", *key)
        if bad <= 3:
            print("   with:", with_it.get(key))
            print("without:", without.get(key))
codes = collections.Counter(v[0] for v in with_it.values())
assert codes[0] > 100 and len(codes) > 2, codes  # they were answers
if not bad:
    print("%d answers of %d bytes and more are alike" % (len(with_it), sum(len(l) // 2 for l in open(sys.argv[2]))))
sys.exit(1 if bad else 0)
