#!/bin/sh
# contrib/slurm in a real Slurm: a cluster of two nodes on this machine, with
# ports, keys and folders of its own.  What the tasks of an array come to is
# what one machine does, byte for byte, also when a node is lost or a task is
# cancelled.
# Relies on munged, slurmctld and slurmd; without them it is skipped, and
# bootstrap.sh installs them where AIKTRIAGE_CLUSTER is set.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

PATH=$PATH:/usr/sbin:/sbin
export PATH
cd "$work" || exit 99
SQLITE=$(command -v sqlite3) || SQLITE=
"$AIKTRIAGE" --version | grep -q '^SQLite' || SQLITE=
submit=$srcdir/contrib/slurm/aiktriage-slurm

# ---- mistakes, which need no cluster ----
mkdir fake
# shellcheck disable=SC2016  # for the script that is made
printf '#!/bin/sh\necho "$@" >> sbatch.log\necho 7\n' > fake/sbatch
chmod +x fake/sbatch
echo missing > one
fake() {
	PATH=$work/fake:$PATH "$submit" -a "$AIKTRIAGE" "$@"
}
run 2 "no operand" fake
run 2 "a number that is none" fake -n 0 one f1
complains '"0", want a number from 1' "is said"
run 2 "an option that is none" fake -x one f1
run 2 "a list that is not there" fake no-list f1
: > nothing
run 2 "a list without a case" fake nothing f1
complains 'names no case' "is said"
run 0 "an array and a join are submitted" fake -n 3 -p batch -c 2 \
    -S --time=9 -S "--comment=a b'c" -b --timeout=5 one f2
is "$(grep -c -e '--array=1-3 --cpus-per-task=2 .*--partition=batch .*=9 ' \
    sbatch.log)$(grep -c -e "--comment=a b'c" sbatch.log)$(grep -c \
    -e '--dependency=afterany:7 ' sbatch.log)" 121 "with what was asked for"
: > f2/part-2-of-3.ndjson
: > sbatch.log
run 0 "again" fake -n 3 -p batch -c 2 -S --time=9 -b --timeout=5 one f2
is "$(sed -n 's/.*--array=\([^ ]*\) .*/\1/p' sbatch.log)" 1,3 \
    "submits only the parts that are missing"
echo other > two
run 2 "another list for the same folder" fake -n 3 -b --timeout=5 two f2
complains 'holds another job' "is refused"
run 2 "another number of parts, too" fake -n 4 -b --timeout=5 one f2
run 2 "and other options" fake -n 3 one f2

# ---- a cluster ----
missing=
for tool in munged slurmctld slurmd sbatch scontrol squeue scancel; do
	command -v $tool > /dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
	skip "a real cluster" "there is no$missing; AIKTRIAGE_CLUSTER=1 \
./bootstrap.sh installs them"
	done_testing
fi

# Whoever runs the daemons dies with us, where that can be asked for.
with_us() {
	if setpriv --pdeathsig KILL true 2> /dev/null; then
		exec setpriv --pdeathsig KILL "$@"
	else
		exec "$@"
	fi
}

# await NAME COMMAND...: until it is true, but no longer than a minute.
await() {
	await_name=$1
	shift
	await_n=0
	until "$@" > /dev/null 2>&1; do
		await_n=$((await_n + 1))
		if [ $await_n -gt 600 ]; then
			ok 1 "$await_name: in a minute"
			return 1
		fi
		sleep 0.1
	done
}

# Is a port of TCP, or one of the next two, taken?
is_taken() {
	cat /proc/net/tcp /proc/net/tcp6 2> /dev/null |
	    grep -qi ":\($(printf '%04X\|%04X\|%04X' "$1" "$(($1 + 1))" \
	    "$(($1 + 2))")\) [0-9A-F]*:0000 0A"
}

# The process group; nothing where there is no such process.
group_of() {
	sed 's/.*) . [0-9]* \([0-9]*\) .*/\1/' "/proc/$1/stat" 2> /dev/null
}

# The processes of a task have the log, or another file of the folder, open.
tasks_of() {
	mine=$(group_of $$)
	find /proc/[0-9]*/fd -lname "$1*" 2> /dev/null |
	    sed 's,^/proc/\([0-9]*\)/.*,\1,' | sort -u |
	    while read -r p; do
		group=$(group_of "$p")
		[ "${group:-$mine}" = "$mine" ] || echo "$p"
	done
}

