#!/bin/sh
# Opens the envelopes of every forged capture with its keys and compares each
# field with what the forge put in; then keys in all forms, wrong ones, and
# damaged messages.
# Relies on the forge (--keys writes keys and truth.tsv) and, for the forms of
# keys, on openssl(1).
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

: "${FORGE:=$builddir/tests/forge/forge}"
[ -x "$FORGE" ] || skip_all "the forge is not built"
root=$srcdir/tests/forge

# facts ARGUMENT...: field and value of what was opened, in $work/found, and
# of all certificates in $work/certs.
facts() {
	"$AIKTRIAGE" facts --format=json --quiet "$@" > "$work/facts" \
	    2> "$work/err" < /dev/null
	sed -e 's/,"via":\[[^]]*\]}$/}/' "$work/facts" | sed -n \
	    -e 's/\\\\/\\/g' \
	    -e 's/.*"field":"\([^"]*\)".*"item":"\([a-z0-9_]*\) [0-9]*".*"value":"\(.*\)"}$/\2	\1	\3/p' \
	    > "$work/all"
	awk -F'\t' '$1 ~ /^(pkcs10|attestation|ek_info|challenge)$/ {
		print $2 "\t" $3 }' "$work/all" | LC_ALL=C sort > "$work/found"
	awk -F'\t' '$2 == "cert.sha256" { print $2 "\t" $3 }' "$work/all" |
	    LC_ALL=C sort -u > "$work/certs"
}

# What the forge knows of one field is all that there is of it.
judge() {
	LC_ALL=C sort "$work/keys/truth.tsv" | grep -v '^cert\.' \
	    > "$work/truth"
	cut -f1 "$work/truth" | LC_ALL=C sort -u > "$work/fields"
	awk -F'\t' 'NR == FNR { known[$1] = 1; next } $1 in known' \
	    "$work/fields" "$work/found" > "$work/same"
	if diff "$work/truth" "$work/same" > "$work/diff"; then
		ok 0 "$1: every field comes out"
	else
		ok 1 "$1: every field comes out"
		diag "$work/diff"
	fi
	grep '^cert\.' "$work/keys/truth.tsv" | LC_ALL=C sort -u \
	    > "$work/sealed"
	is "$(LC_ALL=C comm -23 "$work/sealed" "$work/certs")" "" \
	    "$1: every certificate comes out"
	is "$(grep -E '(valid|matches|known|returned)	false' \
	    "$work/found")" "" "$1: every check is good"
	is "$(grep -c -E '^pkcs10\.hash_valid	true' "$work/found")" \
	    "$(grep -c '^pkcs10\.os_version' "$work/truth")" \
	    "$1: every request's hash is checked"
	for field in pkcs10.signer_matches pkcs10.ski_matches \
	    attest.name_matches attest.creation_matches \
	    attest.signature_valid attest.key_matches; do
		is "$(grep -c "^$field	true" "$work/found")" \
		    "$(grep -c '^pkcs10\.os_version' "$work/truth")" \
		    "$1: $field"
	done
}

