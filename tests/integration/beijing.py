# SPDX-License-Identifier: Apache-2.0
"""beijing.py plan DIR | check DIR: Beijing, February 2020, as it was published on the 20th: 5 platforms brought 70 records of
removed merchants to the regulator, who passed them on, and 26 follow-up removals were made. What was not published (who reported
how many and when, and what was answered otherwise) is ours, and the same on every run. `plan` writes the files that are pushed
and schedule.txt; `check` computes every figure from the plan and compares the gateway's tables with it."""
import collections
import csv
import datetime
import json
import random
import sys

from codes import code

SHARES = {"p-01": 24, "p-02": 17, "p-03": 13, "p-04": 10, "p-05": 6}
ANSWERS = {"REMOVED": 26, "RESTRICTED": 3, "KEPT": 5, "DISPUTED": 2, "INVESTIGATING": 2, "ACTIVE_SHOP": 2, "": 1}
VIOLATIONS = ["PRICE_GOUGING"] * 31 + ["FALSE_ADVERTISING"] * 19 + ["FAKE_EPIDEMIC_GOODS"] * 17 + ["OTHER_SERIOUS"] * 3
BEGIN = datetime.datetime(2020, 2, 3)
NOW = datetime.datetime(2020, 2, 20, 12)
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


def plan():
    rng = random.Random(2020)
    issuers = [p for p, share in SHARES.items() for _ in range(share)]
    rng.shuffle(issuers)
    records, tasks = [], []
    for n, (issuer, violation) in enumerate(zip(issuers, VIOLATIONS)):
        turn = n % 10
        k = int(issuer[-1])
        reported = BEGIN + turn * DAY + 18 * HOUR + 10 * k * MINUTE
        decided = reported.date() if turn != 9 else datetime.date(2020, 2, 7)  # the last day's were decided on a Friday
        shared = BEGIN + (turn + 1) * DAY + (9 if n % 2 else 11) * HOUR
        records.append({"ref": f"b{n:02d}", "uscc": code("MD", n), "issuer": issuer, "violation": violation, "turn": turn,
                        "decided": decided, "reported": reported, "shared": shared})
    pairs = [(r, p) for r in records for p in SHARES if p != r["issuer"]]
    rng.shuffle(pairs)
    words = [word for word, count in ANSWERS.items() for _ in range(count)]
    words += ["NO_SHOP"] * (len(pairs) - len(words))
    for (record, member), word in zip(pairs, words):
        first = BEGIN + (record["turn"] + 1) * DAY + 17 * HOUR + 20 * int(member[-1]) * MINUTE
        second = BEGIN + (record["turn"] + 3) * DAY + 12 * HOUR + int(member[-1]) * MINUTE
        tasks.append({"record": record, "member": member, "answer": word, "first": first, "second": second})
    return records, tasks


def answer_row(task, word):
    row = {"target_issuer": task["record"]["issuer"], "target_record_id": "@" + task["record"]["ref"], "answer": word,
           "rule": "", "measures": "", "reason": ""}
    if word in ("REMOVED", "RESTRICTED", "KEPT"):
        row["rule"] = task["member"].upper() + "-R-17 v3"
    row["measures"] = {"REMOVED": "REMOVAL", "RESTRICTED": "SUSPEND"}.get(word, "")
    row["reason"] = {"KEPT": "已整改并提交证明", "DISPUTED": "不是同一家店"}.get(word, "")
    return row


