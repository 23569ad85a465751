# SPDX-License-Identifier: Apache-2.0
"""Merchant codes (GB 32100-2015) and what they are mistaken for, from the standards."""

import datetime
import re
import unicodedata

from formats import Refused

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEPARTMENTS = {"1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129",
               "8": "19", "9": "1239", "A": "19", "N": "1239", "Y": "1"}
PROVINCES = set("10 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 "
                "71 81 82".split())
EXCEPTIONS = {"91350203M0001QAY9B"}  # issued by the registry as it stands, check character and all


def plain(text):
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return re.sub(r"\s", "", text).upper()


def check_character(code):
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_code_holds(code):
    values = [int(c, 36) for c in code[:8]]
    rest = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return code[8] == {10: "X", 11: "0"}.get(rest, str(rest))


def registration_number_holds(text):
    if not re.fullmatch(r"[0-9]{15}", text):
        return False
    p = 10
    for c in text[:14]:
        p = ((p + int(c)) % 10 or 10) * 2 % 11
    return int(text[14]) == (11 - p) % 10


def structure_holds(code):
    return (all(c in ALPHABET for c in code) and code[1] in DEPARTMENTS.get(code[0], "") and
            re.fullmatch(r"[0-9]{6}", code[2:8]) is not None and
            (code[2:4] in PROVINCES or code[2:8] == "999999"))


def is_valid(code):
    return structure_holds(code) and check_character(code) == code[17]


def is_id_number(text):
    """GB 11643: checksum, region and a real birth date; a valid merchant code wins."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    total = sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(text[:17]))
    region = int(text[:2])
    try:
        datetime.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return ("10X98765432"[total % 11] == text[17] and 1850 <= int(text[6:10]) <= 2099 and
            (11 <= region <= 65 or region == 71 or 81 <= region <= 83) and not is_valid(text))


def holds_id_number(text):
    """In groups set apart by blanks or hyphens, or inside a longer run of digits."""
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").upper()
    for run in re.findall(r"[0-9X](?:[ -]*[0-9X])*", text):
        groups = re.split(r"[ -]+", run)
        for i in range(len(groups)):
            joined = "".join(groups[i:])
            if is_id_number(joined[:18]):
                return True
        if any(is_id_number(g[i:i + 18]) for g in groups for i in range(len(g))):
            return True
    return False


def check(text, test_ledger=False):
    """(normal form, verdict), or Refused with the trap's reason."""
    code = plain(text)
    valid = len(code) == 18 and is_valid(code)
    if not valid and holds_id_number(text):
        raise Refused("USCC_IS_ID_NUMBER")
    if len(code) != 18:
        if re.fullmatch(r"[0-9]+(\.[0-9]*)?E\+?[0-9]+", code):
            raise Refused("USCC_SPREADSHEET_DAMAGE")
        if registration_number_holds(code):
            raise Refused("USCC_IS_REGNO")
        if re.fullmatch(r"[0-9A-Z]{8}-?[0-9X]", code):
            raise Refused("USCC_IS_ORGCODE")
        raise Refused("USCC_LENGTH")
    if not all(c in ALPHABET for c in code):
        raise Refused("USCC_BAD_CHAR")
    if code[0] not in DEPARTMENTS:
        raise Refused("USCC_DEPARTMENT")
    if code[1] not in DEPARTMENTS[code[0]]:
        raise Refused("USCC_CATEGORY")
    if not structure_holds(code):
        raise Refused("USCC_DIVISION")
    if code[2:8] == "999999" and not test_ledger:
        raise Refused("USCC_TEST_DIVISION")
    if check_character(code) == code[17]:
        return code, "VALID"
    if code in EXCEPTIONS:
        return code, "EXCEPTION"
    raise Refused("USCC_SPREADSHEET_DAMAGE" if re.fullmatch(r"[0-9]{15}000", code) else "USCC_CHECK_DIGIT")
