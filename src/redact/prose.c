/*
 * Names in sentences: accounts of a domain, shares, user@host, GUIDs, and what
 * stands behind a word such as "user" without anything between.  What may be
 * a word of the language is taken for a name only there.
 * Relies on evidence/secret.h for what names nobody.
 */
#include <string.h>
#include <strings.h>

#include "redact/internal.h"

#define NAME_MAX	64
#define DOMAIN_MAX	64
#define AROUND		24
#define WORDS_MIN	24	/* bytes of decoded text */
#define LOOK_MAX	4096
#define SHELL_MIN	12	/* bytes of text; fewer say nothing */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
}

/* Of a name: of a machine, a domain, an account. */
static bool
is_name(uint8_t c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

static size_t
name_run(const struct leaf *l, size_t at)
{
	size_t n = 0;

	while (at + n < l->n && n < NAME_MAX && is_name(l->orig[at + n]))
		n++;
	while (n > 0 && l->orig[at + n - 1] == '.')
		n--;
	return n;
}

static bool
is_text(const uint8_t *p, size_t n, const char *text)
{
	return strlen(text) == n && strncasecmp((const char *)p, text, n) == 0;
}

static bool
is_any(const uint8_t *p, size_t n, const char *const texts[])
{
	for (; *texts != NULL; texts++)
		if (is_text(p, n, *texts))
			return true;
	return false;
}

/* Can it be told from a word? */
static bool
is_distinct(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_digit(p[i]) || p[i] == '-' || p[i] == '_' ||
		    p[i] == '.' || p[i] >= 0x80 || (i > 0 && is_upper(p[i])))
			return true;
	return false;
}

/* Bytes that were decoded on a guess may look like an account; around one
   that is stand letters, and what a keyboard has. */
static bool
is_sentence(const struct leaf *l, size_t off, size_t n)
{
	size_t i = off > AROUND ? off - AROUND : 0, end = off + n + AROUND;
	uint8_t c;

	if (end > l->n)
		end = l->n;
	for (; i < end; i++) {
		c = l->orig[i];
		if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') ||
		    c == 0x7f || (c == 0xc2 && i + 1 < end &&
		    strchr("\240\253\273", l->orig[i + 1]) == NULL) ||
		    (i + 2 < end && memcmp(l->orig + i, "\357\277\275", 3) ==
		    0))
			return false;
	}
	return true;
}

static void
take(struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	if (secret_is_common(l->orig + off, n) || !is_sentence(l, off, n))
		return;
	l->r->here = !is_distinct(l->orig + off, n);
	redact_value(l, off, n, kind);
	l->r->here = false;
}

/* ---- DOMAIN\user, \\server\share ---- */

/* Roots of trees that are written like an account. */
static const char *const roots[] = {
	"HKLM", "HKCU", "HKCR", "HKU", "HKCC", "HKEY_LOCAL_MACHINE",
	"HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS",
	"HKEY_CURRENT_CONFIG", "MACHINE", "ACPI", "PCI", "USB", "ROOT", "HID",
	"SWD", "SWC", "UEFI", "SCSI", "IDE", "DISPLAY", "HTREE", "TPM", "HDAUDIO",
	"BTH", "PCIIDE", "STORAGE", "MONITOR", "AUTHORITY", "AUTORIT\303\204T",
	"NT-AUTORIT\303\204T", "BUILTIN", "SYSTEM", "SYSTEM32", "SOFTWARE",
	"SAM", "SECURITY", "WINDOWS", "DEVICE", "BCD00000000", "CERT", "EFI",
	"BIN", "OEM", "WIM", "SOURCES", "NT", NULL
};

static const char *const files[] = {
	"dll", "exe", "sys", "log", "txt", "xml", "ini", "cer", "crt", "p7b",
	"json", "evtx", "ps1", "psm1", "cmd", "bat", "req", "pem", "inf", "cab",
	"zip", "dat", "etl", "html", "csv", "mui", "db", "saz", "har", NULL
};

