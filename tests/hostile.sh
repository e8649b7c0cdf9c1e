#!/bin/sh
# Hostile inputs: cut, damaged, locked, empty and random ones, odd things in
# folders, and what happens when the worker itself ends.  Never a crash, a
# clear message, the exit status of the table.  Relies on the forge.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

: "${FORGE:=$builddir/tests/forge/forge}"
sample=$SAMPLES/ifx-ca042-renewed
[ -x "$FORGE" ] || skip_all "the forge is not built"
[ -f "$sample/capture.saz" ] || skip_all "there is no sample"
cd "$work" || exit 99

# state FILE STATE STATUS NAME [OPTION...]: that of the only input.
state() {
	file=$1
	want=$2
	want_status=$3
	what=$4
	shift 4
	run "$want_status" "$what: status $want_status" \
	    "$AIKTRIAGE" --json "$@" "$file"
	found=$(sed -n 's/^ *"state": "\(read\|partial\|unreadable\|skipped\)".*/\1/p' \
	    "$work/out" | head -n 1)
	is "$found" "$want" "$what: $want"
	if grep -q 'did not finish' "$work/err"; then
		ok 1 "$what: the worker lives"
		diag "$work/err"
	else
		ok 0 "$what: the worker lives"
	fi
}

# has PATTERN NAME: in the JSON report of the last run.
has() {
	says "$1" "$2"
}

damage() {
	"$FORGE" damage "$@" || echo "# forge damage $* failed"
}

member=$(unzip -Z1 "$sample/capture.saz" 2> /dev/null |
    grep '_c\.txt$' | sed -n 2p)

# ---- archives ----
damage cut=50 "$sample/capture.saz" cut.saz
state cut.saz partial 3 "a SAZ cut in half"
has '"problems": \[$' "the damage is told"
damage no-directory "$sample/capture.saz" nodir.saz
state nodir.saz partial 3 "a SAZ without its directory"
has 'ek-certificate-rejected' "what could be read is judged"
damage bad-crc="$member" "$sample/capture.saz" crc.saz
state crc.saz partial 3 "a member with a wrong check sum"
damage bad-data="$member" "$sample/capture.saz" data.saz
state data.saz partial 3 "a member with damaged data"
has 'ek-certificate-rejected' "the others are judged"
damage junk-after "$sample/capture.saz" after.saz
state after.saz read 0 "junk after a SAZ"
damage junk-before "$sample/capture.saz" before.saz
state before.saz read 0 "junk before a SAZ"
printf 'wrong\r\nsecret\n' > passwords
for method in zipcrypto aes256; do
	damage $method=secret "$sample/capture.saz" locked.saz
	state locked.saz partial 3 "a SAZ locked with $method"
	has 'password' "that it is locked is told"
	state locked.saz read 0 "the same with its password" \
	    --password-file passwords
	has 'ek-certificate-rejected' "and it is judged"
	echo wrong > no-password
	state locked.saz partial 3 "the same with a wrong password" \
	    --password-file no-password
done
exec 5< passwords
run 0 "a password from a descriptor" "$AIKTRIAGE" --password-fd 5 locked.saz
exec 5<&-

# ---- archives that libarchive cannot open, whatever the password ----
echo secret > password
for form in rar-headers rar-data rar4-headers rar4-data; do
	"$FORGE" pack $form $form "$SAMPLES/certreq-success/certreq.txt"
	state $form partial 3 "a locked $form"
	has 'locked\|encrypted' "that it is locked is told"
	has 'unpack the archive' "and what to do"
	state $form partial 3 "the same with a password" \
	    --password-file password
	has 'unpack the archive' "which does not help"
done
for form in rar rar4; do
	"$FORGE" pack $form whole.$form "$SAMPLES/certreq-success/certreq.txt" \
	    "$SAMPLES/note-only/note.txt"
	state whole.$form read 0 "a $form"
	damage cut=50 whole.$form cut.$form
	state cut.$form partial 3 "a $form cut in half"
	size=$(wc -c < whole.$form | tr -d ' ')
	# one byte of the second member, whose check sum is over it
	head -c $((size - 60)) whole.$form > bad.$form
	printf '~' >> bad.$form
	tail -c 59 whole.$form >> bad.$form
	state bad.$form partial 3 "a $form with a wrong check sum"
	has 'attestation-succeeded' "the member before it is judged"
done

# ---- other forms of sessions ----
har=$SAMPLES/har-renewed/capture.har
mail=$SAMPLES/mail-with-files/mail.eml
damage cut=60 "$har" cut.har
state cut.har partial 3 "a HAR that is cut"
has 'ek-certificate-rejected' "its whole entries are judged"
damage cut=20 "$SAMPLES/sessions-as-text/sessions.txt" cut.txt
state cut.txt read 0 "sessions as text that end early"
damage cut=60 "$mail" cut.eml
state cut.eml partial 3 "a mail whose HAR is cut"
printf '{"log":{"entries":[%s' "$(printf '%0100000d' 0 | tr 0 '[')" > deep.har
state deep.har partial 3 "100,000 brackets in a HAR"
printf 'From: a\nSubject: b\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n' > parts.eml
awk 'BEGIN { for (i = 0; i < 30; i++) printf "--x\nContent-Type: multipart/mixed; boundary=x\n\n" }' >> parts.eml
state parts.eml read 0 "parts of a mail that hold themselves"

# ---- files of no kind ----
: > empty
state empty skipped 3 "an empty file"
has 'is empty' "that is told"
damage random=1 "$sample/capture.saz" random
state random skipped 3 "random bytes"
head -c 100000 /dev/zero > zeros
state zeros skipped 3 "zero bytes"
mkdir folder
: > folder/empty
cp random folder/random
run 0 "both in a folder are normal" "$AIKTRIAGE" folder