daemons=
cluster_stop() {
	[ -n "$daemons" ] || return 0
	# shellcheck disable=SC2086  # a list of numbers
	kill -KILL $daemons 2> /dev/null
	# shellcheck disable=SC2046,SC2086  # a list of numbers
	kill -KILL $(tasks_of "$work/") 2> /dev/null
	# shellcheck disable=SC2086  # a list of numbers
	wait $daemons 2> /dev/null
	daemons=
}
trap 'cluster_stop; rm -rf "$work"' EXIT

# start NAME COMMAND...: a daemon; its number is in pid_NAME.
start() {
	start_name=$1
	shift
	with_us "$@" > "c/$start_name.log" 2>&1 < /dev/null &
	eval "pid_$start_name=$!"
	daemons="$daemons $!"
}

cluster_start() {
	port=$((20000 + $$ % 20000))
	while is_taken $port; do
		port=$((port + 3))
	done
	mkdir -m 700 c c/munge c/state c/n1 c/n2 || return 1
	head -c 128 /dev/urandom > c/munge/key
	chmod 600 c/munge/key
	user=$(id -un)
	cat > c/slurm.conf << CONF
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$work/c/munge/socket,cred_expire=5
StateSaveLocation=$work/c/state
SlurmctldPidFile=$work/c/slurmctld.pid
SlurmdSpoolDir=$work/c/%n
SlurmdPidFile=$work/c/%n/pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
KillWait=1
NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 1))
NodeName=n2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 2))
PartitionName=test Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
	SLURM_CONF=$work/c/slurm.conf
	export SLURM_CONF
	start munged munged --foreground --force --key-file="$work/c/munge/key" \
	    --socket="$work/c/munge/socket" --seed-file="$work/c/munge/seed" \
	    --pid-file="$work/c/munge/pid" --log-file="$work/c/munge/log"
	await munged test -S c/munge/socket || return 1
	start slurmctld slurmctld -D -f c/slurm.conf
	start n1 slurmd -D -N n1 -f c/slurm.conf
	start n2 slurmd -D -N n2 -f c/slurm.conf
	await "two nodes" nodes_are idle idle
}

# nodes_are STATE STATE
nodes_are() {
	[ "$(sinfo -h -N -o %T | tr '\n' ' ')" = "$1 $2 " ]
}

no_job() {
	[ -z "$(squeue -h)" ]
}

if [ "${#work}" -gt 80 ]; then
	skip "a real cluster" "no socket can have so long a name: $work"
	done_testing
fi
if ! cluster_start; then
	for log in c/*.log; do
		echo "# $log"
		tail -n 5 "$log" | sed 's/^/# /'
	done
	done_testing
fi
ok 0 "a cluster of two nodes runs as $(id -un)"

# ---- the cases, on one machine ----
find "$SAMPLES" -type f ! -path '*/scenarios/*' | LC_ALL=C sort |
    awk 'NR % 12 == 0' > list
mkdir odd
cp "$(head -n 1 list)" "odd/it's a \"name\" \$x.txt"
{
	find odd -type f
	echo "$SAMPLES/success-a"
	echo missing.saz
} >> list
cases=$(($(wc -l < list)))
"$AIKTRIAGE" batch --quiet --files-from list -o ndjson:single.ndjson \
    ${SQLITE:+--db single.db}

# equal FOLDER NAME: the result is what one machine came to.
equal() {
	is "$(cmp single.ndjson "$1/result.ndjson" 2>&1)" "" \
	    "$2: byte for byte what one machine does"
}

# ---- an array ----
run 0 "a list in three parts" "$submit" -a "$AIKTRIAGE" -n 3 \
    ${SQLITE:+-d} list whole
await "it ends" no_job
is "$(grep -c "has all of $cases cases" whole/log/merge.log)" 1 \
    "all cases are there"
equal whole "an array"
is "$(for k in 1 2 3; do
	wc -l < whole/part-$k-of-3.ndjson; done |
    awk '$1 > 0 { n++ } END { print n }')" 3 "each part has some of them"
is "$(cat whole/log/part-*.log | sed -n 's/^part \(.\) of 3 on .*/\1/p' |
    sort | tr '\n' ' ')" "1 2 3 " "each by a task of its own"