def write(directory):
    records, tasks = plan()
    steps = collections.defaultdict(list)  # (time, who, kind) -> rows
    for r in records:
        steps[r["reported"], r["issuer"], "enforcement-event"].append(
            {"ref": r["ref"], "uscc": r["uscc"], "violation": r["violation"], "certainty": "ESTABLISHED_BY_PLATFORM",
             "measures": "REMOVAL", "decided_at": r["decided"].isoformat()})
        steps[r["shared"], "r-bj", "relay"].append(
            {"target_issuer": r["issuer"], "target_record_id": "@" + r["ref"], "decision": "RELEASED"})
    for t in tasks:
        if t["answer"] == "":
            continue
        has_none = t["answer"] == "NO_SHOP"
        steps[t["first"], t["member"], "disposition"].append(answer_row(t, "NO_SHOP" if has_none else "ACTIVE_SHOP"))
        if not has_none and t["answer"] != "ACTIVE_SHOP":
            steps[t["second"], t["member"], "disposition"].append(answer_row(t, t["answer"]))
    with open(f"{directory}/schedule.txt", "w", encoding="utf-8") as schedule:
        for n, ((when, who, kind), rows) in enumerate(sorted(steps.items())):
            with open(f"{directory}/step-{n}.csv", "w", newline="", encoding="utf-8") as file:
                out = csv.DictWriter(file, rows[0].keys())
                out.writeheader()
                out.writerows(rows)
            print(when.strftime("%Y-%m-%dT%H:%M"), who, kind, f"step-{n}.csv", len(rows), file=schedule)
    with open(f"{directory}/codes.txt", "w", encoding="utf-8") as file:
        file.writelines(r["uscc"] + "\n" for r in records)


def hours(deltas):
    return sorted(d / HOUR for d in deltas)


def middle(values):
    return f"{values[(len(values) - 1) // 2]:.2f}" if values else "0.00"


def p95(values):
    return f"{values[(len(values) * 95 + 99) // 100 - 1]:.2f}"


def workdays_end(day, count):
    """The end of the count-th day of Monday to Friday after `day`; of 2020 no holidays are known."""
    while count > 0:
        day += DAY
        count -= day.weekday() < 5
    return datetime.datetime.combine(day, datetime.time()) + DAY


def due(task):
    if task["answer"] == "INVESTIGATING":
        return workdays_end(task["second"].date(), 5)
    return task["record"]["shared"] + 72 * HOUR if task["answer"] in ("", "ACTIVE_SHOP") else None


