"""
The secrets of a made case: plants each of a list in every place and coding
that evidence has, and looks for them afterwards in everything that can be
unpacked or decoded.  Relies on archives.py and bodies.py.

    redact.py plant SAZ DIR LIST     writes a case into DIR, its secrets to LIST
    redact.py arm SAZ OUT LIST       puts credentials into every message
    redact.py search LIST FILE...    says which are still there; 1 if any
    redact.py saz OLD NEW            the same members, order, methods, comment
    redact.py relation DIR           the same value has the same token
    redact.py note FILE LIST         a text to be locked up, its secret to LIST
    redact.py unlocked ZIP           no member is locked
"""
import base64
import gzip
import io
import json
import lzma
import os
import quopri
import re
import struct
import sys
import tarfile
import urllib.parse
import zipfile
import zlib

sys.dont_write_bytecode = True  # the folder may be another's
import archives  # noqa: E402
import bodies  # noqa: E402

ZIP_PASSWORD = b"tests/redact.sh knows it"

JWT = ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0."
       "eyJ1cG4iOiJ0aGVhLndpbnRlckBub3J0aHJpZGdlLWxhYnMuY29tIiwibiI6MX0."
       "c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4tdGhhdC1pcy1ub25l")
SECRETS = {
    "cookie": "Vq83nZkP0xCookieMonster7Yw",
    "cookie2": "sessABCDEF0123456789zz",
    "bearer": "opaqueBearer.T0ken-77x_secretvalue~1",
    "basic": base64.b64encode(b"thea.winter:Gr33n+Tea/9!").decode(),
    "password": "Gr33n+Tea/9!",
    "password2": "kein&Zucker<42>",
    "jwt": JWT,
    "sas": "k0AbCdEf%2Bgh1jKlMnOpQrStUvWxYz0123456789ABCD%3D",
    "client_secret": "8Q~cLiEnTsEcReTvAlUe.0123456789",
    "user": "thea.winter",
    "user2": "J\u00fcrgen Gro\u00dfkopf",
    "user3": "\u0418\u0440\u0438\u043d\u0430\u0417\u0438\u043c\u0430",
    "machine": "NRL-LT-00417",
    "domain": "northridge-labs",
    "mac": "8C-1D-96-4F-A2-07",
    "ip": "10.41.7.219",
    "ip6": "2a02:8108:9640:1f2c::7e41",
    "serial": "PF3XK7QZ",
    "sid": "S-1-5-21-3047262910-1148220761-2285040519-1107",
    "tenant": "6f2b1f0e-93c4-4a5d-8e0b-2d41c7a9e513",
    "device": "c0ffee12-77aa-4bcd-9e21-0a1b2c3d4e5f",
    "hash": base64.b64encode(bytes((i * 73 + 41) % 251 for i in
                                   range(3000))).decode(),
    "apikey": "apik_5f0c9d7e1b3a48c2",
    "tenant2": "7a1c2e3d-0b4f-4c6a-9d8e-5f6071829304",
    "device2": "91d5c8a0-3e2b-47f6-8a19-b0c1d2e3f405",
    "pin": "739154",
}
SECRETS["hash"] = "T0FM" + SECRETS["hash"][4:]
# Parts that would give a secret away, each looked for alone.
PARTS = {
    "sid": ["3047262910-1148220761-2285040519"],
    "sas": ["k0AbCdEf", "k0AbCdEf+gh1jKlMnOpQrStUvWxYz0123456789ABCD="],
    "hash": [SECRETS["hash"][400:460]],
    "jwt": JWT.split("."),
}
# What only a body of this encoding has, and what a locked archive has.
ONLY = {"br": "0nly.In-Br0tli+x", "zstd": "0nly.In-Zst4nd_y",
        "locked": "B3hind.The-L0ck"}
LINES = """Computer name: {machine}
Device name : {machine}.{domain}.com
User name: {user}
Logged on as NRL\\{user} from C:\\Users\\{user}\\AppData\\Local
UPN={user}@{domain}.com tenant {domain}.onmicrosoft.com
Serial number: {serial}
TenantId: {tenant}
DeviceId = {{{device}}}
Physical Address: {mac}
IPv4 Address: {ip}
IPv6 Address: {ip6}
SID {sid}
password={password}
api-key: {apikey}
Authorization: Bearer {bearer}
see https://{user}:tr0ub4dor-and-3@files.{domain}.com/a?sig={sas}&x=1
token is {jwt} ok
Full name: {user2}
We found the tenant id: {tenant2}; the device with ID ({device2}) is gone.
"""
COMMENT = "c0mment-0f-a-rar"
SECRETS["url_password"] = "tr0ub4dor-and-3"
CYRILLIC = "Computer: {machine}\r\nUser name: {user3}\r\n\u042d\u0442\u043e " \
    "\u0442\u0435\u043a\u0441\u0442 \u043f\u0440\u043e {user3}, " \
    "\u043d\u0435 \u0431\u043e\u043b\u0435\u0435 \u0442\u043e\u0433\u043e.\r\n"