if [ -n "$SQLITE" ]; then
	"$SQLITE" single.db .dump > single.sql
	"$SQLITE" whole/result.db .dump > whole.sql
	is "$(cmp single.sql whole.sql 2>&1)" "" "the databases' dumps, too"
else
	skip "the databases' dumps, too" "no sqlite3, or built without it"
fi
rm -f whole/part-2-of-3.* whole/result.*
run 0 "a part that was lost is done again" "$submit" -a "$AIKTRIAGE" -w -n 3 \
    ${SQLITE:+-d} list whole
says "parts 2 of 3" "alone"
says "has all of $cases cases" "and waited for"
equal whole "a part done again"

# ---- a node that is lost ----
# Does its work, then stays until it is let go.
cat > stay << STAY
#!/bin/sh
"$AIKTRIAGE" "\$@"
status=\$?
if [ "\$1" = batch ]; then
	echo "\$SLURMD_NODENAME" > "$work/at-\$SLURM_ARRAY_TASK_ID"
	while [ ! -e "$work/go" ]; do
		sleep 0.1
	done
fi
exit \$status
STAY
chmod +x stay
run 0 "two tasks, on a node each" "$submit" -a ./stay -n 2 -s state -S -N1 \
    -S --exclusive list lost
await "both are at work" test -f at-1 -a -f at-2
n=$(sed -n 's/^n//p' at-1)
eval "kill -KILL \$pid_n$n"
for p in $(tasks_of "$work/lost/log/part-1.log"); do
	kill -KILL "$p" 2> /dev/null
done
is "$(ls lost/part-?-of-2.ndjson 2> /dev/null)" "" "no part is there before its end"
scontrol update "nodename=n$n" state=down reason=lost
: > go
await "the node's task is done on the other one" no_job
equal lost "a node that was lost"
is "$(grep -c 'try 2' lost/log/part-1.log)" 1 "its task was begun again"
is "$(cat at-1)" "$(cat at-2)" "on the other node"
start "n$n" slurmd -D -N "n$n" -f c/slurm.conf
scontrol update "nodename=n$n" state=resume
await "the node is back" nodes_are idle idle

if [ -n "${AIKTRIAGE_TEST_AGAIN-}" ]; then
	done_testing
fi

# ---- a task that is cancelled ----
rm -f go at-1 at-2
run 0 "two more" "$submit" -a ./stay -n 2 list cut
job=$(sed -n 's/^array \([0-9]*\):.*/\1/p' out)
await "both are at work" test -f at-1 -a -f at-2
scancel "${job}_2"
await "it is gone" sh -c "[ -z \"\$(squeue -h -j '${job}_2')\" ]"
: > go
await "the join has ended" no_job
is "$(grep -c 'of 2 parts these are not done: 2$' cut/log/merge.log)" \
    1 "the join names the part that is missing"
is "$([ -e cut/result.ndjson ] && echo there)" "" "and joins nothing"
run 0 "the same command again" "$submit" -a ./stay -w -n 2 list cut
says "parts 2 of 2" "does that part alone"
equal cut "a task that was cancelled"

# ---- a case that changes while the tasks work ----
cp whole/part-1-of-3.ndjson p1
head -n 1 p1 > whole/part-1-of-3.ndjson
run 3 "a part without some of its cases" "$submit" -a "$AIKTRIAGE" -w -n 3 \
    ${SQLITE:+-d} list whole
complains "of $cases cases have no result: " "they are named"

cluster_stop
is "$(tasks_of "$work/")" "" "no process is left"

# ---- the same for whoever is no one ----
if [ "$(id -u)" -ne 0 ]; then
	done_testing
fi
if ! runuser -u nobody -- sh -c "'$AIKTRIAGE' --version &&
    cat '$srcdir/tests/slurm.sh' && ls '$SAMPLES'" > /dev/null 2>&1; then
	skip "as a plain user" "nobody cannot read this folder"
	done_testing
fi
runuser -u nobody -- env AIKTRIAGE_TEST_AGAIN=1 srcdir="$srcdir" \
    builddir="$builddir" AIKTRIAGE="$AIKTRIAGE" SAMPLES="$SAMPLES" \
    TMPDIR=/tmp sh "$srcdir/tests/slurm.sh" > again 2>&1
is "$(grep -c '^ok .* - a cluster of two nodes runs as nobody' again)" 1 \
    "a plain user has a cluster, too"
is "$(grep '^not ok' again)" "" "and comes to the same"

done_testing
