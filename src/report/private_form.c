/*
 * Finds in free text what names a person or a machine: addresses, accounts of
 * a domain, shares, SIDs, users' folders, and what stands behind a label such
 * as "user:".  A GUID is one only where a word before it says so: those of
 * requests and keys are what the service finds its own records by.
 * Relies on evidence/secret.h for the labels and on inet_pton(3).
 */
#include "report/private_form.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "evidence/secret.h"

#define LABEL_WORDS	3	/* "Device serial number" */
#define LABEL_BYTES	48
#define GUID_BYTES	36
#define HEX_DIGITS	8	/* of a serial number of a certificate */
#define LOOK_BYTES	512	/* that tell what something is */

static bool
is_one_of(char c, const char *more)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr(more, c) != NULL);
}

bool
private_word(char c)
{
	return is_one_of(c, "-_");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static size_t
run_of(const char *p, size_t n, const char *more)
{
	size_t i;

	for (i = 0; i < n && is_one_of(p[i], more); i++)
		continue;
	return i;
}

static bool
is_text(const char *p, size_t n, const char *text)
{
	return n == strlen(text) && strncasecmp(p, text, n) == 0;
}

static bool
is_any(const char *p, size_t n, const char *const texts[])
{
	for (; *texts != NULL; texts++)
		if (is_text(p, n, *texts))
			return true;
	return false;
}

static size_t
guid_length(const char *p, size_t n)
{
	size_t i;

	if (n < GUID_BYTES)
		return 0;
	for (i = 0; i < GUID_BYTES; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? p[i] != '-' :
		    !is_hex(p[i]))
			return 0;
	return n > i && private_word(p[i]) ? 0 : GUID_BYTES;
}

/* ---- addresses ---- */

/* Length of a mail address or of user@host here, or 0. */
static size_t
mail_length(const char *p, size_t n)
{
	size_t local = run_of(p, n, "._%+-'"), domain;

	if (local == 0 || local == n || p[local] != '@')
		return 0;
	domain = run_of(p + local + 1, n - local - 1, ".-_");
	while (domain > 0 && strchr(".-_", p[local + domain]) != NULL)
		domain--;
	return domain < 2 ? 0 : local + 1 + domain;
}

/* Length of an address of IP or of a network card here, or 0. */
static size_t
address_length(const char *p, size_t n)
{
	size_t len = run_of(p, n, ".:"), i, colons = 0, dashes = 0;
	unsigned char address[16];
	char text[64];

	while (len > 0 && (p[len - 1] == '.' || p[len - 1] == ':'))
		len--;
	if (len >= 7 && len < sizeof(text)) {
		memcpy(text, p, len);
		text[len] = '\0';
		for (i = 0; i < len; i++)
			colons += text[i] == ':';
		if (inet_pton(AF_INET, text, address) == 1 || (colons >= 2 &&
		    inet_pton(AF_INET6, text, address) == 1))
			return len;
		/* An IPv4 address with its port. */
		if (colons == 1) {
			*strchr(text, ':') = '\0';
			if (inet_pton(AF_INET, text, address) == 1)
				return strlen(text);
		}
	}
	if (n < 17 || (n > 17 && private_word(p[17])))
		return 0;
	for (i = 0; i < 17; i++)
		if (i % 3 == 2)
			dashes += p[i] == '-' || p[i] == ':';
		else if (!is_hex(p[i]))
			return 0;
	return dashes == 5 ? 17 : 0;
}

/* "S-1-5-21-..." of a domain, "S-1-12-1-..." of a tenant. */
static size_t
sid_length(const char *p, size_t n)
{
	size_t i;

	if (n < 10 || (strncasecmp(p, "S-1-5-21-", 9) != 0 &&
	    strncasecmp(p, "S-1-12-1-", 9) != 0) || !is_digit(p[9]))
		return 0;
	for (i = 9; i < n && (is_digit(p[i]) || p[i] == '-'); i++)
		continue;
	return p[i - 1] == '-' ? i - 1 : i;
}

/* ---- names of machines ---- */

/* As Windows itself names a machine. */
static size_t
machine_length(const char *p, size_t n)
{
	static const struct { const char *start; size_t rest; } makes[] = {
		{ "DESKTOP-", 7 }, { "LAPTOP-", 8 }, { "WIN-", 11 }
	};
	size_t i, len = run_of(p, n, "-_"), start;

	for (i = 0; i < sizeof(makes) / sizeof(makes[0]); i++) {
		start = strlen(makes[i].start);
		if (len == start + makes[i].rest &&
		    strncasecmp(p, makes[i].start, start) == 0)
			return len;
	}
	return 0;
}

/* ---- separators ---- */

static size_t
separators(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && (p[i] == '\\' || p[i] == '/'); i++)
		continue;
	return i;
}

/* JSON doubles them. */
static size_t
backslashes(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && p[i] == '\\'; i++)
		continue;
	return i;
}

