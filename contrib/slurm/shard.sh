#!/bin/sh
#SBATCH --job-name=aiktriage
#SBATCH --requeue
#SBATCH --open-mode=append
#
# One task of a job array: judges the part of a list that is its own.
#
#	sbatch --array=1-TASKS shard.sh FOLDER [OPTION...]
#
# FOLDER/list names the cases.  The task's part follows from the content of
# the cases alone, so that a task that is begun again, on whatever node, does
# the same again; the options are those of aiktriage batch.  The result is
# FOLDER/part-K-of-TASKS.ndjson, there when the part is done and not before.
#
# From the environment: AIKTRIAGE, the program; AIKTRIAGE_TASKS, where not all
# of the array's tasks are run; AIKTRIAGE_DB, not empty for a database too.
set -eu

folder=${1:?the folder with the list}
shift
aiktriage=${AIKTRIAGE:-aiktriage}
k=${SLURM_ARRAY_TASK_ID:?is set by sbatch --array}
n=${AIKTRIAGE_TASKS:-${SLURM_ARRAY_TASK_COUNT:?is set by sbatch --array}}
part=$folder/part-$k-of-$n
# Of this try alone: a node that was given up may still be at work.
try=$part.try-$(uname -n)-${SLURM_RESTART_COUNT:-0}

echo "part $k of $n on $(uname -n), try $((${SLURM_RESTART_COUNT:-0} + 1))"
set -- "$@" --force -o "ndjson:$try.ndjson"
[ -z "${AIKTRIAGE_DB-}" ] || set -- "$@" --db "$try.db"
"$aiktriage" batch --exit=batch -j "${SLURM_CPUS_PER_TASK:-1}" "$@" \
    --files-from "$folder/list" --shard "$k/$n"

# The NDJSON last: it says that the part is done.
[ -z "${AIKTRIAGE_DB-}" ] || mv -f "$try.db" "$part.db"
mv -f "$try.ndjson" "$part.ndjson"
