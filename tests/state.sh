#!/bin/sh
# What a batch keeps: every option that matters makes another result and no
# other one does; whoever is killed, and wherever there is no room, no
# finished case is lost, no half one is kept and none is missing.
# Relies on the samples, on /proc and on namespaces for a small file system.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

cd "$work" || exit 99

# kept: how many cases of the last run were done before.
kept() {
	sed -n 's/^aiktriage: \([0-9]*\) of them were done before.*/\1/p' err
}

# ---- what changes results ----
mkdir in certs data rules
cp -R "$SAMPLES/dns-failure" "$SAMPLES/note-only" in
find in -type f | LC_ALL=C sort > list
all=$(($(wc -l < list)))
cat > rules/own.rule <<'RULE'
on run
when run.code == 0x81039001
kind context
title A rule of our own
why It is here to be counted.
fix Nothing.
see https://example.com/
fires note-only
silent dns-failure
RULE
echo secret > passwords
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj /CN=test -days 30 -keyout key.pem -out certs/a.pem 2> /dev/null

# again WANTED NAME OPTION...: how many of the cases need not be done again.
again() {
	wanted=$1
	name=$2
	shift 2
	"$AIKTRIAGE" batch --files-from list --state keys -o ndjson:k.ndjson \
	    --force "$@" 2> err
	is "$(grep -o "^aiktriage: $all cases: " err)$(kept)" \
	    "aiktriage: $all cases: $wanted" "$name"
}
again "" "at first all is done"
again $all "the same again is not"
again $all "nor with other outputs and numbers" -j 1 --timeout 77 --format csv
again "" "--as-of" --as-of 2023-04-01
again $all "--as-of, again" --as-of 2023-04-01
again "" "--only" --only aik-key-exists
again "" "--min-severity" --min-severity error
again "" "--fail-on" --fail-on note
again "" "--why" --why aik-key-exists
again "" "-v" -v
again "" "--rules" --rules rules
sed 's/counted/read/' rules/own.rule > r && mv r rules/own.rule
again "" "the text of a rule" --rules rules
again $all "the same text" --rules rules
again "" "--no-default-rules" --rules rules --no-default-rules
again "" "--limits" --limits inputs=7777
again "" "--password-file" --password-file passwords
again "" "--key" --key key.pem
again "" "--certs" --certs certs
cp certs/a.pem certs/b.pem
again "" "another certificate" --certs certs
again "" "--certs by another name" --certs certs/a.pem
echo changed >> in/note-only/note.txt 2> /dev/null
again $((all - 1)) "a case that changed"
(cd in && find . -type f | LC_ALL=C sort) > in/list
(cd in && "$AIKTRIAGE" batch --files-from list --state ../keys > ../out \
    2> ../err)
is "$(kept)" $all "where a case stands does not matter"

# ---- many cases, and what they should come to ----
i=0
mkdir many
while [ $i -lt 48 ]; do
	i=$((i + 1))
	mkdir "many/$i"
	cp "$SAMPLES/certreq-success/"* "many/$i"
	echo "$i" > "many/$i/number.txt"
	echo "many/$i"
done > many.list
"$AIKTRIAGE" batch --quiet --files-from many.list -o ndjson:whole.ndjson

# whole NAME: the result that is there is that of an undisturbed run.
whole() {
	is "$(cmp k.ndjson whole.ndjson 2>&1)" "" "$1"
	rm -f k.ndjson
}

# stored DIR: all that is in it is whole.
stored() {
	n=$(($(find "$1" -type f ! -name 'tmp.*' | wc -l)))
	"$AIKTRIAGE" batch --files-from many.list --state "$1" \
	    -o ndjson:k.ndjson --force 2> err
	is "$(kept)" "$([ $n -eq 0 ] || echo $n)" \
	    "$2: all $n that are kept are whole"
	whole "$2: what is left gives the result of an undisturbed run"
}

# ---- two at the same time ----
rm -f k.ndjson
"$AIKTRIAGE" batch --quiet --files-from many.list --state both -j 2 \
    -o ndjson:k2.ndjson &
pid=$!
"$AIKTRIAGE" batch --quiet --files-from many.list --state both -j 2 \
    -o ndjson:k.ndjson
wait $pid
is "$(cmp k2.ndjson whole.ndjson 2>&1)" "" "two batches may share a folder"
whole "and both have all"
stored both "two at the same time"

# ---- coordinators that are killed ----
# children PID: those that it forked.
children() {
	cat "/proc/$1/task/$1/children" 2> /dev/null
}

