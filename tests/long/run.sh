#!/bin/sh
# The long check: thousands of forged cases of many stories, damaged ones
# among them, each with a label that its making implies.  Every row must be
# there, as labelled, and the same however many work at a time and however
# often the batch is killed.  `make check-long' runs it, outside of `make
# check'; CASES and SEED choose other cases.
# Relies on the forge, tests/long/plan.awk, tests/long/measure and sqlite3.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/tap.sh"

: "${CASES:=10000}" "${SEED:=1}"
: "${FORGE:=$builddir/tests/forge/forge}"
: "${MEASURE:=$builddir/tests/long/measure}"
long=$srcdir/tests/long
kept=$builddir/check-long.failed
cores=$(getconf _NPROCESSORS_ONLN 2> /dev/null) || cores=2

if [ ! -x "$FORGE" ] || [ ! -x "$MEASURE" ]; then
	skip_all "the forge is not built"
fi
command -v sqlite3 > /dev/null || skip_all "there is no sqlite3"
"$AIKTRIAGE" --version | grep -q '^SQLite' ||
    skip_all "built without databases"
# 10,000 cases take 400 MB, their databases and results as much again.
if [ "$(df -Pk "$work" | awk 'NR == 2 { print int($4 / 1024) }')" -lt \
    $((CASES / 5)) ]; then
	skip_all "$work has not the $((CASES / 5)) MB that are needed"
fi
cd "$work" || exit 99
rm -rf "$kept"

say() {
	echo "# $*"
}

query() {
	sqlite3 -batch -separator ' | ' "$1" "$2"
}

# ---- the cases ----
stories=$(awk -v count="$CASES" -v seed="$SEED" -v samples="$SAMPLES" \
    -v scenarios=scenarios -v labels=labels -v list=list \
    -f "$long/plan.awk" "$long/samples.tsv" "$long/kinds.txt")
say "$CASES cases of $stories scenarios, seed $SEED"
is "$(($(wc -l < labels)))" "$CASES" "a label a case"
is "$((stories >= 200 || stories >= CASES * 2 / 3))" 1 \
    "of 200 scenarios or more"
run 0 "they are forged" "$MEASURE" -o forged "$FORGE" \
    --root "$srcdir/tests/forge" many "$cores" scenarios cases
say "forged in $(awk '{ print $1 " s, " $2 + $3 " s of processor" }' \
    forged), $(du -sk cases | awk '{ print int($1 / 1024) }') MB"

# ---- all of them, with one worker and with two, twice ----

# batch NAME JOBS [OPTION...]: its figures in NAME.used.
batch() {
	name=$1
	jobs=$2
	shift 2
	(cd cases && "$MEASURE" -o "../$name.used" "$AIKTRIAGE" batch --quiet \
	    --case=dir -j "$jobs" --files-from ../list \
	    -o "ndjson:../$name.ndjson" -o "csv:../$name.csv" "$@" \
	    2> "../$name.err")
	echo $? > "$name.status"
}

for round in 1 2; do
	for jobs in 1 2; do
		name=j$jobs-$round
		batch "$name" "$jobs" --db "../$name.db"
		is "$(cat "$name.status")" 3 "-j $jobs: damaged ones make it 3"
		say "-j $jobs: $(awk '{ printf "%.1f s, %.1f s of processor, " \
		    "at most %d kB", $1, $2 + $3, $4 }' "$name.used")"
		is "$(awk '$4 < 65536 { print "less" }' "$name.used")" less \
		    "-j $jobs: no process of it has 64 MB"
		[ "$name" = j1-1 ] && continue
		is "$(cmp j1-1.ndjson "$name.ndjson" 2>&1)" "" \
		    "-j $jobs, round $round: the same NDJSON"
		is "$(cmp j1-1.csv "$name.csv" 2>&1)" "" \
		    "-j $jobs, round $round: the same CSV"
		sqlite3 -batch j1-1.db .dump | cksum > one.sum
		sqlite3 -batch "$name.db" .dump | cksum > other.sum
		is "$(cat one.sum)" "$(cat other.sum)" \
		    "-j $jobs, round $round: the same database"
		rm -f "$name.ndjson" "$name.csv" "$name.db"
	done
done
say "-j 1 took $(cat j1-?.used j2-?.used | awk '{ t[NR] = $1 }
    END { printf "%.2f and %.2f", t[1] / t[3], t[2] / t[4] }') times as" \
    "long as -j 2"

# ---- as labelled ----
cat > import <<'SQL'
CREATE TABLE labels(position INTEGER PRIMARY KEY, name, outcome, cause,
    exit INTEGER, state);
