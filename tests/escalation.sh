#!/bin/sh
# The escalation pack: it holds what the service's support needs, tells several
# devices apart, and names no person, machine or file; every format has it.
# Relies on samples and python3 for the formats.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

# lines FILE: it is as narrow as a mail.
narrow() {
	is "$(awk 'length($0) > 80' "$1")" "" "$2: no line of more than 80"
}

# has TEXT...: each stands in $work/pack.
has() {
	for text in "$@"; do
		grep -qF -- "$text" "$work/pack"
		ok $? "the pack has: $text"
	done
}

# ---- one device ----
pack=$work/pack
run 0 'a pack is written' "$AIKTRIAGE" --quiet --escalation "$pack" \
    "$SAMPLES/ifx-ca042-renewed"
has 'fails at PKIOperation-request' \
    ifx-keyid-5d0815951f5f60638a69e7252f3ec4becd7554b2.microsoftaik.azure.net \
    'vendor IFX, firmware 7.85.4555.0, TPM 2.0, Windows 10.0.19045.2728' \
    'Infineon OPTIGA(TM) TPM 2.0 RSA CA 042' \
    'serial 5ff5747b, valid 2023-02-08 to 2043-02-08' \
    'serial 00f29ed2' 2023-03-29T12:05:12Z 'HTTP 400' 0x80190190 \
    181969b0-744a-4539-bbd4-1d745c378556 \
    6b854169-c5b7-4e12-a3a8-d2b40b861d73 \
    'No valid TPM EK/Platform certificate' \
    "aiktriage $("$AIKTRIAGE" --version | sed -n '1s/.* //p')"
for file in "$SAMPLES"/ifx-ca042-renewed/*; do
	has "$(sha256sum < "$file" | cut -c1-64)"
	grep -qF -- "${file##*/}" "$pack"
	ok $((1 - $?)) 'and not the name of the file'
done
narrow "$pack" 'one device'
run 2 'it is not replaced' "$AIKTRIAGE" --quiet --escalation "$pack" \
    "$SAMPLES/success-a"
has 'fails at'
run 0 'but with --force it is' "$AIKTRIAGE" --quiet --escalation "$pack" \
    --force "$SAMPLES/success-a"
has 'succeeds'
run 0 'a case without an attempt' "$AIKTRIAGE" --quiet --escalation "$pack" \
    --force "$SAMPLES/tool-not-ready"
is "$(ls "$work" | tr '\n' ' ')" 'err out pack ' 'nothing else is left over'
"$AIKTRIAGE" "$SAMPLES/success-a" > "$work/text" 2> /dev/null
grep -q '^Escalation' "$work/text"
ok $((1 - $?)) 'a report of a success asks for no escalation'
run 2 'a batch has no pack' "$AIKTRIAGE" batch --escalation x "$SAMPLES"

# ---- several devices ----
# section N: that part of the pack.
section() {
	sed -n "/^$1\\. Device/,/^\\($(($1 + 1))\\. Device\\|Evidence\\)/p" "$pack"
}
run 0 'two devices' "$AIKTRIAGE" --quiet --escalation "$pack" --force \
    "$SAMPLES/evidence-mixed"
section 1 > "$work/one"
section 2 > "$work/two"
for word in ifx-keyid- 7.85.4555.0 'Windows 10.0.19045.2728' \
    c0e984a4-f7cb-43f9-8d89-257b09ccb707 5ff5747b; do
	grep -qF "$word" "$work/one"
	ok $? "the first device: $word"
	grep -qF "$word" "$work/two"
	ok $((1 - $?)) "is not the second: $word"
done
for word in amd-keyid- 6.32.0.6 22999c40-3714-4667-8ecf-bc6aed5d481b; do
	grep -qF "$word" "$work/two"
	ok $? "the second device: $word"
	grep -qF "$word" "$work/one"
	ok $((1 - $?)) "is not the first: $word"
