#!/bin/sh
# aiktriage authority: hosts, identifiers and certificates, as of a time; new
# tables out of a cabinet that the forge makes.  Relies on the program, the
# forge and the tables.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

# Tables of the user who runs the tests are none of theirs.
XDG_DATA_HOME=$work/none
export XDG_DATA_HOME

authority() {
	"$AIKTRIAGE" authority "$@"
}

ifx=5d0815951f5f60638a69e7252f3ec4becd7554b2
amd=578c545f796951421221a4a578acdb5f682f89c8

# One authority in all its forms.
for form in $ifx IFX-KeyId-$ifx ifx-keyid-$ifx.microsoftaik.azure.net \
    https://IFX-KeyId-$ifx.microsoftaik.azure.net/templates/Aik/scep \
    "ifx-keyid-$ifx.microsoftaik.azure.net:443" \
    "$(echo $ifx | sed 's/../&:/g; s/:$//' | tr a-f A-F)" "0x$ifx"; do
	run 0 "$form is known" authority "$form"
	says '^  authority   listed since 2018-12-12$' "it is listed"
done
says 'vendor      Infineon (IFX' "its vendor"
says 'TPM 2.0 RSA CA 042' "its CA"
says 'changes     2018-12-12 add' "its changes"
says 'serial 5ff5747b took the place of 00f29ed2' "its re-issue"
says 'incident    ifx-reissue-2023, 2023-02-08 to 2023-04-03' "its incident"
says 'ROCA flaw' "its chips"
says '^  list        2017-02-24 to 2024-11-21' "the list's dates"
is "$(awk 'length > 90' "$work/out")" "" "no line is much longer than 80"

run 0 "a root" authority $amd
says 'removed on 2022-03-15; listed since 2019-05-09' "it was removed"
says 'AMDTPM, root' "it is a root"
run 0 "before it was listed" authority --as-of 2019-01-01 amd-keyid-$amd
says 'not yet listed then; first listed on 2019-05-09' "it is said"
run 0 "while it was listed" authority --as-of 2021-10-20 amd-keyid-$amd
says 'listed since 2019-05-09; removed on 2022-03-15' "it is said"
run 0 "after the list" authority --as-of 2026-01-01 amd-keyid-$amd
says "after the list's end" "it is said"
run 0 "a nameid" authority a074a1271ddf515f97b1f4b9d44fe255d7644501
says 'host        ntc-nameid-a074a127' "its host"
run 0 "renamed" authority bb960cfc5436fa70f7e5c5a0d32cb65b743e112f
says 'host        msft-keyid-bb960cfc' "its new host"
says 'host        amd-keyid-bb960cfc' "its old host"
run 1 "an unknown host" authority ifx-keyid-0123456789012345678901234567890123456789
says 'not in the list, and not in its log' "it is said"
run 1 "an unknown identifier" authority 0123456789012345678901234567890123456789
says 'not known' "it is said"
run 1 "one of two" authority $amd 0123456789012345678901234567890123456789
run 2 "nothing" authority
run 2 "no such file" authority no.such.file
complains 'no host, no key identifier and no file' "it is said"
run 2 "another format" authority --format html $amd
run 0 "the list's dates" authority --list-date
says '^2017-02-24 to 2024-11-21' "they are shown"
run 0 "JSON" authority --json $ifx $amd
says '"listed": "yes"' "a state"
says '"listed": "removed"' "another"
if [ "${PYTHON3:-no}" = no ]; then
	PYTHON3=$(command -v python3) || PYTHON3=no
fi
if [ "$PYTHON3" != no ]; then
	"$PYTHON3" -c 'import json,sys; d = json.load(sys.stdin)
print(len(d), d[0]["reissues"][0]["loaded"], d[1]["known"])' < "$work/out" \
	    > "$work/json"
	is "$(cat "$work/json")" "2 2023-04-03 True" "it is whole"
else
	skip "JSON is whole" "there is no python3"
fi

# Certificates, read by the worker.
mkdir "$work/made"
cat > "$work/certs.scenario" <<'END'
case seed=authority time=2023-03-29T08:00:00Z
device ca=ifx-rsa-042-2023
certificate of=ek file=ek.cer
certificate of=ifx-rsa-042-2023 file=ca.pem form=pem
certificate of=aik-ca file=aik-ca.cer
note text="no certificate" file=note.txt
END
forge() {
	"$FORGE" --root "$srcdir/tests/forge" "$@"
}
run 0 "certificates are forged" forge "$work/certs.scenario" "$work/made"
run 0 "an EK certificate" authority "$work/made/ek.cer"
says 'role        ek$' "what it is"
says "host        ifx-keyid-$ifx" "the host of its issuer"
says '  name id  ' "the other form"
says '            *ifx-nameid-[0-9a-f]\{40\}\.microsoftaik' "its host"
run 0 "a CA" authority "$work/made/ca.pem"
says 'role        ek-intermediate$' "what it is"
says "host        ifx-keyid-$ifx" "its own host"
run 0 "an AIK CA" authority "$work/made/aik-ca.cer"
says "host        ifx-keyid-$ifx" "the host in its name"
run 3 "a cut certificate" sh -c "head -c 300 '$work/made/ek.cer' > \
    '$work/made/cut.cer'; '$AIKTRIAGE' authority '$work/made/cut.cer'"
