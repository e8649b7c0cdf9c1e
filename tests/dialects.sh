#!/bin/sh
# One story in every form in which it may arrive: writers of captures, names,
# passwords, HAR of five programs, text, archives in archives, mail, folders,
# standard input.  The facts of the attestation and the verdict are the same.
# Relies on the forge, unzip and python3.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

: "${FORGE:=$builddir/tests/forge/forge}"
python=${PYTHON3:-python3}
[ -x "$FORGE" ] || skip_all "the forge is not built"
"$python" -c 'import json' > /dev/null 2>&1 || skip_all 'no python3'
scenario=$SAMPLES/scenarios/ifx-ca042-renewed.scenario
cd "$work" || exit 99

# make NAME LINE: the story's capture, and nothing else, in this form.
make() {
	grep -v '^\(saz\|store\|certreq\|autopilot\) ' "$scenario" > "$1.scenario"
	echo "$2" >> "$1.scenario"
	"$FORGE" --root "$srcdir/tests/forge" "$1.scenario" "$1" ||
	    echo "# forge failed: $2"
}

# told NAME MODES COMMAND...: the facts that the command gives.
told() {
	name=$1
	modes=$2
	shift 2
	"$@" --format json > facts 2> err < "${stdin:-/dev/null}"
	# shellcheck disable=SC2086  # a list of words
	"$python" "$srcdir/tests/dialects.py" facts $modes > "$name"
}

# same WHAT MODES INPUT [OPTION...]: as the first capture tells it.
same() {
	what=$1
	modes=$2
	input=$3
	shift 3
	told wanted "$modes" "$AIKTRIAGE" facts first/capture.saz
	told found "$modes" "$AIKTRIAGE" facts "$input" "$@"
	if [ -s found ] && diff wanted found > difference; then
		ok 0 "$what: the same facts"
	else
		ok 1 "$what: the same facts"
		diag difference
		diag err
	fi
	"$AIKTRIAGE" --json "$input" "$@" > report 2> err \
	    < "${stdin:-/dev/null}"
	is "$(verdict report)" "failed ek-issuer-renewed" \
	    "$what: the same verdict"
}

verdict() {
	"$python" -c '
import json, sys
v = json.load(open(sys.argv[1]))["verdict"]
print(v["outcome"], v["cause"])' "$1" 2>&1
}

make first 'saz style=A noise=60'

# ---- captures ----
for form in 'style=B' 'style=C' 'names=backslash' 'names=upper' \
    'names=parent' 'names=wide' 'style=C names=parent' 'flags=decimal'; do
	make next "saz $form noise=60"
	same "saz $form" '' next/capture.saz
done
make next 'saz meta=no noise=60'
same 'a capture without metadata' untimed next/capture.saz
echo 17 > passwords
printf 'no\nsecret\n' >> passwords
for method in zipcrypto aes128 aes256; do
	"$FORGE" damage $method=secret first/capture.saz locked.saz
	same "a capture locked with $method" '' locked.saz \
	    --password-file passwords
done
"$FORGE" damage junk-before first/capture.saz junk.saz
same 'a capture after junk' '' junk.saz
"$FORGE" damage no-directory first/capture.saz cut.saz
same 'a capture without a directory' '' cut.saz

# ---- other forms of sessions ----
for dialect in fiddler; do
	make next "har dialect=$dialect noise=60"
	same "HAR of $dialect" '' next/capture.har
done
for dialect in chrome edge firefox mitmproxy; do
	make next "har dialect=$dialect noise=60"
	same "HAR of $dialect" 'untunnelled ms' next/capture.har
done
make next 'sessions noise=60'
same 'sessions as text' untimed next/sessions.txt
mkdir utf16
"$python" -c '
import sys
data = open(sys.argv[1], encoding="utf-8-sig").read()
open(sys.argv[2], "w", encoding="utf-16", newline="").write(data)' \
    next/sessions.txt utf16/none 2> /dev/null
make next 'har dialect=chrome noise=60'
"$python" -c '
import sys
data = open(sys.argv[1], encoding="utf-8-sig", newline="").read()
open(sys.argv[2], "w", encoding="utf-16", newline="").write(data)' \
    next/capture.har utf16/capture.har
same 'HAR in UTF-16' 'untunnelled ms' utf16/capture.har

