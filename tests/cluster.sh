#!/bin/sh
# A batch on many machines: the commands of aiktriage-cluster(7) for GNU
# parallel come to what one machine does, and so does a process for each part
# of the list that is written to and read from at the same time, as Spark's
# `pipe` does.  Slurm has slurm.sh.
# Relies on the samples; on parallel and python3 for their parts.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

cd "$work" || exit 99
mkdir bin
ln -s "$AIKTRIAGE" bin/aiktriage
cp -R "$SAMPLES" samples
PATH=$work/bin:$PATH
export PATH

# What differs between the rows of a part and those of the whole.
unnumbered() {
	sed 's/^{"batch":{"position":[0-9]*,/{"batch":{/' "$@"
}

# ---- the commands of the manual ----
sed -n '/^\.Bd -literal/,/^\.Ed/s/^\$ \(.*\)/\1/p' \
    "$srcdir/man/aiktriage-cluster.7" > commands
is "$(($(wc -l < commands) > 3))" 1 "there are commands in the manual"
# Fewer cases than there are.
sed -n 1p commands | sed 's/$/ \&\& sed -n "0~5p" list > l \&\& mv l list/' \
    > first
sh ./first
aiktriage batch --quiet --files-from list -o ndjson:single.ndjson
cases=$(($(wc -l < list)))
is "$((cases > 10))" 1 "there are cases"
PARALLEL_HOME=$work/parallel
export PARALLEL_HOME
mkdir "$PARALLEL_HOME"
if ! command -v parallel > /dev/null ||
    ! parallel --version | grep -q '^GNU parallel'; then
	skip "GNU parallel" "there is none"
else
	n=1
	sed 1d commands > rest
	while read -r line; do
		n=$((n + 1))
		run 0 "command $n" sh -c "$line"
	done < rest
	is "$(cmp result.ndjson single.ndjson 2>&1)" "" \
	    "parallel, shards: byte for byte what one machine does"
	unnumbered single.ndjson > single.rows
	unnumbered rows.ndjson > rows
	is "$(cmp rows single.rows 2>&1)" "" \
	    "parallel, a filter: the same rows in the same order"
fi

# ---- as Spark does ----
filter='aiktriage batch -j 1 --exit=batch --quiet --format ndjson'
if ! command -v python3 > /dev/null; then
	skip "Spark's pipe" "there is no python3"
	done_testing
fi
# shellcheck disable=SC2086  # words, here and below
run 0 "a process for each of five partitions" python3 \
    "$srcdir/tests/spark_pipe.py" 5 list $filter --files-from -
unnumbered single.ndjson > single.rows
unnumbered out > rows
is "$(cmp rows single.rows 2>&1)" "" "a row for each line, in their order"
seq 4 > shards
# shellcheck disable=SC2086
run 0 "the elements are shards" python3 "$srcdir/tests/spark_pipe.py" 4 \
    shards xargs -I'{}' $filter --files-from list --shard '{}/4'
cp out shards.out
run 0 "joined" aiktriage merge --cases "$cases" shards.out
is "$(cmp out single.ndjson 2>&1)" "" \
    "Spark's pipe, shards: byte for byte what one machine does"
run 1 "a process that fails ends all" python3 "$srcdir/tests/spark_pipe.py" \
    2 list aiktriage batch --exit=batch --quiet --files-from - \
    -o ndjson:/nonexistent/x
# A partition without elements has no rows and is no mistake.
run 0 "an empty partition" sh -c ": | $filter --files-from -"
is "$(($(wc -c < out)))" 0 "has no row"
# More than pipes hold, both ways, from a list that is written slowly.
{ cat list list list; sleep 1; cat list list; } |
    $filter --files-from - | (sleep 1; cat) > slow
is "$(($(wc -l < slow)))" "$((5 * cases))" \
    "who reads and writes slowly gets all rows"

done_testing
