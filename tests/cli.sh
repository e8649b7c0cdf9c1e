#!/bin/sh
# The command line: help, version, mistakes, output files and exit statuses.
# Relies on the program and one sample.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

sample=$SAMPLES/ifx-ca042-renewed
cd "$work" || exit 99
echo 'nothing that anyone knows' > note.bin
printf '\001\002\003\004' > junk
mkdir folder
cp junk folder/junk

# ---- help and version ----
run 0 "--help" "$AIKTRIAGE" --help
says '^usage: aiktriage' "--help shows the usage"
run 0 "--version" "$AIKTRIAGE" --version
says '^aiktriage [0-9]' "--version names the version"
says '^rules and tables [0-9a-f]\{64\}$' "--version names the rules' digest"
run 2 "no argument is a mistake" "$AIKTRIAGE"
for command in $("$AIKTRIAGE" --help |
    sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	run 0 "$command --help" "$AIKTRIAGE" "$command" --help
	says "^usage: aiktriage $command" "$command --help shows its usage"
	is "$(awk 'length($0) > 80' "$work/out")" '' \
	    "$command --help fits in 80 columns"
	run 2 "$command --nonsense is a mistake" "$AIKTRIAGE" "$command" \
	    --nonsense
done

# ---- mistakes ----
run 2 "an option with a slip" "$AIKTRIAGE" --fromat=json junk
complains 'did you mean --format' "the right one is offered"
run 2 "a command with a slip" "$AIKTRIAGE" anlyze junk
complains 'did you mean analyze' "the right one is offered"
run 2 "an unknown format" "$AIKTRIAGE" --format=docx junk
complains 'there are .*json' "the formats are named"
run 2 "-o without a format" "$AIKTRIAGE" -o report.json junk
run 2 "an unknown limit" "$AIKTRIAGE" --limits speed=1 junk
run 2 "a limit without a number" "$AIKTRIAGE" --limits depth=deep junk
run 2 "a time that is none" "$AIKTRIAGE" --as-of 2023-02-30 junk
run 2 "a severity that is none" "$AIKTRIAGE" --fail-on bad junk
run 2 "an unknown rule" "$AIKTRIAGE" --only no-such-rule junk
complains 'no-such-rule' "it is named"
run 2 "a colour that is none" "$AIKTRIAGE" --color=blue junk
run 2 "a descriptor that is none" "$AIKTRIAGE" --password-fd x junk
run 2 "a password file that is none" "$AIKTRIAGE" --password-file nope junk
run 2 "an option without its value" "$AIKTRIAGE" --format
run 2 "a value where none belongs" "$AIKTRIAGE" --json=yes junk
mkdir rules
echo 'on nothing' > rules/bad.rule
run 2 "a bad rule file" "$AIKTRIAGE" --rules rules junk
complains 'bad\.rule:1:' "its line is named"
run 2 "a folder of rules that is none" "$AIKTRIAGE" --rules nope junk

# ---- inputs and statuses ----
run 2 "no file at all" "$AIKTRIAGE" nope
complains 'nope: No such file' "it is named"
run 2 "an empty folder" sh -c "mkdir empty; '$AIKTRIAGE' empty"
run 3 "one of two files is missing" "$AIKTRIAGE" nope junk
run 3 "a file that nobody knows" "$AIKTRIAGE" --json junk
says '"state": "skipped"' "it is skipped"
run 0 "the same in a folder is normal" "$AIKTRIAGE" --json folder
says '"path": "folder/junk"' "its path starts with the folder"
run 3 "standard input" "$AIKTRIAGE" --json -
says '"path": "-"' "it is shown as -"
run 3 "a file given twice" "$AIKTRIAGE" --json junk folder/../junk
says '"path": "junk#2"' "the second one is numbered"
run 0 "a folder given as ." sh -c "cd folder && '$AIKTRIAGE' --json ."
says '"path": "folder/junk"' "it has its name"

# ---- output files ----
run 0 "-o writes a file" "$AIKTRIAGE" --quiet -o json:out.json folder
is "$(cat "$work/out")" "" "--quiet prints no report"
grep -q '"aiktriage-report/1"' out.json
ok $? "the file holds the report"
run 2 "an existing file stays" "$AIKTRIAGE" -o json:out.json folder
complains 'out.json exists' "that is said"
echo old > out.json
run 0 "--force replaces it" "$AIKTRIAGE" --force -o json:out.json folder
grep -q '"aiktriage-report/1"' out.json
ok $? "the new report is there"
run 2 "a folder that is none" "$AIKTRIAGE" -o json:none/out.json folder
run 2 "a folder is no file" "$AIKTRIAGE" -o json:folder folder
run 0 "several outputs" "$AIKTRIAGE" -o json:a.json -o text:a.txt folder
[ -s a.json ] && [ -s a.txt ]
ok $? "all are written"
run 0 "an output among the inputs" "$AIKTRIAGE" --quiet \
    -o json:folder/out.json folder
run 0 "is no input the next time" "$AIKTRIAGE" --force --json \
    -o json:folder/out.json folder
is "$(grep -c '"path": "folder/' "$work/out")" 1 "one input, not two"
rm -f folder/out.json
is "$(find . -name '*.json.*' | wc -l | tr -d ' ')" 0 \
    "no temporary file is left"
if [ -w /dev/full ]; then
	run 3 "a full disk is said" sh -c "'$AIKTRIAGE' folder > /dev/full"
	complains 'No space left' "with its reason"
fi

# ---- a case ----
if [ -d "$sample" ]; then
	run 0 "a sample" "$AIKTRIAGE" "$sample"
	mv "$work/out" plain
	run 0 "analyze is the default" "$AIKTRIAGE" analyze "$sample"
	cmp -s "$work/out" plain
	ok $? "and says the same"
	run 1 "--fail-on error" "$AIKTRIAGE" --fail-on error "$sample"
	run 3 "3 wins over 1" "$AIKTRIAGE" --fail-on error "$sample" junk
	run 0 "--min-severity" "$AIKTRIAGE" --json --min-severity error \
	    "$sample"
	if grep -q '"severity": "note"' "$work/out"; then
		ok 1 "no note is left"
	else
		ok 0 "no note is left"
	fi
	run 0 "--only" "$AIKTRIAGE" --json --only ek-certificate-rejected \
	    "$sample"
	is "$(grep -c '"severity": ' "$work/out")" 1 "one finding is left"
	run 2 "no rules at all fire nothing" "$AIKTRIAGE" \
	    --no-default-rules --only ek-certificate-rejected "$sample"
	run 0 "colour on demand" "$AIKTRIAGE" --color=always "$sample"
	grep -q "$(printf '\033')" "$work/out"
	ok $? "it is there"
	run 0 "no colour in a file" env TERM=xterm "$AIKTRIAGE" "$sample"
	if grep -q "$(printf '\033')" "$work/out"; then
		ok 1 "none is there"
	else
		ok 0 "none is there"
	fi
	# Colour by itself: on a terminal that has it and if nobody objects.
	cat > terminal.py <<'P'
import os
import pty
import sys

pid, fd = pty.fork()
if pid == 0:
    for setting in sys.argv[1].split():
        name, _, value = setting.partition("=")
        os.environ[name] = value
    os.execv(sys.argv[2], sys.argv[2:])
seen = b""
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
os.waitpid(pid, 0)
print("colour" if b"\x1b[" in seen else "plain")
P
	if python3 -c 'import pty; pty.openpty()' 2> /dev/null; then
		unset NO_COLOR
		for row in 'TERM=xterm colour' 'TERM=dumb plain' \
		    'TERM=xterm NO_COLOR=1 plain' \
		    'TERM=xterm NO_COLOR= colour'; do
			is "$(python3 terminal.py "${row% *}" "$AIKTRIAGE" \
			    --progress never "$sample")" "${row##* }" \
			    "a terminal with ${row% *}"
		done
		is "$(python3 terminal.py 'TERM=xterm' "$AIKTRIAGE" \
		    --progress never --color never "$sample")" plain \
		    "--color never on a terminal"
	else
		skip "colour on a terminal" "no python3 or no pseudo terminal"
	fi
	run 0 "CSV" "$AIKTRIAGE" --format=csv "$sample"
	{ printf '\357\273\277'; cat "$work/out"; } > with-mark
	run 0 "--csv-bom" "$AIKTRIAGE" --format=csv --csv-bom "$sample"
	cmp -s "$work/out" with-mark
	ok $? "is the same behind the mark"
	# The same bytes whatever the place, the locale and the time zone.
	run 0 "the report of here" "$AIKTRIAGE" --json "$sample"
	mv "$work/out" here.json
	cp -R "$sample" ./ifx-ca042-renewed
	for locale in C '' C.UTF-8; do
		run 0 "with LC_ALL=$locale elsewhere" env LC_ALL="$locale" \
		    TZ=Asia/Tokyo "$AIKTRIAGE" --json ifx-ca042-renewed
		cmp -s "$work/out" here.json
		ok $? "the same bytes"
	done
else
	skip "a sample" "samples/ifx-ca042-renewed is not there"
fi

done_testing
