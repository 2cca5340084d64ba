#!/usr/bin/env python3
"""Reads a Talon ledger without Talon.

Written from docs/format.md with Python's standard library, sharing no code with the product: a second opinion.
It verifies every checksum of the journal, lists every record with its header fields and decoded payload, and adds
up the debits. It opens no sealed part: that needs keys, and an auditor has none.

    python3 dev/reader/talon_reader.py LEDGER              every record, one JSON object a line
    python3 dev/reader/talon_reader.py LEDGER --summary    counts and sums, as JSON
    python3 dev/reader/talon_reader.py --record HEX        one record's header and payload

Exit codes: 0 all is well, 2 usage, 4 damage found (named on stderr).
"""
import hashlib
import json
import os
import struct
import sys

HEADER = struct.Struct("<BBHHHqqQIIIHHIBBH16s16s16s")
assert HEADER.size == 104
HEADER_FIELDS = (
    "magic format kind schema flags recorded_at occurred_at merchant shop terminal terminal_seq terminal_epoch day "
    "principal source day_rule payload_len event_id stream_id salt"
).split()
SEGMENT = struct.Struct("<8sHH16sQQQQIqI")
GROUP = struct.Struct("<4sIQIIII")
FRAME = struct.Struct("<HHIQ")
MARK = struct.Struct("<QQQII")
SEALED, TRAINING, IMPORTED, CLOCK_DOUBTFUL = 1, 4, 8, 16

# kind -> (name, {field number: (name, type)}); types: s text, u number, b truth, m money, t time, [X repeated X
MONEY = {1: ("currency", "s"), 2: ("minor_units", "u")}
TIME = {1: ("seconds", "u"), 2: ("nanos", "u")}
INSTALMENT = {
    1: ("number", "u"), 2: ("due_date", TIME), 3: ("purchase_amount", MONEY), 4: ("customer_fee", MONEY),
    5: ("customer_interest", MONEY), 6: ("total_amount", MONEY), 7: ("original_purchase_amount", MONEY),
}
TICKET = {1: ("kind", "u"), 2: ("about", "s"), 3: ("copy", "u")}
KINDS = {
    1: ("PaymentInitiated", {1: ("amount", MONEY), 2: ("provider", "s"), 3: ("till_id", "s"), 4: ("till_ticket", "s"),
                             5: ("cashier_code", "s"), 6: ("terminal_clock", "s"), 7: ("revision", "u")}),
    2: ("PhoneVerified", {1: ("number", "u"), 2: ("revision", "u")}),
    3: ("SmsSent", {1: ("number", "u"), 2: ("message_id", "s"), 3: ("revision", "u")}),
    4: ("ScheduleChosen", {1: ("version", "u"), 2: ("installments_count", "u"), 3: ("deferred_days", "u"),
                           4: ("deferred_months", "u"), 5: ("instalments", [INSTALMENT]),
                           6: ("customer_total_cost", MONEY), 7: ("annual_interest_rate_bps", "u"),
                           8: ("legal_regime", "u"), 9: ("provider", "s"), 10: ("revision", "u")}),
    5: ("PaymentAccepted", {1: ("payment_id", "s"), 2: ("amount", MONEY), 3: ("attempt", "u"),
                            4: ("deferred_capture", "u"), 5: ("provider", "s"), 6: ("revision", "u")}),
    6: ("CardDebited", {1: ("amount", MONEY), 2: ("debit_id", "s"), 3: ("payment_id", "s"), 4: ("provider", "s"),
                        5: ("revision", "u")}),
    7: ("InstalmentDebited", {1: ("instalment", "u"), 2: ("amount", MONEY), 3: ("debit_id", "s"),
                              4: ("payment_id", "s"), 5: ("provider", "s"), 6: ("revision", "u")}),
    8: ("TicketsPrinted", {1: ("tickets", [TICKET]), 2: ("revision", "u")}),
    9: ("PaymentRefused", {1: ("attempt", "u"), 2: ("reason", "u"), 3: ("provider", "s"), 4: ("revision", "u")}),
    10: ("PaymentExpired", {1: ("attempt", "u"), 2: ("provider", "s"), 3: ("revision", "u")}),
    11: ("PaymentCancelled", {1: ("attempt", "u"), 2: ("reason", "u"), 3: ("provider", "s"), 4: ("revision", "u")}),
    12: ("DebitFailed", {1: ("instalment", "u"), 2: ("attempt", "u"), 3: ("amount", MONEY), 4: ("reason", "u"),
                         5: ("provider", "s"), 6: ("revision", "u")}),
    13: ("OutcomeUnknown", {1: ("attempt", "u"), 2: ("reason", "u"), 3: ("provider", "s"), 4: ("revision", "u")}),
    65000: ("Genesis", {1: ("ledger_id", "s"), 2: ("partitions", "u"), 3: ("partition", "u"), 4: ("format", "u"),
                        5: ("origin", "s")}),
}


