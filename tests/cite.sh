#!/bin/sh
# Cuts the cited bytes of every fact and every `because` entry out of the
# samples by other means (Python's zipfile) and compares them with the value
# that is shown.  Relies on python3.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

python=${PYTHON3:-python3}
"$python" -c 'import zipfile' > /dev/null 2>&1 || skip_all 'no python3'

for sample in "$SAMPLES"/*; do
	name=${sample##*/}
	case $name in
	scenarios|README*|LICENSE*)
		continue
		;;
	esac
	why=$(unread "$sample")
	if [ -n "$why" ]; then
		skip "$name" "$why"
		continue
	fi
	"$AIKTRIAGE" facts --quiet --format=json "$sample" \
	    > "$work/facts" 2> /dev/null < /dev/null
	"$AIKTRIAGE" analyze --quiet --format=json "$sample" \
	    > "$work/report" 2> /dev/null < /dev/null
	"$python" "$srcdir/tests/cite.py" "$sample" "$work/facts" \
	    "$work/report" > "$work/out" 2>&1
	status=$?
	ok "$status" "$name: $(tail -n 1 "$work/out")"
	[ "$status" -eq 0 ] || diag "$work/out"
done
done_testing