# ---- every length of a small input ----
element=$(find "$sample" -type f ! -name '*.*' | head -n 1)
if [ -n "$element" ]; then
	size=$(wc -c < "$element" | tr -d ' ')
	bad=
	for n in 1 2 3 4 7 8 11 12 13 40 100 200 500 1000 $((size / 2)) \
	    $((size - 20)) $((size - 1)); do
		[ "$n" -gt 0 ] && [ "$n" -lt "$size" ] || continue
		head -c "$n" "$element" > cut-element
		"$AIKTRIAGE" cut-element > out 2> err
		status=$?
		[ $status -eq 3 ] || bad="$bad $n:$status"
	done
	is "$bad" "" "a request file cut anywhere ends with 3"
	head -c $((size - 20)) "$element" > cut-element
	state cut-element partial 3 "a request file cut near its end"
fi
head -c 400 "$sample/certreq.txt" > certreq.txt
state certreq.txt read 0 "a text that ends early is evidence"

# ---- folders ----
mkfifo folder/pipe
ln -s ../passwords folder/link
ln -s /dev/zero folder/device
ln -s . folder/loop
mkdir -p folder/a/b/c
cp "$sample/certreq.txt" folder/a/b/c/
run 0 "pipes and links in a folder" timeout 60 "$AIKTRIAGE" --json folder
has 'folder/a/b/c/certreq.txt' "what is deep inside is read"
has 'symbolic link' "links are told, not followed"
if grep -q '"path": "folder/loop/' "$work/out"; then
	ok 1 "a link to the folder itself is not followed"
else
	ok 0 "a link to the folder itself is not followed"
fi
run 3 "a pipe without a writer does not wait" timeout 60 "$AIKTRIAGE" \
    folder/pipe
run 0 "a link that the user names is followed" sh -c \
    "ln -s '$sample/certreq.txt' named && '$AIKTRIAGE' named"
if [ "$(id -u)" -ne 0 ]; then
	cp passwords secret
	chmod 000 secret
	run 2 "a file that may not be read" "$AIKTRIAGE" secret
	complains 'secret: Permission denied' "its reason is told"
	run 3 "the same beside one that may" "$AIKTRIAGE" secret \
	    "$sample/certreq.txt"
else
	skip "a file that may not be read" "root may read all"
fi
name=$(printf 'a\033[31mb\nc\377')
cp "$sample/certreq.txt" "$name"
run 0 "a name that steers terminals" "$AIKTRIAGE" "$name"
if grep -q "$(printf '\033')" "$work/out"; then
	ok 1 "it is escaped"
else
	ok 0 "it is escaped"
fi
rm -f "$name"

# ---- limits ----
run 3 "a limit of bytes" "$AIKTRIAGE" --json --limits input-bytes=4k \
    "$sample/capture.saz"
has 'input_bytes' "it is named"
run 3 "a limit of files" "$AIKTRIAGE" --json --limits inputs=1 "$sample"
has 'inputs: ' "it is named"
run 3 "a limit of time" "$AIKTRIAGE" --json --limits wall-s=0 "$sample"
has 'wall_s' "it is named"
has '"state": "unreadable"' "every input has its row"
complains 'did not finish' "and the terminal says so"
run 3 "a limit of members" "$AIKTRIAGE" --json --limits members=5 \
    "$sample/capture.saz"
run 3 "a limit of decoded bytes" "$AIKTRIAGE" --json \
    --limits body-bytes=100 "$sample/capture.saz"
run 3 "a limit of facts" "$AIKTRIAGE" --json --limits facts=50 "$sample"
run 3 "a limit of pieces" "$AIKTRIAGE" --json --limits blobs=20 "$sample"

# ---- MDM diagnostics, registry exports, outputs of tools ----
mdm=$SAMPLES/mdm-no-ek-certificate/DiagLogs.zip
damage cut=60 "$mdm" mdm-cut.zip
state mdm-cut.zip partial 3 "MDM diagnostics cut"
damage zipcrypto=secret "$mdm" mdm-locked.zip
state mdm-locked.zip partial 3 "MDM diagnostics locked"
state mdm-locked.zip read 0 "the same with their password" \
    --password-file passwords
has 'ek-certificate-missing' "and they are judged"
state "$mdm" read 0 "MDM diagnostics as they are"
has 'present and not read: TPM/trace.etl' "what nobody reads is named"
reg=$SAMPLES/registry-ek-stores/endorsement.reg
damage cut=70 "$reg" cut.reg
state cut.reg partial 3 "a registry export that ends in a certificate"
damage cut=30 "$SAMPLES/ek-info-only/ek.txt" ek.txt
state ek.txt read 0 "a list of certificates that ends early"
is "$(sed -n '/"cause"/p' "$work/out" | head -n 1)" '  "cause": null,' \
    "and does not fire on a cut list"

# ---- the sandbox ----
if "$AIKTRIAGE" --require-sandbox "$sample" > out 2> err; then
	for dir in "$SAMPLES"/*/; do
		[ "${dir##*/samples/}" = scenarios/ ] && continue
		for locale in C '' C.UTF-8; do
			LC_ALL=$locale "$AIKTRIAGE" --require-sandbox --json \
			    "$dir" > out 2> err
			status=$?
			if [ $status -gt 3 ] || [ -s err ]; then
				ok 1 "$dir in the sandbox, LC_ALL=$locale"
				diag err
			fi
		done
	done
	ok 0 "all samples run in the sandbox, in three locales"
else
	skip "all samples run in the sandbox" "$(head -n 1 err)"
fi

done_testing
