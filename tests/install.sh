#!/bin/sh
# What make install puts into place, a completion for each shell among it, and
# that make uninstall takes all of it away.  Relies on make and DESTDIR.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

root=$work/root
# The flags of the make that runs the tests are none of this one's.
unset MAKEFLAGS MAKELEVEL MFLAGS

make_it() {
	make -s -C "$builddir" "$1" DESTDIR="$root" prefix=/usr \
	    > "$work/$1.log" 2>&1
	status=$?
	ok $status "make $1"
	[ $status -eq 0 ] || diag "$work/$1.log"
}

# present FILE...: each is there and not empty.
present() {
	lacks=
	for file in "$@"; do
		[ -s "$root/usr/$file" ] || lacks="$lacks $file"
	done
	is "$lacks" "" "there: $*"
}

make_it install
present bin/aiktriage share/man/man1/aiktriage.1 \
    share/aiktriage/aiktriage-report.schema.json \
    share/aiktriage/samples/ifx-ca042-renewed/capture.saz \
    share/aiktriage/contrib/slurm/aiktriage-slurm
bash=share/bash-completion/completions/aiktriage
zsh=share/zsh/site-functions/_aiktriage
fish=share/fish/vendor_completions.d/aiktriage.fish
if grep -q "^nodist_bashcompletion_DATA" "$builddir/Makefile"; then
	present $bash $zsh $fish
	for shell in bash zsh fish; do
		eval file=\$$shell
		"$root/usr/bin/aiktriage" completion $shell |
		    cmp - "$root/usr/$file" > "$work/err" 2>&1
		ok $? "the program's own completion for $shell"
		diag "$work/err"
	done
	# A shell finds it by the name of the command alone.
	if command -v bash > /dev/null 2>&1; then
		is "$(bash -c '. "$1" && complete -p aiktriage' - \
		    "$root/usr/$bash")" \
		    'complete -F _aiktriage aiktriage' "bash takes it"
	else
		skip "bash takes it" "there is no bash"
	fi
else
	skip "a completion for each shell" \
	    "the program was configured --without-completions"
fi

make_it uninstall
is "$(find "$root" ! -type d)" "" "nothing of it is left"

done_testing
