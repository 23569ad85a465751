# SPDX-License-Identifier: Apache-2.0
"""A member's client in Python: python3-grpcio over mutual TLS, messages from protoc's descriptor set."""

import collections
import configparser
import pathlib

import grpc

import formats as f
import strict

Row = collections.namedtuple("Row", "kind message ref version certainty", defaults=(1, 0))


class Failure(Exception):
    """A call that failed as a whole: canonical code, and what grpc-status-details-bin says."""

    def __init__(self, error, messages):
        super().__init__(f"{error.code()}: {error.details()}")
        self.code = error.code()
        self.reason = self.domain = self.field = ""
        self.retry_after_ms = 0
        for name, value in error.trailing_metadata() or ():
            if name == "grpc-status-details-bin":
                self._read(messages("google.rpc.Status").FromString(value), messages)

    def _read(self, status, messages):
        assert status.code == self.code.value[0], "the two statuses of one error differ"
        for detail in status.details:
            name = detail.type_url.rpartition("/")[2]
            value = messages(name).FromString(detail.value)
            if name == "google.rpc.ErrorInfo":
                self.reason, self.domain = value.reason, value.domain
            elif name == "google.rpc.BadRequest":
                self.field = value.field_violations[0].field
            elif name == "google.rpc.RetryInfo":
                self.retry_after_ms = value.retry_delay.seconds * 1000 + value.retry_delay.nanos // 1000000


class Profile:
    """profile.conf and the files that it names."""

    def __init__(self, path):
        self.dir = pathlib.Path(path).parent
        conf = configparser.ConfigParser()
        conf.read(path, encoding="utf-8")
        member, gateway = conf["member"], conf["gateway"]
        self.member = member["id"]
        self.seed = bytes.fromhex(self.file(member["key"]).decode().strip())
        self.push_secret = bytes.fromhex(self.file(member["push_secret"]).decode().strip())
        self.tls_key, self.tls_cert = self.file(member["tls_key"]), self.file(member["tls_cert"])
        self.server_cert = self.file(gateway["certificate"])
        self.server_name = gateway["server_name"]
        self.ledger = f.NoteKey(gateway["ledger"])

    def file(self, name):
        return (self.dir / name).read_bytes()


