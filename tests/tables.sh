#!/bin/sh
# The tables of rules/data: sorted, sourced, no duplicates, nothing odd; and
# the manual of codes names just those codes that the table has advice for.
# Relies on awk(1) and sort(1); prints TAP.

. "${srcdir:-.}/tests/tap.sh"

dir=$srcdir/rules/data

# empty NAME: $work/why holds the complaints.
empty()
{
	if [ -s "$work/why" ]; then
		ok 1 "$1"
		diag "$work/why"
	else
		ok 0 "$1"
	fi
}

# none PATTERN FILE NAME: no line of the file matches.
none()
{
	grep -n -e "$1" "$2" > "$work/why"
	empty "$3"
}

tab=$(printf '\t')
LC_ALL=C
export LC_ALL

for file in "$dir"/*.tsv; do
	name=${file##*/}
	grep -v '^#' "$file" | sed 1d > "$work/rows"

	sort -c "$work/rows" 2> "$work/why"
	empty "$name: rows are sorted by their bytes"
	sort "$work/rows" | uniq -d > "$work/why"
	empty "$name: no row stands twice"
	awk -F "$tab" '
		/^#/ { next }
		!n { n = NF; next }
		NF != n { print FNR ": " NF " columns, want " n }
	' "$file" > "$work/why"
	empty "$name: every row has all columns"

	# A source for each row, or one for all of them above.
	awk -F "$tab" '
		/^# Source: ./ { all = 1 }
		/^#/ { next }
		!head { head = FNR
			for (i = 1; i <= NF; i++) if ($i == "source") s = i
			if (!s && !all) print "no source"
			next }
		s && $s == "" { print FNR ": no source" }
	' "$file" > "$work/why"
	empty "$name: every row is sourced"
	none " $tab\|$tab \|^ \| \$" "$work/rows" \
	    "$name: no blanks at the ends of a value"
	none '[^ -~	]' "$file" "$name: printable ASCII"
	none '/home/\|/work/\|/tmp/\|\.\./' "$file" "$name: no path of a machine"
	awk 'length > 80 && /^#/ { print FNR ": " length " columns" }' \
	    "$file" > "$work/why"
	empty "$name: comments are 80 columns at most"
done

# Keys that look-ups take for unique.
unique()
{
	grep -v '^#' "$dir/$1" | sed 1d | cut -f "$2" | sort | uniq -d \
	    > "$work/why"
	empty "$1: columns $2 are unique"
}
unique codes.tsv 1,2,3
unique authorities.tsv 1,2,3
unique authority-events.tsv 1,2,3,4,5
unique issuers.tsv 3
unique reissues.tsv 1,2
unique incidents.tsv 1
unique vendors.tsv 1
unique hosts.tsv 1
unique facilities.tsv 1

# Values of a column fit a pattern.
column()
{
	grep -v '^#' "$dir/$1" | sed 1d | cut -f "$2" | grep -vE "^($3)\$" \
	    > "$work/why"
	empty "$1: column $2 is $4"
}
hex='[0-9a-f]'
date='20[0-9][0-9]-[01][0-9]-[0-3][0-9]'
time="[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"
column codes.tsv 1 "0x$hex{8}" "a code"
column codes.tsv 2 'HRESULT|Win32|NTSTATUS|HTTP|TPM 2\.0' "a kind"
column facilities.tsv 1 "0x$hex{4}" "a number"
column authorities.tsv 1 '[a-z]{3,4}' "a prefix"
column authorities.tsv 2 'keyid|nameid' "a form"
column authorities.tsv 3 "$hex{40,41}" "an id"
column authorities.tsv 4 'listed|removed' "a state"
column authority-events.tsv 4 "$date" "a date"
column authority-events.tsv 5 '[1-9]' "a step"
column authority-events.tsv 6 'add|renew|replace|remove|rename-(away|here)' \
    "an action"
column issuers.tsv 1 "($hex{40}|$hex{64})?" "a key identifier or none"
column issuers.tsv 2 "$time" "a time"
column issuers.tsv 3 "$hex{64}" "a digest"
column issuers.tsv 5 'root|intermediate' "a kind"
column issuers.tsv 9 "($hex$hex)+" "a serial"
column issuers.tsv 10 "$time" "a time"
column issuers.tsv 12 "$hex{40}" "a digest"
column reissues.tsv 10 "$date" "a date"
column incidents.tsv 2 "$date" "a date"
column incidents.tsv 3 "$date" "a date"
column vendors.tsv 2 "($hex{8})?" "a number or none"
column vendors.tsv 5 'yes|no' "yes or no"
column hosts.tsv 2 \
    'aik|ek-service|aia|enrolment|sign-in|device-health' "a scope"
column hosts.tsv 1 '[a-z0-9.-]*\*?[a-z0-9.-]+' "a pattern with one star"

# Every id that changed is an authority, and every vendor is registered.
grep -v '^#' "$dir/authorities.tsv" | sed 1d | cut -f 1-3 | sort -u \
    > "$work/known"
grep -v '^#' "$dir/authority-events.tsv" | sed 1d | cut -f 1-3 | sort -u |
    comm -23 - "$work/known" > "$work/why"
empty "authority-events.tsv: every id is an authority"
grep -v '^#' "$dir/vendors.tsv" | sed 1d | cut -f 1 | sort -u > "$work/known"
for t in issuers.tsv:4 reissues.tsv:3 incidents.tsv:4; do
	grep -v '^#' "$dir/${t%:*}" | sed 1d | cut -f "${t#*:}" |
	    grep . | sort -u | comm -23 - "$work/known" > "$work/why"
	empty "${t%:*}: every vendor is in vendors.tsv"
done

# The manual names each code with advice once, and no other.
grep -v '^#' "$dir/codes.tsv" | sed 1d |
    awk -F "$tab" '$5 != "" { print $1 }' | sort -u > "$work/known"
sed -n 's/^\.It \(0x[0-9a-f]\{8\}\)\( .*\)*$/\1/p' \
    "$srcdir/man/aiktriage-codes.7" | sort > "$work/manual"
uniq "$work/manual" | comm -3 - "$work/known" > "$work/why"
uniq -d "$work/manual" >> "$work/why"
empty "aiktriage-codes(7) names the codes with a first step"

done_testing
