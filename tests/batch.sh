#!/bin/sh
# batch and merge: every case has its row in the order of the list, however
# many work at a time; whatever dies costs one row; a run that was killed goes
# on where it was; shards joined again are the whole.
# Relies on the samples, and on sqlite3 for the databases.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

cd "$work" || exit 99
SQLITE=$(command -v sqlite3) || SQLITE=
"$AIKTRIAGE" --version | grep -q '^SQLite' || SQLITE=

# query DATABASE STATEMENT
query() {
	"$SQLITE" -batch "$1" "$2"
}

dump() {
	"$SQLITE" -batch "$1" .dump
}

# field NAME FILE: of each line of NDJSON, what stands behind the name.
field() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$2"
}

# ---- the cases: samples, damaged ones, what cannot be read ----
mkdir in
for name in ifx-ca042-renewed success-a dns-failure certreq-success \
    note-only amd-authority-removed capture-not-decrypted; do
	cp -R "$SAMPLES/$name" "in/$name"
done
mkdir in/cut in/flipped in/empty-file in/zero
find "$SAMPLES/success-a" -name '*.saz' -exec head -c 9000 {} \; \
    > in/cut/capture.saz
tr 'PK' 'KP' < in/cut/capture.saz > in/flipped/capture.saz
: > in/zero/nothing.txt
: > "in/empty-file/=cmd|'x'!A1.txt"
mkfifo pipe
exec 3<> pipe
{
	find in -mindepth 1 -maxdepth 1 -type d | LC_ALL=C sort
	echo missing.saz
	mkdir hollow
	echo hollow
} > list

# ---- order and equality ----
for j in 1 2 5; do
	run 3 "-j $j" "$AIKTRIAGE" batch --quiet -j $j --files-from list \
	    -o ndjson:j$j.ndjson -o csv:j$j.csv -o junit:j$j.xml