class Client:
    def __init__(self, messages, profile, address, with_certificate=True):
        self.messages, self.profile = messages, profile
        self.public_key = f.public_key_of(profile.seed)
        self.key_id = f.key_id(self.public_key)
        own = (profile.tls_key, profile.tls_cert) if with_certificate else (None, None)
        self.channel = grpc.secure_channel(
            address, grpc.ssl_channel_credentials(profile.server_cert, *own),
            (("grpc.ssl_target_name_override", profile.server_name),
             ("grpc.max_receive_message_length", 8 << 20)))

    def new(self, name, **fields):
        return self.messages(name if "." in name else "lianfang.v1." + name)(**fields)

    def _multicallable(self, kind, method, answer):
        return getattr(self.channel, kind)(method, request_serializer=lambda m: m.SerializeToString(),
                                           response_deserializer=self.messages(answer).FromString)

    def call(self, method, request, answer, timeout=20):
        try:
            return self._multicallable("unary_unary", method, answer)(request, timeout=timeout)
        except grpc.RpcError as error:
            raise Failure(error, self.messages) from None

    def lianfang(self, service, method, request, answer=None):
        return self.call(f"/lianfang.v1.{service}/{method}", request, f"lianfang.v1.{answer or method + 'Response'}")

    # Making records

    def envelope(self, row, issuer=None):
        """An envelope without signatures, and its record bytes."""
        secret, header = self.profile.push_secret, self.new("Header")
        kind = {name: number for number, name in strict.KINDS.items()}[row.kind]
        header.issuer = issuer or self.profile.member
        header.record_id = f.derive_record_id(secret, kind, row.ref, row.version)
        if row.version > 1:
            header.predecessor = f.derive_record_id(secret, kind, row.ref, row.version - 1)
        header.kind, header.ref, header.version = kind, row.ref, row.version
        header.legal_basis, header.certainty = 1, row.certainty
        record, envelope = self.new("Record", header=header), self.new("Envelope")
        bodies = strict.split_bodies(row.message)
        for part_class in sorted(bodies):
            salt = f.derive_salt(secret, kind, row.ref, row.version, part_class, bodies[part_class])
            part = envelope.parts.add(salt=salt, body=bodies[part_class])
            setattr(part, "class", part_class)
            part_hash = record.parts.add(hash=f.part_hash(part_class, salt, bodies[part_class]))
            setattr(part_hash, "class", part_class)
        envelope.record = record.SerializeToString()
        return envelope

    def sign(self, envelope, seed=None):
        seed = seed or self.profile.seed
        envelope.signatures.add(alg=f.ED25519, key_id=f.key_id(f.public_key_of(seed)),
                                signature=f.sign(seed, f.pae(f.RECORD_TYPE, envelope.record)))
        return envelope

    def submit(self, envelope):
        return self.lianfang("Exchange", "Submit", self.new("SubmitRequest", envelope=envelope))

    def batch_request(self, envelopes):
        root = f.tree_root([f.batch_leaf(e.record) for e in envelopes])
        request = self.new("SubmitBatchRequest", envelopes=envelopes)
        request.signature.alg, request.signature.key_id, request.signature.root = f.ED25519, self.key_id, root
        request.signature.signature = f.sign(self.profile.seed, f.batch_pae(len(envelopes), root))
        return request

    def submit_batch(self, request):
        return self.lianfang("Exchange", "SubmitBatch", request)

    def submit_stream(self, requests, timeout=20):
        call = self._multicallable("stream_stream", "/lianfang.v1.Exchange/SubmitStream",
                                   "lianfang.v1.SubmitStreamResponse")
        return call(iter(requests), timeout=timeout)

    # Checking answers

    def check_receipt(self, receipt, checkpoint, record, block):
        """Everything that a receipt claims; returns (accepted-at ms, tree size)."""
        assert receipt.origin == self.profile.ledger.name
        return f.verify_receipt(receipt.leaf, receipt.index, list(receipt.path), checkpoint.note.decode(),
                                self.profile.ledger, f.record_digest(record), block)

    def single_block(self, envelope):
        return f.signature_block([(s.alg, s.key_id, 0, b"", s.signature) for s in envelope.signatures])

    def batch_block(self, request):
        s = request.signature
        return f.signature_block([(s.alg, s.key_id, len(request.envelopes), s.root, s.signature)])

    def checkpoint(self):
        note = self.lianfang("Ledger", "GetCheckpoint", self.new("GetCheckpointRequest", log=1), "Checkpoint").note
        return f.open_checkpoint(note.decode(), self.profile.ledger)

    def screen(self, *codes, **fields):
        request = self.new("ScreenRequest", **{"purpose": "ONBOARDING", "legal_basis": 1, **fields})
        for code in codes:
            request.subjects.add(uscc=code)
        return self.lianfang("Screening", "Screen", request)

    def screen_stream(self, requests, timeout=20):
        call = self._multicallable("stream_stream", "/lianfang.v1.Screening/ScreenStream",
                                   "lianfang.v1.ScreenResponse")
        return call(iter(requests), timeout=timeout)

    # Standard services

    def health(self, service=""):
        return self.call("/grpc.health.v1.Health/Check",
                         self.new("grpc.health.v1.HealthCheckRequest", service=service),
                         "grpc.health.v1.HealthCheckResponse").status

    def watch(self, service="", timeout=60):
        call = self._multicallable("unary_stream", "/grpc.health.v1.Health/Watch",
                                   "grpc.health.v1.HealthCheckResponse")
        return call(self.new("grpc.health.v1.HealthCheckRequest", service=service), timeout=timeout)

    def reflect(self, version, *requests):
        """Answers of the reflection stream, one a request: dicts of the request's oneof field."""
        package = f"grpc.reflection.{version}"
        call = self._multicallable("stream_stream", f"/{package}.ServerReflection/ServerReflectionInfo",
                                   f"{package}.ServerReflectionResponse")
        made = [self.new(f"{package}.ServerReflectionRequest", **one) for one in requests]
        return list(call(iter(made), timeout=20))