# ---- every capture ----
for scenario in "$SAMPLES"/scenarios/*.scenario; do
	story=$(basename "$scenario" .scenario)
	rm -rf "$work/case" "$work/keys"
	"$FORGE" --root "$root" --keys "$work/keys" "$scenario" \
	    "$work/case" > "$work/out" 2>&1 || {
		ok 1 "$story is made"
		continue
	}
	[ -s "$work/keys/truth.tsv" ] || continue
	# Damaged on purpose, opened already, or in two captures at once.
	case $story in
	message-damaged | messages-opened | answer-after-continue | \
	    proxy-alters-body-both-sides | proxy-cuts-body-both-sides)
		continue
		;;
	esac
	# Only what is in the case can be opened.
	grep -q -e '^saz' -e '^message' "$scenario" || continue
	set --
	for key in "$work"/keys/*.pem; do
		set -- "$@" --key "$key"
	done
	facts "$@" "$work/case"
	judge "$story"
done

# ---- what a report says ----
story=ifx-ca042-renewed-accepted
rm -rf "$work/case" "$work/keys"
"$FORGE" --root "$root" --keys "$work/keys" \
    "$SAMPLES/scenarios/$story.scenario" "$work/case"
ra=$work/keys/ra-encryption.pem
signer=$work/keys/scep-signer-1.pem
run 0 "a report without keys" "$AIKTRIAGE" --quiet -v --format=text "$work/case"
says 'sealed:' "it says what is sealed"
says "service's own" "it says that the key is the service's"
run 0 "a report with keys" "$AIKTRIAGE" --quiet --format=text --key "$ra" \
    --key "$signer" "$work/case"
is "$(grep -c sealed: "$work/out")" 0 "nothing is sealed any more"
"$AIKTRIAGE" --quiet --json "$work/case" | grep '"outcome"\|"cause"' \
    > "$work/a"
"$AIKTRIAGE" --quiet --json --key "$ra" --key "$signer" "$work/case" |
    grep '"outcome"\|"cause"' > "$work/b"
is "$(cat "$work/b")" "$(cat "$work/a")" "keys do not change the verdict"
facts "$work/case"
is "$(cat "$work/found")" "" "without a key nothing comes out"
facts --key "$work/keys/scep-signer-1.pem" "$work/case/capture.saz"
is "$(grep -c '^pkcs10' "$work/found")" 0 \
    "a key opens nothing that is sealed for another"
is "$(grep -c 'challenge.kind	challenge' "$work/found")" 1 \
    "a key opens what is sealed for it"

# ---- the forms of keys ----
facts --key "$ra" "$work/case/capture.saz"
cp "$work/found" "$work/wanted"
if command -v openssl > /dev/null 2>&1; then
	printf 'wrong\nsecret of the test\n' > "$work/passwords"
	pass=pass:'secret of the test'
	openssl rsa -in "$ra" -traditional -out "$work/k.pkcs1.pem" 2> /dev/null
	openssl rsa -in "$ra" -traditional -outform DER \
	    -out "$work/k.pkcs1.der" 2> /dev/null
	openssl pkcs8 -topk8 -nocrypt -in "$ra" -outform DER \
	    -out "$work/k.pkcs8.der" 2> /dev/null
	openssl pkcs8 -topk8 -in "$ra" -passout "$pass" \
	    -out "$work/k.locked.pem" 2> /dev/null
	openssl pkcs8 -topk8 -in "$ra" -passout "$pass" -outform DER \
	    -out "$work/k.locked.der" 2> /dev/null
	openssl rsa -in "$ra" -traditional -aes128 -passout "$pass" \
	    -out "$work/k.old.pem" 2> /dev/null
	openssl req -x509 -new -key "$ra" -subj /CN=test -out "$work/c.pem" \
	    2> /dev/null
	openssl pkcs12 -export -inkey "$ra" -in "$work/c.pem" \
	    -passout "$pass" -out "$work/k.p12" 2> /dev/null
	openssl pkcs12 -export -inkey "$ra" -in "$work/c.pem" -legacy \
	    -passout "$pass" -out "$work/k.legacy.p12" 2> /dev/null
	openssl pkcs12 -export -inkey "$ra" -in "$work/c.pem" \
	    -passout pass: -out "$work/k.empty.p12" 2> /dev/null
	cat "$work/c.pem" "$signer" "$ra" > "$work/k.several.pem"
	for key in "$work"/k.*; do
		form=${key##*/k.}
		[ -s "$key" ] || {
			skip "$form opens" "openssl does not make it"
			continue
		}
		facts --key "$key" --password-file "$work/passwords" \
		    "$work/case/capture.saz"
		if [ "$form" = several.pem ]; then
			is "$(grep -c '^challenge.kind' "$work/found")" 2 \
			    "$form opens all"
			continue
		fi
		if cmp -s "$work/found" "$work/wanted"; then
			ok 0 "$form opens"
		else
			ok 1 "$form opens"
			diag "$work/err"
		fi
	done
	run 2 "a locked key without its password" "$AIKTRIAGE" \
	    --key "$work/k.locked.pem" "$work/case"
	complains 'is locked' "it says that it is locked"
	echo wrong > "$work/passwords"
	run 2 "a locked key with a wrong password" "$AIKTRIAGE" \
	    --key "$work/k.p12" --password-file "$work/passwords" "$work/case"
	complains 'no password' "it says that none fits"
	run 2 "a file that is only a certificate" "$AIKTRIAGE" \
	    --key "$work/c.pem" "$work/case"
	complains 'no private key' "it says that there is no key"
	openssl ecparam -name prime256v1 -genkey -noout -out "$work/ec.pem" \
	    2> /dev/null
	facts --key "$work/ec.pem" "$work/case/capture.saz"
	is "$(cat "$work/found")" "" "an EC key opens nothing of RSA"

	# ---- other ciphers and ways to wrap a key ----
	cat > "$work/query.conf" << 'EOF'
asn1=SEQUENCE:query
[query]
issuer=SEQUENCE:name
serial=INTEGER:0x1234
[name]
rdn=SET:rdn
[rdn]
attribute=SEQUENCE:attribute
[attribute]
type=OID:2.5.4.3
value=UTF8:the issuer
EOF
	cat > "$work/password.conf" << 'EOF'
