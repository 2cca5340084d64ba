#!/usr/bin/env python3
"""Reads a Talon ledger without Talon.

Written from docs/format.md with Python's standard library, sharing no code with the product: a second opinion.
It verifies every checksum of the journal, lists every record with its header fields and decoded payload, and adds
up the debits. It opens no sealed part: that needs keys, and an auditor has none.

    python3 dev/reader/talon_reader.py LEDGER              every record, one JSON object a line
    python3 dev/reader/talon_reader.py LEDGER --summary    counts and sums, as JSON
    python3 dev/reader/talon_reader.py LEDGER --roots      size and root of each partition's proof tree
    python3 dev/reader/talon_reader.py LEDGER --pin FILE   holds the ledger against a pin
    python3 dev/reader/talon_reader.py --record HEX...     header and payload of records, one JSON object a line

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

# Messages, by name: their fields from number 1 on. A field is a number, a truth or bytes, or it says what it is:
# :s text, :Name a message, :*Name several of them.
MESSAGES = {
    "Time": "seconds nanos",
    "Money": "currency:s minor_units",
    "Instalment": "number due_date:Time purchase_amount:Money customer_fee:Money customer_interest:Money "
                  "total_amount:Money original_purchase_amount:Money",
    "PrintedTicket": "kind about:s copy",
    "ApplicationTotal": "application:s count amount:Money direction",
    "Establishment": "nic from_day:s",
    "ClosedDay": "day:s label:s",
    "Scope": "merchant source",
}

# kind -> its name and its fields
KINDS = {
    1: "PaymentInitiated amount:Money provider:s till_id:s till_ticket:s cashier_code:s terminal_clock:s revision",
    2: "PhoneVerified number revision",
    3: "SmsSent number message_id:s revision",
    4: "ScheduleChosen version installments_count deferred_days deferred_months instalments:*Instalment "
       "customer_total_cost:Money annual_interest_rate_bps legal_regime provider:s revision change",
    5: "PaymentAccepted payment_id:s amount:Money attempt deferred_capture provider:s revision",
    6: "CardDebited amount:Money debit_id:s payment_id:s provider:s revision",
    7: "InstalmentDebited instalment amount:Money debit_id:s payment_id:s provider:s revision",
    8: "TicketsPrinted tickets:*PrintedTicket revision",
    9: "PaymentRefused attempt reason provider:s revision",
    10: "PaymentExpired attempt provider:s revision",
    11: "PaymentCancelled attempt reason provider:s revision",
    12: "DebitFailed instalment attempt amount:Money reason provider:s revision",
    13: "OutcomeUnknown attempt reason provider:s revision",
    14: "SmsDelivery number status message_id:s revision",
    15: "LinkOpened number revision",
    16: "ShopTimedOut attempt provider:s revision",
    17: "PaymentReplaces transaction_id:s reason revision",
    18: "EmailSent template number revision",
    19: "ReceiptReprinted kind about:s copy revision",
    20: "FactReversed event_id:s reason:s revision",
    21: "InstalmentCovered instalment amount:Money provider:s revision",
    22: "InstalmentClaimed instalment amount:Money provider:s revision",
    23: "CardReplaced number provider:s revision",
    24: "RefundRequested request_id:s amount:Money refund_id:s reason provider:s revision",
    25: "RefundCompleted refund_id:s request_id:s amount:Money cash:Money rebate:Money from_cancellation "
        "payment_id:s provider:s revision",
    26: "RefundFailed refund_id:s request_id:s amount:Money reason provider:s revision",
    27: "WithdrawalExercised provider:s revision",
    28: "ChargebackOpened dispute_id:s round payment_id:s amount:Money reason provider:s revision",
    29: "ChargebackWon dispute_id:s round payment_id:s amount:Money provider:s revision",
    30: "ChargebackLost dispute_id:s round payment_id:s amount:Money provider:s revision",
    1001: "StatementImported account:s file_hash:s format:s lines first_day:s last_day:s revision",
    1002: "SettlementLineRecorded account:s line_id:s occurrence kind native_type:s amount:Money direction "
          "merchant_fee:Money merchant_fee_direction tax:Money tax_direction net:Money net_direction payment_id:s "
          "refund_id:s dispute_id:s payout_id:s included_in_payout_id:s reference:s end_to_end_id:s "
          "bank_reference:s booking_day:s value_day:s provider:s file_hash:s revision",
    1003: "PayoutSent account:s payout_id:s amount:Money direction day:s reference:s provider:s revision",
    1004: "PayoutReturned account:s payout_id:s amount:Money reason:s provider:s revision",
    1011: "TerminalTotals terminal epoch day:s last_seq lines:*ApplicationTotal revision",
    1012: "TillTotals shop till:s day:s tender:s count amount:Money direction revision",
    1013: "SequenceVoided terminal epoch from to reason:s revision",
    1014: "EventRefused code event_id:s terminal epoch seq",
    2021: "NoteAdded stream:s code:s slot:s state until_day:s to_code:s author_code:s seen:s",
    4001: "MerchantRegistered label:s country:s closed_from:s author_code:s reason:s revision",
    4002: "ShopRegistered code:s label:s town:s establishments:*Establishment closed_from:s author_code:s reason:s "
          "revision",
    4003: "TerminalAssigned terminal epoch shop_code:s serial:s logical_id:s range model:s connectivity first_seq "
          "from_day:s until_day:s author_code:s reason:s revision",
    4004: "FeePlanRegistered id:s version provider:s installments_count deferred_days deferred_months from_day:s "
          "until_day:s merchant_fee_bps merchant_fee_fixed:Money tax_bps customer_fee_bps purchase_least:Money "
          "purchase_most:Money rounding rounding_scope payout_rule payout_day author_code:s reason:s revision",
    4011: "CalendarRegistered id:s version closed_days:*ClosedDay author_code:s reason:s revision",
    4012: "PlanRulesRegistered id:s version provider:s remainder from_day:s author_code:s reason:s revision",
    4013: "PrincipalRegistered number label:s scopes:*Scope revoked author_code:s reason:s revision",
    4021: "SchemaActivated kind schema author_code:s reason:s",
    4022: "FoldActivated version author_code:s reason:s",
    5001: "SubjectErased author_code:s reason:s",
    6001: "Started release:s engine:s torn_bytes",
    6002: "Restored taken_at:Time closed_slabs author_code:s incarnation lsn",
    6003: "Repaired cut_after cut_bytes author_code:s incarnation",
    6004: "ClockJumped from:Time to:Time",
    6005: "KeyCreated principal fingerprint:s author_code:s",
    6006: "KeyRevoked principal fingerprint:s author_code:s reason:s",
    6007: "MasterKeyRotated old_fingerprint:s new_fingerprint:s author_code:s",
    6008: "Exported format:s rows file_hash:s opened author_code:s reason:s",
    6009: "DeadLetterRetried letter:s author_code:s",
    6010: "DeadLetterDiscarded letter:s author_code:s reason:s",
    6011: "PersonalDataOpened merchant transaction_id:s author_code:s reason:s",
    65000: "Genesis ledger_id:s partitions partition format origin:s",
    65001: "Chunk bulk_id:s index content",
    65002: "Commit bulk_id:s count hash:s kind schema",
}


def _fields(text):
    """Field numbers with names and types, of fields that are counted from 1."""
    return {number: (*field.split(":"), "")[:2] for number, field in enumerate(text.split(), 1)}


MESSAGES = {name: _fields(text) for name, text in MESSAGES.items()}
KINDS = {kind: (text.split()[0], _fields(text.partition(" ")[2])) for kind, text in KINDS.items()}


class Damage(Exception):
    """Bytes that contradict the format or a checksum."""


class NoRecord(Exception):
    """Bytes that are no record of this format. They may stand in a journal all the same, and are foreign there."""


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
        name, kind = schema.get(number, (f"field_{number}", ""))
        if kind.startswith("*"):
            out.setdefault(name, []).append(decode(MESSAGES[kind[1:]], value))
        elif kind == "s":
            out[name] = value.decode()
        elif kind:
            out[name] = decode(MESSAGES[kind], value)
        else:
            out[name] = value if isinstance(value, int) else value.hex()
    return out


def leaf(raw):
    """What stands for a record in its partition's tree, whatever its bytes say."""
    return hashlib.sha256(b"\0" + raw).digest()


