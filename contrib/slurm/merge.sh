#!/bin/sh
#SBATCH --job-name=aiktriage-merge
#SBATCH --open-mode=truncate
#
# Joins the parts that the tasks of shard.sh left, or names the ones that are
# missing.
#
#	sbatch --dependency=afterany:JOB merge.sh FOLDER TASKS CASES
#
# After any end of the array, not afterok: such a job would wait for ever for
# an array that failed, and say nothing.
set -eu

folder=${1:?the folder with the parts}
n=${2:?how many parts there are}
cases=${3:?how many cases the list has}
aiktriage=${AIKTRIAGE:-aiktriage}

# Each part is a file that merge holds open.
# shellcheck disable=SC3045  # dash and bash have it
ulimit -n "$(ulimit -Hn)" 2> /dev/null || :

missing=
k=0
while [ "$k" -lt "$n" ]; do
	k=$((k + 1))
	[ -f "$folder/part-$k-of-$n.ndjson" ] || missing="$missing $k"
done
if [ -n "$missing" ]; then
	echo "aiktriage-slurm: $folder: of $n parts these are not done:$missing
Their logs are in $folder/log.  The same command again does them alone." >&2
	exit 1
fi

set --
k=0
while [ "$k" -lt "$n" ]; do
	k=$((k + 1))
	set -- "$@" "$folder/part-$k-of-$n.ndjson"
done
"$aiktriage" merge --force --cases "$cases" \
    -o "ndjson:$folder/result.ndjson" "$@"
if [ -n "${AIKTRIAGE_DB-}" ]; then
	set --
	k=0
	while [ "$k" -lt "$n" ]; do
		k=$((k + 1))
		set -- "$@" "$folder/part-$k-of-$n.db"
	done
	"$aiktriage" merge --force --cases "$cases" \
	    --db "$folder/result.db" "$@"
fi
rm -f "$folder"/part-*.try-*
echo "aiktriage-slurm: $folder/result.ndjson has all of $cases cases"
