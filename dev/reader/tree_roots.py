#!/usr/bin/env python3
"""Computes RFC 6962 trees without Talon: the golden file of replay/tlog.

Recursive, as the specification writes it, with Python's hashlib; shares no code with the product.

    python3 dev/reader/tree_roots.py > replay/tlog/tests/golden/trees.txt
"""
import hashlib

# The eight leaves of the reference tree, as the logs of Certificate Transparency test themselves.
REFERENCE = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(index, leaves):
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return path(index, leaves[:k]) + [root(leaves[k:])]
    return path(index - k, leaves[k:]) + [root(leaves[:k])]


def proof(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if old <= k:
        return proof(old, leaves[:k], whole) + [root(leaves[k:])]
    return proof(old - k, leaves[k:], False) + [root(leaves[:k])]


def digits(hashes):
    return [h.hex() for h in hashes]


def main():
    reference = [leaf(bytes.fromhex(data)) for data in REFERENCE]
    print("# Made by dev/reader/tree_roots.py: RFC 6962 trees by Python's hashlib.")
    print("# reference SIZE ROOT: the first leaves of the reference tree")
    for size in range(len(reference) + 1):
        print("reference", size, root(reference[:size]).hex())
    print("# inclusion INDEX SIZE PATH, consistency OLD NEW PATH: of the reference tree")
    for size in range(1, len(reference) + 1):
        for index in range(size):
            print("inclusion", index, size, *digits(path(index, reference[:size])))
    for new in range(1, len(reference) + 1):
        for old in range(1, new + 1):
            print("consistency", old, new, *digits(proof(old, reference[:new])))
    print("# counted SIZE ROOT: leaf n is n as eight bytes, little endian")
    counted = [leaf(n.to_bytes(8, "little")) for n in range(1025)]
    for size in [*range(71), 127, 128, 129, 255, 256, 257, 1000, 1023, 1024, 1025]:
        print("counted", size, root(counted[:size]).hex())


if __name__ == "__main__":
    main()
