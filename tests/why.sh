#!/bin/sh
# --why shows the conditions of rules that fired, stayed silent or cannot say,
# with values, places and what is missing.  Relies on the samples.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

sample=$SAMPLES/ifx-ca042-renewed

run 0 "a rule that fired" "$AIKTRIAGE" --why ek-issuer-renewed "$sample"
says '^Why ek-issuer-renewed' "has a part of its own"
says 'later-start on attempt 3: fired' "says on what it fired"
says '^  \* true .*ek_issuer.reissued=true from' \
    "shows the value, where it is from, and that it decided"
says 'confidence high when' "shows the levels of confidence"
says 'same-start on attempt 3: silent' "and the variant that is silent"
says '^  \* false .*ek_issuer.same_start=false' \
    "with what decided against it"

run 0 "a rule that is silent" "$AIKTRIAGE" --why proxy-authentication \
    "$sample"
says '^  \* false *or$' "shows the branches that failed"
says 'http.status=400' "and the value that spoke against it"

run 0 "a rule that cannot say" "$AIKTRIAGE" --why ek-issuer-renewed \
    "$SAMPLES/certreq-400-only"
says '^  \* unknown .*no ek_issuer.reissued' "shows the open condition"
says 'wants ' "and the artifact that would decide"

run 0 "a rule without an item" "$AIKTRIAGE" --why ek-issuer-renewed \
    "$SAMPLES/note-only"
says 'not-applicable: the case has no attempt' "says so"

run 0 "a count" "$AIKTRIAGE" --why device-join-refused \
    "$SAMPLES/device-join-refused"
says 'counted' "says how many items it found"

run 2 "a rule that there is not" "$AIKTRIAGE" --why no-such-rule "$sample"
run 0 "without --why" "$AIKTRIAGE" -v "$sample"
is "$(grep -c '^Why ' "$work/out")" 0 "there is no such part"

run 0 "HTML" "$AIKTRIAGE" --format html --why authority-removed "$sample"
says 'id="why"' "has what was asked for"
says 'Its conditions with their values' "and the trees of the chain"
"$AIKTRIAGE" --format html "$sample" > "$work/html" 2> /dev/null < /dev/null
is "$(grep -c '<summary>Its conditions with their values' "$work/html")" \
    "$("$AIKTRIAGE" --json "$sample" 2> /dev/null < /dev/null |
    sed -n '/^ "findings"/,/^ \]/p' | grep -c '^   "rule": ')" \
    "one tree for each finding"

done_testing
