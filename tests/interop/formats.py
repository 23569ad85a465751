# SPDX-License-Identifier: Apache-2.0
"""Every byte format of Lianfang, written from protos/*.proto and protos/vectors/README.md alone.

Nothing here calls the project's C code. A check that does not hold raises Refused with the reason of
protos/reasons.csv. Ed25519 is libsodium's, through PyNaCl.
"""

import base64
import hashlib
import hmac
import struct

import nacl.bindings
import nacl.exceptions
import nacl.signing

RECORD_TYPE = "application/vnd.lianfang.record.v1+protobuf"
BATCH_TYPE = "application/vnd.lianfang.batch.v1"
ED25519 = 1


class Refused(Exception):
    def __init__(self, reason, field="", text=""):
        super().__init__(f"{reason} {field} {text}".strip())
        self.reason = reason
        self.field = field


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


# Keys and signatures


def key_id(public_key, alg=ED25519):
    return sha256(bytes([alg]), public_key)


def public_key_of(seed):
    return bytes(nacl.signing.SigningKey(seed).verify_key)


def check_public_key(public_key):
    """Enrolment: a canonical point of the prime-order subgroup."""
    if len(public_key) != 32 or not nacl.bindings.crypto_core_ed25519_is_valid_point(public_key):
        raise Refused("KEY_WEAK")


def sign(seed, message):
    return nacl.signing.SigningKey(seed).sign(message).signature


def verify(public_key, message, signature):
    try:
        nacl.signing.VerifyKey(public_key).verify(message, signature)
    except (nacl.exceptions.BadSignatureError, ValueError):
        raise Refused("SIGNATURE_BAD") from None


def pae(payload_type, payload):
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def record_digest(record):
    return sha256(pae(RECORD_TYPE, record))


def part_hash(part_class, salt, body):
    if len(salt) != 16:
        raise Refused("SALT_LENGTH", "parts.salt")
    return sha256(b"lianfang/v1 part\0", bytes([part_class]), salt, body)


def _row_hmac(secret, purpose, kind, ref, version):
    text = purpose + b"\0" + struct.pack(">I", kind) + ref.encode() + b"\0" + struct.pack(">I", version)
    return hmac.new(secret, text, hashlib.sha256).digest()


def derive_record_id(secret, kind, ref, version):
    return _row_hmac(secret, b"lianfang/v1 record id", kind, ref, version)[:16]


def derive_salt(secret, kind, ref, version, part_class, body):
    base = _row_hmac(secret, b"lianfang/v1 salt", kind, ref, version)
    return sha256(base, bytes([part_class]), sha256(body))[:16]


# RFC 6962 trees


EMPTY_ROOT = sha256()


