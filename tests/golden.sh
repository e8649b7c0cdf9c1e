#!/bin/sh
# Compares the JSON and the text report of every sample with those that were
# read and accepted (tests/expected); `golden.sh --update` accepts new ones.
# The version and the digest of the rules are left out of the comparison.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

expected=$srcdir/tests/expected
update=false
[ "${1:-}" = --update ] && update=true

# Digits that change with every rule say nothing about a sample.
plain() {
	sed -e 's/\("rules_sha256": "\)[0-9a-f]*"/\1-"/' \
	    -e '/"name": "aiktriage"/,/}/s/\("version": "\)[^"]*"/\1-"/' \
	    -e 's/Made by aiktriage .* rules:\\n[0-9a-f]*/Made by aiktriage/'
}

# same SUFFIX FILE NAME
same() {
	if diff -u "$expected/$3.$1" "$2" > "$work/diff" 2>&1; then
		ok 0 "$3: $1"
	else
		ok 1 "$3: $1"
		diag "$work/diff"
	fi
}

: > "$work/status"
for sample in "$SAMPLES"/*; do
	name=${sample##*/}
	case $name in
	scenarios|README*|LICENSE*)
		continue
		;;
	esac
	why=$(unread "$sample")
	if [ -n "$why" ]; then
		skip "$name" "$why"
		grep "^$name " "$expected/STATUS" >> "$work/status"
		continue
	fi
	for format in json text; do
		suffix=$format
		[ "$format" = text ] && suffix=txt
		"$AIKTRIAGE" analyze --quiet --color=never \
		    --format="$format" "$sample" > "$work/out" \
		    2> "$work/err" < /dev/null
		status=$?
		plain < "$work/out" > "$work/$name.$suffix"
		if [ "$status" -gt 3 ]; then
			echo "Bail out! $name: status $status"
			diag "$work/err"
			exit 99
		fi
	done
	echo "$name $status" >> "$work/status"
	if $update; then
		mkdir -p "$expected"
		cp "$work/$name.json" "$work/$name.txt" "$expected/"
		continue
	fi
	same json "$work/$name.json" "$name"
	same txt "$work/$name.txt" "$name"
done
if $update; then
	cp "$work/status" "$expected/STATUS"
	for file in "$expected"/*.json "$expected"/*.txt; do
		name=${file##*/}
		name=${name%.*}
		[ -e "$SAMPLES/$name" ] || rm -f "$file"
	done
	exit 0
fi
# One screen without -v, by REPORT: what a large terminal shows of 80 columns.
screen=54
awk -v screen=$screen 'length($0) > 80 || FNR > screen {
	print FILENAME ":" FNR ": " $0
}' "$work"/*.txt > "$work/over"
is "$(cat "$work/over")" '' "no text takes more than $screen lines of 80"
is "$(cat "$work/status")" "$(cat "$expected/STATUS" 2>/dev/null)" \
    'exit status of every sample'
done_testing