/* Length of "\Users\" and the like here, or 0. */
static size_t
folder_length(const char *p, size_t n)
{
	static const char *const folders[] = {
		"Users", "home", "Documents and Settings"
	};
	size_t i, len, before = separators(p, n), after;

	for (i = 0; before > 0 && i < sizeof(folders) / sizeof(folders[0]);
	    i++) {
		len = before + strlen(folders[i]);
		if (n <= len || strncasecmp(p + before, folders[i],
		    len - before) != 0)
			continue;
		after = separators(p + len, n - len);
		if (after > 0)
			return len + after;
	}
	return 0;
}

/* Length of a user's folder here: with blanks only before a separator. */
static size_t
user_length(const char *p, size_t n)
{
	size_t i, blank = n;

	for (i = 0; i < n && strchr("\\/\"'<>|\r\n", p[i]) == NULL; i++)
		if (p[i] == ' ' && blank == n)
			blank = i;
	return i < n && (p[i] == '\\' || p[i] == '/') ? i :
	    i < blank ? i : blank;
}

/* "\\server\": the server's length, and what stands before it. */
static size_t
server_length(const char *p, size_t n, size_t at, size_t *ret_skip)
{
	size_t skip, len;

	if (at > 0 && is_one_of(p[at - 1], "-_.:\\)%"))
		return 0;
	*ret_skip = skip = backslashes(p + at, n - at);
	if (skip < 2)
		return 0;
	len = run_of(p + at + skip, n - at - skip, "-_.");
	return len >= 2 && at + skip + len < n &&
	    p[at + skip + len] == '\\' ? len : 0;
}

/* ---- DOMAIN\user ---- */

/* Roots of the registry, and what is the same on every machine. */
static const char *const no_domains[] = {
	"HKLM", "HKCU", "HKCR", "HKU", "HKCC", "HKEY_LOCAL_MACHINE",
	"HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS", "AUTHORITY",
	"AUTORIT\303\204T", "BUILTIN", "System32", "Windows", "SOFTWARE",
	"SYSTEM", NULL
};

/* Is it a file rather than a person? */
static bool
is_file(const char *p, size_t n)
{
	static const char *const ends[] = {
		"dll", "exe", "sys", "log", "txt", "xml", "ini", "cer", "crt",
		"p7b", "json", "evtx", "ps1", "cmd", "bat", "req", "pem", NULL
	};
	const char *dot = memrchr(p, '.', n);

	return dot != NULL && is_any(dot + 1, n - (size_t)(dot + 1 - p),
	    ends);
}

/* The account whose domain begins here: lengths of its parts. */
static bool
account(const char *p, size_t n, size_t at, size_t *ret_domain,
    size_t *ret_skip, size_t *ret_user)
{
	size_t domain = run_of(p + at, n - at, "-_."), skip, user, i;
	const char *name;

	if (domain < 2 || (at > 0 && is_one_of(p[at - 1],
	    "-_.\\/%")) || p[at + domain - 1] == '.' ||
	    is_any(p + at, domain, no_domains))
		return false;
	skip = backslashes(p + at + domain, n - at - domain);
	name = p + at + domain + skip;
	user = run_of(name, n - at - domain - skip, "-_.$");
	while (user > 0 && name[user - 1] == '.')
		user--;
	if (skip == 0 || user == 0 || at + domain + skip + user > n ||
	    is_file(name, user) || (at + domain + skip + user < n &&
	    (name[user] == '\\' || name[user] == '/' || name[user] == ':')))
		return false;
	/* The end of a line that JSON folded, and an id below it. */
	for (i = 0; i < 2 && i < user; i++)
		if (guid_length(name + i, user - i) > 0)
			return false;
	*ret_domain = domain;
	*ret_skip = skip;
	*ret_user = user;
	return true;
}

static bool
account_form(const char *p, size_t n, size_t at, struct private_form *ret)
{
	size_t start = at, domain, skip, user;

	if (p[at] != '\\') {
		if (!account(p, n, at, &domain, &skip, &user))
			return false;
		*ret = (struct private_form){ 0, domain, "domain" };
		return true;
	}
	while (start > 0 && is_one_of(p[start - 1], "-_."))
		start--;
	if (start == at || !account(p, n, start, &domain, &skip, &user) ||
	    start + domain != at)
		return false;
	if (p[at + skip + user - 1] == '$' && user > 1)
		*ret = (struct private_form){ skip, user - 1, "machine" };
	else
		*ret = (struct private_form){ skip, user, "user" };
	return true;
}

/* ---- labels ---- */

static const char *
label_kind(const char *p, size_t n)
{
	switch (key_kind(p, n)) {
	case SECRET_USER:
		return "user";
	case SECRET_MACHINE:
		return "machine";
	case SECRET_DOMAIN:
		return "domain";
	case SECRET_SERIAL:
		return "serial";
	case SECRET_HARDWARE:
		return "hash";
	default:
		return NULL;	/* what their form tells */
	}
}