def leaf_hash(entry):
    return sha256(b"\0", entry)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def tree_root(hashes):
    """Section 2.1: split at the largest power of two below the size."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(tree_root(hashes[:k]), tree_root(hashes[k:]))


def audit_path(hashes, index):
    if len(hashes) <= 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if index < k:
        return audit_path(hashes[:k], index) + [tree_root(hashes[k:])]
    return audit_path(hashes[k:], index - k) + [tree_root(hashes[:k])]


def verify_inclusion(leaf, index, size, path, root, reason="PROOF_BAD"):
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        raise Refused(reason)
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Refused(reason)
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    if sn != 0 or r != root:
        raise Refused(reason)


def verify_consistency(first, second, first_root, second_root, path):
    """RFC 9162 section 2.1.4.2; from size 0 nothing is proven."""
    if not 0 < first <= second:
        raise Refused("PROOF_BAD")
    if first == second:
        if path or first_root != second_root:
            raise Refused("PROOF_BAD")
        return
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise Refused("PROOF_BAD")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise Refused("PROOF_BAD")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    if sn != 0 or fr != first_root or sr != second_root:
        raise Refused("PROOF_BAD")


# Batches, leaves, members


def batch_leaf(record):
    return leaf_hash(pae(RECORD_TYPE, record))


def batch_pae(size, root):
    return pae(BATCH_TYPE, struct.pack(">I", size) + root)


def verify_batch_member(public_key, record, size, index, root, path, signature):
    if not 1 <= size <= 1024:
        raise Refused("BATCH_PATH")
    verify_inclusion(batch_leaf(record), index, size, path, root, "BATCH_PATH")
    verify(public_key, batch_pae(size, root), signature)


def signature_block(entries):
    """entries: (alg, key id, batch size, batch root or b"", signature)"""
    out = bytes([len(entries)])
    for alg, key, size, root, signature in entries:
        out += bytes([alg]) + key + struct.pack(">I", size) + (root or bytes(32))
        out += struct.pack(">H", len(signature)) + signature
    return out


def ledger_leaf(accepted_at_ms, members_root, digest, block):
    return b"\1" + struct.pack(">Q", accepted_at_ms) + members_root + sha256(digest, block)


def access_leaf(time_ms, salt, entry):
    return b"\2" + struct.pack(">Q", time_ms) + sha256(salt, entry)


def member_row(key, member, role, status, since_index):
    name = member.encode()
    return key + bytes([len(name)]) + name + bytes([role, status]) + struct.pack(">Q", since_index)


# Signed notes, checkpoints, receipts


class NoteKey:
    """A C2SP verifier key: name+hex8+base64(01 || key)."""

    def __init__(self, vkey):
        self.name, identity, blob = vkey.split("+", 2)
        raw = base64.b64decode(blob, validate=True)
        self.key = raw[1:]
        self.id = sha256(self.name.encode(), b"\n\1", self.key)[:4]
        if raw[0] != ED25519 or len(self.key) != 32 or self.id.hex() != identity:
            raise Refused("NOTE_BAD", "vkey")


def note_key_of(name, public_key):
    """The verifier key of a log whose public key is known, as from Genesis."""
    identity = sha256(name.encode(), b"\n\1", public_key)[:4].hex()
    return NoteKey(f"{name}+{identity}+{base64.b64encode(bytes([ED25519]) + public_key).decode()}")


def open_note(note, key):
    """The signed text. Other keys' lines are ignored; ours must all be good, and one at least be there."""
    raw = note.encode() if isinstance(note, str) else note
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("NOTE_BAD") from None
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text) or "\n\n" not in text:
        raise Refused("NOTE_BAD")
    cut = text.rindex("\n\n") + 1
    body, lines = text[:cut], text[cut + 1:].splitlines()
    found = False
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise Refused("NOTE_BAD")
        blob = base64.b64decode(parts[2], validate=True)
        if parts[1] == key.name and blob[:4] == key.id:
            verify(key.key, body.encode(), blob[4:])
            found = True
    if not found:
        raise Refused("SIGNATURE_MISSING")
    return body


def open_checkpoint(note, key):
    """(size, root) of a checkpoint of the log that `key` names."""
    lines = open_note(note, key).split("\n")
    if len(lines) != 4 or lines[3] != "" or lines[0] != key.name:
        raise Refused("CHECKPOINT_BAD")
    root = base64.b64decode(lines[2])
    if not lines[1].isdigit() or str(int(lines[1])) != lines[1] or len(root) != 32:
        raise Refused("CHECKPOINT_BAD")
    return int(lines[1]), root


def verify_receipt(leaf, index, path, checkpoint, key, digest, block):
    """A receipt by its parts, as it comes over gRPC. Returns (accepted-at ms, size)."""
    size, root = open_checkpoint(checkpoint, key)
    if len(leaf) != 73 or leaf[0] != 1:
        raise Refused("PROOF_BAD")
    accepted_at_ms = struct.unpack(">Q", leaf[1:9])[0]
    if ledger_leaf(accepted_at_ms, leaf[9:41], digest, block) != leaf:
        raise Refused("PROOF_BAD")
    verify_inclusion(leaf_hash(leaf), index, size, path, root)
    return accepted_at_ms, size


def parse_receipt(text):
    """C2SP tlog-proof with our leaf in its extra line: (leaf, index, path, checkpoint)."""
    head, found, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 3:
        raise Refused("PROOF_BAD")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Refused("PROOF_BAD")
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    return base64.b64decode(lines[1][6:]), int(lines[2][6:]), path, checkpoint
