"""Puts hostile strings into every captured field of samples and looks for
what they could do in each format.

Usage: injection.py PROGRAM SAMPLES WORK; writes TAP.  Each case is one value
of a sample with a hostile string before or behind it, so that a field which
would no longer be understood does not hide the others.
"""
import csv
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import xml.parsers.expat
import zipfile

program, samples, work = sys.argv[1:4]

# Terminal sequences, C1, markup, ends of CDATA and comments, marks of
# direction, of zero width and of tags, separators, surrogates, bytes that are
# no UTF-8, formats.  A line end would only begin another line of a text.
HOSTILE = (b"ja\xc3\xb1 \xe6\x97\xa5 \x1b[31m\x1b]0;title\x07\x1bP+q\x1b\\\x08\x7f\xc2\x9b31m"
           b"</pre></textarea></script><script>alert(1)</script>"
           b"\"'><img src=x onerror=alert(1)><!-- ]]> --> &lt; &#60;script&#62;"
           b"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xe2\x80\x8b\xef\xbb\xbf"
           b"\xf3\xa0\x81\x81\xe2\x80\xa8\xe2\x80\xa9\xc2\x85"
           b"\xed\xa0\x80\xed\xb0\x80\xff\xfe\xc0\xaf\xf4\x90\x80\x80"
           b"%s%n%x ${x} `id` $(id) \\u0000 \\x1b")
FORMULAS = [b"=cmd|' /c calc'!A1", b"+1+1", b"-1+1", b"@SUM(1)",
            b"\t=1+1", b"\r=1+1", b"\xef\xbc\x9d1+1"]
KEPT = "ja\u00f1 \u65e5"       # harmless, and has to arrive as it is
FORMATS = ["text", "json", "ndjson", "csv", "sarif", "junit", "html"]

count = failed = 0
kept = set()
seen_formulas = set()


def ok(good, name, comments=()):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", count, name))
    for comment in [] if good else list(comments)[:12]:
        print("# " + ascii(comment)[:300])


# ---- what must not stand in a report ----

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")


