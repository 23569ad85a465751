"""versions.py DESCRIPTORS FED ADDRESS: a member whose contract is newer than the gateway's says an event with a field that the gateway need not know, and one
with a field that it must (a number ending in 90 to 99); another member reads both back. Prints their positions."""
import pathlib
import sys

import formats as f
import strict
from client import Client, Profile, Row

MESSAGES = strict.load_messages(sys.argv[1])
ACCEPTED = 1
# Field 260 and field 290 of the class that members see, in no .proto: a text.
OPTIONAL, MANDATORY = bytes([0xA2, 0x10]), bytes([0x92, 0x12])
NEWER = "新版字段".encode()


def client(member):
    return Client(MESSAGES, Profile(pathlib.Path(sys.argv[2]) / "members" / member / "profile.conf"), sys.argv[3])


def say(who, ref, code, tag):
    """Signed over what this side knows; accepted, and its receipt verified with the bytes as they were sent."""
    message = MESSAGES("lianfang.v1.EnforcementEvent")(uscc=code, violation="COUNTERFEIT", measures=["REMOVAL"],
                                                       decided_at="2026-03-02", shop_id="shop-1")
    plain = who.envelope(Row("EnforcementEvent", message, ref, 1, 3))
    envelope, record = who.new("Envelope"), who.new("Record").FromString(plain.record)
    for part, signed in zip(plain.parts, record.parts):
        body = part.body
        if getattr(part, "class") == 2:
            body += tag + bytes([len(NEWER)]) + NEWER
        signed.hash = f.part_hash(getattr(part, "class"), part.salt, body)
        setattr(envelope.parts.add(salt=part.salt, body=body), "class", getattr(part, "class"))
    envelope.record = record.SerializeToString()
    who.sign(envelope)
    answer = who.submit(envelope)
    assert answer.result.outcome == ACCEPTED, answer
    who.check_receipt(answer.result.receipt, answer.checkpoint, envelope.record, who.single_block(envelope))
    return answer.result.receipt.index, envelope


def fed(who, index):
    """What the feed tells `who` of that position, or None."""
    batch = who.lianfang("Feed", "Poll", who.new("PollRequest", cursor=index, max_entries=1), "FeedBatch")
    found = [entry for entry in batch.entries if entry.index == index]
    return found[0].envelope if found else None


def read(who, index):
    answer = who.lianfang("Ledger", "GetEntries", who.new("GetEntriesRequest", log=1, start=index, limit=1))
    return answer.entries[0].envelope if answer.entries[0].HasField("envelope") else None


def pieces(envelope):
    return [(getattr(part, "class"), part.salt, part.body) for part in envelope.parts]


def assert_same(told, sent, key):
    """The record and each part that may be read byte for byte: so the hash and the signature hold, which is checked all the same."""
    assert told is not None
    assert told.record == sent.record
    assert set(pieces(told)) <= set(pieces(sent))
    assert any(NEWER in p.body for p in told.parts)
    strict.read_envelope(MESSAGES, told.SerializeToString())
    f.verify(key, f.pae(f.RECORD_TYPE, told.record), told.signatures[0].signature)


newer, reader, regulator = client("platform-01"), client("platform-02"), client("regulator")
carried, sent = say(newer, "newer-1", "91999999MA00000154", OPTIONAL)
for who in (reader, regulator):
    assert_same(fed(who, carried), sent, newer.public_key)
    assert_same(read(who, carried), sent, newer.public_key)
waiting, sent = say(newer, "newer-2", "91999999MA0000023Y", MANDATORY)
for who in (newer, regulator):
    assert_same(fed(who, waiting), sent, newer.public_key)
assert fed(reader, waiting) is None and read(reader, waiting) is None
print(carried, waiting)
