#!/usr/bin/env python3
"""Writes a small ledger without Talon: golden files of journal and vault.

Written from docs/format.md and docs/events.md, sharing no code with the product, nor with the reader beside it. Sealing
needs the `cryptography` package.

    python3 dev/reader/golden_ledger.py records > journal/tests/golden/families.txt
    python3 dev/reader/golden_ledger.py files   > journal/tests/golden/ledger.txt
    python3 dev/reader/golden_ledger.py vault   > vault/tests/golden/sealed_records.txt
    python3 dev/reader/golden_ledger.py rows    > replay/tests/golden/rows.txt
"""
import datetime
import hashlib
import hmac
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEALED, TRAINING, IMPORTED, CLOCK_DOUBTFUL = 1, 4, 8, 16
PROVIDER, BANK, GATEWAY, TERMINAL, PERSON, LEDGER = range(1, 7)
HEADER = struct.Struct("<BBHHHqqQIIIHHIBBH16s16s16s")
SEGMENT_BYTES = 256 << 10
LEDGER_ID = bytes.fromhex("019ab9f4d0007aaa8bbb010203040500")
BUCKET_KEY = bytes(range(100, 132))
MERCHANT = 839100575
MORNING = 1764054000000000  # 2025-11-25T07:00:00Z


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def murmur2(data):
    m, h = 0x5BD1E995, 0x9747B28C ^ len(data)
    while len(data) >= 4:
        k = int.from_bytes(data[:4], "little") * m & 0xFFFFFFFF
        h = (h * m & 0xFFFFFFFF) ^ ((k ^ k >> 24) * m & 0xFFFFFFFF)
        data = data[4:]
    if data:
        h = (h ^ int.from_bytes(data, "little")) * m & 0xFFFFFFFF
    h = (h ^ h >> 13) * m & 0xFFFFFFFF
    return h ^ h >> 15


def home(merchant):
    return (murmur2(str(merchant).encode()) & 0x7FFFFFFF) % 64


def paris_day(at):
    utc = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=at)

    def last_sunday(month):
        end = datetime.datetime(utc.year, month, 31, 1)
        return end - datetime.timedelta(days=(end.weekday() + 1) % 7)

    summer = last_sunday(3) <= utc < last_sunday(10)
    return (utc + datetime.timedelta(hours=2 if summer else 1) - datetime.datetime(1970, 1, 1)).days


def made_id(ms48, digest):
    """A UUID of version 8: 48 bits, then 12 and 62 bits of a hash."""
    bits = int.from_bytes(digest, "big")
    return (ms48 << 80 | 8 << 76 | bits >> 244 << 64 | 2 << 62 | bits >> 182 & (1 << 62) - 1).to_bytes(16, "big")


