"""Compares cited bytes with the values that are said to stand there.

Usage: cite.py SAMPLE FACTS REPORT.  Shares no code with the program: members
come from zipfile and email, DER is read by the few lines below.
"""
import base64
import datetime
import email
import email.utils
import html
import io
import json
import os
import re
import sys
import zipfile

cache = {}


def input_bytes(sample, path):
    """A path of the report begins with the last component of the argument."""
    base = os.path.basename(sample.rstrip("/"))
    if os.path.isdir(sample):
        if path.startswith(base + "/"):
            path = path[len(base) + 1:]
        path = os.path.join(sample, path)
    else:
        path = sample
    with open(path, "rb") as f:
        return f.read()


def cabinet(data):
    """Members of a cabinet of one folder that is stored, not packed."""
    def number(at, size):
        return int.from_bytes(data[at:at + size], "little")
    at, n = number(16, 4), number(28, 2)
    block, blocks = number(36, 4), number(40, 2)
    whole = b""
    for _ in range(blocks):
        size = number(block + 4, 2)
        whole += data[block + 8:block + 8 + size]
        block += 8 + size
    found = {}
    for _ in range(n):
        size, start = number(at, 4), number(at + 4, 4)
        end = data.index(b"\0", at + 16)
        found[data[at + 16:end].decode()] = whole[start:start + size]
        at = end + 1
    return found


def rar(data):
    """Members of a RAR of either version that are stored, not packed."""
    found = {}
    if data[6] == 0:
        at = 7
        while at < len(data):
            kind, flags = data[at + 2], int.from_bytes(data[at + 3:at + 5],
                                                       "little")
            size = int.from_bytes(data[at + 5:at + 7], "little")
            packed = 0
            if flags & 0x8000:
                packed = int.from_bytes(data[at + 7:at + 11], "little")
            if kind == 0x74:
                n = int.from_bytes(data[at + 26:at + 28], "little")
                found[data[at + 32:at + 32 + n].decode()] = \
                    data[at + size:at + size + packed]
            at += size + packed
        return found

    def number(at):
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if not data[at - 1] & 128:
                return value, at
    at = 8
    while at < len(data):
        size, start = number(at + 4)
        kind, p = number(start)
        flags, p = number(p)
        packed = 0
        if flags & 1:
            _, p = number(p)
        if flags & 2:
            packed, p = number(p)
        if kind == 2:
            for skip in (0, 0, 0, 4, 0):     # a CRC-32 before the fourth
                _, p = number(p + skip)
            n, p = number(p)
            found[data[p:p + n].decode()] = \
                data[start + size:start + size + packed]
        at = start + size + packed
    return found


def one_member(data, name):
    """Of a ZIP, or of a mail."""
    if data[:4] == b"MSCF":
        return cabinet(data)[name]
    if data[:4] == b"Rar!":
        return rar(data)[name]
    if zipfile.is_zipfile(io.BytesIO(data)):
        return zipfile.ZipFile(io.BytesIO(data)).read(name)
    for part in email.message_from_bytes(data).walk():
        if part.get_filename() == name:
            return part.get_payload(decode=True)
    raise KeyError(name)


def member_bytes(sample, path, member):
    key = path, member
    if key not in cache:
        data = input_bytes(sample, path)
        for level in member.split("!/") if member else []:
            data = one_member(data, level)
        cache[key] = data
    return cache[key]


def strings(value):
    """All strings of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key in value:
            yield from strings(value[key])
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def unstrung(text, via):
    """A string's bytes after the steps that an HTTP archive needs."""
    if via == ["base64"] or via == ["JSON string", "base64"]:
        return base64.b64decode(text, validate=True)
    if via[-1] == "Latin-1":
        return text.encode("latin-1")
    return text.encode("utf-8", "surrogatepass")


def stepped(data, via):
    """What the steps may have given; None: not undone here."""
    if not via:
        return [data]
    if via[0] == "quoted-printable":
        return [part.get_payload(decode=True) for part in
                email.message_from_bytes(data).walk()
                if part.get_content_maintype() == "text"]
    if b'"log"' in data[:64]:
        found = []
        for text in strings(json.loads(data.decode("utf-8-sig"))):
            try:
                found.append(unstrung(text, list(via)))
            except ValueError:
                pass
        return found
    if list(via) == ["hex"]:        # values of a registry export
        text = data.decode("latin-1").replace("\0", "")
        return [bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", block))
                for block in re.findall(r"=hex:([0-9A-Fa-f,\\\s]+)", text)
                if len(re.sub(r"[^0-9A-Fa-f]", "", block)) % 2 == 0]
    if list(via) == ["base64url"]:  # the answer of an EK service
        return [base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
                for text in re.findall(rb'"certificate":"([^"]+)"', data)]
    if list(via) != ["base64"]:
        return None
    text = data.decode("latin-1").replace("\0", "")
    return [base64.b64decode(re.sub(r"[^A-Za-z0-9+/=]", "", block))
            for block in re.findall(
                r"-----BEGIN [^-]*-----(.*?)-----END", text, re.S)]


