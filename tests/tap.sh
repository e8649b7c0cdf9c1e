# What the shell tests share: TAP lines and a folder that is removed again.
# Sourced by tests/*.sh; relies on POSIX sh.
# shellcheck shell=sh

: "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${builddir:=$PWD}"
: "${AIKTRIAGE:=$builddir/aiktriage}"
: "${SAMPLES:=$srcdir/samples}"

# Rules of the person who runs the tests are none of theirs.
XDG_CONFIG_HOME=/nonexistent
export XDG_CONFIG_HOME

tap_count=0
tap_failed=0

work=$(mktemp -d "${TMPDIR:-/tmp}/aiktriage-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM

# ok STATUS NAME: 0 is good.
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $2"
	fi
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# is FOUND WANTED NAME
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '%s\n' "found:  $1" "wanted: $2" | sed 's/^/# /'
	fi
}

# lacks LIBRARY: was the program built without libevtx, brotli, SQLite ...?
lacks() {
	"$AIKTRIAGE" --version | grep -q "^without $1:"
}

# unread FOLDER: why this build does not read all that is in it, or nothing.
unread() {
	if [ -n "$(find "$1" -name '*.evtx' 2>/dev/null | head -n 1)" ] &&
	    lacks libevtx; then
		echo 'built without libevtx'
	fi
}

# diag FILE: shown as comments.
diag() {
	head -n 20 "$1" | sed 's/^/# /'
}

# run STATUS NAME COMMAND...: standard output in $work/out, error in $work/err.
run() {
	wanted=$1
	name=$2
	shift 2
	"$@" > "$work/out" 2> "$work/err" < /dev/null
	status=$?
	if [ "$status" -eq "$wanted" ]; then
		ok 0 "$name"
	else
		ok 1 "$name"
		echo "# status $status, wanted $wanted: $*"
		diag "$work/err"
	fi
}

# says PATTERN NAME, complains PATTERN NAME: of the last run.
says() {
	if grep -q -e "$1" "$work/out"; then
		ok 0 "$2"
	else
		ok 1 "$2"
		echo "# no line matches: $1"
		diag "$work/out"
	fi
}

complains() {
	if grep -q -e "$1" "$work/err"; then
		ok 0 "$2"
	else
		ok 1 "$2"
		echo "# no message matches: $1"
		diag "$work/err"
	fi
}

# The lines say what failed; a status would count it once more.
done_testing() {
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ] || echo "# $tap_failed of $tap_count failed"
	exit 0
}
