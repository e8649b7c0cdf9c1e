#!/bin/sh
# Each condition of each built-in rule is needed: without it some sample that
# the rule names would end in another way.  Relies on tests/mutation.c, which
# `make rules-mutation' runs too.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

"$builddir/tests/mutation" "$SAMPLES" "$srcdir/rules/causes" > "$work/out" \
    2> "$work/err" < /dev/null
status=$?
[ $status -le 1 ] || diag "$work/err"
is "$((status > 1))" 0 "the rules and samples are read"
# Survivors stand before the line of their rule.
while read -r line; do
	case $line in
	"ok "*) ok 0 "${line#*- }" ;;
	"not ok "*) ok 1 "${line#*- }" ;;
	"#"*) echo "$line" ;;
	esac
done < "$work/out"

done_testing