static bool
is_file(const uint8_t *p, size_t n)
{
	const uint8_t *dot = memrchr(p, '.', n);

	return dot != NULL && is_any(dot + 1, n - (size_t)(dot + 1 - p),
	    files);
}

/* As NetBIOS spells it, or what Windows calls a tenant. */
static bool
is_domain(const struct leaf *l, const uint8_t *p, size_t n)
{
	const struct secret *known = secret_find(l->r, p, n);
	bool letter = false;
	size_t i;

	if (is_text(p, n, "AzureAD") || (known != NULL && (known->kind ==
	    SECRET_DOMAIN || known->kind == SECRET_MACHINE)))
		return true;
	for (i = 0; i < n; i++) {
		letter |= is_upper(p[i]);
		if (!is_upper(p[i]) && !is_digit(p[i]) && p[i] != '-')
			return false;
	}
	return letter && n >= 2 && n <= 15;
}

/* Words before an account, whose domain may be spelled in any way. */
static bool
is_told(const struct leaf *l, size_t at)
{
	static const char *const words[] = {
		"user", "account", "as", "by", "for", "benutzer", "konto",
		"utilisateur", "usuario", "runas", "owner", NULL
	};
	size_t end = at, start;

	while (end > 0 && strchr(" \t:='\"", l->orig[end - 1]) != NULL &&
	    at - end < 4)
		end--;
	for (start = end; start > 0 && is_letter(l->orig[start - 1]) &&
	    end - start < 16; start--)
		continue;
	return end < at && is_any(l->orig + start, end - start, words);
}

/* "\nHost", and in JSON "\nhost": the end of a line, and not an account. */
static bool
is_escape(const struct leaf *l, size_t at, bool json)
{
	return at + 1 < l->n && l->orig[at] != 0 && strchr("nrtu",
	    l->orig[at]) != NULL && (json || l->orig[at + 1] < 'a' ||
	    l->orig[at + 1] > 'z');
}

static void
account(struct leaf *l, size_t at, bool json)
{
	const uint8_t *p = l->orig;
	size_t start = at, skip = 0, name, n;

	while (start > 0 && at - start < DOMAIN_MAX && is_name(p[start - 1]))
		start--;
	while (at + skip < l->n && p[at + skip] == '\\')
		skip++;
	name = at + skip;
	n = name_run(l, name);
	if (start == at || n == 0 || (skip != 1 && skip != 2 && skip != 4) ||
	    (start > 0 && p[start - 1] < 0x80 && strchr("\\/:%*$~",
	    p[start - 1]) != NULL && !(p[start - 1] == ':' && start > 1 &&
	    is_letter(p[start - 2]))) ||
	    (name + n < l->n && p[name + n] != 0 && strchr("\\/:*&%", p[name +
	    n]) != NULL) || is_any(p + start, at - start, roots) ||
	    is_file(p + name, n) || is_escape(l, name, json && skip == 1) ||
	    (!is_domain(l, p + start, at - start) && !is_told(l, start)))
		return;
	if (!is_text(p + start, at - start, "AzureAD"))
		take(l, start, at - start, SECRET_DOMAIN);
	take(l, name, n, name + n < l->n && p[name + n] == '$' ?
	    SECRET_MACHINE : SECRET_USER);
}

static void
share(struct leaf *l, size_t at)
{
	const uint8_t *p = l->orig;
	size_t skip = 0, n;

	if (at > 0 && (is_name(p[at - 1]) || (p[at - 1] != 0 &&
	    strchr("\\:)%]", p[at - 1]) != NULL)))
		return;
	while (at + skip < l->n && p[at + skip] == '\\')
		skip++;
	n = name_run(l, at + skip);
	if ((skip != 2 && skip != 4) || n < 2 || at + skip + n >= l->n ||
	    p[at + skip + n] != '\\')
		return;
	take(l, at + skip, n, SECRET_MACHINE);
}