class Damage(Exception):
    """Bytes that contradict the format or a checksum."""


def _crc_table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


CRC_TABLE = _crc_table()


def crc32c(*parts):
    crc = 0xFFFFFFFF
    for part in parts:
        for byte in part:
            crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def murmur2(key):
    """The hash that Kafka's own clients put keys on partitions with."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(key)) & mask
    whole = len(key) // 4 * 4
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at:at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = key[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def partition_of(merchant):
    return (murmur2(str(merchant).encode()) & 0x7FFFFFFF) % 64


def event_id_of(merchant, occurred_at, source_key):
    """The UUIDv8 that stands for a publisher's own key."""
    h = hashlib.sha256(b"talon.id" + struct.pack("<Q", merchant) + source_key.encode()).digest()
    bits = int.from_bytes(h, "big")
    rand_a = bits >> (256 - 12)
    rand_b = bits >> (256 - 12 - 62) & (1 << 62) - 1
    value = (occurred_at // 1000) << 80 | 8 << 76 | rand_a << 64 | 2 << 62 | rand_b
    return value.to_bytes(16, "big")


def uuid_text(raw):
    h = raw.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def _varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Damage("a varint runs out")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def decode(schema, data):
    """One protobuf message, by the tables above."""
    out, at = {}, 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 2:
            size, at = _varint(data, at)
            value, at = data[at:at + size], at + size
            if at > len(data):
                raise Damage("a field runs past its message")
        else:
            raise Damage(f"wire type {wire} is not used by these schemas")
        name, kind = schema.get(number, (f"field_{number}", None))
        if isinstance(kind, list):
            out.setdefault(name, []).append(decode(kind[0], value))
        elif isinstance(kind, dict):
            out[name] = decode(kind, value)
        elif kind == "s":
            out[name] = value.decode()
        else:
            out[name] = value if isinstance(value, int) else value.hex()
    return out


def read_record(raw):
    """A record's header fields, its payload decoded, and whether it has a sealed part."""
    if not 104 <= len(raw) <= 65535:
        raise Damage(f"a record has {len(raw)} bytes")
    header = dict(zip(HEADER_FIELDS, HEADER.unpack_from(raw)))
    end = 104 + header["payload_len"]
    if header["magic"] != 0x54 or header["flags"] & ~(SEALED | TRAINING | IMPORTED | CLOCK_DOUBTFUL):
        raise Damage("magic or flags are not a record's")
    if header["format"] != 0 or not 1 <= header["source"] <= 6 or header["day_rule"] != 1:
        raise Damage("format, source or day rule are not known")
    if header["payload_len"] > 60000 or end > len(raw) or (len(raw) > end) != bool(header["flags"] & SEALED):
        raise Damage("lengths and the sealed flag do not agree")
    if header["flags"] & SEALED and (len(raw) - end < 12 + 16 + 16 or (len(raw) - end - 28) % 16 or raw[end] != 1):
        raise Damage("the sealed part is malformed")
    name, schema = KINDS.get(header["kind"], (f"kind_{header['kind']}", {}))
    header["name"] = name
    header["payload"] = decode(schema, raw[104:end])
    header["sealed_bytes"] = len(raw) - end
    header["leaf_hash"] = hashlib.sha256(b"\0" + raw).hexdigest()
    for key in ("event_id", "stream_id"):
        header[key] = uuid_text(header[key])
    header["salt"] = header["salt"].hex()
    return header


def _all_zero(data):
    return not data.strip(b"\0")


class Journal:
    """The embedded engine's files, read in order, every checksum verified."""

    def __init__(self, ledger):
        self.folder = os.path.join(ledger, "journal")
        self.names = sorted(n for n in os.listdir(self.folder) if n.endswith(".seg"))
        if not self.names:
            raise Damage(f"{self.folder}: no segment")

    def records(self):
        """Yields (lsn, partition, position, record bytes)."""
        lsn, crc, salt_before, positions, group_end = 0, 0, 0, [0] * 64, (0, 0)
        for number, name in enumerate(self.names):
            with open(os.path.join(self.folder, name), "rb") as file:
                data = file.read()
            salt = self._header(name, data, number, lsn, crc, salt_before, positions)
            at = 4096
            while at + 32 <= len(data) and not _all_zero(data[at:at + 32]):
                where = f"{name} offset {at}"
                magic, size, first, count, before, header_crc, group_crc = GROUP.unpack_from(data, at)
                if magic != b"TGRP" or crc32c(salt, data[at:at + 24]) != header_crc:
                    raise Damage(f"{where}: group header")
                if (first, before) != (lsn, crc) or at + size > len(data):
                    raise Damage(f"{where}: group does not follow the one before")
                crcs, inner = b"", at + 32
                for _ in range(count):
                    length, partition, frame_crc, position = FRAME.unpack_from(data, inner)
                    record = data[inner + 16:inner + 16 + length]
                    bound = struct.pack("<HQH", partition, position, length)
                    if crc32c(salt, bound, record) != frame_crc:
                        raise Damage(f"{name} offset {inner}: record p{partition}/{position}")
                    if position != positions[partition]:
                        raise Damage(f"{name} offset {inner}: p{partition}/{position} is not the next position")
                    positions[partition] += 1
                    crcs += data[inner + 4:inner + 8]
                    yield lsn, partition, position, record
                    lsn, inner = lsn + 1, inner + 16 + length
                if inner != at + size or crc32c(salt, data[at:at + 28], crcs) != group_crc:
                    raise Damage(f"{where}: group")
                crc = group_crc
                at = (inner + 31) // 32 * 32
                if not _all_zero(data[inner:at]):
                    raise Damage(f"{name} offset {inner}: padding is not zero")
                group_end = (number, at)
            if not _all_zero(data[at:]):
                raise Damage(f"{name} offset {at}: bytes behind the last group")
            salt_before = struct.unpack("<Q", salt)[0]
        self._mark(lsn, crc, group_end)

    @staticmethod
    def _header(name, data, number, lsn, crc, salt_before, positions):
        fields = SEGMENT.unpack_from(data)
        if crc32c(data[:4092]) != struct.unpack_from("<I", data, 4092)[0] or fields[0] != b"TALONSEG":
            raise Damage(f"{name}: segment header")
        _, form, parts, _, segment_no, first, salt, salt_prev, crc_prev, _, size = fields
        at_next = list(struct.unpack_from("<64Q", data, 76))
        if (form, parts, segment_no, first, size) != (0, 64, number, lsn, len(data)):
            raise Damage(f"{name}: segment header does not fit its place")
        if (salt_prev, crc_prev, at_next) != (salt_before, crc, positions) or f"{first:020}.seg" != name:
            raise Damage(f"{name}: segment does not follow the one before")
        return struct.pack("<Q", salt)

    def _mark(self, lsn, crc, group_end):
        path = os.path.join(self.folder, "durable")
        if not os.path.exists(path):
            return
        with open(path, "rb") as file:
            raw = file.read()
        if len(raw) != 32 or crc32c(raw[:28]) != MARK.unpack(raw)[4]:
            return
        next_lsn, segment_no, offset, group_crc, _ = MARK.unpack(raw)
        if next_lsn > lsn or (next_lsn == lsn and (segment_no, offset, group_crc) != (*group_end, crc)):
            raise Damage(f"the mark says {next_lsn} durable records, the segments hold {lsn}")


def summary(journal):
    """Counts by kind, and the debits added up: each debit once, by its id or else by its instalment."""
    records, kinds, seen, debits = 0, {}, set(), {}
    for _, partition, _, raw in journal.records():
        record = read_record(raw)
        if record["merchant"] and partition != partition_of(record["merchant"]):
            raise Damage(f"merchant {record['merchant']} in partition {partition}")
        records += 1
        fact = (record["merchant"], record["event_id"])
        if fact in seen:
            continue
        seen.add(fact)
        kinds[record["name"]] = kinds.get(record["name"], 0) + 1
        if record["kind"] in (6, 7) and not record["flags"] & TRAINING:
            payload = record["payload"]
            which = payload.get("debit_id") or payload.get("instalment", 1)
            amount = payload["amount"]
            debits[record["merchant"], record["stream_id"], which] = (amount["currency"], amount.get("minor_units", 0))
    sums = {}
    for currency, amount in debits.values():
        sums[currency] = sums.get(currency, 0) + amount
    return {"records": records, "facts": len(seen), "kinds": kinds, "debits": len(debits), "debited": sums}


def main(args):
    if len(args) == 2 and args[0] == "--record":
        print(json.dumps(read_record(bytes.fromhex(args[1])), ensure_ascii=False))
        return 0
    if not args or args[0].startswith("-") or args[1:] not in ([], ["--summary"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        journal = Journal(args[0])
        if args[1:]:
            print(json.dumps(summary(journal), ensure_ascii=False))
            return 0
        for lsn, partition, position, raw in journal.records():
            line = {"lsn": lsn, "partition": partition, "position": position, **read_record(raw)}
            print(json.dumps(line, ensure_ascii=False))
        return 0
    except (Damage, OSError, struct.error, UnicodeDecodeError) as error:
        print(f"damage: {error}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