/* A given name may have others behind it: "Ada Mary Smith". */
static size_t
names_length(const char *p, size_t n, size_t len)
{
	size_t more;
	int i;

	for (i = 0; i < 3 && len + 1 < n && p[len] == ' ' &&
	    ((p[len + 1] >= 'A' && p[len + 1] <= 'Z') ||
	    (unsigned char)p[len + 1] >= 0x80); i++) {
		more = run_of(p + len + 1, n - len - 1, "-_'");
		if (more < 2 || (len + 1 + more < n &&
		    strchr(":=\\", p[len + 1 + more]) != NULL))
			break;
		len += 1 + more;
	}
	return len;
}

/* A number of a certificate is the issuer's, not a machine's. */
static bool
is_number(const char *p, size_t n)
{
	size_t i, digits = 0;

	for (i = 0; i < n; i++)
		if (is_hex(p[i]))
			digits++;
		else if (strchr(" :-", p[i]) == NULL)
			return false;
	return digits >= HEX_DIGITS;
}

/* The value behind a label of len bytes and its kind; 0: there is none. */
static size_t
value_length(const char *p, size_t n, size_t len, const char *kind,
    size_t *ret_skip)
{
	size_t i = len, k;
	char quote = '\0';

	while (i < n && strchr("\"'\\", p[i]) != NULL)
		i++;
	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (i == n || (p[i] != ':' && p[i] != '='))
		return 0;
	i++;
	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	for (; i < n && strchr("\"'\\", p[i]) != NULL; i++)
		quote = p[i];
	*ret_skip = i;
	if (quote != '\0' && quote != '\\') {
		for (k = i; k < n && p[k] != quote && p[k] != '\n'; k++)
			continue;
		if (k < n && p[k - 1] == '\\')
			k--;
	} else {
		k = i + run_of(p + i, n - i, "-_.$'+");
		while (k > i && (p[k - 1] == '.' || p[k - 1] == '\''))
			k--;
		if (k > i && strcmp(kind, "user") == 0)
			k = i + names_length(p + i, n - i, k - i);
	}
	/* An account, an address: the form tells more. */
	if (memchr(p + i, '\\', k - i) != NULL || (k < n && (p[k] == '\\' ||
	    p[k] == '@')) || memchr(p + i, '@', k - i) != NULL ||
	    guid_length(p + i, n - i) > 0 || sid_length(p + i, n - i) > 0)
		return 0;
	if (strcmp(kind, "serial") == 0 && is_number(p + i, k - i))
		return 0;
	return k - i < 2 ? 0 : k - i;
}

static bool
label_form(const char *p, size_t n, size_t at, struct private_form *ret)
{
	size_t ends[LABEL_WORDS], count = 0, len, i = at;
	const char *kind;

	while (count < LABEL_WORDS) {
		len = run_of(p + i, n - i, "-_");
		if (len == 0 || i + len - at > LABEL_BYTES)
			break;
		i += len;
		ends[count++] = i - at;
		if (i == n || p[i] != ' ')
			break;
		i++;
	}
	while (count-- > 0) {
		kind = label_kind(p + at, ends[count]);
		if (kind == NULL)
			continue;
		ret->n = value_length(p + at, n - at, ends[count], kind,
		    &ret->skip);
		ret->kind = kind;
		if (ret->n > 0)
			return true;
	}
	return false;
}

/* ---- all of them ---- */

static bool
found(struct private_form *ret, size_t skip, size_t n, const char *kind)
{
	*ret = (struct private_form){ skip, n, kind };
	return n > 0;
}

bool
private_form(const char *p, size_t n, size_t at, struct private_form *ret)
{
	const char *kind;
	size_t len, skip;

	if (n - at > LOOK_BYTES)
		n = at + LOOK_BYTES;
	if (p[at] == '\\' || p[at] == '/') {
		skip = folder_length(p + at, n - at);
		len = skip > 0 ? user_length(p + at + skip, n - at - skip) : 0;
		if (len > 0)
			return found(ret, skip, len, "user");
		return p[at] == '\\' && (account_form(p, n, at, ret) ||
		    ((len = server_length(p, n, at, &skip)) > 0 &&
		    found(ret, skip, len, "machine")));
	}
	if (at > 0 && private_word(p[at - 1]))
		return false;
	if (guid_length(p + at, n - at) > 0)
		return (kind = secret_guid(p, at)) != NULL &&
		    found(ret, 0, GUID_BYTES, kind);
	return found(ret, 0, mail_length(p + at, n - at), "mail") ||
	    found(ret, 0, address_length(p + at, n - at), "address") ||
	    found(ret, 0, sid_length(p + at, n - at), "sid") ||
	    found(ret, 0, machine_length(p + at, n - at), "machine") ||
	    account_form(p, n, at, ret) || label_form(p, n, at, ret);
}
