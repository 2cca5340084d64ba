#!/usr/bin/env python3
"""Reads a ledger's journal from Kafka, without Talon.

Written from docs/format.md and docs/asyncapi.yaml; payloads are decoded by the published schema (proto/talon/v1) with
Google's own protobuf, messages are fetched by kafka-python. It shares no code with the product. It checks that offsets are
dense, and opens no sealed part: that needs keys.

    buf build proto -o schema.binpb                                  the schema, as descriptors
    pip install kafka-python lz4 protobuf
    talon_kafka.py --servers k1:9092 --schema schema.binpb           every record, one JSON object a line
    talon_kafka.py --servers k1:9092 --schema schema.binpb --partition 22 --from 1200
    talon_kafka.py ... --follow                                      goes on with what is appended
    talon_kafka.py ... --set security_protocol=SASL_SSL --set sasl_mechanism=PLAIN   anything kafka-python knows

Ends with 0 when all is read, 2 on usage, 4 if a record is missing or cannot be read by the schema (named on stderr).
"""
import argparse
import datetime
import json
import struct
import sys
import uuid

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, unknown_fields
from kafka import KafkaConsumer, TopicPartition

HEADER = struct.Struct("<BBHHHqqQIIIHHIBBH16s16s16s")
NAMES = (
    "magic format kind schema flags recorded_at occurred_at merchant shop terminal terminal_seq terminal_epoch day "
    "principal source day_rule payload_len event_id stream_id salt"
).split()
SOURCES = "none provider bank gateway terminal person ledger".split()
# The number of a payload's field is its kind and this.
PAYLOAD_BASE = 100


class Unreadable(Exception):
    """A value that is no record by the published format and schema."""


class Schema:
    """The messages of a descriptor set, by the kind of fact that they are."""

    def __init__(self, path):
        pool = descriptor_pool.DescriptorPool()
        with open(path, "rb") as file:
            for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
                pool.Add(proto)
        self.kinds = {}
        for name in ("talon.v1.Event", "talon.v1.LedgerFact"):
            for field in pool.FindMessageTypeByName(name).fields:
                if field.containing_oneof is not None:
                    made = message_factory.GetMessageClass(field.message_type)
                    self.kinds[field.number - PAYLOAD_BASE] = made

    def decode(self, kind, payload):
        """A kind's name, and its payload as canonical JSON has it."""
        if kind not in self.kinds:
            raise Unreadable(f"kind {kind} is not in the schema")
        message = self.kinds[kind].FromString(payload)
        if len(unknown_fields.UnknownFieldSet(message)) > 0:
            raise Unreadable(f"kind {kind} has fields that are not in the schema")
        return message.DESCRIPTOR.name, json_format.MessageToDict(message)


def moment(micros):
    """A time of a header, in UTC."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (epoch + datetime.timedelta(microseconds=micros)).isoformat()


def record(raw, schema):
    """What a record says."""
    if not 104 <= len(raw) <= 65535 or raw[0] != 0x54:
        raise Unreadable("not a record")
    header = dict(zip(NAMES, HEADER.unpack_from(raw)))
    if header["format"] != 1:
        raise Unreadable(f"format {header['format']}")
    name, payload = schema.decode(header["kind"], raw[104:104 + header["payload_len"]])
    return {
        "kind": header["kind"],
        "name": name,
        "eventId": str(uuid.UUID(bytes=header["event_id"])),
        "streamId": str(uuid.UUID(bytes=header["stream_id"])),
        "merchant": str(header["merchant"]),
        "shop": header["shop"],
        "terminal": header["terminal"],
        "terminalEpoch": header["terminal_epoch"],
        "terminalSeq": header["terminal_seq"],
        "source": SOURCES[header["source"]],
        "principal": header["principal"],
        "recordedAt": moment(header["recorded_at"]),
        "occurredAt": moment(header["occurred_at"]),
        "sealed": bool(header["flags"] & 1),
        "training": bool(header["flags"] & 4),
        "imported": bool(header["flags"] & 8),
        "clockDoubtful": bool(header["flags"] & 16),
        "payload": payload,
    }


def arguments():
    """What is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", required=True, help="host:port,host:port")
    parser.add_argument("--schema", required=True, help="the descriptors of proto/talon/v1")
    parser.add_argument("--topic", default="talon.journal.v1")
    parser.add_argument("--partition", type=int, help="only this one; else all")
    parser.add_argument("--from", type=int, default=0, dest="start", metavar="POSITION", help="the first position")
    parser.add_argument("--follow", action="store_true", help="go on with what is appended")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of kafka-python")
    return parser.parse_args()


def read(asked, schema):
    """Prints records, each partition's in their order, and stops at the first that is missing."""
    settings = dict(setting.split("=", 1) for setting in asked.set)
    consumer = KafkaConsumer(
        bootstrap_servers=asked.servers.split(","), enable_auto_commit=False, auto_offset_reset="none", **settings)
    partitions = consumer.partitions_for_topic(asked.topic)
    if not partitions:
        sys.exit(f"talon_kafka: there is no topic {asked.topic}")
    mine = [TopicPartition(asked.topic, of) for of in sorted(partitions) if asked.partition in (None, of)]
    consumer.assign(mine)
    ends = consumer.end_offsets(mine)
    following = {of: min(asked.start, ends[of]) for of in mine}
    for of, position in following.items():
        consumer.seek(of, position)
    while asked.follow or any(following[of] < ends[of] for of in mine):
        for of, messages in consumer.poll(timeout_ms=500).items():
            for message in messages:
                if message.offset != following[of]:
                    raise Unreadable(f"p{of.partition}/{following[of]} is missing: the next one is {message.offset}")
                following[of] += 1
                line = {"partition": of.partition, "position": message.offset}
                print(json.dumps(line | record(message.value, schema), ensure_ascii=False, sort_keys=True))
    consumer.close()


def main():
    """Reads what is asked, and names what cannot be read."""
    asked = arguments()
    try:
        read(asked, Schema(asked.schema))
    except Unreadable as why:
        sys.stdout.flush()
        print(f"talon_kafka: {why}", file=sys.stderr)
        sys.exit(4)


if __name__ == "__main__":
    main()
