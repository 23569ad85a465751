# SPDX-License-Identifier: Apache-2.0
"""Strict reading of envelopes by the rules at the head of record.proto, over plain descriptors."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor as F

from formats import Refused, part_hash

WIRE = {F.TYPE_STRING: 2, F.TYPE_BYTES: 2, F.TYPE_MESSAGE: 2, F.TYPE_FIXED64: 1, F.TYPE_SFIXED64: 1,
        F.TYPE_DOUBLE: 1, F.TYPE_FIXED32: 5, F.TYPE_SFIXED32: 5, F.TYPE_FLOAT: 5}
KINDS = {1: "Genesis", 2: "Member", 3: "Policy", 4: "RegistryEntry", 5: "EnforcementEvent", 6: "Relay",
         7: "Correction", 8: "Redaction", 9: "CreditListEntry", 10: "ListRemoval", 11: "Appeal", 12: "Notice",
         13: "Disposition", 14: "EntryBan", 15: "Override", 16: "Campaign", 17: "Attestation", 18: "Bulletin",
         19: "MerchantIdentity", 20: "Acknowledgement"}
MEMBER_ID = set("abcdefghijklmnopqrstuvwxyz0123456789-")


def load_messages(descriptor_set):
    """A function from full name to message class, out of protoc's descriptor set."""
    pool = descriptor_pool.DescriptorPool()
    with open(descriptor_set, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    for file in files.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(name))


def _varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Refused("WIRE_MALFORMED")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if value >> 64:
        raise Refused("WIRE_MALFORMED")
    return value, at


def fields(data):
    """(number, wire type, value) one after the other."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (0, 1, 2, 5):
            raise Refused("WIRE_MALFORMED")
        if wire == 0:
            value, at = _varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(wire)
            if size is None:
                size, at = _varint(data, at)
            value, at = data[at:at + size], at + size
            if at > len(data):
                raise Refused("WIRE_MALFORMED")
        yield number, wire, value


def scan(data, descriptor, carry_unknown=False, depth=0, path=""):
    if depth >= 8:
        raise Refused("TOO_DEEP", path)
    seen = set()
    try:
        for number, wire, value in fields(data):
            field = descriptor.fields_by_number.get(number)
            where = f"{path}.{field.name if field else '?'}" if path else (field.name if field else "?")
            if field is None:
                if carry_unknown:
                    continue
                raise Refused("UNKNOWN_FIELD", where)
            repeated = field.label == F.LABEL_REPEATED
            if not repeated and number in seen:
                raise Refused("DUPLICATE_FIELD", where)
            seen.add(number)
            want = WIRE.get(field.type, 0)
            if wire != want and not (repeated and wire == 2 and want != 2):
                raise Refused("WRONG_WIRE_TYPE", where)
            if field.type == F.TYPE_STRING:
                if b"\0" in value:
                    raise Refused("NUL_IN_TEXT", where)
                try:
                    value.decode("utf-8")
                except UnicodeDecodeError:
                    raise Refused("BAD_UTF8", where) from None
            elif field.type == F.TYPE_MESSAGE:
                scan(value, field.message_type, carry_unknown, depth + 1, where)
    except Refused as bad:
        if bad.reason == "WIRE_MALFORMED" and not bad.field:
            raise Refused("WIRE_MALFORMED", path) from None
        raise


def check_header(h):
    if not 3 <= len(h.issuer) <= 40 or not set(h.issuer) <= MEMBER_ID:
        raise Refused("MEMBER_ID", "header.issuer")
    if len(h.record_id) != 16:
        raise Refused("FIELD_LENGTH", "header.record_id")
    if h.kind not in KINDS:
        raise Refused("KIND_UNKNOWN", "header.kind")
    if h.version == 0:
        raise Refused("FIELD_MISSING", "header.version")
    if len(h.predecessor) != (16 if h.version > 1 else 0):
        raise Refused("FIELD_LENGTH", "header.predecessor")


def read_envelope(messages, data):
    """(envelope, record, message of the kind); raises Refused as a gateway would."""
    envelope_type, record_type = messages("lianfang.v1.Envelope"), messages("lianfang.v1.Record")
    scan(data, envelope_type.DESCRIPTOR)
    envelope = envelope_type.FromString(data)
    scan(envelope.record, record_type.DESCRIPTOR)
    record = record_type.FromString(envelope.record)
    check_header(record.header)
    hashes = {getattr(p_hash, "class"): p_hash.hash for p_hash in record.parts}
    bodies, seen = b"", set()
    for part in envelope.parts:
        part_class = getattr(part, "class")
        if part_class in seen:
            raise Refused("DUPLICATE_FIELD", "parts")
        seen.add(part_class)
        if part_class not in hashes:
            raise Refused("PART_HASH", "parts.class")
        if part_hash(part_class, part.salt, part.body) != hashes[part_class]:
            raise Refused("PART_HASH", "parts.body")
        if any(number // 100 != part_class for number, _, _ in fields(part.body)):
            raise Refused("FIELD_CLASS", "parts.body")
        bodies += part.body
    kind = messages("lianfang.v1." + KINDS[record.header.kind])
    scan(bodies, kind.DESCRIPTOR, carry_unknown=True)
    return envelope, record, kind.FromString(bodies)


def split_bodies(message):
    """{class: body} of a kind's message: fields by number / 100, in ascending order of numbers."""
    bodies = {}
    for field, _ in sorted(message.ListFields(), key=lambda pair: pair[0].number):
        one = type(message)()
        value = getattr(message, field.name)
        if field.label == F.LABEL_REPEATED:
            getattr(one, field.name).extend(value)
        elif field.type == F.TYPE_MESSAGE:
            getattr(one, field.name).CopyFrom(value)
        else:
            setattr(one, field.name, value)
        part_class = field.number // 100
        bodies[part_class] = bodies.get(part_class, b"") + one.SerializeToString(deterministic=True)
    return bodies
