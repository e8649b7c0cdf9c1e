#!/bin/sh
# Every sample is made again from its scenario and compared by content, and
# libcrypto's own CMS checks what the forge wrote.
# Relies on the forge; compressed bytes may differ between zlib versions.
. "${srcdir:-.}/tests/tap.sh"

: "${FORGE:=$builddir/tests/forge/forge}"
[ -x "$FORGE" ] || skip_all "the forge is not built"
root=$srcdir/tests/forge
damaged=' message-damaged damaged-but-accepted cut-behind-proxy '
damaged="${damaged}proxy-alters-body "

for scenario in "$SAMPLES"/scenarios/*.scenario; do
	story=$(basename "$scenario" .scenario)
	rm -rf "$work/case" "$work/keys"
	run 0 "$story is made" "$FORGE" --root "$root" --keys "$work/keys" \
	    "$scenario" "$work/case"
	run 0 "$story is the sample" "$FORGE" compare "$work/case" \
	    "$SAMPLES/$story"
	[ -s "$work/out" ] && diag "$work/out"
	if grep -q "^| $story |" "$SAMPLES/README.md"; then
		ok 0 "$story stands in the README"
	else
		ok 1 "$story stands in the README"
	fi
	[ -f "$work/case/capture.saz" ] || continue
	case $damaged in
	*" $story "*)
		run 1 "$story does not verify" "$FORGE" --root "$root" \
		    verify "$work/keys" "$work/case/capture.saz"
		says '^BAD .*: \(signature\|a whole CMS message\)$' \
		    "$story is damaged where it should"
		;;
	*)
		run 0 "$story verifies and opens" "$FORGE" --root "$root" \
		    verify "$work/keys" "$work/case/capture.saz"
		grep '^BAD' "$work/out" | sed 's/^/# /'
		;;
	esac
done

# ---- nothing stands in samples/ that no scenario makes ----
unlabelled=
for scenario in "$SAMPLES"/scenarios/*.scenario; do
	story=$(basename "$scenario" .scenario)
	grep -q "^$story	" "$srcdir/tests/long/samples.tsv" ||
	    unlabelled="$unlabelled $story"
done
is "$unlabelled" "" "every story has its verdict in tests/long/samples.tsv"
stray=
for dir in "$SAMPLES"/*/; do
	story=$(basename "$dir")
	[ "$story" = scenarios ] && continue
	[ -f "$SAMPLES/scenarios/$story.scenario" ] || stray="$stray $story"
done
is "$stray" "" "every sample has its scenario"

# ---- the seeds work ----
one=$SAMPLES/scenarios/success-c.scenario
"$FORGE" --root "$root" "$one" "$work/first"
"$FORGE" --root "$root" "$one" "$work/second"
run 0 "the same scenario gives the same case" "$FORGE" compare "$work/first" \
    "$work/second"
sed 's/seed=[^ ]*/seed=another/' "$one" > "$work/other.scenario"
"$FORGE" --root "$root" "$work/other.scenario" "$work/third"
run 1 "another seed gives another case" "$FORGE" compare "$work/first" \
    "$work/third"

# ---- many at a time are what each is alone ----
{
	sed 's/^case /case to=c /' "$one"
	sed 's/^case /case to=ifx /' "$SAMPLES/scenarios/ifx-ca042-renewed.scenario"
	printf '\n'
	sed 's/^case /case to=cut /' "$one"
	echo 'damage kind=cut=50'
} > "$work/all"
run 0 "many scenarios in one file" "$FORGE" --root "$root" many 2 \
    "$work/all" "$work/many"
run 0 "the first is the sample" "$FORGE" compare "$work/many/c" "$work/first"
run 0 "the second, too" "$FORGE" compare "$work/many/ifx" \
    "$SAMPLES/ifx-ca042-renewed"
is "$(($(wc -c < "$work/many/cut/capture.saz")))" \
    "$(($(wc -c < "$work/many/c/capture.saz") / 2))" "the third is cut in half"
run 1 "where one cannot be made" "$FORGE" --root "$root" many 1 "$one" \
    "$work/many"
complains 'seed=.*: the case has no to=NAME' "it is named"

# ---- mistakes are told ----
printf 'case seed=x time=yesterday\n' > "$work/bad.scenario"
run 1 "a time that is none" "$FORGE" --root "$root" "$work/bad.scenario" \
    "$work/bad"
complains 'line 1: time="yesterday"' "its line is named"
run 2 "an unknown damage" "$FORGE" damage rust a b

done_testing
