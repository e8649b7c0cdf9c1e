#!/bin/sh
# Clusters of failures that are alike, cases that were sent twice, and
# outbreaks: the story of 2023-03-29 stands out of a year of mixed captures,
# and a year without one has none.  Shards joined tell what one batch tells.
# Relies on the forge, on tests/year.awk, and on sqlite3 for the databases.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

cd "$work" || exit 99
SQLITE=$(command -v sqlite3) || SQLITE=
"$AIKTRIAGE" --version | grep -q '^SQLite' || SQLITE=
: "${FORGE:=$builddir/tests/forge/forge}"

# year FILE NAME=VALUE...: lines of a made year.
year() {
	file=$1
	shift
	# shellcheck disable=SC2046  # names and values without blanks
	set -- $(printf ' -v %s' "$@")
	awk "$@" -f "$srcdir/tests/year.awk" > "$file"
}

# outbreaks FILE: how many stand in an output of clusters.
outbreaks() {
	grep -c '^{"number":' "$1"
}

# ---- years of made cases ----
found=
for seed in 1 2 3 4 5 6 7 8; do
	year quiet$seed seed=$seed
	"$AIKTRIAGE" merge -o clusters:quiet$seed.json quiet$seed 2> /dev/null
	found="$found $(outbreaks quiet$seed.json)"
done
is "$found" " 0 0 0 0 0 0 0 0" "years without an outbreak have none"
is "$(($(wc -l < quiet1) > 400))" 1 "they hold hundreds of cases"
year grown seed=3 more=3
"$AIKTRIAGE" merge -o clusters:grown.json grown 2> /dev/null
is "$(outbreaks grown.json)" 0 "that all captures become more is none"
year rush seed=3 rush=9
"$AIKTRIAGE" merge -o clusters:rush.json rush 2> /dev/null
is "$(outbreaks rush.json)" 0 "nor a week in which all are more"
year lull seed=3 lull=1 scale=8
"$AIKTRIAGE" merge -o clusters:lull.json lull 2> /dev/null
is "$(outbreaks lull.json)" 0 "nor one in which the others are missing"
found=
for seed in 1 2 3 4 5 6; do
	year loud$seed seed=$seed outbreak=$((6 + 2 * seed))
	"$AIKTRIAGE" merge -o clusters:loud$seed.json loud$seed 2> /dev/null
	found="$found $(outbreaks loud$seed.json)"
done
is "$found" " 1 1 1 1 1 1" "the story of 2023-03-29 stands out"
is "$(sed -n 's/^{"number":1,"signature":\(.*"peak":"[^"]*"\).*/\1/p' \
    loud6.json | sed 's/"expected":[0-9.]*,"chance_below":"1e-[0-9]*",//')" \
    '{"cause":"ek-issuer-renewed","stage":"PKIOperation-request","code":"HTTP 400","vendor":"IFX"},"by":"week","from":"2023-03-27","to":"2023-04-02","devices":18,"peak":"2023-03-29"' \
    "with its time, its day and all its CAs"
is "$(grep -c '"ca":"CA 04[234]".*"outbreak":1' loud6.json)" 6 \
    "and a mark on each of its clusters"
is "$(grep '^{"id"' loud6.json | grep -v '"ca":"CA 04' |
    grep -c '"outbreak"')" 0 "but on no other"
year one seed=6 outbreak=18 device=aa
"$AIKTRIAGE" merge -o clusters:one.json one 2> /dev/null
is "$(outbreaks one.json)" 0 "one device that tries often is none"
year early seed=6 outbreak=18
grep '"time":"2023-0[34]-[0-3]' early | grep -v '"time":"2023-03-[01]' \
    > begin
"$AIKTRIAGE" merge -o clusters:begin.json begin 2> /dev/null
is "$(outbreaks begin.json)" 0 "nor is what has nothing before it"
grep '"time":"2023-0[1234]' early > months
"$AIKTRIAGE" merge -o clusters:months.json months 2> /dev/null
is "$(grep -c '"by":"week","from":"2023-03-27"' months.json)" 1 \
    "four months are looked at by weeks"
grep '"time":"2023-0[234]' early > months
"$AIKTRIAGE" merge --force -o clusters:months.json months 2> /dev/null
is "$(grep -c '"by":"day","from":"2023-03-29","to":"2023-03-30"' \
    months.json)" 1 "three by days"
sed 's/"time":"2023-01-0[0-9]T/"time":"1980-01-05T/' early > clock
"$AIKTRIAGE" merge -o clusters:clock.json clock 2> /dev/null
is "$(grep -c '"from":"2023-03-27"' clock.json)$(outbreaks clock.json)" 11 \
    "a clock that is wrong hides nothing"

