#!/bin/sh
# The rules: each fires, is silent or cannot say on the samples that it names;
# lint and test fail on mistakes; list fits 80 columns.
# Relies on the samples and the program's own `rules test'.
. "${srcdir:-.}/tests/tap.sh"

# ---- every sample of every rule ----
"$AIKTRIAGE" rules test "$srcdir/rules/causes" "$SAMPLES" > "$work/tap" \
    2> "$work/err" < /dev/null
status=$?
unread=
while read -r line; do
	case $line in
	"ok "*)
		ok 0 "${line#*- }"
		;;
	"not ok "*)
		# "... fires NAME: is silent"
		name=${line#*- }
		name=${name%%:*}
		why=$(unread "$SAMPLES/${name##* }")
		unread=$unread$why
		if [ -n "$why" ]; then
			skip "${line#*- }" "$why"
		else
			ok 1 "${line#*- }"
		fi
		;;
	esac
done < "$work/tap"
planned=$(sed -n 's/^1\.\.//p' "$work/tap")
is "$(grep -c '^\(not \)\{0,1\}ok ' "$work/tap")" "${planned:-none}" \
    "all checks were made"
if [ -n "$unread" ]; then
	skip "rules test says so itself" "$unread"
else
	is "$status" 0 "rules test says so itself"
	run 0 "the built-in rules are the folder's" \
	    "$AIKTRIAGE" rules test "$srcdir/rules/causes" "$SAMPLES"
fi

# ---- list, show ----
run 0 "rules list" "$AIKTRIAGE" rules list
is "$(awk 'length > 80' "$work/out")" "" "the list fits 80 columns"
run 0 "rules show" "$AIKTRIAGE" rules show ek-issuer-renewed
says '^when  *rejected_ek and ek_issuer.reissued' "it shows the source"
says '^fires  *ifx-ca042-renewed' "and the samples"
run 1 "an id that is none" "$AIKTRIAGE" rules show no-such-rule
run 2 "a verb that is none" "$AIKTRIAGE" rules dance

# ---- lint ----
run 0 "our own rules are clean" "$AIKTRIAGE" rules lint "$srcdir/rules/causes"
mkdir "$work/own"
rule() {
	cat > "$work/own/own-rule.rule"
}
rule <<'END'
on          attempt
when        http.statu == 400
kind        mechanism
title       A title
why         A reason
fix         A fix
see         https://example.com/
fires       ifx-ca042-renewed
silent      success-a
END
run 1 "a field that is none" "$AIKTRIAGE" rules lint "$work/own"
complains 'own-rule.rule:2:13: .*did you mean http.status' \
    "its place and what was meant are said"
run 2 "nothing is analysed with it" "$AIKTRIAGE" --rules "$work/own" \
    "$SAMPLES/success-a"
sed 's/http.statu /http.status /' "$work/own/own-rule.rule" > "$work/good"
rule < "$work/good"
run 0 "the same without the mistake" "$AIKTRIAGE" rules lint "$work/own"
run 0 "its samples do as it says" "$AIKTRIAGE" rules test "$work/own" \
    "$SAMPLES"
run 0 "it is used beside the others" "$AIKTRIAGE" --json --rules "$work/own" \
    "$SAMPLES/ifx-ca042-renewed"
says '"rule": "own-rule"' "it is in the report"
says '"rule": "ek-issuer-renewed"' "and so are the others"
run 0 "it is used alone" "$AIKTRIAGE" --json --no-default-rules \
    --rules "$work/own" "$SAMPLES/ifx-ca042-renewed"
is "$(grep -c '"rule": "ek-issuer-renewed"' "$work/out")" 0 \
    "without the others"
sed 's/^fires .*/fires success-b/' "$work/good" | rule
run 1 "a sample on which it does not fire" "$AIKTRIAGE" rules test \
    "$work/own" "$SAMPLES"
says '^not ok 1 - own-rule fires success-b: is silent' "is said"
sed 's/^fires .*/fires no-such-sample/' "$work/good" | rule
run 1 "a sample that is not there" "$AIKTRIAGE" rules test "$work/own" \
    "$SAMPLES"
sed 's/^kind/explains own-rule\nkind/' "$work/good" | rule
run 1 "a rule that explains itself" "$AIKTRIAGE" rules lint "$work/own"
sed '/^see/d' "$work/good" | rule
run 1 "a claim without a source" "$AIKTRIAGE" rules lint "$work/own"
complains 'see is missing' "is said"
sed 's/^kind/colour red\nkind/' "$work/good" | rule
run 1 "a key that is none" "$AIKTRIAGE" rules lint "$work/own"
run 1 "a folder without rules" "$AIKTRIAGE" rules lint "$work"

# ---- own rules ----
rule < "$work/good"
mkdir -p "$work/config/aiktriage/rules" "$work/own/samples"
run 0 "an empty folder of own rules is none" \
    env XDG_CONFIG_HOME="$work/config" "$AIKTRIAGE" rules list
cp "$work/own/own-rule.rule" "$work/config/aiktriage/rules"
run 0 "rules of the user's own folder" \
    env XDG_CONFIG_HOME="$work/config" "$AIKTRIAGE" rules list
says '^own-rule ' "are always there"
run 0 "without XDG_CONFIG_HOME" env -u XDG_CONFIG_HOME \
    HOME="$work/home" "$AIKTRIAGE" rules list
mkdir -p "$work/home/.config"
mv "$work/config/aiktriage" "$work/home/.config"
run 0 "the folder is in the home" env -u XDG_CONFIG_HOME \
    HOME="$work/home" "$AIKTRIAGE" --json "$SAMPLES/ifx-ca042-renewed"
says '"rule": "own-rule"' "and its rules judge"
run 0 "a relative XDG_CONFIG_HOME counts for nothing" \
    env XDG_CONFIG_HOME=. HOME="$work/home" "$AIKTRIAGE" rules list
says '^own-rule ' "as its specification says"
run 0 "only rules that are named" env -u XDG_CONFIG_HOME \
    HOME="$work/home" "$AIKTRIAGE" rules list --no-default-rules
is "$(cat "$work/out")" "" "are all where the others are left out"
echo 'colour red' >> "$work/home/.config/aiktriage/rules/own-rule.rule"
run 2 "a mistake there stops all" env -u XDG_CONFIG_HOME \
    HOME="$work/home" "$AIKTRIAGE" "$SAMPLES/success-a"
complains 'own-rule.rule:10:1: there is no key colour' "and is said"

# ---- samples beside the rules ----
sed 's/^silent .*/silent here/' "$work/good" | rule
run 1 "a sample that is nowhere" "$AIKTRIAGE" rules test "$work/own"
cp -R "$SAMPLES/success-a" "$work/own/samples/here"
run 0 "samples stand beside the rules" "$AIKTRIAGE" rules test \
    "$work/own" "$SAMPLES"
run 0 "show names them" "$AIKTRIAGE" rules show --rules "$work/own" own-rule
says "silent      $work/own/samples/here" "with their place"
says '^see  *https://example.com/' "and the source"

# ---- fields ----
run 0 "fields" "$AIKTRIAGE" fields
is "$(awk 'length > 80' "$work/out")" "" "they fit 80 columns"
run 0 "fields as JSON" "$AIKTRIAGE" fields --json
says '"name": "ek_issuer.reissued"' "hold the vocabulary"

done_testing
