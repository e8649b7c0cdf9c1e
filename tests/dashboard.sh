#!/bin/sh
# The page of a batch: one file without network, the same from shards, text of
# captures never markup; in chromium it finds, filters, sorts and opens
# reports, by keyboard too, and can be read without scripts.
# Relies on tests/year.awk; on python3-selenium, chromium and chromium-driver
# for the browser.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

cd "$work" || exit 99

# ---- pages ----
awk -v seed=6 -v outbreak=18 -f "$srcdir/tests/year.awk" > year
run 0 "a page of lines" "$AIKTRIAGE" merge --quiet -o html:year.html year
run 3 "a page of a batch" "$AIKTRIAGE" batch --quiet --case=dir "$SAMPLES" \
    -o html:samples.html -o ndjson:samples.ndjson
for k in 1 2 3; do
	"$AIKTRIAGE" batch --quiet --case=dir "$SAMPLES" --shard $k/3 \
	    -o ndjson:part$k.ndjson
done
"$AIKTRIAGE" merge --quiet -o html:joined.html part3.ndjson part1.ndjson \
    part2.ndjson
is "$(cmp samples.html joined.html 2>&1)" "" "shards give the same page"
evil='</script><img src=x onerror=document.title=1><!--<script>\u202e\u2028\"'
sed '1!d; s|"path":"[^"]*"|"path":"EVIL"|; s|"sentence":"[^"]*"|"sentence":"EVIL"|; s|"next_step":"[^"]*"|"next_step":"EVIL"|; s|"vendor":"[^"]*"|"vendor":"EVIL"|; s|"cause":null|"cause":"EVIL"|; s|"outcome":"[^"]*"|"outcome":"EVIL"|; s|"inputs":\[\]|"inputs":[{"path":"EVIL","state":"partial","problems":["EVIL"]}]|; s|}}$|},"chain":["EVIL"],"findings":[{"rule":"EVIL","kind":"EVIL","title":"EVIL","because":[{"input":"EVIL","member":"EVIL","offset":1,"length":1,"field":"EVIL","value":"EVIL"}]}],"escalation":{"text":"EVIL\\nEVIL"}}|' \
    year | awk -v evil="$(printf '%s' "$evil" | sed 's/[\\&]/\\\\&/g')" \
    '{ gsub(/EVIL/, evil); print }' > evil
run 0 "a page of hostile lines" "$AIKTRIAGE" merge --quiet \
    -o html:evil.html evil
is "$(grep -c 'onerror' evil.html | sed 's/[1-9][0-9]*/some/')" some \
    "the text is there"
is "$(grep -c '<img\|<!--' evil.html)" 0 "but is no markup"
for page in year samples evil; do
	is "$(grep -c 'Content-Security-Policy" content="default-src .none.; style-src .sha256-[A-Za-z0-9+/=]*. .sha256-[A-Za-z0-9+/=]*.; script-src .sha256-[A-Za-z0-9+/=]*. .sha256-[A-Za-z0-9+/=]*.; base-uri' $page.html)" \
	    1 "$page: style and script are allowed by their digests alone"
	is "$(grep -o '<[a-z]*[^>]* \(style\|on[a-z]*\|src\)=' $page.html)" "" \
	    "$page: no attribute is code, none loads"
	is "$(grep -c '</script>' $page.html)" \
	    "$(grep -c '<script' $page.html)" \
	    "$page: every script ends where it should"
done
is "$(sed -n 's/.*<h1>\(.*\)/\1/p' year.html | cut -c 1-50)" \
    '530 cases; outbreak from 2023-03-27 on: ek-issuer-' "the head says most"
is "$(sed -n '/<div id="static">/,/<\/div>/p' year.html | grep -c '<tr>')" \
    201 "200 cases are there without scripts"
is "$(grep -c 'id="reports-[0-5]">' year.html)" 6 "reports come in parts"
printf '' > none
run 0 "a page of nothing" "$AIKTRIAGE" merge --quiet -o html:none.html none
is "$(grep -c '<h1>0 cases' none.html)" 1 "says so"
run 2 "a page that exists" "$AIKTRIAGE" merge -o html:none.html year
complains 'none.html exists; --force' "is not replaced"
run 2 "no page of one case" "$AIKTRIAGE" analyze -o clusters:x year

# ---- full reports beside it ----
mkdir few made "made/p ge"
cp -R "$SAMPLES/ifx-ca042-renewed" "$SAMPLES/dns-failure" few
: > few/empty.txt
run 3 "--reports" "$AIKTRIAGE" batch --quiet --case=dir few \
    -o "html:made/p ge/index.html" --reports "made/r ports" --state few.state
is "$(ls "made/r ports")" "case-000001.html
case-000002.html
case-000003.html" "a page a case"
is "$(grep -o 'href="\.\./r%20ports/case-000002.html"' \
    "made/p ge/index.html")" 'href="../r%20ports/case-000002.html"' \
    "and a link from its row"
"$AIKTRIAGE" analyze --quiet --format html few/ifx-ca042-renewed > alone.html
is "$(cmp alone.html "made/r ports/case-000003.html" 2>&1)" "" \
    "it is what analyze writes"
run 2 "a folder that holds something" "$AIKTRIAGE" batch few \
    --reports "made/r ports"
complains 'r ports holds something; --force' "is not written to"
run 3 "it is replaced" "$AIKTRIAGE" batch --case=dir few --force \
    -o html:few.html -o ndjson:few.ndjson --reports "made/r ports" \
    --state few.state
complains '3 of them were done before' "from what was kept"
is "$(cmp alone.html "made/r ports/case-000003.html" 2>&1)" "" \
    "which is the same"
run 3 "without pages" "$AIKTRIAGE" batch --case=dir few --force \
    -o ndjson:plain.ndjson --state few.state
is "$(grep -c 'were done before' err)" 0 "another result is kept"
is "$(cmp plain.ndjson few.ndjson 2>&1)" "" "that says the same"
"$AIKTRIAGE" merge --quiet --force -o html:merged.html \
    --reports "made/r ports" few.ndjson
is "$(cmp merged.html few.html 2>&1)" "" "merge links them, too"

# ---- the browser ----
python=
for candidate in /usr/bin/python3 "${PYTHON3:-}" python3; do
	[ -n "$candidate" ] || continue
	if "$candidate" -c 'import selenium.webdriver' > /dev/null 2>&1; then
		python=$candidate
		break
	fi
done
browser=$(command -v chromium || command -v chromium-browser)
if [ -z "$python" ] || [ -z "$browser" ] ||
    ! command -v chromedriver > /dev/null; then
	skip "in a browser" "no python3-selenium, chromium or chromium-driver"
	done_testing
fi
# The driver is spoken to over the loopback.
if ! getent hosts localhost > /dev/null; then
	skip "in a browser" "localhost has no address"
	done_testing
fi
mkdir browser
awk -v seed=6 -v scale=21 -f "$srcdir/tests/year.awk" > large
"$AIKTRIAGE" merge --quiet -o html:large.html large
HOME=$work/browser "$python" "$srcdir/tests/dashboard.py" "$work/year.html" \
    "$work/evil.html" "$work/samples.html" "$work/large.html" \
    "$work/browser/on" > said 2> why
status=$?
while read -r first rest; do
	if [ "$first" = ok ]; then
		ok 0 "$rest"
	else
		ok 1 "${rest#ok }"
	fi
done < said
is "$status" 0 "the browser came to the end"
[ $status -eq 0 ] || diag why

done_testing
