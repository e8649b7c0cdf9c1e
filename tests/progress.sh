#!/bin/sh
# How far one case is and where its time went: on standard error alone, in
# lines that a program can read, and as one line on a terminal.
# Relies on a sample, and on python3 for JSON and a terminal.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

sample=$SAMPLES/ifx-ca042-renewed

# ---- the report is the same ----
"$AIKTRIAGE" --json "$sample" > "$work/plain" 2> /dev/null
for options in '--progress json' '--progress bar' '--progress never' --time \
    '--time -v --progress json'; do
	# shellcheck disable=SC2086
	run 0 "analyze $options" "$AIKTRIAGE" --json $options "$sample"
	cmp -s "$work/out" "$work/plain"
	ok $? "the report is the same"
done
"$AIKTRIAGE" facts "$sample" > "$work/plain" 2> /dev/null
run 0 "facts --progress json --time" "$AIKTRIAGE" facts --progress json \
    --time "$sample"
cmp -s "$work/out" "$work/plain"
ok $? "the facts are the same"
run 0 "decode --time" "$AIKTRIAGE" decode --time \
    "$SAMPLES/messages-as-files/answer.p7m"
grep -q '^everything ' "$work/err"
ok $? "decode tells its time"
run 1 "compare --time" "$AIKTRIAGE" compare --time "$sample" \
    "$SAMPLES/success-a"
is "$(grep -c '^everything ' "$work/err")" 2 "compare tells it of both cases"
run 0 "none where nobody looks" "$AIKTRIAGE" "$sample"
is "$(cat "$work/err")" "" "there is nothing on standard error"
run 0 "never" "$AIKTRIAGE" --progress never "$sample"
is "$(cat "$work/err")" "" "there is nothing either"
run 2 "a wrong word" "$AIKTRIAGE" --progress often "$sample"

# ---- times ----
run 0 "--time -v" "$AIKTRIAGE" --time -v --format text -o "csv:$work/csv" \
    "$sample"
for stage in starting reading decoding correlating judging reporting \
    everything; do
	grep -q "^$stage  *[0-9]*\.[0-9]\{3\}  *[0-9]*\.[0-9]\{3\}" "$work/err"
	ok $? "the time of $stage"
done
for part in saz store certreq attempts joins text csv; do
	grep -q "^  $part  *[0-9]*\.[0-9]\{3\} " "$work/err"
	ok $? "the time of $part"
done
grep -q '^  saz .* 1 piece$' "$work/err"
ok $? "how often a parser was needed"
is "$(awk '!/^aiktriage: / && length($0) > 80' "$work/err")" "" "no line is too long"
: > "$work/empty"
run 3 "also of a case without anything" "$AIKTRIAGE" --time "$work/empty"
grep -q '^everything ' "$work/err"
ok $? "and it is told"

# ---- JSON ----
if ! python3 -c 'import json, pty' 2> /dev/null; then
	skip "progress in JSON, and on a terminal" "no python3"
	done_testing
	exit
fi
"$AIKTRIAGE" --progress json --quiet "$sample" 2> "$work/lines"
cat > "$work/lines.py" <<'P'
import json
import os
import sys

lines = [json.loads(line) for line in open(sys.argv[1])]
stages = ["starting", "reading", "decoding", "correlating", "judging",
          "reporting", "done"]
keys = {"stage", "files", "all_files", "bytes", "all_bytes", "pieces",
        "all_pieces", "items", "elapsed_s"}
size = sum(os.path.getsize(os.path.join(sys.argv[2], n))
           for n in os.listdir(sys.argv[2]))
last = lines[-1]
assert all(set(line) == keys for line in lines), "keys"
assert all(line["stage"] in stages for line in lines), "stages"
order = [stages.index(line["stage"]) for line in lines]
assert order == sorted(order) and order[-1] == 6, "order"
assert last["files"] == last["all_files"] == len(os.listdir(sys.argv[2]))
assert last["bytes"] == last["all_bytes"] == size, "bytes"
assert 0 < last["pieces"] <= last["all_pieces"], "pieces"
assert last["items"] > 0, "items"
P
python3 "$work/lines.py" "$work/lines" "$sample" 2> "$work/err"
ok $? "every line has its keys, and the last one says all"
diag "$work/err"

# ---- a terminal ----
if ! python3 -c 'import pty; pty.openpty()' 2> /dev/null; then
	skip "progress on a terminal" "no pseudo terminal"
	done_testing
fi
cat > "$work/terminal.py" <<'P'
"""terminal.py TERM PROGRAM OUT DATA [OPTION...]: runs the program on a
terminal with a pipe for its input, which ends after the line came up, or at
once where TERM is dumb or it is told to be quiet.  Prints what the terminal
got."""
import os
import pty
import signal
import sys

term, program, out, data = sys.argv[1:5]
silent = term == "dumb" or "--quiet" in sys.argv
source, to = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = term
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(source, 0)
    os.close(to)
    os.execv(program, [program, "--json"] + sys.argv[5:] + ["-"])
signal.alarm(120)
os.close(source)
seen = b""
while not silent and b"reading: 0 of 1 files" not in seen:
    seen += os.read(fd, 4096)
os.write(to, open(data, "rb").read())
os.close(to)
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
os.waitpid(pid, 0)
print(repr(seen.decode()))
P
data=$sample/certreq.txt
"$AIKTRIAGE" --json - < "$data" > "$work/plain" 2> /dev/null
seen=$(python3 "$work/terminal.py" xterm "$AIKTRIAGE" "$work/report" "$data")
case $seen in
*'\r'*'reading: 0 of 1 files'*'\r\x1b[K'"'")
	ok 0 "a line on a terminal, which is cleared"
	;;
*)
	ok 1 "a line on a terminal, which is cleared"
	echo "# $seen"
	;;
esac
cmp -s "$work/report" "$work/plain"
ok $? "and the report is the same"
is "$(python3 "$work/terminal.py" dumb "$AIKTRIAGE" "$work/report" "$data")" \
    "''" "none on a dumb terminal"
is "$(python3 "$work/terminal.py" xterm "$AIKTRIAGE" "$work/report" "$data" \
    --quiet)" "''" "none with --quiet"

done_testing