def key_id(merchant, at, source_key):
    return made_id(at // 1000, sha(b"talon.id", struct.pack("<Q", merchant), source_key.encode()))


def broadcast_id(original, partition):
    return made_id(int.from_bytes(original[:6], "big"), sha(b"talon.broadcast", original, struct.pack("<H", partition)))


def erasure_id(merchant, stream, training):
    digest = sha(b"talon.erased", struct.pack("<Q", merchant), stream, bytes([training]))
    return made_id(int.from_bytes(stream[:6], "big"), digest)


def new_id(number):
    return (MORNING // 1000 << 80 | 7 << 76 | 0xAAA << 64 | 2 << 62 | number).to_bytes(16, "big")


def named(family, *parts):
    """The stream of what belongs to no payment."""
    plain = [part.encode().replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") for part in parts]
    name = bytearray(sha(b"talon.stream\0", family.encode(), b"\0", b"\0".join(plain))[:16])
    name[6] &= 0x0F
    return bytes(name)


def uuid(raw):
    h = raw.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def message(*fields):
    """Protobuf: each field is its number and a number, a text, bytes or a message."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def euro(cents):
    return message((1, "EUR"), (2, cents))


def bucket(merchant, phone):
    code = hmac.new(BUCKET_KEY, struct.pack("<Q", merchant) + phone.encode(), hashlib.sha256).digest()
    return 1 + int.from_bytes(code[:8], "little") % 4096


STREAM, OTHER, TRAINED = new_id(0x500), new_id(0x501), new_id(0x502)
PHONE = "+33639980012"
PERSON_BYTES = message((1, PHONE), (2, "jeanne@exemple.test"), (3, "Jeanne É"))
SLAB = 0xFEDCBA9876543


class Writer:
    """Records in their order, each with its partition and what becomes of it."""

    def __init__(self):
        self.all, self.seals, self.salts = [], [], 0

    def add(self, name, verdict, kind, payload, source=GATEWAY, merchant=MERCHANT, stream=STREAM, event=None, at=MORNING,
            flags=0, person=None, partition=None, schema=1, principal=1, recorded=None, place=(17, 417, 9, 1), raw=None):
        number = len(self.all)
        partition = home(merchant) if partition is None else partition
        if raw is None:
            event = event or new_id(0x1000 + number)
            flags |= SEALED if person is not None else 0
            self.salts += 1
            header = HEADER.pack(0x54, 1, kind, schema, flags, recorded or at + 900000, at, merchant, *place,
                                 paris_day(at), principal, source, 1, len(payload), event, stream,
                                 sha(b"salt", struct.pack("<I", self.salts))[:16])
            raw = header + payload + (self.seal(name, header, person) if person is not None else b"")
        self.all.append((name, partition, verdict, raw))
        return event

    def seal(self, name, header, person):
        slot = len(self.seals)
        key, key_number = sha(b"key", bytes([slot])), SLAB * 4096 + slot
        phone_bucket = bucket(MERCHANT, PHONE) if person else 0
        prefix = bytes([1]) + phone_bucket.to_bytes(3, "little") + struct.pack("<Q", key_number)
        plain = struct.pack("<H", len(person)) + person
        plain += bytes(-len(plain) % 16)
        sealed = prefix + AESGCM(key).encrypt(header[60:72], plain, header[2:6] + header[24:32] + header[56:88] + prefix)
        self.seals.append((name, key, header, sealed, person))
        return sealed


def ledgers_own(**more):
    return dict(dict(source=LEDGER, merchant=0, stream=bytes(16), principal=0, place=(0, 0, 0, 0)), **more)


def genesis(writer):
    for partition in range(64):
        fields = [(1, uuid(LEDGER_ID)), (2, 64), (3, partition), (4, 1), (5, "ledger.example")]
        payload = message(*(field for field in fields if field[1]))
        writer.add(f"genesis_{partition}", "control", 65000, payload,
                   **ledgers_own(stream=LEDGER_ID, partition=partition, recorded=MORNING))


def payments(writer):
    """Every flag, every way to be told again."""
    initiated = message((1, euro(20934)), (2, "alma"), (4, "T1"))
    first = writer.add("initiated", "fact", 1, initiated)
    again = message((4, "T1"), (2, "alma"), (1, euro(20934)))
    writer.add("initiated_in_another_order", "duplicate", 1, again, event=first, recorded=MORNING + 5, principal=7,
               flags=IMPORTED)
    writer.add("initiated_with_another_amount", "conflict", 1, message((1, euro(1)), (2, "alma"), (4, "T1")), event=first)
    sealed = writer.add("phone_sealed", "fact", 2, message((1, 1)), person=PERSON_BYTES)
    writer.add("phone_sealed_again", "duplicate", 2, message((1, 1)), event=sealed, person=PERSON_BYTES)
    writer.add("phone_told_without_person", "conflict", 2, message((1, 1)), event=sealed)
    writer.add("debited_for_practice", "fact", 6, message((1, euro(6978)), (2, "D7")), source=PROVIDER, stream=TRAINED,
               flags=TRAINING)
    at = MORNING - 401 * 86400 * 1000000
    writer.add("sms_by_a_wrong_clock", "fact", 3, message((1, 2)), at=at, recorded=MORNING, flags=CLOCK_DOUBTFUL)
    writer.add("every_flag", "fact", 2, message((1, 2)), at=at, recorded=MORNING, stream=TRAINED, person=PERSON_BYTES,
               flags=TRAINING | IMPORTED | CLOCK_DOUBTFUL)
    writer.add("named_by_its_key", "fact", 7, message((1, 2), (2, euro(6978)), (3, "D8")), source=PROVIDER,
               event=key_id(MERCHANT, MORNING, "alma:payment_11x:debit:2"), place=(0, 0, 0, 0))
    far = 5648741999999999  # the last microsecond of 2148 in Paris
    writer.add("largest_numbers", "fact", 3, message((1, 2**32 - 1), (3, 2**64 - 1)), merchant=2**64 - 1, stream=OTHER,
               at=far, recorded=far, principal=2**32 - 1, place=(2**32 - 1, 2**32 - 1, 2**32 - 1, 2**16 - 1))


def beside_payments(writer):
    """Settlement, registry, privacy."""
    writer.add("line_with_an_id", "fact", 1002, message((1, "alma:1"), (2, "L1"), (4, 1), (6, euro(6000))), source=PROVIDER,
               stream=named("line", "alma:1", "L1"), flags=IMPORTED, place=(0, 0, 0, 0))
    content = b"talon.line" + b"EUR" + struct.pack("<QB", 6000, 1) + b"\0" + struct.pack("<HH", 20417, 0)
    content += struct.pack("<I", 3) + b"VIR" + struct.pack("<I", 0)
    line = message((1, "bank:1"), (3, 2), (4, 12), (6, euro(6000)), (19, "VIR"), (22, "2025-11-25"))
    writer.add("line_without_an_id", "fact", 1002, line, source=BANK,
               stream=named("line", "bank:1", uuid(sha(content)[:16]), "2"), flags=IMPORTED, place=(0, 0, 0, 0))
    refused = new_id(0x999)
    at = MORNING // 1000 * 1000
    writer.add("event_refused", "fact", 1014, message((1, 18), (2, uuid(refused)), (3, 417), (4, 1), (5, 12)), at=at,
               stream=named("event_refused", uuid(refused)), event=key_id(MERCHANT, at, f"refused:{uuid(refused)}"),
               source=LEDGER, principal=0, place=(17, 0, 0, 0))
    writer.add("terminal_assigned", "fact", 4003, message((1, 3), (3, "BEL"), (4, "S1")), source=PERSON,
               stream=named("assignment", "3", "1"), place=(0, 0, 0, 0))
    original = key_id(0, MORNING, "calendar:TARGET-2026:1")
    calendar = message((1, "TARGET-2026"), (2, 1), (3, message((1, "2026-12-25"), (2, "Christmas Day"))), (4, "C7"))
    for partition in (0, 22, 63):
        writer.add(f"calendar_in_{partition}", "fact", 4011, calendar, event=broadcast_id(original, partition),
                   **ledgers_own(stream=named("calendar", "TARGET-2026", "1"), partition=partition, principal=1))
    activated = broadcast_id(key_id(0, MORNING, "schema:3:2"), 22)
    writer.add("schema_activated", "fact", 4021, message((1, 3), (2, 2), (3, "C7")), event=activated,
               **ledgers_own(partition=22, principal=1))
    writer.add("subject_erased", "fact", 5001, message((1, "dpo-2"), (2, "art. 17")),
               event=erasure_id(MERCHANT, STREAM, 0), **ledgers_own(merchant=MERCHANT, stream=STREAM))
    writer.add("sealed_empty_since", "fact", 2, message((1, 3)), person=b"")


def the_rest(writer):
    """Technical log, control, what waits for a later reader, and what is foreign."""
    writer.add("started", "control", 6001, message((1, "1.0.0"), (2, "embedded")), **ledgers_own())
    bulk, parts = uuid(new_id(0x777)), [b"a part and ", b"another"]
    for index, part in enumerate(parts, 1):
        writer.add(f"chunk_{index}", "fact", 65001, message((1, bulk), (2, index), (3, part)), **ledgers_own())
    writer.add("commit", "fact", 65002, message((1, bulk), (2, 2), (3, sha(*parts).hex()), (4, 3001), (5, 1)),
               **ledgers_own())
    writer.add("kind_to_come", "parked", 2001, message((1, "anything")), source=PERSON)
    writer.add("schema_to_come", "parked", 3, message((1, 4)), schema=2)
    writer.add("field_to_come", "parked", 3, message((1, 5), (9, 1)))
    entry = message((1, 1), (2, message((1, 1764054000))), (3, euro(100)), (4, euro(7)), (6, euro(100)))
    writer.add("line_that_is_no_sum", "parked", 4, message((2, 1), (5, entry)), source=PROVIDER)
    writer.add("stub", "foreign", 0, b"", partition=22, raw=struct.pack("<BBH50xH48x", 0x54, 1, 65535, 40)
               + sha(b"not a record") + struct.pack("<Q", 12))
    writer.add("in_another_partition", "foreign", 3, message((1, 6)), partition=23)
    writer.add("late_genesis", "foreign", 65000, message((1, uuid(LEDGER_ID)), (2, 64), (3, 22), (4, 1)),
               **ledgers_own(stream=LEDGER_ID, partition=22))
    writer.add("technical_by_a_publisher", "foreign", 6001, b"", **ledgers_own(source=GATEWAY))
    writer.add("nobodys_by_a_person", "foreign", 4011, message((1, "A"), (3, message((1, "2026-01-01")))),
               **ledgers_own(source=PERSON, stream=named("calendar", "A", "1")))
    writer.add("draft", "foreign", 0, b"", raw=b"\x54\x00" + writer.all[64][3][2:], partition=22)


def crc32c(*parts):
    crc = 0xFFFFFFFF
    for byte in b"".join(parts):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 * (crc & 1)
    return crc ^ 0xFFFFFFFF


class Log:
    """Segments of 256 KiB, groups of records, and the mark."""

    def __init__(self):
        self.files, self.lsn, self.next, self.crc, self.salt, self.end = {}, 0, [0] * 64, 0, 0, (0, 0)

    def segment(self, number, groups):
        before, self.salt = self.salt, 0x0123456789ABCDEF ^ number
        first, salt = self.lsn, struct.pack("<Q", self.salt)
        head = struct.pack("<8sHH16sQQQQIqI64Q", b"TALONSEG", 1, 64, LEDGER_ID, number, first, self.salt, before,
                           self.crc, MORNING, SEGMENT_BYTES, *self.next)
        data = head.ljust(4092, b"\0")
        data += struct.pack("<I", crc32c(data))
        for records in groups:
            data += self.group(salt, records)
            data += bytes(-len(data) % 32)
            self.end = (number, len(data))
        self.files[f"{first:020}.seg"] = (SEGMENT_BYTES, data)

    def group(self, salt, records):
        frames, crcs, first = b"", b"", self.lsn
        for _, partition, _, raw in records:
            position = self.next[partition]
            crc = struct.pack("<I", crc32c(salt, struct.pack("<HQH", partition, position, len(raw)), raw))
            frames += struct.pack("<HH", len(raw), partition) + crc + struct.pack("<Q", position) + raw
            crcs, self.lsn = crcs + crc, self.lsn + 1
            self.next[partition] += 1
        head = struct.pack("<4sIQII", b"TGRP", 32 + len(frames), first, len(records), self.crc)
        head += struct.pack("<I", crc32c(salt, head))
        self.crc = crc32c(salt, head, crcs)
        return head + struct.pack("<I", self.crc) + frames

    def mark(self):
        mark = struct.pack("<QQQI", self.lsn, *self.end, self.crc)
        self.files["durable"] = (32, mark + struct.pack("<I", crc32c(mark)))


def show_files(records):
    log = Log()
    log.segment(0, [records[:64], records[64:75]])
    log.segment(1, [records[75:76], records[76:]])
    log.mark()
    print("# Golden files of format 1: name, size, and the bytes up to where only zeros follow. Made by")
    print("# dev/reader/golden_ledger.py, which shares no code with ours. Their records are those of families.txt.")
    for name, (size, data) in log.files.items():
        print(name, size, data.hex())


def show_records(records):
    print("# Golden records of format 1, one of each family, flag and verdict: name, partition, verdict, bytes, leaf hash. Made by")
    print("# dev/reader/golden_ledger.py, which shares no code with ours. Another file has the next ones: this one is frozen.")
    for name, partition, verdict, raw in records:
        print(name, partition, verdict, raw.hex(), sha(b"\0", raw).hex())


def show_vault(seals):
    print("# What the records of journal/tests/golden/families.txt seal, and how a vault wraps what opens them. Made by")
    print("# dev/reader/golden_ledger.py, which shares no code with ours.")
    for name, key, header, sealed, person in seals:
        print("sealed", name, key.hex(), header.hex(), sealed.hex(), person.hex() or "-")
    master, nonce = sha(b"master"), bytes(range(12))
    wrapped = nonce + AESGCM(master).encrypt(nonce, BUCKET_KEY, LEDGER_ID + b"talon.bucket")
    print("wrapped bucket_key", master.hex(), LEDGER_ID.hex(), BUCKET_KEY.hex(), wrapped.hex())
    keys = b"".join(key for _, key, *_ in seals).ljust(4096 * 32, b"\0")
    for generation in (1, 2):
        wrapped = nonce + AESGCM(master).encrypt(nonce, keys, LEDGER_ID + struct.pack("<QQ", SLAB, generation))
        print("wrapped slab", SLAB, generation, hashlib.sha256(wrapped).hexdigest(), wrapped[-16:].hex())


def text(value):
    return struct.pack("<I", len(value.encode())) + value.encode()


def number(field, value):
    return struct.pack("<BQ", field, value)


def row(raw, slot, shown, payment=b"\0", anomalies=()):
    """The row of a stream of one fact."""
    header = HEADER.unpack_from(raw)
    merchant, event, stream, source, flags = header[7], header[17], header[18], header[14], header[4]
    training = flags >> 2 & 1
    out = b"talon.row" + struct.pack("<HQ", 1, merchant) + stream + bytes([training]) + payment
    out += struct.pack("<I", 1) + slot + event + struct.pack("<BqH", source, header[6], header[12])
    out += struct.pack("<I", len(shown)) + shown + struct.pack("<I", 1) + event
    return out + struct.pack("<I", len(anomalies)) + b"".join(struct.pack("<H", code) + at for code, at in anomalies)


def rows(records):
    raw = {name: bytes_ for name, _, _, bytes_ in records}
    yield "terminal_assigned", row(raw["terminal_assigned"], struct.pack("<BII", 203, 3, 1),
                                   bytes([65]) + text("BEL") + bytes([66]) + text("S1") + number(71, 1))
    line = bytes([1]) + b"EUR" + struct.pack("<Q", 6000) + number(34, 1) + number(35, 1)
    yield "line_with_an_id", row(raw["line_with_an_id"], bytes([102]) + text("alma:1") + bytes([1]) + text("L1"), line)
    day = (datetime.date(2026, 12, 25) - datetime.date(1970, 1, 1)).days
    closed = bytes([87]) + struct.pack("<IH", 1, day) + text("Christmas Day")
    yield "calendar_in_0", row(raw["calendar_in_0"], bytes([211]) + text("TARGET-2026") + struct.pack("<I", 1), closed)
    nothing = struct.pack("<III", 0, 0, 0)
    place = struct.pack("<II", 2**32 - 1, 2**32 - 1) + text("") + bytes([8, 0]) + b"\0" + struct.pack("<I", 0)
    yield "largest_numbers", row(raw["largest_numbers"], struct.pack("<BI", 3, 2**32 - 1), b"", b"\1" + place + nothing,
                                 [(302, bytes([1]))])


def show_rows(records):
    for name, bytes_ in rows(records):
        print(name, bytes_.hex(), sha(bytes_).hex())


def main(what):
    writer = Writer()
    for part in (genesis, payments, beside_payments, the_rest):
        part(writer)
    {"records": lambda: show_records(writer.all), "files": lambda: show_files(writer.all),
     "vault": lambda: show_vault(writer.seals), "rows": lambda: show_rows(writer.all)}[what]()


if __name__ == "__main__":
    main(*sys.argv[1:])