done
narrow "$pack" 'two devices'
run 0 'one of two succeeds' "$AIKTRIAGE" --quiet --escalation "$pack" \
    --force "$SAMPLES/two-devices-one-succeeds"
has '1. Device 1 fails at' '2. Device 2 succeeds'
narrow "$pack" 'one of two succeeds'

# ---- names ----
mkdir "$work/AIK-TEST-93-of-jroe"
sed 's/"Message":"[^"]*"/"Message":"AIK-TEST-93: jroe@corp.example at 10.20.30.40, 2001:db8::17 and 00-11-22-aa-bb-cc may not read C:\\\\Users\\\\jroe\\\\x; ask aik-test-93."/' \
    "$SAMPLES/two-devices-in-texts/first.txt" \
    > "$work/AIK-TEST-93-of-jroe/jroe.txt"
run 0 'names in messages and paths' "$AIKTRIAGE" --quiet \
    --escalation "$pack" --force -o "json:$work/json" \
    -o "sarif:$work/sarif" -o "junit:$work/junit" -o "csv:$work/csv" \
    -o "html:$work/html" "$work/AIK-TEST-93-of-jroe"
has machine-1 mail-1 address-1 address-2 address-3 user-1 \
    'Windows AIK enrolment' file-1 2afe578f-77b5-4a2f-9b08-acc30aeb6e9e
for name in AIK-TEST-93 jroe corp.example 10.20.30.40 2001:db8 \
    00-11-22-aa-bb-cc; do
	grep -qiF -- "$name" "$pack"
	ok $((1 - $?)) "the pack does not name $name"
done
# ---- names in the service's sentences ----
# message TEXT: a pack of a case whose message it is.
request=2afe578f-77b5-4a2f-9b08-acc30aeb6e9e
message() {
	awk -v m="$1" '{
		at = index($0, "\"Message\":\"")
		if (at > 0) {
			rest = substr($0, at + 11)
			$0 = substr($0, 1, at + 10) m \
			    substr(rest, index(rest, "\""))
		}
		print
	}' "$SAMPLES/two-devices-in-texts/first.txt" > "$work/said.txt"
	"$AIKTRIAGE" --quiet --escalation "$work/said" --force \
	    -o "json:$work/said.json" --force "$work/said.txt" \
	    2> "$work/err" || diag "$work/err"
	tr '\n' ' ' < "$work/said" | tr -s ' ' > "$work/said.line"
}
# names TEXT: none of these stands in it.
hidden() {
	message "$1"
	shift
	left=
	for name in "$@"; do
		grep -qiF -- "$name" "$work/said" "$work/said.line" &&
		    left="$left $name"
		python3 -c 'import json, sys
text = json.dumps(json.load(open(sys.argv[1]))["escalation"])
sys.exit(sys.argv[2].lower() in text.lower())' "$work/said.json" "$name" ||
		    left="$left json:$name"
	done
	is "$left" '' "hidden: $*"
}
# stays TEXT...: the last message says so still.
stays() {
	for text in "$@"; do
		grep -qF -- "$text" "$work/said.line"
		ok $? "but not: $text"
	done
}
if python3 -c 'import sys' 2> /dev/null; then
	guid=5e0f7c1a-33d2-4b7e-9c55-0a1b2c3d4e5f
	hidden 'Refused NORDHAUS\\\\tmeier and NORDHAUS\\\\KASSE7$ on it.' \
	    nordhaus tmeier kasse7
	stays 'Refused domain-1\\user-1 and domain-1\\machine-2$ on it.'
	hidden 'NT AUTHORITY\\\\SYSTEM reads C:\\\\Windows\\\\x\\\\aik.dll, HKLM\\\\SOFTWARE and System32\\\\certreq.exe.' kasse7
	stays 'NT AUTHORITY\\SYSTEM reads C:\\Windows\\x\\aik.dll, HKLM\\SOFTWARE and System32\\certreq.exe.'
	hidden 'No share \\\\\\\\filer03\\\\keys$; see \\\\Users\\\\tmeier\\\\aik' filer03 tmeier
	hidden 'user: tmeier, Computer name: KASSE7; Benutzer=vogt. Full name: Tina Meier is known; tmeier and KASSE7 are not.' \
	    tmeier kasse7 vogt Tina Meier
	stays 'is known; user-1 and machine-2 are not.'
	hidden 'user: not found, device name: unknown, certificate not valid' zz
	stays 'user: not found, device name: unknown, certificate not valid'
	hidden 'tmeier@KASSE7 and jörg.vogt@nord.example at DESKTOP-4F7QK2A' \
	    tmeier kasse7 vogt 'jö' 4F7QK2A
	hidden "tenant $guid, and again $guid" "$guid"
	hidden "The device with ID ($guid) is unknown" "$guid"
	stays 'is unknown'
	hidden "https://login.microsoftonline.com/$guid/oauth2" "$guid"
	hidden "SID S-1-12-1-3047262910-1148220761-2285040519-1107 refused" 3047262910
	hidden 'Serial number: PF3XK7QZ refused' PF3XK7QZ
	hidden 'certificate serial number: 00f29ed2a1, key 5d0815951f5f60638a69e7252f3ec4becd7554b2' zz
	stays 00f29ed2a1 5d0815951f5f60638a69e7252f3ec4becd7554b2
	hidden "request id $guid; correlation: $guid, device request $request, deviceid: $request" zz
	stays "request id $guid; correlation: $guid, device request $request, deviceid: $request"
	hidden 'first line\\n181969b0-744a-4539-bbd4-1d745c378556' zz
	stays 181969b0-744a-4539-bbd4-1d745c378556
