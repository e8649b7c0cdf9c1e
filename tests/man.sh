#!/bin/sh
# The manual: mandoc finds no fault, and options, commands, limits, fields and
# rules stand in it exactly when the program has them; examples run.
# Relies on mandoc and the program's own lists.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

# ---- lint ----
if [ "${MANDOC:-no}" = no ]; then
	MANDOC=$(command -v mandoc) || MANDOC=no
fi
for page in "$srcdir"/man/*.[1-9]; do
	if [ "$MANDOC" = no ]; then
		skip "${page##*/}: mandoc -Tlint" "there is no mandoc"
		continue
	fi
	# Pages that are not yet installed cannot be found by mandoc.
	(cd "$srcdir/man" && "$MANDOC" -Tlint "${page##*/}") 2>&1 |
	    grep -v 'STYLE: referenced manual not found: Xr aiktriage' \
	    > "$work/lint"
	is "$(cat "$work/lint")" "" "${page##*/}: mandoc -Tlint"
done

# Every reference to a page of ours leads to one.
bad=
for ref in $(sed -n 's/^\.Xr \(aiktriage[a-z-]*\) \([1-9]\).*/\1.\2/p' \
    "$srcdir"/man/*.[1-9] | sort -u); do
	[ -f "$srcdir/man/$ref" ] || bad="$bad $ref"
done
is "$bad" "" "every reference leads to a page"
bad=
for page in "$srcdir"/man/*.[1-9]; do
	grep -q "man/${page##*/}\( \|\$\)" "$srcdir/Makefile.am" ||
	    bad="$bad ${page##*/}"
done
is "$bad" "" "every page is installed"

# same NAME: the sorted lists $work/program and $work/manual.
same() {
	LC_ALL=C sort -u "$work/program" > "$work/p"
	LC_ALL=C sort -u "$work/manual" > "$work/m"
	is "$(LC_ALL=C comm -23 "$work/p" "$work/m" | tr '\n' ' ')" "" \
	    "$1: what the program has is in the manual"
	is "$(LC_ALL=C comm -13 "$work/p" "$work/m" | tr '\n' ' ')" "" \
	    "$1: what the manual has is in the program"
	is "$([ -s "$work/p" ] && echo some)" some "$1: there are some"
}

# ---- aiktriage(1) ----
page=$srcdir/man/aiktriage.1
"$AIKTRIAGE" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p' \
    > "$work/program"
cp "$work/program" "$work/commands"
sed -n '/^The commands are/,/^Each command/s/^\.It Cm \([a-z]*\).*/\1/p' \
    "$page" > "$work/manual"
same commands

"$AIKTRIAGE" analyze --help | sed -n 's/^  ....\(--[a-z-]*\).*/\1/p' \
    > "$work/program"
sed -n '/^Each command/,/^\.Sh LIMITS/s/^\.It Fl \(.*\)/\1/p' "$page" |
    sed 's/^[a-z] , //; s/ .*//; s/^/-/' > "$work/manual"
same options

"$AIKTRIAGE" analyze --limits list | awk '{ print $1, $2 }' \
    > "$work/program"
sed -n '/^\.Sh LIMITS/,/^\.Sh ENV/s/^\.It Cm \([a-z0-9_]*\) Pq \(.*\)/\1 \2/p' \
    "$page" | awk '
	/k$/ { sub("k", "", $2); $2 *= 1024 }
	/M$/ { sub("M", "", $2); $2 *= 1048576 }
	/G$/ { sub("G", "", $2); $2 *= 1073741824 }
	{ printf "%s %.0f\n", $1, $2 }' > "$work/manual"
same limits

# ---- a page for each command ----
while read -r command; do
	[ -f "$srcdir/man/aiktriage-$command.1" ]
	ok $? "aiktriage-$command(1) is there"
	# Options of analyze stand in aiktriage(1); all others are told here.
	"$AIKTRIAGE" "$command" --help | sed -n 's/^  ....--\([a-z-]*\).*/\1/p' |
	    sort > "$work/has"
	"$AIKTRIAGE" analyze --help | sed -n 's/^  ....--\([a-z-]*\).*/\1/p' |
	    sort > "$work/of-analyze"
	lacks=
	for option in $(comm -23 "$work/has" "$work/of-analyze"); do
		grep -q "Fl -$option\( \|\$\)" \
		    "$srcdir/man/aiktriage-$command.1" || lacks="$lacks $option"
	done
	is "$lacks" "" "it tells the options that only $command has"
done < "$work/commands"

# ---- in a browser ----
if [ "$MANDOC" = no ]; then
	skip "the manual as HTML" "there is no mandoc"
else
	MANDOC=$MANDOC sh "$srcdir/tools/html-man.sh" "$work/html" "$srcdir" \
	    $(cd "$srcdir" && echo man/*.[1-9]) > "$work/err" 2>&1
	ok $? "the manual as HTML"
	diag "$work/err"
	bad=
	for link in $(sed -n 's/.*href="\([a-z0-9.-]*\.html\)".*/\1/p' \
	    "$work"/html/*.html | sort -u); do
		[ -f "$work/html/$link" ] || bad="$bad $link"
	done
	is "$bad" "" "every link of it leads to a page"
	grep -q 'href="aiktriage-report.5.html"' "$work/html/index.html"
	ok $? "and the first page leads to all"
fi

# ---- other tables ----
if [ -f "$srcdir/man/aiktriage-fields.7" ]; then
	"$AIKTRIAGE" fields --json | sed -n 's/^    "name": "\(.*\)",$/\1/p' \
	    > "$work/program"
	sed -n 's/^\.It Va \([a-z_.0-9]*\).*/\1/p' \
	    "$srcdir/man/aiktriage-fields.7" > "$work/manual"
	same fields
fi
if [ -f "$srcdir/man/aiktriage-causes.7" ]; then
	"$AIKTRIAGE" rules list | awk '$1 ~ /^[a-z0-9-]+$/ { print $1 }' \
	    > "$work/program"
	sed -n 's/^\.It Cm \([a-z0-9-]*\).*/\1/p' \
	    "$srcdir/man/aiktriage-causes.7" > "$work/manual"
	same rules
fi

# ---- examples ----
mkdir "$work/bin"
ln -s "$AIKTRIAGE" "$work/bin/aiktriage"
ln -s "$SAMPLES" "$work/samples"
ln -s "$srcdir/rules" "$work/rules"
PATH=$work/bin:$PATH
export PATH
cd "$work" || exit 99
for page in "$srcdir"/man/*.[1-9]; do
	# These need the files that stand between them; see tutorial.sh.
	[ "${page##*/}" = aiktriage-rules.5 ] && continue
	# These need programs that may be absent; see cluster.sh.
	[ "${page##*/}" = aiktriage-cluster.7 ] && continue
	sed -n '/^\.Bd -literal/,/^\.Ed/s/^\$ \(.*\)/\1/p' "$page" |
	    sed 's/\\(ba/|/g; s/\\e/\\/g; s/\\&//g; s/\\-/-/g' > examples
	n=0
	while read -r line; do
		n=$((n + 1))
		sh -c "$line" > out 2> err < /dev/null
		status=$?
		if [ $status -le 3 ] && [ $status -ne 2 ]; then
			ok 0 "${page##*/}: example $n: $line"
		else
			ok 1 "${page##*/}: example $n: $line"
			diag err
		fi
	done < examples
done

done_testing