def tlv(data, off=0):
    """Tag, content, end of the DER element at off."""
    tag = data[off]
    n = data[off + 1]
    off += 2
    if n & 0x80:
        k = n & 0x7f
        if k == 0 or k > 4:
            raise ValueError("length")
        n = int.from_bytes(data[off:off + k], "big")
        off += k
    if off + n > len(data):
        raise ValueError("cut")
    return tag, data[off:off + n], off + n


def whole_tlv(data):
    try:
        tag, content, end = tlv(data)
    except (IndexError, ValueError):
        return None, None
    return (tag, content) if end == len(data) else (None, None)


def der_leaves(data):
    """(tag, content) of every primitive element."""
    off = 0
    while off < len(data):
        tag, content, off = tlv(data, off)
        if tag & 0x20:
            yield from der_leaves(content)
        else:
            yield tag, content


def oid(content):
    values, n = [], 0
    for byte in content:
        n = n << 7 | byte & 0x7f
        if not byte & 0x80:
            values.append(n)
            n = 0
    first = min(values[0] // 40, 2)
    return ".".join(map(str, [first, values[0] - 40 * first] + values[1:]))


def der_string(tag, content):
    return content.decode("utf-16-be" if tag == 30 else
                          "latin-1" if tag == 20 else "utf-8", "replace")


def texts(data):
    """What these bytes may say as text."""
    yield data.decode("utf-8", "replace")
    for encoding in ("utf-16-le", "utf-16-be", "cp850", "cp1252", "cp437",
                     "cp866", "cp1251"):
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            pass
    # What exports of events escape: XML and CSV.
    for encoding in ("utf-8", "utf-16-le"):
        text = data.decode(encoding, "replace")
        if "&" in text:
            yield html.unescape(text)
        if '""' in text:
            yield text.replace('""', '"')
    tag, content = whole_tlv(data)
    if content is None:
        return
    if tag == 6:
        yield oid(content)
    elif tag in (4, 12, 18, 19, 20, 22, 26, 30) or tag & 0xc0 == 0x80:
        yield der_string(tag, content)
        yield content.hex()


# Values that are a word for an OID, by its bytes.
ALGORITHMS = {
    "2.16.840.1.101.3.4.2.1": {"sha256"},
    "1.3.14.3.2.26": {"sha1"},
    "2.16.840.1.101.3.4.2.2": {"sha384"},
    "2.16.840.1.101.3.4.2.3": {"sha512"},
    "2.16.840.1.101.3.4.1.2": {"aes-128-cbc"},
    "2.16.840.1.101.3.4.1.42": {"aes-256-cbc"},
    "1.2.840.113549.3.7": {"des-ede3-cbc"},
    "1.2.840.113549.1.1.1": {"rsaencryption"},
    "1.2.840.113549.1.1.5": {"sha1withrsaencryption"},
    "1.2.840.113549.1.1.11": {"sha256withrsaencryption"},
    "1.2.840.113549.1.1.12": {"sha384withrsaencryption"},
    "1.2.840.10045.4.3.2": {"ecdsa-with-sha256"},
}


def named_oid(data):
    try:
        return [oid(c) for t, c in der_leaves(data) if t == 6]
    except (IndexError, ValueError):
        return []


# TPM 2.0 Library Specification, Part 2: algorithms (6.3) and tags (6.9).
TPM_IDS = {0x0001: "RSA", 0x0004: "sha1", 0x000b: "sha256", 0x000c: "sha384",
           0x0010: "none", 0x0014: "RSASSA", 0x0023: "ECC",
           0x801a: "creation"}


def tpm_is(fact, data):
    """Numbers of TPM structures that are shown by their TCG names."""
    kind, value = fact["field"].split(".")[0], fact["value"]
    if kind not in ("public", "creation", "attest"):
        return False
    number = int.from_bytes(data, "big")
    if len(data) == 1:
        return value == str(number.bit_length() - 1)
    if len(data) == 8:
        return value == ".".join(str(int.from_bytes(data[i:i + 2], "big"))
                                 for i in range(0, 8, 2))
    return len(data) == 2 and TPM_IDS.get(number) == value


def text_is(fact, data):
    value = fact["value"]
    if tpm_is(fact, data):
        return True
    for text in texts(data):
        if value in (text, text.lower()):
            return True
        # JSON strings of a message, escaped in the source.
        if "\\" in text:
            try:
                if json.loads('"%s"' % text) == value:
                    return True
            except ValueError:
                pass
    tag, content = whole_tlv(data)
    if content is None:
        return False
    if tag == 0x30:
        # A Name: every string of it stands in the value, in this order.  An
        # algorithm or key: a word for it.
        oids = named_oid(data)
        if oids and any(value.lower() in ALGORITHMS.get(o, ()) for o in oids):
            return True
        if fact["field"] in ("cert.key", "cert.signature", "pkcs10.key",
                             "envelope.key_algorithm"):
            return bool(oids)
        at = 0
        for leaf, inner in der_leaves(content):
            if leaf == 6:
                continue
            plain = re.sub(r"\\(.)", r"\1", value)
            found = plain.find(der_string(leaf, inner), at)
            if found < 0:
                return False
            at = found
        return True
    return tag == 6 and any(value.lower() in ALGORITHMS.get(o, ())
                            for o in named_oid(data))


def numbers(data):
    for text in texts(data):
        for base in (10, 16):
            try:
                yield int(text.strip(), base)
            except ValueError:
                pass
    if len(data) in (1, 2, 4, 8):
        yield int.from_bytes(data, "little")
        yield int.from_bytes(data, "big")
    tag, content = whole_tlv(data)
    if tag in (2, 10):
        yield int.from_bytes(content, "big", signed=True)


def moments(data):
    tag, content = whole_tlv(data)
    if tag in (23, 24):
        text = content.decode("ascii")
        if tag == 23:
            text = ("19" if text[:2] >= "50" else "20") + text
        yield datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ")
    if len(data) == 8:
        # FILETIME of an event log: 100 ns since 1601.
        ticks = int.from_bytes(data, "little")
        if ticks < 1 << 61:
            yield datetime.datetime(1601, 1, 1) + datetime.timedelta(
                microseconds=ticks // 10)
    for text in texts(data):
        text = text.strip()
        try:
            yield email.utils.parsedate_to_datetime(text).astimezone(
                datetime.timezone.utc).replace(tzinfo=None)
        except (TypeError, ValueError, IndexError):
            pass
        match = re.fullmatch(
            r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s*"
            r"(Z|UTC|GMT|[+-]\d\d:?\d\d)?", text)
        if match:
            day, clock, part, zone = match.groups()
            moment = datetime.datetime.fromisoformat(day + "T" + clock)
            if part:
                moment += datetime.timedelta(
                    microseconds=int((part[1:] + "000000")[:6]))
            if zone and zone[0] in "+-":
                minutes = int(zone[1:3]) * 60 + int(zone[-2:])
                moment -= datetime.timedelta(
                    minutes=minutes if zone[0] == "+" else -minutes)
            yield moment


def time_is(fact, data):
    text = fact["value"].rstrip("Z")
    wanted = datetime.datetime.fromisoformat(
        (text + "000000")[:26] if "." in text else text)
    return any(m == wanted or m.replace(microsecond=0) == wanted
               for m in moments(data))


def bytes_is(fact, data):
    value = fact["value"]
    if data.hex() == value:
        return True
    _, content = whole_tlv(data)
    if content is not None and (content.hex() == value or
                                content.lstrip(b"\0").hex() == value):
        return True
    return any(re.sub(r"[^0-9a-f]", "", t.lower()) == value
               for t in texts(data))


def code_is(fact, data):
    wanted = int(fact["value"], 16)
    return any(n & 0xffffffff == wanted for n in numbers(data)) or \
        any(re.search(r"\b0*%x\b" % wanted, t, re.I) for t in texts(data))


CHECKS = {
    "text": text_is,
    "int": lambda f, d: int(f["value"]) in numbers(d),
    "time": time_is,
    "bytes": bytes_is,
    "code": code_is,
    # What is true may be any element; DER says FF.
    "bool": lambda f, d: len(d) > 0,
}


def main():
    sample, facts_path, report_path = sys.argv[1:]
    with open(facts_path, encoding="utf-8") as f:
        facts = [json.loads(line) for line in f]
    with open(report_path, encoding="utf-8") as f:
        report = json.load(f)
    bad = checked = 0
    known = set()
    for fact in facts:
        if "input" not in fact:
            continue
        place = (fact["input"], fact["member"], fact["offset"],
                 fact["length"], tuple(fact["via"]))
        known.add((fact["field"], fact["value"], fact["derived"]) + place)
        layers = stepped(member_bytes(sample, fact["input"], fact["member"]),
                         fact["via"])
        if layers is None:
            continue
        parts = [layer[fact["offset"]:fact["offset"] + fact["length"]]
                 for layer in layers]
        parts = [part for part in parts if len(part) == fact["length"]]
        if not parts:
            bad += 1
            print("outside of the member:", fact)
            continue
        if fact["derived"]:
            continue
        checked += 1
        if not any(CHECKS[fact["type"]](fact, part) for part in parts):
            bad += 1
            print("%s %s: %s %r is not %r" % (
                fact["item"], fact["field"], fact["type"],
                fact["value"][:100], parts[0][:100]))
    entries = 0
    for finding in report["findings"]:
        for entry in finding["because"]:
            if "gap" in entry:
                continue
            entries += 1
            key = (entry["field"], entry["value"],
                   entry.get("derived", False), entry["input"],
                   entry["member"], entry["offset"], entry["length"],
                   tuple(entry["via"]))
            if key not in known:
                bad += 1
                print("no such fact:", finding["rule"], entry)
    print("%d facts compared with their bytes, %d entries of findings, "
          "%d wrong" % (checked, entries, bad))
    return bad != 0 or checked == 0


sys.exit(main())