# ---- a folder of files ----
mkdir unpacked
(cd unpacked && unzip -q ../first/capture.saz)
same 'an unpacked capture' '' unpacked
same 'its folder raw' '' unpacked/raw
(cd unpacked && "$FORGE" pack tar.gz ../raw.tgz raw/*)
same 'its folder in a tar.gz' '' raw.tgz
(cd unpacked/raw && "$FORGE" pack zip ../../bare.zip ./*_?.*)
same 'its files in a ZIP' '' bare.zip
# shellcheck disable=SC2046  # a list of names
told wanted '' "$AIKTRIAGE" facts first/capture.saz
told found '' "$AIKTRIAGE" facts unpacked/raw/*_?.*
if diff wanted found > difference; then
	ok 0 'its files one by one: the same facts'
else
	ok 1 'its files one by one: the same facts'
	diag difference
fi

# ---- what it is sent in ----
cd first || exit 99
for kind in zip 7z tar v7tar tar.gz tar.bz2 tar.xz tar.zst cpio odc cab rar \
    rar4 mail mbox; do
	if ! "$FORGE" pack $kind ../packed capture.saz 2> ../err; then
		skip "a capture in $kind" "libarchive cannot write it"
		continue
	fi
	cd .. || exit 99
	same "a capture in $kind" '' packed
	cd first || exit 99
done
"$FORGE" pack gz ../capture.saz.gz capture.saz
"$FORGE" pack zip ../one.zip capture.saz
cd ..
same 'a capture in gz' '' capture.saz.gz
"$FORGE" pack mail two.eml one.zip
same 'a capture in a ZIP in a mail' '' two.eml
"$FORGE" pack 7z three.7z two.eml
same 'the same in a 7z' '' three.7z
"$FORGE" pack tar.gz four.tgz three.7z
"$AIKTRIAGE" --json four.tgz > report 2> err
is $? 3 'one level more is not opened'
if grep -q 'depth: ' report; then
	ok 0 'that is told'
else
	ok 1 'that is told'
fi
same 'one level more with a larger limit' '' four.tgz --limits depth=5
for input in first/capture.saz two.eml raw.tgz; do
	stdin=$input
	same "$input on standard input" '' -
done
unset stdin

# ---- texts: some archives keep them as they are, and are no texts ----
mkdir texts
cp "$SAMPLES/ifx-ca042-renewed/"*.txt texts/
"$AIKTRIAGE" --json texts > report 2> err
"$python" "$srcdir/tests/dialects.py" --findings report > wanted
for kind in zip 7z tar cpio odc cab rar rar4 mail; do
	(cd texts && "$FORGE" pack $kind ../packed ./*.txt) 2> err || continue
	"$AIKTRIAGE" --json packed > report 2> err
	"$python" "$srcdir/tests/dialects.py" --findings report > found
	if [ -s found ] && diff wanted found > difference; then
		ok 0 "texts in $kind: the same findings"
	else
		ok 1 "texts in $kind: the same findings"
		diag difference
	fi
done

# ---- every sample: as a folder, in an archive, nested, on standard input ----
bad=
for sample in "$SAMPLES"/*/; do
	sample=${sample%/}
	name=${sample##*/}
	[ "$name" = scenarios ] && continue
	rm -f packed.zip packed.tgz
	(cd "$sample" && find . -type f | sed 's,^\./,,' | sort |
	    tr '\n' '\0' | xargs -0 "$FORGE" pack tar.gz "$work/packed.tgz") &&
	"$FORGE" pack zip packed.zip packed.tgz
	"$AIKTRIAGE" --json "$sample" > report 2> err < /dev/null
	"$python" "$srcdir/tests/dialects.py" --findings report > wanted
	for way in packed.tgz packed.zip -; do
		"$AIKTRIAGE" --json "$way" > report 2> err < packed.zip
		"$python" "$srcdir/tests/dialects.py" --findings report \
		    > found
		diff wanted found > difference && continue
		bad="$bad $name:$way"
		echo "# $name, $way"
		diag difference
	done
done
is "$bad" '' 'every sample finds the same in archives and on standard input'

# ---- a tunnel that failed, and what came through after all ----
host=AMD-KeyId-907d65e9b562315997dd5ad086b2b7598957b92c.microsoftaik.azure.net
cat > through.txt << EOF
CONNECT $host:443 HTTP/1.1
Host: $host:443

HTTP/1.1 502 Fiddler - Connection Failed
Content-Type: text/html

[Fiddler] The connection to '$host' failed. <br />Error: TimedOut (0x274c).

GET https://$host/templates/Aik/scep?operation=GetCACaps HTTP/1.1
Host: $host

HTTP/1.1 404 Not Found
Date: Thu, 14 Dec 2023 18:22:40 GMT
Content-Type: application/json
x-ms-request-id: 181969b0-744a-4539-bbd4-1d745c378556

{"Message":"The authority \\"$host\\" does not exist."}
EOF
"$AIKTRIAGE" --json through.txt > report 2> err
is "$(verdict report)" 'failed authority-removed' \
    'the answer that came counts, not the tunnel before it'

# ---- wrong guesses ----
mkdir wrong wrong/raw
printf 'A list of all that\nis in the raw folder.\n' > wrong/raw/1_c.txt
printf 'Nothing.\n' > wrong/raw/1_s.txt
printf '{"log": "this is no archive of HTTP"}\n' > wrong/log.json
printf '{"log": {"entries": "none"}}\n' > wrong/entries.json
printf 'GET means to fetch. HTTP/1.1 200 OK is an answer.\n' > wrong/http.txt
printf 'From: somebody\nSubject: we ran certreq\n\nand it went well\n' \
    > wrong/mail.txt
(cd wrong && "$FORGE" pack zip ../wrong.zip raw/1_c.txt raw/1_s.txt log.json)
cp wrong.zip wrong/
"$AIKTRIAGE" --json wrong > report 2> err
is $? 0 'what only looks like something is a plain note'
is "$(verdict report)" 'undetermined None' 'and nobody is accused'
"$python" "$srcdir/tests/dialects.py" --findings report > found
is "$(grep '^finding' found)" '' 'nothing is found in it'

done_testing