.mode tabs
.import labels labels
CREATE VIEW wrong AS
SELECT l.position, l.name, l.outcome || ' ' || l.cause || ' ' || l.exit ||
    ' ' || l.state AS wanted, coalesce(c.outcome || ' ' ||
    coalesce(c.cause, '-') || ' ' || c.exit_status || ' ' ||
    coalesce(i.state, '-'), 'no row') AS found,
    coalesce(c.died, i.problem, '') AS problem
FROM labels l LEFT JOIN cases c ON c.position = l.position AND
    c.path = l.name
LEFT JOIN inputs i ON i.position = c.position AND
    i.path LIKE '%capture.saz'
WHERE c.position IS NULL OR c.died IS NOT NULL OR
    instr('|' || l.outcome || '|', '|' || c.outcome || '|') = 0 OR
    l.cause <> coalesce(c.cause, '-') OR l.exit <> c.exit_status OR
    (l.state <> '-' AND l.state <> coalesce(i.state, ''));
SQL
sqlite3 -batch j1-1.db < import
is "$(query j1-1.db 'SELECT count(*) FROM cases')" "$CASES" "a row a case"
wrong=$(query j1-1.db 'SELECT count(*) FROM wrong')
is "$wrong" 0 "all are as labelled"
if [ "$wrong" -gt 0 ]; then
	say "the scenarios, then what was wanted, what was found (outcome,"
	say "cause, exit status, state of the capture):"
	query j1-1.db "SELECT count(*), substr(name, 7), wanted, found,
	    min(problem) FROM wrong GROUP BY 2, 3, 4 ORDER BY 2 LIMIT 60" |
	    sed 's/^/#   /'
	mkdir -p "$kept"
	query j1-1.db "SELECT min(name) FROM wrong
	    GROUP BY substr(name, 7), found LIMIT 60" |
	    while read -r name; do
		cp -R "cases/$name" "$kept/"
		awk -v to="to=$name" '$1 == "case" { on = ($2 == to) } on' \
		    scenarios > "$kept/$name.scenario"
	    done
	say "one of each, with its scenario: $kept"
fi
is "$(query j1-1.db 'SELECT count(DISTINCT case_id) FROM cases')" "$CASES" \
    "no two have the same content"
say "$(query j1-1.db "SELECT count(*) || ' attempts with a transaction id, '
    || (SELECT count(DISTINCT cause) FROM cases) || ' causes'
    FROM attempts WHERE transaction_id <> ''")"
is "$(query j1-1.db "SELECT count(*) FROM (SELECT 1 FROM attempts
    WHERE transaction_id <> '' GROUP BY transaction_id
    HAVING count(DISTINCT position) > 1)")" 0 \
    "no two have the same transaction id"
is "$(query j1-1.db "SELECT count(*) > 0 FROM labels
    WHERE exit = 3")$(query j1-1.db "SELECT count(*) > 0 FROM attempts
    WHERE transaction_id <> ''")" 11 "and there are some"

# ---- killed ten times ----
seconds=$(awk '{ print $1 }' j2-1.used)
awk -v t="$seconds" 'BEGIN { srand(); for (i = 0; i < 10; i++)
    printf "%.2f\n", 0.05 + rand() * t / 6 }' > moments
killed=0
halves=
while read -r moment; do
	(cd cases && exec "$AIKTRIAGE" batch --quiet --case=dir -j 2 \
	    --files-from ../list --state ../state \
	    -o ndjson:../k.ndjson --force 2> ../k.err) &
	pid=$!
	sleep "$moment"
	kill -KILL $pid 2> /dev/null
	wait $pid 2> /dev/null
	[ $? -eq 137 ] && killed=$((killed + 1))
	[ ! -f k.ndjson ] || cmp -s k.ndjson j1-1.ndjson ||
	    halves="$halves $moment"
done < moments
say "killed after $(tr '\n' ' ' < moments)seconds;" \
    "$(find state -type f | wc -l | tr -d ' ') results were kept"
is "$((killed >= 5))" 1 "most of the kills met a batch at work ($killed)"
is "$halves" "" "no output of a killed run is half"
batch k 2 --state ../state --force
is "$(cmp k.ndjson j1-1.ndjson 2>&1)" "" \
    "finished after ten kills, the NDJSON is that of an undisturbed run"
is "$(cmp k.csv j1-1.csv 2>&1)" "" "and the CSV"
batch k 2 --state ../state --force
is "$(cmp k.ndjson j1-1.ndjson 2>&1)" "" "and once more from what is kept"
say "all from what is kept: $(awk 'END { print $1 }' k.used) s"

echo "1..$tap_count"
[ "$tap_failed" -eq 0 ] && exit 0
say "$tap_failed of $tap_count failed"
exit 1
