#!/bin/sh
# batch --watch: what arrives in a folder has one line, whole and once, when
# it is complete and not before; whoever is killed loses nothing and does
# nothing twice.
# Relies on inotify, on the samples, and on namespaces for a full disk.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

cd "$work" || exit 99
mkdir probe
: > probe.err
"$AIKTRIAGE" batch --watch probe 2> probe.err > /dev/null &
pid=$!
n=0
while [ ! -s probe.err ] && [ $n -lt 100 ]; do
	n=$((n + 1))
	sleep 0.05
done
kill $pid
wait $pid
grep -q 'needs inotify' probe.err && skip_all "there is no inotify"

pid=
trap '[ -z "$pid" ] || kill -KILL $pid; rm -rf "$work"' EXIT

# await NAME COMMAND...: until it is true, but no longer than 20 seconds.
await() {
	await_name=$1
	shift
	n=0
	until "$@"; do
		n=$((n + 1))
		if [ $n -gt 400 ]; then
			ok 1 "$await_name"
			[ ! -s watch.err ] || diag watch.err
			return
		fi
		sleep 0.05
	done
	ok 0 "$await_name"
}

# lines N: so many whole lines are there.
lines() {
	[ -f out.ndjson ] && [ "$(($(wc -l < out.ndjson)))" -eq "$1" ]
}

# said TEXT: the program said so.
said() {
	grep -q -e "$1" watch.err
}

begin() {
	: > watch.err
	"$AIKTRIAGE" batch --watch in --settle 1 -v "$@" 2> watch.err 4>&- &
	pid=$!
	n=0
	until said ': watching' || [ $n -gt 200 ]; do
		n=$((n + 1))
		sleep 0.05
	done
}

end() {
	kill -"$1" "$pid"
	wait "$pid"
	status=$?
	pid=
}

paths() {
	sed 's/.*"path":"\([^"]*\)","exit.*/\1/' out.ndjson
}

# ---- files ----
mkdir in
cp "$SAMPLES/note-only/note.txt" in/first.txt
cp "$SAMPLES"/success-a/*.saz a.saz
begin -o ndjson:out.ndjson --state state --reports in/reports
await "what is there at the start" lines 1
cp a.saz in/copied.saz
await "a file that is copied there" lines 2
cp a.saz moved.saz
mv moved.saz in
await "a file that is moved there" lines 3
ln a.saz in/linked.saz
await "a file that is linked there" lines 4

# Written slowly: not before it is closed.
exec 4> in/slow.saz
head -c 5000 a.saz >&4
cp a.saz in/after.saz
await "while one is written, others are done" lines 5
is "$(paths | grep -c slow)" 0 "half a copy is no case"
tail -c +5001 a.saz >&4
exec 4>&-
await "when it is closed it is" lines 6
is "$(tail -n 1 out.ndjson | grep -o '"size":[0-9]*' | head -n 1)" \
    "\"size\":$(($(wc -c < a.saz)))" "with all of its bytes"

# Names of what is still being copied; what is none, is empty or is gone.
cp a.saz in/.hidden.saz
cp a.saz in/got.saz.part
: > in/empty.saz
ln -s ../a.saz in/link.saz
mkdir in/folder
cp a.saz in/folder/below.saz
mkfifo in/pipe
: > in/gone.saz
rm in/gone.saz
cp a.saz in/last.saz
await "names of copies, links, folders, pipes" lines 7
is "$(paths | tail -n 1)" in/last.saz "are no cases"
mv in/got.saz.part in/got.saz
await "a copy that gets its name" lines 8
is "$(paths | tail -n 1)" in/got.saz "is one"
echo note > in/empty.saz
await "a file that was empty" lines 9

# The same again, another content.
cp in/got.saz again
cat again > in/got.saz
await "the same bytes again" said 'got.saz: is the same as before'
lines 9
ok $? "have no other line"
echo more >> in/first.txt
await "a file that changed" lines 10
is "$(paths | tail -n 1)" in/first.txt "has another line"

# ---- two of them ----
run 2 "another one for the same output" "$AIKTRIAGE" batch --watch in \
    -o ndjson:out.ndjson
complains 'out.ndjson: another aiktriage is watching' "is refused"
run 2 "another one for the same folder of results" "$AIKTRIAGE" batch \
    --watch in --state state -o ndjson:other.ndjson
complains 'state/watch.*: another aiktriage is watching' "is refused"

# ---- reports ----
is "$(find in/reports -type f | sed 's,.*/,,' | LC_ALL=C sort | tr '\n' ' ')" \
    "$(seq -f 'case-%06g.html' 10 | tr '\n' ' ')" "each line has its page"
is "$(grep -L '</html>' in/reports/*)" "" "each is whole"
"$AIKTRIAGE" analyze -v --format html in/moved.saz > alone 2> err
is "$(cmp alone in/reports/case-000003.html 2>&1)" "" "it is that of analyze"

