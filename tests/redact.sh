#!/bin/sh
# redact: of a case full of planted secrets none is left in any coding, what
# belongs together still does, and no sample's findings change.
# Relies on the samples and, for planting and searching, on python3.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"
python=${PYTHON3:-python3}
tool=$srcdir/tests/redact.py
: "${FORGE:=$builddir/tests/forge/forge}"

# ---- the samples ----
bad=
mkdir "$work/samples"
for folder in "$SAMPLES"/*/; do
	story=${folder%/}
	story=${story##*/}
	[ "$story" = scenarios ] && continue
	[ -n "$(unread "$folder")" ] && continue
	"$AIKTRIAGE" redact "$folder"* --to "$work/samples/$story" \
	    > "$work/out" 2> "$work/err"
	status=$?
	# Some are incomplete as they are.
	if [ $status -eq 3 ]; then
		"$AIKTRIAGE" --quiet "$folder"* > "$work/err" 2>&1
		[ $? -eq 3 ] && status=0
	fi
	[ $status -eq 0 ] &&
	    grep -q '^The verdict and all findings are the same' \
	    "$work/out" && continue
	bad="$bad $story:$status"
	sed -n '/^Findings changed/,$p' "$work/out" > "$work/changed"
	diag "$work/changed"
	diag "$work/err"
done
is "$bad" "" "no finding of a sample changes"
if command -v "$python" > /dev/null; then
	printf 'machine\tAIK-TEST-\n' > "$work/machines"
	run 1 "machines have names in the samples" "$python" "$tool" search \
	    "$work/machines" "$SAMPLES/amd-removed-evtx" \
	    "$SAMPLES/event87-german-utf16be" "$SAMPLES/mdm-no-ek-certificate"
	run 0 "and none in what was made of them" "$python" "$tool" search \
	    "$work/machines" "$work"/samples/*/
	diag "$work/out"
fi
bad=
for file in "$work"/samples/*/*.saz; do
	"$python" "$tool" saz \
	    "$SAMPLES/${file#"$work/samples/"}" "$file" > "$work/out" 2>&1 ||
	    bad="$bad $file"
done
command -v "$python" > /dev/null && is "$bad" "" \
    "a SAZ keeps its members, their order and methods, and the comment"

