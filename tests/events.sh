#!/bin/sh
# Events in every form give the same facts: the log itself, XML and CSV of
# several tools, text in three languages; what is damaged is kept as far as it
# goes.  Relies on the forge, and on python3 to check and compare.
. "${srcdir:-.}/tests/tap.sh"

: "${FORGE:=$builddir/tests/forge/forge}"
python=${PYTHON3:-python3}
[ -x "$FORGE" ] || skip_all "the forge is not built"
"$python" -c 'import zlib' > /dev/null 2>&1 || skip_all "no python3"
root=$srcdir/tests/forge
compare=$srcdir/tests/events.py
cd "$work" || exit 99

logs=yes
"$AIKTRIAGE" --version | grep -q 'without libevtx' && logs=no

# facts FILE: into facts.NAME
facts() {
	"$AIKTRIAGE" facts --quiet --format=json "$1" \
	    > "facts.${1##*/}" 2> "$work/err" < /dev/null
}

# same FILE FILE NAME [FIELD...]: the facts of both, but for the fields
same() {
	one=$1
	two=$2
	what=$3
	shift 3
	facts "$one"
	facts "$two"
	"$python" "$compare" same "facts.${one##*/}" "facts.${two##*/}" "$@" \
	    > "$work/out" 2>&1
	ok $? "$what"
	[ -s "$work/out" ] && diag "$work/out"
}

# make LANGUAGE: one case in all forms
make_case() {
	cat > all.scenario <<-SCENARIO
	case seed=events-$1 time=2023-03-29T14:05:10+02:00
	device ca=ifx-rsa-042-2023 machine=AIK-TEST-01
	try outcome=rejected captured=no
	try outcome=not-found captured=no after=60
	try outcome=success captured=no after=100
	try outcome=refused error=-2146875375 captured=no after=130
	try outcome=dns captured=no after=160
	record kind=scep id=87 try=1 lang=$1
	record kind=scep id=86 try=2 lang=$1
	record kind=scep id=88 try=3 lang=$1
	record kind=scep id=87 try=4 lang=$1
	record kind=scep id=86 try=5 lang=$1
	record kind=noise count=30 lang=$1
	record kind=autopilot after=420 lang=$1
	record kind=join after=430 lang=$1
	record kind=tpm after=10 lang=$1
	evtx file=one.evtx
	evtx file=chunks.evtx per_chunk=9
	evtx file=direct.evtx direct=yes
	event-xml file=qe.xml style=qe
	event-xml file=viewer.xml
	event-xml file=qe16.xml style=qe encoding=utf-16le bom=yes
	event-xml file=viewer16.xml encoding=utf-16be bom=yes
	event-csv file=viewer.csv lang=$1
	event-csv file=viewer16.csv lang=$1 encoding=utf-16le bom=yes
	event-csv file=posh.csv style=posh
	events file=viewer.txt lang=$1
	events file=viewer16.txt lang=$1 encoding=utf-16le bom=yes
	events file=wevtutil.txt style=wevtutil
	SCENARIO
	rm -rf all
	"$FORGE" --root "$root" all.scenario all
}

for language in en de ru; do
	make_case $language
	run 0 "$language: the logs are whole" "$python" "$compare" log \
	    all/one.evtx all/chunks.evtx all/direct.evtx
	if [ $logs = yes ]; then
		same all/one.evtx all/qe.xml "$language: log and XML"
		same all/one.evtx all/chunks.evtx "$language: many chunks"
		same all/one.evtx all/direct.evtx "$language: no templates"
	else
		skip "$language: log and XML" "built without libevtx"
	fi
	for form in viewer.xml qe16.xml viewer16.xml viewer.txt viewer16.txt \
	    wevtutil.txt; do
		same all/qe.xml all/$form "$language: XML and $form"
	done
	same all/qe.xml all/posh.csv "$language: XML and posh.csv" \
	    run.event_time note.time
	for form in viewer.csv viewer16.csv; do
		same all/qe.xml all/$form "$language: XML and $form" \
		    run.event_time note.time event.channel event.computer
	done
done

# ---- what is cited is what is said ----
make_case de
for file in all/*; do
	case $file in
	*.evtx)
		[ $logs = no ] && continue
		;;
	esac
	facts "$file"
	"$AIKTRIAGE" analyze --quiet --format=json "$file" > report \
	    2> "$work/err" < /dev/null
	run 0 "the bytes of ${file##*/}" "$python" "$srcdir/tests/cite.py" \
	    "$file" "facts.${file##*/}" report
	[ "$status" -ne 0 ] && diag "$work/out"
done

# ---- several events and other text in one file ----
{
	echo "Yesterday this stood in the log:"
	echo
	cat all/viewer.txt
} > mixed.txt
same all/viewer.txt mixed.txt "events with words around them" note.none
sed 's/^/> /' all/viewer.txt > quoted.txt
same all/viewer.txt quoted.txt "quoted events"

# ---- an export that ends early ----
head -c 12000 all/qe.xml > cut.xml
run 3 "XML that is cut" "$AIKTRIAGE" --json cut.xml
says 'is damaged' "that is told"
sed 's/<Level>2/<Level 2/' all/qe.xml > broken.xml
run 3 "events that are no XML" "$AIKTRIAGE" --json broken.xml
says '0x81039001\|81039001\|"kind": "event-text"' "the others are read"
sed 's/^<Event /<!DOCTYPE Event [<!ENTITY a "b">]><Event /' all/qe.xml \
    > entity.xml
run 3 "XML with a DOCTYPE" "$AIKTRIAGE" --json entity.xml
says 'DOCTYPE' "is not read"

if [ $logs = yes ]; then
	"$FORGE" damage cut=60 all/chunks.evtx cut.evtx
	run 3 "a log that is cut" "$AIKTRIAGE" --json cut.evtx
	says '"state": "partial"' "it is partial"
	says 'the event log is cut' "that is told"
	says 'ek-certificate-rejected' "what is there is judged"
	bad=
	size=$(wc -c < all/one.evtx | tr -d ' ')
	for n in 8 9 127 128 4095 4096 4100 4607 4608 4620 5000 6000 9000 \
	    $((size - 1)); do
		head -c "$n" all/one.evtx > short.evtx
		"$AIKTRIAGE" short.evtx > out 2> err
		status=$?
		[ $status -eq 3 ] || bad="$bad $n:$status"
	done
	is "$bad" "" "a log cut anywhere ends with 3"
	run 3 "a limit of events" "$AIKTRIAGE" --json \
	    --limits event_records=5 all/one.evtx
	says 'event_records' "it is named"
	printf 'ElfFile\0 is how a log begins' > only-magic
	run 3 "a file that only begins like a log" "$AIKTRIAGE" only-magic
else
	run 3 "a log without libevtx" "$AIKTRIAGE" --json all/one.evtx
	says 'built without libevtx' "that is told"
fi

# ---- nothing else is taken for an export of events ----
printf 'Level,Source,Note\n2,TPM,0x81039001 is not an event\n' > list.csv
"$AIKTRIAGE" --json list.csv > out 2> err
is "$(grep -c '"kind": "event-text"' out)" 0 "a table of something else"
printf '<Event><System>TPM 0x80190194</System></Event>\n' > other.xml
"$AIKTRIAGE" --color=never other.xml > out 2> err
is "$(grep -c 'ek-certificate-rejected\|authority-not-found' out)" 0 \
    "XML of something else accuses nobody"

done_testing
