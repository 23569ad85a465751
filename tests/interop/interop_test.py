# SPDX-License-Identifier: Apache-2.0
"""interop_test.py LIANFANGD DESCRIPTOR_SET REASONS_CSV: a client in Python against a gateway of its own."""

import csv
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool

import formats as f
import strict
from client import Client, Failure, Profile, Row

CODE, OTHER_CODE, THIRD_CODE = "91999999MA00000154", "91999999MA0000023Y", "91999999MA0000031R"
DENY, REVIEW, ALLOW = 4, 3, 1
ACCEPTED, DUPLICATE, REFUSED = 1, 2, 3
SERVING, NOT_SERVING = 1, 2


class Gateway:
    """lianfangd init --dev and serve, in a directory of its own, on a port that the kernel gives."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        subprocess.run([LIANFANGD, "init", self.dir / "fed", "--name", "test.example", "--dev", "--listen",
                        "127.0.0.1:0"], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen([LIANFANGD, "serve", "--config", self.dir / "fed/gateway.conf"],
                                        stderr=subprocess.PIPE)
        for line in self.process.stderr:  # blocks until the gateway says that it serves, or ends
            found = re.search(rb"event=serving.* port=([0-9]+)", line)
            if found:
                self.address = f"127.0.0.1:{int(found.group(1))}"
                self.drain = threading.Thread(target=self.process.stderr.read)  # a full pipe would stop it
                self.drain.start()
                return
        raise RuntimeError("the gateway did not start")

    def client(self, member, **options):
        return Client(MESSAGES, self.profile(member), self.address, **options)

    def profile(self, member):
        return Profile(self.dir / "fed/members" / member / "profile.conf")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.drain.join()
        self.process.stderr.close()

    def end(self):
        if self.process.returncode is None:
            self.stop()
        shutil.rmtree(self.dir)


def event(ref, code=CODE, version=1, certainty=3, **fields):
    message = MESSAGES("lianfang.v1.EnforcementEvent")(uscc=code, violation="COUNTERFEIT", measures=["REMOVAL"],
                                                       decided_at="2026-03-02", shop_id="shop-1", **fields)
    return Row("EnforcementEvent", message, ref, version, certainty)


def registry_entry(code, **fields):
    return Row("RegistryEntry", MESSAGES("lianfang.v1.RegistryEntry")(uscc=code, **fields), code)


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.platform = cls.gateway.client("platform-01")
        cls.regulator = cls.gateway.client("regulator")
        with open(REASONS, encoding="utf-8") as table:
            cls.reasons = {row["name"]: row for row in csv.DictReader(table)}

    @classmethod
    def tearDownClass(cls):
        cls.platform.channel.close()
        cls.regulator.channel.close()
        cls.gateway.end()

    def assert_fails(self, code, reason, field, call):
        with self.assertRaises(Failure) as caught:
            call()
        failure = caught.exception
        self.assertEqual((failure.code, failure.reason, failure.field), (code, reason, field))
        self.assertEqual(failure.domain, "lianfang")
        self.assertIn(reason, self.reasons)
        return failure

    def assert_refused(self, answer, reason, field):
        """A record's own refusal: number, name, field and the canonical code that reasons.csv gives."""
        result = answer.result
        self.assertEqual(result.outcome, REFUSED, result)
        row = self.reasons[reason]
        self.assertEqual((result.refusal.name, result.refusal.reason, result.refusal.grpc_code),
                         (reason, int(row["id"]), int(row["grpc_code"])))
        self.assertEqual(result.refusal.field, field)
        self.assertFalse(answer.HasField("checkpoint") or result.HasField("receipt"))

    def test_health(self):
        self.assertEqual(self.platform.health(), SERVING)
        self.assertEqual(self.platform.health("lianfang.v1.Exchange"), SERVING)
        with self.assertRaises(Failure) as caught:
            self.platform.health("lianfang.v1.Nothing")
        self.assertEqual(caught.exception.code, grpc.StatusCode.NOT_FOUND)

    def test_reflection(self):
        for version in ("v1", "v1alpha"):
            listed, found = self.platform.reflect(version, {"list_services": ""},
                                                  {"file_containing_symbol": "lianfang.v1.Exchange"})
            names = {service.name for service in listed.list_services_response.service}
            self.assertLessEqual({"lianfang.v1.Exchange", "lianfang.v1.Screening", "lianfang.v1.Ledger",
                                  "grpc.health.v1.Health", f"grpc.reflection.{version}.ServerReflection"}, names)
            files = {}
            for data in found.file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(data)
                files[file.name] = file
            self.assertIn("lianfang/v1/exchange.proto", files)
            self.fetch_dependencies(version, files)
            self.assert_descriptors_serve(files)
            unknown, = self.platform.reflect(version, {"file_containing_symbol": "lianfang.v1.Nothing"})
            self.assertEqual(unknown.error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])

    def fetch_dependencies(self, version, files):
        while True:
            missing = {name for file in files.values() for name in file.dependency} - set(files)
            if not missing:
                return
            for answer in self.platform.reflect(version, *({"file_by_filename": name} for name in sorted(missing))):
                for data in answer.file_descriptor_response.file_descriptor_proto:
                    file = descriptor_pb2.FileDescriptorProto.FromString(data)
                    files[file.name] = file

    def assert_descriptors_serve(self, files):
        """What reflection gives is whole: the method and its types resolve from it alone."""
        pool, waiting = descriptor_pool.DescriptorPool(), dict(files)
        while waiting:
            ready = [n for n, file in waiting.items() if not set(file.dependency) & set(waiting)]
            for name in ready:
                pool.Add(waiting.pop(name))
        method = pool.FindServiceByName("lianfang.v1.Exchange").methods_by_name["Submit"]
        self.assertEqual(method.input_type.full_name, "lianfang.v1.SubmitRequest")
        self.assertEqual(method.output_type.fields_by_name["result"].message_type.full_name, "lianfang.v1.Result")

    def test_one_record(self):
        envelope = self.platform.sign(self.platform.envelope(event("one")))
        answer = self.platform.submit(envelope)
        self.assertEqual(answer.result.outcome, ACCEPTED, answer)
        block = self.platform.single_block(envelope)
        accepted, size = self.platform.check_receipt(answer.result.receipt, answer.checkpoint, envelope.record, block)
        self.assertGreater(size, answer.result.receipt.index)
        self.assertGreater(accepted, 1700000000000)
        with self.assertRaises(f.Refused):  # the receipt of this record and of no other
            self.platform.check_receipt(answer.result.receipt, answer.checkpoint, envelope.record + b"\0", block)
        again = self.platform.submit(envelope)
        self.assertEqual(again.result.outcome, DUPLICATE)
        self.assertEqual((again.result.receipt.index, again.result.receipt.leaf),
                         (answer.result.receipt.index, answer.result.receipt.leaf))
        self.platform.check_receipt(again.result.receipt, again.checkpoint, envelope.record, block)
        changed = self.platform.sign(self.platform.envelope(event("one", points=3)))
        self.assert_refused(self.platform.submit(changed), "CHANGED", "header.record_id")
        newer = self.platform.submit(self.platform.sign(self.platform.envelope(event("one", points=3, version=2))))
        self.assertEqual(newer.result.outcome, ACCEPTED, newer)

    def test_refused_records(self):
        platform, other = self.platform, self.gateway.client("platform-02")
        good = platform.sign(platform.envelope(event("refused")))

        def spoilt(change):
            envelope = platform.new("Envelope")
            envelope.CopyFrom(good)
            change(envelope)
            return platform.submit(envelope)

        def flip(data, at):
            return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

        def withhold(e):
            e.parts.pop()

        def damage(e):
            e.record = b"\x0a\x7f"

        def flip_signature(e):
            e.signatures[0].signature = flip(e.signatures[0].signature, 5)

        def flip_salt(e):
            e.parts[0].salt = flip(e.parts[0].salt, 0)

        def no_signature(e):
            del e.signatures[:]

        def batch_type(e):
            e.signatures[0].signature = f.sign(platform.profile.seed, f.pae(f.BATCH_TYPE, e.record))

        self.assert_refused(spoilt(flip_signature), "SIGNATURE_BAD", "signatures")
        self.assert_refused(spoilt(batch_type), "SIGNATURE_BAD", "signatures")
        self.assert_refused(spoilt(no_signature), "SIGNATURE_MISSING", "signatures")
        self.assert_refused(spoilt(flip_salt), "PART_HASH", "parts.body")
        self.assert_refused(spoilt(withhold), "FIELD_MISSING", "parts")
        damaged = spoilt(damage)
        self.assert_refused(damaged, "WIRE_MALFORMED", "")
        self.assertEqual((damaged.result.record_id, spoilt(withhold).result.record_id),
                         (b"", platform.new("Record").FromString(good.record).header.record_id))
        unknown = platform.sign(platform.envelope(event("refused")), seed=bytes(range(32)))
        self.assert_refused(platform.submit(unknown), "KEY_UNKNOWN", "signatures.key_id")
        foreign = platform.sign(platform.envelope(event("refused")), seed=other.profile.seed)
        self.assert_refused(platform.submit(foreign), "KEY_OF_OTHER_MEMBER", "signatures.key_id")
        entry = platform.sign(platform.envelope(registry_entry(OTHER_CODE)))
        self.assert_refused(platform.submit(entry), "KIND_NOT_ALLOWED", "header.kind")
        violation = event("refused-2")
        violation.message.violation = "BAD_WEATHER"
        answer = platform.submit(platform.sign(platform.envelope(violation)))
        self.assert_refused(answer, "VIOLATION_UNKNOWN", "violation")
        long = platform.sign(platform.envelope(event("refused-3", rule="R" * 65)))
        self.assert_refused(platform.submit(long), "TOO_BIG", "rule")
        self.assertEqual(platform.submit(good).result.outcome, ACCEPTED)  # nothing of all that was stored
        other.channel.close()

    def test_batch(self):
        rows = [event(f"batch-{i}", OTHER_CODE) for i in range(5)]
        request = self.platform.batch_request([self.platform.envelope(row) for row in rows])
        answer = self.platform.submit_batch(request)
        block = self.platform.batch_block(request)
        self.assertEqual([r.outcome for r in answer.results], [ACCEPTED] * 5)
        for envelope, result in zip(request.envelopes, answer.results):
            self.platform.check_receipt(result.receipt, answer.checkpoint, envelope.record, block)
        again = self.platform.submit_batch(request)
        self.assertEqual([r.outcome for r in again.results], [DUPLICATE] * 5)
        mixed = [event("batch-0", OTHER_CODE, points=9), event("batch-new", OTHER_CODE)]
        answer = self.platform.submit_batch(self.platform.batch_request([self.platform.envelope(r) for r in mixed]))
        self.assertEqual([r.outcome for r in answer.results], [REFUSED, ACCEPTED])
        self.assertEqual(answer.results[0].refusal.name, "CHANGED")

    def test_refused_batches(self):
        platform = self.platform
        envelopes = [platform.envelope(event(f"bad-batch-{i}")) for i in range(3)]

        def fails(reason, field, change, code=grpc.StatusCode.INVALID_ARGUMENT):
            request = platform.batch_request(envelopes)
            change(request)
            self.assert_fails(code, reason, field, lambda: platform.submit_batch(request))
        fails("BATCH_PATH", "signature.root", lambda r: r.envelopes.reverse())
        fails("WIRE_MALFORMED", "signature", lambda r: r.ClearField("signature"))
        fails("TOO_BIG", "envelopes", lambda r: r.envelopes.extend([envelopes[0]] * 1022))
        fails("TOO_BIG", "envelopes", lambda r: r.envelopes.add(record=bytes(1 << 20)))

    def test_batch_signature(self):
        """A signature that is not good refuses every record, each with its own answer."""
        platform, other = self.platform, self.gateway.client("platform-02")
        envelopes = [platform.envelope(event(f"unsigned-{i}")) for i in range(3)]

        def refused(reason, change):
            request = platform.batch_request(envelopes)
            change(request.signature)
            answer = platform.submit_batch(request)
            self.assertEqual([(r.outcome, r.refusal.name) for r in answer.results], [(REFUSED, reason)] * 3)

        def by_other(signature):
            signature.key_id = other.key_id
            signature.signature = f.sign(other.profile.seed, f.batch_pae(3, signature.root))
        refused("SIGNATURE_BAD", lambda s: setattr(s, "signature", bytes(64)))
        refused("KEY_UNKNOWN", lambda s: setattr(s, "key_id", bytes(32)))
        refused("KEY_OF_OTHER_MEMBER", by_other)
        answer = platform.submit_batch(platform.batch_request(envelopes))
        self.assertEqual([r.outcome for r in answer.results], [ACCEPTED] * 3)
        other.channel.close()

    def test_stream(self):
        rows = [event(f"stream-{i}", THIRD_CODE) for i in range(40)]
        envelopes = [self.platform.sign(self.platform.envelope(row)) for row in rows]
        envelopes[7].signatures[0].signature = bytes(64)
        requests = [self.platform.new("SubmitStreamRequest", tag=1000 + i, envelope=e)
                    for i, e in enumerate(envelopes)]
        answers = {answer.tag: answer for answer in self.platform.submit_stream(requests)}
        self.assertEqual(sorted(answers), list(range(1000, 1040)))
        self.assert_refused(answers.pop(1007), "SIGNATURE_BAD", "signatures")
        for tag, answer in answers.items():
            envelope = envelopes[tag - 1000]
            self.assertEqual(answer.result.outcome, ACCEPTED)
            self.platform.check_receipt(answer.result.receipt, answer.checkpoint, envelope.record,
                                        self.platform.single_block(envelope))

    def test_ledger(self):
        first, first_root = self.platform.checkpoint()
        answer = self.platform.submit(self.platform.sign(self.platform.envelope(event("ledger"))))
        index = answer.result.receipt.index
        second, second_root = self.platform.checkpoint()
        self.assertGreater(second, first)
        proof = self.platform.lianfang("Ledger", "ProveConsistency",
                                       self.platform.new("ProveConsistencyRequest", log=1, first=first, second=second))
        f.verify_consistency(first, second, first_root, second_root, proof.path)
        proof = self.platform.lianfang("Ledger", "ProveInclusion",
                                       self.platform.new("ProveInclusionRequest", log=1, index=index, size=second))
        self.assertEqual(proof.leaf_hash, f.leaf_hash(answer.result.receipt.leaf))
        f.verify_inclusion(proof.leaf_hash, index, second, proof.path, second_root)
        entries = self.platform.lianfang("Ledger", "GetEntries",
                                         self.platform.new("GetEntriesRequest", log=1, start=0, limit=1000))
        size, root = f.open_checkpoint(entries.checkpoint.note.decode(), self.platform.profile.ledger)
        self.assertEqual(entries.next, size)
        self.assertEqual(f.tree_root([f.leaf_hash(e.leaf) for e in entries.entries]), root)

    def test_ledger_ranges(self):
        platform, bad = self.platform, grpc.StatusCode.INVALID_ARGUMENT

        def ask(method, **fields):
            return platform.lianfang("Ledger", method, platform.new(method + "Request", log=1, **fields))
        newest = ask("ProveInclusion", index=3)  # size 0: of the newest head, named in the answer
        self.assertGreater(newest.size, 3)
        older, _ = platform.checkpoint()
        joined = ask("ProveConsistency", first=older)
        self.assertGreaterEqual(joined.second, older)
        for method, fields in (("ProveInclusion", {"index": 5, "size": 5}),
                               ("ProveInclusion", {"index": 1, "size": 1 << 40}),
                               ("ProveInclusion", {"index": 1 << 63}),
                               ("ProveConsistency", {"first": 0, "second": 3}),
                               ("ProveConsistency", {"first": 4, "second": 3}),
                               ("ProveConsistency", {"first": 1, "second": 2**64 - 1})):
            self.assert_fails(bad, "INDEX_RANGE", "", lambda: ask(method, **fields))
        self.assert_fails(bad, "INDEX_RANGE", "start", lambda: ask("GetEntries", start=1 << 40))
        self.assert_fails(bad, "TOO_BIG", "limit", lambda: ask("GetEntries", limit=1001))
        self.assert_fails(bad, "WIRE_MALFORMED", "log", lambda: platform.lianfang(
            "Ledger", "GetCheckpoint", platform.new("GetCheckpointRequest", log=7), "Checkpoint"))

    def test_evidence(self):
        """Offline: who said it, with a key active then, when it was accepted, and in which ledger."""
        row = event("evidence")
        envelope = self.platform.sign(self.platform.envelope(row))
        self.assertEqual(self.platform.submit(envelope).result.outcome, ACCEPTED)
        record_id = f.derive_record_id(self.platform.profile.push_secret, 5, row.ref, 1)
        evidence = self.platform.lianfang("Ledger", "GetEvidence", self.platform.new(
            "GetEvidenceRequest", issuer="platform-01", record_id=record_id), "Evidence")
        _, record, message = strict.read_envelope(MESSAGES, evidence.envelope.SerializeToString())
        self.assertEqual((record.header.record_id, message), (record_id, row.message))
        self.platform.check_receipt(evidence.receipt, evidence.checkpoint, evidence.envelope.record,
                                    self.platform.single_block(evidence.envelope))
        signature, key = evidence.envelope.signatures[0], evidence.keys[0]
        self.assertEqual((len(evidence.keys), key.key_id, key.member), (1, signature.key_id, "platform-01"))
        self.assertEqual(f.key_id(key.public_key, key.alg), key.key_id)
        f.verify(key.public_key, f.pae(f.RECORD_TYPE, evidence.envelope.record), signature.signature)
        table_row = f.member_row(key.key_id, key.member, key.role, key.status, key.since_index)
        members_root = evidence.receipt.leaf[9:41]
        f.verify_inclusion(f.leaf_hash(table_row), key.row, key.rows, key.path, members_root)
        self.assertEqual(key.status, 1)
        size, root = f.open_checkpoint(evidence.checkpoint.note.decode(), self.platform.profile.ledger)
        f.verify_inclusion(evidence.genesis_leaf_hash, 0, size, evidence.genesis_path, root)
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "TARGET_UNKNOWN", "record_id", lambda: self.platform.lianfang(
            "Ledger", "GetEvidence", self.platform.new("GetEvidenceRequest", issuer="platform-01",
                                                       record_id=bytes(16)), "Evidence"))

    def entries(self, log, start):
        return self.platform.lianfang("Ledger", "GetEntries", self.platform.new(
            "GetEntriesRequest", log=log, start=start, limit=1))

    def test_access_log(self):
        """A question leaves an entry that its asker can read, proven under the key that the genesis names."""
        genesis = strict.read_envelope(MESSAGES, self.entries(1, 0).entries[0].envelope.SerializeToString())[2]
        self.assertEqual(genesis.ledger_key, self.platform.profile.ledger.key)
        key = f.note_key_of(genesis.gateway + "/access", genesis.access_key)
        request = self.platform.new("ScreenRequest", purpose="RESCREENING", legal_basis=1)
        request.subjects.add(uscc=CODE)
        raw = self.platform.channel.unary_unary("/lianfang.v1.Screening/Screen",
                                                request_serializer=lambda m: m.SerializeToString(),
                                                response_deserializer=bytes)(request, timeout=20)
        index = self.platform.new("ScreenResponse").FromString(raw).access_index
        answer = self.entries(2, index)
        leaf, told = answer.entries[0].leaf, answer.entries[0].access
        size, root = f.open_checkpoint(answer.checkpoint.note.decode(), key)
        proof = self.platform.lianfang("Ledger", "ProveInclusion", self.platform.new(
            "ProveInclusionRequest", log=2, index=index, size=size))
        f.verify_inclusion(f.leaf_hash(leaf), index, size, proof.path, root)
        self.assertEqual(f.access_leaf(int.from_bytes(leaf[1:9], "big"), told[:16], told[16:]), leaf)
        entry = self.platform.new("AccessEntry").FromString(told[16:])
        self.assertEqual((entry.member, entry.act, entry.purpose, entry.legal_basis, entry.subjects),
                         ("platform-01", 1, "RESCREENING", 1, 1))
        self.assertEqual([len(token) for token in entry.subject_tokens], [16])
        before = raw[:raw.rindex(b"\x18")]  # access_index is the last field, number 3, a varint
        self.assertEqual(entry.result_sha256, f.sha256(before))
        other = self.gateway.client("platform-02")
        hidden = other.lianfang("Ledger", "GetEntries", other.new("GetEntriesRequest", log=2, start=index, limit=1))
        self.assertEqual((hidden.entries[0].leaf, hidden.entries[0].access), (leaf, b""))
        other.channel.close()

    def question(self, *codes, **fields):
        request = self.platform.new("ScreenRequest", **fields)
        for code in codes:
            request.subjects.add(uscc=code)
        return request

    def test_screen_stream(self):
        """Many questions, answered in order as one by one; the purpose is said once. What is wrong ends the stream."""
        codes = [CODE, OTHER_CODE, THIRD_CODE, "91999999MA00000155"]
        asked = [[codes[i % 4], codes[i % 3]] for i in range(40)]
        questions = [self.question(*asked[0], purpose="RESCREENING", legal_basis=1)]
        questions += [self.question(*pair) for pair in asked[1:]]
        answers = list(self.platform.screen_stream(questions))
        self.assertEqual([[r.uscc for r in a.results] for a in answers], asked)
        indexes = [a.access_index for a in answers]
        self.assertEqual(indexes, sorted(set(indexes)))
        for pair, answer in zip(asked[:4], answers):
            alone = self.platform.screen(*pair, purpose="RESCREENING")
            self.assertEqual(list(alone.results), list(answer.results))
        entry = self.entries(2, indexes[-1]).entries[0].access  # of a question that named no purpose itself
        self.assertEqual(self.platform.new("AccessEntry").FromString(entry[16:]).purpose, "RESCREENING")
        for first in (self.question(CODE), self.question(CODE, purpose="GOSSIP", legal_basis=1)):
            with self.assertRaises(grpc.RpcError) as refused:
                list(self.platform.screen_stream([first]))
            self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        got = []
        with self.assertRaises(grpc.RpcError) as refused:
            for answer in self.platform.screen_stream(questions[:3] + [self.question(CODE, in_force="2026-02-30")]):
                got.append(answer)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual([a.access_index for a in got], sorted(a.access_index for a in got))
        self.assertEqual(len(got), 3)  # what was asked well before is answered

    def test_members(self):
        def page(after):
            return self.platform.lianfang("Members", "List", self.platform.new("ListMembersRequest", after=after,
                                                                               limit=10), "ListMembersResponse")
        members, answer = [], page("")
        while True:
            members += answer.members
            if not answer.next:
                break
            answer = page(answer.next)
        names = [m.member for m in members]
        self.assertEqual(names, sorted(names))
        self.assertEqual(len([n for n in names if n.startswith("platform-")]), 21)
        mine = next(m for m in members if m.member == "platform-01")
        self.assertEqual((mine.role, mine.status), (1, 1))
        self.assertIn(self.platform.public_key, [key.public_key for key in mine.keys])
        one = self.platform.lianfang("Members", "Get", self.platform.new("GetMemberRequest", member="platform-01"),
                                     "GetMemberResponse").member
        self.assertEqual(one, mine)
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "MEMBER_UNKNOWN", "member", lambda: self.platform.lianfang(
            "Members", "Get", self.platform.new("GetMemberRequest", member="nobody"), "GetMemberResponse"))

    def member_change(self, entry, status):
        """A Member record by the authority, whose key lies beside a development gateway; it replaces the newest one."""
        authority = bytes.fromhex((self.gateway.dir / "fed/authority.key").read_text().strip())
        message = self.platform.new("Member", status=status)
        for name in ("member", "name", "role", "level", "division"):
            setattr(message, name, getattr(entry, name))
        message.keys.extend(entry.keys)
        message.tls_spki.extend(entry.tls_spki)
        envelope = self.platform.envelope(Row("Member", message, f"{entry.member}-{status}"), issuer="authority")
        record = self.platform.new("Record").FromString(envelope.record)
        record.header.version, record.header.predecessor = entry.version + 1, entry.record_id
        envelope.record = record.SerializeToString()
        return self.platform.lianfang("Members", "Propose", self.platform.new(
            "ProposeRequest", envelope=self.platform.sign(envelope, seed=authority)), "ProposalResponse")

    def test_suspension(self):
        """A suspended member may take back what it said and nothing else, until it is reinstated."""
        client = self.gateway.client("platform-21")

        def entry():
            return self.platform.lianfang("Members", "Get", self.platform.new(
                "GetMemberRequest", member="platform-21"), "GetMemberResponse").member

        def said(ref):
            return client.submit(client.sign(client.envelope(event(ref))))
        accused = client.sign(client.envelope(event("before")))
        self.assertEqual(client.submit(accused).result.outcome, ACCEPTED)
        stale, answer = entry(), self.member_change(entry(), 2)
        self.assertTrue(answer.accepted)
        self.assertEqual((answer.signatures, answer.threshold), (1, 1))
        self.assert_refused(said("during"), "MEMBER_SUSPENDED", "header.issuer")
        self.assert_fails(grpc.StatusCode.PERMISSION_DENIED, "MEMBER_SUSPENDED", "", lambda: client.screen(CODE))
        withdrawal = Row("Correction", client.new(
            "Correction", target_issuer="platform-21", reason=6,
            target_record_id=client.new("Record").FromString(accused.record).header.record_id), "withdrawn")
        self.assertEqual(client.submit(client.sign(client.envelope(withdrawal))).result.outcome, ACCEPTED)
        self.assert_fails(grpc.StatusCode.FAILED_PRECONDITION, "PREDECESSOR_UNKNOWN", "header.predecessor",
                          lambda: self.member_change(stale, 1))
        self.assertTrue(self.member_change(entry(), 1).accepted)
        self.assertEqual(said("after").result.outcome, ACCEPTED)
        client.channel.close()

    def test_screening(self):
        code, unknown = "91999999MA0000058H", "91999999MA0000066C"
        entry = registry_entry(code, name="示例公司", status="ACTIVE")
        answer = self.regulator.submit(self.regulator.sign(self.regulator.envelope(entry)))
        self.assertEqual(answer.result.outcome, ACCEPTED, answer)
        other = self.gateway.client("platform-02")
        before, = other.screen(code).results
        self.assertEqual((before.uscc, before.advice, len(before.reasons)), (code, ALLOW, 0))
        answer = self.platform.submit(self.platform.sign(self.platform.envelope(event("screened", code))))
        answers = other.screen(code, unknown, "91999999MA0000058X")
        denied, review, malformed = answers.results
        self.assertEqual(denied.advice, DENY)
        reason = denied.reasons[0]
        self.assertEqual((reason.violation, reason.certainty, reason.origin, reason.index),
                         ("COUNTERFEIT", 3, self.platform.profile.ledger.name, answer.result.receipt.index))
        self.assertTrue(denied.human_review)
        self.assertEqual(review.advice, REVIEW)
        self.assertEqual((malformed.advice, malformed.error_name, malformed.error), (0, "USCC_CHECK_DIGIT", 2))
        size, _ = f.open_checkpoint(answers.checkpoint.note.decode(), other.profile.ledger)
        self.assertGreater(size, reason.index)
        other.channel.close()

    def test_refused_questions(self):
        bad = grpc.StatusCode.INVALID_ARGUMENT
        self.assert_fails(bad, "PURPOSE_REQUIRED", "purpose", lambda: self.platform.screen(CODE, purpose=""))
        self.assert_fails(bad, "PURPOSE_REQUIRED", "purpose", lambda: self.platform.screen(CODE, purpose="CURIOSITY"))
        self.assert_fails(bad, "CASE_REQUIRED", "case_number", lambda: self.regulator.screen(CODE))
        self.assert_fails(bad, "LEGAL_BASIS_REQUIRED", "legal_basis", lambda: self.platform.screen(CODE, legal_basis=0))
        self.assert_fails(bad, "TOO_BIG", "case_number", lambda: self.platform.screen(CODE, case_number="7" * 129))
        self.assert_fails(bad, "TOO_BIG", "subjects", self.platform.screen)
        self.assert_fails(bad, "TOO_BIG", "subjects", lambda: self.platform.screen(*[CODE] * 1001))
        lab = self.gateway.client("lab-01")
        self.assert_fails(grpc.StatusCode.PERMISSION_DENIED, "KIND_NOT_ALLOWED", "", lambda: lab.screen(CODE))
        lab.channel.close()

    def test_strangers(self):
        anonymous = self.gateway.client("platform-01", with_certificate=False)
        with self.assertRaises(Failure) as caught:
            anonymous.checkpoint()
        self.assertEqual(caught.exception.code, grpc.StatusCode.UNAVAILABLE)  # no handshake, so no answer
        anonymous.channel.close()
        stranger = self.gateway.profile("platform-01")
        stranger.tls_key, stranger.tls_cert = (self.gateway.profile("platform-01").file("../../" + name)
                                               for name in ("tls.key", "tls.crt"))
        client = Client(MESSAGES, stranger, self.gateway.address)
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "CERTIFICATE_UNKNOWN", "", client.checkpoint)
        client.channel.close()


class Watching(unittest.TestCase):
    """Health.Watch tells of the end before it comes: a gateway of its own, as it is stopped."""

    def test_watch(self):
        gateway = Gateway()
        self.addCleanup(gateway.end)
        client = gateway.client("platform-01")
        whole, unknown = client.watch(), client.watch("lianfang.v1.Nothing")
        self.assertEqual(next(whole).status, SERVING)
        self.assertEqual(next(unknown).status, 3)  # SERVICE_UNKNOWN: Watch answers where Check fails
        gateway.stop()
        self.assertEqual([answer.status for answer in self.rest(whole)], [NOT_SERVING])
        client.channel.close()

    @staticmethod
    def rest(stream):
        try:
            yield from stream
        except grpc.RpcError:
            return


if __name__ == "__main__":
    LIANFANGD = sys.argv.pop(1)
    MESSAGES = strict.load_messages(sys.argv.pop(1))
    REASONS = sys.argv.pop(1)
    unittest.main()