def read_record(raw):
    """A record's header fields, its payload decoded, and whether it has a sealed part."""
    if not 104 <= len(raw) <= 65535:
        raise NoRecord(f"a record has {len(raw)} bytes")
    header = dict(zip(HEADER_FIELDS, HEADER.unpack_from(raw)))
    end = 104 + header["payload_len"]
    if header["magic"] != 0x54 or header["flags"] & ~(SEALED | TRAINING | IMPORTED | CLOCK_DOUBTFUL):
        raise NoRecord("magic or flags are not a record's")
    if header["format"] != 1 or not 1 <= header["source"] <= 6 or header["day_rule"] != 1:
        raise NoRecord("format, source or day rule are not known")
    if header["payload_len"] > 60000 or end > len(raw) or (len(raw) > end) != bool(header["flags"] & SEALED):
        raise NoRecord("lengths and the sealed flag do not agree")
    if header["flags"] & SEALED and (len(raw) - end < 12 + 16 + 16 or (len(raw) - end - 28) % 16 or raw[end] != 1):
        raise NoRecord("the sealed part is malformed")
    name, schema = KINDS.get(header["kind"], (f"kind_{header['kind']}", {}))
    header["name"] = name
    try:
        header["payload"] = decode(schema, raw[104:end])
    except (Damage, UnicodeDecodeError):
        header["payload"] = None  # it can be read by nobody, or by a later reader
    header["sealed_bytes"] = len(raw) - end
    header["leaf_hash"] = leaf(raw).hex()
    for key in ("event_id", "stream_id"):
        header[key] = uuid_text(header[key])
    header["salt"] = header["salt"].hex()
    return header