# ---- ends ----
end TERM
is "$status" 0 "SIGTERM is a good end"
said '10 new cases: '
ok $? "it says what was done"
is "$(grep -cv '^{"batch":.*}$' out.ndjson)" 0 "all lines are whole"
is "$(sed 's/^{"batch":{"position":\([0-9]*\),.*/\1/' out.ndjson |
    tr '\n' ' ')" "1 2 3 4 5 6 7 8 9 10 " "and numbered"
cp a.saz in/meanwhile.saz
begin -o ndjson:out.ndjson --state state --reports in/reports
await "begun again, only what is new is done" lines 11
await "and the rest is known" said 'linked.saz: is the same as before'
end INT
is "$status" 0 "an interrupt is a good end, too"
lines 11
ok $? "nothing is there twice"

[ -f in/reports/case-000011.html ]
ok $? "the pages go on, too"

# The line is that of a batch.
"$AIKTRIAGE" batch --quiet -v --format ndjson in/meanwhile.saz 2> err |
    sed 's/"position":1,/"position":11,/' > alone
is "$(tail -n 1 out.ndjson | cmp - alone 2>&1)" "" \
    "a line is that of a batch"

# ---- killed at any moment ----
rm -rf in state out.ndjson
mkdir in
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	cp "$SAMPLES/note-only/note.txt" "in/$i.txt"
	echo "$i" >> "in/$i.txt"
done
for i in 1 2 3 4 5 6 7 8; do
	begin -j 2 -o ndjson:out.ndjson --state state
	sleep "0.0$((i * 3 % 10))"
	end KILL
	[ ! -s out.ndjson ] || cp out.ndjson "killed.$i"
done 2> /dev/null
# What a write that is cut leaves.
[ ! -s out.ndjson ] || printf '{"batch":{"position":99,"pa' >> out.ndjson
begin -j 2 -o ndjson:out.ndjson --state state
await "killed eight times, all is done in the end" lines 60
said 'takes off 27 bytes of a line that is not whole'
ok $? "a line that was cut is taken off"
is "$(paths | LC_ALL=C sort | uniq -d)" "" "nothing twice"
is "$(paths | LC_ALL=C sort)" "$(find in -type f | LC_ALL=C sort)" \
    "nothing is missing"
is "$(sed 's/^{"batch":{"position":\([0-9]*\),.*/\1/' out.ndjson |
    tr '\n' ' ')" "$(seq 60 | tr '\n' ' ')" "numbered all the way"
for f in killed.*; do
	head -n "$(($(wc -l < "$f")))" out.ndjson | head -c "$(($(wc -c < \
	    "$f")))" | cmp - "$f" 2>&1
done > "cut.list"
is "$(cat cut.list)" "" "what was written stays as it was"
end TERM

# What a kill in the middle of many lines leaves.
cp out.ndjson whole.ndjson
journal=$(find state -name 'watch.*')
awk 'NR > 1 && NF == 3 { $3 = 0 } NR == 1 || NF == 3' "$journal" > doubt
cp doubt "$journal"
{ head -n 30 whole.ndjson; sed -n 31p whole.ndjson | head -c 3000; } \
    > out.ndjson
begin -j 2 -o ndjson:out.ndjson --state state
await "half of a group of lines: the rest is done" lines 60
is "$(head -n 30 whole.ndjson | cmp - out.ndjson 2>&1 | grep -v EOF)" "" \
    "what was whole stays"
is "$(paths | LC_ALL=C sort | uniq -d)" "" "nothing twice"
end TERM
cp doubt "$journal"
cp whole.ndjson out.ndjson
begin -j 2 -o ndjson:out.ndjson --state state
await "all of it written" said '/9.txt: is the same as before'
end TERM
is "$(cmp whole.ndjson out.ndjson 2>&1)" "" "nothing is added"
# A new file is begun: what stands in the old one is done.
rm out.ndjson
echo 61 > in/61.txt
begin -j 2 -o ndjson:out.ndjson --state state
await "another file" lines 1
is "$(sed 's/^{"batch":{"position":\([0-9]*\),.*/\1/' out.ndjson)" 61 \
    "goes on with what is new"
end TERM
cp whole.ndjson out.ndjson
run 2 "a file that is none of ours" "$AIKTRIAGE" batch --watch in \
    -o ndjson:in/1.txt
complains 'its last line is no result of a batch' "is not added to"

# ---- standard output, without a folder of results ----
rm -rf in out.ndjson
mkdir in
exec 4> in/half.txt
echo 0x81039001 >&4
begin > out.ndjson
cp a.saz in
await "lines on standard output" lines 1
is "$(paths)" in/a.saz "what is open for writing at the start is no case"
echo 0x80190190 >&4
exec 4>&-
await "until it is closed" lines 2
cat a.saz > in/a.saz
await "the same again" said 'a.saz: is the same as before'
end TERM
lines 2
ok $? "has no other line"

