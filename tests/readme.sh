#!/bin/sh
# The report that README.md shows is the one that the program prints;
# `readme.sh --update` puts the new one there.
# Relies on the indented block after "$ ./aiktriage samples/...".
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

readme=$srcdir/README.md
command=$(sed -n 's/^    \$ \.\/aiktriage //p' "$readme")
cd "$srcdir" || exit 99
# shellcheck disable=SC2086  # a list of words
"$AIKTRIAGE" $command 2> "$work/err" | sed 's/^\(.\)/    \1/' > "$work/new"

# The block ends at the first line that is neither indented nor empty.
awk -v new="$work/new" '
	!in_block { print }
	in_block && /^[^ ]/ { in_block = 0; print }
	/^    \$ \.\/aiktriage / {
		print ""
		while ((getline line < new) > 0)
			print line
		print ""
		in_block = 1
	}' "$readme" > "$work/README.md"

if [ "${1:-}" = --update ] && [ -s "$work/new" ]; then
	cat "$work/README.md" > "$readme"
fi
cmp -s "$work/README.md" "$readme"
ok $? "README.md shows the report of $command"
diff "$readme" "$work/README.md" | head -n 20 | sed 's/^/# /'

for first in bootstrap.sh 'samples/ifx-ca042-renewed'; do
	[ -e "$srcdir/$first" ]
	ok $? "$first is there"
done

done_testing