run 1 "no certificate" authority "$work/made/note.txt"
complains 'no certificate in it' "it is said"
run 0 "certificate and host, JSON" authority --json "$work/made/ek.cer" \
    $amd
if [ "$PYTHON3" != no ]; then
	"$PYTHON3" -c 'import json,sys; d = json.load(sys.stdin)
print(len(d), d[0]["certificate"]["role"], "certificate" in d[1])' \
	    < "$work/out" > "$work/json"
	is "$(cat "$work/json")" "2 ek False" "it is whole"
else
	skip "JSON is whole" "there is no python3"
fi

# A newer list, from tables of five authorities.
mkdir "$work/base"
keep="$ifx\\|907d65e9b562315997dd5ad086b2b7598957b92c"
keep="$keep\\|bc8eac10844f5c7ebfe8bac2ceb50e8cdf34ef88"
keep="$keep\\|9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c"
keep="$keep\\|23e52d0e94f0eb3a9ad1fa36d02d5d5f0d9c0d2c"
for t in authorities authority-events issuers; do
	{
		grep -v '^#' "$srcdir/rules/data/$t.tsv" | sed -n 1p
		grep -v '^#' "$srcdir/rules/data/$t.tsv" | sed 1d |
		    grep -e "$keep"
	} > "$work/base/$t.tsv"
done
grep -v '^#' "$srcdir/rules/data/reissues.tsv" | sed -n 1p \
    > "$work/base/reissues.tsv"
cp "$srcdir/rules/data/lists.tsv" "$work/base"
cat > "$work/cab.scenario" <<'END'
case seed=trusted-tpm time=2025-06-01T10:00:00Z
device ca=ifx-rsa-042-2018
cab file=TrustedTpm.cab
note in=TrustedTpm.cab file=version.txt text="Trusted TPM certificates\n\n2-June-2025\nAdded the following AIK certificates:\n  AMD-KEYID-BC8EAC10844F5C7EBFE8BAC2CEB50E8CDF34EF88_2.cer\n  IFX-KEYID-4D5C445A0ACF2A1C043E5A3F2852A8DACC8747A7.cer\nRemoved IFX-KeyId-9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c.cer\nSome words about nothing\n\n05-Mar-2025 Added the following newly rolled IFX intermediate\nInfineon_RSA_042.crt\n\n3-April-2023\nAdded Old.crt\nRemoved revoked certs\n"
certificate of=aik-ca in=TrustedTpm.cab file="Microsoft/AIK/IFX-KEYID-5D0815951F5F60638A69E7252F3EC4BECD7554B2.cer"
certificate of=aik-ca in=TrustedTpm.cab file="Microsoft/AIK/AMD-KEYID-BC8EAC10844F5C7EBFE8BAC2CEB50E8CDF34EF88_2.cer"
certificate of=aik-ca in=TrustedTpm.cab file="Microsoft/AIK/IFX-KEYID-4D5C445A0ACF2A1C043E5A3F2852A8DACC8747A7.cer"
certificate of=ifx-rsa-042-2023 in=TrustedTpm.cab file="Infineon/IntermediateCA/Infineon_RSA_042.crt"
certificate of=ifx-rsa-069 in=TrustedTpm.cab file="Infineon/IntermediateCA/Infineon_RSA_069.crt"
END
run 0 "a cabinet is forged" forge "$work/cab.scenario" "$work/made"
cab=$work/made/TrustedTpm.cab
import() {
	authority --data "$work/base" --import "$@"
}
run 0 "it is read" import "$cab" --to "$work/new"
says '^list: 2017-02-24 to 2025-06-02 (was to 2024-11-21)$' "the list's end"
says '^authorities: 5, 1 of them new, 2 removed by now$' "authorities"
says '^changes: 3 new$' "changes"
says '^issuers: 2 new, 1 re-issues new$' "issuers"
says '^  *8  Some words about nothing (neither' "words that are no change"
says '^  *15  Removed revoked certs (it names no file)$' "what names no file"
is "$(grep -c '^  ' "$work/out")" 2 "no other line is complained of"
for t in authorities authority-events issuers lists reissues; do
	grep -v '^#' "$work/new/$t.tsv" | sed 1d > "$work/rows"
	is "$(LC_ALL=C sort -c "$work/rows" 2>&1)" "" "$t.tsv is sorted"