def lines():
    return LINES.format(**SECRETS)


def document():
    keys = ("user", "user2", "user3", "machine", "password", "password2",
            "tenant", "serial", "ip", "mac", "sid", "pin")
    names = dict(user="userPrincipalName", user2="displayName",
                 user3="surname", machine="computerName",
                 password="password", password2="newPassword",
                 tenant="tenantId", serial="serialNumber", ip="clientIp",
                 mac="macAddress", sid="onPremisesSid", pin="pin")
    return {names[k]: SECRETS[k] for k in keys} | {
        "refresh_token": SECRETS["bearer"], "n": 5,
        "headers": [{"name": "Cookie", "value": "a=" + SECRETS["cookie"]}],
        "log": lines(),
        "inner": json.dumps({"client_secret": SECRETS["client_secret"]}),
    }


def form():
    return urllib.parse.urlencode({
        "username": SECRETS["user"] + "@" + SECRETS["domain"] + ".com",
        "password": SECRETS["password"], "newpwd": SECRETS["password2"],
        "client_secret": SECRETS["client_secret"], "user": SECRETS["user2"],
        "assertion": JWT})


def xml():
    def entity(text):
        return "".join(c if c.isalnum() and c < "\x7f" else "&#%d;" % ord(c)
                       for c in text)
    return ('<?xml version="1.0"?>\n<r><Password>%s</Password>'
            '<User name="x">%s</User><Machine>%s</Machine>'
            '<Data Name="SubjectUserName">%s</Data>'
            '<f N="x-clientIP" V="%s"/><!-- %s --><![CDATA[%s]]></r>\n' % (
                entity(SECRETS["password2"]), entity(SECRETS["user2"]),
                SECRETS["machine"], SECRETS["user"], SECRETS["ip"],
                SECRETS["user"], lines()))


def request():
    head = ("POST https://login.{domain}.com/oauth2/token?api_key={apikey}&"
            "sv=2020&sig={sas} HTTP/1.1\r\nHost: login.{domain}.com\r\n"
            "Cookie: c1={cookie}; c2={cookie2}\r\n"
            "Authorization: Bearer {bearer}\r\n"
            "Proxy-Authorization: Basic {basic}\r\n"
            "x-ms-refreshtokencredential: {jwt}\r\n"
            "X-Forwarded-For: {ip}\r\nReferer: https://{user}@x.test/\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: {length}\r\n\r\n").format(
                length=len(form()), **SECRETS)
    return (head + form()).encode()