# Order and parts do not matter.
sed -n 'n;p' loud6 > odd
sed -n 'p;n' loud6 > even
"$AIKTRIAGE" merge -o clusters:parts.json -o csv:parts.csv \
    -o ndjson:parts.ndjson even odd 2> parts.err
is "$(cmp parts.json loud6.json 2>&1)" "" "shards give the same clusters"
is "$(cmp parts.ndjson loud6 2>&1)" "" "and the same lines"
is "$(($(wc -l < parts.csv)))" "$(($(wc -l < loud6) + 1))" "and a table"
is "$(grep -c '^aiktriage: OUTBREAK 2023-03-27 to 2023-04-02: ek-issuer-renewed at PKIOperation-request, HTTP 400, IFX: 18 devices, .* expected; 12 on 2023-03-29$' parts.err)" \
    1 "the outbreak is said"
run 0 "quietly" "$AIKTRIAGE" merge --quiet -o clusters:- loud6
is "$(cat err)" "" "where wanted"
run 2 "formats of batches alone" "$AIKTRIAGE" merge -o sarif:x loud6
run 2 "are none of analyze" "$AIKTRIAGE" analyze -o clusters:x loud6
run 2 "databases and lines" "$AIKTRIAGE" merge -o clusters:x --db y loud6
echo '{"batch":{"position":1,"path":7}}}x' > bad
run 3 "a line that is no JSON" "$AIKTRIAGE" merge -o clusters:x bad
complains 'bad:1: is no whole result' "is a mistake"
echo '{"batch":{"position":1,,"path":7}}' > bad
run 3 "nor is this" "$AIKTRIAGE" merge -o clusters:x bad
complains 'bad: case 1: ' "and it says where"
is "$([ -e x ] && echo there)" "" "nothing is left"

# ---- outliers ----
"$AIKTRIAGE" merge --quiet -o clusters:all.json loud6
is "$(grep '^{"id"' all.json | grep '"ca":"CA 043","firmware_family":"7.63"' |
    grep -c '"near"')" 0 "a cluster of some size is near none"
line='{"batch":{"position":9999,"path":"x","exit_status":0,"died":null,"stage":"GetCACaps","code":"0x80190194","vendor":"AMD","ca":"PRG-SSP","firmware_family":"3.*.2"},"verdict":{"outcome":"failed","cause":"authority-removed"}}'
echo "$line" > lone
"$AIKTRIAGE" merge --quiet -o clusters:lone.json --force loud6 lone
big=$(sed -n 's/^{"id":"\([0-9a-f]*\)",.*"ca":"PRG-SSP","firmware_family":"3.\*.0".*/\1/p' lone.json)
is "$(grep -c "\"firmware_family\":\"3.\*.2\"},\"cases\":1,.*\"alone\":true,\"near\":{\"cluster\":\"$big\",\"differs_in\":\"firmware_family\"}" lone.json)" \
    1 "a lone case says what keeps it from a big cluster"
echo "$line" | sed 's/PRG-SSP/PRG-XX/' > lone
"$AIKTRIAGE" merge --quiet -o clusters:lone.json --force loud6 lone
is "$(grep 'PRG-XX' lone.json | grep -c '"alone":true}')" 1 \
    "two differences are not near"
echo "$line" | sed 's/"code":"[^"]*"/"http_status":404/; s/3.\*.2/3.*.0/' \
    > lone
"$AIKTRIAGE" merge --quiet -o clusters:lone.json --force loud6 lone
is "$(grep -c '"position":9999' lone.json)" 0 \
    "404 and HTTP_E_STATUS_NOT_FOUND are one"

