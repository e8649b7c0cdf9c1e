"""
7-Zip and RAR archives, stored: makes some of every sort that others write,
and reads those that redact wrote, with all of their sums.
Relies on nothing but Python's own library, and on nothing of the program.

    archives.py same OLD NEW         the same members, order, kinds and times
"""
import calendar
import struct
import sys
import time
import zlib

SEVENZ = b"7z\xbc\xaf\x27\x1c"
RAR4, RAR5 = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
EPOCH = 11644473600             # seconds from 1601 to 1970


class Member:
    """A name with '/', its bytes or None for a folder, seconds or None."""

    def __init__(self, name, content, mtime=None):
        self.name, self.content, self.mtime = name, content, mtime

    def shape(self):
        return self.content is None, self.mtime


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, n):
        assert n <= len(self.data) - self.at, "cut"
        self.at += n
        return self.data[self.at - n:self.at]

    def le(self, n):
        return int.from_bytes(self.take(n), "little")

    def number(self):           # of 7-Zip
        first, n = self.le(1), 0
        while n < 8 and first & 0x80 >> n:
            n += 1
        low = self.le(n)
        return low | (first & 0x7f >> n) << 8 * n if n < 8 else low

    def vint(self):             # of RAR 5
        value, shift = 0, 0
        while True:
            byte = self.le(1)
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    def bits(self, n):
        data = self.take((n + 7) // 8)
        return [bool(data[i // 8] & 0x80 >> i % 8) for i in range(n)]

    def defined(self, n):
        return [True] * n if self.le(1) else self.bits(n)


# ---- 7-Zip ----

def sevenz_streams(r, data):
    """The contents, one after another, with their sums compared."""
    sizes, folders, counts, crcs = [], [], [], []
    while (what := r.number()) != 0:
        if what == 6:
            at = 32 + r.number()
            n = r.number()
            assert r.number() == 9
            packed = [r.number() for _ in range(n)]
            assert r.number() == 0
        elif what == 7:
            assert r.number() == 0x0b
            n = r.number()
            assert r.le(1) == 0
            for _ in range(n):
                assert r.number() == 1 and r.le(1) == 1
                if r.le(1) != 0:
                    raise ValueError("compressed")
            assert r.number() == 0x0c
            folders = [r.number() for _ in range(n)]
            counts, sizes = [1] * n, list(folders)
            if (what := r.number()) == 0x0a:
                assert all(r.defined(n))
                crcs = [r.le(4) for _ in range(n)]
                what = r.number()
            assert what == 0 and folders == packed
        elif what == 8:
            while (what := r.number()) != 0:
                if what == 0x0d:
                    counts = [r.number() for _ in folders]
                elif what == 9:
                    sizes = []
                    for folder, count in zip(folders, counts):
                        own = [r.number() for _ in range(count - 1)]
                        sizes += own + [folder - sum(own)]
                else:
                    assert what == 0x0a and all(r.defined(len(sizes)))
                    crcs = [r.le(4) for _ in sizes]
    out = []
    for size, crc in zip(sizes, crcs, strict=True):
        out.append(data[at:at + size])
        assert len(out[-1]) == size and zlib.crc32(out[-1]) == crc, "sum"
        at += size
    return out


def sevenz_read(data):
    start = data[12:32]
    assert zlib.crc32(start) == struct.unpack("<I", data[8:12])[0], "start"
    off, size, crc = struct.unpack("<QQI", start)
    header = data[32 + off:]
    assert len(header) == size and zlib.crc32(header) == crc, "header"
    if size == 0:
        return []
    r, streams, empty, files = Reader(header), [], [], []
    assert r.number() == 1
    if (what := r.number()) == 4:
        streams = sevenz_streams(r, data)
        what = r.number()
    assert what == 5
    n = r.number()
    empty, files, mtimes = [False] * n, [], [None] * n
    while (what := r.number()) != 0:
        value = Reader(r.take(r.number()))
        if what == 0x0e:
            empty = value.bits(n)
        elif what == 0x0f:
            files = value.bits(sum(empty))
        elif what == 0x11:
            assert value.le(1) == 0
            names = value.data[1:].decode("utf-16-le").split("\0")
            assert len(names) == n + 1 and names[n] == ""
            value.at = len(value.data)
        elif what == 0x14:
            there = value.defined(n)
            assert value.le(1) == 0
            mtimes = [value.le(8) // 10000000 - EPOCH if t else None
                      for t in there]
        else:
            assert what == 0x15
            value.take(2 + 4 * n)
        assert value.at == len(value.data), "property %d" % what
    assert r.number() == 0 and r.at == len(header)
    files += [False] * (sum(empty) - len(files))
    out = []
    for name, no_stream, mtime in zip(names, empty, mtimes):
        content = streams.pop(0) if not no_stream else b"" if files.pop(
            0) else None
        out.append(Member(name, content, mtime))
    assert not streams
    return out


def sevenz_number(v):
    n = 0
    while n < 8 and v >> 7 * n + 7:
        n += 1
    first = 0xff00 >> n & 0xff | (v >> 8 * n if n < 8 else 0)
    return bytes([first]) + (v & (1 << 8 * n) - 1).to_bytes(n, "little")


def sevenz_make(members):
    """A folder for each file: not as redact writes."""
    number = sevenz_number

    def bits(flags):
        text = "".join("01"[f] for f in flags)
        text += "0" * (-len(text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))

    def prop(what, value):
        return bytes([what]) + number(len(value)) + value

    full = [m.content for m in members if m.content]
    sizes = b"".join(number(len(c)) for c in full)
    h = b"\1\4\6" + number(0) + number(len(full)) + b"\x09" + sizes + b"\0"
    h += b"\x07\x0b" + number(len(full)) + b"\0" + b"\1\1\0" * len(full)
    h += b"\x0c" + sizes + b"\0\x08\x0a\1" + b"".join(struct.pack(
        "<I", zlib.crc32(c)) for c in full) + b"\0\0\5" + number(len(members))
    h += prop(0x0e, bits([not m.content for m in members]))
    h += prop(0x0f, bits([m.content is not None for m in members if
                          not m.content]))
    h += prop(0x11, b"\0" + "".join(m.name + "\0" for m in members).encode(
        "utf-16-le"))
    timed = [m.mtime is not None for m in members]
    h += prop(0x14, b"\0" + bits(timed) + b"\0" + b"".join(
        struct.pack("<Q", (m.mtime + EPOCH) * 10000000) for m in members if
        m.mtime is not None))
    h += prop(0x15, b"\1\0" + b"".join(struct.pack(
        "<I", 0x10 if m.content is None else 0x20) for m in members)) + b"\0\0"
    data = b"".join(full)
    start = struct.pack("<QQI", len(data), len(h), zlib.crc32(h))
    return SEVENZ + b"\0\4" + struct.pack("<I", zlib.crc32(start)) + start + \
        data + h


# ---- RAR 1.5 to 4 ----

def rar4_name(raw, unicode):
    if not unicode or b"\0" not in raw:
        return raw.decode()
    plain, r = raw[:raw.index(b"\0")], Reader(raw, raw.index(b"\0") + 1)
    high, out, flags = r.le(1), [], []
    while r.at < len(raw):
        if not flags:
            byte = r.le(1)
            flags = [byte >> s & 3 for s in (6, 4, 2, 0)]
            if r.at == len(raw):
                break
        how = flags.pop(0)
        if how == 3:
            n = r.le(1)
            assert n < 0x80
            out += plain[len(out):len(out) + n + 2]
        else:
            out.append(r.le(1) | high << 8 if how == 1 else r.le(1 + how // 2))
    return struct.pack("<%dH" % len(out), *out).decode("utf-16-le")


def dos_seconds(date, clock):
    return calendar.timegm((1980 + (date >> 9), date >> 5 & 15, date & 31,
                            clock >> 11, clock >> 5 & 63, (clock & 31) * 2))


def rar4_read(data):
    r, out, kinds = Reader(data, len(RAR4)), [], []
    while r.at < len(data):
        start = r.at
        crc, kind, flags, size = r.le(2), r.le(1), r.le(2), r.le(2)
        assert zlib.crc32(data[start + 2:start + size]) & 0xffff == crc
        kinds.append(kind)
        if kind == 0x74:
            packed, full, _, crc = r.le(4), r.le(4), r.le(1), r.le(4)
            clock, date = r.le(2), r.le(2)
            assert (r.le(1), r.le(1)) == (20, 0x30) and packed == full
            n, attributes = r.le(2), r.le(4)
            name = rar4_name(r.take(n), flags & 0x200).replace("\\", "/")
            mtime = dos_seconds(date, clock)
            if flags & 0x1000:
                mtime += r.le(2) >> 14 & 1
            folder = flags & 0xe0 == 0xe0
            assert folder == bool(attributes & 0x10)
            assert r.at == start + size
            content = r.take(full)
            assert zlib.crc32(content) == crc, "sum"
            out.append(Member(name, None if folder else content, mtime))
        r.at = max(r.at, start + size)
    assert kinds[0] == 0x73 and kinds[-1] == 0x7b
    return out


def rar4_make(members):
    """Names that are not ASCII are UTF-8 alone, as some write them."""
    def block(kind, flags, rest):
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xffff) + head

    out = RAR4 + block(0x73, 0, bytes(6))
    for m in members:
        folder, content = m.content is None, m.content or b""
        t = time.gmtime(m.mtime)
        name = m.name.replace("/", "\\").encode()
        flags = 0x8000 | (0xe0 if folder else 0) | \
            (0 if name.isascii() else 0x200) | 0x1000
        out += block(0x74, flags, struct.pack(
            "<IIBIHHBBHI", len(content), len(content), 2, zlib.crc32(content),
            t.tm_hour << 11 | t.tm_min << 5 | t.tm_sec // 2,
            t.tm_year - 1980 << 9 | t.tm_mon << 5 | t.tm_mday, 20, 0x30,
            len(name), 0x10 if folder else 0x20) + name + struct.pack(
                "<H", 0x8000 | t.tm_sec % 2 << 14)) + content
    return out + block(0x7b, 0x4000, b"")


# ---- RAR 5 ----

def rar5_read(data):
    r, out, kinds = Reader(data, len(RAR5)), [], []
    while r.at < len(data):
        crc, start = r.le(4), r.at
        end = r.vint() + r.at
        assert zlib.crc32(data[start:end]) == crc
        kind, flags = r.vint(), r.vint()
        extra = r.vint() if flags & 1 else 0
        size = r.vint() if flags & 2 else 0
        kinds.append(kind)
        if kind == 2:
            flags, full, attributes = r.vint(), r.vint(), r.vint()
            assert full == size
            mtime = r.le(4) if flags & 2 else None
            crc = r.le(4) if flags & 4 else None
            assert (r.vint(), r.vint()) == (0, 0)
            name = r.take(r.vint()).decode()
            assert r.at == end - extra
            while r.at < end:
                after = r.vint() + r.at
                assert (r.vint(), r.vint()) == (3, 2)
                mtime = r.le(8) // 10000000 - EPOCH
                assert r.at == after
            assert r.at == end
            content = r.take(full)
            folder = bool(flags & 1)
            assert folder == bool(attributes & 0x10)
            assert folder or zlib.crc32(content) == crc, "sum"
            out.append(Member(name, None if folder else content, mtime))
        r.at = max(r.at, end + size)
    assert kinds[0] == 1 and kinds[-1] == 5
    return out


def rar5_make(members, comment):
    """Times as Unix has them, and a comment."""
    def vint(v):
        out = b""
        while v > 0x7f:
            out, v = out + bytes([v & 0x7f | 0x80]), v >> 7
        return out + bytes([v])

    def block(head):
        head = vint(len(head)) + head
        return struct.pack("<I", zlib.crc32(head)) + head

    def record(kind, name, content, folder, mtime):
        return block(
            vint(kind) + vint(2) + vint(len(content)) +
            vint((1 if folder else 4) | (0 if mtime is None else 2)) +
            vint(len(content)) + vint(0x10 if folder else 0x20) +
            (b"" if mtime is None else struct.pack("<I", mtime)) +
            (b"" if folder else struct.pack("<I", zlib.crc32(content))) +
            vint(0) + vint(0) + vint(len(name)) + name) + content

    out = RAR5 + block(b"\1\0\0") + record(3, b"CMT", comment, False, None)
    for m in members:
        out += record(2, m.name.encode(), m.content or b"",
                      m.content is None, m.mtime)
    return out + block(b"\5\0\0")


# ---- all ----

def read(data):
    """The members; None: it is another kind of file."""
    for magic, reader in ((SEVENZ, sevenz_read), (RAR4, rar4_read),
                          (RAR5, rar5_read)):
        if data.startswith(magic):
            return reader(data)
    return None


def same(old, new):
    with open(old, "rb") as a, open(new, "rb") as b:
        a, b = a.read(), b.read()
    assert a[:7] == b[:7], "another kind"
    assert b"CMT" not in b, "a comment"
    a, b = read(a), read(b)
    assert [m.shape() for m in a] == [m.shape() for m in b], "shape"
    for x, y in zip(a, b):
        assert len(x.name) == len(y.name), (x.name, y.name)
        assert x.name.count("/") == y.name.count("/"), (x.name, y.name)


if __name__ == "__main__":
    assert sys.argv[1] == "same"
    same(*sys.argv[2:])