# ---- what was removed is said, and nothing more ----
made=$work/samples/registry-ek-stores
run 0 "a redacted case is read again" "$AIKTRIAGE" --json "$made"/*
says 'the case was redacted: tokens stand for values, 1 signatures' \
    "and known for one"
run 0 "its EK certificate" "$AIKTRIAGE" facts "$made"/*
grep -c 'cert.signature_valid *false' "$work/out" > "$work/count"
is "$(cat "$work/count")" 0 "has no wrong signature"
grep 'cert.role *ek ' "$work/out" > /dev/null
ok $? "and is there"

# ---- options ----
run 2 "no folder" "$AIKTRIAGE" redact "$SAMPLES/note-only"
run 2 "no case" "$AIKTRIAGE" redact --to "$work/x"
run 2 "a folder inside of the case" "$AIKTRIAGE" redact "$work" --to \
    "$work/inside"
run 0 "a note" "$AIKTRIAGE" redact "$SAMPLES"/note-only/* --to "$work/note"
is "$(find "$work/note.map" -perm 0600)" "$work/note.map" \
    "the map is its owner's alone"
run 2 "the map is not replaced" "$AIKTRIAGE" redact \
    "$SAMPLES"/note-only/* --to "$work/note"
rm "$work/note.map"
run 2 "a folder with files is not taken" "$AIKTRIAGE" redact \
    "$SAMPLES"/note-only/* --to "$work/note"
run 0 "but with --force" "$AIKTRIAGE" redact --force \
    "$SAMPLES"/note-only/* --to "$work/note"
run 2 "the map never stands in the folder" "$AIKTRIAGE" redact \
    "$SAMPLES"/note-only/* --to "$work/other" --map "$work/other/map"
echo nonsense > "$work/nonsense"
run 2 "what is no map" "$AIKTRIAGE" redact "$SAMPLES"/note-only/* \
    --to "$work/third" --map "$work/nonsense"
is "$(cat "$work/nonsense")" nonsense "stays"

# ---- reports never show what opens doors ----
if command -v "$python" > /dev/null; then
	for story in evidence-mixed amd-authority-removed capture-incomplete; do
		mkdir -p "$work/$story"
		"$python" "$tool" arm "$SAMPLES/$story/capture.saz" \
		    "$work/$story.saz" "$work/armed"
		for format in text json ndjson html csv sarif junit; do
			"$AIKTRIAGE" --format $format "$work/$story.saz" \
			    > "$work/$story/$format" 2> "$work/err"
		done
		"$AIKTRIAGE" -v "$work/$story.saz" > "$work/$story/verbose" \
		    2> "$work/err"
		for command in facts 'facts --json' decode; do
			# shellcheck disable=SC2086  # words
			"$AIKTRIAGE" $command "$work/$story.saz" \
			    > "$work/$story/$command" 2> "$work/err"
		done
		"$AIKTRIAGE" --quiet --escalation "$work/$story/escalation" \
		    "$work/$story.saz" 2> "$work/err"
		run 0 "no credential in any report of $story" "$python" \
		    "$tool" search "$work/armed" "$work/$story"
		diag "$work/out"
	done
	is "$(grep -c '"(hidden)"' "$work/evidence-mixed/facts --json" |
	    sed 's/^[1-9][0-9]*$/some/')" some "but that they are there"
fi

# ---- planted secrets ----
command -v "$python" > /dev/null || { skip "planted secrets" "no python3"
	done_testing; exit; }
run 0 "plant" "$python" "$tool" plant "$SAMPLES/evidence-mixed/capture.saz" \
    "$work/planted" "$work/list"
echo "tests/redact.sh knows it" > "$work/passwords"
if command -v zip > /dev/null; then
	mkdir "$work/lock"
	run 0 "a note" "$python" "$tool" note "$work/lock/note.txt" \
	    "$work/list"
	(cd "$work/lock" && zip -q -P "$(cat "$work/passwords")" \
	    "$work/planted/locked.zip" note.txt)
fi
"$python" "$tool" search "$work/list" "$work/planted" > "$work/out"
is $? 1 "the search finds them before"
cut -f1 "$work/list" | sort -u | while read -r key; do
	grep -qF ": $key as" "$work/out" || echo "$key"
done > "$work/missed"
is "$(cat "$work/missed")" "" "all of them"
run 0 "redact" "$AIKTRIAGE" redact "$work"/planted/* --to "$work/clean" \
    --map "$work/map" --password-file "$work/passwords"
cp "$work/out" "$work/report"
says '^The verdict and all findings are the same' "the findings stay"
says 'left-out: nested.zip: unknown.bin' "what cannot be examined is left out"
if [ -e "$work/planted/locked.zip" ]; then
	says 'unlocked: locked.zip' "that a lock was taken off is said"
	run 0 "and it is" "$python" "$tool" unlocked "$work/clean/locked.zip"
else
	skip "a locked archive" "no zip"
fi
for file in case.7z none.7z case.rar none.rar case4.rar none4.rar; do
	run 0 "packed/$file is the same but for that" "$python" \
	    "$srcdir/tests/archives.py" same "$work/planted/packed/$file" \
	    "$work/clean/packed/$file"
	diag "$work/err"
done
for program in 7z 7zz bsdtar; do
	command -v $program > /dev/null || { skip "what $program says" \
	    "no $program"; continue; }
	for file in case.7z case.rar case4.rar; do
		# Not every 7z knows RAR.
		[ $program = bsdtar ] || [ "${file##*.}" = 7z ] ||
		    $program i | grep -q ' Rar5 ' || continue
		if [ $program = bsdtar ]; then
			set -- -tf
		else
			set -- t
		fi
		LC_ALL=C.UTF-8 $program "$@" "$work/clean/packed/$file" \
		    > "$work/out" 2>&1
		ok $? "$program reads $file"
		diag "$work/out"
	done
done
run 0 "no secret is left" "$python" "$tool" search "$work/list" "$work/clean"
diag "$work/out"
run 0 "the report has none" "$python" "$tool" search "$work/list" \
    "$work/report"
diag "$work/out"
run 0 "the same value has the same token" "$python" "$tool" relation \
    "$work/clean"
diag "$work/err"
run 0 "the SAZ is the same but for that" "$python" "$tool" saz \
    "$work/planted/capture.saz" "$work/clean/capture.saz"
diag "$work/err"
is "$(find "$work/map" -perm 0600)" "$work/map" "the map is its owner's"
# Archives of every kind, unpacked by another program.
if command -v bsdtar > /dev/null && [ -x "$FORGE" ]; then
	mkdir "$work/packs" "$work/unpacked"
	for kind in 7z tar tar.gz tar.bz2 tar.xz tar.zst cpio odc cab zip \
	    rar rar4; do
		(cd "$work/planted/notes" && "$FORGE" pack $kind \
		    "$work/packs/case.$kind" utf8.txt utf16le.txt)
	done
	run 0 "archives" "$AIKTRIAGE" redact "$work"/packs/* \
	    --to "$work/packed" --map "$work/map"
	cp "$work/out" "$work/report"
	for file in "$work"/packed/case.*; do
		mkdir "$work/unpacked/${file##*/}"
		bsdtar -xf "$file" -C "$work/unpacked/${file##*/}" \
		    > "$work/out" 2>&1 &&
		    cmp -s "$work/unpacked/${file##*/}/utf8.txt" \
		    "$work/clean/notes/utf8.txt" &&
		    cmp -s "$work/unpacked/${file##*/}/utf16le.txt" \
		    "$work/clean/notes/utf16le.txt"
		ok $? "${file##*/} holds what the folder held"
		diag "$work/out"
	done
	is "$(head -c 4 "$work/packed/case.cab")" MSCF "a cabinet is one"
	for kind in 7z rar rar4; do
		is "$(head -c 7 "$work/packed/case.$kind" | od -An -tx1)" \
		    "$(head -c 7 "$work/packs/case.$kind" | od -An -tx1)" \
		    "case.$kind begins as it did"
	done
