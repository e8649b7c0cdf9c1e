"""Makes cases for the browser that no sample is: hostile strings wherever a
capture has strings, and a capture of 5,000 sessions.

Usage: browser_cases.py SAMPLES FOLDER.  Nothing in them is real.
"""
import json
import os
import sys
import zipfile

INJECTIONS = [
    "<script>window.hit=1</script>",
    "\"><img src=x onerror=window.hit=2>",
    "'><svg onload=window.hit=3>",
    "</pre></style></title></script><script>window.hit=4</script>",
    "javascript:window.hit=5",
    "<a href=javascript:window.hit=6>x</a>",
    "<meta http-equiv=refresh content=0;url=http://192.0.2.1/>",
    "<link rel=stylesheet href=http://192.0.2.1/x.css>",
    "--><!--", "]]>", "&#x3c;script&#x3e;", "\u202egnp.exe\u202c",
    "\u2066\u200b\u200f", "\x1b[2J", "${7*7}", "<base href=//192.0.2.1>",
    "<iframe src=http://192.0.2.1/></iframe>", "<p style=color:red>x",
]


def hostile_text(i):
    return INJECTIONS[i % len(INJECTIONS)]


def poison(value, count, key=""):
    """Adds an injection to every string that is free text."""
    if isinstance(value, dict):
        return {k: poison(v, count, k) for k, v in value.items()}
    if isinstance(value, list):
        return [poison(v, count, key) for v in value]
    if isinstance(value, str) and key in (
            "value", "comment", "statusText", "title", "serverIPAddress",
            "connection", "_error"):
        count[0] += 1
        return value + " " + hostile_text(count[0])
    return value


def hostile(samples, folder):
    os.makedirs(folder)
    with open(os.path.join(samples, "har-renewed", "capture.har"),
              encoding="utf-8") as f:
        har = json.load(f)
    count = [0]
    for entry in har["log"]["entries"]:
        for side in ("request", "response"):
            entry[side]["headers"] = poison(entry[side]["headers"], count,
                                            "headers")
        entry["comment"] = hostile_text(count[0])
        entry["response"]["statusText"] += hostile_text(0)
        text = entry["response"].get("content", {}).get("text", "")
        if text.startswith("{") and "Message" in text:
            message = json.loads(text)
            message["Message"] += " ".join(INJECTIONS)
            entry["response"]["content"]["text"] = json.dumps(message)
    har["log"]["creator"]["name"] += hostile_text(1)
    with open(os.path.join(folder, "<img src=x onerror=hit()>.har"), "w",
              encoding="utf-8") as f:
        json.dump(har, f)
    # The same length, so that the certificates stay readable.
    swaps = [
        (b"Infineon OPTIGA(TM) RSA Root CA", b"<img/src=x onerror=alert(1)>RSA"),
        (b"SCEP Protocol Certificate", b"<script>alert(1)</script>"),
        (b"RA Signing Certificate", b"<svg onload=alert(1)>!"),
        (b"No valid TPM EK/Platform certificate provided",
         b"No valid TPM EK/Platform certificate </script"),
    ]
    source = zipfile.ZipFile(os.path.join(samples, "ifx-ca042-renewed",
                                          "capture.saz"))
    with zipfile.ZipFile(os.path.join(folder, "a'b\"c&<d>.saz"), "w",
                         zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            data = source.read(info)
            for old, new in swaps:
                assert len(old) == len(new), (old, new)
                data = data.replace(old, new)
            out.writestr(info, data)
    with open(os.path.join(samples, "ifx-ca042-renewed", "certreq.txt"),
              "rb") as f:
        certreq = f.read()
    with open(os.path.join(folder, "certreq.txt"), "wb") as f:
        f.write(certreq + "".join(
            "\r\n0x81039001 %s" % s for s in INJECTIONS).encode())
    with open(os.path.join(folder, "note.txt"), "wb") as f:
        f.write(("The screen shows 0x81039001 and 0x80190190.\n" +
                 "\n".join(INJECTIONS)).encode())


SESSION = (
    '<?xml version="1.0" encoding="utf-8"?>\r\n'
    '<Session SID="%d" BitFlags="1"><SessionTimers ClientConnected="%s" '
    'ClientBeginRequest="%s" ClientDoneResponse="%s" /></Session>')


def stamp(ms):
    return "2023-03-29T%02d:%02d:%02d.%03d0000+02:00" % (
        14 + ms // 3600000, ms // 60000 % 60, ms // 1000 % 60, ms % 1000)


def many(samples, folder):
    """The sample's sessions, one try more, and others up to 5,000."""
    os.makedirs(folder)
    source = zipfile.ZipFile(os.path.join(samples, "ifx-ca042-renewed",
                                          "capture.saz"))
    names = [n for n in source.namelist() if n.endswith("_m.xml")]
    first = len(names) + 1
    capabilities = source.read("raw/11_c.txt")
    with zipfile.ZipFile(os.path.join(folder, "capture.saz"), "w",
                         zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            if not info.filename.startswith("raw/"):
                continue
            out.writestr(info, source.read(info))
        # A proxy wants GetCACaps of the first attempt to be asked again.
        out.writestr("raw/%04d_c.txt" % first, capabilities)
        out.writestr("raw/%04d_s.txt" % first, "HTTP/1.1 407 Proxy\r\n"
                     "Content-Length: 0\r\n\r\n")
        out.writestr("raw/%04d_m.xml" % first, SESSION % (
            first, stamp(310010), stamp(310010), stamp(310030)))
        for n in range(first + 1, 5001):
            ms = 300000 + (n * 7919) % 3000000
            host = "host%d.contoso.example" % (n % 40)
            out.writestr("raw/%04d_c.txt" % n,
                         "GET https://%s/ HTTP/1.1\r\nHost: %s\r\n\r\n"
                         % (host, host))
            out.writestr("raw/%04d_s.txt" % n,
                         "HTTP/1.1 %d OK\r\nContent-Length: 0\r\n\r\n"
                         % (200 if n % 50 else 503))
            out.writestr("raw/%04d_m.xml" % n, SESSION % (
                n, stamp(ms), stamp(ms), stamp(ms + 80)))


def main():
    samples, folder = sys.argv[1:]
    os.makedirs(folder)
    hostile(samples, os.path.join(folder, "hostile"))
    many(samples, os.path.join(folder, "many-sessions"))


main()
