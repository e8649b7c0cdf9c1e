#!/bin/sh
# How long the program takes, for whoever makes it faster or slower: makes a
# few cases, runs each ROUNDS times in turn, and prints the least, the median
# and the most.  -j 2 is set against -j 1, and where BASE names another
# program (one built before a change), this one against that one, by the
# median of runs that stood next to each other.  `make bench' runs it.
# Relies on the forge and tests/long/measure; nothing here passes or fails.
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${builddir:=$PWD}"
: "${AIKTRIAGE:=$builddir/aiktriage}"
: "${SAMPLES:=$srcdir/samples}"
: "${FORGE:=$builddir/tests/forge/forge}"
: "${MEASURE:=$builddir/tests/long/measure}"
: "${ROUNDS:=11}" "${CASES:=200}" "${BASE:=}"
XDG_CONFIG_HOME=/nonexistent
export XDG_CONFIG_HOME

work=$(mktemp -d "${TMPDIR:-/tmp}/aiktriage-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

die() {
	echo "bench: $*" >&2
	exit 1
}

forge() {
	"$FORGE" --root "$srcdir/tests/forge" "$@" ||
	    die "a case could not be forged"
}

# ---- the cases ----
device='device ca=ifx-rsa-042-2023 model="SLB 9670 TPM2.0" version=0755'
cp -R "$SAMPLES/ifx-ca042-renewed" story || exit 1
cat > large.scenario <<EOF
case seed=large time=2023-03-29T14:05:10+02:00
$device
try outcome=rejected after=600
try outcome=rejected after=900
saz style=C noise=5000
EOF
{
	echo "case seed=certificates time=2023-03-29T14:05:10+02:00"
	echo "$device"
	i=0
	while [ $i -lt 40 ]; do
		echo "try outcome=rejected after=$((i * 70))"
		i=$((i + 1))
	done
	echo "saz style=A noise=10"
	printf 'certificate file=all.pem form=pem of="ek signer aik-ca'
	awk -F '\t' '/^[a-z]/ { printf " %s", $1 }' \
	    "$srcdir/tests/forge/cas.tsv"
	echo '"'
} > certificates.scenario
{
	echo "case seed=evtx time=2023-12-14T19:22:40+01:00"
	echo "device ca=amd-ssp-old model=AMD version=00030000" \
	    "firmware=3.46.0.5"
	echo "try outcome=not-found captured=no"
	echo "record kind=noise count=5000"
	echo "record kind=scep id=86"
	echo "evtx"
} > evtx.scenario
for name in large certificates evtx; do
	forge $name.scenario $name
done
awk -v count="$CASES" -v seed=1 -v samples="$SAMPLES" \
    -v scenarios=scenarios -v labels=labels -v list=list \
    -f "$srcdir/tests/long/plan.awk" "$srcdir/tests/long/samples.tsv" \
    "$srcdir/tests/long/kinds.txt" > /dev/null
forge many 2 scenarios cases

# ---- the runs ----

# once FILE PROGRAM OPTION...: a line of seconds; of any verdict.
once() {
	file=$1
	shift
	"$MEASURE" -o "$file" "$@" > /dev/null 2> err < /dev/null
	case $? in
	0 | 1 | 3)
		;;
	*)
		die "$*: $(cat err)"
		;;
	esac
}

# run NAME PROGRAM: one of the table's lines, once.
run() {
	case $1 in
	version)
		once "$3" "$2" --version
		;;
	batch-j*)
		(cd cases && once "../$3" "$2" batch --quiet --case=dir \
		    -j "${1#batch-j}" --files-from ../list \
		    -o ndjson:../out --force)
		;;
	*-html)
		once "$3" "$2" --format html "${1%-html}"
		;;
	*)
		once "$3" "$2" "$1"
		;;
	esac
}

names="version story story-html large certificates evtx batch-j1 batch-j2"
n=0
while [ $n -lt "$ROUNDS" ]; do
	n=$((n + 1))
	for name in $names; do
		# Who comes first takes turns.
		if [ -n "$BASE" ] && [ $((n % 2)) -eq 0 ]; then
			run "$name" "$BASE" "$name.base"
		fi
		run "$name" "$AIKTRIAGE" "$name.runs"
		if [ -n "$BASE" ] && [ $((n % 2)) -eq 1 ]; then
			run "$name" "$BASE" "$name.base"
		fi
	done
done

# ---- what they took ----
size() {
	case $1 in
	batch-j*)
		du -sk cases
		;;
	version)
		echo 0
		;;
	*)
		du -sk "${1%-html}"
		;;
	esac | awk '{ print $1 }'
}

# column N FILE: sorted.
column() {
	awk -v n="$1" '{ print $n }' "$2" | sort -n
}

median() {
	awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2)
	    print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'
}

# pairs FILE FILE: the median of their quotients, wall then processor.
pairs() {
	paste -d ' ' "$1" "$2" > pairs
	awk '{ print $1 / $5 }' pairs | sort -n | median
	awk '{ print ($2 + $3) / ($6 + $7) }' pairs | sort -n | median
}

echo "$ROUNDS runs each; milliseconds, the least, the median and the most"
printf '%-14s %8s  %26s  %10s  %8s\n' what kB "wall min/median/max" \
    "cpu median" "peak kB"
for name in $names; do
	awk '{ print $2 + $3 }' "$name.runs" > cpu
	printf '%-14s %8d  %8.1f %8.1f %8.1f  %10.1f  %8d\n' "$name" \
	    "$(size "$name")" \
	    "$(column 1 "$name.runs" | awk 'NR == 1 { print $1 * 1000 }')" \
	    "$(column 1 "$name.runs" | median | awk '{ print $1 * 1000 }')" \
	    "$(column 1 "$name.runs" | awk 'END { print $1 * 1000 }')" \
	    "$(sort -n cpu | median | awk '{ print $1 * 1000 }')" \
	    "$(column 4 "$name.runs" | tail -n 1)"
done
awk -v n="$CASES" '{ print n / $1 }' batch-j2.runs | sort -n | median |
    awk '{ printf "-j 2: %.0f cases a second\n", $1 }'
printf -- '-j 1 takes %.2f times as long as -j 2 (pairs)\n' \
    "$(pairs batch-j1.runs batch-j2.runs | head -n 1)"
[ -n "$BASE" ] || exit 0
for name in $names; do
	printf '%-14s %.3f of the processor time of BASE (pairs)\n' "$name" \
	    "$(pairs "$name.runs" "$name.base" | tail -n 1)"
done