def response(encoding, chunked, body):
    if encoding == "gzip":
        body = gzip.compress(body, mtime=0)
    elif encoding == "deflate":
        body = zlib.compress(body)
    elif encoding:
        body = bodies.CODERS[encoding][0](body)
    head = ("HTTP/1.1 200 OK\r\nDate: Wed, 29 Mar 2023 15:11:20 GMT\r\n"
            "Set-Cookie: c1=%s; path=/; HttpOnly\r\n"
            "Content-Type: application/json\r\n" % SECRETS["cookie"])
    if encoding:
        head += "Content-Encoding: %s\r\n" % encoding
    if chunked:
        head += "Transfer-Encoding: chunked\r\n\r\n"
        cut = max(1, len(body) // 3)
        parts = [body[i:i + cut] for i in range(0, len(body), cut)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts)
        body += b"0\r\n\r\n"
    else:
        head += "Content-Length: %d\r\n\r\n" % len(body)
    return head.encode() + body


def coded_body(coding):
    """A secret that stands nowhere else, so that no other place tells it."""
    return json.dumps(document() | {"password": ONLY[coding]}).encode()


def meta(number):
    return ('<?xml version="1.0" encoding="utf-8"?>\r\n<Session SID="%d" '
            'BitFlags="1"><SessionTimers ClientBeginRequest='
            '"2023-03-29T17:11:20.0000000+02:00" /><SessionFlags>'
            '<SessionFlag N="x-clientip" V="%s" />'
            '<SessionFlag N="x-processinfo" V="%s:17" />'
            '<SessionFlag N="ui-comments" V="on %s for %s" />'
            '</SessionFlags></Session>\r\n' % (
                number, SECRETS["ip"], "browser", SECRETS["machine"],
                SECRETS["user"])).encode()


def tools():
    """What Windows' own tools print, and other forms of programs."""
    return """Host Name . . . . . . . . . . . . : {machine}
   Primary Dns Suffix  . . . . . . . : {domain}.com
   DHCPv6 Client DUID. . . . . . . . : 00-01-00-01-2A-5F-11-22-{mac}
   Link-local IPv6 Address . . . . . : {ip6}%11(Preferred)
	Account Name:		{user}
	Account Domain:		{domain}
	Workstation Name:	{machine}
PS C:\\Users\\{user}> whoami
Username: NRL\\{user}
Machine: {machine} (Microsoft Windows NT 10.0.22621.0)
Host Application: C:\\WINDOWS\\powershell.exe -Password {password}
Registered Owner:          {user2}
SerialNumber={serial}
/home/{user}/.ssh and \\\\{machine}\\share$ on {machine}.{domain}.com
SCEP Certificate enrollment initialization for NRL\\{machine}$ via https://a/
2023-03-29 [{ip}]:4711 <{user}@{domain}.com> uid={user}
SharedAccessSignature sr=x&sig={sas}&se=1&skn=root
DefaultEndpointsProtocol=https;AccountName=a;AccountKey={secret};Suffix=x
curl -u {user}:{password} -H "Authorization: Bearer {bearer}" https://x.test
set-cookie: a={cookie}; path=/
{{"upn":"{user}@{domain}.com","deviceId":"{device}","nested":"{{\\"pin\\":\\"{pin}\\"}}"}}
""".replace("\\\\", "\\").format(secret=SECRETS["cookie2"], **SECRETS)


def soap():
    return ('<s:Envelope xmlns:s="x"><o:UsernameToken><o:Username>{user}'
            "@{domain}.com</o:Username><o:Password Type='t'>{apikey}"
            "</o:Password></o:UsernameToken><o:BinarySecurityToken "
            'ValueType="x">{cookie2}</o:BinarySecurityToken>'
            "<ac:ContextItem Name=\"DeviceID\"><ac:Value>{device}</ac:Value>"
            "</ac:ContextItem><ac:ContextItem Name='MAC'><ac:Value>{mac}"
            "</ac:Value></ac:ContextItem></s:Envelope>").format(**SECRETS)


def multipart():
    return ("--b1\r\nContent-Disposition: form-data; name=\"password\"\r\n"
            "\r\n{apikey}\r\n--b1\r\nContent-Disposition: form-data; "
            "name=\"user\"\r\n\r\n{user}\r\n--b1--\r\n").format(**SECRETS)


def har():
    def entry(text, encoding=None):
        content = {"size": len(text), "mimeType": "x", "text": text}
        if encoding:
            content["encoding"] = encoding
        return {
            "startedDateTime": "2023-03-29T15:11:20Z", "time": 1,
            "serverIPAddress": SECRETS["ip"], "connection": "1",
            "request": {
                "method": "GET", "url": "https://u.%s.com/?token=%s" % (
                    SECRETS["domain"], SECRETS["cookie"]),
                "httpVersion": "HTTP/1.1", "headersSize": -1, "bodySize": 0,
                "cookies": [{"name": "c", "value": SECRETS["cookie"]}],
                "headers": [{"name": "Authorization", "value": "Bearer " +
                             SECRETS["bearer"]}],
                "queryString": [{"name": "token",
                                 "value": SECRETS["cookie"]}],
                "postData": {"mimeType": "x", "params": [
                    {"name": "password", "value": SECRETS["password"]}]}},
            "response": {"status": 200, "statusText": "OK", "headers": [],
                         "cookies": [], "httpVersion": "HTTP/1.1",
                         "content": content, "redirectURL": "",
                         "headersSize": -1, "bodySize": len(text)},
            "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0}}
    return json.dumps({"log": {
        "version": "1.2", "creator": {"name": "x", "version": "1"},
        "entries": [entry(json.dumps(document())), entry(base64.b64encode(
            gzip.compress(lines().encode(), mtime=0)).decode(), "base64"),
            entry(xml())]}})


# Each with a value of its own: only what stands around it tells.
ALONE = [
    "Cookie: a=~; b=~", "Set-Cookie: a=~; path=/", "Authorization: Bearer ~",
    "Proxy-Authorization: Basic ~", "X-Api-Key: ~", "x-ms-token-x: ~",
    "Authorization: SharedKey acc:~", "GET /a?sig=~&x=1 HTTP/1.1",
    "https://h.test/?access_token=~", "https://h.test/#id_token=~&x=1",
    "https://bob:~@h.test/", "https://~:pw@h.test/", "password=~",
    "Password: ~", '"password":"~"', "'pwd': '~'", "<Password>~</Password>",
    '{"client_secret": "~"}', '{\\"secret\\":\\"~\\"}', "-Password ~",
    "--password=~", "/p:x /password:~", "PWD=~;", "AccountKey=~;",
    "SharedAccessKey=~", "refresh_token=~&x", "User name: ~",
    "Computer name: ~", "Device Name  : ~", "Host Name . . . : ~",
    "Serial number: ~", "SerialNumber=~", "User=~", '"upn":"~"',
    "<UserName>~</UserName>", '<Data Name="TargetUserName">~</Data>',
    '<td>PC name</td><td>~</td>', "C:\\Users\\~\\x",
    "C:\\\\Users\\\\~\\\\x", "/home/~/x", "file:///C:/Users/~/x",
    "mail ~@nowhere.test now", "<~@nowhere.test>", "name@~.test",
    "CORP\\~$ via", "computerName: ~", "Hardware Hash: ~",
    "MachineName: ~", "Logged on user: ~", "Full name: ~",
    "Benutzername: ~", "DeviceId = {!}", "TenantId: {!}", "DeviceID={!};x",
    "deviceid={!}&x=1", "Account Name:\t\t~", "Registered Owner:   ~",
    # In sentences, where no mark stands between word and name.
    "Computer name ~", "The user ~ signed in", "Benutzer ~ meldet",
    "user '~' failed", 'computer "~" failed', "host ~ is down",
    "logged on as ~", "running as ~", "on behalf of ~", "device name ~",
    "CORP\\~", "by CORP\\~.", "AzureAD\\~", "of user Corp\\~",
    "\\\\~\\share", "see \\\\~\\c$", "~@hostabc here", "admin@~:~#",
    '{"who":"CORP\\\\~"}', "From: ~ <x@y.test>", "ldap://~/x",
    "CN=~,CN=Computers,DC=corp,DC=test", "cn=~,ou=it,dc=corp,dc=test",
    "Rechnername: ~", "Ger\u00e4tename: ~", "Nom de l'ordinateur : ~",
    "Contrase\u00f1a: ~",
    "\u0418\u043c\u044f \u043f\u043e\u043b\u044c\u0437\u043e\u0432"
    "\u0430\u0442\u0435\u043b\u044f: ~",
    "\u30e6\u30fc\u30b6\u30fc\u540d: ~", "\u7528\u6237\u540d: ~",
    "the BitLocker recovery key: ~", "AWS_SECRET_ACCESS_KEY=~", "S/N: ~",
    "x-functions-key: ~", "curl -u u:~ https://x.test", "psexec -u u -p ~",
    "schtasks /ru CORP\\~ /rp x", "schtasks /ru a /rp ~",
    "q=We%20saw%20that%20CORP%5C~%20failed", "cs-uri=C%3A%5CUsers%5C~%5Cx",
    "Rename-Computer -NewName ~", "https://x.test/?code=~~&state=1",
]
# What a sentence says of nobody.
NOBODY = r"""user: not found, user account unknown, User Account Control
NT AUTHORITY\SYSTEM, BUILTIN\Users, HKLM\SOFTWARE, ACPI\MSFT0101
C:\Windows\System32\certreq.exe, Windows NT\CurrentVersion
machine x64, host ifx-keyid-5d0815951f5f60638a69e7252f3ec4becd7554b2
request id: 0b5e7a52-6c1d-4f0e-8a43-1d2f3a4b5c6e of the device
TPM Manufacturer Full Name: INTC, running as administrator, computer is off
"""


def alone():
    """Lines, and the values in them."""
    values = ["qz%02dvkwjx%02dy" % (i, i * 7 % 90 + 10)
              for i in range(len(ALONE))]
    values = ["%08x-5bc4-4a5d-8e0b-2d41c7a9e5%02d" % (0xd16e5700 + i, i) if
              "!" in t else v for i, (t, v) in enumerate(zip(ALONE, values))]
    return [t.replace("~", v).replace("!", v) for t, v in
            zip(ALONE, values)], values


def zip_bytes(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2023, 3, 29, 1, 2, 4)),
                             content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tar_bytes(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as t:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.uname = SECRETS["user"]
            t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def packed(text, body, inner):
    """Each kind, with what its members may be."""
    def member(name, content, seconds):
        return archives.Member(name, content, 1680102680 + seconds)
    folder = "Users/%s" % SECRETS["user"]
    members = [
        member("Users", None, 1), member(folder, None, 2),
        member(folder + "/log.txt", text.encode(), 3),
        member(folder + "/empty.txt", b"", 4),
        member("%s/%s.txt" % (folder, SECRETS["user2"]), b"\xff\xfe" +
               text.encode("utf-16-le"), 5),
        member("%s.json.gz" % SECRETS["user3"], gzip.compress(
            body, mtime=0), 6),
        member("inner.zip", inner, 7), member("inner.7z", archives.sevenz_make(
            [member(SECRETS["machine"] + ".json", body, 8)]), 9)]
    return [("case.7z", archives.sevenz_make(members + [
                archives.Member("timeless.txt", text.encode())])),
            ("none.7z", archives.SEVENZ + b"\0\4" + struct.pack(
                "<I", zlib.crc32(bytes(20))) + bytes(20)),
            ("case.rar", archives.rar5_make(members + [
                archives.Member("timeless.txt", text.encode())],
                ("by " + COMMENT).encode())),
            ("none.rar", archives.rar5_make([], b"nothing")),
            ("case4.rar", archives.rar4_make(members)),
            ("none4.rar", archives.rar4_make([]))]


def mail(attachment):
    text = quopri.encodestring(lines().encode()).decode()
    data = base64.encodebytes(attachment).decode()
    return ("From: {user2} <{user}@{domain}.com>\nTo: x@{domain}.com\n"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
            'boundary="bb"\n\n--bb\nContent-Type: text/plain; '
            "charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
            ).format(**SECRETS) + text + (
        '\n--bb\nContent-Type: application/zip; name="x.zip"\n'
        "Content-Transfer-Encoding: base64\n\n") + data + "--bb--\n"


def registry():
    def hexes(data):
        text, out = ",".join("%02x" % b for b in data), []
        while len(text) > 60:
            cut = text.rindex(",", 0, 60) + 1
            out.append(text[:cut])
            text = text[cut:]
        return "\\\r\n  ".join(out + [text])
    wide = (SECRETS["machine"] + "\0" + SECRETS["user"] + "\0\0").encode(
        "utf-16-le")
    return ('\ufeffWindows Registry Editor Version 5.00\r\n\r\n'
            '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Provisioning]\r\n'
            '"ComputerName"="%s"\r\n"Owner"=hex(7):%s\r\n'
            '"Home"="C:\\\\Users\\\\%s\\\\x"\r\n' % (
                SECRETS["machine"], hexes(wide), SECRETS["user"])
            ).encode("utf-16-le")


def plant(saz, folder, listing):
    os.makedirs(folder, exist_ok=True)

    def write(name, content):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else
                    content.encode())

    body = json.dumps(document()).encode()
    extra = [("raw/90_c.txt", request()),
             ("raw/90_s.txt", response("gzip", False, body)),
             ("raw/90_m.xml", meta(90)),
             ("raw/91_c.txt", request()),
             ("raw/91_s.txt", response("deflate", True, body)),
             ("raw/91_m.xml", meta(91)),
             ("raw/92_c.txt", request()),
             ("raw/92_s.txt", response("", True, xml().encode())),
             ("raw/92_m.xml", meta(92)),
             ("raw/93_c.txt", request()),
             ("raw/93_s.txt", response("gzip", True, base64.b64encode(
                 b"ab" + body))),
             ("raw/93_m.xml", meta(93)),
             ("raw/94_c.txt", b"POST http://a.test/ HTTP/1.1\r\n"
              b"Content-Type: multipart/form-data; boundary=b1\r\n"
              b"Content-Length: %d\r\n\r\n" % len(multipart()) +
              multipart().encode()),
             ("raw/94_s.txt", response("", False, soap().encode())),
             ("raw/94_m.xml", meta(94))]
    for number, coding in enumerate(bodies.CODERS, 95):
        extra += [("raw/%d_c.txt" % number, request()),
                  ("raw/%d_s.txt" % number, response(
                      coding, number % 2 == 0, coded_body(coding))),
                  ("raw/%d_m.xml" % number, meta(number))]
    out = io.BytesIO()
    with zipfile.ZipFile(saz) as old, zipfile.ZipFile(out, "w") as new:
        new.comment = old.comment
        for info in old.infolist():
            new.writestr(info, old.read(info), info.compress_type)
        for name, content in extra:
            new.writestr(zipfile.ZipInfo(name, (2023, 3, 29, 17, 11, 20)),
                         content, zipfile.ZIP_STORED if name.endswith("xml")
                         else zipfile.ZIP_DEFLATED)
    write("capture.saz", out.getvalue())
    text = lines()
    write("notes/utf8.txt", text)
    write("notes/bom.txt", b"\xef\xbb\xbf" + text.encode())
    write("notes/utf16le.txt", b"\xff\xfe" + text.encode("utf-16-le"))
    write("notes/utf16be.txt", b"\xfe\xff" + text.encode("utf-16-be"))
    write("notes/german.txt", ("\u00dcber den Rechner f\u00fcr \u00c4rger\r\n"
                               + text).encode("cp1252"))
    write("notes/russian1251.txt", CYRILLIC.format(**SECRETS).encode(
        "cp1251"))
    write("notes/russian866.txt", CYRILLIC.format(**SECRETS).encode("cp866"))
    write("document.json", json.dumps(document(), indent=1))
    write("document-utf8.json", json.dumps(document(),
                                              ensure_ascii=False))
    write("document.xml", xml())
    write("form.txt", form())
    for skip in range(3):
        write("coded/base64-%d.txt" % skip, "data: " + base64.b64encode(
            b"xyz"[:skip] + body).decode() + "\n")
        write("coded/plain-%d.txt" % skip, "value " + base64.b64encode(
            b"\x01\x02\x03"[:skip] + b" " + SECRETS["machine"].encode() +
            b" " + SECRETS["password"].encode() + b"\x80").decode() + "\n")
    write("coded/hex.txt", "blob: " + text.encode().hex() + "\n")
    write("coded/wide.txt", "wide: " + base64.b64encode(
        text.encode("utf-16-le")).decode() + "\n")
    write("coded/escapes.txt", "q=" + "".join(
        "%%%02x" % b for b in SECRETS["user"].encode()) + "&user=" +
        urllib.parse.quote(SECRETS["user2"]) + "\n")
    write("device.reg", registry())
    write("notes/tools.txt", tools())
    texts, values = alone()
    for number, one in enumerate(texts):
        write("alone/%02d.txt" % number, "before\r\n" + one +
              "\r\nafter\r\n")
    write("notes/nobody.txt", NOBODY)
    write("notes/tools16.txt", b"\xff\xfe" + tools().encode("utf-16-le"))
    write("soap.xml", soap())
    write("traffic.har", har())
    write("lines.ndjson", (json.dumps(document()) + "\n") * 2)
    write("table.csv", "Computer Name,User Name,Password\r\n%s,%s,%s\r\n" % (
        SECRETS["machine"], SECRETS["user"], SECRETS["apikey"]))
    write("DeviceHash_%s.csv" % SECRETS["machine"],
          "Device Serial Number,Windows Product ID,Hardware Hash\r\n"
          "%s,,%s\r\n" % (SECRETS["serial"], SECRETS["hash"]))
    inner = zip_bytes([("Users/%s/log.txt" % SECRETS["user"], text),
                       ("deep.json", body)])
    unknown = b"\0\1\2\xff\xfe" + SECRETS["machine"].encode() + bytes(
        range(256))
    write("nested.zip", zip_bytes([("inner.zip", inner), ("a.json", body),
                                   ("unknown.bin", unknown)]))
    packs = packed(text, body, inner)
    for name, content in packs:
        write("packed/" + name, content)
    write("packed/packs.zip", zip_bytes(packs))
    write("packed/packs.7z", archives.sevenz_make(
        [archives.Member(n, c, 1680102681) for n, c in packs]))
    write("logs.tar.gz", gzip.compress(tar_bytes(
        [("a.txt", text.encode()), ("b.zip", inner)]), mtime=0))
    write("logs.tar.xz", lzma.compress(tar_bytes([("a.txt",
                                                   text.encode())])))
    write("mail.eml", mail(inner))
    write("guid.txt", b"DeviceId: " + SECRETS["device"].upper().encode() +
          b"\n" + base64.b64encode(struct.pack("<IHH", 0xc0ffee12, 0x77aa,
                                               0x4bcd) + bytes.fromhex(
                                                   "9e210a1b2c3d4e5f"))
          + b"\n")
    with open(listing, "w", encoding="utf-8") as f:
        for key, value in sorted(SECRETS.items()):
            for part in [value] + PARTS.get(key, []):
                f.write("%s\t%s\n" % (key, part))
        for key in bodies.CODERS:
            f.write("only in %s\t%s\n" % (key, ONLY[key]))
        f.write("only in a comment\t%s\n" % COMMENT)
        for one, value in zip(texts, values):
            f.write("alone %s\t%s\n" % (re.sub("[^ -~]", "", one), value))


def arm(saz, out, listing):
    keys = "cookie", "cookie2", "bearer", "basic", "jwt", "apikey"
    with zipfile.ZipFile(saz) as a, zipfile.ZipFile(out, "w") as b:
        for info in a.infolist():
            data = a.read(info)
            first, _, rest = data.partition(b"\r\n")
            more = b""
            if info.filename.endswith("_c.txt") and b" HTTP/" in first:
                more = ("Cookie: c1={cookie}\r\n"
                        "Authorization: Bearer {bearer}\r\n"
                        "Proxy-Authorization: Basic {basic}\r\n"
                        "x-ms-refreshtokencredential: {jwt}\r\n")
                if not first.startswith(b"CONNECT"):
                    method, url, version = first.split(b" ")
                    url += b"&" if b"?" in url else b"?"
                    url += ("password={apikey}".format(**SECRETS)).encode()
                    first = b" ".join((method, url, version))
            elif info.filename.endswith("_s.txt") and first[:5] == b"HTTP/":
                more = ("Set-Cookie: s={cookie2}; path=/\r\n"
                        "x-ms-gateway-token: {jwt}\r\n"
                        "WWW-Authenticate: Bearer {bearer}\r\n")
            if more:
                data = first + b"\r\n" + more.format(
                    **SECRETS).encode() + rest
            b.writestr(info, data, info.compress_type)
    with open(listing, "w", encoding="utf-8") as f:
        for key in keys:
            # Rows of a hex dump cut long ones.
            for at in range(0, len(SECRETS[key]) - 7, 4):
                f.write("%s\t%s\n" % (key, SECRETS[key][at:at + 7]))


# ---- searching ----

def forms(value):
    plain = value.encode()
    yield "UTF-8", plain
    yield "UTF-16LE", value.encode("utf-16-le")
    yield "UTF-16BE", value.encode("utf-16-be")
    for page in "cp1252", "cp1251", "cp866":
        try:
            yield page, value.encode(page)
        except UnicodeEncodeError:
            pass
    yield "URL", urllib.parse.quote(value, safe="").encode()
    yield "form", urllib.parse.quote_plus(value).encode()
    yield "every URL", "".join("%%%02x" % b for b in plain).encode()
    yield "JSON", json.dumps(value)[1:-1].encode()
    yield "XML", value.replace("&", "&amp;").replace("<", "&lt;").encode()
    yield "hex", plain.hex().encode()
    yield "wide hex", value.encode("utf-16-le").hex().encode()
    for between in ",", " ", ":":
        yield "hex list", between.join("%02x" % b for b in plain).encode()
    for data in plain, value.encode("utf-16-le"):
        for skip in range(3):
            coded = base64.b64encode(b"\0" * skip + data)
            start = (skip * 8 + 5) // 6
            end = (len(data) + skip) * 8 // 6
            if end - start >= 6:
                yield "base64", coded[start:end]


def pieces(data, depth):
    """Everything that can be made of the bytes by unpacking or decoding."""
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.setpassword(ZIP_PASSWORD)
            for info in archive.infolist():
                yield "!" + info.filename, archive.read(info)
        return
    members = archives.read(data)
    if members is not None:
        yield "!names", "\n".join(m.name for m in members).encode()
        for m in members:
            yield "!" + m.name, m.content or b""
        return
    if data[:2] == b"\x1f\x8b":
        yield "!gz", gzip.decompress(data)
        return
    if data[:6] == b"\xfd7zXZ\0":
        yield "!xz", lzma.decompress(data)
        return
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for info in archive:
                if info.isfile():
                    yield "!" + info.name, archive.extractfile(info).read()
        return
    if data[:5] == b"HTTP/" and b"\r\n\r\n" in data:
        head, body = data.split(b"\r\n\r\n", 1)
        low = head.lower()
        if b"transfer-encoding: chunked" in low:
            joined, rest = b"", body
            while m := re.match(rb"([0-9a-fA-F]+)[^\r\n]*\r\n", rest):
                rest = rest[m.end():]
                joined += rest[:int(m.group(1), 16)]
                rest = rest[int(m.group(1), 16) + 2:]
            body = joined
        else:
            m = re.search(rb"content-length: (\d+)", low)
            assert not m or b"c1=" not in low or int(m.group(1)) == len(
                body), "length"
        if b"content-encoding: gzip" in low:
            body = gzip.decompress(body)
        elif b"content-encoding: deflate" in low:
            body = zlib.decompress(body)
        for name, (_, decode) in bodies.CODERS.items():
            if b"content-encoding: " + name.encode() in low:
                body = decode(body)
        yield "!body", body
    if depth > 6:
        return
    if b"quoted-printable" in data:
        yield "!qp", quopri.decodestring(data)
    for m in re.finditer(rb"(?:[A-Za-z0-9+/_-]{4}(?:\\[rn])*[\r\n]*){6,}"
                         rb"[A-Za-z0-9+/_-]{0,3}={0,2}", data):
        text = m.group(0).replace(b"-", b"+").replace(b"_", b"/")
        text = re.sub(rb"\\[rn]|[^A-Za-z0-9+/]", b"", text)
        for skip in range(4):
            part = text[skip:]
            part = part[:len(part) - (len(part) % 4 == 1)]
            yield "!base64", base64.b64decode(part + b"=" * (-len(part) % 4))
    for m in re.finditer(rb"(?:[0-9a-fA-F]{2}[ ,:-]?(?:\\\r\n  )?){8,}", data):
        text = re.sub(rb"[^0-9a-fA-F]", b"", m.group(0))
        yield "!hex", bytes.fromhex(text[:len(text) & ~1].decode())
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield "!text", data.decode("utf-16").encode()
    if b"%" in data:
        yield "!url", urllib.parse.unquote_to_bytes(data.replace(b"+", b" "))


GUESSED = "!base64", "!hex", "!url", "!qp"


def search(listing, paths):
    secrets = []
    with open(listing, encoding="utf-8") as f:
        for line in f:
            key, value = line.rstrip("\n").split("\t")
            secrets += [(key, how, form.lower()) for how, form in
                        forms(value)]
    found = set()

    def look(name, data, depth):
        low = data.lower()
        for key, how, form in secrets:
            if form in low:
                found.add("%s: %s as %s" % (name, key, how))
        if depth > 8:
            return
        coded = any(how in name for how in GUESSED)
        try:
            for more, content in pieces(data, depth):
                if content and content != data:
                    look(name + more, content, depth + 1 +
                         (more in GUESSED) * 3)
        except (ValueError, EOFError, OSError, zlib.error):
            if not coded:  # a guess may be wrong, a file may not
                raise

    for path in paths:
        for root, _, names in (os.walk(path) if os.path.isdir(path) else
                               [(os.path.dirname(path), [],
                                 [os.path.basename(path)])]):
            for name in names:
                with open(os.path.join(root, name), "rb") as f:
                    look(name, name.encode() + b"\n" + b"", 9)
                    f.seek(0)
                    look(name, f.read(), 0)
    for line in sorted(found):
        print(line)
    return 1 if found else 0


def same_saz(old, new):
    with zipfile.ZipFile(old) as a, zipfile.ZipFile(new) as b:
        assert b.testzip() is None
        assert a.comment == b.comment, "comment"
        for x, y in zip(a.infolist(), b.infolist(), strict=True):
            assert x.filename == y.filename, (x.filename, y.filename)
            assert x.compress_type == y.compress_type, x.filename
            assert x.date_time == y.date_time, x.filename
            assert x.external_attr == y.external_attr, x.filename
    return 0


def note(path, listing):
    with open(path, "w", encoding="utf-8") as f:
        f.write("password=%s\n%s" % (ONLY["locked"], lines()))
    with open(listing, "a", encoding="utf-8") as f:
        f.write("only behind a lock\t%s\n" % ONLY["locked"])
    return 0


def unlocked(path):
    with zipfile.ZipFile(path) as archive:
        return 1 if any(i.flag_bits & 1 or b"password=" not in archive.read(
            i) for i in archive.infolist()) else 0


def relation(folder):
    """The machine's name in every text is one token, and so the user's."""
    def read(name, how="utf-8"):
        with open(os.path.join(folder, name), "rb") as f:
            return f.read().decode(how)
    texts = [read("notes/utf8.txt"), read("notes/utf16le.txt", "utf-16"),
             read("notes/utf16be.txt", "utf-16"),
             read("notes/german.txt", "cp1252"),
             bytes.fromhex(read("coded/hex.txt").split(": ")[1]).decode(),
             base64.b64decode(read("coded/wide.txt").split(": ")[1]).decode(
                 "utf-16-le"),
             json.loads(read("document.json"))["log"]]
    for word in "Computer name", "User name", "TenantId", "Full name", "SID":
        values = {re.search(word + r":? *(.*)", t).group(1).strip() for t in
                  texts}
        assert len(values) == 1, (word, values)
    machine = re.search("Computer name: (.*)", texts[0]).group(1).strip()
    assert json.loads(read("document.json"))["computerName"] == machine
    assert read("notes/nobody.txt") == NOBODY, "nobody"
    assert os.path.exists(os.path.join(folder, "DeviceHash_%s.csv" % machine
                                       .upper())), "file name"
    return 0


def main():
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "plant":
        return plant(*arguments)
    if what == "arm":
        return arm(*arguments)
    if what == "search":
        return search(arguments[0], arguments[1:])
    if what == "note":
        return note(*arguments)
    if what == "unlocked":
        return unlocked(*arguments)
    if what == "saz":
        return same_saz(*arguments)
    return relation(*arguments)


if __name__ == "__main__":
    sys.exit(main())