else
	skip 'names in sentences' 'no python3'
fi

cat > "$work/parts.py" <<'P'
import csv
import html
import json
import re
import sys
import xml.dom.minidom

folder = sys.argv[1]
pack = open(f"{folder}/pack", encoding="utf-8").read()
report = json.load(open(f"{folder}/json", encoding="utf-8"))
run = json.load(open(f"{folder}/sarif", encoding="utf-8"))["runs"][0]
suite = xml.dom.minidom.parse(f"{folder}/junit").getElementsByTagName(
    "testsuite")[0]
page = html.unescape(open(f"{folder}/html", encoding="utf-8").read())
block = [n for n in suite.childNodes if n.nodeName == "system-out"]
row = next(csv.DictReader(open(f"{folder}/csv", newline="",
                               encoding="utf-8")))
host = report["escalation"]["hosts"][0]
checks = {
    "json: the text is the pack": report["escalation"]["text"] == pack,
    "json: the text tells the rules":
        report["tool"]["rules_sha256"] in pack,
    "sarif: the same object":
        run["properties"]["escalation"] == report["escalation"],
    "sarif: the rules": run["properties"]["rulesSha256"] ==
        report["tool"]["rules_sha256"],
    "junit: the text": len(block) == 1 and
        block[0].firstChild.data == pack,
    "html: the text": pack.strip() in page,
    "csv: the request": row["request_ids"].split() ==
        report["escalation"]["request_ids"] != [],
    "csv: the device": row["device"] == str(host["device"]),
    "json: no name in any part of it": not re.search(
        "aik-test-93|jroe|10[.]20|2001:db8",
        json.dumps(report["escalation"]), re.I),
    "json: digests": [a["sha256"] for a in report["escalation"]["artifacts"]]
        == [i["sha256"] for i in report["case"]["inputs"]],
}
for i, (name, good) in enumerate(checks.items()):
    print(int(not good), name)
P
if python3 -c 'import sys' 2> /dev/null; then
	python3 "$work/parts.py" "$work" > "$work/checks" 2> "$work/err" ||
	    diag "$work/err"
	is "$(wc -l < "$work/checks" | tr -d ' ')" 10 'all formats are compared'
	while read -r bad name; do
		ok "$bad" "$name"
	done < "$work/checks"
else
	skip 'the other formats' 'no python3'
fi

done_testing
