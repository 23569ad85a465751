# SPDX-License-Identifier: Apache-2.0
"""Tokens of persons, accounts and telephones, from the description in lianfang/token.h."""

import hashlib
import hmac
import re

import uscc
from formats import Refused

DIGITS = "0123456789X"


def id_check(code):
    return "10X98765432"[sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(code[:17])) % 11]


def document(text):
    text = re.sub(r"[-()]", "", text)
    if re.fullmatch(r"[0-9]{15}", text):
        code = text[:6] + "19" + text[6:]
        code += id_check(code)
        return code if uscc.is_id_number(code) else None
    if not re.fullmatch(r"[0-9A-Z]{5,32}", text):
        return None
    if len(text) != 18:
        return text
    is_number = re.fullmatch(r"[0-9]{17}[0-9X]", text) and id_check(text) == text[17]
    return text if is_number or uscc.is_valid(text) else None


def account(text):
    text = text.replace("-", "")
    return text if re.fullmatch(r"[0-9A-Z@._]{4,64}", text) else None


def telephone(text):
    text = re.sub(r"[-()+]", "", text)
    text = re.sub(r"^(?:0086|86)(1[0-9]{10})$", r"\1", text)
    return text if re.fullmatch(r"[0-9]{7,15}", text) else None


def make(key, of, value):
    normal = {1: document, 2: account, 3: telephone}[of](uscc.plain(value))
    if normal is None:
        raise Refused("TOKEN_VALUE")
    return hmac.digest(key, b"lianfang/v1 token\0" + bytes([of]) + normal.encode(), hashlib.sha256)
