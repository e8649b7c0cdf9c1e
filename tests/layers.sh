#!/bin/sh
# Includes run one way: evidence < knowledge < decode < parsers < correlate <
# judge < report < batch, and the commands on top.  Relies on grep.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

# layer FOLDER ALLOWED...: own headers and those of lower layers only.
layer() {
	folder=$1
	shift
	bad=
	for file in "$srcdir/$folder"/*.c "$srcdir/$folder"/*.h; do
		[ -f "$file" ] || continue
		for header in $(sed -n 's/^#include "\(.*\)"$/\1/p' "$file"); do
			good=no
			for allowed in "$@"; do
				case $header in
				$allowed) good=yes ;;
				esac
			done
			[ $good = yes ] || bad="$bad ${file##*/}:$header"
		done
	done
	is "$bad" "" "$folder includes only what lies below it"
}

cd "$srcdir" || exit 99
layer src/evidence 'evidence/*'
layer src/knowledge 'evidence/*' 'knowledge/*'
layer src/decode 'evidence/*' 'knowledge/*' 'decode/*'
layer parsers 'evidence/*' 'knowledge/*' 'decode/*' parsers/fields.h
layer src/correlate 'evidence/*' 'knowledge/*' 'decode/*' parsers/fields.h \
    'correlate/*'
layer src/judge 'evidence/*' 'knowledge/*' parsers/fields.h 'correlate/*' \
    'judge/*'
layer src/report 'evidence/*' 'knowledge/*' 'decode/*' parsers/fields.h \
    'correlate/*' 'judge/*' 'report/*'
layer src/batch 'evidence/*' 'knowledge/*' 'decode/*' 'correlate/*' \
    'judge/*' 'report/*' 'batch/*' log.h command.h
layer src/redact 'evidence/*' 'decode/*' 'judge/*' report/escape.h 'redact/*'

# A parser, a correlator, a reporter or a command that no list names is dead.
for list in 'parser parsers' 'correlator src/correlate' \
    'reporter src/report' 'command src'; do
	kind=${list% *}
	bad=
	for file in "$srcdir/${list#* }"/*.c; do
		grep -Eq "^const struct ${kind}[[:space:]]+${kind}_" "$file" ||
		    continue
		grep -q "	${list#* }/${file##*/}" "$srcdir/Makefile.am" ||
		    bad="$bad ${file##*/}"
	done
	is "$bad" "" "every $kind stands in a list of Makefile.am"
done

# Every unit test that exists is run.
bad=
for file in "$srcdir"/tests/unit/test_*.c; do
	[ -f "$file" ] || continue
	name=tests/unit/$(basename "$file" .c)
	grep -Eq "^	$name( |\$)" "$srcdir/Makefile.am" || bad="$bad $name"
done
is "$bad" "" "every unit test stands in UNIT_TESTS"
bad=
for file in "$srcdir"/tests/*.sh; do
	name=tests/${file##*/}
	[ "$name" = tests/tap.sh ] && continue
	grep -Eq "^	$name( |\$)" "$srcdir/Makefile.am" || bad="$bad $name"
done
is "$bad" "" "every shell test stands in SHELL_TESTS"

done_testing