[req]
prompt=no
distinguished_name=dn
attributes=attributes
[dn]
CN=lab
[attributes]
challengePassword=0123456789ABCDEF
EOF
	body=$work/keys/request.der
	openssl req -new -key "$signer" -subj /CN=other -outform DER \
	    -out "$body" 2> /dev/null
	openssl req -x509 -new -key "$work/ec.pem" -subj /CN=ec \
	    -out "$work/ec.crt" 2> /dev/null
	for cipher in aes-128-cbc aes-192-cbc aes-256-cbc des3; do
		openssl cms -encrypt -binary -in "$body" -outform DER \
		    "-$cipher" -out "$work/e.p7m" "$work/c.pem" 2> /dev/null
		facts --key "$ra" "$work/e.p7m"
		is "$(grep '^pkcs10.subject' "$work/found")" \
		    "pkcs10.subject	CN=other" "$cipher opens"
	done
	for cipher in des-cbc rc2-cbc; do
		openssl cms -encrypt -binary -in "$body" -outform DER \
		    -provider legacy -provider default \
		    "-$cipher" -out "$work/e.p7m" "$work/c.pem" 2> /dev/null ||
		    {
			skip "$cipher opens" "openssl does not make it"
			continue
		}
		facts --key "$ra" "$work/e.p7m"
		is "$(grep '^pkcs10.subject' "$work/found")" \
		    "pkcs10.subject	CN=other" "$cipher opens"
	done
	for digest in sha1 sha256; do
		openssl cms -encrypt -binary -in "$body" -outform DER \
		    -aes-256-cbc -out "$work/e.p7m" -recip "$work/c.pem" \
		    -keyopt rsa_padding_mode:oaep \
		    -keyopt "rsa_oaep_md:$digest" 2> /dev/null
		facts --key "$ra" "$work/e.p7m"
		is "$(grep '^pkcs10.subject' "$work/found")" \
		    "pkcs10.subject	CN=other" "OAEP with $digest opens"
	done
	openssl cms -encrypt -binary -in "$body" -outform DER -aes-256-cbc \
	    -out "$work/e.p7m" "$work/ec.crt" 2> /dev/null
	facts --key "$work/ec.pem" "$work/e.p7m"
	is "$(grep '^pkcs10.subject' "$work/found")" \
	    "pkcs10.subject	CN=other" "key agreement opens"
	is "$(grep '^pkcs10.signature_valid' "$work/found")" \
	    "pkcs10.signature_valid	true" "a request's signature is checked"
	openssl cms -encrypt -binary -stream -in "$body" -outform DER \
	    -aes-128-cbc -out "$work/e.p7m" "$work/c.pem" 2> /dev/null
	facts --key "$ra" "$work/e.p7m"
	is "$(grep '^pkcs10.subject' "$work/found")" \
	    "pkcs10.subject	CN=other" "BER with indefinite lengths opens"
	openssl asn1parse -noout -genconf "$work/query.conf" \
	    -out "$work/query.der" > /dev/null 2>&1
	openssl cms -encrypt -binary -in "$work/query.der" -outform DER \
	    -aes-128-cbc -out "$work/e.p7m" "$work/c.pem" 2> /dev/null
	"$AIKTRIAGE" facts --key "$ra" "$work/e.p7m" > "$work/out" 2>&1
	says 'scep_query.issuer  *CN=the issuer' "what GetCert asks for"
	says 'scep_query.serial  *1234' "and its serial number"
	openssl req -new -key "$signer" -config "$work/password.conf" \
	    -outform DER -out "$work/password.der" 2> /dev/null
	facts "$work/password.der"
	is "$(grep '^pkcs10.challenge' "$work/found")" \
	    "pkcs10.challenge_kind	NDES
pkcs10.challenge_password	true" "a challenge password is told of"
	is "$(grep -c 0123456789ABCDEF "$work/facts")" 0 "and not shown"
	echo 'no DER at all' > "$work/plain"
	openssl cms -encrypt -binary -in "$work/plain" -outform DER \
	    -aes-128-cbc -out "$work/e.p7m" "$work/c.pem" 2> /dev/null
	"$AIKTRIAGE" facts --key "$ra" "$work/e.p7m" > "$work/out" 2>&1
	is "$(grep -c 'no DER at all' "$work/out")" 0 \
	    "what is no DER is not shown"
	says 'envelope.opened *false' "nor is it called opened"
else
	skip "the forms of keys" "there is no openssl"
fi
run 2 "a key file that is not there" "$AIKTRIAGE" --key "$work/none" \
    "$work/case"
complains 'none: ' "it is named"
if "$AIKTRIAGE" --require-sandbox --quiet "$work/case" 2> "$work/err"; then
	run 0 "in the sandbox" "$AIKTRIAGE" --require-sandbox --quiet \
	    --key "$ra" --key "$signer" "$work/case"
else
	skip "in the sandbox" "there is none here"
fi

# ---- damage ----
member=$work/keys/message.p7m
cat > "$work/one.scenario" << 'EOF'
case seed=open-damage time=2024-02-01T10:00:00Z
device ca=ifx-rsa-042-2023
try outcome=success
message step=request file=request.p7m
EOF
rm -rf "$work/one"
"$FORGE" --root "$root" --keys "$work/keys" "$work/one.scenario" \
    "$work/one" > "$work/out" 2>&1 || diag "$work/out"
member=$work/one/request.p7m
for percent in 5 20 40 60 80 95; do
	"$FORGE" damage "cut=$percent" "$member" "$work/cut.p7m"
	"$AIKTRIAGE" facts --quiet --key "$work/keys/ra-encryption.pem" \
	    "$work/cut.p7m" > "$work/out" 2> "$work/err"
	is "$?" 3 "a message that is cut to $percent % is incomplete"
done

done_testing