else
	skip "archives of every kind" "no bsdtar or no forge"
fi
# What is cut stays so, in its own kind: that is evidence.
for file in case.7z case.rar case4.rar; do
	kind=${file##*.}
	size=$(wc -c < "$work/planted/packed/$file")
	mkdir "$work/cut-$file"
	head -c $((size / 2)) "$work/planted/packed/$file" \
	    > "$work/cut-$file/cut.$kind"
	run 3 "$file, cut" "$AIKTRIAGE" redact "$work/cut-$file/cut.$kind" \
	    --to "$work/cut-$file/clean"
	says '^The verdict and all findings are the same' "changes nothing"
	is "$(head -c 7 "$work/cut-$file/clean/cut.$kind" | od -An -tx1)" \
	    "$(head -c 7 "$work/planted/packed/$file" | od -An -tx1)" \
	    "is of its kind"
	run 3 "and not whole" "$AIKTRIAGE" --quiet \
	    "$work/cut-$file/clean/cut.$kind"
	run 0 "and has no secret" "$python" -c 'import sys
data = open(sys.argv[2], "rb").read()
for line in open(sys.argv[1], encoding="utf-8"):
    for form in "utf-8", "utf-16-le":
        value = line.rstrip("\n").split("\t")[1].encode(form)
        assert value not in data, line' "$work/list" \
	    "$work/cut-$file/clean/cut.$kind"
done
# No password opens these here.
if [ -x "$FORGE" ]; then
	mkdir "$work/sealed"
	for kind in rar-headers rar-data rar4-headers rar4-data; do
		(cd "$work/planted/notes" && "$FORGE" pack $kind \
		    "$work/sealed/$kind" utf8.txt)
	done
	run 3 "locked archives" "$AIKTRIAGE" redact "$work"/sealed/* \
	    --to "$work/opened"
	for kind in rar rar4; do
		says "left-out: $kind-headers: it is locked" "are left out"
		says "left-out: $kind-data: utf8.txt: it is locked" \
		    "or their members"
		[ ! -e "$work/opened/$kind-headers" ]
		ok $? "and nothing stands for them"
		is "$(head -c 4 "$work/opened/$kind-data")" 'Rar!' \
		    "the archive is of its kind"
	done
else
	skip "locked archives" "no forge"
fi
run 0 "a second case of the same customer" "$AIKTRIAGE" redact \
    "$work/planted/document.json" --to "$work/second" --map "$work/map"
is "$(cat "$work/second/document.json")" "$(cat "$work/clean/document.json")" \
    "has the same tokens"
run 0 "redacted again" "$AIKTRIAGE" redact "$work/clean/document.json" \
    --to "$work/again" --map "$work/map"
is "$(cat "$work/again/document.json")" "$(cat "$work/clean/document.json")" \
    "nothing changes"
run 0 "JSON" "$AIKTRIAGE" redact --json "$work"/planted/* --to "$work/json" \
    --password-file "$work/passwords"
cp "$work/out" "$work/json.out"
run 0 "is JSON" "$python" -c 'import json, sys
r = json.load(open(sys.argv[1]))
assert r["same"] is True and r["changes"] == []
assert r["schema"] == "aiktriage-redact/1"
assert all(x["length"] > 0 for x in r["replaced"])
assert sum(k["places"] for k in r["kinds"].values()) == len(r["replaced"])' \
    "$work/json.out"

done_testing
