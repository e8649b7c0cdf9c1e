#!/bin/sh
# aiktriage decode: places in a case, 80 columns, JSON, forms of input, cut
# input, what the manual shows; and SCEP messages in queries.
# Relies on the program, the samples and openssl.
. "${srcdir:-.}/tests/tap.sh"

messages=$SAMPLES/messages-as-files
capture=$SAMPLES/success-a/capture.saz
cd "$work" || exit 99

# ---- a file ----
run 0 "a message" "$AIKTRIAGE" decode "$messages/answer.p7m"
says '"41" (ClaimChallengeAnswer' "the type of the message is named"
says 'envelopedData' "the envelope inside is taken apart"
cp out answer.txt
is "$(LC_ALL=C awk 'length > 80' answer.txt | head -n 3)" "" \
    "no line has more than 80 columns"
run 0 "all of the values" "$AIKTRIAGE" decode -v "$messages/answer.p7m"
is "$(grep -c ' \.\.\. (' out)" 0 "-v shows values to their end"

# What the manual shows is what the program says.
sed -n '/^   2454 3+187/,/^\.Ed/p' "$srcdir/man/aiktriage-decode.1" |
    sed '/^\.Ed/d' > shown
is "$(grep -c . shown)" 7 "the manual shows some lines"
is "$(grep -c -x -F -f shown answer.txt)" 7 \
    "the lines of the manual are the program's"
if command -v openssl > /dev/null 2>&1; then
	openssl asn1parse -inform DER -in "$messages/answer.p7m" |
	    sed 's/ *$//' > asn1
	sed -n '/^ 2454:d=5/,/^\.Ed/p' "$srcdir/man/aiktriage-decode.1" |
	    sed '/^\.Ed/d' > shown
	is "$(grep -c -x -F -f shown asn1)" "$(grep -c . shown)" \
	    "so are the lines of openssl asn1parse"
else
	skip "the lines of openssl asn1parse" "there is no openssl"
fi

# ---- a case ----
run 0 "a capture" "$AIKTRIAGE" decode "$capture"
says 'raw/08_c.txt@605' "the places are listed"
cp out list
for at in $(sed -n 's/.*!\/\(raw[^:,]*\).*/\1/p' list); do
	run 0 "--at $at" "$AIKTRIAGE" decode "$capture" --at "$at"
	says 'ContentInfo SEQUENCE: signedData' "a message stands at $at"
done
run 0 "a member without offset" "$AIKTRIAGE" decode "$capture" \
    --at raw/08_c.txt
says 'raw/08_c.txt@605: ' "its first structure is taken"
run 0 "inside a structure" "$AIKTRIAGE" decode "$messages/answer.p7m" \
    --at @2381
says '2381' "the place is said"
says 'IssuerAndSerialNumber' "what begins there is recognised"
run 2 "nothing there" "$AIKTRIAGE" decode "$capture" --at nowhere
complains 'nothing stands' "it is said"
run 2 "no file" "$AIKTRIAGE" decode
echo 'just a text' > text
run 3 "no ASN.1" "$AIKTRIAGE" decode text
complains 'nothing to decode' "it is said"

# ---- an envelope that opens ----
if [ -x "${FORGE-}" ]; then
	"$FORGE" --root "$srcdir/tests/forge" --keys keys \
	    "$SAMPLES/scenarios/success-a.scenario" case > /dev/null 2>&1
	run 0 "--key" "$AIKTRIAGE" decode --key keys/ra-encryption.pem \
	    case/capture.saz --at raw/08_c.txt@605
	says 'decrypted view' "what is opened stands below the envelope"
	says 'CertificationRequest SEQUENCE' "the request is taken apart"
	says 'machine UTF8String: "AIK-TEST' "down to the machine's name"
	says 'KAST, a TPM attestation statement' "the statement has a name"
	says "objectAttributes TPMA_OBJECT" \
	    "fields of the TPM have their names"
	says '(fixedTPM, fixedParent' "and their meanings"
	says 'SubjectPublicKeyInfo\|endorsementKey' \
	    "the EK information inside is opened, too"
	is "$(LC_ALL=C awk 'length > 80' out | head -n 3)" "" \
	    "no line has more than 80 columns"
else
	skip "--key" "there is no forge"
fi

# ---- a store element ----
for f in "$SAMPLES"/ifx-ca042-renewed/*; do
	case ${f##*/} in
	*[!0-9A-F]*) continue ;;
	esac
	run 0 "a store element" "$AIKTRIAGE" decode "$f"
	says 'KEY_PROV_INFO property: id 2' "its properties have names"
	says 'certificate context: id 32' "its certificate is the last"
	says 'Certificate SEQUENCE: ' "and is taken apart"
done

# ---- forms ----
if command -v openssl > /dev/null 2>&1; then
	openssl pkcs7 -inform DER -in "$messages/chain.p7b" -out chain.pem
	run 0 "PEM" "$AIKTRIAGE" decode chain.pem
	says 'base64' "it says how it came to the bytes"
	says 'certificates \[0\]' "the message is taken apart"
else
	skip "PEM" "there is no openssl"
fi
head -c 300 "$messages/answer.p7m" > cut.p7m
run 3 "a cut message" "$AIKTRIAGE" decode cut.p7m
says 'cut: it states 2915 bytes, 296 are here' "it says how much is cut"
says 'recipientInfos' "it is read as far as it goes"
{ cat "$messages/chain.p7b"; printf '\000\000\000\000'; } > more.p7b
"$AIKTRIAGE" decode more.p7b > out 2> err
says '4 trailing bytes at [0-9]*: 00 00 00 00' "what follows is said"

# ---- JSON ----
run 0 "JSON" "$AIKTRIAGE" decode --json "$messages/answer.p7m"
if [ "${PYTHON3:-no}" != no ] && [ -n "$PYTHON3" ]; then
	cat > tile.py <<'END'
import json
import sys

def tiles(node):
    at = node["offset"] + node["header"]
    kids = [c for c in node.get("children", []) if c["kind"] != "view"]
    for c in kids:
        if c["offset"] != at:
            return False
        at += c["header"] + c["length"] + c["trailer"]
        if not tiles(c):
            return False
    return not kids or at == node["offset"] + node["header"] + node["length"]

print(all(tiles(x["tree"]) for x in json.load(sys.stdin)))
END
	is "$("$PYTHON3" tile.py < out)" True "its nodes tile the message"
else
	skip "its nodes tile the message" "there is no python3"
fi

# ---- a message in a query ----
if command -v openssl > /dev/null 2>&1; then
	b64=$(openssl base64 -A -in "$messages/answer.p7m")
	host=ifx-keyid-0000.microsoftaik.azure.net
	query() {
		printf 'GET /templates/Aik/scep?operation=PKIOperation'
		printf '&message=%s HTTP/1.1\r\nHost: %s\r\n\r\n' "$1" $host
	}
	query "$(printf %s "$b64" | sed 's/+/%2B/g; s/\//%2F/g; s/=/%3D/g')" \
	    > escaped.http
	query "$b64" > plain.http
	query "$(printf %s "$b64" | tr '+/' '-_' | tr -d =)" > url.http
	for form in escaped plain url; do
		"$AIKTRIAGE" facts $form.http > out 2> err
		says 'scep.message_type *ClaimChallengeAnswer' \
		    "a message in a query, $form: its type is read"
		says 'cms.signature_valid *true' \
		    "a message in a query, $form: its signature is right"
	done
else
	skip "messages in queries" "there is no openssl"
fi

done_testing
