#!/bin/sh
# Opens HTML reports in a real browser: clicks through them, compares every
# excerpt with the bytes of the evidence, measures contrast and layout, prints
# them, and tries to inject.  Relies on chromium, its driver and selenium.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

# Debian puts selenium beside its own python3.
python=
for p in "${PYTHON3:-}" python3 /usr/bin/python3; do
	if [ -n "$p" ] && "$p" -c 'import selenium' > /dev/null 2>&1; then
		python=$p
		break
	fi
done
[ -n "$python" ] || skip_all 'no python3 with selenium'
browser=$(command -v chromium || command -v chromium-browser) ||
    skip_all 'no chromium'
driver=$(command -v chromedriver) || skip_all 'no chromedriver'
# The driver is spoken to over the loopback.
getent hosts localhost > /dev/null || skip_all 'localhost has no address'

"$python" "$srcdir/tests/browser_cases.py" "$SAMPLES" "$work/cases" ||
    exit 99
for sample in ifx-ca042-renewed proxy-block-page capture-not-decrypted \
    success-a amd-removed-evtx two-devices-one-succeeds ek-chain-incomplete; do
	[ -d "$SAMPLES/$sample" ] && cp -R "$SAMPLES/$sample" "$work/cases/"
done
chmod -R u+w "$work/cases"
mkdir "$work/reports"
for case in "$work"/cases/*; do
	name=${case##*/}
	"$AIKTRIAGE" --quiet --format=html "$case" \
	    > "$work/reports/$name.html" 2> "$work/err" < /dev/null
	"$AIKTRIAGE" --quiet --format=html "$case" \
	    > "$work/again" 2> "$work/err" < /dev/null
	cmp -s "$work/reports/$name.html" "$work/again"
	ok $? "$name: the same twice"
	grep -q -F "$work" "$work/reports/$name.html"
	is $? 1 "$name: no path of this machine"
done
is "$(grep -c 'GetCACaps, another try' "$work/reports/many-sessions.html")" 2 \
    'a try that a later one has overtaken is drawn, and told'
"$python" "$srcdir/tests/browser.py" "$browser" "$driver" "$work" \
    > "$work/out" 2> "$work/err"
ok $? 'the browser ran to its end'
diag "$work/err"
while read -r state name; do
	case $state in
	ok) ok 0 "$name" ;;
	no) ok 1 "$name" ;;
	*) printf '%s\n' "$state $name" ;;
	esac
done < "$work/out"
done_testing