def read(directory, name):
    with open(f"{directory}/{name}", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def same(what, told, want):
    if told != want:
        missing = [row for row in want if row not in told]
        sys.exit(f"{what}: not told: {missing[:3]}; told: {[row for row in told if row not in want][:3]}; "
                 f"{len(told)} rows for {len(want)}")


def coverage(tasks):
    rows = []
    for member in [*SHARES, "TOTAL"]:
        mine = [t["answer"] for t in tasks if member in (t["member"], "TOTAL") and t["answer"] not in ("", "NO_SHOP")]
        count = collections.Counter(mine)
        followed = count["REMOVED"] + count["RESTRICTED"]
        rows.append({"member": member, "matched": str(len(mine)), "followed_up": str(followed), "kept": str(count["KEPT"]),
                     "undecided": str(len(mine) - followed - count["KEPT"]), "shops": str(followed),
                     "coverage": f"{followed}/{len(mine)}", "removals": str(count["REMOVED"])})
    return rows


def participation(records, tasks):
    rows = []
    for member in SHARES:
        mine = [t for t in tasks if t["member"] == member]
        lags = hours(t["first"] - t["record"]["shared"] for t in mine if t["answer"])
        rows.append({"member": member, "contributed": str(SHARES[member]), "overturned": "0", "asked": str(len(mine)),
                     "answered": str(len(lags)), "median_hours": middle(lags), "silent": "", "members": "", "reporters": ""})
    lags = hours(t["first"] - t["record"]["shared"] for t in tasks if t["answer"])
    rows.append({"member": "TOTAL", "contributed": str(len(records)), "overturned": "0", "asked": str(len(tasks)),
                 "answered": str(len(lags)), "median_hours": middle(lags), "silent": "0", "members": "5", "reporters": "5"})
    return rows


def lags(records, tasks):
    def decided(r):
        return datetime.datetime.combine(r["decided"], datetime.time())
    late = [r for r in records if r["shared"] >= workdays_end(r["decided"], 1)]
    overdue = [t for t in tasks if due(t) is not None and NOW >= due(t)]
    rows = []
    for name, values, count in (
            ("decision-to-report", hours(r["reported"] - decided(r) for r in records), 0),
            ("decision-to-share", hours(r["shared"] - decided(r) for r in records), len(late)),
            ("share-to-answer", hours(t["first"] - t["record"]["shared"] for t in tasks if t["answer"]), len(overdue))):
        rows.append({"lag": name, "records": str(len(values)), "median_hours": middle(values), "p95_hours": p95(values),
                     "late": str(count)})
    assert len(late) == 7, late
    return rows, late


def statistics(records):
    cells = collections.defaultdict(list)
    for r in records:
        cells[r["violation"]].append(r["issuer"])
    return [{"month": "2020-02", "violation": v, "province": "99", "events": str(len(cells[v])) if len(cells[v]) >= 5 else "<5",
             "platforms": str(len(set(cells[v]))) if len(cells[v]) >= 5 else ""} for v in sorted(cells)]


def open_loops(records, tasks):
    rows = []
    for r in records:
        mine = [t for t in tasks if t["record"] is r]
        waiting = [t for t in mine if t["answer"] in ("", "ACTIVE_SHOP", "INVESTIGATING", "DISPUTED")]
        absent = sum(t["answer"] == "NO_SHOP" for t in mine)
        if waiting:
            closed = len(mine) - absent - len(waiting)
            rows.append({"subject": r["uscc"], "asked": "4", "no_shop": str(absent), "closed": str(closed),
                         "state": f"SHARED({closed}/{4 - absent})",
                         "overdue": str(sum(due(t) is not None and NOW >= due(t) for t in waiting)),
                         "open_members": " ".join(sorted(t["member"] for t in waiting))})
    return rows


def check(directory):
    records, tasks = plan()
    ids = {row["index"]: row["ref"] for row in read(directory, "events.json")}
    assert len(ids) == 70
    # The whole table of answers: 280 tasks, each with its state and its word.
    states = {"": "OPEN", "ACTIVE_SHOP": "ACTIVE_SHOP", "INVESTIGATING": "INVESTIGATING", "DISPUTED": "DISPUTED"}
    told = sorted((ids[row["index"]], row["member"], row["state"], row["answer"], row["overdue"]) for row in read(directory, "tasks.json"))
    want = sorted((t["record"]["ref"], t["member"], states.get(t["answer"], "CLOSED"), t["answer"],
                   due(t) is not None and NOW >= due(t)) for t in tasks)
    same("answers", told, want)
    count = collections.Counter(row[3] for row in told)
    assert count == ANSWERS | {"NO_SHOP": 239}, count
    same("coverage", read(directory, "coverage.json"), coverage(tasks))
    same("participation", read(directory, "participation.json"), participation(records, tasks))
    rows, late = lags(records, tasks)
    same("lags", read(directory, "lags.json"), rows)
    same("late", sorted(row["subject"] + " " + row["provisional"] for row in read(directory, "late.json")),
         sorted(r["uscc"] + " PROVISIONAL" for r in late))
    same("statistics", read(directory, "statistics.json"), statistics(records))
    loops = [{k: v for k, v in row.items() if k not in ("index", "issuer")} for row in read(directory, "open-loops.json")]
    by_subject = sorted(loops, key=lambda row: row["subject"])
    same("open-loops", by_subject, sorted(open_loops(records, tasks), key=lambda row: row["subject"]))
    print(f"{len(records)} records, {count['REMOVED']} follow-up removals, {len(told)} answers as planned: {dict(count)}")


if __name__ == "__main__":
    {"plan": write, "check": check}[sys.argv[1]](sys.argv[2])