# coordinator PID NOT: a number that is no longer NOT.
coordinator() {
	tries=0
	while [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		c=$(children "$1")
		c=${c%% *}
		if [ -n "$c" ] && [ "$c" != "$2" ]; then
			echo "$c"
			return
		fi
		sleep 0.02
	done
}

if [ -z "$(children 1)$(children $$)" ] &&
    [ ! -r "/proc/$$/task/$$/children" ]; then
	skip "coordinators that are killed" "/proc does not tell children"
else
	"$AIKTRIAGE" batch --files-from many.list -j 1 --state shot \
	    -o ndjson:k.ndjson 2> err &
	pid=$!
	c=
	kept=0
	for i in 1 2 3; do
		# Another case each time: two results more than at the last.
		tries=0
		while [ "$(($(find shot -type f 2> /dev/null | wc -l)))" -lt \
		    $kept ] && [ $tries -lt 1000 ]; do
			tries=$((tries + 1))
			sleep 0.01
		done
		c=$(coordinator $pid "$c")
		kill -KILL "$c" 2> /dev/null
		kept=$(($(find shot -type f 2> /dev/null | wc -l) + 2))
	done
	wait $pid
	is "$?" 0 "a batch whose coordinator is killed goes on"
	is "$(grep -c 'was killed; another one goes on' err |
	    sed 's/[1-9]/some/')" some "it says so"
	whole "and has the result of an undisturbed run"
	stored shot "a coordinator that was killed"

	mkfifo pipe
	exec 3<> pipe
	{ echo many/1; echo pipe; echo many/2; } > three
	"$AIKTRIAGE" batch --files-from three -j 1 -o ndjson:three.ndjson \
	    2> err &
	pid=$!
	c=
	for i in 1 2; do
		c=$(coordinator $pid "$c")
		# It waits for the pipe when its worker stays the same.
		tries=0
		w=
		while [ $tries -lt 100 ]; do
			tries=$((tries + 1))
			now=$(children "$c")
			[ -n "$now" ] && [ "$now" = "$w" ] && break
			w=$now
			sleep 0.2
		done
		kill -KILL "$c" 2> /dev/null
	done
	wait $pid
	is "$?" 3 "a case that takes its coordinator with it, twice"
	is "$(sed -n '2s/.*"died":\("[^"]*"\).*/\1/p' three.ndjson)" \
	    '"the process that took care of it was killed, twice"' \
	    "is a row that says so"
	is "$(grep -c '"exit_status":0,"died":null' three.ndjson)" 2 \
	    "and the others are judged"
fi

# ---- killed at any moment ----
for i in 1 2 3 4 5; do
	"$AIKTRIAGE" batch --quiet --files-from many.list --state dead -j 2 \
	    -o ndjson:dead.ndjson 2> /dev/null &
	pid=$!
	sleep "0.0$((i * 2))"
	kill -KILL $pid 2> /dev/null
	wait $pid 2> /dev/null
done
is "$([ ! -f dead.ndjson ] || cmp dead.ndjson whole.ndjson 2>&1)" "" \
    "an output of a killed run is whole or not there"
stored dead "killed"

# An interrupt loses nothing that was done.
"$AIKTRIAGE" batch --files-from many.list --state int -j 2 \
    -o ndjson:int.ndjson 2> err &
pid=$!
sleep 0.1
kill -INT $pid
wait $pid
n=$(($(wc -l < int.ndjson)))
is "$(head -n $n whole.ndjson | cmp - int.ndjson 2>&1)" "" \
    "an interrupted run has the first $n, in whole lines"
is "$(($(find int -type f | wc -l) >= n))" 1 "and keeps all of them"
stored int "interrupted"

# ---- no room ----
# Leaves: full.ndjson and full.err of a folder of results that is full; what
# was in it; and the same of an output.
cat > small.sh <<'SMALL'
mount -t tmpfs -o size="$1" none room || exit 77
mkdir -p room/state
"$AIKTRIAGE" batch --files-from many.list --state room/state \
    -o ndjson:full.ndjson 2> full.err
echo $? > full.status
cp -R room/state full.state
find room -name 'tmp.*' > full.tmp
rm -rf room/state
"$AIKTRIAGE" batch --files-from many.list --state out.state \
    -o ndjson:room/out.ndjson 2> out.err
echo $? > out.status
ls room > out.ls
umount room
exit 0
SMALL
mkdir room
if ! AIKTRIAGE=$AIKTRIAGE unshare -rm sh small.sh 300k 2> err; then
	skip "a file system that is full" "no small one can be mounted here"
else
	is "$(cat full.status)" 0 "a folder of results without room"
	mv full.ndjson k.ndjson
	whole "costs no result"
	is "$(grep -c 'could not be kept: No space' full.err)" 2 \
	    "each process says so once"
	is "$(sed -n 's/^aiktriage: [0-9]* of \(them could not be kept\).*/\1/p
	    ' full.err)" "them could not be kept" "and the end, how many"
	is "$(cat full.tmp)" "" "nothing half is left"
	is "$(($(find full.state -type f | wc -l) > 0))" 1 "some were kept"
	stored full.state "no room"
	is "$(cat out.status)" 3 "an output without room"
	is "$(grep -c 'out.ndjson: No space left' out.err | \
	    sed 's/[1-9]/some/')" some "is said"
	is "$(cat out.ls)" "" "and leaves no half file"
	stored out.state "an output without room"
fi

done_testing
