#!/bin/sh
# compare: a case equals itself and the same story told by another writer of
# captures; where stories differ, the first difference that matters is first.
# Relies on the samples and, for other writers, on the forge.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"
: "${FORGE:=$builddir/tests/forge/forge}"

# first FIELD NAME: the field of the first difference of the last run.
first() {
	is "$(sed -n '/^The first difference/{n;p;}' "$work/out")" "  $1" "$2"
}

for story in success-a ifx-ca042-renewed certreq-success note-only; do
	run 0 "$story equals itself" "$AIKTRIAGE" compare "$SAMPLES/$story" \
	    "$SAMPLES/$story"
done
says '^0 values differ' "and it says so"

for story in success-a ifx-ca042-renewed dns-failure scep-refused; do
	for change in style=A style=B style=C seed=other-; do
		case $change in
		style=*) sed "s/style=[ABC]/$change/" ;;
		*) sed "s/seed=/$change/" ;;
		esac < "$SAMPLES/scenarios/$story.scenario" > "$work/scenario"
		rm -rf "$work/case"
		"$FORGE" --root "$srcdir/tests/forge" "$work/scenario" \
		    "$work/case" > "$work/err" 2>&1 || diag "$work/err"
		run 0 "$story equals itself with $change" "$AIKTRIAGE" \
		    compare "$SAMPLES/$story" "$work/case"
	done
done

run 1 "another certificate of the same CA" "$AIKTRIAGE" compare \
    "$SAMPLES/ifx-ca042-renewed" "$SAMPLES/ifx-ca042-old-rejected"
first 'PKIOperation-request, EK issuer: ek_issuer.serial' \
    "the certificate comes first"
says '^    A  5ff5747b  at ifx-ca042-renewed/capture.saz!/raw/.*@' \
    "with its place in A"
says '^    B  00f29ed2  at ifx-ca042-old-rejected/capture.saz!/raw/.*@' \
    "and in B"

run 1 "another device" "$AIKTRIAGE" compare "$SAMPLES/success-a" \
    "$SAMPLES/ifx-ca042-renewed"
first 'authority: attempt.id' "another authority was asked"
says 'challenge, stage: stage.state' "a stage that was not reached"
says 'B  not reached' "is said to be so"
says 'device: device.firmware' "and so is other firmware"
is "$(grep -c 'x-ms-request-id\|nonce\|transaction' "$work/out")" 0 \
    "ids and nonces are no differences"

run 1 "the day it was accepted" "$AIKTRIAGE" compare \
    "$SAMPLES/ifx-ca042-renewed" "$SAMPLES/ifx-ca042-renewed-accepted"
says 'service.message' "what the service said is a difference"
run 1 "a text and a capture" "$AIKTRIAGE" compare \
    "$SAMPLES/certreq-400-only" "$SAMPLES/success-a"

run 1 "JSON" "$AIKTRIAGE" compare --json "$SAMPLES/success-a" \
    "$SAMPLES/ifx-ca042-renewed"
says '"schema": "aiktriage-compare/1"' "has a name"
is "$(grep -c "$SAMPLES" "$work/out")" 0 "and no path of this machine"
cp "$work/out" "$work/json"
run 1 "the same again" "$AIKTRIAGE" compare --json "$SAMPLES/success-a" \
    "$SAMPLES/ifx-ca042-renewed"
cmp -s "$work/out" "$work/json"
ok $? "gives the same bytes"

head -c 20000 "$SAMPLES/success-a/capture.saz" > "$work/cut.saz"
run 3 "a damaged case" "$AIKTRIAGE" compare "$SAMPLES/success-a" \
    "$work/cut.saz"
run 2 "one case" "$AIKTRIAGE" compare "$SAMPLES/success-a"
run 2 "three cases" "$AIKTRIAGE" compare "$work" "$work" "$work"
run 2 "a case that is not there" "$AIKTRIAGE" compare \
    "$SAMPLES/success-a" "$work/nowhere"

done_testing
