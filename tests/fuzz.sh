#!/bin/sh
# The fuzzers over all samples and rules, as they are and changed; a crash
# ends the run before its plan is fulfilled.  Relies on tests/fuzz/driver.c;
# FUZZ_ROUNDS changes how often each file is changed.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

# The driver's own TAP is for its reader; one line a fuzzer is ours.
fuzz() {
	program=$builddir/tests/fuzz/$1
	shift
	if [ ! -x "$program" ]; then
		skip "${program##*/}" "it is not built"
		return
	fi
	if "$program" 2>&1 | grep -q libFuzzer; then
		skip "${program##*/}" "it is built with libFuzzer"
		return
	fi
	"$program" "${FUZZ_ROUNDS:-6}" "$@" > "$work/out" 2> "$work/err"
	status=$?
	ok $status "${program##*/}: $# files"
	if [ $status -ne 0 ]; then
		tail -n 1 "$work/out" | sed 's/^/# last: /'
		diag "$work/err"
	fi
}

find "$SAMPLES" -type f ! -name '*.json' ! -name '*.html' \
    ! -path '*/scenarios/*' | LC_ALL=C sort > "$work/files"
[ -s "$work/files" ] || skip_all "there are no samples"
# Names of samples hold no blanks.
# shellcheck disable=SC2046
fuzz fuzz_case $(cat "$work/files")
# shellcheck disable=SC2046
FUZZ_ROUNDS=$(((${FUZZ_ROUNDS:-6} + 2) / 3)) fuzz fuzz_redact \
    $(cat "$work/files")
set -- "$srcdir"/rules/causes/*.rule
[ -f "$1" ] && FUZZ_ROUNDS=$((${FUZZ_ROUNDS:-6} * 10)) fuzz fuzz_rule "$@"

done_testing