def foreign(raw, partition, position):
    """Why a record counts for nothing; None if it may count."""
    if len(raw) >= 104 and raw[0] == 0x54 and raw[2:4] == b"\xff\xff":
        return "it stands for bytes that were no record"
    try:
        record = read_record(raw)
    except NoRecord as why:
        return str(why)
    kind, merchant = record["kind"], record["merchant"]
    if kind == 65000 and position != 0:
        return "a genesis that is not the first record"
    if merchant and partition != partition_of(merchant):
        return "another merchant's partition"
    if (merchant == 0 or kind >= 6000) and record["source"] != 6:
        return "only the ledger says this"
    return None


def _all_zero(data):
    return not data.strip(b"\0")


class Journal:
    """The embedded engine's files, read in order, every checksum verified."""

    def __init__(self, ledger):
        self.folder = os.path.join(ledger, "journal")
        self.names = sorted(n for n in os.listdir(self.folder) if n.endswith(".seg"))
        if not self.names:
            raise Damage(f"{self.folder}: no segment")

    def ledger_id(self):
        """As the first segment's header names it; a checksum covers it once records are read."""
        with open(os.path.join(self.folder, self.names[0]), "rb") as file:
            return uuid_text(file.read(28)[12:])

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
        if (form, parts, segment_no, first, size) != (1, 64, number, lsn, len(data)):
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
    """Counts by kind, and money added up naively: each debit and each refund once, by its id or else by what it is for,
    without what was taken back."""
    records, strangers, kinds, seen, debits, refunds, reversed_ids = 0, 0, {}, set(), {}, {}, set()
    for _, partition, position, raw in journal.records():
        records += 1
        if foreign(raw, partition, position):
            strangers += 1
            continue
        record = read_record(raw)
        fact = (record["merchant"], record["event_id"])
        if fact in seen:
            continue
        seen.add(fact)
        kinds[record["name"]] = kinds.get(record["name"], 0) + 1
        payload, stream = record["payload"], (record["merchant"], record["stream_id"])
        if record["flags"] & TRAINING:
            continue
        if record["kind"] in (6, 7):
            which = payload.get("debit_id") or payload.get("instalment", 1)
            debits[stream + (which,)] = (record["event_id"], payload["amount"])
        elif record["kind"] == 25:
            which = payload.get("refund_id") or payload.get("request_id")
            refunds[stream + (which,)] = (record["event_id"], payload["amount"])
        elif record["kind"] == 20:
            reversed_ids.add(payload["event_id"])
    standing = [
        [amount for event_id, amount in moved.values() if event_id not in reversed_ids] for moved in (debits, refunds)
    ]
    return {"records": records, "foreign": strangers, "facts": len(seen), "kinds": kinds, "debits": len(standing[0]),
            "debited": _sums(standing[0]), "refunded": _sums(standing[1])}