/* user@host, where a host without a dot is no domain of mail. */
static void
shell(struct leaf *l, size_t at)
{
	const uint8_t *p = l->orig;
	size_t start = at, n = name_run(l, at + 1);

	while (start > 0 && at - start < NAME_MAX && is_name(p[start - 1]))
		start--;
	if (start == at || n < 2 || !is_letter(p[at + 1]) ||
	    !is_letter(p[start]) || memchr(p + at + 1, '.', n) != NULL ||
	    is_file(p + start, at - start) || (at + 1 + n < l->n &&
	    p[at + 1 + n] == '@') || (start > 0 && p[start - 1] > ' ' &&
	    strchr("<('\"[=:,;", p[start - 1]) == NULL) || l->n < SHELL_MIN)
		return;
	take(l, start, at - start, SECRET_USER);
	take(l, at + 1, n, SECRET_MACHINE);
}

/* ---- words with a name behind them ---- */

static const struct {
	const char	*word;
	enum secret_kind kind;
	bool		 any;	/* whatever follows is a name */
} words[] = {
	{ "user", SECRET_USER, false }, { "user name", SECRET_USER, false },
	{ "username", SECRET_USER, false }, { "benutzer", SECRET_USER, false },
	{ "benutzername", SECRET_USER, false },
	{ "anwender", SECRET_USER, false }, { "account", SECRET_USER, false },
	{ "utilisateur", SECRET_USER, false },
	{ "usuario", SECRET_USER, false }, { "upn", SECRET_USER, false },
	{ "logged in as", SECRET_USER, true },
	{ "logged on as", SECRET_USER, true },
	{ "signed in as", SECRET_USER, true },
	{ "angemeldet als", SECRET_USER, true },
	{ "running as", SECRET_USER, false },
	{ "on behalf of", SECRET_USER, false },
	{ "computer", SECRET_MACHINE, false },
	{ "computer name", SECRET_MACHINE, false },
	{ "computername", SECRET_MACHINE, false },
	{ "machine", SECRET_MACHINE, false },
	{ "machine name", SECRET_MACHINE, false },
	{ "device name", SECRET_MACHINE, false },
	{ "host", SECRET_MACHINE, false },
	{ "host name", SECRET_MACHINE, false },
	{ "hostname", SECRET_MACHINE, false }, { "pc", SECRET_MACHINE, false },
	{ "laptop", SECRET_MACHINE, false },
	{ "rechner", SECRET_MACHINE, false },
	{ "ordinateur", SECRET_MACHINE, false },
	{ "equipo", SECRET_MACHINE, false },
	{ "workstation", SECRET_MACHINE, false },
	{ "password", SECRET_PASSWORD, false },
	{ "ConvertTo-SecureString", SECRET_PASSWORD, false },
	{ "New-LocalUser -Name", SECRET_USER, true },
	{ "apikey", SECRET_PASSWORD, false }, { "pin", SECRET_PASSWORD, false },
	{ "kennwort", SECRET_PASSWORD, false },
	{ "passwort", SECRET_PASSWORD, false }, { NULL, SECRET_COUNT, false }
};

/* The quote that ends what this one begins, or NULL. */
static const char *
closing(const uint8_t *p, size_t n, size_t *ret_skip)
{
	static const char *const quotes[][2] = {
		{ "\"", "\"" }, { "'", "'" }, { "`", "`" },
		{ "\342\200\234", "\342\200\235" },
		{ "\342\200\236", "\342\200\234" },
		{ "\342\200\230", "\342\200\231" },
		{ "\342\200\232", "\342\200\230" },
		{ "\302\253", "\302\273" }, { "<", ">" }, { "[", "]" }
	};
	size_t i;

	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		*ret_skip = strlen(quotes[i][0]);
		if (n > *ret_skip && memcmp(p, quotes[i][0], *ret_skip) == 0)
			return quotes[i][1];
	}
	return NULL;
}

static bool
is_hex_text(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_digit(p[i]) && !((p[i] | 0x20) >= 'a' &&
		    (p[i] | 0x20) <= 'f'))
			return false;
	return n >= 6;
}

