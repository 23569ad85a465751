# SPDX-License-Identifier: Apache-2.0
"""beijing2021.py plan DIR | check DIR: the figures of August 2021. DIR/gen has what lf_generate made, nine reporters' removals of
one year. `plan` adds the days at the edge of that year and the answers of some platforms; `check` counts the rows of the
files and compares the gateway's tables with it."""
import collections
import csv
import glob
import json
import sys

from codes import code

ANSWERING = ("platform-02", "platform-12")  # one that reports, one that never has


def rows_of(directory):
    for path in sorted(glob.glob(f"{directory}/gen/platform-*.csv")):
        member = path.split("/")[-1][:-4]
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield member, row


def answer_of(member, ref):
    n = sum(ref.encode()) + int(member[-2:])
    return ("REMOVED", "KEPT", "RESTRICTED")[n % 3] if n % 11 == 0 else "NO_SHOP"


def plan(directory):
    edge = "ref uscc violation certainty measures decided_at".split()
    with open(f"{directory}/edge.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(edge)
        out.writerow(["edge-out", code("ME", 1), "COUNTERFEIT", "ESTABLISHED_BY_PLATFORM", "REMOVAL", "2025-06-29"])
        out.writerow(["edge-in", code("ME", 2), "COUNTERFEIT", "ESTABLISHED_BY_PLATFORM", "REMOVAL", "2025-06-30"])


def answers(directory):
    """Once the record ids are known: a file of answers for each platform that answers, of the tasks that it has."""
    ref_of = {}
    with open(f"{directory}/events.json", encoding="utf-8") as file:
        for event in map(json.loads, file):
            ref_of[event["index"]] = event["ref"]
    for member in ANSWERING:
        with open(f"{directory}/tasks-{member}.json", encoding="utf-8") as file, \
                open(f"{directory}/answers-{member}.csv", "w", newline="", encoding="utf-8") as to:
            out = csv.writer(to)
            out.writerow("target_issuer target_record_id answer rule reason".split())
            for task in map(json.loads, file):
                word = answer_of(member, ref_of[task["index"]])
                out.writerow([task["issuer"], task["record"], word, "" if word == "NO_SHOP" else "R-17 v3", "已整改" if word == "KEPT" else ""])


def read(directory, name):
    with open(f"{directory}/{name}.json", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def same(what, told, want):
    if told != want:
        sys.exit(f"{what}: told {[r for r in told if r not in want][:3]} for {[r for r in want if r not in told][:3]}; {len(told)} rows for {len(want)}")


def statistics(rows):
    cells = collections.defaultdict(list)
    for member, row in rows:
        cells[row["decided_at"][:7], row["violation"]].append(member)
    cells["2025-06", "COUNTERFEIT"] += ["platform-01"] * 2
    return [{"month": month, "violation": violation, "province": "99", "events": str(len(cell)) if len(cell) >= 5 else "<5",
             "platforms": str(len(set(cell))) if len(cell) >= 5 else ""} for (month, violation), cell in sorted(cells.items())]


def check(directory):
    rows = list(rows_of(directory))
    assert len(rows) == 10000 and len({row["uscc"] for _, row in rows}) == 10000
    contributed = collections.Counter(member for member, _ in rows)
    assert len(contributed) == 9
    members = [f"platform-{n:02d}" for n in range(1, 22)]
    asked = {row["member"]: row for row in read(directory, "participation")}
    # The year that ends on 2026-06-30: with the record of 2025-06-30, without that of the day before.
    year = read(directory, "year")
    contributed["platform-01"] += 1
    want = [(m, str(contributed[m]), "SILENT" if contributed[m] == 0 else "") for m in members]
    want.append(("TOTAL", "10001", "12"))
    same("the year", [(r["member"], r["contributed"], r["silent"]) for r in year], want)
    assert sum(r["silent"] == "SILENT" for r in year) == 12
    # Without a period all count, and so does who was asked and has answered.
    contributed["platform-01"] += 1
    for member in members:
        row = asked[member]
        assert row["contributed"] == str(contributed[member]), row
        tasks = read(directory, f"tasks-{member}") if member in ANSWERING else []
        assert row["answered"] == str(len(tasks)), row
        assert member not in ANSWERING or row["asked"] == row["answered"], row
    total = asked["TOTAL"]
    assert (total["contributed"], total["members"], total["reporters"], total["silent"]) == ("10002", "21", "9", "12"), total
    # Who has a shop, and what it did.
    refs = {event["index"]: event["ref"] for event in read(directory, "events")}
    want, all_words = [], collections.Counter()
    for member in ANSWERING:
        words = collections.Counter(answer_of(member, refs[task["index"]]) for task in read(directory, f"tasks-{member}"))
        del words["NO_SHOP"]
        all_words += words
        want.append((member, words))
    want.append(("TOTAL", all_words))
    same("coverage", [(r["member"], r["matched"], r["followed_up"], r["kept"], r["removals"]) for r in read(directory, "coverage")],
         [(m, str(w.total()), str(w["REMOVED"] + w["RESTRICTED"]), str(w["KEPT"]), str(w["REMOVED"])) for m, w in want])
    same("statistics", read(directory, "statistics"), statistics(rows))
    print(f"members=21 reporters=9 silent=12 subjects=10000; removals {all_words['REMOVED']} of {all_words.total()} shops")


if __name__ == "__main__":
    {"plan": plan, "answers": answers, "check": check}[sys.argv[1]](sys.argv[2])