def leaves(journal):
    """The leaf hashes of each partition, in the order of its positions."""
    found = {}
    for _, partition, _, raw in journal.records():
        found.setdefault(partition, []).append(leaf(raw))
    return found


def root(hashes):
    """The root over some leaves, as RFC 6962 writes it: the left half is the largest power of two below all."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(hashes[:half]) + root(hashes[half:])).digest()


def roots(journal):
    return [{"partition": partition, "size": len(hashes), "root": root(hashes).hex()}
            for partition, hashes in sorted(leaves(journal).items())]


def check_pin(journal, pin):
    """A pin may be older than the ledger: its roots are those of the first leaves."""
    found = leaves(journal)
    for pinned in pin["partitions"]:
        hashes, size = found.get(pinned["partition"], []), pinned["size"]
        if size > len(hashes):
            raise Damage(f"partition {pinned['partition']}: {size} records were pinned, {len(hashes)} are there")
        if root(hashes[:size]).hex() != pinned["root"]:
            raise Damage(f"partition {pinned['partition']}: the first {size} records are not those that were pinned")


def _sums(amounts):
    sums = {}
    for amount in amounts:
        sums[amount["currency"]] = sums.get(amount["currency"], 0) + amount.get("minor_units", 0)
    return sums


def show_records(records):
    for record in records:
        try:
            print(json.dumps(read_record(bytes.fromhex(record)), ensure_ascii=False))
        except NoRecord as why:
            print(f"no record: {why}", file=sys.stderr)
            return 4
    return 0


def main(args):
    if len(args) >= 2 and args[0] == "--record":
        return show_records(args[1:])
    wants_pin = len(args) == 3 and args[1] == "--pin"
    if not args or args[0].startswith("-") or not wants_pin and args[1:] not in ([], ["--summary"], ["--roots"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        journal = Journal(args[0])
        if wants_pin:
            with open(args[2], encoding="ascii") as file:
                pin = json.load(file)
            if pin["talon_pin"] != 1 or pin["ledger"] != journal.ledger_id():
                print("the pin is of another ledger, or of a later form", file=sys.stderr)
                return 2
            check_pin(journal, pin)
            return 0
        if args[1:] == ["--roots"]:
            for row in roots(journal):
                print(json.dumps(row))
            return 0
        if args[1:]:
            print(json.dumps(summary(journal), ensure_ascii=False))
            return 0
        for lsn, partition, position, raw in journal.records():
            why = foreign(raw, partition, position)
            said = {"foreign": why, "leaf_hash": leaf(raw).hex()} if why else read_record(raw)
            line = {"lsn": lsn, "partition": partition, "position": position, **said}
            print(json.dumps(line, ensure_ascii=False))
        return 0
    except (Damage, OSError, struct.error, UnicodeDecodeError) as error:
        print(f"damage: {error}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