/* Names of processors and authorities, numbers, codes. */
static bool
is_thing(const uint8_t *p, size_t n)
{
	static const char *const things[] = {
		"x64", "x86", "amd64", "arm64", "win32", "win64", "tpm2",
		"utf-8", "utf-16", "ipv4", "ipv6", "sha1", "sha256", NULL
	};

	return is_any(p, n, things) || is_hex_text(p, n) ||
	    (n > 1 && strncasecmp((const char *)p, "0x", 2) == 0) ||
	    (n > 4 && strncasecmp((const char *)p, "S-1-", 4) == 0) ||
	    memmem(p, n, "keyid", 5) != NULL ||
	    memmem(p, n, "nameid", 6) != NULL || (n >= 36 && is_guid(p, 36));
}

/* What stands behind the word, as a name would. */
static bool
is_like(const struct leaf *l, size_t off, size_t n, enum secret_kind kind,
    bool lower)
{
	const uint8_t *p = l->orig + off;
	bool digit = false, letter = false, dash = false, dot = false;
	size_t i;

	for (i = 0; i < n; i++) {
		digit |= is_digit(p[i]);
		letter |= is_letter(p[i]);
		dash |= p[i] == '-' || p[i] == '_';
		dot |= p[i] == '.';
	}
	if (!letter || is_thing(p, n))
		return false;
	if (kind == SECRET_PASSWORD)
		return digit;
	if (dot)
		return kind == SECRET_USER && !is_digit(p[0]) &&
		    !is_file(p, n);
	if (digit)
		return n >= 3;
	if (kind == SECRET_MACHINE)
		return dash && is_upper(p[0]) && is_upper(p[n - 1]);
	/* "the user Ada": but not "User Account". */
	return lower && is_upper(p[0]) && !dash;
}

static void
behind(struct leaf *l, size_t at, size_t word, enum secret_kind kind, bool any)
{
	const uint8_t *p = l->orig;
	size_t off = at + word, n, skip;
	bool lower = p[at] >= 'a' && p[at] <= 'z';
	const char *end;

	while (off < l->n && (p[off] == ' ' || p[off] == '\t') &&
	    off - at - word < 4)
		off++;
	if (off == at + word || off >= l->n)
		return;
	end = closing(p + off, l->n - off, &skip);
	if (end != NULL) {
		off += skip;
		for (n = 0; off + n + strlen(end) <= l->n && n < NAME_MAX &&
		    p[off + n] >= ' ' && memcmp(p + off + n, end,
		    strlen(end)) != 0; n++)
			continue;
		if (n < 2 || off + n + strlen(end) > l->n || n == NAME_MAX ||
		    p[off + n] < ' ' || is_thing(p + off, n))
			return;
		take(l, off, n, kind);
		return;
	}
	n = name_run(l, off);
	if (n < 2 || (off + n < l->n && (p[off + n] == '\\' || p[off + n] ==
	    '@' || p[off + n] == ':' || p[off + n] == '=')))
		return;
	if (is_like(l, off, n, kind, lower) || (any && !is_thing(p + off, n)))
		take(l, off, n, kind);
}

static void
word(struct leaf *l, size_t at)
{
	size_t i, n;

	for (i = 0; words[i].word != NULL; i++) {
		n = strlen(words[i].word);
		if (l->n - at > n + 2 && (l->orig[at + n] == ' ' ||
		    l->orig[at + n] == '\t') && strncasecmp((const char *)
		    l->orig + at, words[i].word, n) == 0)
			behind(l, at, n, words[i].kind, words[i].any);
	}
}

/* ---- names of a directory ---- */

static bool
starts(const struct leaf *l, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at <= l->n && l->n - at >= n && strncasecmp((const char *)
	    l->orig + at, text, n) == 0;
}

/* "CN=name,CN=Users,DC=example,DC=test"; a certificate has another order of
   parts and no DC, or one that says no more than a mail address. */
