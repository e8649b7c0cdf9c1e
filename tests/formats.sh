#!/bin/sh
# The machine formats say the same as the JSON report, and are what they claim
# to be: NDJSON one line, CSV without formulas, SARIF by its structure, JUnit
# well-formed.  HTML and text tell the same verdict, findings and attempts.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

[ -n "${PYTHON3:-}" ] || skip_all 'no python3'
for name in ifx-ca042-renewed success-a scep-refused note-only \
    evidence-mixed capture-incomplete certreq-empty certreq-400-bare; do
	sample=$SAMPLES/$name
	for format in json ndjson csv sarif junit html text; do
		"$AIKTRIAGE" analyze --quiet --format=$format "$sample" \
		    > "$work/$format" 2> "$work/err"
		"$AIKTRIAGE" analyze --quiet --format=$format "$sample" \
		    > "$work/again" 2> "$work/err"
		cmp -s "$work/$format" "$work/again"
		ok $? "$name: $format is the same twice"
	done
	"$PYTHON3" "$srcdir/tests/formats.py" "$work" > "$work/out" 2>&1
	ok $? "$name: the formats agree"
	[ -s "$work/out" ] && diag "$work/out"
done
# Hostile names and texts: the only cell that may begin a formula is quoted.
mkdir "$work/=cmd|x"
printf '=HYPERLINK("http://example.invalid";"x")\n0x81039001\n' \
    > "$work/=cmd|x/@note.txt"
for format in json ndjson csv sarif junit html text; do
	"$AIKTRIAGE" analyze --quiet --format=$format "$work/=cmd|x" \
	    > "$work/$format" 2> "$work/err"
done
"$PYTHON3" "$srcdir/tests/formats.py" "$work" > "$work/out" 2>&1
ok $? 'hostile names: the formats agree'
[ -s "$work/out" ] && diag "$work/out"
done_testing