done
is "$(grep -c '2025-06-02' "$work/new/authority-events.tsv")" 3 \
    "the log's changes are in it"
is "$(grep -c '2025-03-05' "$work/new/reissues.tsv")" 1 \
    "the re-issue has the day on which it was added"

run 0 "the new list" authority --data "$work/new" --list-date
says '^2017-02-24 to 2025-06-02' "its end"
run 0 "a new authority" authority --data "$work/new" \
    IFX-KEYID-4D5C445A0ACF2A1C043E5A3F2852A8DACC8747A7
says 'listed since 2025-06-02' "since when"
says 'TPM 2.0 RSA CA 069' "its CA"
run 0 "a removed one" authority --data "$work/new" \
    9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c
says 'removed on 2025-06-02; listed since 2018-09-26' "since when"
mkdir -p "$work/home/aiktriage"
cp -r "$work/new" "$work/home/aiktriage/data"
XDG_DATA_HOME=$work/home
run 0 "the user's own tables" authority --list-date
says '^2017-02-24 to 2025-06-02' "are used"
run 0 "a report with them" "$AIKTRIAGE" --json \
    "$SAMPLES/amd-authority-removed"
says '"list_date": "2025-06-02' "it has the list's date"
echo x >> "$work/home/aiktriage/data/lists.tsv"
run 2 "tables with a fault" authority --list-date
complains 'lists.tsv: row 2' "where it is"
XDG_DATA_HOME=$work/none

run 2 "tables that exist" import "$cab" --to "$work/new"
complains '[-]-force replaces it' "it is said"
run 0 "they are replaced" import "$cab" --to "$work/new" --force
run 2 "without --to" import "$cab"
run 2 "without --import" authority --to "$work/new"
head -c 3000 "$cab" > "$work/made/cut.cab"
run 3 "a cut cabinet" import "$work/made/cut.cab" --to "$work/cut"
is "$([ -e "$work/cut" ] && echo there)" "" "writes nothing"
run 3 "what is no cabinet" import "$work/made/note.txt" --to "$work/cut"
complains 'there is no version.txt in it' "it is said"
grep -v 'Microsoft/AIK' "$work/cab.scenario" |
    sed 's/TrustedTpm.cab/Bare.cab/' > "$work/bare.scenario"
run 0 "a cabinet without authorities" forge "$work/bare.scenario" \
    "$work/made"
run 3 "is not read" import "$work/made/Bare.cab" --to "$work/cut"
complains 'no certificate of an AIK authority' "it is said"

# An older cabinet, and one that differs from its log.
sed 's/2-June-2025/2-June-2024/; s/05-Mar-2025/05-Mar-2024/' \
    "$work/cab.scenario" | sed 's/TrustedTpm.cab/Old.cab/' \
    > "$work/old.scenario"
run 0 "an older cabinet" forge "$work/old.scenario" "$work/made"
run 3 "is not read" import "$work/made/Old.cab" --to "$work/cut"
complains 'its log ends on 2024-06-02' "it is said"
grep -v 'AIK/AMD' "$work/cab.scenario" |
    sed 's/Removed IFX-KeyId-9c7d/Removed IFX-KeyId-5d0815951f5f60638a69e7252f3ec4becd7554b2.cer\\nRemoved IFX-KeyId-9c7d/' |
    sed 's/TrustedTpm.cab/Odd.cab/' > "$work/odd.scenario"
run 0 "a cabinet that differs from its log" forge "$work/odd.scenario" \
    "$work/made"
run 0 "is read" import "$work/made/Odd.cab" --to "$work/odd"
says "ifx-keyid-$ifx: removals after .* are left out" "what is still there"
says 'amd-keyid-bc8eac10844f5c7ebfe8bac2ceb50e8cdf34ef88: not in the cab' \
    "what is not there"
run 0 "what is still there" authority --data "$work/odd" $ifx
says 'listed since 2018-12-12' "is listed"
run 0 "what is not there" authority --data "$work/odd" \
    bc8eac10844f5c7ebfe8bac2ceb50e8cdf34ef88
says 'removed on 2025-06-02' "is removed"

# The examples of the manual.
sed -n 's/^\$ aiktriage authority //p' \
    "$srcdir/man/aiktriage-authority.1" | grep -v -e import -e data \
    > "$work/examples"
is "$([ -s "$work/examples" ] && echo some)" some "the manual has examples"
while read -r line; do
	# shellcheck disable=SC2086
	run 0 "example: $line" authority $line
done < "$work/examples"

done_testing
