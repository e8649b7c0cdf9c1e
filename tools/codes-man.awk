# Writes man/aiktriage-codes.7 from the table of what codes mean:
#	LC_ALL=C awk -f tools/codes-man.awk rules/data/advice.tsv
# tests/tables.sh compares.  Relies on the table being sorted.

BEGIN {
	FS = "\t"
	nsections = split("Autopilot and the enrolment status page|" \
	    "HTTP answers|SCEP and the enrolment|" \
	    "Network: WinHTTP, WinINet, Winsock, DNS|TPM 2.0|TPM 1.2|" \
	    "TPM base services and the Platform Crypto Provider|" \
	    "Keys and providers (NTE)|TLS and sign-in (SEC)|" \
	    "Messages and certificates (CRYPT, CERT, TRUST)|" \
	    "Certificate services (CERTSRV, XENROLL)|" \
	    "Device registration and sign-in (DSREG, ADAL)|" \
	    "MDM enrolment (MENROLL)|Intune|" \
	    "Statuses of MDM commands (OMA-DM)|Windows|NTSTATUS", section, "|")
}

# The number of hex digits; not every awk has strtonum().
function number(hex,	i, v) {
	v = 0
	for (i = 3; i <= length(hex); i++)
		v = v * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return v
}

# Which section a line belongs to.
function place(code, kind,	high, low) {
	high = substr(code, 3, 4)
	low = substr(code, 7, 4)
	if (kind == "HTTP" || (high == "8019" && low > "000e"))
		return 2
	if (kind ~ /^SCEP/ || kind == "EnrollStatus")
		return 3
	if (kind == "TPM 2.0")
		return 5
	if (kind == "OMA-DM")
		return 15
	if (kind == "NTSTATUS")
		return 17
	if (kind == "Win32")
		return (low >= "2328" && low <= "2fff") ? 4 : 16
	if (high == "8103" || high == "c103")
		return 1
	if (high == "8028" && low < "0100")
		return low >= "0080" ? 5 : 6
	if (high == "8028" && low < "0400")
		return 5
	if (high == "8028" || high == "8029")
		return 7
	if (high == "8009" && low < "0300")
		return 8
	if (high == "8009" && low < "1000")
		return 9
	if (high == "800b" || (high == "8009" && low < "4000") ||
	    (high == "8009" && low >= "6000"))
		return 10
	if (high == "8009")
		return 11
	if (high == "801c" || substr(high, 1, 3) == "caa")
		return 12
	if (high == "8018" || high == "8019")
		return 13
	if (substr(high, 1, 3) == "87d")
		return 14
	return 16
}

# How the code is written: as the HRESULT that people see, where it has one.
function heading(code, kind, symbol,	n) {
	n = number(code)
	if (kind == "HTTP")
		return "0x8019" substr(code, 7) " HTTP " n " " symbol
	if (kind == "Win32")
		return (n == 0 ? code : "0x8007" substr(code, 7)) " " n " " \
		    symbol
	if (kind == "TPM 2.0")
		return "0x8028" substr(code, 7) " " symbol
	if (kind ~ /^SCEP/)
		return substr(kind, 6) " " n " " symbol
	if (kind == "EnrollStatus" || kind == "OMA-DM")
		return kind " " n " " symbol
	return code (symbol != "" ? " " symbol : "")
}

function escape(text) {
	gsub(/\\/, "\\e", text)
	return text
}

# Sentences in lines of at most 78 columns, none of them a request.
function fill(text,	words, n, i, line, out) {
	n = split(escape(text) ".", words, " ")
	line = out = ""
	for (i = 1; i <= n; i++) {
		if (line != "" && (line ~ /[a-z0-9]\.$/ ||
		    length(line) + 1 + length(words[i]) > 78)) {
			out = out guard(line) "\n"
			line = words[i]
		} else
			line = line (line != "" ? " " : "") words[i]
	}
	return out guard(line) "\n"
}

function guard(line) {
	return line ~ /^[.']/ ? "\\&" line : line
}

/^#/ || $1 == "code" { next }
{
	p = place($1, $2)
	body[p] = body[p] ".It " heading($1, $2, $3) "\n" fill($4) \
	    ".Em First :\n" fill($5)
	count++
}

END {
	print ".Dd November 24, 2026\n.Dt AIKTRIAGE-CODES 7\n.Os\n.Sh NAME\n" \
	    ".Nm aiktriage-codes\n.Nd error codes around the attestation " \
	    "of a Windows device's TPM\n.Sh DESCRIPTION"
	print "These are the codes that occur when a device enrols for an " \
	    "attestation\nidentity key (AIK) certificate, joins and is " \
	    "managed, with what they mean and\nwhat to do first."
	print ".Xr aiktriage-explain 1\nknows these " count " and the names " \
	    "of some 25,000 more."
	print ".Pp\nA Win32 error as an HRESULT is 0x8007 and its number in " \
	    "four hexadecimal\ndigits, so 1168 (0x490) is 0x80070490.\nAn " \
	    "HTTP status as an HRESULT is 0x80190000 plus the status, " \
	    "whether it has a\nname or not: 429 is 0x801901ad.\nA TPM 2.0 " \
	    "response code\n.Pq TPM_RC_*\nwhose bit 7 is set also holds " \
	    "the number of the parameter, handle or session\nthat was found " \
	    "wrong; in an HRESULT it is 0x80280000 plus the code.\nA status " \
	    "of an MDM command as Intune shows it is 0x87d10000 plus the " \
	    "status."
	print ".Pp\nThe number that\n.Ic certreq\nreturns as its exit " \
	    "status is the HRESULT as a signed decimal."
	print ".Pp\nThis page is made from\n.Pa rules/data/advice.tsv ;\n" \
	    "the words are this project's.\n.Sh CODES"
	for (p = 1; p <= nsections; p++)
		if (body[p] != "")
			printf ".Ss %s\n.Bl -tag -width Ds\n%s.El\n", \
			    section[p], body[p]
	print ".Sh SEE ALSO\n.Xr aiktriage 1 ,\n.Xr aiktriage-explain 1 ,\n" \
	    ".Xr aiktriage-causes 7"
}
