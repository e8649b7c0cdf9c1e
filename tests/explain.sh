#!/bin/sh
# aiktriage explain: forms of a code, what is answered, exit statuses, and the
# examples of its manual.  Relies on the program alone.
. "${srcdir:-.}/tests/tap.sh"

explain() {
	"$AIKTRIAGE" explain "$@"
}

# One code in all the forms that people have it in.
for form in 0x80190190 80190190 -2145844848 2149122448 0xffffffff80190190 \
    http_e_status_bad_request '(0x80190190)' 0x0x80190190; do
	run 0 "$form is known" explain "$form"
	says '^0x80190190  -2145844848  HTTP_E_STATUS_BAD_REQUEST$' \
	    "$form is HTTP_E_STATUS_BAD_REQUEST"
done

run 0 "Autopilot's code" explain 0x81039001
says '^0x81039001 .*E_AUTOPILOT_CLIENT_TPM_MAX_ATTESTATION_RETRY_EXCEEDED$' \
    "it has its name"
for label in HRESULT meaning 'first step' source; do
	says "^  $label  " "it has: $label"
done
run 0 "an HTTP status without a symbol" explain 0x801901ad
says 'Too Many Requests' "it has the status's name"
run 0 "a plain number" explain 404
says 'Not Found' "it is an HTTP status"
says 'Win32 404' "it is a Win32 error"
run 0 "a TPM response code" explain 0x802801c4
says 'TPM 2.0, parameter 1' "it names the parameter"
run 0 "WinHTTP" explain 12175
says 'ERROR_WINHTTP_SECURE_FAILURE' "it has WinHTTP's name"

run 0 "a warning of a TPM" explain 0x80280922
says 'TPM_20_E_RETRY' "it has Windows's name"
says 'format zero, warning 0x22' "it is taken apart"
run 0 "a TPM's handle" explain 0x18b
says 'format one, error 0x0b, of handle 1' "it is taken apart"
run 0 "a TPM's session" explain 0x98e
says 'format one, error 0x0e, of session 1' "it is taken apart"
run 0 "a TPM 1.2 code" explain 0x80280023
says 'TPM 1.2  *return code 35' "it is taken apart"
says 'TPM_E_NO_ENDORSEMENT' "it has its name"
run 0 "TPM base services" explain 0x8028400f
says 'TBS_E_TPM_NOT_FOUND' "it has its name"

run 0 "SCEP's failInfo" explain failInfo 2
says '^0x00000002  2  badRequest$' "it is SCEP's"
run 0 "SCEP's pkiStatus" explain 'PkiStatus(11): SCEPDispositionPendingChallenge'
says 'SCEP pkiStatus' "it is SCEP's"
says 'message type 41' "it says what is due"
run 0 "an HTTP status" explain HTTP 429
says 'Too Many Requests' "it has its name"
is "$(grep -c Win32 "$work/out")" 0 "it is nothing else"
run 0 "CertEnroll's brackets" explain \
    '0x80072f8f (WinHttp: 12175 ERROR_WINHTTP_SECURE_FAILURE)'
is "$(grep -c '^0x' "$work/out")" 3 "three answers"
run 0 "an NTSTATUS" explain 0xc0000225
says 'NTSTATUS    error, facility 0, code 549' "it is taken apart"
says 'STATUS_NOT_FOUND' "it has its name"
run 0 "an NTSTATUS as HRESULT" explain 0xd0000225
says 'NTSTATUS 0xc0000225 in HRESULT form' "it is taken apart"
run 0 "Win32 in an HRESULT" explain 0x80070490
says '  Win32       error 1168' "it is taken apart"
run 0 "Intune's status of a command" explain 0x87d101a2
says 'OMA-DM      status 418' "it is taken apart"
for code in 0x80180014 0x801c03ea 0x87d1fde8 0x8103a000 0x80093103 \
    0x800b0109 0x80090016 0x80090326 0x80290401; do
	run 0 "$code" explain "$code"
	says '^  first step' "$code has a first step"
done
run 0 "a name of another header" explain ERROR_RASMAN_CANNOT_INITIALIZE
says 'err.exe: raserror.h' "it has its source"

run 0 "several codes" explain '0x80070490, 0x80090016' NTE_EXISTS
is "$(grep -c '^0x' "$work/out")" 3 "three answers"
run 1 "an unknown code" explain 0x80ab1234
says 'facility 171 .*code 4660' "it is taken apart"
run 1 "an unknown name" explain E_NONE_SUCH
says '^E_NONE_SUCH  not known$' "it is said"
run 1 "one unknown among known" explain 0x80190190 E_NONE_SUCH
run 2 "no code" explain
run 2 "an empty code" explain ''
run 2 "another format" explain --format html 404
complains 'want text or json' "it is said"
run 0 "JSON" explain --json -2147024809
says '"symbol": "E_INVALIDARG"' "it has the readings"
run 1 "JSON of the unknown" explain --json E_NONE_SUCH
says '"known": false' "it says so"

# Every code with advice fits on 80 columns.
# shellcheck disable=SC2046
explain $(sed -n 's/^\.It \(0x[0-9a-f]\{8\}\).*/\1/p' \
    "$srcdir/man/aiktriage-codes.7") > "$work/all"
is "$?" 0 "every code of aiktriage-codes(7) is known"
is "$(awk 'length > 80' "$work/all")" "" "no line is longer than 80 columns"
is "$(awk '/^0x/ { n++ } /^  first step/ { s++ } END { print n - s }' \
    "$work/all")" 0 "each has a first step"

# The examples.
sed -n 's/^\$ aiktriage explain //p' "$srcdir/man/aiktriage-explain.1" \
    > "$work/examples"
is "$([ -s "$work/examples" ] && echo some)" some "the manual has examples"
while read -r line; do
	# shellcheck disable=SC2086
	run 0 "example: $line" explain $line
done < "$work/examples"
explain 0x81039001 -2145844848 > "$work/out"
sed -n '/^0x80190190/,/^\.Ed/p' "$srcdir/man/aiktriage-explain.1" |
    grep -v '^\.' > "$work/shown"
bad=
while IFS= read -r line; do
	grep -qxF -e "$line" "$work/out" || bad="$bad$line"
done < "$work/shown"
is "$bad" "" "the answer that the manual shows is given"

done_testing
