"""Writes sealed_part.txt from the words of docs/format.md, sections 2 and 5, with none of our code.

Needs the `cryptography` package. Run in this folder: python3 sealed_part.py > sealed_part.txt
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEADER = struct.Struct("<BBHHHqqQIIIHHIBBH16s16s16s")


def bucket(key, merchant, phone):
    digest = hmac.new(key, struct.pack("<Q", merchant) + phone.encode(), hashlib.sha256).digest()
    return 1 + int.from_bytes(digest[:8], "little") % 4096


def sealed(key, key_id, phone_bucket, header, personal):
    prefix = bytes([1]) + phone_bucket.to_bytes(3, "little") + struct.pack("<Q", key_id)
    plain = struct.pack("<H", len(personal)) + personal
    plain += bytes(-len(plain) % 16)
    aad = header[2:6] + header[24:32] + header[56:88] + prefix
    return prefix + AESGCM(key).encrypt(header[60:72], plain, aad)


def show(name, value):
    print(f"{name:<12} {value.hex() if isinstance(value, bytes) else value}")


phone = "+33612345612"
personal = bytes([0x0A, len(phone)]) + phone.encode() + bytes([0x12, 20]) + b"jeanne@exemple.test."
event_id = bytes.fromhex("019ab9cfe1807aaa8bbb0102030405aa")
stream_id = bytes.fromhex("019ab9cfe0007ccc8ddd0a0b0c0d0e0f")
merchant, key_id = 839100575, 0xFEDCBA9876543 * 4096 + 0x1AB
key, bucket_key = bytes(range(32)), bytes(range(100, 132))
header = HEADER.pack(0x54, 0, 3, 1, 1, 1764054000900000, 1764054000000000, merchant, 42, 7, 1001, 2, 20417, 1, 3, 1, 11,
                     event_id, stream_id, bytes(range(200, 216)))
assert len(header) == 104
show("bucket_key", bucket_key)
show("merchant", merchant)
show("phone", phone)
show("bucket", bucket(bucket_key, merchant, phone))
show("key", key)
show("key_id", key_id)
show("header", header)
show("personal", personal)
show("sealed", sealed(key, key_id, bucket(bucket_key, merchant, phone), header, personal))
show("empty", sealed(key, key_id, 0, header, b""))