done
is "$(sed 's/.*"path":"\([^"]*\)","exit.*/\1/' j1.ndjson)" "$(cat list)" \
    "one line a case, in the order of the list"
is "$(field position j1.ndjson | tr '\n' ' ')" \
    "$(seq 1 "$(wc -l < list)" | tr '\n' ' ')" "with its position"
for x in ndjson csv xml; do
	is "$(cmp j1.$x j2.$x 2>&1; cmp j1.$x j5.$x 2>&1)" "" \
	    "$x does not depend on how many work"
done
is "$(($(wc -l < j1.csv)))" "$(($(wc -l < list) + 1))" \
    "CSV has a head and a row a case"
is "$(grep -c '<testcase' j1.xml)" "$(($(wc -l < list)))" \
    "JUnit has a test a case"
is "$(grep -c "name=\"aiktriage batch\" tests=\"$(($(wc -l < list)))\"" \
    j1.xml)" 1 "and says how many"
for name in ifx-ca042-renewed success-a dns-failure certreq-success; do
	"$AIKTRIAGE" analyze --format ndjson "in/$name" 2> /dev/null |
	    sed 's/^{//' > alone
	grep "^{\"batch\":[^}]*\"path\":\"in/$name\"" j1.ndjson |
	    sed 's/^{"batch":{[^}]*},//' > together
	is "$(cmp alone together 2>&1)" "" \
	    "$name: the report is that of analyze"
done
run 3 "a device is a case, too, and says nothing" "$AIKTRIAGE" batch --files-from - \
    /dev/null
"$AIKTRIAGE" batch --files-from - < list > out 2> err
is "$(cmp out j1.ndjson 2>&1)" "" "a list may come from standard input"
is "$(grep -c "^aiktriage: $(($(wc -l < list))) cases: " err)" 1 \
    "the end says how many"
tr '\n' '\000' < list | "$AIKTRIAGE" batch --quiet --format csv -0 \
    --files-from - > out
is "$(cmp out j1.csv 2>&1)" "" "with -0 too, and CSV"
tr '\n' ' ' < list | xargs "$AIKTRIAGE" batch --format ndjson > out 2> err
is "$(sed 's/.*"path":"\([^"]*\)","exit.*/\1/' out | grep -c '^in/cut/')" 1 \
    "of a folder each file is a case"
"$AIKTRIAGE" batch --format ndjson --case=dir in > out 2> err
is "$(sed 's/.*"path":"\([^"]*\)","exit.*/\1/' out)" \
    "$(grep '^in/' list)" "or each folder in it, with --case=dir"
"$AIKTRIAGE" batch --format ndjson --case=dir in/success-a > out 2> err
is "$(sed 's/.*"path":"\([^"]*\)","exit.*/\1/' out)" in/success-a \
    "or itself, where it holds only files"

# ---- names that are code elsewhere ----
mkdir "odd"
printf 'x' > "odd/=1+1.txt"
printf 'x' > "$(printf 'odd/a\033[31m"<&\nb.txt')"
(cd odd && "$AIKTRIAGE" batch --quiet --format csv . > ../out)
(cd odd && "$AIKTRIAGE" batch --quiet --format csv --csv-bom . > ../bom)
is "$({ printf '\357\273\277'; cat out; } | cmp - bom 2>&1)" "" \
    "--csv-bom puts the mark before the same CSV"
is "$(grep -c "'=\|,\"=" out)" 0 "a path in a row is no formula"
printf '=1+1.txt\n' > names
(cd odd && "$AIKTRIAGE" batch --quiet --format csv --files-from ../names \
    > ../out)
is "$(grep -c "^\"1\",\"'=1+1.txt\"" out)" 1 "nor is one that begins so"
"$AIKTRIAGE" batch --format ndjson odd > out 2> err
is "$(($(wc -l < out)))" 2 "a line feed in a name is escaped in NDJSON"
"$AIKTRIAGE" batch --quiet --format junit odd > out
is "$(LC_ALL=C tr -d '\n\040-\176' < out | wc -c | tr -d ' ')" 0 \
    "and in JUnit"

# ---- what dies is one row ----
{ echo in/success-a; echo pipe; echo in/dns-failure; } > few
run 3 "a case that hangs" "$AIKTRIAGE" batch -j 2 --timeout 3 \
    --files-from few -o ndjson:hang.ndjson -o junit:hang.xml \
    -o csv:hang.csv --state hang.state
complains '1 of them did not finish' "is counted"
is "$(($(wc -l < hang.ndjson)))" 3 "it costs one row"
is "$(sed -n '2s/.*"died":\("[^"]*"\).*/\1/p' hang.ndjson)" \
    '"it took more than 3 seconds"' "which says why"
is "$(grep -c '<error message="it took more than 3 seconds"' hang.xml)" 1 \
    "an error in JUnit"
is "$(field outcome hang.ndjson | tr '\n' ' ')" \
    'succeeded undetermined failed ' "the others have their verdicts"

# children PID: those that it forked.
children() {
	cat "/proc/$1/task/$1/children" 2> /dev/null
}

"$AIKTRIAGE" batch --quiet --format ndjson -j 1 \
    --files-from few > crash.ndjson 2> err &
pid=$!
worker=
tries=0
while [ -z "$worker" ] && [ $tries -lt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
	[ "$(($(wc -l < crash.ndjson)))" -ge 0 ] || continue
	coordinator=$(children $pid)
	[ -n "$coordinator" ] || continue
	worker=$(children "${coordinator% }")
	# The one that stays is that of the pipe.
	sleep 0.3
	[ "$worker" = "$(children "${coordinator% }")" ] || worker=
done
if [ -n "$worker" ]; then
	# shellcheck disable=SC2086  # a number and a blank
	kill -ABRT $worker
	wait $pid
	is "$?" 3 "a worker that crashes"
	is "$(sed -n '2s/.*"died":\("[^"]*"\).*/\1/p' crash.ndjson)" \
	    '"it crashed: Aborted"' "is a row"
	is "$(($(wc -l < crash.ndjson)))" 3 "and the rest goes on"
else
	kill $pid
	wait $pid
	skip "a worker that crashes" "/proc does not tell children"
fi

# ---- interrupted ----
{ cat list; echo pipe; cat list; } > long
"$AIKTRIAGE" batch -j 2 --files-from long -o ndjson:int.ndjson \
    -o csv:int.csv --progress json 2> err &
pid=$!
sleep 2
kill -TERM $pid
wait $pid
is "$?" 3 "interrupted"
is "$(grep -c 'interrupted with' err)" 1 "it says so"
is "$(($(wc -l < int.ndjson) > 10 && $(wc -l < int.csv) > 10))" 1 \
    "and leaves what is done"
is "$(grep -cv '^{"batch":.*}$' int.ndjson)" 0 "in whole lines"
is "$(grep -c '"done":[0-9]*,"all":[0-9]*,.*"rate":.*"eta_s":' err | \
    sed 's/[1-9][0-9]*/some/')" some "progress as JSON"

# ---- what the status tells ----
run 0 "the batch's own status" "$AIKTRIAGE" batch --quiet --exit batch \
    --files-from list -o ndjson:e.ndjson
is "$(cmp e.ndjson j1.ndjson 2>&1)" "" "is another one, the results are not"
run 2 "what the status may tell" "$AIKTRIAGE" batch --exit sometimes in

# ---- outputs ----
run 2 "an output that exists" "$AIKTRIAGE" batch --files-from list \
    -o csv:j1.csv
complains 'j1.csv exists; --force' "is not replaced"
run 2 "a format that batches have not" "$AIKTRIAGE" batch in -o sarif:x
run 2 "a shard that is none" "$AIKTRIAGE" batch in --shard 5/4
run 2 "nothing to do" "$AIKTRIAGE" batch
run 2 "standard input is no case" "$AIKTRIAGE" batch -
if [ -c /dev/full ]; then
	run 3 "a full disk" "$AIKTRIAGE" batch --quiet --files-from list \
	    -o ndjson:/dev/full
	run 3 "the status of the batch, too" "$AIKTRIAGE" batch --quiet \
	    --exit batch --files-from list -o ndjson:/dev/full
fi

# ---- done before ----
run 3 "with --state" "$AIKTRIAGE" batch --files-from list --state state \
    -o ndjson:s1.ndjson
is "$(cmp s1.ndjson j1.ndjson 2>&1)" "" "the result is the same"
run 3 "a second run" "$AIKTRIAGE" batch --files-from list --state state \
    -o ndjson:s2.ndjson
is "$(cmp s2.ndjson j1.ndjson 2>&1)" "" "says the same"
complains "^aiktriage: $(($(wc -l < list))) of them were done before" \
    "without doing it again"
mv in/dns-failure in/moved
sed 's/dns-failure/moved/' list > list2
printf 'changed' >> in/note-only/note.txt 2> /dev/null
run 3 "changed and renamed cases" "$AIKTRIAGE" batch --files-from list2 \
    --state state -o ndjson:s3.ndjson
complains "^aiktriage: $(($(wc -l < list) - 2)) of them" "are done again"
run 3 "another option that matters" "$AIKTRIAGE" batch --files-from list2 \
    --state state --as-of 2024-01-01 -o ndjson:s4.ndjson
is "$(grep -c 'were done before' err)" 0 "does all again"
mv in/moved in/dns-failure
for f in state/*/*; do
	printf 'X' | dd of="$f" bs=1 seek=300 conv=notrunc 2> /dev/null
done
run 3 "stored results that are damaged" "$AIKTRIAGE" batch \
    --files-from list2 --state state -o ndjson:s5.ndjson
is "$(grep -c 'were done before' err)" 0 "are not believed"

# Killed at ten moments, then finished.
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	mkdir "in/k$i"
	cp "$SAMPLES/certreq-success/"* "in/k$i" 2> /dev/null
	echo "$i" > "in/k$i/number.txt"
	echo "in/k$i"
done > more
"$AIKTRIAGE" batch --quiet --files-from more -o ndjson:whole.ndjson
for i in 1 2 3 4 5 6 7 8 9 10; do
	"$AIKTRIAGE" batch --quiet -j 2 --files-from more --state killed \
	    -o ndjson:k.ndjson --force 2> /dev/null &
	pid=$!
	sleep "0.0$((i * 7 % 10))"
	kill -KILL $pid 2> /dev/null
	wait $pid 2> /dev/null
	[ ! -f k.ndjson ] || cmp -s k.ndjson whole.ndjson ||
	    echo "run $i left half an output"
done > halves
is "$(cat halves)" "" "no output of a killed run is half"
"$AIKTRIAGE" batch --quiet --files-from more --state killed -o ndjson:k.ndjson \
    --force
is "$(cmp k.ndjson whole.ndjson 2>&1)" "" \
    "after ten kills the result is that of an undisturbed run"

# ---- shards ----
for k in 1 2 3; do
	"$AIKTRIAGE" batch --quiet --files-from more --shard $k/3 \
	    -o ndjson:part$k.ndjson
done
is "$(($(wc -l < part1.ndjson) < 40 && $(wc -l < part2.ndjson) < 40))" 1 \
    "a shard is a part"
run 0 "merge" "$AIKTRIAGE" merge part3.ndjson part1.ndjson part2.ndjson \
    -o ndjson:merged.ndjson
is "$(cmp merged.ndjson whole.ndjson 2>&1)" "" \
    "the shards joined are the whole"
"$AIKTRIAGE" merge part2.ndjson part1.ndjson part2.ndjson part3.ndjson > out
is "$(cmp out whole.ndjson 2>&1)" "" "a shard that was done twice is one"
run 3 "different results of one case" "$AIKTRIAGE" merge whole.ndjson \
    j1.ndjson
complains 'have different results of case 1' "are a mistake"
"$AIKTRIAGE" merge --cases 40 part?.ndjson > out
is "$(cmp out whole.ndjson 2>&1)" "" "all of 40 cases have a result"
missing=$(field position part2.ndjson | paste -s -d ' ' -)
run 3 "a shard that is missing" "$AIKTRIAGE" merge --cases 40 part1.ndjson \
    part3.ndjson
is "$(sed -n 's/.* of 40 cases have no result: //p' err | tr ',' '\n' |
    while IFS=- read -r a b; do seq "$((a))" "$((${b:-$a}))"; done |
    paste -s -d ' ' -)" "$missing" "its cases are named"
is "$(($(wc -c < out)))" 0 "and nothing is written"
run 3 "a result too many" "$AIKTRIAGE" merge --cases 39 whole.ndjson
complains 'there is a result of case 40 of 39' "is a mistake"
head -c 1000 part1.ndjson > half.ndjson
run 3 "half a result" "$AIKTRIAGE" merge half.ndjson part2.ndjson
complains 'half.ndjson:1: is no whole result' "is a mistake"

# ---- the database ----
if [ -z "$SQLITE" ]; then
	skip "the database" "no sqlite3, or built without it"
	done_testing
fi
run 3 "--db" "$AIKTRIAGE" batch --quiet -j 1 --files-from list --timeout 5 \
    --db one.db
run 3 "--db with two" "$AIKTRIAGE" batch --quiet -j 2 --files-from list --db two.db
dump one.db > one.sql
dump two.db > two.sql
is "$(cmp one.sql two.sql 2>&1)" "" "both hold the same"
is "$(query one.db 'PRAGMA integrity_check')" ok "and are sound"
is "$(query one.db 'SELECT path FROM cases ORDER BY position')" \
    "$(cat list)" "a row a case"
is "$(query one.db "SELECT outcome, cause FROM cases
    WHERE path = 'in/ifx-ca042-renewed'")" 'failed|ek-issuer-renewed' \
    "with its cause"
is "$(query one.db 'SELECT count(*) > 0 FROM inputs' )$(query one.db \
    'SELECT count(*) > 0 FROM findings')$(query one.db \
    'SELECT count(*) > 0 FROM codes')$(query one.db \
    'SELECT count(*) > 0 FROM certificates')$(query one.db \
    'SELECT count(*) > 0 FROM attempts')$(query one.db \
    'SELECT count(*) > 0 FROM requests')" 111111 "no table is empty"
for k in 1 2 3; do
	"$AIKTRIAGE" batch --quiet --files-from list --shard $k/3 --db part$k.db
done
run 0 "merge of databases" "$AIKTRIAGE" merge --db merged.db part2.db \
    part3.db part1.db part2.db
dump merged.db > merged.sql
is "$(cmp merged.sql one.sql 2>&1)" "" "is the whole"
run 3 "a file that is no database" "$AIKTRIAGE" merge --db no.db part1.db \
    j1.csv
is "$([ -e no.db ] && echo there)" "" "leaves none"
run 0 "all of the cases" "$AIKTRIAGE" merge --db all.db part?.db \
    --cases $(($(wc -l < list)))
run 3 "a database that is missing" "$AIKTRIAGE" merge --db no.db part1.db \
    part3.db --cases $(($(wc -l < list)))
complains "of $(($(wc -l < list))) cases have no result: " "is said"
is "$([ -e no.db ] && echo there)" "" "leaves none"
query foreign.db 'CREATE TABLE cases(position)'
run 3 "another program's database" "$AIKTRIAGE" merge --db no.db foreign.db
complains 'is no database of a batch' "is refused"
run 3 "of a crash" "$AIKTRIAGE" batch --quiet --timeout 3 --files-from few \
    --db hang.db
is "$(query hang.db 'SELECT why FROM without_verdict')" \
    'it took more than 3 seconds' "the database says why"

done_testing
