"""Checks event logs and compares the facts that two inputs give.

Usage: events.py log FILE...		the structure of event logs
       events.py same FACTS FACTS [FIELD...]	runs and notes, but for FIELDs
Shares no code with the program; check sums come from zlib.
"""
import json
import struct
import sys
import zlib


def records(data, off, end):
    while off < end:
        magic, size, number, _ = struct.unpack_from("<IIQQ", data, off)
        again, = struct.unpack_from("<I", data, off + size - 4)
        if magic != 0x2a2a or size != again or off + size > end:
            raise ValueError("record at %d" % off)
        yield number, data[off:off + size]
        off += size


def log(path):
    with open(path, "rb") as f:
        data = f.read()
    first, last, after, size, minor, major, block, chunks = \
        struct.unpack_from("<QQQIHHHH", data, 8)
    flags, crc = struct.unpack_from("<II", data, 120)
    if data[:8] != b"ElfFile\0" or (size, minor, major, block) != \
            (128, 1, 3, 4096) or flags or zlib.crc32(data[:120]) != crc:
        raise ValueError("the head of the log")
    if len(data) != 4096 + chunks * 65536 or (first, last) != (0, chunks - 1):
        raise ValueError("the number of chunks")
    numbers = []
    for at in range(4096, len(data), 65536):
        chunk = data[at:at + 65536]
        lo, hi, lo_id, hi_id, size, last, free, crc = struct.unpack_from(
            "<QQQQIIII", chunk, 8)
        if chunk[:8] != b"ElfChnk\0" or size != 128 or \
                zlib.crc32(chunk[512:free]) != crc or \
                zlib.crc32(chunk[:120] + chunk[128:512]) != \
                struct.unpack_from("<I", chunk, 124)[0]:
            raise ValueError("chunk at %d" % at)
        found = [n for n, _ in records(chunk, 512, free)]
        if found != list(range(lo, hi + 1)) or (lo_id, hi_id) != (lo, hi) or \
                struct.unpack_from("<I", chunk, last)[0] != 0x2a2a:
            raise ValueError("records of the chunk at %d" % at)
        numbers += found
    if numbers != list(range(numbers[0], after)):
        raise ValueError("the numbers of the records")


def items(path, without):
    found = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            fact = json.loads(line)
            kind = fact["item"].split()[0]
            if kind not in ("run", "note") or fact["field"] in without:
                continue
            value = fact["value"]
            if fact["type"] == "time":
                value = value.split(".")[0].rstrip("Z")
            found.setdefault(fact["item"], []).append(
                "%s %s" % (fact["field"], value))
    return sorted(sorted(facts) for facts in found.values())


def same(one, two, without):
    a, b = items(one, without), items(two, without)
    for facts in a:
        if facts not in b:
            print("only in the first:", *facts, sep="\n  ")
    for facts in b:
        if facts not in a:
            print("only in the second:", *facts, sep="\n  ")
    if not a:
        print("no run and no note")
    return a == b and len(a) > 0


def main():
    if sys.argv[1] == "log":
        for path in sys.argv[2:]:
            log(path)
        return 0
    return 0 if same(sys.argv[2], sys.argv[3], sys.argv[4:]) else 1


sys.exit(main())
