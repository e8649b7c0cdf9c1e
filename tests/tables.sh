#!/bin/sh
# The tables of rules/data: sorted, sourced, no duplicates, nothing odd; and
# the manual of codes is what the table of their meanings makes of it.
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
	none '/home/\|/root/\|/tmp/\|\.\./' "$file" "$name: no path of a machine"
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
unique advice.tsv 1,2
unique authorities.tsv 1,2,3
unique authority-events.tsv 1,2,3,4,5
unique issuers.tsv 3
unique reissues.tsv 1,2
unique incidents.tsv 1
unique vendors.tsv 1
unique hosts.tsv 1
unique firmware.tsv 1,2
unique facilities.tsv 1
unique proxies.tsv 1,2,3,4
unique inspection.tsv 3
unique defects.tsv 1

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
kinds='HRESULT|Win32|NTSTATUS|HTTP|TPM 2\.0|OMA-DM|EnrollStatus'
kinds="$kinds|SCEP (failInfo|pkiStatus|messageType)"
column codes.tsv 2 "$kinds|event|bugcheck|API" "a kind"
column advice.tsv 1 "0x$hex{8}" "a code"
column advice.tsv 2 "$kinds" "a kind"
column advice.tsv 4 '.{2,160}' "a meaning"
column advice.tsv 5 '.{3,120}' "a first step"
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
column proxies.tsv 2 'header|page' "a place"
column proxies.tsv 3 '[a-z-]*' "a header or none"
column proxies.tsv 5 'yes|no' "yes or no"
column inspection.tsv 2 'inspector|tool|server' "a kind"
column defects.tsv 1 'KB[0-9]{7}' "an update"
column defects.tsv 2 '[0-9]{5}' "a build"
column defects.tsv 3 '[0-9]{5}' "a build"
column defects.tsv 4 '[0-9]+' "a revision"
column defects.tsv 5 "0x$hex{8}|ek-missing" "a sign"
column defects.tsv 8 "$date" "a date"
column hosts.tsv 2 \
    'aik|ek-service|aia|enrolment|sign-in|device-health' "a scope"
column firmware.tsv 2 '[0-9]+\.[0-9]+' "two numbers"
column firmware.tsv 3 '[0-9]+\.[0-9]+' "two numbers"
column hosts.tsv 1 '[a-z0-9.-]*\*?[a-z0-9.-]+(/[a-z0-9/.-]*)?' \
    "a pattern with one star, or with a path"

# Every id that changed is an authority, and every vendor is registered.
grep -v '^#' "$dir/authorities.tsv" | sed 1d | cut -f 1-3 | sort -u \
    > "$work/known"
grep -v '^#' "$dir/authority-events.tsv" | sed 1d | cut -f 1-3 | sort -u |
    comm -23 - "$work/known" > "$work/why"
empty "authority-events.tsv: every id is an authority"
grep -v '^#' "$dir/vendors.tsv" | sed 1d | cut -f 1 | sort -u > "$work/known"
for t in issuers.tsv:4 reissues.tsv:3 incidents.tsv:4 firmware.tsv:1 \
    defects.tsv:6; do
	grep -v '^#' "$dir/${t%:*}" | sed 1d | cut -f "${t#*:}" |
	    grep . | sort -u | comm -23 - "$work/known" > "$work/why"
	empty "${t%:*}: every vendor is in vendors.tsv"
done

# What is meant by a code is said of codes that have a name line.
grep -v '^#' "$dir/codes.tsv" | sed 1d | cut -f 1-3 | sort > "$work/known"
grep -v '^#' "$dir/advice.tsv" | sed 1d | cut -f 1-3 | sort |
    comm -23 - "$work/known" > "$work/why"
empty "advice.tsv: every code and name is in codes.tsv"

# How many there are: names of 22,500 numbers here, 25,000 with the HRESULTs
# of Win32 errors (test_knowledge counts those), 400 with advice.
is "$(($(cut -f 1 "$work/known" | uniq | wc -l) >= 22500))" 1 \
    "codes.tsv has names for 22,500 numbers"
is "$(($(grep -v '^#' "$dir/advice.tsv" | sed 1d | cut -f 1 | uniq |
    wc -l) >= 400))" 1 "advice.tsv has 400 numbers"

# The manual is made from the table.
awk -f "$srcdir/tools/codes-man.awk" "$dir/advice.tsv" |
    diff - "$srcdir/man/aiktriage-codes.7" | head -n 5 > "$work/why"
empty "aiktriage-codes(7) is what tools/codes-man.awk makes"

done_testing
