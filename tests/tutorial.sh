#!/bin/sh
# The examples of aiktriage-rules(5): its rules are written to files, its
# commands run in their order, and what the page says they print is compared.
# Relies on examples.awk and the samples.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

mkdir "$work/bin" "$work/own"
ln -s "$AIKTRIAGE" "$work/bin/aiktriage"
ln -s "$SAMPLES" "$work/samples"
PATH=$work/bin:$PATH
export PATH
cd "$work" || exit 99
awk -f "$srcdir/tests/examples.awk" < "$srcdir/man/aiktriage-rules.5"
is "$(find own -name '*.rule' | wc -l | tr -d ' ')" 2 "the page has two rules"
mv own/service-failed.rule .

n=1
while [ -f "run.$n" ]; do
	sh "run.$n" > out 2>&1 < /dev/null
	status=$?
	if [ -f "want.$n" ]; then
		if cmp -s out "want.$n"; then
			ok 0 "$(cat "run.$n")"
		else
			ok 1 "$(cat "run.$n")"
			diag out
		fi
	else
		ok $((status > 1)) "$(cat "run.$n")"
	fi
	n=$((n + 1))
done
ok $((n < 10)) "there are $((n - 1)) commands"

mkdir other
mv service-failed.rule other
run 0 "the other rule is sound" aiktriage rules test other

done_testing