def plain(data, name):
    """Valid UTF-8 without what a terminal or a reader would act upon."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield "%s: %s" % (name, error)
        text = data.decode("utf-8", "replace")
    found = HIDDEN.search(text)
    if found:
        yield "%s: %r in %r" % (name, found.group(), text[
            max(0, found.start() - 60):found.end() + 20])
    if KEPT in text:
        kept.add(name)


def check_text(data):
    yield from plain(data, "text")


def check_color(data):
    yield from plain(re.sub(rb"\x1b\[[0-9;]*m", b"", data), "colour")


def check_json(data):
    yield from plain(data, "json")
    json.loads(data)


def check_ndjson(data):
    yield from plain(data, "ndjson")
    if data.count(b"\n") != 1:
        yield "ndjson: not one line"
    json.loads(data)


def check_sarif(data):
    yield from plain(data, "sarif")
    json.loads(data)


def check_csv(data):
    yield from plain(data.replace(b"\r\n", b"\n"), "csv")
    if data.count(b"\n") != data.count(b"\r\n"):
        yield "csv: a bare line end"
    rows = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"),
                                       newline="")))
    for row in rows:
        if len(row) != len(rows[0]):
            yield "csv: %d cells, not %d" % (len(row), len(rows[0]))
        for cell in row:
            if cell[:1] in tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20"):
                yield "csv: a formula: %s" % cell
            if cell[:1] == "'":
                seen_formulas.add(cell[1])


def check_junit(data):
    yield from plain(data, "junit")
    xml.parsers.expat.ParserCreate().Parse(data, True)


class Page(html.parser.HTMLParser):
    """Elements and attributes that only a capture would bring."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.bad, self.scripts, self.inside = [], [], None

    def handle_starttag(self, tag, attrs):
        self.inside = tag if tag in ("script", "style") else None
        if tag in ("img", "iframe", "object", "embed", "textarea", "form",
                   "base", "link"):
            self.bad.append("html: <%s>" % tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower(
                    ).startswith(("javascript:", "data:", "vbscript:")):
                self.bad.append("html: %s=%s" % (name, value))
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts[-1] += data

    def handle_comment(self, data):
        self.bad.append("html: a comment: %s" % data)


def page(data):
    parsed = Page()
    parsed.feed(data.decode("utf-8", "replace"))
    return parsed


def check_html(data):
    yield from plain(data, "html")
    parsed = page(data)
    yield from parsed.bad
    for script in parsed.scripts:
        if script not in own_scripts:
            yield "html: a script: %s" % script[:80]


CHECKS = {"text": check_text, "json": check_json, "ndjson": check_ndjson,
          "csv": check_csv, "sarif": check_sarif, "junit": check_junit,
          "html": check_html, "escalation": check_text, "color": check_color}


# ---- running ----

def call(arguments):
    done = subprocess.run([program] + arguments, capture_output=True,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def trouble(path, facts):
    """All that is wrong with what the program writes of a case."""
    out = os.path.join(work, "out")
    arguments = ["analyze", "-v", "--quiet", "--force", "--escalation",
                 out + ".escalation"]
    for name in FORMATS:
        arguments += ["-o", "%s:%s.%s" % (name, out, name)]
    status, _, err = call(arguments + [path])
    if status not in (0, 1, 3):
        yield "status %d: %r" % (status, err[-300:])
        return
    yield from plain(err, "standard error")
    for name in FORMATS + ["escalation"]:
        with open("%s.%s" % (out, name), "rb") as f:
            data = f.read()
        try:
            yield from CHECKS[name](data)
        except (ValueError, xml.parsers.expat.ExpatError) as error:
            yield "%s: %s" % (name, error)
    if not facts:
        return
    status, data, err = call(["analyze", "--color=always", path])
    yield from check_color(data)
    yield from plain(err, "standard error")
    status, data, err = call(["facts", path])
    yield from plain(data, "facts")
    status, data, err = call(["facts", "--json", path])
    yield from plain(data, "facts --json")
    for line in data.splitlines():
        json.loads(line)


def write(name, data):
    path = os.path.join(work, "case", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def run(title, cases):
    """cases: (what, name, bytes); one TAP line for all of them."""
    found, n = [], 0
    for what, name, data in cases:
        path = write(name, data)
        for problem in trouble(path, n % 5 == 0):
            found.append("%s: %s" % (what, problem))
        os.unlink(path)
        n += 1
    ok(n > 0 and not found, "%s (%d cases)" % (title, n), found)


def read(name):
    with open(os.path.join(samples, name), "rb") as f:
        return f.read()


# ---- the fields ----

def line_cases(name):
    """Every line of a text: a string behind it, or one behind its colon."""
    lines = read(name).splitlines(keepends=True)
    for i, line in enumerate(lines):
        body = line.rstrip(b"\r\n")
        if not body.strip():
            continue
        head, colon, value = body.partition(b":")
        if i % 2 == 0 or not colon:
            changed = body + b" " + HOSTILE
        else:
            changed = head + colon + b" " + FORMULAS[
                i % len(FORMULAS)] + value + HOSTILE
        yield ("line %d" % (i + 1), os.path.basename(name), b"".join(
            lines[:i] + [changed, line[len(body):]] + lines[i + 1:]))


def json_cases(name, reach):
    """Every string of the entries of a HAR that is reached."""
    report = json.loads(read(name))
    hostile = HOSTILE.decode("utf-8", "surrogateescape").encode(
        "utf-8", "replace").decode("utf-8", "replace") + "\x00\ud800\udc00\ud800"
    places = []

    def walk(value, setter, path):
        if isinstance(value, str):
            places.append((path, value, setter))
        elif isinstance(value, dict):
            for key in value:
                walk(value[key], lambda x, v=value, k=key:
                     v.__setitem__(k, x), path + "." + key)
        elif isinstance(value, list):
            for i in range(len(value)):
                walk(value[i], lambda x, v=value, k=i:
                     v.__setitem__(k, x), "%s[%d]" % (path, i))

    log = report["log"]
    walk(log["creator"], lambda x: None, "creator")
    for i in reach(log["entries"]):
        walk(log["entries"][i], lambda x: None, "entries[%d]" % i)
    for i, (path, value, setter) in enumerate(places):
        formula = FORMULAS[i % len(FORMULAS)].decode()
        setter(formula + value if i % 3 == 0 else value + hostile)
        yield path, os.path.basename(name), json.dumps(report).encode()
        setter(value)


def zip_bytes(members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members:
            z.writestr(zipfile.ZipInfo(name, (2023, 3, 29, 12, 0, 0)),
                       content)
    return data.getvalue()


def saz_cases(name, session):
    """Every header line, attribute and the body of one session."""
    with zipfile.ZipFile(os.path.join(samples, name)) as z:
        members = [(n, z.read(n)) for n in z.namelist()]
    base = os.path.basename(name)
    for k, (member, content) in enumerate(members):
        if not member.startswith("raw/%s_" % session):
            continue
        before, after = members[:k], members[k + 1:]

        def case(what, changed):
            return "%s %s" % (member, what), base, zip_bytes(
                before + [(member, changed)] + after)

        if member.endswith(".xml"):
            # XML cannot hold most of it: what it can, as references.
            text = ("&lt;script&gt;alert(1)&lt;/script&gt;&#27;[31m&#x202e;"
                    "&quot;&#133;ja\u00f1 \u65e5").encode()
            for i, m in enumerate(re.finditer(rb'="([^"]*)"', content)):
                formula = FORMULAS[i % len(FORMULAS)].strip()
                value = formula + m.group(1) if i % 3 == 0 else \
                    m.group(1) + text
                yield case("attribute %d" % i, content[:m.start(1)] + value +
                           content[m.end(1):])
            continue
        head, blank, body = content.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        for i, line in enumerate(lines):
            name_, colon, value = line.partition(b": ")
            if i % 2 == 1 and colon:
                changed = name_ + colon + FORMULAS[i % 5] + value
            else:
                changed = line + b" " + HOSTILE
            yield case("line %d" % i, b"\r\n".join(
                lines[:i] + [changed] + lines[i + 1:]) + blank + body)
        yield case("a header more", head + b"\r\nX-" + HOSTILE + b": " +
                   HOSTILE + blank + body)
        if body.startswith(b"{"):
            yield case("message", head + blank + body.replace(
                b'."}', b". " + HOSTILE.replace(b'"', b'\\"') + b'"}'))
            yield case("long message", head + blank + body.replace(
                b'."}', b". " + b"A" * (1 << 20) + b"\x1b[31m" + b'"}'))
            yield case("no JSON", head + blank + HOSTILE + b"\0" + body)


def name_cases():
    """Names of files, folders and members."""
    data = read("ifx-ca042-renewed/certreq.txt")
    bad = HOSTILE.replace(b"/", b"").replace(b"\0", b"")[:180]
    for i, name in enumerate([bad] + FORMULAS):
        name = name.replace(b"/", b"")
        yield "file %d" % i, os.fsdecode(name + b".txt"), data
        yield "folder %d" % i, os.fsdecode(name + b"/certreq.txt"), data
        member = name.decode("utf-8", "replace") + "/x.txt"
        yield "member %d" % i, "case.zip", zip_bytes([(member, data)])
    yield "a name of a drive", "case.zip", zip_bytes(
        [("C:\\Users\\a\x1b[2J\\../../x.txt", data)])


def main():
    global own_scripts
    out = os.path.join(work, "own.html")
    call(["--quiet", "-o", "html:" + out,
          os.path.join(samples, "ifx-ca042-renewed")])
    with open(out, "rb") as f:
        own_scripts = page(f.read()).scripts

    for name in [
            "ifx-ca042-renewed/certreq.txt",
            "ifx-ca042-renewed/autopilot.txt",
            "two-devices-in-texts/first.txt", "event87-german/event.txt",
            "amd-removed-event-xml/events.xml", "tool-not-ready/tpm.txt",
            "dsregcmd-join-refused/dsregcmd.txt", "note-only/note.txt",
            "mail-with-files/mail.eml"]:
        cases = list(line_cases(name))
        run("%s: lines" % name, cases[::len(cases) // 15 + 1])
    run("har-renewed: every string of an answer that failed", json_cases(
        "har-renewed/capture.har", lambda entries: [
            i for i, e in enumerate(entries)
            if e["response"]["status"] == 400][:1]))
    run("ifx-ca042-renewed: every field of a session that failed",
        saz_cases("ifx-ca042-renewed/capture.saz", "58"))
    run("names of files, folders and members", name_cases())
    text = read("ifx-ca042-renewed/certreq.txt")
    run("NUL and long lines", [
        ("NUL", "certreq.txt", text.replace(b"Message", b"Mess\0age", 1)),
        ("NUL in all", "certreq.txt", text.replace(b"e", b"e\0")),
        ("1 MB in a line", "certreq.txt", text.replace(
            b"provided", b"provided " + b"\xe2\x80\xae" * 350000, 1)),
        ("1 MB of a line", "note.txt", b"0x80190190 " + HOSTILE * 4000),
    ])
    missing = [n for n in FORMATS + ["facts", "facts --json"]
               if n not in kept]
    ok(not missing, "letters of every script arrive as they are", missing)
    ok({"=", "+", "-", "@"} <= seen_formulas,
       "formulas came as far as the guard", [sorted(seen_formulas)])
    print("1..%d" % count)
    return failed != 0


own_scripts = []
sys.exit(main())
