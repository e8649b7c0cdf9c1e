#!/bin/sh
# Validates the JSON report of every sample against the installed schema, and
# checks that the schema refuses a report with a key renamed or left out.
# Relies on Debian's python3-jsonschema.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

python=
for candidate in /usr/bin/python3 "${PYTHON3:-}" python3; do
	[ -n "$candidate" ] || continue
	if "$candidate" -c 'import jsonschema
jsonschema.Draft202012Validator' > /dev/null 2>&1; then
		python=$candidate
		break
	fi
done
[ -n "$python" ] || skip_all 'no python3 with jsonschema (python3-jsonschema)'

mkdir "$work/json"
for sample in "$SAMPLES"/*; do
	name=${sample##*/}
	case $name in
	scenarios|README*|LICENSE*)
		continue
		;;
	esac
	"$AIKTRIAGE" analyze --quiet --format=json "$sample" \
	    > "$work/json/$name.json" 2> /dev/null < /dev/null
done
# Trees of conditions stand in a report only where they are asked for.
"$AIKTRIAGE" analyze --quiet --format=json --why ek-issuer-renewed \
    --why scep-challenge-unanswered --why device-join-refused \
    "$SAMPLES/ifx-ca042-renewed" > "$work/json/why.json" 2> /dev/null \
    < /dev/null
# What no sample has: nothing readable at all.
: > "$work/empty"
"$AIKTRIAGE" analyze --quiet --format=json "$work/empty" \
    > "$work/json/nothing-readable.json" 2> /dev/null < /dev/null
# Lines of a batch, in which it has a place of its own.
for name in ifx-ca042-renewed amd-authority-removed success-a; do
	"$AIKTRIAGE" batch --quiet --case=dir --format ndjson \
	    "$SAMPLES/$name" > "$work/json/batch-$name.json" 2> /dev/null
done
# Facts and decoded trees have schemas of their own.
mkdir "$work/fact" "$work/decoded"
for name in ifx-ca042-renewed messages-opened dsregcmd-join-refused \
    tool-not-ready har-renewed event87-german; do
	"$AIKTRIAGE" facts --json "$SAMPLES/$name" > "$work/fact/$name" \
	    2> /dev/null < /dev/null
done
for file in "$SAMPLES"/messages-as-files/*; do
	"$AIKTRIAGE" decode --json "$file" \
	    > "$work/decoded/${file##*/}" 2> /dev/null < /dev/null
	[ -s "$work/decoded/${file##*/}" ] ||
	    rm "$work/decoded/${file##*/}"
done
status=0
for kind in fact.:facts decoded.:decode; do
	prefix=${kind%:*}
	"$python" "$srcdir/tests/schema.py" "$prefix" \
	    "$srcdir/schema/aiktriage-${kind#*:}.schema.json" \
	    "$srcdir/man/aiktriage-report.5" "$work/${prefix%.}"/* > "$work/tap" ||
	    status=1
	cat "$work/tap"
done > "$work/all"
"$python" "$srcdir/tests/schema.py" \
    "$srcdir/schema/aiktriage-report.schema.json" \
    "$srcdir/man/aiktriage-report.5" "$work"/json/*.json >> "$work/all" ||
    status=1
# One plan for all three.
sed '/^1\.\./d' "$work/all" | awk '
/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++n) }
{ print }
END { print "1.." n }'
exit $status
