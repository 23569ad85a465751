# SPDX-License-Identifier: Apache-2.0
"""vectors.py VECTORS_DIR DESCRIPTOR_SET: verifies every file of protos/vectors by the Python beside it."""

import json
import pathlib
import sys
import unittest

import formats as f
import strict
import tokens
import uscc

unhex = bytes.fromhex


def path_of(case, key="path"):
    return [unhex(h) for h in case[key]]


class Vectors(unittest.TestCase):
    longMessage = True

    def load(self, name):
        return json.loads((VECTORS / name).read_text(encoding="utf-8"))

    def refuses(self, case, call):
        with self.assertRaises(f.Refused, msg=case.get("name", case)) as caught:
            call()
        self.assertEqual(caught.exception.reason, case["reason"], case.get("name", case))
        return caught.exception

    def test_derive(self):
        file = self.load("derive.json")
        secret = unhex(file["push_secret"])
        for case in file["cases"]:
            row = case["kind"], case["ref"], case["version"]
            self.assertEqual(f.derive_record_id(secret, *row).hex(), case["record_id"])
            salts = [f.derive_salt(secret, *row, c, unhex(case["body"])).hex() for c in (1, 2, 3, 4)]
            self.assertEqual(salts, case["salts_of_classes_1_to_4"])

    def message_of(self, case):
        """The kind's message out of its JSON fields: bytes are hex there."""
        kind = MESSAGES("lianfang.v1." + strict.KINDS[case["header"]["kind"]])

        def fill(message, values):
            for name, value in values.items():
                field = message.DESCRIPTOR.fields_by_name[name]
                convert = unhex if field.type == field.TYPE_BYTES else lambda v: v
                if field.label != field.LABEL_REPEATED:
                    setattr(message, name, convert(value))
                elif field.type == field.TYPE_MESSAGE:
                    for one in value:
                        fill(getattr(message, name).add(), one)
                else:
                    getattr(message, name).extend(convert(one) for one in value)
            return message
        return fill(kind(), case["message"])

    def test_record_is_made(self):
        """Header and message alone give the signed bytes, byte for byte."""
        for case in self.load("record.json")["records"]:
            record = MESSAGES("lianfang.v1.Record")()
            for name, value in case["header"].items():
                is_bytes = name in ("record_id", "predecessor")
                setattr(record.header, name, unhex(value) if is_bytes else value)
            bodies = strict.split_bodies(self.message_of(case))
            self.assertEqual(sorted(bodies), [part["class"] for part in case["parts"]])
            for part in case["parts"]:
                self.assertEqual(bodies[part["class"]].hex(), part["body"], case["name"])
                made = f.part_hash(part["class"], unhex(part["salt"]), bodies[part["class"]])
                self.assertEqual(made.hex(), part["hash"])
                entry = record.parts.add()
                setattr(entry, "class", part["class"])
                entry.hash = made
            self.assertEqual(record.SerializeToString(deterministic=True).hex(), case["record"], case["name"])

    def test_record_is_read(self):
        file = self.load("record.json")
        for case in file["records"]:
            envelope, record, message = strict.read_envelope(MESSAGES, unhex(case["envelope"]))
            self.assertEqual(envelope.record.hex(), case["record"])
            self.assertEqual(f.record_digest(envelope.record).hex(), case["digest"])
            self.assertEqual(record.header.issuer, case["header"]["issuer"])
            self.assertEqual(message, self.message_of(case))
        for case in file["refused"]:
            bad = self.refuses(case, lambda: strict.read_envelope(MESSAGES, unhex(case["envelope"])))
            self.assertEqual(bad.field, case["field"], case["name"])

    def test_signature(self):
        file = self.load("signature.json")
        keys = {key["name"]: key for key in file["keys"]}
        for key in keys.values():
            public = f.public_key_of(unhex(key["seed"]))
            self.assertEqual(public.hex(), key["public_key"])
            self.assertEqual(f.key_id(public, key["alg"]).hex(), key["key_id"])
            f.check_public_key(public)
        for case in file["signed"]:
            key = keys[case["key"]]
            message = f.pae(case["type"], unhex(case["payload"]))
            self.assertEqual(message.hex(), case["pae"])
            self.assertEqual(f.sign(unhex(key["seed"]), message).hex(), case["signature"])
            f.verify(unhex(key["public_key"]), message, unhex(case["signature"]))
        for case in file["refused"]:
            self.refuses(case, lambda: f.verify(unhex(keys[case["key"]]["public_key"]),
                                                f.pae(case["type"], unhex(case["payload"])),
                                                unhex(case["signature"])))
        for case in file["weak_keys"]:
            self.refuses(case, lambda: f.check_public_key(unhex(case["public_key"])))

    def test_batch(self):
        file = self.load("batch.json")
        key = unhex(file["key"]["public_key"])
        for case in file["batches"]:
            records = [unhex(r) for r in case["records"]]
            leaves = [f.batch_leaf(r) for r in records]
            self.assertEqual([leaf.hex() for leaf in leaves], case["leaves"])
            root = f.tree_root(leaves)
            self.assertEqual(root.hex(), case["root"])
            self.assertEqual(f.batch_pae(case["size"], root).hex(), case["pae"])
            self.assertEqual(f.sign(unhex(file["key"]["seed"]), unhex(case["pae"])).hex(), case["signature"])
            for i, record in enumerate(records):
                self.assertEqual([h.hex() for h in f.audit_path(leaves, i)], case["paths"][i])
                f.verify_batch_member(key, record, case["size"], i, root, f.audit_path(leaves, i),
                                      unhex(case["signature"]))
        for case in file["refused"]:
            self.refuses(case, lambda: f.verify_batch_member(
                key, unhex(case["record"]), case["size"], case["index"], unhex(case["root"]), path_of(case),
                unhex(case["signature"])))

    def test_tree(self):
        file = self.load("tree.json")
        leaves = [f.leaf_hash(bytes([i]) * i) for i in range(len(file["leaves"]))]
        self.assertEqual([leaf.hex() for leaf in leaves], file["leaves"])
        self.assertEqual([f.tree_root(leaves[:n]).hex() for n in range(len(leaves) + 1)],
                         file["roots_of_sizes_from_0"])

        def inclusion(case):
            f.verify_inclusion(leaves[case["index"] % len(leaves)], case["index"], case["size"], path_of(case),
                               unhex(case["root"]))

        def consistency(case):
            f.verify_consistency(case["first"], case["second"], unhex(case["first_root"]),
                                 unhex(case["second_root"]), path_of(case))
        for case in file["inclusion"]:
            inclusion(case)
            self.assertEqual(path_of(case), f.audit_path(leaves[:case["size"]], case["index"]))
        for case in file["consistency"]:
            consistency(case)
        for case in file["refused_inclusion"]:
            self.refuses(case, lambda: inclusion(case))
        for case in file["refused_consistency"]:
            self.refuses(case, lambda: consistency(case))

    def test_leaf(self):
        file = self.load("leaf.json")
        for case in file["ledger"]:
            block = f.signature_block([(s["alg"], unhex(s["key_id"]), s["batch_size"], unhex(s["batch_root"]),
                                        unhex(s["signature"])) for s in case["signatures"]])
            digest = f.record_digest(unhex(case["record"]))
            self.assertEqual(block.hex(), case["signature_block"])
            self.assertEqual(digest.hex(), case["digest"])
            self.assertEqual(f.sha256(digest, block).hex(), case["commitment"])
            leaf = f.ledger_leaf(case["accepted_at_ms"], unhex(case["members_root"]), digest, block)
            self.assertEqual(leaf.hex(), case["leaf"])
            self.assertEqual(f.leaf_hash(leaf).hex(), case["leaf_hash"])
        for case in file["access"]:
            leaf = f.access_leaf(case["time_ms"], unhex(case["salt"]), unhex(case["entry"]))
            self.assertEqual(leaf.hex(), case["leaf"])

    def row_hash(self, row):
        return f.leaf_hash(f.member_row(unhex(row["key_id"]), row["member"], row["role"], row["status"],
                                        row["since_index"]))

    def test_members(self):
        file = self.load("members.json")
        for table in file["tables"]:
            hashes = [self.row_hash(row) for row in table["rows"]]
            self.assertEqual(f.tree_root(hashes).hex(), table["members_root"])
            self.assertEqual([row["key_id"] for row in table["rows"]],
                             sorted(row["key_id"] for row in table["rows"]))
            for i, row in enumerate(table["rows"]):
                self.assertEqual(hashes[i].hex(), row["leaf_hash"])
                f.verify_inclusion(hashes[i], i, len(hashes), path_of(row), unhex(table["members_root"]))
        for case in file["refused"]:
            self.refuses(case, lambda: f.verify_inclusion(
                self.row_hash(case["row"]), case["row_number"], len(file["tables"][-1]["rows"]), path_of(case),
                unhex(case["members_root"])))

    def test_checkpoint(self):
        file = self.load("checkpoint.json")
        key = f.NoteKey(file["key"]["vkey"])
        self.assertEqual((key.name, key.id.hex(), key.key.hex()),
                         (file["key"]["origin"], file["key"]["key_id"], file["key"]["public_key"]))
        for case in file["heads"]:
            size, root = f.open_checkpoint(case["note"], key)
            self.assertEqual((size, root.hex()), (case["size"], case["root"]))
            text = case["note"][:case["note"].rindex("\n\n") + 1]
            self.assertEqual(text, f"{key.name}\n{size}\n{f.base64.b64encode(root).decode()}\n")
            line = f.base64.b64encode(key.id + f.sign(unhex(file["seed"]), text.encode())).decode()
            self.assertEqual(case["note"], f"{text}\n— {key.name} {line}\n")
        for case in file["refused"]:
            self.refuses(case, lambda: f.open_checkpoint(case["note"], key))

    def test_receipt(self):
        file = self.load("receipt.json")
        key = f.NoteKey(file["key"]["vkey"])

        def check(case):
            leaf, index, path, checkpoint = f.parse_receipt(case["receipt"])
            time_ms, _ = f.verify_receipt(leaf, index, path, checkpoint, key,
                                          f.record_digest(unhex(case["record"])), unhex(case["signature_block"]))
            return leaf, index, path, time_ms
        for case in file["receipts"]:
            leaf, index, path, time_ms = check(case)
            self.assertEqual((leaf.hex(), index, time_ms), (case["leaf"], case["index"], case["accepted_at_ms"]))
            self.assertEqual(path, path_of(case))
        for case in file["refused"]:
            self.refuses(case, lambda: check(case))

    def test_uscc(self):
        file = self.load("uscc.json")
        for case in file["accepted"]:
            code, verdict = uscc.check(case["input"], case["test_ledger"])
            self.assertEqual((code, verdict), (case["code"], case["verdict"]))
            self.assertEqual(code != case["input"], case["normalised"])
            self.assertEqual((code[2:8], code[8:17]), (case["division"], case["organisation_code"]))
            self.assertEqual(uscc.organisation_code_holds(code[8:17]), case["organisation_code_matches"])
        for case in file["refused"]:
            self.refuses(case, lambda: uscc.check(case["input"], case["test_ledger"]))
        for case in file["free_texts"]:
            self.assertEqual(uscc.holds_id_number(case["text"]), case["holds_id_number"], case["text"])

    def test_tokens(self):
        file = self.load("tokens.json")
        for case in file["tokens"]:
            self.assertEqual(tokens.make(unhex(file["key"]), case["of"], case["value"]).hex(), case["token"], case["value"])
        for case in file["refused"]:
            self.refuses(case, lambda: tokens.make(unhex(file["key"]), case["of"], case["value"]))

    def test_status(self):
        for case in self.load("status.json")["statuses"]:
            status = MESSAGES("google.rpc.Status").FromString(unhex(case["status"]))
            self.assertEqual((status.code, status.message), (case["grpc_code"], case["message"]))
            found = {"retry_after_ms": 0, "field": ""}
            for detail in status.details:
                name = detail.type_url.rpartition("/")[2]
                value = MESSAGES(name).FromString(detail.value)
                if name == "google.rpc.ErrorInfo":
                    found.update(reason=value.reason, domain=value.domain)
                elif name == "google.rpc.BadRequest":
                    self.assertEqual(value.field_violations[0].description, case["message"])
                    found.update(field=value.field_violations[0].field)
                elif name == "google.rpc.RetryInfo":
                    delay = value.retry_delay
                    found.update(retry_after_ms=delay.seconds * 1000 + delay.nanos // 1000000)
            for name, value in found.items():
                self.assertEqual(value, case[name])

    def test_every_file_is_read(self):
        tests = {name[5:] for name in dir(self) if name.startswith("test_")}
        for file in VECTORS.glob("*.json"):
            self.assertTrue(any(name.startswith(file.stem) for name in tests), file.name)


if __name__ == "__main__":
    VECTORS = pathlib.Path(sys.argv.pop(1))
    MESSAGES = strict.load_messages(sys.argv.pop(1))
    unittest.main()
