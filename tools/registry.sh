#!/bin/sh
# Writes src/registry.c: the tables of parsers, correlators, reporters and
# commands, from the four lists of Makefile.am.
# Relies on each file foo.c exporting KIND_foo.
set -eu

# table KIND HEADER TABLE PREFIX FILES
table() {
	names=
	for file in $5; do
		name=${file##*/}
		name=${name%.c}
		names="$names ${name#"$4"}"
	done
	printf '#include "%s"\n' "$2"
	for name in $names; do
		printf 'extern const struct %s %s_%s;\n' "$1" "$1" "$name"
	done
	printf 'const struct %s *const %s[] = {\n' "$1" "$3"
	for name in $names; do
		printf '\t&%s_%s,\n' "$1" "$name"
	done
	printf '\tNULL\n};\n\n'
}

[ $# -eq 4 ] || {
	echo "usage: registry.sh PARSERS CORRELATORS REPORTS COMMANDS" >&2
	exit 2
}
printf '/* Made by tools/registry.sh from the lists of Makefile.am. */\n'
printf '#include <stddef.h>\n\n'
table parser decode/parser.h parsers "" "$1"
table correlator correlate/correlator.h correlators "" "$2"
table reporter report/report.h reporters "" "$3"
table command command.h commands cmd_ "$4"