# ---- folders ----
rm -rf in out.ndjson
mkdir in in/there
cp -R "$SAMPLES/success-a" one
cp -R "$SAMPLES/dns-failure" two
cp one/* in/there
begin --case=dir -o ndjson:out.ndjson --state state2
await "a folder that is there" lines 1
mv two in
await "a folder that is moved there" lines 2
mkdir in/slow
cp a.saz in/slow
exec 4> in/slow/note.txt
echo 0x81039001 >&4
cp a.saz in/beside.saz
await "a file beside them" lines 3
is "$(paths | tail -n 1)" in/beside.saz "while a folder is written"
exec 4>&-
await "a folder that stays the same" lines 4
is "$(tail -n 1 out.ndjson | grep -c 'note.txt')$(tail -n 1 out.ndjson |
    grep -c 'a.saz')" 11 "with all that is in it"
mkdir in/slow/more
echo 0x80190190 > in/slow/more/late.txt
await "a folder to which a file is added" lines 5
is "$(tail -n 1 out.ndjson | grep -c 'more/late.txt')" 1 "is done again"
mkdir in/hollow
mv in/there in/elsewhere
await "a folder with another name" lines 6
end TERM
begin --case=dir -o ndjson:out.ndjson --state state2
await "begun again" said 'elsewhere: is the same as before'
await "begun again" said 'slow: is the same as before'
rm -rf in
await "without its folder it ends" said 'in: is not there any more'
n=0
while [ -e "/proc/$pid/exe" ] && [ $n -lt 100 ]; do
	n=$((n + 1))
	sleep 0.05
done
end KILL 2> /dev/null
is "$status" 3 "and says that this is no good end"
lines 6
ok $? "nothing is there twice"

# ---- no room ----
cat > small.sh <<'SMALL'
mount -t tmpfs -o size=100k none room || exit 77
"$AIKTRIAGE" batch --watch in --state state3 -o ndjson:room/out.ndjson \
    2> full.err
echo $? > full.status
cp room/out.ndjson full.ndjson
mount -o remount,size=10m room || exit 77
"$AIKTRIAGE" batch --watch in --state state3 -o ndjson:room/out.ndjson \
    2> full2.err &
n=0
until [ "$(($(wc -l < room/out.ndjson)))" -ge 40 ] || [ $n -gt 200 ]; do
	n=$((n + 1))
	sleep 0.05
done
kill $!
wait $!
cp room/out.ndjson out.ndjson
umount room
exit 0
SMALL
mkdir in room
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	cp "$SAMPLES/note-only/note.txt" "in/$i.txt"
	echo "$i" >> "in/$i.txt"
done
if ! AIKTRIAGE=$AIKTRIAGE unshare -rm sh small.sh 2> err; then
	skip "a disk that is full" "no small one can be mounted here"
else
	is "$(cat full.status)" 3 "an output without room ends it"
	is "$(grep -c 'out.ndjson: No space left' full.err)" 1 "and is said"
	is "$(grep -cv '^{"batch":.*}$' full.ndjson)" 0 "no line is cut"
	lines 40
	ok $? "with room again, all is done"
	is "$(paths | LC_ALL=C sort -u | wc -l | tr -d ' ')" 40 "and once"
fi

# ---- files of others: nobody says whether they are open ----
other='setpriv --reuid nobody --clear-groups'
# shellcheck disable=SC2086  # words, here and below
if [ "$(id -u)" -ne 0 ] || ! chmod 755 "$work" ||
    ! $other "$AIKTRIAGE" --version > /dev/null 2>&1; then
	skip "files of others" "they need another user"
else
	rm -rf in out.ndjson
	mkdir in
	cp a.saz in/there.saz
	cp a.saz in/open.saz
	: > watch.err
	exec 4>> in/open.saz
	# shellcheck disable=SC2086
	$other "$AIKTRIAGE" batch --watch in --settle 1 > out.ndjson \
	    2> watch.err 4>&- &
	pid=$!
	await "one that stays the same" lines 2
	cp a.saz in/copied.saz
	await "one whose end of writing is seen" lines 3
	echo more >&4
	exec 4>&-
	await "one that is written after a while" lines 4
	is "$(paths | sort | tr '\n' ' ')" \
	    "in/copied.saz in/open.saz in/open.saz in/there.saz " \
	    "has another line"
	end TERM
fi

# ---- mistakes ----
run 2 "a folder that is none" "$AIKTRIAGE" batch --watch nowhere
run 2 "a path, too" "$AIKTRIAGE" batch --watch in in
run 2 "a list, too" "$AIKTRIAGE" batch --watch in --files-from list
run 2 "a database" "$AIKTRIAGE" batch --watch in --db x.db
run 2 "another format" "$AIKTRIAGE" batch --watch in --format csv
run 2 "two outputs" "$AIKTRIAGE" batch --watch in -o ndjson:x -o ndjson:y
run 2 "no time" "$AIKTRIAGE" batch --watch in --settle 0

done_testing