# ---- cases that were sent twice ----
twice() {
	sed -n 's/^{"position":\([0-9]*\),"duplicate_of":\([0-9]*\),"by":"\([a-z_]*\)"}.*/\1 \2 \3/p' "$1"
}
t='"time":"2023-05-05T10:00:00Z"'
b='"exit_status":0,"died":null,"stage":"connect"'
v='"verdict":{"outcome":"failed","cause":"made"}'
{
	echo "{\"batch\":{\"position\":1,\"path\":\"a\",$b,$t,\"transaction_id\":\"t1\"},\"case\":{\"id\":\"1\"},$v}"
	echo "{\"batch\":{\"position\":2,\"path\":\"b\",$b,$t,\"transaction_id\":\"t1\"},\"case\":{\"id\":\"2\"},$v}"
	echo "{\"batch\":{\"position\":3,\"path\":\"c\",$b,$t},\"escalation\":{\"request_ids\":[\"r1\",\"r2\"]},\"case\":{\"id\":\"3\"},$v}"
	echo "{\"batch\":{\"position\":4,\"path\":\"d\",$b,$t,\"transaction_id\":\"t4\"},\"escalation\":{\"request_ids\":[\"r1\",\"r2\"]},\"case\":{\"id\":\"4\"},$v}"
	echo "{\"batch\":{\"position\":5,\"path\":\"e\",$b,$t,\"transaction_id\":\"t5\"},\"escalation\":{\"request_ids\":[\"r1\",\"r2\"]},\"case\":{\"id\":\"5\"},$v}"
	echo "{\"batch\":{\"position\":6,\"path\":\"f\",$b},\"case\":{\"id\":\"6\"},$v}"
	echo "{\"batch\":{\"position\":7,\"path\":\"g\",$b},\"case\":{\"id\":\"6\"},$v}"
	echo "{\"batch\":{\"position\":8,\"path\":\"h\",$b,$t},\"case\":{\"id\":\"8\"},$v}"
	echo "{\"batch\":{\"position\":9,\"path\":\"i\",$b,$t},\"case\":{\"id\":\"8\"},$v}"
	echo "{\"batch\":{\"position\":10,\"path\":\"j\",$b,$t,\"transaction_id\":\"t9\",\"device\":\"aa\"},\"case\":{\"id\":\"10\"},$v}"
	echo "{\"batch\":{\"position\":11,\"path\":\"k\",$b,$t,\"transaction_id\":\"t9\",\"device\":\"bb\"},\"case\":{\"id\":\"11\"},$v}"
} > dup
run 0 "made duplicates" "$AIKTRIAGE" merge -o clusters:dup.json dup
complains '4 of them were sent before' "are counted"
is "$(twice dup.json | tr '\n' ';')" \
    '2 1 transaction_id;4 3 request_ids;5 3 request_ids;9 8 case_id;' \
    "by transaction, request ids and bytes"
is "$(grep -c '"cases":7,"share_percent":100.0,"duplicates":4,"devices_known":2' dup.json)" \
    1 "the cluster counts them once"

# ---- forged cases: a year, the story in it, some sent twice ----
# forge_case NAME SCENARIO TIME: the story at another time, by another device.
forge_case() {
	sed "s/seed=[^ ]*/seed=$1/; s/time=[^ ]*/time=$3/" \
	    "$SAMPLES/scenarios/$2.scenario" > scenario
	"$FORGE" --root "$srcdir/tests/forge" scenario "in/$1" ||
	    echo "forge: $1" >> broken
}
mkdir in
n=100
for day in 01-03 01-11 01-19 01-27 02-03 02-11 02-19 02-27 03-03 03-11 \
    03-19 03-27 04-11 05-11 06-11 07-11 08-11 09-11 10-11 11-11 12-11; do
	for story in amd-authority-removed dns-failure success-a; do
		n=$((n + 1))
		forge_case $n-$story $story \
		    "2023-${day}T09:$((n % 50 + 10)):00+01:00"
	done
done
for i in 1 2 3 4 5 6 7; do
	forge_case 20$i-wave ifx-ca042-renewed "2023-03-29T1$i:05:10+02:00"
	forge_case 21$i-wave ifx-ca039-renewed "2023-03-29T1$i:15:10+02:00"
done
cp -R in/201-wave in/301-again
cp in/202-wave/capture.saz in/302-again.saz
is "$(cat broken 2> /dev/null)" "" "the forge made all"
forge_case 303-alone authority-mismatch 2023-06-21T10:14:53+02:00
mkdir in/304-nothing
: > in/304-nothing/empty.txt
run 0 "a batch of forged cases" "$AIKTRIAGE" batch --case=dir in \
    -o clusters:forged.json -o ndjson:forged.ndjson -o csv:forged.csv \
    --state state ${SQLITE:+--db forged.db}
complains 'OUTBREAK 2023-03-27 to 2023-04-02: ' "has the outbreak"
complains '2 of them were sent before' "and two that were sent twice"
is "$(twice forged.json | cut -d ' ' -f 3 | tr '\n' ' ')" \
    'transaction_id transaction_id ' "by their transactions"
is "$(outbreaks forged.json)" 1 "one outbreak"
is "$(sed -n 's/^{"number":1,.*"cause":"\([^"]*\)".*"peak":"\([^"]*\)".*/\1 \2/p' \
    forged.json)" 'ek-issuer-renewed 2023-03-29' "the right one"
rm -rf in/304-nothing in/201-wave in/202-wave in/203-wave in/204-wave in/205-wave \
    in/206-wave in/207-wave in/21* in/301-again in/302-again.saz
