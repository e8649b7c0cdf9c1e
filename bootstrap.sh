#!/bin/sh
# Installs what aiktriage's build and tests need, generates the build system,
# configures and builds in this folder.  Safe to run again.
#
#	./bootstrap.sh [CONFIGURE OPTION...]
#
# On Debian and Ubuntu missing packages are installed with apt-get, as root or
# through sudo; elsewhere the script tries dnf, pacman, zypper or apk.  With
# AIKTRIAGE_NO_INSTALL set nothing is installed; with AIKTRIAGE_BUILD_ONLY set
# only what the program needs, not its tests.  With AIKTRIAGE_CLUSTER set Slurm's
# daemons and GNU parallel are installed too; two tests start them and are
# skipped without.
set -eu

cd "$(dirname "$0")"

say() {
	printf 'bootstrap: %s\n' "$*"
}

die() {
	printf 'bootstrap: %s\n' "$*" >&2
	exit 1
}

have() {
	command -v "$1" > /dev/null 2>&1
}

# As root, whoever we are.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "run this as root, or install sudo: $*"
	fi
}

# ---- packages ----

debian_build='autoconf automake pkg-config gcc make libc6-dev libxml2-dev
    libssl-dev zlib1g-dev libarchive-dev libjansson-dev libbrotli-dev
    libevtx-dev libbfio-dev libseccomp-dev libsqlite3-dev'
# zip, unzip, openssl and python3 make and check the tests' inputs.
debian_tests='mandoc python3 python3-jsonschema zip unzip openssl xz-utils
    sqlite3 bash'
# A browser looks at the HTML, shells load their completions, others read the
# archives that redact writes.
debian_more='zsh fish chromium chromium-driver python3-selenium poppler-utils
    libarchive-tools 7zip'
debian_cluster='slurmctld slurmd slurm-client munge parallel'

# missing PACKAGE...: those that are not installed.
missing() {
	for p in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$p" \
		    2> /dev/null) || state=
		[ "$state" = installed ] || printf ' %s' "$p"
	done
}

install_packages() {
	say "installing $*"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	    --no-install-recommends install "$@" > /dev/null
}

install_debian() {
	[ -z "${AIKTRIAGE_BUILD_ONLY-}" ] || debian_tests=
	# shellcheck disable=SC2086  # lists of words, here and below
	missing=$(missing $debian_build $debian_tests)
	[ -n "$missing" ] || return 0
	[ -z "${AIKTRIAGE_NO_INSTALL-}" ] || die "missing packages:$missing"
	# shellcheck disable=SC2086
	install_packages $missing
}

# Tests are skipped without these; that they cannot be had is no mistake.
install_more() {
	[ -z "${AIKTRIAGE_NO_INSTALL-}${AIKTRIAGE_BUILD_ONLY-}" ] || return 0
	missing=$(missing "$@")
	[ -n "$missing" ] || return 0
	# shellcheck disable=SC2086
	(install_packages $missing) || for p in $missing; do
		(install_packages "$p") ||
		    say "without $p: some tests are skipped"
	done
}

# Best effort: the names of other distributions; already installed is fine.
install_other() {
	[ -z "${AIKTRIAGE_NO_INSTALL-}" ] || return 0
	if have dnf; then
		as_root dnf -y -q install autoconf automake pkgconf-pkg-config \
		    gcc make libxml2-devel openssl-devel zlib-devel \
		    libarchive-devel jansson-devel brotli-devel \
		    libseccomp-devel sqlite-devel sqlite mandoc python3 \
		    python3-jsonschema zip unzip openssl xz
	elif have pacman; then
		as_root pacman -S --needed --noconfirm autoconf automake \
		    pkgconf gcc make libxml2 openssl zlib libarchive jansson \
		    brotli libseccomp sqlite mandoc python \
		    python-jsonschema zip unzip xz
	elif have zypper; then
		as_root zypper -n install autoconf automake pkg-config gcc \
		    make libxml2-devel libopenssl-devel zlib-devel \
		    libarchive-devel libjansson-devel libbrotli-devel \
		    libseccomp-devel sqlite3-devel sqlite3 mandoc python3 \
		    python3-jsonschema zip unzip openssl xz
	elif have apk; then
		as_root apk add autoconf automake pkgconf gcc make musl-dev \
		    linux-headers libxml2-dev openssl-dev zlib-dev \
		    libarchive-dev jansson-dev brotli-dev libseccomp-dev \
		    sqlite-dev sqlite mandoc python3 py3-jsonschema zip \
		    unzip openssl xz
	else
		return 1
	fi
}

if have apt-get && have dpkg-query; then
	install_debian
	# shellcheck disable=SC2086
	install_more $debian_more
	# shellcheck disable=SC2086
	[ -z "${AIKTRIAGE_CLUSTER-}" ] || install_more $debian_cluster
elif ! have autoreconf || ! have pkg-config || ! have make; then
	install_other || die "no package manager that this script knows.
Install these (Debian's names) and run it again:
$debian_build $debian_tests $debian_more"
fi

# ---- the build ----

for tool in autoreconf automake make pkg-config; do
	have "$tool" || die "$tool is missing"
done

# Not every distribution has these two.
if ! pkg-config --exists libevtx libbfio; then
	say "no libevtx or libbfio: event logs (.evtx) will not be read"
	set -- --without-evtx "$@"
fi

say "generating configure"
autoreconf -fi

say "configuring"
./configure "$@"

jobs=$(nproc 2> /dev/null || getconf _NPROCESSORS_ONLN 2> /dev/null || echo 1)
say "building with $jobs jobs"
make -j"$jobs"

say "done: ./aiktriage --help"