static void
directory(struct leaf *l, size_t at)
{
	const uint8_t *p = l->orig;
	enum secret_kind kind = SECRET_USER;
	size_t end, n;
	bool domain = false, person = false;

	for (n = 0; at + 3 + n < l->n && n < NAME_MAX && p[at + 3 + n] >= ' ' &&
	    strchr(",;\"'<", p[at + 3 + n]) == NULL; n++)
		continue;
	for (end = at + 3 + n; end < l->n && end - at < 512 && p[end] >= ' ' &&
	    strchr("\"'<;", p[end]) == NULL; end++) {
		if (p[end] != ',')
			continue;
		if (starts(l, end + 1, "DC="))
			domain = true;
		else if (starts(l, end + 1, "CN=Users") ||
		    starts(l, end + 1, "OU="))
			person = true;
		else if (starts(l, end + 1, "CN=Computers"))
			kind = SECRET_MACHINE;
	}
	if (domain && (person || kind == SECRET_MACHINE))
		take(l, at + 3, n, kind);
}

/* "DC=" with another one beside it. */
static void
component(struct leaf *l, size_t at)
{
	static const char *const usual[] = {
		"com", "net", "org", "local", "lan", "intern", "internal",
		"corp", "microsoft", "azure", "windows", NULL
	};
	size_t n = name_run(l, at + 3), end = at + 3 + n;

	if (n > 3 && !is_any(l->orig + at + 3, n, usual) &&
	    (starts(l, end, ",DC=") || (at > 0 && l->orig[at - 1] == ',')))
		take(l, at + 3, n, SECRET_DOMAIN);
}

/* "From: Ada Smith <ada@example.com>": the name of who has the address. */
static void
correspondent(struct leaf *l, size_t at)
{
	static const char *const fields[] = {
		"From:", "To:", "Cc:", "Bcc:", "Sender:", "Reply-To:", "Von:",
		"An:", "De:", NULL
	};
	const uint8_t *p = l->orig;
	size_t off, n, i, end;

	for (i = 0; fields[i] != NULL && !starts(l, at, fields[i]); i++)
		continue;
	if (fields[i] == NULL)
		return;
	off = at + strlen(fields[i]);
	for (end = off; end < l->n && p[end] != '\n' && p[end] != '\r'; end++)
		continue;
	while (off < end) {
		while (off < end && p[off] != 0 && strchr(" \t,;\"'", p[off]) !=
		    NULL)
			off++;
		for (n = 0; off + n < end && p[off + n] != 0 &&
		    strchr("<;\"@=?", p[off + n]) == NULL; n++)
			continue;
		i = off + n;
		if (i < end && p[i] == '"')
			i++;
		while (i < end && p[i] == ' ')
			i++;
		while (n > 0 && (p[off + n - 1] == ' ' || p[off + n - 1] ==
		    '\''))
			n--;
		if (n >= 2 && i < end && p[i] == '<')
			take(l, off, n, SECRET_USER);
		for (off = i; off < end && p[off] != ',' && p[off] != ';';
		    off++)
			continue;
	}
}

/* ---- all of them ---- */

/* A guess that bytes are text is good where there are words. */
static bool
is_words(const struct leaf *l)
{
	size_t i, n = l->n < LOOK_MAX ? l->n : LOOK_MAX, blanks = 0;

	for (i = 0; i < n; i++)
		blanks += l->orig[i] == ' ';
	return n >= WORDS_MIN && blanks * 40 >= n && is_sentence(l, 0, n);
}

void
redact_prose(struct leaf *l)
{
	const uint8_t *p = l->orig;
	bool before = false, json = memmem(p, l->n, "\\\"", 2) != NULL;
	size_t i;

	if (l->r->guesses > 0 && !is_words(l))
		return;
	for (i = 0; i < l->n; before = is_name(p[i]), i++) {
		if (p[i] == '\\' && before)
			account(l, i, json);
		else if (p[i] == '\\' && i + 1 < l->n && p[i + 1] == '\\')
			share(l, i);
		else if (p[i] == '@' && before)
			shell(l, i);
		else if (!before && l->n - i >= 36 && is_guid(p + i, 36)) {
			if (secret_guid((const char *)p, i) != NULL)
				redact_value(l, i, 36, SECRET_GUID);
		} else if (!before && is_letter(p[i])) {
			word(l, i);
			if (starts(l, i, "CN="))
				directory(l, i);
			else if (starts(l, i, "DC="))
				component(l, i);
			else if (i == 0 || p[i - 1] == '\n')
				correspondent(l, i);
		}
	}
}