run 0 "the year without it" "$AIKTRIAGE" batch --case=dir in \
    -o clusters:rest.json --state state
is "$(outbreaks rest.json)" 0 "has none"
for k in 1 2 3; do
	"$AIKTRIAGE" batch --quiet --case=dir "$SAMPLES" --shard $k/3 \
	    -o ndjson:part$k.ndjson --state state
done
"$AIKTRIAGE" batch --quiet --case=dir "$SAMPLES" --state state \
    -o clusters:whole.json -o csv:whole.csv -o junit:whole.xml
"$AIKTRIAGE" merge --quiet part3.ndjson part1.ndjson part2.ndjson \
    -o clusters:joined.json -o csv:joined.csv -o junit:joined.xml
for x in json csv xml; do
	is "$(cmp whole.$x joined.$x 2>&1)" "" \
	    "of all samples the shards joined give the same $x"
done

# ---- databases ----
if [ -z "$SQLITE" ]; then
	skip "the tables" "no sqlite3, or built without it"
	done_testing
fi
query() {
	"$SQLITE" -batch "$1" "$2"
}
run 3 "a database" "$AIKTRIAGE" batch --case=dir "$SAMPLES" --state state \
    --db one.db
for k in 1 2; do
	"$AIKTRIAGE" batch --quiet --case=dir "$SAMPLES" --shard $k/2 \
	    --db part$k.db --state state
done
"$AIKTRIAGE" merge --quiet --db joined.db part2.db part1.db
"$SQLITE" -batch one.db .dump > one.sql
"$SQLITE" -batch joined.db .dump > joined.sql
is "$(cmp one.sql joined.sql 2>&1)" "" "shards joined are the whole"
query one.db "SELECT cluster, cases, duplicates, devices_known FROM clusters
    ORDER BY cluster" > of-db
sed -n 's/^{"id":"\([0-9a-f]*\)",.*"cases":\([0-9]*\),.*"duplicates":\([0-9]*\),"devices_known":\([0-9]*\),.*/\1|\2|\3|\4/p' \
    whole.json | LC_ALL=C sort > of-json
is "$(cmp of-db of-json 2>&1)" "" "the clusters are those of the output"
is "$(query one.db "SELECT position, duplicate_of, duplicate_by
    FROM duplicates ORDER BY 1" | tr '|' ' ')" "$(twice whole.json)" \
    "and the duplicates"
is "$(query one.db "SELECT count(*) FROM outliers WHERE cases = 1")" \
    "$(grep -c '"alone":true' whole.json)" "and those that stand alone"
is "$(query one.db "SELECT count(*) FROM distinct_cases")" \
    "$(sed -n 's/.*"distinct":\([0-9]*\),.*/\1/p' whole.json)" \
    "views count each attempt once"
is "$(query one.db "SELECT DISTINCT week FROM cases
    WHERE time LIKE '2023-03-29%'")" 2023-W13 "weeks are those of ISO 8601"
bad=
if [ "$(date -d 2021-01-03 +%G-W%V 2> /dev/null)" = 2020-W53 ]; then
	for pair in $(query one.db "SELECT date(time) || '=' || week FROM cases
	    WHERE time IS NOT NULL"); do
		[ "$(date -d "${pair%=*}" +%G-W%V)" = "${pair#*=}" ] ||
		    bad="$bad $pair"
	done
fi
is "$bad" "" "as date(1) has them"
run 0 "forged cases in a database" "$AIKTRIAGE" merge --quiet \
    -o clusters:again.json forged.ndjson
is "$(cmp again.json forged.json 2>&1)" "" "lines tell the same again"

# The queries of the manual run and find something.
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$srcdir/man/aiktriage-db.5" |
    sed '/^\./d; s/\\&//g; s/\\-/-/g' > queries
n=0
while read -r statement; do
	n=$((n + 1))
	is "$(query forged.db "$statement" | wc -l | sed 's/ //g;
	    s/[1-9][0-9]*/some/')" some "aiktriage-db(5), query $n"
done < queries
is "$((n > 10))" 1 "there are queries in the manual"
bad=
for name in $(query forged.db "SELECT name FROM sqlite_master
    WHERE type IN ('table', 'view')") $(query forged.db "SELECT DISTINCT p.name
    FROM sqlite_master m JOIN pragma_table_info(m.name) p
    WHERE m.type = 'table'"); do
	grep -q "^\.\(It\|Ss\) .*\b$name\b" "$srcdir/man/aiktriage-db.5" ||
	    bad="$bad $name"
done
is "$bad" "" "every table, view and column stands in the manual"

done_testing
