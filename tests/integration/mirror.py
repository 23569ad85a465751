# SPDX-License-Identifier: Apache-2.0
"""mirror.py DIR COUNT: what a platform of COUNT merchants and a ledger with 26 of them removed have in their files. All codes
are of division 999999. removed.csv, registry.csv: for the ledger, and one-1.csv to one-3.csv,
a removal each. merchants.csv: the platform's own, in which 20 of the 26 have their
code, 4 the number of 15 digits that it replaced, and 2 a name alone."""
import csv
import sys

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def code(number):
    organisation = "MA%06d" % number
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum((int(c) if c.isdigit() else ord(c) - 55) * w for c, w in zip(organisation, weights))
    inner = "0123456789X0"[(11 - total % 11) % 11] if total % 11 != 0 else "0"
    body = "91999999" + organisation + ("0" if inner == "X" and total % 11 == 0 else inner)
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def old_number(number):
    body = "999999%08d" % number
    p = 10
    for c in body:
        s = (p + int(c)) % 10
        p = (s or 10) * 2 % 11
    return body + str((11 - p) % 10)


def main():
    directory, count = sys.argv[1], int(sys.argv[2])
    planted = [code(i) for i in range(26)]
    kept = ["北京阿裏商貿有限公司", "聯防（北京）電子商務有限責任公司"]
    asked = ["北京阿里商贸有限公司", "联防 (北京) 电子商务有限公司"]
    with open(f"{directory}/removed.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow("ref uscc violation certainty measures decided_at".split())
        for i, uscc in enumerate(planted):
            out.writerow([f"r{i}", uscc, "COUNTERFEIT", "ESTABLISHED_BY_PLATFORM", "REMOVAL", "2026-03-02"])
    for i in range(1, 4):
        with open(f"{directory}/one-{i}.csv", "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow("ref uscc violation certainty measures decided_at".split())
            out.writerow([f"one-{i}", code(900000 + i), "COUNTERFEIT", "ESTABLISHED_BY_PLATFORM", "REMOVAL", "2026-03-02"])
    with open(f"{directory}/registry.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow("uscc name established status old_number".split())
        for i, uscc in enumerate(planted):
            name = kept[i - 24] if i >= 24 else f"测试{i:06d}有限公司"
            out.writerow([uscc, name, "2016-01-04", "ACTIVE", old_number(i) if 20 <= i < 24 else ""])
        for i in range(100, 130):  # whom nobody accuses
            out.writerow([code(i), f"测试{i:06d}有限公司", "2016-01-04", "ACTIVE", old_number(i)])
    rows = [[code(i), f"测试{i:06d}有限公司"] for i in range(100, 100 + count - 26)]
    for i, uscc in enumerate(planted):
        row = [uscc, f"测试{i:06d}有限公司"]
        if i >= 24:
            row = ["", asked[i - 24]]
        elif i >= 20:
            row[0] = old_number(i)
        elif i % 5 == 1:
            row[0] = uscc.lower()
        elif i % 5 == 2:
            row[0] = " " + "".join(chr(ord(c) + 0xFEE0) for c in uscc)
        rows.insert(i * (count // 26), row)
    with open(f"{directory}/merchants.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["shop", "code", "name"])
        out.writerows([f"S{i:06d}"] + row for i, row in enumerate(rows))


main()
